/* The check command: the survey of a few domains, for people; with --json their records.
 */
#ifndef SCANNER_CHECK_H
#define SCANNER_CHECK_H

#include "scanner/options.h"

/* The exit status: 0 when every domain could be surveyed (ok or partial), 1 when one
 * could not or something failed, EXIT_USAGE. Writes to standard output, in the order of
 * the arguments. */
int check_run(const struct options *options);

#endif
