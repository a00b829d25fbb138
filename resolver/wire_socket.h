/* The UDP sockets of the wire engine: some for each name server, connected, so that the
 * kernel passes on what comes from that server's address and port and nothing else (RFC
 * 5452, 9.1), each with a port the kernel has drawn.
 *
 * libuv sends and receives many datagrams a system call (sendmmsg, recvmmsg).
 *
 *   wire_sockets_open(&sockets, loop, &config, &bad);
 *   struct wire_packet *packet = wire_packet_take(sockets);   NULL: no memory
 *   packet->len = …compose into packet->bytes…
 *   wire_packet_send(packet, socket);          socket: server * each + 0 … each - 1
 *   wire_sockets_close(sockets, on_closed, arg);   on_closed when nothing is called any more
 *
 * The sockets do not keep the loop running; packets being sent do.
 */
#ifndef RESOLVER_WIRE_SOCKET_H
#define RESOLVER_WIRE_SOCKET_H

#include <uv.h>

#include "resolver/name_servers.h"
#include "resolver/packet.h"

struct wire_sockets;

struct wire_packet {
    uv_udp_send_t request;
    struct wire_packet *next;
    struct wire_socket *socket;
    unsigned len;
    uint8_t bytes[PACKET_QUERY_MAX];
};

struct wire_events {
    void *arg;
    void (*on_reply)(void *arg, unsigned socket, const uint8_t *wire, size_t len);
    /* The query with that id was not sent. */
    void (*on_not_sent)(void *arg, unsigned socket, uint16_t id);
    /* The server's port is closed, or there is no way to it. */
    void (*on_unreachable)(void *arg, unsigned socket);
    /* What has arrived is told: the moment to ask more. */
    void (*on_turn)(void *arg);
};

struct wire_sockets_config {
    const struct name_server *servers; /* valid during open only */
    unsigned server_count;
    unsigned each; /* sockets for each of them */
    struct wire_events events;
};

/* 0 or -errno; *bad then is the server that cannot be connected to. */
int wire_sockets_open(struct wire_sockets **sockets, uv_loop_t *loop,
                      const struct wire_sockets_config *config, unsigned *bad)
    __attribute__((warn_unused_result));
void wire_sockets_close(struct wire_sockets *sockets, void (*on_closed)(void *arg),
                        void *arg);

struct wire_packet *wire_packet_take(struct wire_sockets *sockets);
/* Takes the packet back. False: it was not sent, and no event will say so. */
bool wire_packet_send(struct wire_packet *packet, struct wire_sockets *sockets,
                      unsigned socket);

#endif
