/* The input is a program of calls: whatever it does, what was not refused is JSON that
 * says what was given. */
#include "output/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/json_check.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct reader {
    const char *bytes;
    size_t len;
};

static unsigned char take_byte(struct reader *reader)
{
    if (reader->len == 0) {
        return 0;
    }
    reader->len--;
    return (unsigned char)*reader->bytes++;
}

static uint64_t take_word(struct reader *reader)
{
    uint64_t word = 0;
    size_t len = reader->len < sizeof(word) ? reader->len : sizeof(word);
    memcpy(&word, reader->bytes, len);
    reader->bytes += len;
    reader->len -= len;
    return word;
}

static void write_text(struct json *json, struct reader *reader)
{
    size_t len = take_byte(reader);
    len = len > reader->len || len == 255 ? reader->len : len;
    size_t begin = json->len;
    json_bytes(json, reader->bytes, len);
    if (!json->failed) {
        char *said = (char *)malloc(json->len + 1);
        char *expected = (char *)malloc(4 * len + 1);
        size_t said_len, comma = json->text[begin] == ',';
        size_t taken = json_check_string(json->text + begin + comma,
                                         json->len - begin - comma, said, &said_len);
        size_t expected_len = json_check_escaped(reader->bytes, len, expected);
        if (taken != json->len - begin - comma || said_len != expected_len ||
            memcmp(said, expected, said_len) != 0) {
            abort();
        }
        free(said);
        free(expected);
    }
    reader->bytes += len;
    reader->len -= len;
}

static void write_number(struct json *json, struct reader *reader)
{
    uint64_t word = take_word(reader);
    double value;
    memcpy(&value, &word, sizeof(value));
    json_number(json, value);
}

static void call_once(struct json *json, struct reader *reader)
{
    switch (take_byte(reader) % 12) {
    case 0:
        json_object_begin(json);
        break;
    case 1:
        json_object_end(json);
        break;
    case 2:
        json_array_begin(json);
        break;
    case 3:
        json_array_end(json);
        break;
    case 4:
        json_key(json, "key");
        break;
    case 5:
        json_null_value(json);
        break;
    case 6:
        json_bool(json, true);
        break;
    case 7:
        json_int(json, (int64_t)take_word(reader));
        break;
    case 8:
        json_uint(json, take_word(reader));
        break;
    case 9:
        write_number(json, reader);
        break;
    default:
        write_text(json, reader);
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader reader = {.bytes = (const char *)data, .len = size};
    struct json json;
    json_init(&json);
    while (reader.len > 0 && !json.failed) {
        call_once(&json, &reader);
    }
    if (json.value_due) {
        json_null_value(&json);
    }
    while (json.depth > 0 && !json.failed) {
        if (json.objects >> (json.depth - 1) & 1) {
            json_object_end(&json);
        } else {
            json_array_end(&json);
        }
    }
    if (!json.failed && json.len > 0) {
        char *scratch = (char *)malloc(json.len);
        if (!json_check(json.text, json.len, scratch)) {
            abort();
        }
        free(scratch);
    }
    json_close(&json);
    return 0;
}
