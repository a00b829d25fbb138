#include "scanner/show_text.h"

#include "output/utf8.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void show_init(struct show *show, bool has_colour)
{
    *show = (struct show){.has_colour = has_colour};
}

void show_close(struct show *show)
{
    free(show->text);
    *show = (struct show){.text = NULL};
}

static bool reserve(struct show *show, size_t len)
{
    if (show->failed || show->capacity - show->len >= len) {
        return !show->failed;
    }
    size_t capacity = show->capacity == 0 ? 4096 : show->capacity * 2;
    while (capacity - show->len < len) {
        capacity *= 2;
    }
    char *text = realloc(show->text, capacity);
    show->failed = text == NULL;
    if (text != NULL) {
        show->text = text;
        show->capacity = capacity;
    }
    return text != NULL;
}

static void append(struct show *show, const char *text, size_t len, size_t columns)
{
    if (len > 0 && reserve(show, len)) {
        memcpy(show->text + show->len, text, len);
        show->len += len;
    }
    show->column += columns;
}

void show_style(struct show *show, enum show_style style)
{
    static const char *const CODES[SHOW_STYLE_COUNT] = {
        [SHOW_PLAIN] = "\033[0m",      [SHOW_BOLD] = "\033[1m",
        [SHOW_DIM] = "\033[2m",        [SHOW_GOOD] = "\033[1;32m",
        [SHOW_WARNING] = "\033[1;33m", [SHOW_ERROR] = "\033[1;31m",
    };
    if (show->has_colour) {
        append(show, CODES[style], strlen(CODES[style]), 0);
    }
}

void show_text(struct show *show, const char *text)
{
    size_t len = strlen(text);
    append(show, text, len, len);
}

void show_pad(struct show *show, size_t column)
{
    while (show->column < column) {
        append(show, " ", 1, 1);
    }
}

void show_end_line(struct show *show)
{
    append(show, "\n", 1, 0);
    show->column = 0;
}

/* Where the next word of so many columns begins: behind a space, or on a new line. */
static void begin_word(struct show *show, size_t indent, size_t columns)
{
    if (show->column <= indent) {
        show_pad(show, indent);
    } else if (show->column + 1 + columns > SHOW_WIDTH) {
        show_end_line(show);
        show_pad(show, indent);
    } else {
        append(show, " ", 1, 1);
    }
}

void show_words(struct show *show, size_t indent, const char *format, ...)
{
    char buffer[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(buffer, sizeof buffer, format, args);
    va_end(args);
    for (const char *word = buffer + strspn(buffer, " "); *word != '\0';) {
        size_t len = strcspn(word, " ");
        begin_word(show, indent, len);
        append(show, word, len, len);
        word += len;
        word += strspn(word, " ");
    }
}

void show_phrase(struct show *show, size_t indent, const char *text)
{
    size_t len = strlen(text);
    begin_word(show, indent, len);
    append(show, text, len, len);
}

/* What has no width, looks like a space, or is obeyed instead of shown: C1 controls, the
 * bidi controls of UAX #9, separators, soft hyphen, byte order mark, tags. */
static bool is_hidden(uint32_t character)
{
    static const struct {
        uint32_t first, last;
    } RANGES[] = {
        {0x80, 0xa0},     {0xad, 0xad},     {0x34f, 0x34f},   {0x61c, 0x61c},
        {0x115f, 0x1160}, {0x1680, 0x1680}, {0x180b, 0x180e}, {0x2000, 0x200f},
        {0x2028, 0x202f}, {0x205f, 0x206f}, {0x3000, 0x3000}, {0x3164, 0x3164},
        {0xfe00, 0xfe0f}, {0xfeff, 0xfeff}, {0xfff0, 0xfffb}, {0xe0000, 0xe0fff}};
    for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) {
        if (character >= RANGES[i].first && character <= RANGES[i].last) {
            return true;
        }
    }
    return false;
}

/* Roughly Unicode's East Asian Width, so that marks stand below what they mean. */
static size_t columns_of(uint32_t character)
{
    bool is_combining = character >= 0x300 && character <= 0x36f;
    bool is_wide = (character >= 0x1100 && character <= 0x115f) ||
                   (character >= 0x2e80 && character <= 0xa4cf) ||
                   (character >= 0xac00 && character <= 0xd7a3) ||
                   (character >= 0xf900 && character <= 0xfaff) ||
                   (character >= 0xfe30 && character <= 0xfe6f) ||
                   (character >= 0xff00 && character <= 0xff60) ||
                   (character >= 0x1f300 && character <= 0x1faff) ||
                   (character >= 0x20000 && character <= 0x3fffd);
    return is_combining ? 0 : is_wide ? 2 : 1;
}

static struct show_unit escaped(size_t taken, const char *format, unsigned value)
{
    struct show_unit unit = {.taken = taken};
    unit.len = (size_t)snprintf(unit.text, sizeof unit.text, format, value);
    unit.columns = unit.len;
    return unit;
}

struct show_unit show_unit_of(struct span text)
{
    uint32_t character = 0;
    unsigned char byte = (unsigned char)text.ptr[0];
    size_t taken = utf8_decode((const unsigned char *)text.ptr, text.len, &character);
    if (taken == 0 || byte < ' ' || byte == 0x7f) {
        return escaped(1, "\\%03u", byte);
    }
    if (byte >= 0x80 && is_hidden(character)) {
        return escaped(taken, character > 0xffff ? "\\U%08x" : "\\u%04x", character);
    }
    struct show_unit unit = {
        .len = taken, .taken = taken, .columns = columns_of(character)};
    memcpy(unit.text, text.ptr, taken);
    return unit;
}

void show_unit(struct show *show, const struct show_unit *unit)
{
    append(show, unit->text, unit->len, unit->columns);
}

size_t show_columns(struct span text)
{
    size_t columns = 0;
    while (text.len > 0) {
        struct show_unit unit = show_unit_of(text);
        columns += unit.columns;
        text = span_from(text, unit.taken);
    }
    return columns;
}

void show_foreign(struct show *show, size_t indent, struct span text)
{
    bool is_cut = text.len > SHOW_DETAIL_MAX;
    text.len = is_cut ? SHOW_DETAIL_MAX : text.len;
    size_t columns = show_columns(text);
    begin_word(show, indent,
               columns < SHOW_WIDTH - indent ? columns : SHOW_WIDTH - indent);
    while (text.len > 0) {
        struct show_unit unit = show_unit_of(text);
        if (show->column + unit.columns > SHOW_WIDTH) {
            show_end_line(show);
            show_pad(show, indent);
        }
        show_unit(show, &unit);
        text = span_from(text, unit.taken);
    }
    if (is_cut) {
        show_text(show, "...");
    }
}
