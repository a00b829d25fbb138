/* lab-relay: distance for the lab. It stands on port 53 of the name servers' addresses,
 * passes every question on to another port of the same address and holds each answer back
 * for a fixed time. Packet delay by the kernel (netem) is not to be had in a namespace
 * without privileges.
 *
 *     lab-relay --delay-ms 50 --to-port 5300 198.18.0.1 198.18.1.1 …
 *
 * UDP: questions get a fresh id on the way in, the slot of that id remembers who asked.
 * TCP: one connection in, one out; bytes towards the client are late. As the delay is the
 * same for all, what is held is a plain queue. One thread; ends with the signal that
 * kills it. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    relay_listen_port_default = 53,
    relay_ids = 65536,
    relay_packet_bytes_max = 65536,
    relay_events = 256,
    relay_reads_per_event = 64, /* then the others get their turn */
    relay_socket_buffer_bytes = 4 << 20,
    relay_window = 128, /* what nsd's small socket buffer holds for certain */
    relay_stall_us = 200000,
};

enum watch_kind {
    WATCH_QUESTIONS,
    WATCH_ANSWERS,
    WATCH_ACCEPT,
    WATCH_CLIENT,
    WATCH_SERVER
};

struct watch { /* what an epoll event points to */
    enum watch_kind kind;
    int fd;
    void *owner; /* struct relay_address or struct connection */
};

struct asker {
    struct sockaddr_in from;
    uint16_t id; /* network order, as it came */
    bool is_waiting;
};

struct relay_address {
    struct in_addr address;
    struct watch questions, answers, accept;
    struct relay_address *next;
    unsigned window_used;
    bool is_paused; /* window full: questions wait in the kernel's buffer, which is ours
                       and big */
    uint64_t last_answer_us;
    uint16_t next_id;
    struct asker askers[relay_ids];
};

struct connection {
    struct watch client, server;
    unsigned held_count; /* held chunks that point here */
    bool is_broken;
};

struct held {
    struct held *next;
    uint64_t due_us;
    struct connection *connection; /* NULL: UDP */
    int fd;
    struct sockaddr_in to;
    size_t len; /* 0 on a connection: close it */
    uint8_t bytes[];
};

struct relay {
    int epoll_fd;
    uint64_t delay_us;
    uint16_t listen_port, to_port;
    struct held *first, **end;
    struct relay_address *addresses;
    uint8_t buffer[relay_packet_bytes_max];
};

static void die(const char *what)
{
    fprintf(stderr, "lab-relay: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static struct sockaddr_in endpoint(struct in_addr address, uint16_t port)
{
    return (struct sockaddr_in){
        .sin_family = AF_INET, .sin_addr = address, .sin_port = htons(port)};
}

static int watch_add(struct relay *relay, struct watch *watch)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watch};
    return epoll_ctl(relay->epoll_fd, EPOLL_CTL_ADD, watch->fd, &event);
}

/* ---- what waits
 * ------------------------------------------------------------------------- */

static struct held *hold(struct relay *relay, size_t len)
{
    struct held *held = malloc(sizeof *held + len);
    if (held == NULL) {
        die("memory");
    }
    memcpy(held->bytes, relay->buffer, len);
    held->next = NULL;
    held->due_us = now_us() + relay->delay_us;
    held->connection = NULL;
    held->len = len;
    *relay->end = held;
    relay->end = &held->next;
    return held;
}

/* The descriptor stays open until no held chunk points to the connection any more: an
 * event of this round may still name it. */
static void connection_settle(struct connection *connection)
{
    if (!connection->is_broken || connection->held_count > 0) {
        return;
    }
    close(connection->client.fd);
    close(connection->server.fd);
    free(connection);
}

static void connection_deliver(const struct held *held)
{
    struct connection *connection = held->connection;
    connection->held_count--;
    if (!connection->is_broken &&
        (held->len == 0 || send(connection->client.fd, held->bytes, held->len,
                                MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)held->len)) {
        connection->is_broken = true;
    }
    connection_settle(connection);
}

/* Returns the milliseconds until the next answer is due, -1: nothing is held. */
static int deliver_due(struct relay *relay)
{
    uint64_t now = now_us();
    while (relay->first != NULL && relay->first->due_us <= now) {
        struct held *held = relay->first;
        relay->first = held->next;
        if (held->connection != NULL) {
            connection_deliver(held);
        } else {
            (void)sendto(held->fd, held->bytes, held->len, MSG_DONTWAIT,
                         (struct sockaddr *)&held->to, sizeof held->to);
        }
        free(held);
    }
    if (relay->first == NULL) {
        relay->end = &relay->first;
        return -1;
    }
    return (int)((relay->first->due_us - now + 999) / 1000);
}

/* ---- UDP
 * -------------------------------------------------------------------------------- */

static void set_paused(struct relay *relay, struct relay_address *address, bool is_paused)
{
    if (address->is_paused != is_paused) {
        struct epoll_event event = {.events = is_paused ? 0 : EPOLLIN,
                                    .data.ptr = &address->questions};
        epoll_ctl(relay->epoll_fd, EPOLL_CTL_MOD, address->questions.fd, &event);
        address->is_paused = is_paused;
    }
}

/* Questions the server lost must not close the window for ever. */
static bool is_any_paused(struct relay *relay)
{
    bool is_any = false;
    for (struct relay_address *address = relay->addresses; address != NULL;
         address = address->next) {
        if (address->is_paused && now_us() - address->last_answer_us > relay_stall_us) {
            address->window_used = 0;
            set_paused(relay, address, false);
        }
        is_any |= address->is_paused;
    }
    return is_any;
}

static void on_questions(struct relay *relay, struct relay_address *address)
{
    for (int i = 0; i < relay_reads_per_event; i++) {
        if (address->window_used >= relay_window) {
            set_paused(relay, address, true);
            return;
        }
        struct sockaddr_in from;
        socklen_t from_len = sizeof from;
        ssize_t len = recvfrom(address->questions.fd, relay->buffer, sizeof relay->buffer,
                               MSG_DONTWAIT, (struct sockaddr *)&from, &from_len);
        if (len < 12) { /* no DNS header; or nothing there */
            return;
        }
        uint16_t id = address->next_id++;
        struct asker *asker = &address->askers[id];
        if (address->window_used == 0) {
            address->last_answer_us = now_us();
        }
        address->window_used +=
            asker->is_waiting ? 0 : 1; /* round the clock: it was lost */
        asker->from = from;
        asker->is_waiting = true;
        memcpy(&asker->id, relay->buffer, sizeof asker->id);
        memcpy(relay->buffer, &id, sizeof id);
        (void)send(address->answers.fd, relay->buffer, (size_t)len, MSG_DONTWAIT);
    }
}

static void take_answers(struct relay *relay, struct relay_address *address)
{
    for (int i = 0; i < relay_reads_per_event; i++) {
        ssize_t len =
            recv(address->answers.fd, relay->buffer, sizeof relay->buffer, MSG_DONTWAIT);
        if (len < 12) {
            return;
        }
        uint16_t id;
        memcpy(&id, relay->buffer, sizeof id);
        struct asker *asker = &address->askers[id];
        if (!asker->is_waiting) {
            continue;
        }
        asker->is_waiting = false;
        address->window_used -= address->window_used > 0 ? 1 : 0;
        memcpy(relay->buffer, &asker->id, sizeof asker->id);
        struct held *held = hold(relay, (size_t)len);
        held->fd = address->questions.fd;
        held->to = asker->from;
    }
}

static void on_answers(struct relay *relay, struct relay_address *address)
{
    address->last_answer_us = now_us();
    take_answers(relay, address);
    if (address->window_used < relay_window) {
        set_paused(relay, address, false);
    }
}

/* ---- TCP
 * -------------------------------------------------------------------------------- */

static void connection_break(struct relay *relay, struct connection *connection)
{
    epoll_ctl(relay->epoll_fd, EPOLL_CTL_DEL, connection->client.fd, NULL);
    epoll_ctl(relay->epoll_fd, EPOLL_CTL_DEL, connection->server.fd, NULL);
    connection->is_broken = true;
    hold(relay, 0)->connection = connection; /* freed when the queue has let go of it */
    connection->held_count++;
}

static void on_accept(struct relay *relay, struct relay_address *address)
{
    int client_fd = accept4(address->accept.fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (client_fd < 0) {
        return;
    }
    struct sockaddr_in to = endpoint(address->address, relay->to_port);
    int server_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct connection *connection = calloc(1, sizeof *connection);
    /* connecting may block: on loopback it is done or refused at once */
    if (connection == NULL || server_fd < 0 ||
        connect(server_fd, (struct sockaddr *)&to, sizeof to) != 0) {
        close(client_fd);
        close(server_fd);
        free(connection);
        return;
    }
    connection->client = (struct watch){WATCH_CLIENT, client_fd, connection};
    connection->server = (struct watch){WATCH_SERVER, server_fd, connection};
    watch_add(relay, &connection->client);
    watch_add(relay, &connection->server);
}

static void on_client(struct relay *relay, struct connection *connection)
{
    if (connection->is_broken) {
        return;
    }
    ssize_t len =
        recv(connection->client.fd, relay->buffer, sizeof relay->buffer, MSG_DONTWAIT);
    if (len < 0 && errno == EAGAIN) {
        return;
    }
    if (len == 0) { /* it has asked all it wanted: answers may still come */
        epoll_ctl(relay->epoll_fd, EPOLL_CTL_DEL, connection->client.fd, NULL);
        shutdown(connection->server.fd, SHUT_WR);
        return;
    }
    if (len < 0 ||
        send(connection->server.fd, relay->buffer, (size_t)len, MSG_NOSIGNAL) != len) {
        connection_break(relay, connection);
    }
}

static void on_server(struct relay *relay, struct connection *connection)
{
    if (connection->is_broken) {
        return;
    }
    ssize_t len =
        recv(connection->server.fd, relay->buffer, sizeof relay->buffer, MSG_DONTWAIT);
    if (len < 0 && errno == EAGAIN) {
        return;
    }
    if (len <= 0) {
        epoll_ctl(relay->epoll_fd, EPOLL_CTL_DEL, connection->server.fd, NULL);
    }
    hold(relay, len > 0 ? (size_t)len : 0)->connection = connection;
    connection->held_count++;
}

/* ---- start
 * ------------------------------------------------------------------------------ */

static int open_socket(int type, const struct sockaddr_in *bound,
                       const struct sockaddr_in *peer)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    int on = 1, bytes = relay_socket_buffer_bytes;
    if (fd < 0) {
        die("socket");
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    if (bound != NULL && bind(fd, (const struct sockaddr *)bound, sizeof *bound) != 0) {
        die("bind");
    }
    if (peer != NULL && connect(fd, (const struct sockaddr *)peer, sizeof *peer) != 0) {
        die("connect");
    }
    return fd;
}

static void relay_serve(struct relay *relay, const char *text)
{
    struct relay_address *address = calloc(1, sizeof *address);
    if (address == NULL) {
        die("memory");
    }
    if (inet_pton(AF_INET, text, &address->address) != 1) {
        errno = EINVAL;
        die(text);
    }
    struct sockaddr_in here = endpoint(address->address, relay->listen_port);
    struct sockaddr_in there = endpoint(address->address, relay->to_port);
    int tcp_fd = open_socket(SOCK_STREAM, &here, NULL);
    if (listen(tcp_fd, 1024) != 0 || fcntl(tcp_fd, F_SETFL, O_NONBLOCK) != 0) {
        die("listen");
    }
    address->questions =
        (struct watch){WATCH_QUESTIONS, open_socket(SOCK_DGRAM, &here, NULL), address};
    address->answers =
        (struct watch){WATCH_ANSWERS, open_socket(SOCK_DGRAM, NULL, &there), address};
    address->accept = (struct watch){WATCH_ACCEPT, tcp_fd, address};
    if (watch_add(relay, &address->questions) != 0 ||
        watch_add(relay, &address->answers) != 0 ||
        watch_add(relay, &address->accept) != 0) {
        die("epoll_ctl");
    }
    address->next = relay->addresses;
    relay->addresses = address;
}

static void on_event(struct relay *relay, struct watch *watch)
{
    switch (watch->kind) {
    case WATCH_QUESTIONS:
        on_questions(relay, watch->owner);
        break;
    case WATCH_ANSWERS:
        on_answers(relay, watch->owner);
        break;
    case WATCH_ACCEPT:
        on_accept(relay, watch->owner);
        break;
    case WATCH_CLIENT:
        on_client(relay, watch->owner);
        break;
    case WATCH_SERVER:
        on_server(relay, watch->owner);
        break;
    }
}

static void relay_run(struct relay *relay)
{
    struct epoll_event events[relay_events];
    for (;;) {
        /* nothing is delivered, and so no connection freed, while a round's events are
         * read */
        int wait_ms = deliver_due(relay);
        if (is_any_paused(relay) && (wait_ms < 0 || wait_ms > 100)) {
            wait_ms = 100;
        }
        int count = epoll_wait(relay->epoll_fd, events, relay_events, wait_ms);
        if (count < 0 && errno != EINTR) {
            die("epoll_wait");
        }
        for (int i = 0; i < count; i++) {
            on_event(relay, events[i].data.ptr);
        }
    }
}

static uint16_t read_number(const char *text, unsigned long max)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number > max) {
        errno = EINVAL;
        die(text);
    }
    return (uint16_t)number;
}

int main(int argc, char **argv)
{
    static struct relay relay = {
        .delay_us = 50000, .listen_port = relay_listen_port_default, .to_port = 5300};
    static const struct option options[] = {{"delay-ms", required_argument, NULL, 'd'},
                                            {"to-port", required_argument, NULL, 't'},
                                            {"port", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'd') {
            relay.delay_us = (uint64_t)read_number(optarg, 60000) * 1000;
        } else if (option == 't') {
            relay.to_port = read_number(optarg, 65535);
        } else if (option == 'p') {
            relay.listen_port = read_number(optarg, 65535);
        } else {
            return 2;
        }
    }
    if (optind == argc) {
        fputs("usage: lab-relay [--delay-ms N] [--port N] [--to-port N] ADDRESS…\n",
              stderr);
        return 2;
    }
    relay.end = &relay.first;
    relay.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (relay.epoll_fd < 0) {
        die("epoll_create1");
    }
    for (int i = optind; i < argc; i++) {
        relay_serve(&relay, argv[i]);
    }
    relay_run(&relay);
}
