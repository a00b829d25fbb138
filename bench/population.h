/* The lab's population as the benchmarks use it: its lines, what its DNS answers, the
 * records it publishes in their proportions, all shuffled.
 */
#ifndef BENCH_POPULATION_H
#define BENCH_POPULATION_H

#include "bench/zone_table.h"
#include "scanner/classify/lookup.h"
#include "scanner/classify/span.h"

/* One thing to be parsed. */
struct sample {
    struct span text;   /* what the parser reads, and the byte scan beside it */
    const char *domain; /* whose it is; of a policy: the host; NULL for a line */
    const struct dns_answer *answer; /* NULL where text came from no DNS answer */
};

struct sample_list {
    size_t count;
    struct sample *samples; /* owned */
};

struct population {
    struct zone_table *zones;
    struct lookup lookup;       /* answers from zones, never NULL */
    struct sample_list lines;   /* of domains.txt */
    struct sample_list domains; /* the names among them; text = the name */
    struct sample_list
        txt; /* TXT answers at the domain with at least one record; text = the first */
    struct sample_list
        spf; /* the records that count: one of each domain that has just one */
    struct sample_list spf_local; /* those of them without include and redirect */
    struct sample_list dmarc, mta_sts, tls_rpt;
    struct sample_list
        policies; /* what policy hosts serve, in the order of their names */
};

/* path: what lab-gen --out wrote. 0 or -errno. */
int population_open(struct population *population, const char *path)
    __attribute__((warn_unused_result));
void population_close(struct population *population);

/* NULL: the host serves none. */
const struct sample *population_policy(const struct population *population,
                                       const char *host);

#endif
