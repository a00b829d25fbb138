/* Values of flags: text in, number out. False leaves *value alone. */
#ifndef SCANNER_OPTIONS_VALUE_H
#define SCANNER_OPTIONS_VALUE_H

#include "scanner/options.h"

/* Decimal digits only: no sign, no blanks, no hexadecimal. */
bool options_read_uint(const char *text, uint64_t least, uint64_t most, uint64_t *value);
/* The same with an optional K, M or G (powers of 1,024, either case) behind it. */
bool options_read_bytes(const char *text, uint64_t least, uint64_t most, uint64_t *value);
/* Digits, and at most one point with digits behind it. */
bool options_read_rate(const char *text, uint64_t most, double *value);
/* Names of checks with commas between. False: *wrong is the name that is none. */
bool options_read_checks(const char *text, unsigned *checks, struct span *wrong);
bool options_read_address(const char *text, struct options_sender_ip *address);
/* Printable ASCII, not empty, at most 256 bytes. */
bool options_is_header_text(const char *text);
bool options_is_contact(const char *text); /* header text that is a URL or mail address */

#endif
