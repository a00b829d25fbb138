/* The verify command: proves from the files alone that runs are complete. Each part is
 * one whole zstd frame with the rows, bytes and SHA-256 that run.json says; every line of
 * the input that was not skipped has exactly one record; nothing else lies beside them.
 * The shards of one run, in one directory or in several, are proved together: all of
 * them, of one input and one configuration.
 */
#ifndef SCANNER_VERIFY_H
#define SCANNER_VERIFY_H

#include "scanner/options.h"

/* 0 = all is proved; 1 = it is not, and each problem was told in a line on standard
 * error. */
int verify_run(const struct options *options);

#endif
