/* The pieces record.c is made of: values that stand in several places of a record, and
 * the two larger parts.
 */
#ifndef SCANNER_RECORD_PART_H
#define SCANNER_RECORD_PART_H

#include "output/json.h"
#include "scanner/verdict.h"

typedef const char *code_text(unsigned code);

/* text NULL = null. */
void record_key_text(struct json *json, const char *key, const char *text);
/* RFC 3339 UTC with milliseconds, of ms since 1970. */
void record_key_time(struct json *json, const char *key, int64_t ms);
/* Cut at VERDICT_TEXT_MAX; len 0 with ptr NULL = null. */
void record_key_span(struct json *json, const char *key, struct span span);
void record_key_spans(struct json *json, const char *key, const struct span *spans,
                      size_t count);
void record_key_names(struct json *json, const char *key, const char *const *names,
                      size_t count);
void record_key_cnames(struct json *json, const char *key,
                       const struct dns_answer *answer);
void record_key_count(struct json *json, const char *key, bool is_known, uint64_t count);
/* The codes from first to before end, each once, in their own order. */
void record_key_codes(struct json *json, const char *key, const struct defects *defects,
                      unsigned first, unsigned end, code_text *text);

void record_key_address_list(struct json *json, const char *key,
                             const char (*addresses)[MX_ADDRESS_LEN], size_t count);

/* What the TXT protocols have in common; txt NULL = not checked. */
void record_txt_verdict(struct json *json, const struct verdict_txt *txt);
void record_txt_text(struct json *json, const struct verdict_txt *txt);

/* Whole values of their keys; NULL = not checked. */
void record_spf(struct json *json, const struct verdict_spf *spf,
                const struct verdict_config *config);
void record_dmarc(struct json *json, const struct verdict_dmarc *dmarc);
void record_mta_sts(struct json *json, const struct verdict_mta_sts *sts,
                    const struct fetch_result *fetched);
void record_findings(struct json *json, const struct verdict *verdict, unsigned checks);

/* Of enums that only the record writes; NULL = null. */
const char *record_lifecycle_text(enum sts_lifecycle lifecycle);
const char *record_match_text(enum mx_match match);
const char *record_external_text(enum dmarc_external_status status);

#define RECORD_CODE_LEN 96
/* "area.code": every code of findings, in the contract's order; NULL past the last. */
const char *record_finding_code(unsigned index, char text[RECORD_CODE_LEN]);

extern code_text record_mx_code, record_spf_code, record_dmarc_code, record_mta_sts_code,
    record_policy_code, record_tls_rpt_code;

#endif
