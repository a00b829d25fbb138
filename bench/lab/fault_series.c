#include "bench/lab/fault_series.h"

#include "bench/lab/fault_server.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SERIES_MAX = 1024,
    MARK_LEN = 6, /* "-00001" */
};

static struct series known[SERIES_MAX];
static size_t known_count;

static void remember(const struct series *series, const char *text)
{
    for (size_t i = 0; i < known_count; i++) {
        if (known[i].first == series->first) {
            return;
        }
    }
    if (known_count == SERIES_MAX) {
        fault_die(text, "is one series too many");
    }
    known[known_count++] = *series;
}

struct series series_read(const char *text)
{
    char address[16];
    struct series series = {.stride = 1, .count = 1};
    int fields = sscanf(text, "%15[0-9.]+%u*%u", address, &series.stride, &series.count);
    if ((fields != 1 && fields != 3) || series.stride == 0 || series.count == 0 ||
        series.count > 99999) {
        fault_die(text, "is neither an address nor a series of them");
    }
    series.first = ntohl(fault_endpoint(address, 0).sin_addr.s_addr);
    series.is_written = fields == 3;
    if (series.is_written) {
        remember(&series, text);
    }
    return series;
}

bool series_has(const struct series *series, struct in_addr address, unsigned *member)
{
    uint32_t offset = ntohl(address.s_addr) - series->first;
    *member = offset / series->stride;
    return offset % series->stride == 0 && *member < series->count;
}

static void renumber(uint8_t *bytes, size_t len, unsigned from, unsigned to)
{
    char old[16], new[16];
    uint8_t *at = bytes;
    if (from == to) {
        return;
    }
    snprintf(old, sizeof old, "-%05u", from + 1);
    snprintf(new, sizeof new, "-%05u", to + 1);
    while ((at = memmem(at, (size_t)(bytes + len - at), old, MARK_LEN)) != NULL) {
        memcpy(at, new, MARK_LEN);
        at += MARK_LEN;
    }
}

void series_to_first(uint8_t *bytes, size_t len, unsigned member)
{
    renumber(bytes, len, member, 0);
}

void series_to_member(uint8_t *bytes, size_t len, unsigned member)
{
    renumber(bytes, len, 0, member);
}

static void move_address(uint8_t bytes[4], unsigned member)
{
    uint32_t address = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
                       (uint32_t)bytes[2] << 8 | bytes[3];
    for (size_t i = 0; i < known_count; i++) {
        if (known[i].first == address) {
            address = htonl(address + member * known[i].stride);
            memcpy(bytes, &address, sizeof address);
            return;
        }
    }
}

void series_move_addresses(uint8_t *bytes, size_t len, unsigned member)
{
    for (size_t at = 0; member > 0 && at + 4 <= len; at++) {
        if (bytes[at] == 198 && (bytes[at + 1] & 0xfe) == 18) { /* the lab's network */
            move_address(bytes + at, member);
        }
    }
}
