/* How pure code learns what the DNS says: it asks a table. An answer that is not there
 * yet is NULL; whoever stands behind the table notes the question, has it asked, and runs
 * the code again from the top. So an evaluator that meets NULL goes on as far as it can
 * (to find out all that it lacks in one round) and reports that it is not done.
 */
#ifndef SCANNER_CLASSIFY_LOOKUP_H
#define SCANNER_CLASSIFY_LOOKUP_H

#include <string.h>

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

/* prefix and name in one; false, and to empty, when there is no room for both. Not
 * snprintf: a survey makes some thirty names. */
static inline bool lookup_name(char *to, size_t size, const char *prefix,
                               const char *name)
{
    size_t prefix_len = strlen(prefix);
    size_t name_len = strlen(name);

    if (prefix_len + name_len >= size) {
        to[0] = '\0';
        return false;
    }
    memcpy(to, prefix, prefix_len);
    memcpy(to + prefix_len, name, name_len);
    to[prefix_len + name_len] = '\0';
    return true;
}

#endif
