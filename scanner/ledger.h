/* What the published parts hold: which lines, and their counts. The sink's thread enters
 * what goes into the open part and commits it when the part is published, so that a
 * record which is finished but in no published part is not in the book.
 *
 * One thread at a time.
 */
#ifndef SCANNER_LEDGER_H
#define SCANNER_LEDGER_H

#include "scanner/line_set.h"
#include "scanner/totals.h"

struct ledger { /* all zero = empty */
    struct line_set finished;
    struct totals_counts counts;
    struct line_set open_lines; /* of the part under way */
    struct totals_counts open_counts;
    bool is_broken; /* a part was published that could not be entered: write no more */
};

/* 0 or -errno; -EEXIST: a line twice. */
int ledger_enter(struct ledger *ledger, const struct totals_note *notes, uint64_t count)
    __attribute__((warn_unused_result));
int ledger_commit(struct ledger *ledger) __attribute__((warn_unused_result));
void ledger_close(struct ledger *ledger);

#endif
