#include "fetch/address_guard.h"

#include <netinet/in.h>
#include <string.h>

struct prefix {
    uint8_t bytes[16];
    uint8_t bits;
};

/* IANA IPv4 Special-Purpose Address Registry (RFC 6890 and its updates), and what was
 * never unicast. Globally reachable entries (AS112, AMT, anycast relays) are
 * infrastructure: no policy host lives there. */
static const struct prefix special_ipv4[] = {
    {{0}, 8},             /* "this network", RFC 791 */
    {{10}, 8},            /* private, RFC 1918 */
    {{100, 64}, 10},      /* shared, RFC 6598 */
    {{127}, 8},           /* loopback, RFC 1122 */
    {{169, 254}, 16},     /* link local, RFC 3927 */
    {{172, 16}, 12},      /* private, RFC 1918 */
    {{192, 0, 0}, 24},    /* protocol assignments, RFC 6890 */
    {{192, 0, 2}, 24},    /* documentation, RFC 5737 */
    {{192, 31, 196}, 24}, /* AS112, RFC 7535 */
    {{192, 52, 193}, 24}, /* AMT, RFC 7450 */
    {{192, 88, 99}, 24},  /* 6to4 relays, RFC 7526 */
    {{192, 168}, 16},     /* private, RFC 1918 */
    {{192, 175, 48}, 24}, /* AS112, RFC 7534 */
    {{198, 18}, 15},      /* benchmarks, RFC 2544 */
    {{198, 51, 100}, 24}, /* documentation, RFC 5737 */
    {{203, 0, 113}, 24},  /* documentation, RFC 5737 */
    {{224}, 4},           /* multicast, RFC 5771 */
    {{240}, 4},           /* reserved and broadcast, RFC 1112 and 8190 */
};

static const struct prefix special_ipv6[] = {
    {{0}, 96}, /* ::, ::1 and IPv4-compatible, RFC 4291 */
    {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96}, /* IPv4-mapped, RFC 4291 */
    {{0x00, 0x64, 0xff, 0x9b}, 96},                   /* translation, RFC 6052 */
    {{0x00, 0x64, 0xff, 0x9b, 0x00, 0x01}, 48},       /* local translation, RFC 8215 */
    {{0x01, 0x00}, 64},                               /* discard only, RFC 6666 */
    {{0x01, 0x00, 0, 0, 0, 0, 0, 0x01}, 64},          /* dummy, RFC 9780 */
    {{0x20, 0x01}, 23},                               /* protocol assignments, RFC 2928 */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},                   /* documentation, RFC 3849 */
    {{0x20, 0x02}, 16},                               /* 6to4, RFC 3056 */
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48},       /* AS112, RFC 7534 */
    {{0x3f, 0xff}, 20},                               /* documentation, RFC 9637 */
    {{0x5f, 0x00}, 16},                               /* segment routing, RFC 9602 */
    {{0xfc}, 7},                                      /* unique local, RFC 4193 */
    {{0xfe, 0x80}, 10},                               /* link local, RFC 4291 */
    {{0xfe, 0xc0}, 10},                               /* site local, RFC 3879 */
    {{0xff}, 8},                                      /* multicast, RFC 4291 */
};

static bool in_prefix(const struct prefix *prefix, const uint8_t *bytes)
{
    size_t whole = prefix->bits / 8;
    if (memcmp(prefix->bytes, bytes, whole) != 0) {
        return false;
    }
    unsigned rest = prefix->bits % 8;
    return rest == 0 || (prefix->bytes[whole] ^ bytes[whole]) >> (8 - rest) == 0;
}

static bool in_any(const struct prefix *prefixes, size_t count, const uint8_t *bytes)
{
    for (size_t i = 0; i < count; i++) {
        if (in_prefix(&prefixes[i], bytes)) {
            return true;
        }
    }
    return false;
}

bool address_guard_is_special(const struct fetch_address *address)
{
    return address->family == 4
               ? in_any(special_ipv4, sizeof special_ipv4 / sizeof special_ipv4[0],
                        address->bytes)
               : in_any(special_ipv6, sizeof special_ipv6 / sizeof special_ipv6[0],
                        address->bytes);
}

bool address_guard_from_sockaddr(struct fetch_address *address,
                                 const struct sockaddr *from)
{
    memset(address, 0, sizeof *address);
    if (from->sa_family == AF_INET) {
        address->family = 4;
        memcpy(address->bytes, &((const struct sockaddr_in *)from)->sin_addr, 4);
    } else if (from->sa_family == AF_INET6) {
        address->family = 6;
        memcpy(address->bytes, &((const struct sockaddr_in6 *)from)->sin6_addr, 16);
    }
    return address->family != 0;
}

/* The IPv4 address a v4-mapped or translated IPv6 address leads to, or NULL. */
static const uint8_t *embedded_ipv4(const struct fetch_address *address)
{
    bool is_embedded = in_prefix(&special_ipv6[1], address->bytes) ||
                       in_prefix(&special_ipv6[2], address->bytes);
    return address->family == 6 && is_embedded ? address->bytes + 12 : NULL;
}

static bool is_blocked(const struct address_guard *guard,
                       const struct fetch_address *address)
{
    if (address->family == 4) {
        return address_list_holds(&guard->list, address->bytes, 4);
    }
    const uint8_t *inner = embedded_ipv4(address);
    return address_list_holds(&guard->list, address->bytes, 16) ||
           (inner != NULL && address_list_holds(&guard->list, inner, 4));
}

bool address_guard_allows(const struct address_guard *guard,
                          const struct fetch_address *address)
{
    if (address->family != 4 && address->family != 6) {
        return false;
    }
    return (guard->allow_special || !address_guard_is_special(address)) &&
           !is_blocked(guard, address);
}

int address_guard_init(struct address_guard *guard, const char *blocklist_file,
                       bool allow_special, char error[FETCH_ERROR_LEN])
{
    memset(guard, 0, sizeof *guard);
    guard->allow_special = allow_special;
    return blocklist_file != NULL ? address_list_read(&guard->list, blocklist_file, error)
                                  : 0;
}

void address_guard_close(struct address_guard *guard)
{
    address_list_close(&guard->list);
}
