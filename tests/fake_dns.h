/* A name server for tests, on 127.0.0.1, in the loop of the test. The first label of the
 * name asked for says what it does with the question:
 *
 *   silent    nothing              late      nothing at first, "hello" the second time
 *   strange   another transaction's answer before the right one
 *   other     an answer to another question at first, the right one the second time
 *   foreign   an answer to another question each time
 *   stale     an answer to another question at first, then nothing
 *   servfail refused nxdomain  that rcode   garbage   five bytes
 *   gone      nxdomain with an SOA, for 300 s          fleeting  "hello" with TTL 0
 *   cut       TC over UDP; over TCP a TXT record of 10,000 bytes
 *   slow      "hello" after 20 ms           validated "hello" with the AD bit
 *   hangup    TC over UDP; over TCP the connection is closed
 *   old       FORMERR to a question with EDNS, "hello" to one without
 *   anything else   TXT "hello" with TTL 300
 *
 * bad_ways makes what lies between worse, at random: of a hundred answers so many are lost,
 * come twice, come late (and so after later ones), come with a strange one before them.
 */
#ifndef TESTS_FAKE_DNS_H
#define TESTS_FAKE_DNS_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

struct fake_dns_ways {
    unsigned lost, twice, late, strange; /* in a hundred */
};

struct fake_dns {
    uv_udp_t udp;
    uv_tcp_t tcp;
    uint16_t port;
    unsigned udp_queries;
    unsigned tcp_queries;
    unsigned outstanding; /* slow ones */
    unsigned outstanding_max;
    unsigned open_handles;
    struct fake_dns_ways bad_ways;
    bool is_dead;            /* it says nothing at all */
    bool is_old, is_cutting; /* to every question as to "old", to "cut" */
};

void fake_dns_open(struct fake_dns *server, uv_loop_t *loop);
void fake_dns_close(struct fake_dns *server);

#endif
