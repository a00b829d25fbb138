#include "scanner/input_source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

int input_source_fail(struct input_source *source, int number, const char *format, ...)
{
    const char *name = source->name != NULL ? source->name : "input";
    int len = snprintf(source->error, sizeof source->error, "%.150s: ", name);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(source->error + len, sizeof source->error - (size_t)len, format, arguments);
    va_end(arguments);
    return number;
}

static bool is_standard_input(const char *path)
{
    return path == NULL || strcmp(path, "-") == 0;
}

/* open(2) takes a directory and only read(2) refuses it: say so before the scan starts.
 */
static int check_kind(struct input_source *source)
{
    struct stat status;
    if (fstat(source->fd, &status) != 0) {
        return input_source_fail(source, -errno, "%s", strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        return input_source_fail(source, -EISDIR,
                                 "is a directory, not a list of domains");
    }
    if (S_ISREG(status.st_mode)) {
        source->has_size = status.st_size > 0; /* files of /proc have none */
        (void)posix_fadvise(source->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    }
    return 0;
}

int input_source_open(struct input_source *source, const char *path)
{
    *source = (struct input_source){.fd = -1, .stop_fd = -1};
    source->name = strdup(is_standard_input(path) ? "standard input" : path);
    if (source->name == NULL) {
        return input_source_fail(source, -ENOMEM, "out of memory");
    }
    source->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (source->stop_fd < 0) {
        return input_source_fail(source, -errno, "no event descriptor: %s",
                                 strerror(errno));
    }
    source->fd = is_standard_input(path) ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                         : open(path, O_RDONLY | O_CLOEXEC);
    if (source->fd < 0) {
        return input_source_fail(source, -errno, "cannot be opened: %s", strerror(errno));
    }
    return check_kind(source);
}

/* poll(2) before read(2): a fifo without a writer's bytes must not hold up the end of a
 * run. */
static int wait_for_bytes(struct input_source *source)
{
    struct pollfd polled[] = {{.fd = source->fd, .events = POLLIN},
                              {.fd = source->stop_fd, .events = POLLIN}};
    if (poll(polled, 2, -1) < 0 && errno != EINTR) {
        return input_source_fail(source, -errno, "cannot be read: %s", strerror(errno));
    }
    if (polled[1].revents != 0) {
        return input_source_fail(source, -ECANCELED, "reading was stopped");
    }
    return 0;
}

/* Who writes a list anew while it is read leaves neither the old nor the new one. (What is
 * appended meanwhile is read like the rest.) */
static int check_end(struct input_source *source)
{
    struct stat status;
    if (source->has_size && fstat(source->fd, &status) == 0 &&
        (uint64_t)status.st_size < source->bytes_read) {
        return input_source_fail(source, -EIO, "became shorter while it was read");
    }
    return 0;
}

ssize_t input_source_read(struct input_source *source, char *buffer, size_t capacity)
{
    ssize_t got;
    do {
        int rc = wait_for_bytes(source);
        if (rc != 0) {
            return rc;
        }
        got = read(source->fd, buffer, capacity);
    } while (got < 0 && (errno == EINTR || errno == EAGAIN));
    if (got < 0) {
        return input_source_fail(source, -errno, "cannot be read: %s", strerror(errno));
    }
    if (got == 0) {
        return check_end(source);
    }
    source->bytes_read += (uint64_t)got;
    if (source->on_bytes != NULL) {
        source->on_bytes(source->on_bytes_arg, buffer, (size_t)got);
    }
    return got;
}

void input_source_stop(struct input_source *source)
{
    (void)eventfd_write(source->stop_fd, 1);
}

void input_source_close(struct input_source *source)
{
    if (source->fd >= 0) {
        close(source->fd);
    }
    if (source->stop_fd >= 0) {
        close(source->stop_fd);
    }
    free(source->name);
    *source = (struct input_source){.fd = -1, .stop_fd = -1};
}
