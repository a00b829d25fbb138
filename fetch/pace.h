/* A token bucket: at most `rate` events a second, with a small burst to cover the loop's
 * timers, which tick in milliseconds.
 */
#ifndef FETCH_PACE_H
#define FETCH_PACE_H

#include <stdbool.h>
#include <stdint.h>

struct pace {
    double rate;   /* a second; 0 = no limit */
    double tokens; /* at most burst */
    double burst;
    uint64_t at_ns; /* when tokens was right */
};

void pace_init(struct pace *pace, double rate, uint64_t now_ns);
/* Takes one; false: none is there before pace_wait_ms have passed. */
bool pace_take(struct pace *pace, uint64_t now_ns);
uint64_t pace_wait_ms(const struct pace *pace);

#endif
