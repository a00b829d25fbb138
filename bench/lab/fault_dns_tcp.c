/* Questions over TCP (RFC 7766). */
#include "bench/lab/fault_dns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

/* Who asks, and beside it the errand to upstream while there is one. */
struct connection {
    struct watch client; /* stands first */
    struct errand {
        struct watch watch; /* fd < 0: none */
        struct connection *connection;
        size_t to_send_len; /* of the question, when upstream has taken the connection */
    } errand;
    struct asked asked;
    const struct deed *deed;
    struct connection *next_closed;
    bool is_closed;
    size_t question_len, answer_len; /* with the two bytes of length before them */
    uint8_t question[2 + 512], answer[2 + MESSAGE_MAX + FAULT_PACKET_GROWTH];
};

static struct connection *closed; /* freed when no event of this round can name them */

static void errand_close(struct connection *connection)
{
    fault_linger(connection->errand.watch.fd); /* else each holds a port for a minute */
    close(connection->errand.watch.fd);
    connection->errand.watch.fd = -1;
}

static void connection_close(struct connection *connection)
{
    if (connection->is_closed) {
        return;
    }
    fault_unwatch(&connection->client); /* fault_stream.c may hold on to it */
    close(connection->client.fd);
    if (connection->errand.watch.fd >= 0) {
        errand_close(connection);
    }
    connection->is_closed = true;
    connection->next_closed = closed;
    closed = connection;
}

void fault_dns_tick(void)
{
    while (closed != NULL) {
        struct connection *connection = closed;
        closed = connection->next_closed;
        free(connection);
    }
}

/* Reads on in a message with its length before it; false: the peer has gone or says too
 * much. */
static bool read_on(int fd, uint8_t *bytes, size_t *len, size_t size)
{
    size_t wanted = *len < 2 ? 2 : 2 + ((size_t)bytes[0] << 8 | bytes[1]);
    if (wanted > size) {
        return false;
    }
    ssize_t got = recv(fd, bytes + *len, wanted - *len, MSG_DONTWAIT);
    if (got < 0 && errno == EAGAIN) {
        return true;
    }
    *len += got > 0 ? (size_t)got : 0;
    return got > 0;
}

static bool is_whole(const uint8_t *bytes, size_t len)
{
    return len > 2 && len == 2 + ((size_t)bytes[0] << 8 | bytes[1]);
}

static void tell_truth(struct connection *connection)
{
    const struct deed *deed = connection->deed;
    uint8_t *answer = connection->answer;
    size_t len = fault_change(deed, answer + 2, connection->answer_len - 2);
    answer[0] = (uint8_t)(len >> 8);
    answer[1] = (uint8_t)len;
    connection->answer_len = 0;
    if (!fault_stream_send(deed->stream, connection->client.fd, answer, len + 2)) {
        connection_close(connection);
    }
}

static void hear_truth(struct connection *connection)
{
    uint8_t *answer = connection->answer;
    if (!read_on(connection->errand.watch.fd, answer, &connection->answer_len,
                 2 + MESSAGE_MAX)) {
        connection_close(connection);
    } else if (is_whole(answer, connection->answer_len)) {
        fault_turn(&connection->asked, answer + 2, connection->answer_len - 2);
        errand_close(connection);
        fault_rewatch(&connection->client, EPOLLIN);
        tell_truth(connection);
    }
}

static void on_errand(struct watch *watch)
{
    struct errand *errand = (struct errand *)watch;
    struct connection *connection = errand->connection;
    size_t len = errand->to_send_len;
    if (connection->is_closed) {
        return;
    }
    if (len == 0) {
        hear_truth(connection);
        return;
    }
    errand->to_send_len = 0;
    fault_rewatch(watch, EPOLLIN);
    if (send(watch->fd, connection->question, len, MSG_NOSIGNAL) != (ssize_t)len) {
        connection_close(connection);
    }
}

/* Its next question waits meanwhile, and nobody else does. */
static void send_errand(struct connection *connection)
{
    const struct sockaddr_in *at = &connection->asked.server->upstream_at;
    size_t len = connection->question_len;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    memcpy(connection->question + 2, fault_message, len - 2);
    connection->errand = (struct errand){{fd, on_errand}, connection, len};
    if (fd < 0 || (connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 &&
                   errno != EINPROGRESS)) {
        connection_close(connection);
        return;
    }
    fault_watch(&connection->errand.watch, EPOLLOUT);
    fault_rewatch(&connection->client, 0);
}

static void answer_falsely(struct connection *connection, const struct question *question)
{
    size_t len = fault_reply(connection->deed, question);
    uint8_t prefix[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    fault_turn(&connection->asked, fault_message, len);
    if (send(connection->client.fd, prefix, 2, MSG_MORE | MSG_NOSIGNAL) == 2) {
        (void)send(connection->client.fd, fault_message, len, MSG_NOSIGNAL);
    }
}

static void answer_connection(struct connection *connection)
{
    struct question question;
    size_t len = connection->question_len - 2;
    memcpy(fault_message, connection->question + 2, len);
    const struct dns_fault *fault = fault_meet(&connection->asked, &question, len);
    if (fault != NULL && fault->tcp.act == ACT_RESET) {
        fault_linger(connection->client.fd);
    }
    if (fault == NULL || fault->tcp.act == ACT_CLOSE || fault->tcp.act == ACT_RESET) {
        connection_close(connection);
        return;
    }
    connection->deed = &fault->tcp;
    if (fault_is_forward(connection->deed)) {
        send_errand(connection);
    } else if (connection->deed->act != ACT_SILENCE) {
        answer_falsely(connection, &question);
    }
}

static void on_client(struct watch *watch)
{
    struct connection *connection = (struct connection *)watch;
    if (connection->is_closed) {
        return;
    }
    if (connection->errand.watch.fd >= 0 ||
        !read_on(watch->fd, connection->question, &connection->question_len,
                 sizeof connection->question)) {
        connection_close(connection);
    } else if (is_whole(connection->question, connection->question_len)) {
        answer_connection(connection);
        connection->question_len = 0;
    }
}

static void on_accept(struct watch *watch)
{
    int fd = accept4(watch->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) {
        return;
    }
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t at_len = sizeof at;
    (void)getsockname(fd, (struct sockaddr *)&at, &at_len);
    struct asked asked = fault_asked(at.sin_addr);
    if (asked.server == NULL || asked.server->has_no_port) {
        fault_linger(fd);
        close(fd);
        return;
    }
    struct connection *connection = fault_allocate(sizeof *connection);
    connection->client = (struct watch){fd, on_client};
    connection->errand.watch.fd = -1;
    connection->asked = asked;
    fault_watch(&connection->client, EPOLLIN);
}

int fault_tcp_open(const struct sockaddr_in *at)
{
    struct watch *watch = fault_allocate(sizeof *watch);
    *watch = (struct watch){fault_open(SOCK_STREAM, at, 1024), on_accept};
    fault_watch(watch, EPOLLIN);
    return watch->fd;
}
