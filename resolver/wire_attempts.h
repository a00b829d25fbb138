/* The attempts of the wire engine that are under way: found by socket and id when a reply
 * comes, by age when none does. Pure: no socket, no clock of its own.
 *
 * All attempts may take equally long, so the next to time out is the oldest: a list in
 * the order of asking takes the place of a timer for each. The links lie in struct query.
 */
#ifndef RESOLVER_WIRE_ATTEMPTS_H
#define RESOLVER_WIRE_ATTEMPTS_H

#include "resolver/engine.h"

#define WIRE_RANDOM_IDS 512 /* drawn at once */

struct wire_attempts {      /* all zero: closed */
    struct query **buckets; /* by socket and id; owned */
    uint32_t bucket_mask;
    struct query *oldest, *newest;
    uint64_t clock_ms;    /* wire_attempts_pass() moves it, nothing else does */
    uint64_t patience_ms; /* from asking to the time-out */
    unsigned ids_left;
    uint16_t ids[WIRE_RANDOM_IDS];
};

/* window: about so many attempts at once. 0 or -ENOMEM. */
int wire_attempts_open(struct wire_attempts *attempts, uint32_t window,
                       uint64_t patience_ms) __attribute__((warn_unused_result));
void wire_attempts_close(struct wire_attempts *attempts);

/* From the kernel's generator, in bulk: an id must not be guessed (RFC 5452, 9.2). */
uint16_t wire_attempts_draw_id(struct wire_attempts *attempts);

/* query->socket and query->id are set and not under way. */
void wire_attempts_add(struct wire_attempts *attempts, struct query *query);
struct query *wire_attempts_find(struct wire_attempts *attempts, unsigned socket,
                                 uint16_t id);
void wire_attempts_remove(struct wire_attempts *attempts, struct query *query);

/* The same for an attempt that is found in another way: its time only. */
void wire_attempts_watch(struct wire_attempts *attempts, struct query *query);
void wire_attempts_unwatch(struct wire_attempts *attempts, struct query *query);

void wire_attempts_pass(struct wire_attempts *attempts, uint64_t ms);
/* One whose time is up, still in the list; NULL when there is none. */
struct query *wire_attempts_overdue(const struct wire_attempts *attempts);

#endif
