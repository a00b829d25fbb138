/* One question to one server over a TCP connection of its own (RFC 7766), for answers
 * that did not fit into a datagram: by getdns, which connects, writes, reads and matches
 * the reply.
 *
 * When getdns 1.6 shares a connection among questions, some are lost under load; and what
 * it has read of a message when a connection ends it takes for the beginning of the next
 * connection's. So each exchange has a context of its own, whose upstream is set anew for
 * each question. Contexts are kept: to make one takes longer than an answer.
 *
 * SIGPIPE must be ignored.
 */
#ifndef RESOLVER_WIRE_TCP_H
#define RESOLVER_WIRE_TCP_H

#include <stdbool.h>

#include "resolver/name_servers.h"
#include "resolver/packet.h"

struct poller;
struct wire_tcp;

/* All zero before first use. */
struct wire_tcp_set {
    struct wire_tcp *busy;
    struct wire_tcp *idle;
    unsigned idle_count;
    bool is_short; /* why wire_tcp_ask() returned NULL: this machine had no descriptor or
                      local port, and may have one a little later */
};

/* wire NULL: the connection failed. Borrowed. Never called from inside wire_tcp_ask; no
 * function of getdns is on the stack. */
typedef void wire_tcp_on_reply(void *arg, const uint8_t *wire, size_t len);

/* NULL: no memory, no descriptor, or no way to the server. Time is the caller's to
 * watch. */
struct wire_tcp *wire_tcp_ask(struct wire_tcp_set *set, struct poller *poller,
                              const struct name_server *server,
                              const struct packet_question *question);
void wire_tcp_listen(struct wire_tcp *exchange, wire_tcp_on_reply *on_reply, void *arg);
/* No reply will be told; the connection is closed. */
void wire_tcp_cancel(struct wire_tcp *exchange);
/* Cancels all and frees what was kept. */
void wire_tcp_close(struct wire_tcp_set *set);

#endif
