/* Parts read back: what is one zstd frame with checksum, and what is not quite. */
#include "output/part_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zstd.h>

#define NAME "part-0000-00000.ndjson.zst"
#define ROWS 30000

struct fixture {
    char root[64];
    int directory;
    char *text;
    size_t text_len;
    char *packed;
    size_t packed_len, packed_capacity;
};

static void pack(struct fixture *fixture, const char *text, size_t len, bool has_checksum)
{
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, has_checksum);
    fixture->packed_capacity = ZSTD_compressBound(len) + 100;
    fixture->packed = (char *)realloc(fixture->packed, fixture->packed_capacity);
    fixture->packed_len =
        ZSTD_compress2(context, fixture->packed, fixture->packed_capacity, text, len);
    assert_false(ZSTD_isError(fixture->packed_len));
    ZSTD_freeCCtx(context);
}

static int set_up(void **state)
{
    struct fixture *fixture = (struct fixture *)calloc(1, sizeof(*fixture));
    snprintf(fixture->root, sizeof(fixture->root), "/tmp/test_part_reader.XXXXXX");
    assert_non_null(mkdtemp(fixture->root));
    fixture->directory = open(fixture->root, O_RDONLY | O_DIRECTORY);
    fixture->text = (char *)malloc((size_t)ROWS * 64);
    for (unsigned i = 0; i < ROWS; i++) {
        fixture->text_len += (size_t)sprintf(fixture->text + fixture->text_len,
                                             "row %u %08x\n", i, i * 2654435761u);
    }
    pack(fixture, fixture->text, fixture->text_len, true);
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    unlinkat(fixture->directory, NAME, 0);
    close(fixture->directory);
    rmdir(fixture->root);
    free(fixture->text);
    free(fixture->packed);
    free(fixture);
    return 0;
}

static void put(const struct fixture *fixture, size_t len)
{
    int fd = openat(fixture->directory, NAME, O_WRONLY | O_CREAT | O_TRUNC, 0666);
    assert_int_equal(write(fd, fixture->packed, len), len);
    close(fd);
}

/* Reads it all: how it ended, with the number of lines and the fault. */
static int read_part(const struct fixture *fixture, size_t *count, char text[128])
{
    struct part_reader *reader = NULL;
    const char *line, *expected = fixture->text;
    size_t len;
    int rc;
    *count = 0;
    assert_int_equal(part_reader_open(&reader, fixture->directory, NAME), 0);
    while ((rc = part_reader_next(reader, &line, &len)) == 1) {
        assert_memory_equal(line, expected, len);
        assert_int_equal(expected[len], '\n');
        expected += len + 1;
        (*count)++;
    }
    snprintf(text, 128, "%s", part_reader_fault(reader));
    assert_int_equal(part_reader_next(reader, &line, &len), rc); /* it stays so */
    if (rc == 0) {
        uint64_t bytes;
        char found[DIGEST_HEX_LEN], hex[DIGEST_HEX_LEN];
        struct digest digest;
        assert_int_equal(digest_init(&digest), 0);
        assert_int_equal(digest_add(&digest, fixture->packed, fixture->packed_len), 0);
        assert_int_equal(digest_hex(&digest, hex), 0);
        assert_int_equal(part_reader_facts(reader, &bytes, found), 0);
        assert_int_equal(bytes, fixture->packed_len);
        assert_string_equal(found, hex);
        digest_close(&digest);
    }
    part_reader_close(reader);
    return rc;
}

static void expect(const struct fixture *fixture, const char *why)
{
    size_t count;
    char text[128];
    put(fixture, fixture->packed_len);
    assert_int_equal(read_part(fixture, &count, text), -EIO);
    if (!strstr(text, why)) {
        fail_msg("\"%s\" does not say \"%s\"", text, why);
    }
}

static void whole_part_gives_every_line_and_its_hash(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t count;
    char text[128];
    put(fixture, fixture->packed_len);
    assert_int_equal(read_part(fixture, &count, text), 0);
    assert_int_equal(count, ROWS);
}

static void empty_frame_has_no_lines(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t count;
    char text[128];
    pack(fixture, "", 0, true);
    put(fixture, fixture->packed_len);
    assert_int_equal(read_part(fixture, &count, text), 0);
    assert_int_equal(count, 0);
}

static void cut_off_part_is_told_at_every_length(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    pack(fixture, fixture->text, 1000, true);
    for (size_t len = 0; len < fixture->packed_len; len++) {
        size_t count;
        char text[128];
        put(fixture, len);
        assert_int_equal(read_part(fixture, &count, text), -EIO);
        assert_non_null(strstr(text, len < 5 ? "is no zstd frame" : "ends too early"));
    }
}

static void changed_byte_is_told(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    fixture->packed[fixture->packed_len - 1] ^= 1; /* XXH64 */
    expect(fixture, "is damaged");
}

static void frame_without_checksum_is_no_part(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    pack(fixture, fixture->text, fixture->text_len, false);
    expect(fixture, "no zstd checksum");
}

static void two_frames_are_no_part(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    pack(fixture, fixture->text, 14, true);
    memcpy(fixture->packed + fixture->packed_len, fixture->packed, fixture->packed_len);
    fixture->packed_len *= 2;
    expect(fixture, "behind its one zstd frame");
}

static void last_line_needs_its_newline(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    pack(fixture, fixture->text, fixture->text_len - 1, true);
    expect(fixture, "ends within a line");
}

static void what_unpacks_without_end_is_refused(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    size_t len = (size_t)100 << 20;
    char *zeros = (char *)calloc(1, len), text[128];
    size_t count;
    pack(fixture, zeros, len, true);
    free(zeros);
    put(fixture, fixture->packed_len);
    assert_int_equal(read_part(fixture, &count, text), -EFBIG);
}

static void what_is_no_file_is_not_opened(void **state)
{
    struct fixture *fixture = (struct fixture *)*state;
    struct part_reader *reader = NULL;
    assert_int_equal(part_reader_open(&reader, fixture->directory, NAME), -ENOENT);
    assert_int_equal(mkfifoat(fixture->directory, NAME, 0666), 0);
    assert_int_equal(part_reader_open(&reader, fixture->directory, NAME), -EINVAL);
    assert_null(reader);
}

#define READER_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        READER_TEST(whole_part_gives_every_line_and_its_hash),
        READER_TEST(empty_frame_has_no_lines),
        READER_TEST(cut_off_part_is_told_at_every_length),
        READER_TEST(changed_byte_is_told),
        READER_TEST(frame_without_checksum_is_no_part),
        READER_TEST(two_frames_are_no_part),
        READER_TEST(last_line_needs_its_newline),
        READER_TEST(what_unpacks_without_end_is_refused),
        READER_TEST(what_is_no_file_is_not_opened),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
