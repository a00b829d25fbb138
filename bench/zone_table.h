/* The lab's zones in memory: every question answered at once, as a recursive resolver
 * would.
 *
 *   zone_table_open(&table, "DIR/zones");
 *   answer = zone_table_get(table, "_dmarc.example.org", DNS_TXT);     never NULL
 *
 * Reads what lab-gen writes, no more of the master file format than that: $ORIGIN, one
 * record a line, owner, type, data. CNAMEs and wildcards are followed; delegations and
 * faulty servers are not seen. A question asked before costs one hash look-up. Answers
 * live as long as the table.
 */
#ifndef BENCH_ZONE_TABLE_H
#define BENCH_ZONE_TABLE_H

#include "resolver/resolver.h"

struct zone_table;

/* 0 or -errno. */
int zone_table_open(struct zone_table **table, const char *path)
    __attribute__((warn_unused_result));
const struct dns_answer *zone_table_get(struct zone_table *table, const char *name,
                                        enum dns_type type);
void zone_table_free(struct zone_table *table);

#endif
