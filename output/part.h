/* One output being written: a file under the name NAME.part that gets its own name when
 * it is whole and on the disk, or a descriptor that is simply written to (standard
 * output). */
#ifndef OUTPUT_PART_H
#define OUTPUT_PART_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "output/frame.h"
#include "output/stream.h"

struct part {
    bool is_open;
    int directory; /* borrowed; -1 = a descriptor without a name */
    char name[NAME_MAX + 1], temporary[NAME_MAX + 1];
    struct stream stream;
    struct frame *frame; /* borrowed; NULL = plain text */
    uint64_t rows;
};

/* Makes NAME.part and locks it; -EBUSY = another process is writing it. What an earlier,
 * broken run left under that name is overwritten. digest may be NULL. */
int part_create(struct part *part, int directory, const char *name, struct frame *frame,
                struct digest *digest) __attribute__((warn_unused_result));
void part_attach(struct part *part, int fd, struct frame *frame); /* fd is not closed */
/* rows whole records. Errors stick in part->stream.error. */
void part_write(struct part *part, const char *text, size_t len, uint64_t rows);
void part_flush(struct part *part);
/* Ends the frame; a named one is fsynced, renamed and the directory fsynced. 0 or -errno,
 * and then part_discard is due. */
int part_publish(struct part *part, bool replace) __attribute__((warn_unused_result));
void part_discard(struct part *part); /* removes NAME.part; if not open, nothing */
void part_leave(struct part *part);   /* lets NAME.part stand */

#endif
