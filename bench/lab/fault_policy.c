/* Policy hosts that fail somewhere between the SYN and the last byte of the policy. */
#include "bench/lab/fault_certificate.h"
#include "bench/lab/fault_series.h"
#include "bench/lab/fault_server.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTPS_PORT 443
#define HEAD(length) "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n" length "\r\n"
#define TURN_BYTES 16384 /* said at once, before others have their turn */
#define A64 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A64 A64 A64 A64

enum ending {
    ENDING_NONE, /* go on to the next part */
    ENDING_CLOSE,
    ENDING_CUT, /* FIN without close_notify (RFC 8446, 6.1) */
    ENDING_RESET,
    ENDING_HOLD,   /* keep the connection, say nothing more */
    ENDING_REPEAT, /* say `again` without end */
    ENDING_DRIP    /* everything byte by byte, one a tick */
};

/* What each word of a policy host does. */
static const struct policy_fault {
    const char *word;
    bool is_full;            /* the backlog: a SYN gets no answer */
    bool is_tls12;           /* no newer TLS */
    bool asks_certificate;   /* of the client, which has none */
    enum ending after_hello; /* NONE: shake hands */
    const char *hello;       /* bytes in place of a ServerHello */
    size_t hello_len;
    const char *reply; /* to the request; %p the policy, %l its length */
    const char *again;
    enum ending after_reply;
} faults[] = {
    {.word = "good",
     .reply = HEAD("Content-Length: %l\r\n") "%p",
     .after_reply = ENDING_CLOSE},
    {.word = "tls12",
     .is_tls12 = true,
     .reply = HEAD("Content-Length: %l\r\n") "%p",
     .after_reply = ENDING_CLOSE},
    {.word = "http_continue",
     .reply = "HTTP/1.1 100 Continue\r\n\r\n" HEAD("Content-Length: %l\r\n") "%p",
     .after_reply = ENDING_CLOSE},
    {.word = "http_no_length", .reply = HEAD("") "%p", .after_reply = ENDING_CLOSE},
    {.word = "http_10",
     .reply = "HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\n%p",
     .after_reply = ENDING_CLOSE},

    /* before TLS */
    {.word = "tcp_full", .is_full = true},
    {.word = "tls_reset", .after_hello = ENDING_RESET},
    {.word = "tls_close", .after_hello = ENDING_CLOSE},
    {.word = "tls_silence", .after_hello = ENDING_HOLD},
    {.word = "tls_garbage", /* SMTP on the wrong port */
     .after_hello = ENDING_CLOSE,
     .hello = "220 mail.lab.net ESMTP\r\n",
     .hello_len = 24},
    {.word = "tls_half", /* of a record that announces 4,096 bytes (RFC 8446, 5.1) */
     .after_hello = ENDING_HOLD,
     .hello = "\x16\x03\x03\x10\0\2",
     .hello_len = 6},
    {.word = "tls_half_close",
     .after_hello = ENDING_CLOSE,
     .hello = "\x16\x03\x03\x10\0\2",
     .hello_len = 6},
    {.word = "tls_alert", /* handshake_failure (RFC 8446, 6) */
     .after_hello = ENDING_CLOSE,
     .hello = "\x15\x03\x03\0\2\2\x28",
     .hello_len = 7},
    {.word = "tls_version_alert", /* protocol_version */
     .after_hello = ENDING_CLOSE,
     .hello = "\x15\x03\x03\0\2\2\x46",
     .hello_len = 7},
    {.word = "tls_client_certificate",
     .asks_certificate = true,
     .reply = HEAD("Content-Length: %l\r\n") "%p",
     .after_reply = ENDING_CLOSE},

    /* in HTTP */
    {.word = "http_silence", .reply = "", .after_reply = ENDING_HOLD},
    {.word = "http_close", .reply = "", .after_reply = ENDING_CLOSE},
    {.word = "http_reset", .reply = "", .after_reply = ENDING_RESET},
    {.word = "http_garbage",
     .reply = "220 mail.lab.net ESMTP\r\n",
     .after_reply = ENDING_CLOSE},
    {.word = "http_half_head",
     .reply = "HTTP/1.1 200 OK\r\nContent-Type: text/pl",
     .after_reply = ENDING_CLOSE},
    {.word = "http_half_body",
     .reply = HEAD("Content-Length: 1000\r\n") "%p",
     .after_reply = ENDING_CLOSE},
    {.word = "http_half_body_reset",
     .reply = HEAD("Content-Length: 1000\r\n") "%p",
     .after_reply = ENDING_RESET},
    {.word = "http_half_body_hold",
     .reply = HEAD("Content-Length: 1000\r\n") "%p",
     .after_reply = ENDING_HOLD},
    {.word = "http_cut", .reply = HEAD("") "%p", .after_reply = ENDING_CUT},
    {.word = "http_drip",
     .reply = HEAD("Content-Length: %l\r\n") "%p",
     .after_reply = ENDING_DRIP},
    {.word = "http_bad_chunk",
     .reply = HEAD("Transfer-Encoding: chunked\r\n") "lots\r\n%p\r\n0\r\n\r\n",
     .after_reply = ENDING_CLOSE},
    {.word = "http_endless_chunks",
     .reply = HEAD("Transfer-Encoding: chunked\r\n"),
     .again = "100\r\n" A256 "\r\n",
     .after_reply = ENDING_REPEAT},
    {.word = "http_endless_body",
     .reply = HEAD(""),
     .again = A256,
     .after_reply = ENDING_REPEAT},
    {.word = "http_endless_head",
     .reply = "HTTP/1.1 200 OK\r\n",
     .again = "X-Pad: " A64 "\r\n",
     .after_reply = ENDING_REPEAT},
    {.word = "http_status_999",
     .reply = "HTTP/1.1 999 Denied\r\nContent-Length: 0\r\n\r\n",
     .after_reply = ENDING_CLOSE},
};

struct host {
    struct watch watch; /* unwatched where it stands at many addresses */
    struct series at;
    struct host *next;
    const struct policy_fault *fault;
    SSL_CTX *context;
    char *reply; /* with the policy in it */
    int backlog_fds[2];
};

enum part { PART_HELLO, PART_HANDSHAKE, PART_REQUEST, PART_REPLY, PART_HELD };

struct visitor {
    struct watch watch;
    const struct host *host;
    struct visitor *next;
    SSL *ssl; /* NULL where none is spoken */
    enum part part;
    size_t request_len;
    char *reply; /* the host's, with the names of this member of it */
    const char *to_send;
    size_t to_send_len, sent;
    char request[8192];
};

static struct host *hosts;
static struct visitor *visitors;

/* ---- a visit ---- */

static void leave(struct visitor *visitor)
{
    struct visitor **at = &visitors;
    while (*at != visitor) {
        at = &(*at)->next;
    }
    *at = visitor->next;
    SSL_free(visitor->ssl);
    close(visitor->watch.fd);
    free(visitor->reply);
    free(visitor);
}

static void finish(struct visitor *visitor, enum ending ending)
{
    if (ending == ENDING_HOLD) {
        visitor->part = PART_HELD;
        fault_rewatch(&visitor->watch, EPOLLIN);
        return;
    }
    if (ending == ENDING_RESET) {
        fault_linger(visitor->watch.fd);
    } else if (ending != ENDING_CUT && visitor->ssl != NULL) {
        (void)SSL_shutdown(visitor->ssl);
    }
    leave(visitor);
}

/* How many bytes went out; 0 = none now, or the visitor has left. */
static size_t say_some(struct visitor *visitor, size_t len)
{
    int sent = SSL_write(visitor->ssl, visitor->to_send + visitor->sent, (int)len);
    if (sent > 0) {
        visitor->sent += (size_t)sent;
        return (size_t)sent;
    }
    if (SSL_get_error(visitor->ssl, sent) != SSL_ERROR_WANT_WRITE) {
        leave(visitor);
    }
    return 0;
}

/* Says what is left to say, at most so many bytes. */
static void say(struct visitor *visitor, size_t max)
{
    const struct policy_fault *fault = visitor->host->fault;
    while (max > 0) {
        size_t left = visitor->to_send_len - visitor->sent;
        if (left == 0 && fault->after_reply != ENDING_REPEAT) {
            finish(visitor,
                   fault->after_reply == ENDING_DRIP ? ENDING_CLOSE : fault->after_reply);
            return;
        }
        if (left == 0) {
            visitor->to_send = fault->again;
            left = visitor->to_send_len = strlen(fault->again);
            visitor->sent = 0;
        }
        size_t sent = say_some(visitor, left < max ? left : max);
        if (sent == 0) {
            return;
        }
        max -= sent;
    }
}

static void hear_request(struct visitor *visitor)
{
    const struct host *host = visitor->host;
    size_t room = sizeof visitor->request - 1 - visitor->request_len;
    int len = SSL_read(visitor->ssl, visitor->request + visitor->request_len, (int)room);
    if (len <= 0) {
        if (SSL_get_error(visitor->ssl, len) != SSL_ERROR_WANT_READ) {
            leave(visitor);
        }
        return;
    }
    visitor->request_len += (size_t)len;
    visitor->request[visitor->request_len] = '\0';
    if (strstr(visitor->request, "\r\n\r\n") == NULL) {
        return;
    }
    visitor->part = PART_REPLY;
    visitor->to_send = visitor->reply;
    visitor->to_send_len = strlen(visitor->reply);
    if (host->fault->after_reply == ENDING_DRIP) {
        fault_rewatch(&visitor->watch, 0);
    } else {
        fault_rewatch(&visitor->watch, EPOLLOUT);
        say(visitor, TURN_BYTES);
    }
}

static void shake_hands(struct visitor *visitor)
{
    int code = SSL_accept(visitor->ssl);
    if (code == 1) {
        visitor->part = PART_REQUEST;
        hear_request(visitor);
        return;
    }
    int error = SSL_get_error(visitor->ssl, code);
    if (error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        leave(visitor);
    }
}

/* Everything the client has said is read first: else closing would be a RST. */
static void hear_hello(struct visitor *visitor)
{
    const struct policy_fault *fault = visitor->host->fault;
    ssize_t len = recv(visitor->watch.fd, visitor->request, sizeof visitor->request, 0);
    if (len <= 0) {
        leave(visitor);
        return;
    }
    if (fault->hello_len > 0) {
        (void)send(visitor->watch.fd, fault->hello, fault->hello_len, MSG_NOSIGNAL);
    }
    finish(visitor, fault->after_hello);
}

static void on_visitor(struct watch *watch)
{
    struct visitor *visitor = (struct visitor *)watch;
    switch (visitor->part) {
    case PART_HELLO:
        hear_hello(visitor);
        break;
    case PART_HANDSHAKE:
        shake_hands(visitor);
        break;
    case PART_REQUEST:
        hear_request(visitor);
        break;
    case PART_REPLY:
        if (visitor->host->fault->after_reply == ENDING_DRIP) {
            leave(visitor); /* it is watched for its end alone */
        } else {
            say(visitor, TURN_BYTES);
        }
        break;
    case PART_HELD:
        if (recv(watch->fd, visitor->request, sizeof visitor->request, 0) <= 0) {
            leave(visitor);
        }
        break;
    }
}

static void speak_tls(struct visitor *visitor, unsigned member)
{
    const char *reply = visitor->host->reply;
    visitor->part = PART_HANDSHAKE;
    visitor->ssl = SSL_new(visitor->host->context);
    SSL_set_fd(visitor->ssl, visitor->watch.fd);
    fault_certificate_use(visitor->ssl, member);
    visitor->reply = fault_allocate(strlen(reply) + 1);
    memcpy(visitor->reply, reply, strlen(reply));
    series_to_member((uint8_t *)visitor->reply, strlen(reply), member);
}

static const struct host *host_at(int fd, unsigned *member)
{
    struct sockaddr_in at = {.sin_family = AF_INET};
    socklen_t at_len = sizeof at;
    const struct host *host = hosts;
    (void)getsockname(fd, (struct sockaddr *)&at, &at_len);
    while (host != NULL && !series_has(&host->at, at.sin_addr, member)) {
        host = host->next;
    }
    return host;
}

static void on_accept(struct watch *watch)
{
    int fd = accept(watch->fd, NULL, NULL);
    if (fd < 0) {
        return;
    }
    unsigned member;
    const struct host *host = host_at(fd, &member);
    if (host == NULL) {
        close(fd);
        return;
    }
    fcntl(fd, F_SETFL, O_NONBLOCK);
    struct visitor *visitor = fault_allocate(sizeof *visitor);
    visitor->watch = (struct watch){fd, on_visitor};
    visitor->host = host;
    visitor->next = visitors;
    visitors = visitor;
    if (host->fault->after_hello == ENDING_NONE) {
        speak_tls(visitor, member);
    }
    if (host->fault->after_reply == ENDING_REPEAT) { /* not megabytes that nobody reads */
        int bytes = 2 * TURN_BYTES;
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    }
    fault_watch(&visitor->watch, EPOLLIN);
}

void fault_policy_tick(void)
{
    for (struct visitor *visitor = visitors, *next; visitor != NULL; visitor = next) {
        next = visitor->next;
        if (visitor->part == PART_REPLY &&
            visitor->host->fault->after_reply == ENDING_DRIP) {
            say(visitor, 1);
        }
    }
}

/* ---- configuration ---- */

static char *read_policy(const char *path)
{
    char *text = fault_allocate(4096);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fault_die(path, strerror(errno));
    }
    text[fread(text, 1, 4095, file)] = '\0';
    fclose(file);
    return text;
}

static char *fill_reply(const char *template, const char *policy)
{
    size_t size = strlen(template) + strlen(policy) + 32, len = 0;
    char *reply = fault_allocate(size);
    for (; *template != '\0'; template ++) {
        if (strncmp(template, "%p", 2) == 0) {
            len += (size_t)snprintf(reply + len, size - len, "%s", policy);
            template ++;
        } else if (strncmp(template, "%l", 2) == 0) {
            len += (size_t)snprintf(reply + len, size - len, "%zu", strlen(policy));
            template ++;
        } else {
            reply[len++] = *template;
        }
    }
    return reply;
}

/* One connection nobody accepts fills a backlog of 0; the second is to make sure. */
static void fill_backlog(struct host *host, const struct sockaddr_in *at)
{
    for (size_t i = 0; i < 2; i++) {
        host->backlog_fds[i] =
            socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(host->backlog_fds[i], (const struct sockaddr *)at, sizeof *at);
    }
}

static SSL_CTX *make_context(const struct policy_fault *fault,
                             const struct policy_files *files)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL ||
        SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1) {
        fault_die(files->certificate, "cannot be used");
    }
    SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384");
    SSL_CTX_set_cipher_list(context, "ECDHE-ECDSA-AES256-GCM-SHA384");
    SSL_CTX_set_max_proto_version(context,
                                  fault->is_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (fault->asks_certificate) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           NULL);
    }
    return context;
}

static void listen_everywhere(void)
{
    static struct watch watch = {.fd = -1};
    const struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(HTTPS_PORT)};
    if (watch.fd < 0) {
        watch = (struct watch){fault_open(SOCK_STREAM, &at, 4096), on_accept};
        fault_watch(&watch, EPOLLIN);
    }
}

/* The backlog of a socket for many addresses cannot be full for one of them: there, the
 * network swallows what is sent to that one. */
static void listen_for(struct host *host)
{
    const struct policy_fault *fault = host->fault;
    const struct sockaddr_in at = {.sin_family = AF_INET,
                                   .sin_port = htons(HTTPS_PORT),
                                   .sin_addr = {htonl(host->at.first)}};
    if (host->at.is_written) {
        listen_everywhere();
        return;
    }
    host->watch =
        (struct watch){fault_open(SOCK_STREAM, &at, fault->is_full ? 0 : 128), on_accept};
    if (fault->is_full) {
        fill_backlog(host, &at);
    } else {
        fault_watch(&host->watch, EPOLLIN);
    }
}

void fault_policy_serve(const char *address, const char *word,
                        const struct policy_files *files)
{
    const struct policy_fault *fault = faults;
    const struct policy_fault *end = faults + sizeof faults / sizeof faults[0];
    while (fault < end && strcmp(fault->word, word) != 0) {
        fault++;
    }
    if (fault == end) {
        fault_die(word, "is no fault of a policy host");
    }
    struct host *host = fault_allocate(sizeof *host);
    host->fault = fault;
    host->at = series_read(address);
    host->next = hosts;
    hosts = host;
    listen_for(host);
    if (!fault->is_full && fault->after_hello == ENDING_NONE) {
        char *policy = read_policy(files->policy);
        host->context = make_context(fault, files);
        host->reply = fill_reply(fault->reply, policy);
        free(policy);
    }
}
