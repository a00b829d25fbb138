#include "scanner/run.h"

#include "output/run_name.h"
#include "scanner/run_json.h"
#include "scanner/target.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

static enum run_outcome refuse(char error[RUN_ERROR_LEN], const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static enum run_outcome refuse(char error[RUN_ERROR_LEN], const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, RUN_ERROR_LEN, format, arguments);
    va_end(arguments);
    return RUN_IS_REFUSED;
}

static void json_name(const struct run *run, char name[RUN_NAME_LEN])
{
    run_name_json(name, run->options->shards > 1, (uint32_t)run->options->shard);
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int is_own(void *arg, const struct input_line *line)
{
    return shard_has(arg, line);
}

static enum run_outcome start_feed(struct run *run, struct feed_config *config,
                                   char error[RUN_ERROR_LEN])
{
    char why[FEED_ERROR_LEN];
    config->seed = run->seed;
    if (run->options->shards > 1) {
        run->shard = (struct shard){.suffixes = run->suffixes,
                                    .count = run->options->shards,
                                    .index = run->options->shard,
                                    .scratch = malloc(sizeof(struct target))};
        if (run->shard.scratch == NULL) {
            return refuse(error, "out of memory");
        }
        config->is_own = is_own;
        config->arg = &run->shard;
    }
    return feed_start(run->feed, config, why) == 0 ? RUN_GOES_ON
                                                   : refuse(error, "%s", why);
}

enum run_outcome run_begin(struct run *run, uint64_t max_records,
                           char error[RUN_ERROR_LEN])
{
    run->started_at_ms = now_ms();
    if (getrandom(&run->seed, sizeof run->seed, 0) != sizeof run->seed) {
        return refuse(error, "the system gives no random numbers");
    }
    run->seed >>= 11; /* exact in readers whose numbers are doubles */
    return start_feed(run, &(struct feed_config){.max_records = max_records}, error);
}

/* run.json, if there is one (*is_there), as far as it may be gone on with. */
static enum run_outcome read_earlier(struct run *run, bool *is_there,
                                     char error[RUN_ERROR_LEN])
{
    char name[RUN_NAME_LEN], why[CHECKPOINT_ERROR_LEN], *text = NULL;
    const char *output = run->options->output;
    json_name(run, name);
    int rc = sink_read(run->sink, name, &text);
    *is_there = rc != -ENOENT;
    if (rc != 0) {
        return rc == -ENOENT ? RUN_GOES_ON
                             : refuse(error,
                                      "%s cannot be resumed: its %s cannot be "
                                      "read: %s",
                                      output, name, strerror(-rc));
    }
    rc = checkpoint_read(&run->earlier, text, why);
    free(text);
    if (rc != 0) {
        return refuse(error, "%s cannot be resumed: its %s cannot be used: %s", output,
                      name, why);
    }
    if (checkpoint_differs(&run->earlier, run->options, why)) {
        return refuse(error, "%s cannot be resumed with other settings: %s", output, why);
    }
    return RUN_GOES_ON;
}

/* Until the input is known to be the same, or not. */
static enum run_outcome compare_input(struct run *run, const atomic_int *stop,
                                      char error[RUN_ERROR_LEN])
{
    struct feed_stats stats;
    enum feed_outcome outcome;
    do {
        if (atomic_load(stop) != 0) {
            return RUN_IS_STOPPED;
        }
        outcome = feed_compare(run->feed, 50);
    } while (outcome == FEED_WAIT);
    if (outcome == FEED_LINE) {
        return RUN_GOES_ON;
    }
    feed_stats(run->feed, &stats);
    return refuse(error, "%s cannot be resumed: %s", run->options->output,
                  stats.error_text);
}

/* Of a run that says that it is complete: whether it really is. */
static enum run_outcome look_for_more(struct run *run, const atomic_int *stop)
{
    enum feed_outcome outcome;
    while ((outcome = feed_look(run->feed)) == FEED_WAIT) {
        if (atomic_load(stop) != 0) {
            return RUN_IS_STOPPED;
        }
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    return outcome == FEED_END ? RUN_IS_COMPLETE : RUN_GOES_ON;
}

static enum run_outcome clear_up(struct run *run, bool is_there,
                                 char error[RUN_ERROR_LEN])
{
    char why[SINK_ERROR_LEN];
    const struct checkpoint *earlier = &run->earlier;
    int rc = sink_resume(run->sink, is_there ? earlier->parts : NULL, earlier->part_count,
                         why);
    return rc == 0 ? RUN_GOES_ON : refuse(error, "%s", why);
}

/* Everything up to now is as if this process had done it. */
static enum run_outcome take_over(struct run *run, char error[RUN_ERROR_LEN])
{
    const struct checkpoint *earlier = &run->earlier;
    run->seed = earlier->seed;
    run->started_at_ms = earlier->started_at_ms;
    run->resumed = earlier->resumed + 1;
    run->peak_fds = earlier->peak_fds;
    run->ledger.counts = earlier->counts;
    return line_set_add_all(&run->ledger.finished, &earlier->finished) == 0
               ? RUN_GOES_ON
               : refuse(error, "no memory for the finished lines");
}

enum run_outcome run_resume(struct run *run, uint64_t max_records, const atomic_int *stop,
                            char error[RUN_ERROR_LEN])
{
    bool is_there = false;
    enum run_outcome outcome = read_earlier(run, &is_there, error);
    if (outcome == RUN_GOES_ON && !is_there) {
        outcome = clear_up(run, false, error);
        return outcome == RUN_GOES_ON ? run_begin(run, max_records, error) : outcome;
    }
    struct feed_config config = {.max_records = max_records,
                                 .finished = &run->earlier.finished,
                                 .finished_records = run->earlier.records,
                                 .prefix = &run->earlier.prefix};
    outcome = outcome == RUN_GOES_ON ? take_over(run, error) : outcome;
    outcome = outcome == RUN_GOES_ON ? start_feed(run, &config, error) : outcome;
    outcome = outcome == RUN_GOES_ON ? compare_input(run, stop, error) : outcome;
    if (outcome == RUN_GOES_ON && checkpoint_is_complete(&run->earlier)) {
        outcome = look_for_more(run, stop);
    }
    return outcome == RUN_GOES_ON ? clear_up(run, true, error) : outcome;
}

int run_enter(struct run *run, const void *notes, uint64_t count)
{
    return ledger_enter(&run->ledger, notes, count);
}

int run_commit(struct run *run)
{
    return ledger_commit(&run->ledger);
}

/* The text of run.json, which holds what was finished before it was asked for. */
static int write_json(struct run *run, const struct totals_counts *network,
                      const char *exit_reason, struct json *json)
{
    struct feed_stats feed;
    char *skipped = NULL;
    struct totals_counts counts = run->ledger.counts;
    int rc = feed_checkpoint(run->feed, &run->ledger.finished, &feed, &skipped);
    char *finished = rc == 0 ? line_set_text(&run->ledger.finished) : NULL;
    totals_add_network(&counts, network);
    if (finished != NULL) {
        run_json_write(json,
                       &(struct run_facts){
                           .options = run->options,
                           .argc = run->argc,
                           .argv = run->argv,
                           .notes = run->options->notes != NULL ? run->options->notes
                                                                : run->earlier.notes,
                           .seed = run->seed,
                           .resumed = run->resumed,
                           .started_at_ms = run->started_at_ms,
                           .ended_at_ms = exit_reason != NULL ? now_ms() : 0,
                           .exit_reason = exit_reason,
                           .suffix_list_date = suffix_list_date(run->suffixes),
                           .least_peak_rss_bytes = run->earlier.peak_rss_bytes,
                           .peak_fds = run->peak_fds,
                           .feed = &feed,
                           .lines = run->ledger.finished.count,
                           .finished = finished,
                           .skipped = skipped,
                           .counts = &counts,
                           .sink = run->sink,
                       });
    }
    rc = finished == NULL || json->failed ? -ENOMEM : 0;
    free(finished);
    free(skipped);
    return rc;
}

int run_publish(struct run *run, const struct totals_counts *network,
                const char *exit_reason)
{
    struct json json;
    char name[RUN_NAME_LEN];
    if (run->ledger.is_broken) {
        return -ENOMEM;
    }
    json_name(run, name);
    json_init(&json);
    int rc = write_json(run, network, exit_reason, &json);
    rc = rc == 0 ? sink_publish(run->sink, name, json.text, json.len) : rc;
    json_close(&json);
    return rc;
}

void run_close(struct run *run)
{
    free(run->shard.scratch);
    checkpoint_close(&run->earlier);
    ledger_close(&run->ledger);
}
