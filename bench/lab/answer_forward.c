/* Zones that somebody else resolves: those whose servers fail, each in its own way. */
#include "bench/lab/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_LEN = 12,
    UNDER_WAY_MAX = 16384, /* questions; the oldest gives way */
    RESOLVER_PORT = 53,
};

struct asker {
    struct address *address; /* where it asked */
    struct sockaddr_in from;
    uint8_t id[2];
};

struct forwarder {
    struct watch udp; /* stands first; connected */
    struct sockaddr_in at;
    unsigned next;
    struct asker askers[UNDER_WAY_MAX]; /* by the id that the question has got */
};

void forward_udp(struct address *address, const struct sockaddr_in *from, uint8_t *bytes,
                 size_t len)
{
    struct forwarder *forwarder = address->server->forwarder;
    unsigned id = forwarder->next++ % UNDER_WAY_MAX;
    struct asker *asker = &forwarder->askers[id];
    asker->address = address;
    asker->from = *from;
    memcpy(asker->id, bytes, 2);
    bytes[0] = (uint8_t)(id >> 8);
    bytes[1] = (uint8_t)id;
    address->server->forwarded++;
    (void)send(forwarder->udp.fd, bytes, len, MSG_DONTWAIT);
}

static void on_answer(struct watch *watch)
{
    const struct forwarder *forwarder = (struct forwarder *)watch;
    uint8_t bytes[ANSWER_TCP_MAX];
    ssize_t len = recv(watch->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    unsigned id = len < HEADER_LEN ? UNDER_WAY_MAX : (unsigned)bytes[0] << 8 | bytes[1];
    if (id < UNDER_WAY_MAX && forwarder->askers[id].address != NULL) {
        const struct asker *asker = &forwarder->askers[id];
        memcpy(bytes, asker->id, 2);
        udp_send(asker->address, &asker->from, bytes, (size_t)len);
    }
}

static int connect_to(const struct sockaddr_in *at, int type)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)at, sizeof *at) != 0) {
        close(fd);
        fd = -1;
    }
    return fd;
}

int forward_connect(const struct server *server)
{
    return connect_to(&server->forwarder->at, SOCK_STREAM);
}

static struct forwarder *forwarder_open(struct server *server, const char *resolver)
{
    struct forwarder *forwarder = calloc(1, sizeof *forwarder);
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(RESOLVER_PORT)};
    if (forwarder == NULL || inet_pton(AF_INET, resolver, &at.sin_addr) != 1) {
        answer_die(resolver, "is no IPv4 address");
    }
    forwarder->at = at;
    forwarder->udp = (struct watch){connect_to(&at, SOCK_DGRAM), on_answer};
    if (forwarder->udp.fd < 0) {
        answer_die(resolver, strerror(errno));
    }
    server_watch(server, &forwarder->udp, EPOLLIN);
    return forwarder;
}

void forward_zone(struct server *server, const char *zone, const char *resolver)
{
    if (server->forwarder == NULL) {
        server->forwarder = forwarder_open(server, resolver);
    }
    zones_forward(server->zones, zone);
}
