/* How pure code learns what the DNS says: it asks a table. An answer that is not there
 * yet is NULL; whoever stands behind the table notes the question, has it asked, and runs
 * the code again from the top. So an evaluator that meets NULL goes on as far as it can
 * (to find out all that it lacks in one round) and reports that it is not done.
 */
#ifndef SCANNER_CLASSIFY_LOOKUP_H
#define SCANNER_CLASSIFY_LOOKUP_H

#include "resolver/resolver.h" /* struct dns_answer: plain, library-free */

struct lookup {
    /* name: lower-case text without final dot. The answer lives as long as the table. */
    const struct dns_answer *(*get)(void *arg, const char *name, enum dns_type type);
    void *arg;
};

static inline const struct dns_answer *lookup_get(const struct lookup *lookup,
                                                  const char *name, enum dns_type type)
{
    return lookup->get(lookup->arg, name, type);
}

#endif
