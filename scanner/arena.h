/* Memory of one domain: taken in blocks from a pool of the worker's, given back whole
 * when the domain is done. No malloc per domain in the steady state, and a cap per
 * domain: hostile answers meet NULL, not the machine's limit.
 *
 * Rules: one pool per worker thread. What arena_take returns lives until arena_reset.
 */
#ifndef SCANNER_ARENA_H
#define SCANNER_ARENA_H

#include <stdbool.h>
#include <stddef.h>

/* With its head and malloc's a page: a block of which most is never used by most domains is
 * touched to its end by some domain some day, so that a scan would grow for hours. */
#define ARENA_BLOCK_BYTES ((size_t)4096 - 64)
#define ARENA_DOMAIN_MAX_BYTES ((size_t)2 * 1024 * 1024)

struct arena_block;

struct arena_pool {
    struct arena_block *free; /* owned */
    bool lacks_memory;        /* the machine's limit was met, for good */
};

struct arena {
    struct arena_pool *pool;
    struct arena_block *blocks; /* the one in use first */
    size_t total_bytes;
};

void arena_init(struct arena *arena, struct arena_pool *pool);
/* Aligned for any type; NULL when the domain's cap or the machine's memory is reached. */
void *arena_take(struct arena *arena, size_t bytes);
/* A NUL-terminated copy; NULL as above. */
char *arena_copy(struct arena *arena, const char *text, size_t len);
void arena_reset(struct arena *arena);
void arena_pool_close(struct arena_pool *pool);

#endif
