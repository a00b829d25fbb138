/* Lines kept until they are dealt out, in an order of chance. */
#ifndef SCANNER_FEED_BLOCK_H
#define SCANNER_FEED_BLOCK_H

#include "scanner/input.h"

struct feed_block_line;

struct feed_block {                /* all zero = empty */
    struct feed_block_line *lines; /* owned, grows */
    uint32_t count, taken, capacity;
    char *text; /* owned, grows */
    size_t text_len, text_capacity;
    int64_t since_ms; /* the owner's: when its first line came */
};

/* Copies. 0 or -ENOMEM. */
int feed_block_add(struct feed_block *block, const struct input_line *line)
    __attribute__((warn_unused_result));
/* The same seed gives the same order on every machine. */
void feed_block_shuffle(struct feed_block *block, uint64_t seed);
/* The next line, copied into buffer; there must be one. */
void feed_block_take(struct feed_block *block, char buffer[INPUT_LINE_MAX],
                     struct input_line *line);
void feed_block_clear(struct feed_block *block); /* keeps the memory */
void feed_block_close(struct feed_block *block);

#endif
