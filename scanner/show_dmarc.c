/* The section on DMARC. */
#include "scanner/show_part.h"

#include <stdio.h>

#define NAMED (UINT64_C(1) << DMARC_EXTERNAL_UNAUTHORISED)

static const char *policy_words(enum dmarc_policy policy)
{
    static const char *const WORDS[] = {
        [DMARC_POLICY_NULL] = "none in force",
        [DMARC_POLICY_NONE] = "forged mail is delivered (none)",
        [DMARC_POLICY_QUARANTINE] = "forged mail goes to the spam folder (quarantine)",
        [DMARC_POLICY_REJECT] = "forged mail is refused (reject)",
    };
    return WORDS[policy];
}

static bool policies_differ(const struct dmarc_discovery *discovery)
{
    return discovery->rfc7489.policy != discovery->rfc9989.policy;
}

static bool org_domains_differ(const struct dmarc_discovery *discovery)
{
    return strcmp(discovery->rfc7489.org_domain, discovery->rfc9989.org_domain) != 0;
}

static bool answers_differ(const struct dmarc_discovery *discovery)
{
    return policies_differ(discovery) || org_domains_differ(discovery) ||
           strcmp(discovery->rfc7489.found_at, discovery->rfc9989.found_at) != 0;
}

/* The weaker of the two answers: what a sender of forged mail can count on. */
static enum dmarc_policy weaker(const struct dmarc_discovery *discovery)
{
    enum dmarc_policy old = discovery->rfc7489.policy;
    enum dmarc_policy current = discovery->rfc9989.policy;
    return old < current ? old : current;
}

static enum show_style absent_verdict(const struct verdict_dmarc *dmarc, char *words,
                                      size_t size)
{
    const struct dmarc_discovery *discovery = &dmarc->discovery;
    const struct dmarc_answer *found = discovery->rfc9989.policy != DMARC_POLICY_NULL
                                           ? &discovery->rfc9989
                                           : &discovery->rfc7489;
    bool is_near_miss = dmarc->txt.published.near_miss_count > 0;
    if (policies_differ(discovery)) {
        snprintf(words, size,
                 "no record here; receivers of the two generations differ on what is "
                 "inherited");
        return SHOW_WARNING;
    }
    if (found->policy != DMARC_POLICY_NULL) {
        snprintf(words, size, "no record here, but one is inherited: %s",
                 policy_words(found->policy));
        return found->policy == DMARC_POLICY_NONE ? SHOW_WARNING : SHOW_GOOD;
    }
    if (discovery->has_failed) {
        snprintf(words, size,
                 "no record here; whether one is inherited is unknown: a lookup failed");
        return SHOW_WARNING;
    }
    snprintf(words, size, "%s",
             is_near_miss
                 ? "no record: what stands here begins in a way that receivers pass over"
                 : "no record: receivers do nothing about mail forged in this name");
    return is_near_miss ? SHOW_ERROR : SHOW_WARNING;
}

static enum show_style present_verdict(const struct verdict_dmarc *dmarc, char *words,
                                       size_t size)
{
    const struct dmarc_discovery *discovery = &dmarc->discovery;
    bool is_valid = dmarc->txt.validity == VALIDITY_VALID;
    const char *validity = is_valid ? "valid" : "invalid";
    if (policies_differ(discovery)) {
        snprintf(words, size, "%s; receivers of the two generations differ, see below",
                 validity);
    } else if (discovery->has_failed) {
        snprintf(words, size, "%s; what is in force is unknown: a lookup failed",
                 validity);
    } else if (weaker(discovery) == DMARC_POLICY_NULL) {
        snprintf(words, size, "%s: receivers act as if there were no record", validity);
    } else if (is_valid && weaker(discovery) == DMARC_POLICY_NONE) {
        snprintf(words, size, "valid, but not enforced: %s",
                 policy_words(DMARC_POLICY_NONE));
    } else {
        snprintf(words, size, "%s: %s", validity, policy_words(weaker(discovery)));
    }
    if (!is_valid) {
        return SHOW_ERROR;
    }
    return weaker(discovery) <= DMARC_POLICY_NONE ? SHOW_WARNING : SHOW_GOOD;
}

static void show_answer(struct show *show, const char *label,
                        const struct dmarc_answer *answer, bool has_org_domain)
{
    const char *policy = dmarc_policy_text(answer->policy);
    show_fact(show, label);
    show_words(show, SHOW_FACT_COLUMN, "%s %s", policy != NULL ? "policy" : "no policy",
               policy != NULL ? policy : "");
    if (answer->found_at[0] != '\0') {
        show_text(show, ",");
        show_words(show, SHOW_FACT_COLUMN, "from the record of");
        show_foreign(show, SHOW_FACT_COLUMN, span_of(answer->found_at));
    }
    if (has_org_domain && answer->org_domain[0] != '\0') {
        show_text(show, ";");
        show_words(show, SHOW_FACT_COLUMN, "the organizational domain is");
        show_foreign(show, SHOW_FACT_COLUMN, span_of(answer->org_domain));
    }
    show_end_line(show);
}

static void show_answers(struct show *show, const struct verdict_dmarc *dmarc)
{
    const struct dmarc_discovery *discovery = &dmarc->discovery;
    bool is_own = dmarc->txt.published.deployment == DEPLOYMENT_PRESENT;
    if (answers_differ(discovery)) {
        show_answer(show, "by RFC 7489", &discovery->rfc7489,
                    org_domains_differ(discovery));
        show_answer(show, "by RFC 9989", &discovery->rfc9989,
                    org_domains_differ(discovery));
    } else if (!is_own && discovery->rfc9989.policy != DMARC_POLICY_NULL) {
        show_answer(show, "in force", &discovery->rfc9989, false);
    }
}

static void show_uris(struct show *show, const char *label, const struct dmarc_uri *uris,
                      size_t count)
{
    if (count == 0) {
        return;
    }
    show_fact(show, label);
    for (size_t i = 0; i < count && i < SHOW_LISTED_MAX; i++) {
        if (i > 0) {
            show_text(show, ",");
        }
        show_foreign(show, SHOW_FACT_COLUMN, uris[i].text);
    }
    if (count > SHOW_LISTED_MAX) {
        show_words(show, SHOW_FACT_COLUMN, "and %zu more", count - SHOW_LISTED_MAX);
    }
    show_end_line(show);
}

static void show_external(struct show *show, const struct dmarc_external *external)
{
    static const struct {
        enum show_style style;
        const char *words;
    } STATES[] = {
        [DMARC_EXTERNAL_AUTHORISED] = {SHOW_GOOD, "takes reports about this domain"},
        [DMARC_EXTERNAL_MISSING] =
            {SHOW_WARNING, "has not said that it takes reports about this domain"},
        [DMARC_EXTERNAL_TEMP_ERROR] = {SHOW_WARNING,
                                       "may take reports or not: the lookup failed"},
    };
    show_fact(show, "");
    show_foreign(show, SHOW_FACT_COLUMN, span_of(external->host));
    show_style(show, STATES[external->status].style);
    show_words(show, SHOW_FACT_COLUMN, "%s", STATES[external->status].words);
    show_style(show, SHOW_PLAIN);
    show_end_line(show);
}

/* A host that several URIs name is told of once. */
static bool is_repeated(const struct verdict_dmarc *dmarc, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (strcmp(dmarc->externals[i].host, dmarc->externals[index].host) == 0) {
            return true;
        }
    }
    return false;
}

static void show_reports(struct show *show, const struct verdict_dmarc *dmarc)
{
    show_uris(show, "reports to", dmarc->record.rua, dmarc->record.rua_count);
    show_uris(show, "failures to", dmarc->record.ruf, dmarc->record.ruf_count);
    for (size_t i = 0; i < dmarc->external_count; i++) {
        if (!is_repeated(dmarc, i)) {
            show_external(show, &dmarc->externals[i]);
        }
    }
}

void show_dmarc(struct show *show, const struct verdict_dmarc *dmarc)
{
    char words[160];
    enum deployment deployment = dmarc->txt.published.deployment;
    if (!show_failed_lookup(show, "DMARC", &dmarc->txt)) {
        bool is_there =
            deployment == DEPLOYMENT_PRESENT || deployment == DEPLOYMENT_MULTIPLE;
        enum show_style style = is_there ? present_verdict(dmarc, words, sizeof words)
                                         : absent_verdict(dmarc, words, sizeof words);
        show_section(show, "DMARC", style, words);
        show_end_line(show);
    }
    show_txt(show, &dmarc->txt, DMARC_ERROR_COUNT, NAMED);
    show_answers(show, dmarc);
    if (deployment == DEPLOYMENT_PRESENT) {
        show_reports(show, dmarc);
    }
    show_findings(show, &SHOW_AREA_DMARC, &dmarc->txt.defects);
}
