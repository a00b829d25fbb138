/* The static analysis of SPF: whole results over a table of DNS rows. */
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
#define FAILS(owner)                                                                     \
    {                                                                                    \
        .name = owner, .status = DNS_TIMEOUT                                             \
    }

#define BYTES_99                                                                         \
    "ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 ip4:192.0.2.1 "             \
    "ip4:192.0.2.1 ip4:192.0.2.12 "

static const struct table_row ROWS[] = {
    /* shared places */
    IP4("host.test", "192.0.2.1"),
    IP4("v4.test", "192.0.2.1", "192.0.2.2"),
    IP6("v6.test", "2001:db8::1"),
    MX("mail.test", "10 mx1.mail.test", "20 mx2.mail.test"),
    IP4("mx1.mail.test", "198.51.100.1"),
    IP4("mx2.mail.test", "198.51.100.2"),
    MX("lonely.test", "10 mx.nowhere.test"),
    MX("nullmx.test", "0 ."),
    MX("ten.test", "1 v4.test", "2 v4.test", "3 v4.test", "4 v4.test", "5 v4.test",
       "6 v4.test", "7 v4.test", "8 v4.test", "9 v4.test", "10 v4.test"),
    MX("eleven.test", "1 v4.test", "2 v4.test", "3 v4.test", "4 v4.test", "5 v4.test",
       "6 v4.test", "7 v4.test", "8 v4.test", "9 v4.test", "10 v4.test", "11 v4.test"),
    TXT("fail.test", "v=spf1 -all"),
    TXT("net.test", "v=spf1 ip4:203.0.113.0/24 ip6:2001:db8::/32 -all"),
    TXT("any.test", "v=spf1 +all"),
    TXT("other.test", "hello"),
    TXT("two.test", "v=spf1 -all", "v=spf1 ~all"),
    TXT("broken.test", "v=spf1 foo -all"),
    TXT("four.test", "v=spf1 a:host.test a:v4.test mx:mail.test ptr -all"),
    TXT("four2.test", "v=spf1 a:host.test a:v4.test mx:mail.test exists:%{i}.test -all"),
    FAILS("slow.test"),

    /* the domain's own record */
    TXT("plain.example", "v=spf1 -all"),
    TXT("empty.example", "v=spf1"),
    TXT("soft.example", "v=spf1 ~ALL"),
    TXT("neutral.example", "v=spf1 ?all"),
    TXT("pass.example", "v=spf1 all"),
    TXT("passes.example", "v=spf1 ip4:192.0.2.1 +all"),
    TXT("multi.example", "v=spf1 -all", "V=SPF1 ~all"),
    TXT("double.example", "v=spf1 -all", "v=spf1 -all"),
    TXT("near.example", "v=spf1; -all"),
    TXT("beside.example", "v=spf1include:net.test", "v=spf1 -all", "v=spf10 -all"),
    FAILS("timeout.example"),
    TXT("syntax.example", "v=spf1 =x ~allCOPY ip4:192.0.2.300 ip4:192.0.2.0/33 a:museum "
                          "exists:%{x}.test \x80x -all"),
    TXT("modifiers.example",
        "v=spf1 exp=a.test exp=b.test redirect=net.test foo=bar ip4:192.0.2.1"),
    TXT("after.example", "v=spf1 -all mx a exp=other.test foo=bar"),
    TXT("afterbad.example", "v=spf1 -all ip4:x"),
    TXT("expafter.example", "v=spf1 -all exp=other.test"),
    TXT("ignored.example", "v=spf1 redirect=net.test -all"),
    TXT("ptr.example", "v=spf1 ptr ?ptr:plain.example -all"),
    TXT("len450.example", "v=spf1 " BYTES_99 BYTES_99 BYTES_99 BYTES_99
                          "ip4:192.0.2.122 ip4:192.0.2.12 ip4:1.1.1.1 -all"),
    TXT("len451.example", "v=spf1 " BYTES_99 BYTES_99 BYTES_99 BYTES_99
                          "ip4:192.0.2.122 ip4:192.0.2.122 ip4:1.1.1.1 -all"),
    TXT("broad.example", "v=spf1 ip4:10.0.0.0/15 ip4:172.16.0.0/16 ip6:2000::/31 "
                         "ip6:2001:db8::/32 -all"),
    TXT("union.example", "v=spf1 ip4:192.0.2.0/25 ip4:192.0.2.128/25 ip4:192.0.2.7 "
                         "-ip4:10.0.0.0/24 ?ip4:10.0.1.0/24 ip4:198.51.100.0/24 "
                         "ip6:2001:db8::/48 ip6:2001:db8::1/48 ip6:2001:db8::/49 -all"),

    /* a and mx */
    TXT("a.example", "v=spf1 a a:v4.test/24 a:v6.test -all"),
    IP4("a.example", "203.0.113.5"),
    TXT("mx.example", "v=spf1 mx:mail.test/31 mx:ten.test -all"),
    TXT("mx11.example", "v=spf1 mx:eleven.test -all"),
    TXT("mxnull.example", "v=spf1 mx:nullmx.test mx:lonely.test -all"),
    TXT("void1.example", "v=spf1 mx a:gone.test a:v6.test -all"),
    TXT("void3.example", "v=spf1 mx:gone.test a:gone.test a:gone2.test -all"),
    TXT("minus.example", "v=spf1 -a:v4.test ~mx:mail.test -all"),
    TXT("later.example", "v=spf1 a:slow.test mx:slow.test -all"),
    TXT("laterbad.example", "v=spf1 a:slow.test foo -all"),

    /* sender-dependent terms */
    TXT("macro.example", "v=spf1 exists:%{i}._spf.%{d} include:%{l}.test a:%{d} "
                         "redirect=%{o}.test"),
    IP4("macro.example", "192.0.2.9"),
    TXT("dmacro.example", "v=spf1 include:_spf.%{d} -all"),
    TXT("_spf.dmacro.example", "v=spf1 a:%{d1r}.test -all"),
    TXT("gonemacro.example", "v=spf1 a:%{i}.gone.test exists:gone.test -all"),

    /* include and redirect */
    TXT("inc.example", "v=spf1 include:NET.test. include:fail.test ~all"),
    TXT("incq.example", "v=spf1 ?include:net.test -include:any.test -all"),
    TXT("incany.example", "v=spf1 include:any.test -all"),
    TXT("incnone.example", "v=spf1 include:other.test include:gone.test -all"),
    TXT("inctwo.example", "v=spf1 include:two.test -all"),
    TXT("incbroken.example", "v=spf1 include:broken.test -all"),
    TXT("deep.example", "v=spf1 include:incbroken.example include:inc11.example -all"),
    TXT("inc11.example", "v=spf1 mx:eleven.test -all"),
    TXT("inctemp.example", "v=spf1 include:slow.test -all"),
    TXT("deeptemp.example", "v=spf1 include:inctemp.example -all"),
    TXT("self.example", "v=spf1 include:self.example -all"),
    TXT("round.example", "v=spf1 include:b.round.example -all"),
    TXT("b.round.example", "v=spf1 redirect=round.example"),
    TXT("diamond.example", "v=spf1 include:l.diamond.example include:r.diamond.example "
                           "-all"),
    TXT("l.diamond.example", "v=spf1 include:net.test -all"),
    TXT("r.diamond.example", "v=spf1 include:net.test -all"),
    TXT("ten.example", "v=spf1 include:four.test include:four2.test -all"),
    TXT("eleven.example", "v=spf1 include:four.test a:host.test include:four2.test "
                          "include:fail.test -all"),
    TXT("warnless.example", "v=spf1 include:odd.test -all"),
    TXT("odd.test", "v=spf1 ptr ip4:8.0.0.0/8 a:gone.test mx:gone.test foo=bar"),
    TXT("redir.example", "v=spf1 ip4:192.0.2.1 redirect=Net.test"),
    TXT("redirnone.example", "v=spf1 redirect=other.test"),
    TXT("redirgone.example", "v=spf1 redirect=gone.test"),
    TXT("redirbad.example", "v=spf1 redirect=broken.test"),
    TXT("redirtwo.example", "v=spf1 redirect=two.test"),
    TXT("redirself.example", "v=spf1 redirect=redirself.example"),
    TXT("redirslow.example", "v=spf1 redirect=slow.test"),
    TXT("incredir.example", "v=spf1 include:redir.example include:ignored.example -all"),
    TXT("single.example", "v=spf1 include:%{d1} -all"),
};

struct analysis_case {
    const char *domain;
    const char *expected;
};

static void append(char *out, size_t size, const char *format, ...)
{
    va_list args;
    size_t len = strlen(out);
    va_start(args, format);
    vsnprintf(out + len, size - len, format, args);
    va_end(args);
}

static void describe(const struct spf_analysis *analysis, const struct defects *defects,
                     char *out, size_t size)
{
    const char *validity = validity_text(analysis->validity);
    const char *all = spf_all_text(analysis->all);
    out[0] = '\0';
    append(out, size, "%s %s", deployment_text(analysis->published.deployment),
           validity != NULL ? validity : "-");
    if (analysis->published.deployment == DEPLOYMENT_PRESENT) {
        append(out, size, " all=%s lookups=%u,%u v4=%llu v6=%u", all != NULL ? all : "-",
               analysis->lookups, analysis->void_lookups,
               (unsigned long long)analysis->ipv4_addresses, analysis->ipv6_prefixes);
    }
    for (size_t i = 0; i < analysis->include_count; i++) {
        append(out, size, " +%s", analysis->includes[i]);
    }
    if (analysis->redirect[0] != '\0') {
        append(out, size, " =>%s", analysis->redirect);
    }
    for (size_t i = 0; i < defects->count; i++) {
        append(out, size, "\n%s [%.*s]", spf_code_text(defects->list[i].code),
               (int)defects->list[i].detail.len, defects->list[i].detail.ptr);
    }
}

static void check_case(const struct analysis_case *expected, bool is_late)
{
    static struct spf_analysis analysis;
    struct defects defects;
    struct table_lookup table;
    char text[4096];
    table_lookup_init(&table, ROWS, sizeof ROWS / sizeof ROWS[0]);
    table.is_late = is_late;
    defects_clear(&defects);
    do {
        spf_analyse(expected->domain, &table.lookup, &analysis, &defects);
    } while (!analysis.is_done && table_lookup_next_round(&table));
    assert_true(analysis.is_done);
    describe(&analysis, &defects, text, sizeof text);
    if (strcmp(text, expected->expected) != 0) {
        print_error("%s:\n", expected->domain);
    }
    assert_string_equal(text, expected->expected);
    assert_true(table.asked_count <= SPF_QUERIES_MAX);
    table_lookup_close(&table);
}

static void check_cases(const struct analysis_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_case(&cases[i], false);
        check_case(&cases[i], true);
    }
}

#define CHECK(cases) check_cases(cases, sizeof(cases) / sizeof((cases)[0]))

static void deployment_is_what_a_receiver_sees(void **state)
{
    static const struct analysis_case CASES[] = {
        {"nothing.example", "absent -"},
        {"other.test", "absent -"},
        {"timeout.example", "temp_error -"},
        {"multi.example", "multiple invalid\nmultiple_records []"},
        {"double.example", "present valid all=fail lookups=0,0 v4=0 v6=0"},
        {"near.example", "absent -\nversion_near_miss [v=spf1; -all]"},
        {"beside.example", "present valid all=fail lookups=0,0 v4=0 v6=0\n"
                           "version_near_miss [v=spf1include:net.test]"},
    };
    (void)state;
    CHECK(CASES);
}

static void all_decides_how_the_record_ends(void **state)
{
    static const struct analysis_case CASES[] = {
        {"plain.example", "present valid all=fail lookups=0,0 v4=0 v6=0"},
        {"empty.example", "present valid all=none lookups=0,0 v4=0 v6=0\nno_all []"},
        {"soft.example", "present valid all=softfail lookups=0,0 v4=0 v6=0"},
        {"neutral.example",
         "present valid all=neutral lookups=0,0 v4=0 v6=0\nall_neutral [?all]"},
        {"pass.example",
         "present valid all=pass lookups=0,0 v4=4294967296 v6=0\nall_pass [all]"},
        {"passes.example",
         "present valid all=pass lookups=0,0 v4=4294967296 v6=0\nall_pass [+all]"},
        {"after.example", "present valid all=fail lookups=0,0 v4=0 v6=0\n"
                          "terms_after_all [mx]\nunknown_modifier [foo=bar]"},
        {"afterbad.example",
         "present invalid all=fail lookups=0,0 v4=0 v6=0\ninvalid_ip [ip4:x]"},
        {"expafter.example", "present valid all=fail lookups=0,0 v4=0 v6=0"},
        {"ignored.example", "present valid all=fail lookups=0,0 v4=0 v6=0 =>net.test\n"
                            "redirect_ignored [redirect=net.test]"},
    };
    (void)state;
    CHECK(CASES);
}

static void every_broken_term_is_named_and_sound_ones_count(void **state)
{
    static const struct analysis_case CASES[] = {
        {"syntax.example", "present invalid all=fail lookups=0,0 v4=0 v6=0\nsyntax [=x]\n"
                           "unknown_mechanism [~allCOPY]\ninvalid_ip [ip4:192.0.2.300]\n"
                           "invalid_cidr [ip4:192.0.2.0/33]\ninvalid_domain [a:museum]\n"
                           "invalid_macro [exists:%{x}.test]\nnon_ascii [\x80x]"},
        {"modifiers.example", "present invalid all=redirect lookups=1,0 v4=257 v6=1 "
                              "=>net.test\nduplicate_modifier [exp=b.test]\n"
                              "unknown_modifier [foo=bar]"},
    };
    (void)state;
    CHECK(CASES);
}

static void warnings_have_sharp_edges(void **state)
{
    static const struct analysis_case CASES[] = {
        {"ptr.example", "present valid all=fail lookups=2,0 v4=0 v6=0\nptr_used [ptr]\n"
                        "ptr_used [?ptr:plain.example]"},
        {"broad.example", "present valid all=fail lookups=0,0 v4=196608 v6=2\n"
                          "broad_range [ip4:10.0.0.0/15]\nbroad_range [ip6:2000::/31]"},
        {"len450.example", "present valid all=fail lookups=0,0 v4=4 v6=0"},
        {"len451.example",
         "present valid all=fail lookups=0,0 v4=4 v6=0\nrecord_too_long []"},
    };
    (void)state;
    CHECK(CASES);
}

static void ranges_that_pass_are_counted_once(void **state)
{
    static const struct analysis_case CASES[] = {
        {"union.example", "present valid all=fail lookups=0,0 v4=512 v6=2"},
        {"a.example", "present valid all=fail lookups=3,0 v4=257 v6=0"},
        {"mx.example", "present valid all=fail lookups=2,0 v4=6 v6=0"},
        {"minus.example", "present valid all=fail lookups=2,0 v4=0 v6=0"},
    };
    (void)state;
    CHECK(CASES);
}

static void names_without_data_are_void(void **state)
{
    static const struct analysis_case CASES[] = {
        {"void1.example", "present valid all=fail lookups=3,2 v4=0 v6=0\n"
                          "void_lookup [void1.example]\nmx_missing [void1.example]\n"
                          "void_lookup [gone.test]\na_missing [gone.test]"},
        {"void3.example", "present invalid all=fail lookups=3,3 v4=0 v6=0\n"
                          "void_lookup [gone.test]\nmx_missing [gone.test]\n"
                          "void_lookup [gone.test]\na_missing [gone.test]\n"
                          "too_many_void_lookups [gone2.test]\n"
                          "void_lookup [gone2.test]\na_missing [gone2.test]"},
        {"mxnull.example", "present valid all=fail lookups=2,0 v4=0 v6=0"},
        {"mx11.example", "present invalid all=fail lookups=1,0 v4=0 v6=0\n"
                         "too_many_mx [eleven.test]"},
    };
    (void)state;
    CHECK(CASES);
}

static void a_failed_lookup_leaves_validity_open_unless_an_error_stands(void **state)
{
    static const struct analysis_case CASES[] = {
        {"later.example", "present - all=fail lookups=2,0 v4=0 v6=0"},
        {"laterbad.example", "present invalid all=fail lookups=1,0 v4=0 v6=0\n"
                             "unknown_mechanism [foo]"},
        {"inctemp.example", "present - all=fail lookups=1,0 v4=0 v6=0 +slow.test\n"
                            "include_temp_error [slow.test]"},
        {"deeptemp.example", "present - all=fail lookups=2,0 v4=0 v6=0 +inctemp.example "
                             "+slow.test\ninclude_temp_error [slow.test]"},
        {"redirslow.example", "present - all=redirect lookups=1,0 v4=0 v6=0 =>slow.test"},
    };
    (void)state;
    CHECK(CASES);
}

static void terms_that_depend_on_the_sender_count_and_stay_open(void **state)
{
    static const struct analysis_case CASES[] = {
        {"macro.example", "present valid all=redirect lookups=4,0 v4=1 v6=0 =>%{o}.test"},
        {"gonemacro.example", "present valid all=fail lookups=2,0 v4=0 v6=0"},
    };
    (void)state;
    CHECK(CASES);
}

static void sender_dependent_terms_and_exists_are_not_asked(void **state)
{
    static struct spf_analysis analysis;
    struct defects defects;
    struct table_lookup table;
    (void)state;
    table_lookup_init(&table, ROWS, sizeof ROWS / sizeof ROWS[0]);
    defects_clear(&defects);
    spf_analyse("gonemacro.example", &table.lookup, &analysis, &defects);
    assert_int_equal(table.asked_count, 1);
    assert_true(table_lookup_was_asked(&table, "gonemacro.example", DNS_TXT));
    table_lookup_close(&table);
}

static void d_is_the_name_whose_record_it_stands_in(void **state)
{
    static const struct analysis_case CASES[] = {
        {"dmacro.example", "present valid all=fail lookups=2,1 v4=0 v6=0 "
                           "+_spf.dmacro.example"},
    };
    (void)state;
    CHECK(CASES);
}

static void includes_bubble_up_counts_and_include_codes_only(void **state)
{
    static const struct analysis_case CASES[] = {
        {"inc.example",
         "present valid all=softfail lookups=2,0 v4=256 v6=1 +net.test +fail.test"},
        {"incq.example",
         "present valid all=fail lookups=2,0 v4=0 v6=0 +net.test +any.test"},
        {"incany.example",
         "present valid all=fail lookups=1,0 v4=4294967296 v6=0 +any.test"},
        {"incnone.example", "present invalid all=fail lookups=2,1 v4=0 v6=0 +other.test "
                            "+gone.test\ninclude_no_record [other.test]\n"
                            "void_lookup [gone.test]\ninclude_no_record [gone.test]"},
        {"inctwo.example", "present invalid all=fail lookups=1,0 v4=0 v6=0 +two.test\n"
                           "include_invalid [two.test]"},
        {"incbroken.example", "present invalid all=fail lookups=1,0 v4=0 v6=0 "
                              "+broken.test\ninclude_invalid [broken.test]"},
        {"deep.example", "present invalid all=fail lookups=4,0 v4=0 v6=0 "
                         "+incbroken.example +broken.test +inc11.example\n"
                         "include_invalid [broken.test]\n"
                         "include_invalid [inc11.example]"},
        {"warnless.example",
         "present valid all=fail lookups=4,2 v4=16777216 v6=0 +odd.test"},
        {"single.example", "present invalid all=fail lookups=1,0 v4=0 v6=0\n"
                           "include_no_record [%{d1}]"},
    };
    (void)state;
    CHECK(CASES);
}

static void loops_are_told_and_diamonds_are_none(void **state)
{
    static const struct analysis_case CASES[] = {
        {"self.example", "present invalid all=fail lookups=1,0 v4=0 v6=0 +self.example\n"
                         "include_loop [self.example]"},
        {"round.example", "present invalid all=fail lookups=2,0 v4=0 v6=0 "
                          "+b.round.example\nredirect_loop [round.example]"},
        {"diamond.example",
         "present valid all=fail lookups=4,0 v4=256 v6=1 +l.diamond.example +net.test "
         "+r.diamond.example"},
        {"redirself.example",
         "present invalid all=redirect lookups=1,0 v4=0 v6=0 =>redirself.example\n"
         "redirect_loop [redirself.example]"},
    };
    (void)state;
    CHECK(CASES);
}

static void ten_lookups_pass_and_the_eleventh_is_named(void **state)
{
    static const struct analysis_case CASES[] = {
        {"ten.example", "present valid all=fail lookups=10,0 v4=4 v6=0 +four.test "
                        "+four2.test"},
        {"eleven.example",
         "present invalid all=fail lookups=12,0 v4=4 v6=0 +four.test +four2.test "
         "+fail.test\ntoo_many_lookups [exists:%{i}.test]"},
    };
    (void)state;
    CHECK(CASES);
}

static void redirect_goes_on_elsewhere(void **state)
{
    static const struct analysis_case CASES[] = {
        {"redir.example",
         "present valid all=redirect lookups=1,0 v4=257 v6=1 =>net.test"},
        {"redirnone.example", "present invalid all=redirect lookups=1,0 v4=0 v6=0 "
                              "=>other.test\nredirect_no_record [other.test]"},
        {"redirgone.example",
         "present invalid all=redirect lookups=1,1 v4=0 v6=0 =>gone.test\n"
         "void_lookup [gone.test]\nredirect_no_record [gone.test]"},
        {"redirbad.example", "present invalid all=redirect lookups=1,0 v4=0 v6=0 "
                             "=>broken.test\nredirect_invalid [broken.test]"},
        {"redirtwo.example", "present invalid all=redirect lookups=1,0 v4=0 v6=0 "
                             "=>two.test\nredirect_invalid [two.test]"},
        {"incredir.example", "present valid all=fail lookups=3,0 v4=257 v6=1 "
                             "+redir.example +ignored.example"},
    };
    (void)state;
    CHECK(CASES);
}

/* Worlds too large to write down. */
struct world {
    struct table_row rows[600];
    char texts[600][2048], names[600][40];
    size_t count;
};

static char *world_add(struct world *world, const char *name)
{
    size_t at = world->count++;
    snprintf(world->names[at], sizeof world->names[at], "%s", name);
    strcpy(world->texts[at], "v=spf1");
    world->rows[at] = (struct table_row){.name = world->names[at],
                                         .type = DNS_TXT,
                                         .status = DNS_OK,
                                         .values = {world->texts[at]}};
    return world->texts[at];
}

static size_t run_world(const struct world *world, bool is_late,
                        struct spf_analysis *analysis, struct defects *defects)
{
    struct table_lookup table;
    table_lookup_init(&table, world->rows, world->count);
    table.is_late = is_late;
    defects_clear(defects);
    do {
        spf_analyse("c0.test", &table.lookup, analysis, defects);
    } while (!analysis->is_done && table_lookup_next_round(&table));
    assert_true(analysis->is_done);
    size_t asked_count = table.asked_count;
    table_lookup_close(&table);
    return asked_count;
}

static void no_more_than_a_hundred_questions_are_asked(void **state)
{
    static struct world world;
    static struct spf_analysis analysis;
    struct defects defects;
    (void)state;
    for (int is_over = 0; is_over <= 1; is_over++) {
        world.count = 0;
        char *own = world_add(&world, "c0.test");
        append(own, 2048, " include:c1.test");
        for (int i = 0; i < 24; i++) {
            append(own, 2048, " a:o%d.test", i);
        }
        char *other = world_add(&world, "c1.test");
        for (int i = 0; i < 25 + is_over; i++) {
            append(other, 2048, " a:i%d.test", i);
        }
        append(own, 2048, " -all");
        /* 2 TXT, 48 and 50 addresses: a hundred */
        assert_int_equal(run_world(&world, true, &analysis, &defects), 100);
        assert_int_equal(defects_has(&defects, SPF_ANALYSIS_TRUNCATED), is_over);
        assert_int_equal(analysis.lookups, 50 + is_over);
        assert_int_equal(run_world(&world, false, &analysis, &defects), 100);
        assert_int_equal(defects_has(&defects, SPF_ANALYSIS_TRUNCATED), is_over);
    }
}

static void a_chain_of_includes_is_followed_twenty_deep(void **state)
{
    static struct world world;
    static struct spf_analysis analysis;
    struct defects defects;
    (void)state;
    for (int depth = 20; depth <= 21; depth++) {
        char name[40];
        world.count = 0;
        for (int i = 0; i <= depth; i++) {
            snprintf(name, sizeof name, "c%d.test", i);
            append(world_add(&world, name), 2048,
                   i < depth ? " include:c%d.test -all" : " ip4:192.0.2.1 -all", i + 1);
        }
        assert_int_equal(run_world(&world, true, &analysis, &defects), 21);
        assert_int_equal(defects_has(&defects, SPF_ANALYSIS_TRUNCATED), depth == 21);
        assert_int_equal(analysis.ipv4_addresses, depth == 20);
    }
}

static void a_tower_of_diamonds_ends_in_good_time(void **state)
{
    static struct world world;
    static struct spf_analysis analysis;
    struct defects defects;
    char name[40];
    (void)state;
    world.count = 0;
    for (int i = 0; i < 18; i++) {
        snprintf(name, sizeof name, "c%d.test", i);
        append(world_add(&world, name), 2048, " include:c%d.test include:c%d.test -all",
               i + 1, i + 1);
    }
    world_add(&world, "c18.test");
    assert_int_equal(run_world(&world, true, &analysis, &defects), 19);
    assert_true(defects_has(&defects, SPF_ANALYSIS_TRUNCATED));
    assert_true(defects_has(&defects, SPF_TOO_MANY_LOOKUPS));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(deployment_is_what_a_receiver_sees),
        cmocka_unit_test(all_decides_how_the_record_ends),
        cmocka_unit_test(every_broken_term_is_named_and_sound_ones_count),
        cmocka_unit_test(warnings_have_sharp_edges),
        cmocka_unit_test(ranges_that_pass_are_counted_once),
        cmocka_unit_test(names_without_data_are_void),
        cmocka_unit_test(a_failed_lookup_leaves_validity_open_unless_an_error_stands),
        cmocka_unit_test(terms_that_depend_on_the_sender_count_and_stay_open),
        cmocka_unit_test(sender_dependent_terms_and_exists_are_not_asked),
        cmocka_unit_test(d_is_the_name_whose_record_it_stands_in),
        cmocka_unit_test(includes_bubble_up_counts_and_include_codes_only),
        cmocka_unit_test(loops_are_told_and_diamonds_are_none),
        cmocka_unit_test(ten_lookups_pass_and_the_eleventh_is_named),
        cmocka_unit_test(redirect_goes_on_elsewhere),
        cmocka_unit_test(no_more_than_a_hundred_questions_are_asked),
        cmocka_unit_test(a_chain_of_includes_is_followed_twenty_deep),
        cmocka_unit_test(a_tower_of_diamonds_ends_in_good_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
