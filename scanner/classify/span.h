/* A piece of text that somebody else owns, and the few things classifiers do with one. */
#ifndef SCANNER_CLASSIFY_SPAN_H
#define SCANNER_CLASSIFY_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

struct span {
    const char *ptr; /* borrowed; not NUL-terminated; NULL only with len 0 */
    size_t len;
};

static inline struct span span_of(const char *text)
{
    return (struct span){text, text != NULL ? strlen(text) : 0};
}

static inline bool span_equals(struct span span, const char *text)
{
    return span.len == strlen(text) &&
           (span.len == 0 || memcmp(span.ptr, text, span.len) == 0);
}

/* ASCII case does not count. */
static inline bool span_equals_nocase(struct span span, const char *text)
{
    return span.len == strlen(text) &&
           (span.len == 0 || strncasecmp(span.ptr, text, span.len) == 0);
}

static inline bool span_starts(struct span span, const char *prefix)
{
    size_t len = strlen(prefix);
    return span.len >= len && (len == 0 || memcmp(span.ptr, prefix, len) == 0);
}

static inline struct span span_from(struct span span, size_t offset)
{
    if (span.len == 0) {
        return span;
    }
    offset = offset < span.len ? offset : span.len;
    return (struct span){span.ptr + offset, span.len - offset};
}

static inline char ascii_lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        c = (char)(c - 'A' + 'a');
    }
    return c;
}

/* NUL is in no set. */
static inline bool is_one_of(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* RFC 5234 WSP: space and tab. */
static inline bool is_wsp(char c)
{
    return c == ' ' || c == '\t';
}

static inline struct span span_trim_wsp(struct span span)
{
    while (span.len > 0 && is_wsp(span.ptr[0])) {
        span = span_from(span, 1);
    }
    while (span.len > 0 && is_wsp(span.ptr[span.len - 1])) {
        span.len--;
    }
    return span;
}

/* Takes what stands before the next delimiter off the front; false when rest was at its
 * end. A delimiter at the very end yields one more, empty, piece. Start with *rest and
 * *more = true. */
static inline bool span_cut(struct span *rest, char delimiter, struct span *piece,
                            bool *more)
{
    if (!*more) {
        return false;
    }
    const char *at = rest->len > 0 ? memchr(rest->ptr, delimiter, rest->len) : NULL;
    *more = at != NULL;
    piece->ptr = rest->ptr;
    piece->len = at != NULL ? (size_t)(at - rest->ptr) : rest->len;
    *rest = span_from(*rest, piece->len + (at != NULL ? 1 : 0));
    return true;
}

#endif
