#include "scanner/classify/spf_ranges.h"

#include <string.h>

void spf_ranges_clear(struct spf_ranges *ranges)
{
    ranges->count = 0;
    ranges->is_full = false;
}

/* The first range that ends at or behind the address before first: it overlaps, touches
 * or follows. */
static size_t range_at(const struct spf_ranges *ranges, uint32_t first)
{
    size_t low = 0;
    size_t high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((uint64_t)ranges->list[middle].last + 1 < first) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static void range_insert(struct spf_ranges *ranges, size_t at, struct spf_range range)
{
    if (ranges->count == SPF_RANGES_MAX) {
        ranges->is_full = true;
        return;
    }
    memmove(&ranges->list[at + 1], &ranges->list[at],
            (ranges->count - at) * sizeof ranges->list[0]);
    ranges->list[at] = range;
    ranges->count++;
}

void spf_ranges_add(struct spf_ranges *ranges, const uint8_t address[4], unsigned prefix)
{
    uint32_t host =
        prefix == 0 ? UINT32_MAX : (uint32_t)((UINT64_C(1) << (32 - prefix)) - 1);
    uint32_t bits = (uint32_t)address[0] << 24 | (uint32_t)address[1] << 16 |
                    (uint32_t)address[2] << 8 | address[3];
    struct spf_range range = {bits & ~host, bits | host};
    size_t at = range_at(ranges, range.first);
    size_t end = at;
    while (end < ranges->count && ranges->list[end].first <= (uint64_t)range.last + 1) {
        struct spf_range other = ranges->list[end++];
        range.first = other.first < range.first ? other.first : range.first;
        range.last = other.last > range.last ? other.last : range.last;
    }
    if (end == at) {
        range_insert(ranges, at, range);
        return;
    }
    ranges->list[at] = range;
    memmove(&ranges->list[at + 1], &ranges->list[end],
            (ranges->count - end) * sizeof ranges->list[0]);
    ranges->count -= end - at - 1;
}

uint64_t spf_ranges_size(const struct spf_ranges *ranges)
{
    uint64_t size = 0;
    for (size_t i = 0; i < ranges->count; i++) {
        size += (uint64_t)ranges->list[i].last - ranges->list[i].first + 1;
    }
    return size;
}

void spf_prefixes_clear(struct spf_prefixes *prefixes)
{
    prefixes->count = 0;
    prefixes->is_full = false;
}

static struct spf_prefix prefix_of(const uint8_t address[16], unsigned prefix)
{
    struct spf_prefix result = {.bytes = {0}};
    memcpy(result.bytes, address, prefix / 8);
    if (prefix % 8 != 0) {
        result.bytes[prefix / 8] =
            address[prefix / 8] & (uint8_t)(0xff00 >> (prefix % 8));
    }
    result.bytes[16] = (uint8_t)prefix;
    return result;
}

void spf_prefixes_add(struct spf_prefixes *prefixes, const uint8_t address[16],
                      unsigned prefix)
{
    struct spf_prefix added = prefix_of(address, prefix);
    size_t low = 0;
    size_t high = prefixes->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = memcmp(&prefixes->list[middle], &added, sizeof added);
        if (order == 0) {
            return;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    if (prefixes->count == SPF_PREFIXES_MAX) {
        prefixes->is_full = true;
        return;
    }
    memmove(&prefixes->list[low + 1], &prefixes->list[low],
            (prefixes->count - low) * sizeof added);
    prefixes->list[low] = added;
    prefixes->count++;
}

bool spf_bits_equal(const uint8_t *a, const uint8_t *b, unsigned prefix)
{
    if (memcmp(a, b, prefix / 8) != 0) {
        return false;
    }
    uint8_t mask = (uint8_t)(0xff00 >> (prefix % 8));
    return prefix % 8 == 0 || (a[prefix / 8] & mask) == (b[prefix / 8] & mask);
}
