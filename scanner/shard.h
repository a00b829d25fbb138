/* Which process of a divided scan takes a line: XXH3-64 of the registrable domain, or of
 * the line's text where it has none, modulo the number of shards. So all names of one
 * organisation are one process's, whose cache and rates then hold for them.
 */
#ifndef SCANNER_SHARD_H
#define SCANNER_SHARD_H

#include "scanner/classify/suffix.h"
#include "scanner/input.h"

struct target;

struct shard {
    const struct suffix_list *suffixes;
    uint64_t count, index;
    struct target *scratch; /* owned by who made the shard */
};

/* 1 or 0, or -ENOMEM. */
int shard_has(struct shard *shard, const struct input_line *line);
/* The number a batch system gave this process: SLURM_ARRAY_TASK_ID, else
 * JOB_COMPLETION_INDEX. 0 or -EINVAL with a sentence. */
int shard_from_environment(uint64_t *index, char *error, size_t capacity)
    __attribute__((warn_unused_result));

#endif
