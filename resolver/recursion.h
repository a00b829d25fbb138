/* What the files of the recursion engine share. */
#ifndef RESOLVER_RECURSION_H
#define RESOLVER_RECURSION_H

#include <unbound.h>

#include <unbound-event.h>

#include "resolver/engine.h"

struct recursion_base {
    struct ub_event_base unbound; /* first: libunbound hands us this */
    struct poller *poller;
};

/* The base must live until its context is deleted. */
void recursion_base_init(struct recursion_base *base, struct poller *poller);

/* Everything the configuration says and what a census needs; before the first
 * question. 0 or -errno with start->error. */
int recursion_settings(struct ub_ctx *context, const struct engine_start *start)
    __attribute__((warn_unused_result));

#endif
