/* An SPF record: its grammar (RFC 7208 4.6, 5, 6, 7, 12), the static analysis over
 * includes and redirects, and check_host() (RFC 7208 4).
 *
 * One pure evaluator stands behind analysis and check_host: it runs from the top over a
 * table of answers and, where an answer is missing, goes on as far as it can and reports
 * is_done = false.
 */
#ifndef SCANNER_CLASSIFY_SPF_H
#define SCANNER_CLASSIFY_SPF_H

#include "scanner/classify/defects.h"
#include "scanner/classify/lookup.h"
#include "scanner/classify/published.h"

#define SPF_NAME_MAX 256
#define SPF_INCLUDES_MAX 100
#define SPF_QUERIES_MAX 100 /* questions asked for one domain's analysis */
#define SPF_TEXT_MAX 4096   /* bytes of a record's text that the output keeps */

enum spf_code {
    SPF_MULTIPLE_RECORDS,
    SPF_SYNTAX,
    SPF_UNKNOWN_MECHANISM,
    SPF_INVALID_IP,
    SPF_INVALID_CIDR,
    SPF_INVALID_DOMAIN,
    SPF_INVALID_MACRO,
    SPF_DUPLICATE_MODIFIER,
    SPF_NON_ASCII,
    SPF_TOO_MANY_LOOKUPS,
    SPF_TOO_MANY_VOID_LOOKUPS,
    SPF_TOO_MANY_MX,
    SPF_INCLUDE_NO_RECORD,
    SPF_INCLUDE_INVALID,
    SPF_INCLUDE_LOOP,
    SPF_REDIRECT_NO_RECORD,
    SPF_REDIRECT_INVALID,
    SPF_REDIRECT_LOOP,
    SPF_ERROR_COUNT,
    SPF_ALL_PASS = SPF_ERROR_COUNT,
    SPF_ALL_NEUTRAL,
    SPF_NO_ALL,
    SPF_TERMS_AFTER_ALL,
    SPF_REDIRECT_IGNORED,
    SPF_PTR_USED,
    SPF_RECORD_TOO_LONG,
    SPF_VOID_LOOKUP,
    SPF_BROAD_RANGE,
    SPF_MX_MISSING,
    SPF_A_MISSING,
    SPF_UNKNOWN_MODIFIER,
    SPF_INCLUDE_TEMP_ERROR,
    SPF_VERSION_NEAR_MISS,
    SPF_ANALYSIS_TRUNCATED,
    SPF_TEXT_TRUNCATED,
    SPF_CODE_COUNT
};

enum spf_all {
    SPF_ALL_NULL,
    SPF_ALL_IS_PASS,
    SPF_ALL_IS_FAIL,
    SPF_ALL_IS_SOFTFAIL,
    SPF_ALL_IS_NEUTRAL,
    SPF_ALL_IS_NONE,
    SPF_ALL_IS_REDIRECT
};

/* One question of an analysis. */
struct spf_question {
    const struct dns_answer *answer; /* NULL = not there yet */
    enum dns_type type;
    uint8_t level; /* how many answers had to be known before it could be asked */
    char name[SPF_NAME_MAX];
};

/* Static analysis: every term of every record reached is taken. Holds pointers into
 * itself: not to be moved. */
struct spf_analysis {
    bool is_done;    /* false: answers are missing, run again */
    bool has_failed; /* a lookup ended without an answer: validity is left open */
    struct published published;
    enum validity validity;
    enum spf_all all;
    uint32_t lookups;
    uint32_t void_lookups;
    uint64_t ipv4_addresses; /* size of the union of all ranges that pass */
    uint32_t ipv6_prefixes;  /* distinct ip6 prefixes that pass */
    size_t include_count;
    const char *includes[SPF_INCLUDES_MAX]; /* in the order reached, each once */
    char redirect[SPF_NAME_MAX];            /* "" = none */
    bool is_truncated;                      /* a bound was met: counts are lower bounds */
    size_t question_count;
    uint32_t question_hashes[SPF_QUERIES_MAX];
    struct spf_question questions[SPF_QUERIES_MAX]; /* in the order asked */
};

enum version_match spf_version(struct span text);
/* Asks TXT at domain first. Details of defects borrow from answers or from the analysis
 * struct; they are noted by the run that is done. */
void spf_analyse(const char *domain, const struct lookup *lookup,
                 struct spf_analysis *analysis, struct defects *defects);

enum spf_result {
    SPF_RESULT_PENDING, /* answers are missing, run again */
    SPF_NONE,
    SPF_NEUTRAL,
    SPF_PASS,
    SPF_FAIL,
    SPF_SOFTFAIL,
    SPF_TEMPERROR,
    SPF_PERMERROR
};

struct spf_sender {
    uint8_t ip[16];
    size_t ip_len; /* 4 or 16; v4-mapped is turned into 4 by the caller */
    const char *helo;
    const char *mail_from; /* "" = postmaster@helo */
    const char *receiver;  /* %{r}; NULL = "unknown" */
    int64_t time;          /* %{t}: seconds since 1970 */
};

#define SPF_EXPLANATION_MAX 512
struct spf_verdict {
    enum spf_result result;
    uint32_t lookups, void_lookups;
    char
        reason[256]; /* for people: a sentence of printable ASCII (which term or limit) */
    char explanation[SPF_EXPLANATION_MAX]; /* of a fail: exp= expanded; "" = none */
};

/* RFC 7208 4: domain and sender as the caller derived them from mail_from / helo. */
void spf_check_host(const struct spf_sender *sender, const struct lookup *lookup,
                    struct spf_verdict *verdict);

const char *spf_code_text(enum spf_code code);
const char *spf_all_text(enum spf_all all);          /* NULL for SPF_ALL_NULL */
const char *spf_result_text(enum spf_result result); /* "pass" … */

#endif
