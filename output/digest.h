/* SHA-256 of bytes that come piece by piece.
 *
 *   digest_init(&digest);
 *   digest_add(&digest, bytes, len);
 *   digest_hex(&digest, hex);     of all bytes so far; adding may go on
 *   digest_close(&digest);
 */
#ifndef OUTPUT_DIGEST_H
#define OUTPUT_DIGEST_H

#include <stddef.h>

#define DIGEST_HEX_LEN 65 /* with the final NUL */

struct digest {
    void *context; /* owned */
};

/* All: 0 or -ENOMEM. */
int digest_init(struct digest *digest) __attribute__((warn_unused_result));
/* Begins anew: the digest of no bytes. */
int digest_reset(struct digest *digest) __attribute__((warn_unused_result));
int digest_add(struct digest *digest, const void *bytes, size_t len)
    __attribute__((warn_unused_result));
int digest_hex(const struct digest *digest, char hex[DIGEST_HEX_LEN])
    __attribute__((warn_unused_result));
void digest_close(struct digest *digest); /* one that is all zero is fine */
const char *digest_library(void);         /* "OpenSSL 3.0.15 3 Sep 2024" */

#endif
