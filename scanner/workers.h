/* All workers of a scan. They share its window, its descriptors and its rates.
 */
#ifndef SCANNER_WORKERS_H
#define SCANNER_WORKERS_H

#include "scanner/pace.h"
#include "scanner/worker.h"

struct options;

struct workers {
    struct worker **each; /* owned */
    size_t count;
    struct pacing pacing;
    atomic_bool is_memory_short; /* then no record counts any more */
};

/* What the workers have in common besides the options; all borrowed. */
struct workers_config {
    const struct verdict_config *verdict;
    const struct exclude *opt_out; /* NULL = none */
    struct feed *feed;
    struct sink *sink;
    const atomic_int *stop; /* not 0: take no further line */
    uint64_t fds_each;      /* descriptors that a worker may hold for the network */
};

/* workers: zero-initialised; to be closed also when this fails. 0 or -errno; error: one
 * sentence for the user. */
int workers_open(struct workers *workers, const struct options *options,
                 const struct workers_config *config, char error[WORKER_ERROR_LEN])
    __attribute__((warn_unused_result));
/* 0 or -errno; then those that had been started end at once. */
int workers_start(struct workers *workers) __attribute__((warn_unused_result));
bool workers_are_done(const struct workers *workers);
/* Domains. */
uint32_t workers_in_flight(const struct workers *workers);
/* What all of them have counted so far. */
void workers_sum(const struct workers *workers, struct totals_counts *counts);
/* Waits for those that were started. */
void workers_close(struct workers *workers);

#endif
