/* Where each faulty domain lives.
 *
 * Line 1 … F of faults.txt, F the length of the table, are the entries themselves: number i
 * is fault-NAME.net, 198.18.10.0 + i and 198.18.12.0 + i its name servers, 198.18.8.0 + i its
 * policy host.
 * The lines after those are the table again and again: fault-NAME-00001.net and so on, each
 * with addresses of its own, since who asks remembers servers by their addresses. The first
 * of these copies is written down; what the others are lab-faults makes of it.
 */
#ifndef BENCH_LAB_FAULTS_HOME_H
#define BENCH_LAB_FAULTS_HOME_H

#include "bench/lab/faults.h"

/* bench/lab/lab routes these. */
#define COPIES_FIRST 0xc6121000U        /* 198.18.16.0: name server and policy host */
#define COPIES_SECOND_FIRST 0xc613a000U /* 198.19.160.0: second name server */
#define COPIES_FULL_FIRST 0xc613e000U   /* 198.19.224.0: swallows what is sent there */
#define COPIES_FULL_END 0xc613f000U

struct home {
    const struct fault *fault;
    unsigned line;  /* in faults.txt, from 1 */
    unsigned round; /* through the table, from 0 */
    char zone[80], domain[96], ns1[16], ns2[16], policy_address[16];
    struct names names;
};

/* What lab-faults calls the addresses: those, or in round 1 theirs and all copies'. */
struct home_series {
    char ns1[48], ns2[48], policy[48];
};

/* index: the line in faults.txt, from 0. */
void home_of(struct home *home, size_t index);
void home_series(struct home_series *series, const struct home *home, size_t total);
/* How many of the lines have zones, certificates and policies written for them. */
size_t homes_written(size_t total);
/* text_expand(), and {a}. */
void home_fill(struct text *out, const char *template, const struct home *home);

#endif
