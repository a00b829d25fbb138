/* What may stand after the colon of an MTA-STS policy line (RFC 8461 3.2). Callers have
 * trimmed white space off both ends.
 */
#ifndef SCANNER_CLASSIFY_STS_VALUE_H
#define SCANNER_CLASSIFY_STS_VALUE_H

#include "scanner/classify/span.h"

bool sts_value_has_high_bytes(struct span text); /* any byte of 0x80 or more */
bool sts_value_is_utf8(struct span text);
bool sts_value_is_number(struct span text); /* 1*DIGIT */

/* sts-policy-ext-value: one or more visible characters, with spaces between them; bytes
 * of 0x80 and more are taken as they are. */
bool sts_value_is_extension(struct span value);

/* sts-policy-mx-value: ["*."] Domain. Domain is RFC 5321's, so a single label fits and an
 * underscore does not; no top-level domain is a number (RFC 1123 2.1), which keeps IPv4
 * addresses out. */
bool sts_value_is_mx_pattern(struct span value);

#endif
