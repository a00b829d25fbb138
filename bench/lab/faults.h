/* The faulty population: domains whose servers fail, each in one way. It is the same in
 * every lab: faults.txt lists it, expected-faults.ndjson says what a survey must find,
 * and lab-faults (faults.conf) is the servers. Where more are wanted than the table has,
 * it is gone through again and again (faults_home.h, faults-copies.conf). */
#ifndef BENCH_LAB_FAULTS_H
#define BENCH_LAB_FAULTS_H

#include "bench/lab/lab_gen.h"
#include "bench/lab/templates.h"

/* What is not given is sound: see faults_write.c. Zone lines are relative to the domain;
 * {d} the domain, {z} its zone, {a} the policy host's address. JSON is written with ' for
 * ". */
struct fault {
    const char *name; /* the zone: fault-NAME.net */
    const char *sub;  /* the domain is this label in the zone */
    const char *mx, *spf, *dmarc, *mta_sts, *tls_rpt, *policy_host,
        *more;        /* zone lines */
    unsigned fillers; /* so many TXT strings of 250 bytes beside the SPF record */
    int filler_len;   /* of so many, where it is not 0 */
    const char *rules; /* "OWNER TYPE FAULT\n…" of ns1, absolute names with a final dot */
    const char *ns2;   /* rules of a second name server; NULL: there is one only */
    const char *delegated;             /* to this server in place of ns1.{z} */
    const char *policy;                /* a word of fault_policy_words.c; NULL: good */
    enum certificate_kind certificate; /* NONE: good */
    unsigned policy_bytes;             /* padded to this length with one unknown line */
    const char *differs; /* from the sound record: members to be put over it */
    const char *direct;  /* over that, where the faulty resolver is asked directly */
    const char *closed;  /* over that, without --allow-special-addresses */
};

extern const struct fault faults_dns[], faults_packet[], faults_policy[];
extern const size_t faults_dns_count, faults_packet_count, faults_policy_count;

static inline size_t fault_count(void)
{
    return faults_dns_count + faults_packet_count + faults_policy_count;
}

static inline const struct fault *fault_at(size_t index)
{
    if (index < faults_dns_count) {
        return &faults_dns[index];
    }
    index -= faults_dns_count;
    return index < faults_packet_count ? &faults_packet[index]
                                       : &faults_policy[index - faults_packet_count];
}

#define FAULT_RESOLVER_ADDRESS "198.18.6.250"

/* How many there will be: so many as are wanted, 0: the table. Returns 0 where that is
 * less than the table or more than there are addresses for. */
size_t faults_total(size_t wanted);
/* Makes the certificates; writes faults.txt, faults.conf, expected-faults*.ndjson,
 * policies. */
struct authorities;
void faults_write(struct lab *lab, struct authorities *authorities);
/* zones/, and what the registry of net and the hosting nsd must know. */
void faults_write_zones(const struct lab *lab);
void faults_add_delegations(const struct lab *lab, struct text *net);
/* Calls add with the name of each of the first zones, so many. */
void faults_each_zone(struct text *text, size_t count,
                      void (*add)(struct text *text, const char *zone));

#endif
