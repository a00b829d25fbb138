/* Between the front (resolver.c: cache, admission, pacing, statistics, the one callback)
 * and what answers.
 *
 * The front calls ask() for each attempt it admits. The engine ends the attempt with
 * one call of engine_answer(), engine_retry() or engine_follow_up(), at once or later.
 * While an answer is being told nothing new is asked: it lies in a buffer, libunbound's
 * or ours, that the next one overwrites. So what callers ask from their callbacks waits
 * for engine_turn(), which the engine calls when its library has returned.
 */
#ifndef RESOLVER_ENGINE_H
#define RESOLVER_ENGINE_H

#include "resolver/packet.h"
#include "resolver/poller.h"
#include "resolver/resolver.h"

struct engine; /* each engine's own */

/* A question that this machine has no descriptor or local port for looks again for two
 * minutes: a connection that has ended keeps its port for one. */
#define ROOM_WAIT_MS 10
#define ROOM_WAITS_MAX 12000

struct query {
    struct query *next;
    struct query *previous;
    struct query *same_hash; /* outstanding.h */
    struct query *waiters;   /* the next of those who ask the same, all never sent */
    struct resolver *resolver;
    resolver_on_answer *on_answer;
    void *arg;
    uint32_t tag;
    uint16_t attempts;       /* begun */
    uint16_t timeouts;       /* of them */
    bool is_brief;           /* no late second attempt */
    bool is_follow_up;       /* the next ask() goes on with an attempt */
    bool is_control;         /* outage.h */
    bool was_doubted;        /* put back once */
    enum dns_status failure; /* of a suspect: how it will end if it was the name */
    struct packet_question question;
    /* The engine's own, zero at the first attempt. */
    struct engine *engine;
    struct poller_event deadline;
    /* recursion */
    int transaction;
    /* wire */
    struct query *newer, *older; /* by deadline */
    struct query *same_bucket;
    struct query *tcp_next;
    struct wire_tcp *exchange; /* while it is under way */
    uint64_t due_ms;
    uint32_t sent_ms;
    uint16_t id;
    uint8_t server;
    uint8_t lost_at; /* the server of the last attempt that timed out */
    uint16_t socket;
    uint16_t waits;        /* for a descriptor or a local port */
    bool is_tcp, is_plain; /* plain: without EDNS */
    bool has_met_another;  /* a reply to another question bore this attempt's id */
    bool has_met_silence;  /* an attempt before this one met nothing at all */
};

struct engine_start {
    struct resolver *resolver;
    struct poller *poller;
    struct uv_loop_s *loop;
    const struct resolver_config *config; /* valid during open only */
    char *error;                          /* RESOLVER_ERROR_LEN bytes */
};

struct engine_kind {
    const char *name;
    int (*open)(struct engine **engine, const struct engine_start *start);
    void (*ask)(struct engine *engine, struct query *query);
    /* Another question may be asked now; NULL: always. */
    bool (*has_room)(const struct engine *engine);
    /* Forgets all questions without a word; what of the engine the loop still holds is
     * freed by it. Events are stopped. */
    void (*close)(struct engine *engine);
};

extern const struct engine_kind engine_recursion;
extern const struct engine_kind engine_wire;

/* The attempt brought the final answer. */
void engine_answer(struct resolver *resolver, struct query *query,
                   struct dns_answer *answer);
/* The attempt ended with status: another one follows if the configuration allows it,
 * otherwise status is the answer. */
void engine_retry(struct resolver *resolver, struct query *query, enum dns_status status);
/* The attempt ended with status; should another follow, then after delay_ms, its place in
 * the window free meanwhile. Uses query->deadline. */
void engine_retry_later(struct resolver *resolver, struct query *query,
                        enum dns_status status, uint32_t delay_ms);
/* The attempt needs another query: ask() is called again, as the rate allows. */
void engine_follow_up(struct resolver *resolver, struct query *query);
/* The question waits for a descriptor or a local port, for the first time. */
void engine_note_shortage(struct resolver *resolver);
/* No library is on the stack: admits what waits. */
void engine_turn(struct resolver *resolver);

/* Writes the sentence for the user and returns -code. */
int engine_fail(char error[RESOLVER_ERROR_LEN], int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
