/* One question to lab-answer, and the answer: RFC 1034, 4.3.2 (algorithm), RFC 2308
 * (negative answers), RFC 4592 (wildcards), RFC 6891 (EDNS, 1232 bytes). No DNSSEC, no
 * ANY. Names in records are written whole, owners are pointers; so an answer may be a few
 * bytes longer than that of a server that compresses everything.
 */
#ifndef BENCH_LAB_ANSWER_PACKET_H
#define BENCH_LAB_ANSWER_PACKET_H

#include "bench/lab/answer_zones.h"

enum {
    ANSWER_UDP_MAX = 1232,
    ANSWER_TCP_MAX = 65535,
};

enum answer_fate {
    ANSWER_NONE,   /* no question: to be dropped */
    ANSWER_SEND,   /* answer holds it */
    ANSWER_FORWARD /* a resolver must ask somebody else */
};

struct answer {
    uint8_t *bytes; /* the caller's; size of them */
    size_t size;    /* ANSWER_UDP_MAX or ANSWER_TCP_MAX */
    size_t len;
};

/* layer: of the server that was asked; ANY_LAYER: it is the resolver. zones NULL:
 * everything is refused. */
enum answer_fate answer_compose(const struct zones *zones, int layer,
                                const uint8_t *question, size_t len,
                                struct answer *answer);

#endif
