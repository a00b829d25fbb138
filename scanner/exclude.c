#include "scanner/exclude.h"

#include "scanner/input.h"
#include "scanner/target_name.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* uthash ends the process when memory runs out unless told otherwise. */
#define HASH_NONFATAL_OOM 1
#define uthash_nonfatal_oom(element) ((element)->is_lost = true)
#include <uthash.h>

struct suffix {
    UT_hash_handle hh;
    bool is_lost; /* not in the table: out of memory */
    char domain[];
};

struct exclude {
    struct suffix *suffixes; /* uthash head */
};

/* uthash's macros are long, and its way of freeing a table is beyond the analyser.
 * NOLINTBEGIN(readability-function-size,clang-analyzer-unix.Malloc) */
static struct suffix *find(const struct exclude *exclude, const char *domain)
{
    struct suffix *found = NULL;
    HASH_FIND_STR(exclude->suffixes, domain, found);
    return found;
}

static int add(struct exclude *exclude, const struct target_name *name)
{
    if (find(exclude, name->domain) != NULL) {
        return 0;
    }
    struct suffix *suffix = calloc(1, sizeof *suffix + name->domain_len + 1);
    if (suffix == NULL) {
        return -ENOMEM;
    }
    memcpy(suffix->domain, name->domain, name->domain_len + 1);
    HASH_ADD_STR(exclude->suffixes, domain, suffix);
    if (suffix->is_lost) {
        free(suffix);
        return -ENOMEM;
    }
    return 0;
}

void exclude_close(struct exclude *exclude)
{
    struct suffix *suffix = NULL;
    struct suffix *next = NULL;
    if (exclude == NULL) {
        return;
    }
    HASH_ITER(hh, exclude->suffixes, suffix, next)
    {
        HASH_DEL(exclude->suffixes, suffix);
        free(suffix);
    }
    free(exclude);
}
/* NOLINTEND(readability-function-size,clang-analyzer-unix.Malloc) */

/* Blanks and comment taken off; empty when nothing is left. */
static struct span suffix_text(const struct input_line *line)
{
    struct span text = {line->text, line->len};
    while (text.len > 0 && strchr(" \t\r", text.ptr[text.len - 1]) != NULL &&
           text.ptr[text.len - 1] != '\0') {
        text.len--;
    }
    text = span_trim_wsp(text);
    if (text.len > 0 && text.ptr[0] == '#') {
        text.len = 0;
    }
    return text;
}

static int add_line(struct exclude *exclude, const struct input_line *line,
                    const char **why)
{
    struct target_name name;
    struct span text = suffix_text(line);
    *why = NULL;
    if (text.len == 0) {
        return 0;
    }
    if (span_starts(text, "*.")) {
        text = span_from(text, 2);
    } else if (text.len > 1 && text.ptr[0] == '.') {
        text = span_from(text, 1);
    }
    enum target_reason reason =
        line->is_too_long ? TARGET_TOO_LONG : target_name_read_suffix(&name, text);
    if (!line->is_too_long && name.lacks_memory) {
        return -ENOMEM;
    }
    if (reason != TARGET_REASON_NONE) {
        *why = target_reason_text(reason);
        return -EINVAL;
    }
    return add(exclude, &name);
}

static int read_lines(struct exclude *exclude, struct input *input, const char *path,
                      char error[EXCLUDE_ERROR_LEN])
{
    struct input_line line;
    const char *why = NULL;
    int rc;
    while ((rc = input_next(input, &line)) == 1) {
        rc = add_line(exclude, &line, &why);
        if (rc != 0) {
            snprintf(error, EXCLUDE_ERROR_LEN, "%.300s:%" PRIu64 ": %s%s%s", path,
                     line.number, why != NULL ? "not a domain name (" : "out of memory",
                     why != NULL ? why : "", why != NULL ? ")" : "");
            return rc;
        }
    }
    if (rc < 0) {
        snprintf(error, EXCLUDE_ERROR_LEN, "%s", input_error(input));
    }
    return rc;
}

int exclude_open(struct exclude **exclude, const char *path,
                 char error[EXCLUDE_ERROR_LEN])
{
    struct input *input = NULL;
    *exclude = calloc(1, sizeof **exclude);
    if (*exclude == NULL) {
        snprintf(error, EXCLUDE_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    int rc = input_open(&input, path, error);
    if (rc == 0) {
        rc = read_lines(*exclude, input, path, error);
    }
    input_close(input);
    if (rc != 0) {
        exclude_close(*exclude);
        *exclude = NULL;
    }
    return rc;
}

bool exclude_matches(const struct exclude *exclude, const char *domain)
{
    while (exclude != NULL && domain != NULL) {
        if (find(exclude, domain) != NULL) {
            return true;
        }
        const char *dot = strchr(domain, '.');
        domain = dot != NULL ? dot + 1 : NULL;
    }
    return false;
}

size_t exclude_count(const struct exclude *exclude)
{
    return exclude != NULL ? HASH_COUNT(exclude->suffixes) : 0;
}
