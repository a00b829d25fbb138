#include "resolver/blocklist.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint8_t mapped_prefix[12] = {[10] = 0xff, [11] = 0xff};
static const uint8_t nat64_prefix[12] = {0x00, 0x64, 0xff, 0x9b}; /* RFC 6052, 2.1 */

/* The IANA special-purpose registries (RFC 6890, 8190) as of 2025: what is not globally
 * reachable, multicast and the deprecated 6to4 and site-local ranges. */
static const char *const special[] = {
    "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
    "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
    "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
    "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",   "::/128",
    "::1/128",        "::ffff:0:0/96",  "64:ff9b::/96",  "64:ff9b:1::/48",
    "100::/64",       "100:0:0:1::/64", "2001::/23",     "2001:db8::/32",
    "2002::/16",      "3fff::/20",      "5f00::/16",     "fc00::/7",
    "fe80::/10",      "fec0::/10",      "ff00::/8",
};

static void bits_clear(uint8_t address[16], unsigned from_bit)
{
    for (unsigned bit = from_bit; bit < 128; bit++) {
        address[bit / 8] &= (uint8_t) ~(0x80U >> bit % 8);
    }
}

static bool prefix_parse(const char *text, unsigned most, unsigned *bits)
{
    char *end;
    unsigned long value = strtoul(text, &end, 10);

    *bits = (unsigned)value;
    return text[0] >= '0' && text[0] <= '9' && *end == '\0' && value <= most;
}

bool blocklist_cidr_set(struct blocklist_cidr *cidr, const char *text)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    size_t len = slash ? (size_t)(slash - text) : strlen(text);

    if (len >= sizeof address) {
        return false;
    }
    memcpy(address, text, len);
    address[len] = '\0';
    cidr->is_ipv4 = inet_pton(AF_INET, address, cidr->address + 12) == 1;
    if (cidr->is_ipv4) {
        memcpy(cidr->address, mapped_prefix, sizeof mapped_prefix);
    } else if (inet_pton(AF_INET6, address, cidr->address) != 1) {
        return false;
    }
    unsigned width = cidr->is_ipv4 ? 32 : 128;
    unsigned bits = width;
    if (slash && !prefix_parse(slash + 1, width, &bits)) {
        return false;
    }
    cidr->prefix_bits = (uint8_t)(128 - width + bits);
    bits_clear(cidr->address, cidr->prefix_bits);
    return true;
}

void blocklist_cidr_text(const struct blocklist_cidr *cidr, char text[BLOCKLIST_TEXT_MAX])
{
    char address[INET6_ADDRSTRLEN];

    inet_ntop(cidr->is_ipv4 ? AF_INET : AF_INET6,
              cidr->address + (cidr->is_ipv4 ? 12 : 0), address, sizeof address);
    snprintf(text, BLOCKLIST_TEXT_MAX, "%s/%u", address,
             cidr->prefix_bits - (cidr->is_ipv4 ? 96U : 0U));
}

static int cidr_append(struct blocklist *blocklist, const struct blocklist_cidr *cidr)
{
    if (blocklist->len == blocklist->room) {
        size_t room = blocklist->room ? 2 * blocklist->room : 64;
        struct blocklist_cidr *cidrs = realloc(blocklist->cidrs, room * sizeof *cidrs);
        if (!cidrs) {
            return -ENOMEM;
        }
        blocklist->cidrs = cidrs;
        blocklist->room = room;
    }
    blocklist->cidrs[blocklist->len++] = *cidr;
    return 0;
}

/* The line without comment and surrounding space. */
static char *line_trim(char *line)
{
    line[strcspn(line, "#\r\n")] = '\0';
    line += strspn(line, " \t");
    for (size_t len = strlen(line); len > 0 && strchr(" \t", line[len - 1]); len--) {
        line[len - 1] = '\0';
    }
    return line;
}

static int lines_read(FILE *file, const char *path, struct blocklist *blocklist,
                      char *error, size_t error_len)
{
    char line[1024];

    for (unsigned number = 1; fgets(line, sizeof line, file); number++) {
        struct blocklist_cidr cidr;
        const char *text = line_trim(line);
        if (*text == '\0') {
            continue;
        }
        if (!blocklist_cidr_set(&cidr, text)) {
            snprintf(error, error_len, "%s, line %u: not an address or CIDR: %.60s", path,
                     number, text);
            return -EINVAL;
        }
        if (cidr_append(blocklist, &cidr) != 0) {
            snprintf(error, error_len, "%s: out of memory", path);
            return -ENOMEM;
        }
    }
    if (ferror(file)) {
        snprintf(error, error_len, "%s: %s", path, strerror(errno));
        return -EIO;
    }
    return 0;
}

int blocklist_read(const char *path, struct blocklist *blocklist, char *error,
                   size_t error_len)
{
    FILE *file = fopen(path, "re");

    if (!file) {
        int code = -errno;
        snprintf(error, error_len, "%s: %s", path, strerror(-code));
        return code;
    }
    int code = lines_read(file, path, blocklist, error, error_len);
    fclose(file);
    return code;
}

int blocklist_add_special(struct blocklist *blocklist)
{
    int code = 0;

    for (size_t i = 0; i < sizeof special / sizeof special[0] && code == 0; i++) {
        struct blocklist_cidr cidr;
        (void)blocklist_cidr_set(&cidr, special[i]);
        code = cidr_append(blocklist, &cidr);
    }
    return code;
}

int blocklist_add_embedded(struct blocklist *blocklist)
{
    size_t len = blocklist->len;
    int code = 0;

    for (size_t i = 0; i < len && code == 0; i++) {
        struct blocklist_cidr cidr = blocklist->cidrs[i];
        if (!cidr.is_ipv4) {
            continue;
        }
        cidr.is_ipv4 = false;
        code = cidr_append(blocklist, &cidr);
        memcpy(cidr.address, nat64_prefix, sizeof nat64_prefix);
        code = code != 0 ? code : cidr_append(blocklist, &cidr);
    }
    return code;
}

static bool is_within(const struct blocklist_cidr *cidr,
                      const struct blocklist_cidr *host)
{
    uint8_t cut[16];

    memcpy(cut, host->address, sizeof cut);
    bits_clear(cut, cidr->prefix_bits);
    return cidr->is_ipv4 == host->is_ipv4 && memcmp(cut, cidr->address, sizeof cut) == 0;
}

/* Replaces the range by its halves that do not hold the host: one for each bit it is
 * longer. */
static int cidr_split(struct blocklist *blocklist, size_t place,
                      const struct blocklist_cidr *host)
{
    struct blocklist_cidr whole = blocklist->cidrs[place];
    int code = 0;

    blocklist->cidrs[place] = blocklist->cidrs[--blocklist->len];
    for (unsigned bit = whole.prefix_bits; bit < 128 && code == 0; bit++) {
        struct blocklist_cidr half = *host;
        half.address[bit / 8] ^= (uint8_t)(0x80U >> bit % 8);
        half.prefix_bits = (uint8_t)(bit + 1);
        bits_clear(half.address, bit + 1);
        code = cidr_append(blocklist, &half);
    }
    return code;
}

int blocklist_exempt(struct blocklist *blocklist, const struct blocklist_cidr *address)
{
    int code = 0;

    for (size_t i = blocklist->len; i > 0 && code == 0; i--) {
        if (is_within(&blocklist->cidrs[i - 1], address)) {
            code = cidr_split(blocklist, i - 1, address);
        }
    }
    return code;
}

void blocklist_free(struct blocklist *blocklist)
{
    free(blocklist->cidrs);
    *blocklist = (struct blocklist){0};
}
