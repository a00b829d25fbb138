#include "tests/tls_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST_BYTES 4096
#define WAIT_MS 20000

static void must(bool is_well, const char *what)
{
    if (!is_well) {
        fprintf(stderr, "tls_server: %s failed\n", what);
        abort();
    }
}

static void add_extension(X509 *certificate, X509 *issuer, int nid, const char *value)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, value);
    must(extension != NULL, "extension");
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

void identity_make(struct identity *identity, const struct identity_wish *wish)
{
    static atomic_int serial = 1;
    X509 *certificate = X509_new();
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(certificate != NULL && key != NULL, "key");
    const struct identity *issuer = wish->issuer;
    *identity = (struct identity){certificate, key, NULL};
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), atomic_fetch_add(&serial, 1));
    X509_time_adj_ex(X509_getm_notBefore(certificate), wish->begin_days, 0, NULL);
    X509_time_adj_ex(X509_getm_notAfter(certificate), wish->end_days, 0, NULL);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                               (const unsigned char *)wish->common_name, -1, -1, 0);
    X509_set_issuer_name(
        certificate, X509_get_subject_name(issuer ? issuer->certificate : certificate));
    X509_set_pubkey(certificate, key);
    X509 *signer = issuer ? issuer->certificate : certificate;
    add_extension(certificate, signer, NID_subject_key_identifier, "hash");
    add_extension(certificate, signer, NID_authority_key_identifier, "keyid");
    add_extension(certificate, signer, NID_basic_constraints,
                  wish->is_ca ? "critical,CA:TRUE" : "critical,CA:FALSE");
    if (wish->names != NULL) {
        add_extension(certificate, signer, NID_subject_alt_name, wish->names);
    }
    must(X509_sign(certificate, issuer ? issuer->key : key, EVP_sha256()) > 0, "signing");
}

void identity_restrict_to_mail(struct identity *identity, const struct identity *issuer)
{
    add_extension(identity->certificate, issuer->certificate, NID_ext_key_usage,
                  "emailProtection");
    must(X509_sign(identity->certificate, issuer->key, EVP_sha256()) > 0, "signing");
}

void identity_close(struct identity *identity)
{
    X509_free(identity->certificate);
    EVP_PKEY_free(identity->key);
}

void identity_write(const struct identity *identity, const char *path)
{
    FILE *file = fopen(path, "w");
    must(file != NULL && PEM_write_X509(file, identity->certificate) == 1, path);
    fclose(file);
}

struct connection {
    struct tls_server *server;
    int fd; /* -1 = closed; under the server's lock */
    pthread_t thread;
    struct connection *next;
};

struct tls_server {
    struct server_script script;
    SSL_CTX *ctx;
    int listener, wake[2]; /* a byte in wake ends all waiting */
    uint16_t port;
    pthread_t thread;
    struct connection *connections; /* of the accepting thread until it has ended */
    atomic_uint count, most_at_once;
    char request[REQUEST_BYTES], name[256];
    pthread_mutex_t lock;
};

/* False when the peer is gone, the server closes, or the time is over. */
static bool wait_readable(const struct tls_server *server, int fd, int wait_ms)
{
    struct pollfd fds[2] = {{fd, POLLIN, 0}, {server->wake[0], POLLIN, 0}};
    return poll(fds, 2, wait_ms) > 0 && fds[1].revents == 0;
}

static void wait_for_peer(const struct tls_server *server, int fd)
{
    char bytes[512];
    while (wait_readable(server, fd, WAIT_MS) && recv(fd, bytes, sizeof bytes, 0) > 0) {
    }
}

static void reset(int fd)
{
    struct linger linger = {1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

static size_t response_len(const struct server_script *script)
{
    if (script->response == NULL) {
        return 0;
    }
    return script->response_len > 0 ? script->response_len : strlen(script->response);
}

static void read_hello(const struct tls_server *server, int fd)
{
    char bytes[4096];
    if (wait_readable(server, fd, WAIT_MS)) {
        (void)!recv(fd, bytes, sizeof bytes, 0);
    }
}

/* A FIN first, and no RST for what the peer may still send. */
static void close_gently(const struct tls_server *server, int fd)
{
    shutdown(fd, SHUT_WR);
    wait_for_peer(server, fd);
}

static void play_before_tls(struct tls_server *server, int fd)
{
    const struct server_script *script = &server->script;
    if (script->act != SERVER_RESET) {
        read_hello(server, fd);
    }
    switch (script->act) {
    case SERVER_RESET:
    case SERVER_HELLO_RESET:
        reset(fd);
        break;
    case SERVER_HELLO_PLAIN:
        (void)!send(fd, script->response, response_len(script), MSG_NOSIGNAL);
        close_gently(server, fd);
        break;
    case SERVER_HELLO_CLOSE:
        close_gently(server, fd);
        break;
    default:
        wait_for_peer(server, fd);
        break;
    }
}

static bool read_request(struct tls_server *server, SSL *ssl)
{
    char request[REQUEST_BYTES];
    size_t len = 0;
    while (len < sizeof request - 1) {
        int got = SSL_read(ssl, request + len, (int)(sizeof request - 1 - len));
        if (got <= 0) {
            return false;
        }
        len += (size_t)got;
        request[len] = '\0';
        if (strstr(request, "\r\n\r\n") != NULL) {
            break;
        }
    }
    pthread_mutex_lock(&server->lock);
    memcpy(server->request, request, len + 1);
    const char *name = SSL_get_servername(ssl, TLSEXT_NAMETYPE_host_name);
    snprintf(server->name, sizeof server->name, "%s", name != NULL ? name : "");
    pthread_mutex_unlock(&server->lock);
    return true;
}

static bool write_all(SSL *ssl, const char *bytes, size_t len)
{
    return len == 0 || SSL_write(ssl, bytes, (int)len) == (int)len;
}

/* OpenSSL does not mind when nobody is there any more to take the tickets. */
static void flood(SSL *ssl, int fd)
{
    char byte = 0;
    while (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN &&
           SSL_new_session_ticket(ssl) == 1 && SSL_do_handshake(ssl) == 1) {
    }
}

static void play_after_request(struct tls_server *server, SSL *ssl, int fd)
{
    const struct server_script *script = &server->script;
    size_t len = response_len(script);
    bool is_open = write_all(ssl, script->response, len);
    switch (script->act) {
    case SERVER_REQUEST_RESET:
        reset(fd);
        break;
    case SERVER_REQUEST_SILENT:
        wait_for_peer(server, fd);
        break;
    case SERVER_TRICKLE:
        while (is_open && !wait_readable(server, fd, 20)) {
            is_open = write_all(ssl, "x", 1);
        }
        break;
    case SERVER_ENDLESS:
        while (is_open) {
            is_open = script->again != NULL
                          ? write_all(ssl, script->again, strlen(script->again))
                          : write_all(ssl, script->response, len);
        }
        break;
    case SERVER_TICKETS:
        flood(ssl, fd);
        break;
    case SERVER_RUDE_CLOSE:
        close_gently(server, fd);
        break;
    default:
        SSL_shutdown(ssl);
        close_gently(server, fd);
        break;
    }
}

static void play_tls(struct tls_server *server, int fd)
{
    SSL *ssl = SSL_new(server->ctx);
    SSL_set_fd(ssl, fd);
    if (SSL_accept(ssl) == 1 && read_request(server, ssl)) {
        play_after_request(server, ssl, fd);
    } else {
        close_gently(server, fd); /* the alert is to arrive */
    }
    SSL_free(ssl);
}

static void *serve(void *arg)
{
    struct connection *connection = arg;
    enum server_act act = connection->server->script.act;
    if (act >= SERVER_RESET && act <= SERVER_HELLO_PLAIN) {
        play_before_tls(connection->server, connection->fd);
    } else {
        play_tls(connection->server, connection->fd);
    }
    pthread_mutex_lock(&connection->server->lock);
    close(connection->fd);
    connection->fd = -1;
    pthread_mutex_unlock(&connection->server->lock);
    return NULL;
}

/* The peer's FIN or RST ends a connection here, not when its thread has read of it. */
static unsigned count_established(struct tls_server *server)
{
    unsigned count = 0;
    pthread_mutex_lock(&server->lock);
    for (struct connection *at = server->connections; at != NULL; at = at->next) {
        struct tcp_info info;
        socklen_t len = sizeof info;
        if (at->fd >= 0 && getsockopt(at->fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
            info.tcpi_state == TCP_ESTABLISHED) {
            count++;
        }
    }
    pthread_mutex_unlock(&server->lock);
    return count;
}

static void *accept_all(void *arg)
{
    struct tls_server *server = arg;
    while (wait_readable(server, server->listener, -1)) {
        int fd = accept(server->listener, NULL, NULL);
        if (fd < 0) {
            continue;
        }
        int on =
            1; /* else a response waits for the ACK of the tickets, and dies in a RST */
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        atomic_fetch_add(&server->count, 1);
        struct connection *connection = calloc(1, sizeof *connection);
        must(connection != NULL, "calloc");
        *connection = (struct connection){server, fd, 0, server->connections};
        server->connections = connection;
        unsigned now = count_established(server);
        if (now > atomic_load(&server->most_at_once)) {
            atomic_store(&server->most_at_once, now);
        }
        must(pthread_create(&connection->thread, NULL, serve, connection) == 0, "thread");
    }
    return NULL;
}

static int on_name(SSL *ssl, int *alert, void *arg)
{
    (void)ssl;
    *alert = *(const int *)arg;
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static int accept_any(int is_ok, X509_STORE_CTX *ctx)
{
    (void)is_ok;
    (void)ctx;
    return 1;
}

static SSL_CTX *make_ctx(struct server_script *script)
{
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    must(ctx != NULL, "SSL_CTX_new");
    if (script->version_max != 0) {
        SSL_CTX_set_security_level(ctx, 0);
        SSL_CTX_set_min_proto_version(ctx, TLS1_VERSION);
        SSL_CTX_set_max_proto_version(ctx, script->version_max);
    }
    if (script->identity != NULL) {
        SSL_CTX_use_certificate(ctx, script->identity->certificate);
        SSL_CTX_use_PrivateKey(ctx, script->identity->key);
        if (script->identity->sent_along != NULL) {
            SSL_CTX_add1_chain_cert(ctx, script->identity->sent_along);
        }
    }
    if (script->name_alert != 0) {
        SSL_CTX_set_tlsext_servername_callback(ctx, on_name);
        SSL_CTX_set_tlsext_servername_arg(ctx, &script->name_alert);
    }
    if (script->wants_certificate) {
        SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           accept_any);
    }
    return ctx;
}

/* The port it listens at. */
static uint16_t listen_at(int fd, const char *address, uint16_t port)
{
    struct sockaddr_in6 name6 = {.sin6_family = AF_INET6, .sin6_port = htons(port)};
    struct sockaddr_in name4 = {.sin_family = AF_INET, .sin_port = htons(port)};
    bool is_ipv6 = inet_pton(AF_INET6, address, &name6.sin6_addr) == 1;
    inet_pton(AF_INET, address, &name4.sin_addr);
    struct sockaddr *name = (struct sockaddr *)&name4;
    socklen_t len = sizeof name4;
    int on = 1;
    if (is_ipv6) {
        name = (struct sockaddr *)&name6;
        len = sizeof name6;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    must(bind(fd, name, len) == 0, "bind");
    must(listen(fd, 512) == 0, "listen");
    must(getsockname(fd, name, &len) == 0, "name");
    return ntohs(is_ipv6 ? name6.sin6_port : name4.sin_port);
}

struct tls_server *tls_server_open(const struct server_script *script,
                                   const char *address, uint16_t port)
{
    struct tls_server *server = calloc(1, sizeof *server);
    must(server != NULL, "calloc");
    server->script = *script;
    server->ctx = make_ctx(&server->script);
    int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    server->listener = socket(family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    server->port = listen_at(server->listener, address, port);
    must(pipe(server->wake) == 0, "pipe");
    pthread_mutex_init(&server->lock, NULL);
    must(pthread_create(&server->thread, NULL, accept_all, server) == 0, "thread");
    return server;
}

uint16_t tls_server_port(const struct tls_server *server)
{
    return server->port;
}

unsigned tls_server_connections(const struct tls_server *server)
{
    return atomic_load(&server->count);
}

unsigned tls_server_most_at_once(const struct tls_server *server)
{
    return atomic_load(&server->most_at_once);
}

const char *tls_server_request(const struct tls_server *server)
{
    return server->request;
}

const char *tls_server_name(const struct tls_server *server)
{
    return server->name;
}

void tls_server_close(struct tls_server *server)
{
    must(write(server->wake[1], "x", 1) == 1, "wake");
    pthread_join(server->thread, NULL);
    while (server->connections != NULL) {
        struct connection *connection = server->connections;
        server->connections = connection->next;
        pthread_join(connection->thread, NULL);
        free(connection);
    }
    close(server->listener);
    close(server->wake[0]);
    close(server->wake[1]);
    SSL_CTX_free(server->ctx);
    pthread_mutex_destroy(&server->lock);
    free(server);
}
