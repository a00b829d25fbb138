#include "scanner/input_decode.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#define BLOCK_BYTES ((size_t)256 * 1024)

enum format { FORMAT_UNKNOWN, FORMAT_PLAIN, FORMAT_GZIP, FORMAT_ZSTD };

struct input_decode {
    struct input_source *source;
    enum format format;
    const char *next; /* raw bytes not yet decoded */
    size_t next_len;
    bool is_inside;      /* a member or frame has begun and not ended */
    bool is_output_full; /* the library may hold back more without new input */
    bool is_at_end;
    z_stream gzip;
    ZSTD_DStream *zstd;
    char raw[BLOCK_BYTES];
    char decoded[BLOCK_BYTES];
};

struct magic {
    enum format format;
    const char *bytes; /* as far as they are the same in every such file */
    size_t len;
};

/* RFC 1952, 2.3.1 (with CM = 8); RFC 8878, 3.1.1 and 3.1.2 (a file may begin with a
 * skippable frame, whose first byte is 50 to 5F). */
static const struct magic MAGICS[] = {
    {FORMAT_GZIP, "\x1f\x8b", 2},
    {FORMAT_ZSTD, "\x28\xb5\x2f\xfd", 4},
    {FORMAT_ZSTD, "\x50\x2a\x4d\x18", 4},
};

static enum format compare_magic(const struct magic *magic, const char *bytes, size_t len)
{
    for (size_t i = 0; i < magic->len; i++) {
        if (i == len) {
            return FORMAT_UNKNOWN;
        }
        unsigned mask = i == 0 && magic->bytes[0] == 0x50 ? 0xf0 : 0xff;
        if (((unsigned char)bytes[i] & mask) != (unsigned char)magic->bytes[i]) {
            return FORMAT_PLAIN;
        }
    }
    return magic->format;
}

/* Unknown as long as the bytes are the beginning of a magic number: a line typed into a
 * pipe is not held back for want of four bytes. */
static enum format recognise(const char *bytes, size_t len)
{
    enum format format = FORMAT_PLAIN;
    for (size_t i = 0; i < sizeof MAGICS / sizeof MAGICS[0]; i++) {
        enum format found = compare_magic(&MAGICS[i], bytes, len);
        if (found == FORMAT_GZIP || found == FORMAT_ZSTD) {
            return found;
        }
        format = found == FORMAT_UNKNOWN ? FORMAT_UNKNOWN : format;
    }
    return format;
}

static int begin_format(struct input_decode *decode)
{
    if (decode->format == FORMAT_GZIP) {
        /* 16 = gzip wrapper only, no zlib one. */
        return inflateInit2(&decode->gzip, 16 + MAX_WBITS) == Z_OK ? 0 : -ENOMEM;
    }
    if (decode->format == FORMAT_ZSTD) {
        decode->zstd = ZSTD_createDStream();
        return decode->zstd != NULL ? 0 : -ENOMEM;
    }
    return 0;
}

static int detect(struct input_decode *decode)
{
    while (decode->format == FORMAT_UNKNOWN) {
        ssize_t got = input_source_read(decode->source, decode->raw + decode->next_len,
                                        BLOCK_BYTES - decode->next_len);
        if (got < 0) {
            return (int)got;
        }
        decode->is_at_end = got == 0;
        decode->next_len += (size_t)got;
        decode->format =
            decode->is_at_end ? FORMAT_PLAIN : recognise(decode->raw, decode->next_len);
    }
    decode->next = decode->raw;
    int rc = begin_format(decode);
    return rc == 0 ? 0 : input_source_fail(decode->source, rc, "out of memory");
}

/* 1 = there are raw bytes, 0 = the file has ended, -errno. */
static int fill(struct input_decode *decode)
{
    if (decode->next_len > 0) {
        return 1;
    }
    if (decode->is_at_end) {
        return 0;
    }
    ssize_t got = input_source_read(decode->source, decode->raw, BLOCK_BYTES);
    if (got < 0) {
        return (int)got;
    }
    decode->is_at_end = got == 0;
    decode->next = decode->raw;
    decode->next_len = (size_t)got;
    return got > 0;
}

static ssize_t next_plain(struct input_decode *decode, const char **bytes)
{
    int rc = fill(decode);
    if (rc <= 0) {
        return rc;
    }
    *bytes = decode->next;
    ssize_t len = (ssize_t)decode->next_len;
    decode->next_len = 0;
    return len;
}

/* Zero bytes after a member are a tape's or a block device's padding, which gzip(1)
 * passes over too. False when none but such bytes were left. */
static bool begin_member(struct input_decode *decode)
{
    while (decode->next_len > 0 && *decode->next == 0) {
        decode->next++;
        decode->next_len--;
    }
    if (decode->next_len > 0) {
        decode->is_inside = inflateReset(&decode->gzip) == Z_OK;
    }
    return decode->is_inside;
}

static ssize_t inflate_some(struct input_decode *decode)
{
    if (!decode->is_inside && !begin_member(decode)) {
        return 0;
    }
    z_stream *gzip = &decode->gzip;
    gzip->next_in = (z_const Bytef *)decode->next;
    gzip->avail_in = (uInt)decode->next_len;
    gzip->next_out = (Bytef *)decode->decoded;
    gzip->avail_out = (uInt)BLOCK_BYTES;
    int rc = inflate(gzip, Z_NO_FLUSH);
    decode->next = (const char *)gzip->next_in;
    decode->next_len = gzip->avail_in;
    decode->is_inside = rc != Z_STREAM_END;
    decode->is_output_full = decode->is_inside && gzip->avail_out == 0;
    if (rc == Z_MEM_ERROR) {
        return input_source_fail(decode->source, -ENOMEM, "out of memory");
    }
    /* Z_BUF_ERROR: nothing was held back after all. */
    if (rc != Z_OK && rc != Z_STREAM_END && rc != Z_BUF_ERROR) {
        return input_source_fail(decode->source, -EIO, "the gzip data are damaged (%s)",
                                 gzip->msg != NULL ? gzip->msg : "unknown fault");
    }
    return (ssize_t)(BLOCK_BYTES - gzip->avail_out);
}

static ssize_t unzstd_some(struct input_decode *decode)
{
    ZSTD_inBuffer in = {decode->next, decode->next_len, 0};
    ZSTD_outBuffer out = {decode->decoded, BLOCK_BYTES, 0};
    size_t rc = ZSTD_decompressStream(decode->zstd, &out, &in);
    if (ZSTD_getErrorCode(rc) == ZSTD_error_memory_allocation) {
        return input_source_fail(decode->source, -ENOMEM, "out of memory");
    }
    if (ZSTD_isError(rc)) {
        return input_source_fail(decode->source, -EIO, "the zstd data are damaged (%s)",
                                 ZSTD_getErrorName(rc));
    }
    decode->next += in.pos;
    decode->next_len -= in.pos;
    decode->is_inside = rc != 0;
    decode->is_output_full = decode->is_inside && out.pos == out.size;
    return (ssize_t)out.pos;
}

static ssize_t next_compressed(struct input_decode *decode, const char **bytes)
{
    bool is_gzip = decode->format == FORMAT_GZIP;
    ssize_t len = 0;
    *bytes = decode->decoded;
    while (len == 0) {
        int rc = decode->is_output_full ? 1 : fill(decode);
        if (rc == 0 && decode->is_inside) {
            return input_source_fail(decode->source, -EIO,
                                     "the %s data end too early: the file was cut off",
                                     is_gzip ? "gzip" : "zstd");
        }
        if (rc <= 0) {
            return rc;
        }
        len = is_gzip ? inflate_some(decode) : unzstd_some(decode);
    }
    return len;
}

int input_decode_open(struct input_decode **decode, struct input_source *source)
{
    *decode = malloc(sizeof **decode);
    if (*decode == NULL) {
        return input_source_fail(source, -ENOMEM, "out of memory");
    }
    /* Without the two blocks, which need no clearing. */
    memset(*decode, 0, offsetof(struct input_decode, raw));
    (*decode)->source = source;
    return 0;
}

ssize_t input_decode_next(struct input_decode *decode, const char **bytes)
{
    if (decode->format == FORMAT_UNKNOWN) {
        int rc = detect(decode);
        if (rc != 0) {
            return rc;
        }
    }
    return decode->format == FORMAT_PLAIN ? next_plain(decode, bytes)
                                          : next_compressed(decode, bytes);
}

void input_decode_close(struct input_decode *decode)
{
    if (decode == NULL) {
        return;
    }
    if (decode->format == FORMAT_GZIP) {
        inflateEnd(&decode->gzip);
    }
    ZSTD_freeDStream(decode->zstd);
    free(decode);
}

const char *input_libraries(void)
{
    return "zlib " ZLIB_VERSION ", zstd " ZSTD_VERSION_STRING;
}
