/* domain-spec and macro-string (RFC 7208 7.1, 12). Text is visible ASCII already.
 */
#ifndef SCANNER_CLASSIFY_SPF_DOMAIN_SPEC_H
#define SCANNER_CLASSIFY_SPF_DOMAIN_SPEC_H

#include "scanner/classify/spf.h"

/* False sets *defect: SPF_INVALID_MACRO or SPF_INVALID_DOMAIN. */
bool spf_domain_spec_check(struct span text, enum spf_code *defect);
bool spf_macro_string_check(struct span text);

static inline bool spf_is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool spf_is_digit(char c)
{
    return c >= '0' && c <= '9';
}

#endif
