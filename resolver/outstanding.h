/* Which questions are being asked, so that each is asked once however many wait for it.
 *
 * The first to ask makes the query; others wait at it (query->waiters) and hear the same
 * answer. The table is sized once, for the questions the window lets out; more only
 * lengthen its chains.
 */
#ifndef RESOLVER_OUTSTANDING_H
#define RESOLVER_OUTSTANDING_H

#include "resolver/engine.h"

struct outstanding {
    struct query **buckets;
    uint32_t bucket_mask;
    uint64_t seed;
};

/* 0 or -errno. */
int outstanding_open(struct outstanding *outstanding, uint32_t window)
    __attribute__((warn_unused_result));
void outstanding_close(struct outstanding *outstanding);

/* NULL: nobody asks it. */
struct query *outstanding_find(const struct outstanding *outstanding,
                               const struct packet_question *question);
/* Its question is in the table at most once. */
void outstanding_add(struct outstanding *outstanding, struct query *query);
void outstanding_remove(struct outstanding *outstanding, struct query *query);

#endif
