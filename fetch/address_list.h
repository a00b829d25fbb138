/* A block list: a file with one CIDR or address a line. '#' begins a comment, empty lines
 * are skipped, bits behind the prefix are ignored. Looked up by binary search.
 */
#ifndef FETCH_ADDRESS_LIST_H
#define FETCH_ADDRESS_LIST_H

#include "fetch/fetch.h"

struct address_range {
    /* Network order, both included; IPv4 in the first 4 bytes. */
    uint8_t low[16], high[16];
};

struct address_ranges {
    struct address_range *list; /* sorted by low; ranges do not overlap */
    size_t count, capacity;
};

struct address_list {
    struct address_ranges ipv4, ipv6;
};

/* 0 or -errno; error then names the file and the line. */
int address_list_read(struct address_list *list, const char *path,
                      char error[FETCH_ERROR_LEN]) __attribute__((warn_unused_result));
void address_list_close(struct address_list *list);

/* bytes in network order; len 4 or 16. */
bool address_list_holds(const struct address_list *list, const uint8_t *bytes,
                        size_t len);

#endif
