#include "resolver/wire_server.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define WINDOW 1000
#define TIMEOUT_MS 2000

static struct wire_servers servers_of(unsigned count)
{
    static const struct name_server addresses[NAME_SERVERS_MAX];
    struct wire_servers servers;
    wire_servers_init(&servers, addresses, count, WINDOW, TIMEOUT_MS);
    return servers;
}

/* A question that is answered at once. */
static unsigned ask(struct wire_servers *servers, uint32_t rtt_ms, uint64_t now_ms)
{
    unsigned chosen = wire_servers_choose(servers, now_ms);
    servers->all[chosen].outstanding--;
    wire_server_heard(&servers->all[chosen], now_ms, rtt_ms, 0);
    wire_server_answered(&servers->all[chosen]);
    return chosen;
}

static void silence(struct wire_servers *servers, unsigned which, uint64_t now_ms)
{
    for (unsigned i = 0; i < WIRE_SERVER_SILENCES; i++) {
        wire_server_timed_out(&servers->all[which], now_ms);
    }
}

static void equals_take_turns(void **state)
{
    struct wire_servers servers = servers_of(3);
    (void)state;
    for (unsigned i = 0; i < 9; i++) {
        assert_int_equal(ask(&servers, 1, 0), i % 3);
    }
}

static void the_one_with_less_to_do_is_asked(void **state)
{
    struct wire_servers servers = servers_of(3);
    (void)state;
    servers.all[0].outstanding = 5;
    servers.all[1].outstanding = 2;
    servers.all[2].outstanding = 3;
    assert_int_equal(wire_servers_choose(&servers, 0), 1);
    assert_int_equal(servers.all[1].outstanding, 3);
}

static void a_slow_one_is_asked_less_but_not_forgotten(void **state)
{
    struct wire_servers servers = servers_of(2);
    unsigned asked[2] = {0, 0};
    (void)state;
    for (unsigned i = 0; i < 1000; i++) {
        unsigned chosen = wire_servers_choose(&servers, 0);
        servers.all[chosen].outstanding--;
        wire_server_heard(&servers.all[chosen], 0, chosen == 0 ? 400 : 10, 0);
        asked[chosen]++;
    }
    assert_in_range(asked[0], 3, 100);
}

static void a_full_one_is_asked_only_when_all_are(void **state)
{
    struct wire_servers servers = servers_of(2);
    (void)state;
    servers.all[0].outstanding = WINDOW_FIRST;
    servers.all[1].outstanding = WINDOW_FIRST - 1;
    servers.all[1].rtt_us = 1000000;
    assert_true(wire_servers_have_room(&servers));
    assert_int_equal(wire_servers_choose(&servers, 0), 1);
    assert_false(wire_servers_have_room(&servers));
}

static void the_second_attempt_goes_elsewhere(void **state)
{
    struct wire_servers servers = servers_of(2);
    (void)state;
    servers.all[0].outstanding = 50;
    assert_int_equal(wire_servers_choose_other(&servers, 1), 0);
    silence(&servers, 0, 0);
    assert_int_equal(wire_servers_choose_other(&servers, 1), 1);
    servers = servers_of(1);
    assert_int_equal(wire_servers_choose_other(&servers, 0), 0);
}

static void nineteen_time_outs_in_a_row_are_no_death(void **state)
{
    struct wire_servers servers = servers_of(2);
    (void)state;
    silence(&servers, 0, 0);
    assert_int_equal(servers.all[0].rest_ms, WIRE_SERVER_REST_MS);
    servers = servers_of(2);
    for (unsigned i = 0; i < WIRE_SERVER_SILENCES - 1; i++) {
        wire_server_timed_out(&servers.all[0], 0);
    }
    wire_server_heard(&servers.all[0], 0, 1, 0);
    wire_server_answered(&servers.all[0]);
    wire_server_timed_out(&servers.all[0], 0);
    assert_int_equal(servers.all[0].rest_ms, 0);
}

static void a_silent_one_is_looked_after_at_growing_intervals(void **state)
{
    struct wire_servers servers = servers_of(2);
    unsigned looks = 0;
    uint64_t last_ms = 0;
    (void)state;
    silence(&servers, 0, 0);
    for (uint64_t now_ms = 1; now_ms < 100000; now_ms++) {
        unsigned chosen = wire_servers_choose(&servers, now_ms);
        servers.all[chosen].outstanding--;
        if (chosen == 0) {
            uint64_t rest_ms = UINT64_C(1000) << (looks == 0 ? 0 : looks - 1);
            assert_true(
                now_ms - last_ms ==
                (rest_ms < WIRE_SERVER_REST_MAX_MS ? rest_ms : WIRE_SERVER_REST_MAX_MS));
            wire_server_timed_out(&servers.all[0], now_ms);
            last_ms = now_ms;
            looks++;
        }
    }
    assert_int_equal(looks, 8); /* at 1 2 4 8 16 32 and then every 30 s */
    wire_server_heard(&servers.all[0], 100000, 1, 0);
    wire_server_answered(&servers.all[0]);
    assert_int_equal(ask(&servers, 1, 100000) + ask(&servers, 1, 100000), 1);
}

static void one_that_refuses_everything_rests_until_it_answers(void **state)
{
    struct wire_servers servers = servers_of(2);
    (void)state;
    for (unsigned i = 0; i < WIRE_SERVER_REFUSALS - 1; i++) {
        wire_server_refused(&servers.all[0], 0);
    }
    assert_int_equal(servers.all[0].rest_ms, 0);
    wire_server_answered(&servers.all[0]); /* the names were bad, not the server */
    for (unsigned i = 0; i < WIRE_SERVER_REFUSALS; i++) {
        assert_int_equal(servers.all[0].rest_ms, 0);
        wire_server_refused(&servers.all[0], 0);
    }
    assert_int_equal(servers.all[0].rest_ms, WIRE_SERVER_REST_MS);
    assert_int_equal(ask(&servers, 1, 1) + ask(&servers, 1, 2), 2);
    wire_server_heard(&servers.all[0], 3, 1, 0); /* it is not silent, … */
    wire_server_refused(&servers.all[0], 3);
    assert_int_equal(ask(&servers, 1, 4) + ask(&servers, 1, 5), 2);
    wire_server_answered(&servers.all[0]);
    assert_int_equal(ask(&servers, 1, 6) + ask(&servers, 1, 7), 1);
}

static void when_all_rest_none_does(void **state)
{
    struct wire_servers servers = servers_of(2);
    (void)state;
    wire_server_unreachable(&servers.all[0], 0);
    wire_server_unreachable(&servers.all[1], 0);
    assert_true(wire_servers_have_room(&servers));
    assert_int_equal(wire_servers_choose(&servers, 1), 0);
    assert_int_equal(wire_servers_choose(&servers, 1), 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equals_take_turns),
        cmocka_unit_test(the_one_with_less_to_do_is_asked),
        cmocka_unit_test(a_slow_one_is_asked_less_but_not_forgotten),
        cmocka_unit_test(a_full_one_is_asked_only_when_all_are),
        cmocka_unit_test(the_second_attempt_goes_elsewhere),
        cmocka_unit_test(nineteen_time_outs_in_a_row_are_no_death),
        cmocka_unit_test(a_silent_one_is_looked_after_at_growing_intervals),
        cmocka_unit_test(one_that_refuses_everything_rests_until_it_answers),
        cmocka_unit_test(when_all_rest_none_does),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
