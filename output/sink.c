#include "output/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "output/digest.h"
#include "output/directory.h"
#include "output/publish.h"
#include "output/refusal.h"
#include "output/run_name.h"
#include "output/writer.h"

#define FULL_BYTES ((size_t)8 * 1024 * 1024)
/* A reader of compressed standard output waits that long at most; more often would cost
 * compression. */
#define STDOUT_FLUSH_MS 2000

struct sink {
    struct writer writer;
    struct directory directory;
    int file_directory; /* that holds the single file; -1 = none */
    pthread_mutex_t publishing;
    pthread_t thread;
    bool has_thread, has_queue;
};

static bool ends_with(const char *text, const char *ending)
{
    size_t len = strlen(text), ending_len = strlen(ending);
    return len >= ending_len && strcmp(text + len - ending_len, ending) == 0;
}

enum sink_kind sink_kind_of(const char *path)
{
    if (!path) {
        return SINK_STDOUT;
    }
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    bool is_file = ends_with(name, ".ndjson") || strstr(name, ".ndjson.");
    return is_file ? SINK_FILE : SINK_DIRECTORY;
}

static int64_t linger_ms(const struct sink_config *config, enum sink_kind kind)
{
    if (kind == SINK_STDOUT) {
        return config->compress ? STDOUT_FLUSH_MS : 0;
    }
    if (kind == SINK_FILE || config->part_seconds == 0) {
        return QUEUE_NEVER;
    }
    return (int64_t)config->part_seconds * 1000;
}

static int make_sink(struct sink **made, const struct sink_config *config)
{
    struct sink *sink = (struct sink *)calloc(1, sizeof(*sink));
    if (!sink) {
        return -ENOMEM;
    }
    *made = sink;
    sink->directory.fd = sink->directory.lock = sink->file_directory = -1;
    pthread_mutex_init(&sink->publishing, NULL);
    struct writer *writer = &sink->writer;
    writer->kind = sink_kind_of(config->path);
    writer->replace = config->force;
    writer->shard = config->shard;
    writer->is_sharded = config->shards > 1;
    writer->part_rows = UINT64_MAX;
    writer->part_due_ms = QUEUE_NEVER;
    writer->on_rows = config->on_rows;
    writer->on_part = config->on_part;
    writer->arg = config->arg;
    writer->sink = sink;
    atomic_init(&writer->error, 0);
    atomic_init(&writer->open_rows, 0);
    int rc =
        queue_init(&writer->queue, linger_ms(config, writer->kind), config->note_bytes);
    sink->has_queue = rc == 0;
    if (rc == 0 && config->path && !(writer->path = strdup(config->path))) {
        rc = -ENOMEM;
    }
    return rc;
}

static bool is_compressed(const struct sink_config *config)
{
    switch (sink_kind_of(config->path)) {
    case SINK_STDOUT:
        return config->compress;
    case SINK_FILE:
        return ends_with(config->path, ".zst");
    case SINK_DIRECTORY:
        break;
    }
    return true;
}

static int refuse_file(int directory, const char *name, const struct sink_config *config,
                       char error[SINK_ERROR_LEN])
{
    struct stat status;
    if (!ends_with(name, ".ndjson") && !ends_with(name, ".ndjson.zst")) {
        return refuse(error, -EINVAL,
                      "cannot write %s: a file ends in .ndjson or .ndjson.zst",
                      config->path);
    }
    if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? 0 : refuse_errno(error, -errno, "write", config->path);
    }
    if (S_ISDIR(status.st_mode)) {
        return refuse(error, -EISDIR, "cannot write %s: it is a directory", config->path);
    }
    if (!config->force) {
        return refuse(error, -EEXIST, "%s exists already: use --force to replace it",
                      config->path);
    }
    return 0;
}

static int open_file(struct sink *sink, const struct sink_config *config,
                     char error[SINK_ERROR_LEN])
{
    const char *name;
    int rc = directory_of_file(config->path, &sink->file_directory, &name, error);
    if (rc == 0) {
        rc = refuse_file(sink->file_directory, name, config, error);
    }
    if (rc != 0) {
        return rc;
    }
    rc = part_create(&sink->writer.part, sink->file_directory, name, sink->writer.frame,
                     NULL);
    if (rc == -EBUSY) {
        return refuse(error, rc, "another mailcensus is writing %s", config->path);
    }
    return rc == 0 ? 0 : refuse_errno(error, rc, "write", config->path);
}

static int open_directory(struct sink *sink, const struct sink_config *config,
                          char error[SINK_ERROR_LEN])
{
    if (config->path[0] == '\0') {
        return refuse(error, -EINVAL, "the path of the output is empty");
    }
    int rc = digest_init(&sink->writer.digest);
    if (rc != 0) {
        return refuse_errno(error, rc, "write", config->path);
    }
    sink->writer.part_rows = config->part_rows > 0 ? config->part_rows : UINT64_MAX;
    rc = directory_open(&sink->directory, config, error);
    sink->writer.directory = sink->directory.fd;
    return rc;
}

static int open_target(struct sink *sink, const struct sink_config *config,
                       char error[SINK_ERROR_LEN])
{
    switch (sink_kind_of(config->path)) {
    case SINK_DIRECTORY:
        return open_directory(sink, config, error);
    case SINK_FILE:
        return open_file(sink, config, error);
    case SINK_STDOUT:
        break;
    }
    part_attach(&sink->writer.part, STDOUT_FILENO, sink->writer.frame);
    return 0;
}

/* Signals are for the main thread; SIGPIPE and SIGXFSZ, which the kernel sends to the
 * thread that writes, become errors. A fault of our own must still kill. */
static int start_thread(struct sink *sink)
{
    sigset_t blocked, before;
    sigfillset(&blocked);
    const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
        sigdelset(&blocked, faults[i]);
    }
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int rc = pthread_create(&sink->thread, NULL, writer_run, &sink->writer);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    sink->has_thread = rc == 0;
    return -rc;
}

int sink_open(struct sink **sink, const struct sink_config *config,
              char error[SINK_ERROR_LEN])
{
    struct sink *made = NULL;
    const char *path = config->path ? config->path : "standard output";
    error[0] = '\0';
    int rc = make_sink(&made, config);
    if (rc == 0 && is_compressed(config)) {
        rc = frame_open(&made->writer.frame);
    }
    if (rc == 0) {
        rc = open_target(made, config, error);
    }
    if (rc == 0) {
        rc = start_thread(made);
        if (rc != 0) {
            refuse(error, rc, "no thread can be started: %s", strerror(-rc));
        }
    }
    if (rc == 0) {
        *sink = made;
        return 0;
    }
    sink_free(made);
    return error[0] ? rc : refuse_errno(error, rc, "write", path);
}

void sink_write(struct sink *sink, const char *record, size_t len, const void *note)
{
    atomic_fetch_add_explicit(&sink->writer.open_rows, 1, memory_order_relaxed);
    if (!sink_has_failed(sink) &&
        queue_add(&sink->writer.queue, record, len, note) != 0) {
        writer_fail(&sink->writer, -ENOMEM, "write", NULL);
    }
}

bool sink_is_full(const struct sink *sink)
{
    const struct writer *writer = &sink->writer;
    return atomic_load_explicit(&writer->queue.waiting_bytes, memory_order_relaxed) >
               FULL_BYTES ||
           atomic_load_explicit(&writer->open_rows, memory_order_relaxed) >=
               writer->part_rows;
}

bool sink_has_failed(const struct sink *sink)
{
    return atomic_load_explicit(&sink->writer.error, memory_order_relaxed) != 0;
}

/* Only names that --force knows as a run's own. */
static bool is_publishable(const struct sink *sink, const char *name)
{
    uint32_t shard = 0;
    enum run_owner owner = run_name_owner(name, &shard);
    bool is_own = sink->directory.is_sharded
                      ? owner == RUN_OWNER_SHARD && shard == sink->directory.shard
                      : owner == RUN_OWNER_RUN;
    return sink->directory.fd >= 0 && is_own && ends_with(name, ".json");
}

int sink_publish(struct sink *sink, const char *name, const char *text, size_t len)
{
    if (!is_publishable(sink, name)) {
        return -EINVAL;
    }
    pthread_mutex_lock(&sink->publishing);
    int rc = publish_text(sink->directory.fd, name, text, len);
    pthread_mutex_unlock(&sink->publishing);
    return rc;
}

int sink_read(const struct sink *sink, const char *name, char **text)
{
    return is_publishable(sink, name) ? publish_read(sink->directory.fd, name, text)
                                      : -EINVAL;
}

static int list_parts(struct writer *writer, const struct sink_part *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct sink_part *listed = writer_list_part(writer);
        if (!listed) {
            return -ENOMEM;
        }
        *listed = parts[i];
        uint32_t sequence = run_name_sequence(listed->file);
        writer->sequence = sequence >= writer->sequence ? sequence + 1 : writer->sequence;
    }
    return 0;
}

int sink_resume(struct sink *sink, const struct sink_part *parts, size_t count,
                char error[SINK_ERROR_LEN])
{
    struct writer *writer = &sink->writer;
    int rc = list_parts(writer, parts, count);
    if (rc != 0) {
        return refuse_errno(error, rc, "resume", writer->path);
    }
    struct directory_parts kept = {parts, count};
    return directory_resume(&sink->directory, writer->path, &kept, error);
}

size_t sink_part_count(const struct sink *sink)
{
    return sink->writer.part_count;
}

const struct sink_part *sink_part(const struct sink *sink, size_t index)
{
    return sink->writer.parts[index];
}

int sink_finish(struct sink *sink, bool complete, char error[SINK_ERROR_LEN])
{
    if (sink->has_thread) {
        sink->writer.complete = complete;
        queue_end(&sink->writer.queue);
        pthread_join(sink->thread, NULL);
        sink->has_thread = false;
    }
    snprintf(error, SINK_ERROR_LEN, "%s", sink->writer.message);
    return atomic_load(&sink->writer.error);
}

void sink_free(struct sink *sink)
{
    if (!sink) {
        return;
    }
    char error[SINK_ERROR_LEN];
    (void)!sink_finish(sink, false, error);
    part_discard(&sink->writer.part); /* open still where no thread was started */
    if (sink->has_queue) {
        queue_close(&sink->writer.queue);
    }
    writer_close(&sink->writer);
    directory_close(&sink->directory);
    if (sink->file_directory >= 0) {
        close(sink->file_directory);
    }
    pthread_mutex_destroy(&sink->publishing);
    free(sink);
}
