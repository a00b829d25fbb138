#include "resolver/outstanding.h"

#include <errno.h>
#include <stdlib.h>

#include "resolver/question_hash.h"

#define BUCKETS_MAX (1U << 16)

int outstanding_open(struct outstanding *outstanding, uint32_t window)
{
    uint32_t count = 64;

    while (count < window && count < BUCKETS_MAX) {
        count *= 2;
    }
    outstanding->bucket_mask = count - 1;
    outstanding->buckets = calloc(count, sizeof(struct query *));
    return outstanding->buckets ? question_hash_seed(&outstanding->seed) : -ENOMEM;
}

void outstanding_close(struct outstanding *outstanding)
{
    free(outstanding->buckets);
}

static struct query **bucket_of(const struct outstanding *outstanding,
                                const struct packet_question *question)
{
    uint64_t hash = question_hash(question, outstanding->seed);

    return &outstanding->buckets[hash & outstanding->bucket_mask];
}

struct query *outstanding_find(const struct outstanding *outstanding,
                               const struct packet_question *question)
{
    struct query *query = *bucket_of(outstanding, question);

    while (query && !question_is_equal(&query->question, question)) {
        query = query->same_hash;
    }
    return query;
}

void outstanding_add(struct outstanding *outstanding, struct query *query)
{
    struct query **bucket = bucket_of(outstanding, &query->question);

    query->same_hash = *bucket;
    *bucket = query;
}

void outstanding_remove(struct outstanding *outstanding, struct query *query)
{
    struct query **link = bucket_of(outstanding, &query->question);

    while (*link != query) {
        link = &(*link)->same_hash;
    }
    *link = query->same_hash;
}
