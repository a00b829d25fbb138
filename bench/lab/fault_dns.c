/* Name servers that know everything and say something else. */
#include "bench/lab/fault_dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define ONCE_MS 10000 /* longer than anybody waits to ask again */

struct rule {
    char name[NAME_TEXT_MAX]; /* "*" = any; "*.NAME" = any below it */
    unsigned type;            /* 0 = any */
    struct dns_fault fault;
    uint64_t *met_ms; /* when each member's was last met, where it is once */
    struct rule *next;
};

static struct dns_server *servers;
uint8_t fault_message[MESSAGE_MAX + FAULT_PACKET_GROWTH];

static struct dns_server *find_server(struct in_addr address, unsigned *member)
{
    struct dns_server *server = servers;
    while (server != NULL && !series_has(&server->at, address, member)) {
        server = server->next;
    }
    return server;
}

struct asked fault_asked(struct in_addr address)
{
    struct asked asked = {.address = address};
    asked.server = find_server(address, &asked.member);
    return asked;
}

/* ---- the question ---- */

static bool question_read(struct question *question, const uint8_t *bytes, size_t len)
{
    size_t at = HEADER_LEN, text_len = 0;
    while (at < len && bytes[at] != 0) {
        size_t label_len = bytes[at++];
        if (label_len > 63 || at + label_len >= len ||
            text_len + label_len + 2 > sizeof question->name) {
            return false;
        }
        if (text_len > 0) {
            question->name[text_len++] = '.';
        }
        memcpy(question->name + text_len, bytes + at, label_len);
        text_len += label_len;
        at += label_len;
    }
    question->name[text_len] = '\0';
    question->end = at + 5;
    if (question->end > len) {
        return false;
    }
    question->type = (unsigned)bytes[at + 1] << 8 | bytes[at + 2];
    return true;
}

static bool is_name(const char *pattern, const char *name)
{
    if (pattern[0] != '*') {
        return strcasecmp(pattern, name) == 0;
    }
    size_t len = strlen(name), end_len = strlen(pattern + 1);
    return len >= end_len && strcasecmp(pattern + 1, name + len - end_len) == 0;
}

static struct rule *rule_for(const struct dns_server *server,
                             const struct question *question)
{
    struct rule *rule = server->rules;
    for (; rule != NULL; rule = rule->next) {
        if (is_name(rule->name, question->name) &&
            (rule->type == 0 || rule->type == question->type)) {
            break;
        }
    }
    return rule;
}

static bool is_first_in(uint64_t *met_ms)
{
    uint64_t now_ms = fault_now_ms();
    bool is_first = *met_ms == 0 || now_ms - *met_ms > ONCE_MS;
    if (is_first) {
        *met_ms = now_ms;
    }
    return is_first;
}

static bool is_due(const struct rule *rule, unsigned member)
{
    switch (rule->fault.when) {
    case ONCE:
        return is_first_in(&rule->met_ms[member]);
    case WITH_EDNS:
        return fault_message[HEADER_LEN - 1] > 0; /* ARCOUNT */
    default:
        return true;
    }
}

bool fault_is_forward(const struct deed *deed)
{
    return deed->act == ACT_FORWARD || deed->act == ACT_LATE || deed->act == ACT_TWICE;
}

static const struct dns_fault truth; /* its deeds are zero, ACT_FORWARD */

const struct dns_fault *fault_meet(const struct asked *asked, struct question *question,
                                   size_t len)
{
    if (len < HEADER_LEN) {
        return NULL;
    }
    series_to_first(fault_message + HEADER_LEN, len - HEADER_LEN, asked->member);
    if (!question_read(question, fault_message, len)) {
        return NULL;
    }
    const struct rule *rule = rule_for(asked->server, question);
    return rule != NULL && is_due(rule, asked->member) ? &rule->fault : &truth;
}

void fault_turn(const struct asked *asked, uint8_t *answer, size_t len)
{
    if (len > HEADER_LEN) {
        series_to_member(answer + HEADER_LEN, len - HEADER_LEN, asked->member);
        series_move_addresses(answer + HEADER_LEN, len - HEADER_LEN, asked->member);
    }
}

size_t fault_change(const struct deed *deed, uint8_t *answer, size_t len)
{
    struct question question;
    if (deed->packet == NULL || len > MESSAGE_MAX ||
        !question_read(&question, answer, len)) {
        return len;
    }
    return fault_packet_make(deed->packet, answer, len, question.end);
}

/* ---- answers of our own, written over the question ---- */

static size_t reply_referral(size_t len)
{
    static const char root_ns[] = "\0\0\2\0\1\0\0\x0e\x10\0\x14\1a\x0croot-servers\3net";
    fault_message[2] &= (uint8_t)~0x04;
    fault_message[9] = 1;
    memcpy(fault_message + len, root_ns,
           sizeof root_ns); /* with the root label at its end */
    return len + sizeof root_ns;
}

static size_t reply_garbage(size_t len)
{
    fault_message[7] = 3;
    fault_message[len] = 0xff;
    return len + 1;
}

size_t fault_reply(const struct deed *deed, const struct question *question)
{
    if (deed->act == ACT_PACKET) {
        return fault_packet_make(deed->packet, fault_message, question->end,
                                 question->end);
    }
    size_t len = fault_packet_begin(fault_message, question->end, deed->rcode);
    switch (deed->act) {
    case ACT_TRUNCATED:
        fault_message[2] |= 0x02;
        break;
    case ACT_REFERRAL:
        return reply_referral(len);
    case ACT_GARBAGE:
        return reply_garbage(len);
    case ACT_OTHER_ID:
        fault_message[0] ^= 0x55;
        break;
    case ACT_OTHER_QUESTION:
        fault_message[HEADER_LEN + 1] ^= 0x01;
        break;
    case ACT_OTHER_OPCODE: /* NOTIFY */
        fault_message[2] |= 4 << 3;
        break;
    case ACT_NO_REPLY:
        fault_message[2] &= 0x7f;
        break;
    default:
        break;
    }
    return len;
}

/* ---- configuration ---- */

/* Returns the one that listens for TCP. */
static int open_sockets(struct in_addr address)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(DNS_PORT), .sin_addr = address};
    fault_udp_open(&at);
    return fault_tcp_open(&at);
}

void fault_dns_serve(const char *address, const char *upstream)
{
    static bool is_open_everywhere;
    struct dns_server *server = fault_allocate(sizeof *server);
    server->at = series_read(address);
    server->upstream_at = fault_endpoint(upstream, DNS_PORT);
    server->rules_end = &server->rules;
    server->next = servers;
    servers = server;
    server->tcp_fd = -1;
    if (!server->at.is_written) {
        server->tcp_fd = open_sockets((struct in_addr){htonl(server->at.first)});
    } else if (!is_open_everywhere) {
        is_open_everywhere = true;
        (void)open_sockets((struct in_addr){INADDR_ANY});
    }
}

static unsigned type_of(const char *text)
{
    static const struct {
        const char *text;
        unsigned type;
    } types[] = {{"*", 0},   {"A", 1},    {"NS", 2},   {"CNAME", 5},
                 {"MX", 15}, {"TXT", 16}, {"AAAA", 28}};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++) {
        if (strcmp(types[i].text, text) == 0) {
            return types[i].type;
        }
    }
    fault_die(text, "is no type a rule can have");
}

/* Where the socket is for others too, on_accept turns them away. */
static void port_close(struct dns_server *server)
{
    server->has_no_port = true;
    if (server->tcp_fd >= 0) {
        close(server->tcp_fd);
        server->tcp_fd = -1;
    }
}

void fault_dns_rule(const char *address, const char *name, const char *type,
                    const char *word)
{
    struct in_addr first = {htonl(series_read(address).first)};
    unsigned member;
    struct dns_server *server = find_server(first, &member);
    struct rule *rule = fault_allocate(sizeof *rule);
    if (server == NULL || !fault_word_read(&rule->fault, word)) {
        fault_die(word, "is no fault of a name server, or none is at that address");
    }
    snprintf(rule->name, sizeof rule->name, "%s", name);
    rule->type = type_of(type);
    if (rule->fault.tcp.act == ACT_NO_PORT) {
        port_close(server);
    }
    rule->met_ms = fault_allocate(
        rule->fault.when == ONCE ? server->at.count * sizeof *rule->met_ms : 1);
    *server->rules_end = rule;
    server->rules_end = &rule->next;
}
