#include "scanner/input.h"

#include "scanner/input_decode.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char BOM[] = "\xef\xbb\xbf"; /* U+FEFF in UTF-8 */

/* The longest line that is not cut: a BOM before it, a CR behind it. */
#define STORE_BYTES (sizeof BOM - 1 + INPUT_LINE_MAX + 1)

struct input {
    struct input_source source;
    struct input_decode *decode;
    const char *block; /* decoded bytes not yet given out */
    size_t block_len;
    uint64_t line_number;
    int failure; /* sticky -errno */
    bool is_at_end;
    /* A line that reaches over the end of a block is put together here. */
    char stored[STORE_BYTES];
    size_t stored_len;
    bool is_overflowing;   /* bytes of this line were skipped … */
    bool is_skipped_blank; /* … and all of them were blanks */
};

int input_open(struct input **input, const char *path, char error[INPUT_ERROR_LEN])
{
    *input = calloc(1, sizeof **input);
    if (*input == NULL) {
        snprintf(error, INPUT_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    int rc = input_source_open(&(*input)->source, path);
    if (rc == 0) {
        rc = input_decode_open(&(*input)->decode, &(*input)->source);
    }
    if (rc != 0) {
        snprintf(error, INPUT_ERROR_LEN, "%s", (*input)->source.error);
        input_close(*input);
        *input = NULL;
    }
    return rc;
}

void input_tap(struct input *input, input_on_bytes *on_bytes, void *arg)
{
    input->source.on_bytes = on_bytes;
    input->source.on_bytes_arg = arg;
}

static bool is_blank(const char *bytes, size_t len)
{
    size_t i = 0;
    while (i < len && strchr(" \t\r\v\f", bytes[i]) != NULL && bytes[i] != '\0') {
        i++;
    }
    return i == len;
}

static void store(struct input *input, const char *bytes, size_t len)
{
    size_t room = STORE_BYTES - input->stored_len;
    size_t kept = len < room ? len : room;
    memcpy(input->stored + input->stored_len, bytes, kept);
    input->stored_len += kept;
    if (kept == len) {
        return;
    }
    bool was_blank = !input->is_overflowing || input->is_skipped_blank;
    input->is_skipped_blank = was_blank && is_blank(bytes + kept, len - kept);
    input->is_overflowing = true;
}

static void deliver(struct input *input, struct input_line *line, const char *text,
                    size_t len)
{
    input->line_number++;
    *line = (struct input_line){input->line_number, text, len, input->is_overflowing};
    size_t bom_len = sizeof BOM - 1;
    if (input->line_number == 1 && len >= bom_len && memcmp(text, BOM, bom_len) == 0) {
        line->text += bom_len;
        line->len -= bom_len;
    }
    if (!input->is_overflowing && line->len > 0 && line->text[line->len - 1] == '\r') {
        line->len--;
    }
    if (line->len > INPUT_LINE_MAX) {
        line->len = INPUT_LINE_MAX;
        line->is_too_long = true;
    }
    /* The contract skips empty lines; one of many blanks is still empty. */
    bool is_rest_blank = !input->is_overflowing || input->is_skipped_blank;
    if (line->is_too_long && is_rest_blank && is_blank(text, len)) {
        line->len = 0;
        line->is_too_long = false;
    }
    input->stored_len = 0;
    input->is_overflowing = false;
}

/* Everything up to the next LF, which is taken off the block; false when the block holds
 * none. */
static bool take_line(struct input *input, struct input_line *line)
{
    const char *start = input->block;
    if (input->block_len == 0) {
        return false; /* and there may be no block at all */
    }
    const char *end = memchr(start, '\n', input->block_len);
    size_t len = end != NULL ? (size_t)(end - start) : input->block_len;
    size_t taken = len + (end != NULL ? 1 : 0);
    input->block += taken;
    input->block_len -= taken;
    if (end != NULL && input->stored_len == 0 && len <= STORE_BYTES) {
        deliver(input, line, start, len);
        return true;
    }
    store(input, start, len);
    if (end != NULL) {
        deliver(input, line, input->stored, input->stored_len);
    }
    return end != NULL;
}

static int end_of_input(struct input *input, struct input_line *line)
{
    input->is_at_end = true;
    if (input->stored_len == 0) {
        return 0;
    }
    /* A BOM with nothing behind it is no line. */
    bool is_bom = input->stored_len == sizeof BOM - 1 &&
                  memcmp(input->stored, BOM, sizeof BOM - 1) == 0;
    if (input->line_number == 0 && is_bom) {
        return 0;
    }
    deliver(input, line, input->stored, input->stored_len);
    return 1;
}

int input_next(struct input *input, struct input_line *line)
{
    if (input->failure != 0 || input->is_at_end) {
        return input->failure;
    }
    while (!take_line(input, line)) {
        ssize_t got = input_decode_next(input->decode, &input->block);
        if (got < 0) {
            input->failure = (int)got;
            return input->failure;
        }
        if (got == 0) {
            return end_of_input(input, line);
        }
        input->block_len = (size_t)got;
    }
    return 1;
}

uint64_t input_bytes_read(const struct input *input)
{
    return input->source.bytes_read;
}

const char *input_error(const struct input *input)
{
    return input->source.error;
}

void input_stop(struct input *input)
{
    input_source_stop(&input->source);
}

void input_close(struct input *input)
{
    if (input == NULL) {
        return;
    }
    input_decode_close(input->decode);
    input_source_close(&input->source);
    free(input);
}
