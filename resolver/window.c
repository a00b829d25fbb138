#include "resolver/window.h"

void window_init_fixed(struct window *window, uint32_t most)
{
    *window = (struct window){.size = most, .most = most};
}

void window_init(struct window *window, uint32_t most)
{
    window_init_fixed(window, most);
    window->size = most < WINDOW_FIRST ? most : WINDOW_FIRST;
}

static uint32_t clamp(const struct window *window, uint32_t size)
{
    uint32_t least = window->most < WINDOW_LEAST ? window->most : WINDOW_LEAST;
    size = size < least ? least : size;
    return size > window->most ? window->most : size;
}

void window_hear(struct window *window, uint32_t timeouts)
{
    window->answers++;
    window->losses += timeouts;
    if (window->answers < window->size) {
        return;
    }
    uint64_t attempts = (uint64_t)window->answers + window->losses;
    if (window->losses * UINT64_C(50) > attempts) {
        window->size = clamp(window, window->size / 2);
    } else if (window->losses * UINT64_C(100) < attempts) {
        window->size = clamp(window, window->size + window->size / 2 + 1);
    }
    window->answers = window->losses = 0;
}
