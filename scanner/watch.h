/* What the main thread does while the workers work: it shows how far they are, and says
 * once what holds them up.
 */
#ifndef SCANNER_WATCH_H
#define SCANNER_WATCH_H

#include "scanner/progress.h"
#include "scanner/run.h"
#include "scanner/workers.h"

/* All borrowed; progress is open. */
struct watch {
    const struct workers *workers;
    struct run *run; /* its most descriptors are noted */
    struct progress *progress;
    const atomic_int *stop;
    bool is_cut_off; /* what was said last */
    bool has_told_shortage;
};

/* The clock that progress is shown by: monotonic. */
int64_t watch_now_ms(void);
/* Returns when all workers are done. */
void watch_workers(struct watch *watch);

#endif
