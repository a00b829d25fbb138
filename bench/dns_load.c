/* DNS questions through resolver.h, as scan asks them, so many at a time (bench/README.md).
 *
 *   dns-load [-w WINDOW] [-n COUNT] [-t TIMEOUT_MS] [-r RETRIES] SERVERS FILE
 *
 * SERVERS: as --name-servers; FILE: lines "NAME TYPE", gone through COUNT / lines times
 * (once where -n is not given). Nothing is cached.
 * Prints "ok=N … timeout=N … lost=N sent=N again=N count=N seconds=S cpu_s=S rss_kib=N":
 * answers by status, those that never came, queries sent, those of them sent again. 1
 * where something was lost.
 */
#include "bench/load.h"
#include "resolver/resolver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <uv.h>

struct dns_load {
    struct load load;
    struct resolver *resolver;
    enum dns_type *types; /* of each pair */
    uint64_t by_status[DNS_CNAME_LOOP + 1];
};

static void on_answer(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct dns_load *dns = arg;
    (void)tag;
    dns->by_status[answer->status]++;
    load_done(&dns->load);
}

static void ask(void *arg, const struct load_pair *pair)
{
    struct dns_load *dns = arg;
    resolver_ask(dns->resolver, pair->first, dns->types[pair - dns->load.pairs],
                 on_answer, dns, 0);
}

static enum dns_type type_of(const char *text)
{
    static const struct {
        const char *text;
        enum dns_type type;
    } types[] = {{"A", DNS_A},   {"AAAA", DNS_AAAA}, {"CNAME", DNS_CNAME}, {"MX", DNS_MX},
                 {"NS", DNS_NS}, {"PTR", DNS_PTR},   {"TXT", DNS_TXT},     {"", DNS_TXT}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcasecmp(text, types[i].text) == 0) {
            return types[i].type;
        }
    }
    fprintf(stderr, "dns-load: unknown type '%s'\n", text);
    exit(2);
}

static int read_questions(struct dns_load *dns, const char *path)
{
    int rc = load_read(&dns->load, path);
    if (rc != 0) {
        fprintf(stderr, "dns-load: %s: %s\n", path, strerror(-rc));
        return 1;
    }
    dns->types = calloc(dns->load.pair_count, sizeof *dns->types);
    if (dns->types == NULL) {
        return 1;
    }
    for (size_t i = 0; i < dns->load.pair_count; i++) {
        dns->types[i] = type_of(dns->load.pairs[i].second);
    }
    if (dns->load.count == 0) {
        dns->load.count = dns->load.pair_count;
    }
    return 0;
}

/* What was never answered. */
static uint64_t print(const struct dns_load *dns)
{
    const struct resolver_stats *stats = resolver_stats(dns->resolver);
    uint64_t lost = dns->by_status[DNS_TIMEOUT] + dns->by_status[DNS_NETWORK];
    for (enum dns_status status = DNS_OK; status <= DNS_CNAME_LOOP; status++) {
        printf("%s=%llu ", dns_status_text(status),
               (unsigned long long)dns->by_status[status]);
    }
    printf("lost=%llu sent=%llu again=%llu ", (unsigned long long)lost,
           (unsigned long long)stats->queries, (unsigned long long)stats->retries);
    load_print(&dns->load);
    return lost;
}

static int run(struct dns_load *dns, const struct resolver_config *config)
{
    uv_loop_t loop;
    char error[RESOLVER_ERROR_LEN];
    uv_loop_init(&loop);
    if (resolver_open(&dns->resolver, &loop, config, error) != 0) {
        fprintf(stderr, "dns-load: %s\n", error);
        return 1;
    }
    load_run(&dns->load, &loop);
    uint64_t lost = print(dns);
    resolver_close(dns->resolver);
    uv_run(&loop, UV_RUN_DEFAULT);
    uv_loop_close(&loop);
    return lost == 0 && dns->load.done == dns->load.count ? 0 : 1;
}

static int usage(void)
{
    fputs("usage: dns-load [-w WINDOW] [-n COUNT] [-t TIMEOUT_MS] [-r RETRIES] SERVERS "
          "FILE\n",
          stderr);
    return 2;
}

int main(int argc, char **argv)
{
    struct dns_load dns = {.load = {.ask = ask, .window = 1000}};
    struct resolver_config config = {
        .timeout_ms = 2000, .retries = 3, .allow_special = true};
    int option;
    dns.load.arg = &dns;
    while ((option = getopt(argc, argv, "n:r:t:w:")) != -1) {
        switch (option) {
        case 'n':
            dns.load.count = load_number(optarg, "-n");
            break;
        case 'r':
            config.retries =
                strcmp(optarg, "0") == 0 ? 0 : (uint32_t)load_number(optarg, "-r");
            break;
        case 't':
            config.timeout_ms = (uint32_t)load_number(optarg, "-t");
            break;
        case 'w':
            dns.load.window = load_number(optarg, "-w");
            break;
        default:
            return usage();
        }
    }
    if (optind + 2 != argc) {
        return usage();
    }
    config.name_servers = argv[optind];
    config.window = (uint32_t)dns.load.window;
    if (read_questions(&dns, argv[optind + 1]) != 0) {
        return 1;
    }
    int rc = run(&dns, &config);
    free(dns.types);
    load_free(&dns.load);
    return rc;
}
