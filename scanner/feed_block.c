#include "scanner/feed_block.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct feed_block_line {
    uint64_t number;
    size_t offset;
    uint16_t len;
    bool is_too_long;
};

/* splitmix64 (Steele, Lea, Flood 2014): enough to scatter, the same on every machine. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void feed_block_shuffle(struct feed_block *block, uint64_t seed)
{
    for (uint32_t i = block->count; i > 1; i--) {
        uint32_t j = (uint32_t)(next_random(&seed) % i);
        struct feed_block_line line = block->lines[i - 1];
        block->lines[i - 1] = block->lines[j];
        block->lines[j] = line;
    }
}

static int grow_lines(struct feed_block *block)
{
    uint32_t capacity = block->capacity > 0 ? 2 * block->capacity : 1024;
    struct feed_block_line *lines = capacity > block->capacity
                                        ? realloc(block->lines, capacity * sizeof *lines)
                                        : NULL;
    if (lines == NULL) {
        return -ENOMEM;
    }
    block->lines = lines;
    block->capacity = capacity;
    return 0;
}

static int grow_text(struct feed_block *block)
{
    size_t capacity = block->text_capacity * 2 + INPUT_LINE_MAX;
    char *text = realloc(block->text, capacity);
    if (text == NULL) {
        return -ENOMEM;
    }
    block->text = text;
    block->text_capacity = capacity;
    return 0;
}

int feed_block_add(struct feed_block *block, const struct input_line *line)
{
    if (block->count == block->capacity && grow_lines(block) != 0) {
        return -ENOMEM;
    }
    if (block->text_capacity - block->text_len < line->len && grow_text(block) != 0) {
        return -ENOMEM;
    }
    if (line->len > 0) {
        memcpy(block->text + block->text_len, line->text, line->len);
    }
    block->lines[block->count++] = (struct feed_block_line){
        line->number, block->text_len, (uint16_t)line->len, line->is_too_long};
    block->text_len += line->len;
    return 0;
}

void feed_block_take(struct feed_block *block, char buffer[INPUT_LINE_MAX],
                     struct input_line *line)
{
    const struct feed_block_line *from = &block->lines[block->taken++];
    if (from->len > 0) {
        memcpy(buffer, block->text + from->offset, from->len);
    }
    *line = (struct input_line){.number = from->number,
                                .text = buffer,
                                .len = from->len,
                                .is_too_long = from->is_too_long};
}

void feed_block_clear(struct feed_block *block)
{
    block->count = block->taken = 0;
    block->text_len = 0;
}

void feed_block_close(struct feed_block *block)
{
    free(block->lines);
    free(block->text);
    *block = (struct feed_block){0};
}
