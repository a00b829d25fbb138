/* The one reader of DNS replies, whatever engine they came from.
 *
 *   packet_parser_open(&parser);
 *   packet_parse(parser, wire, len, &question, &answer);   answer borrows from parser
 *   packet_parser_free(parser);
 *
 * A reply is hostile input: every name is checked by libknot before it is read, counts
 * are never believed, and what does not fit the limits below makes the whole reply
 * DNS_MALFORMED, for half an answer must not pass for an answer. Only the answer
 * section is looked at, the SOA record that says how long an absence may be remembered
 * (RFC 2308, 5), and the OPT record for the upper bits of the rcode (RFC 6891, 6.1.3).
 */
#ifndef RESOLVER_PACKET_H
#define RESOLVER_PACKET_H

#include <stddef.h>
#include <stdint.h>

#include "resolver/resolver.h"

#define PACKET_RECORDS_MAX 512
#define PACKET_CNAMES_MAX 16
#define PACKET_NAME_BYTES_MAX 255 /* on the wire, RFC 1035, 2.3.4 */
#define PACKET_NAME_TEXT_MAX 1005 /* as text with escapes and NUL */
#define PACKET_EDNS_BYTES 1232    /* the largest datagram we want: no fragments */
/* header, name, type and class, OPT */
#define PACKET_QUERY_MAX (12 + PACKET_NAME_BYTES_MAX + 4 + 11)

struct packet_question {
    uint8_t name[PACKET_NAME_BYTES_MAX]; /* wire form, lower case, not compressed */
    uint8_t name_len;                    /* with the root label */
    uint16_t type;
};

struct packet_parser;

/* 0 or -ENOMEM. One parser holds one answer at a time. */
int packet_parser_open(struct packet_parser **parser) __attribute__((warn_unused_result));
void packet_parser_free(struct packet_parser *parser);

/* Text to question; false when the text is no domain name (resolver.h tells the
 * notation). */
bool packet_question_set(struct packet_question *question, const char *name,
                         enum dns_type type);

/* A query with RD, with AD, so that the reply's tells whether the resolver has validated
 * (RFC 6840, 5.7), and, is_plain unset, with EDNS (RFC 6891, 6.2.5). Returns its length. */
size_t packet_query_write(uint8_t wire[PACKET_QUERY_MAX],
                          const struct packet_question *question, uint16_t id,
                          bool is_plain);

/* Whether a message can be the reply to that question (RFC 5452, 9.1); its id and where
 * it came from are the caller's to compare. Cheap: nothing behind the question is read. */
bool packet_is_reply(const uint8_t *wire, size_t len,
                     const struct packet_question *question);

/* Wire form (not compressed, checked) to text; returns the length without NUL. */
size_t packet_name_text(char text[PACKET_NAME_TEXT_MAX], const uint8_t *name);

/* Fills *answer but for retries; it and all it points to hold until the next call.
 * trust is the AD bit. */
void packet_parse(struct packet_parser *parser, const uint8_t *wire, size_t len,
                  const struct packet_question *question, struct dns_answer *answer);

#endif
