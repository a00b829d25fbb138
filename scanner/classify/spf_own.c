#include "scanner/classify/spf_own.h"

#include "scanner/classify/spf_reach.h"

static const uint8_t BROAD_PREFIX4 = 16;
static const uint8_t BROAD_PREFIX6 = 32;

static void own_all(struct spf_analysis *analysis, const struct spf_term *term,
                    struct defects *defects)
{
    static const char QUALIFIERS[] = "+-~?";
    static const enum spf_all ALLS[] = {SPF_ALL_IS_PASS, SPF_ALL_IS_FAIL,
                                        SPF_ALL_IS_SOFTFAIL, SPF_ALL_IS_NEUTRAL};
    analysis->all = ALLS[strchr(QUALIFIERS, term->qualifier) - QUALIFIERS];
    if (term->qualifier == '+') {
        defects_note(defects, SPF_ALL_PASS, term->text);
    } else if (term->qualifier == '?') {
        defects_note(defects, SPF_ALL_NEUTRAL, term->text);
    }
}

void spf_own_term(struct spf_analysis *analysis, const struct spf_term *term,
                  struct defects *defects)
{
    bool is_broad = (term->kind == SPF_TERM_IP4 && term->prefix4 < BROAD_PREFIX4) ||
                    (term->kind == SPF_TERM_IP6 && term->prefix6 < BROAD_PREFIX6);
    if (is_broad) {
        defects_note(defects, SPF_BROAD_RANGE, term->text);
    } else if (term->kind == SPF_TERM_PTR) {
        defects_note(defects, SPF_PTR_USED, term->text);
    } else if (term->kind == SPF_TERM_ALL) {
        own_all(analysis, term, defects);
    }
}

/* The name it leads to, or the text where that depends on the sender. */
static void own_redirect(struct spf_analysis *analysis, const struct spf_term *redirect)
{
    char *name = analysis->redirect;
    const char *domain = analysis->questions[0].name;
    if (spf_reach_target(redirect, domain, name) == SPF_TARGET_KNOWN) {
        return;
    }
    size_t len = redirect->domain_spec.len;
    len = len < SPF_NAME_MAX ? len : SPF_NAME_MAX - 1;
    memcpy(name, redirect->domain_spec.ptr, len);
    name[len] = '\0';
}

void spf_own_end(struct spf_analysis *analysis, bool has_all,
                 const struct spf_term *redirect, struct defects *defects)
{
    if (redirect->kind != SPF_TERM_REDIRECT) {
        if (!has_all) {
            defects_note(defects, SPF_NO_ALL, (struct span){NULL, 0});
        }
        return;
    }
    own_redirect(analysis, redirect);
    if (has_all) { /* RFC 7208 6.1 */
        defects_note(defects, SPF_REDIRECT_IGNORED, redirect->text);
    } else {
        analysis->all = SPF_ALL_IS_REDIRECT;
    }
}
