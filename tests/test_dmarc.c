#include "scanner/classify/dmarc.h"

#include "tests/defects_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

static const char *code_text(unsigned code)
{
    return dmarc_code_text((enum dmarc_code)code);
}

struct record_case {
    const char *text;
    const char *defects;
};

static void parse(const char *text, struct dmarc_record *record, struct defects *defects)
{
    defects_clear(defects);
    dmarc_parse(span_of(text), record, defects);
}

static void check(const struct record_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static struct defects defects;
        struct defects_line line;
        struct dmarc_record record;
        parse(cases[i].text, &record, &defects);
        if (strcmp(defects_show(&defects, code_text, &line), cases[i].defects) != 0) {
            print_error("record: %s\n", cases[i].text);
        }
        assert_string_equal(defects_show(&defects, code_text, &line), cases[i].defects);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

#define RUA "; rua=mailto:d@example.com"

static void whole_record_is_read(void **state)
{
    (void)state;
    static struct defects defects;
    struct dmarc_record record;
    parse("V = DMARC1 ;P=Reject; sp = quarantine;np=NONE ; adkim=S;aspf=r; t=N; psd=U; "
          "fo=1:d:S;"
          " rua=mailto:a@example.com!10m , https://r.example.net/x; "
          "ruf=mailto:b@Example.org;",
          &record, &defects);
    assert_int_equal(defects.count, 0);
    assert_int_equal(record.p, DMARC_POLICY_REJECT);
    assert_int_equal(record.sp, DMARC_POLICY_QUARANTINE);
    assert_int_equal(record.np, DMARC_POLICY_NONE);
    assert_int_equal(record.adkim, 's');
    assert_int_equal(record.aspf, 'r');
    assert_int_equal(record.t, 'n');
    assert_int_equal(record.psd, 'u');
    assert_int_equal(record.pct, -1);
    assert_true(span_equals(record.fo, "1:d:S"));
    assert_int_equal(record.rua_count, 2);
    assert_true(span_equals(record.rua[0].text, "mailto:a@example.com!10m"));
    assert_true(span_equals(record.rua[0].host, "example.com"));
    assert_true(span_equals(record.rua[1].host, "r.example.net"));
    assert_int_equal(record.ruf_count, 1);
    assert_true(span_equals(record.ruf[0].host, "Example.org"));
}

static void nothing_is_filled_in(void **state)
{
    (void)state;
    static struct defects defects;
    struct dmarc_record record;
    parse("v=DMARC1; p=none" RUA, &record, &defects);
    assert_int_equal(defects.count, 0);
    assert_int_equal(record.sp, DMARC_POLICY_NULL);
    assert_int_equal(record.np, DMARC_POLICY_NULL);
    assert_false(record.is_sp_bad || record.is_np_bad || record.is_p_bad);
    assert_int_equal(record.adkim, 0);
    assert_int_equal(record.aspf, 0);
    assert_int_equal(record.t, 0);
    assert_int_equal(record.psd, 0);
    assert_int_equal(record.pct, -1);
    assert_int_equal(record.fo.len, 0);
}

static void policy_words_are_exact_in_any_case(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1; p=none" RUA, ""},
        {"v=DMARC1; p=QUARANTINE" RUA, ""},
        {"v=DMARC1; p=r" RUA, "p_invalid=p=r"},
        {"v=DMARC1; p=rejected" RUA, "p_invalid=p=rejected"},
        {"v=DMARC1; p=monitor" RUA, "p_invalid=p=monitor"},
        {"v=DMARC1; p=" RUA, "p_invalid=p="},
        {"v=DMARC1; p=reject sp=none" RUA, "p_invalid=p=reject sp=none"},
        {"v=DMARC1; p = reject" RUA, ""},
        {"v=DMARC1; p=none; sp=r" RUA, "sp_invalid=sp=r"},
        {"v=DMARC1; p=none; np=nothing" RUA, "np_invalid=np=nothing"},
    };
    CHECK(CASES);
}

static void p_may_stand_anywhere_but_must_be_there(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1" RUA "; p=none", ""},
        {"v=DMARC1" RUA, "p_missing"},
        {"v=DMARC1", "p_missing | no_rua"},
        {"v=DMARC1;", "p_missing | no_rua"},
        {"v=DMARC1; p" RUA, "tag_invalid=p | p_missing"},
        {"v=DMARC1; sp=reject" RUA, "p_missing"},
    };
    CHECK(CASES);
}

static void tag_without_equals_sign_or_name_is_invalid(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1; p=none" RUA ";", ""},
        {"v=DMARC1; p=none" RUA " ; ", ""},
        {"v=DMARC1;; p=none" RUA, "tag_invalid"},
        {"v=DMARC1; p=none" RUA ";;", "tag_invalid"},
        {"v=DMARC1; p=none; =x" RUA, "tag_invalid==x"},
        {"v=DMARC1; p=none; x1=y" RUA, "tag_invalid=x1=y"},
        {"v=DMARC1; p=none; hello" RUA, "tag_invalid=hello"},
        {"v=DMARC1; p=none, sp=none" RUA, "p_invalid=p=none, sp=none"},
    };
    CHECK(CASES);
}

static void bad_value_of_another_tag_is_only_tag_invalid(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1; p=none; adkim=relaxed" RUA, "tag_invalid=adkim=relaxed"},
        {"v=DMARC1; p=none; aspf=" RUA, "tag_invalid=aspf="},
        {"v=DMARC1; p=none; psd=x" RUA, "tag_invalid=psd=x"},
        {"v=DMARC1; p=none; t=yes" RUA, "tag_invalid=t=yes"},
        {"v=DMARC1; p=none; fo=1:x" RUA, "tag_invalid=fo=1:x"},
        {"v=DMARC1; p=none; fo=1," RUA, "tag_invalid=fo=1,"},
        {"v=DMARC1; p=none; fo=" RUA, "tag_invalid=fo="},
        {"v=DMARC1; p=none; fo=0 : s" RUA, ""},
        {"v=DMARC1; p=none; fo=0:1:d:s" RUA, ""},
    };
    CHECK(CASES);
}

static void repeated_tag_is_ignored(void **state)
{
    (void)state;
    static struct defects defects;
    struct defects_line line;
    struct dmarc_record record;
    parse("v=DMARC1; p=none; P=reject; v=DMARC1; x=1; X=2; rua=nonsense" RUA, &record,
          &defects);
    assert_string_equal(
        defects_show(&defects, code_text, &line),
        "duplicate_tag=P=reject | duplicate_tag=v=DMARC1 | unknown_tag=x=1 | "
        "duplicate_tag=X=2 | rua_invalid=nonsense | "
        "duplicate_tag=rua=mailto:d@example.com | no_rua");
    assert_int_equal(record.p, DMARC_POLICY_NONE);
}

static void known_tag_is_known_again_behind_many_unknown_ones(void **state)
{
    (void)state;
    static struct defects defects;
    struct dmarc_record record;
    char text[2000] = "v=DMARC1; p=none";
    for (int i = 0; i < 100; i++) {
        char tag[16];
        snprintf(tag, sizeof tag, "; x%c%c=1", 'a' + i / 26, 'a' + i % 26);
        strcat(text, tag);
    }
    strcat(text, "; p=reject");
    parse(text, &record, &defects);
    assert_int_equal(record.p, DMARC_POLICY_NONE);
    assert_true(defects_has(&defects, DMARC_DUPLICATE_TAG));
}

static void unknown_tags_are_told_from_removed_ones(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1; p=none; foo=bar" RUA, "unknown_tag=foo=bar"},
        {"v=DMARC1; p=none; foo=" RUA, "tag_invalid=foo="},
        {"v=DMARC1; p=none; foo=\xC3\xA9" RUA, "tag_invalid=foo=\xC3\xA9"},
        {"v=DMARC1; p=none; rf=afrf; ri=86400" RUA,
         "removed_tag=rf=afrf | removed_tag=ri=86400"},
        {"v=DMARC1; p=none; rf=; ri=day" RUA,
         "removed_tag=rf= | tag_invalid=rf= | removed_tag=ri=day | tag_invalid=ri=day"},
    };
    CHECK(CASES);
}

static void pct_is_removed_and_partial_below_100(void **state)
{
    (void)state;
    static const struct {
        const char *tag;
        int pct;
        const char *defects;
    } CASES[] = {
        {"pct=100", 100, "removed_tag=pct=100"},
        {"pct=99", 99, "removed_tag=pct=99 | pct_partial=pct=99"},
        {"pct=0", 0, "removed_tag=pct=0 | pct_partial=pct=0"},
        {"pct=101", -1, "removed_tag=pct=101 | tag_invalid=pct=101"},
        {"pct=-1", -1, "removed_tag=pct=-1 | tag_invalid=pct=-1"},
        {"pct=50%", -1, "removed_tag=pct=50% | tag_invalid=pct=50%"},
        {"pct=", -1, "removed_tag=pct= | tag_invalid=pct="},
        {"pct=0100", -1, "removed_tag=pct=0100 | tag_invalid=pct=0100"},
        {"pct", -1, "tag_invalid=pct"},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        static struct defects defects;
        struct defects_line line;
        struct dmarc_record record;
        char text[100];
        snprintf(text, sizeof text, "v=DMARC1; p=none; %s" RUA, CASES[i].tag);
        parse(text, &record, &defects);
        assert_string_equal(defects_show(&defects, code_text, &line), CASES[i].defects);
        assert_int_equal(record.pct, CASES[i].pct);
    }
}

static void testing_is_t_of_y(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1; p=reject; t=y" RUA, "testing=t=y"},
        {"v=DMARC1; p=reject; T = Y" RUA, "testing=T = Y"},
        {"v=DMARC1; p=reject; t=n" RUA, ""},
    };
    CHECK(CASES);
}

static void item_that_is_no_uri_is_noted_and_the_others_stay(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=DMARC1; p=none; rua=d@example.com", "rua_invalid=d@example.com | no_rua"},
        {"v=DMARC1; p=none; rua=", "rua_invalid | no_rua"},
        {"v=DMARC1; p=none; rua=mailto:a@b.c,", "rua_invalid"},
        {"v=DMARC1; p=none; rua=mailto:a@b.c mailto:d@e.f",
         "rua_invalid=mailto:a@b.c mailto:d@e.f | no_rua"},
        {"v=DMARC1; p=none; rua=mailto:a@b.c;mailto:d@e.f", "tag_invalid=mailto:d@e.f"},
        {"v=DMARC1; p=none; ruf=d@example.com" RUA, "ruf_invalid=d@example.com"},
        {"v=DMARC1; p=none; ruf=mailto:d@example.com", "no_rua"},
        /* RFC 9989 4.7: any URI; receivers ignore schemes they do not know */
        {"v=DMARC1; p=none; rua=ftp://example.com/", ""},
        {"v=DMARC1; p=none; rua=mailto:a@b.c!10m", ""},
        {"v=DMARC1; p=none; rua=mailto:a@b.c!10", ""},
        {"v=DMARC1; p=none; rua=mailto:a@b.c!T", "rua_invalid=mailto:a@b.c!T | no_rua"},
        {"v=DMARC1; p=none; rua=mailto:a@b.c!10x",
         "rua_invalid=mailto:a@b.c!10x | no_rua"},
        {"v=DMARC1; p=none; rua=mailto:a!b@b.c", "rua_invalid=mailto:a!b@b.c | no_rua"},
    };
    CHECK(CASES);
}

static void hostile_records_take_linear_time(void **state)
{
    (void)state;
    enum { LEN = 65535 };
    static const char *const PIECES[] = {";", "a=b;",   "p=;", " ",
                                         "=", "rua=,;", "a",   ","};
    char *text = malloc(LEN);
    for (size_t i = 0; i < sizeof PIECES / sizeof PIECES[0]; i++) {
        static struct defects defects;
        struct dmarc_record record;
        size_t piece_len = strlen(PIECES[i]);
        for (size_t at = 0; at < LEN; at++) {
            text[at] = PIECES[i][at % piece_len];
        }
        memcpy(text, "v=DMARC1;rua=", strlen("v=DMARC1;rua="));
        defects_clear(&defects);
        assert_int_equal(dmarc_version((struct span){text, LEN}), VERSION_COUNTS);
        dmarc_parse((struct span){text, LEN}, &record, &defects);
        assert_true(defects_has(&defects, DMARC_P_MISSING) || record.is_p_bad);
    }
    free(text);
}

static void defects_may_be_absent(void **state)
{
    (void)state;
    struct dmarc_record record;
    dmarc_parse(span_of("v=DMARC1; p=x; pct=1; ;rua=y"), &record, NULL);
    assert_true(record.is_p_bad);
}

static void every_code_has_its_word(void **state)
{
    (void)state;
    for (unsigned code = 0; code < DMARC_CODE_COUNT; code++) {
        assert_non_null(code_text(code));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_record_is_read),
        cmocka_unit_test(nothing_is_filled_in),
        cmocka_unit_test(policy_words_are_exact_in_any_case),
        cmocka_unit_test(p_may_stand_anywhere_but_must_be_there),
        cmocka_unit_test(tag_without_equals_sign_or_name_is_invalid),
        cmocka_unit_test(bad_value_of_another_tag_is_only_tag_invalid),
        cmocka_unit_test(repeated_tag_is_ignored),
        cmocka_unit_test(known_tag_is_known_again_behind_many_unknown_ones),
        cmocka_unit_test(unknown_tags_are_told_from_removed_ones),
        cmocka_unit_test(pct_is_removed_and_partial_below_100),
        cmocka_unit_test(testing_is_t_of_y),
        cmocka_unit_test(item_that_is_no_uri_is_noted_and_the_others_stay),
        cmocka_unit_test(hostile_records_take_linear_time),
        cmocka_unit_test(defects_may_be_absent),
        cmocka_unit_test(every_code_has_its_word),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
