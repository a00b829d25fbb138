#include "scanner/classify/spf_walk.h"

#include "scanner/classify/spf_name.h"
#include "scanner/classify/spf_own.h"
#include "scanner/classify/spf_ranges.h"

static const uint32_t LOOKUPS_MAX = 10; /* RFC 7208 4.6.4 */
static const uint32_t VOID_LOOKUPS_MAX = 2;

/* A record being gone through; the first is the domain's own. */
struct frame {
    const char *name;
    struct spf_terms terms;
    struct spf_term redirect; /* SPF_TERM_BROKEN = none */
    bool has_all;
    bool passes;      /* its passing ranges pass for the domain too */
    bool is_redirect; /* how it was reached */
    bool is_broken;   /* and told so */
};

struct walk {
    struct spf_analysis *analysis;
    struct defects *defects;
    size_t depth, record_count, read_bytes;
    struct frame stack[SPF_DEPTH_MAX + 1];
    struct spf_ranges ranges;
    struct spf_prefixes prefixes;
};

/* What can go wrong with the target of include and redirect. */
static const struct {
    enum spf_code no_record, invalid, loop;
} TARGET_CODES[] = {{SPF_INCLUDE_NO_RECORD, SPF_INCLUDE_INVALID, SPF_INCLUDE_LOOP},
                    {SPF_REDIRECT_NO_RECORD, SPF_REDIRECT_INVALID, SPF_REDIRECT_LOOP}};

static bool is_own(const struct walk *walk)
{
    return walk->depth == 1;
}

/* A defect of the own record is named; that of another makes this one invalid, once. An
 * includer of a broken record is not called broken itself: the root of the evil is told,
 * not every step up from it. */
static void note_broken(struct walk *walk, struct frame *frame, enum spf_code code,
                        struct span detail)
{
    if (is_own(walk)) {
        defects_note(walk->defects, code, detail);
    } else if (!frame->is_broken) {
        frame->is_broken = true;
        defects_note(walk->defects, TARGET_CODES[frame->is_redirect].invalid,
                     span_of(frame->name));
    }
}

static void count_lookup(struct walk *walk, const struct spf_term *term)
{
    if (++walk->analysis->lookups == LOOKUPS_MAX + 1) {
        defects_note(walk->defects, SPF_TOO_MANY_LOOKUPS, term->text);
    }
}

/* RFC 7208 4.6.4 limits the terms that cause void lookups: of an mx its own question
 * counts, its hosts without address do not. */
static void count_void(struct walk *walk, const char *name)
{
    if (++walk->analysis->void_lookups == VOID_LOOKUPS_MAX + 1) {
        defects_note(walk->defects, SPF_TOO_MANY_VOID_LOOKUPS, span_of(name));
    }
    if (is_own(walk)) {
        defects_note(walk->defects, SPF_VOID_LOOKUP, span_of(name));
    }
}

static bool is_void(const struct dns_answer *answer)
{
    return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

static bool term_passes(const struct frame *frame, const struct spf_term *term)
{
    return frame->passes && term->qualifier == '+';
}

static void add_addresses(struct walk *walk, const struct dns_answer *answer,
                          uint8_t prefix)
{
    if (answer->status != DNS_OK) {
        return;
    }
    for (size_t i = 0; i < answer->record_count; i++) {
        if (answer->records[i].data_len == 4) {
            spf_ranges_add(&walk->ranges, (const uint8_t *)answer->records[i].data,
                           prefix);
        }
    }
}

/* The question of a term whose name is name; what was not asked leaves counts open. */
static const struct spf_question *question_of(struct walk *walk, const char *name,
                                              enum dns_type type)
{
    const struct spf_question *question = spf_reach_find(walk->analysis, name, type);
    if (question == NULL) {
        walk->analysis->is_truncated = true;
    } else if (!dns_is_answered(question->answer->status)) {
        walk->analysis->has_failed = true;
    }
    return question;
}

static void take_a(struct walk *walk, struct frame *frame, const struct spf_term *term)
{
    char name[SPF_NAME_MAX];
    count_lookup(walk, term);
    if (spf_reach_target(term, frame->name, name) != SPF_TARGET_KNOWN) {
        return;
    }
    const struct spf_question *ipv4 = question_of(walk, name, DNS_A);
    const struct spf_question *ipv6 = question_of(walk, name, DNS_AAAA);
    if (ipv4 == NULL || ipv6 == NULL) {
        return;
    }
    if (is_void(ipv4->answer) && is_void(ipv6->answer)) {
        count_void(walk, ipv4->name);
        if (is_own(walk)) {
            defects_note(walk->defects, SPF_A_MISSING, span_of(ipv4->name));
        }
    }
    if (term_passes(frame, term)) {
        add_addresses(walk, ipv4->answer, term->prefix4);
    }
}

static void take_mx_hosts(struct walk *walk, struct frame *frame,
                          const struct spf_term *term, const struct spf_question *mx)
{
    for (size_t i = 0; i < mx->answer->record_count; i++) {
        const char *host = mx->answer->records[i].data;
        if (!spf_reach_is_host(host)) {
            continue;
        }
        const struct spf_question *question = question_of(walk, host, DNS_A);
        if (question != NULL && term_passes(frame, term)) {
            add_addresses(walk, question->answer, term->prefix4);
        }
    }
}

static void take_mx(struct walk *walk, struct frame *frame, const struct spf_term *term)
{
    char name[SPF_NAME_MAX];
    count_lookup(walk, term);
    if (spf_reach_target(term, frame->name, name) != SPF_TARGET_KNOWN) {
        return;
    }
    const struct spf_question *mx = question_of(walk, name, DNS_MX);
    if (mx == NULL || !dns_is_answered(mx->answer->status)) {
        return;
    }
    if (is_void(mx->answer)) {
        count_void(walk, mx->name);
        if (is_own(walk)) {
            defects_note(walk->defects, SPF_MX_MISSING, span_of(mx->name));
        }
    } else if (mx->answer->record_count > SPF_MX_HOSTS_MAX) {
        note_broken(walk, frame, SPF_TOO_MANY_MX, span_of(mx->name));
    } else {
        take_mx_hosts(walk, frame, term, mx);
    }
}

static bool is_on_path(const struct walk *walk, const char *name)
{
    for (size_t i = 0; i < walk->depth; i++) {
        if (strcmp(walk->stack[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

static void list_include(struct spf_analysis *analysis, const char *name)
{
    for (size_t i = 0; i < analysis->include_count; i++) {
        if (strcmp(analysis->includes[i], name) == 0) {
            return;
        }
    }
    if (analysis->include_count < SPF_INCLUDES_MAX) {
        analysis->includes[analysis->include_count++] = name;
    }
}

/* A diamond of includes is gone through each time, so the number of visits is bounded
 * too. */
static void enter(struct walk *walk, const char *name, struct span record, bool passes,
                  bool is_redirect)
{
    walk->record_count++;
    walk->read_bytes += record.len;
    if (walk->depth > SPF_DEPTH_MAX || walk->record_count > SPF_RECORDS_MAX ||
        walk->read_bytes > SPF_READ_MAX) {
        walk->analysis->is_truncated = true;
        return;
    }
    struct frame *frame = &walk->stack[walk->depth++];
    frame->name = name;
    frame->redirect.kind = SPF_TERM_BROKEN;
    frame->has_all = false;
    frame->passes = passes;
    frame->is_redirect = is_redirect;
    frame->is_broken = false;
    spf_terms_begin(&frame->terms, record);
}

static void follow_answer(struct walk *walk, struct frame *frame,
                          const struct spf_term *term, const struct spf_question *target)
{
    bool is_redirect = term->kind == SPF_TERM_REDIRECT;
    struct span record;
    switch (spf_select(target->answer, &record)) {
    case SPF_SELECT_FAILED:
        if (!is_redirect) {
            defects_note(walk->defects, SPF_INCLUDE_TEMP_ERROR, span_of(target->name));
        }
        return;
    case SPF_SELECT_NONE:
        if (is_void(target->answer)) {
            count_void(walk, target->name);
        }
        defects_note(walk->defects, TARGET_CODES[is_redirect].no_record,
                     span_of(target->name));
        return;
    case SPF_SELECT_MANY:
        defects_note(walk->defects, TARGET_CODES[is_redirect].invalid,
                     span_of(target->name));
        return;
    case SPF_SELECT_ONE:
        enter(walk, target->name, record,
              is_redirect ? frame->passes : term_passes(frame, term), is_redirect);
        return;
    }
}

/* include (RFC 7208 5.2) and redirect (6.1). */
static void follow(struct walk *walk, struct frame *frame, const struct spf_term *term)
{
    char name[SPF_NAME_MAX];
    bool is_redirect = term->kind == SPF_TERM_REDIRECT;
    count_lookup(walk, term);
    enum spf_target kind = spf_reach_target(term, frame->name, name);
    if (kind == SPF_TARGET_OPEN) {
        return;
    }
    if (kind == SPF_TARGET_IMPOSSIBLE || !spf_name_is_domain(span_of(name))) {
        defects_note(walk->defects, TARGET_CODES[is_redirect].no_record,
                     term->domain_spec);
        return;
    }
    const struct spf_question *target = question_of(walk, name, DNS_TXT);
    if (target == NULL) {
        return;
    }
    if (!is_redirect) {
        list_include(walk->analysis, target->name);
    }
    if (is_on_path(walk, name)) {
        defects_note(walk->defects, TARGET_CODES[is_redirect].loop,
                     span_of(target->name));
        return;
    }
    follow_answer(walk, frame, term, target);
}

static void take_mechanism(struct walk *walk, struct frame *frame,
                           const struct spf_term *term)
{
    static const uint8_t ANY[4] = {0};
    switch (term->kind) {
    case SPF_TERM_ALL:
        frame->has_all = true;
        if (term_passes(frame, term)) {
            spf_ranges_add(&walk->ranges, ANY, 0);
        }
        break;
    case SPF_TERM_IP4:
        if (term_passes(frame, term)) {
            spf_ranges_add(&walk->ranges, term->ip, term->prefix4);
        }
        break;
    case SPF_TERM_IP6:
        if (term_passes(frame, term)) {
            spf_prefixes_add(&walk->prefixes, term->ip, term->prefix6);
        }
        break;
    case SPF_TERM_A:
        take_a(walk, frame, term);
        break;
    case SPF_TERM_MX:
        take_mx(walk, frame, term);
        break;
    case SPF_TERM_INCLUDE:
        follow(walk, frame, term);
        break;
    default: /* ptr, exists: what they ask depends on the sender */
        count_lookup(walk, term);
        break;
    }
}

static void take_term(struct walk *walk, struct frame *frame, const struct spf_term *term)
{
    switch (term->kind) {
    case SPF_TERM_BROKEN:
        note_broken(walk, frame, term->defect, term->text);
        return;
    case SPF_TERM_REDIRECT:
        frame->redirect = *term;
        return;
    case SPF_TERM_EXP:
        return;
    case SPF_TERM_UNKNOWN_MODIFIER:
        if (is_own(walk)) {
            defects_note(walk->defects, SPF_UNKNOWN_MODIFIER, term->text);
        }
        return;
    default:
        break;
    }
    if (frame->has_all) { /* RFC 7208 5.1: never tested */
        if (is_own(walk) && !defects_has(walk->defects, SPF_TERMS_AFTER_ALL)) {
            defects_note(walk->defects, SPF_TERMS_AFTER_ALL, term->text);
        }
        return;
    }
    if (is_own(walk)) {
        spf_own_term(walk->analysis, term, walk->defects);
    }
    take_mechanism(walk, frame, term);
}

/* At a record's end its redirect counts, once, where there is no all (RFC 7208 6.1). */
static void take_end(struct walk *walk, struct frame *frame)
{
    struct spf_term redirect = frame->redirect;
    bool is_taken = redirect.kind == SPF_TERM_EXP;
    if (is_own(walk) && !is_taken) {
        spf_own_end(walk->analysis, frame->has_all, &redirect, walk->defects);
    }
    if (redirect.kind == SPF_TERM_REDIRECT && !frame->has_all) {
        frame->redirect.kind = SPF_TERM_EXP; /* so that it is taken once */
        follow(walk, frame, &redirect);
    } else {
        walk->depth--;
    }
}

void spf_walk(struct spf_analysis *analysis, struct span record, struct defects *defects)
{
    struct walk walk;
    walk.analysis = analysis;
    walk.defects = defects;
    walk.depth = walk.record_count = walk.read_bytes = 0;
    spf_ranges_clear(&walk.ranges);
    spf_prefixes_clear(&walk.prefixes);
    enter(&walk, analysis->questions[0].name, record, true, false);
    while (walk.depth > 0) {
        struct frame *frame = &walk.stack[walk.depth - 1];
        struct spf_term term;
        if (spf_terms_next(&frame->terms, &term)) {
            take_term(&walk, frame, &term);
        } else {
            take_end(&walk, frame);
        }
    }
    analysis->ipv4_addresses = spf_ranges_size(&walk.ranges);
    analysis->ipv6_prefixes = (uint32_t)walk.prefixes.count;
    analysis->is_truncated =
        analysis->is_truncated || walk.ranges.is_full || walk.prefixes.is_full;
}
