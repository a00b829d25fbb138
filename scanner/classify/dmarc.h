/* A DMARC record (RFC 7489 6.3, RFC 9989 4.7) and the policy two generations of receivers
 * find for a name (RFC 7489 6.6.3: Public Suffix List; RFC 9989 4.10: tree walk).
 */
#ifndef SCANNER_CLASSIFY_DMARC_H
#define SCANNER_CLASSIFY_DMARC_H

#include "scanner/classify/defects.h"
#include "scanner/classify/lookup.h"
#include "scanner/classify/published.h"
#include "scanner/classify/suffix.h"

#define DMARC_NAME_MAX 256
#define DMARC_URIS_MAX 20

/* In the order of the contract's list: errors, then warnings. */
enum dmarc_code {
    DMARC_MULTIPLE_RECORDS,
    DMARC_P_MISSING,
    DMARC_P_INVALID,
    DMARC_ERROR_COUNT,
    DMARC_SP_INVALID = DMARC_ERROR_COUNT,
    DMARC_NP_INVALID,
    DMARC_TAG_INVALID,
    DMARC_DUPLICATE_TAG,
    DMARC_UNKNOWN_TAG,
    DMARC_REMOVED_TAG,
    DMARC_RUA_INVALID,
    DMARC_RUF_INVALID,
    DMARC_NO_RUA,
    DMARC_EXTERNAL_UNAUTHORISED,
    DMARC_PCT_PARTIAL,
    DMARC_TESTING,
    DMARC_INHERITED,
    DMARC_NOT_ENFORCED,
    DMARC_WILDCARD_SUSPECTED,
    DMARC_VERSION_NEAR_MISS,
    DMARC_TEXT_TRUNCATED,
    DMARC_CODE_COUNT
};

enum dmarc_policy {
    DMARC_POLICY_NULL,
    DMARC_POLICY_NONE,
    DMARC_POLICY_QUARANTINE,
    DMARC_POLICY_REJECT
};

struct dmarc_uri {
    struct span text; /* as published */
    struct span host; /* as published, no size suffix; len 0: the scheme has none */
};

/* Tags as published; absent or unusable = NULL value, '\0', -1. */
struct dmarc_record {
    enum dmarc_policy p, sp, np;
    bool is_p_bad, is_sp_bad, is_np_bad; /* present, but no policy word */
    int pct;                             /* 0..100 or -1 */
    char adkim, aspf;                    /* 'r', 's' or 0 */
    char t, psd;                         /* t: 'y' 'n' 0; psd: 'y' 'n' 'u' 0 */
    struct span fo;
    size_t rua_count, ruf_count;
    struct dmarc_uri rua[DMARC_URIS_MAX], ruf[DMARC_URIS_MAX]; /* usable ones */
};

enum version_match dmarc_version(struct span text);
/* text is one that counts: its first tag, the version, is passed over. defects may be
 * NULL (records met on the walk are not judged). */
void dmarc_parse(struct span text, struct dmarc_record *record, struct defects *defects);

/* What one model says for a name. */
struct dmarc_answer {
    enum dmarc_policy policy; /* effective; 0 = no DMARC, or left open by a failure */
    const char *org_domain;   /* an end of the name asked about, borrowed from it;
                               "" = left open by a failed lookup */
    const char *found_at;     /* the same; "" = none */
};

struct dmarc_discovery {
    bool is_done;    /* false: answers are missing, run again */
    bool has_failed; /* a lookup failed and leaves something open */
    struct dmarc_answer rfc7489, rfc9989;
};

/* Both models' answers for domain. org_domain: RFC 7489's (suffix_organizational), the end
 * of domain it is. is_nxdomain: the name does not exist (np counts). */
void dmarc_discover(const char *domain, const char *org_domain, bool is_nxdomain,
                    const struct lookup *lookup, struct dmarc_discovery *discovery);

enum dmarc_external_status {
    DMARC_EXTERNAL_AUTHORISED,
    DMARC_EXTERNAL_MISSING,
    DMARC_EXTERNAL_TEMP_ERROR
};

struct dmarc_external {
    struct span uri;
    char host[DMARC_NAME_MAX]; /* lower case */
    enum dmarc_external_status status;
};

/* RFC 7489 7.1, RFC 9990: report hosts outside the organizational domain must agree.
 * Fills at most DMARC_URIS_MAX entries (rua, then ruf); false: answers are missing. */
bool dmarc_externals(const char *domain, const struct dmarc_record *record,
                     const struct lookup *lookup, const struct suffix_list *suffixes,
                     struct dmarc_external externals[DMARC_URIS_MAX], size_t *count);

const char *dmarc_code_text(enum dmarc_code code);
const char *dmarc_policy_text(enum dmarc_policy policy); /* NULL for DMARC_POLICY_NULL */

#endif
