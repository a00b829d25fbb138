/* The lines of the input, as they stand in the file: a file, a fifo or standard input;
 * plain, gzip or zstd, told apart by content.
 *
 *   input_open(&input, "domains.csv.zst", error);
 *   while ((rc = input_next(input, &line)) == 1) { … line.text … }
 *   if (rc < 0) puts(input_error(input));    unreadable or cut off: never a quiet end
 *   input_close(input);
 *
 * Rules: one thread reads (it waits for bytes); input_stop alone may come from another. A
 * line is borrowed until the next call. What a line means is scanner/target.h's business.
 */
#ifndef SCANNER_INPUT_H
#define SCANNER_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes of a line without its LF or CRLF; the rest is skipped unstored. */
#define INPUT_LINE_MAX 4096
#define INPUT_ERROR_LEN 256

struct input;

struct input_line {
    uint64_t number;  /* physical line, from 1 */
    const char *text; /* not NUL-terminated, may hold any byte but LF; no BOM on line 1 */
    size_t len;
    bool is_too_long; /* cut at INPUT_LINE_MAX; never a line of nothing but blanks */
};

/* Called in the reading thread with each block of raw (still compressed) bytes. */
typedef void input_on_bytes(void *arg, const void *bytes, size_t len);

/* path NULL or "-" is standard input. 0 or -errno; error is then one sentence for the
 * user. */
int input_open(struct input **input, const char *path, char error[INPUT_ERROR_LEN])
    __attribute__((warn_unused_result));
/* For a hash of the file: the tap sees every byte once, in order. Set it before the first
 * line. */
void input_tap(struct input *input, input_on_bytes *on_bytes, void *arg);
/* 1 = a line, 0 = the end, -errno = input_error() says what is wrong (and every later
 * call does). */
int input_next(struct input *input, struct input_line *line)
    __attribute__((warn_unused_result));
/* Raw bytes read so far: at the end, the size of the file. */
uint64_t input_bytes_read(const struct input *input);
const char *input_error(const struct input *input); /* "" as long as nothing is wrong */
/* From any thread: input_next returns -ECANCELED instead of waiting for more bytes. */
void input_stop(struct input *input);
void input_close(struct input *input); /* NULL is fine */

const char *input_libraries(void); /* "zlib 1.2.13, zstd 1.5.4", for run.json */

#endif
