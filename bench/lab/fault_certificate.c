#include "bench/lab/fault_certificate.h"

#include "bench/lab/fault_series.h"
#include "bench/lab/fault_server.h"

#include <errno.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>

enum { SIGNERS_MAX = 8 };

static EVP_PKEY *signers[SIGNERS_MAX];
static size_t signer_count;

void fault_certificate_signer(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL || signer_count == SIGNERS_MAX) {
        fault_die(path, file == NULL ? strerror(errno) : "is one signer too many");
    }
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
    fclose(file);
    if (key == NULL) {
        fault_die(path, "is no key");
    }
    signers[signer_count++] = key;
}

static const EVP_MD *digest_of(X509 *certificate)
{
    int digest = NID_undef;
    (void)X509_get_signature_info(certificate, &digest, NULL, NULL, NULL);
    return EVP_get_digestbynid(digest);
}

/* As the first was, by whoever it was. */
static void sign_as(X509 *certificate, X509 *first)
{
    for (size_t i = 0; i < signer_count; i++) {
        if (X509_verify(first, signers[i]) == 1) {
            (void)X509_sign(certificate, signers[i], digest_of(first));
            return;
        }
    }
}

static X509 *certificate_of(X509 *first, unsigned member)
{
    unsigned char *der = NULL;
    int len = i2d_X509(first, &der);
    const unsigned char *at = der;
    if (len <= 0) {
        fault_die("a certificate", "cannot be encoded");
    }
    series_to_member(der, (size_t)len, member);
    X509 *certificate = d2i_X509(NULL, &at, len);
    OPENSSL_free(der);
    if (certificate == NULL) {
        fault_die("a certificate", "cannot be made");
    }
    sign_as(certificate, first);
    return certificate;
}

void fault_certificate_use(SSL *ssl, unsigned member)
{
    X509 *first = SSL_get_certificate(ssl); /* borrowed */
    if (first == NULL || member == 0) {
        return;
    }
    X509 *certificate = certificate_of(first, member);
    if (SSL_use_certificate(ssl, certificate) != 1) {
        fault_die("a certificate", "cannot be used");
    }
    X509_free(certificate);
}
