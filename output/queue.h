/* Records on their way from the workers to the writer thread, in chunks that hold whole
 * records. Adding copies and never waits for the writer.
 *
 * With each record goes a note, a fixed number of bytes that mean nothing here. A chunk
 * is filled with records from its front and with their notes from its back. */
#ifndef OUTPUT_QUEUE_H
#define OUTPUT_QUEUE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_NEVER INT64_MAX

struct chunk {
    struct chunk *next;
    size_t len, capacity;
    uint64_t rows;    /* records, each ending in a newline */
    int64_t begun_ms; /* monotonic: when its first record came */
    _Alignas(max_align_t) char text[];
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t woken; /* a chunk was begun, or the end */
    struct chunk *oldest; /* chunks to write, in order; the newest is still filling */
    struct chunk *newest; /* NULL when empty */
    struct chunk *spare;  /* to be used again */
    size_t spare_count;
    uint64_t rows;     /* in all chunks to write */
    uint64_t due_rows; /* the writer waits for so many */
    size_t note_bytes;
    int64_t linger_ms; /* a chunk that does not fill is due after that long */
    bool has_ended;
    atomic_size_t waiting_bytes; /* added and not yet recycled */
};

/* What the writer waits for beside a full chunk. */
struct queue_due {
    int64_t ms;    /* a moment, or QUEUE_NEVER */
    uint64_t rows; /* so many records waiting, at least 1; UINT64_MAX = no number */
};

enum queue_event { QUEUE_CHUNK, QUEUE_DUE, QUEUE_ENDED };

int64_t queue_now_ms(void); /* monotonic */
/* note_bytes: a multiple of 8. */
int queue_init(struct queue *queue, int64_t linger_ms, size_t note_bytes)
    __attribute__((warn_unused_result));
void queue_close(struct queue *queue);
/* note: note_bytes of them, NULL when that is 0. 0 or -ENOMEM. From any thread. */
int queue_add(struct queue *queue, const char *record, size_t len, const void *note)
    __attribute__((warn_unused_result));
void queue_end(struct queue *queue); /* no record comes any more */
/* Writer only. Waits for a chunk that is full, has lingered or is needed for due->rows
 * (now the caller's, to be recycled), for the moment due->ms, or for the end, which
 * follows the last chunk. */
enum queue_event queue_take(struct queue *queue, const struct queue_due *due,
                            struct chunk **chunk);
/* The notes of `rows` records from number `first` on, as an array in the reverse of their
 * order. */
const void *queue_notes(const struct queue *queue, const struct chunk *chunk,
                        uint64_t first, uint64_t rows);
void queue_recycle(struct queue *queue, struct chunk *chunk);

#endif
