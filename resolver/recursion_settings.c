/* How libunbound is set up for a census. */
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "resolver/blocklist.h"
#include "resolver/recursion.h"

#define SOCKETS_MIN 64
#define TCP_CONNECTIONS 128 /* 64 KiB of buffer each */
/* Delegations and the addresses of name servers: without them they would be learned anew
 * for every name. */
#define RRSET_CACHE_BYTES (32U << 20)
/* Answers are remembered before they come here (cache.h). */
#define MESSAGE_CACHE_BYTES (64U << 10)
#define KEY_CACHE_BYTES (4U << 20)

static int option_set(struct ub_ctx *context, const struct engine_start *start,
                      const char *name, const char *value)
{
    int code = ub_ctx_set_option(context, name, value);

    return code == 0 ? 0
                     : engine_fail(start->error, EINVAL, "libunbound: %s %s: %s", name,
                                   value, ub_strerror(code));
}

static int number_set(struct ub_ctx *context, const struct engine_start *start,
                      const char *name, size_t value)
{
    char text[32];

    snprintf(text, sizeof text, "%zu", value);
    return option_set(context, start, name, text);
}

static size_t at_most(size_t count, size_t most)
{
    return count < most ? count : most;
}

static size_t descriptor_count(const struct resolver_config *config)
{
    struct rlimit limit = {.rlim_cur = 1024};

    (void)getrlimit(RLIMIT_NOFILE, &limit);
    return config->descriptors ? config->descriptors : limit.rlim_cur / 2;
}

/* Every question on its way to a server holds a socket of its own; questions beyond
 * wait inside libunbound. */
static int sizes_set(struct ub_ctx *context, const struct engine_start *start)
{
    const struct resolver_config *config = start->config;
    size_t descriptors = descriptor_count(config);
    size_t connections = at_most(TCP_CONNECTIONS, descriptors / 4);
    size_t sockets = config->window < SOCKETS_MIN ? SOCKETS_MIN : config->window;
    const struct {
        const char *name;
        size_t value;
    } sizes[] = {
        {"outgoing-range:", at_most(sockets, descriptors - connections)},
        {"num-queries-per-thread:", config->window ? config->window : 1},
        {"outgoing-num-tcp:", connections},
        {"rrset-cache-size:", RRSET_CACHE_BYTES},
        {"msg-cache-size:", MESSAGE_CACHE_BYTES},
        {"edns-buffer-size:", 1232},
        {"infra-cache-numhosts:", 100000},
        {"key-cache-size:", KEY_CACHE_BYTES},
    };
    int code = 0;

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0] && code == 0; i++) {
        code = number_set(context, start, sizes[i].name, sizes[i].value);
    }
    return code;
}

/* True when there is a way to the IPv6 internet: connecting a UDP socket asks the
 * routing table and sends nothing. Without one every other server would cost a failed
 * attempt. */
static bool has_ipv6_route(void)
{
    struct sockaddr_in6 to = {.sin6_family = AF_INET6, .sin6_port = htons(53)};
    int fd = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    to.sin6_addr.s6_addr[0] = 0x20; /* 2000::/3 is all there is of it (RFC 3587) */
    to.sin6_addr.s6_addr[1] = 0x01;
    to.sin6_addr.s6_addr[2] = 0x05;
    bool has_route = fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0;
    if (fd >= 0) {
        close(fd);
    }
    return has_route;
}

/* Why each: a census asks each name once or twice, millions of names, and must neither
 * ask a server more than needed nor wait for dead ones.
 * - qname-minimisation hides names from servers above; it costs questions, and what we
 *   ask is no secret of a person.
 * - target-fetch-policy 0: do not look up addresses of name servers beyond the one
 *   needed.
 * - infra-cache-max-rtt ends the doubling of time-outs (from 376 ms; the default is two
 *   minutes): a server silent for some 3 s counts as dead and its domains get SERVFAIL
 *   at once, but only for infra-host-ttl, lest one burst of loss condemn a TLD's or a big
 *   operator's domains for 15 minutes.
 * - outbound-msg-retry: attempts at one server within one question. */
static int policy_set(struct ub_ctx *context, const struct engine_start *start)
{
    const struct resolver_config *config = start->config;
    const struct {
        const char *name;
        const char *value;
    } policy[] = {
        {"qname-minimisation:", "no"},
        {"target-fetch-policy:", "0 0 0 0 0"},
        {"infra-cache-max-rtt:", "2000"},
        {"infra-host-ttl:", "20"},
        {"outbound-msg-retry:", "3"},
        {"minimal-responses:", "yes"},
        {"do-ip6:", config->allow_special || has_ipv6_route() ? "yes" : "no"},
        {"do-not-query-localhost:", config->allow_special ? "no" : "yes"},
        /* Private roots are not signed by the keys of the real ones: nothing would
         * validate. */
        {"module-config:", config->root_hints ? "iterator" : "validator iterator"},
    };
    int code = 0;

    for (size_t i = 0; i < sizeof policy / sizeof policy[0] && code == 0; i++) {
        code = option_set(context, start, policy[i].name, policy[i].value);
    }
    return code;
}

/* The root's key signing keys of 2017 and 2024 (https://data.iana.org/root-anchors/). */
static int anchors_set(struct ub_ctx *context, const struct engine_start *start)
{
    static const char *const anchors[] = {
        ". IN DS 20326 8 2 "
        "E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D",
        ". IN DS 38696 8 2 "
        "683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16",
    };

    for (size_t i = 0; i < sizeof anchors / sizeof anchors[0]; i++) {
        int code = ub_ctx_add_ta(context, anchors[i]);
        if (code != 0) {
            return engine_fail(start->error, EINVAL, "root key: %s, or memory is short",
                               ub_strerror(code));
        }
    }
    return 0;
}

/* Roots given by the user are no targets: they may stand in a range that is closed
 * otherwise. */
static int roots_exempt(struct blocklist *blocklist, const char *path)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    int code = 0;

    if (!file) {
        return -errno;
    }
    while (code == 0 && fgets(line, sizeof line, file)) {
        struct blocklist_cidr address;
        line[strcspn(line, ";\r\n")] = '\0';
        char *last = NULL;
        char *rest = NULL;
        for (char *word = strtok_r(line, " \t", &rest); word;
             word = strtok_r(NULL, " \t", &rest)) {
            last = word;
        }
        if (last && !strchr(last, '/') && blocklist_cidr_set(&address, last)) {
            code = blocklist_exempt(blocklist, &address);
        }
    }
    fclose(file);
    return code;
}

static int roots_set(struct ub_ctx *context, const struct engine_start *start,
                     struct blocklist *blocklist)
{
    const char *path = start->config->root_hints;

    if (!path) {
        return anchors_set(context, start);
    }
    int code = roots_exempt(blocklist, path);
    if (code != 0) {
        return engine_fail(start->error, -code, "root hints %s: %s", path,
                           strerror(-code));
    }
    return option_set(context, start, "root-hints:", path);
}

static int addresses_close(struct ub_ctx *context, const struct engine_start *start,
                           const struct blocklist *blocklist)
{
    int code = 0;

    for (size_t i = 0; i < blocklist->len && code == 0; i++) {
        char text[BLOCKLIST_TEXT_MAX];
        blocklist_cidr_text(&blocklist->cidrs[i], text);
        code = option_set(context, start, "do-not-query-address:", text);
    }
    return code;
}

static int addresses_set(struct ub_ctx *context, const struct engine_start *start)
{
    const struct resolver_config *config = start->config;
    struct blocklist blocklist = {0};
    int code = 0;

    if (config->blocklist_file) {
        code = blocklist_read(config->blocklist_file, &blocklist, start->error,
                              RESOLVER_ERROR_LEN);
    }
    if (code == 0) {
        code = blocklist_add_embedded(&blocklist);
    }
    if (code == 0 && !config->allow_special) {
        code = blocklist_add_special(&blocklist);
    }
    if (code == 0) {
        code = roots_set(context, start, &blocklist);
    }
    if (code == 0) {
        code = addresses_close(context, start, &blocklist);
    }
    blocklist_free(&blocklist);
    return code;
}

int recursion_settings(struct ub_ctx *context, const struct engine_start *start)
{
    int code = sizes_set(context, start);

    code = code != 0 ? code : policy_set(context, start);
    return code != 0 ? code : addresses_set(context, start);
}
