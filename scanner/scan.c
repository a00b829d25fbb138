#include "scanner/scan.h"

#include "resolver/resolver.h"
#include "scanner/descriptors.h"
#include "scanner/dry_run.h"
#include "scanner/exclude.h"
#include "scanner/provider_list.h"
#include "scanner/watch.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The contract: who surveys more than this says how to be reached. */
#define RECORDS_WITHOUT_CONTACT 10000u

struct scan {
    const struct options *options;
    const atomic_int *stop;
    struct verdict_config verdict;
    struct suffix_list *suffixes;
    struct exclude *opt_out;
    struct provider_list *providers;
    struct feed *feed;
    struct sink *sink;
    struct run run; /* how it is kept in its directory */
    struct workers workers;
    uint64_t fds_each; /* descriptors that a worker may hold for the network */
    struct progress progress;
    bool has_told_memory;
};

static enum scan_exit complain(const char *what)
{
    fprintf(stderr, "mailcensus: %s\n", what);
    return SCAN_FAILED;
}

static enum scan_exit cannot_start(int rc)
{
    fprintf(stderr, "mailcensus: no thread can be started: %s\n", strerror(-rc));
    return SCAN_FAILED;
}

static bool is_directory(const struct options *options)
{
    return sink_kind_of(options->output) == SINK_DIRECTORY;
}

enum scan_exit scan_interrupted_exit(const struct options *options)
{
    return is_directory(options) ? SCAN_INTERRUPTED : SCAN_FAILED;
}

/* Signals are the main thread's: the others are started while they are held back. */
static void hold_signals(bool is_held)
{
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(is_held ? SIG_BLOCK : SIG_UNBLOCK, &signals, NULL);
}

static int publish_run(struct scan *scan, const char *exit_reason)
{
    struct totals_counts counts;
    workers_sum(&scan->workers, &counts);
    return run_publish(&scan->run, &counts, exit_reason);
}

/* Both in the sink's thread. */
static int on_rows(void *arg, const void *notes, uint64_t rows)
{
    struct scan *scan = arg;
    return run_enter(&scan->run, notes, rows);
}

static int on_part(void *arg, const struct sink *sink)
{
    struct scan *scan = arg;
    (void)sink;
    int rc = run_commit(&scan->run);
    return rc == 0 ? publish_run(scan, NULL) : rc;
}

/* Told once where descriptors allow less at a time than was asked for. */
static enum scan_exit fit_descriptors(struct scan *scan)
{
    char error[128];
    const struct options *options = scan->options;
    uint64_t limit = descriptors_raise(), in_flight = options->max_in_flight;
    scan->fds_each = descriptors_each(limit, options->workers);
    if (scan->fds_each == 0) {
        snprintf(error, sizeof error,
                 "the limit of open files (ulimit -n) is %llu: %llu workers need %llu",
                 (unsigned long long)limit, (unsigned long long)options->workers,
                 (unsigned long long)descriptors_least(options->workers));
        return complain(error);
    }
    uint64_t sockets = options->workers * scan->fds_each;
    uint64_t wanted = options->name_servers != NULL ? in_flight : 2 * in_flight;
    if (sockets < wanted && !options->quiet) {
        fprintf(stderr,
                "mailcensus: the limit of open files (ulimit -n) is %llu: no more than "
                "%llu connections at a time\n",
                (unsigned long long)limit, (unsigned long long)sockets);
    }
    return SCAN_COMPLETE;
}

static void tell_tcp(const struct options *options)
{
    if (options->name_servers != NULL && !resolver_stub_has_tcp()) {
        complain("net.ipv4.tcp_fastopen is off here: DNS answers that do not fit into a "
                 "datagram cannot be fetched; sysctl net.ipv4.tcp_fastopen=1 allows it");
    }
}

static enum scan_exit open_workers(struct scan *scan)
{
    char error[WORKER_ERROR_LEN];
    struct workers_config config = {
        .verdict = &scan->verdict,
        .opt_out = scan->opt_out,
        .feed = scan->feed,
        .sink = scan->sink,
        .stop = scan->stop,
        .fds_each = scan->fds_each,
    };
    tell_tcp(scan->options);
    int rc = workers_open(&scan->workers, scan->options, &config, error);
    return rc == 0 ? SCAN_COMPLETE : complain(error);
}

static enum scan_exit open_lists(struct scan *scan)
{
    const struct options *options = scan->options;
    char error[EXCLUDE_ERROR_LEN];
    scan->suffixes = suffix_list_open(options->psl);
    if (scan->suffixes == NULL) {
        if (errno == ENOMEM) {
            return complain("out of memory");
        }
        snprintf(error, sizeof error, "--psl: %s cannot be read as a Public Suffix List",
                 options->psl != NULL ? options->psl : "the system's list");
        return complain(error);
    }
    if (options->exclude_domains != NULL &&
        exclude_open(&scan->opt_out, options->exclude_domains, error) != 0) {
        return complain(error);
    }
    if (provider_list_open(&scan->providers, options->providers, error) != 0) {
        return complain(error);
    }
    options_verdict(options, &scan->verdict);
    scan->verdict.suffixes = scan->suffixes;
    scan->verdict.providers = scan->providers;
    return SCAN_COMPLETE;
}

static uint64_t record_limit(const struct options *options)
{
    uint64_t limit = options->max_targets > 0 ? options->max_targets : UINT64_MAX;
    bool needs_contact = options->contact == NULL && limit > RECORDS_WITHOUT_CONTACT;
    return needs_contact && !options->dry_run ? RECORDS_WITHOUT_CONTACT : limit;
}

static enum scan_exit open_input(struct scan *scan)
{
    char error[FEED_ERROR_LEN];
    int rc = feed_open(&scan->feed, scan->options->input_file, error);
    return rc == 0 ? SCAN_COMPLETE : complain(error);
}

static enum scan_exit open_output(struct scan *scan)
{
    const struct options *options = scan->options;
    char error[SINK_ERROR_LEN];
    struct sink_config config = {
        .path = options->output,
        .compress = options->compress,
        .force = options->force,
        .resume = options->resume,
        .shard = (uint32_t)options->shard,
        .shards = (uint32_t)options->shards,
        .part_rows = options->part_rows,
        .part_seconds = (uint32_t)options->part_seconds,
        .arg = scan,
    };
    if (is_directory(options)) {
        config.note_bytes = sizeof(struct totals_note);
        config.on_rows = on_rows;
        config.on_part = on_part;
    }
    return sink_open(&scan->sink, &config, error) == 0 ? SCAN_COMPLETE : complain(error);
}

/* The run begins or goes on; of one that needs nothing any more *is_over. */
static enum scan_exit start_run(struct scan *scan, bool *is_over)
{
    char error[RUN_ERROR_LEN];
    const struct options *options = scan->options;
    uint64_t limit = record_limit(options);
    scan->run.feed = scan->feed;
    scan->run.sink = scan->sink;
    scan->run.suffixes = scan->suffixes;
    hold_signals(false); /* a long input takes its time to compare */
    enum run_outcome outcome = options->resume && !options->dry_run
                                   ? run_resume(&scan->run, limit, scan->stop, error)
                                   : run_begin(&scan->run, limit, error);
    hold_signals(true);
    *is_over = outcome != RUN_GOES_ON;
    switch (outcome) {
    case RUN_IS_REFUSED:
        return complain(error);
    case RUN_IS_STOPPED:
        return SCAN_INTERRUPTED;
    case RUN_IS_COMPLETE:
        fprintf(stderr, "mailcensus: %s is complete: there is nothing to resume\n",
                options->output);
        return SCAN_COMPLETE;
    case RUN_GOES_ON:
        break;
    }
    return SCAN_COMPLETE;
}

/* When memory is short all that is left to be done may fail of it: one sentence is enough. */
static bool is_told(struct scan *scan, int rc)
{
    bool is_told = scan->has_told_memory && rc == -ENOMEM;
    scan->has_told_memory = scan->has_told_memory || rc == -ENOMEM;
    return is_told;
}

/* run.json, where there is one: a run of which it stands can be resumed. */
static enum scan_exit write_run(struct scan *scan, const char *exit_reason)
{
    int rc = is_directory(scan->options) ? publish_run(scan, exit_reason) : 0;
    if (rc != 0 && !is_told(scan, rc)) {
        fprintf(stderr, "mailcensus: cannot write run.json in %s: %s\n",
                scan->options->output, strerror(-rc));
    }
    return rc == 0 ? SCAN_COMPLETE : SCAN_FAILED;
}

/* Why the scan ended, and what it exits with. */
static enum scan_exit outcome_of(struct scan *scan, const char **reason)
{
    struct feed_stats feed;
    struct totals_counts counts;
    feed_stats(scan->feed, &feed);
    workers_sum(&scan->workers, &counts);
    *reason = "complete";
    if (sink_has_failed(scan->sink)) {
        *reason = "output_failed";
        return SCAN_FAILED;
    }
    if (feed.error != 0) {
        *reason = "input_failed";
        return is_told(scan, feed.error) ? SCAN_FAILED : complain(feed.error_text);
    }
    if (atomic_load(&scan->workers.is_memory_short)) {
        *reason = "out_of_memory";
        scan->has_told_memory = true;
        complain(is_directory(scan->options)
                     ? "out of memory: the scan has stopped, and --resume goes on with it"
                     : "out of memory: the scan has stopped");
        return scan_interrupted_exit(scan->options);
    }
    if (counts.records != feed.dealt) {
        *reason = "records_lost";
        return complain("fewer records than lines: this is a defect of mailcensus");
    }
    if (feed.is_cut && scan->options->max_targets == 0) {
        *reason = "contact_required";
        complain("stopped after 10,000 records: more need --contact URL-or-mail, so that "
                 "those who are surveyed can reach you");
        return scan_interrupted_exit(scan->options);
    }
    if (feed.is_cut) {
        *reason = "max_targets";
    } else if (!feed.is_complete) {
        *reason = "interrupted";
        return scan_interrupted_exit(scan->options);
    }
    return SCAN_COMPLETE;
}

static enum scan_exit conclude(struct scan *scan)
{
    char error[SINK_ERROR_LEN];
    const char *reason;
    enum scan_exit status = outcome_of(scan, &reason);
    int rc = sink_finish(scan->sink, status == SCAN_COMPLETE, error);
    if (rc != 0) {
        reason = "output_failed";
        status = is_told(scan, rc) ? SCAN_FAILED : complain(error);
    }
    return write_run(scan, reason) == SCAN_COMPLETE ? status : SCAN_FAILED;
}

static void close_all(struct scan *scan)
{
    workers_close(&scan->workers);
    feed_close(scan->feed);
    sink_free(scan->sink);
    run_close(&scan->run);
    exclude_close(scan->opt_out);
    provider_list_free(scan->providers);
    suffix_list_free(scan->suffixes);
    progress_close(&scan->progress);
}

static enum scan_exit check_values(const struct options *options)
{
    char error[RESOLVER_ERROR_LEN];
    if (options->name_servers == NULL ||
        resolver_check_name_servers(options->name_servers, error) == 0) {
        return SCAN_COMPLETE;
    }
    fprintf(stderr, "mailcensus: --name-servers: %s\n", error);
    return SCAN_BAD_USAGE;
}

static enum scan_exit run(struct scan *scan)
{
    enum scan_exit status = check_values(scan->options);
    status = status == SCAN_COMPLETE ? open_lists(scan) : status;
    status = status == SCAN_COMPLETE ? open_input(scan) : status;
    if (!scan->options->dry_run) {
        status = status == SCAN_COMPLETE ? open_output(scan) : status;
    }
    bool is_over = false;
    status = status == SCAN_COMPLETE ? start_run(scan, &is_over) : status;
    if (status != SCAN_COMPLETE || is_over) {
        return status;
    }
    if (scan->options->dry_run) {
        hold_signals(false);
        return dry_run(scan->feed, scan->opt_out, scan->stop);
    }
    status = fit_descriptors(scan);
    status = status == SCAN_COMPLETE ? open_workers(scan) : status;
    status = status == SCAN_COMPLETE ? write_run(scan, NULL) : status;
    if (status != SCAN_COMPLETE) {
        return status;
    }
    int rc = workers_start(&scan->workers);
    if (rc != 0) {
        return cannot_start(rc);
    }
    hold_signals(false);
    watch_workers(&(struct watch){.workers = &scan->workers,
                                  .run = &scan->run,
                                  .progress = &scan->progress,
                                  .stop = scan->stop});
    return conclude(scan);
}

enum scan_exit scan_run(const struct options *options, int argc, char **argv,
                        const atomic_int *stop)
{
    struct scan scan = {.options = options,
                        .stop = stop,
                        .run = {.options = options, .argc = argc, .argv = argv}};
    int rc = progress_open(&scan.progress, options->quiet, options->status_updates_file,
                           watch_now_ms());
    if (rc != 0) {
        fprintf(stderr, "mailcensus: --status-updates-file %s: %s\n",
                options->status_updates_file, strerror(-rc));
        return SCAN_FAILED;
    }
    hold_signals(true);
    enum scan_exit status = run(&scan);
    hold_signals(false);
    close_all(&scan);
    return status;
}
