#include "resolver/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PATIENCE_MS UINT64_C(2000)

/* Hears count answers, every nth of which was lost once before. */
static void hear(struct window *window, uint64_t now_ms, unsigned count, unsigned nth)
{
    for (unsigned i = 1; i <= count; i++) {
        window_hear(window, now_ms, nth != 0 && i % nth == 0);
    }
}

static struct window opened(uint32_t size)
{
    struct window window;
    window_init(&window, 1000, PATIENCE_MS);
    window.size = size;
    return window;
}

static void it_grows_to_its_limit_while_nothing_is_lost(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 1000, PATIENCE_MS);
    assert_int_equal(window.size, WINDOW_FIRST);
    hear(&window, 0, WINDOW_FIRST - 1, 0);
    assert_int_equal(window.size, WINDOW_FIRST);
    hear(&window, 0, 1, 0);
    assert_int_equal(window.size, 2 * WINDOW_FIRST);
    hear(&window, 0, 10000, 0);
    assert_int_equal(window.size, 1000);
}

static void it_halves_when_more_than_two_in_a_hundred_are_lost(void **state)
{
    struct window window = opened(1000);
    (void)state;
    hear(&window, 0, 1000, 45);
    assert_int_equal(window.size, 500);
}

static void it_stays_between_one_and_two_in_a_hundred(void **state)
{
    struct window window = opened(600);
    (void)state;
    hear(&window, 0, 600, 60);
    assert_int_equal(window.size, 600);
}

static void what_was_lost_before_it_shrank_does_not_shrink_it_again(void **state)
{
    struct window window = opened(1000);
    (void)state;
    hear(&window, 0, 1000, 10);
    hear(&window, PATIENCE_MS - 1, 1000, 10);
    assert_int_equal(window.size, 500);
    hear(&window, PATIENCE_MS, 500, 10);
    assert_int_equal(window.size, 250);
}

static void it_grows_slowly_from_where_it_lost_packets(void **state)
{
    struct window window = opened(1000);
    (void)state;
    hear(&window, 0, 1000, 10);
    hear(&window, PATIENCE_MS, 500, 0);
    assert_int_equal(window.size, 500 + 500 / 16 + 1);
}

/* As a full socket buffer does: nothing is lost once the window fits. */
static void overload_keeps_it_small(void **state)
{
    struct window window = opened(1000);
    (void)state;
    for (uint64_t now_ms = 0; now_ms < 100 * PATIENCE_MS; now_ms += PATIENCE_MS) {
        hear(&window, now_ms, window.size, window.size > 250 ? 3 : 0);
        assert_true(now_ms < 2 * PATIENCE_MS || window.size <= 250 + 250 / 16 + 1);
    }
    assert_int_equal(window.floor, 0);
}

/* As a lossy line does: one in twenty is lost however few there are. */
static void losses_that_shrinking_does_not_help_open_it_again(void **state)
{
    struct window window = opened(1000);
    (void)state;
    for (uint64_t now_ms = 0; now_ms < 100 * PATIENCE_MS; now_ms += PATIENCE_MS) {
        hear(&window, now_ms, window.size > WINDOW_SAMPLE ? window.size : WINDOW_SAMPLE,
             20);
    }
    assert_int_equal(window.size, 1000);
    hear(&window, 1000000, 1000, 12); /* and more than that is heeded still */
    assert_int_equal(window.size, 500);
}

static void it_never_closes(void **state)
{
    struct window window = opened(1000);
    (void)state;
    for (unsigned i = 0; i < 8; i++) {
        window.halvings = 0;
        hear(&window, (uint64_t)i * PATIENCE_MS, 1000, 1);
    }
    assert_int_equal(window.size, WINDOW_LEAST);
    window_init(&window, 3, PATIENCE_MS);
    hear(&window, 0, 100, 1);
    assert_int_equal(window.size, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_to_its_limit_while_nothing_is_lost),
        cmocka_unit_test(it_halves_when_more_than_two_in_a_hundred_are_lost),
        cmocka_unit_test(it_stays_between_one_and_two_in_a_hundred),
        cmocka_unit_test(what_was_lost_before_it_shrank_does_not_shrink_it_again),
        cmocka_unit_test(it_grows_slowly_from_where_it_lost_packets),
        cmocka_unit_test(overload_keeps_it_small),
        cmocka_unit_test(losses_that_shrinking_does_not_help_open_it_again),
        cmocka_unit_test(it_never_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
