/* One zstd frame with checksum (RFC 8878 section 3.1.1) on a stream. One frame a file,
 * because common readers stop after the first. */
#ifndef OUTPUT_FRAME_H
#define OUTPUT_FRAME_H

#include <stddef.h>

#include "output/stream.h"

struct frame;

/* 0 or -ENOMEM. */
int frame_open(struct frame **frame) __attribute__((warn_unused_result));
void frame_begin(struct frame *frame); /* forgets what was begun before */
/* Errors go to stream->error. */
void frame_write(struct frame *frame, struct stream *stream, const void *bytes,
                 size_t len);
/* From here on a reader sees all so far. */
void frame_flush(struct frame *frame, struct stream *stream);
void frame_end(struct frame *frame, struct stream *stream);
void frame_free(struct frame *frame); /* NULL is fine */
const char *frame_library(void);      /* "1.5.4" */

#endif
