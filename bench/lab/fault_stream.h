/* How an answer over TCP ends that is right but for its way (RFC 7766, 8: a message with
 * its length in two bytes before it). */
#ifndef BENCH_LAB_FAULT_STREAM_H
#define BENCH_LAB_FAULT_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault_stream;

/* NULL: none is called so (the table in fault_stream.c). */
const struct fault_stream *fault_stream_find(const char *word);

/* answer: the message behind its length, len bytes in all, writable. Returns whether the
 * connection goes on; else the caller closes it. stream NULL: the answer leaves whole. */
bool fault_stream_send(const struct fault_stream *stream, int fd, uint8_t *answer,
                       size_t len);

#endif
