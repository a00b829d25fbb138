/* Every code of a record's findings as a sentence: what it means, what to do, and where
 * that is written.
 */
#ifndef SCANNER_SHOW_ADVICE_H
#define SCANNER_SHOW_ADVICE_H

#include <stdbool.h>

struct show_advice {
    const char *means;  /* one sentence or two, printable ASCII */
    const char *remedy; /* what to do, in the imperative */
    const char *source; /* "RFC 7208 4.6.4" */
};

/* code: of the protocol's enum (enum mx_code …). */
typedef const struct show_advice *show_advice_of(unsigned code);

extern show_advice_of show_advice_mx, show_advice_spf, show_advice_dmarc,
    show_advice_mta_sts, show_advice_policy, show_advice_tls_rpt;
/* The cross-protocol ones. */
const struct show_advice *show_advice_mx_unmatched(bool is_enforced);
const struct show_advice *show_advice_no_tls_rpt(void);

#endif
