/* Which certificate bears the signature of which, remembered: most policy hosts present
 * the same few intermediates, and checking a signature is what costs in verifying a chain.
 *
 * A fact of two certificates' bytes (by SHA-256 of the DER) is kept, nothing else. It
 * does not depend on time, name or trust, so it cannot become wrong, and OpenSSL goes on
 * building the chain, checking extensions, names, constraints and trust for every
 * connection; validity dates are looked at anew. Only what was found good is kept, and a
 * chain of which anything is not plainly good is left to OpenSSL from the beginning: every
 * failure is OpenSSL's own.
 *
 * One thread's, as the fetcher is.
 */
#ifndef FETCH_SIGNATURE_MEMO_H
#define FETCH_SIGNATURE_MEMO_H

#include <openssl/x509_vfy.h>
#include <stdint.h>

#define SIGNATURE_MEMO_SLOTS 1024 /* a power of 2; a new fact takes an old one's slot */
#define SIGNATURE_MEMO_DIGEST_BYTES 32

struct signature_fact {
    uint8_t subject[SIGNATURE_MEMO_DIGEST_BYTES];
    uint8_t issuer[SIGNATURE_MEMO_DIGEST_BYTES];
};

struct signature_memo {
    EVP_MD *sha256;
    X509_STORE_CTX_verify_fn check_chain; /* OpenSSL's */
    uint64_t checked, known;              /* signatures */
    struct signature_fact facts[SIGNATURE_MEMO_SLOTS];
};

/* Chains verified against the store use the memo from now on. NULL: no memory. The store
 * must not be used any more when the memo is freed. */
struct signature_memo *signature_memo_open(X509_STORE *store);
void signature_memo_free(struct signature_memo *memo);

#endif
