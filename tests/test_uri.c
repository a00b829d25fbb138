#include "scanner/classify/uri.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static void uris_are_told_from_other_text(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *host; /* NULL: no URI */
    } CASES[] = {
        {"mailto:a@example.com", "example.com"},
        {"mailto:a.b+c=d@Example.COM", "Example.COM"},
        {"mailto:a@example.com?subject=x%20y", "example.com"},
        {"mailto:%22a..b%22@example.com", "example.com"},
        {"mailto:a@localhost", "localhost"},
        {"mailto:a@example.com.", NULL},
        {"mailto:a@b@example.com", NULL},
        {"mailto:@example.com", NULL},
        {"mailto:a@", NULL},
        {"mailto:a", NULL},
        {"mailto:.a@example.com", NULL},
        {"mailto:a.@example.com", NULL},
        {"mailto:a..b@example.com", NULL},
        {"mailto:a b@example.com", NULL},
        {"mailto: a@example.com", NULL},
        {"mailto:<a@example.com>", NULL},
        {"mailto://a@example.com", NULL},
        {"mailto:a@exa mple.com", NULL},
        {"mailto:a@example..com", NULL},
        {"mailto:a%2@example.com", NULL},
        {"mailto:a%@example.com", NULL},
        {"mailto:a@example.com,b@example.com", NULL},
        {"mailto:a@example.com!10m", NULL},
        {"mailto:\xC3\xA9@example.com", NULL},
        {"mailto", NULL},
        {"a@example.com", NULL},
        {":a@example.com", NULL},
        {"https://example.com", "example.com"},
        {"https://example.com/", "example.com"},
        {"HTTPS://example.com:8443/a?b#c", "example.com"},
        {"https://user:word@example.com/", "example.com"},
        {"https://example.com./x", "example.com"},
        {"https://[2001:db8::1]:443/", "[2001:db8::1]"},
        {"https://192.0.2.1/", "192.0.2.1"},
        {"https://[2001:db8::g]/", NULL},
        {"https://example.com:port/", NULL},
        {"https:///x", NULL},
        {"https:/example.com", NULL},
        {"https://exa%6Dple.com/", NULL},
        {"https://example.com/a b", NULL},
        {"https://example.com/#a#b", NULL},
        {"http://example.com/", "example.com"},
        {"ftp:///x", ""},
        {"tel:+1234", ""},
        {"x:", ""},
        {"1x:y", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct uri uri;
        bool is_uri = uri_parse(span_of(CASES[i].text), &uri);
        if (is_uri != (CASES[i].host != NULL) ||
            (is_uri && !span_equals(uri.host, CASES[i].host))) {
            print_error("%s\n", CASES[i].text);
        }
        assert_int_equal(is_uri, CASES[i].host != NULL);
        if (is_uri) {
            assert_true(span_equals(uri.host, CASES[i].host));
        }
    }
}

static void scheme_is_told_in_any_case(void **state)
{
    (void)state;
    struct uri uri;
    assert_true(uri_parse(span_of("MailTo:a@example.com"), &uri));
    assert_int_equal(uri.kind, URI_MAILTO);
    assert_true(span_equals(uri.scheme, "MailTo"));
    assert_true(uri_parse(span_of("https://example.com"), &uri));
    assert_int_equal(uri.kind, URI_HTTPS);
    assert_true(uri_parse(span_of("http://example.com"), &uri));
    assert_int_equal(uri.kind, URI_OTHER);
}

static void nul_byte_is_no_uri_byte(void **state)
{
    (void)state;
    struct uri uri;
    assert_false(uri_parse((struct span){"mailto\0a@example.com", 20}, &uri));
    assert_false(uri_parse((struct span){"mailto:a\0@example.com", 21}, &uri));
    assert_false(uri_parse((struct span){"https://example.com\0/", 21}, &uri));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(uris_are_told_from_other_text),
        cmocka_unit_test(scheme_is_told_in_any_case),
        cmocka_unit_test(nul_byte_is_no_uri_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
