#include "scanner/shard.h"

#include "scanner/options_value.h"
#include "scanner/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

int shard_has(struct shard *shard, const struct input_line *line)
{
    struct target *target = shard->scratch;
    target_read(target, line, NULL);
    const char *domain = NULL;
    if (target->name.lacks_memory) {
        return -ENOMEM;
    }
    if (target->kind == TARGET_DOMAIN || target->kind == TARGET_EXCLUDED) {
        domain = suffix_registrable(shard->suffixes, target->name.domain);
    }
    XXH64_hash_t hash = domain != NULL
                            ? XXH3_64bits(domain, strlen(domain))
                            : XXH3_64bits(target->input.ptr, target->input.len);
    return hash % shard->count == shard->index;
}

int shard_from_environment(uint64_t *index, char *error, size_t capacity)
{
    const char *name = "SLURM_ARRAY_TASK_ID";
    const char *text = getenv(name);
    if (text == NULL) {
        name = "JOB_COMPLETION_INDEX";
        text = getenv(name);
    }
    if (text == NULL) {
        snprintf(error, capacity,
                 "--shard auto: neither SLURM_ARRAY_TASK_ID nor %s is set", name);
        return -EINVAL;
    }
    if (!options_read_uint(text, 0, 9999, index)) {
        snprintf(error, capacity, "--shard auto: %s is no number from 0 to 9999", name);
        return -EINVAL;
    }
    return 0;
}
