/* run.json: what was run, with which versions and configuration, on which input, and what
 * came of it; and the checkpoint from which a run is resumed (scanner/checkpoint.h reads
 * it). docs/run.md describes it.
 */
#ifndef SCANNER_RUN_JSON_H
#define SCANNER_RUN_JSON_H

#include "output/sink.h"
#include "scanner/feed.h"
#include "scanner/options.h"
#include "scanner/totals.h"

#include <stdbool.h>
#include <stdint.h>

#define RUN_JSON_SCHEMA "mailcensus-run/1.0"

struct run_facts {
    const struct options *options;
    int argc;
    char *const *argv;
    const char *notes; /* NULL = none */
    uint64_t seed, resumed;
    int64_t started_at_ms, ended_at_ms; /* since 1970; ended 0 = still running */
    const char *exit_reason;            /* NULL = still running */
    const char *suffix_list_date;
    uint64_t least_peak_rss_bytes, peak_fds; /* of the process before; of all */
    const struct feed_stats *feed;
    uint64_t lines;                     /* that are finished */
    const char *finished, *skipped;     /* line_set_text of them */
    const struct totals_counts *counts; /* the records: of the published parts */
    const struct sink *sink;
};

/* The whole file as text in json; json.failed tells of lacking memory. */
void run_json_write(struct json *json, const struct run_facts *facts);
/* The settings that change records or their assignment, as an object. */
void run_json_deciding(struct json *json, const struct options *options);
/* SHA-256 of that text. false: it cannot be told. */
bool run_json_configuration_hash(const struct options *options, char hex[DIGEST_HEX_LEN]);

#endif
