/* The TLS-RPT record (RFC 8460 3).
 */
#ifndef SCANNER_CLASSIFY_TLS_RPT_H
#define SCANNER_CLASSIFY_TLS_RPT_H

#include "scanner/classify/defects.h"
#include "scanner/classify/published.h"

#define TLS_RPT_URIS_MAX 20

enum tls_rpt_code {
    TLS_RPT_MULTIPLE_RECORDS,
    TLS_RPT_RUA_MISSING,
    TLS_RPT_RUA_INVALID,
    TLS_RPT_SYNTAX,
    TLS_RPT_ERROR_COUNT,
    TLS_RPT_SCHEME_UNSUPPORTED = TLS_RPT_ERROR_COUNT,
    TLS_RPT_UNKNOWN_FIELD,
    TLS_RPT_WILDCARD_SUSPECTED,
    TLS_RPT_NO_MTA_STS,
    TLS_RPT_VERSION_NEAR_MISS,
    TLS_RPT_TEXT_TRUNCATED,
    TLS_RPT_CODE_COUNT
};

struct tls_rpt_uri {
    struct span scheme; /* as written; the record shows it in lower case */
    struct span uri;
};

struct tls_rpt_record {
    size_t rua_count;
    struct tls_rpt_uri rua[TLS_RPT_URIS_MAX]; /* every item that is a URI */
};

enum version_match tls_rpt_version(struct span text);
void tls_rpt_parse(struct span text, struct tls_rpt_record *record,
                   struct defects *defects);
const char *tls_rpt_code_text(enum tls_rpt_code code);

#endif
