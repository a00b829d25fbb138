/* Answers that are remembered while they may be, in a fixed number of bytes.
 *
 *   cache_open(&cache, 16 << 20);
 *   if (!cache_find(cache, &question, now_s, &answer)) {
 *       ...                                        ask, then, with what came:
 *       cache_insert(cache, &question, now_s, &answer);
 *   }
 *   cache_free(cache);
 *
 * A census asks most names once and a few, its providers', all the time. The entries lie
 * in a ring in the order they came, so that nothing is allocated for one and no room is
 * lost between them. The oldest leaves first, but one that was found since it was written
 * is written again at the head: names asked once pass by and the shared ones stay.
 *
 * How long: an answer with records its TTL, at most a day (RFC 8767, 4 allows seven; no
 * record of a census shall be older); NODATA and NXDOMAIN negative_ttl, at most three
 * hours (RFC 2308, 5); a failure five seconds (RFC 9520, 3.2: at least one, at most 300).
 * DNS_NETWORK says something about this machine, not about the name: not kept.
 *
 * Rules: what cache_find gives is borrowed from the ring until the next cache_insert;
 * further cache_finds leave it alone. now_s never goes back.
 */
#ifndef RESOLVER_CACHE_H
#define RESOLVER_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "resolver/packet.h"

/* An answer that takes more than this share of the ring is not kept: no single one may
 * push out many. */
#define CACHE_ENTRY_SHARE 64

struct cache;

/* bytes: all that the cache ever takes; what lies above 16 GiB is not used. 0 or
 * -errno. */
int cache_open(struct cache **cache, size_t bytes) __attribute__((warn_unused_result));
void cache_free(struct cache *cache);

/* Fills *answer (retries 0, the TTLs less the time that has passed) and returns true when
 * the question's answer is known and has not expired. */
bool cache_find(struct cache *cache, const struct packet_question *question,
                uint32_t now_s, struct dns_answer *answer);

/* Copies the answer, in place of an older one to the same question, unless it may not be
 * kept or is too large. Returns how many answers that had not expired had to go for it. */
unsigned cache_insert(struct cache *cache, const struct packet_question *question,
                      uint32_t now_s, const struct dns_answer *answer);

#endif
