/* Where records go: stdout, one file, or a directory of parts. Each part is one zstd frame with
 * checksum, written under a .part name, fsynced and renamed (then the directory is fsynced).
 *
 * Rules: one sink per run. sink_write copies and never blocks on the disk: a writer thread
 * compresses; sink_is_full() tells that more than some MB wait and no new domain should start.
 * sink_write may be called from any thread. Errors are sticky and reported by sink_error() and
 * sink_finish().
 */
#ifndef OUTPUT_SINK_H
#define OUTPUT_SINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SINK_ERROR_LEN 512

struct sink;

enum sink_kind { SINK_STDOUT, SINK_FILE, SINK_DIRECTORY };

struct sink_part {
    char file[64]; /* "part-0000-00000.ndjson.zst" */
    uint64_t rows, bytes;
    char sha256[65];
};

struct sink_config {
    const char *path; /* NULL = stdout; "….ndjson" or "….ndjson.zst" = a file; else a directory */
    bool compress;    /* stdout only: zstd */
    bool force;       /* replace an existing output (of a directory: only what a run writes) */
    uint32_t shard;
    uint64_t part_rows;    /* a part closes at that many rows … */
    uint32_t part_seconds; /* … or after that long, whichever comes first */
    /* Called in the writer thread after a part was published, and never after sink_finish. */
    void (*on_part)(void *arg, const struct sink *sink);
    void *arg;
};

enum sink_kind sink_kind_of(const char *path);
/* 0 or -errno; an existing output without force is -EEXIST. error: one sentence for the user. */
int sink_open(struct sink **sink, const struct sink_config *config, char error[SINK_ERROR_LEN])
    __attribute__((warn_unused_result));
/* One record: a JSON object and its newline. */
void sink_write(struct sink *sink, const char *record, size_t len);
bool sink_is_full(const struct sink *sink);
bool sink_has_failed(const struct sink *sink);
/* A small file beside the parts, replaced atomically and durably (run.json). -EINVAL unless the
 * sink is a directory. */
int sink_publish(struct sink *sink, const char *name, const char *text, size_t len)
    __attribute__((warn_unused_result));
/* Parts published so far; call in on_part or after sink_finish. */
size_t sink_part_count(const struct sink *sink);
const struct sink_part *sink_part(const struct sink *sink, size_t index);
/* Drains, closes and publishes what is open; with complete false a single file is not renamed into
 * place. 0 or the sticky -errno, error then says what failed on which path. */
int sink_finish(struct sink *sink, bool complete, char error[SINK_ERROR_LEN])
    __attribute__((warn_unused_result));
void sink_free(struct sink *sink); /* NULL is fine */
const char *output_libraries(void);

#endif
