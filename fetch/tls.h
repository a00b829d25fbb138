/* What curl does not do the way a census needs it in TLS: one certificate store for all
 * connections, the first verification failure by OpenSSL's number, the peer's alert, and
 * the facts of the certificate even where verification failed.
 *
 * Nothing here changes what OpenSSL decides: callbacks record.
 */
#ifndef FETCH_TLS_H
#define FETCH_TLS_H

#include "fetch/fetch.h"

#include <openssl/ssl.h>

#define TLS_NO_ALERT (-1)
#define TLS_TEXT_BYTES 65536 /* of all SAN entries of a certificate */

/* What one handshake left behind. */
/* After the handshake: a few tickets are usual, key updates are not. A read returns when there
 * have been so many. */
#define TLS_LATE_MESSAGES_MAX 16

struct tls_evidence {
    bool is_begun;    /* TCP is connected */
    bool is_done;     /* the handshake, as we see it */
    bool is_notified; /* the peer's close_notify came */
    int alert;        /* last one received but close_notify; TLS_NO_ALERT */
    int verify_error; /* X509_V_OK, or what failed first */
    int verify_depth;
    X509 *leaf;          /* held */
    uint64_t bytes;      /* of all records received */
    unsigned late;       /* handshake messages received after the handshake */
    const char *version; /* OpenSSL's own memory, as is cipher */
    const char *cipher;
};

/* The readable form of an evidence; one is enough for a fetcher. */
struct tls_facts {
    char subject[FETCH_NAME_MAX + 1], issuer[FETCH_NAME_MAX + 1];
    char not_before[32], not_after[32];
    const char *names[FETCH_NAMES_MAX];
    char text[TLS_TEXT_BYTES];
    size_t text_len;
};

/* ca_file, or with NULL the system's certificates, all of them read now. 0 or -errno. */
int tls_store_open(X509_STORE **store, const char *ca_file, char error[FETCH_ERROR_LEN])
    __attribute__((warn_unused_result));

void tls_evidence_init(struct tls_evidence *evidence);
void tls_evidence_close(struct tls_evidence *evidence);

/* Prepares a connection's context: the store, the name to check, the callbacks. False: no
 * memory. evidence must outlive the connection. */
bool tls_watch(SSL_CTX *ctx, X509_STORE *store, const char *host,
               struct tls_evidence *evidence) __attribute__((warn_unused_result));

/* FETCH_OK: nothing failed. */
enum fetch_error tls_verify_error(const struct tls_evidence *evidence);
/* tls borrows from facts and evidence. */
void tls_facts_read(struct tls_facts *facts, const struct tls_evidence *evidence,
                    struct fetch_tls *tls);

#endif
