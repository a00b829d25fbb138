/* The MTA-STS record (RFC 8461 3.1) and the match of MX hosts against policy patterns
 * (4.1).
 */
#ifndef SCANNER_CLASSIFY_MTA_STS_H
#define SCANNER_CLASSIFY_MTA_STS_H

#include "scanner/classify/defects.h"
#include "scanner/classify/published.h"
#include "scanner/classify/suffix.h"

enum mta_sts_code {
    MTA_STS_MULTIPLE_RECORDS,
    MTA_STS_ID_MISSING,
    MTA_STS_ID_INVALID,
    MTA_STS_SYNTAX,
    MTA_STS_ERROR_COUNT,
    MTA_STS_UNKNOWN_FIELD = MTA_STS_ERROR_COUNT,
    MTA_STS_WILDCARD_SUSPECTED,
    MTA_STS_VERSION_NEAR_MISS,
    MTA_STS_TEXT_TRUNCATED,
    MTA_STS_CODE_COUNT
};

struct mta_sts_record {
    struct span id; /* usable, or len 0 */
};

enum version_match mta_sts_version(struct span text);
void mta_sts_parse(struct span text, struct mta_sts_record *record,
                   struct defects *defects);
const char *mta_sts_code_text(enum mta_sts_code code);

/* RFC 8461 4.1: anchored, ASCII case does not count, the wildcard is one whole left-most
 * label. */
bool mta_sts_mx_matches(struct span pattern, const char *host);

enum mx_match {
    MX_MATCH_NONE_YET,
    MX_MATCH_ALL,
    MX_MATCH_SOME,
    MX_MATCH_NONE,
    MX_MATCH_NOT_APPLICABLE
};

/* How far an uncovered MX host is from the patterns, worst last; 0 = nothing to say. */
enum mx_mismatch {
    MX_MISMATCH_NULL,
    MX_MISMATCH_POLICY_HOST,
    MX_MISMATCH_TYPO,
    MX_MISMATCH_LABEL,
    MX_MISMATCH_TLD,
    MX_MISMATCH_DOMAIN
};

/* The kind of one host that no pattern matches. Per pattern it is the first that fits of
 * policy_host (the pattern is mta-sts.<policy_domain>), typo (edit distance up to 3),
 * tld (same labels, other public suffix), label (same registrable domain), domain; a "*"
 * stands for the host's first label, and what follows the two is compared. Over the
 * patterns it is the worst, so over several hosts take the greatest value. NULL without
 * patterns. */
enum mx_mismatch mta_sts_mismatch(const char *policy_domain, const char *host,
                                  const struct span *patterns, size_t pattern_count,
                                  const struct suffix_list *suffixes);
const char *mx_mismatch_text(enum mx_mismatch mismatch); /* NULL for MX_MISMATCH_NULL */

#endif
