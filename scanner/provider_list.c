#include "scanner/provider_list.h"

#include "scanner/input.h"
#include "scanner/provider_builtin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static struct span trim(struct span text)
{
    text = span_trim_wsp(text);
    if (text.len > 0 && text.ptr[text.len - 1] == '\r') {
        text.len--;
    }
    return span_trim_wsp(text);
}

/* Takes what stands before the next blank off the front. */
static struct span cut_word(struct span *text)
{
    struct span word = {text->ptr, 0};
    while (word.len < text->len && !is_wsp(text->ptr[word.len])) {
        word.len++;
    }
    *text = span_trim_wsp(span_from(*text, word.len));
    return word;
}

static enum provider_area find_area(struct span word)
{
    enum provider_area area = 0;
    while (area < PROVIDER_AREA_COUNT && !span_equals(word, provider_area_text(area))) {
        area++;
    }
    return area;
}

static void free_rule(struct provider_rule *rule)
{
    free((char *)rule->pattern.ptr);
    free((char *)rule->name);
}

static int add_rule(struct provider_rules *rules, struct span pattern, struct span name)
{
    if (rules->count == rules->capacity) {
        size_t capacity = rules->capacity > 0 ? rules->capacity * 2 : 64;
        struct provider_rule *grown = realloc(rules->rules, capacity * sizeof *grown);
        if (grown == NULL) {
            return -ENOMEM;
        }
        rules->rules = grown;
        rules->capacity = capacity;
    }
    struct provider_rule rule = {{strndup(pattern.ptr, pattern.len), pattern.len},
                                 strndup(name.ptr, name.len)};
    if (rule.pattern.ptr == NULL || rule.name == NULL) {
        free_rule(&rule);
        return -ENOMEM;
    }
    rules->rules[rules->count++] = rule;
    return 0;
}

/* why: what is wrong with the line, when -EINVAL. */
static int add_line(struct provider_list *list, struct span line, const char **why)
{
    struct span name = trim(line);
    *why = NULL;
    if (name.len == 0 || name.ptr[0] == '#') {
        return 0;
    }
    enum provider_area area = find_area(cut_word(&name));
    struct span pattern = cut_word(&name);
    if (area == PROVIDER_AREA_COUNT) {
        *why = "the area is none of mx, ns, mta_sts, policy, tls_rpt";
    } else if (!provider_pattern_is_good(pattern)) {
        *why = "the pattern is no host name with at most one * a label";
    } else if (name.len == 0 || name.len > PROVIDER_NAME_MAX) {
        *why = "a provider's name of 1 to 100 bytes must stand behind the pattern";
    } else if (memchr(name.ptr, '\0', name.len) != NULL) {
        *why = "there is a NUL byte in the provider's name";
    }
    return *why != NULL ? -EINVAL : add_rule(&list->areas[area], pattern, name);
}

static int read_file(struct provider_list *list, struct input *input, const char *path,
                     char error[PROVIDER_LIST_ERROR_LEN])
{
    struct input_line line;
    const char *why = NULL;
    int rc;
    while ((rc = input_next(input, &line)) == 1) {
        rc = line.is_too_long ? -EINVAL
                              : add_line(list, (struct span){line.text, line.len}, &why);
        if (rc != 0) {
            why = line.is_too_long ? "the line is too long" : why;
            snprintf(error, PROVIDER_LIST_ERROR_LEN, "%.300s:%" PRIu64 ": %s", path,
                     line.number, why != NULL ? why : "out of memory");
            return rc;
        }
    }
    if (rc < 0) {
        snprintf(error, PROVIDER_LIST_ERROR_LEN, "%s", input_error(input));
    }
    return rc;
}

static int add_file(struct provider_list *list, const char *path,
                    char error[PROVIDER_LIST_ERROR_LEN])
{
    struct input *input = NULL;
    int rc = input_open(&input, path, error);
    if (rc == 0) {
        rc = read_file(list, input, path, error);
    }
    input_close(input);
    return rc;
}

static int add_builtin(struct provider_list *list, char error[PROVIDER_LIST_ERROR_LEN])
{
    struct span rest = span_of(PROVIDERS_BUILTIN), line;
    const char *why = NULL;
    bool has_more = true;
    for (unsigned number = 1; span_cut(&rest, '\n', &line, &has_more); number++) {
        int rc = add_line(list, line, &why);
        if (rc != 0) {
            snprintf(error, PROVIDER_LIST_ERROR_LEN, "data/providers.txt:%u: %s", number,
                     why != NULL ? why : "out of memory");
            return rc;
        }
    }
    return 0;
}

int provider_list_open(struct provider_list **list, const char *path,
                       char error[PROVIDER_LIST_ERROR_LEN])
{
    *list = calloc(1, sizeof **list);
    if (*list == NULL) {
        snprintf(error, PROVIDER_LIST_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    int rc = path != NULL ? add_file(*list, path, error) : 0;
    rc = rc == 0 ? add_builtin(*list, error) : rc;
    if (rc != 0) {
        provider_list_free(*list);
        *list = NULL;
    }
    return rc;
}

void provider_list_free(struct provider_list *list)
{
    for (size_t area = 0; list != NULL && area < PROVIDER_AREA_COUNT; area++) {
        struct provider_rules *rules = &list->areas[area];
        for (size_t i = 0; i < rules->count; i++) {
            free_rule(&rules->rules[i]);
        }
        free(rules->rules);
    }
    free(list);
}
