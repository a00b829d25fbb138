/* The MX RRset of a domain and its targets (RFC 5321 5.1, RFC 7505).
 */
#ifndef SCANNER_CLASSIFY_MX_H
#define SCANNER_CLASSIFY_MX_H

#include "scanner/classify/defects.h"
#include "scanner/classify/lookup.h"
#include "scanner/classify/published.h"

#define MX_HOSTS_MAX 32     /* targets asked for and listed; no more are looked at */
#define MX_ADDRESSES_MAX 32 /* per target, both families */
#define MX_ADDRESS_LEN 46

enum mx_code {
    MX_NULL_MX_WITH_OTHERS,
    MX_TARGET_IS_ADDRESS,
    MX_ERROR_COUNT,
    MX_IMPLICIT_MX = MX_ERROR_COUNT,
    MX_TARGET_NXDOMAIN,
    MX_TARGET_NO_ADDRESS,
    MX_ADDRESS_PRIVATE,
    MX_TARGET_IS_CNAME,
    MX_SINGLE_LABEL,
    MX_CODE_COUNT
};

struct mx_host {
    uint16_t preference;
    const char *host;       /* borrowed from the answer; "." = null MX */
    enum dns_status status; /* of its addresses, see docs/record.md */
    size_t address_count;
    /* Text, sorted by bytes, no doubles. */
    char addresses[MX_ADDRESSES_MAX][MX_ADDRESS_LEN];
};

struct mx_set {
    bool is_done;    /* false: answers are missing, run again */
    bool has_failed; /* a lookup due ended without an answer */
    enum deployment deployment;
    bool is_null;     /* null MX alone */
    bool is_implicit; /* no MX, but the domain has an address */
    size_t host_count;
    struct mx_host hosts[MX_HOSTS_MAX]; /* by preference, then name */
};

/* Asks MX at domain, then the targets' (or, without MX, the domain's) A and AAAA. Details
 * of defects borrow from answers and from *set; clear defects before every run. */
void mx_classify(const char *domain, const struct lookup *lookup, struct mx_set *set,
                 struct defects *defects);
const char *mx_code_text(enum mx_code code);

#endif
