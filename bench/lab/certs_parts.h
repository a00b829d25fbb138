/* What certs.c (authorities and keys) and certs_issue.c (leaves) share. */
#ifndef BENCH_LAB_CERTS_PARTS_H
#define BENCH_LAB_CERTS_PARTS_H

#include <openssl/x509.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

#define DAY ((time_t)86400)

enum authority_id {
    AUTHORITY_ROOT, /* the one that is trusted */
    AUTHORITY_INTERMEDIATE,
    AUTHORITY_STRANGER, /* a root nobody trusts */
    AUTHORITY_NO_CA,
    AUTHORITY_FORMER,
    AUTHORITY_LAST, /* nobody may stand below it but leaves (RFC 5280, 4.2.1.9) */
    AUTHORITY_BELOW_LAST,
    AUTHORITY_RSA, /* ECDSA knows no MD5 */
    AUTHORITY_COUNT
};

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
    const struct authority *parent; /* NULL: a root */
};

enum key_id {
    KEY_LEAF,
    KEY_WEAK,    /* RSA of 1024 bits */
    KEY_WEAKEST, /* of 512 */
    KEY_FOREIGN  /* another one, but it says that it is the leaves' */
};

struct authorities {
    char directory[2048];
    EVP_PKEY *keys[KEY_FOREIGN];
    struct authority list[AUTHORITY_COUNT];
    time_t now;
};

/* Ends the program. */
void certs_must(bool is_good, const char *what);
X509_NAME *certs_make_name(const char *organization, const char *common_name);
X509 *certs_make_certificate(EVP_PKEY *key, X509_NAME *subject, unsigned serial);
void certs_set_dates(X509 *certificate, time_t from, time_t until);
void certs_add_extension(X509 *certificate, int nid, const char *value);
FILE *certs_open_pem(const struct authorities *authorities, const char *name);
const char *certs_key_name(enum key_id id);

#endif
