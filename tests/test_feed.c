/* The feed of a run that begins and of one that is resumed. */
#include "scanner/feed.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 150000u /* two blocks and a bit */

struct fixture {
    char path[64];
    struct feed *feed;
    struct feed_config config;
    struct line_set finished;
    struct line_set given; /* to the feed, whose thread reads it: not to be touched */
    struct feed_prefix prefix;
    uint8_t dealt[LINES + 2];
    char error[FEED_ERROR_LEN];
};

/* Every tenth line is a comment. */
static void put_lines(const struct fixture *fixture, unsigned first, unsigned last,
                      const char *mode)
{
    FILE *file = fopen(fixture->path, mode);
    assert_non_null(file);
    for (unsigned i = first; i <= last; i++) {
        fprintf(file, i % 10 == 0 ? "# %u\n" : "d%u.net\n", i);
    }
    fclose(file);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    snprintf(fixture->path, sizeof fixture->path, "/tmp/test_feed.XXXXXX");
    int fd = mkstemp(fixture->path);
    assert_true(fd >= 0);
    close(fd);
    put_lines(fixture, 1, LINES, "w");
    fixture->config = (struct feed_config){.seed = 7, .max_records = UINT64_MAX};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    feed_close(fixture->feed);
    line_set_close(&fixture->finished);
    line_set_close(&fixture->given);
    unlink(fixture->path);
    free(fixture);
    return 0;
}

static void start(struct fixture *fixture)
{
    feed_close(fixture->feed);
    memset(fixture->dealt, 0, sizeof fixture->dealt);
    if (fixture->config.finished != NULL) {
        line_set_clear(&fixture->given);
        assert_int_equal(line_set_add_all(&fixture->given, &fixture->finished), 0);
        fixture->config.finished = &fixture->given;
    }
    assert_int_equal(feed_open(&fixture->feed, fixture->path, fixture->error), 0);
    assert_int_equal(feed_start(fixture->feed, &fixture->config, fixture->error), 0);
}

/* Takes up to `count` lines; how it ended. */
static enum feed_outcome take(struct fixture *fixture, unsigned count)
{
    static struct feed_line line;
    enum feed_outcome outcome = FEED_LINE;
    while (count > 0 && (outcome = feed_take(fixture->feed, &line)) != FEED_END) {
        if (outcome == FEED_WAIT) {
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
            continue;
        }
        char text[32];
        int len = snprintf(text, sizeof text, "d%u.net", (unsigned)line.line.number);
        assert_int_equal(line.line.len, len);
        assert_memory_equal(line.line.text, text, (size_t)len);
        fixture->dealt[line.line.number]++;
        count--;
    }
    return outcome;
}

static void add_dealt(struct fixture *fixture)
{
    for (unsigned i = 1; i <= LINES; i++) {
        assert_true(fixture->dealt[i] == 0 || line_set_add(&fixture->finished, i) == 1);
    }
}

static void begin_anew(struct fixture *fixture)
{
    fixture->config = (struct feed_config){.seed = 7, .max_records = UINT64_MAX};
    line_set_clear(&fixture->finished);
}

/* As if the process had been killed after a checkpoint. */
static void break_off(struct fixture *fixture, unsigned count)
{
    struct feed_stats stats;
    char *skipped;
    start(fixture);
    take(fixture, count);
    add_dealt(fixture);
    assert_int_equal(feed_checkpoint(fixture->feed, &fixture->finished, &stats, &skipped),
                     0);
    free(skipped);
    fixture->prefix.bytes = stats.bytes_read;
    fixture->prefix.is_whole = stats.is_at_end;
    strcpy(fixture->prefix.sha256, stats.sha256);
    fixture->config.finished = &fixture->finished;
    fixture->config.finished_records = fixture->finished.count - stats.skipped;
    fixture->config.prefix = &fixture->prefix;
}

static void assert_all_dealt_once_but_the_finished(struct fixture *fixture)
{
    for (unsigned i = 1; i <= LINES; i++) {
        bool is_due = i % 10 != 0 && !line_set_has(&fixture->finished, i);
        if (fixture->dealt[i] != is_due) {
            fail_msg("line %u was dealt %u times", i, fixture->dealt[i]);
        }
    }
}

static enum feed_outcome compare(struct fixture *fixture)
{
    enum feed_outcome outcome = FEED_WAIT;
    for (unsigned i = 0; i < 400 && outcome == FEED_WAIT; i++) {
        outcome = feed_compare(fixture->feed, 50);
    }
    return outcome;
}

static void refuse(struct fixture *fixture, const char *why)
{
    struct feed_stats stats;
    start(fixture);
    assert_int_equal(compare(fixture), FEED_END);
    assert_int_equal(take(fixture, 1), FEED_END);
    feed_stats(fixture->feed, &stats);
    assert_int_equal(stats.error, -ESTALE);
    assert_false(stats.is_complete);
    if (strstr(stats.error_text, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", stats.error_text, why);
    }
}

static void every_line_is_dealt_once_and_not_in_order(void **state)
{
    struct fixture *fixture = *state;
    struct feed_stats stats;
    start(fixture);
    take(fixture, 10);
    assert_int_equal(fixture->dealt[1] + fixture->dealt[2] + fixture->dealt[3], 0);
    assert_int_equal(take(fixture, UINT32_MAX), FEED_END);
    assert_all_dealt_once_but_the_finished(fixture);
    feed_stats(fixture->feed, &stats);
    assert_true(stats.is_complete && stats.is_at_end);
    assert_int_equal(stats.lines, LINES);
    assert_int_equal(stats.skipped, LINES / 10);
}

static void resumed_feed_deals_what_is_left(void **state)
{
    struct fixture *fixture = *state;
    static const unsigned counts[] = {0, 1, 1000, 65536, 65600, 100000, 134999};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        begin_anew(fixture);
        break_off(fixture, counts[i]);
        start(fixture);
        assert_int_equal(compare(fixture), FEED_LINE);
        assert_int_equal(take(fixture, UINT32_MAX), FEED_END);
        assert_all_dealt_once_but_the_finished(fixture);
    }
}

static void feed_may_be_broken_off_again_and_again(void **state)
{
    struct fixture *fixture = *state;
    for (unsigned i = 0; i < 13; i++) {
        break_off(fixture, 10000);
    }
    start(fixture);
    assert_int_equal(take(fixture, UINT32_MAX), FEED_END);
    assert_all_dealt_once_but_the_finished(fixture);
    unsigned left = 0;
    for (unsigned i = 1; i <= LINES; i++) {
        left += fixture->dealt[i];
    }
    assert_int_equal(left, 5000);
}

static void finished_feed_ends_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct feed_stats stats;
    break_off(fixture, UINT32_MAX);
    start(fixture);
    assert_int_equal(compare(fixture), FEED_LINE);
    assert_int_equal(take(fixture, 1), FEED_END);
    feed_stats(fixture->feed, &stats);
    assert_true(stats.is_complete);
    assert_int_equal(stats.dealt, 0);
}

static void checkpoint_says_which_lines_were_skipped(void **state)
{
    struct fixture *fixture = *state;
    struct feed_stats stats;
    char *skipped;
    put_lines(fixture, 1, 35, "w");
    start(fixture);
    take(fixture, UINT32_MAX);
    assert_int_equal(feed_checkpoint(fixture->feed, &fixture->finished, &stats, &skipped),
                     0);
    assert_string_equal(skipped, "10,20,30");
    assert_int_equal(fixture->finished.count, 3);
    free(skipped);
}

static void other_input_is_refused_with_what_differs(void **state)
{
    struct fixture *fixture = *state;
    break_off(fixture, 100);
    put_lines(fixture, 2, LINES, "w");
    refuse(fixture, "its first ");
    put_lines(fixture, 1, 9, "w");
    refuse(fixture, "it ends after 63 bytes, where the run had read ");
    put_lines(fixture, 1, 0, "w");
    refuse(fixture, "it ends after 0 bytes");
    put_lines(fixture, 1, LINES, "w"); /* the right one again */
    start(fixture);
    assert_int_equal(compare(fixture), FEED_LINE);
}

static void input_that_grew_is_refused_only_where_its_end_was_seen(void **state)
{
    struct fixture *fixture = *state;
    break_off(fixture, 10);
    assert_false(fixture->prefix.is_whole); /* the reader waits for room */
    put_lines(fixture, LINES + 1, LINES + 1, "a");
    start(fixture);
    assert_int_equal(compare(fixture), FEED_LINE);
    take(fixture, UINT32_MAX);
    assert_int_equal(fixture->dealt[LINES + 1], 1);

    put_lines(fixture, 1, LINES, "w");
    begin_anew(fixture);
    break_off(fixture, UINT32_MAX);
    assert_true(fixture->prefix.is_whole);
    put_lines(fixture, LINES + 1, LINES + 1, "a");
    refuse(fixture, "it goes on after ");
}

static void lines_that_the_input_lacks_are_refused(void **state)
{
    struct fixture *fixture = *state;
    put_lines(fixture, 1, 1000, "w");
    break_off(fixture, UINT32_MAX);
    assert_int_equal(line_set_add(&fixture->finished, 1001), 1);
    refuse(fixture, "fewer lines");
}

static void finished_lines_count_towards_the_limit(void **state)
{
    struct fixture *fixture = *state;
    struct feed_stats stats;
    fixture->config.max_records = 900;
    break_off(fixture, 100);
    start(fixture);
    assert_int_equal(take(fixture, UINT32_MAX), FEED_END);
    feed_stats(fixture->feed, &stats);
    assert_int_equal(stats.dealt, 800);
    assert_true(stats.is_cut);
    fixture->config.max_records = 50; /* fewer than are finished */
    start(fixture);
    assert_int_equal(compare(fixture), FEED_LINE);
    assert_int_equal(take(fixture, 1), FEED_END);
}

static void feed_that_waits_for_bytes_can_be_stopped(void **state)
{
    struct fixture *fixture = *state;
    int ends[2];
    break_off(fixture, 100);
    assert_int_equal(pipe(ends), 0);
    snprintf(fixture->path + 32, sizeof fixture->path - 32, "/dev/fd/%d", ends[0]);
    feed_close(fixture->feed);
    assert_int_equal(feed_open(&fixture->feed, fixture->path + 32, fixture->error), 0);
    assert_int_equal(feed_start(fixture->feed, &fixture->config, fixture->error), 0);
    assert_int_equal(feed_compare(fixture->feed, 50), FEED_WAIT);
    feed_stop(fixture->feed);
    assert_int_equal(feed_compare(fixture->feed, 50), FEED_END);
    close(ends[0]);
    close(ends[1]);
}

#define FEED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        FEED_TEST(every_line_is_dealt_once_and_not_in_order),
        FEED_TEST(resumed_feed_deals_what_is_left),
        FEED_TEST(feed_may_be_broken_off_again_and_again),
        FEED_TEST(finished_feed_ends_at_once),
        FEED_TEST(checkpoint_says_which_lines_were_skipped),
        FEED_TEST(other_input_is_refused_with_what_differs),
        FEED_TEST(input_that_grew_is_refused_only_where_its_end_was_seen),
        FEED_TEST(lines_that_the_input_lacks_are_refused),
        FEED_TEST(finished_lines_count_towards_the_limit),
        FEED_TEST(feed_that_waits_for_bytes_can_be_stopped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
