/* Answers by name and type: a hash table that grows and forgets nothing. */
#ifndef BENCH_ZONE_SETS_H
#define BENCH_ZONE_SETS_H

#include "resolver/resolver.h"

#define ZONE_CNAMES_MAX 8

struct zone_set {
    struct dns_answer answer;
    struct dns_record *records; /* owned, as is each one's data */
    const char *cnames[ZONE_CNAMES_MAX];
    bool is_borrowed; /* records are another set's */
    enum dns_type type;
    char name[];
};

/* Open addressing: a question must cost as little as can be, it is not what is
 * measured. */
struct zone_slot {
    uint32_t hash;
    struct zone_set *set; /* NULL: free */
};

struct zone_sets {
    size_t count, slot_count; /* a power of two, more than twice count */
    struct zone_slot *slots;
};

void zone_sets_init(struct zone_sets *sets);
struct zone_set *zone_sets_find(const struct zone_sets *sets, const char *name,
                                enum dns_type type);
/* A new, empty one; there must be none yet. */
struct zone_set *zone_sets_add(struct zone_sets *sets, const char *name,
                               enum dns_type type);
void zone_sets_close(struct zone_sets *sets);

#endif
