/* Policy hosts that fail somewhere between the SYN and the last byte of the policy. */
#include "bench/lab/fault_policy.h"

#include "bench/lab/fault_certificate.h"
#include "bench/lab/fault_series.h"
#include "bench/lab/fault_server.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define HTTPS_PORT 443
#define RECORD_HEADER_BYTES 5
#define TURN_BYTES 16384 /* said at once, before others have their turn */

struct host {
    struct watch watch; /* unwatched where it stands at many addresses */
    struct series at;
    struct host *next;
    const struct policy_fault *fault;
    SSL_CTX *context;
    char *reply; /* with the policy in it */
    size_t reply_len;
    int backlog_fds[2];
};

enum part {
    PART_HELLO,
    PART_HANDSHAKE,
    PART_FLIGHT, /* ours, of the handshake */
    PART_REQUEST,
    PART_RENEGOTIATION,
    PART_REPLY,
    PART_FLOOD,
    PART_HELD
};

struct visitor {
    struct watch watch;
    const struct host *host;
    struct visitor *next;
    SSL *ssl; /* NULL where none is spoken */
    enum part part;
    unsigned piece; /* bytes a tick; 0: it is not the clock that says when */
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
    ERR_clear_error(); /* which are no next visitor's */
    close(visitor->watch.fd);
    free(visitor->reply);
    free(visitor);
}

/* A FIN leaves the socket open until the visitor's comes: a request that was not read
 * would make a RST of closing. */
static void finish(struct visitor *visitor, enum ending ending)
{
    if (ending == ENDING_RESET) {
        fault_linger(visitor->watch.fd);
        leave(visitor);
        return;
    }
    if (ending == ENDING_CLOSE && visitor->ssl != NULL) {
        (void)SSL_shutdown(visitor->ssl);
        ERR_clear_error();
    }
    if (ending != ENDING_HOLD) {
        shutdown(visitor->watch.fd, SHUT_WR);
    }
    visitor->part = PART_HELD;
    visitor->piece = 0;
    fault_rewatch(&visitor->watch, EPOLLIN);
}

/* A visitor that waits for the clock is watched for its end alone. */
static void begin(struct visitor *visitor, enum part part, uint32_t events)
{
    visitor->part = part;
    fault_rewatch(&visitor->watch, visitor->piece > 0 ? 0 : events);
}

/* ---- the reply ---- */

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
            finish(visitor, fault->after_reply);
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

static void reply(struct visitor *visitor)
{
    visitor->to_send = visitor->reply;
    visitor->to_send_len = visitor->host->reply_len;
    visitor->sent = 0;
    visitor->piece = visitor->host->fault->reply_piece;
    begin(visitor, PART_REPLY, EPOLLOUT);
    if (visitor->piece == 0) {
        say(visitor, TURN_BYTES);
    }
}

#define FLOOD_AT_ONCE 64

/* Until the visitor says something, or goes: OpenSSL does not mind when nobody is there
 * any more to take its tickets. */
static void flood(struct visitor *visitor)
{
    char byte = 0;
    if (recv(visitor->watch.fd, &byte, 1, MSG_PEEK) >= 0 || errno != EAGAIN) {
        leave(visitor);
        return;
    }
    bool is_ticket = visitor->host->fault->flood == FLOOD_TICKETS;
    int code = 1;
    for (unsigned i = 0; i < FLOOD_AT_ONCE && code == 1; i++) {
        (void)(is_ticket ? SSL_new_session_ticket(visitor->ssl)
                         : SSL_key_update(visitor->ssl, SSL_KEY_UPDATE_NOT_REQUESTED));
        code = SSL_do_handshake(visitor->ssl);
    }
    if (code != 1 && SSL_get_error(visitor->ssl, code) != SSL_ERROR_WANT_WRITE) {
        leave(visitor);
    }
}

static void renegotiate(struct visitor *visitor)
{
    char byte = 0;
    int len = SSL_read(visitor->ssl, &byte, 1);
    if (len > 0 || SSL_get_error(visitor->ssl, len) != SSL_ERROR_WANT_READ) {
        leave(visitor);
    } else if (SSL_num_renegotiations(visitor->ssl) > 0 &&
               SSL_is_init_finished(visitor->ssl)) {
        reply(visitor);
    }
}

static void answer_request(struct visitor *visitor)
{
    const struct policy_fault *fault = visitor->host->fault;
    if (fault->flood != FLOOD_NONE) {
        begin(visitor, PART_FLOOD, EPOLLOUT);
    } else if (fault->renegotiates) {
        SSL_renegotiate(visitor->ssl);
        (void)SSL_do_handshake(visitor->ssl); /* says HelloRequest, and no more */
        visitor->part = PART_RENEGOTIATION;
    } else {
        reply(visitor);
    }
}

static void hear_request(struct visitor *visitor)
{
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
    if (strstr(visitor->request, "\r\n\r\n") != NULL) {
        answer_request(visitor);
    }
}

/* ---- the handshake ---- */

static bool keeps_flight(const struct policy_fault *fault)
{
    return fault->flight_piece > 0 || fault->after_flight != ENDING_NONE;
}

static size_t record_len(const char *record)
{
    return RECORD_HEADER_BYTES + ((size_t)(unsigned char)record[3] << 8) +
           (unsigned char)record[4];
}

/* What of our flight is to be sent. */
static size_t flight_len(const struct policy_fault *fault, const char *flight, size_t len)
{
    size_t at = 0;
    if (fault->after_flight == ENDING_NONE) {
        return len;
    }
    for (unsigned i = 0; i < fault->flight_records && at + RECORD_HEADER_BYTES < len;
         i++) {
        at += record_len(flight + at);
    }
    if (fault->is_half && at + RECORD_HEADER_BYTES < len) {
        at += record_len(flight + at) / 2;
    }
    return at < len ? at : len;
}

/* From now on everything goes to the socket. */
static void release_flight(struct visitor *visitor)
{
    BIO *socket = SSL_get_rbio(visitor->ssl);
    BIO_up_ref(socket);
    SSL_set0_wbio(visitor->ssl, socket);
    visitor->piece = 0;
    begin(visitor, PART_HANDSHAKE, EPOLLIN);
}

static void send_flight(struct visitor *visitor, size_t max)
{
    const struct policy_fault *fault = visitor->host->fault;
    size_t left = visitor->to_send_len - visitor->sent;
    ssize_t sent = send(visitor->watch.fd, visitor->to_send + visitor->sent,
                        left < max ? left : max, MSG_NOSIGNAL);
    if (sent < 0) {
        leave(visitor);
        return;
    }
    visitor->sent += (size_t)sent;
    if (visitor->sent < visitor->to_send_len) {
        return;
    }
    if (fault->after_flight == ENDING_NONE) {
        release_flight(visitor);
    } else {
        finish(visitor, fault->after_flight);
    }
}

/* It was written into memory, so that it can be cut or slowed down. */
static void begin_flight(struct visitor *visitor)
{
    const struct policy_fault *fault = visitor->host->fault;
    char *flight = NULL;
    long len = BIO_get_mem_data(SSL_get_wbio(visitor->ssl), &flight);
    if (len <= 0) {
        return;
    }
    visitor->to_send = flight;
    visitor->to_send_len = flight_len(fault, flight, (size_t)len);
    visitor->piece = fault->flight_piece;
    begin(visitor, PART_FLIGHT, EPOLLOUT);
}

static void shake_hands(struct visitor *visitor)
{
    const struct policy_fault *fault = visitor->host->fault;
    int code = SSL_accept(visitor->ssl);
    int error = SSL_get_error(visitor->ssl, code);
    if (code != 1 && error != SSL_ERROR_WANT_READ && error != SSL_ERROR_WANT_WRITE) {
        leave(visitor);
    } else if (code != 1 && keeps_flight(fault) && visitor->to_send_len == 0) {
        begin_flight(visitor);
    } else if (code == 1 && fault->after_handshake != ENDING_NONE) {
        finish(visitor, fault->after_handshake);
    } else if (code == 1) {
        visitor->part = PART_REQUEST;
        hear_request(visitor);
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

static void hear_end(struct visitor *visitor)
{
    if (recv(visitor->watch.fd, visitor->request, sizeof visitor->request, 0) <= 0) {
        leave(visitor);
    }
}

static void on_visitor(struct watch *watch)
{
    struct visitor *visitor = (struct visitor *)watch;
    if (visitor->piece > 0) {
        leave(visitor); /* it was watched for its end alone */
        return;
    }
    switch (visitor->part) {
    case PART_HELLO:
        hear_hello(visitor);
        break;
    case PART_HANDSHAKE:
        shake_hands(visitor);
        break;
    case PART_FLIGHT:
        send_flight(visitor, SIZE_MAX);
        break;
    case PART_REQUEST:
        hear_request(visitor);
        break;
    case PART_RENEGOTIATION:
        renegotiate(visitor);
        break;
    case PART_REPLY:
        say(visitor, TURN_BYTES);
        break;
    case PART_FLOOD:
        flood(visitor);
        break;
    case PART_HELD:
        hear_end(visitor);
        break;
    }
}

static void begin_tls(struct visitor *visitor, unsigned member)
{
    const struct host *host = visitor->host;
    const struct policy_fault *fault = host->fault;
    visitor->part = PART_HANDSHAKE;
    visitor->ssl = SSL_new(host->context);
    SSL_set_fd(visitor->ssl, visitor->watch.fd);
    fault_certificate_use(visitor->ssl, member);
    visitor->reply = fault_allocate(host->reply_len + 1);
    memcpy(visitor->reply, host->reply, host->reply_len);
    series_to_member((uint8_t *)visitor->reply, host->reply_len, member);
    if (keeps_flight(fault)) {
        SSL_set0_wbio(visitor->ssl, BIO_new(BIO_s_mem()));
    }
    if (fault->first_len > 0) {
        (void)send(visitor->watch.fd, fault->first, fault->first_len, MSG_NOSIGNAL);
    }
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
        begin_tls(visitor, member);
    }
    bool is_endless =
        host->fault->after_reply == ENDING_REPEAT || host->fault->flood != FLOOD_NONE;
    if (is_endless) { /* not megabytes that nobody reads */
        int bytes = 2 * TURN_BYTES;
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    }
    fault_watch(&visitor->watch, EPOLLIN);
}

void fault_policy_tick(void)
{
    for (struct visitor *visitor = visitors, *next; visitor != NULL; visitor = next) {
        next = visitor->next;
        if (visitor->piece > 0 && visitor->part == PART_FLIGHT) {
            send_flight(visitor, visitor->piece);
        } else if (visitor->piece > 0) {
            say(visitor, visitor->piece);
        }
    }
}

/* ---- configuration ---- */

/* One connection nobody accepts fills a backlog of 0; the second is to make sure. */
static void fill_backlog(struct host *host, const struct sockaddr_in *at)
{
    for (size_t i = 0; i < 2; i++) {
        host->backlog_fds[i] =
            socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        (void)connect(host->backlog_fds[i], (const struct sockaddr *)at, sizeof *at);
    }
}

static int select_h2(SSL *ssl, const unsigned char **selected, unsigned char *len,
                     const unsigned char *offered, unsigned offered_len, void *arg)
{
    (void)ssl;
    (void)offered;
    (void)offered_len;
    (void)arg;
    *selected = (const unsigned char *)"h2";
    *len = 2;
    return SSL_TLSEXT_ERR_OK;
}

static SSL_CTX *make_context(const struct policy_fault *fault,
                             const struct policy_files *files)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        fault_die("TLS", "cannot be had");
    }
    SSL_CTX_set_security_level(context, 0); /* weak keys and signatures, too */
    if (SSL_CTX_use_certificate_chain_file(context, files->certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, files->key, SSL_FILETYPE_PEM) != 1) {
        fault_die(files->certificate, "cannot be used");
    }
    SSL_CTX_set_ciphersuites(context, "TLS_AES_256_GCM_SHA384");
    SSL_CTX_set_cipher_list(context,
                            "ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384");
    SSL_CTX_set_max_proto_version(context,
                                  fault->is_tls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
    SSL_CTX_set_num_tickets(context, 0);
    SSL_CTX_set_mode(context,
                     SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    if (fault->asks_certificate) {
        SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           NULL);
    }
    if (fault->selects_h2) {
        SSL_CTX_set_alpn_select_cb(context, select_h2, NULL);
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
    const struct policy_fault *fault = policy_fault_find(word);
    if (fault == NULL) {
        fault_die(word, "is no fault of a policy host");
    }
    struct host *host = fault_allocate(sizeof *host);
    host->fault = fault;
    host->at = series_read(address);
    host->next = hosts;
    hosts = host;
    listen_for(host);
    if (!fault->is_full && fault->after_hello == ENDING_NONE) {
        host->context = make_context(fault, files);
        host->reply = policy_fault_reply(fault, files->policy, &host->reply_len);
    }
}
