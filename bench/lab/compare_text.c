#include "bench/lab/compare_text.h"

#include <stdlib.h>
#include <string.h>

#define RECORD_START "{\"schema\":\"mailcensus/1.0\",\"line\":"

size_t text_line_number(const char *record)
{
    size_t len = strlen(RECORD_START);
    char *end;
    if (strncmp(record, RECORD_START, len) != 0 || record[len] < '1' ||
        record[len] > '9') {
        return 0;
    }
    size_t number = strtoul(record + len, &end, 10);
    return *end == ',' ? number : 0;
}

/* Keys of which every occurrence in a record is open. Within a string of JSON none of these
 * texts can stand: its quotes would be escaped. */
static const char *const open_keys[] = {
    "\"scanned_at\":", "\"duration_ms\":", "\"queries\":", "\"retries\":",
    "\"engine\":",     "\"ttl\":",         "\"address\":"};

/* Returns the length of an open key there, 0: none. */
static size_t open_key(const char *at)
{
    for (size_t i = 0; i < sizeof open_keys / sizeof open_keys[0]; i++) {
        size_t len = strlen(open_keys[i]);
        if (strncmp(at, open_keys[i], len) == 0) {
            return len;
        }
    }
    return 0;
}

/* Returns where a number, a null or a string without escapes ends; NULL: it is none. */
static const char *skip_value(const char *at)
{
    size_t len = 0;
    if (*at == '"') {
        len = strcspn(at + 1, "\"\\") + 1;
        len = at[len] == '"' ? len + 1 : 0;
    } else if (strncmp(at, "null", 4) == 0) {
        len = 4;
    } else {
        len = strspn(at, "0123456789.");
    }
    return len > 0 && (at[len] == ',' || at[len] == '}') ? at + len : NULL;
}

bool texts_are_alike(const char *left, const char *right)
{
    while (*left == *right && *left != '\0') {
        size_t key_len = *left == '"' ? open_key(left) : 0;
        if (key_len == 0) {
            left++;
            right++;
            continue;
        }
        if (open_key(right) != key_len) {
            return false;
        }
        left = skip_value(left + key_len);
        right = skip_value(right + key_len);
        if (left == NULL || right == NULL) {
            return false;
        }
    }
    return *left == *right;
}
