/* The scan command: input -> workers -> sink, watched by the main thread.
 */
#ifndef SCANNER_SCAN_H
#define SCANNER_SCAN_H

#include "scanner/options.h"

#include <stdatomic.h>

/* The exit statuses of the contract. */
enum scan_exit {
    SCAN_COMPLETE = 0,
    SCAN_FAILED = 1,
    SCAN_BAD_USAGE = EXIT_USAGE,
    SCAN_INTERRUPTED = 75
};

/* stop: set to not 0 (from a signal handler, say) to take no further line, finish what is
 * under way and end. Says what went wrong on standard error. */
enum scan_exit scan_run(const struct options *options, int argc, char **argv,
                        const atomic_int *stop);
/* What an interrupted scan with these options exits with. */
enum scan_exit scan_interrupted_exit(const struct options *options);

#endif
