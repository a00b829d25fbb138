/* Text for a terminal, in a growing buffer: words that wrap, colours that can be off, and
 * foreign bytes that stay harmless.
 *
 *   show_init(&show, has_colour);
 *   show_style(&show, SHOW_BOLD);
 *   show_words(&show, 4, "one word and another");
 *   show_style(&show, SHOW_PLAIN);
 *   show_foreign(&show, 4, span);
 *   show_end_line(&show);
 *   if (show.failed) …             out of memory: sticky, checked once
 *
 * Foreign text: bytes that are not well-formed UTF-8 and control characters become \DDD
 * as in master files (RFC 1035 5.1); what a reader would not see or a terminal would obey
 * (C1, bidi controls, spaces that are not the space, characters without width) becomes
 * \uXXXX.
 */
#ifndef SCANNER_SHOW_TEXT_H
#define SCANNER_SHOW_TEXT_H

#include "scanner/classify/span.h"

#include <stdint.h>

#define SHOW_WIDTH 100      /* columns */
#define SHOW_UNIT_MAX 12    /* bytes that one unit of foreign text is shown as */
#define SHOW_DETAIL_MAX 256 /* bytes of foreign text in a sentence: as record details */

enum show_style {
    SHOW_PLAIN,
    SHOW_BOLD,
    SHOW_DIM,
    SHOW_GOOD,
    SHOW_WARNING,
    SHOW_ERROR,
    SHOW_STYLE_COUNT
};

struct show {
    char *text; /* owned; not NUL-terminated */
    size_t len, capacity;
    size_t column; /* of the next character, from 0 */
    bool has_colour;
    bool failed;
};

/* A piece of foreign text that is shown or escaped as a whole. */
struct show_unit {
    char text[SHOW_UNIT_MAX];
    size_t len, columns;
    size_t taken; /* bytes of the foreign text */
};

void show_init(struct show *show, bool has_colour);
void show_close(struct show *show);

/* Until the next call; SHOW_PLAIN ends it. Takes no column. */
void show_style(struct show *show, enum show_style style);
/* Ours: printable ASCII, as it stands. */
void show_text(struct show *show, const char *text);
/* Spaces up to column. */
void show_pad(struct show *show, size_t column);
void show_end_line(struct show *show);

/* Ours: words, one space between them (and before the first where the line goes on), new
 * lines beginning at indent. A format as printf's; at most 1,023 bytes of text. */
void show_words(struct show *show, size_t indent, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Ours: as one such word, spaces and all. */
void show_phrase(struct show *show, size_t indent, const char *text);
/* Foreign text as one such word, broken only where a line is full; at most
 * SHOW_DETAIL_MAX bytes. */
void show_foreign(struct show *show, size_t indent, struct span text);

struct show_unit show_unit_of(struct span text); /* text.len > 0 */
void show_unit(struct show *show, const struct show_unit *unit);
size_t show_columns(struct span text);

#endif
