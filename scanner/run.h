/* A run as its directory tells of it: begun or resumed, what its parts hold, and run.json
 * written anew at every part.
 *
 * Rules: run_begin or run_resume first, by the thread that opened the feed and the sink;
 * then run_enter and run_publish from the sink's thread, and from the opener again once
 * that has ended.
 */
#ifndef SCANNER_RUN_H
#define SCANNER_RUN_H

#include "output/sink.h"
#include "scanner/checkpoint.h"
#include "scanner/feed.h"
#include "scanner/ledger.h"
#include "scanner/shard.h"

#include <stdatomic.h>

#define RUN_ERROR_LEN 1024

struct run {
    const struct options *options;
    int argc;
    char *const *argv;
    const struct suffix_list *suffixes;
    struct feed *feed; /* borrowed, like the sink and the suffixes */
    struct sink *sink;
    uint64_t seed, resumed;
    _Atomic uint64_t peak_fds; /* whoever watches raises it */
    int64_t started_at_ms;
    struct checkpoint earlier; /* all zero in a run that begins */
    struct ledger ledger;
    struct shard shard;
};

enum run_outcome {
    RUN_GOES_ON,
    RUN_IS_COMPLETE, /* there is nothing left to do, and nothing was changed */
    RUN_IS_STOPPED,  /* by the stop flag, and nothing was changed */
    RUN_IS_REFUSED   /* error: one sentence for the user */
};

/* A seed; starts the feed. max_records: UINT64_MAX = all. */
enum run_outcome run_begin(struct run *run, uint64_t max_records,
                           char error[RUN_ERROR_LEN]);
/* The same of a run in the sink's directory, if there is one: reads run.json, compares
 * settings and input with what it says, and clears up. */
enum run_outcome run_resume(struct run *run, uint64_t max_records, const atomic_int *stop,
                            char error[RUN_ERROR_LEN]);
/* Records went into the open part: the sink's on_rows. notes: struct totals_note. */
int run_enter(struct run *run, const void *notes, uint64_t count);
/* Of a part that was published, before run_publish. Both 0 or -errno. */
int run_commit(struct run *run) __attribute__((warn_unused_result));
/* Writes run.json. network: what the workers have counted. exit_reason NULL = still
 * running. */
int run_publish(struct run *run, const struct totals_counts *network,
                const char *exit_reason) __attribute__((warn_unused_result));
void run_close(struct run *run);

#endif
