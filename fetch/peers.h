/* What is known of an address and port: how many connections to it are under way, and
 * that it could not be reached lately.
 *
 * Two failures in a row make a peer unreachable for a short time; a connection in between
 * forgets them, so that one lost packet or a restart is the matter of one fetch only.
 */
#ifndef FETCH_PEERS_H
#define FETCH_PEERS_H

#include "fetch/fetch.h"

#include <sys/queue.h>

#define PEERS_BUCKETS 256
#define PEERS_FAILED_MAX 1024 /* beyond, the oldest failure is forgotten */
#define PEERS_FAILURES 2      /* in a row, before a peer counts as unreachable */
/* A refusal costs a round trip to find out anew, a time-out seconds. */
#define PEERS_REFUSED_MS 2000
#define PEERS_FAILED_MS 10000

struct peer {
    LIST_ENTRY(peer) link;
    TAILQ_ENTRY(peer) failed_link; /* while failures > 0; oldest first */
    struct fetch_address address;
    uint16_t port;
    uint32_t users;   /* requests that aim at it */
    uint32_t running; /* connections */
    uint32_t failures;
    enum fetch_error failure; /* the last one */
    uint64_t failed_ms;
};

struct peers {
    LIST_HEAD(peer_bucket, peer) buckets[PEERS_BUCKETS];
    TAILQ_HEAD(peer_failed, peer) failed;
    size_t failed_count;
    uint32_t limit; /* connections to one peer; 0 = none */
};

void peers_init(struct peers *peers, uint32_t limit);
/* No user is left. */
void peers_close(struct peers *peers);

/* NULL: no memory. All functions below take it for a peer of which nothing is known. */
struct peer *peers_take(struct peers *peers, const struct fetch_address *address,
                        uint16_t port);
void peers_drop(struct peer *peer);

bool peers_is_full(const struct peers *peers, const struct peer *peer);
void peers_begin(struct peer *peer);
void peers_end(struct peer *peer);

void peers_connected(struct peers *peers, struct peer *peer);
void peers_failed(struct peers *peers, struct peer *peer, enum fetch_error error,
                  uint64_t now_ms);
/* FETCH_OK: it is worth a try. */
enum fetch_error peers_failure(const struct peer *peer, uint64_t now_ms);

#endif
