/* Where a table keeps what it knows of a question.
 *
 * Names come from the surveyed: who knew the hash could choose names that all fall into
 * one bucket. So each table draws a seed of its own.
 */
#ifndef RESOLVER_QUESTION_HASH_H
#define RESOLVER_QUESTION_HASH_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/packet.h"

/* Not guessable; 0 or -errno. */
int question_hash_seed(uint64_t *seed) __attribute__((warn_unused_result));
uint64_t question_hash(const struct packet_question *question, uint64_t seed);
bool question_is_equal(const struct packet_question *one,
                       const struct packet_question *other);

#endif
