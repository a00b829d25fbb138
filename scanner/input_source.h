/* The raw bytes of the input: a file, a fifo or standard input, read in blocks by a
 * thread that may wait. Used by input_decode.c only; everybody else reads lines through
 * scanner/input.h.
 *
 * Every byte is counted and shown to the tap exactly once and in the order of the file,
 * so a hash fed from there is what sha256sum(1) prints for the file on disk.
 */
#ifndef SCANNER_INPUT_SOURCE_H
#define SCANNER_INPUT_SOURCE_H

#include "scanner/input.h"

#include <sys/types.h>

struct input_source {
    int fd;
    int stop_fd;   /* an eventfd: readable = stop waiting */
    char *name;    /* owned: the path, or "standard input" */
    bool has_size; /* a regular file that was not empty */
    uint64_t bytes_read;
    input_on_bytes *on_bytes; /* NULL = no tap */
    void *on_bytes_arg;
    char error[INPUT_ERROR_LEN]; /* one sentence, once something failed */
};

/* path NULL or "-" is standard input. 0 or -errno; either way input_source_close must
 * follow. */
int input_source_open(struct input_source *source, const char *path)
    __attribute__((warn_unused_result));
/* Waits for bytes. More than 0: their number; 0: the end; -errno: see error, -ECANCELED:
 * stopped, -EIO: it cannot be read, or is shorter by now than what was read of it. */
ssize_t input_source_read(struct input_source *source, char *buffer, size_t capacity)
    __attribute__((warn_unused_result));
/* May be called from any thread. */
void input_source_stop(struct input_source *source);
void input_source_close(struct input_source *source);

/* Notes one sentence that begins with the input's name; returns number (an -errno). */
int input_source_fail(struct input_source *source, int number, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
