/* The event loop getdns sees. Its ready-made one for libuv crashes as soon as two
 * events share a TCP socket. */
#ifndef RESOLVER_STUB_LOOP_H
#define RESOLVER_STUB_LOOP_H

#include <stdbool.h>

#include <getdns/getdns_extra.h>

#include "resolver/poller.h"

struct event;
struct event_block;

struct stub_loop {
    getdns_eventloop getdns; /* first: getdns hands us this */
    struct poller *poller;
    struct event *unused;
    struct event_block *blocks;
    bool is_reading_first;
};

/* For any number of contexts; must outlive them. */
void stub_loop_init(struct stub_loop *loop, struct poller *poller);
void stub_loop_free(struct stub_loop *loop);

#endif
