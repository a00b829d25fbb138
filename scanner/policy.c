#include "scanner/policy.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void policy_clear(struct verdict_policy *policy)
{
    policy->is_due = policy->is_left_open = policy->is_fetch_due = false;
    policy->stage = STS_STAGE_NOT_FETCHED;
    policy->address_count = 0;
    policy->cname_answer = NULL;
    policy->request = (struct fetch_request){.path = "/.well-known/mta-sts.txt"};
    policy->parsed.has_version = false;
    policy->parsed.mode = STS_MODE_NULL;
    policy->parsed.max_age = -1;
    policy->parsed.mx_count = 0;
    defects_clear(&policy->defects);
}

static int compare_addresses(const void *left, const void *right)
{
    return strcmp(left, right);
}

/* IPv4 first: whoever has both is more often reachable there from where scans run. */
static void take_addresses(struct verdict_policy *policy, const struct dns_answer *answer)
{
    for (size_t i = 0; i < answer->record_count; i++) {
        const struct dns_record *record = &answer->records[i];
        int family = record->data_len == 4 ? AF_INET : AF_INET6;
        if (policy->address_count < POLICY_ADDRESSES_MAX) {
            inet_ntop(family, record->data, policy->addresses[policy->address_count++],
                      MX_ADDRESS_LEN);
        }
        struct fetch_request *request = &policy->request;
        if (request->address_count < FETCH_ADDRESSES_MAX) {
            struct fetch_address *address = &request->addresses[request->address_count++];
            address->family = record->data_len == 4 ? 4 : 6;
            memcpy(address->bytes, record->data, record->data_len);
        }
    }
}

static enum sts_policy_code dns_code(const struct dns_answer *a,
                                     const struct dns_answer *aaaa)
{
    const struct dns_answer *failed = !dns_is_answered(a->status)      ? a
                                      : !dns_is_answered(aaaa->status) ? aaaa
                                                                       : NULL;
    if (failed == NULL) {
        bool is_nxdomain = a->status == DNS_NXDOMAIN && aaaa->status == DNS_NXDOMAIN;
        return is_nxdomain ? STS_DNS_NXDOMAIN : STS_DNS_NODATA;
    }
    switch (failed->status) {
    case DNS_SERVFAIL:
        return STS_DNS_SERVFAIL;
    case DNS_TIMEOUT:
        return STS_DNS_TIMEOUT;
    default:
        return STS_DNS_ERROR;
    }
}

static bool is_answerless(enum sts_policy_code code)
{
    return code == STS_DNS_SERVFAIL || code == STS_DNS_TIMEOUT || code == STS_DNS_ERROR ||
           code == STS_TCP_TIMEOUT || code == STS_TCP_UNREACHABLE ||
           code == STS_TCP_RESET || code == STS_TLS_TIMEOUT || code == STS_HTTP_TIMEOUT;
}

static void end_at(struct verdict_policy *policy, enum sts_stage stage,
                   enum sts_policy_code code, struct span detail)
{
    policy->stage = stage;
    policy->is_left_open = is_answerless(code);
    defects_note(&policy->defects, code, detail);
}

/* The fetcher's errors stand in the same order as the contract's codes. */
static_assert(STS_TCP_REFUSED - STS_ADDRESS_BLOCKED ==
                  FETCH_TCP_REFUSED - FETCH_ADDRESS_BLOCKED,
              "codes in step");
static_assert(STS_CERT_OTHER - STS_ADDRESS_BLOCKED ==
                  FETCH_CERT_OTHER - FETCH_ADDRESS_BLOCKED,
              "codes in step");
static_assert(STS_HTTP_PROTOCOL - STS_ADDRESS_BLOCKED ==
                  FETCH_HTTP_PROTOCOL - FETCH_ADDRESS_BLOCKED,
              "codes in step");

static void judge_failure(struct verdict_policy *policy,
                          const struct fetch_result *fetched)
{
    static const enum sts_stage stages[] = {
        [FETCH_STAGE_NONE] = STS_STAGE_DNS, [FETCH_STAGE_TCP] = STS_STAGE_TCP,
        [FETCH_STAGE_TLS] = STS_STAGE_TLS,  [FETCH_STAGE_HTTP] = STS_STAGE_HTTP,
        [FETCH_STAGE_OK] = STS_STAGE_HTTP,
    };
    enum sts_policy_code code =
        STS_ADDRESS_BLOCKED + (fetched->error - FETCH_ADDRESS_BLOCKED);
    struct span detail = {NULL, 0};
    if (code == STS_HTTP_STATUS || code == STS_HTTP_REDIRECT) {
        snprintf(policy->status_text, sizeof policy->status_text, "%d",
                 fetched->http_status);
        detail = span_of(policy->status_text);
    }
    end_at(policy, stages[fetched->stage], code, detail);
}

static void judge_fetch(struct verdict_policy *policy, const struct fetch_result *fetched)
{
    if (fetched->error != FETCH_OK) {
        judge_failure(policy, fetched);
        return;
    }
    struct span body = {fetched->body, fetched->body_len};
    sts_policy_parse(body, &policy->parsed, &policy->defects);
    bool has_error = (policy->defects.seen & ((UINT64_C(1) << STS_ERROR_COUNT) - 1)) != 0;
    policy->stage = has_error ? STS_STAGE_SYNTAX : STS_STAGE_OK;
    if (!sts_policy_media_type_is_text(fetched->content_type)) {
        defects_note(&policy->defects, STS_MEDIA_TYPE, span_of(fetched->content_type));
    }
}

bool policy_judge(struct verdict_policy *policy, const struct verdict_facts *facts)
{
    policy->is_due = true;
    (void)lookup_name(policy->host, sizeof policy->host, "mta-sts.", facts->domain);
    const struct dns_answer *a = lookup_get(&facts->lookup, policy->host, DNS_A);
    const struct dns_answer *aaaa = lookup_get(&facts->lookup, policy->host, DNS_AAAA);
    if (a == NULL || aaaa == NULL) {
        return false;
    }
    take_addresses(policy, a);
    take_addresses(policy, aaaa);
    qsort(policy->addresses, policy->address_count, MX_ADDRESS_LEN, compare_addresses);
    policy->cname_answer = a->cname_count >= aaaa->cname_count ? a : aaaa;
    if (policy->address_count == 0) {
        end_at(policy, STS_STAGE_DNS, dns_code(a, aaaa), span_of(policy->host));
        return true;
    }
    if (facts->fetched == NULL) {
        policy->is_fetch_due = true;
        return false;
    }
    judge_fetch(policy, facts->fetched);
    return true;
}

const char *policy_stage_text(enum sts_stage stage)
{
    static const char *const texts[] = {"not_fetched", "dns",    "tcp", "tls",
                                        "http",        "syntax", "ok"};
    return texts[stage];
}
