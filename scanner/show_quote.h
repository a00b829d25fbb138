/* A published text as it stands, broken into lines where it is long, with ^^^^ below what
 * the findings speak of.
 */
#ifndef SCANNER_SHOW_QUOTE_H
#define SCANNER_SHOW_QUOTE_H

#include "scanner/classify/defects.h"
#include "scanner/show_text.h"

#define SHOW_QUOTE_MAX 4096 /* bytes shown of one text */

struct show_quote {
    struct span text;
    const struct defects *defects;
    unsigned error_count; /* codes below it are errors */
    /* Bit per code whose detail is a name, which is looked for in the text. Details of
     * other codes point into the text or mean nothing here. */
    uint64_t named;
    const char *label; /* in front of the first line; shorter than indent */
    size_t indent;
};

void show_quote(struct show *show, const struct show_quote *quote);
/* Whether a finding points into text. */
bool show_quote_is_meant(struct span text, const struct defects *defects);

#endif
