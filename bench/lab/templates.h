/* The lab's ground truth: for each protocol a table of ways in which a domain can be set
 * up, right and wrong. A template is zone lines and, beside them, what a survey must say
 * about them, written out by hand from the RFCs: nothing in a table is computed.
 *
 * Zone lines are relative to the domain; targets end in a dot. {d} {z} {t}: see text.h.
 * In expected text \DDD is how the record shows a byte that is not UTF-8, which is also
 * how a zone file spells it.
 *
 * Every template begins with a name and a weight (its share among the templates of its
 * table).
 */
#ifndef BENCH_LAB_TEMPLATES_H
#define BENCH_LAB_TEMPLATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIST_MAX 14

/* Records of more than 4,096 bytes, which the output cuts there: a's in zone files'
 * strings. */
#define A10 "aaaaaaaaaa"
#define A50 A10 A10 A10 A10 A10
#define A250 A50 A50 A50 A50 A50
#define A1000 A250 A250 A250 A250
#define A250_STRING "\" \"" A250
#define A1000_STRINGS A250_STRING A250_STRING A250_STRING A250_STRING
#define A4250_STRINGS A1000_STRINGS A1000_STRINGS A1000_STRINGS A1000_STRINGS A250_STRING

struct finding {
    char severity; /* 'E' or 'W'; 0 ends a list */
    const char *code;
    const char *detail;
};
#define E(code, detail)                                                                  \
    {                                                                                    \
        'E', code, detail                                                                \
    }
#define W(code, detail)                                                                  \
    {                                                                                    \
        'W', code, detail                                                                \
    }

/* Host names a policy can be written for. */
enum mx_family {
    MX_NONE,     /* no MX, no address */
    MX_OWN,      /* mail.{d} */
    MX_PAIR,     /* mx1.{d} mx2.{d} */
    MX_FARM,     /* mx1.mailfarm.net mx2.mailfarm.net */
    MX_IMPLICIT, /* {d} itself */
    MX_DEEP,     /* edge1.inbound.{d} */
    MX_NULL,     /* "." */
    MX_ODD,      /* nothing a policy could sensibly be written for */
    MX_FAMILY_COUNT
};

struct mx_host {
    int preference;
    const char *host; /* NULL ends a list */
    const char *status;
    const char *addresses[4];
};

struct mx_template {
    const char *name;
    unsigned weight;
    const char *zone;
    enum mx_family family;
    bool present, null_mx;
    struct mx_host hosts[6];
    struct finding findings[6];
};

struct ns_template {
    const char *name;
    unsigned weight;
    const char *zone; /* relative lines, for servers inside the domain */
    const char *hosts[LIST_MAX];
    const char *glue; /* absolute lines for the parent */
};

struct spf_template {
    const char *name;
    unsigned weight;
    const char *zone;
    const char *needs_mx; /* the MX template whose hosts the record counts; NULL = any */
    const char *deployment, *validity, *record;
    const char *records[4], *cname[4];
    const char *all;
    bool counted; /* exactly one record: the numbers are numbers */
    unsigned lookups, void_lookups;
    uint64_t ipv4_addresses;
    unsigned ipv6_prefixes;
    const char *includes[LIST_MAX];
    const char *redirect;
    struct finding findings[12];
};

struct external {
    const char *uri, *host, *status;
};

struct dmarc_template {
    const char *name;
    unsigned weight;
    const char *zone;
    const char *desk; /* line for the zone report-desk.net: the permission given there */
    bool plain;       /* may stand at a parent or below one: the three below are given */
    const char *deployment, *validity, *record;
    const char *records[4], *cname[4];
    const char *p, *sp, *np;
    const char *pct; /* a number, written as text */
    const char *adkim, *aspf, *t, *psd;
    const char *rua[4], *ruf[4];
    const char *fo;
    const char *rfc7489, *rfc9989; /* policies at the name itself; NULL = no DMARC */
    struct external external[4];
    struct finding findings[8];
    /* What an existing name below gets, by each RFC, and by 9989 one that is NXDOMAIN. */
    const char *below7489, *below9989, *missing9989;
};

struct mta_sts_template {
    const char *name;
    unsigned weight;
    const char *zone;
    const char *deployment; /* a policy is fetched when it is present or multiple */
    bool valid;
    const char *orphan; /* absent, but this policy is served: only a probe finds it */
    const char *record;
    const char *records[4], *cname[4];
    const char *id;
    struct finding findings[6];
};

enum certificate_kind {
    CERTIFICATE_NONE, /* no TLS server there that presents one */
    CERTIFICATE_GOOD,
    CERTIFICATE_WILDCARD,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_NOT_YET_VALID,
    CERTIFICATE_SELF_SIGNED,
    CERTIFICATE_UNTRUSTED_ROOT,
    CERTIFICATE_UNKNOWN_ISSUER,
    CERTIFICATE_NAME_MISMATCH,
    CERTIFICATE_WILDCARD_TOO_HIGH,
    CERTIFICATE_CN_ONLY,
    CERTIFICATE_CLIENT_ONLY,
    /* of the faulty population only */
    CERTIFICATE_WILDCARD_TWO_LABELS,
    CERTIFICATE_WILDCARD_INSIDE,
    CERTIFICATE_ADDRESS_ONLY,
    CERTIFICATE_ISSUER_NO_CA,
    CERTIFICATE_ISSUER_EXPIRED,
    CERTIFICATE_PATH_TOO_LONG,
    CERTIFICATE_KEY_USAGE,
    CERTIFICATE_SHA1,
    CERTIFICATE_MD5,
    CERTIFICATE_WEAK_KEY,
    CERTIFICATE_WEAKEST_KEY,
    CERTIFICATE_BAD_SIGNATURE,
    CERTIFICATE_OTHER_KEY, /* the server has not the one certified */
    CERTIFICATE_EXPIRED_OTHER_NAME,
    CERTIFICATE_SELF_SIGNED_EXPIRED,
    CERTIFICATE_LONG_CHAIN,
    CERTIFICATE_ENDLESS_CHAIN,
    CERTIFICATE_MANY_NAMES,
    CERTIFICATE_HOSTILE
};

/* How a policy's patterns stand to the domain's MX hosts. */
enum mx_relation {
    RELATION_COVER,
    RELATION_WILDCARD,
    RELATION_MORE, /* covers, and names a host that is no MX */
    RELATION_SOME,
    RELATION_TLD,
    RELATION_DOMAIN,
    RELATION_LABEL,
    RELATION_TYPO,
    RELATION_POLICY_HOST,
    RELATION_COUNT
};

struct mx_match {
    const char *result; /* NULL = this pair is not written down */
    const char *patterns[4];
    const char *unmatched[4];
    const char *kind;
};

enum policy_server {
    SERVER_FILE,    /* serves body */
    SERVER_RETURN,  /* `serving` answers */
    SERVER_REJECT,  /* ends the handshake with an alert */
    SERVER_PLAIN,   /* HTTP without TLS on 443 */
    SERVER_OLD_TLS, /* TLS 1.1 at most */
    SERVER_CLOSED,  /* nothing listens */
    SERVER_NO_NAME  /* no address: the zone lines say how */
};

struct policy_template {
    const char *name;
    unsigned weight;
    const char *zone; /* "%s" = the server's address; NULL: mta-sts has that address */
    const char *cname[4];
    const char *more_addresses[3]; /* beside the server's, sorting after it */
    enum policy_server server;
    enum certificate_kind certificate;
    const char *serving; /* nginx directives of the location; NULL: text/plain */
    const char *body;    /* {m}: mx lines of the relation; {M}: the same with CRLF */
    unsigned body_bytes; /* pad the body to this length with one long unknown line */
    const char *shown;   /* the body as the record shows it, where that differs */
    enum mx_relation relation;
    const char *stage, *error;
    int http_status; /* 0 = none came */
    const char *content_type;
    const char *version, *mode, *max_age; /* max_age is a number, written as text */
    const char *mx[4];                    /* usable patterns; not given = those of {m} */
    bool no_mx;                           /* none is usable or none stands there */
    struct finding findings[8];
};

struct tls_rpt_uri {
    const char *scheme, *uri;
};

struct tls_rpt_template {
    const char *name;
    unsigned weight;
    const char *zone;
    const char *deployment, *validity, *record;
    const char *records[4], *cname[4];
    struct tls_rpt_uri rua[4];
    struct finding findings[6];
};

extern const struct mx_template mx_templates[];
extern const size_t mx_template_count;
extern const struct mx_match mx_matches[MX_FAMILY_COUNT][RELATION_COUNT];
extern const struct ns_template ns_templates[];
extern const size_t ns_template_count;
extern const struct spf_template spf_templates[];
extern const size_t spf_template_count;
extern const struct dmarc_template dmarc_templates[];
extern const size_t dmarc_template_count;
extern const struct mta_sts_template mta_sts_templates[];
extern const size_t mta_sts_template_count;
extern const struct policy_template policy_templates[];
extern const size_t policy_template_count;
extern const struct tls_rpt_template tls_rpt_templates[];
extern const size_t tls_rpt_template_count;

/* The domain with `* TXT "v=spf1 -all"`: what each protocol finds at its own name. */
extern const struct spf_template spf_wildcard;
extern const struct dmarc_template dmarc_wildcard;
extern const struct mta_sts_template mta_sts_wildcard;
extern const struct tls_rpt_template tls_rpt_wildcard;

/* `@ CNAME gone.policy-desk.net.`: zones.c */
extern const struct spf_template spf_alias;

#endif
