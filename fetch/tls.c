#include "fetch/tls.h"

#include <errno.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

void tls_evidence_init(struct tls_evidence *evidence)
{
    memset(evidence, 0, sizeof *evidence);
    evidence->alert = TLS_NO_ALERT;
    evidence->verify_error = X509_V_OK;
}

void tls_evidence_close(struct tls_evidence *evidence)
{
    X509_free(evidence->leaf);
    tls_evidence_init(evidence);
}

/* While the handshake goes on, the cipher is only pending. */
static void note_parameters(struct tls_evidence *evidence, const SSL *ssl)
{
    const SSL_CIPHER *cipher = SSL_get_current_cipher(ssl);
    if (cipher == NULL) {
        cipher = SSL_get_pending_cipher(ssl);
    }
    evidence->version = SSL_get_version(ssl);
    evidence->cipher = cipher != NULL ? SSL_CIPHER_get_name(cipher) : NULL;
}

static int on_verify(int is_ok, X509_STORE_CTX *store_ctx)
{
    SSL *ssl =
        X509_STORE_CTX_get_ex_data(store_ctx, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls_evidence *evidence = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if (evidence->leaf == NULL) {
        X509 *leaf = X509_STORE_CTX_get0_cert(store_ctx);
        if (leaf != NULL && X509_up_ref(leaf) == 1) {
            evidence->leaf = leaf;
        }
        note_parameters(evidence, ssl);
    }
    if (!is_ok && evidence->verify_error == X509_V_OK) {
        evidence->verify_error = X509_STORE_CTX_get_error(store_ctx);
        evidence->verify_depth = X509_STORE_CTX_get_error_depth(store_ctx);
    }
    return is_ok;
}

static void on_info(const SSL *ssl, int where, int value)
{
    struct tls_evidence *evidence = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
    if ((where & SSL_CB_READ_ALERT) == SSL_CB_READ_ALERT) {
        int alert = value & 0xff; /* the level stands above it */
        if (alert == SSL_AD_CLOSE_NOTIFY) {
            evidence->is_notified = true;
        } else {
            evidence->alert = alert;
        }
    } else if ((where & SSL_CB_HANDSHAKE_DONE) != 0) {
        evidence->is_done = true;
        evidence->alert = TLS_NO_ALERT; /* a warning that was overcome */
        note_parameters(evidence, ssl);
    }
}

/* Of each record received, its header as it came: the length stands at its end. And each
 * handshake message. */
// NOLINTNEXTLINE(readability-function-size): OpenSSL's signature
static void on_message(int is_ours, int version, int type, const void *bytes, size_t len,
                       SSL *ssl, void *arg)
{
    (void)version;
    struct tls_evidence *evidence = arg;
    const uint8_t *header = bytes;
    if (!is_ours && type == SSL3_RT_HEADER && len == SSL3_RT_HEADER_LENGTH) {
        evidence->bytes += len + (size_t)(header[3] << 8 | header[4]);
    }
    /* Else one read goes on for as long as messages come that carry no data (RFC 8446,
     * 4.6), and the loop stands still. From the first of them on it would take a turn of
     * the loop for each. */
    if (!is_ours && type == SSL3_RT_HANDSHAKE && evidence->is_done &&
        ++evidence->late == TLS_LATE_MESSAGES_MAX) {
        SSL_clear_mode(ssl, SSL_MODE_AUTO_RETRY);
    }
}

bool tls_watch(SSL_CTX *ctx, X509_STORE *store, const char *host,
               struct tls_evidence *evidence)
{
    evidence->is_begun = true;
    if (SSL_CTX_set_app_data(ctx, evidence) != 1) {
        return false; /* the callbacks below would find none */
    }
    SSL_CTX_set1_cert_store(ctx, store);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_verify);
    SSL_CTX_set_info_callback(ctx, on_info);
    SSL_CTX_set_msg_callback(ctx, on_message);
    SSL_CTX_set_msg_callback_arg(ctx, evidence);
    X509_VERIFY_PARAM *param = SSL_CTX_get0_param(ctx);
    /* RFC 8461, 4.1 and 3.3 with RFC 6125, 6.4.3 and 6.4.4. */
    X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT |
                                               X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return X509_VERIFY_PARAM_set1_host(param, host, 0) == 1;
}

enum fetch_error tls_verify_error(const struct tls_evidence *evidence)
{
    switch (evidence->verify_error) {
    case X509_V_OK:
        return FETCH_OK;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return FETCH_CERT_EXPIRED;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return FETCH_CERT_NOT_YET_VALID;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return FETCH_CERT_SELF_SIGNED;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        return FETCH_CERT_UNTRUSTED_ROOT;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
        return FETCH_CERT_UNKNOWN_ISSUER;
    case X509_V_ERR_HOSTNAME_MISMATCH:
        return FETCH_CERT_NAME_MISMATCH;
    default:
        return FETCH_CERT_OTHER;
    }
}
