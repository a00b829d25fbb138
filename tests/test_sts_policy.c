#include "scanner/classify/sts_policy.h"

#include "tests/defects_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *code_text(unsigned code)
{
    return sts_policy_code_text((enum sts_policy_code)code);
}

struct policy_case {
    const char *body;
    const char *defects; /* in file order */
};

static void check(const struct policy_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static struct defects defects;
        struct defects_line line;
        struct sts_policy policy;
        defects_clear(&defects);
        sts_policy_parse(span_of(cases[i].body), &policy, &defects);
        if (strcmp(defects_show(&defects, code_text, &line), cases[i].defects) != 0) {
            print_error("body: %s\n", cases[i].body);
        }
        assert_string_equal(defects_show(&defects, code_text, &line), cases[i].defects);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

#define TAIL "mode: enforce\nmx: mail.example.com\nmax_age: 604800\n"
#define GOOD "version: STSv1\n" TAIL

static void whole_policy_is_read(void **state)
{
    (void)state;
    static struct defects defects;
    struct sts_policy policy;
    defects_clear(&defects);
    sts_policy_parse(span_of("version: STSv1\r\nmode:testing \t\r\nmx: mail.example.com\n"
                             "mx: *.Example.net\r\nmax_age:   86400"),
                     &policy, &defects);
    assert_int_equal(defects.count, 0);
    assert_true(policy.has_version);
    assert_int_equal(policy.mode, STS_MODE_TESTING);
    assert_int_equal(policy.max_age, 86400);
    assert_int_equal(policy.mx_count, 2);
    assert_true(span_equals(policy.mx[0], "mail.example.com"));
    assert_true(span_equals(policy.mx[1], "*.Example.net"));
}

static void any_order_and_either_line_end_are_fine(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {GOOD, ""},
        {"max_age: 604800\nmx: mail.example.com\r\nmode: none-such\nversion: STSv1",
         "mode_invalid=mode: none-such"},
        {"max_age: 604800\r\nmx: a.example\nmode: testing\r\nversion: STSv1\r\n", ""},
        {"version: STSv1\nmode: none\nmax_age: 0", ""},
    };
    CHECK(CASES);
}

static void body_of_white_space_is_empty_and_nothing_else(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"", "empty"},
        {"\n", "empty"},
        {" \t\r\n\n", "empty"},
        {".", "line_invalid=. | version_missing | mode_missing | max_age_missing | "
              "mx_missing"},
    };
    CHECK(CASES);
}

static void carriage_return_alone_ends_no_line(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"version: STSv1\rmode: enforce\r",
         "line_invalid=version: STSv1\rmode: enforce\r | version_missing | mode_missing "
         "| "
         "max_age_missing | mx_missing"},
        {GOOD "x: 1\r\r\n", "line_invalid=x: 1\r"},
        {GOOD "x: 1\r", "line_invalid=x: 1\r"},
        {GOOD "x: 1\r\n", "unknown_key=x: 1"},
    };
    CHECK(CASES);
}

static void blank_lines_are_tolerated_after_the_last_field_only(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {GOOD "\n", "blank_line"},
        {GOOD "\r\n \r\n", "blank_line | blank_line"},
        {GOOD "  ", "blank_line"},
        {"\n" GOOD, "line_invalid"},
        {"version: STSv1\n\n" TAIL, "line_invalid"},
        {"version: STSv1\n \n" TAIL, "line_invalid= "},
    };
    CHECK(CASES);
}

static void keys_are_case_sensitive_and_stand_right_before_the_colon(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"Version: STSv1\n" TAIL, "unknown_key=Version: STSv1 | version_missing"},
        {"version : STSv1\n" TAIL, "line_invalid=version : STSv1 | version_missing"},
        {" version: STSv1\n" TAIL, "line_invalid= version: STSv1 | version_missing"},
        {"version=STSv1\n" TAIL, "line_invalid=version=STSv1 | version_missing"},
        {": STSv1\n" TAIL, "line_invalid=: STSv1 | version_missing"},
        {GOOD "mx mail.example.com\n", "line_invalid=mx mail.example.com"},
        {GOOD "-x: 1\n", "line_invalid=-x: 1"},
        {GOOD "x.y-z_9: 1\n", "unknown_key=x.y-z_9: 1"},
        {GOOD "abcdefghijklmnopqrstuvwxyz012345: 1\n",
         "unknown_key=abcdefghijklmnopqrstuvwxyz012345: 1"},
        {GOOD "abcdefghijklmnopqrstuvwxyz0123456: 1\n",
         "line_invalid=abcdefghijklmnopqrstuvwxyz0123456: 1"},
    };
    CHECK(CASES);
}

static void values_of_known_keys_are_exact(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"version: STSv2\n" TAIL, "version_invalid=version: STSv2"},
        {"version: stsv1\n" TAIL, "version_invalid=version: stsv1"},
        {"version:\n" TAIL, "version_invalid=version:"},
        {"version: STSv1;\n" TAIL, "version_invalid=version: STSv1;"},
        {"version: STSv1\nmode: enforced\nmx: a.b\nmax_age: 86400\n",
         "mode_invalid=mode: enforced"},
        {"version: STSv1\nmode: Enforce\nmx: a.b\nmax_age: 86400\n",
         "mode_invalid=mode: Enforce"},
        {"version: STSv1\nmode: report\nmx: a.b\nmax_age: 86400\n",
         "mode_invalid=mode: report"},
        {"version: STSv1\nmode:\nmx: a.b\nmax_age: 86400\n", "mode_invalid=mode:"},
    };
    CHECK(CASES);
}

static void max_age_has_up_to_ten_digits_and_ends_at_a_year(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        int64_t max_age;
        const char *code; /* NULL: fine */
    } CASES[] = {
        {"31557600", 31557600, NULL},
        {"31557601", -1, "max_age_too_large"},
        {"9999999999", -1, "max_age_too_large"},
        {"10000000000", -1, "max_age_invalid"},
        {"0000604800", 604800, NULL},
        {"00000604800", -1, "max_age_invalid"},
        {"86400", 86400, NULL},
        {"86399", 86399, "max_age_short"},
        {"0", 0, "max_age_short"},
        {"-1", -1, "max_age_invalid"},
        {"1.5", -1, "max_age_invalid"},
        {"604800s", -1, "max_age_invalid"},
        {"604 800", -1, "max_age_invalid"},
        {"", -1, "max_age_invalid"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        static struct defects defects;
        struct defects_line line;
        struct sts_policy policy;
        char body[200], expected[100] = "";
        defects_clear(&defects);
        snprintf(body, sizeof body,
                 "version: STSv1\nmode: testing\nmx: a.b\nmax_age:%s\n", CASES[i].value);
        if (CASES[i].code != NULL) {
            snprintf(expected, sizeof expected, "%s=max_age:%s", CASES[i].code,
                     CASES[i].value);
        }
        sts_policy_parse(span_of(body), &policy, &defects);
        assert_string_equal(defects_show(&defects, code_text, &line), expected);
        assert_int_equal(policy.max_age, CASES[i].max_age);
    }
}

static void mx_is_a_pattern_of_labels(void **state)
{
    (void)state;
    static const struct {
        const char *value;
        bool is_valid;
    } CASES[] = {
        {"mail.example.com", true},
        {"*.example.com", true},
        {"MAIL.Example.com", true},
        {"xn--mller-kva.example", true},
        {"localhost", true}, /* RFC 5321: Domain may be one label */
        {"1mx.2-3.example", true},
        {"*", false},
        {"*.", false},
        {"", false},
        {".example.com", false},
        {"mail.example.com.", false},
        {"*.*.example.com", false},
        {"mail.*.example.com", false},
        {"m*.example.com", false},
        {"*mail.example.com", false},
        {"postmaster@example.com", false},
        {"192.0.2.1", false},
        {"[192.0.2.1]", false},
        {"2001:db8::1", false},
        {"mail..example.com", false},
        {"mail_1.example.com", false},
        {"-mail.example.com", false},
        {"mail-.example.com", false},
        {"mail.example.com, mail2.example.com", false},
        {"mail.example.com mail2.example.com", false},
        {"mail.example.com:25", false},
        {"https://mail.example.com", false},
        {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij123.example", true},
        {"abcdefghijabcdefghijabcdefghijabcdefghijabcdefghijabcdefghij1234.example",
         false},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        static struct defects defects;
        struct defects_line line;
        struct sts_policy policy;
        char body[300], expected[200] = "";
        defects_clear(&defects);
        snprintf(body, sizeof body,
                 "version: STSv1\nmode: enforce\nmx: %s\nmax_age:604800", CASES[i].value);
        if (!CASES[i].is_valid) {
            snprintf(expected, sizeof expected, "mx_invalid=mx: %s", CASES[i].value);
        }
        sts_policy_parse(span_of(body), &policy, &defects);
        if (strcmp(defects_show(&defects, code_text, &line), expected) != 0) {
            print_error("mx: %s\n", CASES[i].value);
        }
        assert_string_equal(defects_show(&defects, code_text, &line), expected);
        assert_int_equal(policy.mx_count, CASES[i].is_valid);
    }
}

static void bad_pattern_does_not_hide_the_good_ones(void **state)
{
    (void)state;
    static struct defects defects;
    struct defects_line line;
    struct sts_policy policy;
    defects_clear(&defects);
    sts_policy_parse(
        span_of("version: STSv1\nmode: enforce\nmx: a.example\nmx: b.example.\n"
                "mx: c.example\nmax_age: 604800\n"),
        &policy, &defects);
    assert_string_equal(defects_show(&defects, code_text, &line),
                        "mx_invalid=mx: b.example.");
    assert_int_equal(policy.mx_count, 2);
    assert_true(span_equals(policy.mx[1], "c.example"));
}

static void mx_is_needed_unless_mode_is_none(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"version: STSv1\nmode: none\nmax_age: 86400\n", ""},
        {"version: STSv1\nmode: testing\nmax_age: 86400\n", "mx_missing"},
        {"version: STSv1\nmode: enforce\nmx:\nmax_age: 86400\n", "mx_invalid=mx:"},
        {"mx: a.example\nversion: STSv1\nmode: none\nmx: b.example.\nmax_age: 60\n",
         "mx_invalid=mx: b.example. | mx_ignored=mx: a.example | mx_ignored=mx: "
         "b.example."},
    };
    CHECK(CASES);
}

static void missing_keys_come_last_in_their_own_order(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"x: 1\n", "unknown_key=x: 1 | version_missing | mode_missing | max_age_missing "
                   "| mx_missing"},
        {"version: STSv1\nmode: none\n", "max_age_missing"},
        {"<html>\n<body>nothing: here</body>\n",
         "line_invalid=<html> | line_invalid=<body>nothing: here</body> | "
         "version_missing | mode_missing | max_age_missing | mx_missing"},
    };
    CHECK(CASES);
}

static void short_max_age_matters_only_where_the_policy_does(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {"version: STSv1\nmode: enforce\nmx: a.b\nmax_age: 300\n",
         "max_age_short=max_age: 300"},
        {"version: STSv1\nmode: none\nmax_age: 300\n", ""},
    };
    CHECK(CASES);
}

static void of_a_repeated_key_other_than_mx_the_first_counts(void **state)
{
    (void)state;
    static struct defects defects;
    struct defects_line line;
    struct sts_policy policy;
    defects_clear(&defects);
    sts_policy_parse(
        span_of(GOOD "mode: none\nmax_age: x\nmx: b.example\nx: 1\nx: 2\nX: 3\n"),
        &policy, &defects);
    assert_string_equal(defects_show(&defects, code_text, &line),
                        "duplicate_key=mode: none | duplicate_key=max_age: x | "
                        "unknown_key=x: 1 | duplicate_key=x: 2 | unknown_key=X: 3");
    assert_int_equal(policy.mode, STS_MODE_ENFORCE);
    assert_int_equal(policy.max_age, 604800);
    assert_int_equal(policy.mx_count, 2);
}

static void only_values_of_unknown_keys_may_leave_ascii(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {GOOD "note: gr\xC3\xBC\xC3\x9F\n", "unknown_key=note: gr\xC3\xBC\xC3\x9F"},
        {GOOD "note: \xF0\x9F\x98\x80\n", "unknown_key=note: \xF0\x9F\x98\x80"},
        {GOOD "note: \xFF\n", "non_ascii=note: \xFF"},
        {GOOD "note: \xC0\xAF\n", "non_ascii=note: \xC0\xAF"},
        {GOOD "note: \xE0\x80\xAF\n", "non_ascii=note: \xE0\x80\xAF"},
        {GOOD "note: \xED\xA0\x80\n", "non_ascii=note: \xED\xA0\x80"},
        {GOOD "note: \xF4\x90\x80\x80\n", "non_ascii=note: \xF4\x90\x80\x80"},
        {GOOD "note: \xC3", "non_ascii=note: \xC3"},
        {GOOD "n\xC3\xB6te: 1\n", "non_ascii=n\xC3\xB6te: 1"},
        {GOOD "mx: m\xC3\xA4il.example\n", "non_ascii=mx: m\xC3\xA4il.example"},
        /* a byte order mark belongs to the first key */
        {"\xEF\xBB\xBFversion: STSv1\n" TAIL,
         "non_ascii=\xEF\xBB\xBFversion: STSv1 | version_missing"},
        {GOOD "h\xC3\xB6\n", "line_invalid=h\xC3\xB6"},
    };
    CHECK(CASES);
}

static void unknown_values_are_visible_characters_and_single_lines(void **state)
{
    (void)state;
    static const struct policy_case CASES[] = {
        {GOOD "x: a b  c \n", "unknown_key=x: a b  c "},
        {GOOD "x: a\tb\n", "line_invalid=x: a\tb"},
        {GOOD "x:\n", "line_invalid=x:"},
        {GOOD "x: \x01\n", "line_invalid=x: \x01"},
        {GOOD "x: a:b\n", "unknown_key=x: a:b"},
    };
    CHECK(CASES);
}

static void hostile_bodies_take_linear_time(void **state)
{
    (void)state;
    enum { LEN = 65536 };
    static const char *const PIECES[] = {"a:b\n", "mx:a\n", "\n",     " ",
                                         "\r",    ":",      "mode:\n"};
    char *body = malloc(LEN);
    for (size_t i = 0; i < sizeof PIECES / sizeof PIECES[0]; i++) {
        static struct defects defects;
        struct sts_policy policy;
        size_t piece_len = strlen(PIECES[i]);
        for (size_t at = 0; at < LEN; at++) {
            body[at] = PIECES[i][at % piece_len];
        }
        defects_clear(&defects);
        sts_policy_parse((struct span){body, LEN}, &policy, &defects);
        assert_true(defects.count > 0 && policy.mx_count <= STS_POLICY_MX_MAX);
    }
    free(body);
}

static void media_type_is_text_plain_whatever_its_parameters(void **state)
{
    (void)state;
    assert_true(sts_policy_media_type_is_text("text/plain"));
    assert_true(sts_policy_media_type_is_text("Text/Plain ; charset=utf-8"));
    assert_false(sts_policy_media_type_is_text("text/html"));
    assert_false(sts_policy_media_type_is_text("text/plainer"));
    assert_false(sts_policy_media_type_is_text(""));
    assert_false(sts_policy_media_type_is_text(NULL));
}

static void every_code_has_its_word(void **state)
{
    (void)state;
    for (unsigned code = 0; code < STS_CODE_COUNT; code++) {
        assert_non_null(code_text(code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_policy_is_read),
        cmocka_unit_test(any_order_and_either_line_end_are_fine),
        cmocka_unit_test(body_of_white_space_is_empty_and_nothing_else),
        cmocka_unit_test(carriage_return_alone_ends_no_line),
        cmocka_unit_test(blank_lines_are_tolerated_after_the_last_field_only),
        cmocka_unit_test(keys_are_case_sensitive_and_stand_right_before_the_colon),
        cmocka_unit_test(values_of_known_keys_are_exact),
        cmocka_unit_test(max_age_has_up_to_ten_digits_and_ends_at_a_year),
        cmocka_unit_test(mx_is_a_pattern_of_labels),
        cmocka_unit_test(bad_pattern_does_not_hide_the_good_ones),
        cmocka_unit_test(mx_is_needed_unless_mode_is_none),
        cmocka_unit_test(missing_keys_come_last_in_their_own_order),
        cmocka_unit_test(short_max_age_matters_only_where_the_policy_does),
        cmocka_unit_test(of_a_repeated_key_other_than_mx_the_first_counts),
        cmocka_unit_test(only_values_of_unknown_keys_may_leave_ascii),
        cmocka_unit_test(unknown_values_are_visible_characters_and_single_lines),
        cmocka_unit_test(hostile_bodies_take_linear_time),
        cmocka_unit_test(media_type_is_text_plain_whatever_its_parameters),
        cmocka_unit_test(every_code_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
