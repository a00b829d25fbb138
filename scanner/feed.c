#include "scanner/feed.h"

#include "scanner/target.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* A slow source (a pipe somebody types into) is not made to wait until a block is
 * full. */
#define FEED_PATIENCE_MS 200

struct block_line {
    uint64_t number;
    size_t offset;
    uint16_t len;
    bool is_too_long;
};

struct block {
    struct block_line *lines; /* FEED_BLOCK_LINES */
    uint32_t count, taken;
    char *text; /* owned, grows */
    size_t text_len, text_capacity;
    int64_t since_ms; /* when its first line came */
};

struct feed {
    struct feed_config config;
    struct input *input;
    struct digest digest;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t room; /* the reader waits here for an empty block */
    struct block blocks[2];
    unsigned filling; /* the reader's; the other one is dealt from */
    uint64_t block_count;
    bool is_stopped;
    struct feed_stats stats;
};

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* splitmix64 (Steele, Lea, Flood 2014): enough to scatter, the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static void shuffle(struct block *block, uint64_t seed)
{
    for (uint32_t i = block->count; i > 1; i--) {
        uint32_t j = (uint32_t)(next_random(&seed) % i);
        struct block_line line = block->lines[i - 1];
        block->lines[i - 1] = block->lines[j];
        block->lines[j] = line;
    }
}

static int block_add(struct block *block, const struct input_line *line)
{
    if (block->text_capacity - block->text_len < line->len) {
        size_t capacity = block->text_capacity * 2 + INPUT_LINE_MAX;
        char *text = realloc(block->text, capacity);
        if (text == NULL) {
            return -ENOMEM;
        }
        block->text = text;
        block->text_capacity = capacity;
    }
    if (block->count == 0) {
        block->since_ms = now_ms();
    }
    if (line->len > 0) {
        memcpy(block->text + block->text_len, line->text, line->len);
    }
    block->lines[block->count++] = (struct block_line){
        line->number, block->text_len, (uint16_t)line->len, line->is_too_long};
    block->text_len += line->len;
    return 0;
}

/* Under the lock: the dealt block is empty, the filled one takes its place. */
static void swap(struct feed *feed)
{
    struct block *filled = &feed->blocks[feed->filling];
    shuffle(filled, feed->config.seed + feed->block_count++);
    feed->filling ^= 1;
    struct block *empty = &feed->blocks[feed->filling];
    empty->count = empty->taken = 0;
    empty->text_len = 0;
    pthread_cond_signal(&feed->room);
}

static bool is_dealt_out(const struct feed *feed)
{
    const struct block *dealing = &feed->blocks[feed->filling ^ 1];
    return dealing->taken == dealing->count;
}

/* Under the lock. 0 = go on, 1 = enough, -errno. */
static int take_in(struct feed *feed, const struct input_line *line)
{
    if (target_is_skipped(line)) {
        feed->stats.lines++;
        feed->stats.skipped++;
        return 0;
    }
    uint64_t records = feed->stats.lines - feed->stats.skipped;
    if (records == feed->config.max_records) {
        feed->stats.is_cut = true;
        return 1;
    }
    while (feed->blocks[feed->filling].count == FEED_BLOCK_LINES && !feed->is_stopped) {
        if (is_dealt_out(feed)) {
            swap(feed);
        } else {
            pthread_cond_wait(&feed->room, &feed->lock);
        }
    }
    if (feed->is_stopped) {
        return 1;
    }
    feed->stats.lines++;
    return block_add(&feed->blocks[feed->filling], line);
}

static void *read_all(void *arg)
{
    struct feed *feed = arg;
    struct input_line line;
    int rc;
    while ((rc = input_next(feed->input, &line)) == 1) {
        pthread_mutex_lock(&feed->lock);
        rc = take_in(feed, &line);
        feed->stats.bytes_read = input_bytes_read(feed->input);
        pthread_mutex_unlock(&feed->lock);
        if (rc != 0) {
            break;
        }
    }
    pthread_mutex_lock(&feed->lock);
    feed->stats.is_read = true;
    feed->stats.bytes_read = input_bytes_read(feed->input);
    if (rc < 0 && !feed->is_stopped) {
        feed->stats.error = rc;
        snprintf(feed->stats.error_text, sizeof feed->stats.error_text, "%s",
                 rc == -ENOMEM ? "out of memory while reading the input"
                               : input_error(feed->input));
    }
    if (digest_hex(&feed->digest, feed->stats.sha256) != 0) {
        feed->stats.sha256[0] = '\0';
    }
    pthread_mutex_unlock(&feed->lock);
    return NULL;
}

static void on_bytes(void *arg, const void *bytes, size_t len)
{
    struct feed *feed = arg;
    if (digest_add(&feed->digest, bytes, len) != 0) {
        digest_close(&feed->digest); /* then no hash is told */
    }
}

static void feed_free(struct feed *feed)
{
    for (unsigned i = 0; i < 2; i++) {
        free(feed->blocks[i].lines);
        free(feed->blocks[i].text);
    }
    digest_close(&feed->digest);
    input_close(feed->input);
    free(feed);
}

static int prepare(struct feed *feed)
{
    for (unsigned i = 0; i < 2; i++) {
        feed->blocks[i].lines = calloc(FEED_BLOCK_LINES, sizeof *feed->blocks[i].lines);
        if (feed->blocks[i].lines == NULL) {
            return -ENOMEM;
        }
    }
    return digest_init(&feed->digest);
}

int feed_open(struct feed **out, const struct feed_config *config,
              char error[FEED_ERROR_LEN])
{
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL) {
        snprintf(error, FEED_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    feed->config = *config;
    int rc = input_open(&feed->input, config->path, error);
    if (rc == 0) {
        snprintf(error, FEED_ERROR_LEN, "out of memory");
        rc = prepare(feed);
    }
    if (rc != 0) {
        feed_free(feed);
        return rc;
    }
    input_tap(feed->input, on_bytes, feed);
    pthread_mutex_init(&feed->lock, NULL);
    pthread_cond_init(&feed->room, NULL);
    rc = -pthread_create(&feed->thread, NULL, read_all, feed);
    if (rc != 0) {
        snprintf(error, FEED_ERROR_LEN, "no thread can be started: %s", strerror(-rc));
        feed_free(feed);
        return rc;
    }
    *out = feed;
    return 0;
}

static void copy_line(struct feed_line *line, const struct block *block,
                      const struct block_line *from)
{
    memcpy(line->buffer, block->text + from->offset, from->len);
    line->line = (struct input_line){.number = from->number,
                                     .text = line->buffer,
                                     .len = from->len,
                                     .is_too_long = from->is_too_long};
}

enum feed_outcome feed_take(struct feed *feed, struct feed_line *line)
{
    enum feed_outcome outcome = FEED_LINE;
    pthread_mutex_lock(&feed->lock);
    const struct block *filling = &feed->blocks[feed->filling];
    if (is_dealt_out(feed) && filling->count > 0 &&
        (filling->count == FEED_BLOCK_LINES || feed->stats.is_read ||
         now_ms() - filling->since_ms > FEED_PATIENCE_MS)) {
        swap(feed);
    }
    if (feed->is_stopped) {
        outcome = FEED_END;
    } else if (is_dealt_out(feed)) {
        bool is_over = feed->stats.is_read && feed->blocks[feed->filling].count == 0;
        outcome = is_over ? FEED_END : FEED_WAIT;
        feed->stats.is_complete =
            is_over && !feed->stats.is_cut && feed->stats.error == 0;
    } else {
        struct block *dealing = &feed->blocks[feed->filling ^ 1];
        copy_line(line, dealing, &dealing->lines[dealing->taken++]);
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
}

void feed_close(struct feed *feed)
{
    if (feed != NULL) {
        feed_stop(feed);
        pthread_join(feed->thread, NULL);
        pthread_cond_destroy(&feed->room);
        pthread_mutex_destroy(&feed->lock);
        feed_free(feed);
    }
}
