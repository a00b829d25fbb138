/* How many questions may be outstanding at resolvers that are not ours: as many as they
 * take without losing packets.
 *
 * A time-out alone tells nothing: the domain's own servers may be dead. But a question
 * that timed out and was answered when asked again was most likely lost on the way, in a
 * full socket buffer as a rule. So that is what counts as a loss. After each window's
 * worth of answers: a share of losses above 2 % halves the window, below 1 % it grows by
 * a half.
 */
#ifndef RESOLVER_WINDOW_H
#define RESOLVER_WINDOW_H

#include <stdint.h>

#define WINDOW_FIRST 100 /* a default socket buffer takes some 250 questions */
#define WINDOW_LEAST 32

struct window {
    uint32_t size, most;
    uint32_t answers, losses; /* since the size was last looked at */
};

void window_init(struct window *window, uint32_t most);
/* Every question's size is allowed at once: for an engine that paces itself. */
void window_init_fixed(struct window *window, uint32_t most);
/* A question was answered after so many of its attempts had timed out. */
void window_hear(struct window *window, uint32_t timeouts);

#endif
