#include "fetch/shortage.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static socklen_t write_sockaddr(const struct fetch_address *address,
                                struct sockaddr_storage *to)
{
    memset(to, 0, sizeof *to);
    if (address->family == 6) {
        struct sockaddr_in6 *to6 = (struct sockaddr_in6 *)to;
        to6->sin6_family = AF_INET6;
        to6->sin6_port = htons(443);
        memcpy(&to6->sin6_addr, address->bytes, sizeof to6->sin6_addr);
        return sizeof *to6;
    }
    struct sockaddr_in *to4 = (struct sockaddr_in *)to;
    to4->sin_family = AF_INET;
    to4->sin_port = htons(443);
    memcpy(&to4->sin_addr, address->bytes, sizeof to4->sin_addr);
    return sizeof *to4;
}

/* EADDRNOTAVAIL also says that no address of ours is of that family. UDP has ports of its
 * own, and its connect(2) sends nothing. */
static bool has_own_address(const struct fetch_address *address)
{
    struct sockaddr_storage to;
    socklen_t len = write_sockaddr(address, &to);
    int fd = socket(to.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    bool has_one =
        fd >= 0 && (connect(fd, (struct sockaddr *)&to, len) == 0 || errno == EAGAIN);
    if (fd >= 0) {
        close(fd);
    }
    return has_one;
}

bool shortage_is(int os_error, const struct fetch_address *address)
{
    switch (os_error) {
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        return true;
    case EADDRNOTAVAIL:
        return has_own_address(address);
    default:
        return false;
    }
}
