/* Configuration of the three nsd, of unbound and of lab-answer. */
#include "bench/lab/faults_home.h"

#include <string.h>

struct nsd {
    const char *name, *network;
    unsigned first, last; /* addresses */
};

static void start_nsd(struct text *config, const struct lab *lab, const struct nsd *nsd)
{
    text_add(config,
             "server:\n  server-count: 1\n  do-ip6: no\n  hide-version: yes\n"
             "  username: \"\"\n  chroot: \"\"\n  pidfile: \"\"\n  database: \"\"\n"
             "  zonefiles-check: no\n  zonefiles-write: 0\n  rrl-size: 16\n"
             "  rrl-ratelimit: 0\n  rrl-whitelist-ratelimit: 0\n"
             "  tcp-count: 1000\n  round-robin: no\n  minimal-responses: yes\n");
    text_format(config,
                "  zonesdir: \"%s\"\n  xfrdir: \"%s\"\n  xfrdfile: \"%s/%s.xfrd\"\n"
                "  zonelistfile: \"%s/%s.zones\"\n",
                lab->directory, lab->directory, lab->directory, nsd->name, lab->directory,
                nsd->name);
    for (unsigned i = nsd->first; i <= nsd->last; i++) {
        text_format(config, "  ip-address: %s.%u@%u\n", nsd->network, i, lab->dns_port);
    }
    text_add(config, "remote-control:\n  control-enable: no\n");
}

static void add_zone(struct text *config, const char *zone)
{
    char path[512];
    zones_path(path, sizeof path, zone);
    text_format(config, "zone:\n  name: \"%s\"\n  zonefile: \"%s\"\n", zone, path);
}

static void save_nsd(struct text *config, const struct lab *lab, const char *name)
{
    char file[64];
    snprintf(file, sizeof file, "%s.conf", name);
    text_save(config, lab->directory, file);
    text_clear(config);
}

static const struct nsd root = {"nsd-root", "198.18.0", 1, 1};
static const struct nsd tld = {"nsd-tld", "198.18.1", 1, TLD_SERVER_COUNT + 1};
static const struct nsd host = {"nsd-host", "198.18.2", 1, HOST_SERVER_COUNT};

static void write_nsd(const struct lab *lab)
{
    static const char *const registries[] = {"com", "net", "org", "se", "jp", "co.jp"};
    struct text config = {0};
    start_nsd(&config, lab, &root);
    add_zone(&config, ".");
    save_nsd(&config, lab, root.name);
    start_nsd(&config, lab, &tld);
    for (size_t i = 0; i < sizeof registries / sizeof registries[0]; i++) {
        add_zone(&config, registries[i]);
    }
    save_nsd(&config, lab, tld.name);
    start_nsd(&config, lab, &host);
    for (const struct shared_zone *zone = shared_zones; zone->name != NULL; zone++) {
        add_zone(&config, zone->name);
    }
    for (size_t i = 0; i < lab->population.count; i++) {
        if (has_zone(&lab->population.people[i])) {
            add_zone(&config, lab->population.people[i].names.zone);
        }
    }
    faults_each_zone(&config, homes_written(lab->fault_total), add_zone);
    save_nsd(&config, lab, host.name);
    text_free(&config);
}

static const char for_few_faults[] =
    "server:\n  outgoing-range: 4096\n  num-queries-per-thread: 4096\n"
    "  outgoing-num-tcp: 512\n  msg-cache-size: 64m\n  rrset-cache-size: 64m\n";

/* A question to a silent server stays in the list for a minute or more, and thousands of
 * them would push out the others. What is known of a server must last until its domain has
 * been surveyed. */
static const char for_many_faults[] =
    "server:\n  outgoing-range: 8192\n  num-queries-per-thread: 12288\n"
    "  outgoing-num-tcp: 2048\n"
    "  outbound-msg-retry: 8\n  infra-cache-numhosts: 300000\n"
    "  msg-cache-size: 256m\n  rrset-cache-size: 256m\n";

static void write_unbound(const struct lab *lab)
{
    struct text config = {0};
    text_format(
        &config,
        "server:\n  verbosity: 1\n  use-syslog: no\n  logfile: \"\"\n  chroot: \"\"\n"
        "  directory: \"%s\"\n  username: \"\"\n  pidfile: \"\"\n  do-daemonize: no\n"
        "  interface: %s\n  port: 53\n  do-ip6: no\n"
        "  access-control: 198.18.0.0/15 allow\n  access-control: 127.0.0.0/8 allow\n"
        "  root-hints: \"%s/root.hints\"\n  module-config: \"iterator\"\n",
        lab->directory, lab->is_joined ? FORWARDER_ADDRESS : RESOLVER_ADDRESS,
        lab->directory);
    text_add(&config, "  num-threads: 1\n  so-reuseport: yes\n  so-rcvbuf: 4m\n"
                      "  incoming-num-tcp: 512\n  edns-buffer-size: 1232\n"
                      "  do-not-query-localhost: no\n  unblock-lan-zones: yes\n"
                      "  insecure-lan-zones: yes\n  minimal-responses: yes\n"
                      "remote-control:\n  control-enable: no\n");
    text_add(&config,
             lab->fault_total > fault_count() ? for_many_faults : for_few_faults);
    text_save(&config, lab->directory, "unbound.conf");
    text_free(&config);
}

static void add_forward(struct text *config, const char *zone)
{
    text_format(config, "forward %s " FORWARDER_ADDRESS "\n", zone);
}

static void write_answer(const struct lab *lab)
{
    const struct nsd *const servers[ROLE_COUNT] = {&root, &tld, &host};
    struct text config = {0};
    for (enum role role = ROLE_ROOT; role < ROLE_COUNT; role++) {
        const struct nsd *server = servers[role];
        text_format(&config, "zones %s", zones_joined_names[role]);
        for (unsigned i = server->first; i <= server->last; i++) {
            text_format(&config, " %s.%u", server->network, i);
        }
        text_add(&config, "\n");
    }
    text_add(&config, "resolver " RESOLVER_ADDRESS "\n");
    faults_each_zone(&config, lab->fault_total, add_forward);
    text_save(&config, lab->directory, "answer.conf");
    text_free(&config);
}

void servers_write_dns(const struct lab *lab)
{
    struct text hints = {0};
    text_add(&hints, ". 3600000 NS a.root-servers.net.\n"
                     "a.root-servers.net. 3600000 A " ROOT_ADDRESS "\n");
    text_save(&hints, lab->directory, "root.hints");
    text_free(&hints);
    if (!lab->is_joined) {
        write_nsd(lab);
    }
    write_answer(lab);
    write_unbound(lab);
}
