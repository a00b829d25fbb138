/* The check-host command: check_host() of RFC 7208 for one sender, its verdict as a line
 * of JSON.
 */
#ifndef SCANNER_CHECK_HOST_H
#define SCANNER_CHECK_HOST_H

#include "scanner/options.h"

/* The exit status: 0 whenever a result is printed (each --sender-ip gives a line of its
 * own behind that of --ip), EXIT_USAGE, or 1. */
int check_host_run(const struct options *options);

#endif
