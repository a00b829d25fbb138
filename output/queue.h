/* Records on their way from the workers to the writer thread, in chunks that hold whole
 * records. Adding copies and never waits for the writer. */
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
    char text[];
};

struct queue {
    pthread_mutex_t mutex;
    pthread_cond_t woken; /* a chunk was begun, or the end */
    struct chunk *oldest; /* chunks to write, in order; the newest is still filling */
    struct chunk *newest; /* NULL when empty */
    struct chunk *spare;  /* to be used again */
    size_t spare_count;
    int64_t linger_ms; /* a chunk that does not fill is due after that long */
    bool has_ended;
    atomic_size_t waiting_bytes; /* added and not yet recycled */
};

enum queue_event { QUEUE_CHUNK, QUEUE_DUE, QUEUE_ENDED };

int64_t queue_now_ms(void); /* monotonic */
int queue_init(struct queue *queue, int64_t linger_ms)
    __attribute__((warn_unused_result));
void queue_close(struct queue *queue);
/* 0 or -ENOMEM. From any thread. */
int queue_add(struct queue *queue, const char *record, size_t len)
    __attribute__((warn_unused_result));
void queue_end(struct queue *queue); /* no record comes any more */
/* Writer only. Waits for a full or due chunk (now the caller's, to be recycled), for the
 * moment due_ms (QUEUE_NEVER = none), or for the end, which follows the last chunk. */
enum queue_event queue_take(struct queue *queue, int64_t due_ms, struct chunk **chunk);
void queue_recycle(struct queue *queue, struct chunk *chunk);

#endif
