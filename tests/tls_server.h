/* A server for tests of fetch/: plays one script to every connection, on an address of the
 * loopback, in threads of its own. And a small certificate workshop.
 */
#ifndef TESTS_TLS_SERVER_H
#define TESTS_TLS_SERVER_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A certificate, its key, and what is sent along. */
struct identity {
    X509 *certificate;
    EVP_PKEY *key;
    X509 *sent_along; /* borrowed; NULL = the certificate alone */
};

struct identity_wish {
    const char *common_name;
    const char *names;             /* SAN, "DNS:a.example,IP:192.0.2.1"; NULL = none */
    const struct identity *issuer; /* NULL = signs itself */
    int begin_days, end_days;      /* from now */
    bool is_ca;
};

void identity_make(struct identity *identity, const struct identity_wish *wish);
/* Signs again with an extended key usage that is not a server's. */
void identity_restrict_to_mail(struct identity *identity, const struct identity *issuer);
void identity_close(struct identity *identity);
void identity_write(const struct identity *identity, const char *path); /* PEM */

/* What happens, in this order; a script ends at the first that is set. */
enum server_act {
    SERVER_ANSWER,         /* handshake, read the request, send the response, close */
    SERVER_RESET,          /* RST right after accept */
    SERVER_HELLO_RESET,    /* read the ClientHello, then RST */
    SERVER_HELLO_CLOSE,    /* read the ClientHello, then FIN */
    SERVER_HELLO_SILENT,   /* read the ClientHello and nothing more happens */
    SERVER_HELLO_PLAIN,    /* read the ClientHello, send the response as it is, close */
    SERVER_REQUEST_RESET,  /* handshake, read the request, send the response, RST */
    SERVER_REQUEST_SILENT, /* handshake, read the request, send the response, wait */
    SERVER_TRICKLE,        /* as above, then a byte every 20 ms for ever */
    SERVER_ENDLESS,        /* handshake, the response, then `again` again and again */
    SERVER_TICKETS,        /* handshake, read the request, session tickets for ever */
    SERVER_RUDE_CLOSE      /* as SERVER_ANSWER, but a FIN without close_notify */
};

struct server_script {
    enum server_act act;
    const struct identity *identity;
    int version_max;        /* 0 = any, or TLS1_1_VERSION, … */
    int name_alert;         /* answer the SNI by this fatal alert; 0 = none */
    bool wants_certificate; /* of the client */
    const char *response;
    size_t response_len; /* 0 = strlen(response) */
    const char *again;   /* NULL = the response */
};

struct tls_server;

/* address: IPv4 or IPv6; port 0 = of the kernel's choice */
struct tls_server *tls_server_open(const struct server_script *script,
                                   const char *address, uint16_t port);
uint16_t tls_server_port(const struct tls_server *server);
unsigned tls_server_connections(const struct tls_server *server);
/* Established at the same time, as TCP sees it. */
unsigned tls_server_most_at_once(const struct tls_server *server);
/* The last request read, NUL-terminated; stable once the server is idle. */
const char *tls_server_request(const struct tls_server *server);
/* The SNI of that request; "" = none. */
const char *tls_server_name(const struct tls_server *server);
void tls_server_close(struct tls_server *server);

#endif
