#include "output/part.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "output/publish.h"

static int part_set_names(struct part *part, const char *name)
{
    int len = snprintf(part->temporary, sizeof(part->temporary), "%s.part", name);
    if (len < 0 || (size_t)len >= sizeof(part->temporary)) {
        return -ENAMETOOLONG;
    }
    snprintf(part->name, sizeof(part->name), "%s", name);
    return 0;
}

static void part_begin(struct part *part)
{
    if (part->frame) {
        frame_begin(part->frame);
    }
    part->is_open = true;
}

int part_create(struct part *part, int directory, const char *name, struct frame *frame,
                struct digest *digest)
{
    *part = (struct part){.directory = directory, .frame = frame};
    int rc = part_set_names(part, name);
    if (rc == 0 && digest) {
        rc = digest_reset(digest);
    }
    if (rc != 0) {
        return rc;
    }
    int fd = publish_lock(directory, part->temporary);
    if (fd < 0) {
        return fd;
    }
    if (ftruncate(fd, 0) != 0) {
        rc = -errno;
        close(fd);
        return rc;
    }
    part->stream = (struct stream){.fd = fd, .digest = digest};
    part_begin(part);
    return 0;
}

void part_attach(struct part *part, int fd, struct frame *frame)
{
    *part = (struct part){.directory = -1, .frame = frame, .stream = {.fd = fd}};
    part_begin(part);
}

void part_write(struct part *part, const char *text, size_t len, uint64_t rows)
{
    if (part->frame) {
        frame_write(part->frame, &part->stream, text, len);
    } else {
        stream_write(&part->stream, text, len);
    }
    part->rows += rows;
}

void part_flush(struct part *part)
{
    if (part->frame) {
        frame_flush(part->frame, &part->stream);
    }
}

int part_publish(struct part *part, bool replace)
{
    if (part->frame) {
        frame_end(part->frame, &part->stream);
    }
    if (part->stream.error) {
        return part->stream.error;
    }
    if (part->directory >= 0) {
        int rc = publish_sync(part->stream.fd);
        if (rc == 0) {
            rc = publish_rename(part->directory, part->temporary, part->name, replace);
        }
        if (rc != 0) {
            return rc;
        }
        close(part->stream.fd);
    }
    part->is_open = false;
    return 0;
}

void part_leave(struct part *part)
{
    if (part->is_open && part->directory >= 0) {
        close(part->stream.fd);
    }
    part->is_open = false;
}

void part_discard(struct part *part)
{
    if (part->is_open && part->directory >= 0) {
        unlinkat(part->directory, part->temporary, 0);
    }
    part_leave(part);
}
