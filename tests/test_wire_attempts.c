#include "resolver/wire_attempts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define PATIENCE_MS 1000
#define COUNT 300

static struct wire_attempts opened(void)
{
    struct wire_attempts attempts;
    assert_int_equal(wire_attempts_open(&attempts, 10, PATIENCE_MS), 0);
    return attempts;
}

static void each_is_found_by_its_socket_and_id_until_it_is_removed(void **state)
{
    struct wire_attempts attempts = opened(); /* 64 buckets: several attempts in each */
    static struct query queries[COUNT];
    (void)state;
    for (unsigned i = 0; i < COUNT; i++) {
        queries[i].socket = (uint16_t)(i % 3);
        queries[i].id = (uint16_t)(i / 3 * 64);
        wire_attempts_add(&attempts, &queries[i]);
    }
    for (unsigned i = 0; i < COUNT; i += 2) {
        wire_attempts_remove(&attempts, &queries[i]);
    }
    for (unsigned i = 0; i < COUNT; i++) {
        struct query *found =
            wire_attempts_find(&attempts, queries[i].socket, queries[i].id);
        assert_ptr_equal(found, i % 2 == 0 ? NULL : &queries[i]);
    }
    assert_null(wire_attempts_find(&attempts, 0, 1));
    wire_attempts_close(&attempts);
}

static void the_oldest_is_overdue_first_and_not_before_its_time(void **state)
{
    struct wire_attempts attempts = opened();
    struct query queries[3];
    (void)state;
    memset(queries, 0, sizeof queries);
    for (unsigned i = 0; i < 3; i++) {
        queries[i].id = (uint16_t)i;
        wire_attempts_add(&attempts, &queries[i]);
        wire_attempts_pass(&attempts, 100);
    }
    wire_attempts_pass(&attempts, PATIENCE_MS - 301);
    assert_null(wire_attempts_overdue(&attempts));
    wire_attempts_pass(&attempts, 1);
    assert_ptr_equal(wire_attempts_overdue(&attempts), &queries[0]);
    wire_attempts_remove(&attempts, &queries[1]); /* answered meanwhile */
    wire_attempts_remove(&attempts, &queries[0]);
    assert_null(wire_attempts_overdue(&attempts));
    wire_attempts_pass(&attempts, 200);
    assert_ptr_equal(wire_attempts_overdue(&attempts), &queries[2]);
    wire_attempts_remove(&attempts, &queries[2]);
    assert_null(attempts.oldest);
    assert_null(attempts.newest);
    wire_attempts_close(&attempts);
}

static void one_that_is_only_watched_is_not_found(void **state)
{
    struct wire_attempts attempts = opened();
    struct query query;
    (void)state;
    memset(&query, 0, sizeof query);
    wire_attempts_watch(&attempts, &query);
    assert_null(wire_attempts_find(&attempts, 0, 0));
    wire_attempts_pass(&attempts, PATIENCE_MS);
    assert_ptr_equal(wire_attempts_overdue(&attempts), &query);
    wire_attempts_unwatch(&attempts, &query);
    assert_null(attempts.oldest);
    wire_attempts_close(&attempts);
}

/* 2,000 of 65,536 drawn at random: some thirty are drawn twice. */
static void ids_are_drawn_anew_in_each_lot(void **state)
{
    struct wire_attempts attempts = opened();
    static bool is_seen[UINT16_MAX + 1];
    unsigned different = 0;
    (void)state;
    for (unsigned i = 0; i < 2000; i++) {
        uint16_t id = wire_attempts_draw_id(&attempts);
        different += !is_seen[id];
        is_seen[id] = true;
    }
    assert_in_range(different, 1850, 2000);
    wire_attempts_close(&attempts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_is_found_by_its_socket_and_id_until_it_is_removed),
        cmocka_unit_test(the_oldest_is_overdue_first_and_not_before_its_time),
        cmocka_unit_test(one_that_is_only_watched_is_not_found),
        cmocka_unit_test(ids_are_drawn_anew_in_each_lot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
