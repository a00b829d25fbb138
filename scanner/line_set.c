#include "scanner/line_set.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_LINES 4096u
#define PAGE_WORDS (PAGE_LINES / 64)

struct line_page {
    uint64_t *bits; /* owned; NULL when no line of it is in the set, or each */
    uint32_t count;
};

static size_t page_of(uint64_t line)
{
    return (size_t)((line - 1) / PAGE_LINES);
}

static bool is_full(const struct line_page *page)
{
    return page->count == PAGE_LINES;
}

/* Makes room for page number index. */
static int reach(struct line_set *set, size_t index)
{
    if (index < set->page_count) {
        return 0;
    }
    size_t most = page_of(LINE_SET_LINE_MAX) + 1;
    size_t count = index + index / 2 + 16;
    count = count < most ? count : most;
    struct line_page *pages = realloc(set->pages, count * sizeof *pages);
    if (pages == NULL) {
        return -ENOMEM;
    }
    memset(pages + set->page_count, 0, (count - set->page_count) * sizeof *pages);
    set->pages = pages;
    set->page_count = count;
    return 0;
}

static int make_bits(struct line_page *page)
{
    if (page->bits != NULL) {
        return 0;
    }
    page->bits = malloc(PAGE_WORDS * sizeof *page->bits);
    if (page->bits == NULL) {
        return -ENOMEM;
    }
    memset(page->bits, is_full(page) ? 0xff : 0, PAGE_WORDS * sizeof *page->bits);
    return 0;
}

/* After bits were changed: counts them, and drops them where the count says it all. */
static void settle(struct line_set *set, struct line_page *page)
{
    uint32_t count = 0;
    for (unsigned i = 0; i < PAGE_WORDS; i++) {
        count += (uint32_t)__builtin_popcountll(page->bits[i]);
    }
    set->count = set->count - page->count + count;
    page->count = count;
    if (count == 0 || count == PAGE_LINES) {
        free(page->bits);
        page->bits = NULL;
    }
}

int line_set_add(struct line_set *set, uint64_t line)
{
    if (line == 0 || line > LINE_SET_LINE_MAX) {
        return -ERANGE;
    }
    int rc = reach(set, page_of(line));
    if (rc != 0) {
        return rc;
    }
    struct line_page *page = &set->pages[page_of(line)];
    if (is_full(page)) {
        return 0;
    }
    rc = make_bits(page);
    if (rc != 0) {
        return rc;
    }
    unsigned bit = (unsigned)((line - 1) % PAGE_LINES);
    uint64_t mask = UINT64_C(1) << (bit % 64);
    if ((page->bits[bit / 64] & mask) != 0) {
        return 0;
    }
    page->bits[bit / 64] |= mask;
    set->count++;
    if (++page->count == PAGE_LINES) {
        free(page->bits);
        page->bits = NULL;
    }
    return 1;
}

static void fill(struct line_set *set, struct line_page *page)
{
    set->count += PAGE_LINES - page->count;
    page->count = PAGE_LINES;
    free(page->bits);
    page->bits = NULL;
}

int line_set_add_range(struct line_set *set, struct line_range range)
{
    if (range.first == 0 || range.last > LINE_SET_LINE_MAX || range.first > range.last) {
        return -ERANGE;
    }
    int rc = reach(set, page_of(range.last));
    uint64_t line = range.first;
    while (rc >= 0 && line <= range.last) {
        bool is_page = (line - 1) % PAGE_LINES == 0;
        if (is_page && range.last - line >= PAGE_LINES - 1) {
            fill(set, &set->pages[page_of(line)]);
            line += PAGE_LINES;
        } else {
            rc = line_set_add(set, line++);
        }
    }
    return rc < 0 ? rc : 0;
}

static int add_page(struct line_set *set, size_t index, const struct line_page *from)
{
    struct line_page *page = &set->pages[index];
    if (from->count == 0 || is_full(page)) {
        return 0;
    }
    if (is_full(from)) {
        fill(set, page);
        return 0;
    }
    int rc = make_bits(page);
    if (rc == 0) {
        for (unsigned i = 0; i < PAGE_WORDS; i++) {
            page->bits[i] |= from->bits[i];
        }
        settle(set, page);
    }
    return rc;
}

int line_set_add_all(struct line_set *set, const struct line_set *other)
{
    int rc = other->page_count > 0 ? reach(set, other->page_count - 1) : 0;
    for (size_t i = 0; i < other->page_count && rc == 0; i++) {
        rc = add_page(set, i, &other->pages[i]);
    }
    return rc;
}

static int remove_page(struct line_set *set, struct line_page *page,
                       const struct line_page *other)
{
    if (page->count == 0 || other->count == 0) {
        return 0;
    }
    if (is_full(other)) {
        set->count -= page->count;
        free(page->bits);
        *page = (struct line_page){NULL, 0};
        return 0;
    }
    int rc = make_bits(page);
    if (rc == 0) {
        for (unsigned i = 0; i < PAGE_WORDS; i++) {
            page->bits[i] &= ~other->bits[i];
        }
        settle(set, page);
    }
    return rc;
}

int line_set_remove_all(struct line_set *set, const struct line_set *other)
{
    int rc = 0;
    for (size_t i = 0; i < set->page_count && i < other->page_count && rc == 0; i++) {
        rc = remove_page(set, &set->pages[i], &other->pages[i]);
    }
    return rc;
}

bool line_set_has(const struct line_set *set, uint64_t line)
{
    if (line == 0 || line > LINE_SET_LINE_MAX || page_of(line) >= set->page_count) {
        return false;
    }
    const struct line_page *page = &set->pages[page_of(line)];
    unsigned bit = (unsigned)((line - 1) % PAGE_LINES);
    return page->bits != NULL ? (page->bits[bit / 64] >> (bit % 64) & 1) != 0
                              : is_full(page);
}

/* The first line at or after `at` that is in the set, or is not; 0 = none up to the end
 * of the last page. */
static uint64_t find(const struct line_set *set, uint64_t at, bool is_in)
{
    uint64_t end = (uint64_t)set->page_count * PAGE_LINES;
    while (at <= end) {
        const struct line_page *page = &set->pages[page_of(at)];
        if (page->bits == NULL && is_full(page) == is_in) {
            return at;
        }
        if (page->bits == NULL) {
            at = ((uint64_t)page_of(at) + 1) * PAGE_LINES + 1;
            continue;
        }
        unsigned bit = (unsigned)((at - 1) % PAGE_LINES);
        uint64_t word = is_in ? page->bits[bit / 64] : ~page->bits[bit / 64];
        word &= UINT64_MAX << (bit % 64);
        if (word != 0) {
            return at - bit % 64 + (unsigned)__builtin_ctzll(word);
        }
        at += 64 - bit % 64;
    }
    return 0;
}

bool line_set_next(const struct line_set *set, uint64_t at, struct line_range *range)
{
    range->first = find(set, at > 0 ? at : 1, true);
    if (range->first == 0) {
        return false;
    }
    uint64_t after = find(set, range->first, false);
    range->last = after != 0 ? after - 1 : (uint64_t)set->page_count * PAGE_LINES;
    return true;
}

void line_set_clear(struct line_set *set)
{
    for (size_t i = 0; i < set->page_count; i++) {
        free(set->pages[i].bits);
        set->pages[i] = (struct line_page){NULL, 0};
    }
    set->count = 0;
}

void line_set_close(struct line_set *set)
{
    line_set_clear(set);
    free(set->pages);
    *set = (struct line_set){0};
}
