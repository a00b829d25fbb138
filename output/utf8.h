/* One character of UTF-8, strictly (RFC 3629 section 4): no overlong forms, no
 * surrogates, nothing above U+10FFFF. */
#ifndef OUTPUT_UTF8_H
#define OUTPUT_UTF8_H

#include <stddef.h>
#include <stdint.h>

/* Length in bytes (1-4) of the well-formed character that bytes begin with, its number in
 * *character; 0 = not well-formed or cut short. */
size_t utf8_decode(const unsigned char *bytes, size_t len, uint32_t *character);

#endif
