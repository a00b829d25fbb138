/* What all answers of one domain together mean: one struct, a part per protocol, filled
 * by one function per part. Each part's function runs as often as answers are missing (it
 * then returns false) and once more at the end.
 */
#ifndef SCANNER_VERDICT_H
#define SCANNER_VERDICT_H

#include "fetch/fetch.h"
#include "scanner/classify/dmarc.h"
#include "scanner/classify/mta_sts.h"
#include "scanner/classify/mx.h"
#include "scanner/classify/provider.h"
#include "scanner/classify/spf.h"
#include "scanner/classify/sts_policy.h"
#include "scanner/classify/tls_rpt.h"

#define NS_HOSTS_MAX 32
#define SENDER_IPS_MAX 16
#define VERDICT_TEXT_MAX 4096 /* bytes of record text kept */
#define VERDICT_NAME_MAX 1024 /* text of a name: 253 bytes, or more when escaped */

enum check {
    CHECK_MX = 1,
    CHECK_NS = 2,
    CHECK_SPF = 4,
    CHECK_DMARC = 8,
    CHECK_MTA_STS = 16,
    CHECK_TLS_RPT = 32,
    CHECK_ALL = 63
};

/* The same for every domain of a run. */
struct verdict_config {
    unsigned checks; /* enum check */
    bool probe_orphan_policies;
    const struct suffix_list *suffixes;
    const struct provider_list *providers; /* NULL: every provider is null */
    size_t sender_ip_count;
    struct verdict_sender_ip {
        uint8_t bytes[16];
        size_t len; /* 4 or 16 */
        const char *text;
    } sender_ips[SENDER_IPS_MAX];
};

/* What is known so far. */
struct verdict_facts {
    const struct verdict_config *config;
    const char *domain;
    const char *org_domain; /* of domain, by the Public Suffix List: an end of it */
    bool name_does_not_exist;
    struct lookup lookup;               /* asks for what is missing */
    struct lookup held;                 /* never asks: NULL when not held */
    const struct fetch_result *fetched; /* NULL: not fetched (yet) */
};

struct verdict_ns {
    enum deployment deployment;
    size_t host_count;
    const char *hosts[NS_HOSTS_MAX]; /* sorted by bytes */
    const char *provider;            /* this and the others: NULL = nobody known */
};

/* What the four TXT protocols have in common. */
struct verdict_txt {
    struct published published;
    enum validity validity;
    uint32_t ttl;
    const struct dns_answer *answer; /* NULL = not asked */
    struct defects defects;
};

struct verdict_spf {
    struct verdict_txt txt;
    struct spf_analysis analysis;
    enum spf_result sender_results[SENDER_IPS_MAX];
};

struct verdict_dmarc {
    struct verdict_txt txt;
    struct dmarc_record record;
    struct dmarc_discovery discovery;
    size_t external_count;
    struct dmarc_external externals[DMARC_URIS_MAX];
};

enum sts_lifecycle {
    STS_LIFECYCLE_NULL, /* not checked */
    STS_LIFECYCLE_ABSENT,
    STS_LIFECYCLE_TESTING,
    STS_LIFECYCLE_ENFORCE,
    STS_LIFECYCLE_NONE,
    STS_LIFECYCLE_BROKEN,
    STS_LIFECYCLE_ORPHAN_POLICY,
    STS_LIFECYCLE_TEMP_ERROR
};

enum sts_stage {
    STS_STAGE_NOT_FETCHED,
    STS_STAGE_DNS,
    STS_STAGE_TCP,
    STS_STAGE_TLS,
    STS_STAGE_HTTP,
    STS_STAGE_SYNTAX,
    STS_STAGE_OK
};

#define POLICY_ADDRESSES_MAX 32

struct verdict_policy {
    bool is_due;
    bool is_left_open; /* the fetch ended without an answer */
    enum sts_stage stage;
    char host[VERDICT_NAME_MAX];
    size_t address_count;
    char addresses[POLICY_ADDRESSES_MAX][MX_ADDRESS_LEN]; /* sorted by bytes */
    const struct dns_answer *cname_answer; /* whose chain is shown; NULL = none */
    const char *provider;
    struct fetch_request request; /* what to fetch, once is_fetch_due */
    bool is_fetch_due;
    char status_text[16]; /* the detail of http_status and http_redirect */
    struct sts_policy parsed;
    struct defects defects;
};

struct verdict_mta_sts {
    struct verdict_txt txt;
    struct mta_sts_record record;
    enum sts_lifecycle lifecycle;
    const char *provider;
    struct verdict_policy policy;
    enum mx_match match;
    enum mx_mismatch mismatch;
    size_t unmatched_count;
    const char *unmatched[MX_HOSTS_MAX];
};

struct verdict_tls_rpt {
    struct verdict_txt txt;
    struct tls_rpt_record record;
    const char *provider;
};

struct verdict {
    const struct dns_answer *name_answer; /* does the domain exist? */
    struct mx_set mx;
    struct defects mx_defects;
    const char *mx_provider;
    struct verdict_ns ns;
    struct verdict_spf spf;
    struct verdict_dmarc dmarc;
    struct verdict_mta_sts mta_sts;
    struct verdict_tls_rpt tls_rpt;
    bool has_no_tls_rpt; /* cross-protocol: MTA-STS without TLS-RPT */
};

/* The type of the question that tells whether the name exists. */
enum dns_type verdict_name_type(unsigned checks);

/* Each true when nothing is missing. */
bool verdict_name(struct verdict *verdict, const struct verdict_facts *facts);
bool verdict_mx(struct verdict *verdict, const struct verdict_facts *facts);
bool verdict_ns(struct verdict *verdict, const struct verdict_facts *facts);
bool verdict_spf(struct verdict *verdict, const struct verdict_facts *facts);
bool verdict_dmarc(struct verdict *verdict, const struct verdict_facts *facts);
bool verdict_mta_sts(struct verdict *verdict, const struct verdict_facts *facts);
bool verdict_tls_rpt(struct verdict *verdict, const struct verdict_facts *facts);
/* What only all parts together tell; after them. */
void verdict_cross(struct verdict *verdict, const struct verdict_facts *facts);
/* The providers of all parts; verdict_cross calls it. */
void verdict_providers(struct verdict *verdict, const struct verdict_facts *facts);

#endif
