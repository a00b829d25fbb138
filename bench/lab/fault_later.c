#include "bench/lab/fault_later.h"

#include <stddef.h>
#include <stdlib.h>

static struct later *all;

void fault_later_add(struct later *later)
{
    later->next = all;
    all = later;
}

static bool tick(struct later *later)
{
    if (later->wait_ticks > 0) {
        later->wait_ticks--;
        return true;
    }
    return later->on_tick(later);
}

void fault_later_tick(void)
{
    for (struct later **at = &all; *at != NULL;) {
        struct later *later = *at;
        if (tick(later)) {
            at = &later->next;
        } else {
            *at = later->next;
            free(later);
        }
    }
}
