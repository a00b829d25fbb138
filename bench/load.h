/* What the load generators share: a list of pairs of words, questions kept in flight, and
 * the line that tells how it went.
 *
 *   load_read(&load, file);
 *   load_begin(&load);
 *   load_pump(&load, &loop);       until every answer is there; ask() is called for each,
 *                                  load_done() by whoever hears the answer
 *   load_print(&load, "ok=… ");    the caller's words, then count, seconds and CPU
 */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s;

struct load_pair {
    const char *first, *second; /* point into the text */
};

struct load {
    /* Sends one; its answer may come at once. */
    void (*ask)(void *arg, const struct load_pair *pair);
    void *arg;
    size_t window; /* in flight at a time */
    size_t count;  /* to be asked; the list is gone through again and again */

    struct load_pair *pairs; /* owned */
    size_t pair_count;
    char *text; /* owned: the file, its words ended by NUL */
    size_t asked, done;
    bool is_pumping;
    double began_s, cpu_began_s;
};

/* Lines of two words; where the second is missing it is "". 0 or -errno (-EINVAL: there is
 * no line). */
int load_read(struct load *load, const char *path) __attribute__((warn_unused_result));
void load_free(struct load *load);

/* Runs the loop until count answers were heard. */
void load_run(struct load *load, struct uv_loop_s *loop);
/* One answer was heard: the next question goes out. */
void load_done(struct load *load);

/* "count=N seconds=S cpu_s=S rss_kib=N": one line, for programs to read. CPU is user and
 * system time of the process since load_run. */
void load_print(const struct load *load);

/* A number between 1 and 1e9 from the command line; exits with 2 where it is none. */
size_t load_number(const char *text, const char *what);

#endif
