/* The name servers of the wire engine: which one is asked next, and how each is doing.
 * Pure: no socket, no clock of its own.
 *
 * A question goes to the server that should answer first: the least product of questions
 * outstanding and round-trip time. So equals share, a slow one gets less, and what it was
 * slow at is forgotten bit by bit. A server that lets many questions in a row time out, or
 * refuses them, or whose port is closed, rests: one question at a time looks after it, at
 * growing intervals, until it answers again. When all rest, none does (outage.h).
 */
#ifndef RESOLVER_WIRE_SERVER_H
#define RESOLVER_WIRE_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/name_servers.h"
#include "resolver/window.h"

#define WIRE_SERVER_SILENCES 20 /* time-outs in a row before a server rests */
#define WIRE_SERVER_REFUSALS 100
#define WIRE_SERVER_REST_MS 1000U
#define WIRE_SERVER_REST_MAX_MS 30000U

struct wire_server {
    struct name_server address;
    struct window window;
    uint32_t outstanding;
    uint32_t rtt_us;   /* smoothed */
    uint32_t silences; /* time-outs since the last answer */
    uint32_t refusals; /* SERVFAIL or REFUSED since the last other answer */
    uint32_t rest_ms;  /* how long it rests the next time; 0 = it is well */
    uint64_t rests_until_ms;
};

struct wire_servers {
    unsigned count; /* at least 1 */
    unsigned next;  /* where the search for the best begins */
    struct wire_server all[NAME_SERVERS_MAX];
};

void wire_servers_init(struct wire_servers *servers, const struct name_server *addresses,
                       unsigned count, uint32_t window, uint32_t timeout_ms);
/* Some server takes another question. */
bool wire_servers_have_room(const struct wire_servers *servers);
/* For a first attempt. */
unsigned wire_servers_choose(struct wire_servers *servers, uint64_t now_ms);
/* For a later one: not last, if another one is well. */
unsigned wire_servers_choose_other(struct wire_servers *servers, unsigned last);

/* Of every reply first, then one of the two below it.
 * rtt_ms: of this attempt; losses: earlier attempts of the question that timed out. */
void wire_server_heard(struct wire_server *server, uint64_t now_ms, uint32_t rtt_ms,
                       uint32_t losses);
void wire_server_answered(struct wire_server *server);
void wire_server_refused(struct wire_server *server, uint64_t now_ms);
void wire_server_timed_out(struct wire_server *server, uint64_t now_ms);
/* Nothing can be sent to it. */
void wire_server_unreachable(struct wire_server *server, uint64_t now_ms);

#endif
