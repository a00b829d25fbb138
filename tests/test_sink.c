#include "output/sink.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#include "output/digest.h"
#include "output/run_name.h"

#define PATH_LEN 256
#define WRITER_COUNT 4
#define ROWS_EACH 25000

struct fixture {
    char root[64];       /* a directory of the test's own */
    char path[PATH_LEN]; /* its output */
    char error[SINK_ERROR_LEN];
    struct sink_config config;
    struct sink *sink;
};

static void sleep_ms(long ms)
{
    struct timespec span = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};
    nanosleep(&span, NULL);
}

static const char *in_root(const struct fixture *fixture, const char *name)
{
    static _Thread_local char path[PATH_LEN];
    snprintf(path, sizeof(path), "%s/%s", fixture->root, name);
    return path;
}

static int set_up(void **state)
{
    struct fixture *fixture = (struct fixture *)calloc(1, sizeof(*fixture));
    snprintf(fixture->root, sizeof(fixture->root), "/tmp/test_sink.XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    snprintf(fixture->path, sizeof(fixture->path), "%s/out", fixture->root);
    fixture->config = (struct sink_config){.path = fixture->path};
    *state = fixture;
    return 0;
}

static void remove_files(const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;
    while (list && (entry = readdir(list))) {
        unlinkat(dirfd(list), entry->d_name, 0);
        unlinkat(dirfd(list), entry->d_name, AT_REMOVEDIR);
    }
    if (list) {
        closedir(list);
    }
}

static int tear_down(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    sink_free(fixture->sink);
    remove_files(fixture->path);
    remove_files(fixture->root);
    assert_int_equal(rmdir(fixture->root), 0);
    free(fixture);
    return 0;
}

static void put_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static bool exists(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static size_t file_count(const char *path)
{
    size_t count = 0;
    DIR *list = opendir(path);
    assert_non_null(list);
    for (struct dirent *entry; (entry = readdir(list));) {
        count += entry->d_name[0] != '.';
    }
    closedir(list);
    return count;
}

/* The whole file, NUL-terminated, the caller's to free. */
static char *read_whole(const char *path, size_t *len)
{
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    *len = (size_t)ftell(file);
    rewind(file);
    char *bytes = (char *)malloc(*len + 1);
    assert_int_equal(fread(bytes, 1, *len, file), *len);
    bytes[*len] = '\0';
    fclose(file);
    return bytes;
}

/* What one zstd frame with checksum holds; fails unless bytes are exactly that. */
static char *unpack(const char *bytes, size_t len, size_t *text_len)
{
    assert_true(len > 5);
    assert_memory_equal(bytes, "\x28\xb5\x2f\xfd", 4);
    assert_true(bytes[4] & 4); /* RFC 8878 3.1.1.1.1: Content_Checksum_flag */
    assert_int_equal(ZSTD_findFrameCompressedSize(bytes, len), len);
    ZSTD_DCtx *context = ZSTD_createDCtx();
    size_t capacity = 1 << 16;
    char *text = (char *)malloc(capacity);
    ZSTD_inBuffer in = {.src = bytes, .size = len};
    ZSTD_outBuffer out = {.dst = text, .size = capacity - 1};
    size_t left;
    while ((left = ZSTD_decompressStream(context, &out, &in)) != 0) {
        assert_false(ZSTD_isError(left));
        if (out.pos == out.size) {
            capacity *= 2;
            text = (char *)realloc(text, capacity);
            out.dst = text;
            out.size = capacity - 1;
        }
    }
    ZSTD_freeDCtx(context);
    text[out.pos] = '\0';
    *text_len = out.pos;
    return text;
}

static size_t row_count(const char *text)
{
    size_t rows = 0;
    for (; (text = strchr(text, '\n')); text++) {
        rows++;
    }
    return rows;
}

static void open_sink(struct fixture *fixture)
{
    int rc = sink_open(&fixture->sink, &fixture->config, fixture->error);
    if (rc != 0) {
        fail_msg("sink_open: %d %s", rc, fixture->error);
    }
}

static void finish(struct fixture *fixture, bool complete)
{
    int rc = sink_finish(fixture->sink, complete, fixture->error);
    if (rc != 0) {
        fail_msg("sink_finish: %d %s", rc, fixture->error);
    }
}

static void assert_refused(struct fixture *fixture, int rc, const char *why)
{
    assert_int_equal(sink_open(&fixture->sink, &fixture->config, fixture->error), rc);
    assert_null(fixture->sink);
    if (!strstr(fixture->error, why)) {
        fail_msg("\"%s\" does not say \"%s\"", fixture->error, why);
    }
}

static void write_rows(struct sink *sink, size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++) {
        char record[64];
        int len = snprintf(record, sizeof(record), "{\"line\":%zu}\n", i);
        sink_write(sink, record, (size_t)len, NULL);
    }
}

/* The part's file is what its entry says; its text, the caller's to free. */
static char *open_part(const struct fixture *fixture, const struct sink_part *part)
{
    char path[PATH_LEN + 80], hex[DIGEST_HEX_LEN];
    size_t len, text_len;
    struct digest digest;
    snprintf(path, sizeof(path), "%s/%s", fixture->path, part->file);
    char *bytes = read_whole(path, &len);
    assert_int_equal(len, part->bytes);
    assert_int_equal(digest_init(&digest), 0);
    assert_int_equal(digest_add(&digest, bytes, len), 0);
    assert_int_equal(digest_hex(&digest, hex), 0);
    digest_close(&digest);
    assert_string_equal(hex, part->sha256);
    char *text = unpack(bytes, len, &text_len);
    assert_int_equal(row_count(text), part->rows);
    assert_int_equal(text[text_len - 1], '\n');
    free(bytes);
    return text;
}

static void paths_tell_files_from_directories(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        enum sink_kind kind;
    } rows[] = {
        {NULL, SINK_STDOUT},
        {"a.ndjson", SINK_FILE},
        {"x/a.ndjson.zst", SINK_FILE},
        {"a.ndjson.gz", SINK_FILE}, /* refused when it is opened */
        {"results", SINK_DIRECTORY},
        {"results.zst", SINK_DIRECTORY},
        {"ndjson", SINK_DIRECTORY},
        {"a.ndjson/", SINK_DIRECTORY},
        {"a.ndjson/b", SINK_DIRECTORY},
        {"a.ndjsonl", SINK_DIRECTORY},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(sink_kind_of(rows[i].path), rows[i].kind);
    }
}

static void names_of_a_run_are_told_from_foreign_ones(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum run_owner owner;
        uint32_t shard;
    } rows[] = {
        {"run.json", RUN_OWNER_RUN, 0},
        {"run.json.tmp", RUN_OWNER_RUN, 0},
        {"run.lock", RUN_OWNER_RUN, 0},
        {"run-0012.json", RUN_OWNER_SHARD, 12},
        {"run-0012.lock", RUN_OWNER_SHARD, 12},
        {"run-12345.json", RUN_OWNER_SHARD, 12345},
        {"part-0003-00000.ndjson.zst", RUN_OWNER_SHARD, 3},
        {"part-0003-100000.ndjson.zst.part", RUN_OWNER_SHARD, 3},
        {"run", RUN_OWNER_NONE, 0},
        {"run.jsonl", RUN_OWNER_NONE, 0},
        {"run-.json", RUN_OWNER_NONE, 0},
        {"run-1.json", RUN_OWNER_NONE, 0},
        {"run-00012.json", RUN_OWNER_NONE, 0},
        {"run-0001.json.bak", RUN_OWNER_NONE, 0},
        {"runbook.json", RUN_OWNER_NONE, 0},
        {"part-0000-00000.ndjson", RUN_OWNER_NONE, 0},
        {"part-0000-0000.ndjson.zst", RUN_OWNER_NONE, 0},
        {"part-0000-00000.ndjson.zst.bak", RUN_OWNER_NONE, 0},
        {"part-9999999999999999-00000.ndjson.zst", RUN_OWNER_NONE, 0},
        {"part-", RUN_OWNER_NONE, 0},
        {"counterpart-0000-00000.ndjson.zst", RUN_OWNER_NONE, 0},
        {"", RUN_OWNER_NONE, 0},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t shard = 0;
        enum run_owner owner = run_name_owner(rows[i].name, &shard);
        if (owner != rows[i].owner ||
            (owner == RUN_OWNER_SHARD && shard != rows[i].shard)) {
            fail_msg("%s: owner %d shard %u", rows[i].name, (int)owner, shard);
        }
    }
}

static void digest_tells_so_far_and_goes_on(void **state)
{
    (void)state;
    char hex[DIGEST_HEX_LEN];
    struct digest digest;
    assert_int_equal(digest_init(&digest), 0);
    assert_int_equal(digest_hex(&digest, hex), 0);
    assert_string_equal(
        hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    assert_int_equal(digest_add(&digest, "a", 1), 0);
    assert_int_equal(digest_hex(&digest, hex), 0);
    assert_int_equal(digest_add(&digest, "bc", 2), 0);
    assert_int_equal(digest_hex(&digest, hex), 0);
    assert_string_equal(
        hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_close(&digest);
}

/* Called after each part: the list already names it, and run.json can be written. */
struct journal {
    struct sink *sink;
    atomic_size_t calls;
    bool list_was_right, was_published;
};

static int note_part(void *arg, const struct sink *sink)
{
    struct journal *journal = (struct journal *)arg;
    size_t calls = atomic_fetch_add(&journal->calls, 1) + 1;
    journal->list_was_right &= sink_part_count(sink) == calls;
    journal->was_published &= sink_publish(journal->sink, "run.json", "{}\n", 3) == 0;
    return 0;
}

static void part_closes_at_its_row_limit(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct journal journal = {.list_was_right = true, .was_published = true};
    fixture->config.part_rows = 1000;
    fixture->config.part_seconds = 60;
    fixture->config.shard = 7;
    fixture->config.on_part = note_part;
    fixture->config.arg = &journal;
    open_sink(fixture);
    journal.sink = fixture->sink;
    assert_true(exists(in_root(fixture, "out/run.lock")));
    write_rows(fixture->sink, 0, 60001);
    finish(fixture, true);

    assert_int_equal(sink_part_count(fixture->sink), 61);
    assert_int_equal(atomic_load(&journal.calls), 61);
    assert_true(journal.list_was_right);
    assert_true(journal.was_published);
    size_t row = 0;
    for (size_t i = 0; i < 61; i++) {
        const struct sink_part *part = sink_part(fixture->sink, i);
        char name[64], first[32];
        snprintf(name, sizeof(name), "part-0007-%05zu.ndjson.zst", i);
        snprintf(first, sizeof(first), "{\"line\":%zu}\n", row);
        assert_string_equal(part->file, name);
        assert_int_equal(part->rows, i < 60 ? 1000 : 1);
        char *text = open_part(fixture, part);
        assert_memory_equal(text, first, strlen(first));
        free(text);
        row += part->rows;
    }
    sink_free(fixture->sink);
    fixture->sink = NULL;
    assert_int_equal(file_count(fixture->path), 62); /* the parts and run.json */
}

static void part_closes_in_time_though_no_row_follows(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct journal journal = {.list_was_right = true, .was_published = true};
    fixture->config.part_rows = 1000;
    fixture->config.part_seconds = 1;
    fixture->config.on_part = note_part;
    fixture->config.arg = &journal;
    open_sink(fixture);
    journal.sink = fixture->sink;
    for (size_t part = 0; part < 2; part++) {
        write_rows(fixture->sink, 10 * part, 10);
        sleep_ms(700);
        assert_int_equal(atomic_load(&journal.calls), part);
        for (int waited = 0; atomic_load(&journal.calls) == part && waited < 50;
             waited++) {
            sleep_ms(100);
        }
        assert_int_equal(atomic_load(&journal.calls), part + 1);
    }
    finish(fixture, true);
    assert_int_equal(sink_part_count(fixture->sink), 2);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(sink_part(fixture->sink, i)->rows, 10);
        free(open_part(fixture, sink_part(fixture->sink, i)));
    }
}

/* Long before the chunk it waits in is full or has lingered. */
static void part_closes_as_soon_as_its_last_row_is_there(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct journal journal = {.list_was_right = true, .was_published = true};
    fixture->config.part_rows = 10;
    fixture->config.on_part = note_part;
    fixture->config.arg = &journal;
    open_sink(fixture);
    journal.sink = fixture->sink;
    write_rows(fixture->sink, 0, 25);
    for (int waited = 0; atomic_load(&journal.calls) < 2 && waited < 500; waited++) {
        sleep_ms(20);
    }
    assert_int_equal(atomic_load(&journal.calls), 2);
    finish(fixture, true);
    assert_int_equal(sink_part_count(fixture->sink), 3);
}

/* What the notes of each part were. */
struct ledger {
    uint64_t open_sum, open_rows, rows_sum;
    uint64_t sums[64], rows[64];
    atomic_size_t parts;
    int rc;               /* what on_part says */
    pthread_mutex_t held; /* on_part waits for it */
};

static int enter_rows(void *arg, const void *notes, uint64_t rows)
{
    struct ledger *ledger = (struct ledger *)arg;
    const uint64_t(*pairs)[2] = (const uint64_t(*)[2])notes;
    for (uint64_t i = 0; i < rows; i++) {
        assert_int_equal(pairs[i][1], 3 * pairs[i][0]);
        ledger->open_sum += pairs[i][0];
    }
    ledger->open_rows += rows;
    return 0;
}

static int close_part(void *arg, const struct sink *sink)
{
    struct ledger *ledger = (struct ledger *)arg;
    (void)sink;
    pthread_mutex_lock(&ledger->held);
    pthread_mutex_unlock(&ledger->held);
    size_t part = atomic_load(&ledger->parts);
    ledger->sums[part] = ledger->open_sum;
    ledger->rows[part] = ledger->open_rows;
    ledger->open_sum = ledger->open_rows = 0;
    atomic_store(&ledger->parts, part + 1);
    return ledger->rc;
}

static void keep_ledger(struct fixture *fixture, struct ledger *ledger)
{
    pthread_mutex_init(&ledger->held, NULL);
    fixture->config.note_bytes = 2 * sizeof(uint64_t);
    fixture->config.on_rows = enter_rows;
    fixture->config.on_part = close_part;
    fixture->config.arg = ledger;
}

static void write_noted_rows(struct sink *sink, uint64_t first, uint64_t count)
{
    for (uint64_t i = first; i < first + count; i++) {
        char record[2048];
        uint64_t note[2] = {i, 3 * i};
        int len =
            snprintf(record, sizeof(record), "{\"line\":%" PRIu64 ",\"text\":\"%*s\"}\n",
                     i, (int)(i * 37 % 1900), "");
        sink_write(sink, record, (size_t)len, note);
    }
}

static uint64_t sum_of_lines(const char *text)
{
    uint64_t sum = 0;
    for (; *text != '\0'; text = strchr(text, '\n') + 1) {
        sum += strtoull(text + strlen("{\"line\":"), NULL, 10);
    }
    return sum;
}

static void notes_come_back_with_the_part_of_their_record(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct ledger ledger = {0};
    fixture->config.part_rows = 333;
    keep_ledger(fixture, &ledger);
    open_sink(fixture);
    write_noted_rows(fixture->sink, 1, 10000);
    finish(fixture, true);
    assert_int_equal(atomic_load(&ledger.parts), 31);
    for (size_t i = 0; i < 31; i++) {
        const struct sink_part *part = sink_part(fixture->sink, i);
        char *text = open_part(fixture, part);
        assert_int_equal(ledger.rows[i], part->rows);
        assert_int_equal(ledger.sums[i], sum_of_lines(text));
        free(text);
    }
}

static void sink_is_full_while_a_whole_part_is_not_published(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct ledger ledger = {0};
    fixture->config.part_rows = 100;
    keep_ledger(fixture, &ledger);
    open_sink(fixture);
    pthread_mutex_lock(&ledger.held);
    write_noted_rows(fixture->sink, 1, 99);
    assert_false(sink_is_full(fixture->sink));
    write_noted_rows(fixture->sink, 100, 1);
    sleep_ms(200); /* the writer has done what it can */
    assert_true(sink_is_full(fixture->sink));
    pthread_mutex_unlock(&ledger.held);
    for (int waited = 0; sink_is_full(fixture->sink) && waited < 500; waited++) {
        sleep_ms(20);
    }
    assert_false(sink_is_full(fixture->sink));
    finish(fixture, true);
}

static void checkpoint_that_cannot_be_written_ends_the_run(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct ledger ledger = {.rc = -ENOSPC};
    fixture->config.part_rows = 100;
    keep_ledger(fixture, &ledger);
    open_sink(fixture);
    write_noted_rows(fixture->sink, 1, 250);
    assert_int_equal(sink_finish(fixture->sink, true, fixture->error), -ENOSPC);
    assert_non_null(strstr(fixture->error, "out/run.json: No space left"));
    assert_int_equal(sink_part_count(fixture->sink), 1);
    free(open_part(fixture, sink_part(fixture->sink, 0)));
    assert_int_equal(file_count(fixture->path), 2); /* the part and the lock */
}

/* A run of three parts that was broken off in the fourth. */
static size_t break_off(struct fixture *fixture, struct sink_part parts[3])
{
    fixture->config.part_rows = 10;
    open_sink(fixture);
    write_rows(fixture->sink, 0, 30);
    finish(fixture, false);
    for (size_t i = 0; i < 3; i++) {
        parts[i] = *sink_part(fixture->sink, i);
    }
    assert_int_equal(sink_publish(fixture->sink, "run.json", "{}\n", 3), 0);
    sink_free(fixture->sink);
    fixture->sink = NULL;
    put_file(in_root(fixture, "out/part-0000-00003.ndjson.zst"), "not in run.json");
    put_file(in_root(fixture, "out/part-0000-00004.ndjson.zst.part"), "half");
    put_file(in_root(fixture, "out/run.json.tmp"), "{");
    put_file(in_root(fixture, "out/notes.txt"), "mine");
    fixture->config.resume = true;
    return file_count(fixture->path);
}

static void resumed_run_keeps_its_parts_and_counts_on(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct sink_part parts[3];
    char *text = NULL;
    break_off(fixture, parts);
    open_sink(fixture);
    assert_int_equal(sink_read(fixture->sink, "run.json", &text), 0);
    assert_string_equal(text, "{}\n");
    free(text);
    assert_int_equal(sink_resume(fixture->sink, parts, 3, fixture->error), 0);
    assert_int_equal(file_count(fixture->path), 6); /* parts, run.json, notes, lock */
    write_rows(fixture->sink, 30, 15);
    finish(fixture, true);
    assert_int_equal(sink_part_count(fixture->sink), 5);
    for (size_t i = 0; i < 5; i++) {
        char name[64];
        snprintf(name, sizeof(name), "part-0000-%05zu.ndjson.zst", i);
        assert_string_equal(sink_part(fixture->sink, i)->file, name);
        free(open_part(fixture, sink_part(fixture->sink, i)));
    }
}

static void resume_refuses_parts_that_are_gone_or_changed(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct sink_part parts[3];
    size_t count = break_off(fixture, parts);
    open_sink(fixture);
    parts[1].bytes++;
    assert_int_equal(sink_resume(fixture->sink, parts, 3, fixture->error), -EIO);
    assert_non_null(strstr(fixture->error, "part-0000-00001.ndjson.zst has"));
    sink_free(fixture->sink);
    parts[1].bytes--;
    unlink(in_root(fixture, "out/part-0000-00001.ndjson.zst"));
    open_sink(fixture);
    assert_int_equal(sink_resume(fixture->sink, parts, 3, fixture->error), -ENOENT);
    assert_non_null(strstr(fixture->error, "part-0000-00001.ndjson.zst is missing"));
    sink_free(fixture->sink);
    fixture->sink = NULL;
    assert_int_equal(file_count(fixture->path), count - 1); /* nothing was removed */
}

static void resume_without_a_checkpoint_touches_no_part(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct sink_part parts[3];
    char *text = NULL;
    size_t count = break_off(fixture, parts);
    unlink(in_root(fixture, "out/run.json"));
    open_sink(fixture);
    assert_int_equal(sink_read(fixture->sink, "run.json", &text), -ENOENT);
    assert_int_equal(sink_resume(fixture->sink, NULL, 0, fixture->error), -ENOENT);
    assert_non_null(strstr(fixture->error, "but no run.json"));
    sink_free(fixture->sink);
    fixture->sink = NULL;
    assert_int_equal(file_count(fixture->path), count - 1);
}

static void resume_of_what_had_hardly_begun_begins(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    fixture->config.resume = true;
    assert_int_equal(mkdir(fixture->path, 0777), 0);
    put_file(in_root(fixture, "out/run.lock"), "");
    put_file(in_root(fixture, "out/run.json.tmp"), "{");
    open_sink(fixture);
    assert_int_equal(sink_resume(fixture->sink, NULL, 0, fixture->error), 0);
    write_rows(fixture->sink, 0, 5);
    finish(fixture, true);
    assert_string_equal(sink_part(fixture->sink, 0)->file, "part-0000-00000.ndjson.zst");
    assert_int_equal(file_count(fixture->path), 2);
}

static void part_is_not_visible_before_it_is_whole(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    open_sink(fixture); /* no limit of rows or time */
    write_rows(fixture->sink, 0, 40000);
    for (int waited = 0; waited < 50; waited++) {
        if (exists(in_root(fixture, "out/part-0000-00000.ndjson.zst.part"))) {
            break;
        }
        sleep_ms(20);
    }
    assert_true(exists(in_root(fixture, "out/part-0000-00000.ndjson.zst.part")));
    assert_false(exists(in_root(fixture, "out/part-0000-00000.ndjson.zst")));
    finish(fixture, false); /* interrupted: what is written is still good */
    assert_false(exists(in_root(fixture, "out/part-0000-00000.ndjson.zst.part")));
    assert_int_equal(sink_part_count(fixture->sink), 1);
    assert_int_equal(sink_part(fixture->sink, 0)->rows, 40000);
    free(open_part(fixture, sink_part(fixture->sink, 0)));
}

static void run_without_rows_has_no_parts(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    fixture->config.part_seconds = 1;
    open_sink(fixture);
    finish(fixture, true);
    assert_int_equal(sink_part_count(fixture->sink), 0);
    sink_free(fixture->sink);
    fixture->sink = NULL;
    assert_int_equal(file_count(fixture->path), 0);
}

static void record_longer_than_a_chunk_is_written_whole(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t len = 1000000;
    char *record = (char *)malloc(len);
    memset(record, 'x', len);
    record[len - 1] = '\n';
    open_sink(fixture);
    write_rows(fixture->sink, 0, 1);
    sink_write(fixture->sink, record, len, NULL);
    write_rows(fixture->sink, 1, 1);
    finish(fixture, true);
    char *text = open_part(fixture, sink_part(fixture->sink, 0));
    assert_int_equal(strlen(text), 11 + len + 11);
    assert_memory_equal(text + 11, record, len);
    free(text);
    free(record);
}

static void directory_in_use_is_refused(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static const struct {
        const char *name;
        const char *why; /* NULL = it may be used */
    } rows[] = {
        {"run.json", "already holds a run (run.json)"},
        {"run.lock", "already holds a run (run.lock)"},
        {"run-0003.json", "already holds a run (run-0003.json)"},
        {"part-0000-00000.ndjson.zst", "already holds a run (part-0000-"},
        {"part-0000-00000.ndjson.zst.part", "already holds a run (part-0000-"},
        {"notes.txt", "is not empty and no run (it holds notes.txt)"},
        {".hidden", "is not empty and no run (it holds .hidden)"},
        {"runbook.json", "is not empty and no run (it holds runbook.json)"},
        {"lost+found", NULL},
    };
    assert_int_equal(mkdir(fixture->path, 0777), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char path[PATH_LEN + 64];
        snprintf(path, sizeof(path), "%s/%s", fixture->path, rows[i].name);
        put_file(path, "mine");
        if (rows[i].why) {
            assert_refused(fixture, -EEXIST, rows[i].why);
        } else {
            open_sink(fixture);
            sink_free(fixture->sink);
            fixture->sink = NULL;
        }
        assert_int_equal(file_count(fixture->path), rows[i].name[0] != '.');
        assert_int_equal(unlink(path), 0);
    }
}

static void force_removes_only_what_a_run_wrote(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static const struct {
        const char *name;
        bool stays;
    } rows[] = {
        {"run.json", false},
        {"run.json.tmp", false},
        {"run-0001.json", false},
        {"part-0000-00007.ndjson.zst", false},
        {"part-0001-00000.ndjson.zst.part", false},
        {"notes.txt", true},
        {"runbook.json", true},
        {"part-0000-00007.ndjson.zst.bak", true},
        {"part-one.ndjson.zst", true},
        {"x.tmp", true},
    };
    char path[PATH_LEN + 64];
    assert_int_equal(mkdir(fixture->path, 0777), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->path, rows[i].name);
        put_file(path, "mine");
    }
    fixture->config.force = true;
    open_sink(fixture);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(path, sizeof(path), "%s/%s", fixture->path, rows[i].name);
        if (exists(path) != rows[i].stays) {
            fail_msg("%s", rows[i].name);
        }
    }
    write_rows(fixture->sink, 0, 3);
    finish(fixture, true);
    free(open_part(fixture, sink_part(fixture->sink, 0)));
}

static void shards_share_a_directory_without_harm(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct sink *first = NULL;
    fixture->config.shards = 4;
    assert_int_equal(sink_open(&first, &fixture->config, fixture->error), 0);
    write_rows(first, 0, 5);
    assert_int_equal(sink_publish(first, "run-0000.json", "{}\n", 3), 0);
    assert_int_equal(sink_publish(first, "run-0001.json", "{}\n", 3), -EINVAL);
    assert_int_equal(sink_publish(first, "run.json", "{}\n", 3), -EINVAL);

    fixture->config.shard = 1;
    open_sink(fixture);
    write_rows(fixture->sink, 5, 5);
    finish(fixture, true);
    sink_free(fixture->sink);
    fixture->sink = NULL;
    assert_refused(fixture, -EEXIST, "already holds a run (part-0001-00000.ndjson.zst)");
    fixture->config.force = true;
    open_sink(fixture);
    assert_int_equal(sink_finish(first, true, fixture->error), 0);
    sink_free(first);
    assert_true(exists(in_root(fixture, "out/part-0000-00000.ndjson.zst")));
    assert_true(exists(in_root(fixture, "out/run-0000.json")));
    assert_false(exists(in_root(fixture, "out/part-0001-00000.ndjson.zst")));
    sink_free(fixture->sink);
    fixture->sink = NULL;

    fixture->config.force = false;
    fixture->config.shard = 0;
    fixture->config.shards = 1;
    assert_refused(fixture, -EEXIST, "already holds a run");
}

static void twin_is_kept_out_even_by_force(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static const char *const names[] = {"out", "out.ndjson"};
    for (size_t i = 0; i < 2; i++) {
        struct sink *first = NULL;
        snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->root, names[i]);
        fixture->config.force = true;
        assert_int_equal(sink_open(&first, &fixture->config, fixture->error), 0);
        assert_refused(fixture, -EBUSY, "another mailcensus is writing");
        assert_int_equal(sink_finish(first, true, fixture->error), 0);
        sink_free(first);
        open_sink(fixture);
        sink_free(fixture->sink);
        fixture->sink = NULL;
    }
    snprintf(fixture->path, sizeof(fixture->path), "%s/out", fixture->root);
}

static void path_that_cannot_be_made_is_told(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static const struct {
        const char *name;
        int rc;
        const char *why;
    } rows[] = {
        {"missing/out", -ENOENT, "missing/: No such file or directory"},
        {"missing/out/", -ENOENT, "missing/: No such file or directory"},
        {"missing/out.ndjson", -ENOENT, "missing/: No such file or directory"},
        {"plain", -ENOTDIR, "plain: Not a directory"},
        {"plain/out", -ENOTDIR, "plain/out: Not a directory"},
        {"plain/out.ndjson", -ENOTDIR, "plain/: Not a directory"},
        {"out.ndjson.gz", -EINVAL, "a file ends in .ndjson or .ndjson.zst"},
        {"dir.ndjson", -EISDIR, "it is a directory"},
        {"there.ndjson", -EEXIST, "there.ndjson exists already: use --force"},
        {"link.ndjson.zst", -EEXIST, "link.ndjson.zst exists already: use --force"},
    };
    put_file(in_root(fixture, "plain"), "");
    put_file(in_root(fixture, "there.ndjson"), "old\n");
    assert_int_equal(mkdir(in_root(fixture, "dir.ndjson"), 0777), 0);
    assert_int_equal(symlink("nowhere", in_root(fixture, "link.ndjson.zst")), 0);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->root,
                 rows[i].name);
        assert_refused(fixture, rows[i].rc, rows[i].why);
    }
    fixture->config.path = "";
    assert_refused(fixture, -EINVAL, "empty");
    assert_int_equal(file_count(fixture->root), 4);
}

static void single_file_appears_when_complete(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static const char *const names[] = {"a.ndjson", "a.ndjson.zst"};
    for (size_t i = 0; i < 2; i++) {
        size_t len, text_len = 0;
        snprintf(fixture->path, sizeof(fixture->path), "%s/%s", fixture->root, names[i]);
        open_sink(fixture);
        write_rows(fixture->sink, 0, 3);
        assert_int_equal(sink_publish(fixture->sink, "run.json", "{}", 2), -EINVAL);
        assert_false(exists(fixture->path));
        finish(fixture, true);
        assert_int_equal(sink_part_count(fixture->sink), 0);
        char *bytes = read_whole(fixture->path, &len);
        char *text = i == 0 ? strdup(bytes) : unpack(bytes, len, &text_len);
        assert_string_equal(text, "{\"line\":0}\n{\"line\":1}\n{\"line\":2}\n");
        free(text);
        free(bytes);
        sink_free(fixture->sink);
        fixture->sink = NULL;
        assert_int_equal(file_count(fixture->root), i + 1);
    }
}

static void single_file_does_not_appear_when_incomplete(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    snprintf(fixture->path, sizeof(fixture->path), "%s/a.ndjson.zst", fixture->root);
    open_sink(fixture);
    write_rows(fixture->sink, 0, 3);
    finish(fixture, false);
    assert_int_equal(file_count(fixture->root), 0);
}

static void force_keeps_the_old_file_until_the_new_is_complete(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t len;
    snprintf(fixture->path, sizeof(fixture->path), "%s/a.ndjson", fixture->root);
    put_file(fixture->path, "old\n");
    put_file(in_root(fixture, "a.ndjson.part"), "what a crash left");
    fixture->config.force = true;
    for (int complete = 0; complete <= 1; complete++) {
        open_sink(fixture);
        write_rows(fixture->sink, 0, 1);
        finish(fixture, complete);
        sink_free(fixture->sink);
        fixture->sink = NULL;
        char *bytes = read_whole(fixture->path, &len);
        assert_string_equal(bytes, complete ? "{\"line\":0}\n" : "old\n");
        free(bytes);
        assert_int_equal(file_count(fixture->root), 1);
    }
}

static void file_that_appeared_meanwhile_is_not_overwritten(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t len;
    snprintf(fixture->path, sizeof(fixture->path), "%s/a.ndjson", fixture->root);
    open_sink(fixture);
    write_rows(fixture->sink, 0, 1);
    put_file(fixture->path, "theirs\n");
    assert_int_equal(sink_finish(fixture->sink, true, fixture->error), -EEXIST);
    char *bytes = read_whole(fixture->path, &len);
    assert_string_equal(bytes, "theirs\n");
    free(bytes);
    bytes = read_whole(in_root(fixture, "a.ndjson.part"), &len);
    assert_string_equal(bytes, "{\"line\":0}\n");
    free(bytes);
}

/* Standard output of the test is replaced while a sink writes to it. */
static int borrow_stdout(int fd)
{
    fflush(stdout);
    int saved = dup(STDOUT_FILENO);
    assert_true(saved >= 0);
    assert_int_equal(dup2(fd, STDOUT_FILENO), STDOUT_FILENO);
    return saved;
}

static void give_back_stdout(int saved)
{
    assert_int_equal(dup2(saved, STDOUT_FILENO), STDOUT_FILENO);
    close(saved);
}

static void stdout_gets_each_record_at_once(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    int ends[2];
    char text[64] = {0};
    assert_int_equal(pipe(ends), 0);
    int saved = borrow_stdout(ends[1]);
    fixture->config.path = NULL;
    int opened = sink_open(&fixture->sink, &fixture->config, fixture->error);
    ssize_t first = 0, second = 0;
    if (opened == 0) {
        write_rows(fixture->sink, 1, 1);
        first = read(ends[0], text, sizeof(text));
        write_rows(fixture->sink, 2, 1);
        second = read(ends[0], text + 11, sizeof(text) - 11);
    }
    int finished = sink_finish(fixture->sink, true, fixture->error);
    give_back_stdout(saved);
    assert_int_equal(finished, 0);
    assert_int_equal(first, 11);
    assert_int_equal(second, 11);
    assert_string_equal(text, "{\"line\":1}\n{\"line\":2}\n");
    close(ends[0]);
    close(ends[1]);
}

struct drain {
    int fd;
    char *bytes;
    size_t len, capacity;
};

static void *drain_slowly(void *arg)
{
    struct drain *drain = (struct drain *)arg;
    ssize_t got;
    sleep_ms(100); /* so that the pipe fills up and writes are partial */
    while ((got = read(drain->fd, drain->bytes + drain->len,
                       drain->capacity - drain->len)) > 0) {
        drain->len += (size_t)got;
    }
    return NULL;
}

/* All rows through a pipe that is non-blocking on our side. */
static char *through_pipe(struct fixture *fixture, size_t rows, bool compress,
                          size_t *len)
{
    int ends[2];
    struct drain drain = {.capacity = rows * 20 + 1};
    pthread_t reader;
    assert_int_equal(pipe2(ends, O_NONBLOCK), 0);
    fcntl(ends[0], F_SETFL, 0);
    drain.fd = ends[0];
    drain.bytes = (char *)calloc(1, drain.capacity);
    assert_int_equal(pthread_create(&reader, NULL, drain_slowly, &drain), 0);
    int saved = borrow_stdout(ends[1]);
    fixture->config.path = NULL;
    fixture->config.compress = compress;
    int opened = sink_open(&fixture->sink, &fixture->config, fixture->error);
    if (opened == 0) {
        write_rows(fixture->sink, 0, rows);
    }
    int finished = sink_finish(fixture->sink, true, fixture->error);
    give_back_stdout(saved);
    close(ends[1]);
    pthread_join(reader, NULL);
    close(ends[0]);
    assert_int_equal(finished, 0);
    *len = drain.len;
    return drain.bytes;
}

static void stdout_that_would_block_gets_everything(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t len;
    char *text = through_pipe(fixture, 50000, false, &len);
    assert_int_equal(row_count(text), 50000);
    assert_string_equal(text + len - 15, "{\"line\":49999}\n");
    free(text);
}

static void compressed_stdout_is_one_frame(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t len, text_len;
    char *bytes = through_pipe(fixture, 50000, true, &len);
    char *text = unpack(bytes, len, &text_len);
    assert_int_equal(row_count(text), 50000);
    free(text);
    free(bytes);
}

static void compressed_stdout_is_flushed_within_seconds(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    int ends[2];
    char bytes[256], text[256] = {0};
    assert_int_equal(pipe(ends), 0);
    int saved = borrow_stdout(ends[1]);
    fixture->config.path = NULL;
    fixture->config.compress = true;
    int opened = sink_open(&fixture->sink, &fixture->config, fixture->error);
    ssize_t got = 0;
    if (opened == 0) {
        write_rows(fixture->sink, 1, 1);
        got = read(ends[0], bytes, sizeof(bytes));
    }
    int finished = sink_finish(fixture->sink, true, fixture->error);
    give_back_stdout(saved);
    assert_int_equal(finished, 0);
    ZSTD_DCtx *context = ZSTD_createDCtx();
    ZSTD_inBuffer in = {.src = bytes, .size = (size_t)got};
    ZSTD_outBuffer out = {.dst = text, .size = sizeof(text)};
    assert_false(ZSTD_isError(ZSTD_decompressStream(context, &out, &in)));
    ZSTD_freeDCtx(context);
    assert_string_equal(text, "{\"line\":1}\n");
    close(ends[0]);
    close(ends[1]);
}

static void wait_for_failure(const struct sink *sink)
{
    for (int waited = 0; waited < 100 && !sink_has_failed(sink); waited++) {
        sleep_ms(20);
    }
}

static void assert_stdout_fails(struct fixture *fixture, int fd, int rc, const char *why)
{
    int saved = borrow_stdout(fd);
    fixture->config.path = NULL;
    int opened = sink_open(&fixture->sink, &fixture->config, fixture->error);
    bool has_failed = false, is_full = true;
    if (opened == 0) {
        write_rows(fixture->sink, 0, 10);
        wait_for_failure(fixture->sink);
        has_failed = sink_has_failed(fixture->sink);
        write_rows(fixture->sink, 0, 1000000); /* dropped: must not pile up */
        is_full = sink_is_full(fixture->sink);
    }
    int finished = sink_finish(fixture->sink, true, fixture->error);
    give_back_stdout(saved);
    assert_true(has_failed);
    assert_false(is_full);
    assert_int_equal(finished, rc);
    assert_string_equal(fixture->error, why);
}

static void closed_pipe_is_an_error_not_a_death(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    int ends[2];
    signal(SIGPIPE, SIG_DFL);
    assert_int_equal(pipe(ends), 0);
    close(ends[0]);
    assert_stdout_fails(fixture, ends[1], -EPIPE,
                        "cannot write standard output: Broken pipe");
    close(ends[1]);
}

static void full_device_is_an_error(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    int fd = open("/dev/full", O_WRONLY);
    assert_true(fd >= 0);
    assert_stdout_fails(fixture, fd, -ENOSPC,
                        "cannot write standard output: No space left on device");
    close(fd);
}

static void error_in_a_part_removes_it_and_keeps_the_earlier(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    fixture->config.part_rows = 100;
    open_sink(fixture);
    write_rows(fixture->sink, 0, 100);
    limit = (struct rlimit){.rlim_cur = 4096, .rlim_max = before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limit);
    unsigned seed = 1;
    for (int i = 0; i < 1000; i++) { /* noise, which does not compress */
        char record[1000];
        for (size_t k = 0; k < sizeof(record) - 1; k++) {
            seed = seed * 1664525u + 1013904223u;
            record[k] = (char)(' ' + (seed >> 24) % 90);
        }
        record[sizeof(record) - 1] = '\n';
        sink_write(fixture->sink, record, sizeof(record), NULL);
    }
    int rc = sink_finish(fixture->sink, true, fixture->error);
    setrlimit(RLIMIT_FSIZE, &before);
    assert_int_equal(rc, -EFBIG);
    assert_true(sink_has_failed(fixture->sink));
    assert_non_null(strstr(fixture->error, "out/part-0000-00001.ndjson.zst"));
    assert_non_null(strstr(fixture->error, ": File too large"));
    assert_int_equal(sink_part_count(fixture->sink), 1);
    free(open_part(fixture, sink_part(fixture->sink, 0)));
    assert_false(exists(in_root(fixture, "out/part-0000-00001.ndjson.zst.part")));
}

struct producer {
    struct sink *sink;
    int number;
};

static void *produce(void *arg)
{
    struct producer *producer = (struct producer *)arg;
    for (int i = 0; i < ROWS_EACH; i++) {
        char record[400];
        int len = snprintf(record, sizeof(record), "%d %d %0*d\n", producer->number, i,
                           1 + (i * 7919) % 300, i);
        while (sink_is_full(producer->sink)) {
            sleep_ms(1);
        }
        sink_write(producer->sink, record, (size_t)len, NULL);
    }
    return NULL;
}

/* Counts each row of a part once; a torn one does not scan. */
static void count_rows(const char *text, unsigned char seen[WRITER_COUNT][ROWS_EACH])
{
    while (*text) {
        int number, row, last, taken = 0;
        assert_int_equal(sscanf(text, "%d %d %d%n", &number, &row, &last, &taken), 3);
        assert_true(number >= 0 && number < WRITER_COUNT && row >= 0 && row < ROWS_EACH);
        assert_int_equal(row, last);
        assert_int_equal(text[taken], '\n');
        seen[number][row]++;
        text += taken + 1;
    }
}

static void threads_lose_double_and_tear_nothing(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static unsigned char seen[WRITER_COUNT][ROWS_EACH];
    struct producer producers[WRITER_COUNT];
    pthread_t threads[WRITER_COUNT];
    fixture->config.part_rows = 7777;
    fixture->config.part_seconds = 1;
    open_sink(fixture);
    for (int i = 0; i < WRITER_COUNT; i++) {
        producers[i] = (struct producer){.sink = fixture->sink, .number = i};
        assert_int_equal(pthread_create(&threads[i], NULL, produce, &producers[i]), 0);
    }
    for (int i = 0; i < WRITER_COUNT; i++) {
        pthread_join(threads[i], NULL);
    }
    finish(fixture, true);
    assert_true(sink_part_count(fixture->sink) >= 13);
    for (size_t i = 0; i < sink_part_count(fixture->sink); i++) {
        assert_true(sink_part(fixture->sink, i)->rows <= 7777);
        char *text = open_part(fixture, sink_part(fixture->sink, i));
        count_rows(text, seen);
        free(text);
    }
    for (int i = 0; i < WRITER_COUNT; i++) {
        for (int row = 0; row < ROWS_EACH; row++) {
            assert_int_equal(seen[i][row], 1);
        }
    }
}

static void sink_is_full_while_the_writer_is_held_up(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    int ends[2];
    struct drain drain = {.capacity = 16 << 20};
    pthread_t reader;
    static char record[65536];
    memset(record, 'x', sizeof(record));
    record[sizeof(record) - 1] = '\n';
    assert_int_equal(pipe(ends), 0);
    int saved = borrow_stdout(ends[1]);
    fixture->config.path = NULL;
    int opened = sink_open(&fixture->sink, &fixture->config, fixture->error);
    bool early = true, late = false;
    if (opened == 0) {
        for (int i = 0; i < 128; i++) {
            sink_write(fixture->sink, record, sizeof(record), NULL);
        }
        early = sink_is_full(fixture->sink); /* 8 MiB, not more */
        for (int i = 0; i < 16; i++) {
            sink_write(fixture->sink, record, sizeof(record), NULL);
        }
        late = sink_is_full(fixture->sink);
    }
    drain.fd = ends[0];
    drain.bytes = (char *)malloc(drain.capacity);
    pthread_create(&reader, NULL, drain_slowly, &drain);
    int finished = sink_finish(fixture->sink, true, fixture->error);
    give_back_stdout(saved);
    close(ends[1]);
    pthread_join(reader, NULL);
    close(ends[0]);
    free(drain.bytes);
    assert_int_equal(finished, 0);
    assert_false(early);
    assert_true(late);
    assert_false(sink_is_full(fixture->sink));
    assert_int_equal(drain.len, 144 * sizeof(record));
}

struct publisher {
    struct sink *sink;
    char letter;
    int failures;
};

static void *publish_often(void *arg)
{
    struct publisher *publisher = (struct publisher *)arg;
    char text[20000];
    for (int i = 0; i < 100; i++) {
        size_t len = 10000 + (size_t)i * 100;
        memset(text, publisher->letter, len);
        text[len - 1] = '\n';
        publisher->failures += sink_publish(publisher->sink, "run.json", text, len) != 0;
    }
    return NULL;
}

static void published_file_is_never_seen_torn(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct publisher publishers[2];
    pthread_t threads[2];
    open_sink(fixture);
    assert_int_equal(sink_publish(fixture->sink, "run.json", "aa\n", 3), 0);
    for (int i = 0; i < 2; i++) {
        publishers[i] =
            (struct publisher){.sink = fixture->sink, .letter = (char)('a' + i)};
        assert_int_equal(pthread_create(&threads[i], NULL, publish_often, &publishers[i]),
                         0);
    }
    for (int i = 0; i < 300; i++) {
        size_t len;
        char *bytes = read_whole(in_root(fixture, "out/run.json"), &len);
        assert_int_equal(strspn(bytes, (char[2]){bytes[0]}), len - 1);
        assert_int_equal(bytes[len - 1], '\n');
        free(bytes);
    }
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(publishers[i].failures, 0);
    }
    finish(fixture, true);
    assert_int_equal(sink_publish(fixture->sink, "run.json", "{}\n", 3), 0);
    assert_false(exists(in_root(fixture, "out/run.json.tmp")));
}

static void only_names_of_a_run_are_published(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    static const char *const names[] = {"notes.txt",   "run.lock", "run.json.tmp",
                                        "../run.json", "",         "run-0000.json"};
    open_sink(fixture);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        assert_int_equal(sink_publish(fixture->sink, names[i], "{}", 2), -EINVAL);
    }
}

static void libraries_are_named_with_versions(void **state)
{
    (void)state;
    assert_memory_equal(output_libraries(), "zstd 1.", 7);
    assert_non_null(strstr(output_libraries(), ", OpenSSL 3."));
}

#define SINK_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(paths_tell_files_from_directories),
        cmocka_unit_test(names_of_a_run_are_told_from_foreign_ones),
        cmocka_unit_test(digest_tells_so_far_and_goes_on),
        SINK_TEST(part_closes_at_its_row_limit),
        SINK_TEST(part_closes_in_time_though_no_row_follows),
        SINK_TEST(part_closes_as_soon_as_its_last_row_is_there),
        SINK_TEST(notes_come_back_with_the_part_of_their_record),
        SINK_TEST(sink_is_full_while_a_whole_part_is_not_published),
        SINK_TEST(checkpoint_that_cannot_be_written_ends_the_run),
        SINK_TEST(resumed_run_keeps_its_parts_and_counts_on),
        SINK_TEST(resume_refuses_parts_that_are_gone_or_changed),
        SINK_TEST(resume_without_a_checkpoint_touches_no_part),
        SINK_TEST(resume_of_what_had_hardly_begun_begins),
        SINK_TEST(part_is_not_visible_before_it_is_whole),
        SINK_TEST(run_without_rows_has_no_parts),
        SINK_TEST(record_longer_than_a_chunk_is_written_whole),
        SINK_TEST(directory_in_use_is_refused),
        SINK_TEST(force_removes_only_what_a_run_wrote),
        SINK_TEST(shards_share_a_directory_without_harm),
        SINK_TEST(twin_is_kept_out_even_by_force),
        SINK_TEST(path_that_cannot_be_made_is_told),
        SINK_TEST(single_file_appears_when_complete),
        SINK_TEST(single_file_does_not_appear_when_incomplete),
        SINK_TEST(force_keeps_the_old_file_until_the_new_is_complete),
        SINK_TEST(file_that_appeared_meanwhile_is_not_overwritten),
        SINK_TEST(stdout_gets_each_record_at_once),
        SINK_TEST(stdout_that_would_block_gets_everything),
        SINK_TEST(compressed_stdout_is_one_frame),
        SINK_TEST(compressed_stdout_is_flushed_within_seconds),
        SINK_TEST(closed_pipe_is_an_error_not_a_death),
        SINK_TEST(full_device_is_an_error),
        SINK_TEST(error_in_a_part_removes_it_and_keeps_the_earlier),
        SINK_TEST(threads_lose_double_and_tear_nothing),
        SINK_TEST(sink_is_full_while_the_writer_is_held_up),
        SINK_TEST(published_file_is_never_seen_torn),
        SINK_TEST(only_names_of_a_run_are_published),
        cmocka_unit_test(libraries_are_named_with_versions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
