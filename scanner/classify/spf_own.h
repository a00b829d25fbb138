/* What a domain's own SPF record says of itself, without a look at any other name.
 */
#ifndef SCANNER_CLASSIFY_SPF_OWN_H
#define SCANNER_CLASSIFY_SPF_OWN_H

#include "scanner/classify/spf_grammar.h"

/* A sound mechanism that counts (not behind all): its warnings, and what all says. */
void spf_own_term(struct spf_analysis *analysis, const struct spf_term *term,
                  struct defects *defects);

/* How the record ends. redirect: of kind SPF_TERM_REDIRECT, or there is none. */
void spf_own_end(struct spf_analysis *analysis, bool has_all,
                 const struct spf_term *redirect, struct defects *defects);

#endif
