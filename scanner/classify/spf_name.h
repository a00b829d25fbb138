/* Names that SPF terms speak of: from a domain-spec to a question (RFC 7208 4.8, 7.3).
 */
#ifndef SCANNER_CLASSIFY_SPF_NAME_H
#define SCANNER_CLASSIFY_SPF_NAME_H

#include "scanner/classify/spf.h"
#include "scanner/classify/spf_macro.h"

/* No empty label, none over 63 bytes, 253 in all (RFC 1035 2.3.4); no final dot. */
bool spf_name_is_valid(struct span name);
/* As above, in ASCII, of two labels at least and no address literal (RFC 7208 4.3). */
bool spf_name_is_domain(struct span name);

/* The target-name of a domain-spec; case is kept. False when what comes out is no name
 * that could be asked for. */
bool spf_name_expand(struct span domain_spec, const struct spf_macro_values *values,
                     char name[SPF_NAME_MAX]);

/* The resolver's spelling of a valid name: lower case, a backslash and what is not
 * printable escaped (RFC 1035 5.1). False when that is too long: it cannot be asked for,
 * so it does not exist as far as anybody can tell. */
bool spf_name_spell(const char *name, char out[SPF_NAME_MAX]);

#endif
