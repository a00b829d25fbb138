/* A run in its directory: begun, broken off, resumed; and run.json read back, or refused
 * where it is not what run_publish wrote.
 */
#include "scanner/run.h"

#include "output/publish.h"
#include "scanner/run_json.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define LINES 1000u

struct fixture {
    char root[64], list[96], output[96];
    struct options options;
    struct suffix_list *suffixes;
    struct feed *feed;
    struct sink *sink;
    struct run run;
    struct totals_counts network;
    atomic_int stop;
    char error[RUN_ERROR_LEN];
};

static void put_list(const struct fixture *fixture, unsigned lines)
{
    FILE *file = fopen(fixture->list, "w");
    assert_non_null(file);
    for (unsigned i = 1; i <= lines; i++) {
        fprintf(file, i % 100 == 0 ? "\n" : "d%u.net\n", i);
    }
    fclose(file);
}

static int set_up(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    snprintf(fixture->root, sizeof fixture->root, "/tmp/test_run.XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    snprintf(fixture->list, sizeof fixture->list, "%s/list", fixture->root);
    snprintf(fixture->output, sizeof fixture->output, "%s/out", fixture->root);
    put_list(fixture, LINES);
    fixture->suffixes = suffix_list_open(NULL);
    fixture->options = (struct options){.input_file = fixture->list,
                                        .output = fixture->output,
                                        .shards = 1,
                                        .checks = CHECK_ALL,
                                        .notes = "a note"};
    *state = fixture;
    return 0;
}

static void close_run(struct fixture *fixture)
{
    feed_close(fixture->feed);
    sink_free(fixture->sink);
    run_close(&fixture->run);
    fixture->feed = NULL;
    fixture->sink = NULL;
    fixture->run = (struct run){.options = NULL};
}

static void remove_all(const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        unlinkat(dirfd(list), entry->d_name, 0);
    }
    if (list != NULL) {
        closedir(list);
    }
    rmdir(path);
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    close_run(fixture);
    suffix_list_free(fixture->suffixes);
    remove_all(fixture->output);
    remove_all(fixture->root);
    free(fixture);
    return 0;
}

static int on_rows(void *arg, const void *notes, uint64_t rows)
{
    struct fixture *fixture = arg;
    return run_enter(&fixture->run, notes, rows);
}

static int on_part(void *arg, const struct sink *sink)
{
    struct fixture *fixture = arg;
    (void)sink;
    int rc = run_commit(&fixture->run);
    return rc == 0 ? run_publish(&fixture->run, &fixture->network, NULL) : rc;
}

static enum run_outcome open_run(struct fixture *fixture, bool resume)
{
    struct sink_config config = {.path = fixture->output,
                                 .resume = resume,
                                 .part_rows = 100,
                                 .note_bytes = sizeof(struct totals_note),
                                 .on_rows = on_rows,
                                 .on_part = on_part,
                                 .arg = fixture};
    assert_int_equal(feed_open(&fixture->feed, fixture->list, fixture->error), 0);
    assert_int_equal(sink_open(&fixture->sink, &config, fixture->error), 0);
    fixture->run = (struct run){.options = &fixture->options,
                                .suffixes = fixture->suffixes,
                                .feed = fixture->feed,
                                .sink = fixture->sink};
    fixture->error[0] = '\0';
    return resume ? run_resume(&fixture->run, UINT64_MAX, &fixture->stop, fixture->error)
                  : run_begin(&fixture->run, UINT64_MAX, fixture->error);
}

/* Takes so many lines and writes a record of each. */
static void survey(struct fixture *fixture, unsigned count)
{
    static struct feed_line line;
    enum feed_outcome outcome;
    while (count > 0 && (outcome = feed_take(fixture->feed, &line)) != FEED_END) {
        if (outcome == FEED_WAIT) {
            usleep(1000);
            continue;
        }
        char record[64];
        struct totals_note note;
        uint64_t number = line.line.number;
        int len = snprintf(record, sizeof record, "{\"line\":%u}\n", (unsigned)number);
        totals_note(&note, number, number % 2 ? RECORD_OK : RECORD_PARTIAL, NULL);
        note.codes[1] = number % 2;
        sink_write(fixture->sink, record, (size_t)len, &note);
        count--;
    }
}

static void finish(struct fixture *fixture, const char *reason)
{
    char error[SINK_ERROR_LEN];
    assert_int_equal(sink_finish(fixture->sink, true, error), 0);
    assert_int_equal(run_publish(&fixture->run, &fixture->network, reason), 0);
    close_run(fixture);
}

static char *read_json(const struct fixture *fixture)
{
    char *text = NULL;
    int fd = open(fixture->output, O_RDONLY | O_DIRECTORY);
    assert_int_equal(publish_read(fd, "run.json", &text), 0);
    close(fd);
    return text;
}

static void put_json(const struct fixture *fixture, const char *text)
{
    int fd = open(fixture->output, O_RDONLY | O_DIRECTORY);
    assert_int_equal(publish_text(fd, "run.json", text, strlen(text)), 0);
    close(fd);
}

static void read_well(const struct fixture *fixture, struct checkpoint *checkpoint)
{
    char error[CHECKPOINT_ERROR_LEN] = "";
    char *text = read_json(fixture);
    if (checkpoint_read(checkpoint, text, error) != 0) {
        fail_msg("%s", error);
    }
    free(text);
}

/* 250 records, of which the last 50 never got into a published part. */
static void break_off(struct fixture *fixture)
{
    assert_int_equal(open_run(fixture, false), RUN_GOES_ON);
    assert_int_equal(run_publish(&fixture->run, &fixture->network, NULL), 0);
    survey(fixture, 250);
    char *text;
    for (unsigned i = 0; i < 500; i++) {
        text = read_json(fixture);
        if (strstr(text, "part-0000-00001") != NULL) {
            break;
        }
        free(text);
        usleep(10000);
    }
    /* finishing publishes the third part too: put back what a kill would have left */
    finish(fixture, "interrupted");
    put_json(fixture, text);
    free(text);
}

/* Each counter another value, so that one that is forgotten shows. */
static void fill(void *counters, size_t size)
{
    for (size_t i = 0; i < size / sizeof(uint64_t); i++) {
        ((uint64_t *)counters)[i] = 1000 + i;
    }
}

static void what_is_written_is_read_back(void **state)
{
    struct fixture *fixture = *state;
    struct checkpoint checkpoint;
    assert_int_equal(open_run(fixture, false), RUN_GOES_ON);
    uint64_t seed = fixture->run.seed;
    fill(&fixture->network.dns, sizeof fixture->network.dns);
    fixture->network.dns.cut_off = 0; /* a state, not a count */
    fill(&fixture->network.https, sizeof fixture->network.https);
    latency_add(&fixture->network.dns_latency, 1500);
    latency_add(&fixture->network.dns_latency, 2500000);
    survey(fixture, UINT32_MAX);
    finish(fixture, "complete");
    read_well(fixture, &checkpoint);
    assert_int_equal(checkpoint.seed, seed);
    assert_int_equal(checkpoint.lines, LINES);
    assert_int_equal(checkpoint.records, 990);
    assert_int_equal(checkpoint.skipped.count, 10);
    assert_int_equal(checkpoint.finished.count, LINES);
    assert_int_equal(checkpoint.part_count, 10);
    assert_int_equal(checkpoint.resumed, 0);
    assert_int_equal(checkpoint.counts.records, 990);
    assert_int_equal(checkpoint.counts.by_status[RECORD_OK], 500);
    assert_int_equal(checkpoint.counts.by_code[1][0], 500);
    assert_int_equal(
        checkpoint.counts.by_judgement[2][DEPLOYMENT_NOT_CHECKED][VALIDITY_NONE], 990);
    assert_memory_equal(&checkpoint.counts.dns, &fixture->network.dns,
                        sizeof fixture->network.dns);
    assert_memory_equal(&checkpoint.counts.https, &fixture->network.https,
                        sizeof fixture->network.https);
    assert_memory_equal(&checkpoint.counts.dns_latency, &fixture->network.dns_latency,
                        sizeof fixture->network.dns_latency);
    assert_true(checkpoint.prefix.is_whole);
    assert_true(checkpoint_is_complete(&checkpoint));
    assert_string_equal(checkpoint.notes, "a note");
    assert_false(checkpoint_differs(&checkpoint, &fixture->options, fixture->error));
    checkpoint_close(&checkpoint);
}

static void only_what_is_in_a_part_is_finished(void **state)
{
    struct fixture *fixture = *state;
    struct checkpoint checkpoint;
    break_off(fixture);
    read_well(fixture, &checkpoint);
    assert_int_equal(checkpoint.records, 200);
    assert_int_equal(checkpoint.part_count, 2);
    assert_int_equal(checkpoint.finished.count, 200 + checkpoint.skipped.count);
    assert_int_equal(checkpoint.counts.records, 200);
    assert_null(checkpoint.exit_reason);
    assert_false(checkpoint_is_complete(&checkpoint));
    checkpoint_close(&checkpoint);
}

static void resumed_run_adds_up_with_what_was_before(void **state)
{
    struct fixture *fixture = *state;
    struct checkpoint before, after;
    fixture->network.dns.queries = 100;
    break_off(fixture);
    read_well(fixture, &before);
    fixture->options.notes = NULL;
    assert_int_equal(open_run(fixture, true), RUN_GOES_ON);
    fixture->network.dns.queries = 11;
    survey(fixture, UINT32_MAX);
    finish(fixture, "complete");
    read_well(fixture, &after);
    assert_int_equal(after.seed, before.seed);
    assert_int_equal(after.started_at_ms, before.started_at_ms);
    assert_int_equal(after.resumed, 1);
    assert_int_equal(after.records, 990);
    assert_int_equal(after.counts.by_status[RECORD_OK], 500);
    assert_int_equal(after.counts.dns.queries, 111);
    assert_int_equal(after.part_count, 10);
    assert_string_equal(after.notes, "a note");
    for (size_t i = 0; i < 2; i++) {
        assert_memory_equal(&after.parts[i], &before.parts[i], sizeof after.parts[i]);
    }
    checkpoint_close(&before);
    checkpoint_close(&after);
}

static void complete_run_is_left_alone(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_run(fixture, false), RUN_GOES_ON);
    survey(fixture, UINT32_MAX);
    finish(fixture, "complete");
    char *before = read_json(fixture);
    assert_int_equal(open_run(fixture, true), RUN_IS_COMPLETE);
    close_run(fixture);
    char *after = read_json(fixture);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void resume_of_nothing_begins(void **state)
{
    struct fixture *fixture = *state;
    assert_int_equal(open_run(fixture, true), RUN_GOES_ON);
    survey(fixture, UINT32_MAX);
    finish(fixture, "complete");
    struct checkpoint checkpoint;
    read_well(fixture, &checkpoint);
    assert_int_equal(checkpoint.records, 990);
    assert_int_equal(checkpoint.resumed, 0);
    checkpoint_close(&checkpoint);
}

static void stop_while_the_input_is_compared_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    break_off(fixture);
    char *before = read_json(fixture);
    atomic_store(&fixture->stop, 1);
    assert_int_equal(open_run(fixture, true), RUN_IS_STOPPED);
    close_run(fixture);
    char *after = read_json(fixture);
    assert_string_equal(before, after);
    free(before);
    free(after);
}

static void refuse_resume(struct fixture *fixture, const char *why)
{
    if (open_run(fixture, true) != RUN_IS_REFUSED) {
        fail_msg("resumed, though %s", why);
    }
    if (strstr(fixture->error, why) == NULL) {
        fail_msg("\"%s\" does not say \"%s\"", fixture->error, why);
    }
    close_run(fixture);
}

static void other_settings_are_refused_by_name(void **state)
{
    struct fixture *fixture = *state;
    struct options good = fixture->options;
    break_off(fixture);
    fixture->options.checks = CHECK_MX;
    refuse_resume(fixture, "checks was [\"mx\",\"ns\"");
    fixture->options = good;
    fixture->options.name_servers = "192.0.2.53";
    refuse_resume(fixture, "name_servers was null and is now \"192.0.2.53\"");
    fixture->options = good;
    fixture->options.max_targets = 7;
    refuse_resume(fixture, "max_targets was 0 and is now 7");
    fixture->options = good;
    fixture->options.workers = 3;
    fixture->options.dns_rate = 7;
    fixture->options.max_in_flight = 9;
    fixture->options.part_rows = 11;
    fixture->options.quiet = true;
    fixture->options.contact = "a@b.org";
    assert_int_equal(open_run(fixture, true), RUN_GOES_ON);
}

static void other_input_is_refused(void **state)
{
    struct fixture *fixture = *state;
    break_off(fixture);
    put_list(fixture, LINES - 1);
    refuse_resume(fixture, "the input is not the one that the run began with");
    put_list(fixture, LINES);
    assert_int_equal(open_run(fixture, true), RUN_GOES_ON);
}

/* Each row changes one thing in a good run.json. */
static void file_that_contradicts_itself_is_refused(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *from, *to, *why;
    } rows[] = {
        {"{", "[", "it is no JSON"},
        {"mailcensus-run/1.0", "mailcensus-run/2.0", "schema is not"},
        {"\"records\":200", "\"records\":201", "input.records is not"},
        {"\"records\":200", "\"records\":-200", "records is no whole number"},
        {"\"records\":200", "\"records\":2e2", "records is no whole number"},
        {"\"rows\":100", "\"rows\":99", "input.records is not"},
        {"\"rows\":100", "\"rows\":\"100\"", "rows is no whole number"},
        {"\"finished\":\"", "\"finished\":\"x", "finished is no set of lines"},
        {",900,1000\"", ",900,1001\"", "has lines that are not finished"},
        {"\"skipped\":\"100,", "\"skipped\":\"", "input.skipped is not the number"},
        {"part-0000-00001.", "part-0000-00000.", "is out of order"},
        {"part-0000-00001.", "part-0001-00001.", "is no name of a part of this run"},
        {"part-0000-00001.", "../0000-00001.", "is no name of a part of this run"},
        {"\"sha256\":\"", "\"sha256\":\"x", "sha256 is no SHA-256"},
        {"\"ok\":", "\"ok\":1", "totals.status does not add up"},
        {"\"seed\":", "\"sead\":", "seed is no whole number"},
        {"\"shard\":0", "\"shard\":1", "shard is not below shards"},
        {"\"read_to_end\":true", "\"read_to_end\":1", "is neither true nor false"},
        {"\"started_at\":\"2", "\"started_at\":\"x", "started_at is no time"},
        {"\"buckets\":[]", "\"buckets\":7", "buckets is no array"},
        {"\"parts\":[", "\"parts\":[[],", "file is no text"},
        {"\"configuration\":{", "\"configuration\":7,\"x\":{", "configuration is no"},
    };
    break_off(fixture);
    char *good = read_json(fixture);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *text = malloc(strlen(good) + 100), *at = strstr(good, rows[i].from);
        if (at == NULL) {
            fail_msg("no %s in run.json", rows[i].from);
        }
        sprintf(text, "%.*s%s%s", (int)(at - good), good, rows[i].to,
                at + strlen(rows[i].from));
        put_json(fixture, text);
        refuse_resume(fixture, rows[i].why);
        free(text);
    }
    put_json(fixture, good);
    assert_int_equal(open_run(fixture, true), RUN_GOES_ON);
    free(good);
}

static void part_that_is_gone_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char path[160];
    break_off(fixture);
    snprintf(path, sizeof path, "%s/part-0000-00001.ndjson.zst", fixture->output);
    unlink(path);
    refuse_resume(fixture, "its part part-0000-00001.ndjson.zst is missing");
}

/* The hashes are libxxhash's XXH3_64bits, written down. */
static void shards_are_told_by_the_registrable_domain(void **state)
{
    struct fixture *fixture = *state;
    struct target *target = malloc(sizeof *target);
    static const struct {
        const char *line;
        uint64_t hash;
    } rows[] = {
        {"example.com", UINT64_C(0x8b66107e8045bb73)},
        {" WWW.Example.com. ", UINT64_C(0x8b66107e8045bb73)},
        {"7,a.b.example.com", UINT64_C(0x8b66107e8045bb73)},
        {"a.b.co.uk,tag", UINT64_C(0x56b2620a02c401db)},
        {"co.uk", UINT64_C(0xc859cfac824db58d)},         /* a public suffix: the line */
        {"http://x.net/", UINT64_C(0x67b724d56d7a6c10)}, /* no domain: the line */
        {" 3,co.uk ", UINT64_C(0x4fe7adc58d201c5c)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (uint64_t count = 2; count <= 7; count++) {
            struct input_line line = {
                .number = 1, .text = rows[i].line, .len = strlen(rows[i].line)};
            struct shard shard = {fixture->suffixes, count, rows[i].hash % count, target};
            assert_true(shard_has(&shard, &line));
            shard.index = (shard.index + 1) % count;
            assert_false(shard_has(&shard, &line));
        }
    }
    free(target);
}

#define RUN_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        RUN_TEST(what_is_written_is_read_back),
        RUN_TEST(only_what_is_in_a_part_is_finished),
        RUN_TEST(resumed_run_adds_up_with_what_was_before),
        RUN_TEST(complete_run_is_left_alone),
        RUN_TEST(resume_of_nothing_begins),
        RUN_TEST(stop_while_the_input_is_compared_changes_nothing),
        RUN_TEST(other_settings_are_refused_by_name),
        RUN_TEST(other_input_is_refused),
        RUN_TEST(file_that_contradicts_itself_is_refused),
        RUN_TEST(part_that_is_gone_is_refused),
        RUN_TEST(shards_are_told_by_the_registrable_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
