/* How many questions may be outstanding at a resolver that is not ours: as many as it
 * takes without losing packets.
 *
 * A time-out alone tells nothing: the domain's own servers may be dead. But a question
 * that timed out and was answered when asked again was most likely lost on the way, in a
 * full socket buffer as a rule. So that is what counts as a loss. After each window's
 * worth of answers: below 1 % of losses it grows, twofold up to where it once lost packets
 * and by a sixteenth beyond; above 2 % it is halved, and then deaf for a time-out,
 * for what it hears till then was lost before (as TCP shrinks once a round trip, RFC 5681).
 *
 * Some ways lose packets whatever we do. When halving three times has not helped the losses
 * are not ours: the window opens again, and only what exceeds that share counts.
 */
#ifndef RESOLVER_WINDOW_H
#define RESOLVER_WINDOW_H

#include <stdint.h>

#define WINDOW_FIRST 100 /* a default socket buffer takes some 250 questions */
#define WINDOW_LEAST 32
#define WINDOW_SAMPLE 100 /* answers it takes to speak of a share */

struct window {
    uint32_t size, most;
    uint32_t patience_ms;               /* after so long a lost question is heard of */
    uint32_t answers, losses;           /* since the size was last looked at */
    uint32_t threshold;                 /* from here on it grows slowly */
    uint32_t floor;                     /* losses in a thousand that are not ours */
    uint32_t halvings;                  /* in a row that have not helped */
    uint32_t size_before, share_before; /* the first of them */
    uint64_t deaf_until_ms;
};

/* patience_ms: the time-out of an attempt. */
void window_init(struct window *window, uint32_t most, uint32_t patience_ms);
/* A question was answered after so many of its attempts had timed out. */
void window_hear(struct window *window, uint64_t now_ms, uint32_t timeouts);

#endif
