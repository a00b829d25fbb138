/* The opt-out list: domains that are left alone, each with everything below it.
 *
 * One suffix a line, gzip or zstd as for the input; '#' comments and empty lines are
 * skipped. A suffix is a domain as in scanner/target_name.h, but a single label (a whole
 * TLD) is one too. A leading "." or "*." is passed over: whoever writes ".example.org" or
 * "*.example.org" wants to be left alone, so the domain itself counts as well. Anything
 * else is an error: a wish not to be scanned must not be lost to a typing mistake.
 */
#ifndef SCANNER_EXCLUDE_H
#define SCANNER_EXCLUDE_H

#include <stdbool.h>
#include <stddef.h>

#define EXCLUDE_ERROR_LEN 512

struct exclude;

/* 0 or -errno; error is then one sentence with the path and the line's number. */
int exclude_open(struct exclude **exclude, const char *path,
                 char error[EXCLUDE_ERROR_LEN]) __attribute__((warn_unused_result));
/* domain: A-labels, lower case, no final dot. True when it, or a domain above it, is
 * listed. */
bool exclude_matches(const struct exclude *exclude, const char *domain); /* NULL: never */
size_t exclude_count(const struct exclude *exclude); /* distinct suffixes */
void exclude_close(struct exclude *exclude);         /* NULL is fine */

#endif
