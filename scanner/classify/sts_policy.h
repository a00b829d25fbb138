/* The body of an MTA-STS policy (RFC 8461 3.2).
 */
#ifndef SCANNER_CLASSIFY_STS_POLICY_H
#define SCANNER_CLASSIFY_STS_POLICY_H

#include "scanner/classify/defects.h"

#define STS_POLICY_MX_MAX 512 /* patterns kept; RFC 8461 sets no limit, 64 KiB does */

/* All codes of mta_sts.policy, errors by stage in the contract's order, then warnings. */
enum sts_policy_code {
    STS_DNS_NXDOMAIN,
    STS_DNS_NODATA,
    STS_DNS_SERVFAIL,
    STS_DNS_TIMEOUT,
    STS_DNS_ERROR,
    STS_ADDRESS_BLOCKED,
    STS_TCP_REFUSED,
    STS_TCP_TIMEOUT,
    STS_TCP_UNREACHABLE,
    STS_TCP_RESET,
    STS_TLS_PROTOCOL,
    STS_TLS_ALERT,
    STS_TLS_TIMEOUT,
    STS_CERT_EXPIRED,
    STS_CERT_NOT_YET_VALID,
    STS_CERT_SELF_SIGNED,
    STS_CERT_UNTRUSTED_ROOT,
    STS_CERT_UNKNOWN_ISSUER,
    STS_CERT_NAME_MISMATCH,
    STS_CERT_OTHER,
    STS_HTTP_REDIRECT,
    STS_HTTP_STATUS,
    STS_HTTP_TIMEOUT,
    STS_HTTP_TOO_LARGE,
    STS_HTTP_PROTOCOL,
    STS_EMPTY,
    STS_LINE_INVALID,
    STS_VERSION_MISSING,
    STS_VERSION_INVALID,
    STS_MODE_MISSING,
    STS_MODE_INVALID,
    STS_MAX_AGE_MISSING,
    STS_MAX_AGE_INVALID,
    STS_MAX_AGE_TOO_LARGE,
    STS_MX_MISSING,
    STS_MX_INVALID,
    STS_NON_ASCII,
    STS_ERROR_COUNT,
    STS_MEDIA_TYPE = STS_ERROR_COUNT,
    STS_DUPLICATE_KEY,
    STS_UNKNOWN_KEY,
    STS_MAX_AGE_SHORT,
    STS_MX_IGNORED,
    STS_BLANK_LINE,
    STS_CODE_COUNT
};

enum sts_mode { STS_MODE_NULL, STS_MODE_NONE, STS_MODE_TESTING, STS_MODE_ENFORCE };

struct sts_policy {
    bool has_version; /* "STSv1" */
    enum sts_mode mode;
    int64_t max_age; /* seconds; -1 = none usable */
    size_t mx_count;
    struct span mx[STS_POLICY_MX_MAX]; /* usable patterns as written, file order */
};

/* Syntax errors are noted in file order: a line's own at that line, "missing" ones at the
 * end of the file in the contract's order. */
void sts_policy_parse(struct span body, struct sts_policy *policy,
                      struct defects *defects);
/* RFC 8461 3.2: text/plain expected; parameters and case do not count. content_type may
 * be NULL. */
bool sts_policy_media_type_is_text(const char *content_type);
const char *sts_policy_code_text(enum sts_policy_code code);
const char *sts_mode_text(enum sts_mode mode); /* NULL for STS_MODE_NULL */

#endif
