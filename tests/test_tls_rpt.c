#include "scanner/classify/tls_rpt.h"

#include "tests/defects_check.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const char *code_text(unsigned code)
{
    return tls_rpt_code_text((enum tls_rpt_code)code);
}

struct record_case {
    const char *text;
    const char *uris; /* joined by a space */
    const char *defects;
};

static void check(const struct record_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        static struct defects defects;
        struct defects_line line;
        struct tls_rpt_record record;
        char uris[1024] = "";
        defects_clear(&defects);
        tls_rpt_parse(span_of(cases[i].text), &record, &defects);
        for (size_t k = 0; k < record.rua_count; k++) {
            struct span uri = record.rua[k].uri;
            strcat(uris, k > 0 ? " " : "");
            strncat(uris, uri.ptr, uri.len);
            assert_memory_equal(record.rua[k].scheme.ptr, uri.ptr,
                                record.rua[k].scheme.len);
            assert_int_equal(uri.ptr[record.rua[k].scheme.len], ':');
        }
        if (strcmp(defects_show(&defects, code_text, &line), cases[i].defects) != 0) {
            print_error("record: %s\n", cases[i].text);
        }
        assert_string_equal(defects_show(&defects, code_text, &line), cases[i].defects);
        assert_string_equal(uris, cases[i].uris);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

#define M "mailto:tls@example.com"
#define H "https://example.com/tls?x=1"

static void rua_is_a_list_of_uris(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=TLSRPTv1;rua=" M, M, ""},
        {"v=TLSRPTv1; rua=" M ";", M, ""},
        {"v=TLSRPTv1; rua=" H, H, ""},
        {"v=TLSRPTv1; rua=" M "," H, M " " H, ""},
        {"v=TLSRPTv1; rua=" M " \t, " H " ; ", M " " H, ""},
        {"v=TLSRPTv1; rua=MAILTO:tls@example.com", "MAILTO:tls@example.com", ""},
        {"v=TLSRPTv1; rua=mailto:tls%21x%2Cy%3Bz@example.com",
         "mailto:tls%21x%2Cy%3Bz@example.com", ""},
    };
    CHECK(CASES);
}

static void rua_is_required(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=TLSRPTv1;", "", "rua_missing"},
        {"v=TLSRPTv1; ruf=x", "", "unknown_field=ruf=x | rua_missing"},
        {"v=TLSRPTv1; RUA=x", "", "unknown_field=RUA=x | rua_missing"},
        {"v=TLSRPTv1; rua", "", "syntax=rua | rua_missing"},
        {"v=TLSRPTv1; rua =" M, "", "syntax=rua =" M " | rua_missing"},
        {"v=TLSRPTv1; rua=", "", "rua_invalid"},
    };
    CHECK(CASES);
}

static void item_that_is_no_uri_is_an_error_and_the_others_stay(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=TLSRPTv1; rua=tls@example.com", "", "rua_invalid=tls@example.com"},
        {"v=TLSRPTv1; rua=tls@example.com," M, M, "rua_invalid=tls@example.com"},
        {"v=TLSRPTv1; rua=" M ",", M, "rua_invalid"},
        {"v=TLSRPTv1; rua=" M ",," H, M " " H, "rua_invalid"},
        {"v=TLSRPTv1; rua=" M " " H, "", "rua_invalid=" M " " H},
        {"v=TLSRPTv1; rua= " M, "", "rua_invalid= " M},
        {"v=TLSRPTv1; rua=" M " ", "", "rua_invalid=" M " "},
        {"v=TLSRPTv1; rua=mailto:", "", "rua_invalid=mailto:"},
        {"v=TLSRPTv1; rua=mailto:tls", "", "rua_invalid=mailto:tls"},
        {"v=TLSRPTv1; rua=https://", "", "rua_invalid=https://"},
        {"v=TLSRPTv1; rua=https:example.com", "", "rua_invalid=https:example.com"},
        {"v=TLSRPTv1; rua=" M "!10m", "", "rua_invalid=" M "!10m"},
    };
    CHECK(CASES);
}

static void uri_of_another_scheme_is_only_a_warning(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=TLSRPTv1; rua=http://example.com/", "http://example.com/",
         "scheme_unsupported=http://example.com/"},
        {"v=TLSRPTv1; rua=ftp://example.com/," M, "ftp://example.com/ " M,
         "scheme_unsupported=ftp://example.com/"},
        {"v=TLSRPTv1; rua=//example.com/", "", "rua_invalid=//example.com/"},
    };
    CHECK(CASES);
}

static void other_fields_follow_the_grammar(void **state)
{
    (void)state;
    static const struct record_case CASES[] = {
        {"v=TLSRPTv1; rua=" M "; x=1", M, "unknown_field=x=1"},
        {"v=TLSRPTv1; x=1; rua=" M, M, "unknown_field=x=1"},
        {"v=TLSRPTv1; rua=" M "; x=1=2", M, "syntax=x=1=2"},
        {"v=TLSRPTv1; rua=" M "; x=", M, "syntax=x="},
        {"v=TLSRPTv1; rua=" M "; " H, M, "syntax=" H},
        {"v=TLSRPTv1;; rua=" M, M, "syntax"},
        {"v=TLSRPTv1; rua=" M ";;", M, "syntax"},
        {"v=TLSRPTv1; rua=" M "; rua=nonsense", M, ""},
        {"v=TLSRPTv1; rua=nonsense; rua=" M, "", "rua_invalid=nonsense"},
    };
    CHECK(CASES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rua_is_a_list_of_uris),
        cmocka_unit_test(rua_is_required),
        cmocka_unit_test(item_that_is_no_uri_is_an_error_and_the_others_stay),
        cmocka_unit_test(uri_of_another_scheme_is_only_a_warning),
        cmocka_unit_test(other_fields_follow_the_grammar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
