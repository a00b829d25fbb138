#include "output/run_name.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define SHARD_DIGITS_MIN 4
#define SEQUENCE_DIGITS_MIN 5
#define DIGITS_MAX 9

/* Reads a number as %0*u writes it. Where it ends, or NULL. */
static const char *read_number(const char *text, size_t digits_min, uint32_t *number)
{
    size_t len = 0;
    *number = 0;
    while (isdigit((unsigned char)text[len]) && len <= DIGITS_MAX) {
        *number = *number * 10 + (uint32_t)(text[len] - '0');
        len++;
    }
    bool is_padded_too_far = len > digits_min && text[0] == '0';
    return len < digits_min || len > DIGITS_MAX || is_padded_too_far ? NULL : text + len;
}

static bool is_one_of(const char *text, const char *first, const char *second,
                      const char *third)
{
    return strcmp(text, first) == 0 || strcmp(text, second) == 0 ||
           strcmp(text, third) == 0;
}

/* The ending of a part's name, or NULL: it is no part's. */
static const char *read_part(const char *name, uint32_t *shard, uint32_t *sequence)
{
    if (strncmp(name, "part-", strlen("part-")) != 0) {
        return NULL;
    }
    const char *rest = read_number(name + strlen("part-"), SHARD_DIGITS_MIN, shard);
    return rest && *rest == '-' ? read_number(rest + 1, SEQUENCE_DIGITS_MIN, sequence)
                                : NULL;
}

static enum run_owner owner_of_part(const char *name, uint32_t *shard)
{
    uint32_t sequence;
    const char *rest = read_part(name, shard, &sequence);
    if (!rest ||
        (strcmp(rest, ".ndjson.zst") != 0 && strcmp(rest, ".ndjson.zst.part") != 0)) {
        return RUN_OWNER_NONE;
    }
    return RUN_OWNER_SHARD;
}

bool run_name_is_part(const char *name)
{
    uint32_t shard, sequence;
    const char *rest = read_part(name, &shard, &sequence);
    return rest && strcmp(rest, ".ndjson.zst") == 0;
}

uint32_t run_name_sequence(const char *name)
{
    uint32_t shard, sequence;
    return read_part(name, &shard, &sequence) ? sequence : 0;
}

enum run_owner run_name_owner(const char *name, uint32_t *shard)
{
    enum run_owner owner = RUN_OWNER_RUN;
    if (strncmp(name, "part-", strlen("part-")) == 0) {
        return owner_of_part(name, shard);
    }
    if (strncmp(name, "run", strlen("run")) != 0) {
        return RUN_OWNER_NONE;
    }
    const char *rest = name + strlen("run");
    if (*rest == '-') {
        rest = read_number(rest + 1, SHARD_DIGITS_MIN, shard);
        owner = RUN_OWNER_SHARD;
    }
    if (!rest || !is_one_of(rest, ".json", ".json.tmp", ".lock")) {
        return RUN_OWNER_NONE;
    }
    return owner;
}

void run_name_part(char name[RUN_NAME_LEN], uint32_t shard, uint32_t sequence)
{
    snprintf(name, RUN_NAME_LEN, "part-%04u-%05u.ndjson.zst", shard, sequence);
}

void run_name_json(char name[RUN_NAME_LEN], bool is_sharded, uint32_t shard)
{
    if (is_sharded) {
        snprintf(name, RUN_NAME_LEN, "run-%04u.json", shard);
    } else {
        snprintf(name, RUN_NAME_LEN, "run.json");
    }
}

void run_name_lock(char name[RUN_NAME_LEN], bool is_sharded, uint32_t shard)
{
    if (is_sharded) {
        snprintf(name, RUN_NAME_LEN, "run-%04u.lock", shard);
    } else {
        snprintf(name, RUN_NAME_LEN, "run.lock");
    }
}
