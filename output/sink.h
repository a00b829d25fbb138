/* Where records go: stdout, one file, or a directory of parts. Each part is one zstd
 * frame with checksum, written under a .part name, fsynced and renamed (then the
 * directory is fsynced).
 *
 * Rules: one sink per run. sink_write copies and never blocks on the disk: a writer
 * thread compresses; sink_is_full() tells that more than 8 MiB wait, or a whole part that
 * is not published yet, and no new domain should start: so what a kill destroys is never
 * more than a part and what was under way. sink_write may be called from any thread. The first error is sticky:
 * later records are dropped, sink_has_failed() turns true and sink_finish() says what
 * failed. The writer thread blocks all signals, so a closed pipe is -EPIPE whatever is
 * done about SIGPIPE.
 *
 * To go on with a run that was broken off: sink_open with resume (which takes the lock and
 * changes nothing), sink_read to learn which parts count, sink_resume.
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
    char file[64];        /* "part-0000-00000.ndjson.zst" */
    uint64_t rows, bytes; /* bytes of the file, compressed */
    char sha256[65];      /* of the file */
};

struct sink_config {
    /* NULL = stdout; "….ndjson" or "….ndjson.zst" = a file; else a directory */
    const char *path;
    bool compress; /* stdout only: zstd */
    bool force;  /* replace an existing output (of a directory: only what a run writes) */
    bool resume; /* directory only, without force: sink_resume follows */
    uint32_t shard;
    uint32_t shards; /* 0 and 1 = not sharded; above, other shards' files are let alone */
    uint64_t part_rows;    /* a part closes at that many rows … (0 = no limit) */
    uint32_t part_seconds; /* … or that long after its first row (0 = no limit) */
    /* With each record goes a note of so many bytes, a multiple of 8, which on_rows hands
     * back: 0 = none. */
    size_t note_bytes;
    /* Both are called in the writer thread and never after sink_finish. on_rows: records
     * were written into the open part; notes is an array, in no order. on_part: the open
     * part was published: the time to write run.json. What they return but 0 is a sticky
     * error, -errno. */
    int (*on_rows)(void *arg, const void *notes, uint64_t rows);
    int (*on_part)(void *arg, const struct sink *sink);
    void *arg;
};

/* "….ndjson" with or without a further ending is a file, all else (also "x.ndjson/") a
 * directory. */
enum sink_kind sink_kind_of(const char *path);
/* 0 or -errno with one sentence for the user in error. An output that exists is -EEXIST
 * without force (an empty directory is fine); one that another process is writing is
 * -EBUSY. */
int sink_open(struct sink **sink, const struct sink_config *config,
              char error[SINK_ERROR_LEN]) __attribute__((warn_unused_result));
/* One record: a JSON object and its newline. Not after sink_finish. */
void sink_write(struct sink *sink, const char *record, size_t len, const void *note);
bool sink_is_full(const struct sink *sink);
bool sink_has_failed(const struct sink *sink);
/* A small file beside the parts, replaced atomically and durably: "run.json", in a
 * sharded run "run-SSSS.json". -EINVAL for another name or unless the sink is a
 * directory. From any thread, until sink_free. */
int sink_publish(struct sink *sink, const char *name, const char *text, size_t len)
    __attribute__((warn_unused_result));
/* What sink_publish wrote: NUL-terminated, the caller's to free. 0, -ENOENT when there is
 * none, or another -errno. */
int sink_read(const struct sink *sink, const char *name, char **text)
    __attribute__((warn_unused_result));
/* Before the first record of a resumed run: looks whether its parts are there in their
 * sizes, removes what else a broken run left of its own, and counts on behind the last of
 * them. NULL: no run has got as far as publishing anything. 0 or -errno with a sentence;
 * nothing is removed then. */
int sink_resume(struct sink *sink, const struct sink_part *parts, size_t count,
                char error[SINK_ERROR_LEN]) __attribute__((warn_unused_result));
/* Parts published so far, those before a resume first, each valid until sink_free; call in on_part or after
 * sink_finish. */
size_t sink_part_count(const struct sink *sink);
const struct sink_part *sink_part(const struct sink *sink, size_t index);
/* Drains, closes and publishes what is open; with complete false a single file is removed
 * instead of renamed into place. 0 or the sticky -errno, error then says what failed on
 * which path. */
int sink_finish(struct sink *sink, bool complete, char error[SINK_ERROR_LEN])
    __attribute__((warn_unused_result));
void sink_free(struct sink *sink);  /* NULL is fine; without sink_finish = not complete */
const char *output_libraries(void); /* "zstd 1.5.4, OpenSSL 3.0.15 3 Sep 2024" */

#endif
