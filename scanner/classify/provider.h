/* Who runs a service, told by host names: rules of a pattern and a name, the first that
 * fits counts (data/providers.txt).
 *
 * A pattern is a host name. "*." at its beginning stands for one or more labels, any
 * other "*" (at most one a label) for any characters of its label, or none. Case does not
 * count. "*.example.net" fits neither "example.net" nor "notexample.net".
 *
 * Names that come out are borrowed from the rules; NULL = nobody known.
 */
#ifndef SCANNER_CLASSIFY_PROVIDER_H
#define SCANNER_CLASSIFY_PROVIDER_H

#include "scanner/classify/mx.h"

/* What the host names are those of. */
enum provider_area {
    PROVIDER_MX,
    PROVIDER_NS,
    PROVIDER_MTA_STS, /* what _mta-sts.<domain> points to */
    PROVIDER_POLICY,  /* what mta-sts.<domain> points to */
    PROVIDER_TLS_RPT, /* what _smtp._tls.<domain> points to */
    PROVIDER_AREA_COUNT
};

struct provider_rule {
    struct span pattern;
    const char *name;
};

struct provider_list {
    struct provider_rules {
        struct provider_rule *rules; /* owned by whoever filled the list */
        size_t count, capacity;
    } areas[PROVIDER_AREA_COUNT];
};

const char *provider_area_text(enum provider_area area); /* as in the file */
bool provider_pattern_is_good(struct span pattern);
bool provider_fits(struct span pattern, struct span host);

/* list may be NULL in all of these. */
const char *provider_of_host(const struct provider_list *list, enum provider_area area,
                             const char *host);
/* All hosts of the lowest preference are one provider's. */
const char *provider_of_mx(const struct provider_list *list, const struct mx_set *mx);
/* More than half of the hosts are one provider's, the others nobody's. */
const char *provider_of_ns(const struct provider_list *list, const char *const *hosts,
                           size_t count);
/* The first hop of a CNAME chain that is a provider's; answer may be NULL. */
const char *provider_of_chain(const struct provider_list *list, enum provider_area area,
                              const struct dns_answer *answer);

#endif
