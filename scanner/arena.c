#include "scanner/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

struct arena_block {
    struct arena_block *next;
    size_t capacity, used;
    alignas(max_align_t) char bytes[];
};

void arena_init(struct arena *arena, struct arena_pool *pool)
{
    *arena = (struct arena){.pool = pool};
}

/* Only blocks of the standard size are pooled: larger ones are rare (a long policy). */
static struct arena_block *block_open(struct arena_pool *pool, size_t bytes)
{
    struct arena_block *block = pool->free;
    if (bytes <= ARENA_BLOCK_BYTES && block != NULL) {
        pool->free = block->next;
        return block;
    }
    size_t capacity = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
    block = malloc(sizeof *block + capacity);
    if (block == NULL) {
        pool->lacks_memory = true;
        return NULL;
    }
    block->capacity = capacity;
    return block;
}

void *arena_take(struct arena *arena, size_t bytes)
{
    const size_t align = alignof(max_align_t);
    if (bytes > ARENA_DOMAIN_MAX_BYTES) {
        return NULL;
    }
    bytes = (bytes + align - 1) / align * align;
    struct arena_block *block = arena->blocks;
    if (block == NULL || block->capacity - block->used < bytes) {
        size_t grown_bytes = bytes > ARENA_BLOCK_BYTES ? bytes : ARENA_BLOCK_BYTES;
        if (arena->total_bytes + grown_bytes > ARENA_DOMAIN_MAX_BYTES) {
            return NULL;
        }
        block = block_open(arena->pool, bytes);
        if (block == NULL) {
            return NULL;
        }
        block->used = 0;
        block->next = arena->blocks;
        arena->blocks = block;
        arena->total_bytes += block->capacity;
    }
    void *taken = block->bytes + block->used;
    block->used += bytes;
    return taken;
}

char *arena_copy(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_take(arena, len + 1);
    if (copy != NULL) {
        if (len > 0) {
            memcpy(copy, text, len);
        }
        copy[len] = '\0';
    }
    return copy;
}

void arena_reset(struct arena *arena)
{
    while (arena->blocks != NULL) {
        struct arena_block *block = arena->blocks;
        arena->blocks = block->next;
        if (block->capacity == ARENA_BLOCK_BYTES) {
            block->next = arena->pool->free;
            arena->pool->free = block;
        } else {
            free(block);
        }
    }
    arena->total_bytes = 0;
}

void arena_pool_close(struct arena_pool *pool)
{
    while (pool->free != NULL) {
        struct arena_block *block = pool->free;
        pool->free = block->next;
        free(block);
    }
}
