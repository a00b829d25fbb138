/* The generator's parts, in the order in which main runs them. */
#ifndef BENCH_LAB_LAB_GEN_H
#define BENCH_LAB_LAB_GEN_H

#include "bench/lab/population.h"

struct lab {
    const char *directory; /* absolute */
    unsigned dns_port;     /* of the authoritative servers */
    bool is_joined;        /* no zone file per domain, no nsd: for lab-answer alone */
    size_t fault_total;    /* lines of faults.txt */
    struct population population;
    struct certificate *certificates; /* owned */
    size_t certificate_count;
    FILE *joined_zones[3]; /* by role; open within zones_write() */
};

#define ROOT_ADDRESS "198.18.0.1"
#define RESOLVER_ADDRESS "198.18.0.53"
#define FORWARDER_ADDRESS "198.18.0.54" /* unbound, where lab-answer is the resolver */
#define TLD_SERVER_COUNT 5              /* 198.18.1.1 … */
#define HOST_SERVER_COUNT 8             /* 198.18.2.1 … */
#define POLICY_SERVER_COUNT 4           /* 198.18.4.1 … */
#define PLAIN_HTTP_ADDRESS "198.18.4.20"
#define OLD_TLS_ADDRESS "198.18.4.21"
#define CLOSED_ADDRESS "198.18.4.250"

/* Groups policy hosts, has their certificates made, writes nginx.conf, certs/ and www/;
 * fills in the people's policy_address and certificate; writes the faulty population. */
void servers_write_policies(struct lab *lab);
/* nsd-*.conf, unbound.conf, answer.conf, root.hints */
void servers_write_dns(const struct lab *lab);

/* Which servers a zone belongs to. */
enum role { ROLE_ROOT, ROLE_TLD, ROLE_HOST, ROLE_COUNT };
/* All the zones of a role one after the other, each begun by its SOA record: what
 * lab-answer reads. */
extern const char *const zones_joined_names[ROLE_COUNT];
/* Those, and zones/ for nsd. */
void zones_write(struct lab *lab);
/* Adds a zone to those of its role; only within zones_write(). */
void zones_save(const struct lab *lab, enum role role, const char *zone,
                const struct text *text);
/* Names and text of the zones that belong to no person; ends at name NULL. */
struct shared_zone {
    const char *name, *text;
};
extern const struct shared_zone shared_zones[];
/* Where a zone's file is, below the lab's directory. */
void zones_path(char *path, size_t size, const char *zone);

#endif
