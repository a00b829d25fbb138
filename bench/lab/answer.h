/* lab-answer: the lab's name servers and its resolver as one program, for populations and
 * networks that nsd and unbound are too big, too slow or too reliable for.
 *
 *     lab-answer [OPTION…] CONFIGURATION
 *
 *     zones zones-host 198.18.2.1 198.18.2.2   authoritative at these, for that file's zones
 *     resolver 198.18.0.53                     for everything, following CNAMEs and zones
 *     forward fault-mx.net 198.18.0.54         … but for this zone, which that one resolves
 *
 * The zones lines go from the root downwards. Paths are relative to the configuration's
 * folder. One process, one thread, one epoll; questions are taken and answers sent in
 * batches.
 */
#ifndef BENCH_LAB_ANSWER_H
#define BENCH_LAB_ANSWER_H

#include "bench/lab/answer_packet.h"
#include "bench/lab/answer_stats.h"
#include "bench/lab/answer_weather.h"

#include <netinet/in.h>

/* What an epoll event points to; stands first in its owner. */
struct watch {
    int fd;
    void (*on_ready)(struct watch *watch);
};

struct server;
struct forwarder; /* of answer_forward.c */

/* One address that is asked. */
struct address {
    struct watch udp; /* stands first */
    struct acceptor {
        struct watch watch; /* stands first */
        struct address *address;
    } acceptor;
    struct server *server;
    struct in_addr in;
    int layer;
    struct rate rate;
    struct address *next;
};

struct server {
    int epoll_fd;
    uint16_t port;
    struct zones *zones;       /* NULL: everything is refused … */
    struct zones *zones_to_be; /* … until these are served again */
    struct address *addresses;
    struct forwarder *forwarder; /* NULL: no zone is forwarded */
    struct weather *weather;     /* NULL: fair */
    const char *stats_path;      /* NULL: nobody wants to know */
    struct rate rate;
    uint64_t questions_tcp, answers, forwarded;
};

/* EPOLLIN, EPOLLOUT; these end the program where the lab itself is wrong. */
void server_watch(struct server *server, struct watch *watch, uint32_t events);
void server_rewatch(struct server *server, struct watch *watch, uint32_t events);

/* Makes the resolver pass questions for that zone on; one resolver for all such zones. */
void forward_zone(struct server *server, const char *zone, const char *resolver);
/* Passes a datagram on; its answer goes back by the way it came. */
void forward_udp(struct address *address, const struct sockaddr_in *from, uint8_t *bytes,
                 size_t len);
/* Returns a connection to the resolver, -1: there is none. */
int forward_connect(const struct server *server);

/* An answer that was composed, or has come from the resolver behind us. */
void udp_send(struct address *address, const struct sockaddr_in *to, const uint8_t *bytes,
              size_t len);
void on_udp_questions(struct watch *watch);
void on_tcp_accept(struct watch *watch);
/* After each round of events: frees the connections that were closed in it. */
void tcp_tick(void);

#endif
