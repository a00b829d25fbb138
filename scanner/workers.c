#include "scanner/workers.h"

#include "fetch/fetch.h"
#include "resolver/resolver.h"
#include "scanner/options.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A domain asks some questions at once. */
#define QUESTIONS_A_DOMAIN 4
#define RECURSIONS_MAX 16384u
#define STUB_QUESTIONS_MAX 65536u

static uint32_t at_least_one(uint64_t value)
{
    return value > 0 ? (uint32_t)value : 1;
}

static uint64_t lesser(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

static uint64_t in_flight_each(const struct options *options)
{
    return (options->max_in_flight + options->workers - 1) / options->workers;
}

/* A question of the recursion holds a socket, so descriptors bound the window there. */
static struct resolver_config
resolver_share(struct workers *workers, const struct options *options, uint64_t fds_each)
{
    uint64_t sockets = fds_each * 3 / 4;
    uint64_t window_max = options->name_servers != NULL ? STUB_QUESTIONS_MAX
                                                        : lesser(sockets, RECURSIONS_MAX);
    return (struct resolver_config){
        .name_servers = options->name_servers,
        .root_hints = options->root_hints,
        .blocklist_file = options->blocklist_file,
        .allow_special = options->allow_special_addresses,
        .timeout_ms = (uint32_t)options->timeout_ms,
        .retries = (uint32_t)options->retries,
        .cache_bytes = options->cache_bytes,
        .descriptors = (uint32_t)(fds_each < UINT32_MAX ? sockets : 0),
        .window = at_least_one(
            lesser(in_flight_each(options) * QUESTIONS_A_DOMAIN, window_max)),
        .take_turn = pacing_take_query,
        .turns = &workers->pacing,
    };
}

static struct fetcher_config
fetcher_share(struct workers *workers, const struct options *options, uint64_t fds_each)
{
    uint64_t fetches = lesser(in_flight_each(options), 1024);
    return (struct fetcher_config){
        .ca_file = options->ca_file,
        .blocklist_file = options->blocklist_file,
        .user_agent = options->user_agent,
        .allow_special = options->allow_special_addresses,
        .timeout_ms = (uint32_t)options->https_timeout_ms,
        .window = at_least_one(lesser(fetches, fds_each / 8)),
        .per_address = at_least_one(FETCH_PER_ADDRESS / options->workers),
        .take_turn = pacing_take_connection,
        .turns = &workers->pacing,
    };
}

int workers_open(struct workers *workers, const struct options *options,
                 const struct workers_config *config, char error[WORKER_ERROR_LEN])
{
    struct resolver_config resolver = resolver_share(workers, options, config->fds_each);
    struct fetcher_config fetcher = fetcher_share(workers, options, config->fds_each);
    struct worker_config worker = {
        .verdict = config->verdict,
        .resolver = &resolver,
        .fetcher = &fetcher,
        .opt_out = config->opt_out,
        .max_in_flight = at_least_one(in_flight_each(options)),
        .feed = config->feed,
        .sink = config->sink,
        .stop = config->stop,
        .is_memory_short = &workers->is_memory_short,
    };
    pacing_init(&workers->pacing, options->dns_rate, options->https_rate,
                options->per_host_rate);
    workers->each = calloc(options->workers, sizeof(struct worker *));
    if (workers->each == NULL) {
        snprintf(error, WORKER_ERROR_LEN, "out of memory");
        return -ENOMEM;
    }
    for (uint64_t i = 0; i < options->workers; i++) {
        int rc = worker_open(&workers->each[i], &worker, error);
        if (rc != 0) {
            return rc;
        }
        workers->count++;
    }
    return 0;
}

int workers_start(struct workers *workers)
{
    int rc = 0;
    for (size_t i = 0; i < workers->count && rc == 0; i++) {
        rc = worker_start(workers->each[i]);
    }
    if (rc != 0) {
        atomic_store(&workers->is_memory_short, true); /* ends those before it at once */
    }
    return rc;
}

bool workers_are_done(const struct workers *workers)
{
    for (size_t i = 0; i < workers->count; i++) {
        if (!worker_is_done(workers->each[i])) {
            return false;
        }
    }
    return true;
}

uint32_t workers_in_flight(const struct workers *workers)
{
    uint32_t in_flight = 0;
    for (size_t i = 0; i < workers->count; i++) {
        in_flight += worker_in_flight(workers->each[i]);
    }
    return in_flight;
}

void workers_sum(const struct workers *workers, struct totals_counts *counts)
{
    memset(counts, 0, sizeof *counts);
    for (size_t i = 0; i < workers->count; i++) {
        totals_sum(worker_totals(workers->each[i]), counts);
    }
}

void workers_close(struct workers *workers)
{
    for (size_t i = 0; i < workers->count; i++) {
        worker_free(workers->each[i]);
    }
    free(workers->each);
}
