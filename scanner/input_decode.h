/* The input's bytes with gzip (RFC 1952) or zstd (RFC 8878) taken off, both of which may
 * hold several members or frames in a row. The format is told by the first bytes. The one
 * file of scanner/ that knows zlib and zstd.
 *
 * Data that end inside a member or frame, fail their checksum or are followed by
 * something else are an error: a list that lost its end must not look like a short list.
 */
#ifndef SCANNER_INPUT_DECODE_H
#define SCANNER_INPUT_DECODE_H

#include "scanner/input_source.h"

struct input_decode;

/* The source is borrowed and must outlive the decoder. 0 or -errno. */
int input_decode_open(struct input_decode **decode, struct input_source *source)
    __attribute__((warn_unused_result));
/* More than 0: that many bytes at *bytes, borrowed until the next call; 0: the end;
 * -errno: see the source's error. */
ssize_t input_decode_next(struct input_decode *decode, const char **bytes)
    __attribute__((warn_unused_result));
void input_decode_close(struct input_decode *decode); /* NULL is fine */

#endif
