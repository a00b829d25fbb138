#include "fetch/signature_memo.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static struct signature_fact *slot_of(struct signature_memo *memo,
                                      const struct signature_fact *fact)
{
    uint32_t index = 0;
    memcpy(&index, fact->subject, sizeof index);
    return &memo->facts[index % SIGNATURE_MEMO_SLOTS];
}

static bool read_fact(const struct signature_memo *memo, const X509 *subject,
                      const X509 *issuer, struct signature_fact *fact)
{
    return X509_digest(subject, memo->sha256, fact->subject, NULL) == 1 &&
           X509_digest(issuer, memo->sha256, fact->issuer, NULL) == 1;
}

static bool is_signed_by(struct signature_memo *memo, X509 *subject, X509 *issuer)
{
    struct signature_fact fact;
    if (!read_fact(memo, subject, issuer, &fact)) {
        return false;
    }
    struct signature_fact *slot = slot_of(memo, &fact);
    if (memcmp(slot, &fact, sizeof fact) == 0) {
        memo->known++;
        return true;
    }
    memo->checked++;
    EVP_PKEY *key = X509_get0_pubkey(issuer);
    if (key == NULL || X509_verify(subject, key) != 1) {
        return false;
    }
    *slot = fact;
    return true;
}

/* RFC 5280, 6.1.3 (a)(2). */
static bool is_valid_now(const X509 *certificate)
{
    return X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0 &&
           X509_cmp_current_time(X509_get0_notAfter(certificate)) > 0;
}

/* The rules of OpenSSL's own function in this place (check_chain), for a chain up to a
 * root that names itself as its issuer and for parameters that change none of them. A
 * root's own signature says nothing and is not checked there, either. */
static bool is_plainly_good(struct signature_memo *memo, X509_STORE_CTX *ctx)
{
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    int last = sk_X509_num(chain) - 1;
    X509 *issuer = sk_X509_value(chain, last);
    const unsigned long special = X509_V_FLAG_CHECK_SS_SIGNATURE |
                                  X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_USE_CHECK_TIME |
                                  X509_V_FLAG_NO_CHECK_TIME;
    if ((X509_VERIFY_PARAM_get_flags(X509_STORE_CTX_get0_param(ctx)) & special) != 0) {
        return false;
    }
    for (int i = last; i >= 0; i--) {
        X509 *subject = sk_X509_value(chain, i);
        if (X509_check_issued(issuer, subject) != X509_V_OK || !is_valid_now(subject) ||
            (i < last && !is_signed_by(memo, subject, issuer))) {
            return false;
        }
        issuer = subject;
    }
    return true;
}

static int check_chain(X509_STORE_CTX *ctx)
{
    struct signature_memo *memo =
        X509_STORE_get_ex_data(X509_STORE_CTX_get0_store(ctx), 0);
    ERR_set_mark();
    bool is_good = is_plainly_good(memo, ctx);
    ERR_pop_to_mark();
    if (!is_good) {
        return memo->check_chain(ctx);
    }
    STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
    for (int i = sk_X509_num(chain) - 1; i >= 0; i--) {
        X509_STORE_CTX_set_error_depth(ctx, i);
        X509_STORE_CTX_set_current_cert(ctx, sk_X509_value(chain, i));
        if (X509_STORE_CTX_get_verify_cb(ctx)(1, ctx) == 0) {
            return 0;
        }
    }
    return 1;
}

static X509_STORE_CTX_verify_fn openssl_check_chain(void)
{
    X509_STORE_CTX_verify_fn found = NULL;
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    if (ctx != NULL && X509_STORE_CTX_init(ctx, NULL, NULL, NULL) == 1) {
        found = X509_STORE_CTX_get_verify(ctx);
    }
    X509_STORE_CTX_free(ctx);
    return found;
}

struct signature_memo *signature_memo_open(X509_STORE *store)
{
    struct signature_memo *memo = calloc(1, sizeof *memo);
    if (memo == NULL) {
        return NULL;
    }
    memo->sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
    memo->check_chain = openssl_check_chain();
    if (memo->sha256 == NULL || memo->check_chain == NULL ||
        X509_STORE_set_ex_data(store, 0, memo) != 1) {
        signature_memo_free(memo);
        return NULL;
    }
    X509_STORE_set_verify(store, check_chain);
    return memo;
}

void signature_memo_free(struct signature_memo *memo)
{
    if (memo != NULL) {
        EVP_MD_free(memo->sha256);
        free(memo);
    }
}
