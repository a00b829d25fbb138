#include "output/queue.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define CHUNK_CAPACITY ((size_t)256 * 1024)
#define SPARE_COUNT_MAX 32 /* 8 MiB */

int64_t queue_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int queue_init(struct queue *queue, int64_t linger_ms, size_t note_bytes)
{
    memset(queue, 0, sizeof(*queue));
    queue->linger_ms = linger_ms;
    queue->note_bytes = note_bytes;
    queue->due_rows = UINT64_MAX;
    atomic_init(&queue->waiting_bytes, 0);
    pthread_condattr_t attributes;
    int rc = pthread_condattr_init(&attributes);
    if (rc != 0) {
        return -rc;
    }
    rc = pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    rc = rc == 0 ? pthread_cond_init(&queue->woken, &attributes) : rc;
    pthread_condattr_destroy(&attributes);
    if (rc != 0) {
        return -rc;
    }
    rc = pthread_mutex_init(&queue->mutex, NULL);
    if (rc != 0) {
        pthread_cond_destroy(&queue->woken);
    }
    return -rc;
}

static void free_chunks(struct chunk *chunk)
{
    while (chunk) {
        struct chunk *next = chunk->next;
        free(chunk);
        chunk = next;
    }
}

void queue_close(struct queue *queue)
{
    free_chunks(queue->oldest);
    free_chunks(queue->spare);
    pthread_mutex_destroy(&queue->mutex);
    pthread_cond_destroy(&queue->woken);
}

static struct chunk *make_chunk(struct queue *queue, size_t len)
{
    if (queue->spare && len <= CHUNK_CAPACITY) {
        struct chunk *chunk = queue->spare;
        queue->spare = chunk->next;
        queue->spare_count--;
        return chunk;
    }
    size_t rounded = (len + _Alignof(max_align_t) - 1) & ~(_Alignof(max_align_t) - 1);
    size_t capacity = len > CHUNK_CAPACITY ? rounded : CHUNK_CAPACITY;
    struct chunk *chunk = (struct chunk *)malloc(sizeof(*chunk) + capacity);
    if (chunk) {
        chunk->capacity = capacity;
    }
    return chunk;
}

/* The chunk that takes len more bytes, or NULL. */
static struct chunk *chunk_for(struct queue *queue, size_t len)
{
    struct chunk *newest = queue->newest;
    if (newest &&
        len <= newest->capacity - newest->len - newest->rows * queue->note_bytes) {
        return newest;
    }
    struct chunk *chunk = make_chunk(queue, len);
    if (!chunk) {
        return NULL;
    }
    chunk->next = NULL;
    chunk->len = 0;
    chunk->rows = 0;
    chunk->begun_ms = queue_now_ms();
    *(newest ? &newest->next : &queue->oldest) = chunk;
    queue->newest = chunk;
    pthread_cond_signal(&queue->woken);
    return chunk;
}

/* Where the note of the chunk's row-th record stands, counted from 1. */
static void *note_at(const struct queue *queue, struct chunk *chunk, uint64_t row)
{
    return chunk->text + chunk->capacity - row * queue->note_bytes;
}

int queue_add(struct queue *queue, const char *record, size_t len, const void *note)
{
    assert(len > 0 && record[len - 1] == '\n');
    pthread_mutex_lock(&queue->mutex);
    assert(!queue->has_ended);
    struct chunk *chunk = chunk_for(queue, len + queue->note_bytes);
    if (chunk) {
        memcpy(chunk->text + chunk->len, record, len);
        chunk->len += len;
        chunk->rows++;
        if (note) {
            memcpy(note_at(queue, chunk, chunk->rows), note, queue->note_bytes);
        }
        if (++queue->rows == queue->due_rows) {
            pthread_cond_signal(&queue->woken);
        }
        atomic_fetch_add_explicit(&queue->waiting_bytes, len, memory_order_relaxed);
    }
    pthread_mutex_unlock(&queue->mutex);
    return chunk ? 0 : -ENOMEM;
}

const void *queue_notes(const struct queue *queue, const struct chunk *chunk,
                        uint64_t first, uint64_t rows)
{
    return chunk->text + chunk->capacity - (first + rows) * queue->note_bytes;
}

void queue_end(struct queue *queue)
{
    pthread_mutex_lock(&queue->mutex);
    queue->has_ended = true;
    pthread_cond_signal(&queue->woken);
    pthread_mutex_unlock(&queue->mutex);
}

static struct chunk *take_oldest(struct queue *queue)
{
    struct chunk *chunk = queue->oldest;
    queue->oldest = chunk->next;
    queue->rows -= chunk->rows;
    if (!queue->oldest) {
        queue->newest = NULL;
    }
    return chunk;
}

static int64_t chunk_due_ms(const struct queue *queue)
{
    const struct chunk *chunk = queue->oldest;
    if (!chunk || queue->linger_ms == QUEUE_NEVER) {
        return QUEUE_NEVER;
    }
    return chunk->begun_ms + queue->linger_ms;
}

static void wait_until(struct queue *queue, int64_t due_ms)
{
    if (due_ms == QUEUE_NEVER) {
        pthread_cond_wait(&queue->woken, &queue->mutex);
        return;
    }
    struct timespec due = {.tv_sec = due_ms / 1000, .tv_nsec = due_ms % 1000 * 1000000};
    pthread_cond_timedwait(&queue->woken, &queue->mutex, &due);
}

enum queue_event queue_take(struct queue *queue, const struct queue_due *due,
                            struct chunk **chunk)
{
    enum queue_event event = QUEUE_CHUNK;
    pthread_mutex_lock(&queue->mutex);
    queue->due_rows = due->rows;
    for (;;) {
        int64_t own_due_ms = chunk_due_ms(queue);
        int64_t next_ms = own_due_ms < due->ms ? own_due_ms : due->ms;
        bool is_due = next_ms <= queue_now_ms();
        bool is_full = queue->oldest != queue->newest || queue->rows >= due->rows;
        if (queue->oldest && (is_full || is_due || queue->has_ended)) {
            *chunk = take_oldest(queue);
            break;
        }
        if (is_due || queue->has_ended) {
            event = queue->has_ended ? QUEUE_ENDED : QUEUE_DUE;
            break;
        }
        wait_until(queue, next_ms);
    }
    pthread_mutex_unlock(&queue->mutex);
    return event;
}

void queue_recycle(struct queue *queue, struct chunk *chunk)
{
    atomic_fetch_sub_explicit(&queue->waiting_bytes, chunk->len, memory_order_relaxed);
    pthread_mutex_lock(&queue->mutex);
    if (chunk->capacity == CHUNK_CAPACITY && queue->spare_count < SPARE_COUNT_MAX) {
        chunk->next = queue->spare;
        queue->spare = chunk;
        queue->spare_count++;
        chunk = NULL;
    }
    pthread_mutex_unlock(&queue->mutex);
    free(chunk);
}
