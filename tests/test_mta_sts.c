#include "scanner/classify/mta_sts.h"

#include "tests/defects_check.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *code_text(unsigned code)
{
    return mta_sts_code_text((enum mta_sts_code)code);
}

struct record_case {
    const char *text;
    const char *id; /* "" = none usable */
    const char *defects;
};

static void check(const struct record_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static struct defects defects;
        struct defects_line line;
        struct mta_sts_record record;
        defects_clear(&defects);
        mta_sts_parse(span_of(cases[i].text), &record, &defects);
        if (strcmp(defects_show(&defects, code_text, &line), cases[i].defects) != 0) {
            print_error("record: %s\n", cases[i].text);
        }
        assert_string_equal(defects_show(&defects, code_text, &line), cases[i].defects);
        assert_true(span_equals(record.id, cases[i].id));
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

static void id_is_one_to_32_letters_and_digits(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=STSv1; id=20160831085700Z;", "20160831085700Z", ""},
        {"v=STSv1;id=a", "a", ""},
        {"v=STSv1;id=AAAAAAAAAABBBBBBBBBBCCCCCCCCCC12",
         "AAAAAAAAAABBBBBBBBBBCCCCCCCCCC12", ""},
        {"v=STSv1;id=AAAAAAAAAABBBBBBBBBBCCCCCCCCCC123", "",
         "id_invalid=id=AAAAAAAAAABBBBBBBBBBCCCCCCCCCC123"},
        {"v=STSv1;id=2024-01-01", "", "id_invalid=id=2024-01-01"},
        {"v=STSv1;id=a_b", "", "id_invalid=id=a_b"},
        {"v=STSv1;id=a b", "", "id_invalid=id=a b"},
        {"v=STSv1;id=\xC3\xA9", "", "id_invalid=id=\xC3\xA9"},
        {"v=STSv1;id=", "", "id_invalid=id="},
        {"v=STSv1;", "", "id_missing"},
        {"v=STSv1; ", "", "id_missing"},
        {"v=STSv1;x=1", "", "unknown_field=x=1 | id_missing"},
    };
    CHECK(CASES);
}

static void white_space_stands_only_round_the_semicolon(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=STSv1;\t id=a \t; ", "a", ""},
        {"v=STSv1; id=a;x=1", "a", "unknown_field=x=1"},
        {"v=STSv1; id =a", "", "syntax=id =a | id_missing"},
        {"v=STSv1; id= a", "", "id_invalid=id= a"},
        {"v=STSv1; id=a ", "", "id_invalid=id=a "},
        {"v=STSv1; id=a; x =1", "a", "syntax=x =1"},
        {"v=STSv1; id=a; x=1 2", "a", "syntax=x=1 2"},
    };
    CHECK(CASES);
}

static void empty_field_is_a_syntax_error_and_one_final_semicolon_is_not(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=STSv1;id=a;", "a", ""},
        {"v=STSv1;id=a;;", "a", "syntax"},
        {"v=STSv1;;id=a", "a", "syntax"},
        {"v=STSv1; ; id=a", "a", "syntax"},
    };
    CHECK(CASES);
}

static void unknown_valid_fields_are_ignored_and_others_are_errors(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=STSv1;id=a;A.b-c_9=/~!x", "a", "unknown_field=A.b-c_9=/~!x"},
        {"v=STSv1;ID=a", "", "unknown_field=ID=a | id_missing"},
        {"v=STSv1;id=a;x=a=b", "a", "syntax=x=a=b"},
        {"v=STSv1;id=a;x=", "a", "syntax=x="},
        {"v=STSv1;id=a;x", "a", "syntax=x"},
        {"v=STSv1;id", "", "syntax=id | id_missing"},
        {"v=STSv1;id=a;_x=1", "a", "syntax=_x=1"},
        {"v=STSv1;id=a;x=\xC3\xA9", "a", "syntax=x=\xC3\xA9"},
        {"v=STSv1;id=a;abcdefghijklmnopqrstuvwxyz012345=1", "a",
         "unknown_field=abcdefghijklmnopqrstuvwxyz012345=1"},
        {"v=STSv1;id=a;abcdefghijklmnopqrstuvwxyz0123456=1", "a",
         "syntax=abcdefghijklmnopqrstuvwxyz0123456=1"},
    };
    CHECK(CASES);
}

static void of_a_repeated_field_the_first_counts(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=STSv1;id=a;id=b", "a", ""},
        {"v=STSv1;id=a;id=b-c", "a", ""},
        {"v=STSv1;id=b-c;id=a", "", "id_invalid=id=b-c"},
        {"v=STSv1;v=STSv1;id=a", "a", ""},
    };
    CHECK(CASES);
}

static void pattern_matches_whole_names_in_any_case(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *host;
        bool matches;
    } CASES[] = {
        {"mail.example.com", "mail.example.com", true},
        {"Mail.Example.COM", "mail.example.com", true},
        {"mail.example.com", "xmail.example.com", false},
        {"mail.example.com", "mail.example.com.evil.org", false},
        {"example.com", "mail.example.com", false},
        {"*.example.com", "a.example.com", true},
        {"*.EXAMPLE.com", "a.example.com", true},
        {"*.example.com", "example.com", false},
        {"*.example.com", "a.b.example.com", false},
        {"*.example.com", "badexample.com", false},
        {"*.example.com", ".example.com", false},
        /* RFC 1035 5.1: the dot belongs to the label */
        {"*.example.com", "a\\.b.example.com", true},
        {"*.com", "example.com", true},
        {"mail.example.com", ".", false},
        {"*.example.com", ".", false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        bool matches = mta_sts_mx_matches(span_of(CASES[i].pattern), CASES[i].host);
        if (matches != CASES[i].matches) {
            print_error("%s %s\n", CASES[i].pattern, CASES[i].host);
        }
        assert_int_equal(matches, CASES[i].matches);
    }
}

static void mismatch_is_the_first_that_fits_and_the_worst_of_all(void **state)
{
    (void)state;
    static const struct {
        const char *host;
        const char *patterns[3];
        const char *kind;
    } CASES[] = {
        {"mx.example.com", {NULL}, NULL},
        {"mx.example.com", {"mta-sts.example.com"}, "policy_host"},
        {"mx.example.com", {"MTA-STS.example.com"}, "policy_host"},
        {"mx.example.com", {"mta-sts.example.org"}, "domain"},
        {"mx1.example.com", {"mx2.example.com"}, "typo"},
        {"mail.example.com", {"mial.exmple.com"}, "typo"},
        {"mail.example.com", {"MAIL1.example.com"}, "typo"},
        {"abcd.example.com", {"efgh.example.com"}, "label"},
        {"abcd.example.com", {"efga.example.com"}, "label"},
        {"abcd.example.com", {"efgd.example.com"}, "typo"},
        {"mail.example.com", {"mail.example.online"}, "tld"},
        {"mail.example.com", {"mail.example.museum"}, "tld"},
        {"mail.example.com", {"mail.example.co.uk"}, "typo"},
        {"mail.example.com", {"mail.example.gov.uk"}, "tld"},
        {"mail.example.com", {"mail.sample.museum"}, "domain"},
        {"mail.example.com", {"mail.example.net"}, "typo"},
        {"mail.example.co.uk", {"smtp1.hosts.example.co.uk"}, "label"},
        {"mail.example.co.uk", {"smtp1.another.co.uk"}, "domain"},
        /* "*" stands for the first label: only what follows is compared */
        {"mail.example.com", {"*.exmple.com"}, "typo"},
        {"mail.example.com", {"*.example.museum"}, "tld"},
        {"mail.example.com", {"*.inbound.example.com"}, "label"},
        {"example.com", {"*.example.com"}, "label"},
        {"mail.example.com", {"*.com"}, "domain"},
        {"mail.example.com", {"*.another.org"}, "domain"},
        {"a.github.io", {"bcdefgh.github.io"}, "domain"},
        /* worst over all patterns */
        {"mx1.example.com", {"mx2.example.com", "smtp.another.org"}, "domain"},
        {"mx1.example.com", {"mta-sts.example.com", "mx2.example.com"}, "typo"},
    };
    struct suffix_list *suffixes = suffix_list_open(NULL);
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct span patterns[3];
        size_t count = 0;
        for (; count < 3 && CASES[i].patterns[count] != NULL; count++) {
            patterns[count] = span_of(CASES[i].patterns[count]);
        }
        const char *kind = mx_mismatch_text(
            mta_sts_mismatch("example.com", CASES[i].host, patterns, count, suffixes));
        if (CASES[i].kind == NULL) {
            assert_null(kind);
            continue;
        }
        if (strcmp(kind, CASES[i].kind) != 0) {
            print_error("%s %s\n", CASES[i].host, CASES[i].patterns[0]);
        }
        assert_string_equal(kind, CASES[i].kind);
    }
    suffix_list_free(suffixes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(id_is_one_to_32_letters_and_digits),
        cmocka_unit_test(white_space_stands_only_round_the_semicolon),
        cmocka_unit_test(empty_field_is_a_syntax_error_and_one_final_semicolon_is_not),
        cmocka_unit_test(unknown_valid_fields_are_ignored_and_others_are_errors),
        cmocka_unit_test(of_a_repeated_field_the_first_counts),
        cmocka_unit_test(pattern_matches_whole_names_in_any_case),
        cmocka_unit_test(mismatch_is_the_first_that_fits_and_the_worst_of_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
