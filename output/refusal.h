/* The one sentence that tells the user why an output cannot be written. */
#ifndef OUTPUT_REFUSAL_H
#define OUTPUT_REFUSAL_H

#include "output/sink.h"

/* Fills error as printf does and returns rc. */
int refuse(char error[SINK_ERROR_LEN], int rc, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* "cannot ACTION PATH: what errno -rc means" */
int refuse_errno(char error[SINK_ERROR_LEN], int rc, const char *action,
                 const char *path);

#endif
