/* What lab-answer was asked, and how fast: the rates a scanner keeps are judged at the
 * servers. Seconds are those that begin at a tenth of a second. */
#ifndef BENCH_LAB_ANSWER_STATS_H
#define BENCH_LAB_ANSWER_STATS_H

#include <stdint.h>

enum { TENTHS = 10 };

struct rate {
    uint64_t count;
    uint64_t tenth;          /* the last one, since 1970 */
    uint64_t tenths[TENTHS]; /* counts, at tenth modulo TENTHS */
    uint64_t peak_tenth, peak_second;
};

uint64_t stats_now_ns(void); /* since 1970 */
void rate_add(struct rate *rate, uint64_t at_ns);

struct server;
/* Replaces the file by one line of JSON. */
void stats_write(const struct server *server, const char *path);

#endif
