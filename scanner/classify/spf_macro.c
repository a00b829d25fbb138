#include "scanner/classify/spf_macro.h"

#include <stdint.h>

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* RFC 7208 7.3: at least 127 must be understood, and zero is no count. */
static bool parse_kept(struct span text, size_t *at, size_t *kept)
{
    size_t value = 0;
    size_t start = *at;
    while (*at < text.len && is_digit(text.ptr[*at])) {
        value = value * 10 + (size_t)(text.ptr[*at] - '0');
        value = value > 100000 ? 100000 : value;
        (*at)++;
    }
    *kept = *at == start ? SIZE_MAX : value;
    return *at == start || value > 0;
}

static size_t parse_braced(struct span text, struct spf_macro *macro)
{
    if (text.len < 4 || !is_one_of(ascii_lower(text.ptr[2]), "slodiphcrtv")) {
        return 0;
    }
    size_t at = 3;
    macro->letter = text.ptr[2];
    if (!parse_kept(text, &at, &macro->kept)) {
        return 0;
    }
    if (at < text.len && ascii_lower(text.ptr[at]) == 'r') {
        macro->is_reversed = true;
        at++;
    }
    size_t start = at;
    while (at < text.len && is_one_of(text.ptr[at], ".-+,/_=")) {
        at++;
    }
    macro->delimiters = (struct span){text.ptr + start, at - start};
    return at < text.len && text.ptr[at] == '}' ? at + 1 : 0;
}

size_t spf_macro_parse(struct span text, struct spf_macro *macro)
{
    *macro = (struct spf_macro){.kept = SIZE_MAX};
    if (text.len < 2) {
        return 0;
    }
    switch (text.ptr[1]) {
    case '%':
        macro->literal = '%';
        return 2;
    case '_':
        macro->literal = ' ';
        return 2;
    case '-':
        macro->literal = '-';
        return 2;
    case '{':
        return parse_braced(text, macro);
    default:
        return 0;
    }
}

bool spf_macro_uses(struct span text, const char *letters)
{
    while (text.len > 0) {
        const char *percent = memchr(text.ptr, '%', text.len);
        if (percent == NULL) {
            return false;
        }
        text = span_from(text, (size_t)(percent - text.ptr));
        struct spf_macro macro;
        size_t len = spf_macro_parse(text, &macro);
        if (len > 0 && is_one_of(ascii_lower(macro.letter), letters)) {
            return true;
        }
        text = span_from(text, len > 0 ? len : 1);
    }
    return false;
}

static void put(struct spf_text *out, char c)
{
    if (out->len == out->size) {
        if (!out->keeps_end) {
            return;
        }
        size_t half = out->size / 2;
        memmove(out->ptr, out->ptr + half, out->size - half);
        out->len -= half;
    }
    out->ptr[out->len++] = c;
}

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) ||
           is_one_of(c, "-._~");
}

/* RFC 3986 2.3: all that is not unreserved is escaped. */
static void put_value(struct spf_text *out, char c, bool is_escaped)
{
    if (!is_escaped || is_unreserved(c)) {
        put(out, c);
        return;
    }
    static const char HEX[] = "0123456789ABCDEF";
    put(out, '%');
    put(out, HEX[(unsigned char)c >> 4]);
    put(out, HEX[(unsigned char)c & 15]);
}

static bool is_delimiter(const struct spf_macro *macro, char c)
{
    return macro->delimiters.len == 0
               ? c == '.'
               : memchr(macro->delimiters.ptr, c, macro->delimiters.len) != NULL;
}

/* The parts in order, without the left-hand ones that are too many. */
static void put_forward(struct spf_text *out, const struct spf_macro *macro,
                        struct span value, size_t part_count)
{
    bool is_escaped = macro->letter < 'a';
    size_t skip = part_count > macro->kept ? part_count - macro->kept : 0;
    for (size_t i = 0; i < value.len; i++) {
        bool is_end = is_delimiter(macro, value.ptr[i]);
        if (skip > 0) {
            skip -= is_end ? 1 : 0;
        } else if (is_end) {
            put(out, '.');
        } else {
            put_value(out, value.ptr[i], is_escaped);
        }
    }
}

/* Reversed first, cut afterwards: what stays are the left-hand parts, last one first. */
static void put_reversed(struct spf_text *out, const struct spf_macro *macro,
                         struct span value)
{
    bool is_escaped = macro->letter < 'a';
    size_t end = 0;
    size_t parts = 0;
    while (end < value.len) {
        parts += is_delimiter(macro, value.ptr[end]) ? 1 : 0;
        if (parts == macro->kept) {
            break;
        }
        end++;
    }
    while (true) {
        size_t start = end;
        while (start > 0 && !is_delimiter(macro, value.ptr[start - 1])) {
            start--;
        }
        for (size_t i = start; i < end; i++) {
            put_value(out, value.ptr[i], is_escaped);
        }
        if (start == 0) {
            return;
        }
        put(out, '.');
        end = start - 1;
    }
}

static void put_macro(struct spf_text *out, const struct spf_macro *macro,
                      const struct spf_macro_values *values)
{
    if (macro->letter == 0) {
        if (macro->literal == '-') {
            put(out, '%');
            put(out, '2');
            put(out, '0');
        } else {
            put(out, macro->literal);
        }
        return;
    }
    struct span value = values->of[ascii_lower(macro->letter) - 'a'];
    if (macro->is_reversed) {
        put_reversed(out, macro, value);
        return;
    }
    size_t part_count = 1;
    for (size_t i = 0; i < value.len; i++) {
        part_count += is_delimiter(macro, value.ptr[i]) ? 1 : 0;
    }
    put_forward(out, macro, value, part_count);
}

void spf_macro_expand(struct span text, const struct spf_macro_values *values,
                      struct spf_text *out)
{
    size_t at = 0;
    while (at < text.len) {
        if (text.ptr[at] != '%') {
            put(out, text.ptr[at++]);
            continue;
        }
        struct spf_macro macro;
        size_t len = spf_macro_parse(span_from(text, at), &macro);
        if (len > 0) {
            put_macro(out, &macro, values);
        }
        at += len > 0 ? len : 1;
    }
}
