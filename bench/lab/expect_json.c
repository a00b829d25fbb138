#include "bench/lab/expect.h"

#include <string.h>

static void comma(struct text *out)
{
    const char *last = out->len > 0 ? &out->bytes[out->len - 1] : "{";
    if (strchr("{[:\n", *last) == NULL) {
        text_add(out, ",");
    }
}

void put_key(struct text *out, const char *key)
{
    comma(out);
    text_json(out, key);
    text_add(out, ":");
}

void put_text(struct text *out, const char *key, const char *value)
{
    put_key(out, key);
    text_json(out, value);
}

void put_raw(struct text *out, const char *key, const char *value)
{
    put_key(out, key);
    text_add(out, value != NULL ? value : "null");
}

void put_number(struct text *out, const char *key, uint64_t value)
{
    put_key(out, key);
    text_format(out, "%llu", (unsigned long long)value);
}

void put_bool(struct text *out, const char *key, bool value)
{
    put_raw(out, key, value ? "true" : "false");
}

static void add_filled(struct text *out, const char *value, const struct names *names)
{
    struct text filled = {0};
    text_expand(&filled, value, names);
    text_json(out, filled.bytes);
    text_free(&filled);
}

void put_filled(struct text *out, const char *key, const char *value,
                const struct names *names)
{
    put_key(out, key);
    if (value == NULL) {
        text_add(out, "null");
    } else {
        add_filled(out, value, names);
    }
}

void put_list(struct text *out, const char *key, const char *const *list, size_t max,
              const struct names *names)
{
    open_list(out, key);
    for (size_t i = 0; i < max && list[i] != NULL; i++) {
        comma(out);
        add_filled(out, list[i], names);
    }
    close_list(out);
}

void open_object(struct text *out, const char *key)
{
    if (key != NULL) {
        put_key(out, key);
    } else {
        comma(out);
    }
    text_add(out, "{");
}

void close_object(struct text *out)
{
    text_add(out, "}");
}

void open_list(struct text *out, const char *key)
{
    put_key(out, key);
    text_add(out, "[");
}

void close_list(struct text *out)
{
    text_add(out, "]");
}

static void put_severity(struct text *out, const char *key, char severity,
                         const struct finding *findings)
{
    open_list(out, key);
    const char *last = "";
    for (; findings->severity != 0; findings++) {
        if (findings->severity == severity && strcmp(findings->code, last) != 0) {
            comma(out);
            text_json(out, findings->code);
            last = findings->code;
        }
    }
    close_list(out);
}

void put_codes(struct text *out, const struct finding *findings)
{
    put_severity(out, "errors", 'E', findings);
    put_severity(out, "warnings", 'W', findings);
}

void findings_add(struct findings *findings, struct finding finding)
{
    findings->list[findings->count++] = finding;
    findings->list[findings->count].severity = 0;
}

void findings_add_all(struct findings *findings, const struct finding *list)
{
    for (; list->severity != 0; list++) {
        findings_add(findings, *list);
    }
}
