/* Name servers that know everything and say something else. */
#include "bench/lab/fault_dns.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* What each word of a rule does, over UDP and over TCP. */
static const struct dns_fault faults[] = {
    {"truth", ACT_FORWARD, ACT_FORWARD, 0},
    {"silence", ACT_SILENCE, ACT_SILENCE, 0},
    {"formerr", ACT_RCODE, ACT_RCODE, 1},
    {"servfail", ACT_RCODE, ACT_RCODE, 2},
    {"nxdomain", ACT_RCODE, ACT_RCODE, 3},
    {"notimp", ACT_RCODE, ACT_RCODE, 4},
    {"refused", ACT_RCODE, ACT_RCODE, 5},
    {"notauth", ACT_RCODE, ACT_RCODE, 9},
    {"nodata", ACT_RCODE, ACT_RCODE, 0},
    {"referral", ACT_REFERRAL, ACT_REFERRAL, 0},
    {"garbage", ACT_GARBAGE, ACT_GARBAGE, 0},
    {"other_id", ACT_OTHER_ID, ACT_OTHER_ID, 0},
    {"other_question", ACT_OTHER_QUESTION, ACT_OTHER_QUESTION, 0},
    {"truncated", ACT_TRUNCATED, ACT_FORWARD, 0},
    {"truncated_then_closed", ACT_TRUNCATED, ACT_CLOSE, 0},
    {"truncated_then_silence", ACT_TRUNCATED, ACT_SILENCE, 0},
    {"truncated_then_half", ACT_TRUNCATED, ACT_HALF, 0},
    {"truncated_then_servfail", ACT_TRUNCATED, ACT_RCODE, 2},
};

struct rule {
    char name[NAME_TEXT_MAX]; /* "*" = any */
    unsigned type;            /* 0 = any */
    const struct dns_fault *fault;
    struct rule *next;
};

static struct dns_server *servers;
uint8_t fault_message[MESSAGE_MAX];

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

static const struct dns_fault *fault_for(const struct dns_server *server,
                                         const struct question *question)
{
    for (const struct rule *rule = server->rules; rule != NULL; rule = rule->next) {
        bool is_name =
            strcmp(rule->name, "*") == 0 || strcasecmp(rule->name, question->name) == 0;
        if (is_name && (rule->type == 0 || rule->type == question->type)) {
            return rule->fault;
        }
    }
    return &faults[0];
}

const struct dns_fault *fault_meet(const struct asked *asked, struct question *question,
                                   size_t len)
{
    if (len < HEADER_LEN) {
        return NULL;
    }
    series_to_first(fault_message + HEADER_LEN, len - HEADER_LEN, asked->member);
    return question_read(question, fault_message, len)
               ? fault_for(asked->server, question)
               : NULL;
}

void fault_turn(const struct asked *asked, uint8_t *answer, size_t len)
{
    if (len > HEADER_LEN) {
        series_to_member(answer + HEADER_LEN, len - HEADER_LEN, asked->member);
        series_move_addresses(answer + HEADER_LEN, len - HEADER_LEN, asked->member);
    }
}

/* ---- answers of our own, written over the question ---- */

/* The header and the question; EDNS (RFC 6891) is left out, as old servers do. */
static size_t reply_begin(uint8_t *bytes, const struct question *question, unsigned rcode)
{
    bytes[2] = (uint8_t)(0x80 | 0x04 | (bytes[2] & 0x01)); /* QR AA, RD as asked */
    bytes[3] = (uint8_t)(0x80 | rcode); /* RA: some of us pose as resolvers */
    memset(bytes + 6, 0, 6);
    return question->end;
}

static size_t reply_referral(uint8_t *bytes, const struct question *question)
{
    static const char root_ns[] = "\0\0\2\0\1\0\0\x0e\x10\0\x14\1a\x0croot-servers\3net";
    size_t len = reply_begin(bytes, question, 0);
    bytes[2] &= (uint8_t)~0x04;
    bytes[9] = 1;
    memcpy(bytes + len, root_ns, sizeof root_ns); /* with the root label at its end */
    return len + sizeof root_ns;
}

size_t fault_reply(const struct dns_fault *fault, enum act act,
                   const struct question *question)
{
    size_t len;
    switch (act) {
    case ACT_RCODE:
        return reply_begin(fault_message, question, fault->rcode);
    case ACT_TRUNCATED:
        len = reply_begin(fault_message, question, 0);
        fault_message[2] |= 0x02;
        return len;
    case ACT_REFERRAL:
        return reply_referral(fault_message, question);
    case ACT_GARBAGE:
        len = reply_begin(fault_message, question, 0);
        fault_message[7] = 3;
        fault_message[len] = 0xff;
        return len + 1;
    case ACT_OTHER_QUESTION:
        len = reply_begin(fault_message, question, 0);
        fault_message[HEADER_LEN + 1] ^= 0x01;
        return len;
    case ACT_OTHER_ID:
        len = reply_begin(fault_message, question, 0);
        fault_message[0] ^= 0x55;
        return len;
    default:
        return 0;
    }
}

/* ---- configuration ---- */

static void open_sockets(struct in_addr address)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(DNS_PORT), .sin_addr = address};
    fault_udp_open(&at);
    fault_tcp_open(&at);
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
    if (!server->at.is_written) {
        open_sockets((struct in_addr){htonl(server->at.first)});
    } else if (!is_open_everywhere) {
        is_open_everywhere = true;
        open_sockets((struct in_addr){INADDR_ANY});
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

void fault_dns_rule(const char *address, const char *name, const char *type,
                    const char *word)
{
    struct in_addr first = {htonl(series_read(address).first)};
    unsigned member;
    struct dns_server *server = find_server(first, &member);
    size_t at = 0;
    while (at < sizeof faults / sizeof faults[0] && strcmp(faults[at].word, word) != 0) {
        at++;
    }
    if (server == NULL || at == sizeof faults / sizeof faults[0]) {
        fault_die(word, "is no fault of a name server, or none is at that address");
    }
    struct rule *rule = fault_allocate(sizeof *rule);
    snprintf(rule->name, sizeof rule->name, "%s", name);
    rule->type = type_of(type);
    rule->fault = &faults[at];
    *server->rules_end = rule;
    server->rules_end = &rule->next;
}
