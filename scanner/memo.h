/* The questions asked for one domain and what came back: each name and type once, however
 * many classifiers want it. Answers are copied into the domain's arena.
 */
#ifndef SCANNER_MEMO_H
#define SCANNER_MEMO_H

#include "resolver/resolver.h"
#include "scanner/arena.h"

/* A domain's whole budget of questions: SPF may use 100 (SPF_QUERIES_MAX), MX targets 64,
 * the rest is a handful. */
#define MEMO_MAX 256

struct memo_entry {
    uint32_t hash;
    enum dns_type type;
    const char *name;
    const struct dns_answer *answer; /* NULL: not yet answered */
    uint32_t waiting;                /* bits of the sections that met it unanswered */
};

struct memo {
    struct arena *arena;
    uint32_t count;
    struct memo_entry *entries[MEMO_MAX]; /* in the order first wanted */
};

void memo_init(struct memo *memo, struct arena *arena);
/* NULL when it was never wanted. */
struct memo_entry *memo_find(const struct memo *memo, const char *name,
                             enum dns_type type);
/* A new, unanswered entry; NULL when the budget of questions or memory is used up. */
struct memo_entry *memo_add(struct memo *memo, const char *name, enum dns_type type);
/* Copies; an answer too large for the domain's arena becomes DNS_NOT_CHECKED. */
void memo_store(struct memo *memo, struct memo_entry *entry,
                const struct dns_answer *answer);

#endif
