/* The directory of a run: whether a new run may begin in it or an old one go on, and the
 * lock that keeps a second one out. Shards of one run may share a directory: each sees to its own files
 * (run_name.h) and lets the others' alone. */
#ifndef OUTPUT_DIRECTORY_H
#define OUTPUT_DIRECTORY_H

#include <stdbool.h>
#include <stdint.h>

#include "output/run_name.h"
#include "output/sink.h"

struct directory {
    int fd, lock; /* -1 = none */
    char lock_name[RUN_NAME_LEN];
    bool is_sharded;
    uint32_t shard;
};

struct directory_parts {
    const struct sink_part *parts; /* NULL: nothing was published ever */
    size_t count;
};

/* Makes the directory if it is missing, refuses one in use (without force or resume),
 * takes the lock and clears what an earlier run left (with force). 0 or -errno with a
 * sentence. */
int directory_open(struct directory *directory, const struct sink_config *config,
                   char error[SINK_ERROR_LEN]) __attribute__((warn_unused_result));
/* sink_resume's part of it: looks whether the parts are there, removes what else the
 * broken run left of its own. */
int directory_resume(const struct directory *directory, const char *path,
                     const struct directory_parts *kept, char error[SINK_ERROR_LEN])
    __attribute__((warn_unused_result));
void directory_close(struct directory *directory);
/* The directory of a file to be, *name its last component. 0 or -errno with a
 * sentence. */
int directory_of_file(const char *path, int *fd, const char **name,
                      char error[SINK_ERROR_LEN]) __attribute__((warn_unused_result));

#endif
