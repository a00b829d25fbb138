/* How many descriptors there are, and what each worker may hold of them: a question of the
 * recursion, a policy fetch and an answer over TCP take one each.
 */
#ifndef SCANNER_DESCRIPTORS_H
#define SCANNER_DESCRIPTORS_H

#include <stdint.h>

/* The soft limit is raised to the hard one. Returns the limit. */
uint64_t descriptors_raise(void);
/* Of a limit, for each of so many workers; what the process needs besides is left over.
 * 0 = fewer than work is possible with. */
uint64_t descriptors_each(uint64_t limit, uint64_t workers);
/* The least limit that so many workers can work with. */
uint64_t descriptors_least(uint64_t workers);

#endif
