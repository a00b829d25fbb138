#include "scanner/classify/spf_reach.h"

#include "scanner/classify/spf_name.h"

struct reach {
    struct spf_analysis *analysis;
    size_t read_bytes;
};

/* FNV-1a: spares most comparisons, decides none. */
static uint32_t hash_of(const char *name, enum dns_type type)
{
    uint32_t hash = 2166136261U ^ (uint32_t)type;
    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    }
    return hash;
}

const struct spf_question *spf_reach_find(const struct spf_analysis *analysis,
                                          const char *name, enum dns_type type)
{
    uint32_t hash = hash_of(name, type);
    for (size_t i = 0; i < analysis->question_count; i++) {
        const struct spf_question *question = &analysis->questions[i];
        if (analysis->question_hashes[i] == hash && question->type == type &&
            strcmp(question->name, name) == 0) {
            return question;
        }
    }
    return NULL;
}

static void reach_add(struct reach *reach, const char *name, enum dns_type type,
                      uint8_t level)
{
    struct spf_analysis *analysis = reach->analysis;
    if (spf_reach_find(analysis, name, type) != NULL) {
        return;
    }
    if (analysis->question_count == SPF_QUERIES_MAX || level > SPF_DEPTH_MAX) {
        analysis->is_truncated = true;
        return;
    }
    struct spf_question *question = &analysis->questions[analysis->question_count];
    analysis->question_hashes[analysis->question_count++] = hash_of(name, type);
    question->answer = NULL;
    question->type = type;
    question->level = level;
    (void)lookup_name(question->name, sizeof question->name, "", name);
}

enum spf_target spf_reach_target(const struct spf_term *term, const char *domain,
                                 char name[SPF_NAME_MAX])
{
    struct spf_macro_values values = {.of = {{NULL, 0}}};
    values.of['d' - 'a'] = span_of(domain);
    if (term->domain_spec.len == 0) {
        (void)lookup_name(name, SPF_NAME_MAX, "", domain);
        return SPF_TARGET_KNOWN;
    }
    if (spf_macro_uses(term->domain_spec, "slopihcrtv")) {
        return SPF_TARGET_OPEN;
    }
    char target[SPF_NAME_MAX];
    return spf_name_expand(term->domain_spec, &values, target) &&
                   spf_name_spell(target, name)
               ? SPF_TARGET_KNOWN
               : SPF_TARGET_IMPOSSIBLE;
}

static void reach_term(struct reach *reach, const struct spf_term *term,
                       const struct spf_question *from)
{
    char name[SPF_NAME_MAX];
    bool is_record = term->kind == SPF_TERM_INCLUDE || term->kind == SPF_TERM_REDIRECT;
    if ((!is_record && term->kind != SPF_TERM_A && term->kind != SPF_TERM_MX) ||
        spf_reach_target(term, from->name, name) != SPF_TARGET_KNOWN) {
        return;
    }
    uint8_t level = (uint8_t)(from->level + 1);
    if (is_record) {
        /* RFC 7208 4.3: a single label has no record; it is not asked for. */
        if (spf_name_is_domain(span_of(name))) {
            reach_add(reach, name, DNS_TXT, level);
        }
    } else if (term->kind == SPF_TERM_MX) {
        reach_add(reach, name, DNS_MX, level);
    } else {
        reach_add(reach, name, DNS_A, level);
        reach_add(reach, name, DNS_AAAA, level);
    }
}

static void reach_record(struct reach *reach, const struct spf_question *from)
{
    struct span record;
    if (spf_select(from->answer, &record) != SPF_SELECT_ONE) {
        return;
    }
    reach->read_bytes += record.len;
    if (reach->read_bytes > SPF_READ_MAX) {
        reach->analysis->is_truncated = true;
        return;
    }
    struct spf_terms terms;
    struct spf_term term;
    struct spf_term redirect = {.kind = SPF_TERM_BROKEN};
    bool has_all = false;
    spf_terms_begin(&terms, record);
    while (!has_all && spf_terms_next(&terms, &term)) {
        has_all = term.kind == SPF_TERM_ALL;
        if (term.kind == SPF_TERM_REDIRECT) {
            redirect = term;
        } else {
            reach_term(reach, &term, from);
        }
    }
    if (!has_all && redirect.kind == SPF_TERM_REDIRECT) {
        reach_term(reach, &redirect, from);
    }
}

bool spf_reach_is_host(const char *name)
{
    return strcmp(name, ".") != 0 && strlen(name) < SPF_NAME_MAX;
}

/* Of an mx's hosts IPv4 addresses only: they are counted, IPv6 ones are not. */
static void reach_mx_hosts(struct reach *reach, const struct spf_question *from)
{
    const struct dns_answer *answer = from->answer;
    if (answer->status != DNS_OK || answer->record_count > SPF_MX_HOSTS_MAX) {
        return;
    }
    for (size_t i = 0; i < answer->record_count; i++) {
        const char *host = answer->records[i].data;
        if (spf_reach_is_host(host)) {
            reach_add(reach, host, DNS_A, (uint8_t)(from->level + 1));
        }
    }
}

bool spf_reach(const char *domain, const struct lookup *lookup,
               struct spf_analysis *analysis)
{
    struct reach reach = {analysis, 0};
    uint8_t last_level = UINT8_MAX;
    analysis->question_count = 0;
    analysis->is_truncated = false;
    reach_add(&reach, domain, DNS_TXT, 0);
    for (size_t i = 0; i < analysis->question_count; i++) {
        struct spf_question *question = &analysis->questions[i];
        if (question->level > last_level) {
            break;
        }
        question->answer = lookup_get(lookup, question->name, question->type);
        if (question->answer == NULL) {
            last_level = question->level;
        } else if (question->type == DNS_TXT) {
            reach_record(&reach, question);
        } else if (question->type == DNS_MX) {
            reach_mx_hosts(&reach, question);
        }
    }
    return last_level == UINT8_MAX;
}
