#include "output/part_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>
#include <zstd_errors.h>

#define RAW_BYTES ((size_t)128 * 1024)
#define TEXT_BYTES ((size_t)256 * 1024)
/* Longer than any record; a file that unpacks to more without a newline is none of ours. */
#define LINE_BYTES_MAX ((size_t)64 * 1024 * 1024)
/* Of a frame's header up to its Frame_Header_Descriptor (3.1.1.1.1). */
#define HEADER_BYTES 5u
#define CHECKSUM_FLAG 4u

struct part_reader {
    int fd;
    struct digest digest;
    ZSTD_DStream *zstd;
    uint64_t bytes; /* of the file */
    ZSTD_inBuffer raw;
    bool is_checked; /* its first bytes were looked at */
    bool has_ended;  /* its frame has */
    bool is_at_end;  /* of the file */
    int failure;     /* sticky -errno */
    char fault[128];
    char *text; /* owned: unpacked, from line_start on not yet given out */
    size_t text_len, text_capacity, line_start, seen;
    char raw_bytes[RAW_BYTES];
};

static int fault(struct part_reader *reader, int rc, const char *text)
{
    snprintf(reader->fault, sizeof(reader->fault), "%s", text);
    reader->failure = rc;
    return rc;
}

static int open_file(struct part_reader *reader, int directory, const char *name)
{
    struct stat status;
    reader->fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (reader->fd < 0 || fstat(reader->fd, &status) != 0) {
        return -errno;
    }
    return S_ISREG(status.st_mode) ? 0 : -EINVAL;
}

int part_reader_open(struct part_reader **reader, int directory, const char *name)
{
    struct part_reader *fresh = (struct part_reader *)calloc(1, sizeof(*fresh));
    if (!fresh) {
        return -ENOMEM;
    }
    int rc = open_file(fresh, directory, name);
    rc = rc == 0 ? digest_init(&fresh->digest) : rc;
    if (rc == 0) {
        fresh->zstd = ZSTD_createDStream();
        fresh->text = (char *)malloc(TEXT_BYTES);
        fresh->text_capacity = TEXT_BYTES;
        rc = fresh->zstd && fresh->text ? 0 : -ENOMEM;
    }
    if (rc != 0) {
        part_reader_close(fresh);
        return rc;
    }
    *reader = fresh;
    return 0;
}

/* The next bytes of the file behind those not yet unpacked. */
static int read_raw(struct part_reader *reader)
{
    size_t left = reader->raw.size - reader->raw.pos;
    memmove(reader->raw_bytes, reader->raw_bytes + reader->raw.pos, left);
    ssize_t got;
    do {
        got = read(reader->fd, reader->raw_bytes + left, RAW_BYTES - left);
    } while (got < 0 && errno == EINTR);
    if (got < 0) {
        return fault(reader, -errno, "cannot be read");
    }
    reader->raw = (ZSTD_inBuffer){reader->raw_bytes, left + (size_t)got, 0};
    reader->is_at_end = got == 0;
    reader->bytes += (uint64_t)got;
    return digest_add(&reader->digest, reader->raw_bytes + left, (size_t)got) == 0
               ? 0
               : fault(reader, -ENOMEM, "cannot be hashed: out of memory");
}

static int check_header(struct part_reader *reader)
{
    if (reader->raw.size < HEADER_BYTES && !reader->is_at_end) {
        return 0;
    }
    reader->is_checked = true;
    if (reader->raw.size < HEADER_BYTES ||
        memcmp(reader->raw_bytes, "\x28\xb5\x2f\xfd", 4) != 0) {
        return fault(reader, -EIO, "is no zstd frame");
    }
    return reader->raw_bytes[4] & CHECKSUM_FLAG
               ? 0
               : fault(reader, -EIO, "has no zstd checksum");
}

/* Room behind the text, after what was given out has made some. */
static int make_room(struct part_reader *reader)
{
    reader->text_len -= reader->line_start;
    reader->seen -= reader->line_start;
    memmove(reader->text, reader->text + reader->line_start, reader->text_len);
    reader->line_start = 0;
    if (reader->text_len < reader->text_capacity) {
        return 0;
    }
    size_t capacity = 2 * reader->text_capacity;
    if (capacity > LINE_BYTES_MAX) {
        return fault(reader, -EFBIG, "has a line too long to be a record");
    }
    char *text = (char *)realloc(reader->text, capacity);
    if (!text) {
        return fault(reader, -ENOMEM, "cannot be read: out of memory");
    }
    reader->text = text;
    reader->text_capacity = capacity;
    return 0;
}

static int unpack(struct part_reader *reader)
{
    ZSTD_outBuffer out = {
        .dst = reader->text, .size = reader->text_capacity, .pos = reader->text_len};
    size_t rc = ZSTD_decompressStream(reader->zstd, &out, &reader->raw);
    if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation) {
        return fault(reader, -ENOMEM, "cannot be read: out of memory");
    }
    if (ZSTD_isError(rc)) {
        snprintf(reader->fault, sizeof(reader->fault), "is damaged (%s)",
                 ZSTD_getErrorName(rc));
        reader->failure = -EIO;
        return -EIO;
    }
    reader->has_ended = rc == 0;
    bool is_stuck = reader->is_at_end && !reader->has_ended &&
                    out.pos == reader->text_len && reader->raw.pos == reader->raw.size;
    reader->text_len = out.pos;
    return is_stuck ? fault(reader, -EIO, "ends too early: it was cut off") : 0;
}

/* More text, or the certain end. */
static int advance(struct part_reader *reader)
{
    int rc = 0;
    if (!reader->is_checked || reader->raw.pos == reader->raw.size) {
        rc = read_raw(reader);
    }
    if (rc == 0 && !reader->is_checked) {
        rc = check_header(reader);
    }
    if (rc != 0 || !reader->is_checked) {
        return rc;
    }
    if (reader->has_ended) {
        return reader->raw.pos < reader->raw.size
                   ? fault(reader, -EIO, "has something behind its one zstd frame")
                   : 0;
    }
    rc = make_room(reader);
    return rc == 0 ? unpack(reader) : rc;
}

static bool take_line(struct part_reader *reader, const char **line, size_t *len)
{
    const char *end = (const char *)memchr(reader->text + reader->seen, '\n',
                                           reader->text_len - reader->seen);
    if (!end) {
        reader->seen = reader->text_len;
        return false;
    }
    *line = reader->text + reader->line_start;
    *len = (size_t)(end - *line);
    reader->line_start = reader->seen = (size_t)(end - reader->text) + 1;
    return true;
}

int part_reader_next(struct part_reader *reader, const char **line, size_t *len)
{
    while (reader->failure == 0) {
        if (take_line(reader, line, len)) {
            return 1;
        }
        if (reader->has_ended && reader->is_at_end) {
            return reader->line_start == reader->text_len
                       ? 0
                       : fault(reader, -EIO, "ends within a line");
        }
        (void)advance(reader); /* its failure sticks */
    }
    return reader->failure;
}

const char *part_reader_fault(const struct part_reader *reader)
{
    return reader->fault;
}

int part_reader_facts(const struct part_reader *reader, uint64_t *bytes,
                      char sha256[DIGEST_HEX_LEN])
{
    *bytes = reader->bytes;
    return digest_hex(&reader->digest, sha256);
}

void part_reader_close(struct part_reader *reader)
{
    if (!reader) {
        return;
    }
    if (reader->fd >= 0) {
        close(reader->fd);
    }
    ZSTD_freeDStream(reader->zstd);
    digest_close(&reader->digest);
    free(reader->text);
    free(reader);
}
