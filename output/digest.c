#include "output/digest.h"

#include <errno.h>
#include <openssl/evp.h>

int digest_init(struct digest *digest)
{
    digest->context = EVP_MD_CTX_new();
    int rc = digest->context ? digest_reset(digest) : -ENOMEM;
    if (rc != 0) {
        digest_close(digest);
    }
    return rc;
}

int digest_reset(struct digest *digest)
{
    return EVP_DigestInit_ex(digest->context, EVP_sha256(), NULL) == 1 ? 0 : -ENOMEM;
}

int digest_add(struct digest *digest, const void *bytes, size_t len)
{
    return EVP_DigestUpdate(digest->context, bytes, len) == 1 ? 0 : -ENOMEM;
}

int digest_hex(const struct digest *digest, char hex[DIGEST_HEX_LEN])
{
    static const char digits[] = "0123456789abcdef";
    unsigned char hash[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_MD_CTX *copy = EVP_MD_CTX_new();
    int rc = -ENOMEM;
    if (!copy || EVP_MD_CTX_copy_ex(copy, digest->context) != 1 ||
        EVP_DigestFinal_ex(copy, hash, &len) != 1) {
        goto done;
    }
    for (size_t i = 0; i < len; i++) {
        hex[2 * i] = digits[hash[i] >> 4];
        hex[2 * i + 1] = digits[hash[i] & 15];
    }
    hex[(size_t)2 * len] = '\0';
    rc = 0;
done:
    EVP_MD_CTX_free(copy);
    return rc;
}

void digest_close(struct digest *digest)
{
    EVP_MD_CTX_free(digest->context);
    digest->context = NULL;
}

const char *digest_library(void)
{
    return OpenSSL_version(OPENSSL_VERSION);
}
