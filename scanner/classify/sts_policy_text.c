/* The contract's words for sts_policy.h. */
#include "scanner/classify/sts_policy.h"

const char *sts_mode_text(enum sts_mode mode)
{
    static const char *const TEXTS[] = {
        [STS_MODE_NULL] = NULL,
        [STS_MODE_NONE] = "none",
        [STS_MODE_TESTING] = "testing",
        [STS_MODE_ENFORCE] = "enforce",
    };
    return TEXTS[mode];
}

const char *sts_policy_code_text(enum sts_policy_code code)
{
    static const char *const TEXTS[STS_CODE_COUNT] = {
        [STS_DNS_NXDOMAIN] = "dns_nxdomain",
        [STS_DNS_NODATA] = "dns_nodata",
        [STS_DNS_SERVFAIL] = "dns_servfail",
        [STS_DNS_TIMEOUT] = "dns_timeout",
        [STS_DNS_ERROR] = "dns_error",
        [STS_ADDRESS_BLOCKED] = "address_blocked",
        [STS_TCP_REFUSED] = "tcp_refused",
        [STS_TCP_TIMEOUT] = "tcp_timeout",
        [STS_TCP_UNREACHABLE] = "tcp_unreachable",
        [STS_TCP_RESET] = "tcp_reset",
        [STS_TLS_PROTOCOL] = "tls_protocol",
        [STS_TLS_ALERT] = "tls_alert",
        [STS_TLS_TIMEOUT] = "tls_timeout",
        [STS_CERT_EXPIRED] = "cert_expired",
        [STS_CERT_NOT_YET_VALID] = "cert_not_yet_valid",
        [STS_CERT_SELF_SIGNED] = "cert_self_signed",
        [STS_CERT_UNTRUSTED_ROOT] = "cert_untrusted_root",
        [STS_CERT_UNKNOWN_ISSUER] = "cert_unknown_issuer",
        [STS_CERT_NAME_MISMATCH] = "cert_name_mismatch",
        [STS_CERT_OTHER] = "cert_other",
        [STS_HTTP_REDIRECT] = "http_redirect",
        [STS_HTTP_STATUS] = "http_status",
        [STS_HTTP_TIMEOUT] = "http_timeout",
        [STS_HTTP_TOO_LARGE] = "http_too_large",
        [STS_HTTP_PROTOCOL] = "http_protocol",
        [STS_EMPTY] = "empty",
        [STS_LINE_INVALID] = "line_invalid",
        [STS_VERSION_MISSING] = "version_missing",
        [STS_VERSION_INVALID] = "version_invalid",
        [STS_MODE_MISSING] = "mode_missing",
        [STS_MODE_INVALID] = "mode_invalid",
        [STS_MAX_AGE_MISSING] = "max_age_missing",
        [STS_MAX_AGE_INVALID] = "max_age_invalid",
        [STS_MAX_AGE_TOO_LARGE] = "max_age_too_large",
        [STS_MX_MISSING] = "mx_missing",
        [STS_MX_INVALID] = "mx_invalid",
        [STS_NON_ASCII] = "non_ascii",
        [STS_MEDIA_TYPE] = "media_type",
        [STS_DUPLICATE_KEY] = "duplicate_key",
        [STS_UNKNOWN_KEY] = "unknown_key",
        [STS_MAX_AGE_SHORT] = "max_age_short",
        [STS_MX_IGNORED] = "mx_ignored",
        [STS_BLANK_LINE] = "blank_line",
    };
    return TEXTS[code];
}
