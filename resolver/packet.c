#include "resolver/packet.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/consts.h>
#include <libknot/descriptor.h>
#include <libknot/dname.h>
#include <libknot/packet/wire.h>

/* What follows the owner name: type, class, TTL, RDLENGTH (RFC 1035, 4.1.3). */
#define RECORD_HEAD_LEN 10
/* What follows the two names in an SOA: SERIAL to MINIMUM (RFC 1035, 3.3.13). */
#define SOA_NUMBERS_LEN 20

/* No reply is longer than 64 KiB, hence no text in it; a name of two bytes on the
 * wire, however, may unfold to a whole name. */
#define ARENA_BYTES                                                                      \
    (UINT16_MAX + PACKET_RECORDS_MAX +                                                   \
     (PACKET_RECORDS_MAX + PACKET_CNAMES_MAX) * PACKET_NAME_TEXT_MAX)

/* A record where it lies in the reply. */
struct place {
    const uint8_t *owner;
    const uint8_t *data;
    uint32_t ttl;
    uint16_t type;
    uint16_t data_len;
};

struct packet_parser {
    const uint8_t *wire;
    const uint8_t *end;
    const uint8_t *next; /* how far the reply has been read */
    const struct packet_question *question;
    struct dns_answer *answer;
    unsigned rcode;   /* all twelve bits */
    struct place soa; /* of the authority section; data NULL: there is none */
    size_t place_count;
    size_t used_bytes;
    size_t chain_len; /* names in chain: the one asked for and the CNAMEs' targets */
    uint8_t chain[PACKET_CNAMES_MAX + 1][PACKET_NAME_BYTES_MAX];
    const char *cnames[PACKET_CNAMES_MAX];
    struct dns_record records[PACKET_RECORDS_MAX];
    struct place places[PACKET_RECORDS_MAX + 2 * PACKET_CNAMES_MAX]; /* DNAMEs too */
    char arena[ARENA_BYTES];
};

int packet_parser_open(struct packet_parser **parser)
{
    *parser = malloc(sizeof **parser);
    return *parser ? 0 : -ENOMEM;
}

void packet_parser_free(struct packet_parser *parser)
{
    free(parser);
}

bool packet_question_set(struct packet_question *question, const char *name,
                         enum dns_type type)
{
    if (name[0] == '\0' ||
        !knot_dname_from_str(question->name, name, sizeof question->name)) {
        return false;
    }
    knot_dname_to_lower(question->name);
    question->name_len = (uint8_t)knot_dname_size(question->name);
    question->type = (uint16_t)type;
    return true;
}

size_t packet_query_write(uint8_t wire[PACKET_QUERY_MAX],
                          const struct packet_question *question, uint16_t id,
                          bool is_plain)
{
    static const uint8_t edns[] = {0,
                                   0,
                                   KNOT_RRTYPE_OPT,
                                   PACKET_EDNS_BYTES >> 8,
                                   PACKET_EDNS_BYTES & 0xff,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0,
                                   0};
    size_t len = KNOT_WIRE_HEADER_SIZE;

    memset(wire, 0, KNOT_WIRE_HEADER_SIZE);
    knot_wire_set_id(wire, id);
    knot_wire_set_rd(wire);
    knot_wire_set_ad(wire);
    knot_wire_set_qdcount(wire, 1);
    memcpy(wire + len, question->name, question->name_len);
    len += question->name_len;
    knot_wire_write_u16(wire + len, question->type);
    knot_wire_write_u16(wire + len + 2, KNOT_CLASS_IN);
    len += 4;
    if (!is_plain) {
        knot_wire_set_arcount(wire, 1);
        memcpy(wire + len, edns, sizeof edns);
        len += sizeof edns;
    }
    return len;
}

/* Servers that cannot or will not read a question may leave it out of the refusal. */
static bool is_refusal_without_question(const uint8_t *wire)
{
    unsigned rcode = knot_wire_get_rcode(wire);

    return knot_wire_get_qdcount(wire) == 0 && rcode != KNOT_RCODE_NOERROR &&
           rcode != KNOT_RCODE_NXDOMAIN;
}

static bool is_same_name(const uint8_t *one, const uint8_t *lower, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = one[i];
        if (byte >= 'A' && byte <= 'Z') {
            byte |= 0x20; /* no length of a label is in that range */
        }
        if (byte != lower[i]) {
            return false;
        }
    }
    return true;
}

bool packet_is_reply(const uint8_t *wire, size_t len,
                     const struct packet_question *question)
{
    const uint8_t *name = wire + KNOT_WIRE_HEADER_SIZE;
    const uint8_t *rest = name + question->name_len;

    if (len < KNOT_WIRE_HEADER_SIZE || !knot_wire_get_qr(wire) ||
        knot_wire_get_opcode(wire) != KNOT_OPCODE_QUERY) {
        return false;
    }
    if (is_refusal_without_question(wire)) {
        return true;
    }
    return knot_wire_get_qdcount(wire) == 1 &&
           len >= KNOT_WIRE_HEADER_SIZE + question->name_len + 4U &&
           is_same_name(name, question->name, question->name_len) &&
           knot_wire_read_u16(rest) == question->type &&
           knot_wire_read_u16(rest + 2) == KNOT_CLASS_IN;
}

static size_t label_text(char *text, const uint8_t *label, size_t label_len)
{
    size_t len = 0;

    for (size_t i = 0; i < label_len; i++) {
        unsigned char byte = label[i];
        if (byte == '.' || byte == '\\') {
            text[len++] = '\\';
            text[len++] = (char)byte;
        } else if (byte > ' ' && byte < 0x7f) {
            text[len++] = (char)((byte >= 'A' && byte <= 'Z') ? byte | 0x20 : byte);
        } else {
            text[len++] = '\\';
            text[len++] = (char)('0' + byte / 100);
            text[len++] = (char)('0' + byte / 10 % 10);
            text[len++] = (char)('0' + byte % 10);
        }
    }
    return len;
}

size_t packet_name_text(char text[PACKET_NAME_TEXT_MAX], const uint8_t *name)
{
    size_t len = 0;

    while (*name > 0) {
        if (len > 0) {
            text[len++] = '.';
        }
        len += label_text(text + len, name + 1, *name);
        name += *name + 1;
    }
    if (len == 0) {
        text[len++] = '.';
    }
    text[len] = '\0';
    assert(len < PACKET_NAME_TEXT_MAX);
    return len;
}

/* Bytes the name takes where it lies, 0 when it is none: a pointer forward or out of
 * the reply, a label or name too long. What lies beyond limit may be pointed to, but
 * not lie in line. */
static size_t name_len_at(const struct packet_parser *parser, const uint8_t *name,
                          const uint8_t *limit)
{
    int len = name < limit ? knot_dname_wire_check(name, limit, parser->wire) : 0;

    return len > 0 ? (size_t)len : 0;
}

static bool name_unfold(const struct packet_parser *parser, const uint8_t *name,
                        uint8_t into[PACKET_NAME_BYTES_MAX])
{
    if (knot_dname_unpack(into, name, PACKET_NAME_BYTES_MAX, parser->wire) <= 0) {
        return false;
    }
    knot_dname_to_lower(into);
    return true;
}

static bool is_owner(const struct packet_parser *parser, const struct place *place,
                     const uint8_t *name)
{
    uint8_t owner[PACKET_NAME_BYTES_MAX];

    return name_unfold(parser, place->owner, owner) && knot_dname_is_equal(owner, name);
}

/* The reply must repeat the question (RFC 5452, 9.1). */
static bool question_matches(struct packet_parser *parser)
{
    const uint8_t *name = parser->wire + KNOT_WIRE_HEADER_SIZE;
    size_t name_len = name_len_at(parser, name, parser->end);
    uint8_t asked[PACKET_NAME_BYTES_MAX];

    if (knot_wire_get_qdcount(parser->wire) != 1 || name_len == 0 ||
        (size_t)(parser->end - name) < name_len + 4) {
        return false;
    }
    const uint8_t *rest = name + name_len;
    parser->next = rest + 4;
    return name_unfold(parser, name, asked) &&
           knot_dname_is_equal(asked, parser->question->name) &&
           knot_wire_read_u16(rest) == parser->question->type &&
           knot_wire_read_u16(rest + 2) == KNOT_CLASS_IN;
}

static bool place_next(struct packet_parser *parser, struct place *place,
                       uint16_t *record_class)
{
    size_t name_len = name_len_at(parser, parser->next, parser->end);
    const uint8_t *head = parser->next + name_len;

    if (name_len == 0 || parser->end - head < RECORD_HEAD_LEN) {
        return false;
    }
    place->owner = parser->next;
    place->type = knot_wire_read_u16(head);
    *record_class = knot_wire_read_u16(head + 2);
    place->ttl = knot_wire_read_u32(head + 4);
    place->data_len = knot_wire_read_u16(head + 8);
    place->data = head + RECORD_HEAD_LEN;
    if (parser->end - place->data < place->data_len) {
        return false;
    }
    parser->next = place->data + place->data_len;
    return true;
}

/* Notes the records of the type asked for, the CNAMEs and DNAMEs; RRSIG and strays are
 * passed over. False when the section is not what its count says or holds more than we
 * keep. */
static bool places_read(struct packet_parser *parser)
{
    const size_t room = sizeof parser->places / sizeof parser->places[0];
    uint16_t count = knot_wire_get_ancount(parser->wire);

    for (uint16_t i = 0; i < count; i++) {
        struct place place;
        uint16_t record_class;
        if (!place_next(parser, &place, &record_class)) {
            return false;
        }
        if (record_class != KNOT_CLASS_IN ||
            (place.type != parser->question->type && place.type != KNOT_RRTYPE_CNAME &&
             place.type != KNOT_RRTYPE_DNAME)) {
            continue;
        }
        if (parser->place_count == room) {
            return false;
        }
        parser->places[parser->place_count++] = place;
    }
    return true;
}

/* The authority section's first SOA and the upper eight bits of the rcode. A record that
 * cannot be read ends the search: what stands there is not used for anything else. */
static void rest_read(struct packet_parser *parser)
{
    unsigned authority_count = knot_wire_get_nscount(parser->wire);
    unsigned count = authority_count + knot_wire_get_arcount(parser->wire);
    struct place place;
    uint16_t record_class;

    for (unsigned i = 0; i < count && place_next(parser, &place, &record_class); i++) {
        if (place.type == KNOT_RRTYPE_OPT) {
            parser->rcode |= place.ttl >> 24 << 4;
            break;
        }
        if (place.type == KNOT_RRTYPE_SOA && record_class == KNOT_CLASS_IN &&
            i < authority_count && !parser->soa.data) {
            parser->soa = place;
        }
    }
}

static enum dns_status rcode_status(unsigned rcode)
{
    switch (rcode) {
    case KNOT_RCODE_NOERROR:
        return DNS_OK;
    case KNOT_RCODE_SERVFAIL:
        return DNS_SERVFAIL;
    case KNOT_RCODE_NXDOMAIN:
        return DNS_NXDOMAIN;
    case KNOT_RCODE_REFUSED:
        return DNS_REFUSED;
    default:
        return DNS_OTHER_RCODE;
    }
}

static char *arena_take(struct packet_parser *parser, size_t len)
{
    char *taken = parser->arena + parser->used_bytes;

    assert(len <= sizeof parser->arena - parser->used_bytes);
    parser->used_bytes += len;
    return taken;
}

/* The name in place's data from offset on, which must end where the data ends. */
static bool data_name(struct packet_parser *parser, const struct place *place,
                      size_t offset, uint8_t name[PACKET_NAME_BYTES_MAX])
{
    const uint8_t *start = place->data + offset;
    const uint8_t *limit = place->data + place->data_len;

    return place->data_len > offset &&
           name_len_at(parser, start, limit) == place->data_len - offset &&
           name_unfold(parser, start, name);
}

static void name_keep(struct packet_parser *parser, const uint8_t *name,
                      struct dns_record *record)
{
    char text[PACKET_NAME_TEXT_MAX];
    size_t len = packet_name_text(text, name);
    char *kept = arena_take(parser, len + 1);

    memcpy(kept, text, len + 1);
    record->data = kept;
    record->data_len = (uint16_t)len;
}

/* RFC 1035, 3.3.14: one or more strings, each with its length before it. Joined
 * without a space, as every protocol that lives in TXT wants it (RFC 7208, 3.3). */
static bool text_keep(struct packet_parser *parser, const struct place *place,
                      struct dns_record *record)
{
    size_t at = 0;
    size_t len = 0;
    char *kept = arena_take(parser, place->data_len + 1U);

    while (at < place->data_len) {
        size_t string_len = place->data[at++];
        if (string_len > place->data_len - at) {
            return false;
        }
        memcpy(kept + len, place->data + at, string_len);
        len += string_len;
        at += string_len;
    }
    kept[len] = '\0';
    record->data = kept;
    record->data_len = (uint16_t)len;
    return place->data_len > 0;
}

static bool address_keep(struct packet_parser *parser, const struct place *place,
                         struct dns_record *record)
{
    char *kept = arena_take(parser, place->data_len);

    memcpy(kept, place->data, place->data_len);
    record->data = kept;
    record->data_len = place->data_len;
    return place->data_len == (place->type == DNS_A ? 4 : 16);
}

static bool record_keep(struct packet_parser *parser, const struct place *place,
                        struct dns_record *record)
{
    uint8_t name[PACKET_NAME_BYTES_MAX];
    size_t name_offset = place->type == DNS_MX ? 2 : 0;

    record->preference = 0;
    switch (place->type) {
    case DNS_A:
    case DNS_AAAA:
        return address_keep(parser, place, record);
    case DNS_TXT:
        return text_keep(parser, place, record);
    case DNS_MX:
        record->preference = place->data_len > 2 ? knot_wire_read_u16(place->data) : 0;
        break;
    case DNS_NS:
    case DNS_CNAME:
    case DNS_PTR:
        break;
    default: /* a type nobody here reads */
        return false;
    }
    if (!data_name(parser, place, name_offset, name)) {
        return false;
    }
    name_keep(parser, name, record);
    return true;
}

/* RFC 2181, 8: a TTL with the top bit set is zero. */
static void ttl_lower(struct dns_answer *answer, uint32_t ttl)
{
    ttl = ttl > INT32_MAX ? 0 : ttl;
    if (ttl < answer->ttl) {
        answer->ttl = ttl;
    }
}

static const struct place *place_find(const struct packet_parser *parser,
                                      const uint8_t *owner, uint16_t type)
{
    for (size_t i = 0; i < parser->place_count; i++) {
        if (parser->places[i].type == type &&
            is_owner(parser, &parser->places[i], owner)) {
            return &parser->places[i];
        }
    }
    return NULL;
}

static bool is_in_chain(const struct packet_parser *parser, const uint8_t *name)
{
    for (size_t i = 0; i < parser->chain_len; i++) {
        if (knot_dname_is_equal(parser->chain[i], name)) {
            return true;
        }
    }
    return false;
}

static enum dns_status chain_add(struct packet_parser *parser, const struct place *place)
{
    uint8_t target[PACKET_NAME_BYTES_MAX];
    struct dns_record record;

    if (!data_name(parser, place, 0, target)) {
        return DNS_MALFORMED;
    }
    if (is_in_chain(parser, target) || parser->chain_len > PACKET_CNAMES_MAX) {
        return DNS_CNAME_LOOP;
    }
    name_keep(parser, target, &record);
    parser->cnames[parser->chain_len - 1] = record.data;
    memcpy(parser->chain[parser->chain_len++], target, sizeof target);
    ttl_lower(parser->answer, place->ttl);
    return DNS_OK;
}

/* A name below a DNAME is an alias and has no records of its own (RFC 6672, 2.3): a chain
 * cannot end there, but servers break one off that a DNAME makes endless. */
static bool is_below_dname(const struct packet_parser *parser, const uint8_t *name)
{
    uint8_t owner[PACKET_NAME_BYTES_MAX];

    for (size_t i = 0; i < parser->place_count; i++) {
        if (parser->places[i].type == KNOT_RRTYPE_DNAME &&
            name_unfold(parser, parser->places[i].owner, owner) &&
            knot_dname_in_bailiwick(name, owner) > 0) {
            return true;
        }
    }
    return false;
}

/* Walks from the name asked for to the end of the CNAMEs, in whatever order they stand
 * (RFC 1034, 4.3.2). A name that has the records asked for beside a CNAME is at the
 * end already. */
static enum dns_status chain_follow(struct packet_parser *parser)
{
    uint16_t type = parser->question->type;
    enum dns_status status = DNS_OK;

    memcpy(parser->chain[0], parser->question->name, parser->question->name_len);
    parser->chain_len = 1;
    while (status == DNS_OK) {
        const uint8_t *name = parser->chain[parser->chain_len - 1];
        if (place_find(parser, name, type)) {
            break;
        }
        const struct place *place = place_find(parser, name, KNOT_RRTYPE_CNAME);
        if (!place) {
            return is_below_dname(parser, name) ? DNS_CNAME_LOOP : DNS_OK;
        }
        status = chain_add(parser, place);
    }
    return status;
}

static enum dns_status records_collect(struct packet_parser *parser)
{
    const uint8_t *owner = parser->chain[parser->chain_len - 1];
    struct dns_answer *answer = parser->answer;

    for (size_t i = 0; i < parser->place_count; i++) {
        const struct place *place = &parser->places[i];
        if (place->type != parser->question->type || !is_owner(parser, place, owner)) {
            continue;
        }
        if (answer->record_count == PACKET_RECORDS_MAX ||
            !record_keep(parser, place, &parser->records[answer->record_count])) {
            return DNS_MALFORMED;
        }
        answer->record_count++;
        ttl_lower(answer, place->ttl);
    }
    return answer->record_count > 0 ? DNS_OK : DNS_NODATA;
}

/* The SOA's five numbers behind its two names; NULL when it is not made like that. */
static const uint8_t *soa_numbers(const struct packet_parser *parser)
{
    const uint8_t *limit = parser->soa.data + parser->soa.data_len;
    const uint8_t *next = parser->soa.data;

    for (int names = 0; names < 2; names++) {
        size_t len = name_len_at(parser, next, limit);
        if (len == 0) {
            return NULL;
        }
        next += len;
    }
    return limit - next == SOA_NUMBERS_LEN ? next : NULL;
}

/* RFC 2308, 5: the lesser of the SOA's TTL and its MINIMUM, and not longer than the
 * CNAMEs on the way hold. The zone must be one that the missing name lies in. */
static void negative_ttl_set(struct packet_parser *parser)
{
    const uint8_t *missing = parser->chain[parser->chain_len - 1];
    uint8_t zone[PACKET_NAME_BYTES_MAX];

    if (!parser->soa.data || !name_unfold(parser, parser->soa.owner, zone) ||
        knot_dname_in_bailiwick(missing, zone) < 0) {
        return;
    }
    const uint8_t *numbers = soa_numbers(parser);
    if (numbers) {
        struct dns_answer least = {.ttl = parser->answer->ttl};
        ttl_lower(&least, parser->soa.ttl);
        ttl_lower(&least, knot_wire_read_u32(numbers + SOA_NUMBERS_LEN - 4));
        parser->answer->negative_ttl = least.ttl;
    }
}

static enum dns_status body_read(struct packet_parser *parser)
{
    if (!places_read(parser)) {
        return DNS_MALFORMED;
    }
    rest_read(parser);
    enum dns_status status = rcode_status(parser->rcode);
    if (!dns_is_answered(status)) {
        return status;
    }
    enum dns_status chain = chain_follow(parser);
    if (chain != DNS_OK) {
        return chain;
    }
    status = status == DNS_NXDOMAIN ? status : records_collect(parser);
    if (status == DNS_NXDOMAIN || status == DNS_NODATA) {
        negative_ttl_set(parser);
    }
    return status;
}

static enum dns_status reply_read(struct packet_parser *parser, size_t len)
{
    const uint8_t *wire = parser->wire;

    if (len < KNOT_WIRE_HEADER_SIZE || len > UINT16_MAX || !knot_wire_get_qr(wire) ||
        knot_wire_get_opcode(wire) != KNOT_OPCODE_QUERY || knot_wire_get_tc(wire)) {
        return DNS_MALFORMED;
    }
    parser->rcode = knot_wire_get_rcode(wire);
    parser->answer->trust = knot_wire_get_ad(wire) ? DNS_SECURE : DNS_INSECURE;
    if (is_refusal_without_question(wire)) {
        return rcode_status(parser->rcode);
    }
    return question_matches(parser) ? body_read(parser) : DNS_MALFORMED;
}

void packet_parse(struct packet_parser *parser, const uint8_t *wire, size_t len,
                  const struct packet_question *question, struct dns_answer *answer)
{
    *answer = (struct dns_answer){.ttl = UINT32_MAX};
    parser->wire = wire;
    parser->end = wire + len;
    parser->question = question;
    parser->answer = answer;
    parser->soa.data = NULL;
    parser->place_count = 0;
    parser->used_bytes = 0;
    parser->chain_len = 1;
    answer->status = reply_read(parser, len);
    answer->records = parser->records;
    answer->cnames = parser->cnames;
    answer->cname_count = (uint16_t)(parser->chain_len - 1);
    if (!dns_is_answered(answer->status)) {
        answer->trust = DNS_TRUST_UNKNOWN;
        answer->record_count = answer->cname_count = 0;
    }
    if (answer->ttl == UINT32_MAX || answer->record_count + answer->cname_count == 0) {
        answer->ttl = 0;
    }
}
