/* The heads of the responses to one attempt, line by line: the final one's status, media
 * type and framing, and what curl takes for well-formed and RFC 9112 does not.
 */
#ifndef FETCH_TRANSFER_HEAD_H
#define FETCH_TRANSFER_HEAD_H

#include "fetch/transfer.h"

/* A line of a head, or a trailer's, its end included. False: the connection is not worth
 * reading any more. */
bool transfer_head_take(struct transfer *transfer, const char *line, size_t len)
    __attribute__((warn_unused_result));
/* Forgets the fields so far: another response follows. */
void transfer_head_clear(struct transfer *transfer);

#endif
