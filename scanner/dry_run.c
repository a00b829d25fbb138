#include "scanner/dry_run.h"

#include "scanner/target.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

struct reading {
    struct feed_line line;
    struct target target;
    uint64_t counts[TARGET_EXCLUDED + 1];
    bool is_memory_short;
};

static enum scan_exit complain(const char *what)
{
    fprintf(stderr, "mailcensus: %s\n", what);
    return SCAN_FAILED;
}

static void read_lines(struct reading *reading, struct feed *feed,
                       const struct exclude *opt_out, const atomic_int *stop)
{
    enum feed_outcome outcome = FEED_WAIT;
    while (outcome != FEED_END) {
        outcome = atomic_load(stop) != 0 ? FEED_END : feed_take(feed, &reading->line);
        if (outcome == FEED_LINE) {
            struct target *target = &reading->target;
            target_read(target, &reading->line.line, opt_out);
            reading->is_memory_short |= target->name.lacks_memory;
            reading->counts[target->kind]++;
        } else if (outcome == FEED_WAIT) {
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        }
    }
}

static void tell(const uint64_t *counts, const struct feed_stats *stats)
{
    fprintf(stderr,
            "mailcensus: dry run: %llu lines: %llu domains to survey, %llu invalid, "
            "%llu excluded, %llu skipped, %llu of other shards\n",
            (unsigned long long)stats->lines, (unsigned long long)counts[TARGET_DOMAIN],
            (unsigned long long)counts[TARGET_INVALID],
            (unsigned long long)counts[TARGET_EXCLUDED],
            (unsigned long long)stats->skipped, (unsigned long long)stats->other_shards);
}

enum scan_exit dry_run(struct feed *feed, const struct exclude *opt_out,
                       const atomic_int *stop)
{
    struct feed_stats stats;
    struct reading *reading = calloc(1, sizeof *reading);
    if (reading == NULL) {
        return complain("out of memory");
    }
    read_lines(reading, feed, opt_out, stop);
    feed_stats(feed, &stats);
    bool is_memory_short = reading->is_memory_short;
    if (!is_memory_short) {
        tell(reading->counts, &stats);
    }
    free(reading);
    if (is_memory_short) {
        return complain("out of memory");
    }
    if (stats.error != 0) {
        return complain(stats.error_text);
    }
    return stats.is_complete || stats.is_cut ? SCAN_COMPLETE : SCAN_FAILED;
}
