#include "scanner/line_set.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where more runs than that begin within so many lines, digits are shorter than ranges. */
#define STRETCH_LINES 4096u
#define RUNS_AS_RANGES_MAX 40u

static bool is_fragmented(const struct line_set *set, uint64_t first, uint64_t end)
{
    struct line_range range;
    unsigned runs = 0;
    for (uint64_t at = first; runs <= RUNS_AS_RANGES_MAX; at = range.last + 1) {
        if (!line_set_next(set, at, &range) || range.first >= end) {
            return false;
        }
        runs++;
    }
    return true;
}

static void write_digits(FILE *out, const struct line_set *set, uint64_t first)
{
    char digits[STRETCH_LINES / 4];
    size_t len = 0;
    for (size_t i = 0; i < sizeof digits; i++) {
        unsigned bits = 0;
        for (unsigned k = 0; k < 4; k++) {
            bits = bits << 1 | line_set_has(set, first + 4 * i + k);
        }
        digits[i] = "0123456789abcdef"[bits];
        len = bits != 0 ? i + 1 : len;
    }
    fprintf(out, "%" PRIu64 ":%.*s", first, (int)len, digits);
}

/* The given run and those that begin before end; the line that comes then. */
static uint64_t write_ranges(FILE *out, const struct line_set *set,
                             struct line_range range, uint64_t end)
{
    uint64_t at;
    bool is_more;
    do {
        fprintf(out, "%" PRIu64, range.first);
        if (range.last > range.first) {
            fprintf(out, "-%" PRIu64, range.last);
        }
        at = range.last + 1;
        is_more = at < end && line_set_next(set, at, &range) && range.first < end;
        fputs(is_more ? "," : "", out);
    } while (is_more);
    return at;
}

char *line_set_text(const struct line_set *set)
{
    char *text = NULL;
    size_t len = 0;
    struct line_range range;
    FILE *out = open_memstream(&text, &len);
    if (out == NULL) {
        return NULL;
    }
    for (uint64_t at = 1; line_set_next(set, at, &range);) {
        uint64_t end = range.first + STRETCH_LINES;
        fputs(at > 1 ? "," : "", out);
        if (is_fragmented(set, range.first, end)) {
            write_digits(out, set, range.first);
            at = end;
        } else {
            at = write_ranges(out, set, range, end);
        }
    }
    bool has_failed = ferror(out) != 0;
    if (fclose(out) != 0 || has_failed) {
        free(text);
        return NULL;
    }
    return text;
}

/* A number without sign or leading zero; NULL: none stands there. */
static const char *read_line(const char *text, uint64_t *line)
{
    if (*text < '1' || *text > '9') {
        return NULL;
    }
    for (*line = 0; *text >= '0' && *text <= '9'; text++) {
        *line = *line * 10 + (uint64_t)(*text - '0');
        if (*line > LINE_SET_LINE_MAX) {
            return NULL;
        }
    }
    return text;
}

/* The four lines from `first` on that a digit stands for. */
static int add_four(struct line_set *set, unsigned digit, uint64_t first, uint64_t *last)
{
    int rc = 0;
    for (unsigned i = 0; i < 4 && rc >= 0; i++) {
        if ((digit & 8u >> i) != 0) {
            *last = first + i;
            rc = line_set_add(set, *last);
        }
    }
    return rc < 0 ? rc : 0;
}

/* Adds what the digits say; *line becomes the last line added. */
static int read_digits(struct line_set *set, const char **text, uint64_t *line)
{
    static const char hex[] = "0123456789abcdef";
    uint64_t at = *line, count = set->count;
    int rc = 0;
    for (; rc == 0 && **text != '\0' && strchr(hex, **text) != NULL; (*text)++) {
        rc = add_four(set, (unsigned)(strchr(hex, **text) - hex), at, line);
        at += 4;
    }
    bool is_empty = set->count == count;
    return rc == -ERANGE || (rc == 0 && is_empty) ? -EINVAL : rc;
}

static int read_item(struct line_set *set, const char **text, uint64_t *last)
{
    struct line_range range;
    const char *rest = read_line(*text, &range.first);
    if (rest == NULL || range.first <= *last) {
        return -EINVAL;
    }
    range.last = range.first;
    if (*rest == ':') {
        rest++;
        int rc = read_digits(set, &rest, &range.last);
        *text = rest;
        *last = range.last;
        return rc;
    }
    if (*rest == '-') {
        rest = read_line(rest + 1, &range.last);
    }
    if (rest == NULL || range.last < range.first) {
        return -EINVAL;
    }
    *text = rest;
    *last = range.last;
    return line_set_add_range(set, range);
}

int line_set_read(struct line_set *set, const char *text)
{
    uint64_t last = 0;
    int rc = 0;
    while (*text != '\0' && rc == 0) {
        rc = read_item(set, &text, &last);
        bool is_more = rc == 0 && *text == ',' && text[1] != '\0';
        if (rc == 0 && *text != '\0' && !is_more) {
            rc = -EINVAL;
        }
        text += is_more ? 1 : 0;
    }
    return rc;
}
