/* How fast strangers are asked: the rates of the command line, kept by all workers together.
 *
 * A rate is kept in every second, not on average (generic cell rate algorithm, ITU-T
 * I.371): in no second more than the rate, whole numbers understood. What that takes is a little
 * less than the rate on average, and a burst of at most 20 ms. No lock: who comes next
 * moves one number.
 */
#ifndef SCANNER_PACE_H
#define SCANNER_PACE_H

#include "fetch/fetch.h"

#include <stdatomic.h>
#include <stdint.h>

struct pace {
    double rate;              /* a second; 0 = any */
    _Atomic uint64_t turn_ns; /* when the next would be due */
};

/* Takes a turn: 0. Or how many ns until it may be somebody's turn. */
uint64_t pace_take(struct pace *pace, uint64_t now_ns);

/* Hosts whose rate is kept together: a few share theirs by chance and get a little less. */
#define PACING_HOSTS 4096

struct pacing {
    struct pace dns, https;
    struct pace hosts[PACING_HOSTS]; /* by address */
};

/* Queries, connections and connections to one address a second. */
void pacing_init(struct pacing *pacing, double dns, double https, double per_host);

/* What a resolver and a fetcher are given, with the pacing as arg. */
uint64_t pacing_take_query(void *arg);
uint64_t pacing_take_connection(void *arg, const struct fetch_address *address);

#endif
