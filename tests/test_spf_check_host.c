/* check_host() (RFC 7208 4 to 7) over a table of DNS rows: whole verdicts. */
#include "scanner/classify/spf.h"
#include "tests/table_lookup.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

/* Designated, so that the rest of a row may be left out. */
#define TXT(owner, ...)                                                                  \
    {                                                                                    \
        .name = owner, .type = DNS_TXT, .status = DNS_OK, .values = { __VA_ARGS__ }      \
    }
#define IP4(owner, ...)                                                                  \
    {                                                                                    \
        .name = owner, .type = DNS_A, .status = DNS_OK, .values = { __VA_ARGS__ }        \
    }
#define IP6(owner, ...)                                                                  \
    {                                                                                    \
        .name = owner, .type = DNS_AAAA, .status = DNS_OK, .values = { __VA_ARGS__ }     \
    }
#define MX(owner, ...)                                                                   \
    {                                                                                    \
        .name = owner, .type = DNS_MX, .status = DNS_OK, .values = { __VA_ARGS__ }       \
    }
#define PTR(owner, ...)                                                                  \
    {                                                                                    \
        .name = owner, .type = DNS_PTR, .status = DNS_OK, .values = { __VA_ARGS__ }      \
    }
#define FAILS(owner)                                                                     \
    {                                                                                    \
        .name = owner, .status = DNS_SERVFAIL                                            \
    }

static const struct table_row ROWS[] = {
    FAILS("slow.test"),
    IP4("host.test", "192.0.2.1"),
    IP6("host.test", "2001:db8::1"),
    IP6("v6.test", "2001:db8::1"),
    TXT("other.test", "hello"),
    TXT("two.test", "v=spf1 -all", "v=spf1 ~all"),
    TXT("broken.test", "v=spf1 foo -all"),
    TXT("fail.test", "v=spf1 -all exp=why.test"),
    TXT("net.test", "v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all"),
    TXT("why.test", "no: %{i} for %{s} at %{r} by %{d}, %{h} %{c} %{t} %{v}"),

    /* record selection and default */
    TXT("empty.example", "v=spf1"),
    TXT("near.example", "v=spf1; +all"),
    TXT("late.example", "v=spf1 ip4:192.0.2.1 foo"),
    TXT("quals.example", "v=spf1 ?ip4:192.0.2.1 ~ip4:192.0.2.2 -ip4:192.0.2.3 "
                         "+ip4:192.0.2.4 -all"),

    /* addresses */
    TXT("a.example", "v=spf1 a:host.test -all"),
    TXT("awide.example", "v=spf1 a:host.test/30//126 -all"),
    TXT("aslow.example", "v=spf1 a:slow.test +all"),
    TXT("ip.example", "v=spf1 ip4:198.51.100.0/24 ip6:2001:db8:1::/48 -all"),
    TXT("mapped.example", "v=spf1 ip6:::ffff:192.0.2.1 -all"),
    TXT("exists.example", "v=spf1 exists:%{i}.list.test -all"),
    IP4("192.0.2.1.list.test", "127.0.0.2"),
    IP4("2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1.list.test",
        "127.0.0.2"),
    TXT("existsv6.example", "v=spf1 exists:v6.test -all"),

    /* mx */
    TXT("mx.example", "v=spf1 mx -all"),
    MX("mx.example", "20 slow.test", "10 host.test"),
    TXT("mxslow.example", "v=spf1 mx:mx.example ~all"),
    TXT("mxnone.example", "v=spf1 mx -all"),
    IP4("mxnone.example", "192.0.2.1"),
    TXT("mxnull.example", "v=spf1 mx ?all"),
    MX("mxnull.example", "0 ."),
    TXT("mx11.example", "v=spf1 mx:eleven.test -all"),
    MX("eleven.test", "1 host.test", "2 m2.test", "3 m3.test", "4 m4.test", "5 m5.test",
       "6 m6.test", "7 m7.test", "8 m8.test", "9 m9.test", "10 m10.test", "11 m11.test"),
    TXT("mx10.example", "v=spf1 mx:ten.test -all"),
    MX("ten.test", "2 m2.test", "3 m3.test", "4 m4.test", "5 m5.test", "6 m6.test",
       "7 m7.test", "8 m8.test", "9 m9.test", "10 m10.test", "11 host.test"),

    /* ptr */
    PTR("1.2.0.192.in-addr.arpa", "forged.test", "slow.test", "mail.ptr.example",
        "ptr.example"),
    IP4("forged.test", "192.0.2.9"),
    IP4("mail.ptr.example", "192.0.2.1"),
    IP4("ptr.example", "192.0.2.1"),
    TXT("ptr.example", "v=spf1 ptr -all exp=p.test"),
    TXT("sub.example", "v=spf1 ptr:mail.ptr.EXAMPLE -all"),
    TXT("r.example", "v=spf1 ptr -all exp=p.test"),
    TXT("forged.example", "v=spf1 ptr:forged.test ptr:slow.test -all"),
    TXT("p.test", "%{p}"),
    PTR("2.2.0.192.in-addr.arpa", "n1.test", "n2.test", "n3.test", "n4.test", "n5.test",
        "n6.test", "n7.test", "n8.test", "n9.test", "n10.test", "late.ptr.example"),
    IP4("late.ptr.example", "192.0.2.2"),
    PTR("3.2.0.192.in-addr.arpa", "n1.test", "n2.test", "n3.test", "n4.test", "n5.test",
        "n6.test", "n7.test", "n8.test", "n9.test", "tenth.ptr.example"),
    IP4("tenth.ptr.example", "192.0.2.3"),
    {.name = "4.2.0.192.in-addr.arpa", .type = DNS_PTR, .status = DNS_TIMEOUT},
    PTR("1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa",
        "six.ptr.example"),
    IP6("six.ptr.example", "2001:db8::1"),
    TXT("pmacro.example", "v=spf1 exists:%{p}.ok.test -all"),
    IP4("ptr.example.ok.test", "127.0.0.2"),
    IP4("unknown.ok.test", "127.0.0.2"),

    /* include and redirect */
    TXT("inc.example", "v=spf1 include:net.test -all"),
    TXT("incfail.example", "v=spf1 include:fail.test ~all"),
    TXT("inccode.example", "v=spf1 -include:net.test +all exp=why.test"),
    TXT("incnone.example", "v=spf1 include:other.test +all"),
    TXT("incslow.example", "v=spf1 include:slow.test +all"),
    TXT("inctwo.example", "v=spf1 include:two.test +all"),
    TXT("incbroken.example", "v=spf1 include:broken.test +all"),
    TXT("incodd.example", "v=spf1 include:%{h} +all"),
    TXT("incd.example", "v=spf1 include:d.test -all"),
    TXT("d.test", "v=spf1 a:%{d1}.%{o} redirect=sub.%{d}"),
    TXT("sub.d.test", "v=spf1 exists:%{d}"),
    IP4("sub.d.test", "127.0.0.2"),
    TXT("redir.example", "v=spf1 redirect=net.test exp=why.test"),
    TXT("redirfail.example", "v=spf1 redirect=fail.test exp=p.test"),
    TXT("redirnone.example", "v=spf1 redirect=other.test"),
    TXT("redirall.example", "v=spf1 redirect=broken.test ?all"),
    TXT("self.example", "v=spf1 include:self.example +all"),
    TXT("round.example", "v=spf1 redirect=round.example"),

    /* limits */
    TXT("ten.example", "v=spf1 a:v6.test include:nine.test ip4:192.0.2.1 -all"),
    TXT("nine.test", "v=spf1 a:host.test a:host.test a:host.test a:host.test a:host.test "
                     "a:host.test a:host.test a:host.test -all"),
    TXT("eleven.example", "v=spf1 include:nine.test a:host.test a:host.test -all"),
    TXT("void2.example", "v=spf1 a:x1.test mx:x2.test ip4:192.0.2.1 -all"),
    TXT("void3.example", "v=spf1 a:x1.test mx:x2.test exists:x3.test ip4:192.0.2.1 -all"),
    TXT("voidptr.example", "v=spf1 ptr a:x1.test exists:x2.test +all"),
    TXT("v6only.example", "v=spf1 a:v6.test a:v6.test a:v6.test -all"),
    TXT("void3early.example", "v=spf1 ip4:192.0.2.1 a:x1.test a:x2.test a:x3.test -all"),

    /* explanations */
    TXT("exp.example", "v=spf1 -all exp=why.test"),
    TXT("expgone.example", "v=spf1 a:x1.test a:x2.test -all exp=x3.test"),
    TXT("exptwo.example", "v=spf1 -all exp=two.test"),
    TXT("expslow.example", "v=spf1 -all exp=slow.test"),
    TXT("expbad.example", "v=spf1 -all exp=bad.test"),
    TXT("bad.test", "see %{x}"),
    TXT("expbyte.example", "v=spf1 -all exp=byte.test"),
    TXT("byte.test", "caf\xc3\xa9"),
    TXT("explocal.example", "v=spf1 -all exp=local.test"),
    TXT("local.test", "%{l} %{L}"),
    TXT("explong.example", "v=spf1 -all exp=long.test"),
    TXT("long.test", "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"
                     "%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}%{s}"),
    TXT("exppass.example", "v=spf1 ?all exp=why.test"),

    /* names made by macros */
    TXT("helo.example", "v=spf1 a:%{h} -all"),
    TXT("space.example", "v=spf1 exists:%{l}.odd.test -all"),
    IP4("two\\032words.odd.test", "127.0.0.2"),
    IP4("back\\\\slash.odd.test", "127.0.0.2"),
    TXT("dot.example", "v=spf1 a:host.test. include:net.test. -all"),
};

struct check_case {
    const char *ip, *helo, *mail_from;
    const char *expected; /* "result lookups,void 'explanation'" */
};

static void check_case(const struct check_case *row, bool is_late)
{
    struct spf_sender sender = {
        .helo = row->helo, .mail_from = row->mail_from, .receiver = "mx.me", .time = 77};
    struct spf_verdict verdict;
    struct table_lookup table;
    char text[1024];
    sender.ip_len = strchr(row->ip, ':') != NULL ? 16 : 4;
    assert_int_equal(
        inet_pton(sender.ip_len == 4 ? AF_INET : AF_INET6, row->ip, sender.ip), 1);
    table_lookup_init(&table, ROWS, sizeof ROWS / sizeof ROWS[0]);
    table.is_late = is_late;
    do {
        spf_check_host(&sender, &table.lookup, &verdict);
    } while (verdict.result == SPF_RESULT_PENDING && table_lookup_next_round(&table));
    snprintf(text, sizeof text, "%s %u,%u '%s'", spf_result_text(verdict.result),
             verdict.lookups, verdict.void_lookups, verdict.explanation);
    if (strcmp(text, row->expected) != 0) {
        print_error("%s %s: %s\n", row->mail_from, row->ip, verdict.reason);
    }
    assert_string_equal(text, row->expected);
    assert_true(verdict.reason[0] != '\0');
    table_lookup_close(&table);
}

static void check_cases(const struct check_case *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_case(&rows[i], false);
        check_case(&rows[i], true);
    }
}

#define CHECK(rows) check_cases(rows, sizeof(rows) / sizeof((rows)[0]))
#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static void domains_that_cannot_be_give_none(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@a..example", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@" LABEL_63 "4.example", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@" LABEL_63 ".example", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@example", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@[192.0.2.1]", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@caf\xc3\xa9.example", "none 0,0 ''"},
        {"192.0.2.1", "h", "", "none 0,0 ''"},
        {"192.0.2.1", "", "", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@nothing.example", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@other.test", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@slow.test", "temperror 0,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void the_record_is_read_whole_before_it_is_evaluated(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@empty.example", "neutral 0,0 ''"},
        {"192.0.2.1", "h", "x@near.example", "none 0,0 ''"},
        {"192.0.2.1", "h", "x@two.test", "permerror 0,0 ''"},
        {"192.0.2.1", "h", "x@late.example", "permerror 0,0 ''"},
        {"192.0.2.1", "h", "x@quals.example", "neutral 0,0 ''"},
        {"192.0.2.2", "h", "x@quals.example", "softfail 0,0 ''"},
        {"192.0.2.3", "h", "x@QUALS.example.", "fail 0,0 ''"},
        {"192.0.2.4", "h", "x@quals.example", "pass 0,0 ''"},
        {"192.0.2.4", "quals.example", "", "pass 0,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void addresses_match_in_their_own_family(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@a.example", "pass 1,0 ''"},
        {"192.0.2.2", "h", "x@a.example", "fail 1,0 ''"},
        {"2001:db8::1", "h", "x@a.example", "pass 1,0 ''"},
        {"::ffff:192.0.2.1", "h", "x@a.example", "pass 1,0 ''"},
        {"192.0.2.2", "h", "x@awide.example", "pass 1,0 ''"},
        {"192.0.2.4", "h", "x@awide.example", "fail 1,0 ''"},
        {"2001:db8::2", "h", "x@awide.example", "pass 1,0 ''"},
        {"2001:db8::4", "h", "x@awide.example", "fail 1,0 ''"},
        {"192.0.2.1", "h", "x@aslow.example", "temperror 1,0 ''"},
        {"198.51.100.255", "h", "x@ip.example", "pass 0,0 ''"},
        {"198.51.101.0", "h", "x@ip.example", "fail 0,0 ''"},
        {"2001:db8:1::1", "h", "x@ip.example", "pass 0,0 ''"},
        {"2001:db8:2::1", "h", "x@ip.example", "fail 0,0 ''"},
        {"192.0.2.1", "h", "x@mapped.example", "fail 0,0 ''"},
        {"192.0.2.1", "h", "x@exists.example", "pass 1,0 ''"},
        {"2001:db8::1", "h", "x@exists.example", "pass 1,0 ''"},
        {"192.0.2.2", "h", "x@exists.example", "fail 1,1 ''"},
        {"2001:db8::1", "h", "x@existsv6.example", "fail 1,1 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void mx_hosts_are_tried_by_preference(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@mx.example", "pass 1,0 ''"},
        {"192.0.2.2", "h", "x@mx.example", "temperror 1,0 ''"},
        {"192.0.2.2", "h", "x@mxslow.example", "temperror 1,0 ''"},
        {"192.0.2.1", "h", "x@mxnone.example", "fail 1,1 ''"},
        {"192.0.2.1", "h", "x@mxnull.example", "neutral 1,0 ''"},
        {"192.0.2.1", "h", "x@mx10.example", "pass 1,0 ''"},
        {"192.0.2.1", "h", "x@mx11.example", "permerror 1,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void ptr_names_must_map_back(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@ptr.example", "pass 1,0 ''"},
        {"192.0.2.1", "h", "x@sub.example", "pass 1,0 ''"},
        {"192.0.2.1", "h", "x@forged.example", "fail 2,0 ''"},
        {"192.0.2.1", "h", "x@r.example", "fail 1,0 'mail.ptr.example'"},
        {"192.0.2.9", "h", "x@r.example", "fail 1,1 'unknown'"},
        {"192.0.2.2", "h", "x@ptr.example", "fail 1,0 'unknown'"},
        {"192.0.2.3", "h", "x@ptr.example", "pass 1,0 ''"},
        {"192.0.2.4", "h", "x@ptr.example", "fail 1,0 'unknown'"},
        {"2001:db8::1", "h", "x@ptr.example", "pass 1,0 ''"},
        {"2001:db8::2", "h", "x@ptr.example", "fail 1,1 'unknown'"},
        {"192.0.2.9", "h", "x@pmacro.example", "pass 1,0 ''"},
        {"192.0.2.1", "h", "x@pmacro.example", "fail 1,1 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void include_matches_on_pass_only(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@inc.example", "pass 1,0 ''"},
        {"198.51.100.1", "h", "x@inc.example", "fail 1,0 ''"},
        {"198.51.100.1", "h", "x@incfail.example", "softfail 1,0 ''"},
        {"192.0.2.1", "h.test", "x@inccode.example",
         "fail 1,0 'no: 192.0.2.1 for x@inccode.example at mx.me by inccode.example, "
         "h.test 192.0.2.1 77 in-addr'"},
        {"192.0.2.1", "h", "x@incnone.example", "permerror 1,0 ''"},
        {"192.0.2.1", "h", "x@incslow.example", "temperror 1,0 ''"},
        {"192.0.2.1", "h", "x@inctwo.example", "permerror 1,0 ''"},
        {"192.0.2.1", "h", "x@incbroken.example", "permerror 1,0 ''"},
        {"192.0.2.1", "single", "x@incodd.example", "permerror 1,0 ''"},
        {"192.0.2.1", "a..b", "x@incodd.example", "permerror 1,0 ''"},
        {"192.0.2.1", "net.test", "x@incodd.example", "pass 1,0 ''"},
        {"192.0.2.1", "gone.test", "x@incodd.example", "permerror 1,1 ''"},
        {"192.0.2.1", "h", "x@incd.example", "pass 4,1 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void redirect_takes_the_place_of_the_record(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@redir.example", "pass 1,0 ''"},
        {"198.51.100.1", "h", "x@redir.example", "softfail 1,0 ''"},
        {"198.51.100.1", "h", "x@redirfail.example",
         "fail 1,0 'no: 198.51.100.1 for x@redirfail.example at mx.me by fail.test, h "
         "198.51.100.1 77 in-addr'"},
        {"192.0.2.1", "h", "x@redirnone.example", "permerror 1,0 ''"},
        {"192.0.2.1", "h", "x@redirall.example", "neutral 0,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void limits_end_the_evaluation(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "h", "x@ten.example", "pass 3,1 ''"},
        {"192.0.2.2", "h", "x@ten.example", "fail 10,1 ''"},
        {"192.0.2.2", "h", "x@eleven.example", "permerror 11,0 ''"},
        {"192.0.2.1", "h", "x@void2.example", "pass 2,2 ''"},
        {"192.0.2.1", "h", "x@void3.example", "permerror 3,3 ''"},
        {"192.0.2.9", "h", "x@voidptr.example", "permerror 3,3 ''"},
        {"192.0.2.1", "h", "x@v6only.example", "permerror 3,3 ''"},
        {"2001:db8::9", "h", "x@v6only.example", "fail 3,0 ''"},
        {"192.0.2.1", "h", "x@void3early.example", "pass 0,0 ''"},
        {"192.0.2.1", "h", "x@self.example", "permerror 11,0 ''"},
        {"192.0.2.1", "h", "x@round.example", "permerror 11,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void a_bad_explanation_is_no_explanation(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"2001:db8::1", "h", "@exp.example",
         "fail 0,0 'no: 2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.1 "
         "for postmaster@exp.example at mx.me by exp.example, h 2001:db8::1 77 ip6'"},
        {"192.0.2.1", "exp.example", "",
         "fail 0,0 'no: 192.0.2.1 for postmaster@exp.example at mx.me by exp.example, "
         "exp.example 192.0.2.1 77 in-addr'"},
        {"192.0.2.1", "h", "x@expgone.example", "fail 2,2 ''"},
        {"192.0.2.1", "h", "x@exptwo.example", "fail 0,0 ''"},
        {"192.0.2.1", "h", "x@expslow.example", "fail 0,0 ''"},
        {"192.0.2.1", "h", "x@expbad.example", "fail 0,0 ''"},
        {"192.0.2.1", "h", "x@expbyte.example", "fail 0,0 ''"},
        {"192.0.2.1", "h", "a\nb@c@explocal.example", "fail 0,0 'a?b@c a%0Ab%40c'"},
        {"192.0.2.1", "h", "x@exppass.example", "neutral 0,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

static void an_explanation_is_cut_where_its_room_ends(void **state)
{
    struct spf_sender sender = {.ip = {192, 0, 2, 1},
                                .ip_len = 4,
                                .helo = "h",
                                .mail_from = "someone@explong.example"};
    struct spf_verdict verdict;
    struct table_lookup table;
    (void)state;
    table_lookup_init(&table, ROWS, sizeof ROWS / sizeof ROWS[0]);
    spf_check_host(&sender, &table.lookup, &verdict);
    assert_int_equal(verdict.result, SPF_FAIL);
    assert_int_equal(strlen(verdict.explanation), SPF_EXPLANATION_MAX - 1);
    table_lookup_close(&table);
}

static void names_made_by_macros_may_not_exist(void **state)
{
    static const struct check_case ROWS_HERE[] = {
        {"192.0.2.1", "host.test", "x@helo.example", "pass 1,0 ''"},
        {"192.0.2.1", "not a name", "x@helo.example", "fail 1,1 ''"},
        {"192.0.2.1", "[192.0.2.1]", "x@helo.example", "fail 1,1 ''"},
        {"192.0.2.1", "a..b", "x@helo.example", "fail 1,0 ''"},
        {"192.0.2.1", LABEL_63 "4.test", "x@helo.example", "fail 1,0 ''"},
        {"192.0.2.1", "h", "two words@space.example", "pass 1,0 ''"},
        {"192.0.2.1", "h", "back\\slash@space.example", "pass 1,0 ''"},
        {"192.0.2.1", "h", "x@dot.example", "pass 1,0 ''"},
        {"192.0.2.9", "h", "x@dot.example", "pass 2,0 ''"},
    };
    (void)state;
    CHECK(ROWS_HERE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(domains_that_cannot_be_give_none),
        cmocka_unit_test(the_record_is_read_whole_before_it_is_evaluated),
        cmocka_unit_test(addresses_match_in_their_own_family),
        cmocka_unit_test(mx_hosts_are_tried_by_preference),
        cmocka_unit_test(ptr_names_must_map_back),
        cmocka_unit_test(include_matches_on_pass_only),
        cmocka_unit_test(redirect_takes_the_place_of_the_record),
        cmocka_unit_test(limits_end_the_evaluation),
        cmocka_unit_test(a_bad_explanation_is_no_explanation),
        cmocka_unit_test(an_explanation_is_cut_where_its_room_ends),
        cmocka_unit_test(names_made_by_macros_may_not_exist),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
