/* A worker: one thread, one loop, with a resolver, a fetcher and a fixed number of jobs
 * of its own. It takes lines from the feed, surveys them and hands the records to the
 * sink, until the feed ends or it is told to stop; then it finishes what it has begun and
 * closes its loop.
 */
#ifndef SCANNER_WORKER_H
#define SCANNER_WORKER_H

#include "output/sink.h"
#include "scanner/feed.h"
#include "scanner/totals.h"

#include <stdatomic.h>

#define WORKER_ERROR_LEN 512

struct exclude;
struct worker;

struct worker_config {
    const struct verdict_config *verdict;
    const struct resolver_config *resolver; /* rate and window: this worker's share */
    const struct fetcher_config *fetcher;
    const struct exclude *opt_out; /* NULL = none */
    uint32_t max_in_flight;        /* domains, this worker's share */
    struct feed *feed;
    struct sink *sink;
    const atomic_int *stop; /* not 0: take no further line */
    /* All workers': once memory was short anywhere no record counts any more, and all
     * end at once. */
    atomic_bool *is_memory_short;
};

/* 0 or -errno; error: one sentence for the user. */
int worker_open(struct worker **worker, const struct worker_config *config,
                char error[WORKER_ERROR_LEN]) __attribute__((warn_unused_result));
int worker_start(struct worker *worker) __attribute__((warn_unused_result));
bool worker_is_done(const struct worker *worker);
uint32_t worker_in_flight(const struct worker *worker);
struct totals *worker_totals(struct worker *worker);
/* Waits for a started thread, then frees. NULL is fine. */
void worker_free(struct worker *worker);

#endif
