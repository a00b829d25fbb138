/* The record's mta_sts part. */
#include "output/digest.h"
#include "scanner/policy.h"
#include "scanner/record_part.h"

#include <arpa/inet.h>
#include <stdio.h>

const char *record_lifecycle_text(enum sts_lifecycle lifecycle)
{
    static const char *const texts[] = {NULL,   "absent", "testing",       "enforce",
                                        "none", "broken", "orphan_policy", "temp_error"};
    return texts[lifecycle];
}

/* NULL when the library cannot: a missing hash is null, not a wrong one. */
static const char *sha256_of(struct span body, char hex[DIGEST_HEX_LEN])
{
    struct digest digest = {0};
    int rc = digest_init(&digest);
    rc = rc == 0 ? digest_add(&digest, body.ptr, body.len) : rc;
    rc = rc == 0 ? digest_hex(&digest, hex) : rc;
    digest_close(&digest);
    return rc == 0 ? hex : NULL;
}

static void write_body(struct json *json, const struct fetch_result *policy)
{
    char hex[DIGEST_HEX_LEN];
    if (policy == NULL) {
        record_key_text(json, "body", NULL);
        record_key_text(json, "body_bytes", NULL);
        record_key_text(json, "body_sha256", NULL);
        return;
    }
    struct span body = {policy->body != NULL ? policy->body : "", policy->body_len};
    json_key(json, "body");
    json_bytes(json, body.ptr, body.len);
    record_key_count(json, "body_bytes", true, body.len);
    record_key_text(json, "body_sha256", sha256_of(body, hex));
}

static void write_tls(struct json *json, const struct fetch_tls *tls)
{
    json_key(json, "tls");
    if (tls == NULL) {
        json_null_value(json);
        return;
    }
    json_object_begin(json);
    record_key_text(json, "version", tls->version);
    record_key_text(json, "cipher", tls->cipher);
    record_key_text(json, "verify_error", tls->verify_error);
    record_key_text(json, "subject", tls->subject);
    record_key_text(json, "issuer", tls->issuer);
    record_key_names(json, "names", tls->names, tls->name_count);
    record_key_text(json, "not_before", tls->not_before);
    record_key_text(json, "not_after", tls->not_after);
    json_object_end(json);
}

static void write_address(struct json *json, const struct fetch_address *address)
{
    char text[INET6_ADDRSTRLEN] = "";
    if (address != NULL) {
        inet_ntop(address->family == 4 ? AF_INET : AF_INET6, address->bytes, text,
                  sizeof text);
    }
    record_key_text(json, "address", address != NULL ? text : NULL);
}

/* policy errors stand in file order, so by their first occurrence. */
static void write_errors(struct json *json, const struct defects *defects)
{
    uint64_t written = 0;
    json_key(json, "errors");
    json_array_begin(json);
    for (size_t i = 0; defects != NULL && i < defects->count; i++) {
        unsigned code = defects->list[i].code;
        if (code < STS_ERROR_COUNT && ((written >> code) & 1) == 0) {
            written |= UINT64_C(1) << code;
            json_text(json, sts_policy_code_text(code));
        }
    }
    json_array_end(json);
}

static const char *first_error(const struct defects *defects)
{
    for (size_t i = 0; i < defects->count; i++) {
        if (defects->list[i].code < STS_ERROR_COUNT) {
            return sts_policy_code_text(defects->list[i].code);
        }
    }
    return NULL;
}

static void write_where(struct json *json, const struct verdict_policy *policy,
                        const struct fetch_result *fetched)
{
    char url[VERDICT_NAME_MAX + 64];
    bool is_due = policy != NULL && policy->is_due;
    enum sts_stage stage = policy != NULL ? policy->stage : STS_STAGE_NOT_FETCHED;
    record_key_text(json, "stage", policy_stage_text(stage));
    record_key_text(json, "error", is_due ? first_error(&policy->defects) : NULL);
    if (is_due) {
        snprintf(url, sizeof url, "https://%s%s", policy->host, policy->request.path);
    }
    record_key_text(json, "url", is_due ? url : NULL);
    record_key_address_list(json, "addresses", is_due ? policy->addresses : NULL,
                            is_due ? policy->address_count : 0);
    write_address(json, fetched != NULL ? fetched->address : NULL);
    record_key_cnames(json, "cname", is_due ? policy->cname_answer : NULL);
    record_key_text(json, "provider", is_due ? policy->provider : NULL);
}

static void write_fields(struct json *json, const struct sts_policy *parsed)
{
    record_key_text(json, "version", parsed->has_version ? "STSv1" : NULL);
    record_key_text(json, "mode", sts_mode_text(parsed->mode));
    record_key_count(json, "max_age", parsed->max_age >= 0, (uint64_t)parsed->max_age);
    record_key_spans(json, "mx", parsed->mx, parsed->mx_count);
}

static void write_policy(struct json *json, const struct verdict_policy *policy,
                         const struct fetch_result *fetched)
{
    static const struct sts_policy no_policy = {.max_age = -1};
    enum sts_stage stage = policy != NULL ? policy->stage : STS_STAGE_NOT_FETCHED;
    const struct defects *defects = policy != NULL ? &policy->defects : NULL;
    bool has_status = fetched != NULL && fetched->http_status != 0;
    json_key(json, "policy");
    json_object_begin(json);
    write_where(json, policy, fetched);
    record_key_count(json, "http_status", has_status,
                     has_status ? (uint64_t)fetched->http_status : 0);
    record_key_text(json, "content_type", fetched != NULL ? fetched->content_type : NULL);
    write_body(json, stage >= STS_STAGE_SYNTAX ? fetched : NULL);
    json_key(json, "duration_ms");
    if (fetched != NULL) {
        json_number(json, fetched->duration_ms);
    } else {
        json_null_value(json);
    }
    write_tls(json, stage >= STS_STAGE_TLS ? &fetched->tls : NULL);
    write_fields(json, stage >= STS_STAGE_SYNTAX ? &policy->parsed : &no_policy);
    write_errors(json, defects);
    record_key_codes(json, "warnings", defects, STS_ERROR_COUNT, STS_CODE_COUNT,
                     record_policy_code);
    json_object_end(json);
}

const char *record_match_text(enum mx_match match)
{
    static const char *const texts[] = {NULL, "all", "some", "none", "not_applicable"};
    return texts[match];
}

static void write_match(struct json *json, const struct verdict_mta_sts *sts)
{
    json_key(json, "mx_match");
    json_object_begin(json);
    record_key_text(json, "result", sts != NULL ? record_match_text(sts->match) : NULL);
    record_key_names(json, "unmatched", sts != NULL ? sts->unmatched : NULL,
                     sts != NULL ? sts->unmatched_count : 0);
    record_key_text(json, "kind", sts != NULL ? mx_mismatch_text(sts->mismatch) : NULL);
    json_object_end(json);
}

void record_mta_sts(struct json *json, const struct verdict_mta_sts *sts,
                    const struct fetch_result *fetched)
{
    const struct verdict_txt *txt = sts != NULL ? &sts->txt : NULL;
    const struct defects *defects = sts != NULL ? &sts->txt.defects : NULL;
    json_object_begin(json);
    record_txt_verdict(json, txt);
    record_key_text(json, "lifecycle",
                    sts != NULL ? record_lifecycle_text(sts->lifecycle) : NULL);
    record_txt_text(json, txt);
    record_key_text(json, "provider", sts != NULL ? sts->provider : NULL);
    record_key_span(json, "id", sts != NULL ? sts->record.id : (struct span){NULL, 0});
    write_policy(json, sts != NULL ? &sts->policy : NULL, fetched);
    write_match(json, sts);
    record_key_codes(json, "errors", defects, 0, MTA_STS_ERROR_COUNT,
                     record_mta_sts_code);
    record_key_codes(json, "warnings", defects, MTA_STS_ERROR_COUNT, MTA_STS_CODE_COUNT,
                     record_mta_sts_code);
    json_object_end(json);
}
