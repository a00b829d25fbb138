/* Bytes to a file descriptor: all of them, counted, and hashed on request. The first
 * error sticks and the bytes after it are dropped. */
#ifndef OUTPUT_STREAM_H
#define OUTPUT_STREAM_H

#include <stddef.h>
#include <stdint.h>

#include "output/digest.h"

struct stream {
    int fd;                /* borrowed */
    int error;             /* 0 or the first -errno */
    uint64_t bytes;        /* written so far */
    struct digest *digest; /* borrowed; NULL = not hashed */
};

void stream_write(struct stream *stream, const void *bytes, size_t len);

#endif
