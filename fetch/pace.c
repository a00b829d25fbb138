#include "fetch/pace.h"

#define BURST_SECONDS 0.02

void pace_init(struct pace *pace, double rate, uint64_t now_ns)
{
    pace->rate = rate;
    pace->burst = rate * BURST_SECONDS > 1 ? rate * BURST_SECONDS : 1;
    pace->tokens = 1;
    pace->at_ns = now_ns;
}

bool pace_take(struct pace *pace, uint64_t now_ns)
{
    if (pace->rate <= 0) {
        return true;
    }
    pace->tokens += pace->rate * (double)(now_ns - pace->at_ns) / 1e9;
    pace->at_ns = now_ns;
    if (pace->tokens > pace->burst) {
        pace->tokens = pace->burst;
    }
    if (pace->tokens < 1) {
        return false;
    }
    pace->tokens -= 1;
    return true;
}

uint64_t pace_wait_ms(const struct pace *pace)
{
    return pace->tokens >= 1 ? 0 : (uint64_t)((1 - pace->tokens) / pace->rate * 1000) + 1;
}
