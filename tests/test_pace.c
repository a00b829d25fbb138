#include "scanner/pace.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#define MS UINT64_C(1000000)
#define SECOND (1000 * MS)
#define TURNS_MAX 300000

static uint64_t turns_ns[TURNS_MAX];

/* Who waits looks again up to late_ns later than he was told; returns how many turns were taken in that many seconds. */
static unsigned take_all(double rate, unsigned seconds, uint64_t late_ns)
{
    static struct pace pace;
    unsigned count = 0;
    pace = (struct pace){.rate = rate};
    for (uint64_t now_ns = SECOND;
         now_ns < (seconds + 1) * SECOND && count < TURNS_MAX;) {
        uint64_t wait_ns = pace_take(&pace, now_ns);
        if (wait_ns == 0) {
            turns_ns[count++] = now_ns;
            continue;
        }
        now_ns += wait_ns + (late_ns > 0 ? (uint64_t)rand() % late_ns : 0);
    }
    return count;
}

static unsigned most_in_a_second(unsigned count)
{
    unsigned most = 0, first = 0;
    for (unsigned i = 0; i < count; i++) {
        while (turns_ns[i] - turns_ns[first] > SECOND) {
            first++;
        }
        most = i - first + 1 > most ? i - first + 1 : most;
    }
    return most;
}

static void no_second_has_more_than_the_rate(void **state)
{
    static const double rates[] = {1, 2, 3, 5, 10, 20, 33, 50, 100, 500, 1000, 20000};
    (void)state;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; i++) {
        for (uint64_t late_ns = 0; late_ns <= 4 * MS; late_ns += MS) {
            unsigned count = take_all(rates[i], 10, late_ns);
            assert_true(most_in_a_second(count) <= rates[i]);
            assert_true(count >= 9 * rates[i]); /* but nearly so many */
        }
    }
}

static void a_rate_below_one_is_kept_too(void **state)
{
    (void)state;
    assert_in_range(take_all(0.5, 20, MS), 9, 10);
}

static void what_was_not_used_is_not_made_up_for(void **state)
{
    struct pace pace = {.rate = 100};
    unsigned count = 0;
    (void)state;
    assert_int_equal(pace_take(&pace, 5 * SECOND), 0);
    while (pace_take(&pace, 50 * SECOND) == 0) {
        count++;
    }
    assert_in_range(count, 1, 3);
}

static void without_a_rate_it_is_always_ones_turn(void **state)
{
    struct pace pace = {.rate = 0};
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        assert_int_equal(pace_take(&pace, SECOND), 0);
    }
}

static void a_host_that_must_wait_costs_the_others_nothing(void **state)
{
    static struct pacing pacing;
    const struct fetch_address one = {4, {192, 0, 2, 1}}, other = {4, {192, 0, 2, 2}};
    unsigned turns = 0;
    (void)state;
    pacing_init(&pacing, 0, 0, 0.001);
    assert_int_equal(pacing_take_connection(&pacing, &one), 0);
    assert_int_equal(pacing_take_connection(&pacing, &other), 0);
    assert_true(pacing_take_connection(&pacing, &one) > 100 * SECOND);
    pacing_init(&pacing, 0, 0.001, 0.001);
    pacing.https.turn_ns = 0;
    assert_true(pacing_take_connection(&pacing, &one) > 100 * SECOND);
    assert_int_equal(pacing.https.turn_ns, 0); /* it did not cost a turn of all */
    for (uint8_t i = 3; i < 13; i++) {
        const struct fetch_address third = {4, {192, 0, 2, i}};
        turns += pacing_take_connection(&pacing, &third) == 0;
    }
    assert_int_equal(turns, 1);
    assert_int_equal(pacing_take_query(&pacing), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_second_has_more_than_the_rate),
        cmocka_unit_test(a_rate_below_one_is_kept_too),
        cmocka_unit_test(what_was_not_used_is_not_made_up_for),
        cmocka_unit_test(without_a_rate_it_is_always_ones_turn),
        cmocka_unit_test(a_host_that_must_wait_costs_the_others_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
