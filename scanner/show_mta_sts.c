/* The section on MTA-STS, and what a policy says of a mail host. */
#include "scanner/show_part.h"

#include <stdio.h>

bool show_policy_applies(const struct verdict_mta_sts *sts)
{
    return sts->policy.stage == STS_STAGE_OK && sts->policy.parsed.mode != STS_MODE_NONE;
}

bool show_policy_covers(const struct verdict_mta_sts *sts, const char *host)
{
    const struct sts_policy *policy = &sts->policy.parsed;
    for (size_t i = 0; i < policy->mx_count; i++) {
        if (mta_sts_mx_matches(policy->mx[i], host)) {
            return true;
        }
    }
    return false;
}

static const char *absent_words(const struct verdict_mta_sts *sts)
{
    return sts->txt.published.near_miss_count > 0
               ? "no record: what stands here begins in a way that senders pass over"
               : "not deployed: whoever sits in between can keep mail from being "
                 "encrypted";
}

static const char *broken_words(const struct verdict_mta_sts *sts)
{
    if (sts->txt.validity == VALIDITY_INVALID &&
        (sts->txt.defects.seen & ((UINT64_C(1) << MTA_STS_ERROR_COUNT) - 1)) != 0) {
        return "broken: the record is invalid, so senders act as if there were none";
    }
    return sts->policy.stage == STS_STAGE_SYNTAX
               ? "broken: the policy is invalid, so senders ignore it"
               : "broken: the policy cannot be fetched, so senders ignore it or keep an "
                 "old one";
}

static enum show_style enforce_verdict(const struct verdict_mta_sts *sts,
                                       const char **words)
{
    switch (sts->match) {
    case MX_MATCH_ALL:
    case MX_MATCH_NOT_APPLICABLE:
        *words = "valid and enforced: senders deliver over verified TLS or not at all";
        return SHOW_GOOD;
    case MX_MATCH_NONE:
        *words =
            "enforced, but the policy names none of the mail hosts: mail does not arrive";
        return SHOW_ERROR;
    case MX_MATCH_SOME:
        *words =
            "enforced, but the policy does not name all mail hosts: mail may not arrive";
        return SHOW_ERROR;
    default:
        *words = "valid and enforced; whether it names the mail hosts is unknown";
        return SHOW_WARNING;
    }
}

static enum show_style verdict_of(const struct verdict_mta_sts *sts, const char **words)
{
    switch (sts->lifecycle) {
    case STS_LIFECYCLE_ENFORCE:
        return enforce_verdict(sts, words);
    case STS_LIFECYCLE_TESTING:
        *words = "valid, in testing: failures are reported, and mail is delivered all "
                 "the same";
        return SHOW_GOOD;
    case STS_LIFECYCLE_NONE:
        *words = "switched off: the policy says mode none";
        return SHOW_WARNING;
    case STS_LIFECYCLE_BROKEN:
        *words = broken_words(sts);
        return SHOW_ERROR;
    case STS_LIFECYCLE_ORPHAN_POLICY:
        *words = "being withdrawn: a policy is served, but no record announces it";
        return SHOW_WARNING;
    case STS_LIFECYCLE_TEMP_ERROR:
        *words = "unknown: a lookup or the fetch of the policy ended without an answer";
        return SHOW_WARNING;
    default:
        *words = absent_words(sts);
        return sts->txt.published.near_miss_count > 0 ? SHOW_ERROR : SHOW_PLAIN;
    }
}

static const char *mismatch_words(enum mx_mismatch mismatch)
{
    static const char *const WORDS[] = {
        [MX_MISMATCH_NULL] = NULL,
        [MX_MISMATCH_POLICY_HOST] =
            "the policy names its own host instead of a mail host",
        [MX_MISMATCH_TYPO] = "the nearest name in the policy looks like a typing error",
        [MX_MISMATCH_LABEL] = "the policy names other hosts of the same domain",
        [MX_MISMATCH_TLD] =
            "the policy names the same host below another top-level domain",
        [MX_MISMATCH_DOMAIN] = "the policy names hosts of another domain",
    };
    return WORDS[mismatch];
}

static void show_match(struct show *show, const struct verdict_mta_sts *sts)
{
    const char *words = mismatch_words(sts->mismatch);
    if (words != NULL) {
        show_fact(show, "mismatch");
        show_words(show, SHOW_FACT_COLUMN, "%s", words);
        show_end_line(show);
    }
}

static void show_cross(struct show *show, const struct verdict *verdict)
{
    const struct verdict_mta_sts *sts = &verdict->mta_sts;
    bool is_enforced = sts->policy.parsed.mode == STS_MODE_ENFORCE;
    struct show_finding finding = {
        .severity = is_enforced ? SHOW_ERROR : SHOW_WARNING,
        .area = "mta_sts",
        .code = "mx_unmatched",
        .advice = show_advice_mx_unmatched(is_enforced),
        .detail_count = sts->unmatched_count,
    };
    for (size_t i = 0; i < sts->unmatched_count && i < SHOW_LISTED_MAX; i++) {
        finding.details[i] = span_of(sts->unmatched[i]);
    }
    if (sts->unmatched_count > 0) {
        show_finding(show, &finding);
    }
    if (verdict->has_no_tls_rpt) {
        show_finding(show, &(struct show_finding){.severity = SHOW_WARNING,
                                                  .area = "mta_sts",
                                                  .code = "no_tls_rpt",
                                                  .advice = show_advice_no_tls_rpt()});
    }
}

void show_mta_sts(struct show *show, const struct verdict *verdict,
                  const struct fetch_result *fetched)
{
    const struct verdict_mta_sts *sts = &verdict->mta_sts;
    const char *words;
    if (!show_failed_lookup(show, "MTA-STS", &sts->txt)) {
        enum show_style style = verdict_of(sts, &words);
        show_section(show, "MTA-STS", style, words);
        show_end_line(show);
    }
    show_txt(show, &sts->txt, MTA_STS_ERROR_COUNT, 0);
    show_findings(show, &SHOW_AREA_MTA_STS, &sts->txt.defects);
    if (sts->policy.is_due) {
        show_policy(show, &sts->policy, fetched);
    }
    show_findings(show, &SHOW_AREA_POLICY, &sts->policy.defects);
    show_match(show, sts);
    show_cross(show, verdict);
}
