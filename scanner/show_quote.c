#include "scanner/show_quote.h"

#include <stdio.h>

enum mark { MARK_NONE, MARK_WARNING, MARK_ERROR };

/* Where detail stands in text, by address: details borrow from what was parsed. */
static bool points_into(struct span text, struct span detail, size_t *offset)
{
    uintptr_t at = (uintptr_t)detail.ptr;
    uintptr_t begin = (uintptr_t)text.ptr;
    *offset = at - begin;
    return detail.ptr != NULL && at >= begin && at - begin <= text.len &&
           detail.len <= text.len - (at - begin);
}

static bool is_name_byte(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_' || c == '.';
}

static void set_marks(char *marks, size_t offset, size_t len, enum mark mark)
{
    for (size_t i = offset; i < offset + len && i < SHOW_QUOTE_MAX; i++) {
        marks[i] = (char)(marks[i] > (char)mark ? marks[i] : (char)mark);
    }
}

/* Every place where name stands by itself, not within a longer name. */
static void mark_name(char *marks, struct span text, struct span name, enum mark mark)
{
    for (size_t i = 0; name.len > 0 && i + name.len <= text.len; i++) {
        size_t end = i + name.len;
        bool is_whole = (i == 0 || !is_name_byte(text.ptr[i - 1])) &&
                        (end == text.len || !is_name_byte(text.ptr[end]));
        if (is_whole && strncasecmp(text.ptr + i, name.ptr, name.len) == 0) {
            set_marks(marks, i, name.len, mark);
        }
    }
}

/* A finding about the whole text (a version that does not count) is one about its
 * beginning. */
static size_t beginning_len(struct span text)
{
    size_t len = 0;
    while (len < text.len && is_wsp(text.ptr[len])) {
        len++;
    }
    while (len < text.len && !is_one_of(text.ptr[len], "; ")) {
        len++;
    }
    return len < text.len ? len + 1 : len;
}

static void mark_defect(char *marks, const struct show_quote *quote,
                        const struct defect *defect)
{
    enum mark mark = defect->code < quote->error_count ? MARK_ERROR : MARK_WARNING;
    struct span detail = defect->detail;
    size_t offset;
    if (points_into(quote->text, detail, &offset)) {
        bool is_whole = detail.len == quote->text.len && quote->label == NULL;
        set_marks(marks, offset, is_whole ? beginning_len(quote->text) : detail.len,
                  mark);
    } else if (((quote->named >> defect->code) & 1) != 0) {
        mark_name(marks, quote->text, detail, mark);
    }
}

/* How much of text goes onto a line: up to the last space or ";" that fits, or all that
 * fits. */
static size_t line_len(struct span text, size_t columns)
{
    size_t len = 0, used = 0, good = 0;
    while (len < text.len) {
        struct show_unit unit = show_unit_of(span_from(text, len));
        if (used + unit.columns > columns) {
            return good > 0 ? good : len;
        }
        used += unit.columns;
        good = is_one_of(text.ptr[len], " ;,") ? len + unit.taken : good;
        len += unit.taken;
    }
    return len;
}

/* Without the spaces that a line was broken at. */
static struct span without_end(struct span line)
{
    while (line.len > 0 && line.ptr[line.len - 1] == ' ') {
        line.len--;
    }
    return line;
}

static void show_units(struct show *show, struct span text)
{
    while (text.len > 0) {
        struct show_unit unit = show_unit_of(text);
        show_unit(show, &unit);
        text = span_from(text, unit.taken);
    }
}

static void show_marks(struct show *show, struct span text, const char *marks,
                       size_t indent)
{
    size_t marked_len = text.len;
    while (marked_len > 0 && marks[marked_len - 1] == MARK_NONE) {
        marked_len--;
    }
    if (marked_len == 0) {
        return;
    }
    enum mark last = MARK_NONE;
    show_pad(show, indent);
    for (size_t i = 0; i < marked_len;) {
        struct show_unit unit = show_unit_of(span_from(text, i));
        if (marks[i] != (char)last) {
            last = (enum mark)marks[i];
            show_style(show, SHOW_PLAIN);
            show_style(show, last == MARK_ERROR     ? SHOW_ERROR
                             : last == MARK_WARNING ? SHOW_WARNING
                                                    : SHOW_PLAIN);
        }
        for (size_t k = 0; k < unit.columns; k++) {
            show_text(show, last == MARK_NONE ? " " : "^");
        }
        i += unit.taken;
    }
    show_style(show, SHOW_PLAIN);
    show_end_line(show);
}

void show_quote(struct show *show, const struct show_quote *quote)
{
    char marks[SHOW_QUOTE_MAX] = {MARK_NONE};
    struct span text = quote->text;
    size_t total = text.len;
    for (size_t i = 0; i < quote->defects->count; i++) {
        mark_defect(marks, quote, &quote->defects->list[i]);
    }
    text.len = text.len < SHOW_QUOTE_MAX ? text.len : SHOW_QUOTE_MAX;
    if (quote->label != NULL) {
        show_style(show, SHOW_DIM);
        show_text(show, quote->label);
        show_style(show, SHOW_PLAIN);
    }
    size_t offset = 0;
    do {
        struct span line = span_from(text, offset);
        line.len = line_len(line, SHOW_WIDTH - quote->indent);
        bool is_broken = offset + line.len < text.len;
        show_pad(show, line.len > 0 ? quote->indent : 0);
        show_units(show, is_broken ? without_end(line) : line);
        show_end_line(show);
        show_marks(show, line, marks + offset, quote->indent);
        offset += line.len;
    } while (offset < text.len);
    if (total > text.len) {
        show_words(show, quote->indent, "(%zu bytes more)", total - text.len);
        show_end_line(show);
    }
}

bool show_quote_is_meant(struct span text, const struct defects *defects)
{
    size_t offset;
    for (size_t i = 0; i < defects->count; i++) {
        if (points_into(text, defects->list[i].detail, &offset)) {
            return true;
        }
    }
    return false;
}
