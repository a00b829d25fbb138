#include "output/writer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/refusal.h"
#include "output/run_name.h"

void writer_fail(struct writer *writer, int rc, const char *action, const char *name)
{
    int none = 0;
    if (!atomic_compare_exchange_strong(&writer->error, &none, rc)) {
        return;
    }
    char path[SINK_ERROR_LEN];
    const char *base = writer->path ? writer->path : "standard output";
    snprintf(path, sizeof(path), "%s%s%s", base, name ? "/" : "", name ? name : "");
    refuse_errno(writer->message, rc, action, path);
}

static bool has_failed(const struct writer *writer)
{
    return atomic_load_explicit(&writer->error, memory_order_relaxed) != 0;
}

static const char *name_in_directory(const struct writer *writer, const char *name)
{
    return writer->kind == SINK_DIRECTORY ? name : NULL;
}

static void open_part(struct writer *writer)
{
    char name[RUN_NAME_LEN];
    run_name_part(name, writer->shard, writer->sequence);
    int rc = part_create(&writer->part, writer->directory, name, writer->frame,
                         &writer->digest);
    if (rc != 0) {
        writer_fail(writer, rc, "write", name);
        return;
    }
    writer->sequence++;
}

/* Room for one more, made before the part gets its name: a published part is always
 * listed. */
struct sink_part *writer_list_part(struct writer *writer)
{
    if (writer->part_count == writer->part_capacity) {
        size_t capacity = writer->part_capacity > 0 ? 2 * writer->part_capacity : 64;
        struct sink_part **parts = (struct sink_part **)realloc(
            (void *)writer->parts, capacity * sizeof(void *));
        if (!parts) {
            return NULL;
        }
        writer->parts = parts;
        writer->part_capacity = capacity;
    }
    struct sink_part *listed = (struct sink_part *)calloc(1, sizeof(*listed));
    writer->parts[writer->part_count] = listed;
    writer->part_count += listed ? 1 : 0;
    return listed;
}

static void drop_listed_part(struct writer *writer)
{
    writer->part_count--;
    free(writer->parts[writer->part_count]);
}

static int list_part(struct writer *writer, struct sink_part *listed)
{
    snprintf(listed->file, sizeof(listed->file), "%.63s", writer->part.name);
    listed->rows = writer->part.rows;
    listed->bytes = writer->part.stream.bytes;
    return digest_hex(&writer->digest, listed->sha256);
}

static void publish_part(struct writer *writer)
{
    struct sink_part *listed = writer_list_part(writer);
    if (!listed) {
        writer_fail(writer, -ENOMEM, "list", writer->part.name);
        return;
    }
    int rc = part_publish(&writer->part, false);
    rc = rc == 0 ? list_part(writer, listed) : rc;
    if (rc != 0) {
        drop_listed_part(writer);
        writer_fail(writer, rc, "publish", writer->part.name);
        return;
    }
    writer->part_due_ms = QUEUE_NEVER;
    rc = writer->on_part ? writer->on_part(writer->arg, writer->sink) : 0;
    if (rc != 0) {
        char name[RUN_NAME_LEN];
        run_name_json(name, writer->is_sharded, writer->shard);
        writer_fail(writer, rc, "write", name);
    }
    atomic_fetch_sub_explicit(&writer->open_rows, writer->part.rows,
                              memory_order_relaxed);
}

static void settle_part(struct writer *writer)
{
    if (writer->kind == SINK_DIRECTORY) {
        publish_part(writer);
        return;
    }
    part_flush(&writer->part);
    writer->part_due_ms = QUEUE_NEVER;
    if (writer->part.stream.error) {
        writer_fail(writer, writer->part.stream.error, "write", NULL);
    }
}

/* Length of the first `rows` records. */
static size_t records_len(const char *text, size_t len, uint64_t rows)
{
    const char *end = text;
    for (; rows > 0; rows--) {
        end = (const char *)memchr(end, '\n', len - (size_t)(end - text)) + 1;
    }
    return (size_t)(end - text);
}

/* Time counts from the part's first row. What is left of a chunk that filled the part
 * before came at some time between the chunk's first row and now: now is near enough, and
 * makes no part that is due as soon as it is opened. */
static void set_due(struct writer *writer, int64_t first_row_ms)
{
    bool is_timed = writer->frame && writer->queue.linger_ms != QUEUE_NEVER;
    if (is_timed && writer->part_due_ms == QUEUE_NEVER) {
        writer->part_due_ms = first_row_ms + writer->queue.linger_ms;
    }
}

/* The records of a chunk that are not yet in a part. */
struct rest {
    const struct chunk *chunk;
    const char *text;
    size_t len;
    uint64_t first_row, rows;
};

static void write_rows(struct writer *writer, const struct rest *rest, size_t len,
                       uint64_t rows)
{
    part_write(&writer->part, rest->text, len, rows);
    int rc = writer->part.stream.error;
    if (rc == 0 && writer->on_rows) {
        rc = writer->on_rows(
            writer->arg, queue_notes(&writer->queue, rest->chunk, rest->first_row, rows),
            rows);
    }
    if (rc != 0) {
        writer_fail(writer, rc, "write",
                    name_in_directory(writer, writer->part.temporary));
    } else if (writer->part.rows == writer->part_rows) {
        publish_part(writer);
    }
}

static void write_chunk(struct writer *writer, const struct chunk *chunk)
{
    struct rest rest = {
        .chunk = chunk, .text = chunk->text, .len = chunk->len, .rows = chunk->rows};
    int64_t first_row_ms = chunk->begun_ms;
    while (rest.len > 0 && !has_failed(writer)) {
        if (!writer->part.is_open) {
            open_part(writer);
            continue;
        }
        set_due(writer, first_row_ms);
        uint64_t room = writer->part_rows - writer->part.rows;
        uint64_t fitting = rest.rows < room ? rest.rows : room;
        size_t fitting_len =
            fitting < rest.rows ? records_len(rest.text, rest.len, fitting) : rest.len;
        write_rows(writer, &rest, fitting_len, fitting);
        rest.text += fitting_len;
        rest.len -= fitting_len;
        rest.first_row += fitting;
        rest.rows -= fitting;
        first_row_ms = queue_now_ms();
    }
}

/* A part that could not get its name because another file has it stays as NAME.part: it
 * is whole, and the only copy. */
static void abandon_part(struct writer *writer)
{
    if (atomic_load(&writer->error) == -EEXIST) {
        part_leave(&writer->part);
    } else {
        part_discard(&writer->part);
    }
    writer->part_due_ms = QUEUE_NEVER;
}

static void finish_part(struct writer *writer)
{
    if (!writer->part.is_open) {
        return;
    }
    if (writer->kind == SINK_DIRECTORY) {
        publish_part(writer);
    } else if (writer->kind == SINK_STDOUT || writer->complete) {
        int rc = part_publish(&writer->part, writer->replace);
        if (rc != 0) {
            writer_fail(writer, rc, "write", NULL);
        }
    } else {
        part_discard(&writer->part);
    }
}

/* The part is closed as soon as its last row is there. */
static struct queue_due due_of(const struct writer *writer)
{
    uint64_t rows = writer->part.is_open ? writer->part.rows : 0;
    return (struct queue_due){
        .ms = writer->part_due_ms,
        .rows = writer->part_rows == UINT64_MAX ? UINT64_MAX : writer->part_rows - rows};
}

void *writer_run(void *arg)
{
    struct writer *writer = (struct writer *)arg;
    struct chunk *chunk = NULL;
    struct queue_due due = due_of(writer);
    enum queue_event event;
    while ((event = queue_take(&writer->queue, &due, &chunk)) != QUEUE_ENDED) {
        if (event == QUEUE_CHUNK) {
            write_chunk(writer, chunk);
            queue_recycle(&writer->queue, chunk);
        }
        if (has_failed(writer)) {
            abandon_part(writer);
        } else if (queue_now_ms() >= writer->part_due_ms) {
            settle_part(writer);
        }
        due = due_of(writer);
    }
    if (!has_failed(writer)) {
        finish_part(writer);
    }
    if (has_failed(writer)) {
        abandon_part(writer);
    }
    return NULL;
}

void writer_close(struct writer *writer)
{
    for (size_t i = 0; i < writer->part_count; i++) {
        free(writer->parts[i]);
    }
    free((void *)writer->parts);
    frame_free(writer->frame);
    digest_close(&writer->digest);
    free(writer->path);
}
