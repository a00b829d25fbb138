#include "fetch/admission.h"
#include "fetch/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_context(struct fetcher *fetcher, const struct fetcher_config *config,
                        char error[FETCH_ERROR_LEN])
{
    struct transfer_context *context = &fetcher->context;
    int result = address_guard_init(&context->guard, config->blocklist_file,
                                    config->allow_special, error);
    if (result < 0) {
        return result;
    }
    result = tls_store_open(&context->store, config->ca_file, error);
    if (result < 0) {
        return result;
    }
    context->signatures = signature_memo_open(context->store);
    context->user_agent =
        strdup(config->user_agent != NULL ? config->user_agent : "mailcensus");
    bool is_whole = context->signatures != NULL && context->user_agent != NULL;
    result = is_whole && !memory_is_lacking() ? 0 : -ENOMEM;
    if (result == 0) {
        result = transfer_context_open(context, fetcher->loop);
    }
    if (result < 0) {
        snprintf(error, FETCH_ERROR_LEN, "%s", strerror(-result));
    }
    return result;
}

static void free_fetcher(struct fetcher *fetcher)
{
    struct request *request = NULL;
    while ((request = TAILQ_FIRST(&fetcher->spare_requests)) != NULL) {
        TAILQ_REMOVE(&fetcher->spare_requests, request, link);
        free(request);
    }
    peers_close(&fetcher->peers);
    free(fetcher->context.user_agent);
    X509_STORE_free(fetcher->context.store);
    signature_memo_free(fetcher->context.signatures);
    address_guard_close(&fetcher->context.guard);
    free(fetcher);
    curl_global_cleanup();
}

static void set_up(struct fetcher *fetcher, uv_loop_t *loop,
                   const struct fetcher_config *config)
{
    fetcher->loop = loop;
    fetcher->context.owner = fetcher;
    fetcher->context.on_end = admission_on_end;
    fetcher->window = config->window > 0 ? config->window : 1;
    fetcher->timeout_ms = config->timeout_ms > 0 ? config->timeout_ms : 1;
    fetcher->take_turn = config->take_turn;
    fetcher->turns = config->turns;
    peers_init(&fetcher->peers, config->per_address);
    TAILQ_INIT(&fetcher->waiting);
    TAILQ_INIT(&fetcher->ready);
    TAILQ_INIT(&fetcher->running);
    TAILQ_INIT(&fetcher->spare_requests);
}

int fetcher_open(struct fetcher **fetcher, struct uv_loop_s *loop,
                 const struct fetcher_config *config, char error[FETCH_ERROR_LEN])
{
    error[0] = '\0';
    if (memory_init_curl() != 0) {
        snprintf(error, FETCH_ERROR_LEN, "libcurl cannot be initialised%s",
                 memory_is_lacking() ? ": out of memory" : "");
        return -EIO;
    }
    struct fetcher *opened = calloc(1, sizeof *opened);
    if (opened == NULL) {
        curl_global_cleanup();
        snprintf(error, FETCH_ERROR_LEN, "%s", strerror(ENOMEM));
        return -ENOMEM;
    }
    set_up(opened, loop, config);
    int result = open_context(opened, config, error);
    if (result < 0) {
        free_fetcher(opened);
        return result;
    }
    uv_timer_init(loop, &opened->pump);
    opened->pump.data = opened;
    opened->context.stopwatch.beat.data = opened;
    opened->handle_count = 3; /* pump, multi and stopwatch */
    *fetcher = opened;
    return 0;
}

static void handle_gone(struct fetcher *fetcher)
{
    if (--fetcher->handle_count == 0) {
        free_fetcher(fetcher);
    }
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_gone(handle->data);
}

static void on_multi_closed(void *arg)
{
    struct transfer_context *context = arg;
    handle_gone(context->owner);
}

static void on_transfer_closed(uv_handle_t *handle)
{
    struct transfer *transfer = handle->data;
    struct fetcher *fetcher = transfer->context->owner;
    free(transfer);
    handle_gone(fetcher);
}

void fetcher_close(struct fetcher *fetcher)
{
    fetcher->is_closing = true;
    admission_end_all(fetcher);
    while (fetcher->spare_transfers != NULL) {
        struct transfer *transfer = fetcher->spare_transfers;
        fetcher->spare_transfers = transfer->next;
        transfer_close(transfer, on_transfer_closed);
    }
    multi_close(&fetcher->context.multi, on_multi_closed);
    uv_close((uv_handle_t *)&fetcher->pump, on_timer_closed);
    uv_close((uv_handle_t *)&fetcher->context.stopwatch.beat, on_timer_closed);
}

const struct fetcher_stats *fetcher_stats(const struct fetcher *fetcher)
{
    return &fetcher->stats;
}
