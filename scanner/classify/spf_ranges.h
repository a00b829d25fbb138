/* How much a record lets pass: the union of IPv4 ranges and the distinct IPv6 prefixes,
 * both bounded.
 */
#ifndef SCANNER_CLASSIFY_SPF_RANGES_H
#define SCANNER_CLASSIFY_SPF_RANGES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SPF_RANGES_MAX 4096
#define SPF_PREFIXES_MAX 1024

struct spf_range {
    uint32_t first, last; /* host order, both inclusive */
};

/* Sorted, and never touching: neighbours are merged as they come. */
struct spf_ranges {
    size_t count;
    bool is_full; /* something did not fit: the size is a lower bound */
    struct spf_range list[SPF_RANGES_MAX];
};

struct spf_prefix {
    uint8_t bytes[17]; /* address with host bits cleared, then the length */
};

struct spf_prefixes {
    size_t count;
    bool is_full;
    struct spf_prefix list[SPF_PREFIXES_MAX]; /* sorted by bytes */
};

void spf_ranges_clear(struct spf_ranges *ranges);
/* address in network order; host bits do not count. prefix: 0..32. */
void spf_ranges_add(struct spf_ranges *ranges, const uint8_t address[4], unsigned prefix);
uint64_t spf_ranges_size(const struct spf_ranges *ranges);

void spf_prefixes_clear(struct spf_prefixes *prefixes);
void spf_prefixes_add(struct spf_prefixes *prefixes, const uint8_t address[16],
                      unsigned prefix);

/* True when the first prefix bits of a and b are the same. */
bool spf_bits_equal(const uint8_t *a, const uint8_t *b, unsigned prefix);

#endif
