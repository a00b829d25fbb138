#include "scanner/classify/spf_domain_spec.h"

#include "scanner/classify/spf_macro.h"

/* macro-string (RFC 7208 7.1) of visible characters. *literal_at: behind the last macro.
 * c, r and t are for explanations only (7.2). */
static bool check_macros(struct span text, bool is_domain, size_t *literal_at)
{
    size_t at = 0;
    *literal_at = 0;
    while (at < text.len) {
        const char *percent = memchr(text.ptr + at, '%', text.len - at);
        if (percent == NULL) {
            return true;
        }
        at = (size_t)(percent - text.ptr);
        struct spf_macro macro;
        size_t len = spf_macro_parse(span_from(text, at), &macro);
        if (len == 0 || (is_domain && is_one_of(ascii_lower(macro.letter), "crt"))) {
            return false;
        }
        at += len;
        *literal_at = at;
    }
    return true;
}

/* toplabel: letters, digits, inner hyphens; not digits alone (RFC 7208 7.1). */
static bool is_toplabel(struct span label)
{
    bool has_other = false;
    for (size_t i = 0; i < label.len; i++) {
        char c = label.ptr[i];
        if (!spf_is_alpha(c) && !spf_is_digit(c) && c != '-') {
            return false;
        }
        has_other = has_other || !spf_is_digit(c);
    }
    return label.len > 0 && has_other && label.ptr[0] != '-' &&
           label.ptr[label.len - 1] != '-';
}

static bool ends_in_toplabel(struct span literal)
{
    if (literal.len > 0 && literal.ptr[literal.len - 1] == '.') {
        literal.len--;
    }
    const char *dot = literal.len > 0 ? memrchr(literal.ptr, '.', literal.len) : NULL;
    return dot != NULL &&
           is_toplabel(span_from(literal, (size_t)(dot - literal.ptr) + 1));
}

bool spf_macro_string_check(struct span text)
{
    size_t literal_at;
    return check_macros(text, false, &literal_at);
}

/* Labels that no name can have, written out plainly: RFC 7208 4.8 leaves the outcome
 * open, so the term is called what it is. Length over 253 is no fault (7.3). */
static bool has_sound_labels(struct span text)
{
    size_t label_len = 0;
    for (size_t i = 0; i < text.len; i++) {
        bool is_dot = text.ptr[i] == '.';
        if (is_dot && label_len == 0) {
            return false;
        }
        label_len = is_dot ? 0 : label_len + 1;
        if (label_len > 63) {
            return false;
        }
    }
    return true;
}

/* domain-spec = macro-string domain-end (RFC 7208 7.1). */
bool spf_domain_spec_check(struct span text, enum spf_code *defect)
{
    size_t literal_at;
    *defect = SPF_INVALID_MACRO;
    if (!check_macros(text, true, &literal_at)) {
        return false;
    }
    *defect = SPF_INVALID_DOMAIN;
    if (literal_at > 0 && literal_at == text.len) {
        return true;
    }
    return ends_in_toplabel(span_from(text, literal_at)) &&
           (literal_at > 0 || has_sound_labels(text));
}
