/* The Public Suffix List, behind one pure question. The program opens the list; the core
 * is handed it.
 */
#ifndef SCANNER_CLASSIFY_SUFFIX_H
#define SCANNER_CLASSIFY_SUFFIX_H

#include <stdbool.h>

struct suffix_list; /* opaque: libpsl's psl_ctx_t behind it */

/* path NULL: the newest of the system's and the built-in list. NULL when path cannot be
 * read or holds no rule, or, with errno ENOMEM, for want of memory. */
struct suffix_list *suffix_list_open(const char *path);
void suffix_list_free(struct suffix_list *list);
/* The list's date as it tells it itself, or when its file was written; "YYYY-MM-DD" or
 * "". */
const char *suffix_list_date(const struct suffix_list *list);

/* The registrable (RFC 7489: organizational) domain of a lower-case A-label name: a
 * pointer into name, or NULL when name is itself a public suffix (ICANN and PRIVATE
 * sections, default rule *). */
const char *suffix_registrable(const struct suffix_list *list, const char *name);

/* The same, but name itself where it is a public suffix: what RFC 7489 3.2 leaves
 * open. */
const char *suffix_organizational(const struct suffix_list *list, const char *name);

#endif
