/* What the pieces of show.c share. The layout: a section's title at column 0 with the
 * verdict beside it; below it, indented, the text as published, facts (a label and what
 * it is), findings.
 */
#ifndef SCANNER_SHOW_PART_H
#define SCANNER_SHOW_PART_H

#include "scanner/record_part.h"
#include "scanner/show_advice.h"
#include "scanner/show_text.h"
#include "scanner/survey.h"

#define SHOW_INDENT 4
#define SHOW_VERDICT_COLUMN 15
#define SHOW_FACT_COLUMN 18
#define SHOW_LISTED_MAX 8 /* of a list within a line; then "and n more" */

/* What one protocol's codes are called and mean. */
struct show_area {
    const char *name; /* of the record's findings: "mta_sts.policy" */
    code_text *text;
    show_advice_of *advice;
    unsigned error_count, code_count;
    bool is_in_order_found; /* errors: as they were found, not by code */
};

extern const struct show_area SHOW_AREA_MX, SHOW_AREA_SPF, SHOW_AREA_DMARC,
    SHOW_AREA_MTA_STS, SHOW_AREA_POLICY, SHOW_AREA_TLS_RPT;

struct show_counts {
    size_t errors, warnings; /* findings, as the record has them */
};

struct show_finding {
    enum show_style severity; /* SHOW_ERROR or SHOW_WARNING */
    const char *area, *code;
    const struct show_advice *advice;
    size_t detail_count; /* those not shown are counted */
    struct span details[SHOW_LISTED_MAX];
};

/* The verdict is ours; foreign words go behind it with show_foreign at
 * SHOW_VERDICT_COLUMN, and the caller ends the line. */
void show_section(struct show *show, const char *title, enum show_style style,
                  const char *verdict);
/* Begins a line with a label; the rest follows at SHOW_FACT_COLUMN. */
void show_fact(struct show *show, const char *label);
/* Foreign texts with commas between, the first SHOW_LISTED_MAX of them. */
void show_list(struct show *show, size_t indent, const char *const *texts, size_t count);
/* "1,285 IPv4 addresses" */
void show_number(struct show *show, size_t indent, uint64_t number, const char *singular,
                 const char *plural);

/* Each code once with all its details. */
void show_findings(struct show *show, const struct show_area *area,
                   const struct defects *defects);
void show_finding(struct show *show, const struct show_finding *finding);
void show_count(const struct verdict *verdict, unsigned checks,
                struct show_counts *counts);

/* The records that count and the near misses, marked; a CNAME on the way to them. named:
 * see show_quote.h. */
void show_txt(struct show *show, const struct verdict_txt *txt, unsigned error_count,
              uint64_t named);
/* "unknown: the lookup failed (timeout)". False: it did not. */
bool show_failed_lookup(struct show *show, const char *title,
                        const struct verdict_txt *txt);

/* The sections. */
void show_mx(struct show *show, const struct verdict *verdict, unsigned checks);
void show_ns(struct show *show, const struct verdict_ns *ns);
void show_spf(struct show *show, const struct verdict_spf *spf,
              const struct verdict_config *config);
void show_dmarc(struct show *show, const struct verdict_dmarc *dmarc);
void show_mta_sts(struct show *show, const struct verdict *verdict,
                  const struct fetch_result *fetched);
void show_tls_rpt(struct show *show, const struct verdict_tls_rpt *rpt);

/* Parts of sections. */
uint32_t show_spf_tree(struct show *show, const struct spf_analysis *analysis);
void show_policy(struct show *show, const struct verdict_policy *policy,
                 const struct fetch_result *fetched);
/* What the policy says of a mail host; only with a usable policy in force or testing. */
bool show_policy_applies(const struct verdict_mta_sts *sts);
bool show_policy_covers(const struct verdict_mta_sts *sts, const char *host);

#endif
