/* The list of recursive resolvers:
 * "192.0.2.1,192.0.2.2:5353,2001:db8::1,[2001:db8::1]:53". */
#ifndef RESOLVER_NAME_SERVERS_H
#define RESOLVER_NAME_SERVERS_H

#include <stddef.h>
#include <stdint.h>

#define NAME_SERVERS_MAX 64
#define NAME_SERVERS_DEFAULT_PORT 53

struct name_server {
    uint8_t address[16]; /* network order; the first address_len bytes */
    size_t address_len;  /* 4 or 16 */
    uint16_t port;       /* host order */
};

/* Returns how many servers there are (1 or more), or -EINVAL; *bad then holds where
 * the item that is none begins and *bad_len its length. */
int name_servers_parse(const char *list, struct name_server servers[NAME_SERVERS_MAX],
                       const char **bad, size_t *bad_len)
    __attribute__((warn_unused_result));

struct sockaddr_storage;
void name_server_address(const struct name_server *server, struct sockaddr_storage *to);

#endif
