#include "scanner/exclude.h"
#include "scanner/target.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

static struct target target;

static const struct target *read_bytes(const char *text, size_t len)
{
    struct input_line line = {.number = 1, .text = text, .len = len};
    target_read(&target, &line, NULL);
    return &target;
}

static const struct target *read_text(const char *text)
{
    return read_bytes(text, strlen(text));
}

/* 63 and 64 bytes. */
#define LABEL_63 "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvwxyz0"
#define LABEL_64 LABEL_63 "x"
/* 3 * 64 + 61 = 253 and 254 bytes. */
#define NAME_253                                                                         \
    LABEL_63 "." LABEL_63 "." LABEL_63 "."                                               \
             "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstuvw.x"
#define NAME_254 "a" NAME_253_TAIL
#define NAME_253_TAIL                                                                    \
    "." LABEL_63 "." LABEL_63 "." LABEL_63 "."                                           \
    "abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrst.abc"

struct name_row {
    const char *text;
    const char *domain;
    const char *domain_unicode; /* NULL = the same */
};

static void a_name_becomes_lower_case_a_labels(void **state)
{
    (void)state;
    static const struct name_row ROWS[] = {
        {"example.com", "example.com", NULL},
        {"Example.COM", "example.com", NULL},
        {"example.com.", "example.com", NULL},
        {"  example.com\t", "example.com", NULL},
        {"example.com \r", "example.com", NULL},
        {"a.b", "a.b", NULL},
        {"_dmarc.example.com", "_dmarc.example.com", NULL},
        {"under_score.com", "under_score.com", NULL},
        {"-lead.com", "-lead.com", NULL},
        {"trail-.com", "trail-.com", NULL},
        {"ab--cd.com", "ab--cd.com", NULL},
        {"xn-a.com", "xn-a.com", NULL},
        {"-.-", "-.-", NULL},
        {"3.14", "3.14", NULL},
        {"256.1.1.1", "256.1.1.1", NULL},
        {"1.2.3", "1.2.3", NULL},
        {"1.2.3.4.5", "1.2.3.4.5", NULL},
        {"01.2.3.4", "01.2.3.4", NULL},
        {"com.br", "com.br", NULL},
        {"co.uk", "co.uk", NULL},
        {"localhost.com", "localhost.com", NULL},
        {"test.com", "test.com", NULL},
        {"home.arpa", "home.arpa", NULL},
        {LABEL_63 ".com", LABEL_63 ".com", NULL},
        {NAME_253, NAME_253, NULL},
        {NAME_253 ".", NAME_253, NULL},
        {"b\xc3\xbc"
         "cher.de",
         "xn--bcher-kva.de",
         "b\xc3\xbc"
         "cher.de"},
        {"B\xc3\x9c"
         "CHER.DE",
         "xn--bcher-kva.de",
         "b\xc3\xbc"
         "cher.de"},
        {"bu\xcc\x88"
         "cher.de",
         "xn--bcher-kva.de",
         "b\xc3\xbc"
         "cher.de"}, /* decomposed */
        {"xn--bcher-kva.de", "xn--bcher-kva.de",
         "b\xc3\xbc"
         "cher.de"},
        {"XN--BCHER-KVA.DE.", "xn--bcher-kva.de",
         "b\xc3\xbc"
         "cher.de"},
        {"fa\xc3\x9f.de", "xn--fa-hia.de", "fa\xc3\x9f.de"},
        {"www.b\xc3\xbc"
         "cher.example.de",
         "www.xn--bcher-kva.example.de",
         "www.b\xc3\xbc"
         "cher.example.de"},
        {"_dmarc.xn--bcher-kva.de", "_dmarc.xn--bcher-kva.de",
         "_dmarc.b\xc3\xbc"
         "cher.de"},
        {"\xe4\xbe\x8b\xe5\xad\x90.\xe6\xb5\x8b\xe8\xaf\x95", "xn--fsqu00a.xn--0zwm56d",
         "\xe4\xbe\x8b\xe5\xad\x90.\xe6\xb5\x8b\xe8\xaf\x95"},
        {"example\xe3\x80\x82"
         "com",
         "example.com", NULL}, /* U+3002 */
        {"example\xef\xbc\x8e"
         "com",
         "example.com", NULL}, /* U+FF0E */
        {"example\xef\xbd\xa1"
         "com\xe3\x80\x82",
         "example.com", NULL},                            /* U+FF61 */
        {"\xef\xbd\x85\xef\xbd\x98.com", "ex.com", NULL}, /* full-width */
        {"ex\xc2\xad"
         "ample.com",
         "example.com", NULL},                                /* soft hyphen */
        {"xn--i-7iq.ws", "xn--i-7iq.ws", "i\xe2\x9d\xa4.ws"}, /* published, so scanned */
        {"\"example.com\"", "example.com", NULL},
        {"\" example.com. \"", "example.com", NULL},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct name_row *row = &ROWS[i];
        const struct target *got = read_text(row->text);
        if (got->kind != TARGET_DOMAIN) {
            fail_msg("\"%s\": %s", row->text, target_reason_text(got->reason));
        }
        const char *unicode =
            row->domain_unicode != NULL ? row->domain_unicode : row->domain;
        assert_int_equal(got->reason, TARGET_REASON_NONE);
        assert_string_equal(got->name.domain, row->domain);
        assert_string_equal(got->name.domain_unicode, unicode);
        assert_int_equal(got->name.domain_len, strlen(row->domain));
        assert_int_equal(got->name.domain_unicode_len, strlen(unicode));
        assert_false(got->has_tag);
    }
}

struct reason_row {
    const char *text;
    enum target_reason reason;
};

static void check_reasons(const struct reason_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const struct target *got = read_text(rows[i].text);
        if (got->kind != TARGET_INVALID || got->reason != rows[i].reason) {
            const char *name = target_reason_text(got->reason);
            fail_msg("\"%s\": expected %s, got %s", rows[i].text,
                     target_reason_text(rows[i].reason), name != NULL ? name : "none");
        }
    }
}
#define CHECK_REASONS(rows) check_reasons(rows, sizeof(rows) / sizeof(rows)[0])

static void addresses_and_urls_are_no_names(void **state)
{
    (void)state;
    static const struct reason_row ROWS[] = {
        {"https://example.com", TARGET_URL},
        {"https://example.com/", TARGET_URL},
        {"example.com/", TARGET_URL},
        {"example.com/a@b", TARGET_URL},
        {"//example.com", TARGET_URL},
        {"https://user@example.com:443", TARGET_URL},
        {"192.0.2.0/24", TARGET_URL},
        {"user@example.com", TARGET_EMAIL},
        {"mailto:user@example.com", TARGET_EMAIL},
        {"@example.com", TARGET_EMAIL},
        {"*@example.com", TARGET_EMAIL},
        {"*.example.com", TARGET_WILDCARD},
        {"*", TARGET_WILDCARD},
        {"a*b.example.com", TARGET_WILDCARD},
        {"*.example.com:25", TARGET_WILDCARD},
        {"example.com:443", TARGET_PORT},
        {"example.com:443.", TARGET_PORT},
        {"example.com:99999", TARGET_PORT},
        {"localhost:25", TARGET_PORT},
        {"192.0.2.1:53", TARGET_PORT},
        {"[2001:db8::1]:53", TARGET_PORT},
        {"example.com:", TARGET_ENCODING},
        {"example.com:https", TARGET_ENCODING},
        {"a.b:c:80", TARGET_ENCODING},
        {":80", TARGET_SINGLE_LABEL},
        {"192.0.2.1", TARGET_IP},
        {"192.0.2.1.", TARGET_IP},
        {"0.0.0.0", TARGET_IP},
        {"255.255.255.255", TARGET_IP},
        {"[192.0.2.1]", TARGET_IP},
        {"::", TARGET_IP},
        {"::1", TARGET_IP},
        {"2001:db8::80", TARGET_IP},
        {"2001:DB8:0:0:0:0:0:1", TARGET_IP},
        {"::ffff:192.0.2.1", TARGET_IP},
        {"[::1]", TARGET_IP},
        {"fe80::1%eth0", TARGET_IP},
        {"\xef\xbc\x91.\xef\xbc\x91.\xef\xbc\x91.\xef\xbc\x91", TARGET_IP},
        {"2001:db8:::1", TARGET_SINGLE_LABEL},
        {"[]", TARGET_SINGLE_LABEL},
        {"[", TARGET_SINGLE_LABEL},
    };
    CHECK_REASONS(ROWS);
}

static void labels_that_idna_refuses_are_idna(void **state)
{
    (void)state;
    static const struct reason_row ROWS[] = {
        {"xn--a.com", TARGET_IDNA}, /* decodes to U+0080 */
        {"xn--.com", TARGET_IDNA},
        {"xn--0.com", TARGET_IDNA},
        {"XN--A-.com", TARGET_IDNA},
        {"xn--999999999.com", TARGET_IDNA},
        {"www.xn--0.com", TARGET_IDNA},
        {"xn--0", TARGET_IDNA},      /* before single_label */
        {"xn--0..com", TARGET_IDNA}, /* before empty_label */
        {"xn--\xc3\xbc.com", TARGET_IDNA},
        {"\xf0\x9f\x98\x80.com", TARGET_IDNA}, /* emoji as such */
        {"-\xc3\xbc.com", TARGET_IDNA},
        {"ab--\xc3\xbc.com", TARGET_IDNA},
        {"\xcc\x80"
         "a.com",
         TARGET_IDNA}, /* combining mark in front */
        {"\xd9\x86"
         "a.com",
         TARGET_IDNA},                                 /* both directions */
        {"\xef\xbd\x81\xef\xbc\x8f.com", TARGET_IDNA}, /* full-width slash */
        {"a\xe2\x80\xa6"
         "com.net",
         TARGET_IDNA},                 /* ellipsis */
        {"\xc2\xad.com", TARGET_IDNA}, /* nothing is left */
        {"\xc2\xa0"
         "example.com",
         TARGET_IDNA}, /* no-break space */
        {"a\xc2\x85.com", TARGET_IDNA},
        {"a\xe2\x80\xae.com", TARGET_IDNA}, /* U+202E */
    };
    CHECK_REASONS(ROWS);
}

static void structure_is_judged_in_the_contracts_order(void **state)
{
    (void)state;
    static const struct reason_row ROWS[] = {
        {"com", TARGET_SINGLE_LABEL},
        {"com.", TARGET_SINGLE_LABEL},
        {"localhost", TARGET_SINGLE_LABEL},
        {"foo bar", TARGET_SINGLE_LABEL},
        {"b\xc3\xbc"
         "cher",
         TARGET_SINGLE_LABEL},
        {"\xff\xfe", TARGET_SINGLE_LABEL},
        {LABEL_64, TARGET_SINGLE_LABEL},
        {LABEL_64 ".com", TARGET_LABEL_TOO_LONG},
        {LABEL_64 "..com", TARGET_LABEL_TOO_LONG},
        {"xn--" LABEL_63 ".com", TARGET_LABEL_TOO_LONG},
        {LABEL_63 "\xc3\xbc.com", TARGET_LABEL_TOO_LONG},
        /* 59 bytes of UTF-8, 64 of A-label */
        {"abcdefghijklmnopqrstuvwxyz0123456789abcdefghijklmnopqrstu\xc3\xbc.com",
         TARGET_LABEL_TOO_LONG},
        {NAME_254, TARGET_NAME_TOO_LONG},
        {NAME_254 ".", TARGET_NAME_TOO_LONG},
        {NAME_253 "..", TARGET_NAME_TOO_LONG}, /* a dot too many counts */
        {".", TARGET_EMPTY_LABEL},
        {"..", TARGET_EMPTY_LABEL},
        {"\xe3\x80\x82", TARGET_EMPTY_LABEL},
        {".com", TARGET_EMPTY_LABEL},
        {"example..com", TARGET_EMPTY_LABEL},
        {"example.com..", TARGET_EMPTY_LABEL},
        {"example.\xe3\x80\x82"
         "com",
         TARGET_EMPTY_LABEL},
        {"a b..com", TARGET_EMPTY_LABEL},
        {"\"\"", TARGET_EMPTY_LABEL},
    };
    CHECK_REASONS(ROWS);
}

static void bytes_no_name_holds_are_encoding(void **state)
{
    (void)state;
    static const struct reason_row ROWS[] = {
        {"foo bar.com", TARGET_ENCODING},
        {"example.com tag", TARGET_ENCODING},
        {"example.com # comment", TARGET_ENCODING},
        {"foo\tbar.com", TARGET_ENCODING},
        {"foo\001bar.com", TARGET_ENCODING},
        {"foo\177.com", TARGET_ENCODING},
        {"foo!.com", TARGET_ENCODING},
        {"foo$.com", TARGET_ENCODING},
        {"foo%20.com", TARGET_ENCODING},
        {"foo&.com", TARGET_ENCODING},
        {"foo'.com", TARGET_ENCODING},
        {"foo(.com", TARGET_ENCODING},
        {"foo+.com", TARGET_ENCODING},
        {"foo;.com", TARGET_ENCODING},
        {"foo<.com", TARGET_ENCODING},
        {"foo=.com", TARGET_ENCODING},
        {"foo?.com", TARGET_ENCODING},
        {"foo\\.com", TARGET_ENCODING},
        {"foo^.com", TARGET_ENCODING},
        {"foo`.com", TARGET_ENCODING},
        {"foo{.com", TARGET_ENCODING},
        {"foo|.com", TARGET_ENCODING},
        {"foo~.com", TARGET_ENCODING},
        {"\"foo.com", TARGET_ENCODING},
        {"\"foo.com\"x", TARGET_ENCODING},
        {"b\xfc"
         "cher.de",
         TARGET_ENCODING},                         /* Latin-1 */
        {"\xc0\xae.com", TARGET_ENCODING},         /* overlong */
        {"\xe0\x80\xae.com", TARGET_ENCODING},     /* overlong */
        {"\xf0\x80\x80\xae.com", TARGET_ENCODING}, /* overlong */
        {"\xed\xa0\x80.com", TARGET_ENCODING},     /* surrogate */
        {"\xf4\x90\x80\x80.com", TARGET_ENCODING}, /* over U+10FFFF */
        {"\xf5\x80\x80\x80.com", TARGET_ENCODING},
        {"a\x80.com", TARGET_ENCODING}, /* no first byte */
        {"com.a\xc3", TARGET_ENCODING}, /* cut off */
        {"b\xc3\xbc !.de", TARGET_ENCODING},
    };
    CHECK_REASONS(ROWS);
    const struct target *got = read_bytes("foo\0bar.com", 11);
    assert_int_equal(got->kind, TARGET_INVALID);
    assert_int_equal(got->reason, TARGET_ENCODING);
    assert_int_equal(got->input.len, 11);
}

struct csv_row {
    const char *text;
    const char *domain; /* NULL: invalid */
    const char *tag;    /* NULL: none */
};

static void columns_are_told_apart_line_by_line(void **state)
{
    (void)state;
    static const struct csv_row ROWS[] = {
        {"example.com,customer", "example.com", "customer"},
        {"1,example.com", "example.com", "1"},
        {"0012,example.com", "example.com", "0012"},
        {"123456789012345678901234567890,example.com", "example.com",
         "123456789012345678901234567890"},
        {"example.com,1", "example.com", "1"},
        {"example.com,", "example.com", ""},
        {"example.com,,x", "example.com", ""},
        {"example.com", "example.com", NULL},
        {" example.com , some tag \r", "example.com", "some tag"},
        {" 7 , Example.COM. ", "example.com", "7"},
        {"example.com,a,b", "example.com", "a"},
        {"7,example.com,b", "example.com", "7"},
        {"\"example.com\",\"a,b\"", "example.com", "a,b"},
        {"\"example.com\" , \"a \"\"b\"\" c\" ", "example.com", "a \"b\" c"},
        {"\"7\",\"example.com\"", "example.com", "7"},
        {"example.com,\"\"", "example.com", ""},
        {"example.com,\"\"\"\"", "example.com", "\""},
        {"example.com,\" kept \"", "example.com", " kept "},
        {"example.com,\"open", "example.com", "\"open"},
        {"example.com,\"a\"b", "example.com", "\"a\"b"},
        {"example.com,say \"hi\"", "example.com", "say \"hi\""},
        {"example.com,#1", "example.com", "#1"},
        {"example.com,b\xc3\xbc", "example.com", "b\xc3\xbc"},
        {"-1,example.com", NULL, "example.com"},
        {"1.,example.com", NULL, "example.com"},
        {"1e3,example.com", NULL, "example.com"},
        {"7,", NULL, "7"},
        {",example.com", NULL, "example.com"},
        {",", NULL, ""},
        {"rank,domain", NULL, "domain"},
        {"user@example.com,x", NULL, "x"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct target *got = read_text(ROWS[i].text);
        print_message("%s\n", ROWS[i].text);
        assert_int_equal(got->kind,
                         ROWS[i].domain != NULL ? TARGET_DOMAIN : TARGET_INVALID);
        if (ROWS[i].domain != NULL) {
            assert_string_equal(got->name.domain, ROWS[i].domain);
        }
        assert_int_equal(got->has_tag, ROWS[i].tag != NULL);
        if (ROWS[i].tag != NULL) {
            assert_int_equal(got->tag.len, strlen(ROWS[i].tag));
            assert_memory_equal(got->tag.ptr, ROWS[i].tag, got->tag.len);
        }
    }
}

static void input_is_the_trimmed_line_with_all_columns(void **state)
{
    (void)state;
    const struct target *got = read_text(" \t1,example.com \r");
    assert_true(span_equals(got->input, "1,example.com"));
    got = read_text("  no such name  ");
    assert_true(span_equals(got->input, "no such name"));
}

static void blank_lines_and_comments_are_skipped(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum target_kind kind;
    } ROWS[] = {
        {"", TARGET_SKIP_BLANK},
        {" \t\r\v\f", TARGET_SKIP_BLANK},
        {"#", TARGET_SKIP_COMMENT},
        {"# example.com", TARGET_SKIP_COMMENT},
        {"  #example.com", TARGET_SKIP_COMMENT},
        {"\"#\"", TARGET_INVALID},
        {"a#b.com", TARGET_INVALID},
        {"\xe3\x80\x80", TARGET_INVALID}, /* an ideographic space is no blank of ours */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        assert_int_equal(read_text(ROWS[i].text)->kind, ROWS[i].kind);
        struct input_line line = {.text = ROWS[i].text, .len = strlen(ROWS[i].text)};
        assert_int_equal(target_is_skipped(&line), ROWS[i].kind != TARGET_INVALID);
    }
}

static void a_line_that_was_cut_is_too_long_before_all_else(void **state)
{
    (void)state;
    static char text[INPUT_LINE_MAX];
    memset(text, '*', sizeof text);
    struct input_line line = {
        .number = 1, .text = text, .len = sizeof text, .is_too_long = true};
    target_read(&target, &line, NULL);
    assert_int_equal(target.kind, TARGET_INVALID);
    assert_int_equal(target.reason, TARGET_TOO_LONG);
    assert_int_equal(target.input.len, INPUT_LINE_MAX);
    assert_false(target.has_tag);

    line.is_too_long = false; /* 4,096 bytes and not one more */
    target_read(&target, &line, NULL);
    assert_int_equal(target.reason, TARGET_WILDCARD);

    line.is_too_long = true;
    text[0] = '#';
    target_read(&target, &line, NULL);
    assert_int_equal(target.kind, TARGET_SKIP_COMMENT);

    memset(text, ' ', sizeof text); /* blanks as far as kept, something else behind */
    target_read(&target, &line, NULL);
    assert_int_equal(target.kind, TARGET_INVALID);
    assert_int_equal(target.reason, TARGET_TOO_LONG);
    assert_int_equal(target.input.len, 0);
}

static void special_use_domains_are_excluded(void **state)
{
    (void)state;
    static const char *const EXCLUDED[] = {"a.test",  "www.example",  "a.INVALID",
                                           "a.local", "a.localhost.", "a.onion",
                                           "a.alt",   "a.internal",   "b.a.internal"};
    for (size_t i = 0; i < sizeof EXCLUDED / sizeof EXCLUDED[0]; i++) {
        const struct target *got = read_text(EXCLUDED[i]);
        assert_int_equal(got->kind, TARGET_EXCLUDED);
        assert_int_equal(got->reason, TARGET_SPECIAL_USE);
    }
    assert_string_equal(target.name.domain, "b.a.internal");
    assert_int_equal(read_text("test")->reason, TARGET_SINGLE_LABEL);
    assert_int_equal(read_text("test.org")->kind, TARGET_DOMAIN);
    assert_int_equal(read_text("a.atest")->kind, TARGET_DOMAIN);
    assert_int_equal(read_text("a.tests")->kind, TARGET_DOMAIN);
}

static void opted_out_domains_are_excluded_before_special_use(void **state)
{
    (void)state;
    char path[] = "/tmp/test_target.XXXXXX";
    char error[EXCLUDE_ERROR_LEN];
    struct exclude *exclude = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "example.org\nlab.test\n", 21), 21);
    close(fd);
    assert_int_equal(exclude_open(&exclude, path, error), 0);
    unlink(path);
    static const struct {
        const char *text;
        enum target_kind kind;
        enum target_reason reason;
    } ROWS[] = {
        {"WWW.Example.ORG,t", TARGET_EXCLUDED, TARGET_OPT_OUT},
        {"5,example.org.", TARGET_EXCLUDED, TARGET_OPT_OUT},
        {"a.lab.test", TARGET_EXCLUDED, TARGET_OPT_OUT},
        {"lib.test", TARGET_EXCLUDED, TARGET_SPECIAL_USE},
        {"myexample.org", TARGET_DOMAIN, TARGET_REASON_NONE},
        {"*.example.org", TARGET_INVALID, TARGET_WILDCARD},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct input_line line = {1, ROWS[i].text, strlen(ROWS[i].text), false};
        target_read(&target, &line, exclude);
        assert_int_equal(target.kind, ROWS[i].kind);
        assert_int_equal(target.reason, ROWS[i].reason);
    }
    exclude_close(exclude);
}

static void the_longest_names_decode_into_the_buffer(void **state)
{
    (void)state;
    /* Labels whose decoded form is as long as it gets: 59 times one four-byte character.
     */
    char text[1200];
    size_t len = 0;
    for (int label = 0; label < 4; label++) {
        int count = label == 3 ? 50 : 56;
        for (int i = 0; i < count; i++) {
            memcpy(text + len, "\xf0\xa0\x80\x80", 4); /* U+20000 */
            len += 4;
        }
        text[len++] = '.';
    }
    const struct target *got = read_bytes(text, len);
    if (got->kind == TARGET_INVALID) {
        assert_true(got->reason == TARGET_NAME_TOO_LONG ||
                    got->reason == TARGET_LABEL_TOO_LONG);
        return;
    }
    assert_int_equal(got->name.domain_unicode_len, len - 1);
    assert_memory_equal(got->name.domain_unicode, text, len - 1);
}

static void every_reason_has_its_word(void **state)
{
    (void)state;
    static const char *const WORDS[] = {
        "url",      "email",        "wildcard",       "port",          "ip",
        "idna",     "single_label", "label_too_long", "name_too_long", "empty_label",
        "encoding", "too_long",     "opt_out",        "special_use"};
    assert_null(target_reason_text(TARGET_REASON_NONE));
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        assert_string_equal(target_reason_text((enum target_reason)(i + 1)), WORDS[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_becomes_lower_case_a_labels),
        cmocka_unit_test(addresses_and_urls_are_no_names),
        cmocka_unit_test(labels_that_idna_refuses_are_idna),
        cmocka_unit_test(structure_is_judged_in_the_contracts_order),
        cmocka_unit_test(bytes_no_name_holds_are_encoding),
        cmocka_unit_test(columns_are_told_apart_line_by_line),
        cmocka_unit_test(input_is_the_trimmed_line_with_all_columns),
        cmocka_unit_test(blank_lines_and_comments_are_skipped),
        cmocka_unit_test(a_line_that_was_cut_is_too_long_before_all_else),
        cmocka_unit_test(special_use_domains_are_excluded),
        cmocka_unit_test(opted_out_domains_are_excluded_before_special_use),
        cmocka_unit_test(the_longest_names_decode_into_the_buffer),
        cmocka_unit_test(every_reason_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
