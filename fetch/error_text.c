#include "fetch/fetch.h"

const char *fetch_error_text(enum fetch_error error)
{
    static const char *const texts[] = {
        [FETCH_OK] = "",
        [FETCH_ADDRESS_BLOCKED] = "address_blocked",
        [FETCH_TCP_REFUSED] = "tcp_refused",
        [FETCH_TCP_TIMEOUT] = "tcp_timeout",
        [FETCH_TCP_UNREACHABLE] = "tcp_unreachable",
        [FETCH_TCP_RESET] = "tcp_reset",
        [FETCH_TLS_PROTOCOL] = "tls_protocol",
        [FETCH_TLS_ALERT] = "tls_alert",
        [FETCH_TLS_TIMEOUT] = "tls_timeout",
        [FETCH_CERT_EXPIRED] = "cert_expired",
        [FETCH_CERT_NOT_YET_VALID] = "cert_not_yet_valid",
        [FETCH_CERT_SELF_SIGNED] = "cert_self_signed",
        [FETCH_CERT_UNTRUSTED_ROOT] = "cert_untrusted_root",
        [FETCH_CERT_UNKNOWN_ISSUER] = "cert_unknown_issuer",
        [FETCH_CERT_NAME_MISMATCH] = "cert_name_mismatch",
        [FETCH_CERT_OTHER] = "cert_other",
        [FETCH_HTTP_REDIRECT] = "http_redirect",
        [FETCH_HTTP_STATUS] = "http_status",
        [FETCH_HTTP_TIMEOUT] = "http_timeout",
        [FETCH_HTTP_TOO_LARGE] = "http_too_large",
        [FETCH_HTTP_PROTOCOL] = "http_protocol",
    };
    return texts[error];
}
