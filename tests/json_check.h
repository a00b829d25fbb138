/* A judge of JSON text that shares nothing with output/: grammar of RFC 8259, well-formed
 * UTF-8 by table 3-7 of the Unicode standard, and none of the characters that must not
 * stand raw. */
#ifndef TESTS_JSON_CHECK_H
#define TESTS_JSON_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define JSON_CHECK_DEPTH 128

/* Length of the well-formed character at bytes, 0 if there is none. */
static inline size_t check_utf8(const unsigned char *bytes, size_t len)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high;
        size_t len;
    } rows[] = {{0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
                {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
                {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
                {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
                {0xf4, 0xf4, 0x80, 0x8f, 4}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (bytes[0] < rows[i].first_low || bytes[0] > rows[i].first_high) {
            continue;
        }
        bool is_good = len >= rows[i].len;
        for (size_t k = 1; is_good && k < rows[i].len; k++) {
            unsigned char low = k == 1 ? rows[i].second_low : 0x80;
            unsigned char high = k == 1 ? rows[i].second_high : 0xbf;
            is_good = bytes[k] >= low && bytes[k] <= high;
        }
        return is_good ? rows[i].len : 0;
    }
    return 0;
}

/* The characters that stand as \u escapes only, in UTF-8. */
static inline bool check_is_hidden(const unsigned char *bytes, size_t len)
{
    static const char *const hidden[] = {
        "\xd8\x9c",     "\xe2\x80\x8e", "\xe2\x80\x8f", "\xe2\x80\xa8", "\xe2\x80\xa9",
        "\xe2\x80\xaa", "\xe2\x80\xab", "\xe2\x80\xac", "\xe2\x80\xad", "\xe2\x80\xae",
        "\xe2\x81\xa6", "\xe2\x81\xa7", "\xe2\x81\xa8", "\xe2\x81\xa9", "\xef\xbb\xbf"};
    for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
        if (strlen(hidden[i]) == len && memcmp(hidden[i], bytes, len) == 0) {
            return true;
        }
    }
    return bytes[0] < 0x20 || bytes[0] == 0x7f ||
           (len == 2 && bytes[0] == 0xc2 && bytes[1] <= 0x9f);
}

static inline size_t check_encode(uint32_t unit, char *out)
{
    if (unit < 0x80) {
        out[0] = (char)unit;
        return 1;
    }
    if (unit < 0x800) {
        out[0] = (char)(0xc0 | unit >> 6);
        out[1] = (char)(0x80 | (unit & 0x3f));
        return 2;
    }
    out[0] = (char)(0xe0 | unit >> 12);
    out[1] = (char)(0x80 | (unit >> 6 & 0x3f));
    out[2] = (char)(0x80 | (unit & 0x3f));
    return 3;
}

/* An escape at text[0] == '\\'. Its length or 0; what it stands for is added to out. */
static inline size_t check_escape(const char *text, size_t len, char *out,
                                  size_t *out_len)
{
    unsigned unit = 0;
    int taken = 0;
    char four[5] = {0};
    if (len >= 2 && (text[1] == '"' || text[1] == '\\')) {
        out[(*out_len)++] = text[1];
        return 2;
    }
    if (len < 6 || text[1] != 'u') {
        return 0;
    }
    memcpy(four, text + 2, 4);
    if (sscanf(four, "%4x%n", &unit, &taken) != 1 || taken != 4 || unit >> 11 == 0x1b) {
        return 0;
    }
    *out_len += check_encode(unit, out + *out_len);
    return 6;
}

/* A string at text; its length with the quotes, or 0. out (len bytes of room) gets what
 * it says. */
static inline size_t json_check_string(const char *text, size_t len, char *out,
                                       size_t *out_len)
{
    *out_len = 0;
    if (len < 2 || text[0] != '"') {
        return 0;
    }
    for (size_t i = 1; i < len;) {
        const unsigned char *bytes = (const unsigned char *)text + i;
        size_t taken;
        if (text[i] == '"') {
            return i + 1;
        }
        if (text[i] == '\\') {
            taken = check_escape(text + i, len - i, out, out_len);
        } else {
            taken = check_utf8(bytes, len - i);
            taken = taken > 0 && check_is_hidden(bytes, taken) ? 0 : taken;
            memcpy(out + *out_len, bytes, taken);
            *out_len += taken;
        }
        if (taken == 0) {
            return 0;
        }
        i += taken;
    }
    return 0;
}

static inline size_t check_digits(const char *text, size_t len)
{
    size_t i = 0;
    while (i < len && text[i] >= '0' && text[i] <= '9') {
        i++;
    }
    return i;
}

/* Numbers as we write them: no exponent, no needless zero. */
static inline size_t check_number(const char *text, size_t len)
{
    size_t sign = len > 0 && text[0] == '-';
    size_t whole = check_digits(text + sign, len - sign);
    size_t end = sign + whole;
    if (whole == 0 || (whole > 1 && text[sign] == '0')) {
        return 0;
    }
    if (end < len && text[end] == '.') {
        size_t decimals = check_digits(text + end + 1, len - end - 1);
        end += 1 + decimals;
        if (decimals == 0 || decimals > 3 || text[end - 1] == '0') {
            return 0;
        }
    }
    return end;
}

static inline size_t check_scalar(const char *text, size_t len, char *scratch)
{
    static const char *const words[] = {"null", "true", "false"};
    size_t ignored;
    for (size_t i = 0; i < 3; i++) {
        if (len >= strlen(words[i]) && memcmp(text, words[i], strlen(words[i])) == 0) {
            return strlen(words[i]);
        }
    }
    return text[0] == '"' ? json_check_string(text, len, scratch, &ignored)
                          : check_number(text, len);
}

/* Exactly one value without white space. scratch has len bytes of room. */
static inline bool json_check(const char *text, size_t len, char *scratch)
{
    char open[JSON_CHECK_DEPTH];
    size_t depth = 0, i = 0, ignored;
    bool value_due = true, may_close = false;
    while (i < len) {
        char in = (char)(depth > 0 ? open[depth - 1] : '\0');
        if (depth > 0 && (!value_due || may_close) &&
            text[i] == (in == '{' ? '}' : ']')) {
            depth--;
            i++;
            value_due = may_close = false;
            continue;
        }
        if (!value_due) {
            if (depth == 0 || text[i] != ',') {
                return false;
            }
            i++;
        }
        if (in == '{') {
            size_t taken = json_check_string(text + i, len - i, scratch, &ignored);
            if (taken == 0 || i + taken >= len || text[i + taken] != ':') {
                return false;
            }
            i += taken + 1;
        }
        if (i >= len) {
            return false;
        }
        value_due = may_close = text[i] == '{' || text[i] == '[';
        if (value_due) {
            if (depth == JSON_CHECK_DEPTH) {
                return false;
            }
            open[depth++] = text[i++];
            continue;
        }
        size_t taken = check_scalar(text + i, len - i, scratch);
        if (taken == 0) {
            return false;
        }
        i += taken;
    }
    return depth == 0 && !value_due;
}

/* What a JSON string must say for these bytes: well-formed characters as they are, every
 * other byte as \DDD. out has 4 * len bytes of room. */
static inline size_t json_check_escaped(const char *bytes, size_t len, char *out)
{
    size_t out_len = 0;
    for (size_t i = 0; i < len;) {
        const unsigned char *at = (const unsigned char *)bytes + i;
        size_t taken = check_utf8(at, len - i);
        if (taken > 0) {
            memcpy(out + out_len, at, taken);
            out_len += taken;
            i += taken;
            continue;
        }
        char octet[8];
        snprintf(octet, sizeof(octet), "\\%03u", (unsigned)*at);
        memcpy(out + out_len, octet, 4);
        out_len += 4;
        i++;
    }
    return out_len;
}

#endif
