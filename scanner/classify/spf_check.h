/* What the parts of check_host() share: one run over the table of answers.
 */
#ifndef SCANNER_CLASSIFY_SPF_CHECK_H
#define SCANNER_CLASSIFY_SPF_CHECK_H

#include "scanner/classify/spf_grammar.h"
#include "scanner/classify/spf_macro.h"

#define SPF_LOOKUPS_MAX 10 /* RFC 7208 4.6.4; of MX and PTR names too */
#define SPF_VOID_LOOKUPS_MAX 2

/* A record being evaluated; the first is the sender's domain's. */
struct spf_check_frame {
    char domain[SPF_NAME_MAX];
    struct spf_terms terms;
    struct span redirect, exp; /* domain-specs; len 0 = none */
    struct spf_term include;   /* the term of the frame below that led here */
};

struct spf_check {
    const struct lookup *lookup;
    struct spf_verdict *verdict;
    uint8_t ip[16];
    unsigned ip_bits; /* 32 or 128 */
    struct spf_macro_values values;
    char sender[1024], ip_dotted[64], ip_text[64], time[24], validated[SPF_NAME_MAX];
    size_t depth;
    struct spf_check_frame stack[SPF_LOOKUPS_MAX + 1];
};

/* 0 = no match, 1 = match, otherwise why there is no saying. */
enum spf_match {
    SPF_MATCH_NO,
    SPF_MATCH_YES,
    SPF_MATCH_PENDING,
    SPF_MATCH_TEMPERROR,
    SPF_MATCH_PERMERROR
};

void spf_check_begin(struct spf_check *check, const struct spf_sender *sender,
                     const struct lookup *lookup, struct spf_verdict *verdict);

/* The verdict's sentence for people; formatted text is made printable. */
void spf_check_reason(struct spf_check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Expands a domain-spec for a record at domain. NO: what comes out is no name. */
enum spf_match spf_check_target(struct spf_check *check, struct span domain_spec,
                                const char *domain, char name[SPF_NAME_MAX]);

/* Sets what the macros d and p stand for at domain. False: the answers p needs are
 * missing. */
bool spf_check_macros(struct spf_check *check, struct span text, const char *domain);

/* Any mechanism but include (RFC 7208 5). */
enum spf_match spf_check_match(struct spf_check *check, const struct spf_term *term,
                               const char *domain);

/* The name that <ip> maps to and that maps back (RFC 7208 5.5): domain itself, else one
 * below it, else any. YES: domain or below it. NO: another, or none ("" in name).
 * counts_void: the PTR question is a term's own. */
enum spf_match spf_check_validated(struct spf_check *check, const char *domain,
                                   bool counts_void, char name[SPF_NAME_MAX]);

/* A void lookup of a term's own name; false: one too many. */
bool spf_check_count_void(struct spf_check *check, const struct dns_answer *answer,
                          const char *name);

/* The explanation of a fail (RFC 7208 6.2); false while answers are missing. */
bool spf_check_explain(struct spf_check *check);

#endif
