/* Policy fetches through fetch.h, as scan makes them, so many at a time (bench/README.md).
 *
 *   https-load [-c CA_FILE] [-w WINDOW] [-n COUNT] FILE     FILE: lines "HOST ADDRESS"
 *
 * Prints "ok=N failed=N count=N seconds=S cpu_s=S rss_kib=N"; 1 where a fetch failed, with
 * the first failure on standard error.
 */
#include "bench/load.h"
#include "fetch/fetch.h"

#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#define PATH "/.well-known/mta-sts.txt"
#define TIMEOUT_MS 20000

struct https_load {
    struct load load;
    struct fetcher *fetcher;
    size_t ok, failed;
};

static void on_result(void *arg, uint32_t tag, const struct fetch_result *result)
{
    struct https_load *https = arg;
    (void)tag;
    if (result->stage == FETCH_STAGE_OK && result->body_len > 0) {
        https->ok++;
    } else if (https->failed++ == 0) {
        fprintf(stderr, "https-load: %s, status %d, %zu bytes\n",
                fetch_error_text(result->error), result->http_status, result->body_len);
    }
    load_done(&https->load);
}

static void ask(void *arg, const struct load_pair *pair)
{
    struct https_load *https = arg;
    struct fetch_request request = {
        .host = pair->first, .path = PATH, .address_count = 1};
    bool is_v6 = strchr(pair->second, ':') != NULL;
    request.addresses[0].family = is_v6 ? 6 : 4;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, pair->second, request.addresses[0].bytes) !=
        1) {
        fprintf(stderr, "https-load: not an address: '%s'\n", pair->second);
        exit(2);
    }
    fetcher_get(https->fetcher, &request, on_result, https, 0);
}

static int run(struct https_load *https, struct fetcher_config *config)
{
    uv_loop_t loop;
    char error[FETCH_ERROR_LEN];
    uv_loop_init(&loop);
    if (fetcher_open(&https->fetcher, &loop, config, error) != 0) {
        fprintf(stderr, "https-load: %s\n", error);
        return 1;
    }
    load_run(&https->load, &loop);
    printf("ok=%zu failed=%zu ", https->ok, https->failed);
    load_print(&https->load);
    fetcher_close(https->fetcher);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return https->failed == 0 && https->ok == https->load.count ? 0 : 1;
}

static int usage(void)
{
    fputs("usage: https-load [-c CA_FILE] [-w WINDOW] [-n COUNT] FILE\n", stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct https_load https = {.load = {.ask = ask, .window = 16, .count = 10000}};
    struct fetcher_config config = {.user_agent = "mailcensus-bench",
                                    .allow_special = true,
                                    .timeout_ms = TIMEOUT_MS};
    int option;
    https.load.arg = &https;
    while ((option = getopt(argc, argv, "c:n:w:")) != -1) {
        switch (option) {
        case 'c':
            config.ca_file = optarg;
            break;
        case 'n':
            https.load.count = load_number(optarg, "-n");
            break;
        case 'w':
            https.load.window = load_number(optarg, "-w");
            break;
        default:
            return usage();
        }
    }
    if (optind + 1 != argc) {
        return usage();
    }
    int rc = load_read(&https.load, argv[optind]);
    if (rc != 0) {
        fprintf(stderr, "https-load: %s: %s\n", argv[optind], strerror(-rc));
        return 1;
    }
    config.window = (uint32_t)https.load.window;
    signal(SIGPIPE, SIG_IGN);
    rc = run(&https, &config);
    load_free(&https.load);
    return rc;
}
