#include "scanner/classify/address.h"

#include <arpa/inet.h>
#include <string.h>
#include <strings.h>

struct prefix {
    uint8_t bytes[16];
    uint8_t bits;
};

/* https://www.iana.org/assignments/iana-ipv4-special-registry, and multicast. */
static const struct prefix IPV4[] = {
    {{0}, 8},             /* RFC 791: this network */
    {{10}, 8},            /* RFC 1918 */
    {{100, 64}, 10},      /* RFC 6598: shared */
    {{127}, 8},           /* RFC 1122: loopback */
    {{169, 254}, 16},     /* RFC 3927: link local */
    {{172, 16}, 12},      /* RFC 1918 */
    {{192, 0, 0}, 24},    /* RFC 6890: protocol assignments */
    {{192, 0, 2}, 24},    /* RFC 5737: documentation */
    {{192, 31, 196}, 24}, /* RFC 7535: AS112 */
    {{192, 52, 193}, 24}, /* RFC 7450: AMT */
    {{192, 88, 99}, 24},  /* RFC 7526: was 6to4 relays */
    {{192, 168}, 16},     /* RFC 1918 */
    {{192, 175, 48}, 24}, /* RFC 7534: AS112 */
    {{198, 18}, 15},      /* RFC 2544: benchmarks */
    {{198, 51, 100}, 24}, /* RFC 5737 */
    {{203, 0, 113}, 24},  /* RFC 5737 */
    {{224}, 4},           /* RFC 5771: multicast */
    {{240}, 4},           /* RFC 1112: reserved, and broadcast */
};

/* https://www.iana.org/assignments/iana-ipv6-special-registry. Global unicast is
 * 2000::/3 (RFC 4291 2.4): the first three rows are all the rest, with ::, ::1,
 * v4-mapped, 64:ff9b::/96, 64:ff9b:1::/48, 100::/64, 5f00::/16, fc00::/7, fe80::/10,
 * ff00::/8 among it. */
static const struct prefix IPV6[] = {
    {{0x00}, 3},
    {{0x40}, 2},
    {{0x80}, 1},
    {{0x20, 0x01}, 23},                         /* RFC 2928: protocols, Teredo */
    {{0x20, 0x01, 0x0d, 0xb8}, 32},             /* RFC 3849: documentation */
    {{0x20, 0x02}, 16},                         /* RFC 3056: 6to4 */
    {{0x26, 0x20, 0x00, 0x4f, 0x80, 0x00}, 48}, /* RFC 7534: AS112 */
    {{0x3f, 0xff}, 20},                         /* RFC 9637: documentation */
};

static bool is_within(const uint8_t *bytes, const struct prefix *prefix)
{
    size_t whole = prefix->bits / 8;
    unsigned rest = prefix->bits % 8;
    if (memcmp(bytes, prefix->bytes, whole) != 0) {
        return false;
    }
    return rest == 0 || ((bytes[whole] ^ prefix->bytes[whole]) >> (8 - rest)) == 0;
}

static bool is_listed(const uint8_t *bytes, const struct prefix *list, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (is_within(bytes, &list[i])) {
            return true;
        }
    }
    return false;
}

bool address_is_special(const uint8_t *bytes, size_t len)
{
    if (len == 4) {
        return is_listed(bytes, IPV4, sizeof IPV4 / sizeof IPV4[0]);
    }
    return len != 16 || is_listed(bytes, IPV6, sizeof IPV6 / sizeof IPV6[0]);
}

static bool parses(const char *text)
{
    uint8_t bytes[16];
    return inet_pton(AF_INET, text, bytes) == 1 || inet_pton(AF_INET6, text, bytes) == 1;
}

bool address_is_text(const char *text)
{
    char inside[INET6_ADDRSTRLEN];
    size_t len = strlen(text);
    if (text[0] != '[') {
        return parses(text);
    }
    if (len < 2 || text[len - 1] != ']') {
        return false;
    }
    text++;
    len -= 2;
    if (len >= 5 && strncasecmp(text, "IPv6:", 5) == 0) {
        text += 5;
        len -= 5;
    }
    if (len >= sizeof inside) {
        return false;
    }
    memcpy(inside, text, len);
    inside[len] = '\0';
    return parses(inside);
}
