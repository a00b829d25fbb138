#include "scanner/classify/spf_grammar.h"

#include <assert.h>

enum version_match spf_version(struct span text)
{
    static const size_t VERSION_LEN = sizeof "v=spf1" - 1;
    struct span trimmed = text;
    while (trimmed.len > 0 && is_wsp(trimmed.ptr[0])) {
        trimmed = span_from(trimmed, 1);
    }
    if (trimmed.len < VERSION_LEN ||
        strncasecmp(trimmed.ptr, "v=spf1", VERSION_LEN) != 0) {
        return VERSION_OTHER;
    }
    bool is_end = trimmed.len == VERSION_LEN;
    if (!is_end && trimmed.ptr[VERSION_LEN] >= '0' && trimmed.ptr[VERSION_LEN] <= '9') {
        return VERSION_OTHER;
    }
    bool is_ended = is_end || trimmed.ptr[VERSION_LEN] == ' ';
    return is_ended && trimmed.len == text.len ? VERSION_COUNTS : VERSION_NEAR_MISS;
}

enum spf_selection spf_select(const struct dns_answer *answer, struct span *record)
{
    if (!dns_is_answered(answer->status)) {
        return SPF_SELECT_FAILED;
    }
    size_t count = 0;
    for (size_t i = 0; i < answer->record_count && count < 2; i++) {
        struct span text = {answer->records[i].data, answer->records[i].data_len};
        bool is_known = count == 1 && text.len == record->len &&
                        memcmp(text.ptr, record->ptr, text.len) == 0;
        if (!is_known && spf_version(text) == VERSION_COUNTS) {
            *record = text;
            count++;
        }
    }
    return count == 0 ? SPF_SELECT_NONE : count == 1 ? SPF_SELECT_ONE : SPF_SELECT_MANY;
}

const char *spf_code_text(enum spf_code code)
{
    static const char *const TEXTS[SPF_CODE_COUNT] = {
        [SPF_MULTIPLE_RECORDS] = "multiple_records",
        [SPF_SYNTAX] = "syntax",
        [SPF_UNKNOWN_MECHANISM] = "unknown_mechanism",
        [SPF_INVALID_IP] = "invalid_ip",
        [SPF_INVALID_CIDR] = "invalid_cidr",
        [SPF_INVALID_DOMAIN] = "invalid_domain",
        [SPF_INVALID_MACRO] = "invalid_macro",
        [SPF_DUPLICATE_MODIFIER] = "duplicate_modifier",
        [SPF_NON_ASCII] = "non_ascii",
        [SPF_TOO_MANY_LOOKUPS] = "too_many_lookups",
        [SPF_TOO_MANY_VOID_LOOKUPS] = "too_many_void_lookups",
        [SPF_TOO_MANY_MX] = "too_many_mx",
        [SPF_INCLUDE_NO_RECORD] = "include_no_record",
        [SPF_INCLUDE_INVALID] = "include_invalid",
        [SPF_INCLUDE_LOOP] = "include_loop",
        [SPF_REDIRECT_NO_RECORD] = "redirect_no_record",
        [SPF_REDIRECT_INVALID] = "redirect_invalid",
        [SPF_REDIRECT_LOOP] = "redirect_loop",
        [SPF_ALL_PASS] = "all_pass",
        [SPF_ALL_NEUTRAL] = "all_neutral",
        [SPF_NO_ALL] = "no_all",
        [SPF_TERMS_AFTER_ALL] = "terms_after_all",
        [SPF_REDIRECT_IGNORED] = "redirect_ignored",
        [SPF_PTR_USED] = "ptr_used",
        [SPF_RECORD_TOO_LONG] = "record_too_long",
        [SPF_VOID_LOOKUP] = "void_lookup",
        [SPF_BROAD_RANGE] = "broad_range",
        [SPF_MX_MISSING] = "mx_missing",
        [SPF_A_MISSING] = "a_missing",
        [SPF_UNKNOWN_MODIFIER] = "unknown_modifier",
        [SPF_INCLUDE_TEMP_ERROR] = "include_temp_error",
        [SPF_VERSION_NEAR_MISS] = "version_near_miss",
        [SPF_ANALYSIS_TRUNCATED] = "analysis_truncated",
        [SPF_TEXT_TRUNCATED] = "text_truncated"};
    assert(code < SPF_CODE_COUNT);
    return TEXTS[code];
}

const char *spf_all_text(enum spf_all all)
{
    static const char *const TEXTS[] = {NULL,      "pass", "fail",    "softfail",
                                        "neutral", "none", "redirect"};
    assert(all < sizeof TEXTS / sizeof TEXTS[0]);
    return TEXTS[all];
}

const char *spf_result_text(enum spf_result result)
{
    static const char *const TEXTS[] = {"pending", "none",     "neutral",   "pass",
                                        "fail",    "softfail", "temperror", "permerror"};
    assert(result < sizeof TEXTS / sizeof TEXTS[0]);
    return TEXTS[result];
}
