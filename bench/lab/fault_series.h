/* Servers that stand at many addresses, and are told apart by them. A series is written
 *
 *     198.18.16.7+75*1332    198.18.16.7, and each 75th after it, 1332 in all
 *
 * and a plain address is a series of one. The first member is a server like any other, of
 * fault-NAME-00001.net; the n-th says the same of fault-NAME-0000n.net: what it is asked
 * is turned into the first's question, and what the first would answer into its own. All
 * names keep their lengths, so that nothing else in a message changes.
 */
#ifndef BENCH_LAB_FAULT_SERIES_H
#define BENCH_LAB_FAULT_SERIES_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct series {
    uint32_t first, stride, count; /* first: in host order */
    bool is_written; /* as one, of however many: nothing is bound for it alone */
};

/* Ends the program where the text is none. */
struct series series_read(const char *text);
/* Whether that address is a member; sets which one, from 0. */
bool series_has(const struct series *series, struct in_addr address, unsigned *member);

/* Within these bytes, a member's names become those of the first. */
void series_to_first(uint8_t *bytes, size_t len, unsigned member);
/* Within these bytes, the first's names become those of the member; */
void series_to_member(uint8_t *bytes, size_t len, unsigned member);
/* and the first addresses of all series become those of their members. */
void series_move_addresses(uint8_t *bytes, size_t len, unsigned member);

#endif
