/* What the files of the front share: its state, and its questions. */
#ifndef RESOLVER_FRONT_H
#define RESOLVER_FRONT_H

#include "resolver/engine.h"
#include "resolver/outage.h"
#include "resolver/outstanding.h"

struct query_list {
    struct query *first;
    struct query *last;
};

struct resolver {
    const struct engine_kind *kind;
    struct engine *engine;
    struct uv_loop_s *loop;
    struct poller *poller;
    struct poller_event pacer;
    struct outage outage;
    struct poller_event control_timer, suspects_timer;
    struct resolver_stats stats;
    uint32_t window;
    uint32_t retries;
    uint32_t in_flight;         /* questions admitted and not answered */
    uint64_t open_count;        /* in_flight and waiting */
    struct query_list control;  /* the outage's question, before all others */
    struct query_list waiting;  /* not admitted yet */
    struct query_list retrying; /* admitted, waiting for its turn */
    struct query_list asked;    /* the engine has them */
    struct query_list pausing;  /* to be admitted again when their timer fires */
    struct query_list suspects; /* failed, perhaps with all others */
    struct cache *cache;        /* NULL: off, and every question is asked for itself */
    struct outstanding outstanding;
    struct query *unused;
    struct pool_block *blocks;
    resolver_take_turn *take_turn;
    void *turns;
    bool is_admitting;
    bool is_closing;
    unsigned callback_depth;
};

void query_list_append(struct query_list *list, struct query *query);
void query_list_remove(struct query_list *list, struct query *query);

/* Zeroed; NULL: no memory. */
struct query *query_take(struct resolver *resolver);
/* It is in no list any more. It goes back to the pool before the caller hears of it and may
 * ask the next one; then the same for each who waited with it. */
void query_end(struct resolver *resolver, struct query *query, struct dns_answer *answer);

/* Of every attempt's end, first. True: it failed while all do, which says nothing of its
 * name: it waits to be asked again, as if it had not been. */
bool doubt_puts_back(struct resolver *resolver, struct query *query,
                     enum dns_status status);
/* Of a question's last attempt. True: it is kept until it is sure that it was the name that
 * failed. */
bool doubt_keeps(struct resolver *resolver, struct query *query, enum dns_status status);
/* Ends or puts back what is kept, if it is time to. Calls callers back. */
void doubt_judge(struct resolver *resolver);
void doubt_init(struct resolver *resolver);

#endif
