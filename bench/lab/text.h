/* A growing piece of text, and the lab's placeholders: a template says "mx1.{d}" where
 * the domain's name belongs.
 *
 *   {d}  the domain, A-label            {z}  its organizational domain (the zone's apex)
 *   {t}  the domain under another TLD   %{d} stays: that is an SPF macro
 *
 * Memory that runs out ends the program: the lab is a tool for tests.
 */
#ifndef BENCH_LAB_TEXT_H
#define BENCH_LAB_TEXT_H

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

struct text {
    char *bytes; /* owned, NUL-terminated once something was added */
    size_t len, capacity;
};

struct names {
    const char *domain, *zone, *other_tld;
};

void text_clear(struct text *text);
void text_free(struct text *text);
void text_add(struct text *text, const char *bytes);
void text_add_len(struct text *text, const char *bytes, size_t len);
void text_format(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void text_expand(struct text *text, const char *template, const struct names *names);
/* A JSON string with its quotes; NULL is null. */
void text_json(struct text *text, const char *value);
/* Writes the text to a file of that name; says on stderr why not and exits. */
void text_save(const struct text *text, const char *directory, const char *name);

/* Says on stderr what errno says of the subject, and exits. */
_Noreturn void text_die(const char *subject);
void *lab_allocate(size_t count, size_t bytes); /* zeroed */
char *lab_copy(const char *string);

#endif
