/* The SHA-256 of the input as far as it was read, and whether it begins as the input of
 * the run that is resumed did. One thread adds, any may ask.
 */
#ifndef SCANNER_FEED_HASH_H
#define SCANNER_FEED_HASH_H

#include "output/digest.h"

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an earlier process has read of the input. */
struct feed_prefix {
    uint64_t bytes; /* raw, as they stand in the file */
    char sha256[DIGEST_HEX_LEN];
    bool is_whole; /* the input ended there */
};

struct feed_hash {
    pthread_mutex_t lock;
    struct digest digest;
    bool has_failed;
    uint64_t bytes;
    struct feed_prefix expected;
    bool is_same, is_other; /* the expected bytes have been read, and are those; or not */
};

/* expected NULL = a run that begins. 0 or -ENOMEM. */
int feed_hash_init(struct feed_hash *hash, const struct feed_prefix *expected)
    __attribute__((warn_unused_result));
void feed_hash_add(struct feed_hash *hash, const void *bytes, size_t len);
/* hex is "" when it cannot be told. */
void feed_hash_tell(struct feed_hash *hash, uint64_t *bytes, char hex[DIGEST_HEX_LEN]);
bool feed_hash_is_same(struct feed_hash *hash);
/* Fills text with a sentence when the input cannot be that of the earlier process;
 * is_at_end: it has ended. */
bool feed_hash_is_other(struct feed_hash *hash, bool is_at_end, char *text,
                        size_t capacity);
void feed_hash_close(struct feed_hash *hash);

#endif
