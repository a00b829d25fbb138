/* The policy two generations of receivers find for a name: RFC 7489 6.6.3 and RFC 9989
 * 4.10.
 */
#include "scanner/classify/dmarc.h"

#define NAME_LEN_MAX 253
#define WALK_NAMES_MAX 8 /* RFC 9989 4.10: at most eight queries */

enum site_state { SITE_PENDING, SITE_FAILED, SITE_NONE, SITE_ONE, SITE_SEVERAL };

/* What _dmarc.<name> holds. */
struct site {
    const char *name;
    enum site_state state;
    struct span record; /* with SITE_ONE */
};

static enum site_state state_of(enum deployment deployment)
{
    switch (deployment) {
    case DEPLOYMENT_ABSENT:
        return SITE_NONE;
    case DEPLOYMENT_PRESENT:
        return SITE_ONE;
    case DEPLOYMENT_MULTIPLE:
        return SITE_SEVERAL;
    default:
        return SITE_FAILED;
    }
}

/* A name that is too long to have a _dmarc label before it cannot have a record. */
static struct site visit(const struct lookup *lookup, const char *name)
{
    struct site site = {.name = name, .state = SITE_NONE};
    char question[NAME_LEN_MAX + 1];
    struct published published;
    if (!lookup_name(question, sizeof question, "_dmarc.", name)) {
        return site;
    }
    const struct dns_answer *answer = lookup_get(lookup, question, DNS_TXT);
    published_select(answer, dmarc_version, &published);
    site.state = answer == NULL ? SITE_PENDING : state_of(published.deployment);
    site.record = published.record;
    return site;
}

struct walk {
    size_t count;
    struct site sites[WALK_NAMES_MAX]; /* visited ones, the name itself first */
    bool is_pending, has_failed;
    char stop_psd; /* 'y' or 'n': the last site's record ended the walk; else 0 */
};

static size_t count_labels(const char *name)
{
    size_t count = 1;
    for (; *name != '\0'; name++) {
        count += *name == '.';
    }
    return count;
}

/* RFC 9989 4.10, steps 3, 4 and 7: from eight labels on the walk goes on at seven. NULL
 * when there are no more labels. */
static const char *next_name(const char *name)
{
    size_t count = count_labels(name);
    size_t dropped = count >= WALK_NAMES_MAX ? count - (WALK_NAMES_MAX - 1) : 1;
    for (; dropped > 0 && name != NULL; dropped--) {
        name = strchr(name, '.');
        name = name != NULL ? name + 1 : NULL;
    }
    return name;
}

static char psd_of(const struct site *site)
{
    struct dmarc_record record;
    if (site->state != SITE_ONE) {
        return '\0';
    }
    dmarc_parse(site->record, &record, NULL);
    if (record.psd == 'u') {
        return '\0';
    }
    return record.psd;
}

/* RFC 9989 4.10. Names that wait for an answer do not keep the others waiting; behind a
 * failed one nothing can be concluded any more. */
static void walk_up(const char *domain, const struct lookup *lookup, struct walk *walk)
{
    const char *name = domain;
    *walk = (struct walk){.count = 0};
    while (name != NULL && walk->count < WALK_NAMES_MAX && walk->stop_psd == '\0' &&
           !walk->has_failed) {
        struct site *site = &walk->sites[walk->count++];
        *site = visit(lookup, name);
        walk->is_pending |= site->state == SITE_PENDING;
        walk->has_failed = site->state == SITE_FAILED;
        walk->stop_psd = psd_of(site);
        name = next_name(name);
    }
}

/* The domain one label below parent on the way down to domain. */
static const char *one_below(const char *domain, const char *parent)
{
    const char *at = parent - 1;
    while (at > domain && at[-1] != '.') {
        at--;
    }
    return at;
}

/* RFC 9989 4.10.2. psd=y at the name itself does not count as one above it. */
static const char *organizational(const char *domain, const struct walk *walk)
{
    const struct site *last = &walk->sites[walk->count - 1];
    if (walk->stop_psd == 'n') {
        return last->name;
    }
    if (walk->stop_psd == 'y' && walk->count > 1) {
        return one_below(domain, last->name);
    }
    for (size_t i = walk->count; i > 0; i--) {
        if (walk->sites[i - 1].state == SITE_ONE) {
            return walk->sites[i - 1].name;
        }
    }
    return domain;
}

struct applied {
    const struct site *site; /* whose record applies */
    bool is_inherited, is_nxdomain;
    bool is_rfc9989;
};

static enum dmarc_policy stated(const struct dmarc_record *record,
                                const struct applied *applied)
{
    if (!applied->is_inherited) {
        return record->p;
    }
    if (applied->is_rfc9989 && applied->is_nxdomain && record->np != DMARC_POLICY_NULL) {
        return record->np;
    }
    return record->sp != DMARC_POLICY_NULL ? record->sp : record->p;
}

/* RFC 7489 6.6.3 step 6, RFC 9989 4.10.1: without a usable p, or with a bad sp or np, the
 * record is p=none where reports are wanted, and nothing otherwise. RFC 9989 4.7: t=y
 * asks for one step less. */
static enum dmarc_policy effective(const struct applied *applied)
{
    struct dmarc_record record;
    dmarc_parse(applied->site->record, &record, NULL);
    if (record.p == DMARC_POLICY_NULL || record.is_sp_bad ||
        (applied->is_rfc9989 && record.is_np_bad)) {
        return record.rua_count > 0 ? DMARC_POLICY_NONE : DMARC_POLICY_NULL;
    }
    enum dmarc_policy policy = stated(&record, applied);
    bool is_weakened =
        applied->is_rfc9989 && record.t == 'y' && policy > DMARC_POLICY_NONE;
    return is_weakened ? policy - 1 : policy;
}

static void apply(struct dmarc_answer *answer, const struct applied *applied)
{
    answer->policy = effective(applied);
    if (answer->policy != DMARC_POLICY_NULL) {
        answer->found_at = applied->site->name;
    }
}

/* The site of a name among those walked; NULL when the walk did not come there. */
static const struct site *find_site(const struct walk *walk, const char *name)
{
    for (size_t i = 0; i < walk->count; i++) {
        if (walk->sites[i].name == name) {
            return &walk->sites[i];
        }
    }
    return NULL;
}

/* RFC 9989 4.10.1: the name's own record, else the organizational domain's, else the
 * public suffix domain's. NULL: there is none. */
static const struct site *preferred(const struct walk *walk, const char *org_domain)
{
    const struct site *org_site = find_site(walk, org_domain);
    if (walk->sites[0].state == SITE_ONE) {
        return &walk->sites[0];
    }
    if (org_site != NULL && org_site->state == SITE_ONE) {
        return org_site;
    }
    return walk->stop_psd == 'y' ? &walk->sites[walk->count - 1] : NULL;
}

static void conclude_rfc9989(const char *domain, bool is_nxdomain,
                             const struct walk *walk, struct dmarc_discovery *discovery)
{
    const struct site *own = &walk->sites[0];
    struct applied applied = {.is_rfc9989 = true, .is_nxdomain = is_nxdomain};
    if (walk->has_failed) {
        discovery->has_failed = true;
        applied.site = own->state == SITE_ONE ? own : NULL;
    } else {
        const char *org_domain = organizational(domain, walk);
        discovery->rfc9989.org_domain = org_domain;
        applied.site = preferred(walk, org_domain);
    }
    if (applied.site != NULL) {
        applied.is_inherited = applied.site != own;
        apply(&discovery->rfc9989, &applied);
    }
}

/* RFC 7489 6.6.3: the name, then, if it has no record at all, the organizational domain.
 * Several records end the search. */
static void conclude_rfc7489(const char *org_domain, const struct lookup *lookup,
                             const struct walk *walk, struct dmarc_discovery *discovery)
{
    const struct site *own = &walk->sites[0];
    struct site site = *own;
    discovery->rfc7489.org_domain = org_domain;
    if (own->state == SITE_NONE && org_domain != own->name) {
        const struct site *known = find_site(walk, org_domain);
        site = known != NULL ? *known : visit(lookup, org_domain);
    }
    discovery->is_done &= site.state != SITE_PENDING;
    discovery->has_failed |= site.state == SITE_FAILED;
    if (site.state == SITE_ONE) {
        struct applied applied = {.site = &site, .is_inherited = site.name != own->name};
        apply(&discovery->rfc7489, &applied);
    }
}

void dmarc_discover(const char *domain, const char *org_domain, bool is_nxdomain,
                    const struct lookup *lookup, struct dmarc_discovery *discovery)
{
    struct walk walk;
    *discovery = (struct dmarc_discovery){.is_done = true,
                                          .rfc7489 = {.org_domain = "", .found_at = ""},
                                          .rfc9989 = {.org_domain = "", .found_at = ""}};
    walk_up(domain, lookup, &walk);
    conclude_rfc7489(org_domain, lookup, &walk, discovery);
    if (walk.is_pending) {
        discovery->is_done = false;
    } else {
        conclude_rfc9989(domain, is_nxdomain, &walk, discovery);
    }
}
