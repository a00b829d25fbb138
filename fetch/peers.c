#include "fetch/peers.h"

#include <stdlib.h>
#include <string.h>

void peers_init(struct peers *peers, uint32_t limit)
{
    for (size_t i = 0; i < PEERS_BUCKETS; i++) {
        LIST_INIT(&peers->buckets[i]);
    }
    TAILQ_INIT(&peers->failed);
    peers->failed_count = 0;
    peers->limit = limit;
}

static void free_unneeded(struct peer *peer)
{
    if (peer->users == 0 && peer->failures == 0) {
        LIST_REMOVE(peer, link);
        free(peer);
    }
}

/* It has failed. */
static void forget(struct peers *peers, struct peer *peer)
{
    TAILQ_REMOVE(&peers->failed, peer, failed_link);
    peers->failed_count--;
    peer->failures = 0;
}

void peers_close(struct peers *peers)
{
    for (size_t i = 0; i < PEERS_BUCKETS; i++) {
        struct peer *peer = LIST_FIRST(&peers->buckets[i]);
        while (peer != NULL) {
            struct peer *next = LIST_NEXT(peer, link);
            free(peer);
            peer = next;
        }
    }
}

static bool is_same(const struct peer *peer, const struct fetch_address *address,
                    uint16_t port)
{
    return peer->port == port && peer->address.family == address->family &&
           memcmp(peer->address.bytes, address->bytes, address->family == 4 ? 4 : 16) ==
               0;
}

/* FNV-1a. */
static struct peer_bucket *bucket_of(struct peers *peers,
                                     const struct fetch_address *address, uint16_t port)
{
    uint32_t hash = UINT32_C(2166136261) ^ port;
    for (size_t i = 0; i < (address->family == 4 ? 4U : 16U); i++) {
        hash = (hash ^ address->bytes[i]) * UINT32_C(16777619);
    }
    return &peers->buckets[hash % PEERS_BUCKETS];
}

struct peer *peers_take(struct peers *peers, const struct fetch_address *address,
                        uint16_t port)
{
    struct peer_bucket *bucket = bucket_of(peers, address, port);
    struct peer *peer = NULL;
    LIST_FOREACH(peer, bucket, link)
    {
        if (is_same(peer, address, port)) {
            peer->users++;
            return peer;
        }
    }
    peer = calloc(1, sizeof *peer);
    if (peer != NULL) {
        peer->address = *address;
        peer->port = port;
        peer->users = 1;
        LIST_INSERT_HEAD(bucket, peer, link);
    }
    return peer;
}

void peers_drop(struct peer *peer)
{
    if (peer != NULL) {
        peer->users--;
        free_unneeded(peer);
    }
}

bool peers_is_full(const struct peers *peers, const struct peer *peer)
{
    return peer != NULL && peers->limit > 0 && peer->running >= peers->limit;
}

void peers_begin(struct peer *peer)
{
    if (peer != NULL) {
        peer->running++;
    }
}

void peers_end(struct peer *peer)
{
    if (peer != NULL) {
        peer->running--;
    }
}

static bool is_recent(const struct peer *peer, uint64_t now_ms)
{
    uint64_t kept_ms =
        peer->failure == FETCH_TCP_REFUSED ? PEERS_REFUSED_MS : PEERS_FAILED_MS;
    return peer->failures > 0 && now_ms - peer->failed_ms < kept_ms;
}

void peers_connected(struct peers *peers, struct peer *peer)
{
    if (peer != NULL && peer->failures > 0) {
        forget(peers, peer);
    }
}

void peers_failed(struct peers *peers, struct peer *peer, enum fetch_error error,
                  uint64_t now_ms)
{
    if (peer == NULL) {
        return;
    }
    uint32_t failures = is_recent(peer, now_ms) ? peer->failures : 0;
    peers_connected(peers, peer); /* a new entry, at the end */
    peer->failures = failures + 1;
    peer->failure = error;
    peer->failed_ms = now_ms;
    TAILQ_INSERT_TAIL(&peers->failed, peer, failed_link);
    if (++peers->failed_count > PEERS_FAILED_MAX) {
        struct peer *oldest = TAILQ_FIRST(&peers->failed);
        forget(peers, oldest);
        free_unneeded(oldest);
    }
}

enum fetch_error peers_failure(const struct peer *peer, uint64_t now_ms)
{
    bool is_unreachable =
        peer != NULL && peer->failures >= PEERS_FAILURES && is_recent(peer, now_ms);
    return is_unreachable ? peer->failure : FETCH_OK;
}
