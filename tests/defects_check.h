/* Shows a struct defects as one line of text, so that a table test compares all of it:
 * "code", "code=detail", joined by " | " in the order of discovery.
 */
#ifndef TESTS_DEFECTS_CHECK_H
#define TESTS_DEFECTS_CHECK_H

#include "scanner/classify/defects.h"

#include <stdio.h>

struct defects_line {
    char text[8192];
};

static inline const char *defects_show(const struct defects *defects,
                                       const char *(*code_text)(unsigned),
                                       struct defects_line *line)
{
    size_t at = 0;
    line->text[0] = '\0';
    for (size_t i = 0; i < defects->count && at < sizeof line->text; i++) {
        const struct defect *defect = &defects->list[i];
        at += (size_t)snprintf(line->text + at, sizeof line->text - at, "%s%s%s%.*s",
                               i > 0 ? " | " : "", code_text(defect->code),
                               defect->detail.len > 0 ? "=" : "", (int)defect->detail.len,
                               defect->detail.len > 0 ? defect->detail.ptr : "");
    }
    return line->text;
}

#endif
