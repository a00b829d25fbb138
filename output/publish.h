/* Files that appear under their name whole or not at all. Directories are given by
 * descriptor. Where the process or the system is out of descriptors a file to be written is
 * waited for, half a minute at most. */
#ifndef OUTPUT_PUBLISH_H
#define OUTPUT_PUBLISH_H

#include <stdbool.h>
#include <stddef.h>

/* fsync(2), of a file and of a directory, where a file system may know none. 0 or -errno.
 * After a failure nothing is known of what was written: it is not to be published. */
int publish_sync(int fd) __attribute__((warn_unused_result));
int publish_sync_directory(int directory) __attribute__((warn_unused_result));
/* Renames the finished file and syncs the directory. With replace false a file that
 * stands at `to` is -EEXIST (where the file system can tell). */
int publish_rename(int directory, const char *from, const char *to, bool replace)
    __attribute__((warn_unused_result));
/* A small file: NAME.tmp, fsync, rename over NAME, fsync of the directory. */
int publish_text(int directory, const char *name, const char *text, size_t len)
    __attribute__((warn_unused_result));
/* What publish_text wrote, NUL-terminated, the caller's to free. 0, -EFBIG above
 * PUBLISH_READ_MAX, -EINVAL when it is no regular file, or -errno. */
#define PUBLISH_READ_MAX ((size_t)1 << 30)
int publish_read(int directory, const char *name, char **text)
    __attribute__((warn_unused_result));
/* Opens NAME (made if missing) and locks it against other processes. The descriptor, or
 * -errno; -EBUSY = another holds it. Closing it unlocks. */
int publish_lock(int directory, const char *name) __attribute__((warn_unused_result));

#endif
