/* Whole records, literally: a record's text and layers of what is different.
 *
 *   static const struct change absent[] = {{"mx.deployment", "'absent'"}, {NULL, NULL}};
 *   record_text_assert(fixture->record, blank, LAYERS(absent, CHANGES({"status", "'ok'"})));
 *
 * Literals are JSON with ' for ". A path that the record lacks is a mistake of the test. Values that
 * the contract leaves open (scanned_at, duration_ms, counters, TTLs, the address that answered) are
 * written null on both sides. The rest must be equal byte for byte, keys in order.
 */
#ifndef TESTS_RECORD_TEXT_H
#define TESTS_RECORD_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#define RECORD_TEXT_SIZE 16384

struct change {
    const char *path, *value; /* path NULL ends a layer */
};

#define CHANGES(...)                                                                     \
    (const struct change[])                                                              \
    {                                                                                    \
        __VA_ARGS__,                                                                     \
        {                                                                                \
            NULL, NULL                                                                   \
        }                                                                                \
    }
#define LAYERS(...)                                                                      \
    (const struct change *const[])                                                       \
    {                                                                                    \
        __VA_ARGS__, NULL                                                                \
    }

/* How long the value at text is. */
static inline size_t record_text_value_len(const char *text)
{
    size_t depth = 0, len = 0;
    bool is_in_string = false;
    do {
        char c = text[len];
        if (is_in_string) {
            len += c == '\\';
            is_in_string = c != '"';
        } else if (c == '"') {
            is_in_string = true;
        } else if (c == '{' || c == '[') {
            depth++;
        } else if (c == '}' || c == ']') {
            depth--;
        }
        len++;
    } while (is_in_string || depth > 0 || strchr(",}]", text[len]) == NULL);
    return len;
}

/* Where the value of a dotted path stands. */
static inline char *record_text_find(char *at, const char *path)
{
    const char *key = path;
    while (*key != '\0') {
        size_t key_len = strcspn(key, ".");
        at++; /* "{", or "," behind a value that was passed over */
        size_t found_len = strcspn(at + 1, "\"");
        bool is_it = found_len == key_len && strncmp(at + 1, key, key_len) == 0;
        at += found_len + strlen("\"\":");
        if (is_it) {
            key += key_len + (key[key_len] == '.');
            continue;
        }
        at += record_text_value_len(at);
        if (*at != ',') {
            fail_msg("no record has a key %s", path);
        }
    }
    return at;
}

static inline void record_text_set(char text[RECORD_TEXT_SIZE], const char *path,
                                   const char *value)
{
    char *at = record_text_find(text, path);
    size_t old_len = record_text_value_len(at), len = strlen(value);
    assert_true(strlen(text) + len < RECORD_TEXT_SIZE);
    memmove(at + len, at + old_len, strlen(at + old_len) + 1);
    for (size_t i = 0; i < len; i++) {
        at[i] = value[i];
        if (value[i] == '\'') {
            at[i] = '"';
        }
    }
}

static inline void record_text_close(char text[RECORD_TEXT_SIZE])
{
    static const char *const open[] = {"scanned_at",
                                       "duration_ms",
                                       "dns.queries",
                                       "dns.retries",
                                       "dns.engine",
                                       "spf.ttl",
                                       "dmarc.ttl",
                                       "mta_sts.ttl",
                                       "tls_rpt.ttl",
                                       "mta_sts.policy.address",
                                       "mta_sts.policy.duration_ms"};
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        record_text_set(text, open[i], "null");
    }
}

static inline void record_text_compare(const char *found, const char *expected)
{
    size_t same = 0;
    while (found[same] != '\0' && found[same] == expected[same]) {
        same++;
    }
    if (found[same] != expected[same]) {
        size_t shown = same < 80 ? same : 80;
        fail_msg("behind %.*s\nexpected %.300s\nfound    %.300s", (int)shown,
                 found + same - shown, expected + same, found + same);
    }
}

static inline void record_text_assert(const char *record, const char *base,
                                      const struct change *const *layers)
{
    static char found[RECORD_TEXT_SIZE], expected[RECORD_TEXT_SIZE];
    assert_true(strlen(record) < sizeof found && strlen(base) < sizeof expected);
    strcpy(found, record);
    record_text_close(found);
    for (size_t i = 0; i <= strlen(base); i++) {
        expected[i] = base[i];
        if (base[i] == '\'') {
            expected[i] = '"';
        }
    }
    for (; *layers != NULL; layers++) {
        for (const struct change *change = *layers; change->path != NULL; change++) {
            record_text_set(expected, change->path, change->value);
        }
    }
    record_text_compare(found, expected);
}

#endif
