/* Name servers that know everything and say something else. */
#include "bench/lab/fault_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    HEADER_LEN = 12, /* RFC 1035, 4.1.1 */
    NAME_TEXT_MAX = 256,
    MESSAGE_MAX = 65535,
    FORWARDS_MAX = 4096, /* questions under way to one upstream */
    DNS_PORT = 53,
};

enum act {
    ACT_FORWARD, /* what upstream says */
    ACT_SILENCE,
    ACT_RCODE,     /* that rcode, and the question */
    ACT_TRUNCATED, /* TC, no records (RFC 1035, 4.2.1) */
    ACT_REFERRAL,  /* to the root: "I know nothing of that zone" */
    ACT_GARBAGE,   /* a header that promises records, and none */
    ACT_OTHER_ID,  /* the truth under another id */
    ACT_OTHER_QUESTION,
    ACT_CLOSE, /* TCP only */
    ACT_HALF   /* TCP only: half of the truth, then FIN */
};

/* What each word of a rule does, over UDP and over TCP. */
static const struct dns_fault {
    const char *word;
    enum act udp, tcp;
    unsigned rcode;
} faults[] = {
    {"truth", ACT_FORWARD, ACT_FORWARD, 0},
    {"silence", ACT_SILENCE, ACT_SILENCE, 0},
    {"formerr", ACT_RCODE, ACT_RCODE, 1},
    {"servfail", ACT_RCODE, ACT_RCODE, 2},
    {"nxdomain", ACT_RCODE, ACT_RCODE, 3},
    {"notimp", ACT_RCODE, ACT_RCODE, 4},
    {"refused", ACT_RCODE, ACT_RCODE, 5},
    {"notauth", ACT_RCODE, ACT_RCODE, 9},
    {"nodata", ACT_RCODE, ACT_RCODE, 0},
    {"referral", ACT_REFERRAL, ACT_REFERRAL, 0},
    {"garbage", ACT_GARBAGE, ACT_GARBAGE, 0},
    {"other_id", ACT_OTHER_ID, ACT_OTHER_ID, 0},
    {"other_question", ACT_OTHER_QUESTION, ACT_OTHER_QUESTION, 0},
    {"truncated", ACT_TRUNCATED, ACT_FORWARD, 0},
    {"truncated_then_closed", ACT_TRUNCATED, ACT_CLOSE, 0},
    {"truncated_then_silence", ACT_TRUNCATED, ACT_SILENCE, 0},
    {"truncated_then_half", ACT_TRUNCATED, ACT_HALF, 0},
    {"truncated_then_servfail", ACT_TRUNCATED, ACT_RCODE, 2},
};

struct rule {
    char name[NAME_TEXT_MAX]; /* "*" = any */
    unsigned type;            /* 0 = any */
    const struct dns_fault *fault;
    struct rule *next;
};

struct asker {
    struct sockaddr_in from;
    uint8_t id[2];
};

/* A socket of a server beside the one for UDP questions. */
struct side {
    struct watch watch;
    struct dns_server *server;
};

struct dns_server {
    struct watch udp; /* stands first */
    struct in_addr address;
    struct sockaddr_in upstream_at;
    struct rule *rules, **rules_end;
    struct dns_server *next;
    struct side upstream, acceptor;
    unsigned forward_next;
    struct asker askers[FORWARDS_MAX];
};

/* Over TCP: who asks, and beside it the errand to upstream while there is one. */
struct connection {
    struct watch client; /* stands first */
    struct errand {
        struct watch watch; /* fd < 0: none */
        struct connection *connection;
    } errand;
    struct dns_server *server;
    const struct dns_fault *fault;
    struct connection *next_closed;
    bool is_closed;
    size_t question_len, answer_len; /* with the two bytes of length before them */
    uint8_t question[2 + 512], answer[2 + MESSAGE_MAX];
};

static struct connection *closed; /* freed when no event of this round can name them */
static struct dns_server *servers;
static uint8_t message[MESSAGE_MAX]; /* of the event at hand */

static struct dns_server *find_server(const char *address)
{
    struct in_addr wanted = fault_endpoint(address, 0).sin_addr;
    struct dns_server *server = servers;
    while (server != NULL && server->address.s_addr != wanted.s_addr) {
        server = server->next;
    }
    return server;
}

/* ---- the question ---- */

struct question {
    char name[NAME_TEXT_MAX]; /* lower case, no final dot */
    unsigned type;
    size_t end; /* behind the question, from the start of the message */
};

static bool question_read(struct question *question, const uint8_t *bytes, size_t len)
{
    size_t at = HEADER_LEN, text_len = 0;
    while (at < len && bytes[at] != 0) {
        size_t label_len = bytes[at++];
        if (label_len > 63 || at + label_len >= len ||
            text_len + label_len + 2 > sizeof question->name) {
            return false;
        }
        if (text_len > 0) {
            question->name[text_len++] = '.';
        }
        memcpy(question->name + text_len, bytes + at, label_len);
        text_len += label_len;
        at += label_len;
    }
    question->name[text_len] = '\0';
    question->end = at + 5;
    if (question->end > len) {
        return false;
    }
    question->type = (unsigned)bytes[at + 1] << 8 | bytes[at + 2];
    return true;
}

static const struct dns_fault *fault_for(const struct dns_server *server,
                                         const struct question *question)
{
    for (const struct rule *rule = server->rules; rule != NULL; rule = rule->next) {
        bool is_name =
            strcmp(rule->name, "*") == 0 || strcasecmp(rule->name, question->name) == 0;
        if (is_name && (rule->type == 0 || rule->type == question->type)) {
            return rule->fault;
        }
    }
    return &faults[0];
}

/* ---- answers of our own, written over the question ---- */

/* The header and the question; EDNS (RFC 6891) is left out, as old servers do. */
static size_t reply_begin(uint8_t *bytes, const struct question *question, unsigned rcode)
{
    bytes[2] = (uint8_t)(0x80 | 0x04 | (bytes[2] & 0x01)); /* QR AA, RD as asked */
    bytes[3] = (uint8_t)(0x80 | rcode); /* RA: some of us pose as resolvers */
    memset(bytes + 6, 0, 6);
    return question->end;
}

static size_t reply_referral(uint8_t *bytes, const struct question *question)
{
    static const char root_ns[] = "\0\0\2\0\1\0\0\x0e\x10\0\x14\1a\x0croot-servers\3net";
    size_t len = reply_begin(bytes, question, 0);
    bytes[2] &= (uint8_t)~0x04;
    bytes[9] = 1;
    memcpy(bytes + len, root_ns, sizeof root_ns); /* with the root label at its end */
    return len + sizeof root_ns;
}

/* Returns the reply's length, 0: none. Not for ACT_FORWARD. */
static size_t reply(const struct dns_fault *fault, enum act act,
                    const struct question *question)
{
    size_t len;
    switch (act) {
    case ACT_RCODE:
        return reply_begin(message, question, fault->rcode);
    case ACT_TRUNCATED:
        len = reply_begin(message, question, 0);
        message[2] |= 0x02;
        return len;
    case ACT_REFERRAL:
        return reply_referral(message, question);
    case ACT_GARBAGE:
        len = reply_begin(message, question, 0);
        message[7] = 3;
        message[len] = 0xff;
        return len + 1;
    case ACT_OTHER_QUESTION:
        len = reply_begin(message, question, 0);
        message[HEADER_LEN + 1] ^= 0x01;
        return len;
    case ACT_OTHER_ID:
        len = reply_begin(message, question, 0);
        message[0] ^= 0x55;
        return len;
    default:
        return 0;
    }
}

/* ---- UDP ---- */

static void forward(struct dns_server *server, size_t len, const struct sockaddr_in *from)
{
    unsigned id = server->forward_next++ % FORWARDS_MAX;
    server->askers[id].from = *from;
    memcpy(server->askers[id].id, message, 2);
    message[0] = (uint8_t)(id >> 8);
    message[1] = (uint8_t)id;
    (void)send(server->upstream.watch.fd, message, len, MSG_DONTWAIT);
}

static void on_question(struct watch *watch)
{
    struct dns_server *server = (struct dns_server *)watch;
    struct sockaddr_in from;
    socklen_t from_len = sizeof from;
    struct question question;
    ssize_t got = recvfrom(watch->fd, message, sizeof message - 64, MSG_DONTWAIT,
                           (struct sockaddr *)&from, &from_len);
    if (got < HEADER_LEN || !question_read(&question, message, (size_t)got)) {
        return;
    }
    const struct dns_fault *fault = fault_for(server, &question);
    if (fault->udp == ACT_FORWARD) {
        forward(server, (size_t)got, &from);
        return;
    }
    size_t len = reply(fault, fault->udp, &question);
    if (len > 0) {
        (void)sendto(watch->fd, message, len, MSG_DONTWAIT, (struct sockaddr *)&from,
                     from_len);
    }
}

static void on_upstream(struct watch *watch)
{
    struct dns_server *server = ((struct side *)watch)->server;
    ssize_t got = recv(watch->fd, message, sizeof message, MSG_DONTWAIT);
    if (got < HEADER_LEN) {
        return;
    }
    unsigned id = (unsigned)message[0] << 8 | message[1];
    if (id < FORWARDS_MAX) {
        const struct asker *asker = &server->askers[id];
        memcpy(message, asker->id, 2);
        (void)sendto(server->udp.fd, message, (size_t)got, MSG_DONTWAIT,
                     (const struct sockaddr *)&asker->from, sizeof asker->from);
    }
}

/* ---- TCP (RFC 7766) ---- */

static void connection_close(struct connection *connection)
{
    if (connection->is_closed) {
        return;
    }
    close(connection->client.fd);
    if (connection->errand.watch.fd >= 0) {
        close(connection->errand.watch.fd);
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

static void on_errand(struct watch *watch)
{
    struct connection *connection = ((struct errand *)watch)->connection;
    if (connection->is_closed) {
        return;
    }
    uint8_t *answer = connection->answer;
    if (!read_on(watch->fd, answer, &connection->answer_len, sizeof connection->answer)) {
        connection_close(connection);
    } else if (is_whole(answer, connection->answer_len)) {
        bool is_half = connection->fault->tcp == ACT_HALF;
        size_t len = is_half ? connection->answer_len / 2 : connection->answer_len;
        (void)send(connection->client.fd, answer, len, MSG_NOSIGNAL);
        close(watch->fd);
        watch->fd = -1;
        connection->answer_len = 0;
        fault_rewatch(&connection->client, EPOLLIN);
        if (is_half) {
            connection_close(connection);
        }
    }
}

static void send_errand(struct connection *connection)
{
    const struct sockaddr_in *at = &connection->server->upstream_at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    connection->errand = (struct errand){{fd, on_errand}, connection};
    if (fd < 0 || connect(fd, (const struct sockaddr *)at, sizeof *at) != 0 ||
        send(fd, connection->question, connection->question_len, MSG_NOSIGNAL) < 0) {
        connection_close(connection);
        return;
    }
    fault_watch(&connection->errand.watch, EPOLLIN);
    fault_rewatch(&connection->client, 0); /* its next question waits */
}

static void answer_connection(struct connection *connection)
{
    struct question question;
    size_t len = connection->question_len - 2;
    memcpy(message, connection->question + 2, len);
    if (len < HEADER_LEN || !question_read(&question, message, len)) {
        connection_close(connection);
        return;
    }
    connection->fault = fault_for(connection->server, &question);
    enum act act = connection->fault->tcp;
    if (act == ACT_FORWARD || act == ACT_HALF) {
        send_errand(connection);
        return;
    }
    len = reply(connection->fault, act, &question);
    uint8_t prefix[2] = {(uint8_t)(len >> 8), (uint8_t)len};
    if (len > 0 && send(connection->client.fd, prefix, 2, MSG_MORE | MSG_NOSIGNAL) == 2) {
        (void)send(connection->client.fd, message, len, MSG_NOSIGNAL);
    }
    if (act == ACT_CLOSE) {
        connection_close(connection);
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
    struct connection *connection = fault_allocate(sizeof *connection);
    connection->client = (struct watch){fd, on_client};
    connection->errand.watch.fd = -1;
    connection->server = ((struct side *)watch)->server;
    fault_watch(&connection->client, EPOLLIN);
}

/* ---- configuration ---- */

void fault_dns_serve(const char *address, const char *upstream)
{
    struct dns_server *server = fault_allocate(sizeof *server);
    struct sockaddr_in at = fault_endpoint(address, DNS_PORT);
    server->address = at.sin_addr;
    server->upstream_at = fault_endpoint(upstream, DNS_PORT);
    server->rules_end = &server->rules;
    server->next = servers;
    servers = server;
    int upstream_fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (upstream_fd < 0 || connect(upstream_fd, (struct sockaddr *)&server->upstream_at,
                                   sizeof server->upstream_at) != 0) {
        fault_die(upstream, strerror(errno));
    }
    server->udp = (struct watch){fault_open(SOCK_DGRAM, &at, 0), on_question};
    server->upstream = (struct side){{upstream_fd, on_upstream}, server};
    server->acceptor =
        (struct side){{fault_open(SOCK_STREAM, &at, 128), on_accept}, server};
    fault_watch(&server->udp, EPOLLIN);
    fault_watch(&server->upstream.watch, EPOLLIN);
    fault_watch(&server->acceptor.watch, EPOLLIN);
}

static unsigned type_of(const char *text)
{
    static const struct {
        const char *text;
        unsigned type;
    } types[] = {{"*", 0},   {"A", 1},    {"NS", 2},   {"CNAME", 5},
                 {"MX", 15}, {"TXT", 16}, {"AAAA", 28}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].text, text) == 0) {
            return types[i].type;
        }
    }
    fault_die(text, "is no type a rule can have");
}

void fault_dns_rule(const char *address, const char *name, const char *type,
                    const char *word)
{
    struct dns_server *server = find_server(address);
    size_t at = 0;
    while (at < sizeof faults / sizeof faults[0] && strcmp(faults[at].word, word) != 0) {
        at++;
    }
    if (server == NULL || at == sizeof faults / sizeof faults[0]) {
        fault_die(word, "is no fault of a name server, or none is at that address");
    }
    struct rule *rule = fault_allocate(sizeof *rule);
    snprintf(rule->name, sizeof rule->name, "%s", name);
    rule->type = type_of(type);
    rule->fault = &faults[at];
    *server->rules_end = rule;
    server->rules_end = &rule->next;
}
