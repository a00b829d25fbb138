/* The input dealt out to the workers: a thread of its own reads lines into blocks,
 * shuffles each block (so that one operator's domains do not come in a burst) and hands
 * them out one by one.
 *
 * A run that is resumed reads its input from the beginning again: lines that are finished
 * are passed over, and nothing is dealt before it is certain that the input is the same.
 * The lines left are then shuffled among themselves.
 *
 * Rules: feed_take from any worker thread, never blocking; the rest from the thread that
 * opened it.
 */
#ifndef SCANNER_FEED_H
#define SCANNER_FEED_H

#include "scanner/feed_hash.h"
#include "scanner/input.h"
#include "scanner/line_set.h"

#define FEED_BLOCK_LINES 65536u
#define FEED_ERROR_LEN 512

struct feed;

struct feed_config {
    uint64_t seed;
    uint64_t max_records; /* UINT64_MAX = all; those of before a resume among them */
    /* Of a resumed run; NULL = one that begins. finished is borrowed. */
    const struct line_set *finished;
    uint64_t finished_records; /* of these: not skipped, not another shard's */
    /* Whether a line is this process's: 1, 0 or -errno. Asked in the reader's thread; NULL =
     * each is. */
    int (*is_own)(void *arg, const struct input_line *line);
    void *arg;
    const struct feed_prefix *prefix;
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
    uint64_t other_shards;       /* of these: lines that are not this process's */
    uint64_t dealt;              /* taken by workers */
    char sha256[DIGEST_HEX_LEN]; /* of the bytes read; "" when it cannot be told */
    bool is_at_end;              /* the bytes read are the whole input */
    bool is_complete;            /* all of the input was read and dealt */
    bool is_read;                /* the reader has ended: lines is final */
    bool is_cut;                 /* max_records ended it with lines left */
    int error;                   /* 0 or -errno: the input could not be read to its end */
    char error_text[FEED_ERROR_LEN];
};

/* path NULL or "-" = standard input. 0 or -errno; error: one sentence for the user. */
int feed_open(struct feed **feed, const char *path, char error[FEED_ERROR_LEN])
    __attribute__((warn_unused_result));
/* Begins to read. The same. */
int feed_start(struct feed *feed, const struct feed_config *config,
               char error[FEED_ERROR_LEN]) __attribute__((warn_unused_result));
/* Of a resumed run, for some ms at most: whether the input was found to be the same
 * (then it deals), is not or cannot be read (stats tell), or is still being compared. */
enum feed_outcome feed_compare(struct feed *feed, unsigned ms);
/* What feed_take would say; takes nothing. */
enum feed_outcome feed_look(struct feed *feed);
enum feed_outcome feed_take(struct feed *feed, struct feed_line *line);
void feed_stop(struct feed *feed); /* from any thread: feed_take then says FEED_END */
void feed_stats(struct feed *feed, struct feed_stats *stats);
/* For a checkpoint: adds the lines that are finished by being read, those skipped and
 * those of other shards, to finished, and fills stats: later than them, so that it covers them. skipped: all the
 * skipped ones as text (line_set.h), the caller's to free. 0 or -ENOMEM. */
int feed_checkpoint(struct feed *feed, struct line_set *finished,
                    struct feed_stats *stats, char **skipped)
    __attribute__((warn_unused_result));
void feed_close(struct feed *feed); /* stops and waits for the thread; NULL is fine */

#endif
