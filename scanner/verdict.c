#include "scanner/verdict.h"

#include "scanner/policy.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum dns_type verdict_name_type(unsigned checks)
{
    return (checks & CHECK_MX) != 0 ? DNS_MX : DNS_NS;
}

bool verdict_name(struct verdict *verdict, const struct verdict_facts *facts)
{
    verdict->name_answer = lookup_get(&facts->lookup, facts->domain,
                                      verdict_name_type(facts->config->checks));
    return verdict->name_answer != NULL;
}

bool verdict_mx(struct verdict *verdict, const struct verdict_facts *facts)
{
    defects_clear(&verdict->mx_defects);
    mx_classify(facts->domain, &facts->lookup, &verdict->mx, &verdict->mx_defects);
    return verdict->mx.is_done;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

bool verdict_ns(struct verdict *verdict, const struct verdict_facts *facts)
{
    struct verdict_ns *ns = &verdict->ns;
    const struct dns_answer *answer = lookup_get(&facts->lookup, facts->domain, DNS_NS);
    *ns = (struct verdict_ns){.deployment = DEPLOYMENT_NOT_CHECKED};
    if (answer == NULL) {
        return false;
    }
    if (!dns_is_answered(answer->status)) {
        ns->deployment = DEPLOYMENT_TEMP_ERROR;
        return true;
    }
    ns->deployment = answer->status == DNS_OK ? DEPLOYMENT_PRESENT : DEPLOYMENT_ABSENT;
    for (size_t i = 0; i < answer->record_count && ns->host_count < NS_HOSTS_MAX; i++) {
        ns->hosts[ns->host_count++] = answer->records[i].data;
    }
    qsort(ns->hosts, ns->host_count, sizeof ns->hosts[0], compare_names);
    return true;
}

/* The codes that every TXT protocol has, under its own numbers. */
struct txt_codes {
    unsigned multiple_records, version_near_miss, text_truncated, wildcard_suspected;
};

static bool stands_at_domain(const struct dns_answer *domain_txt,
                             const struct dns_record *record)
{
    for (size_t i = 0; domain_txt != NULL && i < domain_txt->record_count; i++) {
        const struct dns_record *other = &domain_txt->records[i];
        if (other->data_len == record->data_len &&
            memcmp(other->data, record->data, record->data_len) == 0) {
            return true;
        }
    }
    return false;
}

/* docs/record.md: a string that is an SPF record or that the domain itself holds too
 * tells that a wildcard TXT answers for the protocol's name. */
static bool is_wildcard_suspected(const struct dns_answer *answer,
                                  const struct verdict_facts *facts)
{
    const struct dns_answer *domain_txt =
        facts->held.get(facts->held.arg, facts->domain, DNS_TXT);
    for (size_t i = 0; i < answer->record_count; i++) {
        const struct dns_record *record = &answer->records[i];
        struct span text = {record->data, record->data_len};
        if (spf_version(text) == VERSION_COUNTS || stands_at_domain(domain_txt, record)) {
            return true;
        }
    }
    return false;
}

static void note_published(struct verdict_txt *txt, const struct txt_codes *codes)
{
    const struct published *published = &txt->published;
    for (size_t i = 0; i < published->near_miss_count; i++) {
        defects_note(&txt->defects, codes->version_near_miss, published->near_misses[i]);
    }
    for (size_t i = 0; i < published->record_count; i++) {
        if (published->records[i].len > VERDICT_TEXT_MAX) {
            defects_note(&txt->defects, codes->text_truncated, (struct span){NULL, 0});
        }
    }
    if (published->deployment == DEPLOYMENT_MULTIPLE) {
        defects_note(&txt->defects, codes->multiple_records, (struct span){NULL, 0});
    }
}

/* Selects what counts at prefix + domain. False while the answer is missing. */
static bool txt_begin(struct verdict_txt *txt, const struct verdict_facts *facts,
                      const char *prefix, version_filter *filter,
                      const struct txt_codes *codes)
{
    char name[VERDICT_NAME_MAX];
    (void)lookup_name(name, sizeof name, prefix, facts->domain);
    defects_clear(&txt->defects);
    txt->validity = VALIDITY_NONE;
    txt->ttl = 0;
    txt->answer = lookup_get(&facts->lookup, name, DNS_TXT);
    published_select(txt->answer, filter, &txt->published);
    if (txt->answer == NULL) {
        return false;
    }
    if (!dns_is_answered(txt->answer->status)) {
        txt->published.deployment = DEPLOYMENT_TEMP_ERROR;
        return true;
    }
    txt->ttl = txt->answer->ttl;
    note_published(txt, codes);
    if (is_wildcard_suspected(txt->answer, facts)) {
        defects_note(&txt->defects, codes->wildcard_suspected, (struct span){NULL, 0});
    }
    return true;
}

/* error_count: codes below it are errors. */
static void txt_judge(struct verdict_txt *txt, unsigned error_count)
{
    bool has_error = (txt->defects.seen & ((UINT64_C(1) << error_count) - 1)) != 0;
    if (txt->published.deployment == DEPLOYMENT_PRESENT) {
        txt->validity = has_error ? VALIDITY_INVALID : VALIDITY_VALID;
    } else if (txt->published.deployment == DEPLOYMENT_MULTIPLE) {
        txt->validity = VALIDITY_INVALID;
    }
}

static bool sender_results(struct verdict_spf *spf, const struct verdict_facts *facts)
{
    bool is_done = true;
    for (size_t i = 0; i < facts->config->sender_ip_count; i++) {
        const struct verdict_sender_ip *ip = &facts->config->sender_ips[i];
        struct spf_sender sender = {
            .ip_len = ip->len, .helo = facts->domain, .mail_from = ""};
        struct spf_verdict verdict;
        memcpy(sender.ip, ip->bytes, ip->len);
        spf_check_host(&sender, &facts->lookup, &verdict);
        spf->sender_results[i] = verdict.result;
        is_done = is_done && verdict.result != SPF_RESULT_PENDING;
    }
    return is_done;
}

bool verdict_spf(struct verdict *verdict, const struct verdict_facts *facts)
{
    struct verdict_spf *spf = &verdict->spf;
    defects_clear(&spf->txt.defects);
    spf_analyse(facts->domain, &facts->lookup, &spf->analysis, &spf->txt.defects);
    spf->txt.published = spf->analysis.published;
    spf->txt.validity = spf->analysis.validity;
    spf->txt.answer = facts->held.get(facts->held.arg, facts->domain, DNS_TXT);
    spf->txt.ttl = spf->txt.answer != NULL ? spf->txt.answer->ttl : 0;
    bool senders_done = sender_results(spf, facts);
    return spf->analysis.is_done && senders_done;
}

static const struct txt_codes dmarc_codes = {
    DMARC_MULTIPLE_RECORDS, DMARC_VERSION_NEAR_MISS, DMARC_TEXT_TRUNCATED,
    DMARC_WILDCARD_SUSPECTED};

static bool dmarc_reports(struct verdict_dmarc *dmarc, const struct verdict_facts *facts)
{
    dmarc->external_count = 0;
    if (dmarc->txt.published.deployment != DEPLOYMENT_PRESENT) {
        return true;
    }
    dmarc_parse(dmarc->txt.published.record, &dmarc->record, &dmarc->txt.defects);
    bool is_done = dmarc_externals(facts->domain, &dmarc->record, &facts->lookup,
                                   facts->config->suffixes, dmarc->externals,
                                   &dmarc->external_count);
    for (size_t i = 0; i < dmarc->external_count; i++) {
        const struct dmarc_external *external = &dmarc->externals[i];
        if (external->status == DMARC_EXTERNAL_MISSING) {
            defects_note(&dmarc->txt.defects, DMARC_EXTERNAL_UNAUTHORISED,
                         span_of(external->host));
        }
    }
    return is_done;
}

bool verdict_dmarc(struct verdict *verdict, const struct verdict_facts *facts)
{
    struct verdict_dmarc *dmarc = &verdict->dmarc;
    struct dmarc_discovery *discovery = &dmarc->discovery;
    bool is_done = txt_begin(&dmarc->txt, facts, "_dmarc.", dmarc_version, &dmarc_codes);
    is_done = dmarc_reports(dmarc, facts) && is_done;
    dmarc_discover(facts->domain, facts->org_domain, facts->name_does_not_exist,
                   &facts->lookup, discovery);
    txt_judge(&dmarc->txt, DMARC_ERROR_COUNT);
    if (!is_done || !discovery->is_done) {
        return false;
    }
    const struct dmarc_answer *current = &discovery->rfc9989;
    const struct dmarc_answer *found =
        current->policy != DMARC_POLICY_NULL ? current : &discovery->rfc7489;
    if (dmarc->txt.published.deployment == DEPLOYMENT_ABSENT &&
        found->policy != DMARC_POLICY_NULL) {
        defects_note(&dmarc->txt.defects, DMARC_INHERITED, span_of(found->found_at));
    }
    if (current->policy == DMARC_POLICY_NONE) {
        defects_note(&dmarc->txt.defects, DMARC_NOT_ENFORCED, (struct span){NULL, 0});
    }
    return true;
}

static const struct txt_codes mta_sts_codes = {
    MTA_STS_MULTIPLE_RECORDS, MTA_STS_VERSION_NEAR_MISS, MTA_STS_TEXT_TRUNCATED,
    MTA_STS_WILDCARD_SUSPECTED};

static enum sts_lifecycle lifecycle_of(const struct verdict_mta_sts *sts)
{
    static const enum sts_lifecycle of_mode[] = {
        [STS_MODE_NULL] = STS_LIFECYCLE_BROKEN,
        [STS_MODE_NONE] = STS_LIFECYCLE_NONE,
        [STS_MODE_TESTING] = STS_LIFECYCLE_TESTING,
        [STS_MODE_ENFORCE] = STS_LIFECYCLE_ENFORCE,
    };
    switch (sts->txt.published.deployment) {
    case DEPLOYMENT_NOT_CHECKED:
        return STS_LIFECYCLE_NULL;
    case DEPLOYMENT_TEMP_ERROR:
        return STS_LIFECYCLE_TEMP_ERROR;
    case DEPLOYMENT_ABSENT:
        if (sts->policy.stage >= STS_STAGE_SYNTAX) {
            return STS_LIFECYCLE_ORPHAN_POLICY;
        }
        return sts->policy.is_left_open ? STS_LIFECYCLE_TEMP_ERROR : STS_LIFECYCLE_ABSENT;
    default:
        break;
    }
    if (sts->txt.validity == VALIDITY_VALID) {
        return of_mode[sts->policy.parsed.mode];
    }
    return sts->txt.validity == VALIDITY_NONE ? STS_LIFECYCLE_TEMP_ERROR
                                              : STS_LIFECYCLE_BROKEN;
}

/* Record and policy together. What is known to be broken stays so when the policy fetch
 * ended without an answer. */
static void judge_mta_sts(struct verdict_mta_sts *sts)
{
    const struct verdict_policy *policy = &sts->policy;
    bool is_policy_good = policy->stage == STS_STAGE_OK;
    if (sts->txt.published.deployment == DEPLOYMENT_ABSENT) {
        if (policy->stage >= STS_STAGE_SYNTAX) {
            sts->txt.validity = is_policy_good ? VALIDITY_VALID : VALIDITY_INVALID;
        }
    } else {
        txt_judge(&sts->txt, MTA_STS_ERROR_COUNT);
        if (sts->txt.validity == VALIDITY_VALID && !is_policy_good) {
            sts->txt.validity = policy->is_left_open ? VALIDITY_NONE : VALIDITY_INVALID;
        }
    }
    sts->lifecycle = lifecycle_of(sts);
}

bool verdict_mta_sts(struct verdict *verdict, const struct verdict_facts *facts)
{
    struct verdict_mta_sts *sts = &verdict->mta_sts;
    bool is_done =
        txt_begin(&sts->txt, facts, "_mta-sts.", mta_sts_version, &mta_sts_codes);
    sts->record = (struct mta_sts_record){.id = {NULL, 0}};
    sts->match = MX_MATCH_NOT_APPLICABLE;
    sts->mismatch = MX_MISMATCH_NULL;
    sts->unmatched_count = 0;
    policy_clear(&sts->policy);
    if (!is_done) {
        return false;
    }
    enum deployment deployment = sts->txt.published.deployment;
    if (deployment == DEPLOYMENT_PRESENT) {
        mta_sts_parse(sts->txt.published.record, &sts->record, &sts->txt.defects);
    }
    bool is_probe =
        deployment == DEPLOYMENT_ABSENT && facts->config->probe_orphan_policies;
    if (deployment == DEPLOYMENT_PRESENT || deployment == DEPLOYMENT_MULTIPLE ||
        is_probe) {
        is_done = policy_judge(&sts->policy, facts);
    }
    judge_mta_sts(sts);
    return is_done;
}

static const struct txt_codes tls_rpt_codes = {
    TLS_RPT_MULTIPLE_RECORDS, TLS_RPT_VERSION_NEAR_MISS, TLS_RPT_TEXT_TRUNCATED,
    TLS_RPT_WILDCARD_SUSPECTED};

bool verdict_tls_rpt(struct verdict *verdict, const struct verdict_facts *facts)
{
    struct verdict_tls_rpt *rpt = &verdict->tls_rpt;
    bool is_done =
        txt_begin(&rpt->txt, facts, "_smtp._tls.", tls_rpt_version, &tls_rpt_codes);
    rpt->record.rua_count = 0;
    if (rpt->txt.published.deployment == DEPLOYMENT_PRESENT) {
        tls_rpt_parse(rpt->txt.published.record, &rpt->record, &rpt->txt.defects);
    }
    txt_judge(&rpt->txt, TLS_RPT_ERROR_COUNT);
    return is_done;
}

static bool is_covered(const struct sts_policy *policy, const char *host)
{
    for (size_t i = 0; i < policy->mx_count; i++) {
        if (mta_sts_mx_matches(policy->mx[i], host)) {
            return true;
        }
    }
    return false;
}

static void match_host(struct verdict_mta_sts *sts, const struct verdict_facts *facts,
                       const char *host)
{
    const struct sts_policy *policy = &sts->policy.parsed;
    if (is_covered(policy, host)) {
        return;
    }
    enum mx_mismatch mismatch = mta_sts_mismatch(
        facts->domain, host, policy->mx, policy->mx_count, facts->config->suffixes);
    sts->mismatch = mismatch > sts->mismatch ? mismatch : sts->mismatch;
    sts->unmatched[sts->unmatched_count++] = host;
}

/* RFC 8461 4.1. Implicit MX: the domain itself is the host (RFC 5321 5.1). */
static void match_mx(struct verdict *verdict, const struct verdict_facts *facts)
{
    struct verdict_mta_sts *sts = &verdict->mta_sts;
    const struct mx_set *mx = &verdict->mx;
    bool has_policy =
        sts->policy.stage == STS_STAGE_OK && sts->policy.parsed.mode != STS_MODE_NONE;
    if (!has_policy || mx->is_null) {
        return;
    }
    size_t host_count = mx->host_count;
    if (mx->deployment == DEPLOYMENT_PRESENT) {
        for (size_t i = 0; i < mx->host_count; i++) {
            match_host(sts, facts, mx->hosts[i].host);
        }
    } else if (mx->is_implicit) {
        host_count = 1;
        match_host(sts, facts, facts->domain);
    } else {
        bool is_open = mx->deployment != DEPLOYMENT_ABSENT || mx->has_failed;
        sts->match = is_open ? MX_MATCH_NONE_YET : MX_MATCH_NOT_APPLICABLE;
        return;
    }
    sts->match = sts->unmatched_count == 0            ? MX_MATCH_ALL
                 : sts->unmatched_count == host_count ? MX_MATCH_NONE
                                                      : MX_MATCH_SOME;
}

void verdict_cross(struct verdict *verdict, const struct verdict_facts *facts)
{
    const unsigned both = CHECK_MTA_STS | CHECK_TLS_RPT;
    verdict_providers(verdict, facts);
    verdict->has_no_tls_rpt = false;
    if ((facts->config->checks & CHECK_MTA_STS) != 0) {
        if ((facts->config->checks & CHECK_MX) == 0) {
            verdict->mx = (struct mx_set){.deployment = DEPLOYMENT_NOT_CHECKED};
        }
        match_mx(verdict, facts);
    }
    if ((facts->config->checks & both) != both) {
        return;
    }
    enum deployment sts = verdict->mta_sts.txt.published.deployment;
    enum deployment rpt = verdict->tls_rpt.txt.published.deployment;
    bool has_sts = sts == DEPLOYMENT_PRESENT || sts == DEPLOYMENT_MULTIPLE;
    bool has_rpt = rpt == DEPLOYMENT_PRESENT || rpt == DEPLOYMENT_MULTIPLE;
    verdict->has_no_tls_rpt = has_sts && rpt == DEPLOYMENT_ABSENT;
    if (has_rpt && sts == DEPLOYMENT_ABSENT) {
        defects_note(&verdict->tls_rpt.txt.defects, TLS_RPT_NO_MTA_STS,
                     (struct span){NULL, 0});
    }
}
