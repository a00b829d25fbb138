#include "fetch/admission.h"

#include "fetch/memory.h"

#include <assert.h>
#include <stdlib.h>

#define TIMEOUT_CREDIBLE_MS 2000
#define SHORTAGE_WAIT_MS 50
/* A connection that has ended keeps its port for a minute (TIME_WAIT). */
#define SHORTAGE_MAX_MS 120000

static void on_pump(uv_timer_t *timer);

/* Nothing starts or ends inside fetcher_get or a callback: the pump does it from the
 * loop. */
static void pump_soon(struct fetcher *fetcher, uint64_t wait_ms)
{
    if (!fetcher->is_closing) {
        uv_timer_start(&fetcher->pump, on_pump, wait_ms, 0);
    }
}

static uint64_t now_ms(struct fetcher *fetcher)
{
    return stopwatch_now_ms(&fetcher->context.stopwatch);
}

static struct transfer *take_transfer(struct fetcher *fetcher)
{
    struct transfer *transfer = fetcher->spare_transfers;
    if (transfer != NULL) {
        fetcher->spare_transfers = transfer->next;
        return transfer;
    }
    transfer = transfer_open(&fetcher->context);
    fetcher->handle_count += transfer != NULL;
    return transfer;
}

static void return_transfer(struct fetcher *fetcher, struct transfer *transfer)
{
    if (transfer != NULL) {
        transfer_clear(transfer);
        transfer->next = fetcher->spare_transfers;
        fetcher->spare_transfers = transfer;
    }
}

static void count_result(struct fetcher *fetcher, const struct fetch_result *result)
{
    fetcher->stats.fetches++;
    fetcher->stats.bytes += result->body_len;
    fetcher->stats.by_stage[result->stage]++;
}

/* The request has left its list. */
static void finish(struct fetcher *fetcher, struct request *request)
{
    struct fetch_result result;
    request_result(request, &result);
    if (request->best != NULL) {
        tls_facts_read(&fetcher->facts, &request->best->tls, &result.tls);
    }
    if (request->begun_ns != 0) {
        result.duration_ms = (double)(uv_hrtime() - request->begun_ns) / 1e6;
        fetcher->under_way--;
    }
    count_result(fetcher, &result);
    request->on_result(request->arg, request->tag, &result);
    peers_drop(request->peer);
    return_transfer(fetcher, request->best);
    TAILQ_INSERT_HEAD(&fetcher->spare_requests, request, link);
    pump_soon(fetcher, 0);
}

/* At the address that is to be tried next. */
static void aim(struct fetcher *fetcher, struct request *request)
{
    peers_drop(request->peer);
    request->peer = NULL;
    if (request->address_next < request->address_count) {
        const struct fetch_address *address = &request->addresses[request->address_next];
        request->peer = peers_take(&fetcher->peers, address, request->port);
    }
}

/* A time-out says nothing when there was no time for a second SYN (RFC 6298, 2.1). */
static void note_peer(struct fetcher *fetcher, const struct request *request,
                      const struct transfer *transfer)
{
    peers_end(request->peer);
    bool is_hasty = transfer->is_timed_out &&
                    now_ms(fetcher) - request->attempt_ms < TIMEOUT_CREDIBLE_MS;
    if (transfer->tls.is_begun) {
        peers_connected(&fetcher->peers, request->peer);
    } else if (transfer->is_address_dead && !is_hasty) {
        peers_failed(&fetcher->peers, request->peer, transfer->error,
                     uv_now(fetcher->loop));
    }
}

static bool may_wait_for_machine(struct fetcher *fetcher, struct request *request)
{
    uint64_t now = now_ms(fetcher);
    if (request->short_since_ms == 0) {
        request->short_since_ms = now;
    }
    return !fetcher->is_closing && now - request->short_since_ms < SHORTAGE_MAX_MS;
}

/* As if the attempt had not been. */
static void wait_for_machine(struct fetcher *fetcher, struct request *request,
                             struct transfer *transfer)
{
    fetcher->stats.connections--;
    fetcher->stats.shortages++;
    fetcher->short_until_ms = now_ms(fetcher) + SHORTAGE_WAIT_MS;
    request->running = NULL;
    request->address_next--;
    return_transfer(fetcher, transfer);
    TAILQ_INSERT_TAIL(&fetcher->ready, request, link);
    pump_soon(fetcher, SHORTAGE_WAIT_MS);
}

void admission_on_end(struct transfer *transfer)
{
    struct request *request = transfer->owner;
    struct fetcher *fetcher = transfer->context->owner;
    TAILQ_REMOVE(&fetcher->running, request, link);
    if (!transfer->is_remembered) {
        note_peer(fetcher, request, transfer);
    }
    if (transfer->is_shortage && may_wait_for_machine(fetcher, request)) {
        wait_for_machine(fetcher, request, transfer);
        return;
    }
    return_transfer(fetcher, request_settle(request, now_ms(fetcher)));
    if (request->best->stage == FETCH_STAGE_OK || !request_has_next(request) ||
        fetcher->is_closing) {
        finish(fetcher, request);
        return;
    }
    aim(fetcher, request);
    TAILQ_INSERT_TAIL(&fetcher->ready, request, link);
    pump_soon(fetcher, 0);
}

static void admit(struct fetcher *fetcher, struct request *request)
{
    if (request->begun_ns == 0) {
        request->begun_ns = uv_hrtime();
        request->left_ms = fetcher->timeout_ms;
        fetcher->under_way++;
    }
}

static enum fetch_error known_failure(const struct fetcher *fetcher,
                                      const struct request *request)
{
    return peers_failure(request->peer, uv_now(fetcher->loop));
}

static int connect_or_remember(struct fetcher *fetcher, struct request *request,
                               struct transfer *transfer)
{
    struct transfer_target target;
    enum fetch_error failure = known_failure(fetcher, request);
    uint64_t share_ms = request_next(request, &target);
    if (failure != FETCH_OK) {
        transfer_remember(transfer, &target, failure);
        fetcher->stats.remembered++;
        return 0;
    }
    int result = transfer_start(transfer, &target, share_ms);
    if (result == 0) {
        peers_begin(request->peer);
        fetcher->stats.connections++;
    }
    return result;
}

/* False: no memory for an attempt, which ends the request with what it has. */
static bool begin_attempt(struct fetcher *fetcher, struct request *request)
{
    struct transfer *transfer = take_transfer(fetcher);
    if (transfer == NULL) {
        return false;
    }
    transfer->owner = request;
    if (connect_or_remember(fetcher, request, transfer) < 0) {
        return_transfer(fetcher, transfer);
        return false;
    }
    request->running = transfer;
    request->attempt_ms = now_ms(fetcher);
    TAILQ_INSERT_TAIL(&fetcher->running, request, link);
    if (transfer->is_remembered) {
        admission_on_end(transfer);
    }
    return true;
}

/* Whether it may start; *wait_ns becomes less where only a rate is in the way. */
static bool is_free(struct fetcher *fetcher, const struct request *request,
                    uint64_t *wait_ns)
{
    if (peers_is_full(&fetcher->peers, request->peer)) {
        return false; /* the pump runs when one ends */
    }
    bool is_connection = request->address_next < request->address_count &&
                         known_failure(fetcher, request) == FETCH_OK;
    if (!is_connection || fetcher->take_turn == NULL) {
        return true;
    }
    uint64_t this_ns =
        fetcher->take_turn(fetcher->turns, &request->addresses[request->address_next]);
    *wait_ns = this_ns < *wait_ns ? this_ns : *wait_ns;
    return this_ns == 0;
}

/* What this returns is to be started: it has taken its turn. */
static struct request *first_free(struct fetcher *fetcher,
                                  const struct request_list *list, uint64_t *wait_ns)
{
    struct request *request = NULL;
    TAILQ_FOREACH(request, list, link)
    {
        if (is_free(fetcher, request, wait_ns)) {
            break;
        }
    }
    return request;
}

static struct request *next_request(struct fetcher *fetcher, struct request_list **list,
                                    uint64_t *wait_ns)
{
    *list = &fetcher->ready;
    struct request *request = first_free(fetcher, *list, wait_ns);
    if (request != NULL) {
        return request;
    }
    *list = &fetcher->waiting;
    request = fetcher->under_way < fetcher->window ? first_free(fetcher, *list, wait_ns)
                                                   : TAILQ_FIRST(*list);
    bool is_admissible = fetcher->under_way < fetcher->window ||
                         (request != NULL && request->address_count == 0);
    return is_admissible ? request : NULL;
}

static void on_pump(uv_timer_t *timer)
{
    struct fetcher *fetcher = timer->data;
    struct request_list *list = NULL;
    struct request *request = NULL;
    uint64_t wait_ns = UINT64_MAX, now = now_ms(fetcher);
    if (now < fetcher->short_until_ms) {
        pump_soon(fetcher, fetcher->short_until_ms - now);
        return;
    }
    while ((request = next_request(fetcher, &list, &wait_ns)) != NULL) {
        bool is_contact = request->address_count > 0;
        TAILQ_REMOVE(list, request, link);
        if (is_contact) {
            admit(fetcher, request);
        }
        if (!is_contact || !begin_attempt(fetcher, request)) {
            finish(fetcher, request);
        }
    }
    if (wait_ns > 0 && wait_ns != UINT64_MAX) {
        pump_soon(fetcher, wait_ns / 1000000 + 1);
    }
}

static struct request *take_request(struct fetcher *fetcher)
{
    struct request *request = TAILQ_FIRST(&fetcher->spare_requests);
    if (request != NULL) {
        TAILQ_REMOVE(&fetcher->spare_requests, request, link);
        return request;
    }
    return malloc(sizeof *request);
}

void fetcher_get(struct fetcher *fetcher, const struct fetch_request *request,
                 fetcher_on_result *on_result, void *arg, uint32_t tag)
{
    assert(!fetcher->is_closing);
    struct request *queued = take_request(fetcher);
    if (queued == NULL) {
        const struct fetch_result none = {.error = FETCH_TCP_TIMEOUT};
        memory_lack();
        count_result(fetcher, &none);
        on_result(arg, tag, &none);
        return;
    }
    request_init(queued, request, &fetcher->context.guard);
    aim(fetcher, queued);
    queued->on_result = on_result;
    queued->arg = arg;
    queued->tag = tag;
    TAILQ_INSERT_TAIL(&fetcher->waiting, queued, link);
    if (!uv_is_active((uv_handle_t *)&fetcher->pump)) {
        pump_soon(fetcher, 0);
    }
}

static void finish_all(struct fetcher *fetcher, struct request_list *list)
{
    struct request *request = NULL;
    while ((request = TAILQ_FIRST(list)) != NULL) {
        TAILQ_REMOVE(list, request, link);
        finish(fetcher, request);
    }
}

void admission_end_all(struct fetcher *fetcher)
{
    while (!TAILQ_EMPTY(&fetcher->running)) {
        transfer_expire(TAILQ_FIRST(&fetcher->running)->running);
    }
    finish_all(fetcher, &fetcher->ready);
    finish_all(fetcher, &fetcher->waiting);
}
