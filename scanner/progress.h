/* What a person sees while a scan runs: one rewritten line on a terminal, a plain line
 * now and then otherwise, and a summary at the end; and the same figures as CSV for a
 * status file.
 */
#ifndef SCANNER_PROGRESS_H
#define SCANNER_PROGRESS_H

#include "scanner/totals.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct progress {
    FILE *out;    /* standard error; NULL = quiet */
    FILE *status; /* CSV; NULL = none */
    bool is_terminal;
    int64_t started_ms, last_line_ms, last_status_ms; /* monotonic */
    uint64_t last_records;
    int64_t last_ms;
    double rate; /* records a second, smoothed */
};

struct progress_view {
    int64_t now_ms;   /* monotonic */
    uint64_t total;   /* records to come of the whole input; 0 = not known yet */
    uint64_t earlier; /* records of the run before it was resumed: not in counts */
    uint32_t in_flight;
    bool is_draining; /* told to stop, finishing what is under way */
    const struct totals_counts *counts;
};

/* status_path NULL = none, "-" = standard error. 0 or -errno. */
int progress_open(struct progress *progress, bool is_quiet, const char *status_path,
                  int64_t now_ms) __attribute__((warn_unused_result));
/* Call it a few times a second. */
void progress_show(struct progress *progress, const struct progress_view *view);
void progress_summary(struct progress *progress, const struct progress_view *view);
void progress_close(struct progress *progress);

#endif
