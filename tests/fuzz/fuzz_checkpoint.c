/* A run.json as it may lie in a directory. What is accepted agrees with itself, and its
 * sets of lines come out as they went in. */
#include "scanner/checkpoint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_set(const struct line_set *set)
{
    struct line_set again = {0};
    struct line_range range = {0, 0};
    uint64_t count = 0;
    char *text = line_set_text(set);
    require(text != NULL && line_set_read(&again, text) == 0);
    require(again.count == set->count);
    require(line_set_remove_all(&again, set) == 0 && again.count == 0);
    while (line_set_next(set, range.last + 1, &range)) {
        count += range.last - range.first + 1;
    }
    require(count == set->count);
    free(text);
    line_set_close(&again);
}

static void check_checkpoint(const struct checkpoint *checkpoint)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < checkpoint->part_count; i++) {
        const struct sink_part *part = &checkpoint->parts[i];
        require(strlen(part->sha256) == DIGEST_HEX_LEN - 1);
        require(strchr(part->file, '/') == NULL && strstr(part->file, ".ndjson.zst"));
        rows += part->rows;
    }
    require(rows == checkpoint->records && rows == checkpoint->counts.records);
    require(checkpoint->finished.count ==
            checkpoint->skipped.count + rows + checkpoint->other_shards);
    check_set(&checkpoint->finished);
    check_set(&checkpoint->skipped);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct options options = {.shards = 1};
    struct checkpoint checkpoint;
    char error[CHECKPOINT_ERROR_LEN] = "";
    char *text = malloc(size + 1);
    require(text != NULL);
    memcpy(text, data, size);
    text[size] = '\0';
    if (checkpoint_read(&checkpoint, text, error) == 0) {
        check_checkpoint(&checkpoint);
        (void)checkpoint_differs(&checkpoint, &options, error);
    } else {
        require(error[0] != '\0');
    }
    checkpoint_close(&checkpoint);

    struct line_set set = {0};
    if (line_set_read(&set, text) == 0) {
        check_set(&set);
    }
    line_set_close(&set);
    free(text);
    return 0;
}
