#include "resolver/window.h"

#define HALVINGS_MAX 3
#define GROWS_BELOW 10 /* in a thousand */
#define SHRINKS_ABOVE 20

static uint32_t clamp(const struct window *window, uint64_t size)
{
    uint32_t least = window->most < WINDOW_LEAST ? window->most : WINDOW_LEAST;
    size = size < least ? least : size;
    return size > window->most ? window->most : (uint32_t)size;
}

void window_init(struct window *window, uint32_t most, uint32_t patience_ms)
{
    *window = (struct window){
        .most = most, .patience_ms = patience_ms, .threshold = UINT32_MAX};
    window->size = clamp(window, WINDOW_FIRST);
}

static void open_again(struct window *window, uint32_t share)
{
    window->floor = share;
    window->size = clamp(window, window->size_before);
    window->threshold = UINT32_MAX;
    window->halvings = 0;
}

static void shrink(struct window *window, uint64_t now_ms, uint32_t share)
{
    if (window->halvings == 0 || share * 4 < window->share_before * 3) {
        window->halvings = 0;
        window->size_before = window->size;
        window->share_before = share;
    }
    if (window->halvings == HALVINGS_MAX) {
        open_again(window, share);
        return;
    }
    window->halvings++;
    window->size = window->threshold = clamp(window, window->size / 2);
    window->deaf_until_ms = now_ms + window->patience_ms;
}

static void grow(struct window *window)
{
    uint32_t step =
        window->size < window->threshold ? window->size : window->size / 16 + 1;
    window->size = clamp(window, (uint64_t)window->size + step);
    window->halvings = 0;
}

/* The share of losses, less what is lost anyway, that has to be learnt anew if it falls. */
static uint32_t share_of(struct window *window)
{
    uint64_t attempts = (uint64_t)window->answers + window->losses;
    uint32_t share = (uint32_t)(window->losses * UINT64_C(1000) / attempts);
    if (share < window->floor) {
        window->floor -= (window->floor - share + 7) / 8;
    }
    return share;
}

void window_hear(struct window *window, uint64_t now_ms, uint32_t timeouts)
{
    window->answers++;
    window->losses += timeouts;
    if (window->answers < window->size || window->answers < WINDOW_SAMPLE) {
        return;
    }
    uint32_t share = share_of(window);
    window->answers = window->losses = 0;
    if (now_ms < window->deaf_until_ms) {
        return;
    }
    if (share > window->floor + SHRINKS_ABOVE) {
        shrink(window, now_ms, share);
    } else if (share < window->floor + GROWS_BELOW) {
        grow(window);
    }
}
