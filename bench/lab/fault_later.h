/* What lab-faults does later, or piece by piece: things that are looked after at every
 * tick until they are done. */
#ifndef BENCH_LAB_FAULT_LATER_H
#define BENCH_LAB_FAULT_LATER_H

#include <stdbool.h>

/* Stands first in its owner, which is allocated (fault_allocate) and freed here once
 * on_tick has returned false. */
struct later {
    bool (*on_tick)(struct later *later);
    unsigned wait_ticks; /* before the first call */
    struct later *next;
};

void fault_later_add(struct later *later);

/* Every FAULT_TICK_MS. */
void fault_later_tick(void);

#endif
