#include "scanner/ledger.h"

#include <errno.h>

int ledger_enter(struct ledger *ledger, const struct totals_note *notes, uint64_t count)
{
    int rc = 1;
    for (uint64_t i = 0; i < count && rc == 1; i++) {
        bool is_known = line_set_has(&ledger->finished, notes[i].line);
        rc = is_known ? 0 : line_set_add(&ledger->open_lines, notes[i].line);
        totals_count(&ledger->open_counts, &notes[i]);
    }
    if (rc == 0) {
        return -EEXIST;
    }
    return rc < 0 ? rc : 0;
}

int ledger_commit(struct ledger *ledger)
{
    int rc = line_set_add_all(&ledger->finished, &ledger->open_lines);
    if (rc != 0) {
        ledger->is_broken = true;
        return rc;
    }
    totals_add(&ledger->counts, &ledger->open_counts);
    line_set_clear(&ledger->open_lines);
    ledger->open_counts = (struct totals_counts){0};
    return 0;
}

void ledger_close(struct ledger *ledger)
{
    line_set_close(&ledger->finished);
    line_set_close(&ledger->open_lines);
}
