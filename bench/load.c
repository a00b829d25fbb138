#include "bench/load.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <uv.h>

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double cpu_s(const struct rusage *usage)
{
    return (double)(usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) +
           (double)(usage->ru_utime.tv_usec + usage->ru_stime.tv_usec) / 1e6;
}

static double cpu_now_s(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return cpu_s(&usage);
}

/* ---- the list --------------------------------------------------------------------- */

/* The whole file, NUL-terminated; NULL with errno set. */
static char *read_text(const char *path)
{
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return NULL;
    }
    char *text = NULL;
    size_t size = 0;
    ssize_t len = getdelim(&text, &size, '\0', file);
    if (len < 0) {
        errno = ferror(file) ? EIO : EINVAL;
        free(text);
        text = NULL;
    }
    fclose(file);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t count = 1;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

int load_read(struct load *load, const char *path)
{
    load->text = read_text(path);
    if (load->text == NULL) {
        return -errno;
    }
    load->pairs = calloc(count_lines(load->text), sizeof *load->pairs);
    if (load->pairs == NULL) {
        return -ENOMEM;
    }
    char *rest = load->text, *line;
    while ((line = strsep(&rest, "\n")) != NULL) {
        char *first = strtok_r(line, " \t", &line);
        if (first != NULL) {
            char *second = strtok_r(NULL, " \t", &line);
            load->pairs[load->pair_count++] =
                (struct load_pair){first, second != NULL ? second : ""};
        }
    }
    return load->pair_count > 0 ? 0 : -EINVAL;
}

void load_free(struct load *load)
{
    free(load->pairs);
    free(load->text);
}

/* ---- the run ---------------------------------------------------------------------- */

/* A loop, not recursion, when answers come from inside ask(). */
static void pump(struct load *load)
{
    if (load->is_pumping) {
        return;
    }
    load->is_pumping = true;
    while (load->asked < load->count && load->asked - load->done < load->window) {
        const struct load_pair *pair = &load->pairs[load->asked % load->pair_count];
        load->asked++;
        load->ask(load->arg, pair);
    }
    load->is_pumping = false;
}

void load_run(struct load *load, struct uv_loop_s *loop)
{
    load->began_s = now_s();
    load->cpu_began_s = cpu_now_s();
    pump(load);
    while (load->done < load->count && uv_run(loop, UV_RUN_ONCE) != 0) {
    }
}

void load_done(struct load *load)
{
    load->done++;
    pump(load);
}

void load_print(const struct load *load)
{
    struct rusage usage;
    double seconds = now_s() - load->began_s;
    getrusage(RUSAGE_SELF, &usage);
    printf("count=%zu seconds=%.4f cpu_s=%.4f rss_kib=%ld\n", load->done, seconds,
           cpu_s(&usage) - load->cpu_began_s, usage.ru_maxrss);
}

size_t load_number(const char *text, const char *what)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (errno != 0 || end == text || *end != '\0' || value < 1 || value > 1000000000) {
        fprintf(stderr, "%s: not a number from 1 to 1,000,000,000: %s\n", what, text);
        exit(2);
    }
    return value;
}
