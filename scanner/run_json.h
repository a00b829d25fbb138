/* run.json: what was run, with which versions and configuration, on which input, and what
 * came of it.
 */
#ifndef SCANNER_RUN_JSON_H
#define SCANNER_RUN_JSON_H

#include "output/sink.h"
#include "scanner/feed.h"
#include "scanner/options.h"
#include "scanner/totals.h"

#include <stdbool.h>
#include <stdint.h>

struct run_facts {
    const struct options *options;
    int argc;
    char *const *argv;
    uint64_t seed;
    int64_t started_at_ms, ended_at_ms; /* since 1970; ended 0 = still running */
    const char *exit_reason;            /* NULL = still running */
    const char *suffix_list_date;
    uint64_t peak_fds;
    const struct feed_stats *feed;
    const struct totals_counts *counts;
    const struct sink *sink;
};

/* The whole file as text in json; json.failed tells of lacking memory. */
void run_json_write(struct json *json, const struct run_facts *facts);
/* SHA-256 over the settings that change records or their assignment. false: it cannot be
 * told. */
bool run_json_configuration_hash(const struct options *options, char hex[DIGEST_HEX_LEN]);

#endif
