#include "resolver/name_servers.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define ITEM_MAX 64 /* longer than any address in brackets with its port */

static bool port_parse(const char *text, uint16_t *port)
{
    unsigned long value = 0;
    size_t len = strlen(text);

    if (len == 0 || len > 5 || strspn(text, "0123456789") != len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        value = value * 10 + (unsigned long)(text[i] - '0');
    }
    *port = (uint16_t)value;
    return value > 0 && value <= UINT16_MAX;
}

static bool address_parse(const char *text, int family, struct name_server *server)
{
    server->address_len = family == AF_INET ? 4 : 16;
    return inet_pton(family, text, server->address) == 1;
}

/* "[IPv6]" or "[IPv6]:PORT" */
static bool bracketed_parse(char *item, struct name_server *server)
{
    char *end = strchr(item, ']');

    if (!end) {
        return false;
    }
    *end = '\0';
    return address_parse(item + 1, AF_INET6, server) &&
           (end[1] == '\0' || (end[1] == ':' && port_parse(end + 2, &server->port)));
}

static bool item_parse(char *item, struct name_server *server)
{
    *server = (struct name_server){.port = NAME_SERVERS_DEFAULT_PORT};
    if (item[0] == '[') {
        return bracketed_parse(item, server);
    }
    if (address_parse(item, AF_INET6, server)) {
        return true;
    }
    char *colon = strchr(item, ':');
    if (colon) {
        *colon = '\0';
    }
    return address_parse(item, AF_INET, server) &&
           (!colon || port_parse(colon + 1, &server->port));
}

int name_servers_parse(const char *list, struct name_server servers[NAME_SERVERS_MAX],
                       const char **bad, size_t *bad_len)
{
    for (int count = 0;;) {
        char item[ITEM_MAX];
        size_t len = strcspn(list, ",");
        *bad = list;
        *bad_len = len;
        if (len >= sizeof item || count == NAME_SERVERS_MAX) {
            return -EINVAL;
        }
        memcpy(item, list, len);
        item[len] = '\0';
        if (!item_parse(item, &servers[count++])) {
            return -EINVAL;
        }
        if (list[len] == '\0') {
            return count;
        }
        list += len + 1;
    }
}

void name_server_address(const struct name_server *server, struct sockaddr_storage *to)
{
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)to;

    memset(to, 0, sizeof *to);
    if (server->address_len == 4) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(server->port);
        memcpy(&ipv4->sin_addr, server->address, 4);
    } else {
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons(server->port);
        memcpy(&ipv6->sin6_addr, server->address, 16);
    }
}
