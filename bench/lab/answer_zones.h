/* lab-answer's zones in memory: names to answers, ready to be copied into a packet.
 *
 * A layer is what one group of servers has (root, TLDs, hosting), each in a file of its
 * own: zones one after the other, each begun by its SOA record, as lab-gen writes them. A
 * node is a name of one layer with its record sets; names between an apex and a node are
 * nodes too (empty non-terminals, RFC 4592, 2.2.2). Everything stands in one arena that
 * is written once, so a million domains are some hundred MB.
 *
 * Where two zones of a layer overlap (jp delegates co.jp to itself), the zone nearer to the
 * name has it. Zones do not change once they are loaded; nodes live as long as the zones.
 */
#ifndef BENCH_LAB_ANSWER_ZONES_H
#define BENCH_LAB_ANSWER_ZONES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    NAME_BYTES_MAX = 255,  /* RFC 1035, 2.3.4 */
    NODE_IS_CUT = 1,       /* delegated from here on */
    NODE_IS_BELOW_CUT = 2, /* glue */
    NODE_HAS_WILDCARD = 4, /* "*" below it */
    NODE_IS_FORWARDED = 8, /* an apex, a cut: a resolver must ask somebody else */
    ANY_LAYER = -1,
};

enum record_type { /* those that matter to a server */
                   TYPE_A = 1,
                   TYPE_NS = 2,
                   TYPE_CNAME = 5,
                   TYPE_SOA = 6,
                   TYPE_MX = 15,
                   TYPE_AAAA = 28,
                   TYPE_OPT = 41,
                   TYPE_DS = 43,
                   TYPE_ANY = 255
};

/* Records whole (RFC 1035, 4.1.3), each with a pointer to offset 12 for an owner. */
struct record_set {
    uint16_t type, count;
    uint32_t len;
    uint8_t bytes[];
};

struct node {
    uint32_t apex; /* of node_apex() */
    uint8_t layer, flags, set_count, name_len;
    uint8_t name[]; /* lower case; then the record sets */
};

struct zones; /* opaque */

/* Says on stderr what is wrong with the lab itself, and ends the program. */
_Noreturn void answer_die(const char *subject, const char *why);

struct zones *zones_open(void);
void zones_free(struct zones *zones);
/* Adds a file's zones as the next layer; returns its number, from 0. */
unsigned zones_load(struct zones *zones, const char *path);
/* Marks the zone of that name as NODE_IS_FORWARDED. */
void zones_forward(struct zones *zones, const char *name);

/* name: wire format, lower case, whole. In ANY_LAYER the last one that has it, glue left
 * out. NULL: none. */
const struct node *zones_find(const struct zones *zones, int layer, const uint8_t *name,
                              size_t len);
const struct node *node_apex(const struct zones *zones, const struct node *node);
/* NULL: none. */
const struct record_set *node_find(const struct node *node, unsigned type);

#endif
