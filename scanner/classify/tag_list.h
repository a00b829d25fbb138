/* A `name=value; name=value` list: the common shape of DMARC (RFC 9989 4.8), MTA-STS
 * (RFC 8461 3.1) and TLS-RPT (RFC 8460 3) records.
 *
 *   tag_list_begin(&list, text);
 *   while (tag_list_next(&list, &tag)) { ... }
 *
 * The delimiter is *WSP ";" *WSP in all three; one at the very end closes the list. White
 * space elsewhere stays in the tag: DMARC trims it, the other two call it an error.
 */
#ifndef SCANNER_CLASSIFY_TAG_LIST_H
#define SCANNER_CLASSIFY_TAG_LIST_H

#include "scanner/classify/span.h"

#define TAG_NAMES_MAX 32

struct tag_list {
    struct span rest;
    bool more;
};

struct tag {
    struct span text; /* all of it, without the delimiters; may be empty */
    struct span name; /* before the first "="; the whole text where there is none */
    struct span value;
    bool has_value; /* an "=" stands there */
};

void tag_list_begin(struct tag_list *list, struct span text);
bool tag_list_next(struct tag_list *list, struct tag *tag);

/* (ALPHA / DIGIT) *31(ALPHA / DIGIT / "_" / "-" / "."): names of fields in RFC 8461 3.1
 * and 3.2 and RFC 8460 3. */
bool tag_name_is_valid(struct span name);
/* sts-extension and tlsrpt-extension: such a name, "=", and one or more of printable
 * ASCII but "=", ";" and space. */
bool tag_is_extension(const struct tag *tag);

/* Names met so far, to tell a repetition. The first TAG_NAMES_MAX are remembered, which
 * bounds the work on hostile text; repetitions among later ones go unnoticed. */
struct tag_names {
    size_t count;
    struct span names[TAG_NAMES_MAX];
};

/* False: it was there before. */
bool tag_names_add(struct tag_names *names, struct span name, bool is_nocase);

#endif
