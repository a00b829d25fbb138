/* Which addresses may be contacted: special-purpose ones only in labs, block-listed ones
 * never.
 *
 * IPv4 inside IPv6 (v4-mapped and 64:ff9b::/96) is checked against the IPv4 entries of
 * the block list, too: the packet ends up there.
 */
#ifndef FETCH_ADDRESS_GUARD_H
#define FETCH_ADDRESS_GUARD_H

#include "fetch/address_list.h"

struct sockaddr;

struct address_guard {
    bool allow_special;
    struct address_list list; /* the block list */
};

/* 0 or -errno; error then names the file and the line. blocklist_file may be NULL. */
int address_guard_init(struct address_guard *guard, const char *blocklist_file,
                       bool allow_special, char error[FETCH_ERROR_LEN])
    __attribute__((warn_unused_result));
void address_guard_close(struct address_guard *guard);

bool address_guard_allows(const struct address_guard *guard,
                          const struct fetch_address *address);
bool address_guard_is_special(const struct fetch_address *address);

/* False for a family that is neither AF_INET nor AF_INET6. */
bool address_guard_from_sockaddr(struct fetch_address *address,
                                 const struct sockaddr *from);

#endif
