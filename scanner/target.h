/* One line of the input -> what is to be done with it: skip it, report it, or survey a
 * domain. Pure but for libidn2; scanner/target_name.h says what a name is and why a text
 * is none.
 *
 * A line is a name; or `domain,tag`; or `rank,domain` when its first column is all
 * digits, the rank then being the tag. The format is told line by line; columns after the
 * second are ignored. Fields may be quoted as in RFC 4180 (doubled quotes inside, blanks
 * around); a quote that is never closed, or has text behind it, is an ordinary character.
 * An empty tag column is an empty tag, a missing one is none. Blanks are space, tab, CR,
 * VT and FF.
 *
 * Order: a line of blanks, or whose first character that is no blank is '#', is skipped,
 * however long. Then too_long is tried, then the name's reasons. A good name may still be
 * excluded: first opt_out, then special_use.
 */
#ifndef SCANNER_TARGET_H
#define SCANNER_TARGET_H

#include "scanner/input.h"
#include "scanner/target_name.h"

struct exclude;

enum target_kind {
    TARGET_SKIP_BLANK,
    TARGET_SKIP_COMMENT,
    TARGET_DOMAIN,
    TARGET_INVALID, /* reason says why; name means nothing */
    TARGET_EXCLUDED /* reason says why; name is filled */
};

/* About 5.5 KiB. tag may point into the struct itself: it is not copied by assignment. */
struct target {
    enum target_kind kind;
    enum target_reason reason;
    struct span input; /* the line, trimmed; borrowed from it */
    bool has_tag;
    struct span tag; /* borrowed from the line or from this struct */
    struct target_name name;
    char unquoted[INPUT_LINE_MAX]; /* the tag where it held doubled quotes */
};

/* Whether target_read would say TARGET_SKIP_BLANK or TARGET_SKIP_COMMENT. */
bool target_is_skipped(const struct input_line *line);
/* opt_out: suffixes not to be touched, NULL = none. */
void target_read(struct target *target, const struct input_line *line,
                 const struct exclude *opt_out);

#endif
