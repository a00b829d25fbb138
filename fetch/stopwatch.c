#include "fetch/stopwatch.h"

static void on_beat(uv_timer_t *beat)
{
    (void)stopwatch_now_ms((struct stopwatch *)beat); /* its first member */
}

void stopwatch_init(struct stopwatch *stopwatch, uv_loop_t *loop)
{
    uv_timer_init(loop, &stopwatch->beat);
    uv_unref((uv_handle_t *)&stopwatch->beat);
    stopwatch->slept_ms = 0;
    stopwatch->seen_ms = uv_now(loop);
    uv_timer_start(&stopwatch->beat, on_beat, STOPWATCH_BEAT_MS, STOPWATCH_BEAT_MS);
}

uint64_t stopwatch_now_ms(struct stopwatch *stopwatch)
{
    uint64_t now_ms = uv_now(stopwatch->beat.loop);
    if (now_ms - stopwatch->seen_ms > STOPWATCH_GAP_MS) {
        stopwatch->slept_ms += now_ms - stopwatch->seen_ms;
    }
    stopwatch->seen_ms = now_ms;
    return now_ms - stopwatch->slept_ms;
}
