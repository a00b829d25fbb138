/* Macro expansion (RFC 7208 7), the examples of 7.4 first. */
#include "scanner/classify/spf_macro.h"
#include "scanner/classify/spf_name.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#define IP6_NIBBLES "2.0.0.1.0.d.b.8.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.c.b.0.1"

static struct spf_macro_values example_values(bool is_ip6)
{
    struct spf_macro_values values = {.of = {{NULL, 0}}};
    values.of['s' - 'a'] = span_of("strong-bad@email.example.com");
    values.of['l' - 'a'] = span_of("strong-bad");
    values.of['o' - 'a'] = span_of("email.example.com");
    values.of['d' - 'a'] = span_of("email.example.com");
    values.of['i' - 'a'] = span_of(is_ip6 ? IP6_NIBBLES : "192.0.2.3");
    values.of['p' - 'a'] = span_of("mx.example.org");
    values.of['v' - 'a'] = span_of(is_ip6 ? "ip6" : "in-addr");
    values.of['h' - 'a'] = span_of("[a b]~%");
    return values;
}

static void check_expansion(const char *text, bool is_ip6, const char *expected)
{
    char buffer[600];
    struct spf_text out = {buffer, sizeof buffer - 1, 0, false};
    struct spf_macro_values values = example_values(is_ip6);
    spf_macro_expand(span_of(text), &values, &out);
    buffer[out.len] = '\0';
    assert_string_equal(buffer, expected);
}

static void the_examples_of_the_rfc_expand(void **state)
{
    static const char *const ROWS[][2] = {
        {"%{s}", "strong-bad@email.example.com"},
        {"%{o}", "email.example.com"},
        {"%{d}", "email.example.com"},
        {"%{d4}", "email.example.com"},
        {"%{d3}", "email.example.com"},
        {"%{d2}", "example.com"},
        {"%{d1}", "com"},
        {"%{dr}", "com.example.email"},
        {"%{d2r}", "example.email"},
        {"%{l}", "strong-bad"},
        {"%{l-}", "strong.bad"},
        {"%{lr}", "strong-bad"},
        {"%{lr-}", "bad.strong"},
        {"%{l1r-}", "strong"},
        {"%{ir}.%{v}._spf.%{d2}", "3.2.0.192.in-addr._spf.example.com"},
        {"%{lr-}.lp._spf.%{d2}", "bad.strong.lp._spf.example.com"},
        {"%{lr-}.lp.%{ir}.%{v}._spf.%{d2}",
         "bad.strong.lp.3.2.0.192.in-addr._spf.example.com"},
        {"%{ir}.%{v}.%{l1r-}.lp._spf.%{d2}",
         "3.2.0.192.in-addr.strong.lp._spf.example.com"},
        {"%{d2}.trusted-domains.example.net", "example.com.trusted-domains.example.net"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        check_expansion(ROWS[i][0], false, ROWS[i][1]);
    }
    check_expansion("%{ir}.%{v}._spf.%{d2}", true,
                    "1.0.b.c.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6."
                    "_spf.example.com");
}

static void letters_digits_and_delimiters_are_free_in_case_and_number(void **state)
{
    static const char *const ROWS[][2] = {
        {"%{D2R}", "example.email"},
        {"%{s-}", "strong.bad@email.example.com"},
        {"%{s1-}", "bad@email.example.com"},
        {"%{sr.-}", "com.example.bad@email.strong"},
        {"%{o127}", "email.example.com"},
        {"%{o99999999999999999999}", "email.example.com"},
        {"%{i1-.+,/_=}", "3"},
        {"a%%b%_c%-d", "a%b c%20d"},
        {"%{H}", "%5Ba%20b%5D~%25"},
        {"%{S}", "strong-bad%40email.example.com"},
        {"%{h}", "[a b]~%"},
        {"%{r}%{c}%{t}", ""},
        {"%{rr}", ""},
    };
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        check_expansion(ROWS[i][0], false, ROWS[i][1]);
    }
}

static void macros_that_are_none_have_no_length(void **state)
{
    static const char *const NONE[] = {"%",      "%a",    "%{",     "%{d",     "%{}",
                                       "%{x}",   "%{d0}", "%{d00}", "%{d2rr}", "%{d.r}",
                                       "%{dr2}", "%{d@}", "%{ d}",  "%{d }",   "%{d2r."};
    static const struct {
        const char *text;
        size_t len;
    } SOME[] = {{"%%", 2}, {"%_x", 2}, {"%-}", 2}, {"%{d}}", 4}, {"%{S12r.-+,/_=}z", 14}};
    struct spf_macro macro;
    (void)state;
    for (size_t i = 0; i < sizeof NONE / sizeof NONE[0]; i++) {
        assert_int_equal(spf_macro_parse(span_of(NONE[i]), &macro), 0);
    }
    for (size_t i = 0; i < sizeof SOME / sizeof SOME[0]; i++) {
        assert_int_equal(spf_macro_parse(span_of(SOME[i].text), &macro), SOME[i].len);
    }
}

static void letters_in_use_are_found(void **state)
{
    (void)state;
    assert_true(spf_macro_uses(span_of("a.%{P2r}.b"), "p"));
    assert_true(spf_macro_uses(span_of("%%%{d}%{i}"), "pi"));
    assert_false(spf_macro_uses(span_of("%%{p}"), "p"));
    assert_false(spf_macro_uses(span_of("p.%{d}%_%-%"), "p"));
    assert_false(spf_macro_uses(span_of(""), "p"));
}

static void names_too_long_lose_labels_from_the_left(void **state)
{
    char name[SPF_NAME_MAX];
    char spec[2000] = "";
    struct spf_macro_values values = example_values(false);
    (void)state;
    for (int i = 0; i < 20; i++) { /* 20 x 18 bytes and "test" */
        strcat(spec, "%{o}.");
    }
    strcat(spec, "test");
    assert_true(spf_name_expand(span_of(spec), &values, name));
    /* email.example.com. is 18 bytes: 13 of them and 4 make 238; example.com. fits too */
    assert_int_equal(strlen(name), 238 + 12);
    assert_true(strncmp(name, "example.com.email.example.com.", 30) == 0);
    assert_string_equal(name + strlen(name) - 9, ".com.test");

    /* longer than any buffer: the end is what counts */
    char many[3000] = "x";
    for (int i = 0; i < 2900; i++) {
        strcat(many, i % 29 == 28 ? "." : "y");
    }
    strcat(many, "test");
    assert_true(spf_name_expand(span_of(many), &values, name));
    assert_int_equal(strlen(name), 8 * 29 + 4);
}

static void names_that_cannot_be_are_refused(void **state)
{
    static const struct {
        const char *spec;
        const char *name; /* NULL = refused */
    } ROWS[] = {
        {"%{o}.", "email.example.com"},
        {"A.Test", "A.Test"},
        {"%{r}", NULL},
        {"%{r}.test", NULL},
        {"a.%{r}.test", NULL},
        {"%{h}.test", "[a b]~%.test"},
        {"%{l}%{l}%{l}%{l}%{l}%{l}.test",
         "strong-badstrong-badstrong-badstrong-badstrong-badstrong-bad.test"},
        {"%{l}%{l}%{l}%{l}%{l}%{l}%{l}.test", NULL},
    };
    char name[SPF_NAME_MAX];
    struct spf_macro_values values = example_values(false);
    (void)state;
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        bool is_name = spf_name_expand(span_of(ROWS[i].spec), &values, name);
        assert_int_equal(is_name, ROWS[i].name != NULL);
        if (is_name) {
            assert_string_equal(name, ROWS[i].name);
        }
    }
}

static void names_are_asked_for_in_the_resolvers_spelling(void **state)
{
    char spelt[SPF_NAME_MAX];
    char dense[SPF_NAME_MAX];
    (void)state;
    assert_true(spf_name_spell("A b\\c\x80.Test", spelt));
    assert_string_equal(spelt, "a\\032b\\\\c\\128.test");
    memset(dense, ' ', sizeof dense);
    dense[63] = '\0';
    assert_true(spf_name_spell(dense, spelt));
    assert_int_equal(strlen(spelt), 252);
    dense[63] = ' ';
    dense[64] = '\0';
    assert_false(spf_name_spell(dense, spelt));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_rfc_expand),
        cmocka_unit_test(letters_digits_and_delimiters_are_free_in_case_and_number),
        cmocka_unit_test(macros_that_are_none_have_no_length),
        cmocka_unit_test(letters_in_use_are_found),
        cmocka_unit_test(names_too_long_lose_labels_from_the_left),
        cmocka_unit_test(names_that_cannot_be_are_refused),
        cmocka_unit_test(names_are_asked_for_in_the_resolvers_spelling),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
