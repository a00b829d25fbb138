/* The contract's words for dmarc.h. */
#include "scanner/classify/dmarc.h"

const char *dmarc_policy_text(enum dmarc_policy policy)
{
    static const char *const TEXTS[] = {
        [DMARC_POLICY_NULL] = NULL,
        [DMARC_POLICY_NONE] = "none",
        [DMARC_POLICY_QUARANTINE] = "quarantine",
        [DMARC_POLICY_REJECT] = "reject",
    };
    return TEXTS[policy];
}

const char *dmarc_code_text(enum dmarc_code code)
{
    static const char *const TEXTS[DMARC_CODE_COUNT] = {
        [DMARC_MULTIPLE_RECORDS] = "multiple_records",
        [DMARC_P_MISSING] = "p_missing",
        [DMARC_P_INVALID] = "p_invalid",
        [DMARC_SP_INVALID] = "sp_invalid",
        [DMARC_NP_INVALID] = "np_invalid",
        [DMARC_TAG_INVALID] = "tag_invalid",
        [DMARC_DUPLICATE_TAG] = "duplicate_tag",
        [DMARC_UNKNOWN_TAG] = "unknown_tag",
        [DMARC_REMOVED_TAG] = "removed_tag",
        [DMARC_RUA_INVALID] = "rua_invalid",
        [DMARC_RUF_INVALID] = "ruf_invalid",
        [DMARC_NO_RUA] = "no_rua",
        [DMARC_EXTERNAL_UNAUTHORISED] = "external_unauthorised",
        [DMARC_PCT_PARTIAL] = "pct_partial",
        [DMARC_TESTING] = "testing",
        [DMARC_INHERITED] = "inherited",
        [DMARC_NOT_ENFORCED] = "not_enforced",
        [DMARC_WILDCARD_SUSPECTED] = "wildcard_suspected",
        [DMARC_VERSION_NEAR_MISS] = "version_near_miss",
        [DMARC_TEXT_TRUNCATED] = "text_truncated",
    };
    return TEXTS[code];
}
