#include "output/stream.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

/* Standard output may be a pipe that somebody else made non-blocking. */
static int wait_writable(int fd)
{
    struct pollfd waiter = {.fd = fd, .events = POLLOUT};
    return poll(&waiter, 1, -1) < 0 && errno != EINTR ? -errno : 0;
}

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, bytes, len);
        if (written >= 0) {
            bytes += written;
            len -= (size_t)written;
            continue;
        }
        int rc = errno == EAGAIN ? wait_writable(fd) : -errno;
        if (rc != 0 && rc != -EINTR) {
            return rc;
        }
    }
    return 0;
}

void stream_write(struct stream *stream, const void *bytes, size_t len)
{
    if (stream->error || len == 0) {
        return;
    }
    stream->error = write_all(stream->fd, bytes, len);
    if (!stream->error && stream->digest) {
        stream->error = digest_add(stream->digest, bytes, len);
    }
    if (!stream->error) {
        stream->bytes += len;
    }
}
