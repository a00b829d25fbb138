#include "output/publish.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "output/stream.h"

#define PATIENCE_MS 30000
#define PAUSE_MS 20

int publish_sync(int fd)
{
    return TEMP_FAILURE_RETRY(fsync(fd)) == 0 ? 0 : -errno;
}

int publish_sync_directory(int directory)
{
    /* EINVAL: a file system that knows no fsync of directories. */
    int rc = publish_sync(directory);
    return rc == -EINVAL ? 0 : rc;
}

/* Descriptors are the network's too, and it gives back its own within a time-out. */
static int open_patiently(int directory, const char *name, int flags)
{
    for (int waited_ms = 0;; waited_ms += PAUSE_MS) {
        int fd = TEMP_FAILURE_RETRY(openat(directory, name, flags | O_CLOEXEC, 0666));
        if (fd >= 0) {
            return fd;
        }
        bool is_short_of_fds = errno == EMFILE || errno == ENFILE;
        if (!is_short_of_fds || waited_ms >= PATIENCE_MS) {
            return -errno;
        }
        nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
    }
}

static int rename_new(int directory, const char *from, const char *to)
{
    if (renameat2(directory, from, directory, to, RENAME_NOREPLACE) == 0) {
        return 0;
    }
    if (errno != EINVAL && errno != ENOSYS) {
        return -errno;
    }
    return renameat(directory, from, directory, to) == 0 ? 0 : -errno;
}

int publish_rename(int directory, const char *from, const char *to, bool replace)
{
    int rc = 0;
    if (!replace) {
        rc = rename_new(directory, from, to);
    } else if (renameat(directory, from, directory, to) != 0) {
        rc = -errno;
    }
    return rc == 0 ? publish_sync_directory(directory) : rc;
}

static int write_text(int directory, const char *name, const char *text, size_t len)
{
    int fd = open_patiently(directory, name, O_WRONLY | O_CREAT | O_TRUNC);
    if (fd < 0) {
        return fd;
    }
    struct stream stream = {.fd = fd};
    stream_write(&stream, text, len);
    stream.error = stream.error ? stream.error : publish_sync(fd);
    close(fd);
    return stream.error;
}

int publish_text(int directory, const char *name, const char *text, size_t len)
{
    char temporary[NAME_MAX + 1];
    int name_len = snprintf(temporary, sizeof(temporary), "%s.tmp", name);
    if (name_len < 0 || (size_t)name_len >= sizeof(temporary)) {
        return -ENAMETOOLONG;
    }
    int rc = write_text(directory, temporary, text, len);
    if (rc == 0) {
        rc = publish_rename(directory, temporary, name, true);
    }
    if (rc != 0) {
        unlinkat(directory, temporary, 0);
    }
    return rc;
}

static int read_all(int fd, char *text, size_t len)
{
    while (len > 0) {
        ssize_t got = read(fd, text, len);
        if (got == 0 || (got < 0 && errno != EINTR)) {
            return got == 0 ? -EIO : -errno; /* it shrinks while it is read */
        }
        text += got > 0 ? got : 0;
        len -= got > 0 ? (size_t)got : 0;
    }
    return 0;
}

static int read_file(int fd, char **text)
{
    struct stat status;
    if (fstat(fd, &status) != 0) {
        return -errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return -EINVAL;
    }
    if ((uint64_t)status.st_size > PUBLISH_READ_MAX) {
        return -EFBIG;
    }
    size_t len = (size_t)status.st_size;
    char *bytes = (char *)malloc(len + 1);
    int rc = bytes ? read_all(fd, bytes, len) : -ENOMEM;
    if (rc != 0) {
        free(bytes);
        return rc;
    }
    bytes[len] = '\0';
    *text = bytes;
    return 0;
}

int publish_read(int directory, const char *name, char **text)
{
    int fd = openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int rc = read_file(fd, text);
    close(fd);
    return rc;
}

/* Between open and flock the holder may have renamed or removed the file: then the lock
 * is on a file that no longer bears the name. */
static bool is_still_named(int fd, int directory, const char *name)
{
    struct stat open_file, named_file;
    return fstat(fd, &open_file) == 0 &&
           fstatat(directory, name, &named_file, AT_SYMLINK_NOFOLLOW) == 0 &&
           open_file.st_ino == named_file.st_ino && open_file.st_dev == named_file.st_dev;
}

/* File systems without locks: the user must see to it that there is one writer. */
static bool is_without_locks(int error)
{
    return error == ENOLCK || error == EOPNOTSUPP || error == ENOSYS || error == EINVAL;
}

int publish_lock(int directory, const char *name)
{
    for (;;) {
        int fd = open_patiently(directory, name, O_RDWR | O_CREAT | O_NOFOLLOW);
        if (fd < 0) {
            return fd;
        }
        if (flock(fd, LOCK_EX | LOCK_NB) != 0 && !is_without_locks(errno)) {
            int rc = errno == EWOULDBLOCK ? -EBUSY : -errno;
            close(fd);
            return rc;
        }
        if (is_still_named(fd, directory, name)) {
            return fd;
        }
        close(fd);
    }
}
