#include "fetch/transfer_verdict.h"

#include <errno.h>

#include "fetch/shortage.h"

static enum fetch_error connect_error(int os_error)
{
    switch (os_error) {
    case ECONNREFUSED:
        return FETCH_TCP_REFUSED;
    case ETIMEDOUT:
        return FETCH_TCP_TIMEOUT;
    case ECONNRESET:
        return FETCH_TCP_RESET;
    default:
        return FETCH_TCP_UNREACHABLE;
    }
}

/* curl's errno does not help once TLS has begun: closing writes a close_notify, and EPIPE
 * replaces ECONNRESET. But of a FIN it makes none of these codes except in the handshake,
 * and there a RST after a FIN leaves an error pending, so that is_reset is false. */
static bool is_reset(const struct transfer *transfer, CURLcode code)
{
    return transfer->is_reset && (code == CURLE_SSL_CONNECT_ERROR ||
                                  code == CURLE_RECV_ERROR || code == CURLE_SEND_ERROR);
}

/* RFC 8446, 6.2 and RFC 5246, 7.2.2. */
static enum fetch_error alert_error(int alert)
{
    return alert == SSL_AD_PROTOCOL_VERSION ? FETCH_TLS_PROTOCOL : FETCH_TLS_ALERT;
}

static enum fetch_error tls_error(const struct transfer *transfer, CURLcode code)
{
    enum fetch_error verify_error = tls_verify_error(&transfer->tls);
    if (verify_error != FETCH_OK) {
        return verify_error;
    }
    if (transfer->tls.alert != TLS_NO_ALERT) {
        return alert_error(transfer->tls.alert);
    }
    if (transfer->is_timed_out) {
        return FETCH_TLS_TIMEOUT;
    }
    return is_reset(transfer, code) ? FETCH_TCP_RESET : FETCH_TLS_PROTOCOL;
}

/* RFC 9112, 8 and 9.8: a body that only the end of the connection ends is whole only if
 * TLS was closed properly. (curl takes a bare FIN for an end, too, and a length that it
 * cannot count to for none.) */
static bool is_cut_short(const struct transfer *transfer)
{
    if (transfer->is_chunked) {
        return false;
    }
    return transfer->has_length ? transfer->body_len < transfer->length
                                : !transfer->tls.is_notified;
}

/* A final status other than 200 is the answer, whatever became of its body. */
static enum fetch_error http_error(const struct transfer *transfer, CURLcode code)
{
    int status = transfer->http_status;
    if (status != 0 && status != 200) {
        return status >= 300 && status <= 399 ? FETCH_HTTP_REDIRECT : FETCH_HTTP_STATUS;
    }
    if (transfer->is_body_excess) {
        return FETCH_HTTP_TOO_LARGE;
    }
    if (code == CURLE_OK && status == 200) {
        return is_cut_short(transfer) ? FETCH_HTTP_PROTOCOL : FETCH_OK;
    }
    if (transfer->is_timed_out) {
        return FETCH_HTTP_TIMEOUT;
    }
    if (transfer->tls.alert != TLS_NO_ALERT) {
        return alert_error(transfer->tls.alert);
    }
    return is_reset(transfer, code) ? FETCH_TCP_RESET : FETCH_HTTP_PROTOCOL;
}

/* Nothing else that connect(2) says is the address's. */
static bool is_of_address(int os_error)
{
    return os_error == ECONNREFUSED || os_error == ETIMEDOUT ||
           os_error == EHOSTUNREACH || os_error == ENETUNREACH;
}

static void reach_connect(struct transfer *transfer)
{
    long os_error = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_OS_ERRNO, &os_error);
    transfer->stage = transfer->is_blocked ? FETCH_STAGE_NONE : FETCH_STAGE_TCP;
    if (transfer->is_blocked) {
        transfer->error = FETCH_ADDRESS_BLOCKED;
    } else if (transfer->is_timed_out) {
        transfer->error = FETCH_TCP_TIMEOUT;
        transfer->is_address_dead = true;
    } else {
        int error = transfer->socket_error != 0 ? transfer->socket_error : (int)os_error;
        transfer->is_address_dead =
            transfer->socket_error == 0 && is_of_address((int)os_error);
        transfer->is_shortage = shortage_is(error, &transfer->target.address);
        transfer->error = connect_error(error);
    }
}

void transfer_verdict_reach(struct transfer *transfer, CURLcode code)
{
    if (!transfer->tls.is_begun) {
        reach_connect(transfer);
        return;
    }
    if (!transfer->tls.is_done) {
        transfer->stage = FETCH_STAGE_TLS;
        transfer->error = tls_error(transfer, code);
        return;
    }
    transfer->error = http_error(transfer, code);
    transfer->stage = transfer->error == FETCH_OK ? FETCH_STAGE_OK : FETCH_STAGE_HTTP;
    bool is_refusal =
        transfer->error == FETCH_TLS_ALERT || transfer->error == FETCH_TLS_PROTOCOL;
    if (is_refusal && !transfer->is_response_begun) {
        transfer->stage = FETCH_STAGE_TLS;
    }
}

static bool is_timeout(enum fetch_error error)
{
    return error == FETCH_TCP_TIMEOUT || error == FETCH_TLS_TIMEOUT ||
           error == FETCH_HTTP_TIMEOUT;
}

bool transfer_verdict_is_better(const struct transfer *a, const struct transfer *b)
{
    if (a->stage != b->stage) {
        return a->stage > b->stage;
    }
    return is_timeout(b->error) && !is_timeout(a->error);
}
