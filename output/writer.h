/* The thread behind a sink: takes chunks off the queue and puts their records into the
 * open part, which it opens, flushes and publishes when it is full or due. */
#ifndef OUTPUT_WRITER_H
#define OUTPUT_WRITER_H

#include <stdatomic.h>

#include "output/part.h"
#include "output/queue.h"
#include "output/sink.h"

/* Everything from `part` down belongs to the writer thread until it has ended. */
struct writer {
    enum sink_kind kind;
    int directory; /* borrowed; parts are made in it */
    bool replace, is_sharded;
    uint32_t shard;
    uint64_t part_rows; /* UINT64_MAX = no limit */
    int (*on_rows)(void *arg, const void *notes, uint64_t rows);
    int (*on_part)(void *arg, const struct sink *sink);
    void *arg;
    const struct sink *sink; /* for on_part */
    char *path;              /* owned; for messages */
    struct queue queue;

    atomic_uint_fast64_t open_rows; /* handed over and in no published part */
    atomic_int error;               /* sticky -errno; who sets it writes the message */
    char message[SINK_ERROR_LEN];
    bool complete; /* set before queue_end */

    struct part part;
    int64_t part_due_ms; /* to be published (stdout: flushed) then, or QUEUE_NEVER */
    uint32_t sequence;
    struct frame *frame; /* owned; NULL = plain text */
    struct digest digest;
    struct sink_part **parts; /* owned; published, each in a place of its own */
    size_t part_count, part_capacity;
};

void *writer_run(void *writer); /* until the queue ends */
/* The first one counts. name = file within the directory, or NULL. */
void writer_fail(struct writer *writer, int rc, const char *action, const char *name);
/* A published part that is to be listed, the caller's to fill; NULL = no memory. */
struct sink_part *writer_list_part(struct writer *writer);
void writer_close(struct writer *writer); /* frees; after the thread has ended */

#endif
