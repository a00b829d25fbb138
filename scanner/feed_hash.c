#include "scanner/feed_hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Called when exactly the expected bytes are in the digest. */
static void compare(struct feed_hash *hash)
{
    char hex[DIGEST_HEX_LEN];
    hash->has_failed |= digest_hex(&hash->digest, hex) != 0;
    hash->is_same = !hash->has_failed && strcmp(hex, hash->expected.sha256) == 0;
    hash->is_other = !hash->is_same;
}

int feed_hash_init(struct feed_hash *hash, const struct feed_prefix *expected)
{
    *hash = (struct feed_hash){.is_same = expected == NULL};
    int rc = digest_init(&hash->digest);
    if (rc != 0) {
        return rc;
    }
    pthread_mutex_init(&hash->lock, NULL);
    if (expected != NULL) {
        hash->expected = *expected;
    }
    if (expected != NULL && expected->bytes == 0) {
        compare(hash);
    }
    return 0;
}

static void add(struct feed_hash *hash, const char *bytes, size_t len)
{
    hash->has_failed |= digest_add(&hash->digest, bytes, len) != 0;
    hash->bytes += len;
}

void feed_hash_add(struct feed_hash *hash, const void *bytes, size_t len)
{
    pthread_mutex_lock(&hash->lock);
    uint64_t left = hash->expected.bytes - hash->bytes;
    if (!hash->is_same && !hash->is_other && len >= left) {
        add(hash, bytes, (size_t)left);
        compare(hash);
        bytes = (const char *)bytes + left;
        len -= (size_t)left;
    }
    add(hash, bytes, len);
    pthread_mutex_unlock(&hash->lock);
}

void feed_hash_tell(struct feed_hash *hash, uint64_t *bytes, char hex[DIGEST_HEX_LEN])
{
    pthread_mutex_lock(&hash->lock);
    *bytes = hash->bytes;
    if (hash->has_failed || digest_hex(&hash->digest, hex) != 0) {
        hex[0] = '\0';
    }
    pthread_mutex_unlock(&hash->lock);
}

bool feed_hash_is_same(struct feed_hash *hash)
{
    pthread_mutex_lock(&hash->lock);
    bool is_same = hash->is_same;
    pthread_mutex_unlock(&hash->lock);
    return is_same;
}

bool feed_hash_is_other(struct feed_hash *hash, bool is_at_end, char *text,
                        size_t capacity)
{
    pthread_mutex_lock(&hash->lock);
    uint64_t expected = hash->expected.bytes;
    bool is_longer = hash->expected.is_whole && hash->bytes > expected;
    bool is_shorter = !hash->is_same && is_at_end && hash->bytes < expected;
    if (is_shorter) {
        snprintf(text, capacity,
                 "it ends after %" PRIu64 " bytes, where the run had read %" PRIu64,
                 hash->bytes, expected);
    } else if (hash->is_other) {
        snprintf(text, capacity,
                 "its first %" PRIu64 " bytes are not those that the run has read",
                 expected);
    } else if (is_longer) {
        snprintf(text, capacity,
                 "it goes on after %" PRIu64 " bytes, where the run's input ended",
                 expected);
    }
    bool is_other = hash->is_other || is_longer || is_shorter;
    pthread_mutex_unlock(&hash->lock);
    return is_other;
}

void feed_hash_close(struct feed_hash *hash)
{
    if (hash->digest.context != NULL) {
        digest_close(&hash->digest);
        pthread_mutex_destroy(&hash->lock);
    }
}
