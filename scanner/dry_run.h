/* scan --dry-run: what the list holds, without a question to anyone.
 */
#ifndef SCANNER_DRY_RUN_H
#define SCANNER_DRY_RUN_H

#include "scanner/exclude.h"
#include "scanner/feed.h"
#include "scanner/scan.h"

/* Takes the feed to its end, or until stop is not 0. opt_out: NULL = none. Says on standard
 * error what it found, or what went wrong. */
enum scan_exit dry_run(struct feed *feed, const struct exclude *opt_out,
                       const atomic_int *stop);

#endif
