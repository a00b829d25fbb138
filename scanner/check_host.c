#include "scanner/check_host.h"

#include "scanner/memo.h"
#include "scanner/network.h"
#include "scanner/options_message.h"
#include "scanner/options_value.h"
#include "scanner/target_name.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MAIL_FROM_MAX 1024

/* Restarts the evaluator over a memo until nothing is missing. */
struct check_host {
    struct network *network;
    struct job_net net;
    struct arena_pool pool;
    struct arena arena;
    struct memo memo;
    uint32_t asked; /* memo entries handed to the resolver */
};

static const struct dns_answer given_up = {.status = DNS_NOT_CHECKED};

static const struct dns_answer *want(void *arg, const char *name, enum dns_type type)
{
    struct check_host *check = arg;
    struct memo_entry *entry = memo_find(&check->memo, name, type);
    if (entry == NULL) {
        entry = memo_add(&check->memo, name, type);
    }
    return entry != NULL ? entry->answer : &given_up;
}

static void on_answer(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct check_host *check = arg;
    memo_store(&check->memo, check->memo.entries[tag], answer);
}

static void evaluate(struct check_host *check, const struct spf_sender *sender,
                     struct spf_verdict *verdict)
{
    struct lookup lookup = {want, check};
    spf_check_host(sender, &lookup, verdict);
    while (verdict->result == SPF_RESULT_PENDING && check->asked < check->memo.count &&
           !network_lacks_memory(check->network)) {
        for (uint32_t end = check->memo.count; check->asked < end; check->asked++) {
            const struct memo_entry *entry = check->memo.entries[check->asked];
            check->net.ask(check->net.arg, entry->name, entry->type, on_answer, check,
                           check->asked);
        }
        network_run(check->network);
        spf_check_host(sender, &lookup, verdict);
    }
}

/* False: standard output takes nothing. */
static bool print_verdict(const struct spf_verdict *verdict)
{
    struct json json;
    json_init(&json);
    json_object_begin(&json);
    json_key(&json, "result");
    json_text(&json, spf_result_text(verdict->result));
    json_key(&json, "reason");
    json_text(&json, verdict->reason[0] != '\0' ? verdict->reason : NULL);
    json_key(&json, "lookups");
    json_uint(&json, verdict->lookups);
    json_key(&json, "void_lookups");
    json_uint(&json, verdict->void_lookups);
    if (verdict->explanation[0] != '\0') {
        json_key(&json, "explanation");
        json_text(&json, verdict->explanation);
    }
    json_object_end(&json);
    json_newline(&json);
    bool is_written = !json.failed &&
                      fwrite(json.text, 1, json.len, stdout) == json.len &&
                      fflush(stdout) == 0;
    json_close(&json);
    return is_written;
}

static bool is_ascii(const char *text)
{
    while (*text != '\0' && (unsigned char)*text < 0x80) {
        text++;
    }
    return *text == '\0';
}

/* The envelope sender as SMTP has it, but for what people add: the angle brackets go, and
 * a domain in U-labels becomes one in A-labels (RFC 7208 4.3). False: too long. */
static bool read_mail_from(const char *given, char mail_from[MAIL_FROM_MAX])
{
    size_t len = strlen(given);
    bool is_bracketed = len >= 2 && given[0] == '<' && given[len - 1] == '>';
    len -= is_bracketed ? 2 : 0;
    if (len >= MAIL_FROM_MAX - TARGET_NAME_MAX - 1) {
        return false;
    }
    memcpy(mail_from, given + (is_bracketed ? 1 : 0), len);
    mail_from[len] = '\0';
    char *at = strrchr(mail_from, '@');
    char *domain = at != NULL ? at + 1 : mail_from;
    struct target_name name;
    if (!is_ascii(domain) &&
        target_name_read(&name, span_of(domain)) == TARGET_REASON_NONE) {
        memcpy(domain, name.domain, name.domain_len + 1);
    }
    return true;
}

static int complain(const char *flag, const char *value, const char *what)
{
    char shown[OPTIONS_SHOWN_MAX + 1];
    fprintf(stderr,
            "mailcensus: --%s: \"%s\" is %s\ntry 'mailcensus check-host --help'\n", flag,
            options_shown(value, shown), what);
    return EXIT_USAGE;
}

static int check_sender(struct check_host *check, const struct options_sender_ip *address,
                        const char *helo, const char *mail_from)
{
    struct spf_sender sender = {.ip_len = address->len,
                                .helo = helo,
                                .mail_from = mail_from,
                                .time = (int64_t)time(NULL)};
    struct spf_verdict verdict;
    memcpy(sender.ip, address->bytes, address->len);
    evaluate(check, &sender, &verdict);
    if (check->pool.lacks_memory || network_lacks_memory(check->network)) {
        fprintf(stderr, "mailcensus: out of memory\n");
        return EXIT_FAILURE;
    }
    if (!print_verdict(&verdict)) {
        fprintf(stderr, "mailcensus: standard output: %s\n", strerror(errno));
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

int check_host_run(const struct options *options)
{
    struct options_sender_ip address;
    char mail_from[MAIL_FROM_MAX] = "";
    if (!options_read_address(options->ip, &address)) {
        return complain("ip", options->ip, "not an IP address");
    }
    if (options->mail_from != NULL && !read_mail_from(options->mail_from, mail_from)) {
        return complain("mail-from", options->mail_from, "too long for a mail address");
    }
    struct check_host check = {.asked = 0};
    int status = network_open(&check.network, options);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    check.net = network_job_net(check.network);
    arena_init(&check.arena, &check.pool);
    memo_init(&check.memo, &check.arena);
    status = check_sender(&check, &address, options->helo, mail_from);
    for (size_t i = 0; i < options->sender_ip_count && status == EXIT_SUCCESS; i++) {
        status = check_sender(&check, &options->sender_ips[i], options->helo, mail_from);
    }
    network_close(check.network);
    arena_reset(&check.arena);
    arena_pool_close(&check.pool);
    return status;
}
