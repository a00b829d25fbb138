/* Who lives in the lab: N lines of a domain list, each with a template per protocol.
 * Everything is drawn from the seed: the same count and seed give the same population. */
#ifndef BENCH_LAB_POPULATION_H
#define BENCH_LAB_POPULATION_H

#include "bench/lab/templates.h"
#include "bench/lab/text.h"

enum kind {
    KIND_DOMAIN,    /* a zone of its own */
    KIND_SUBDOMAIN, /* a name inside the zone of its organizational domain */
    KIND_SUFFIX,    /* a domain below the public suffix or.jp, which has DMARC itself */
    KIND_PARKED,    /* a zone with nothing in it */
    KIND_WILDCARD,  /* `* TXT "v=spf1 -all"` */
    KIND_NXDOMAIN,  /* not delegated */
    KIND_MISSING,   /* NXDOMAIN inside the zone of an organizational domain */
    KIND_ALIAS, /* a CNAME to nowhere inside such a zone: it exists, with names below */
    KIND_TWIN,  /* the domain of another line once more */
    KIND_INVALID,
    KIND_EXCLUDED,
    KIND_COUNT
};

/* How the domain is written in the list. */
enum spelling {
    SPELLING_PLAIN,
    SPELLING_UPPER,
    SPELLING_DOT,
    SPELLING_SPACES,
    SPELLING_CRLF,
    SPELLING_TAG,    /* domain,tag */
    SPELLING_RANK,   /* rank,domain */
    SPELLING_QUOTED, /* "domain","tag" (RFC 4180) */
    SPELLING_UNICODE,
    SPELLING_COUNT
};

struct certificate {
    const char *verify_error; /* OpenSSL's text, or NULL */
    char *subject, *issuer;   /* RFC 2253 */
    char not_before[32], not_after[32];
    char **names; /* sorted by bytes */
    size_t name_count;
};

struct person {
    enum kind kind;
    unsigned line; /* in the list, from 1 */
    char *written; /* the line without its end; input is this without surrounding space */
    const char *tail; /* what ends the line */
    char *input;      /* as the record shows it */
    const char *tag, *reason;
    bool special_use;   /* an excluded line that is a domain */
    struct names names; /* owned; NULL for lines that are no domain */
    char *unicode;
    size_t suffix;
    const struct mx_template *mx;
    const struct ns_template *ns; /* NULL: no zone of its own */
    const struct spf_template *spf;
    const struct dmarc_template *dmarc;
    const struct dmarc_template *parent_dmarc; /* at the organizational domain, or NULL */
    const struct dmarc_template *middle_dmarc; /* at middle, between the two, or NULL */
    const char *middle;                        /* borrowed from names.domain */
    const struct mta_sts_template *mta_sts;
    const struct policy_template *policy; /* NULL: there is no policy host */
    const struct tls_rpt_template *tls_rpt;
    const char *policy_address;            /* NULL: not a server's */
    const struct certificate *certificate; /* NULL: none presented */
    const struct person *twin_of;          /* NULL unless KIND_TWIN */
};

struct suffix {
    const char *name;
    unsigned weight;
};

extern const struct suffix suffixes[];
extern const size_t suffix_count;

struct population {
    size_t count;
    struct person *people; /* in the order of the list */
};

/* It was looked up: not invalid, not excluded. */
bool is_domain(const struct person *person);
bool has_zone(const struct person *person); /* a zone is to be written for it */
bool is_policy_fetched(const struct mta_sts_template *mta_sts);
/* The template of that name, which must exist. */
const struct policy_template *policy_named(const char *name);

void population_build(struct population *population, size_t count, uint64_t seed,
                      bool opt_out);
void population_free(struct population *population);

#endif
