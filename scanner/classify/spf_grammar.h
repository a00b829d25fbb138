/* The text of an SPF record as a walk over its terms (RFC 7208 4.6.1, 5, 6, 12). Nothing
 * is stored and nothing allocated; spans point into the record.
 *
 *   struct spf_terms terms;
 *   struct spf_term term;
 *   spf_terms_begin(&terms, record);
 *   while (spf_terms_next(&terms, &term)) { … }
 */
#ifndef SCANNER_CLASSIFY_SPF_GRAMMAR_H
#define SCANNER_CLASSIFY_SPF_GRAMMAR_H

#include "scanner/classify/spf.h"

enum spf_term_kind {
    SPF_TERM_BROKEN, /* fits no grammar: see defect */
    SPF_TERM_ALL,
    SPF_TERM_INCLUDE,
    SPF_TERM_A,
    SPF_TERM_MX,
    SPF_TERM_PTR,
    SPF_TERM_IP4,
    SPF_TERM_IP6,
    SPF_TERM_EXISTS,
    SPF_TERM_REDIRECT, /* from here on: modifiers */
    SPF_TERM_EXP,
    SPF_TERM_UNKNOWN_MODIFIER
};

struct spf_term {
    struct span text; /* the whole term */
    enum spf_term_kind kind;
    enum spf_code defect;     /* of a broken term: one of the errors by syntax */
    char qualifier;           /* '+' '-' '?' '~'; 0 for a modifier */
    struct span domain_spec;  /* before expansion; len 0 = none given */
    uint8_t ip[16];           /* of ip4 (first 4 bytes) and ip6 */
    uint8_t prefix4, prefix6; /* 0..32, 0..128; the widths' maximum where not given */
};

struct spf_terms {
    struct span rest;
    bool has_redirect, has_exp; /* met so far: each at most once (RFC 7208 6) */
};

/* record: a text that spf_version() counts. */
void spf_terms_begin(struct spf_terms *terms, struct span record);
bool spf_terms_next(struct spf_terms *terms, struct spf_term *term);

/* include, a, mx, ptr, exists and redirect cause queries (RFC 7208 4.6.4). */
bool spf_term_is_lookup(enum spf_term_kind kind);

enum spf_selection {
    SPF_SELECT_FAILED,
    SPF_SELECT_NONE,
    SPF_SELECT_ONE,
    SPF_SELECT_MANY
};

/* RFC 7208 4.4, 4.5: the one SPF record among a name's TXT records. An RRset holds no
 * record twice (RFC 2181 5), whatever a server sends. */
enum spf_selection spf_select(const struct dns_answer *answer, struct span *record);

#endif
