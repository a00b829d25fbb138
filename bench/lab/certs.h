/* The lab's certificate authorities and the certificates of its policy hosts: ECDSA
 * P-256 but for one, one key for all leaves, since only what is signed matters here. */
#ifndef BENCH_LAB_CERTS_H
#define BENCH_LAB_CERTS_H

#include "bench/lab/population.h"

#define CERTIFICATE_NAMES_MAX 25 /* policy hosts on one certificate */

struct authorities;

/* For lab-faults: whoever may have signed a leaf. */
#define CERTS_SIGNERS                                                                    \
    "signer certs/intermediate.key\nsigner certs/stranger.key\nsigner certs/leaf.key\n"  \
    "signer certs/no-ca.key\nsigner certs/former.key\nsigner certs/lower.key\n"          \
    "signer certs/rsa.key\n"

/* Writes lab-ca.pem and the keys in certs/ below the directory. */
struct authorities *certs_open(const char *directory);
void certs_free(struct authorities *authorities);
/* Writes certs/NUMBER.pem (leaf and what the server sends with it) and fills facts: what
 * a survey must find out. names: of the SAN; sorted here, others where the kind has its
 * own. subject: the common name. */
void certs_issue(struct authorities *authorities, enum certificate_kind kind,
                 unsigned number, const char *subject, struct certificate *facts);
/* "certs/leaf.key": what the server of such a certificate signs with. */
const char *certs_key_file(enum certificate_kind kind);
void certs_clear(struct certificate *facts);

#endif
