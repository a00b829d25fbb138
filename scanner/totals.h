/* What a run has counted: records by status, by deployment and validity of each protocol,
 * and by code. Each worker has its own; the lock is taken once a record and once a look.
 */
#ifndef SCANNER_TOTALS_H
#define SCANNER_TOTALS_H

#include "fetch/fetch.h"
#include "output/json.h"
#include "scanner/job.h"

#include <pthread.h>

#define TOTALS_PROTOCOLS 6   /* mx ns spf dmarc mta_sts tls_rpt */
#define TOTALS_DEPLOYMENTS 5 /* enum deployment */
#define TOTALS_VALIDITIES 3  /* enum validity */
#define TOTALS_AREAS 6       /* mx spf dmarc mta_sts mta_sts.policy tls_rpt */

struct totals_counts {
    uint64_t records;
    uint64_t by_status[RECORD_STATUS_COUNT];
    uint64_t by_judgement[TOTALS_PROTOCOLS][TOTALS_DEPLOYMENTS][TOTALS_VALIDITIES];
    uint64_t by_code[TOTALS_AREAS][DEFECT_CODES_MAX]; /* domains that show the code */
    struct resolver_stats dns;
    struct fetcher_stats https;
    struct latency dns_latency, https_latency;
};

struct totals {
    pthread_mutex_t lock;
    struct totals_counts counts;
};

void totals_init(struct totals *totals);
void totals_close(struct totals *totals);
/* survey NULL: a line that was not surveyed. */
void totals_add(struct totals *totals, enum record_status status,
                const struct survey *survey);
void totals_see_network(struct totals *totals, const struct resolver_stats *dns,
                        const struct fetcher_stats *https,
                        const struct job_context *context);
/* Adds a worker's counts to a sum. */
void totals_sum(struct totals *totals, struct totals_counts *sum);

/* run.json's "totals", "dns" and "https" as keys of the open object (docs/record.md tells
 * what "dns" counts). */
void totals_write(struct json *json, const struct totals_counts *counts);

#endif
