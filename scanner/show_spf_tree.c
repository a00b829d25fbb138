/* The lookups of an SPF record as a tree: the terms that cost one, in the order of the
 * static analysis (spf_walk.h: every term of every record reached), with the running
 * count.
 */
#include "scanner/show_part.h"

#include "scanner/classify/spf_name.h"
#include "scanner/classify/spf_reach.h"
#include "scanner/classify/spf_walk.h"

#include <inttypes.h>
#include <stdio.h>

#define LINES_MAX 60
#define TERM_BYTES_MAX 80
#define NOTE_COLUMN 52

enum limits { LOOKUPS_MAX = 10, VOID_LOOKUPS_MAX = 2 }; /* RFC 7208 4.6.4 */

struct branch {
    const char *name;
    struct spf_terms terms;
    struct spf_term redirect;
    bool has_all, has_redirect;
};

struct tree {
    struct show *show;
    const struct spf_analysis *analysis;
    uint32_t lookups, void_lookups, lines, records;
    size_t depth, read_bytes;
    struct branch stack[SPF_DEPTH_MAX + 1];
};

/* What is said of a term behind it. */
struct note {
    bool is_error;
    bool is_void; /* counts as a void lookup */
    char text[96];
};

static struct note note_of(bool is_error, const char *text)
{
    struct note note = {.is_error = is_error};
    snprintf(note.text, sizeof note.text, "%s", text);
    return note;
}

static struct note failed_note(const struct dns_answer *answer)
{
    struct note note = {.is_error = true};
    snprintf(note.text, sizeof note.text, "the lookup failed (%s)",
             dns_status_text(answer->status));
    return note;
}

static struct note found_note(size_t count, const char *singular, const char *plural)
{
    struct note note = {.is_error = false};
    snprintf(note.text, sizeof note.text, "%zu %s", count,
             count == 1 ? singular : plural);
    return note;
}

static const struct dns_answer *answer_to(const struct tree *tree, const char *name,
                                          enum dns_type type)
{
    static const struct dns_answer NOT_ASKED = {.status = DNS_NOT_CHECKED};
    const struct spf_question *question = spf_reach_find(tree->analysis, name, type);
    return question != NULL && question->answer != NULL ? question->answer : &NOT_ASKED;
}

static bool is_void(const struct dns_answer *answer)
{
    return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

static struct note note_on_a(const struct tree *tree, const char *name)
{
    const struct dns_answer *ipv4 = answer_to(tree, name, DNS_A);
    const struct dns_answer *ipv6 = answer_to(tree, name, DNS_AAAA);
    if (!dns_is_answered(ipv4->status) || !dns_is_answered(ipv6->status)) {
        return failed_note(dns_is_answered(ipv4->status) ? ipv6 : ipv4);
    }
    if (is_void(ipv4) && is_void(ipv6)) {
        struct note note = note_of(true, "no address");
        note.is_void = true;
        return note;
    }
    return found_note((size_t)ipv4->record_count + ipv6->record_count, "address",
                      "addresses");
}

static struct note note_on_mx(const struct tree *tree, const char *name)
{
    const struct dns_answer *mx = answer_to(tree, name, DNS_MX);
    if (!dns_is_answered(mx->status)) {
        return failed_note(mx);
    }
    struct note note = found_note(mx->record_count, "host", "hosts");
    if (is_void(mx)) {
        note = note_of(true, "no MX record");
        note.is_void = true;
    } else if (mx->record_count > SPF_MX_HOSTS_MAX) {
        note.is_error = true;
    }
    return note;
}

static bool is_on_path(const struct tree *tree, const char *name)
{
    for (size_t i = 0; i < tree->depth; i++) {
        if (strcmp(tree->stack[i].name, name) == 0) {
            return true;
        }
    }
    return false;
}

/* record: what is to be gone through next, or len 0. */
static struct note note_on_target(const struct tree *tree, const char *name,
                                  struct span *record)
{
    *record = (struct span){NULL, 0};
    if (!spf_name_is_domain(span_of(name))) {
        return note_of(true, "no SPF record: this is no name of a domain");
    }
    const struct dns_answer *answer = answer_to(tree, name, DNS_TXT);
    if (answer->status == DNS_NOT_CHECKED) {
        return note_of(true, "not asked for: too many questions");
    }
    if (is_on_path(tree, name)) {
        return note_of(true, "leads back to a record above: a loop");
    }
    struct note note = note_of(true, "no SPF record");
    switch (spf_select(answer, record)) {
    case SPF_SELECT_FAILED:
        return failed_note(answer);
    case SPF_SELECT_NONE:
        note.is_void = is_void(answer);
        return note;
    case SPF_SELECT_MANY:
        *record = (struct span){NULL, 0};
        return note_of(true, "several SPF records");
    default:
        return note_of(false, "");
    }
}

static void show_term(struct show *show, const char *count, size_t depth,
                      struct span term)
{
    show_pad(show, SHOW_INDENT + 2);
    show_text(show, count);
    show_pad(show, SHOW_INDENT + 7 + 2 * depth);
    term.len = term.len < TERM_BYTES_MAX ? term.len : TERM_BYTES_MAX;
    show_foreign(show, show->column, term);
}

static void show_note(struct show *show, enum show_style style, const char *text)
{
    show_pad(show, NOTE_COLUMN);
    show_style(show, style);
    show_words(show, NOTE_COLUMN, "%s", text);
    show_style(show, SHOW_PLAIN);
}

/* One line: the count, the term, what came of it, and the limit where this is the term
 * that breaks it. */
static void show_lookup(struct tree *tree, const struct spf_term *term, size_t depth,
                        const struct note *note)
{
    char count[16], limit[64];
    tree->void_lookups += note->is_void ? 1 : 0;
    if (++tree->lines > LINES_MAX) {
        return;
    }
    snprintf(count, sizeof count, "%3" PRIu32, tree->lookups);
    show_style(tree->show, tree->lookups > LOOKUPS_MAX ? SHOW_ERROR : SHOW_PLAIN);
    show_term(tree->show, count, depth, term->text);
    show_style(tree->show, SHOW_PLAIN);
    if (note->text[0] != '\0') {
        show_note(tree->show, note->is_error ? SHOW_WARNING : SHOW_DIM, note->text);
    }
    if (note->is_void) {
        snprintf(limit, sizeof limit, "(void: %" PRIu32 " of %d)", tree->void_lookups,
                 VOID_LOOKUPS_MAX);
        show_note(tree->show,
                  tree->void_lookups > VOID_LOOKUPS_MAX ? SHOW_ERROR : SHOW_WARNING,
                  limit);
    }
    if (tree->lookups == LOOKUPS_MAX + 1) {
        show_note(tree->show, SHOW_ERROR, "<- one too many");
    }
    show_end_line(tree->show);
}

static void enter(struct tree *tree, const char *name, struct span record)
{
    tree->read_bytes += record.len;
    if (tree->depth > SPF_DEPTH_MAX || ++tree->records > SPF_RECORDS_MAX ||
        tree->read_bytes > SPF_READ_MAX) {
        return;
    }
    struct branch *branch = &tree->stack[tree->depth++];
    branch->name = name;
    branch->has_all = branch->has_redirect = false;
    spf_terms_begin(&branch->terms, record);
}

static void take_target(struct tree *tree, const struct spf_term *term, const char *name,
                        size_t depth)
{
    struct span record;
    struct note note = note_on_target(tree, name, &record);
    show_lookup(tree, term, depth, &note);
    if (record.len > 0) {
        enter(tree, spf_reach_find(tree->analysis, name, DNS_TXT)->name, record);
    }
}

static void take_lookup(struct tree *tree, const struct spf_term *term)
{
    char name[SPF_NAME_MAX];
    size_t depth = tree->depth - 1;
    bool is_open = term->kind == SPF_TERM_PTR || term->kind == SPF_TERM_EXISTS;
    struct note note = note_of(false, "depends on the sender");
    tree->lookups++;
    enum spf_target target =
        is_open ? SPF_TARGET_OPEN : spf_reach_target(term, tree->stack[depth].name, name);
    if (target == SPF_TARGET_IMPOSSIBLE) {
        note = note_of(true, "no name that could be asked for");
    } else if (target == SPF_TARGET_KNOWN && term->kind == SPF_TERM_A) {
        note = note_on_a(tree, name);
    } else if (target == SPF_TARGET_KNOWN && term->kind == SPF_TERM_MX) {
        note = note_on_mx(tree, name);
    } else if (target == SPF_TARGET_KNOWN) {
        take_target(tree, term, name, depth);
        return;
    }
    show_lookup(tree, term, depth, &note);
}

/* A broken term costs no lookup, but tells why the record around it is invalid. */
static void show_broken(struct tree *tree, const struct spf_term *term)
{
    if (++tree->lines <= LINES_MAX) {
        show_term(tree->show, "  !", tree->depth - 1, term->text);
        show_note(tree->show, SHOW_ERROR, spf_code_text(term->defect));
        show_end_line(tree->show);
    }
}

static void take_term(struct tree *tree, const struct spf_term *term)
{
    struct branch *branch = &tree->stack[tree->depth - 1];
    if (term->kind == SPF_TERM_BROKEN) {
        show_broken(tree, term);
    } else if (term->kind == SPF_TERM_REDIRECT) {
        branch->redirect = *term;
        branch->has_redirect = true;
    } else if (!branch->has_all && spf_term_is_lookup(term->kind)) {
        take_lookup(tree, term);
    }
    branch->has_all = branch->has_all || term->kind == SPF_TERM_ALL;
}

/* At a record's end its redirect counts, once, where there is no all (RFC 7208 6.1). */
static void take_end(struct tree *tree)
{
    struct branch *branch = &tree->stack[tree->depth - 1];
    if (branch->has_redirect && !branch->has_all) {
        struct spf_term redirect = branch->redirect;
        branch->has_redirect = false;
        take_lookup(tree, &redirect);
    } else {
        tree->depth--;
    }
}

uint32_t show_spf_tree(struct show *show, const struct spf_analysis *analysis)
{
    struct tree tree = {.show = show, .analysis = analysis};
    struct spf_term term;
    enter(&tree, analysis->questions[0].name, analysis->published.record);
    while (tree.depth > 0) {
        if (spf_terms_next(&tree.stack[tree.depth - 1].terms, &term)) {
            take_term(&tree, &term);
        } else {
            take_end(&tree);
        }
    }
    if (tree.lines > LINES_MAX) {
        show_words(show, SHOW_INDENT + 7, "and %" PRIu32 " more", tree.lines - LINES_MAX);
        show_end_line(show);
    }
    return tree.lookups;
}
