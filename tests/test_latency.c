#include "scanner/latency.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

static void nothing_counted_is_zero(void **state)
{
    struct latency latency = {{0}, 0};
    (void)state;
    assert_true(latency_percentile_ms(&latency, 0.5) == 0);
}

static void percentiles_are_at_most_an_eighth_above_the_value(void **state)
{
    struct latency latency = {{0}, 0};
    (void)state;
    for (uint64_t us = 1; us <= 1000000; us++) {
        latency_add(&latency, us);
    }
    for (unsigned percent = 1; percent <= 99; percent++) {
        double exact = percent * 10.0;
        double found = latency_percentile_ms(&latency, percent / 100.0);
        assert_true(found >= exact * 0.999 && found <= exact * 1.125);
    }
    assert_true(latency_percentile_ms(&latency, 1) == 1000.0);
}

static void one_slow_answer_in_a_hundred_is_seen(void **state)
{
    struct latency latency = {{0}, 0};
    (void)state;
    for (unsigned i = 0; i < 98; i++) {
        latency_add(&latency, 1000);
    }
    latency_add(&latency, 8000000);
    latency_add(&latency, 9000000);
    assert_true(latency_percentile_ms(&latency, 0.9) < 1.2);
    assert_true(latency_percentile_ms(&latency, 0.99) >= 8000);
    assert_int_equal(latency.max_us, 9000000);
}

static void the_longest_time_has_a_bucket(void **state)
{
    struct latency latency = {{0}, 0};
    (void)state;
    latency_add(&latency, UINT64_MAX);
    assert_int_equal(latency.buckets[LATENCY_BUCKETS - 1], 1);
    assert_int_equal(latency.max_us, UINT64_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_counted_is_zero),
        cmocka_unit_test(percentiles_are_at_most_an_eighth_above_the_value),
        cmocka_unit_test(one_slow_answer_in_a_hundred_is_seen),
        cmocka_unit_test(the_longest_time_has_a_bucket),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
