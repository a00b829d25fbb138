/* The record's spf and dmarc parts. */
#include "scanner/record_part.h"

static const struct spf_analysis no_analysis;

static void write_sender_results(struct json *json, const struct verdict_spf *spf,
                                 const struct verdict_config *config)
{
    json_key(json, "sender_ips");
    json_array_begin(json);
    for (size_t i = 0; spf != NULL && i < config->sender_ip_count; i++) {
        json_object_begin(json);
        record_key_text(json, "ip", config->sender_ips[i].text);
        record_key_text(json, "result", spf_result_text(spf->sender_results[i]));
        json_object_end(json);
    }
    json_array_end(json);
}

void record_spf(struct json *json, const struct verdict_spf *spf,
                const struct verdict_config *config)
{
    const struct spf_analysis *analysis = spf != NULL ? &spf->analysis : &no_analysis;
    const struct verdict_txt *txt = spf != NULL ? &spf->txt : NULL;
    const struct defects *defects = spf != NULL ? &spf->txt.defects : NULL;
    bool is_known = analysis->published.deployment == DEPLOYMENT_PRESENT;
    json_object_begin(json);
    record_txt_verdict(json, txt);
    record_txt_text(json, txt);
    record_key_text(json, "all", spf_all_text(analysis->all));
    record_key_count(json, "lookups", is_known, analysis->lookups);
    record_key_count(json, "void_lookups", is_known, analysis->void_lookups);
    record_key_count(json, "ipv4_addresses", is_known, analysis->ipv4_addresses);
    record_key_count(json, "ipv6_prefixes", is_known, analysis->ipv6_prefixes);
    json_key(json, "includes");
    json_array_begin(json);
    for (size_t i = 0; i < analysis->include_count; i++) {
        json_text(json, analysis->includes[i]);
    }
    json_array_end(json);
    record_key_text(json, "redirect",
                    analysis->redirect[0] != '\0' ? analysis->redirect : NULL);
    write_sender_results(json, spf, config);
    record_key_codes(json, "errors", defects, 0, SPF_ERROR_COUNT, record_spf_code);
    record_key_codes(json, "warnings", defects, SPF_ERROR_COUNT, SPF_CODE_COUNT,
                     record_spf_code);
    json_object_end(json);
}

static void key_letter(struct json *json, const char *key, char letter)
{
    json_key(json, key);
    if (letter != '\0') {
        json_bytes(json, &letter, 1);
    } else {
        json_null_value(json);
    }
}

static void write_uris(struct json *json, const char *key, const struct dmarc_uri *uris,
                       size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_bytes(json, uris[i].text.ptr, uris[i].text.len);
    }
    json_array_end(json);
}

static void write_tags(struct json *json, const struct dmarc_record *record)
{
    record_key_text(json, "p", dmarc_policy_text(record->p));
    record_key_text(json, "sp", dmarc_policy_text(record->sp));
    record_key_text(json, "np", dmarc_policy_text(record->np));
    record_key_count(json, "pct", record->pct >= 0, (uint64_t)record->pct);
    key_letter(json, "adkim", record->adkim);
    key_letter(json, "aspf", record->aspf);
    key_letter(json, "t", record->t);
    key_letter(json, "psd", record->psd);
    write_uris(json, "rua", record->rua, record->rua_count);
    write_uris(json, "ruf", record->ruf, record->ruf_count);
    record_key_span(json, "fo", record->fo);
}

static void write_answer(struct json *json, const char *key,
                         const struct dmarc_answer *answer)
{
    json_key(json, key);
    json_object_begin(json);
    record_key_text(json, "policy",
                    answer != NULL ? dmarc_policy_text(answer->policy) : NULL);
    bool has_org = answer != NULL && answer->org_domain[0] != '\0';
    bool has_found = answer != NULL && answer->found_at[0] != '\0';
    record_key_text(json, "org_domain", has_org ? answer->org_domain : NULL);
    record_key_text(json, "found_at", has_found ? answer->found_at : NULL);
    json_object_end(json);
}

const char *record_external_text(enum dmarc_external_status status)
{
    static const char *const texts[] = {[DMARC_EXTERNAL_AUTHORISED] = "authorised",
                                        [DMARC_EXTERNAL_MISSING] = "missing",
                                        [DMARC_EXTERNAL_TEMP_ERROR] = "temp_error"};
    return texts[status];
}

static void write_externals(struct json *json, const struct verdict_dmarc *dmarc)
{
    json_key(json, "external");
    json_array_begin(json);
    for (size_t i = 0; dmarc != NULL && i < dmarc->external_count; i++) {
        json_object_begin(json);
        record_key_span(json, "uri", dmarc->externals[i].uri);
        record_key_text(json, "host", dmarc->externals[i].host);
        record_key_text(json, "status", record_external_text(dmarc->externals[i].status));
        json_object_end(json);
    }
    json_array_end(json);
}

void record_dmarc(struct json *json, const struct verdict_dmarc *dmarc)
{
    static const struct dmarc_record no_record = {.pct = -1};
    const struct verdict_txt *txt = dmarc != NULL ? &dmarc->txt : NULL;
    const struct defects *defects = dmarc != NULL ? &dmarc->txt.defects : NULL;
    bool is_present = txt != NULL && txt->published.deployment == DEPLOYMENT_PRESENT;
    json_object_begin(json);
    record_txt_verdict(json, txt);
    record_txt_text(json, txt);
    write_tags(json, is_present ? &dmarc->record : &no_record);
    write_answer(json, "rfc7489", dmarc != NULL ? &dmarc->discovery.rfc7489 : NULL);
    write_answer(json, "rfc9989", dmarc != NULL ? &dmarc->discovery.rfc9989 : NULL);
    write_externals(json, dmarc);
    record_key_codes(json, "errors", defects, 0, DMARC_ERROR_COUNT, record_dmarc_code);
    record_key_codes(json, "warnings", defects, DMARC_ERROR_COUNT, DMARC_CODE_COUNT,
                     record_dmarc_code);
    json_object_end(json);
}
