#include "output/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output/json_append.h"

#define JSON_CAPACITY_FIRST 4096
#define DIGITS_MAX 20 /* of 2^64 - 1 */

/* Where the next len bytes go, or NULL with json->failed set. */
static inline char *json_reserve(struct json *json, size_t len)
{
    if (json->failed) {
        return NULL;
    }
    if (len <= json->capacity - json->len) {
        return json->text + json->len;
    }
    size_t capacity = json->capacity > 0 ? json->capacity : JSON_CAPACITY_FIRST;
    while (capacity - json->len < len && capacity <= SIZE_MAX / 2) {
        capacity *= 2;
    }
    char *text =
        capacity - json->len < len ? NULL : (char *)realloc(json->text, capacity);
    if (!text) {
        json->failed = true;
        return NULL;
    }
    json->text = text;
    json->capacity = capacity;
    return text + json->len;
}

void json_append(struct json *json, const char *bytes, size_t len)
{
    char *place = len > 0 ? json_reserve(json, len) : NULL;
    if (place) {
        memcpy(place, bytes, len);
        json->len += len;
    }
}

void json_append_char(struct json *json, char byte)
{
    char *place = json_reserve(json, 1);
    if (place) {
        *place = byte;
        json->len++;
    }
}

static bool json_in_object(const struct json *json)
{
    return json->depth > 0 && (json->objects >> (json->depth - 1) & 1);
}

void json_value_begin(struct json *json)
{
    bool is_second = json->depth == 0 && json->comma;
    if (is_second || json_in_object(json) != json->value_due) {
        json->failed = true;
    }
    if (json->comma) {
        json_append_char(json, ',');
    }
    json->comma = true;
    json->value_due = false;
}

static void json_open(struct json *json, char bracket, bool is_object)
{
    json_value_begin(json);
    if (json->depth == JSON_DEPTH_MAX) {
        json->failed = true;
        return;
    }
    uint64_t bit = UINT64_C(1) << json->depth;
    json->objects = is_object ? json->objects | bit : json->objects & ~bit;
    json->depth++;
    json->comma = false;
    json_append_char(json, bracket);
}

static void json_shut(struct json *json, char bracket, bool is_object)
{
    if (json->depth == 0 || json_in_object(json) != is_object || json->value_due) {
        json->failed = true;
        return;
    }
    json->depth--;
    json->comma = true;
    json_append_char(json, bracket);
}

void json_init(struct json *json)
{
    *json = (struct json){0};
}

void json_reset(struct json *json)
{
    *json = (struct json){.text = json->text, .capacity = json->capacity};
}

void json_close(struct json *json)
{
    free(json->text);
    json_init(json);
}

void json_object_begin(struct json *json)
{
    json_open(json, '{', true);
}

void json_object_end(struct json *json)
{
    json_shut(json, '}', true);
}

void json_array_begin(struct json *json)
{
    json_open(json, '[', false);
}

void json_array_end(struct json *json)
{
    json_shut(json, ']', false);
}

void json_key(struct json *json, const char *key)
{
    if (!json_in_object(json) || json->value_due) {
        json->failed = true;
    }
    if (json->comma) {
        json_append_char(json, ',');
    }
    size_t len = strlen(key);
    char *place = json_reserve(json, len + 3);
    if (place) {
        *place = '"';
        char *end = stpcpy(place + 1, key);
        end[0] = '"';
        end[1] = ':';
        json->len += len + 3;
    }
    json->comma = false;
    json->value_due = true;
}

void json_null_value(struct json *json)
{
    json_value_begin(json);
    json_append(json, "null", 4);
}

void json_bool(struct json *json, bool value)
{
    json_value_begin(json);
    json_append(json, value ? "true" : "false", value ? 4 : 5);
}

static void json_append_digits(struct json *json, uint64_t value)
{
    char digits[DIGITS_MAX];
    size_t begin = DIGITS_MAX;
    do {
        digits[--begin] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    json_append(json, digits + begin, DIGITS_MAX - begin);
}

void json_uint(struct json *json, uint64_t value)
{
    json_value_begin(json);
    json_append_digits(json, value);
}

void json_int(struct json *json, int64_t value)
{
    json_value_begin(json);
    if (value < 0) {
        json_append_char(json, '-');
    }
    json_append_digits(json, value < 0 ? -(uint64_t)value : (uint64_t)value);
}

static void json_append_decimals(struct json *json, unsigned thousandths)
{
    char text[4] = {'.', (char)('0' + thousandths / 100),
                    (char)('0' + thousandths / 10 % 10), (char)('0' + thousandths % 10)};
    size_t len = thousandths == 0 ? 0 : sizeof(text);
    while (len > 0 && text[len - 1] == '0') {
        len--;
    }
    json_append(json, text, len);
}

/* From 2^63 on a double has no decimals and may have 309 digits. printf writes them
 * without a decimal point, so the locale has no say. */
static void json_append_huge(struct json *json, double value)
{
    char text[400];
    int len = snprintf(text, sizeof(text), "%.0f", value);
    json_append(json, text, (size_t)len);
}

void json_number(struct json *json, double value)
{
    if (!isfinite(value)) {
        json_null_value(json);
        return;
    }
    json_value_begin(json);
    double size = fabs(value);
    if (size >= 0x1p63) {
        json_append_huge(json, value);
        return;
    }
    uint64_t whole = (uint64_t)size;
    unsigned thousandths = (unsigned)lround((size - (double)whole) * 1000);
    whole += thousandths / 1000;
    thousandths %= 1000;
    if (value < 0 && (whole > 0 || thousandths > 0)) {
        json_append_char(json, '-');
    }
    json_append_digits(json, whole);
    json_append_decimals(json, thousandths);
}

void json_newline(struct json *json)
{
    if (json->depth > 0 || !json->comma) {
        json->failed = true;
    }
    json_append_char(json, '\n');
    json->comma = false;
}
