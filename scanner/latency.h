/* How long questions took: a histogram whose memory does not grow, and the percentiles of
 * it. Everything is counted, slow ones above all (a time-out is a latency too).
 *
 * Buckets are an eighth of an octave wide, so a percentile is at most 9 % above the true
 * value; the greatest value is exact.
 */
#ifndef SCANNER_LATENCY_H
#define SCANNER_LATENCY_H

#include "output/json.h"

#include <stdint.h>

#define LATENCY_BUCKETS 256u

struct latency { /* buckets add up member by member */
    uint64_t buckets[LATENCY_BUCKETS];
    uint64_t max_us;
};

void latency_add(struct latency *latency, uint64_t us);
/* The least value that share (0 to 1) of all do not exceed, in ms; 0 when nothing was
 * counted. */
double latency_percentile_ms(const struct latency *latency, double share);
/* "latency_ms":{"p50":…,"p90":…,"p99":…,"max":…,"buckets":[…]} as a key of the open
 * object. The buckets, without the zeros at their end, are for who adds runs up. */
void latency_write(struct json *json, const struct latency *latency);

#endif
