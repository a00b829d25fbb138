#include "resolver/window.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* Hears count answers, every nth of which was lost once before. */
static void hear(struct window *window, unsigned count, unsigned nth)
{
    for (unsigned i = 1; i <= count; i++) {
        window_hear(window, nth != 0 && i % nth == 0);
    }
}

static void it_grows_to_its_limit_while_nothing_is_lost(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 1000);
    assert_int_equal(window.size, WINDOW_FIRST);
    hear(&window, WINDOW_FIRST - 1, 0);
    assert_int_equal(window.size, WINDOW_FIRST);
    hear(&window, 1, 0);
    assert_int_equal(window.size, 151);
    hear(&window, 10000, 0);
    assert_int_equal(window.size, 1000);
}

static void it_halves_when_more_than_two_in_a_hundred_are_lost(void **state)
{
    struct window window;
    (void)state;
    window_init_fixed(&window, 1000);
    hear(&window, 1000, 45);
    assert_int_equal(window.size, 500);
}

static void it_stays_between_one_and_two_in_a_hundred(void **state)
{
    struct window window;
    (void)state;
    window_init_fixed(&window, 1000);
    hear(&window, 1000, 60);
    assert_int_equal(window.size, 1000);
    window.size = 600;
    hear(&window, 600, 60);
    assert_int_equal(window.size, 600);
}

static void it_never_closes(void **state)
{
    struct window window;
    (void)state;
    window_init(&window, 1000);
    hear(&window, 10000, 1);
    assert_int_equal(window.size, WINDOW_LEAST);
    window_init(&window, 3);
    hear(&window, 100, 1);
    assert_int_equal(window.size, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_grows_to_its_limit_while_nothing_is_lost),
        cmocka_unit_test(it_halves_when_more_than_two_in_a_hundred_are_lost),
        cmocka_unit_test(it_stays_between_one_and_two_in_a_hundred),
        cmocka_unit_test(it_never_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
