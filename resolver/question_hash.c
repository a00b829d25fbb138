#include "resolver/question_hash.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>

#include <xxhash.h>

int question_hash_seed(uint64_t *seed)
{
    return getrandom(seed, sizeof *seed, 0) == sizeof *seed ? 0 : -errno;
}

uint64_t question_hash(const struct packet_question *question, uint64_t seed)
{
    return XXH3_64bits_withSeed(question->name, question->name_len,
                                seed + question->type);
}

bool question_is_equal(const struct packet_question *one,
                       const struct packet_question *other)
{
    return one->type == other->type && one->name_len == other->name_len &&
           memcmp(one->name, other->name, one->name_len) == 0;
}
