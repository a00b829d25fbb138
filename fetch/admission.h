/* Who may start when: requests wait for the window, then each attempt for the rate, both
 * first come, first served; an admitted request's next attempt goes before new requests.
 * A request whose address has its share of connections, or may not be connected to as often,
 * is passed over; one whose address lately failed has its attempt's verdict at once. Where
 * our own machine runs short (shortage.h) all wait a little and the attempt is made again; a
 * request that has waited for two minutes ends as it stands.
 */
#ifndef FETCH_ADMISSION_H
#define FETCH_ADMISSION_H

#include "fetch/peers.h"
#include "fetch/request.h"

struct fetcher {
    struct transfer_context context;
    uv_loop_t *loop;
    uv_timer_t pump; /* starts attempts: at once, or when the rate allows the next */
    fetcher_take_turn *take_turn;
    void *turns;
    struct peers peers;
    struct request_list waiting; /* for the window */
    struct request_list ready;   /* admitted, wait for the next attempt's turn */
    struct request_list running;
    struct request_list spare_requests;
    struct transfer *spare_transfers;
    uint32_t window, under_way;
    uint64_t short_until_ms; /* our machine ran short: nothing starts before */
    uint32_t timeout_ms;
    size_t handle_count; /* uv handles not yet closed; the multi counts as one */
    bool is_closing;
    struct fetcher_stats stats;
    struct tls_facts facts;
};

/* Of every transfer: settles its request, which goes on to the next address or ends. */
void admission_on_end(struct transfer *transfer);
/* The fetcher is closing: every request ends now. */
void admission_end_all(struct fetcher *fetcher);

#endif
