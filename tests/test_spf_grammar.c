/* One term at a time: RFC 7208 12. */
#include "scanner/classify/spf_grammar.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

static const char *const KINDS[] = {"broken", "all",      "include", "a",
                                    "mx",     "ptr",      "ip4",     "ip6",
                                    "exists", "redirect", "exp",     "other"};

/* "mx domain /24//64", or "broken code". */
static void describe(const struct spf_term *term, char *out, size_t size)
{
    char ip[INET6_ADDRSTRLEN] = "";
    if (term->kind == SPF_TERM_BROKEN) {
        snprintf(out, size, "broken %s", spf_code_text(term->defect));
        return;
    }
    if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6) {
        inet_ntop(term->kind == SPF_TERM_IP4 ? AF_INET : AF_INET6, term->ip, ip,
                  sizeof ip);
    }
    snprintf(out, size, "%s%s %.*s%s /%u//%u",
             term->qualifier != 0 ? (char[]){term->qualifier, '\0'} : "",
             KINDS[term->kind], (int)term->domain_spec.len, term->domain_spec.ptr, ip,
             term->prefix4, term->prefix6);
}

static void check_term(const char *text, const char *expected)
{
    char record[400], described[400];
    struct spf_terms terms;
    struct spf_term term;
    snprintf(record, sizeof record, "v=spf1  %s ", text);
    spf_terms_begin(&terms, span_of(record));
    assert_true(spf_terms_next(&terms, &term));
    assert_true(span_equals(term.text, text));
    describe(&term, described, sizeof described);
    if (strcmp(described, expected) != 0) {
        print_error("%s:\n", text);
    }
    assert_string_equal(described, expected);
    assert_false(spf_terms_next(&terms, &term));
}

static void check_terms(const char *const (*rows)[2], size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_term(rows[i][0], rows[i][1]);
    }
}

#define CHECK(rows) check_terms(rows, sizeof(rows) / sizeof((rows)[0]))
#define LABEL_63 "a23456789012345678901234567890123456789012345678901234567890123"

static void mechanisms_have_qualifiers_and_names_in_any_case(void **state)
{
    static const char *const ROWS[][2] = {
        {"all", "+all  /32//128"},
        {"+ALL", "+all  /32//128"},
        {"-All", "-all  /32//128"},
        {"~all", "~all  /32//128"},
        {"?mX", "?mx  /32//128"},
        {"InClude:a.test", "+include a.test /32//128"},
        {"ptr", "+ptr  /32//128"},
        {"ptr:a.test", "+ptr a.test /32//128"},
        {"exists:a.test", "+exists a.test /32//128"},
        {"--all", "broken syntax"},
        {"-", "broken syntax"},
        {"all:a.test", "broken syntax"},
        {"all/8", "broken syntax"},
        {"all.", "broken unknown_mechanism"},
        {"include", "broken syntax"},
        {"include/24", "broken syntax"},
        {"exists", "broken syntax"},
        {"ptr/24", "broken syntax"},
        {"include:", "broken invalid_domain"},
        {"exists:", "broken invalid_domain"},
        {"ptr:", "broken invalid_domain"},
        {"include:a.test/24", "broken invalid_domain"},
    };
    (void)state;
    CHECK(ROWS);
}

static void a_and_mx_take_a_domain_and_two_prefixes(void **state)
{
    static const char *const ROWS[][2] = {
        {"a", "+a  /32//128"},
        {"a/0", "+a  /0//128"},
        {"a/24", "+a  /24//128"},
        {"mx//64", "+mx  /32//64"},
        {"a/24//64", "+a  /24//64"},
        {"a:b.test/24//64", "+a b.test /24//64"},
        {"a:%{d}/24", "+a %{d} /24//128"},
        {"a:foo:bar/baz.test", "+a foo:bar/baz.test /32//128"},
        {"a:24/7.test/7", "+a 24/7.test /7//128"},
        {"a/33", "broken invalid_cidr"},
        {"a//129", "broken invalid_cidr"},
        {"a/024", "broken invalid_cidr"},
        {"a/", "broken invalid_cidr"},
        {"a//", "broken invalid_cidr"},
        {"a/24/64", "broken invalid_cidr"},
        {"a/24//", "broken invalid_cidr"},
        {"a/x", "broken invalid_cidr"},
        {"mx:b.test/", "broken invalid_cidr"},
        {"mx:b.test/24/64", "broken invalid_cidr"},
        {"a:%{d}/24/64", "broken invalid_cidr"},
        {"a:", "broken invalid_domain"},
        {"a:/24", "broken invalid_domain"},
        {"a=b", "other  /32//128"},
    };
    (void)state;
    CHECK(ROWS);
}

static void a_domain_spec_ends_in_a_toplabel_or_a_macro(void **state)
{
    static const char *const ROWS[][2] = {
        {"a:b.test.", "+a b.test. /32//128"},
        {"a:b.xn--zckzah", "+a b.xn--zckzah /32//128"},
        {"a:b.1a", "+a b.1a /32//128"},
        {"a:b.1-2", "+a b.1-2 /32//128"},
        {"a:_b._c.test", "+a _b._c.test /32//128"},
        {"a:b%{d}", "+a b%{d} /32//128"},
        {"a:b%%", "+a b%% /32//128"},
        {"a:%{d}.test", "+a %{d}.test /32//128"},
        {"a:" LABEL_63 ".test", "+a " LABEL_63 ".test /32//128"},
        {"a:" LABEL_63 "4.test", "broken invalid_domain"},
        {"a:b..test", "broken invalid_domain"},
        {"a:.test", "broken invalid_domain"},
        {"a:b.test..", "broken invalid_domain"},
        {"a:museum", "broken invalid_domain"},
        {"a:museum.", "broken invalid_domain"},
        {"a:b.-test", "broken invalid_domain"},
        {"a:b.test-", "broken invalid_domain"},
        {"a:b.te_st", "broken invalid_domain"},
        {"a:192.0.2.1", "broken invalid_domain"},
        {"a:b.test:8080", "broken invalid_domain"},
        {"a:%{d}test", "broken invalid_domain"},
        {"a:%{d}.", "broken invalid_domain"},
        {"a:b.%{d", "broken invalid_macro"},
        {"a:%{x}", "broken invalid_macro"},
        {"a:%(d)", "broken invalid_macro"},
        {"a:%{d0}", "broken invalid_macro"},
        {"a:%{c}", "broken invalid_macro"},
        {"exp=%{r}.test", "broken invalid_macro"},
        {"exists:%{T}", "broken invalid_macro"},
        {"a:b%", "broken invalid_macro"},
    };
    (void)state;
    CHECK(ROWS);
}

static void addresses_are_strict(void **state)
{
    static const char *const ROWS[][2] = {
        {"ip4:192.0.2.1", "+ip4 192.0.2.1 /32//128"},
        {"IP4:192.0.2.0/24", "+ip4 192.0.2.0 /24//128"},
        {"ip4:0.0.0.0/0", "+ip4 0.0.0.0 /0//128"},
        {"ip6:2001:DB8::1/48", "+ip6 2001:db8::1 /32//48"},
        {"ip6:::/0", "+ip6 :: /32//0"},
        {"ip6:::ffff:192.0.2.1", "+ip6 ::ffff:192.0.2.1 /32//128"},
        {"ip4", "broken syntax"},
        {"ip4/24", "broken syntax"},
        {"ip4:", "broken invalid_ip"},
        {"ip4:192.0.2", "broken invalid_ip"},
        {"ip4:192.0.2.01", "broken invalid_ip"},
        {"ip4:192.0.2.256", "broken invalid_ip"},
        {"ip4:192.0.2.1:25", "broken invalid_ip"},
        {"ip4:2001:db8::1", "broken invalid_ip"},
        {"ip6:192.0.2.1", "broken invalid_ip"},
        {"ip6:2001::db8::1", "broken invalid_ip"},
        {"ip6:[2001:db8::1]", "broken invalid_ip"},
        {"ip4:192.0.2.1/33", "broken invalid_cidr"},
        {"ip4:192.0.2.1/032", "broken invalid_cidr"},
        {"ip4:192.0.2.1/00", "broken invalid_cidr"},
        {"ip4:192.0.2.1/", "broken invalid_cidr"},
        {"ip4:192.0.2.1//32", "broken invalid_cidr"},
        {"ip4:192.0.2.1/24/24", "broken invalid_cidr"},
        {"ip4:192.0.2.1/-1", "broken invalid_cidr"},
        {"ip6:2001:db8::/129", "broken invalid_cidr"},
        {"ip6:2001:db8::/1280", "broken invalid_cidr"},
    };
    (void)state;
    CHECK(ROWS);
}

static void modifiers_have_no_qualifier(void **state)
{
    static const char *const ROWS[][2] = {
        {"redirect=a.test", "redirect a.test /32//128"},
        {"Redirect=%{d2}", "redirect %{d2} /32//128"},
        {"exp=a.test", "exp a.test /32//128"},
        {"moo.cow-far_out=man:dog/cat", "other  /32//128"},
        {"v=spf1", "other  /32//128"},
        {"foo=", "other  /32//128"},
        {"foo=%{c}", "other  /32//128"},
        {"foo=%abc", "broken invalid_macro"},
        {"redirect=", "broken invalid_domain"},
        {"redirect=-all", "broken invalid_domain"},
        {"exp=", "broken invalid_domain"},
        {"redirect:a.test", "broken syntax"},
        {"exp:a.test", "broken syntax"},
        {"redirect", "broken syntax"},
        {"-redirect=a.test", "broken syntax"},
        {"?foo=bar", "broken syntax"},
        {"1up=foo", "broken syntax"},
        {"=all", "broken syntax"},
        {"moo.cow/far_out=man", "broken unknown_mechanism"},
    };
    (void)state;
    CHECK(ROWS);
}

static void what_is_no_term_says_why(void **state)
{
    static const char *const ROWS[][2] = {
        {"~allCOPY", "broken unknown_mechanism"},
        {"ipv4:192.0.2.1", "broken unknown_mechanism"},
        {"mail.example.org", "broken unknown_mechanism"},
        {"-allow/24", "broken unknown_mechanism"},
        {"foo:%{z}", "broken invalid_macro"},
        {"all;", "broken syntax"},
        {"192.0.2.1", "broken syntax"},
        {"all,", "broken syntax"},
        {"\"all", "broken syntax"},
        {"a\tall", "broken syntax"},
        {"a:b.test\x7f", "broken syntax"},
        {"\x96"
         "all",
         "broken non_ascii"},
        {"a:b\xef\xbb\xbf.test\t", "broken non_ascii"},
    };
    (void)state;
    CHECK(ROWS);
}

static void redirect_and_exp_stand_once_each(void **state)
{
    struct spf_terms terms;
    struct spf_term term;
    static const enum spf_term_kind KINDS_EXPECTED[] = {
        SPF_TERM_REDIRECT, SPF_TERM_EXP,    SPF_TERM_UNKNOWN_MODIFIER,
        SPF_TERM_BROKEN,   SPF_TERM_BROKEN, SPF_TERM_UNKNOWN_MODIFIER};
    (void)state;
    spf_terms_begin(&terms, span_of("v=spf1 redirect=a.test exp=a.test x=1 "
                                    "REDIRECT=b.test Exp= x=1"));
    for (size_t i = 0; i < 6; i++) {
        assert_true(spf_terms_next(&terms, &term));
        assert_int_equal(term.kind, KINDS_EXPECTED[i]);
        if (term.kind == SPF_TERM_BROKEN) {
            assert_int_equal(term.defect, SPF_DUPLICATE_MODIFIER);
        }
    }
    assert_false(spf_terms_next(&terms, &term));
}

static void a_nul_byte_breaks_the_term_only(void **state)
{
    static const char RECORD[] = "v=spf1 a:b.test\0 -all";
    struct spf_terms terms;
    struct spf_term term;
    (void)state;
    spf_terms_begin(&terms, (struct span){RECORD, sizeof RECORD - 1});
    assert_true(spf_terms_next(&terms, &term));
    assert_int_equal(term.kind, SPF_TERM_BROKEN);
    assert_int_equal(term.defect, SPF_SYNTAX);
    assert_true(spf_terms_next(&terms, &term));
    assert_int_equal(term.kind, SPF_TERM_ALL);
}

static void version_decides_what_counts(void **state)
{
    static const struct {
        const char *text;
        enum version_match match;
    } ROWS[] = {
        {"v=spf1", VERSION_COUNTS},
        {"V=SPF1 -all", VERSION_COUNTS},
        {"v=spf1 ", VERSION_COUNTS},
        {"v=spf10 -all", VERSION_OTHER},
        {"v=spf2.0/pra", VERSION_OTHER},
        {"v=spf", VERSION_OTHER},
        {"", VERSION_OTHER},
        {"spf1 -all", VERSION_OTHER},
        {"v=spf1;", VERSION_NEAR_MISS},
        {"v=spf1include:", VERSION_NEAR_MISS},
        {" v=spf1 -all", VERSION_NEAR_MISS},
        {" v=spf1", VERSION_NEAR_MISS},
        {"v=SPF1\t-all", VERSION_NEAR_MISS},
        {" v=spf10", VERSION_OTHER},
        {"v= spf1 -all", VERSION_OTHER},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(spf_version(span_of(ROWS[i].text)), ROWS[i].match);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mechanisms_have_qualifiers_and_names_in_any_case),
        cmocka_unit_test(a_and_mx_take_a_domain_and_two_prefixes),
        cmocka_unit_test(a_domain_spec_ends_in_a_toplabel_or_a_macro),
        cmocka_unit_test(addresses_are_strict),
        cmocka_unit_test(modifiers_have_no_qualifier),
        cmocka_unit_test(what_is_no_term_says_why),
        cmocka_unit_test(redirect_and_exp_stand_once_each),
        cmocka_unit_test(a_nul_byte_breaks_the_term_only),
        cmocka_unit_test(version_decides_what_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
