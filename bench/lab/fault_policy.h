/* What a policy host does between the SYN and the last byte of the policy, as a row of a
 * table: how far it goes, at which pace, and how it ends. */
#ifndef BENCH_LAB_FAULT_POLICY_H
#define BENCH_LAB_FAULT_POLICY_H

#include <stdbool.h>
#include <stddef.h>

enum ending {
    ENDING_NONE, /* go on to the next part */
    ENDING_CLOSE,
    ENDING_CUT, /* FIN without close_notify (RFC 8446, 6.1) */
    ENDING_RESET,
    ENDING_HOLD,  /* keep the connection, say nothing more */
    ENDING_REPEAT /* say `again` without end */
};

/* Without end, in place of a reply. */
enum flood { FLOOD_NONE, FLOOD_TICKETS, FLOOD_KEY_UPDATES /* RFC 8446, 4.6 */ };

/* A piece is so many bytes a tick; 0: all at once. */
struct policy_fault {
    const char *word;
    bool is_full;          /* the backlog: a SYN gets no answer */
    bool is_tls12;         /* no newer TLS */
    bool asks_certificate; /* of the client, which has none */
    bool selects_h2;       /* which the client did not offer (RFC 7301, 3.2) */

    const char *first; /* before everything else */
    size_t first_len;
    enum ending after_hello; /* NONE: shake hands */
    const char *hello;       /* bytes in place of a ServerHello */
    size_t hello_len;

    /* Of what follows the ClientHello: so many records and half of the next one. In
     * TLS 1.3 they are ServerHello, change_cipher_spec, EncryptedExtensions, Certificate,
     * CertificateVerify and Finished. */
    unsigned flight_records;
    bool is_half;
    enum ending after_flight; /* NONE: all of it */
    unsigned flight_piece;
    enum ending after_handshake;

    bool renegotiates; /* before the reply (RFC 5246, 7.4.1.1) */
    enum flood flood;
    const char *reply; /* to the request; %p the policy, %l its length, %c it in chunks */
    size_t reply_len;
    const char *again;
    enum ending after_reply;
    unsigned reply_piece;
};

/* NULL: no such word. */
const struct policy_fault *policy_fault_find(const char *word);
/* Its reply, the policy of that file put in; to be freed. */
char *policy_fault_reply(const struct policy_fault *fault, const char *path, size_t *len);

#endif
