/* Bodies served as MTA-STS policies. */
#include "scanner/classify/mta_sts.h"
#include "scanner/classify/sts_policy.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* A pattern that is usable is plain enough to match a host made from it. */
static void check_pattern(struct span pattern)
{
    char host[300] = "x";
    bool is_wildcard = span_starts(pattern, "*.");
    require(pattern.len > 0 && pattern.len <= 255);
    struct span fixed = is_wildcard ? span_from(pattern, 1) : pattern;
    memcpy(host + is_wildcard, fixed.ptr, fixed.len);
    host[is_wildcard + fixed.len] = '\0';
    require(mta_sts_mx_matches(pattern, host));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct defects defects;
    static struct sts_policy policy;
    struct span body = {(const char *)data, size};
    const uint64_t errors = (UINT64_C(1) << STS_ERROR_COUNT) - 1;
    defects_clear(&defects);
    sts_policy_parse(body, &policy, &defects);
    require(policy.mx_count <= STS_POLICY_MX_MAX && policy.max_age <= 31557600);
    for (size_t i = 0; i < policy.mx_count; i++) {
        check_pattern(policy.mx[i]);
    }
    for (size_t i = 0; i < defects.count; i++) {
        require(sts_policy_code_text(defects.list[i].code) != NULL);
    }
    if ((defects.seen & errors) == 0) {
        require(policy.has_version && policy.mode != STS_MODE_NULL &&
                policy.max_age >= 0);
        require(policy.mx_count > 0 || policy.mode == STS_MODE_NONE);
    }
    if (defects_has(&defects, STS_EMPTY)) {
        require(defects.count == 1);
    }
    return 0;
}
