/* One question to one server over a TCP connection of its own (RFC 7766), for answers
 * that did not fit into a datagram.
 *
 * getdns could do it, but the one connection it shares among questions is lost now and
 * then while questions are on it, and then they time out, again and again. Truncated
 * answers are rare enough for a connection each.
 */
#ifndef RESOLVER_WIRE_TCP_H
#define RESOLVER_WIRE_TCP_H

#include "resolver/name_servers.h"
#include "resolver/packet.h"

struct uv_loop_s;
struct wire_tcp;

/* The exchanges under way; all zero before first use. */
struct wire_tcp_set {
    struct wire_tcp *first;
};

/* wire NULL: the connection failed. Borrowed. Never called from inside wire_tcp_ask. */
typedef void wire_tcp_on_reply(void *arg, const uint8_t *wire, size_t len);

/* NULL: no memory, no descriptor, or no way to the server. Time is the caller's to
 * watch. */
struct wire_tcp *wire_tcp_ask(struct wire_tcp_set *set, struct uv_loop_s *loop,
                              const struct name_server *server,
                              const struct packet_question *question);
void wire_tcp_listen(struct wire_tcp *exchange, wire_tcp_on_reply *on_reply, void *arg);
/* No reply will be told. */
void wire_tcp_cancel(struct wire_tcp *exchange);
void wire_tcp_cancel_all(struct wire_tcp_set *set);

#endif
