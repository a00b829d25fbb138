/* One fetch from fetcher_get to its result: what was asked, which addresses may be tried,
 * the attempt under way and the best one so far.
 */
#ifndef FETCH_REQUEST_H
#define FETCH_REQUEST_H

#include "fetch/peers.h"
#include "fetch/transfer.h"

#include <sys/queue.h>

struct request {
    TAILQ_ENTRY(request) link; /* in exactly one list, or in the pool */
    char host[FETCH_HOST_MAX + 1], path[FETCH_PATH_MAX + 1];
    uint16_t port;
    bool is_valid;
    size_t address_count, address_next; /* the allowed ones only */
    struct fetch_address addresses[FETCH_ADDRESSES_MAX];
    struct peer *peer;   /* of the address tried, or the next one; NULL: unknown */
    uint64_t begun_ns;   /* of the first attempt; 0 = none yet */
    uint64_t attempt_ms; /* when the attempt under way began, by the stopwatch */
    uint64_t left_ms;
    uint64_t
        short_since_ms; /* our machine lacks what a connection needs; 0 = it does not */
    struct transfer *running, *best; /* from the fetcher's pool */
    fetcher_on_result *on_result;
    void *arg;
    uint32_t tag;
};

TAILQ_HEAD(request_list, request);

void request_init(struct request *request, const struct fetch_request *from,
                  const struct address_guard *guard);
/* The next address and the time it may take: an even share of what is left. */
uint64_t request_next(struct request *request, struct transfer_target *target);
bool request_has_next(const struct request *request);
/* The running transfer has ended: the better of it and best stays, the other is returned
 * (or NULL) for the pool. */
struct transfer *request_settle(struct request *request, uint64_t now_ms);
/* All but tls and duration_ms. */
void request_result(const struct request *request, struct fetch_result *result);

#endif
