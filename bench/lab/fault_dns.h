/* What the parts of lab-faults' name servers know of each other: fault_dns.c decides,
 * fault_dns_udp.c and fault_dns_tcp.c carry. */
#ifndef BENCH_LAB_FAULT_DNS_H
#define BENCH_LAB_FAULT_DNS_H

#include "bench/lab/fault_series.h"
#include "bench/lab/fault_server.h"

enum {
    HEADER_LEN = 12, /* RFC 1035, 4.1.1 */
    NAME_TEXT_MAX = 256,
    MESSAGE_MAX = 65535,
    DNS_PORT = 53,
};

enum act {
    ACT_FORWARD, /* what upstream says */
    ACT_SILENCE,
    ACT_RCODE,     /* that rcode, and the question */
    ACT_TRUNCATED, /* TC, no records (RFC 1035, 4.2.1) */
    ACT_REFERRAL,  /* to the root: "I know nothing of that zone" */
    ACT_GARBAGE,   /* a header that promises records, and none */
    ACT_OTHER_ID,  /* the truth under another id */
    ACT_OTHER_QUESTION,
    ACT_CLOSE, /* TCP only */
    ACT_HALF   /* TCP only: half of the truth, then FIN */
};

struct dns_fault {
    const char *word;
    enum act udp, tcp;
    unsigned rcode;
};

struct question {
    char name[NAME_TEXT_MAX]; /* lower case, no final dot */
    unsigned type;
    size_t end; /* behind the question, from the start of the message */
};

struct dns_server {
    struct series at;
    struct sockaddr_in upstream_at;
    struct rule *rules, **rules_end;
    struct dns_server *next;
};

/* Where a question came in. */
struct asked {
    const struct dns_server *server; /* NULL: nobody is there */
    unsigned member;                 /* of its series */
    struct in_addr address;
};

/* The message of the event at hand. */
extern uint8_t fault_message[MESSAGE_MAX];

struct asked fault_asked(struct in_addr address);
/* Reads the question in fault_message; as the first of the series would be asked it.
 * Returns NULL where it is none. */
const struct dns_fault *fault_meet(const struct asked *asked, struct question *question,
                                   size_t len);
/* Writes an answer of our own over the question, in the first's words. Returns its
 * length, 0: none. Not for ACT_FORWARD. */
size_t fault_reply(const struct dns_fault *fault, enum act act,
                   const struct question *question);
/* Turns a whole answer of the first into the member's. */
void fault_turn(const struct asked *asked, uint8_t *answer, size_t len);

/* Opens a socket there for questions. */
void fault_udp_open(const struct sockaddr_in *at);
void fault_tcp_open(const struct sockaddr_in *at);

#endif
