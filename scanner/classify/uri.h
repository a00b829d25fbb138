/* Report destinations of DMARC (RFC 9989 4.8) and TLS-RPT (RFC 8460 3): URIs after RFC
 * 3986 with "," "!" and ";" percent-encoded, mailto: after RFC 6068 with one address,
 * https: with a host. Only the syntax, nothing is resolved or decoded.
 */
#ifndef SCANNER_CLASSIFY_URI_H
#define SCANNER_CLASSIFY_URI_H

#include "scanner/classify/span.h"

enum uri_kind { URI_OTHER, URI_MAILTO, URI_HTTPS };

struct uri {
    enum uri_kind kind;
    struct span scheme; /* as written, without ":" */
    /* mailto: after the "@"; else the authority's host without a final dot, an IPv6
     * address in its brackets; len 0 where there is none. */
    struct span host;
};

/* False when text is no URI; *uri is then undefined. */
bool uri_parse(struct span text, struct uri *uri);

#endif
