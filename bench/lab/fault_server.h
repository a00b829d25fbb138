/* lab-faults: servers that fail, each in one way it is told to.
 *
 *     lab-faults CONFIGURATION
 *
 *     server 198.18.10.3 198.18.2.1              answers DNS with what 198.18.2.1 says …
 *     rule 198.18.10.3 fault-mx.net MX servfail  … but not to this question (* = any)
 *     policy 198.18.8.3 http_reset certs/17.pem certs/leaf.key www/mta-sts.reset.net
 *     signer certs/intermediate.key              may sign certificates of a series
 *
 * Each address may be a series of them (fault_series.h); all series have three sockets
 * that hear what is sent to any address, and so a network of their own.
 * The words at the end of a rule are explained in fault_word.c, those of a policy host are
 * the table in fault_policy_words.c. One process, one thread, one epoll; paths are relative to the
 * configuration's folder.
 */
#ifndef BENCH_LAB_FAULT_SERVER_H
#define BENCH_LAB_FAULT_SERVER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What an epoll event points to; stands first in its owner. */
struct watch {
    int fd;
    void (*on_ready)(struct watch *watch);
};

#define FAULT_TICK_MS 200

/* All of these end the program with a sentence where something of the lab itself is
 * wrong. */
_Noreturn void fault_die(const char *subject, const char *why);
void *fault_allocate(size_t bytes); /* zeroed */
struct sockaddr_in fault_endpoint(const char *address, uint16_t port);
uint64_t fault_now_ms(void);
/* Bound; a stream socket listens with that backlog. */
int fault_open(int type, const struct sockaddr_in *at, int backlog);
void fault_watch(struct watch *watch, uint32_t events);   /* EPOLLIN, EPOLLOUT */
void fault_rewatch(struct watch *watch, uint32_t events); /* of one that is watched */
/* Before close(), where the descriptor has duplicates. */
void fault_unwatch(struct watch *watch);
/* Makes close() send a RST. */
void fault_linger(int fd);

void fault_dns_serve(const char *address, const char *upstream);
void fault_dns_rule(const char *address, const char *name, const char *type,
                    const char *word);

struct policy_files {
    const char *certificate, *key, *policy;
};
void fault_policy_serve(const char *address, const char *word,
                        const struct policy_files *files);

/* After each round of events: frees what was closed in it. */
void fault_dns_tick(void);
/* Every FAULT_TICK_MS. */
void fault_policy_tick(void);

#endif
