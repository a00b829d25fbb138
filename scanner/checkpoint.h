/* run.json read back: what a run had done when it was broken off or had ended. The file
 * is strictly checked, against itself too: nothing is taken from one that contradicts
 * itself.
 *
 *   checkpoint_read(&checkpoint, text, error);
 *   checkpoint_differs(&checkpoint, options, error);   may it go on with these options?
 *   checkpoint_close(&checkpoint);
 */
#ifndef SCANNER_CHECKPOINT_H
#define SCANNER_CHECKPOINT_H

#include "output/sink.h"
#include "scanner/feed_hash.h"
#include "scanner/line_set.h"
#include "scanner/options.h"
#include "scanner/totals.h"

#define CHECKPOINT_ERROR_LEN 512

struct json_t; /* jansson's */

struct checkpoint {
    struct json_t *root; /* owned: the file; strings below point into it */
    const char *configuration_sha256, *exit_reason, *notes; /* the latter may be NULL */
    struct feed_prefix prefix;
    uint64_t lines, records, other_shards;
    uint64_t shards, shard, seed, resumed, peak_rss_bytes, peak_fds;
    int64_t started_at_ms;
    struct line_set finished; /* with those skipped and those of other shards */
    struct line_set skipped;
    struct sink_part *parts; /* owned, in ascending order */
    size_t part_count;
    struct totals_counts counts;
};

/* 0 or -errno with a clause that says what is wrong ("totals is no object"); -EINVAL: it
 * is no such file. Either way checkpoint_close must follow. */
int checkpoint_read(struct checkpoint *checkpoint, const char *text,
                    char error[CHECKPOINT_ERROR_LEN]) __attribute__((warn_unused_result));
/* Whether a run with these options is another one, and then what it differs in. */
bool checkpoint_differs(const struct checkpoint *checkpoint,
                        const struct options *options, char error[CHECKPOINT_ERROR_LEN]);
/* All that was asked for is done. */
bool checkpoint_is_complete(const struct checkpoint *checkpoint);
void checkpoint_close(struct checkpoint *checkpoint); /* all zero is fine */

#endif
