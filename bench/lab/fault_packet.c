#include "bench/lab/fault_packet.h"

#include <string.h>

/* Offsets and bits of the header (RFC 1035, 4.1.1). */
enum {
    FLAGS = 2,
    FLAG_QR = 0x80,
    FLAG_AA = 0x04,
    FLAG_TC = 0x02,
    FLAG_RD = 0x01,
    FLAG_RA = 0x80, /* of the second byte */
    QDCOUNT = 4,
    ANCOUNT = 6,
    ARCOUNT = 10,
    HEADER_LEN = 12,
    RECORD_HEAD_LEN = 10, /* behind the owner's name */
};

struct fault_packet {
    const char *word;
    size_t (*change)(uint8_t *bytes, size_t len, size_t question_end); /* the truth */
    uint8_t questions, answers, additional; /* as the header counts them */
    const char *tail; /* NULL: it ends after tail_len bytes, within the header */
    size_t tail_len;
    uint8_t filler_len; /* before the tail a TXT record in strings of that length fills
                         * the message up to MESSAGE_MAX; 0: none does */
};

static unsigned number_at(const uint8_t *bytes)
{
    return (unsigned)bytes[0] << 8 | bytes[1];
}

/* ---- made of the truth ---- */

static size_t change_tc(uint8_t *bytes, size_t len, size_t question_end)
{
    (void)question_end;
    bytes[FLAGS] |= FLAG_TC;
    return len;
}

static size_t append(uint8_t *bytes, size_t len, const char *tail, size_t tail_len)
{
    memcpy(bytes + len, tail, tail_len);
    return len + tail_len;
}

static size_t change_trailing(uint8_t *bytes, size_t len, size_t question_end)
{
    (void)question_end;
    return append(bytes, len, "\xde\xad\xbe\xef", 4);
}

/* A second SPF record, were it counted. */
static size_t change_uncounted(uint8_t *bytes, size_t len, size_t question_end)
{
    static const char record[] = "\xc0\x0c\0\x10\0\1\0\0\x0e\x10\0\x0c\x0bv=spf1 +all";

    (void)question_end;
    return append(bytes, len, record, sizeof record - 1);
}

/* RFC 2181, 8: such a TTL is 0. Owners in the answer are pointers. */
static size_t change_ttl(uint8_t *bytes, size_t len, size_t question_end)
{
    size_t at = question_end;

    for (unsigned i = number_at(bytes + ANCOUNT); i > 0 && at + 12 <= len; i--) {
        bytes[at + 6] |= 0x80;
        at += 2 + RECORD_HEAD_LEN + number_at(bytes + at + 10);
    }
    return len;
}

/* ---- the table ---- */

#define TRUTH(word, change)                                                              \
    {                                                                                    \
        word, change, 0, 0, 0, NULL, 0, 0                                                \
    }
#define ANSWERS(word, count, tail)                                                       \
    {                                                                                    \
        word, NULL, 1, count, 0, tail, sizeof tail - 1, 0                                \
    }
#define QUESTIONS(word, count, tail)                                                     \
    {                                                                                    \
        word, NULL, count, 1, 0, tail, sizeof tail - 1, 0                                \
    }
#define CUT(word, len)                                                                   \
    {                                                                                    \
        word, NULL, 1, 0, 0, NULL, len, 0                                                \
    }
#define LARGEST(word, filler_len, answer)                                                \
    {                                                                                    \
        word, NULL, 1, 2, 1, answer OPT, sizeof answer OPT - 1, filler_len               \
    }

#define OWNER "\xc0\x0c" /* the question's name (RFC 1035, 4.1.4) */
/* A pointer to so many bytes behind the question: to no place in any message of ours
 * otherwise. */
#define BEHIND "\xdf"
#define IN_AN_HOUR "\0\1\0\0\x0e\x10" /* class and TTL */
#define A "\0\1" IN_AN_HOUR
#define CNAME "\0\5" IN_AN_HOUR
#define MX "\0\x0f" IN_AN_HOUR
#define TXT "\0\x10" IN_AN_HOUR
#define OPT "\0\0\x29\4\xd0\0\0\0\0\0\0" /* RFC 6891, 6.1.2 */
/* What the zone says (faults_write.c). */
#define SPF_DATA "\0\x1b\x1av=spf1 ip4:20.51.4.20 -all"
#define SPF OWNER TXT SPF_DATA
/* the same in strings of one byte */
#define SPF_IN_BYTES                                                                     \
    OWNER TXT "\0\x34\001v\001=\001s\001p\001f\0011\001 \001i\001p\0014\001:\0012\0010"  \
              "\001.\0015\0011\001.\0014\001.\0012\0010\001 \001-\001a\001l\001l"
#define STS OWNER TXT "\0\x15\x14v=STSv1; id=20260101"
/* What it does not say: it would be seen in the record. */
#define RPT_DATA "\0\x23\x22v=TLSRPTv1; rua=mailto:a@b.example"
#define MX_DATA "\0\x09\0\x0a\4mail\xc0\x0c"
#define LABEL_63 "\x3fxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

/* Words that begin with a type are for questions of that type. */
static const struct fault_packet packets[] = {
    /* rcode 16, its upper bits in an OPT record (RFC 6891, 6.1.3) */
    {"badvers", NULL, 1, 0, 1, "\0\0\x29\4\xd0\1\0\0\0\0\0", 11, 0},
    CUT("header_only", 12),
    CUT("eleven_bytes", 11),
    CUT("no_byte", 0),

    /* names (RFC 1035, 3.1 and 4.1.4) */
    ANSWERS("mx_pointer_loop", 1, BEHIND "\0" MX MX_DATA),
    ANSWERS("mx_pointer_forward", 1, OWNER MX "\0\4\0\x0a" BEHIND "\x10\4mail" OWNER),
    ANSWERS("txt_pointer_beyond", 1, "\xff\xff" TXT SPF_DATA),
    ANSWERS("mx_label_40", 1, OWNER MX "\0\5\0\x0a\x41m\0"),
    ANSWERS("txt_label_80", 1, "\x81m\0" TXT SPF_DATA),
    ANSWERS("mx_name_long", 1,
            OWNER MX "\1\5\0\x0a" LABEL_63 LABEL_63 LABEL_63 LABEL_63 "\1x\0"),

    /* counts (4.1.1) */
    ANSWERS("txt_count_high", 3, SPF),
    ANSWERS("txt_count_low", 0, OWNER TXT RPT_DATA),
    /* what is the question otherwise begins the record */
    QUESTIONS("txt_no_question", 0, "\0\0\x0e\x10" SPF_DATA),
    QUESTIONS("mx_two_questions", 2, OWNER "\0\x0f\0\1" OWNER MX MX_DATA),

    /* RDLENGTH and what is in the data (3.3, 3.4.1) */
    ANSWERS("mx_data_beyond", 1, OWNER MX "\0\x40\0\x0a\4mail" OWNER),
    ANSWERS("txt_data_beyond", 1, OWNER TXT "\0\x40\x1av=spf1 ip4:20.51.4.20 -all"),
    ANSWERS("a_data_beyond", 1, OWNER A "\0\x40\x14\x33\4\x14"),
    ANSWERS("mx_data_short", 1, OWNER MX "\0\2\0\x0a"),
    ANSWERS("txt_data_short", 1, OWNER TXT "\0\x11\x1av=spf1 ip4:20.51"),
    ANSWERS("a_data_short", 1, OWNER A "\0\3\x14\x33\4"),
    ANSWERS("mx_data_long", 1, OWNER MX "\0\x0c\0\x0a\4mail" OWNER "xxx"),
    ANSWERS("a_data_long", 1, OWNER A "\0\5\x14\x33\4\x14x"),
    ANSWERS("mx_data_empty", 1, OWNER MX "\0\0"),
    ANSWERS("txt_data_empty", 1, OWNER TXT "\0\0"),
    ANSWERS("a_data_empty", 1, OWNER A "\0\0"),

    {"txt_lying_opt", NULL, 1, 1, 1, SPF "\0\0\x29\4\xd0\0\0\0\0\0\x28",
     sizeof SPF - 1 + 11, 0},

    LARGEST("txt_largest", 255, SPF),
    LARGEST("txt_largest_in_bytes", 1, SPF_IN_BYTES),

    /* records that are no answer, and one beside a CNAME (RFC 1034, 3.6.2) */
    ANSWERS("txt_class_ch", 1, OWNER "\0\x10\0\3\0\0\x0e\x10" RPT_DATA),
    ANSWERS("txt_other_owner", 1, "\4else" OWNER TXT "\0\x0c\x0bv=spf1 +all"),
    ANSWERS("txt_beside_cname", 2, STS OWNER CNAME "\0\7\4else" OWNER),

    /* each name is an alias of another one below it */
    ANSWERS("txt_cname_on", 1, OWNER CNAME "\0\4\1x" OWNER),

    TRUTH("truncated_partial", change_tc),
    TRUTH("trailing", change_trailing),
    TRUTH("uncounted", change_uncounted),
    TRUTH("ttl_top_bit", change_ttl),
};

const struct fault_packet *fault_packet_find(const char *word)
{
    for (size_t i = 0; i < sizeof packets / sizeof packets[0]; i++) {
        if (strcmp(packets[i].word, word) == 0) {
            return &packets[i];
        }
    }
    return NULL;
}

bool fault_packet_is_truth(const struct fault_packet *packet)
{
    return packet->change != NULL;
}

size_t fault_packet_begin(uint8_t *bytes, size_t question_end, unsigned rcode)
{
    bytes[FLAGS] = (uint8_t)(FLAG_QR | FLAG_AA | (bytes[FLAGS] & FLAG_RD));
    bytes[FLAGS + 1] = (uint8_t)(FLAG_RA | rcode); /* some of us pose as resolvers */
    memset(bytes + ANCOUNT, 0, HEADER_LEN - ANCOUNT);
    return question_end;
}

static void resolve_pointers(uint8_t *bytes, size_t tail_at, size_t tail_len)
{
    for (size_t i = tail_at; i + 1 < tail_at + tail_len; i++) {
        if (bytes[i] == (uint8_t)BEHIND[0]) {
            size_t to = tail_at + bytes[i + 1];
            bytes[i] = (uint8_t)(0xc0 | to >> 8);
            bytes[++i] = (uint8_t)to;
        }
    }
}

static void write_number(uint8_t *bytes, size_t number)
{
    bytes[0] = (uint8_t)(number >> 8);
    bytes[1] = (uint8_t)number;
}

/* A TXT record that takes up so much, the last of its strings what is left. */
static size_t append_filler(uint8_t *bytes, size_t len, size_t record_len,
                            size_t string_len)
{
    static const char head[] = OWNER TXT;
    size_t end = len + record_len;
    len = append(bytes, len, head, sizeof head - 1);
    write_number(bytes + len, end - len - 2);
    for (len += 2; len < end; len += 1 + bytes[len]) {
        size_t left = end - len - 1;
        bytes[len] = (uint8_t)(left < string_len ? left : string_len);
        memset(bytes + len + 1, 'x', bytes[len]);
    }
    return end;
}

size_t fault_packet_make(const struct fault_packet *packet, uint8_t *bytes, size_t len,
                         size_t question_end)
{
    if (packet->change != NULL) {
        return packet->change(bytes, len, question_end);
    }
    len = fault_packet_begin(bytes, question_end, 0);
    if (packet->tail == NULL) {
        return packet->tail_len;
    }
    if (packet->filler_len > 0) {
        len = append_filler(bytes, len, MESSAGE_MAX - packet->tail_len - len,
                            packet->filler_len);
    }
    (void)append(bytes, len, packet->tail, packet->tail_len);
    resolve_pointers(bytes, len, packet->tail_len);
    bytes[QDCOUNT + 1] = packet->questions;
    bytes[ANCOUNT + 1] = packet->answers;
    bytes[ARCOUNT + 1] = packet->additional;
    return len + packet->tail_len;
}
