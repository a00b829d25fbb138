/* A loop's time without the time it slept: a process that was stopped, or a callback that
 * blocked, must not turn running fetches into time-outs while their answers wait in the
 * socket. Deadlines in this time move by the gap by themselves.
 *
 * A timer looks every STOPWATCH_BEAT_MS; of a gap of more than STOPWATCH_GAP_MS nothing
 * counts.
 */
#ifndef FETCH_STOPWATCH_H
#define FETCH_STOPWATCH_H

#include <uv.h>

#define STOPWATCH_BEAT_MS 250
#define STOPWATCH_GAP_MS 1000

struct stopwatch {
    uv_timer_t beat;  /* does not keep the loop alive; data and closing are the owner's */
    uint64_t seen_ms; /* of the loop */
    uint64_t slept_ms; /* all gaps */
};

void stopwatch_init(struct stopwatch *stopwatch, uv_loop_t *loop);
uint64_t stopwatch_now_ms(struct stopwatch *stopwatch);

#endif
