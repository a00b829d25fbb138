/* A set of line numbers, made for what a checkpoint knows: long runs of finished lines,
 * and between them some blocks of which lines are finished here and there.
 *
 *   struct line_set set = {0};
 *   line_set_add(&set, 17);
 *   for (uint64_t at = 1; line_set_next(&set, at, &range); at = range.last + 1) …
 *   line_set_close(&set);
 *
 * As text: items in ascending order with commas between, no blanks; the empty set is the
 * empty text.
 *   7           one line
 *   1-131072    all lines from the first to the last
 *   8193:f08    of the lines from 8193 on those whose bit is set: each hexadecimal digit
 *               (lower case) stands for four lines, its most significant bit for the first
 * It takes at most about a KiB for 4,096 lines, however they are mixed, and nothing for
 * more lines in a row.
 */
#ifndef SCANNER_LINE_SET_H
#define SCANNER_LINE_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* More lines than an input can have; lines count from 1. */
#define LINE_SET_LINE_MAX (UINT64_C(1) << 32)

struct line_page;

struct line_set {            /* all zero = empty */
    struct line_page *pages; /* owned */
    size_t page_count;
    uint64_t count; /* lines in it */
};

struct line_range {
    uint64_t first, last;
};

/* What can fail is 0 or -ENOMEM, or -ERANGE for a line that is 0 or above the greatest;
 * the set is then sound, but may hold a part of what was to be added. */

/* 1 = it is new, 0 = it was there. */
int line_set_add(struct line_set *set, uint64_t line) __attribute__((warn_unused_result));
int line_set_add_range(struct line_set *set, struct line_range range)
    __attribute__((warn_unused_result));
int line_set_add_all(struct line_set *set, const struct line_set *other)
    __attribute__((warn_unused_result));
int line_set_remove_all(struct line_set *set, const struct line_set *other)
    __attribute__((warn_unused_result));
bool line_set_has(const struct line_set *set, uint64_t line);
/* The first run of lines at or after `at`, as long as it goes; false = none. */
bool line_set_next(const struct line_set *set, uint64_t at, struct line_range *range);
/* NUL-terminated, the caller's to free; NULL = out of memory. */
char *line_set_text(const struct line_set *set) __attribute__((warn_unused_result));
/* Fills an empty set. -EINVAL: not such a text. */
int line_set_read(struct line_set *set, const char *text)
    __attribute__((warn_unused_result));
void line_set_clear(struct line_set *set); /* keeps the memory of its directory */
void line_set_close(struct line_set *set);

#endif
