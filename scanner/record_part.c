#include "scanner/record_part.h"

#include <stdio.h>
#include <time.h>

void record_key_text(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void write_span(struct json *json, struct span span)
{
    json_bytes(json, span.ptr, span.len < VERDICT_TEXT_MAX ? span.len : VERDICT_TEXT_MAX);
}

void record_key_span(struct json *json, const char *key, struct span span)
{
    json_key(json, key);
    if (span.ptr == NULL) {
        json_null_value(json);
    } else {
        write_span(json, span);
    }
}

void record_key_spans(struct json *json, const char *key, const struct span *spans,
                      size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        write_span(json, spans[i]);
    }
    json_array_end(json);
}

void record_key_names(struct json *json, const char *key, const char *const *names,
                      size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_text(json, names[i]);
    }
    json_array_end(json);
}

void record_key_cnames(struct json *json, const char *key,
                       const struct dns_answer *answer)
{
    record_key_names(json, key, answer != NULL ? answer->cnames : NULL,
                     answer != NULL ? answer->cname_count : 0);
}

void record_key_count(struct json *json, const char *key, bool is_known, uint64_t count)
{
    json_key(json, key);
    if (is_known) {
        json_uint(json, count);
    } else {
        json_null_value(json);
    }
}

void record_key_codes(struct json *json, const char *key, const struct defects *defects,
                      unsigned first, unsigned end, code_text *text)
{
    json_key(json, key);
    json_array_begin(json);
    for (unsigned code = first; defects != NULL && code < end; code++) {
        if (defects_has(defects, code)) {
            json_text(json, text(code));
        }
    }
    json_array_end(json);
}

static const struct published nothing = {.deployment = DEPLOYMENT_NOT_CHECKED};

void record_txt_verdict(struct json *json, const struct verdict_txt *txt)
{
    enum deployment deployment =
        txt != NULL ? txt->published.deployment : DEPLOYMENT_NOT_CHECKED;
    record_key_text(json, "deployment", deployment_text(deployment));
    record_key_text(json, "validity",
                    validity_text(txt != NULL ? txt->validity : VALIDITY_NONE));
}

void record_txt_text(struct json *json, const struct verdict_txt *txt)
{
    const struct published *published = txt != NULL ? &txt->published : &nothing;
    bool has_answer = txt != NULL && txt->answer != NULL && txt->answer->status == DNS_OK;
    bool is_present = published->deployment == DEPLOYMENT_PRESENT;
    record_key_span(json, "record",
                    is_present ? published->record : (struct span){NULL, 0});
    record_key_spans(json, "records", published->records, published->record_count);
    record_key_count(json, "ttl", has_answer, has_answer ? txt->ttl : 0);
    record_key_cnames(json, "cname", txt != NULL ? txt->answer : NULL);
}

void record_key_address_list(struct json *json, const char *key,
                             const char (*addresses)[MX_ADDRESS_LEN], size_t count)
{
    json_key(json, key);
    json_array_begin(json);
    for (size_t i = 0; i < count; i++) {
        json_text(json, addresses[i]);
    }
    json_array_end(json);
}

void record_key_time(struct json *json, const char *key, int64_t ms)
{
    struct tm parts;
    char text[40];
    time_t seconds = (time_t)(ms / 1000);
    gmtime_r(&seconds, &parts);
    size_t len = strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + len, sizeof text - len, ".%03dZ", (int)(ms % 1000));
    record_key_text(json, key, text);
}
