/* Questions over connections (RFC 7766): as many as come, answered in their order. */
#include "bench/lab/answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    QUESTIONS_MAX = 4096, /* bytes of questions read ahead */
    ONWARD_BYTES = 65536,
};

struct connection {
    struct watch watch; /* stands first */
    struct address *address;
    struct connection *next_closed;
    bool is_done_asking; /* the client: it may wait for answers still */
    bool is_ending;      /* there will be no more answers */
    bool is_closed;
    unsigned held_count; /* answers that the weather has */
    struct onward {
        struct watch watch; /* stands first; fd < 0: there is none */
        struct connection *connection;
    } onward; /* to the resolver that has taken the connection over */
    uint8_t questions[QUESTIONS_MAX];
    size_t questions_len;
    uint8_t *answers; /* owned: what is not sent yet */
    size_t answers_len, answers_size;
};

static struct connection *closed; /* freed when no event of this round can name them */

static void connection_forget(struct connection *connection)
{
    if (connection->held_count == 0) {
        connection->next_closed = closed;
        closed = connection;
    }
}

static void connection_close(struct connection *connection)
{
    if (!connection->is_closed) {
        close(connection->watch.fd);
        if (connection->onward.watch.fd >= 0) {
            close(connection->onward.watch.fd);
        }
        connection->is_closed = true;
        connection_forget(connection);
    }
}

void tcp_tick(void)
{
    while (closed != NULL) {
        struct connection *connection = closed;
        closed = connection->next_closed;
        free(connection->answers);
        free(connection);
    }
}

static uint8_t *reserve(struct connection *connection, size_t more)
{
    if (connection->answers_len + more > connection->answers_size) {
        size_t size = connection->answers_len + more;
        uint8_t *bytes = realloc(connection->answers, size);
        if (bytes == NULL) {
            answer_die("memory", strerror(ENOMEM));
        }
        connection->answers = bytes;
        connection->answers_size = size;
    }
    return connection->answers + connection->answers_len;
}

/* False: the connection is broken. */
static bool send_some(struct connection *connection)
{
    if (connection->answers_len == 0) {
        return true;
    }
    ssize_t sent = send(connection->watch.fd, connection->answers,
                        connection->answers_len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN;
    }
    connection->answers_len -= (size_t)sent;
    memmove(connection->answers, connection->answers + sent, connection->answers_len);
    return true;
}

/* While answers wait for room no more questions are read. */
static void send_answers(struct connection *connection)
{
    bool is_whole = send_some(connection);
    bool is_over = connection->answers_len == 0 && connection->is_ending &&
                   connection->held_count == 0;
    if (!is_whole || is_over) {
        connection_close(connection);
        return;
    }
    uint32_t events = connection->is_done_asking ? 0 : EPOLLIN;
    server_rewatch(connection->address->server, &connection->watch,
                   connection->answers_len > 0 ? EPOLLOUT : events);
}

static void add_answers(struct connection *connection, const uint8_t *bytes, size_t len)
{
    struct weather *weather = connection->address->server->weather;
    if (weather != NULL) {
        connection->held_count++;
        weather_tcp(weather, connection, bytes, len);
    } else {
        memcpy(reserve(connection, len), bytes, len);
        connection->answers_len += len;
    }
}

void tcp_deliver(struct connection *connection, const uint8_t *bytes, size_t len)
{
    connection->held_count--;
    if (connection->is_closed) {
        connection_forget(connection);
        return;
    }
    memcpy(reserve(connection, len), bytes, len);
    connection->answers_len += len;
    send_answers(connection);
}

static void on_onward(struct watch *watch)
{
    struct connection *connection = ((struct onward *)watch)->connection;
    if (connection->is_closed) {
        return;
    }
    uint8_t bytes[ONWARD_BYTES];
    ssize_t got = recv(watch->fd, bytes, sizeof bytes, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got > 0) {
        add_answers(connection, bytes, (size_t)got);
    } else {
        connection->is_done_asking = connection->is_ending = true;
        close(watch->fd);
        watch->fd = -1;
    }
    send_answers(connection);
}

/* From a question on that is forwarded the other resolver has the whole connection: it can
 * answer everything. */
static void send_onward(struct connection *connection, const uint8_t *bytes, size_t len)
{
    if (connection->onward.watch.fd < 0) {
        int fd = forward_connect(connection->address->server);
        if (fd < 0) {
            connection_close(connection);
            return;
        }
        connection->onward = (struct onward){{fd, on_onward}, connection};
        server_watch(connection->address->server, &connection->onward.watch, EPOLLIN);
    }
    if (send(connection->onward.watch.fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len) {
        connection_close(connection);
    }
}

/* False: it is not for us, nor are those after it. */
static bool answer_one(struct connection *connection, const uint8_t *question, size_t len)
{
    uint8_t bytes[2 + ANSWER_TCP_MAX];
    struct answer answer = {.bytes = bytes + 2, .size = ANSWER_TCP_MAX};
    struct address *address = connection->address;
    uint64_t now_ns = stats_now_ns();
    rate_add(&address->rate, now_ns);
    rate_add(&address->server->rate, now_ns);
    address->server->questions_tcp++;
    enum answer_fate fate =
        answer_compose(address->server->zones, address->layer, question, len, &answer);
    if (fate == ANSWER_SEND) {
        bytes[0] = (uint8_t)(answer.len >> 8);
        bytes[1] = (uint8_t)answer.len;
        address->server->answers++;
        add_answers(connection, bytes, 2 + answer.len);
    } else if (fate == ANSWER_NONE) {
        connection_close(connection);
    }
    return fate != ANSWER_FORWARD;
}

static void answer_whole_ones(struct connection *connection)
{
    uint8_t *bytes = connection->questions;
    size_t at = 0, len = connection->questions_len;
    while (len - at >= 2 && !connection->is_closed) {
        size_t one = (size_t)bytes[at] << 8 | bytes[at + 1];
        if (2 + one > QUESTIONS_MAX) {
            connection_close(connection);
        }
        if (len - at < 2 + one) {
            break;
        }
        if (!answer_one(connection, bytes + at + 2, one)) {
            send_onward(connection, bytes + at, len - at);
            at = len;
            break;
        }
        at += 2 + one;
    }
    memmove(bytes, bytes + at, len - at);
    connection->questions_len = len - at;
}

/* What was read while the other resolver has the connection; nothing: that was all. */
static void relay_questions(struct connection *connection, size_t len)
{
    if (len > 0) {
        send_onward(connection, connection->questions, len);
    } else {
        shutdown(connection->onward.watch.fd, SHUT_WR);
    }
}

static void read_questions(struct connection *connection)
{
    ssize_t got =
        recv(connection->watch.fd, connection->questions + connection->questions_len,
             QUESTIONS_MAX - connection->questions_len, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) {
        return;
    }
    if (got < 0) {
        connection_close(connection);
        return;
    }
    connection->is_done_asking = got == 0;
    if (connection->onward.watch.fd >= 0) {
        relay_questions(connection, (size_t)got);
        return;
    }
    connection->is_ending = got == 0;
    connection->questions_len += (size_t)got;
    answer_whole_ones(connection);
}

static void on_connection(struct watch *watch)
{
    struct connection *connection = (struct connection *)watch;
    if (!connection->is_closed && connection->answers_len == 0 &&
        !connection->is_done_asking) {
        read_questions(connection);
    }
    if (!connection->is_closed) {
        send_answers(connection);
    }
}

void on_tcp_accept(struct watch *watch)
{
    int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    struct connection *connection = calloc(1, sizeof *connection);
    if (connection == NULL) {
        answer_die("memory", strerror(ENOMEM));
    }
    connection->watch = (struct watch){fd, on_connection};
    connection->onward.watch.fd = -1;
    connection->address = ((struct acceptor *)watch)->address;
    server_watch(connection->address->server, &connection->watch, EPOLLIN);
}
