#include "fetch/address_list.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINE_MAX_BYTES 1024

struct prefix {
    uint8_t bytes[16];
    uint8_t bits;
};

static int compare_low(const void *a, const void *b)
{
    const struct address_range *left = a, *right = b;
    return memcmp(left->low, right->low, 16);
}

static int compare_key(const void *key, const void *element)
{
    const struct address_range *range = element;
    if (memcmp(key, range->low, 16) < 0) {
        return -1;
    }
    return memcmp(key, range->high, 16) > 0;
}

bool address_list_holds(const struct address_list *list, const uint8_t *bytes, size_t len)
{
    const struct address_ranges *ranges = len == 4 ? &list->ipv4 : &list->ipv6;
    uint8_t key[16] = {0};
    memcpy(key, bytes, len);
    return ranges->count > 0 && bsearch(key, ranges->list, ranges->count,
                                        sizeof ranges->list[0], compare_key) != NULL;
}

static int ranges_add(struct address_ranges *ranges, const struct prefix *prefix,
                      size_t len)
{
    if (ranges->count == ranges->capacity) {
        size_t capacity = ranges->capacity == 0 ? 64 : 2 * ranges->capacity;
        struct address_range *grown = realloc(ranges->list, capacity * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        ranges->list = grown;
        ranges->capacity = capacity;
    }
    struct address_range *range = &ranges->list[ranges->count++];
    memset(range, 0, sizeof *range);
    for (size_t i = 0; i < len; i++) {
        unsigned fixed = prefix->bits > 8 * i ? prefix->bits - 8 * (unsigned)i : 0;
        uint8_t mask = fixed >= 8 ? 0xff : (uint8_t)(0xff00 >> fixed);
        range->low[i] = prefix->bytes[i] & mask;
        range->high[i] = prefix->bytes[i] | (uint8_t)~mask;
    }
    return 0;
}

/* Sorts and joins, so that a binary search finds the one range that can hold an address.
 */
static void ranges_finish(struct address_ranges *ranges)
{
    if (ranges->count == 0) {
        return;
    }
    qsort(ranges->list, ranges->count, sizeof ranges->list[0], compare_low);
    size_t last = 0;
    for (size_t i = 1; i < ranges->count; i++) {
        if (memcmp(ranges->list[i].low, ranges->list[last].high, 16) > 0) {
            ranges->list[++last] = ranges->list[i];
        } else if (memcmp(ranges->list[i].high, ranges->list[last].high, 16) > 0) {
            memcpy(ranges->list[last].high, ranges->list[i].high, 16);
        }
    }
    ranges->count = last + 1;
}

static bool parse_bits(const char *text, unsigned max, uint8_t *bits)
{
    size_t len = strlen(text);
    if (len == 0 || len > 3 || strspn(text, "0123456789") != len) {
        return false;
    }
    unsigned long value = strtoul(text, NULL, 10);
    *bits = (uint8_t)value;
    return value <= max;
}

static bool parse_cidr(char *text, struct prefix *prefix, size_t *len)
{
    char *slash = strchr(text, '/');
    if (slash != NULL) {
        *slash = '\0';
    }
    memset(prefix, 0, sizeof *prefix);
    if (inet_pton(AF_INET, text, prefix->bytes) == 1) {
        *len = 4;
    } else if (inet_pton(AF_INET6, text, prefix->bytes) == 1) {
        *len = 16;
    } else {
        return false;
    }
    prefix->bits = (uint8_t)(8 * *len);
    return slash == NULL || parse_bits(slash + 1, 8 * (unsigned)*len, &prefix->bits);
}

/* Cuts the comment and the space around; what is left may be empty. */
static char *line_content(char *line)
{
    static const char space[] = " \t\r\n\v\f";
    line[strcspn(line, "#")] = '\0';
    line += strspn(line, space);
    line[strcspn(line, space)] = '\0';
    return line;
}

/* A second word is no part of a CIDR. */
static bool has_one_word(const char *line)
{
    static const char space[] = " \t\r\n\v\f";
    const char *rest = line + strspn(line, space);
    rest += strcspn(rest, " \t\r\n\v\f#");
    rest += strspn(rest, space);
    return *rest == '\0' || *rest == '#';
}

static int read_line(struct address_list *list, char *line)
{
    bool is_one_word = has_one_word(line);
    char *content = line_content(line);
    if (*content == '\0') {
        return 0;
    }
    struct prefix prefix;
    size_t len = 0;
    if (!is_one_word || !parse_cidr(content, &prefix, &len)) {
        return -EINVAL;
    }
    return ranges_add(len == 4 ? &list->ipv4 : &list->ipv6, &prefix, len);
}

/* Of a comment longer than the buffer the rest is skipped; nothing else may be that
 * long. */
static bool finish_line(const char *line, FILE *file)
{
    size_t len = strlen(line);
    if ((len > 0 && line[len - 1] == '\n') || feof(file)) {
        return true;
    }
    int c = 0;
    while ((c = fgetc(file)) != EOF && c != '\n') {
    }
    return strchr(line, '#') != NULL;
}

static int read_lines(struct address_list *list, FILE *file, unsigned long *number)
{
    char line[LINE_MAX_BYTES];
    int result = 0;
    while (result == 0 && fgets(line, sizeof line, file) != NULL) {
        (*number)++;
        result = finish_line(line, file) ? read_line(list, line) : -EINVAL;
    }
    return result == 0 && ferror(file) ? -EIO : result;
}

static int read_file(struct address_list *list, const char *path,
                     char error[FETCH_ERROR_LEN])
{
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        int reason = errno;
        snprintf(error, FETCH_ERROR_LEN, "%s: %s", path, strerror(reason));
        return -reason;
    }
    unsigned long number = 0;
    int result = read_lines(list, file, &number);
    if (result == -EINVAL) {
        snprintf(error, FETCH_ERROR_LEN, "%s, line %lu: not an address or CIDR prefix",
                 path, number);
    } else if (result < 0) {
        snprintf(error, FETCH_ERROR_LEN, "%s: %s", path, strerror(-result));
    }
    fclose(file);
    return result;
}

int address_list_read(struct address_list *list, const char *path,
                      char error[FETCH_ERROR_LEN])
{
    memset(list, 0, sizeof *list);
    int result = read_file(list, path, error);
    if (result < 0) {
        address_list_close(list);
        return result;
    }
    ranges_finish(&list->ipv4);
    ranges_finish(&list->ipv6);
    return 0;
}

void address_list_close(struct address_list *list)
{
    free(list->ipv4.list);
    free(list->ipv6.list);
    memset(list, 0, sizeof *list);
}
