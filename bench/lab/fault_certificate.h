/* Certificates for the members of a series, made when they are asked for: the first's with
 * the member's names in it, signed by whoever signed the first's. */
#ifndef BENCH_LAB_FAULT_CERTIFICATE_H
#define BENCH_LAB_FAULT_CERTIFICATE_H

#include <openssl/ssl.h>

/* A PEM file with a key that may have signed some of them. */
void fault_certificate_signer(const char *path);
/* Puts the member's certificate in the place of the context's. */
void fault_certificate_use(SSL *ssl, unsigned member);

#endif
