#include "scanner/classify/suffix.h"

#include <errno.h>
#include <libpsl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define DATE_LEN 10
#define HEAD_LINES_MAX 40

struct suffix_list {
    psl_ctx_t *psl;
    char date[DATE_LEN + 1];
};

static void set_date(struct suffix_list *list, time_t when)
{
    struct tm tm;
    if (when > 0 && gmtime_r(&when, &tm) != NULL) {
        strftime(list->date, sizeof list->date, "%Y-%m-%d", &tm);
    }
}

static void set_file_date(struct suffix_list *list, const char *path)
{
    struct stat status;
    if (path != NULL && stat(path, &status) == 0) {
        set_date(list, status.st_mtime);
    }
}

/* publicsuffix.org writes "// VERSION: 2026-01-31_08-15-00_UTC" near the top. */
static void set_own_date(struct suffix_list *list, const char *path)
{
    char line[256];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return;
    }
    for (int i = 0; i < HEAD_LINES_MAX && fgets(line, sizeof line, file) != NULL; i++) {
        char date[DATE_LEN + 1];
        if (sscanf(line, "// VERSION: %10[0-9-]", date) == 1 &&
            strlen(date) == DATE_LEN) {
            memcpy(list->date, date, sizeof date);
            break;
        }
    }
    fclose(file);
}

static psl_ctx_t *load(const char *path)
{
    psl_ctx_t *psl = psl_load_file(path);
    if (psl != NULL && psl_suffix_count(psl) == 0) {
        psl_free(psl);
        return NULL;
    }
    return psl;
}

struct suffix_list *suffix_list_open(const char *path)
{
    struct suffix_list *list = calloc(1, sizeof *list);
    if (list == NULL) {
        return NULL;
    }
    errno = 0;
    list->psl = path != NULL ? load(path) : psl_latest(NULL);
    if (list->psl == NULL || errno == ENOMEM) { /* psl_latest takes an older one then */
        suffix_list_free(list);
        return NULL;
    }
    if (list->psl == psl_builtin()) {
        set_date(list, psl_builtin_file_time());
        return list;
    }
    set_file_date(list, path != NULL ? path : psl_dist_filename());
    if (path != NULL) {
        set_own_date(list, path);
    }
    return list;
}

void suffix_list_free(struct suffix_list *list)
{
    if (list != NULL) {
        psl_free(list->psl);
        free(list);
    }
}

const char *suffix_list_date(const struct suffix_list *list)
{
    return list->date;
}

/* Without a type libpsl takes both sections, and "*" prevails where no rule matches. */
const char *suffix_registrable(const struct suffix_list *list, const char *name)
{
    return psl_registrable_domain(list->psl, name);
}

const char *suffix_organizational(const struct suffix_list *list, const char *name)
{
    const char *registrable = suffix_registrable(list, name);
    return registrable != NULL ? registrable : name;
}
