#include "scanner/survey.h"

#include "scanner/classify/suffix.h"

#include <assert.h>
#include <string.h>

typedef bool section_run(struct verdict *verdict, const struct verdict_facts *facts);

/* Every section but the first becomes due once it is known whether the name exists: at a
 * name that does not, nothing below it is asked (RFC 8020). */
static const struct {
    section_run *run;
    unsigned check; /* 0 = always */
} sections[SECTION_COUNT] = {
    [SECTION_NAME] = {verdict_name, 0},
    [SECTION_MX] = {verdict_mx, CHECK_MX},
    [SECTION_NS] = {verdict_ns, CHECK_NS},
    [SECTION_SPF] = {verdict_spf, CHECK_SPF},
    [SECTION_DMARC] = {verdict_dmarc, CHECK_DMARC},
    [SECTION_MTA_STS] = {verdict_mta_sts, CHECK_MTA_STS},
    [SECTION_TLS_RPT] = {verdict_tls_rpt, CHECK_TLS_RPT},
};

static const struct dns_answer nxdomain = {.status = DNS_NXDOMAIN};
static const struct dns_answer not_asked = {.status = DNS_NOT_CHECKED};

static bool is_at_or_below(const char *name, const char *domain)
{
    size_t name_len = strlen(name), domain_len = strlen(domain);
    if (name_len < domain_len || strcmp(name + name_len - domain_len, domain) != 0) {
        return false;
    }
    return name_len == domain_len || name[name_len - domain_len - 1] == '.';
}

/* A prefix can make a name longer than the DNS holds (253 bytes of plain text): nothing
 * can be published there. Escapes take more room in text than on the wire. */
static bool is_too_long(const char *name)
{
    return strlen(name) > 253 && strchr(name, '\\') == NULL;
}

static const struct dns_answer *held(void *arg, const char *name, enum dns_type type)
{
    const struct survey *survey = arg;
    const struct memo_entry *entry = memo_find(&survey->memo, name, type);
    if (entry != NULL && entry->answer != NULL) {
        return entry->answer;
    }
    bool is_gone = survey->name_does_not_exist && is_at_or_below(name, survey->domain);
    return is_gone || is_too_long(name) ? &nxdomain : NULL;
}

/* The table behind every classifier: what it lacks is noted as wanted by the running
 * section. */
static const struct dns_answer *want(void *arg, const char *name, enum dns_type type)
{
    struct survey *survey = arg;
    const struct dns_answer *answer = held(survey, name, type);
    if (answer != NULL || survey->running == SECTION_COUNT) {
        return answer != NULL ? answer : &not_asked;
    }
    struct memo_entry *entry = memo_find(&survey->memo, name, type);
    if (entry == NULL) {
        entry = memo_add(&survey->memo, name, type);
    }
    if (entry == NULL) {
        return &not_asked;
    }
    if (((entry->waiting >> survey->running) & 1) == 0) {
        entry->waiting |= 1u << survey->running;
        survey->outstanding[survey->running]++;
    }
    return NULL;
}

static struct verdict_facts facts_of(struct survey *survey)
{
    return (struct verdict_facts){
        .config = survey->config,
        .domain = survey->domain,
        .org_domain = survey->org_domain,
        .name_does_not_exist = survey->name_does_not_exist,
        .lookup = {want, survey},
        .held = {held, survey},
        .fetched = survey->fetched,
    };
}

void survey_begin(struct survey *survey, const struct verdict_config *config,
                  struct verdict *scratch, struct arena *arena, const char *domain)
{
    *survey = (struct survey){.config = config, .verdict = scratch, .domain = domain};
    survey->org_domain = suffix_organizational(config->suffixes, domain);
    memo_init(&survey->memo, arena);
    survey->ready = 1u << SECTION_NAME;
}

/* RFC 8020 2: behind a CNAME it is the last name of the chain that is denied. */
static bool is_denied(const struct dns_answer *name)
{
    return name != NULL && name->status == DNS_NXDOMAIN && name->cname_count == 0;
}

static void make_due_what_the_name_allows(struct survey *survey)
{
    survey->name_does_not_exist = is_denied(survey->verdict->name_answer);
    for (unsigned i = SECTION_NAME + 1; i < SECTION_COUNT; i++) {
        if ((sections[i].check & survey->config->checks) != 0) {
            survey->ready |= 1u << i;
        }
    }
}

static void make_fetch_due(struct survey *survey)
{
    const struct verdict_policy *policy = &survey->verdict->mta_sts.policy;
    if (!policy->is_fetch_due || survey->fetch_state != FETCH_NOT_DUE) {
        return;
    }
    const char *host = arena_copy(survey->memo.arena, policy->host, strlen(policy->host));
    if (host != NULL) {
        survey->request = policy->request;
        survey->request.host = host;
        survey->fetch_state = FETCH_DUE;
    }
}

static void run_section(struct survey *survey, unsigned section)
{
    struct verdict_facts facts = facts_of(survey);
    survey->ready &= ~(1u << section);
    survey->running = section;
    bool is_done = sections[section].run(survey->verdict, &facts);
    survey->running = SECTION_COUNT;
    if (is_done) {
        survey->finished |= 1u << section;
    }
    if (is_done && section == SECTION_NAME) {
        make_due_what_the_name_allows(survey);
    }
    if (section == SECTION_MTA_STS) {
        make_fetch_due(survey);
    }
}

bool survey_next(struct survey *survey, struct survey_question *question)
{
    for (unsigned i = 0; i < SECTION_COUNT && survey->ready != 0; i++) {
        if (((survey->ready >> i) & 1) != 0) {
            run_section(survey, i);
        }
    }
    if (survey->next_entry < survey->memo.count) {
        const struct memo_entry *entry = survey->memo.entries[survey->next_entry];
        *question = (struct survey_question){.id = survey->next_entry++,
                                             .name = entry->name,
                                             .type = entry->type,
                                             .is_brief = survey->has_met_failure};
        survey->outstanding_total++;
        survey->queries++;
        return true;
    }
    if (survey->fetch_state == FETCH_DUE) {
        survey->fetch_state = FETCH_UNDER_WAY;
        *question = (struct survey_question){.request = &survey->request};
        return true;
    }
    return false;
}

void survey_answer(struct survey *survey, uint32_t id, const struct dns_answer *answer)
{
    struct memo_entry *entry = survey->memo.entries[id];
    assert(id < survey->memo.count && entry->answer == NULL);
    memo_store(&survey->memo, entry, answer);
    survey->outstanding_total--;
    survey->retries += answer->retries;
    survey->has_met_failure = survey->has_met_failure || !dns_is_answered(answer->status);
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        bool was_waiting = ((entry->waiting >> i) & 1) != 0;
        if (was_waiting && --survey->outstanding[i] == 0) {
            survey->ready |= 1u << i;
        }
    }
}

static const char *copy_text(struct arena *arena, const char *text, bool *ok)
{
    if (text == NULL) {
        return NULL;
    }
    const char *copy = arena_copy(arena, text, strlen(text));
    *ok = *ok && copy != NULL;
    return copy;
}

static void copy_tls(struct arena *arena, struct fetch_tls *tls, bool *ok)
{
    tls->version = copy_text(arena, tls->version, ok);
    tls->cipher = copy_text(arena, tls->cipher, ok);
    tls->verify_error = copy_text(arena, tls->verify_error, ok);
    tls->subject = copy_text(arena, tls->subject, ok);
    tls->issuer = copy_text(arena, tls->issuer, ok);
    tls->not_before = copy_text(arena, tls->not_before, ok);
    tls->not_after = copy_text(arena, tls->not_after, ok);
    const char **names = arena_take(arena, tls->name_count * sizeof *names);
    *ok = *ok && names != NULL;
    for (size_t i = 0; *ok && i < tls->name_count; i++) {
        names[i] = copy_text(arena, tls->names[i], ok);
    }
    tls->names = names;
}

/* What does not fit into the domain's memory has not been learnt. */
static const struct fetch_result not_kept = {.stage = FETCH_STAGE_HTTP,
                                             .error = FETCH_HTTP_TIMEOUT};

void survey_fetched(struct survey *survey, const struct fetch_result *result)
{
    struct arena *arena = survey->memo.arena;
    assert(survey->fetch_state == FETCH_UNDER_WAY);
    survey->fetch_state = FETCH_HEARD;
    survey->ready |= 1u << SECTION_MTA_STS;
    survey->fetched = &not_kept;
    struct fetch_result *copy = arena_take(arena, sizeof *copy);
    if (copy == NULL) {
        return;
    }
    *copy = *result;
    bool ok = true;
    copy->address = NULL;
    if (result->address != NULL) {
        struct fetch_address *address = arena_take(arena, sizeof *address);
        ok = address != NULL;
        if (ok) {
            *address = *result->address;
        }
        copy->address = address;
    }
    copy->content_type = copy_text(arena, result->content_type, &ok);
    if (result->body != NULL) {
        copy->body = arena_copy(arena, result->body, result->body_len);
        ok = ok && copy->body != NULL;
    }
    copy_tls(arena, &copy->tls, &ok);
    survey->fetched = ok ? copy : &not_kept;
}

bool survey_is_done(const struct survey *survey)
{
    return survey->ready == 0 && survey->outstanding_total == 0 &&
           survey->next_entry == survey->memo.count && survey->fetch_state != FETCH_DUE &&
           survey->fetch_state != FETCH_UNDER_WAY;
}

void survey_conclude(struct survey *survey)
{
    struct verdict_facts facts = facts_of(survey);
    survey->running = SECTION_COUNT;
    for (unsigned i = 0; i < SECTION_COUNT; i++) {
        bool is_due =
            sections[i].check == 0 || (sections[i].check & survey->config->checks) != 0;
        if (is_due) {
            sections[i].run(survey->verdict, &facts);
        }
    }
    verdict_cross(survey->verdict, &facts);
}
