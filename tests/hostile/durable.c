/* What a power cut would leave, as POSIX and no file system promises it. $DURABLE/names holds a
 * hard link for every name that the directory had when it was last synced: so a name that was
 * replaced or removed since keeps its old file. $DURABLE/sizes holds, by inode, how many bytes
 * a file had when it was last synced: files here only grow. Bytes of which fsync reported a
 * failure are lost for good, even if a later fsync succeeds: the kernel calls such pages
 * clean. power_cut.py makes of it a directory as it may look after the cut. */
#include "system.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

/* Unlinks unless other names still have it: glibc's own calls would be counted. */
static void remove_name(const char *path)
{
    syscall(SYS_unlinkat, AT_FDCWD, path, 0);
}

static bool size_path(char path[PATH_MAX], const struct stat *status)
{
    const char *durable = getenv("DURABLE");
    return durable != NULL && snprintf(path, PATH_MAX, "%s/sizes/%ju", durable,
                                       (uintmax_t)status->st_ino) < PATH_MAX;
}

static void note_size(const struct stat *status, bool has_failed)
{
    char path[PATH_MAX], lost[8] = "";
    uintmax_t before = 0;
    if (!size_path(path, status)) {
        return;
    }
    FILE *file = fopen(path, "re");
    if (file != NULL) {
        if (fscanf(file, "%ju %7s", &before, lost) < 1) {
            before = 0;
        }
        fclose(file);
    }
    bool is_lost = has_failed || lost[0] != '\0';
    file = fopen(path, "we");
    if (file != NULL) {
        fprintf(file, "%ju%s\n", is_lost ? before : (uintmax_t)status->st_size,
                is_lost ? " lost" : "");
        fclose(file);
    }
}

/* One name of the durable directory becomes what it is now; never is it neither. */
static void keep_name(const char *dir, const char *names, const char *name)
{
    char from[PATH_MAX], fresh[PATH_MAX], to[PATH_MAX];
    snprintf(from, sizeof from, "%s/%s", dir, name);
    snprintf(to, sizeof to, "%s/%s", names, name);
    snprintf(fresh, sizeof fresh, "%s.new", names);
    remove_name(fresh);
    if (linkat(AT_FDCWD, from, AT_FDCWD, fresh, 0) == 0) {
        rename(fresh, to);
        remove_name(fresh); /* rename(2) of two links to one file does nothing */
    }
}

static void keep_names(const char *dir, const char *names)
{
    DIR *list = opendir(dir);
    struct dirent *entry;
    while (list != NULL && (entry = readdir(list)) != NULL) {
        if (entry->d_name[0] != '.') {
            keep_name(dir, names, entry->d_name);
        }
    }
    if (list != NULL) {
        closedir(list);
    }
}

static void drop_names(const char *dir, const char *names)
{
    DIR *list = opendir(names);
    struct dirent *entry;
    char path[PATH_MAX];
    while (list != NULL && (entry = readdir(list)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        if (entry->d_name[0] != '.' && faccessat(AT_FDCWD, path, F_OK, 0) != 0) {
            snprintf(path, sizeof path, "%s/%s", names, entry->d_name);
            remove_name(path);
        }
    }
    if (list != NULL) {
        closedir(list);
    }
}

void durable_synced(int fd, const char *dir, bool has_failed)
{
    struct stat status;
    char names[PATH_MAX];
    const char *durable = getenv("DURABLE");
    if (durable == NULL || fstat(fd, &status) != 0) {
        return;
    }
    pthread_mutex_lock(&lock);
    if (S_ISREG(status.st_mode)) {
        note_size(&status, has_failed);
    } else if (!has_failed &&
               snprintf(names, sizeof names, "%s/names", durable) < PATH_MAX) {
        keep_names(dir, names);
        drop_names(dir, names);
    }
    pthread_mutex_unlock(&lock);
}

void durable_emptied(int fd)
{
    struct stat status;
    char path[PATH_MAX];
    if (fstat(fd, &status) == 0 && status.st_size == 0 && size_path(path, &status)) {
        remove_name(path);
    }
}
