#include "scanner/classify/spf_check.h"

#include "scanner/classify/spf_name.h"

#include <stdarg.h>
#include <stdio.h>

/* Not a result: the evaluation goes on. */
#define UNDECIDED (-1)

#define TERM_ARGUMENTS(term)                                                             \
    (int)((term)->text.len < 80 ? (term)->text.len : 80), (term)->text.ptr

void spf_check_reason(struct spf_check *check, const char *format, ...)
{
    char *reason = check->verdict->reason;
    va_list args;
    va_start(args, format);
    vsnprintf(reason, sizeof check->verdict->reason, format, args);
    va_end(args);
    for (; *reason != '\0'; reason++) {
        if (*reason < ' ' || *reason > '~') {
            *reason = '?';
        }
    }
}

static struct spf_check_frame *top(struct spf_check *check)
{
    return &check->stack[check->depth - 1];
}

/* RFC 7208 4.6: a syntax error anywhere counts before anything is evaluated. */
static int read_terms(struct spf_check *check, struct span record)
{
    struct spf_check_frame *frame = top(check);
    struct spf_terms terms;
    struct spf_term term;
    frame->redirect = frame->exp = (struct span){NULL, 0};
    spf_terms_begin(&terms, record);
    while (spf_terms_next(&terms, &term)) {
        if (term.kind == SPF_TERM_BROKEN) {
            spf_check_reason(check, "'%.*s' in the record of %s: %s",
                             TERM_ARGUMENTS(&term), frame->domain,
                             spf_code_text(term.defect));
            return SPF_PERMERROR;
        }
        if (term.kind == SPF_TERM_REDIRECT) {
            frame->redirect = term.domain_spec;
        } else if (term.kind == SPF_TERM_EXP) {
            frame->exp = term.domain_spec;
        }
    }
    spf_terms_begin(&frame->terms, record);
    return UNDECIDED;
}

static int no_record(struct spf_check *check, const struct dns_answer *answer,
                     const char *name)
{
    bool is_target = check->verdict->lookups > 0; /* of include or redirect */
    if (is_target && !spf_check_count_void(check, answer, name)) {
        return SPF_PERMERROR;
    }
    spf_check_reason(check, "%s has no SPF record", name);
    return SPF_NONE;
}

/* The record of the top frame's domain (RFC 7208 4.3 to 4.6). */
static int open_record(struct spf_check *check)
{
    const char *domain = top(check)->domain;
    char spelt[SPF_NAME_MAX];
    struct span record;
    if (!spf_name_is_domain(span_of(domain)) || !spf_name_spell(domain, spelt)) {
        spf_check_reason(check, "'%s' is not a domain name that could have a record",
                         domain);
        return SPF_NONE;
    }
    const struct dns_answer *answer = lookup_get(check->lookup, spelt, DNS_TXT);
    if (answer == NULL) {
        return SPF_RESULT_PENDING;
    }
    switch (spf_select(answer, &record)) {
    case SPF_SELECT_FAILED:
        spf_check_reason(check, "the lookup of the record of %s failed", spelt);
        return SPF_TEMPERROR;
    case SPF_SELECT_MANY:
        spf_check_reason(check, "%s has several SPF records", spelt);
        return SPF_PERMERROR;
    case SPF_SELECT_ONE:
        return read_terms(check, record);
    default:
        return no_record(check, answer, spelt);
    }
}

static int count_lookup(struct spf_check *check)
{
    if (++check->verdict->lookups <= SPF_LOOKUPS_MAX) {
        return UNDECIDED;
    }
    spf_check_reason(check, "more than %d terms need a lookup", SPF_LOOKUPS_MAX);
    return SPF_PERMERROR;
}

/* A missing record is a permerror here and in redirect (RFC 7208 5.2, 6.1). */
static int need_record(int result)
{
    return result == SPF_NONE ? SPF_PERMERROR : result;
}

static int enter_include(struct spf_check *check, const struct spf_term *term)
{
    char name[SPF_NAME_MAX];
    const char *domain = top(check)->domain;
    enum spf_match target = spf_check_target(check, term->domain_spec, domain, name);
    if (target == SPF_MATCH_PENDING) {
        return SPF_RESULT_PENDING;
    }
    if (target == SPF_MATCH_NO) {
        spf_check_reason(check, "'%.*s' names no domain", TERM_ARGUMENTS(term));
        return SPF_PERMERROR;
    }
    check->depth++; /* bounded by the count of lookups */
    top(check)->include = *term;
    memcpy(top(check)->domain, name, sizeof name);
    return need_record(open_record(check));
}

static int follow_redirect(struct spf_check *check)
{
    struct spf_check_frame *frame = top(check);
    char name[SPF_NAME_MAX];
    int counted = count_lookup(check);
    if (counted != UNDECIDED) {
        return counted;
    }
    enum spf_match target = spf_check_target(check, frame->redirect, frame->domain, name);
    if (target == SPF_MATCH_PENDING) {
        return SPF_RESULT_PENDING;
    }
    if (target == SPF_MATCH_NO) {
        spf_check_reason(check, "the redirect in the record of %s names no domain",
                         frame->domain);
        return SPF_PERMERROR;
    }
    memcpy(frame->domain, name, sizeof name);
    return need_record(open_record(check));
}

static int by_qualifier(char qualifier)
{
    switch (qualifier) {
    case '-':
        return SPF_FAIL;
    case '~':
        return SPF_SOFTFAIL;
    case '?':
        return SPF_NEUTRAL;
    default:
        return SPF_PASS;
    }
}

static int matched(struct spf_check *check, const struct spf_term *term)
{
    spf_check_reason(check, "'%.*s' in the record of %s matches", TERM_ARGUMENTS(term),
                     top(check)->domain);
    return by_qualifier(term->qualifier);
}

static int take_mechanism(struct spf_check *check, const struct spf_term *term)
{
    int counted = spf_term_is_lookup(term->kind) ? count_lookup(check) : UNDECIDED;
    if (counted != UNDECIDED) {
        return counted;
    }
    if (term->kind == SPF_TERM_INCLUDE) {
        return enter_include(check, term);
    }
    switch (spf_check_match(check, term, top(check)->domain)) {
    case SPF_MATCH_YES:
        return matched(check, term);
    case SPF_MATCH_PENDING:
        return SPF_RESULT_PENDING;
    case SPF_MATCH_TEMPERROR:
        return SPF_TEMPERROR;
    case SPF_MATCH_PERMERROR:
        return SPF_PERMERROR;
    default:
        return UNDECIDED;
    }
}

/* Behind the last term: redirect, else neutral (RFC 7208 4.7). A record with all never
 * gets here, so its redirect is ignored. */
static int take_next(struct spf_check *check)
{
    struct spf_check_frame *frame = top(check);
    struct spf_term term;
    if (spf_terms_next(&frame->terms, &term)) {
        return term.kind < SPF_TERM_REDIRECT ? take_mechanism(check, &term) : UNDECIDED;
    }
    if (frame->redirect.len > 0) {
        return follow_redirect(check);
    }
    spf_check_reason(check, "nothing in the record of %s matches", frame->domain);
    return SPF_NEUTRAL;
}

/* RFC 7208 5.2: pass is a match; fail, softfail and neutral are none. */
static int leave_include(struct spf_check *check, int result)
{
    struct spf_term include = top(check)->include;
    check->depth--;
    return result == SPF_PASS ? matched(check, &include) : UNDECIDED;
}

static bool is_final(int result)
{
    return result == SPF_RESULT_PENDING || result == SPF_TEMPERROR ||
           result == SPF_PERMERROR;
}

static int evaluate(struct spf_check *check, const char *domain)
{
    size_t len = strlen(domain);
    len -= len > 0 && domain[len - 1] == '.' ? 1 : 0;
    if (len >= SPF_NAME_MAX) {
        spf_check_reason(check, "the domain name is too long");
        return SPF_NONE;
    }
    check->depth = 1;
    memcpy(top(check)->domain, domain, len);
    top(check)->domain[len] = '\0';
    int result = open_record(check);
    while (result == UNDECIDED || (check->depth > 1 && !is_final(result))) {
        result = result == UNDECIDED ? take_next(check) : leave_include(check, result);
    }
    return result;
}

void spf_check_host(const struct spf_sender *sender, const struct lookup *lookup,
                    struct spf_verdict *verdict)
{
    struct spf_check check;
    verdict->lookups = verdict->void_lookups = 0;
    verdict->reason[0] = verdict->explanation[0] = '\0';
    spf_check_begin(&check, sender, lookup, verdict);
    const char *domain = strrchr(sender->mail_from, '@');
    domain = domain != NULL ? domain + 1 : sender->mail_from;
    domain = *domain != '\0' ? domain : sender->helo;
    verdict->result = (enum spf_result)evaluate(&check, domain);
    if (verdict->result == SPF_FAIL && !spf_check_explain(&check)) {
        verdict->result = SPF_RESULT_PENDING;
    }
}
