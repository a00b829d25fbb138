/* Which IP addresses are not those of a public host: the special-purpose registries of
 * IANA (RFC 6890 and successors), multicast, and what was never given out.
 */
#ifndef SCANNER_CLASSIFY_ADDRESS_H
#define SCANNER_CLASSIFY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* bytes: 4 or 16, network order. v4-mapped and 64:ff9b::/96 count as special whatever
 * they embed; so does any other length. */
bool address_is_special(const uint8_t *bytes, size_t len);

/* Text that is an IPv4 or IPv6 address, alone or as the literal of RFC 5321 4.1.3
 * ("[192.0.2.1]", "[IPv6:2001:db8::1]"). */
bool address_is_text(const char *text);

#endif
