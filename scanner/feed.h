/* The input dealt out to the workers: a thread of its own reads lines into blocks,
 * shuffles each block (so that one operator's domains do not come in a burst) and hands
 * them out one by one.
 *
 * Rules: feed_take from any worker thread, never blocking; the rest from the thread that
 * opened it.
 */
#ifndef SCANNER_FEED_H
#define SCANNER_FEED_H

#include "output/digest.h"
#include "scanner/input.h"

#define FEED_BLOCK_LINES 65536u
#define FEED_ERROR_LEN 512

struct feed;

struct feed_config {
    const char *path; /* NULL or "-" = standard input */
    uint64_t seed;
    uint64_t max_records; /* UINT64_MAX = all */
};

enum feed_outcome {
    FEED_LINE, /* taken */
    FEED_WAIT, /* nothing there yet */
    FEED_END   /* nothing will come any more */
};

struct feed_line {
    struct input_line line; /* text points to buffer */
    char buffer[INPUT_LINE_MAX];
};

struct feed_stats {
    uint64_t bytes_read;
    uint64_t lines;              /* read from the input */
    uint64_t skipped;            /* of these: empty lines and comments */
    uint64_t dealt;              /* taken by workers */
    char sha256[DIGEST_HEX_LEN]; /* of the bytes read; "" when it cannot be told */
    bool is_complete;            /* all of the input was read and dealt */
    bool is_read;                /* the reader has ended: lines is final */
    bool is_cut;                 /* max_records ended it with lines left */
    int error;                   /* 0 or -errno: the input could not be read to its end */
    char error_text[FEED_ERROR_LEN];
};

/* 0 or -errno; error: one sentence for the user. */
int feed_open(struct feed **feed, const struct feed_config *config,
              char error[FEED_ERROR_LEN]) __attribute__((warn_unused_result));
enum feed_outcome feed_take(struct feed *feed, struct feed_line *line);
void feed_stop(struct feed *feed); /* from any thread: feed_take then says FEED_END */
void feed_stats(struct feed *feed, struct feed_stats *stats);
void feed_close(struct feed *feed); /* stops and waits for the thread; NULL is fine */

#endif
