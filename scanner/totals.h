/* What a run has counted: records by status, by deployment and validity of each protocol,
 * and by code.
 *
 * Each worker has its own totals, which progress is told from: records by status and the
 * network's counters. What is said of a record beyond its status goes with it to the sink
 * as a note and is counted when its part is published, so that run.json counts the records
 * that its parts hold and no others.
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

/* One record, for the count. */
struct totals_note {
    uint64_t line;
    uint64_t codes[TOTALS_AREAS]; /* bit per code */
    uint8_t status;               /* enum record_status */
    uint8_t deployments[TOTALS_PROTOCOLS], validities[TOTALS_PROTOCOLS];
};

struct totals { /* the lock is taken once a record and once a look */
    pthread_mutex_t lock;
    struct totals_counts counts;
};

void totals_init(struct totals *totals);
void totals_close(struct totals *totals);
void totals_see_record(struct totals *totals, enum record_status status);
void totals_see_network(struct totals *totals, const struct resolver_stats *dns,
                        const struct fetcher_stats *https,
                        const struct job_context *context);
/* Adds a worker's counts to a sum. */
void totals_sum(struct totals *totals, struct totals_counts *sum);

/* survey NULL: a line that was not surveyed. */
void totals_note(struct totals_note *note, uint64_t line, enum record_status status,
                 const struct survey *survey);
void totals_count(struct totals_counts *counts, const struct totals_note *note);
void totals_add(struct totals_counts *sum, const struct totals_counts *counts);
/* Only what the network counted. */
void totals_add_network(struct totals_counts *sum, const struct totals_counts *counts);

/* run.json's "totals", "dns" and "https" as keys of the open object (docs/run.md tells
 * what "dns" counts). */
void totals_write(struct json *json, const struct totals_counts *counts);

/* The words of run.json, for who reads it again. */
extern const char *const TOTALS_PROTOCOL_NAMES[TOTALS_PROTOCOLS];
extern const struct totals_area {
    const char *name;
    const char *(*code_text)(unsigned code);
    unsigned code_count;
} TOTALS_AREA_TABLE[TOTALS_AREAS];
extern const char *const TOTALS_STAGE_NAMES[FETCH_STAGE_OK + 1];

#endif
