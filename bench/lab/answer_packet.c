#include "bench/lab/answer_packet.h"

#include <string.h>

enum {
    HEADER_LEN = 12,  /* RFC 1035, 4.1.1 */
    RECORD_HEAD = 12, /* of a record with a pointer for an owner */
    OPT_LEN = 11,     /* root, type, payload, extended rcode, version, flags, length */
    PLAIN_UDP_MAX = 512,
    CHAIN_MAX = 11, /* CNAMEs, as in unbound */
};

enum rcode {
    RCODE_NOERROR = 0,
    RCODE_FORMERR = 1,
    RCODE_SERVFAIL = 2,
    RCODE_NXDOMAIN = 3,
    RCODE_NOTIMP = 4,
    RCODE_REFUSED = 5
};

struct question {
    uint8_t name[NAME_BYTES_MAX + 1]; /* lower case */
    size_t name_len;
    unsigned type, class;
    size_t end; /* behind the question */
    bool is_recursive, has_opt, is_dnssec_ok;
    size_t payload;
};

/* An answer on the way. */
struct reply {
    const struct zones *zones;
    int layer;
    unsigned type;
    struct answer *answer;
    size_t limit;
    enum rcode rcode;
    bool is_authoritative, is_truncated, is_forwarded;
    unsigned counts[3]; /* answer, authority, additional */
};

enum section { SECTION_ANSWER, SECTION_AUTHORITY, SECTION_ADDITIONAL };

static unsigned read_16(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

static void write_16(uint8_t *bytes, size_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

/* ---- the question ---- */

static bool read_name(struct question *question, const uint8_t *bytes, size_t len)
{
    size_t at = HEADER_LEN, used = 0;
    while (at < len && bytes[at] != 0) {
        size_t label_len = bytes[at];
        if (label_len > 63 || at + label_len >= len ||
            used + label_len + 2 > NAME_BYTES_MAX) {
            return false;
        }
        question->name[used++] = (uint8_t)label_len;
        for (size_t i = 1; i <= label_len; i++) {
            uint8_t byte = bytes[at + i];
            question->name[used++] = byte | (byte >= 'A' && byte <= 'Z' ? 0x20 : 0);
        }
        at += label_len + 1;
    }
    question->name[used] = 0;
    question->name_len = used + 1;
    question->end = at + 5;
    return question->end <= len;
}

/* Only an OPT record may follow, or something that is left alone. */
static void read_opt(struct question *question, const uint8_t *bytes, size_t len)
{
    const uint8_t *opt = bytes + question->end;
    if (question->end + OPT_LEN > len || read_16(bytes + 10) == 0 || opt[0] != 0 ||
        read_16(opt + 1) != TYPE_OPT) {
        return;
    }
    question->has_opt = true;
    question->payload = read_16(opt + 3);
    question->is_dnssec_ok = (opt[7] & 0x80) != 0;
}

static bool question_read(struct question *question, const uint8_t *bytes, size_t len)
{
    if (read_16(bytes + 4) != 1 || read_16(bytes + 6) != 0 || read_16(bytes + 8) != 0 ||
        !read_name(question, bytes, len)) {
        return false;
    }
    question->type = read_16(bytes + question->end - 4);
    question->class = read_16(bytes + question->end - 2);
    question->is_recursive = (bytes[2] & 0x01) != 0;
    question->payload = PLAIN_UDP_MAX;
    question->has_opt = question->is_dnssec_ok = false;
    read_opt(question, bytes, len);
    return true;
}

/* ---- records ---- */

/* Adds a set whose owner stands at that offset. Returns where, 0: no room, truncated. */
static size_t add_set(struct reply *reply, enum section section,
                      const struct record_set *set, size_t owner)
{
    struct answer *answer = reply->answer;
    size_t at = answer->len;
    if (reply->is_truncated || set->len > reply->limit - at || owner > 0x3fff) {
        reply->is_truncated = true;
        return 0;
    }
    memcpy(answer->bytes + at, set->bytes, set->len);
    answer->len += set->len;
    reply->counts[section] += set->count;
    for (size_t record = at; owner != HEADER_LEN && record < answer->len;
         record += RECORD_HEAD + read_16(answer->bytes + record + 10)) {
        write_16(answer->bytes + record, 0xc000 | owner);
    }
    return at;
}

/* A name under which records are looked for, and where it stands in the answer. */
struct sought {
    const uint8_t *name;
    size_t len, offset;
};

/* name is an ancestor, or the same: where its text begins within the sought one's. */
static size_t offset_of(const struct sought *sought, const struct node *node)
{
    return sought->offset + sought->len - node->name_len;
}

static void add_soa(struct reply *reply, const struct sought *sought,
                    const struct node *node)
{
    const struct node *apex = node_apex(reply->zones, node);
    const struct record_set *soa = node_find(apex, TYPE_SOA);
    if (soa != NULL) {
        add_set(reply, SECTION_AUTHORITY, soa, offset_of(sought, apex));
    }
}

/* The addresses of a name server, where its zone is the one that names it. */
static void add_glue(struct reply *reply, const struct node *node, size_t target)
{
    static const unsigned types[] = {TYPE_A, TYPE_AAAA};
    const uint8_t *name = reply->answer->bytes + target;
    size_t len = read_16(name - 2);
    const struct node *host = zones_find(reply->zones, reply->layer, name, len);
    for (size_t i = 0; i < 2 && host != NULL && host->apex == node->apex; i++) {
        const struct record_set *set = node_find(host, types[i]);
        if (set != NULL) {
            add_set(reply, SECTION_ADDITIONAL, set, target);
        }
    }
}

static void add_name_servers(struct reply *reply, enum section section,
                             const struct node *node, size_t owner)
{
    size_t at = add_set(reply, section, node_find(node, TYPE_NS), owner);
    size_t end = reply->answer->len;
    while (at != 0 && at < end) {
        add_glue(reply, node, at + RECORD_HEAD);
        at += RECORD_HEAD + read_16(reply->answer->bytes + at + 10);
    }
}

/* ---- the algorithm ---- */

/* The nearest node at or above a name that is not glue; NULL: not ours at all. */
static const struct node *find_nearest(const struct reply *reply,
                                       const struct sought *sought)
{
    for (size_t at = 0; at < sought->len; at += sought->name[at] + 1U) {
        const struct node *node =
            zones_find(reply->zones, reply->layer, sought->name + at, sought->len - at);
        if (node != NULL && (node->flags & NODE_IS_BELOW_CUT) == 0) {
            return node;
        }
    }
    return NULL;
}

static const struct node *find_wildcard(const struct reply *reply,
                                        const struct node *encloser)
{
    uint8_t name[2 + NAME_BYTES_MAX] = {1, '*'};
    if ((encloser->flags & NODE_HAS_WILDCARD) == 0) {
        return NULL;
    }
    memcpy(name + 2, encloser->name, encloser->name_len);
    return zones_find(reply->zones, encloser->layer, name, 2U + encloser->name_len);
}

/* Answers from a node that has the name. Returns the CNAME to be followed, NULL: none. */
static const struct record_set *
answer_from(struct reply *reply, const struct sought *sought, const struct node *node)
{
    const struct record_set *set = node_find(node, reply->type);
    if (set != NULL && reply->type == TYPE_NS) {
        add_name_servers(reply, SECTION_ANSWER, node, sought->offset);
        return NULL;
    }
    if (set != NULL) {
        add_set(reply, SECTION_ANSWER, set, sought->offset);
        return NULL;
    }
    set = node_find(node, TYPE_CNAME);
    if (set == NULL) {
        add_soa(reply, sought, node);
    }
    return set;
}

/* At a cut a name server refers, and a resolver whom nobody there answers gives up. */
static void answer_cut(struct reply *reply, const struct sought *sought,
                       const struct node *cut)
{
    if (reply->layer == ANY_LAYER) {
        reply->rcode = RCODE_SERVFAIL;
    } else if (reply->type == TYPE_DS && cut->name_len == sought->len) {
        add_soa(reply, sought, cut);
    } else {
        reply->is_authoritative = reply->counts[SECTION_ANSWER] > 0;
        add_name_servers(reply, SECTION_AUTHORITY, cut, offset_of(sought, cut));
    }
}

/* The DS record of a zone would stand above its cut (RFC 4035, 3.1.4.1), if that is ours
 * too. */
static const struct node *above_cut(const struct reply *reply,
                                    const struct sought *sought, const struct node *apex)
{
    size_t label_len = sought->name[0] + 1U;
    const struct sought parent = {sought->name + label_len, sought->len - label_len,
                                  sought->offset + label_len};
    const struct node *above = parent.len > 0 ? find_nearest(reply, &parent) : NULL;
    return above != NULL ? above : apex;
}

static const struct record_set *answer_name(struct reply *reply,
                                            const struct sought *sought)
{
    const struct node *node = find_nearest(reply, sought);
    if (node == NULL) {
        reply->rcode = reply->counts[SECTION_ANSWER] > 0 ? RCODE_NOERROR : RCODE_REFUSED;
        reply->is_authoritative &= reply->counts[SECTION_ANSWER] > 0;
        return NULL;
    }
    unsigned flags = node->flags | node_apex(reply->zones, node)->flags;
    if (reply->layer == ANY_LAYER && (flags & NODE_IS_FORWARDED) != 0) {
        reply->is_forwarded = true;
        return NULL;
    }
    if ((node->flags & NODE_IS_CUT) != 0) {
        answer_cut(reply, sought, node);
        return NULL;
    }
    bool is_exact = node->name_len == sought->len;
    if (is_exact && reply->type == TYPE_DS && node_apex(reply->zones, node) == node) {
        add_soa(reply, sought, above_cut(reply, sought, node));
        return NULL;
    }
    if (is_exact) {
        return answer_from(reply, sought, node);
    }
    const struct node *wildcard = find_wildcard(reply, node);
    if (wildcard != NULL) {
        return answer_from(reply, sought, wildcard);
    }
    reply->rcode = RCODE_NXDOMAIN;
    add_soa(reply, sought, node);
    return NULL;
}

/* Follows CNAMEs through everything this server has. A name server shows a loop once, a
 * resolver gives up. */
static void answer_chain(struct reply *reply, struct sought sought)
{
    const struct record_set *followed[CHAIN_MAX];
    for (unsigned count = 0;; count++) {
        const struct record_set *cname = answer_name(reply, &sought);
        unsigned before = 0;
        while (before < count && followed[before] != cname) {
            before++;
        }
        if (cname == NULL) {
            return;
        }
        if (before < count || count == CHAIN_MAX) {
            reply->rcode = reply->layer == ANY_LAYER ? RCODE_SERVFAIL : RCODE_NOERROR;
            return;
        }
        followed[count] = cname;
        size_t at = add_set(reply, SECTION_ANSWER, cname, sought.offset);
        if (at == 0) {
            return;
        }
        const uint8_t *target = reply->answer->bytes + at + RECORD_HEAD;
        sought = (struct sought){target, read_16(target - 2), at + RECORD_HEAD};
    }
}

/* ---- the whole ---- */

static void finish(const struct reply *reply, const struct question *question,
                   const uint8_t *asked)
{
    struct answer *answer = reply->answer;
    uint8_t *bytes = answer->bytes;
    bool is_whole = !reply->is_truncated && reply->rcode != RCODE_SERVFAIL;
    if (!is_whole) {
        answer->len = question->end;
    }
    bytes[2] = (uint8_t)(0x80 | (asked[2] & 0x79) | (reply->is_authoritative ? 0x04 : 0) |
                         (reply->is_truncated ? 0x02 : 0));
    bytes[3] = (uint8_t)((asked[3] & 0x10) | (reply->layer == ANY_LAYER ? 0x80 : 0) |
                         reply->rcode);
    for (size_t i = 0; i < 3; i++) {
        write_16(bytes + 6 + 2 * i, is_whole ? reply->counts[i] : 0);
    }
    if (question->has_opt) {
        uint8_t *opt = bytes + answer->len;
        memset(opt, 0, OPT_LEN);
        write_16(opt + 1, TYPE_OPT);
        write_16(opt + 3, ANSWER_UDP_MAX);
        opt[7] = question->is_dnssec_ok ? 0x80 : 0;
        answer->len += OPT_LEN;
        bytes[11]++; /* far fewer than 255 */
    }
}

/* Nothing but a header, for what is no question we know. */
static enum answer_fate refuse(struct answer *answer, const uint8_t *asked,
                               enum rcode rcode)
{
    memset(answer->bytes, 0, HEADER_LEN);
    memcpy(answer->bytes, asked, 2);
    answer->bytes[2] = (uint8_t)(0x80 | (asked[2] & 0x79));
    answer->bytes[3] = (uint8_t)rcode;
    answer->len = HEADER_LEN;
    return ANSWER_SEND;
}

static size_t limit_for(const struct question *question, const struct answer *answer)
{
    size_t limit = answer->size;
    if (answer->size == ANSWER_UDP_MAX && question->payload < limit) {
        limit = question->payload > PLAIN_UDP_MAX ? question->payload : PLAIN_UDP_MAX;
    }
    return limit - (question->has_opt ? OPT_LEN : 0);
}

enum answer_fate answer_compose(const struct zones *zones, int layer,
                                const uint8_t *question_bytes, size_t len,
                                struct answer *answer)
{
    struct question question;
    if (len < HEADER_LEN || (question_bytes[2] & 0x80) != 0) {
        return ANSWER_NONE;
    }
    if ((question_bytes[2] & 0x78) != 0) {
        return refuse(answer, question_bytes, RCODE_NOTIMP);
    }
    if (!question_read(&question, question_bytes, len)) {
        return refuse(answer, question_bytes, RCODE_FORMERR);
    }
    struct reply reply = {.zones = zones,
                          .layer = layer,
                          .type = question.type,
                          .answer = answer,
                          .limit = limit_for(&question, answer),
                          .is_authoritative = layer != ANY_LAYER};
    memcpy(answer->bytes, question_bytes, question.end); /* 12 + 255 + 4 at most */
    answer->len = question.end;
    if (zones == NULL || question.class != 1 ||
        (layer == ANY_LAYER && !question.is_recursive)) {
        reply.rcode = RCODE_REFUSED;
        reply.is_authoritative = false;
    } else if (question.type == TYPE_ANY) {
        reply.rcode = RCODE_NOTIMP;
    } else {
        answer_chain(&reply,
                     (struct sought){question.name, question.name_len, HEADER_LEN});
    }
    if (reply.is_forwarded) {
        return ANSWER_FORWARD;
    }
    finish(&reply, &question, question_bytes);
    return ANSWER_SEND;
}
