#include "bench/lab/text.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void *lab_allocate(size_t count, size_t bytes)
{
    void *memory = calloc(count > 0 ? count : 1, bytes);
    if (memory == NULL) {
        fputs("lab-gen: out of memory\n", stderr);
        exit(1);
    }
    return memory;
}

char *lab_copy(const char *string)
{
    size_t len = strlen(string);
    char *copy = lab_allocate(len + 1, 1);
    memcpy(copy, string, len + 1);
    return copy;
}

void text_clear(struct text *text)
{
    text->len = 0;
    if (text->bytes != NULL) {
        text->bytes[0] = '\0';
    }
}

void text_free(struct text *text)
{
    free(text->bytes);
    *text = (struct text){0};
}

static void reserve(struct text *text, size_t more)
{
    if (text->len + more + 1 <= text->capacity) {
        return;
    }
    size_t capacity = (text->capacity + more + 256) * 2;
    char *bytes = realloc(text->bytes, capacity);
    if (bytes == NULL) {
        fputs("lab-gen: out of memory\n", stderr);
        exit(1);
    }
    text->bytes = bytes;
    text->capacity = capacity;
}

void text_add_len(struct text *text, const char *bytes, size_t len)
{
    reserve(text, len);
    if (len > 0) {
        memcpy(text->bytes + text->len, bytes, len);
    }
    text->len += len;
    text->bytes[text->len] = '\0';
}

void text_add(struct text *text, const char *bytes)
{
    text_add_len(text, bytes, strlen(bytes));
}

void text_format(struct text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int len = vsnprintf(NULL, 0, format, arguments);
    reserve(text, (size_t)len);
    vsnprintf(text->bytes + text->len, (size_t)len + 1, format, again);
    va_end(again);
    va_end(arguments);
    text->len += (size_t)len;
}

static const char *placeholder(const char *at, const struct names *names)
{
    if (at[0] != '{' || at[1] == '\0' || at[2] != '}') {
        return NULL;
    }
    switch (at[1]) {
    case 'd':
        return names->domain;
    case 'z':
        return names->zone;
    case 't':
        return names->other_tld;
    default:
        return NULL;
    }
}

void text_expand(struct text *text, const char *template, const struct names *names)
{
    const char *from = template;
    for (const char *at = template; *at != '\0'; at++) {
        const char *value = placeholder(at, names);
        if (value == NULL || (at > template && at[-1] == '%')) {
            continue;
        }
        text_add_len(text, from, (size_t)(at - from));
        text_add(text, value);
        at += 2;
        from = at + 1;
    }
    text_add(text, from);
}

void text_json(struct text *text, const char *value)
{
    if (value == NULL) {
        text_add(text, "null");
        return;
    }
    text_add(text, "\"");
    const char *from = value;
    for (; *value != '\0'; value++) {
        unsigned char byte = (unsigned char)*value;
        bool is_control = byte < 0x20 || byte == 0x7f;
        if (!is_control && byte != '"' && byte != '\\') {
            continue;
        }
        text_add_len(text, from, (size_t)(value - from));
        text_format(text, is_control ? "\\u%04x" : "\\%c", byte);
        from = value + 1;
    }
    text_add_len(text, from, (size_t)(value - from));
    text_add(text, "\"");
}

void text_die(const char *subject)
{
    fprintf(stderr, "lab-gen: %s: %s\n", subject, strerror(errno));
    exit(1);
}

void text_save(const struct text *text, const char *directory, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL ||
        (text->len > 0 && fwrite(text->bytes, 1, text->len, file) != text->len) ||
        fclose(file) != 0) {
        text_die(path);
    }
}
