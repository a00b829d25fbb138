#include "scanner/input.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <zlib.h>
#include <zstd.h>

/* A temporary file of one test. */
struct scratch {
    char path[64];
};

struct bytes {
    char *ptr; /* owned */
    size_t len;
};

static void write_all(int fd, const char *ptr, size_t len)
{
    while (len > 0) {
        ssize_t written = write(fd, ptr, len);
        assert_true(written > 0);
        ptr += written;
        len -= (size_t)written;
    }
}

static void scratch_write(struct scratch *scratch, const char *ptr, size_t len)
{
    strcpy(scratch->path, "/tmp/test_input.XXXXXX");
    int fd = mkstemp(scratch->path);
    assert_true(fd >= 0);
    write_all(fd, ptr, len);
    close(fd);
}

static struct bytes gzip_of(const char *text, size_t len)
{
    z_stream stream = {0};
    struct bytes out = {malloc(len + 1024), 0};
    assert_int_equal(deflateInit2(&stream, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY),
                     Z_OK);
    stream.next_in = (z_const Bytef *)text;
    stream.avail_in = (uInt)len;
    stream.next_out = (Bytef *)out.ptr;
    stream.avail_out = (uInt)(len + 1024);
    assert_int_equal(deflate(&stream, Z_FINISH), Z_STREAM_END);
    out.len = stream.total_out;
    deflateEnd(&stream);
    return out;
}

static struct bytes zstd_of(const char *text, size_t len)
{
    struct bytes out = {malloc(ZSTD_compressBound(len)), 0};
    ZSTD_CCtx *context = ZSTD_createCCtx();
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1);
    out.len = ZSTD_compress2(context, out.ptr, ZSTD_compressBound(len), text, len);
    assert_false(ZSTD_isError(out.len));
    ZSTD_freeCCtx(context);
    return out;
}

static struct bytes join(struct bytes first, struct bytes second)
{
    struct bytes out = {malloc(first.len + second.len), first.len + second.len};
    memcpy(out.ptr, first.ptr, first.len);
    memcpy(out.ptr + first.len, second.ptr, second.len);
    free(first.ptr);
    free(second.ptr);
    return out;
}

static struct bytes copy_of(const char *text, size_t len)
{
    struct bytes out = {malloc(len), len};
    memcpy(out.ptr, text, len);
    return out;
}

static struct input *open_path(const char *path)
{
    struct input *input = NULL;
    char error[INPUT_ERROR_LEN] = "";
    int rc = input_open(&input, path, error);
    assert_string_equal(error, "");
    assert_int_equal(rc, 0);
    return input;
}

/* Lines as text, joined by '|', those too long marked with a '+'; '$' marks a good end.
 */
static int read_path(const char *path, char *seen, size_t capacity, char *error)
{
    struct input *input = open_path(path);
    struct input_line line;
    uint64_t number = 0;
    size_t len = 0;
    int rc;
    while ((rc = input_next(input, &line)) == 1) {
        assert_int_equal(line.number, ++number);
        assert_true(len + line.len + 3 < capacity);
        memcpy(seen + len, line.text, line.len);
        len += line.len;
        if (line.is_too_long) {
            seen[len++] = '+';
        }
        seen[len++] = '|';
    }
    if (rc == 0) {
        seen[len++] = '$';
    }
    seen[len] = '\0';
    struct input_line after;
    assert_int_equal(input_next(input, &after),
                     rc); /* the end stays the end, an error an error */
    strcpy(error, input_error(input));
    input_close(input);
    return rc;
}

static int read_bytes(struct bytes bytes, char *seen, size_t capacity, char *error)
{
    struct scratch scratch;
    scratch_write(&scratch, bytes.ptr, bytes.len);
    int rc = read_path(scratch.path, seen, capacity, error);
    unlink(scratch.path);
    free(bytes.ptr);
    return rc;
}

static void lines_are_what_stands_between_line_ends(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *seen;
    } ROWS[] = {
        {"", "$"},
        {"\n", "|$"},
        {"a", "a|$"},
        {"a\n", "a|$"},
        {"a\nb", "a|b|$"},
        {"a\r\nb\r\n", "a|b|$"},
        {"a\r", "a|$"},
        {"a\r\r\n", "a\r|$"},
        {"a\rb\n", "a\rb|$"},
        {"\n\na\n\n", "||a||$"},
        {"\r\n", "|$"},
        {" a \n", " a |$"},
        {"\xef\xbb\xbf", "$"},
        {"\xef\xbb\xbf\n", "|$"},
        {"\xef\xbb\xbf"
         "a\nb\n",
         "a|b|$"},
        {"\xef\xbb\xbf\xef\xbb\xbf"
         "a\n",
         "\xef\xbb\xbf"
         "a|$"},
        {"a\n\xef\xbb\xbf"
         "b\n",
         "a|\xef\xbb\xbf"
         "b|$"},
        {"\xef\xbb", "\xef\xbb|$"},
        {"\x1f", "\x1f|$"},
        {"\x1f\n", "\x1f|$"},
        {"(", "(|$"},
        {"(\xb5", "(\xb5|$"},
        {"Pa.org\n", "Pa.org|$"},
        {"P*\n", "P*|$"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        char seen[256];
        char error[INPUT_ERROR_LEN];
        size_t len = strlen(ROWS[i].text);
        assert_int_equal(read_bytes(copy_of(ROWS[i].text, len), seen, sizeof seen, error),
                         0);
        assert_string_equal(seen, ROWS[i].seen);
        assert_string_equal(error, "");
    }
}

static void a_nul_byte_is_an_ordinary_byte(void **state)
{
    (void)state;
    struct scratch scratch;
    struct input_line line;
    scratch_write(&scratch, "a\0b\n\0\n", 6);
    struct input *input = open_path(scratch.path);
    assert_int_equal(input_next(input, &line), 1);
    assert_int_equal(line.len, 3);
    assert_memory_equal(line.text, "a\0b", 3);
    assert_int_equal(input_next(input, &line), 1);
    assert_int_equal(line.len, 1);
    assert_int_equal(line.number, 2);
    assert_int_equal(input_next(input, &line), 0);
    assert_int_equal(input_bytes_read(input), 6);
    input_close(input);
    unlink(scratch.path);
}

/* What stands before and behind `count` times 'a' on the first line, and what comes of
 * it. */
static void lines_are_cut_at_4096_bytes(void **state)
{
    (void)state;
    static const struct {
        const char *before;
        size_t count;
        const char *behind;
        size_t len;
        bool is_too_long;
    } ROWS[] = {
        {"", 4095, "\n", 4095, false},
        {"", 4096, "\n", 4096, false},
        {"", 4096, "", 4096, false},
        {"", 4096, "\r\n", 4096, false},
        {"", 4096, "\r", 4096, false},
        {"\xef\xbb\xbf", 4096, "\r\n", 4096, false},
        {"\xef\xbb\xbf", 4097, "\n", 4096, true},
        {"", 4097, "\n", 4096, true},
        {"", 4097, "\r\n", 4096, true},
        {"", 4097, "", 4096, true},
        {"", 4096, " \n", 4096, true},
        {"", 4099, "\r\n", 4096, true},
        {"", 4100, "\n", 4096, true},
        {"", 4101, "\n", 4096, true},
        {"", 300000, "\r\n", 4096, true},
        {"", 300000, "", 4096, true},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct scratch scratch;
        struct input_line line;
        char text[300100];
        size_t before = strlen(ROWS[i].before);
        size_t behind = strlen(ROWS[i].behind);
        size_t bytes = before + ROWS[i].count + behind;
        memset(text, 'a', sizeof text);
        memcpy(text, ROWS[i].before, before);
        memcpy(text + before + ROWS[i].count, ROWS[i].behind, behind);
        bool has_next = behind > 0 && text[bytes - 1] == '\n';
        memcpy(text + bytes, "next", 4);
        scratch_write(&scratch, text, bytes + (has_next ? 4 : 0));
        struct input *input = open_path(scratch.path);
        assert_int_equal(input_next(input, &line), 1);
        assert_int_equal(line.len, ROWS[i].len);
        assert_int_equal(line.is_too_long, ROWS[i].is_too_long);
        assert_memory_equal(line.text, text + before, line.len);
        assert_int_equal(input_next(input, &line), has_next);
        if (has_next) {
            assert_int_equal(line.number, 2);
            assert_int_equal(line.len, 4);
            assert_memory_equal(line.text, "next", 4);
            assert_false(line.is_too_long);
            assert_int_equal(input_next(input, &line), 0);
        }
        input_close(input);
        unlink(scratch.path);
    }
}

static void a_long_line_of_blanks_is_an_empty_line(void **state)
{
    (void)state;
    static const size_t LENGTHS[] = {4096, 4097, 4101, 10000, 700000};
    for (size_t i = 0; i < sizeof LENGTHS / sizeof LENGTHS[0]; i++) {
        struct scratch scratch;
        struct input_line line;
        char *text = malloc(2 * LENGTHS[i] + 3);
        memset(text, ' ', 2 * LENGTHS[i] + 3);
        text[LENGTHS[i]] = '\n';
        text[2 * LENGTHS[i] + 1] = 'x';
        text[2 * LENGTHS[i] + 2] = '\n';
        scratch_write(&scratch, text, 2 * LENGTHS[i] + 3);
        free(text);
        struct input *input = open_path(scratch.path);
        assert_int_equal(input_next(input, &line), 1);
        assert_false(line.is_too_long);
        assert_int_equal(line.len, LENGTHS[i] == 4096 ? 4096 : 0);
        assert_int_equal(input_next(input, &line), 1);
        assert_true(line.is_too_long); /* the same with an x behind the blanks */
        assert_int_equal(line.len, 4096);
        assert_int_equal(input_next(input, &line), 0);
        input_close(input);
        unlink(scratch.path);
    }
}

static long peak_memory_kib(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

static void a_line_of_10_megabytes_takes_no_memory(void **state)
{
    (void)state;
    enum { LINE_BYTES = 10 * 1000 * 1000, PIECE = 50000 };
    struct scratch scratch;
    struct input_line line;
    scratch_write(&scratch, "", 0);
    char piece[PIECE];
    memset(piece, 'x', sizeof piece);
    int fd = open(scratch.path, O_WRONLY);
    for (int i = 0; i < LINE_BYTES / PIECE; i++) {
        write_all(fd, piece, sizeof piece);
    }
    write_all(fd, "\nafter.org\n", 11);
    close(fd);
    struct input *input = open_path(scratch.path);
    long before = peak_memory_kib();
    assert_int_equal(input_next(input, &line), 1);
    assert_true(line.is_too_long);
    assert_int_equal(line.len, INPUT_LINE_MAX);
    assert_true(peak_memory_kib() - before < 4096);
    assert_int_equal(input_next(input, &line), 1);
    assert_int_equal(line.number, 2);
    assert_int_equal(line.len, 9);
    assert_int_equal(input_next(input, &line), 0);
    assert_int_equal(input_bytes_read(input), LINE_BYTES + 11);
    input_close(input);
    unlink(scratch.path);
}

static void compressed_input_is_told_by_its_content(void **state)
{
    (void)state;
    static const char SKIPPABLE[] = "\x5a\x2a\x4d\x18\x03\0\0\0abc";
    struct bytes rows[] = {
        gzip_of("a\r\nb", 4),
        join(gzip_of("a\nb\n", 4), gzip_of("", 0)),
        join(gzip_of("a\n", 2), gzip_of("b\n", 2)),
        join(gzip_of("", 0), gzip_of("a\nb\n", 4)),
        join(join(gzip_of("a", 1), gzip_of("\n", 1)), gzip_of("b", 1)),
        join(gzip_of("a\nb\n", 4), copy_of("\0\0\0\0", 4)),
        gzip_of("\xef\xbb\xbf"
                "a\nb\n",
                7),
        zstd_of("a\nb\n", 4),
        join(zstd_of("a\n", 2), zstd_of("b\n", 2)),
        join(zstd_of("", 0), zstd_of("a\nb", 3)),
        join(copy_of(SKIPPABLE, sizeof SKIPPABLE - 1), zstd_of("a\nb\n", 4)),
        join(zstd_of("a\nb\n", 4), copy_of(SKIPPABLE, sizeof SKIPPABLE - 1)),
        zstd_of("\xef\xbb\xbf"
                "a\r\nb\n",
                8),
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char seen[256];
        char error[INPUT_ERROR_LEN];
        assert_int_equal(read_bytes(rows[i], seen, sizeof seen, error), 0);
        assert_string_equal(seen, "a|b|$");
    }
}

static void an_empty_compressed_input_has_no_lines(void **state)
{
    (void)state;
    char seen[64];
    char error[INPUT_ERROR_LEN];
    assert_int_equal(read_bytes(gzip_of("", 0), seen, sizeof seen, error), 0);
    assert_string_equal(seen, "$");
    assert_int_equal(read_bytes(zstd_of("", 0), seen, sizeof seen, error), 0);
    assert_string_equal(seen, "$");
}

static char *many_lines(size_t count, size_t *len)
{
    char *text = malloc(count * 32);
    *len = 0;
    for (size_t i = 0; i < count; i++) {
        *len += (size_t)sprintf(text + *len, "%zu,host%zu.example.org\n", i, i * 7919);
    }
    return text;
}

/* FNV-1a over all lines with their ends. */
static uint64_t digest(const char *path, int *rc, uint64_t *count)
{
    struct input *input = open_path(path);
    struct input_line line;
    uint64_t hash = UINT64_C(14695981039346656037);
    while ((*rc = input_next(input, &line)) == 1) {
        for (size_t i = 0; i <= line.len; i++) {
            unsigned char byte = i < line.len ? (unsigned char)line.text[i] : '\n';
            hash = (hash ^ byte) * UINT64_C(1099511628211);
        }
        *count = line.number;
    }
    input_close(input);
    return hash;
}

static void lines_across_blocks_are_whole_in_every_form(void **state)
{
    (void)state;
    enum { LINES = 100000 };
    size_t len;
    char *text = many_lines(LINES, &len);
    size_t half = len / 2 + 3; /* within a line */
    struct bytes forms[] = {
        copy_of(text, len),
        gzip_of(text, len),
        zstd_of(text, len),
        join(gzip_of(text, half), gzip_of(text + half, len - half)),
        join(zstd_of(text, half), zstd_of(text + half, len - half)),
    };
    uint64_t expected = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < len; i++) {
        expected = (expected ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        struct scratch scratch;
        uint64_t count = 0;
        int rc;
        scratch_write(&scratch, forms[i].ptr, forms[i].len);
        assert_true(digest(scratch.path, &rc, &count) == expected);
        assert_int_equal(rc, 0);
        assert_int_equal(count, LINES);
        unlink(scratch.path);
        free(forms[i].ptr);
    }
    free(text);
}

static void highly_compressed_input_is_read_to_its_end(void **state)
{
    (void)state;
    enum {
        BYTES = 4 * 1024 * 1024
    }; /* of LF: sixteen full blocks from a few raw bytes */
    char *text = malloc(BYTES);
    memset(text, '\n', BYTES);
    struct bytes forms[] = {gzip_of(text, BYTES), zstd_of(text, BYTES)};
    for (size_t i = 0; i < 2; i++) {
        struct scratch scratch;
        uint64_t count = 0;
        int rc;
        scratch_write(&scratch, forms[i].ptr, forms[i].len);
        digest(scratch.path, &rc, &count);
        assert_int_equal(rc, 0);
        assert_int_equal(count, BYTES);
        unlink(scratch.path);
        free(forms[i].ptr);
    }
    free(text);
}

static void a_cut_off_compressed_input_is_an_error_at_every_length(void **state)
{
    (void)state;
    static const char TEXT[] = "example.org\nexample.net\nexample.com\n";
    for (int is_zstd = 0; is_zstd < 2; is_zstd++) {
        struct bytes whole =
            is_zstd ? zstd_of(TEXT, sizeof TEXT - 1) : gzip_of(TEXT, sizeof TEXT - 1);
        struct bytes twice =
            join(copy_of(whole.ptr, whole.len), copy_of(whole.ptr, whole.len));
        for (size_t len = 4; len < twice.len; len++) {
            char seen[256];
            char error[INPUT_ERROR_LEN];
            int rc = read_bytes(copy_of(twice.ptr, len), seen, sizeof seen, error);
            if (len == whole.len) { /* as far as anybody can tell */
                assert_int_equal(rc, 0);
                continue;
            }
            assert_int_equal(rc, -EIO);
            const char *kind =
                is_zstd ? ": the zstd data end too early: the file was cut off"
                        : ": the gzip data end too early: the file was cut off";
            assert_non_null(strstr(error, kind));
            assert_memory_equal(error, "/tmp/test_input.", 16);
        }
        free(whole.ptr);
        free(twice.ptr);
    }
}

static void damaged_compressed_input_is_an_error(void **state)
{
    (void)state;
    static const char TEXT[] = "example.org\nexample.net\nexample.com\n";
    struct bytes gzip = gzip_of(TEXT, sizeof TEXT - 1);
    struct bytes zstd = zstd_of(TEXT, sizeof TEXT - 1);
    gzip.ptr[gzip.len - 6] ^= 1; /* CRC-32 */
    zstd.ptr[zstd.len - 1] ^= 1; /* XXH64 */
    struct {
        struct bytes bytes;
        const char *error;
    } rows[] = {
        {gzip, ": the gzip data are damaged (incorrect data check)"},
        {zstd, ": the zstd data are damaged (Restored data doesn't match checksum)"},
        {join(gzip_of(TEXT, 12), copy_of("example.net\n", 12)),
         ": the gzip data are damaged (incorrect header check)"},
        {join(zstd_of(TEXT, 12), copy_of("example.net\n", 12)),
         ": the zstd data are damaged (Unknown frame descriptor)"},
        {join(zstd_of(TEXT, 12), gzip_of(TEXT, 12)),
         ": the zstd data are damaged (Unknown frame descriptor)"},
        {copy_of("\x1f\x8b\x09 not deflate", 15),
         ": the gzip data are damaged (unknown compression method)"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char seen[256];
        char error[INPUT_ERROR_LEN];
        assert_int_equal(read_bytes(rows[i].bytes, seen, sizeof seen, error), -EIO);
        assert_non_null(strchr(error, ':'));
        assert_string_equal(strchr(error, ':'), rows[i].error);
    }
}

static void what_cannot_be_opened_is_named(void **state)
{
    (void)state;
    static const struct {
        const char *path;
        int rc;
        const char *error;
    } ROWS[] = {
        {"/nonexistent/a.txt", -ENOENT,
         "/nonexistent/a.txt: cannot be opened: No such file or directory"},
        {"/", -EISDIR, "/: is a directory, not a list of domains"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct input *input = (struct input *)1;
        char error[INPUT_ERROR_LEN] = "";
        assert_int_equal(input_open(&input, ROWS[i].path, error), ROWS[i].rc);
        assert_null(input);
        assert_string_equal(error, ROWS[i].error);
    }
    input_close(NULL);
}

struct feeder {
    const char *path;
    const char *pieces[8]; /* NULL ends */
};

static void *feed(void *arg)
{
    struct feeder *feeder = arg;
    int fd = open(feeder->path, O_WRONLY);
    for (size_t i = 0; fd >= 0 && feeder->pieces[i] != NULL; i++) {
        write_all(fd, feeder->pieces[i], strlen(feeder->pieces[i]));
        usleep(2000);
    }
    close(fd);
    return NULL;
}

static void a_fifo_is_read_piece_by_piece(void **state)
{
    (void)state;
    char path[64];
    char seen[256];
    char error[INPUT_ERROR_LEN];
    pthread_t thread;
    sprintf(path, "/tmp/test_input_fifo.%d", (int)getpid());
    assert_int_equal(mkfifo(path, 0600), 0);
    struct feeder feeder = {
        path, {"\xef", "\xbb\xbf(", "a\r", "\nex", "ample.org\n\n", "z", NULL}};
    pthread_create(&thread, NULL, feed, &feeder);
    assert_int_equal(read_path(path, seen, sizeof seen, error), 0);
    pthread_join(thread, NULL);
    unlink(path);
    assert_string_equal(seen, "(a|example.org||z|$");
}

/* A list of so many lines "a", of which the first is read. */
static struct input *begin_lines(struct scratch *scratch, size_t count)
{
    struct input_line line;
    char *text = malloc(2 * count);
    for (size_t i = 0; i < count; i++) {
        memcpy(text + 2 * i, "a\n", 2);
    }
    scratch_write(scratch, text, 2 * count);
    free(text);
    struct input *input = open_path(scratch->path);
    assert_int_equal(input_next(input, &line), 1);
    return input;
}

static int read_rest(struct input *input, uint64_t *lines)
{
    struct input_line line;
    int rc;
    *lines = 1;
    while ((rc = input_next(input, &line)) == 1) {
        (*lines)++;
    }
    return rc;
}

static void a_file_that_grows_is_read_to_the_end_it_has_then(void **state)
{
    (void)state;
    struct scratch scratch;
    uint64_t lines;
    struct input *input = begin_lines(&scratch, 500000);
    int fd = open(scratch.path, O_WRONLY | O_APPEND);
    write_all(fd, "b\nb\n", 4);
    close(fd);
    assert_int_equal(read_rest(input, &lines), 0);
    assert_int_equal(lines, 500002);
    assert_int_equal(input_bytes_read(input), 1000004);
    input_close(input);
    unlink(scratch.path);
}

static void a_file_that_shrinks_is_an_error(void **state)
{
    (void)state;
    static const off_t lens[] = {0, 3, 2000};
    for (size_t i = 0; i < 3; i++) {
        struct scratch scratch;
        uint64_t lines;
        struct input *input = begin_lines(&scratch, 500000);
        assert_int_equal(truncate(scratch.path, lens[i]), 0);
        assert_int_equal(read_rest(input, &lines), -EIO);
        assert_non_null(strstr(input_error(input), "became shorter while it was read"));
        input_close(input);
        unlink(scratch.path);
    }
}

/* Standard input for the time of one test. */
static int swap_stdin(int fd)
{
    int saved = dup(STDIN_FILENO);
    assert_true(saved >= 0);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    return saved;
}

static void standard_input_is_read_without_a_path_or_with_a_dash(void **state)
{
    (void)state;
    static const char *const PATHS[] = {NULL, "-"};
    for (size_t i = 0; i < 2; i++) {
        int ends[2];
        char seen[64];
        char error[INPUT_ERROR_LEN];
        assert_int_equal(pipe(ends), 0);
        write_all(ends[1], "a\nb\n", 4);
        close(ends[1]);
        int saved = swap_stdin(ends[0]);
        assert_int_equal(read_path(PATHS[i], seen, sizeof seen, error), 0);
        dup2(saved, STDIN_FILENO);
        close(saved);
        close(ends[0]);
        assert_string_equal(seen, "a|b|$");
    }
}

static void *stop_soon(void *arg)
{
    usleep(20000);
    input_stop(arg);
    return NULL;
}

static void a_waiting_reader_can_be_stopped_from_another_thread(void **state)
{
    (void)state;
    int ends[2];
    struct input_line line;
    pthread_t thread;
    assert_int_equal(pipe(ends), 0);
    write_all(ends[1], "a\nb", 3);
    int saved = swap_stdin(ends[0]);
    struct input *input = open_path(NULL);
    assert_int_equal(input_next(input, &line), 1);
    pthread_create(&thread, NULL, stop_soon, input);
    assert_int_equal(input_next(input, &line), -ECANCELED);
    assert_string_equal(input_error(input), "standard input: reading was stopped");
    pthread_join(thread, NULL);
    input_close(input);
    dup2(saved, STDIN_FILENO);
    close(saved);
    close(ends[0]);
    close(ends[1]);
}

struct tapped {
    char bytes[4096];
    size_t len;
};

static void on_bytes(void *arg, const void *bytes, size_t len)
{
    struct tapped *tapped = arg;
    assert_true(tapped->len + len <= sizeof tapped->bytes);
    memcpy(tapped->bytes + tapped->len, bytes, len);
    tapped->len += len;
}

static void the_tap_sees_the_file_as_it_lies_on_disk(void **state)
{
    (void)state;
    struct bytes forms[] = {copy_of("a\nb", 3),
                            join(gzip_of("a\n", 2), copy_of("\0\0", 2)),
                            zstd_of("a\n", 2)};
    for (size_t i = 0; i < 3; i++) {
        struct scratch scratch;
        struct tapped tapped = {.len = 0};
        struct input_line line;
        int rc;
        scratch_write(&scratch, forms[i].ptr, forms[i].len);
        struct input *input = open_path(scratch.path);
        input_tap(input, on_bytes, &tapped);
        assert_int_equal(input_bytes_read(input), 0);
        while ((rc = input_next(input, &line)) == 1) {
        }
        assert_int_equal(rc, 0);
        assert_int_equal(input_bytes_read(input), forms[i].len);
        assert_int_equal(tapped.len, forms[i].len);
        assert_memory_equal(tapped.bytes, forms[i].ptr, forms[i].len);
        input_close(input);
        unlink(scratch.path);
        free(forms[i].ptr);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_what_stands_between_line_ends),
        cmocka_unit_test(a_nul_byte_is_an_ordinary_byte),
        cmocka_unit_test(lines_are_cut_at_4096_bytes),
        cmocka_unit_test(a_long_line_of_blanks_is_an_empty_line),
        cmocka_unit_test(a_line_of_10_megabytes_takes_no_memory),
        cmocka_unit_test(compressed_input_is_told_by_its_content),
        cmocka_unit_test(an_empty_compressed_input_has_no_lines),
        cmocka_unit_test(lines_across_blocks_are_whole_in_every_form),
        cmocka_unit_test(highly_compressed_input_is_read_to_its_end),
        cmocka_unit_test(a_cut_off_compressed_input_is_an_error_at_every_length),
        cmocka_unit_test(damaged_compressed_input_is_an_error),
        cmocka_unit_test(what_cannot_be_opened_is_named),
        cmocka_unit_test(a_fifo_is_read_piece_by_piece),
        cmocka_unit_test(a_file_that_grows_is_read_to_the_end_it_has_then),
        cmocka_unit_test(a_file_that_shrinks_is_an_error),
        cmocka_unit_test(standard_input_is_read_without_a_path_or_with_a_dash),
        cmocka_unit_test(a_waiting_reader_can_be_stopped_from_another_thread),
        cmocka_unit_test(the_tap_sees_the_file_as_it_lies_on_disk),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
