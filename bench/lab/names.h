/* Names for the lab's people, and lines that are none. */
#ifndef BENCH_LAB_NAMES_H
#define BENCH_LAB_NAMES_H

#include "bench/lab/population.h"

/* xoshiro256** (Blackman and Vigna 2018), seeded by splitmix64. */
struct random {
    uint64_t state[4];
};

void random_seed(struct random *random, uint64_t seed);
uint64_t random_below(struct random *random,
                      uint64_t limit); /* 0 <= … < limit, limit > 0 */

struct refused_line {
    const char *reason;
    const char *written; /* NULL: built by its reason (over-long names and lines) */
    const char *shown;   /* input, where it differs from what is written */
    const char *domain;  /* excluded lines: the name */
};

extern const struct refused_line invalid_lines[];
extern const size_t invalid_line_count;
extern const struct refused_line excluded_lines[]; /* special_use */
extern const size_t excluded_line_count;
extern const struct refused_line opt_out_line;
#define OPT_OUT_SUFFIX "left-alone.net"

/* number: unique among the people; gives person names, unicode and suffix by its kind. */
void names_give(struct person *person, size_t number, bool unicode,
                struct random *random);
void names_refuse(struct person *person, const struct refused_line *line);
/* The line of a domain: written, tail, input, tag. */
void names_spell(struct person *person, enum spelling spelling, size_t number);

#endif
