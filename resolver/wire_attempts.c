#include "resolver/wire_attempts.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>

#define BUCKETS_MIN 64
#define BUCKETS_MAX 65536

int wire_attempts_open(struct wire_attempts *attempts, uint32_t window,
                       uint64_t patience_ms)
{
    uint32_t count = BUCKETS_MIN;

    while (count < window && count < BUCKETS_MAX) {
        count *= 2;
    }
    *attempts =
        (struct wire_attempts){.bucket_mask = count - 1, .patience_ms = patience_ms};
    attempts->buckets = calloc(count, sizeof(struct query *));
    return attempts->buckets ? 0 : -ENOMEM;
}

void wire_attempts_close(struct wire_attempts *attempts)
{
    free(attempts->buckets);
    attempts->buckets = NULL;
}

uint16_t wire_attempts_draw_id(struct wire_attempts *attempts)
{
    if (attempts->ids_left == 0) {
        ssize_t len = getrandom(attempts->ids, sizeof attempts->ids, 0);
        attempts->ids_left = len > 0 ? (unsigned)len / sizeof attempts->ids[0] : 1;
    }
    return attempts->ids[--attempts->ids_left];
}

/* ---- by socket and id ---- */

static struct query **bucket_of(struct wire_attempts *attempts, unsigned socket,
                                uint16_t id)
{
    return &attempts->buckets[(id ^ socket * 0x9e37U) & attempts->bucket_mask];
}

struct query *wire_attempts_find(struct wire_attempts *attempts, unsigned socket,
                                 uint16_t id)
{
    struct query *query = *bucket_of(attempts, socket, id);

    while (query && (query->id != id || query->socket != socket)) {
        query = query->same_bucket;
    }
    return query;
}

void wire_attempts_add(struct wire_attempts *attempts, struct query *query)
{
    struct query **bucket = bucket_of(attempts, query->socket, query->id);

    query->same_bucket = *bucket;
    *bucket = query;
    wire_attempts_watch(attempts, query);
}

void wire_attempts_remove(struct wire_attempts *attempts, struct query *query)
{
    struct query **link = bucket_of(attempts, query->socket, query->id);

    while (*link != query) {
        link = &(*link)->same_bucket;
    }
    *link = query->same_bucket;
    wire_attempts_unwatch(attempts, query);
}

/* ---- by age ---- */

void wire_attempts_watch(struct wire_attempts *attempts, struct query *query)
{
    query->due_ms = attempts->clock_ms + attempts->patience_ms;
    query->newer = NULL;
    query->older = attempts->newest;
    *(attempts->newest ? &attempts->newest->newer : &attempts->oldest) = query;
    attempts->newest = query;
}

void wire_attempts_unwatch(struct wire_attempts *attempts, struct query *query)
{
    *(query->older ? &query->older->newer : &attempts->oldest) = query->newer;
    *(query->newer ? &query->newer->older : &attempts->newest) = query->older;
}

void wire_attempts_pass(struct wire_attempts *attempts, uint64_t ms)
{
    attempts->clock_ms += ms;
}

struct query *wire_attempts_overdue(const struct wire_attempts *attempts)
{
    struct query *oldest = attempts->oldest;

    return oldest && oldest->due_ms <= attempts->clock_ms ? oldest : NULL;
}
