#include "scanner/feed.h"

#include "scanner/feed_block.h"
#include "scanner/target.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A slow source (a pipe somebody types into) is not made to wait until a block is
 * full. */
#define FEED_PATIENCE_MS 200

struct feed {
    struct feed_config config;
    struct input *input;
    struct feed_hash hash;
    pthread_t thread;
    bool is_started;
    pthread_mutex_t lock;
    pthread_cond_t room; /* the reader waits here for an empty block */
    struct feed_block blocks[2];
    unsigned filling; /* the reader's; the other one is dealt from */
    uint64_t block_count;
    bool is_stopped;
    bool is_ready;        /* may deal: the input is the right one */
    uint64_t taken_in;    /* records, those that were finished before among them */
    uint64_t resume_line; /* the greatest that was finished when the run was resumed */
    struct line_set skipped, passed; /* passed: since the last checkpoint */
    struct feed_stats stats;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int add_line(struct feed *feed, const struct input_line *line)
{
    struct feed_block *block = &feed->blocks[feed->filling];
    block->since_ms = block->count == 0 ? now_ms() : block->since_ms;
    return feed_block_add(block, line);
}

/* Under the lock: the dealt block is empty, the filled one takes its place. */
static void swap(struct feed *feed)
{
    struct feed_block *filled = &feed->blocks[feed->filling];
    feed_block_shuffle(filled, feed->config.seed + feed->block_count++);
    feed->filling ^= 1;
    feed_block_clear(&feed->blocks[feed->filling]);
    pthread_cond_signal(&feed->room);
}

static bool is_dealt_out(const struct feed *feed)
{
    const struct feed_block *dealing = &feed->blocks[feed->filling ^ 1];
    return dealing->taken == dealing->count;
}

/* A line that is finished by being read. */
static int pass(struct feed *feed, uint64_t line, bool is_skipped)
{
    feed->stats.lines++;
    feed->stats.skipped += is_skipped;
    feed->stats.other_shards += !is_skipped;
    int rc = is_skipped ? line_set_add(&feed->skipped, line) : 0;
    rc = rc < 0 ? rc : line_set_add(&feed->passed, line);
    return rc < 0 ? rc : 0;
}

/* Until it is certain that the input is the right one, what is left of it is kept and
 * nobody waits. */
static void await_room(struct feed *feed)
{
    while (feed->is_ready && feed->blocks[feed->filling].count >= FEED_BLOCK_LINES &&
           !feed->is_stopped) {
        if (is_dealt_out(feed)) {
            swap(feed);
        } else {
            pthread_cond_wait(&feed->room, &feed->lock);
        }
    }
}

/* Under the lock. 0 = go on, 1 = enough, -errno. */
static int take_in(struct feed *feed, const struct input_line *line, bool is_own)
{
    bool is_skipped = target_is_skipped(line);
    if (is_skipped || !is_own) {
        return pass(feed, line->number, is_skipped);
    }
    if (feed->config.finished != NULL &&
        line_set_has(feed->config.finished, line->number)) {
        feed->stats.lines++;
        return 0;
    }
    if (feed->taken_in >= feed->config.max_records) {
        feed->stats.is_cut = true;
        return feed->is_ready;
    }
    await_room(feed);
    if (feed->is_stopped) {
        return 1;
    }
    feed->stats.lines++;
    feed->taken_in++;
    return add_line(feed, line);
}

/* Under the lock. */
static void fail(struct feed *feed, int rc, const char *text)
{
    feed->stats.error = rc;
    snprintf(feed->stats.error_text, sizeof feed->stats.error_text, "%s", text);
}

/* Under the lock, after a line or at the end: 0 or -errno. A run that had read its input
 * to the end is sure of it only there. */
static int check_input(struct feed *feed, uint64_t line, bool is_at_end)
{
    char why[FEED_ERROR_LEN - 64], text[FEED_ERROR_LEN];
    if (feed->is_ready || (line < feed->resume_line && !is_at_end)) {
        return 0;
    }
    bool is_other = feed_hash_is_other(&feed->hash, is_at_end, why, sizeof why);
    bool is_through = line >= feed->resume_line && feed_hash_is_same(&feed->hash);
    if (!is_other && is_at_end && !is_through) {
        snprintf(why, sizeof why, "it has fewer lines than the run has finished");
        is_other = true;
    }
    if (is_other) {
        snprintf(text, sizeof text,
                 "the input is not the one that the run began with: %s", why);
        fail(feed, -ESTALE, text);
        return -ESTALE;
    }
    feed->is_ready = is_through && (is_at_end || !feed->config.prefix->is_whole);
    return 0;
}

static void conclude_reading(struct feed *feed, int rc, uint64_t line)
{
    pthread_mutex_lock(&feed->lock);
    feed->stats.is_at_end = rc == 0;
    if (rc == 0) {
        (void)check_input(feed, line, true);
    } else if (rc < 0 && !feed->is_stopped && feed->stats.error == 0) {
        fail(feed, rc,
             rc == -ENOMEM   ? "out of memory while reading the input"
             : rc == -ERANGE ? "the input has more lines than can be counted"
                             : input_error(feed->input));
    }
    feed->stats.is_read = true;
    pthread_mutex_unlock(&feed->lock);
}

static void *read_all(void *arg)
{
    struct feed *feed = arg;
    struct input_line line = {.number = 0};
    int rc;
    while ((rc = input_next(feed->input, &line)) == 1) {
        const struct feed_config *config = &feed->config;
        int is_own = config->is_own == NULL ? 1 : config->is_own(config->arg, &line);
        pthread_mutex_lock(&feed->lock);
        rc = is_own < 0 ? is_own : take_in(feed, &line, is_own == 1);
        rc = rc == 0 ? check_input(feed, line.number, false) : rc;
        pthread_mutex_unlock(&feed->lock);
        if (rc != 0) {
            break;
        }
    }
    conclude_reading(feed, rc, line.number);
    return NULL;
}

static void on_bytes(void *arg, const void *bytes, size_t len)
{
    struct feed *feed = arg;
    feed_hash_add(&feed->hash, bytes, len);
}

static void feed_free(struct feed *feed)
{
    for (unsigned i = 0; i < 2; i++) {
        feed_block_close(&feed->blocks[i]);
    }
    feed_hash_close(&feed->hash);
    input_close(feed->input);
    line_set_close(&feed->skipped);
    line_set_close(&feed->passed);
    pthread_cond_destroy(&feed->room);
    pthread_mutex_destroy(&feed->lock);
    free(feed);
}

int feed_open(struct feed **out, const char *path, char error[FEED_ERROR_LEN])
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        snprintf(error, FEED_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->room, NULL);
    int rc = input_open(&feed->input, path, error);
    if (rc != 0) {
        feed_free(feed);
        return rc;
    }
    *out = feed;
    return 0;
}

static uint64_t greatest_line(const struct line_set *set)
{
    struct line_range range = {0, 0}, next;
    while (line_set_next(set, range.last + 1, &next)) {
        range = next;
    }
    return range.last;
}

int feed_start(struct feed *feed, const struct feed_config *config,
               char error[FEED_ERROR_LEN])
{
    feed->config = *config;
    feed->is_ready = config->prefix == NULL;
    feed->taken_in = config->finished_records;
    feed->resume_line = config->finished != NULL ? greatest_line(config->finished) : 0;
    int rc = feed_hash_init(&feed->hash, config->prefix);
    if (rc != 0) {
        snprintf(error, FEED_ERROR_LEN, "out of memory");
        return rc;
    }
    input_tap(feed->input, on_bytes, feed);
    sigset_t all, before;
    sigfillset(&all); /* signals are the main thread's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = -pthread_create(&feed->thread, NULL, read_all, feed);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (rc != 0) {
        snprintf(error, FEED_ERROR_LEN, "no thread can be started: %s", strerror(-rc));
    }
    feed->is_started = rc == 0;
    return rc;
}

enum feed_outcome feed_compare(struct feed *feed, unsigned ms)
{
    enum feed_outcome outcome = FEED_WAIT;
    int64_t end_ms = now_ms() + ms;
    do {
        pthread_mutex_lock(&feed->lock);
        if (feed->is_ready) {
            outcome = FEED_LINE;
        } else if (feed->stats.is_read || feed->is_stopped) {
            outcome = FEED_END;
        }
        pthread_mutex_unlock(&feed->lock);
    } while (outcome == FEED_WAIT && now_ms() < end_ms &&
             nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL) == 0);
    return outcome;
}

/* Under the lock: what feed_take would say. */
static enum feed_outcome look(struct feed *feed)
{
    const struct feed_block *filling = &feed->blocks[feed->filling];
    if (feed->is_ready && is_dealt_out(feed) && filling->count > 0 &&
        (filling->count >= FEED_BLOCK_LINES || feed->stats.is_read ||
         now_ms() - filling->since_ms > FEED_PATIENCE_MS)) {
        swap(feed);
    }
    if (feed->is_stopped) {
        return FEED_END;
    }
    if (!is_dealt_out(feed)) {
        return FEED_LINE;
    }
    bool is_over = feed->stats.is_read &&
                   (!feed->is_ready || feed->blocks[feed->filling].count == 0);
    feed->stats.is_complete = is_over && !feed->stats.is_cut && feed->stats.error == 0;
    return is_over ? FEED_END : FEED_WAIT;
}

enum feed_outcome feed_look(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    enum feed_outcome outcome = look(feed);
    pthread_mutex_unlock(&feed->lock);
    return outcome;
}

enum feed_outcome feed_take(struct feed *feed, struct feed_line *line)
{
    pthread_mutex_lock(&feed->lock);
    enum feed_outcome outcome = look(feed);
    if (outcome == FEED_LINE) {
        feed_block_take(&feed->blocks[feed->filling ^ 1], line->buffer, &line->line);
        feed->stats.dealt++;
    }
    pthread_mutex_unlock(&feed->lock);
    return outcome;
}

void feed_stop(struct feed *feed)
{
    pthread_mutex_lock(&feed->lock);
    feed->is_stopped = true;
    pthread_cond_signal(&feed->room);
    pthread_mutex_unlock(&feed->lock);
    input_stop(feed->input);
}

void feed_stats(struct feed *feed, struct feed_stats *stats)
{
    pthread_mutex_lock(&feed->lock);
    *stats = feed->stats;
    pthread_mutex_unlock(&feed->lock);
    feed_hash_tell(&feed->hash, &stats->bytes_read, stats->sha256);
}

int feed_checkpoint(struct feed *feed, struct line_set *finished,
                    struct feed_stats *stats, char **skipped)
{
    pthread_mutex_lock(&feed->lock);
    int rc = line_set_add_all(finished, &feed->passed);
    if (rc == 0) {
        line_set_clear(&feed->passed);
        *skipped = line_set_text(&feed->skipped);
        rc = *skipped != NULL ? 0 : -ENOMEM;
    }
    *stats = feed->stats;
    pthread_mutex_unlock(&feed->lock);
    feed_hash_tell(&feed->hash, &stats->bytes_read, stats->sha256);
    return rc;
}

void feed_close(struct feed *feed)
{
    if (feed != NULL) {
        feed_stop(feed);
        if (feed->is_started) {
            pthread_join(feed->thread, NULL);
        }
        feed_free(feed);
    }
}
