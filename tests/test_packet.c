#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "resolver/packet.h"

/* Wire text. Header: id, flags, QDCOUNT 1, ANCOUNT, NSCOUNT (0), ARCOUNT. The question's
 * name stands at offset 12 (c0 0c), its parent "org" at 20 (c0 14). */
#define HEADER(flags, answers, extra) HEADER_OF(flags, answers, "\0\0", extra)
#define HEADER_OF(flags, answers, authority, extra)                                      \
    "\x12\x34" flags "\0\1" answers authority extra
#define ANSWER "\x81\x80" /* QR RD RA */
#define ANSWER_AD "\x81\xa0"
#define RCODE(n) "\x81" n
#define ASKED "\7example\3org\0"
#define QUESTION(type) ASKED type "\0\1"
#define TXT "\0\x10"
#define MX "\0\x0f"
#define NS "\0\2"
#define A "\0\1"
#define AAAA "\0\x1c"
#define CNAME "\0\5"
#define DNAME "\0\x27"
#define RRSIG "\0\x2e"
#define SOA "\0\6"
#define OPT(rcode_high) "\0\0\x29\4\xd0" rcode_high "\0\0\0\0\0"
#define NAME "\xc0\x0c"
#define RECORD(owner, type, ttl, len, data) owner type "\0\1" ttl len data
#define HOUR "\0\0\x0e\x10"
#define MINUTE "\0\0\0\x3c"
#define ORG "\xc0\x14"
/* MNAME a.org, RNAME b.org, serial, refresh, retry, expire. */
#define SOA_DATA(minimum) "\1a\xc0\x14\1b\xc0\x14\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4" minimum
#define SOA_RECORD(owner, ttl, minimum)                                                  \
    RECORD(owner, SOA, ttl, "\0\x1c", SOA_DATA(minimum))
#define ABSENT HEADER_OF(ANSWER, "\0\0", "\0\1", "\0\0") QUESTION(A)

struct row {
    const char *about;
    const char *name;
    enum dns_type type;
    const char *wire;
    size_t len;
    const char *expected;
};

#define ROW(about, type, wire, expected)                                                 \
    {                                                                                    \
        about, "example.org", type, wire, sizeof(wire) - 1, expected                     \
    }

static size_t data_text(char *text, size_t room, enum dns_type type,
                        const struct dns_record *record)
{
    if (type != DNS_A && type != DNS_AAAA) {
        assert_int_equal(record->data[record->data_len], 0);
        return (size_t)(type == DNS_MX ? snprintf(text, room, " %u:%s",
                                                  record->preference, record->data)
                                       : snprintf(text, room, " %s", record->data));
    }
    size_t len = (size_t)snprintf(text, room, " ");
    for (size_t i = 0; i < record->data_len; i++) {
        len += (size_t)snprintf(text + len, room - len, "%02x", (uint8_t)record->data[i]);
    }
    return len;
}

static void answer_text(char *text, size_t room, enum dns_type type,
                        const struct dns_answer *answer)
{
    size_t len =
        (size_t)snprintf(text, room, "%s trust %d ttl %" PRIu32,
                         dns_status_text(answer->status), answer->trust, answer->ttl);

    if (answer->negative_ttl > 0) {
        len += (size_t)snprintf(text + len, room - len, " negative %" PRIu32,
                                answer->negative_ttl);
    }
    for (size_t i = 0; i < answer->cname_count; i++) {
        len += (size_t)snprintf(text + len, room - len, " >%s", answer->cnames[i]);
    }
    for (size_t i = 0; i < answer->record_count; i++) {
        len += data_text(text + len, room - len, type, &answer->records[i]);
    }
}

static void assert_row(struct packet_parser *parser, const struct row *row)
{
    struct packet_question question;
    struct dns_answer answer;
    char text[4096];
    uint8_t *exact = malloc(row->len); /* so that a sanitizer sees a byte too many */

    assert_non_null(exact);
    memcpy(exact, row->wire, row->len);
    assert_true(packet_question_set(&question, row->name, row->type));
    packet_parse(parser, exact, row->len, &question, &answer);
    answer_text(text, sizeof text, row->type, &answer);
    free(exact);
    if (strcmp(text, row->expected) != 0) {
        fail_msg("%s: \"%s\", expected \"%s\"", row->about, text, row->expected);
    }
}

static void assert_rows(const struct row *rows, size_t count)
{
    struct packet_parser *parser;

    assert_int_equal(packet_parser_open(&parser), 0);
    for (size_t i = 0; i < count; i++) {
        assert_row(parser, &rows[i]);
    }
    packet_parser_free(parser);
}
#define ASSERT_ROWS(rows) assert_rows(rows, sizeof(rows) / sizeof((rows)[0]))

static void records_of_each_type_are_read(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("one string", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\4", "\3abc"),
            "ok trust 1 ttl 3600 abc"),
        ROW("strings are joined without a space", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\x0a", "\3abc\0\4 def"),
            "ok trust 1 ttl 3600 abc def"),
        ROW("an empty string is a record", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\1", "\0"),
            "ok trust 1 ttl 3600 "),
        ROW("the least TTL counts", DNS_TXT,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(TXT) RECORD(
                NAME, TXT, HOUR, "\0\2", "\1a") RECORD(NAME, TXT, MINUTE, "\0\2", "\1b"),
            "ok trust 1 ttl 60 a b"),
        ROW("a TTL with the top bit is zero", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, "\x80\0\0\1", "\0\2", "\1a"),
            "ok trust 1 ttl 0 a"),
        ROW("the greatest TTL stands", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, "\x7f\xff\xff\xff", "\0\2", "\1a"),
            "ok trust 1 ttl 2147483647 a"),
        ROW("AD bit", DNS_TXT,
            HEADER(ANSWER_AD, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\2", "\1a"),
            "ok trust 2 ttl 3600 a"),
        ROW("MX names are lower case and unfolded", DNS_MX,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(MX)
                RECORD(NAME, MX, HOUR, "\0\7", "\0\x0a\2Mx\xc0\x14")
                    RECORD(NAME, MX, HOUR, "\0\3", "\1\0\0"),
            "ok trust 1 ttl 3600 10:mx.org 256:."),
        ROW("bytes of labels are escaped", DNS_NS,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(NS) RECORD(NAME, NS, HOUR, "\0\x0c",
                                                               "\x0b"
                                                               "a.b\\c\x1b\xff _@\0"),
            "malformed trust 0 ttl 0"),
        ROW("bytes of labels are escaped", DNS_NS,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(NS) RECORD(NAME, NS, HOUR, "\0\x0c",
                                                               "\x0a"
                                                               "a.b\\c\x1b\xff _@\0"),
            "ok trust 1 ttl 3600 a\\.b\\\\c\\027\\255\\032_@"),
        ROW("A", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"),
            "ok trust 1 ttl 3600 c0000201"),
        ROW("AAAA", DNS_AAAA,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(AAAA) RECORD(
                NAME, AAAA, HOUR, "\0\x10", "\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
            "ok trust 1 ttl 3600 20010db8000000000000000000000001"),
        ROW("CNAME asked for is no chain", DNS_CNAME,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(CNAME)
                RECORD(NAME, CNAME, HOUR, "\0\4", "\1a\xc0\x14"),
            "ok trust 1 ttl 3600 a.org"),
        ROW("bytes after the last record do no harm", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1") "junk",
            "ok trust 1 ttl 3600 c0000201"),
    };
    ASSERT_ROWS(rows);
}

static void only_what_was_asked_is_taken(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("case of the owner does not matter", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") "\7eXample\3ORG\0" A "\0\1" RECORD(
                "\7ExamplE\xc0\x14", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "ok trust 1 ttl 3600 c0000201"),
        ROW("another owner", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD("\1b\xc0\x14", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "nodata trust 1 ttl 0"),
        ROW("another type", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, TXT, HOUR, "\0\4", "\3abc"),
            "nodata trust 1 ttl 0"),
        ROW("another type may be nonsense inside", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, TXT, HOUR, "\0\1", "\7")
                    RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"),
            "ok trust 1 ttl 3600 c0000201"),
        ROW("a signature beside", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1")
                    RECORD(NAME, RRSIG, "\0\0\0\1", "\0\2", "xx"),
            "ok trust 1 ttl 3600 c0000201"),
        ROW("another class", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A) NAME A "\0\3" HOUR
                                                              "\0\4\xc0\0\2\1",
            "nodata trust 1 ttl 0"),
        ROW("another name in the question", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0") "\7examplf\3org\0" A "\0\1",
            "malformed trust 0 ttl 0"),
        ROW("a longer name in the question", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0") "\1a" QUESTION(A), "malformed trust 0 ttl 0"),
        ROW("another type in the question", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0") QUESTION(TXT), "malformed trust 0 ttl 0"),
        ROW("another class in the question", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0") ASKED A "\0\3", "malformed trust 0 ttl 0"),
        ROW("two questions", DNS_A,
            "\x12\x34" ANSWER "\0\2\0\0\0\0\0\0" QUESTION(A) QUESTION(A),
            "malformed trust 0 ttl 0"),
        ROW("no question", DNS_A, "\x12\x34" ANSWER "\0\0\0\0\0\0\0\0",
            "malformed trust 0 ttl 0"),
        ROW("a query", DNS_A, HEADER("\1\0", "\0\0", "\0\0") QUESTION(A),
            "malformed trust 0 ttl 0"),
        ROW("another opcode", DNS_A, HEADER("\xa1\x80", "\0\0", "\0\0") QUESTION(A),
            "malformed trust 0 ttl 0"),
        ROW("a truncated answer is no answer", DNS_A,
            HEADER("\x83\x80", "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"),
            "malformed trust 0 ttl 0"),
    };
    ASSERT_ROWS(rows);
}

static void rcodes_become_statuses(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("NOERROR", DNS_A, HEADER(ANSWER, "\0\0", "\0\0") QUESTION(A),
            "nodata trust 1 ttl 0"),
        ROW("FORMERR", DNS_A, HEADER(RCODE("\x81"), "\0\0", "\0\0") QUESTION(A),
            "other_rcode trust 0 ttl 0"),
        ROW("SERVFAIL", DNS_A, HEADER(RCODE("\x82"), "\0\0", "\0\0") QUESTION(A),
            "servfail trust 0 ttl 0"),
        ROW("NXDOMAIN", DNS_A, HEADER(RCODE("\x83"), "\0\0", "\0\0") QUESTION(A),
            "nxdomain trust 1 ttl 0"),
        ROW("NOTIMP", DNS_A, HEADER(RCODE("\x84"), "\0\0", "\0\0") QUESTION(A),
            "other_rcode trust 0 ttl 0"),
        ROW("REFUSED", DNS_A, HEADER(RCODE("\x85"), "\0\0", "\0\0") QUESTION(A),
            "refused trust 0 ttl 0"),
        ROW("records beside an error are not believed", DNS_A,
            HEADER(RCODE("\x82"), "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"),
            "servfail trust 0 ttl 0"),
        ROW("SERVFAIL without a question", DNS_A,
            "\x12\x34" RCODE("\x82") "\0\0\0\0\0\0\0\0", "servfail trust 0 ttl 0"),
        ROW("REFUSED without a question", DNS_A,
            "\x12\x34" RCODE("\x85") "\0\0\0\0\0\0\0\0", "refused trust 0 ttl 0"),
        ROW("NXDOMAIN without a question", DNS_A,
            "\x12\x34" RCODE("\x83") "\0\0\0\0\0\0\0\0", "malformed trust 0 ttl 0"),
        ROW("OPT with rcode 0", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\1") QUESTION(A) OPT("\0"), "nodata trust 1 ttl 0"),
        ROW("BADVERS is no NOERROR", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\1") QUESTION(A) OPT("\1"),
            "other_rcode trust 0 ttl 0"),
        ROW("BADCOOKIE is no NXDOMAIN", DNS_A,
            HEADER(RCODE("\x87"), "\0\0", "\0\1") QUESTION(A) OPT("\1"),
            "other_rcode trust 0 ttl 0"),
        ROW("an additional section that breaks off", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\2") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1") "\0\0",
            "ok trust 1 ttl 3600 c0000201"),
    };
    ASSERT_ROWS(rows);
}

static void cname_chains_are_followed_to_their_end(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("one hop", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, MINUTE, "\0\4", "\1b\xc0\x14")
                    RECORD("\1b\xc0\x14", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "ok trust 1 ttl 60 >b.org c0000201"),
        ROW("the order of records does not matter", DNS_A,
            HEADER(ANSWER, "\0\3", "\0\0") QUESTION(A)
                RECORD("\1c\xc0\x14", A, HOUR, "\0\4", "\xc0\0\2\1")
                    RECORD("\1b\xc0\x14", CNAME, HOUR, "\0\4", "\1C\xc0\x14")
                        RECORD(NAME, CNAME, HOUR, "\0\4", "\1B\xc0\x14"),
            "ok trust 1 ttl 3600 >b.org >c.org c0000201"),
        ROW("a record at the start does not belong to the end", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, HOUR, "\0\4", "\1b\xc0\x14")
                    RECORD("\1d\xc0\x14", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "nodata trust 1 ttl 3600 >b.org"),
        ROW("what was asked for beside a CNAME", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, HOUR, "\0\4", "\1b\xc0\x14")
                    RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"),
            "ok trust 1 ttl 3600 c0000201"),
        ROW("a dangling chain", DNS_A,
            HEADER(RCODE("\x83"), "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, HOUR, "\0\4", "\1b\xc0\x14"),
            "nxdomain trust 1 ttl 3600 >b.org"),
        ROW("DNAME with its CNAME", DNS_A,
            HEADER(ANSWER, "\0\3", "\0\0") QUESTION(A)
                RECORD("\xc0\x14", DNAME, HOUR, "\0\5", "\3net\0")
                    RECORD(NAME, CNAME, "\0\0\0\0", "\0\x0d", "\7example\3net\0")
                        RECORD("\7example\3net\0", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "ok trust 1 ttl 0 >example.net c0000201"),
        ROW("a name below a DNAME is an alias: the chain breaks off", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD("\xc0\x14", DNAME, HOUR, "\0\4", "\1x\xc0\x14")
                    RECORD(NAME, CNAME, HOUR, "\0\4", "\1b\xc0\x14"),
            "cname_loop trust 0 ttl 0"),
        ROW("the DNAME's own name is none", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD("\1b\xc0\x14", DNAME, HOUR, "\0\4", "\1x\xc0\x14")
                    RECORD(NAME, CNAME, HOUR, "\0\4", "\1b\xc0\x14"),
            "nodata trust 1 ttl 3600 >b.org"),
        ROW("a name that is its own", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, HOUR, "\0\2", "\xc0\x0c"),
            "cname_loop trust 0 ttl 0"),
        ROW("a loop of two", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, HOUR, "\0\4", "\1b\xc0\x14")
                    RECORD("\1b\xc0\x14", CNAME, HOUR, "\0\2", "\xc0\x0c"),
            "cname_loop trust 0 ttl 0"),
        ROW("a CNAME without a name", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, CNAME, HOUR, "\0\0", ""),
            "malformed trust 0 ttl 0"),
    };
    ASSERT_ROWS(rows);
}

static void an_absence_may_be_remembered_as_long_as_its_soa_says(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("MINIMUM below the TTL", DNS_A, ABSENT SOA_RECORD(ORG, HOUR, MINUTE),
            "nodata trust 1 ttl 0 negative 60"),
        ROW("the TTL below MINIMUM", DNS_A, ABSENT SOA_RECORD(ORG, MINUTE, HOUR),
            "nodata trust 1 ttl 0 negative 60"),
        ROW("NXDOMAIN", DNS_A,
            HEADER_OF(RCODE("\x83"), "\0\0", "\0\1", "\0\0") QUESTION(A)
                SOA_RECORD(ORG, HOUR, HOUR),
            "nxdomain trust 1 ttl 0 negative 3600"),
        ROW("the root's SOA", DNS_A, ABSENT SOA_RECORD("\0", HOUR, HOUR),
            "nodata trust 1 ttl 0 negative 3600"),
        ROW("the name's own SOA", DNS_A, ABSENT SOA_RECORD(NAME, HOUR, HOUR),
            "nodata trust 1 ttl 0 negative 3600"),
        ROW("a zone the name does not lie in", DNS_A,
            ABSENT SOA_RECORD("\1x\xc0\x14", HOUR, HOUR), "nodata trust 1 ttl 0"),
        ROW("a zone below the name", DNS_A, ABSENT SOA_RECORD("\1x\xc0\x0c", HOUR, HOUR),
            "nodata trust 1 ttl 0"),
        ROW("another class", DNS_A, ABSENT ORG SOA "\0\3" HOUR "\0\x1c" SOA_DATA(HOUR),
            "nodata trust 1 ttl 0"),
        ROW("a TTL with the top bit is zero", DNS_A,
            ABSENT SOA_RECORD(ORG, "\x80\0\0\0", HOUR), "nodata trust 1 ttl 0"),
        ROW("a MINIMUM with the top bit is zero", DNS_A,
            ABSENT SOA_RECORD(ORG, HOUR, "\xff\xff\xff\xff"), "nodata trust 1 ttl 0"),
        ROW("MINIMUM 0", DNS_A, ABSENT SOA_RECORD(ORG, HOUR, "\0\0\0\0"),
            "nodata trust 1 ttl 0"),
        ROW("no longer than the CNAME on the way", DNS_A,
            HEADER_OF(RCODE("\x83"), "\0\1", "\0\1", "\0\0") QUESTION(A) RECORD(
                NAME, CNAME, MINUTE, "\0\4", "\1b\xc0\x14") SOA_RECORD(ORG, HOUR, HOUR),
            "nxdomain trust 1 ttl 60 negative 60 >b.org"),
        ROW("the zone of the CNAME's target counts", DNS_A,
            HEADER_OF(RCODE("\x83"), "\0\1", "\0\1", "\0\0") QUESTION(A) RECORD(
                NAME, CNAME, HOUR, "\0\5", "\3net\0") SOA_RECORD(ORG, HOUR, MINUTE),
            "nxdomain trust 1 ttl 3600 >net"),
        ROW("the first of two", DNS_A,
            HEADER_OF(ANSWER, "\0\0", "\0\2", "\0\0") QUESTION(A)
                SOA_RECORD(ORG, HOUR, MINUTE) SOA_RECORD(ORG, HOUR, HOUR),
            "nodata trust 1 ttl 0 negative 60"),
        ROW("behind its signature, before OPT", DNS_A,
            HEADER_OF(ANSWER, "\0\0", "\0\2", "\0\1") QUESTION(A) RECORD(
                ORG, RRSIG, HOUR, "\0\2", "xx") SOA_RECORD(ORG, HOUR, HOUR) OPT("\0"),
            "nodata trust 1 ttl 0 negative 3600"),
        ROW("OPT is still heard behind it", DNS_A,
            HEADER_OF(ANSWER, "\0\0", "\0\1", "\0\1") QUESTION(A)
                SOA_RECORD(ORG, HOUR, HOUR) OPT("\1"),
            "other_rcode trust 0 ttl 0"),
        ROW("in the additional section", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\1") QUESTION(A) SOA_RECORD(ORG, HOUR, HOUR),
            "nodata trust 1 ttl 0"),
        ROW("in the answer section", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A) SOA_RECORD(ORG, HOUR, HOUR),
            "nodata trust 1 ttl 0"),
        ROW("beside records", DNS_A,
            HEADER_OF(ANSWER, "\0\1", "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1") SOA_RECORD(ORG, HOUR, HOUR),
            "ok trust 1 ttl 3600 c0000201"),
        ROW("beside a failure", DNS_A,
            HEADER_OF(RCODE("\x82"), "\0\0", "\0\1", "\0\0") QUESTION(A)
                SOA_RECORD(ORG, HOUR, HOUR),
            "servfail trust 0 ttl 0"),
        ROW("a byte too few", DNS_A,
            ABSENT RECORD(ORG, SOA, HOUR, "\0\x1b",
                          "\1a\xc0\x14\1b\xc0\x14\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4"
                          "\0\0\0"),
            "nodata trust 1 ttl 0"),
        ROW("a byte too many", DNS_A,
            ABSENT RECORD(ORG, SOA, HOUR, "\0\x1d", SOA_DATA(HOUR) "\0"),
            "nodata trust 1 ttl 0"),
        ROW("one name only", DNS_A, ABSENT RECORD(ORG, SOA, HOUR, "\0\4", "\1a\xc0\x14"),
            "nodata trust 1 ttl 0"),
        ROW("nothing", DNS_A, ABSENT RECORD(ORG, SOA, HOUR, "\0\0", ""),
            "nodata trust 1 ttl 0"),
        ROW("a name that runs out of the record", DNS_A,
            ABSENT RECORD(ORG, SOA, HOUR, "\0\2", "\x09z"), "nodata trust 1 ttl 0"),
        ROW("a section that breaks off before it", DNS_A,
            HEADER_OF(ANSWER, "\0\0", "\0\2", "\0\0") QUESTION(A)
                RECORD(ORG, NS, HOUR, "\xff\xff", "") SOA_RECORD(ORG, HOUR, HOUR),
            "nodata trust 1 ttl 0"),
    };
    ASSERT_ROWS(rows);
}

static void hostile_replies_are_malformed(void **state)
{
    (void)state;
    static const struct row rows[] = {
        ROW("nothing", DNS_A, "", "malformed trust 0 ttl 0"),
        ROW("half a header", DNS_A, "\x12\x34\x81", "malformed trust 0 ttl 0"),
        ROW("a header that lies about the question", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0"), "malformed trust 0 ttl 0"),
        ROW("a question cut in its type", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0") ASKED "\0", "malformed trust 0 ttl 0"),
        ROW("a pointer to itself", DNS_A,
            HEADER(ANSWER, "\0\0", "\0\0") "\xc0\x0c" A "\0\1",
            "malformed trust 0 ttl 0"),
        ROW("more records counted than there are", DNS_A,
            HEADER(ANSWER, "\0\2", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"),
            "malformed trust 0 ttl 0"),
        ROW("65,535 records counted", DNS_A,
            HEADER(ANSWER, "\xff\xff", "\0\0") QUESTION(A), "malformed trust 0 ttl 0"),
        ROW("data beyond the end", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\5", "\xc0\0\2\1"),
            "malformed trust 0 ttl 0"),
        ROW("an owner pointing forward", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD("\xc0\x40", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "malformed trust 0 ttl 0"),
        ROW("owners that point in circles", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD("\1a\xc0\x1d", A, HOUR, "\0\4", "\xc0\0\2\1"),
            "malformed trust 0 ttl 0"),
        ROW("a label type of the future", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD("\x41"
                       "a\0",
                       A, HOUR, "\0\4", "\xc0\0\2\1"),
            "malformed trust 0 ttl 0"),
        ROW("A of three bytes", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\3", "\1\2\3"),
            "malformed trust 0 ttl 0"),
        ROW("A of five bytes", DNS_A,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(A)
                RECORD(NAME, A, HOUR, "\0\5", "\1\2\3\4\5"),
            "malformed trust 0 ttl 0"),
        ROW("AAAA of four bytes", DNS_AAAA,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(AAAA)
                RECORD(NAME, AAAA, HOUR, "\0\4", "\1\2\3\4"),
            "malformed trust 0 ttl 0"),
        ROW("TXT without a string", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\0", ""),
            "malformed trust 0 ttl 0"),
        ROW("a string longer than its record", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\4", "\4abc"),
            "malformed trust 0 ttl 0"),
        ROW("a second string longer than its record", DNS_TXT,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT)
                RECORD(NAME, TXT, HOUR, "\0\4", "\2ab\1"),
            "malformed trust 0 ttl 0"),
        ROW("MX without a name", DNS_MX,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(MX)
                RECORD(NAME, MX, HOUR, "\0\2", "\0\1"),
            "malformed trust 0 ttl 0"),
        ROW("MX of one byte", DNS_MX,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(MX)
                RECORD(NAME, MX, HOUR, "\0\1", "\0"),
            "malformed trust 0 ttl 0"),
        ROW("a name that ends before its data", DNS_NS,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(NS)
                RECORD(NAME, NS, HOUR, "\0\4", "\1a\0\0"),
            "malformed trust 0 ttl 0"),
        ROW("a name that runs out of its data", DNS_NS,
            HEADER(ANSWER, "\0\1", "\0\0") QUESTION(NS)
                RECORD(NAME, NS, HOUR, "\0\2", "\1a") "\0\0\0\0",
            "malformed trust 0 ttl 0"),
    };
    ASSERT_ROWS(rows);
}

/* ---- replies too long to write down ---- */

struct built {
    uint8_t wire[UINT16_MAX];
    size_t len;
};

static void built_add(struct built *built, const char *bytes, size_t len)
{
    assert_true(len <= sizeof built->wire - built->len);
    memcpy(built->wire + built->len, bytes, len);
    built->len += len;
}
#define ADD(built, bytes) built_add(built, bytes, sizeof(bytes) - 1)

static void count_set(struct built *built, unsigned count)
{
    built->wire[6] = (uint8_t)(count >> 8);
    built->wire[7] = (uint8_t)count;
}

static enum dns_status status_of(const struct built *built, enum dns_type type,
                                 unsigned *records, unsigned *cnames)
{
    struct packet_parser *parser;
    struct packet_question question;
    struct dns_answer answer;

    assert_int_equal(packet_parser_open(&parser), 0);
    assert_true(packet_question_set(&question, "example.org", type));
    packet_parse(parser, built->wire, built->len, &question, &answer);
    *records = answer.record_count;
    *cnames = answer.cname_count;
    packet_parser_free(parser);
    return answer.status;
}

static void no_more_records_are_kept_than_there_is_room_for(void **state)
{
    (void)state;
    static const struct {
        unsigned count;
        enum dns_status status;
        unsigned kept;
    } rows[] = {
        {PACKET_RECORDS_MAX, DNS_OK, PACKET_RECORDS_MAX},
        {PACKET_RECORDS_MAX + 1, DNS_MALFORMED, 0},
        {4000, DNS_MALFORMED, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct built built = {.len = 0};
        unsigned records;
        unsigned cnames;
        ADD(&built, HEADER(ANSWER, "\0\0", "\0\0") QUESTION(A));
        for (unsigned n = 0; n < rows[i].count; n++) {
            ADD(&built, RECORD(NAME, A, HOUR, "\0\4", "\xc0\0\2\1"));
        }
        count_set(&built, rows[i].count);
        assert_int_equal(status_of(&built, DNS_A, &records, &cnames), rows[i].status);
        assert_int_equal(records, rows[i].kept);
    }
}

/* example.org -> a.org -> b.org -> … */
static void chain_build(struct built *built, unsigned hops)
{
    built->len = 0;
    ADD(built, HEADER(ANSWER, "\0\0", "\0\0") QUESTION(A));
    for (unsigned hop = 0; hop < hops; hop++) {
        char owner[] = {1, (char)('a' + hop - 1), '\xc0', '\x14'};
        char target[] = {1, (char)('a' + hop), '\xc0', '\x14'};
        built_add(built, hop == 0 ? NAME : owner, hop == 0 ? 2 : sizeof owner);
        ADD(built, CNAME "\0\1" HOUR "\0\4");
        built_add(built, target, sizeof target);
    }
    count_set(built, hops);
}

static void a_chain_of_more_than_sixteen_hops_is_a_loop(void **state)
{
    (void)state;
    struct built built;
    unsigned records;
    unsigned cnames;

    chain_build(&built, PACKET_CNAMES_MAX);
    assert_int_equal(status_of(&built, DNS_A, &records, &cnames), DNS_NODATA);
    assert_int_equal(cnames, PACKET_CNAMES_MAX);
    chain_build(&built, PACKET_CNAMES_MAX + 1);
    assert_int_equal(status_of(&built, DNS_A, &records, &cnames), DNS_CNAME_LOOP);
    assert_int_equal(cnames, 0);
}

static void the_longest_names_and_texts_fit(void **state)
{
    (void)state;
    struct built built = {.len = 0};
    unsigned records;
    unsigned cnames;
    char label[64];

    /* One name of 255 bytes that all need four characters, 512 times by pointer. */
    ADD(&built, HEADER(ANSWER, "\0\0", "\0\0") QUESTION(NS));
    label[0] = 63;
    memset(label + 1, 0xff, 63);
    ADD(&built, NAME NS "\0\1" HOUR "\0\xff");
    size_t start = built.len;
    for (int i = 0; i < 3; i++) {
        built_add(&built, label, sizeof label);
    }
    label[0] = 61;
    built_add(&built, label, 62);
    ADD(&built, "\0");
    assert_int_equal(built.len - start, 255);
    for (unsigned i = 1; i < PACKET_RECORDS_MAX; i++) {
        char pointer[] = {(char)(0xc0 | start >> 8), (char)start};
        ADD(&built, NAME NS "\0\1" HOUR "\0\2");
        built_add(&built, pointer, sizeof pointer);
    }
    count_set(&built, PACKET_RECORDS_MAX);
    assert_int_equal(status_of(&built, DNS_NS, &records, &cnames), DNS_OK);
    assert_int_equal(records, PACKET_RECORDS_MAX);

    built.len = 0;
    ADD(&built, HEADER(ANSWER, "\0\1", "\0\0") QUESTION(TXT) NAME TXT "\0\1" HOUR);
    size_t text_len = sizeof built.wire - built.len - 2;
    char text_len_bytes[] = {(char)(text_len >> 8), (char)text_len};
    built_add(&built, text_len_bytes, 2);
    memset(built.wire + built.len, 0, text_len); /* empty strings, every one */
    built.len += text_len;
    assert_int_equal(status_of(&built, DNS_TXT, &records, &cnames), DNS_OK);
    assert_int_equal(records, 1);
}

static void names_are_checked_before_they_are_asked(void **state)
{
    (void)state;
    static const char label63[] =
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    char name[4 * 64 + 8];
    struct packet_question question;
    static const struct {
        const char *name;
        const char *back; /* NULL: refused */
    } rows[] = {
        {"example.org", "example.org"},
        {"Example.ORG.", "example.org"},
        {".", "."},
        {"_dmarc.example.org", "_dmarc.example.org"},
        {"a\\.b.org", "a\\.b.org"},
        {"a\\046b.org", "a\\.b.org"},
        {"a\\255.org", "a\\255.org"},
        {"", NULL},
        {"a..org", NULL},
        {".org", NULL},
        {"..", NULL},
        {"a.org..", NULL},
        {"a\\", NULL},
        {"a\\256.org", NULL},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[PACKET_NAME_TEXT_MAX];
        bool is_name = packet_question_set(&question, rows[i].name, DNS_A);
        if (is_name != (rows[i].back != NULL)) {
            fail_msg("\"%s\" is %s", rows[i].name, is_name ? "accepted" : "refused");
        }
        if (is_name) {
            packet_name_text(text, question.name);
            assert_string_equal(text, rows[i].back);
        }
    }
    snprintf(name, sizeof name, "%s.org", label63);
    assert_true(packet_question_set(&question, name, DNS_A));
    snprintf(name, sizeof name, "a%s.org", label63);
    assert_false(packet_question_set(&question, name, DNS_A));
    /* 3 * 64 + 62 + 1 = 255 bytes on the wire, and one more */
    snprintf(name, sizeof name, "%s.%s.%s.%.61s", label63, label63, label63, label63);
    assert_true(packet_question_set(&question, name, DNS_A));
    snprintf(name, sizeof name, "%s.%s.%s.%.62s", label63, label63, label63, label63);
    assert_false(packet_question_set(&question, name, DNS_A));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_of_each_type_are_read),
        cmocka_unit_test(only_what_was_asked_is_taken),
        cmocka_unit_test(rcodes_become_statuses),
        cmocka_unit_test(cname_chains_are_followed_to_their_end),
        cmocka_unit_test(an_absence_may_be_remembered_as_long_as_its_soa_says),
        cmocka_unit_test(hostile_replies_are_malformed),
        cmocka_unit_test(no_more_records_are_kept_than_there_is_room_for),
        cmocka_unit_test(a_chain_of_more_than_sixteen_hops_is_a_loop),
        cmocka_unit_test(the_longest_names_and_texts_fit),
        cmocka_unit_test(names_are_checked_before_they_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
