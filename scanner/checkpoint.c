#include "scanner/checkpoint_json.h"

#include "output/run_name.h"
#include "scanner/run_json.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void checkpoint_fault(struct checkpoint_json *json, const char *key, const char *what)
{
    if (json->rc == 0) {
        json->rc = -EINVAL;
        snprintf(json->error, CHECKPOINT_ERROR_LEN, "%.100s %.300s", key, what);
    }
}

json_t *checkpoint_object(struct checkpoint_json *json, const json_t *object,
                          const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_object(value)) {
        checkpoint_fault(json, key, "is no object");
        return NULL;
    }
    return value;
}

json_t *checkpoint_array(struct checkpoint_json *json, const json_t *object,
                         const char *key)
{
    json_t *value = json_object_get(object, key);
    if (!json_is_array(value)) {
        checkpoint_fault(json, key, "is no array");
        return NULL;
    }
    return value;
}

uint64_t checkpoint_uint(struct checkpoint_json *json, const json_t *object,
                         const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        checkpoint_fault(json, key, "is no whole number from 0");
        return 0;
    }
    return (uint64_t)json_integer_value(value);
}

const char *checkpoint_text(struct checkpoint_json *json, const json_t *object,
                            const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value)) {
        checkpoint_fault(json, key, "is no text");
        return "";
    }
    return json_string_value(value);
}

const char *checkpoint_text_or_null(struct checkpoint_json *json, const json_t *object,
                                    const char *key)
{
    const json_t *value = json_object_get(object, key);
    return json_is_null(value) ? NULL : checkpoint_text(json, object, key);
}

void checkpoint_sha256(struct checkpoint_json *json, const json_t *object,
                       const char *key, char hex[DIGEST_HEX_LEN])
{
    const char *text = checkpoint_text(json, object, key);
    if (strlen(text) != DIGEST_HEX_LEN - 1 ||
        strspn(text, "0123456789abcdef") != DIGEST_HEX_LEN - 1) {
        checkpoint_fault(json, key, "is no SHA-256");
        text = "";
    }
    snprintf(hex, DIGEST_HEX_LEN, "%s", text);
}

/* "2026-01-31T23:59:59.999Z" as ms since 1970. */
static int64_t read_time(struct checkpoint_json *json, const json_t *object,
                         const char *key)
{
    struct tm tm = {0};
    unsigned ms = 0;
    int end = 0;
    const char *text = checkpoint_text(json, object, key);
    int count = sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3uZ%n", &tm.tm_year, &tm.tm_mon,
                       &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec, &ms, &end);
    if (count != 7 || end == 0 || text[end] != '\0') {
        checkpoint_fault(json, key, "is no time");
        return 0;
    }
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm) * 1000 + ms;
}

static void read_lines(struct checkpoint_json *json, const json_t *object,
                       const char *key, struct line_set *set)
{
    int rc = line_set_read(set, checkpoint_text(json, object, key));
    if (rc == -ENOMEM) {
        checkpoint_fault(json, key, "does not fit into memory");
        json->rc = rc;
    } else if (rc != 0) {
        checkpoint_fault(json, key, "is no set of lines");
    }
}

static void read_part(struct checkpoint_json *json, const json_t *object,
                      struct checkpoint *checkpoint)
{
    struct sink_part *part = &checkpoint->parts[checkpoint->part_count];
    const char *file = checkpoint_text(json, object, "file");
    char name[RUN_NAME_LEN];
    uint32_t sequence = run_name_sequence(file);
    run_name_part(name, (uint32_t)checkpoint->shard, sequence);
    if (strcmp(name, file) != 0) {
        checkpoint_fault(json, file, "is no name of a part of this run");
        return;
    }
    if (checkpoint->part_count > 0 && run_name_sequence(part[-1].file) >= sequence) {
        checkpoint_fault(json, file, "is out of order");
    }
    snprintf(part->file, sizeof part->file, "%s", file);
    part->rows = checkpoint_uint(json, object, "rows");
    part->bytes = checkpoint_uint(json, object, "bytes");
    checkpoint_sha256(json, object, "sha256", part->sha256);
    checkpoint->part_count++;
}

static void read_parts(struct checkpoint_json *json, struct checkpoint *checkpoint)
{
    const json_t *parts = checkpoint_array(json, checkpoint->root, "parts");
    size_t count = json_array_size(parts);
    checkpoint->parts = calloc(count + 1, sizeof *checkpoint->parts);
    if (checkpoint->parts == NULL) {
        checkpoint_fault(json, "parts", "do not fit into memory");
        json->rc = -ENOMEM;
        return;
    }
    for (size_t i = 0; i < count && json->rc == 0; i++) {
        read_part(json, json_array_get(parts, i), checkpoint);
    }
}

static void read_input(struct checkpoint_json *json, struct checkpoint *checkpoint)
{
    const json_t *input = checkpoint_object(json, checkpoint->root, "input");
    const json_t *lines = checkpoint_object(json, checkpoint->root, "checkpoint");
    const json_t *is_whole = json_object_get(input, "read_to_end");
    checkpoint->prefix.bytes = checkpoint_uint(json, input, "bytes_read");
    checkpoint_sha256(json, input, "sha256", checkpoint->prefix.sha256);
    checkpoint->prefix.is_whole = json_is_true(is_whole);
    if (!json_is_boolean(is_whole)) {
        checkpoint_fault(json, "read_to_end", "is neither true nor false");
    }
    checkpoint->lines = checkpoint_uint(json, input, "lines");
    checkpoint->records = checkpoint_uint(json, input, "records");
    checkpoint->other_shards = checkpoint_uint(json, input, "other_shards");
    read_lines(json, lines, "finished", &checkpoint->finished);
    read_lines(json, lines, "skipped", &checkpoint->skipped);
    if (checkpoint_uint(json, input, "skipped") != checkpoint->skipped.count) {
        checkpoint_fault(json, "input.skipped", "is not the number of skipped lines");
    }
}

static void read_run(struct checkpoint_json *json, struct checkpoint *checkpoint)
{
    const json_t *root = checkpoint->root;
    checkpoint->configuration_sha256 =
        checkpoint_text(json, root, "configuration_sha256");
    (void)checkpoint_object(json, root, "configuration");
    checkpoint->exit_reason = checkpoint_text_or_null(json, root, "exit_reason");
    checkpoint->notes = checkpoint_text_or_null(json, root, "notes");
    checkpoint->shards = checkpoint_uint(json, root, "shards");
    checkpoint->shard = checkpoint_uint(json, root, "shard");
    checkpoint->seed = checkpoint_uint(json, root, "seed");
    checkpoint->resumed = checkpoint_uint(json, root, "resumed");
    checkpoint->started_at_ms = read_time(json, root, "started_at");
    checkpoint->peak_rss_bytes = checkpoint_uint(json, root, "peak_rss_bytes");
    checkpoint->peak_fds = checkpoint_uint(json, root, "peak_fds");
    if (checkpoint->shards > 10000 || checkpoint->shard >= checkpoint->shards) {
        checkpoint_fault(json, "shard", "is not below shards");
    }
}

/* Each number of the file that can be told from others. */
static void check_sums(struct checkpoint_json *json, const struct checkpoint *checkpoint)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < checkpoint->part_count; i++) {
        rows += checkpoint->parts[i].rows;
    }
    if (rows != checkpoint->records) {
        checkpoint_fault(json, "input.records", "is not the number of the parts' rows");
    }
    if (checkpoint->lines !=
        checkpoint->skipped.count + checkpoint->records + checkpoint->other_shards) {
        checkpoint_fault(json, "input.lines", "is not skipped + records + other_shards");
    }
    if (checkpoint->lines != checkpoint->finished.count) {
        checkpoint_fault(json, "input.lines", "is not the number of finished lines");
    }
    if (checkpoint->records != checkpoint->counts.records) {
        checkpoint_fault(json, "totals.status", "does not add up to input.records");
    }
}

static void check_skipped(struct checkpoint_json *json,
                          const struct checkpoint *checkpoint)
{
    struct line_set left = {0};
    if (line_set_add_all(&left, &checkpoint->skipped) != 0 ||
        line_set_remove_all(&left, &checkpoint->finished) != 0) {
        checkpoint_fault(json, "skipped", "does not fit into memory");
        json->rc = -ENOMEM;
    } else if (left.count > 0) {
        checkpoint_fault(json, "skipped", "has lines that are not finished");
    }
    line_set_close(&left);
}

/* jansson leaves members out that it has no memory for, or blames the text. */
static bool has_lacked_memory;

static void *noted_malloc(size_t bytes)
{
    void *block = malloc(bytes);
    has_lacked_memory |= block == NULL && bytes > 0;
    return block;
}

/* NULL: fault, or there was no memory. */
static json_t *load_json(const char *text, size_t len, json_error_t *fault)
{
    json_set_alloc_funcs(noted_malloc, free);
    json_t *root = json_loadb(text, len, 0, fault);
    if (has_lacked_memory) {
        json_decref(root);
        root = NULL;
    }
    return root;
}

int checkpoint_read(struct checkpoint *checkpoint, const char *text,
                    char error[CHECKPOINT_ERROR_LEN])
{
    struct checkpoint_json json = {.error = error};
    json_error_t fault;
    *checkpoint = (struct checkpoint){.root = load_json(text, strlen(text), &fault)};
    if (has_lacked_memory) {
        snprintf(error, CHECKPOINT_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    if (checkpoint->root == NULL) {
        snprintf(error, CHECKPOINT_ERROR_LEN, "it is no JSON (line %d: %s)", fault.line,
                 fault.text);
        return -EINVAL;
    }
    if (strcmp(checkpoint_text(&json, checkpoint->root, "schema"), RUN_JSON_SCHEMA) !=
        0) {
        checkpoint_fault(&json, "schema", "is not \"" RUN_JSON_SCHEMA "\"");
    }
    if (json.rc == 0) {
        read_run(&json, checkpoint);
        read_input(&json, checkpoint);
        read_parts(&json, checkpoint);
        checkpoint_totals(&json, checkpoint->root, &checkpoint->counts);
    }
    if (json.rc == 0) {
        check_sums(&json, checkpoint);
        check_skipped(&json, checkpoint);
    }
    return json.rc;
}

/* A value of the configuration as text, cut to what a message bears. */
static void show_value(const json_t *value, char *text, size_t capacity)
{
    char *dump = value != NULL ? json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    int len = snprintf(text, capacity, "%s", dump != NULL ? dump : "unset");
    if (len < 0 || (size_t)len >= capacity) {
        memcpy(text + capacity - 4, "...", 4);
    }
    free(dump);
}

static bool differ_in(const json_t *before, const json_t *now,
                      char error[CHECKPOINT_ERROR_LEN])
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)now, key, value)
    {
        const json_t *old = json_object_get(before, key);
        if (!json_equal(old, value)) {
            char was[120], is[120];
            show_value(old, was, sizeof was);
            show_value(value, is, sizeof is);
            snprintf(error, CHECKPOINT_ERROR_LEN, "%s was %s and is now %s", key, was,
                     is);
            return true;
        }
    }
    return false;
}

bool checkpoint_differs(const struct checkpoint *checkpoint,
                        const struct options *options, char error[CHECKPOINT_ERROR_LEN])
{
    char hex[DIGEST_HEX_LEN];
    if (!run_json_configuration_hash(options, hex)) {
        snprintf(error, CHECKPOINT_ERROR_LEN, "out of memory");
        return true;
    }
    if (strcmp(hex, checkpoint->configuration_sha256) == 0) {
        return false;
    }
    struct json json;
    json_init(&json);
    run_json_deciding(&json, options);
    json_t *now = json.failed ? NULL : load_json(json.text, json.len, NULL);
    const json_t *before = json_object_get(checkpoint->root, "configuration");
    if (now == NULL) { /* it is our own text */
        snprintf(error, CHECKPOINT_ERROR_LEN, "out of memory");
    } else if (!differ_in(before, now, error)) {
        snprintf(error, CHECKPOINT_ERROR_LEN,
                 "the settings have another hash, as those of another version may");
    }
    json_decref(now);
    json_close(&json);
    return true;
}

bool checkpoint_is_complete(const struct checkpoint *checkpoint)
{
    const char *reason = checkpoint->exit_reason;
    return reason != NULL &&
           (strcmp(reason, "complete") == 0 || strcmp(reason, "max_targets") == 0);
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    json_decref(checkpoint->root);
    line_set_close(&checkpoint->finished);
    line_set_close(&checkpoint->skipped);
    free(checkpoint->parts);
    *checkpoint = (struct checkpoint){.root = NULL};
}
