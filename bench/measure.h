/* Times one thing over a list of samples beside a scan of the same bytes, round by round,
 * and prints a row of a Markdown table.
 *
 * A round is as many passes over the list as fill 50 ms, of the thing and then of the
 * scan. What is printed is the median of the rounds; the ratio is the median of the
 * rounds' ratios, so that a machine that slows down for a while slows both.
 */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "bench/population.h"

#define MEASURE_ROUNDS 11
/* Of a longer list the first are measured: lists are shuffled, so that is a sample. */
#define MEASURE_SAMPLES_MAX 10000

struct subject {
    const char *name;
    const struct sample_list *list;
    void *arg;
    /* One sample. */
    void (*run)(void *arg, const struct sample *sample);
    /* Or, in its stead, all of them: the nanoseconds that count. */
    double (*pass)(void *arg, const struct sample_list *list);
    double least_per_s; /* what it should reach; 0 = nothing said */
};

/* CPU time of the whole process: what else the machine does is no matter, waiting is
 * not counted. */
double measure_now_ns(void);
/* This thread stays on one core: the one it is on. */
void measure_pin(void);
void measure_print_head(void);
/* False: it is slower than it should be. */
bool measure(const struct subject *subject);

#endif
