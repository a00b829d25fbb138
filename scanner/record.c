#include "scanner/record.h"

#include "scanner/record_part.h"

#include <string.h>

const char *record_status_text(enum record_status status)
{
    static const char *const texts[RECORD_STATUS_COUNT] = {"ok", "partial", "error",
                                                           "invalid_input", "excluded"};
    return texts[status];
}

static bool is_own(const struct survey *survey, const char *name)
{
    size_t name_len = strlen(name), domain_len = strlen(survey->domain);
    return name_len >= domain_len &&
           strcmp(name + name_len - domain_len, survey->domain) == 0 &&
           (name_len == domain_len || name[name_len - domain_len - 1] == '.');
}

enum record_status record_status_of(const struct survey *survey)
{
    bool is_any_own_answered = false, is_any_unanswered = false;
    for (uint32_t i = 0; i < survey->memo.count; i++) {
        const struct memo_entry *entry = survey->memo.entries[i];
        bool is_answered =
            entry->answer != NULL && dns_is_answered(entry->answer->status);
        is_any_unanswered = is_any_unanswered || !is_answered;
        is_any_own_answered =
            is_any_own_answered || (is_answered && is_own(survey, entry->name));
    }
    if (!is_any_own_answered) {
        return RECORD_ERROR;
    }
    bool is_open = (survey->config->checks & CHECK_MTA_STS) != 0 &&
                   survey->verdict->mta_sts.policy.is_left_open;
    return is_any_unanswered || is_open ? RECORD_PARTIAL : RECORD_OK;
}

static void write_head(struct json *json, const struct record_head *head)
{
    record_key_text(json, "schema", RECORD_SCHEMA);
    json_key(json, "line");
    json_uint(json, head->line);
    json_key(json, "input");
    json_bytes(json, head->input.ptr, head->input.len);
    json_key(json, "tag");
    if (head->has_tag) {
        json_bytes(json, head->tag.ptr, head->tag.len);
    } else {
        json_null_value(json);
    }
    record_key_text(json, "domain", head->domain);
    record_key_text(json, "domain_unicode", head->domain_unicode);
    record_key_time(json, "scanned_at", head->scanned_at_ms);
    json_key(json, "duration_ms");
    json_number(json, head->duration_ms);
    record_key_text(json, "status", record_status_text(head->status));
    record_key_text(json, "reason", head->reason);
}

static void write_dns(struct json *json, const struct record_head *head,
                      const struct survey *survey)
{
    static const struct dns_answer none = {.status = DNS_NOT_CHECKED};
    const struct dns_answer *answer = &none;
    if (survey != NULL && survey->verdict->name_answer != NULL) {
        answer = survey->verdict->name_answer;
    }
    /* NOERROR at the name is existence, with or without records of the type asked for. */
    bool is_noerror = answer->status == DNS_NODATA;
    json_key(json, "dns");
    json_object_begin(json);
    record_key_text(json, "status",
                    dns_status_text(is_noerror ? DNS_OK : answer->status));
    json_key(json, "authenticated");
    if (answer->trust == DNS_TRUST_UNKNOWN) {
        json_null_value(json);
    } else {
        json_bool(json, answer->trust == DNS_SECURE);
    }
    record_key_count(json, "queries", true, survey != NULL ? survey->queries : 0);
    record_key_count(json, "retries", true, survey != NULL ? survey->retries : 0);
    record_key_text(json, "engine", head->engine);
    json_object_end(json);
}

static void write_mx_hosts(struct json *json, const struct mx_set *mx)
{
    json_key(json, "hosts");
    json_array_begin(json);
    for (size_t i = 0; mx != NULL && i < mx->host_count; i++) {
        const struct mx_host *host = &mx->hosts[i];
        json_object_begin(json);
        json_key(json, "preference");
        json_uint(json, host->preference);
        record_key_text(json, "host", host->host);
        record_key_address_list(json, "addresses", host->addresses, host->address_count);
        record_key_text(json, "status", dns_status_text(host->status));
        json_object_end(json);
    }
    json_array_end(json);
}

static void write_mx(struct json *json, const struct verdict *verdict)
{
    const struct mx_set *mx = verdict != NULL ? &verdict->mx : NULL;
    const struct defects *defects = verdict != NULL ? &verdict->mx_defects : NULL;
    json_object_begin(json);
    record_key_text(
        json, "deployment",
        deployment_text(mx != NULL ? mx->deployment : DEPLOYMENT_NOT_CHECKED));
    json_key(json, "null_mx");
    json_bool(json, mx != NULL && mx->is_null);
    write_mx_hosts(json, mx);
    record_key_text(json, "provider", verdict != NULL ? verdict->mx_provider : NULL);
    record_key_codes(json, "errors", defects, 0, MX_ERROR_COUNT, record_mx_code);
    record_key_codes(json, "warnings", defects, MX_ERROR_COUNT, MX_CODE_COUNT,
                     record_mx_code);
    json_object_end(json);
}

static void write_ns(struct json *json, const struct verdict_ns *ns)
{
    json_object_begin(json);
    record_key_text(
        json, "deployment",
        deployment_text(ns != NULL ? ns->deployment : DEPLOYMENT_NOT_CHECKED));
    record_key_names(json, "hosts", ns != NULL ? ns->hosts : NULL,
                     ns != NULL ? ns->host_count : 0);
    record_key_text(json, "provider", ns != NULL ? ns->provider : NULL);
    json_object_end(json);
}

static void write_tls_rpt(struct json *json, const struct verdict_tls_rpt *rpt)
{
    const struct verdict_txt *txt = rpt != NULL ? &rpt->txt : NULL;
    const struct defects *defects = rpt != NULL ? &rpt->txt.defects : NULL;
    json_object_begin(json);
    record_txt_verdict(json, txt);
    record_txt_text(json, txt);
    record_key_text(json, "provider", rpt != NULL ? rpt->provider : NULL);
    json_key(json, "rua");
    json_array_begin(json);
    for (size_t i = 0; rpt != NULL && i < rpt->record.rua_count; i++) {
        char scheme[32];
        struct span text = rpt->record.rua[i].scheme;
        size_t len = text.len < sizeof scheme ? text.len : sizeof scheme;
        for (size_t k = 0; k < len; k++) {
            bool is_upper = text.ptr[k] >= 'A' && text.ptr[k] <= 'Z';
            scheme[k] = (char)(is_upper ? text.ptr[k] + ('a' - 'A') : text.ptr[k]);
        }
        json_object_begin(json);
        record_key_span(json, "scheme", (struct span){scheme, len});
        record_key_span(json, "uri", rpt->record.rua[i].uri);
        json_object_end(json);
    }
    json_array_end(json);
    record_key_codes(json, "errors", defects, 0, TLS_RPT_ERROR_COUNT,
                     record_tls_rpt_code);
    record_key_codes(json, "warnings", defects, TLS_RPT_ERROR_COUNT, TLS_RPT_CODE_COUNT,
                     record_tls_rpt_code);
    json_object_end(json);
}

static void write_parts(struct json *json, const struct survey *survey)
{
    const struct verdict *all = survey != NULL ? survey->verdict : NULL;
    unsigned checks = survey != NULL ? survey->config->checks : 0;
    json_key(json, "mx");
    write_mx(json, (checks & CHECK_MX) != 0 ? all : NULL);
    json_key(json, "ns");
    write_ns(json, (checks & CHECK_NS) != 0 ? &all->ns : NULL);
    json_key(json, "spf");
    record_spf(json, (checks & CHECK_SPF) != 0 ? &all->spf : NULL,
               survey != NULL ? survey->config : NULL);
    json_key(json, "dmarc");
    record_dmarc(json, (checks & CHECK_DMARC) != 0 ? &all->dmarc : NULL);
    json_key(json, "mta_sts");
    record_mta_sts(json, (checks & CHECK_MTA_STS) != 0 ? &all->mta_sts : NULL,
                   survey != NULL ? survey->fetched : NULL);
    json_key(json, "tls_rpt");
    write_tls_rpt(json, (checks & CHECK_TLS_RPT) != 0 ? &all->tls_rpt : NULL);
    json_key(json, "profile");
    json_null_value(json);
    json_key(json, "findings");
    if (survey != NULL) {
        record_findings(json, all, checks);
    } else {
        json_array_begin(json);
        json_array_end(json);
    }
}

void record_write(struct json *json, const struct record_head *head,
                  const struct survey *survey)
{
    json_reset(json);
    json_object_begin(json);
    write_head(json, head);
    write_dns(json, head, survey);
    write_parts(json, survey);
    json_object_end(json);
    json_newline(json);
}
