#include "scanner/network.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

#define QUESTIONS_AT_ONCE 256
#define FETCHES_AT_ONCE 16

struct network {
    uv_loop_t loop;
    struct resolver *resolver;
    struct fetcher *fetcher;
};

static int complain(const char *what)
{
    fprintf(stderr, "mailcensus: %s\n", what);
    return EXIT_FAILURE;
}

static int check_name_servers(const char *name_servers)
{
    char error[RESOLVER_ERROR_LEN];
    if (name_servers == NULL || resolver_check_name_servers(name_servers, error) == 0) {
        return EXIT_SUCCESS;
    }
    fprintf(stderr, "mailcensus: --name-servers: %s\n", error);
    return EXIT_USAGE;
}

static int open_resolver(struct network *network, const struct options *options)
{
    char error[RESOLVER_ERROR_LEN];
    struct resolver_config config = {
        .name_servers = options->name_servers,
        .root_hints = options->root_hints,
        .allow_special = options->allow_special_addresses,
        .timeout_ms = (uint32_t)options->timeout_ms,
        .retries = (uint32_t)options->retries,
        .window = QUESTIONS_AT_ONCE,
        .cache_bytes = options->cache_bytes,
    };
    int rc = resolver_open(&network->resolver, &network->loop, &config, error);
    return rc == 0 ? EXIT_SUCCESS : complain(error);
}

static int open_fetcher(struct network *network, const struct options *options)
{
    char error[FETCH_ERROR_LEN];
    struct fetcher_config config = {
        .ca_file = options->ca_file,
        .user_agent = options->user_agent,
        .allow_special = options->allow_special_addresses,
        .timeout_ms = (uint32_t)options->https_timeout_ms,
        .window = FETCHES_AT_ONCE,
        .per_address = FETCH_PER_ADDRESS,
    };
    int rc = fetcher_open(&network->fetcher, &network->loop, &config, error);
    return rc == 0 ? EXIT_SUCCESS : complain(error);
}

int network_open(struct network **out, const struct options *options)
{
    int status = check_name_servers(options->name_servers);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    struct network *network = calloc(1, sizeof *network);
    if (network == NULL || uv_loop_init(&network->loop) != 0) {
        free(network);
        return complain("out of memory");
    }
    status = open_resolver(network, options);
    status = status == EXIT_SUCCESS ? open_fetcher(network, options) : status;
    if (status != EXIT_SUCCESS) {
        network_close(network);
        return status;
    }
    *out = network;
    return EXIT_SUCCESS;
}

static void ask(void *arg, const char *name, enum dns_type type,
                resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct network *network = arg;
    resolver_ask(network->resolver, name, type, on_answer, job, tag);
}

static void ask_briefly(void *arg, const char *name, enum dns_type type,
                        resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct network *network = arg;
    resolver_ask_briefly(network->resolver, name, type, on_answer, job, tag);
}

static void get(void *arg, const struct fetch_request *request,
                fetcher_on_result *on_result, void *job, uint32_t tag)
{
    struct network *network = arg;
    fetcher_get(network->fetcher, request, on_result, job, tag);
}

struct job_net network_job_net(struct network *network)
{
    return (struct job_net){network, ask, get, resolver_engine(network->resolver),
                            ask_briefly};
}

void network_run(struct network *network)
{
    while (!network_lacks_memory(network) && uv_run(&network->loop, UV_RUN_ONCE) != 0) {
    }
}

bool network_lacks_memory(const struct network *network)
{
    return resolver_lacks_memory(network->resolver) || fetcher_lacks_memory();
}

void network_close(struct network *network)
{
    if (network == NULL) {
        return;
    }
    if (network->resolver != NULL) {
        resolver_close(network->resolver);
    }
    if (network->fetcher != NULL) {
        fetcher_close(network->fetcher);
    }
    uv_run(&network->loop, UV_RUN_DEFAULT);
    int rc = uv_loop_close(&network->loop);
    assert(rc == 0 && "no handle may be left open");
    (void)rc;
    free(network);
}
