/* Addresses no packet is sent to: CIDRs from a file and the special-purpose ranges.
 *
 *   blocklist_read("block.txt", &blocklist, error);   one CIDR or address a line
 *   blocklist_add_special(&blocklist);
 *   blocklist_exempt(&blocklist, root_server);
 *   for (i = 0; i < blocklist.len; i++) blocklist_cidr_text(...)
 *   blocklist_free(&blocklist);
 *
 * IPv4 is held as ::ffff:a.b.c.d with 96 bits more, so that there is one kind of
 * range.
 */
#ifndef RESOLVER_BLOCKLIST_H
#define RESOLVER_BLOCKLIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCKLIST_TEXT_MAX 64

struct blocklist_cidr {
    uint8_t address[16];
    uint8_t prefix_bits; /* 0..128 */
    bool is_ipv4;
};

struct blocklist {
    struct blocklist_cidr *cidrs;
    size_t len;
    size_t room;
};

/* Text "a.b.c.d", "a.b.c.d/n", "x::y", "x::y/n"; bits beyond the prefix are cleared. */
bool blocklist_cidr_set(struct blocklist_cidr *cidr, const char *text);
void blocklist_cidr_text(const struct blocklist_cidr *cidr,
                         char text[BLOCKLIST_TEXT_MAX]);

/* Appends. 0 or -errno; error (error_len bytes) then holds a sentence with the file
 * and line. */
int blocklist_read(const char *path, struct blocklist *blocklist, char *error,
                   size_t error_len) __attribute__((warn_unused_result));
/* Appends the ranges that are not globally reachable. 0 or -ENOMEM. */
int blocklist_add_special(struct blocklist *blocklist)
    __attribute__((warn_unused_result));
/* Appends, for each IPv4 range, what IPv6 makes of it: v4-mapped (RFC 4291, 2.5.5.2)
 * and NAT64 (RFC 6052, 2.1). 0 or -ENOMEM. */
int blocklist_add_embedded(struct blocklist *blocklist)
    __attribute__((warn_unused_result));
/* Cuts the one address out of every range that holds it. 0 or -ENOMEM. */
int blocklist_exempt(struct blocklist *blocklist, const struct blocklist_cidr *address)
    __attribute__((warn_unused_result));
void blocklist_free(struct blocklist *blocklist);

#endif
