#include "output/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/publish.h"
#include "output/refusal.h"
#include "output/run_name.h"

/* An unsharded run owns all that a run can write; a shard its own files and those of an
 * unsharded run, which cannot stand beside it. */
static bool is_ours(const struct directory *directory, const char *name)
{
    uint32_t shard = 0;
    enum run_owner owner = run_name_owner(name, &shard);
    if (owner == RUN_OWNER_SHARD) {
        return !directory->is_sharded || shard == directory->shard;
    }
    return owner == RUN_OWNER_RUN;
}

/* What a file system keeps in its directories by itself: `lost+found` of a fresh volume,
 * and NFS's names for removed files that are still open. */
static bool is_of_file_system(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
           strcmp(name, "lost+found") == 0 || strncmp(name, ".nfs", 4) == 0;
}

struct contents {
    char ours[NAME_MAX + 1], foreign[NAME_MAX + 1]; /* one of each, or "" */
    const struct directory_parts *kept;             /* of a run that goes on */
};

typedef int (*visit_name)(const struct directory *directory, const char *name,
                          struct contents *contents);

static int visit_names(const struct directory *directory, visit_name visit,
                       struct contents *contents)
{
    int fd = openat(directory->fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    if (!list) {
        int rc = -errno;
        if (fd >= 0) {
            close(fd);
        }
        return rc;
    }
    int rc = 0;
    struct dirent *entry = NULL;
    while (rc == 0 && (errno = 0, entry = readdir(list))) {
        rc = is_of_file_system(entry->d_name) ? 0
                                              : visit(directory, entry->d_name, contents);
    }
    if (rc == 0 && !entry) {
        rc = -errno;
    }
    closedir(list);
    return rc;
}

static int note_name(const struct directory *directory, const char *name,
                     struct contents *contents)
{
    uint32_t shard;
    if (is_ours(directory, name)) {
        snprintf(contents->ours, sizeof(contents->ours), "%s", name);
    } else if (run_name_owner(name, &shard) == RUN_OWNER_NONE) {
        snprintf(contents->foreign, sizeof(contents->foreign), "%s", name);
    }
    return 0;
}

static int remove_name(const struct directory *directory, const char *name,
                       struct contents *contents)
{
    if (!is_ours(directory, name) || strcmp(name, directory->lock_name) == 0 ||
        unlinkat(directory->fd, name, 0) == 0) {
        return 0;
    }
    int rc = -errno;
    snprintf(contents->ours, sizeof(contents->ours), "%s", name);
    return rc;
}

static int refuse_in_use(const struct directory *directory, const char *path,
                         char error[SINK_ERROR_LEN])
{
    struct contents contents = {0};
    int rc = visit_names(directory, note_name, &contents);
    if (rc != 0) {
        return refuse_errno(error, rc, "read", path);
    }
    if (contents.ours[0]) {
        return refuse(error, -EEXIST,
                      "%s already holds a run (%s): name another directory, or use "
                      "--force to replace it",
                      path, contents.ours);
    }
    if (contents.foreign[0]) {
        return refuse(error, -EEXIST,
                      "%s is not empty and no run (it holds %s): name another directory, "
                      "or use --force to write beside what is there",
                      path, contents.foreign);
    }
    return 0;
}

static int clear(const struct directory *directory, const char *path,
                 visit_name remove_some, struct contents *contents,
                 char error[SINK_ERROR_LEN])
{
    int rc = visit_names(directory, remove_some, contents);
    rc = rc == 0 ? publish_sync_directory(directory->fd) : rc;
    if (rc == 0) {
        return 0;
    }
    char action[NAME_MAX + 16];
    snprintf(action, sizeof(action), "remove %s in", contents->ours);
    return refuse_errno(error, rc, action, path);
}

static int compare_sequence(const void *key, const void *member)
{
    uint32_t sequence = *(const uint32_t *)key;
    uint32_t other = run_name_sequence(((const struct sink_part *)member)->file);
    return sequence < other ? -1 : sequence > other;
}

static bool is_kept(const struct directory_parts *kept, const char *name)
{
    if (!kept->parts) {
        return false;
    }
    uint32_t sequence = run_name_sequence(name);
    const struct sink_part *found = (const struct sink_part *)bsearch(
        &sequence, kept->parts, kept->count, sizeof(*found), compare_sequence);
    return found && strcmp(found->file, name) == 0;
}

/* What was under way when a run was broken off. */
static bool is_unfinished(const char *name)
{
    const char *ending = strrchr(name, '.');
    return ending && (strcmp(ending, ".part") == 0 || strcmp(ending, ".tmp") == 0);
}

static int remove_leftover(const struct directory *directory, const char *name,
                           struct contents *contents)
{
    uint32_t shard = directory->shard;
    enum run_owner owner = run_name_owner(name, &shard);
    bool is_leftover =
        is_unfinished(name) || (run_name_is_part(name) && !is_kept(contents->kept, name));
    if (owner == RUN_OWNER_NONE || shard != directory->shard || !is_leftover ||
        unlinkat(directory->fd, name, 0) == 0) {
        return 0;
    }
    int rc = -errno;
    snprintf(contents->ours, sizeof(contents->ours), "%s", name);
    return rc;
}

/* Without a checkpoint nothing but what was under way may stand there. */
static int note_finished(const struct directory *directory, const char *name,
                         struct contents *contents)
{
    return is_unfinished(name) || strcmp(name, directory->lock_name) == 0
               ? 0
               : note_name(directory, name, contents);
}

static int refuse_lost_checkpoint(const struct directory *directory, const char *path,
                                  char error[SINK_ERROR_LEN])
{
    struct contents contents = {0};
    char json[RUN_NAME_LEN];
    int rc = visit_names(directory, note_finished, &contents);
    if (rc != 0) {
        return refuse_errno(error, rc, "read", path);
    }
    run_name_json(json, directory->is_sharded, directory->shard);
    if (contents.ours[0]) {
        return refuse(error, -ENOENT,
                      "%s cannot be resumed: it holds %s but no %s, which says what is "
                      "finished",
                      path, contents.ours, json);
    }
    if (contents.foreign[0]) {
        return refuse(error, -ENOENT,
                      "%s cannot be resumed: it holds no %s but other files (%s)", path,
                      json, contents.foreign);
    }
    return 0;
}

static int check_part(const struct directory *directory, const char *path,
                      const struct sink_part *part, char error[SINK_ERROR_LEN])
{
    struct stat status;
    if (fstatat(directory->fd, part->file, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return refuse(error, -errno, "%s cannot be resumed: its part %s %s", path,
                      part->file, errno == ENOENT ? "is missing" : "cannot be read");
    }
    if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size != part->bytes) {
        return refuse(error, -EIO,
                      "%s cannot be resumed: its part %s has %llu bytes instead of %llu",
                      path, part->file, (unsigned long long)status.st_size,
                      (unsigned long long)part->bytes);
    }
    return 0;
}

int directory_resume(const struct directory *directory, const char *path,
                     const struct directory_parts *kept, char error[SINK_ERROR_LEN])
{
    struct contents contents = {.kept = kept};
    int rc = 0;
    if (!kept->parts) {
        rc = refuse_lost_checkpoint(directory, path, error);
    }
    for (size_t i = 0; kept->parts && i < kept->count && rc == 0; i++) {
        rc = check_part(directory, path, &kept->parts[i], error);
    }
    return rc == 0 ? clear(directory, path, remove_leftover, &contents, error) : rc;
}

int directory_of_file(const char *path, int *fd, const char **name,
                      char error[SINK_ERROR_LEN])
{
    const char *slash = strrchr(path, '/');
    *name = slash ? slash + 1 : path;
    *fd = -1;
    char *parent = slash ? strndup(path, (size_t)(slash - path) + 1) : strdup(".");
    if (!parent) {
        return refuse_errno(error, -ENOMEM, "write", path);
    }
    int rc = 0;
    *fd = open(parent, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0) {
        rc = refuse_errno(error, -errno, "open the directory", parent);
    }
    free(parent);
    return rc;
}

static int make_directory(const char *path, char error[SINK_ERROR_LEN])
{
    int parent;
    const char *name;
    int rc = directory_of_file(path, &parent, &name, error);
    if (rc != 0) {
        return rc;
    }
    if (mkdirat(parent, name, 0777) != 0 && errno != EEXIST) {
        rc = refuse_errno(error, -errno, "make the directory", path);
    } else {
        rc = publish_sync_directory(parent);
        rc = rc == 0 ? 0 : refuse_errno(error, rc, "sync the directory that holds", path);
    }
    close(parent);
    return rc;
}

static int open_or_make(const char *path, int *fd, char error[SINK_ERROR_LEN])
{
    int rc = 0;
    *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (*fd < 0 && errno == ENOENT) {
        rc = make_directory(path, error);
        if (rc != 0) {
            return rc;
        }
        *fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    }
    return *fd < 0 ? refuse_errno(error, -errno, "open the directory", path) : 0;
}

static int take_lock(struct directory *directory, const char *path,
                     char error[SINK_ERROR_LEN])
{
    directory->lock = publish_lock(directory->fd, directory->lock_name);
    if (directory->lock == -EBUSY) {
        return refuse(error, -EBUSY, "another mailcensus is writing to %s (%s is locked)",
                      path, directory->lock_name);
    }
    if (directory->lock < 0) {
        return refuse_errno(error, directory->lock, "make a lock in", path);
    }
    return 0;
}

int directory_open(struct directory *directory, const struct sink_config *config,
                   char error[SINK_ERROR_LEN])
{
    char *path = strdup(config->path);
    if (!path) {
        return refuse_errno(error, -ENOMEM, "write", config->path);
    }
    for (size_t len = strlen(path); len > 1 && path[len - 1] == '/'; len--) {
        path[len - 1] = '\0';
    }
    *directory = (struct directory){
        .fd = -1, .lock = -1, .is_sharded = config->shards > 1, .shard = config->shard};
    run_name_lock(directory->lock_name, directory->is_sharded, directory->shard);
    int rc = open_or_make(path, &directory->fd, error);
    if (rc == 0 && !config->force && !config->resume) {
        rc = refuse_in_use(directory, path, error);
    }
    if (rc == 0) {
        rc = take_lock(directory, path, error);
    }
    if (rc == 0 && config->force) {
        struct contents contents = {0};
        rc = clear(directory, path, remove_name, &contents, error);
    }
    if (rc != 0) {
        directory_close(directory);
    }
    free(path);
    return rc;
}

void directory_close(struct directory *directory)
{
    if (directory->lock >= 0) {
        unlinkat(directory->fd, directory->lock_name, 0);
        close(directory->lock);
    }
    if (directory->fd >= 0) {
        close(directory->fd);
    }
    directory->lock = directory->fd = -1;
}
