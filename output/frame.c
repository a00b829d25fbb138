#include "output/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <zstd.h>

/* Records compress about tenfold already; higher levels cost CPU that the scan needs. */
#define FRAME_LEVEL 3

struct frame {
    ZSTD_CCtx *context;
    size_t capacity;
    char bytes[];
};

int frame_open(struct frame **frame)
{
    size_t capacity = ZSTD_CStreamOutSize();
    struct frame *fresh = (struct frame *)malloc(sizeof(*fresh) + capacity);
    if (!fresh) {
        return -ENOMEM;
    }
    fresh->capacity = capacity;
    fresh->context = ZSTD_createCCtx();
    if (!fresh->context ||
        ZSTD_isError(ZSTD_CCtx_setParameter(fresh->context, ZSTD_c_compressionLevel,
                                            FRAME_LEVEL)) ||
        ZSTD_isError(ZSTD_CCtx_setParameter(fresh->context, ZSTD_c_checksumFlag, 1))) {
        frame_free(fresh);
        return -ENOMEM;
    }
    *frame = fresh;
    return 0;
}

void frame_begin(struct frame *frame)
{
    ZSTD_CCtx_reset(frame->context, ZSTD_reset_session_only);
}

/* Until all of in is taken and, for flush and end, nothing is left inside (zstd.h,
 * ZSTD_compressStream2). */
static void frame_compress(struct frame *frame, struct stream *stream, ZSTD_inBuffer in,
                           ZSTD_EndDirective directive)
{
    size_t left = 1;
    while (!stream->error &&
           (directive == ZSTD_e_continue ? in.pos < in.size : left > 0)) {
        ZSTD_outBuffer out = {.dst = frame->bytes, .size = frame->capacity};
        left = ZSTD_compressStream2(frame->context, &out, &in, directive);
        if (ZSTD_isError(left)) {
            stream->error = -ENOMEM;
            return;
        }
        stream_write(stream, frame->bytes, out.pos);
    }
}

void frame_write(struct frame *frame, struct stream *stream, const void *bytes,
                 size_t len)
{
    ZSTD_inBuffer in = {.src = bytes, .size = len};
    frame_compress(frame, stream, in, ZSTD_e_continue);
}

void frame_flush(struct frame *frame, struct stream *stream)
{
    frame_compress(frame, stream, (ZSTD_inBuffer){0}, ZSTD_e_flush);
}

void frame_end(struct frame *frame, struct stream *stream)
{
    frame_compress(frame, stream, (ZSTD_inBuffer){0}, ZSTD_e_end);
}

void frame_free(struct frame *frame)
{
    if (frame) {
        ZSTD_freeCCtx(frame->context);
        free(frame);
    }
}

const char *frame_library(void)
{
    return ZSTD_versionString();
}
