#include "bench/measure.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static const double ROUND_NS = 50e6;

double measure_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

void measure_pin(void)
{
    cpu_set_t cpus;
    CPU_ZERO(&cpus);
    CPU_SET((size_t)sched_getcpu(), &cpus);
    (void)!sched_setaffinity(0, sizeof cpus, &cpus);
}

static volatile unsigned sum_seen;

/* What every reader of the text must do at least: touch each byte, and look for one
 * that is not there. */
static void scan_bytes(const struct sample *sample)
{
    unsigned sum = memchr(sample->text.ptr, '\xff', sample->text.len) != NULL;
    for (size_t i = 0; i < sample->text.len; i++) {
        sum += (unsigned char)sample->text.ptr[i];
    }
    sum_seen = sum;
}

static size_t count_of(const struct sample_list *list)
{
    return list->count < MEASURE_SAMPLES_MAX ? list->count : MEASURE_SAMPLES_MAX;
}

static double scan_pass(const struct subject *subject)
{
    double begin = measure_now_ns();
    for (size_t i = 0; i < count_of(subject->list); i++) {
        scan_bytes(&subject->list->samples[i]);
    }
    return measure_now_ns() - begin;
}

static double subject_pass(const struct subject *subject)
{
    if (subject->pass != NULL) {
        return subject->pass(subject->arg, subject->list);
    }
    double begin = measure_now_ns();
    for (size_t i = 0; i < count_of(subject->list); i++) {
        subject->run(subject->arg, &subject->list->samples[i]);
    }
    return measure_now_ns() - begin;
}

/* Nanoseconds a pass, over as many passes as fill a round. */
static double round_of(double (*pass)(const struct subject *),
                       const struct subject *subject)
{
    double total = 0;
    unsigned passes = 0;
    for (; total < ROUND_NS; passes++) {
        total += pass(subject);
    }
    return total / passes;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a;
    double y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Sorts them. */
static double median(double values[MEASURE_ROUNDS])
{
    qsort(values, MEASURE_ROUNDS, sizeof values[0], compare);
    return values[MEASURE_ROUNDS / 2];
}

static size_t bytes_of(const struct sample_list *list)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count_of(list); i++) {
        bytes += list->samples[i].text.len;
    }
    return bytes;
}

void measure_print_head(void)
{
    printf("| what | samples | bytes | ns each | each s | x scan | spread | wanted |\n"
           "|---|--:|--:|--:|--:|--:|--:|--:|\n");
}

bool measure(const struct subject *subject)
{
    double ns[MEASURE_ROUNDS], ratios[MEASURE_ROUNDS];
    double count = (double)count_of(subject->list);
    if (subject->list->count == 0) {
        fprintf(stderr, "bench-micro: %s: the population has none\n", subject->name);
        return false;
    }
    subject_pass(subject); /* warm */
    for (size_t i = 0; i < MEASURE_ROUNDS; i++) {
        ns[i] = round_of(subject_pass, subject);
        ratios[i] = ns[i] / round_of(scan_pass, subject);
    }
    double each_s = 1e9 / (median(ns) / count);
    bool is_fast = each_s >= subject->least_per_s;
    double ratio = median(ratios);
    printf("| %s | %zu | %.0f | %.1f | %.0f | %.2f | %.2f |", subject->name,
           count_of(subject->list), (double)bytes_of(subject->list) / count, 1e9 / each_s,
           each_s, ratio,
           (ratios[MEASURE_ROUNDS * 3 / 4] - ratios[MEASURE_ROUNDS / 4]) / 2);
    if (subject->least_per_s > 0) {
        printf(" %.0f: %s", subject->least_per_s, is_fast ? "yes" : "NO");
    }
    printf(" |\n");
    return is_fast;
}
