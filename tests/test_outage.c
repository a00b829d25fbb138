#include "resolver/outage.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

/* True: one of them asked for the control question, and it was the last. */
static bool fail_so_often(struct outage *outage, unsigned count, uint64_t now_ms)
{
    static const enum dns_status failures[] = {DNS_SERVFAIL, DNS_REFUSED, DNS_TIMEOUT,
                                               DNS_NETWORK};
    bool is_doubted = false;
    for (unsigned i = 0; i < count; i++) {
        assert_false(is_doubted);
        is_doubted = outage_hear(outage, failures[i % 4], now_ms);
    }
    return is_doubted;
}

static void a_long_row_of_failures_is_doubted(void **state)
{
    struct outage outage = {.state = OUTAGE_NONE};
    (void)state;
    assert_true(outage_is_over(&outage));
    assert_false(fail_so_often(&outage, OUTAGE_FAILURES - 1, 5));
    assert_false(outage_is_on(&outage));
    assert_false(outage_is_over(&outage)); /* nobody knows yet */
    assert_true(fail_so_often(&outage, 1, 5));
    assert_true(outage_is_on(&outage));
    assert_false(fail_so_often(&outage, 1000, 5)); /* what was under way */
}

static void any_answer_says_that_it_is_the_names(void **state)
{
    static const enum dns_status answers[] = {
        DNS_OK, DNS_NODATA, DNS_NXDOMAIN, DNS_OTHER_RCODE, DNS_MALFORMED, DNS_CNAME_LOOP};
    (void)state;
    for (size_t i = 0; i < sizeof answers / sizeof answers[0]; i++) {
        struct outage outage = {.state = OUTAGE_NONE};
        assert_true(fail_so_often(&outage, OUTAGE_FAILURES, 5));
        assert_false(outage_hear(&outage, answers[i], 6));
        assert_false(outage_is_on(&outage));
        assert_true(outage_is_over(&outage));
        assert_false(fail_so_often(&outage, OUTAGE_FAILURES - 1, 7));
        assert_true(fail_so_often(&outage, 1, 7));
    }
}

static uint64_t endure(struct outage *outage, uint64_t begun_ms, unsigned *controls)
{
    uint64_t now_ms = begun_ms;
    uint32_t wait_ms;
    *controls = 1;
    while ((wait_ms = outage_control_failed(outage, now_ms)) > 0) {
        assert_true(outage_is_on(outage));
        assert_true(wait_ms <= OUTAGE_WAIT_MAX_MS);
        now_ms += wait_ms;
        ++*controls;
    }
    return now_ms - begun_ms;
}

static void an_outage_is_endured_for_minutes_and_with_few_questions(void **state)
{
    struct outage outage = {.state = OUTAGE_NONE};
    unsigned controls;
    (void)state;
    (void)outage_hear(&outage, DNS_OK, 1);
    assert_true(fail_so_often(&outage, OUTAGE_FAILURES, 1000));
    assert_in_range(endure(&outage, 1000, &controls), OUTAGE_MOST_MS,
                    OUTAGE_MOST_MS + OUTAGE_WAIT_MAX_MS);
    assert_in_range(controls, 20, 26);
    assert_false(outage_is_on(&outage));
    assert_true(outage_is_over(&outage));
    assert_false(fail_so_often(&outage, 1000, 400000)); /* they are failures now … */
    (void)outage_hear(&outage, DNS_NXDOMAIN, 400001);   /* … until something answers */
    assert_true(fail_so_often(&outage, OUTAGE_FAILURES, 400002));
}

static void what_never_answered_is_not_waited_for_long(void **state)
{
    struct outage outage = {.state = OUTAGE_NONE};
    unsigned controls;
    (void)state;
    assert_true(fail_so_often(&outage, OUTAGE_FAILURES, 0));
    assert_in_range(endure(&outage, 0, &controls), OUTAGE_MOST_AT_FIRST_MS,
                    2 * OUTAGE_MOST_AT_FIRST_MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_long_row_of_failures_is_doubted),
        cmocka_unit_test(any_answer_says_that_it_is_the_names),
        cmocka_unit_test(an_outage_is_endured_for_minutes_and_with_few_questions),
        cmocka_unit_test(what_never_answered_is_not_waited_for_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
