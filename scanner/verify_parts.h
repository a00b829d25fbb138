/* One run's files in one directory against its run.json: what verify.c does for each
 * shard.
 */
#ifndef SCANNER_VERIFY_PARTS_H
#define SCANNER_VERIFY_PARTS_H

#include "scanner/checkpoint.h"

struct verify_member {
    const char *path; /* of the directory; borrowed */
    int directory;
    char json_name[64];
    struct checkpoint checkpoint;
    bool is_usable; /* the checkpoint was read */
};

/* What the parts of all members hold, and how much was wrong. */
struct verify_tally {
    struct line_set seen, doubled;
    uint64_t rows, parts, problems;
    bool lacks_memory; /* it was told, and what is seen is not all */
};

/* Tells a problem: "mailcensus: PATH[/NAME]: …". */
void verify_problem(struct verify_tally *tally, const struct verify_member *member,
                    const char *name, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
/* "line 7" or "lines 1-5, 9 and 12 more"; returns text. */
const char *verify_lines(const struct line_set *set, char *text, size_t capacity);

void verify_parts(struct verify_tally *tally, const struct verify_member *member);
/* Files of the run that its run.json does not name. */
void verify_strays(struct verify_tally *tally, const struct verify_member *member);

#endif
