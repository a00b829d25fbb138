#include "system.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

enum call { OPEN, READ, WRITE, FSYNC, RENAME, UNLINK, CLOSE, CALLS };

static const char *const CALL_NAMES[CALLS] = {"open",   "read",   "write", "fsync",
                                              "rename", "unlink", "close"};

static const struct error {
    const char *name;
    int number;
} ERRORS[] = {{"EIO", EIO},     {"ENOSPC", ENOSPC}, {"EDQUOT", EDQUOT},
              {"EINTR", EINTR}, {"EMFILE", EMFILE}, {"KILL", 0}};

static atomic_uint counts[CALLS + 1]; /* of each call, and of any */
static atomic_uint writes;

static bool is_below(const char *path)
{
    const char *dir = getenv("HOSTILE_DIR");
    size_t len = dir != NULL ? strlen(dir) : 0;
    return len > 0 && strncmp(path, dir, len) == 0 &&
           (path[len] == '\0' || path[len] == '/');
}

/* Of a file that was removed the kernel says "PATH (deleted)": still below. */
static bool is_hostile_fd(int fd)
{
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    long len = syscall(SYS_readlinkat, AT_FDCWD, link, path, sizeof path - 1);
    path[len > 0 ? len : 0] = '\0';
    return is_below(path);
}

static bool is_hostile_at(int dir, const char *path)
{
    return path[0] == '/' ? is_below(path) : dir != AT_FDCWD && is_hostile_fd(dir);
}

static int number_of(const char *name)
{
    for (size_t i = 0; i < sizeof ERRORS / sizeof ERRORS[0]; i++) {
        if (strncmp(name, ERRORS[i].name, strlen(ERRORS[i].name)) == 0) {
            return ERRORS[i].number;
        }
    }
    fprintf(stderr, "hostile: no such error: %s\n", name);
    abort();
}

/* Whether a rule of FAIL_CALL, "CALL:N:ERROR", speaks of this call. */
static const char *rule_hits(const char *rule, const char *name, unsigned count)
{
    size_t len = strlen(name);
    if (strncmp(rule, name, len) != 0 || rule[len] != ':') {
        return NULL;
    }
    char *end;
    unsigned long nth = strtoul(rule + len + 1, &end, 10);
    bool is_hit = *end == '+' ? count >= nth : count == nth;
    end += *end == '+';
    return is_hit && *end == ':' ? end + 1 : NULL;
}

/* The call is counted; true = it fails, errno is set. */
static bool must_fail(enum call call)
{
    unsigned count = atomic_fetch_add(&counts[call], 1) + 1;
    unsigned all = atomic_fetch_add(&counts[CALLS], 1) + 1;
    const char *rule = getenv("FAIL_CALL");
    while (rule != NULL && *rule != '\0') {
        const char *error = rule_hits(rule, CALL_NAMES[call], count);
        error = error != NULL ? error : rule_hits(rule, "any", all);
        if (error != NULL) {
            int number = number_of(error);
            if (number == 0) {
                syscall(SYS_kill, syscall(SYS_getpid), SIGKILL);
            }
            errno = number;
            return true;
        }
        rule = strchr(rule, ',');
        rule = rule != NULL ? rule + 1 : NULL;
    }
    return false;
}

static int open_at(int dir, const char *path, int flags, mode_t mode)
{
    bool is_hostile = is_hostile_at(dir, path);
    if (is_hostile && must_fail(OPEN)) {
        return -1;
    }
    int fd = (int)syscall(SYS_openat, dir, path, flags, mode);
    if (fd >= 0 && is_hostile && (flags & O_CREAT) != 0) {
        durable_emptied(fd);
    }
    return fd;
}

static mode_t mode_of(int flags, va_list arguments)
{
    return (flags & O_CREAT) != 0 ? va_arg(arguments, mode_t) : 0;
}

EXPORTED int open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_at(AT_FDCWD, path, flags, mode);
}

EXPORTED int openat(int dir, const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = mode_of(flags, arguments);
    va_end(arguments);
    return open_at(dir, path, flags, mode);
}

EXPORTED ssize_t read(int fd, void *bytes, size_t len)
{
    return is_hostile_fd(fd) && must_fail(READ) ? -1 : syscall(SYS_read, fd, bytes, len);
}

EXPORTED ssize_t write(int fd, const void *bytes, size_t len)
{
    if (is_hostile_fd(fd)) {
        if (must_fail(WRITE)) {
            return -1;
        }
        if (getenv("SHORT_WRITES") != NULL && atomic_fetch_add(&writes, 1) % 2 == 0) {
            errno = EINTR;
            return -1;
        }
        len = getenv("SHORT_WRITES") != NULL && len > 1 ? len / 2 : len;
    }
    return syscall(SYS_write, fd, bytes, len);
}

EXPORTED int fsync(int fd)
{
    bool is_hostile = is_hostile_fd(fd), has_failed = is_hostile && must_fail(FSYNC);
    int rc = has_failed ? -1 : (int)syscall(SYS_fsync, fd);
    int number = errno;
    if (is_hostile && (rc == 0 || has_failed) && getenv("FORGET_FSYNC") == NULL) {
        durable_synced(fd, getenv("HOSTILE_DIR"), has_failed);
    }
    errno = number;
    return rc;
}

EXPORTED int renameat2(int from_dir, const char *from, int to_dir, const char *to,
                       unsigned flags)
{
    return is_hostile_at(to_dir, to) && must_fail(RENAME)
               ? -1
               : (int)syscall(SYS_renameat2, from_dir, from, to_dir, to, flags);
}

EXPORTED int renameat(int from_dir, const char *from, int to_dir, const char *to)
{
    return renameat2(from_dir, from, to_dir, to, 0);
}

EXPORTED int unlinkat(int dir, const char *path, int flags)
{
    return is_hostile_at(dir, path) && must_fail(UNLINK)
               ? -1
               : (int)syscall(SYS_unlinkat, dir, path, flags);
}

/* Linux closes whatever it reports. */
EXPORTED int close(int fd)
{
    bool has_failed = is_hostile_fd(fd) && must_fail(CLOSE);
    int number = errno;
    int rc = (int)syscall(SYS_close, fd);
    errno = has_failed ? number : errno;
    return has_failed ? -1 : rc;
}
