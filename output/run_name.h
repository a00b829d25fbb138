/* The names of the files that a run writes into its directory.
 *
 *   part-SSSS-NNNNN.ndjson.zst[.part]
 *   run.json[.tmp]        run.lock
 *   run-SSSS.json[.tmp]   run-SSSS.lock      of a sharded run
 */
#ifndef OUTPUT_RUN_NAME_H
#define OUTPUT_RUN_NAME_H

#include <stdbool.h>
#include <stdint.h>

#define RUN_NAME_LEN 64

enum run_owner {
    RUN_OWNER_NONE, /* no run writes such a name */
    RUN_OWNER_RUN,  /* an unsharded run */
    RUN_OWNER_SHARD /* a sharded run's *shard; an unsharded run's parts are shard 0's */
};

enum run_owner run_name_owner(const char *name, uint32_t *shard);
/* Whether it is a published part, not one under way or a run.json. */
bool run_name_is_part(const char *name);
/* Of a part's name: the number behind the shard; of another name 0. */
uint32_t run_name_sequence(const char *name);
void run_name_part(char name[RUN_NAME_LEN], uint32_t shard, uint32_t sequence);
void run_name_json(char name[RUN_NAME_LEN], bool is_sharded, uint32_t shard);
void run_name_lock(char name[RUN_NAME_LEN], bool is_sharded, uint32_t shard);

#endif
