/* What the parts of lab-faults' name servers know of each other: fault_word.c reads
 * rules, fault_dns.c decides, fault_dns_udp.c and fault_dns_tcp.c carry. */
#ifndef BENCH_LAB_FAULT_DNS_H
#define BENCH_LAB_FAULT_DNS_H

#include "bench/lab/fault_packet.h"
#include "bench/lab/fault_series.h"
#include "bench/lab/fault_server.h"
#include "bench/lab/fault_stream.h"

enum {
    HEADER_LEN = 12, /* RFC 1035, 4.1.1 */
    NAME_TEXT_MAX = 256,
    DNS_PORT = 53,
};

enum act {
    ACT_FORWARD, /* what upstream says, packet and stream permitting */
    ACT_LATE,    /* the same, between one and two FAULT_TICK_MS later */
    ACT_TWICE,
    ACT_SILENCE,
    ACT_RCODE,     /* that rcode, and the question */
    ACT_PACKET,    /* made of the question (fault_packet.h) */
    ACT_TRUNCATED, /* TC, no records (RFC 1035, 4.2.1) */
    ACT_REFERRAL,  /* to the root: "I know nothing of that zone" */
    ACT_GARBAGE,   /* a header that promises records, and none */
    /* "There is no such name", as somebody else might say: under another id, … */
    ACT_OTHER_ID,
    ACT_OTHER_QUESTION,
    ACT_OTHER_OPCODE,
    ACT_NO_REPLY, /* … without the bit that makes it one, … */
    ACT_OTHER_ADDRESS,
    ACT_OTHER_PORT,
    /* over TCP only, these and what follows */
    ACT_CLOSE,
    ACT_RESET,
    ACT_NO_PORT, /* nobody listens, whatever is asked */
};

/* What is done to a question. */
struct deed {
    enum act act;
    unsigned rcode;
    const struct fault_packet *packet; /* what becomes of the truth, or stands for it */
    const struct fault_stream *stream; /* how the truth leaves over TCP */
};

enum when { ALWAYS, ONCE, WITH_EDNS };

/* Otherwise, and where is_first is set afterwards too, the truth is told. */
struct dns_fault {
    struct deed udp, tcp;
    enum when when;
    bool is_first;
};

/* False where the word is none of fault_word.c. *fault is zeroed before. */
bool fault_word_read(struct dns_fault *fault, const char *text);

struct question {
    char name[NAME_TEXT_MAX]; /* lower case, no final dot */
    unsigned type;
    size_t end; /* behind the question, from the start of the message */
};

struct dns_server {
    struct series at;
    struct sockaddr_in upstream_at;
    struct rule *rules, **rules_end;
    int tcp_fd; /* that listens for it alone; -1: none */
    bool has_no_port;
    struct dns_server *next;
};

/* Where a question came in. */
struct asked {
    const struct dns_server *server; /* NULL: nobody is there */
    unsigned member;                 /* of its series */
    struct in_addr address;
};

/* The message of the event at hand. */
extern uint8_t fault_message[MESSAGE_MAX + FAULT_PACKET_GROWTH];

struct asked fault_asked(struct in_addr address);
/* Reads the question in fault_message; as the first of the series would be asked it.
 * Returns NULL where it is none. */
const struct dns_fault *fault_meet(const struct asked *asked, struct question *question,
                                   size_t len);
bool fault_is_forward(const struct deed *deed);
/* Writes an answer of our own over the question, in the first's words. Returns its
 * length, which may be 0. Not for ACT_SILENCE, nor what is forwarded. */
size_t fault_reply(const struct deed *deed, const struct question *question);
/* Changes the truth in answer (with room for FAULT_PACKET_GROWTH more) as the deed wants
 * it; returns its length. */
size_t fault_change(const struct deed *deed, uint8_t *answer, size_t len);
/* Turns a whole answer of the first into the member's. */
void fault_turn(const struct asked *asked, uint8_t *answer, size_t len);

/* Opens a socket there for questions. */
void fault_udp_open(const struct sockaddr_in *at);
int fault_tcp_open(const struct sockaddr_in *at);

#endif
