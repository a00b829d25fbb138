#include "scanner/scan.h"

#include "scanner/descriptors.h"
#include "scanner/exclude.h"
#include "scanner/pace.h"
#include "scanner/progress.h"
#include "scanner/provider_list.h"
#include "scanner/run.h"
#include "scanner/target.h"
#include "scanner/worker.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The contract: who surveys more than this says how to be reached. */
#define RECORDS_WITHOUT_CONTACT 10000u
#define LOOK_EVERY_MS 200

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
    struct pacing pacing;
    struct worker **workers;
    size_t worker_count;
    atomic_bool is_memory_short;
    bool has_told_memory;
    uint64_t fds_each; /* descriptors that a worker may hold for the network */
    struct progress progress;
    bool is_cut_off; /* and it was said */
    bool has_told_shortage;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

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

static void sum_up(const struct scan *scan, struct totals_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < scan->worker_count; i++) {
        totals_sum(worker_totals(scan->workers[i]), counts);
    }
}

static int publish_run(struct scan *scan, const char *exit_reason)
{
    struct totals_counts counts;
    sum_up(scan, &counts);
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

static uint32_t at_least_one(uint64_t value)
{
    return value > 0 ? (uint32_t)value : 1;
}

/* A domain asks some questions at once. */
#define QUESTIONS_A_DOMAIN 4
#define RECURSIONS_MAX 16384u
#define STUB_QUESTIONS_MAX 65536u

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

/* Each worker's share. A question of the recursion holds a socket, so descriptors bound
 * the window there. */
static void share_out(const struct scan *scan, struct worker_config *worker,
                      struct resolver_config *resolver, struct fetcher_config *fetcher)
{
    const struct options *options = scan->options;
    uint64_t workers = options->workers, fds_each = scan->fds_each;
    uint64_t in_flight = (options->max_in_flight + workers - 1) / workers;
    uint64_t window = in_flight * QUESTIONS_A_DOMAIN;
    uint64_t recursions =
        fds_each * 3 / 4 < RECURSIONS_MAX ? fds_each * 3 / 4 : RECURSIONS_MAX;
    uint64_t window_max = options->name_servers != NULL ? STUB_QUESTIONS_MAX : recursions;
    uint64_t fetches = in_flight < 1024 ? in_flight : 1024;
    worker->max_in_flight = at_least_one(in_flight);
    resolver->descriptors = (uint32_t)(fds_each < UINT32_MAX ? fds_each * 3 / 4 : 0);
    resolver->window = at_least_one(window < window_max ? window : window_max);
    fetcher->window = at_least_one(fetches < fds_each / 8 ? fetches : fds_each / 8);
    fetcher->per_address = at_least_one(FETCH_PER_ADDRESS / workers);
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
    const struct options *options = scan->options;
    char error[WORKER_ERROR_LEN];
    struct resolver_config resolver = {
        .name_servers = options->name_servers,
        .root_hints = options->root_hints,
        .blocklist_file = options->blocklist_file,
        .allow_special = options->allow_special_addresses,
        .timeout_ms = (uint32_t)options->timeout_ms,
        .retries = (uint32_t)options->retries,
        .cache_bytes = options->cache_bytes,
        .take_turn = pacing_take_query,
        .turns = &scan->pacing,
    };
    struct fetcher_config fetcher = {
        .ca_file = options->ca_file,
        .blocklist_file = options->blocklist_file,
        .user_agent = options->user_agent,
        .allow_special = options->allow_special_addresses,
        .timeout_ms = (uint32_t)options->https_timeout_ms,
        .take_turn = pacing_take_connection,
        .turns = &scan->pacing,
    };
    struct worker_config worker = {
        .verdict = &scan->verdict,
        .resolver = &resolver,
        .fetcher = &fetcher,
        .opt_out = scan->opt_out,
        .feed = scan->feed,
        .sink = scan->sink,
        .stop = scan->stop,
        .is_memory_short = &scan->is_memory_short,
    };
    share_out(scan, &worker, &resolver, &fetcher);
    pacing_init(&scan->pacing, options->dns_rate, options->https_rate,
                options->per_host_rate);
    tell_tcp(options);
    scan->workers = calloc(options->workers, sizeof(struct worker *));
    if (scan->workers == NULL) {
        return complain("out of memory");
    }
    for (uint64_t i = 0; i < options->workers; i++) {
        if (worker_open(&scan->workers[i], &worker, error) != 0) {
            return complain(error);
        }
        scan->worker_count++;
    }
    return SCAN_COMPLETE;
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

static uint64_t open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    uint64_t count = 0;
    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count > 3 ? count - 3 : 0; /* ".", ".." and the directory itself */
}

static bool all_done(const struct scan *scan)
{
    for (size_t i = 0; i < scan->worker_count; i++) {
        if (!worker_is_done(scan->workers[i])) {
            return false;
        }
    }
    return true;
}

static uint64_t own_lines(const struct feed_stats *feed)
{
    return feed->lines - feed->skipped - feed->other_shards;
}

static void view_of(const struct scan *scan, struct progress_view *view,
                    struct totals_counts *counts)
{
    struct feed_stats feed;
    feed_stats(scan->feed, &feed);
    sum_up(scan, counts);
    *view = (struct progress_view){.now_ms = now_ms(),
                                   .total = feed.is_read ? own_lines(&feed) : 0,
                                   .earlier = scan->run.earlier.records,
                                   .is_draining = atomic_load(scan->stop) != 0,
                                   .counts = counts};
    for (size_t i = 0; i < scan->worker_count; i++) {
        view->in_flight += worker_in_flight(scan->workers[i]);
    }
}

/* The scan stands still, and nothing else would tell why. */
static void tell_outage(struct scan *scan, const struct totals_counts *counts)
{
    bool is_cut_off = counts->dns.cut_off > 0;
    if (is_cut_off != scan->is_cut_off) {
        complain(is_cut_off ? "no DNS question is answered any more: waiting until one is"
                            : "DNS questions are answered again, or have been waited for "
                              "long enough: going on");
    }
    scan->is_cut_off = is_cut_off;
}

/* Once: nothing is lost by it. */
static void tell_shortage(struct scan *scan, const struct totals_counts *counts)
{
    if (counts->https.shortages > 0 && !scan->has_told_shortage) {
        complain(
            "this machine is short of open files or local ports: policy fetches wait "
            "for them");
        scan->has_told_shortage = true;
    }
}

static void watch(struct scan *scan)
{
    struct totals_counts counts;
    struct progress_view view;
    unsigned looks = 0;
    hold_signals(false);
    while (!all_done(scan)) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
        uint64_t fds = looks++ % 5 == 0 ? open_fds() : 0;
        if (fds > scan->run.peak_fds) {
            scan->run.peak_fds = fds;
        }
        view_of(scan, &view, &counts);
        tell_outage(scan, &counts);
        tell_shortage(scan, &counts);
        progress_show(&scan->progress, &view);
    }
    view_of(scan, &view, &counts);
    progress_summary(&scan->progress, &view);
}

/* Why the scan ended, and what it exits with. */
static enum scan_exit outcome_of(struct scan *scan, const char **reason)
{
    struct feed_stats feed;
    struct totals_counts counts;
    feed_stats(scan->feed, &feed);
    sum_up(scan, &counts);
    *reason = "complete";
    if (sink_has_failed(scan->sink)) {
        *reason = "output_failed";
        return SCAN_FAILED;
    }
    if (feed.error != 0) {
        *reason = "input_failed";
        return is_told(scan, feed.error) ? SCAN_FAILED : complain(feed.error_text);
    }
    if (atomic_load(&scan->is_memory_short)) {
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
    for (size_t i = 0; i < scan->worker_count; i++) {
        worker_free(scan->workers[i]);
    }
    free(scan->workers);
    feed_close(scan->feed);
    sink_free(scan->sink);
    run_close(&scan->run);
    exclude_close(scan->opt_out);
    provider_list_free(scan->providers);
    suffix_list_free(scan->suffixes);
    progress_close(&scan->progress);
}

static enum scan_exit dry_run(struct scan *scan)
{
    struct feed_line *line = malloc(sizeof *line);
    struct target *target = malloc(sizeof *target);
    uint64_t counts[TARGET_EXCLUDED + 1] = {0};
    enum feed_outcome outcome = FEED_WAIT;
    struct feed_stats stats;
    bool is_short = false;
    if (line == NULL || target == NULL) {
        free(line);
        free(target);
        return complain("out of memory");
    }
    hold_signals(false);
    while (outcome != FEED_END) {
        outcome = atomic_load(scan->stop) != 0 ? FEED_END : feed_take(scan->feed, line);
        if (outcome == FEED_LINE) {
            target_read(target, &line->line, scan->opt_out);
            is_short = is_short || target->name.lacks_memory;
            counts[target->kind]++;
        } else if (outcome == FEED_WAIT) {
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        }
    }
    free(line);
    free(target);
    if (is_short) {
        return complain("out of memory");
    }
    feed_stats(scan->feed, &stats);
    fprintf(stderr,
            "mailcensus: dry run: %llu lines: %llu domains to survey, %llu invalid, "
            "%llu excluded, %llu skipped, %llu of other shards\n",
            (unsigned long long)stats.lines, (unsigned long long)counts[TARGET_DOMAIN],
            (unsigned long long)counts[TARGET_INVALID],
            (unsigned long long)counts[TARGET_EXCLUDED],
            (unsigned long long)stats.skipped, (unsigned long long)stats.other_shards);
    if (stats.error != 0) {
        return complain(stats.error_text);
    }
    return stats.is_complete || stats.is_cut ? SCAN_COMPLETE : SCAN_FAILED;
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
        return dry_run(scan);
    }
    status = fit_descriptors(scan);
    status = status == SCAN_COMPLETE ? open_workers(scan) : status;
    status = status == SCAN_COMPLETE ? write_run(scan, NULL) : status;
    if (status != SCAN_COMPLETE) {
        return status;
    }
    for (size_t i = 0; i < scan->worker_count; i++) {
        int rc = worker_start(scan->workers[i]);
        if (rc != 0) {
            atomic_store(&scan->is_memory_short, true); /* those before it end at once */
            return cannot_start(rc);
        }
    }
    watch(scan);
    return conclude(scan);
}

enum scan_exit scan_run(const struct options *options, int argc, char **argv,
                        const atomic_int *stop)
{
    struct scan scan = {.options = options,
                        .stop = stop,
                        .run = {.options = options, .argc = argc, .argv = argv}};
    int rc = progress_open(&scan.progress, options->quiet, options->status_updates_file,
                           now_ms());
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
