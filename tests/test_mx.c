#include "scanner/classify/mx.h"

#include "tests/defects_check.h"
#include "tests/table_lookup.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define ROWS_MAX 12
#define DOMAIN "example.org"

static const char *code_text(unsigned code)
{
    return mx_code_text((enum mx_code)code);
}

struct mx_case {
    const char *title;
    struct table_row rows[ROWS_MAX];
    enum deployment deployment;
    /* "preference host status addresses…" joined by "; " */
    const char *hosts;
    const char *defects;
    bool is_null, is_implicit, has_failed;
};

static const char *status_text(enum dns_status status)
{
    static const char *const TEXTS[] = {
        [DNS_NOT_CHECKED] = "not_checked", [DNS_OK] = "ok",
        [DNS_NODATA] = "nodata",           [DNS_NXDOMAIN] = "nxdomain",
        [DNS_SERVFAIL] = "servfail",       [DNS_TIMEOUT] = "timeout",
    };
    return TEXTS[status];
}

static void show_hosts(const struct mx_set *set, char *text)
{
    text[0] = '\0';
    for (size_t i = 0; i < set->host_count; i++) {
        const struct mx_host *host = &set->hosts[i];
        text += sprintf(text, "%s%u %s %s", i > 0 ? "; " : "", host->preference,
                        host->host, status_text(host->status));
        for (size_t k = 0; k < host->address_count; k++) {
            text += sprintf(text, " %s", host->addresses[k]);
        }
    }
}

static void check_one(const struct mx_case *test, bool is_late)
{
    static struct mx_set set;
    static struct defects defects;
    static char hosts[8192];
    struct table_lookup table;
    struct defects_line line;
    size_t row_count = 0;
    while (row_count < ROWS_MAX && test->rows[row_count].name != NULL) {
        row_count++;
    }
    table_lookup_init(&table, test->rows, row_count);
    table.is_late = is_late;
    do {
        defects_clear(&defects);
        mx_classify(DOMAIN, &table.lookup, &set, &defects);
    } while (!set.is_done && table_lookup_next_round(&table));
    show_hosts(&set, hosts);
    if (strcmp(hosts, test->hosts) != 0 ||
        strcmp(defects_show(&defects, code_text, &line), test->defects) != 0) {
        print_error("%s\n", test->title);
    }
    assert_true(set.is_done);
    assert_int_equal(set.deployment, test->deployment);
    assert_string_equal(hosts, test->hosts);
    assert_string_equal(defects_show(&defects, code_text, &line), test->defects);
    assert_int_equal(set.is_null, test->is_null);
    assert_int_equal(set.is_implicit, test->is_implicit);
    assert_int_equal(set.has_failed, test->has_failed);
    table_lookup_close(&table);
}

static void check(const struct mx_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_one(&cases[i], false);
        check_one(&cases[i], true);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

#define MX(...)                                                                          \
    {                                                                                    \
        DOMAIN, DNS_MX, DNS_OK, {__VA_ARGS__},                                           \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }
#define A(name, ...)                                                                     \
    {                                                                                    \
        name, DNS_A, DNS_OK, {__VA_ARGS__},                                              \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }
#define AAAA(name, ...)                                                                  \
    {                                                                                    \
        name, DNS_AAAA, DNS_OK, {__VA_ARGS__},                                           \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }
#define ENDS(name, type, status)                                                         \
    {                                                                                    \
        name, type, status, {0},                                                         \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }

static void targets_are_sorted_and_resolved(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "by preference, then name; addresses by the bytes of their text",
         .rows = {MX("20 a.example.net", "10 b.example.net", "10 a.example.net",
                     "10 a.example.net"),
                  A("a.example.net", "9.9.9.9", "10.1.1.1", "1.1.1.1", "9.9.9.9"),
                  AAAA("a.example.net", "2606:4700::1"), A("b.example.net", "1.1.1.1")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 a.example.net ok 1.1.1.1 10.1.1.1 2606:4700::1 9.9.9.9; "
                  "10 b.example.net ok 1.1.1.1; "
                  "20 a.example.net ok 1.1.1.1 10.1.1.1 2606:4700::1 9.9.9.9",
         .defects = "address_private=10.1.1.1 | address_private=10.1.1.1"},
        {.title = "IPv6 only is fine",
         .rows = {MX("0 mx.example.net"), AAAA("mx.example.net", "2606:4700::1")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "0 mx.example.net ok 2606:4700::1",
         .defects = ""},
    };
    CHECK(CASES);
}

static void target_without_address_is_told_from_one_that_does_not_exist(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "no such name",
         .rows = {MX("10 mx.example.net")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net nxdomain",
         .defects = "target_nxdomain=mx.example.net"},
        {.title = "a name with other records",
         .rows = {MX("10 mx.example.net"), ENDS("mx.example.net", DNS_TXT, DNS_OK)},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net nodata",
         .defects = "target_no_address=mx.example.net"},
        {.title = "NXDOMAIN has to come from both",
         .rows = {MX("10 mx.example.net"), ENDS("mx.example.net", DNS_A, DNS_NXDOMAIN),
                  ENDS("mx.example.net", DNS_AAAA, DNS_NODATA)},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net nodata",
         .defects = "target_no_address=mx.example.net"},
    };
    CHECK(CASES);
}

static void failed_lookup_of_a_target_says_nothing_about_it(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "both",
         .rows = {MX("10 mx.example.net"), ENDS("mx.example.net", DNS_NONE, DNS_TIMEOUT)},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net timeout",
         .defects = "",
         .has_failed = true},
        {.title = "one, the other empty",
         .rows = {MX("10 mx.example.net"),
                  ENDS("mx.example.net", DNS_AAAA, DNS_SERVFAIL)},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net servfail",
         .defects = "",
         .has_failed = true},
        {.title = "one, the other found",
         .rows = {MX("10 mx.example.net"), ENDS("mx.example.net", DNS_A, DNS_SERVFAIL),
                  AAAA("mx.example.net", "2606:4700::1")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net ok 2606:4700::1",
         .defects = "",
         .has_failed = true},
    };
    CHECK(CASES);
}

static void null_mx_stands_alone(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "alone",
         .rows = {MX("0 .")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "0 . not_checked",
         .defects = "",
         .is_null = true},
        {.title = "with others",
         .rows = {MX("0 .", "10 mx.example.net"), A("mx.example.net", "1.1.1.1")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "0 . not_checked; 10 mx.example.net ok 1.1.1.1",
         .defects = "null_mx_with_others"},
    };
    CHECK(CASES);
}

static void address_as_target_is_an_error_and_not_asked(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "in every shape",
         .rows = {MX("10 192.0.2.1", "20 [192.0.2.1]", "30 2001:db8::1",
                     "40 [IPv6:2001:db8::1]", "50 [2001:db8::1]")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 192.0.2.1 not_checked; 20 [192.0.2.1] not_checked; "
                  "30 2001:db8::1 not_checked; 40 [IPv6:2001:db8::1] not_checked; "
                  "50 [2001:db8::1] not_checked",
         .defects = "target_is_address=192.0.2.1 | target_is_address=[192.0.2.1] | "
                    "target_is_address=2001:db8::1 | "
                    "target_is_address=[IPv6:2001:db8::1] | "
                    "target_is_address=[2001:db8::1]"},
        {.title = "a name that begins like one is a name",
         .rows = {MX("10 192.0.2.1.example.org"), A("192.0.2.1.example.org", "1.1.1.1")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 192.0.2.1.example.org ok 1.1.1.1",
         .defects = ""},
    };
    CHECK(CASES);
}

static void single_label_is_asked_like_any_name(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "found",
         .rows = {MX("10 mail"), A("mail", "1.1.1.1")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mail ok 1.1.1.1",
         .defects = "single_label=mail"},
        {.title = "not found",
         .rows = {MX("10 localhost")},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 localhost nxdomain",
         .defects = "target_nxdomain=localhost | single_label=localhost"},
    };
    CHECK(CASES);
}

static void alias_as_target_is_noted_once(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "followed",
         .rows = {MX("10 mx.example.net"),
                  {"mx.example.net", DNS_A, DNS_OK, {"1.1.1.1"}, {"real.example.net"}},
                  {"mx.example.net", DNS_AAAA, DNS_NODATA, {0}, {"real.example.net"}}},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net ok 1.1.1.1",
         .defects = "target_is_cname=mx.example.net"},
        {.title = "to nowhere",
         .rows = {MX("10 mx.example.net"),
                  {"mx.example.net", DNS_NONE, DNS_NXDOMAIN, {0}, {"real.example.net"}}},
         .deployment = DEPLOYMENT_PRESENT,
         .hosts = "10 mx.example.net nxdomain",
         .defects = "target_nxdomain=mx.example.net | target_is_cname=mx.example.net"},
    };
    CHECK(CASES);
}

static void without_mx_the_domain_itself_is_asked(void **state)
{
    (void)state;
    static const struct mx_case CASES[] = {
        {.title = "with an address",
         .rows = {A(DOMAIN, "10.0.0.1")},
         .deployment = DEPLOYMENT_ABSENT,
         .hosts = "",
         .defects = "implicit_mx",
         .is_implicit = true},
        {.title = "with an IPv6 address",
         .rows = {AAAA(DOMAIN, "2606:4700::1")},
         .deployment = DEPLOYMENT_ABSENT,
         .hosts = "",
         .defects = "implicit_mx",
         .is_implicit = true},
        {.title = "without",
         .rows = {ENDS(DOMAIN, DNS_TXT, DNS_OK)},
         .deployment = DEPLOYMENT_ABSENT,
         .hosts = "",
         .defects = ""},
        {.title = "left open",
         .rows = {ENDS(DOMAIN, DNS_A, DNS_TIMEOUT)},
         .deployment = DEPLOYMENT_ABSENT,
         .hosts = "",
         .defects = "",
         .has_failed = true},
        {.title = "no such domain",
         .rows = {{0}},
         .deployment = DEPLOYMENT_ABSENT,
         .hosts = "",
         .defects = ""},
        {.title = "lookup failed",
         .rows = {ENDS(DOMAIN, DNS_MX, DNS_SERVFAIL), A(DOMAIN, "1.1.1.1")},
         .deployment = DEPLOYMENT_TEMP_ERROR,
         .hosts = "",
         .defects = "",
         .has_failed = true},
    };
    CHECK(CASES);
}

static void domain_that_does_not_exist_costs_one_question(void **state)
{
    (void)state;
    static struct mx_set set;
    static struct defects defects;
    struct table_lookup table;
    table_lookup_init(&table, NULL, 0);
    defects_clear(&defects);
    mx_classify(DOMAIN, &table.lookup, &set, &defects);
    assert_int_equal(table.asked_count, 1);
    table_lookup_close(&table);
}

static void all_targets_are_asked_in_one_round(void **state)
{
    (void)state;
    static const struct table_row ROWS[] = {MX("1 a.example.net", "2 b.example.net")};
    static struct mx_set set;
    static struct defects defects;
    struct table_lookup table;
    table_lookup_init(&table, ROWS, 1);
    table.is_late = true;
    for (int i = 0; i < 2; i++) {
        defects_clear(&defects);
        mx_classify(DOMAIN, &table.lookup, &set, &defects);
        assert_false(set.is_done);
        table_lookup_next_round(&table);
    }
    assert_int_equal(table.asked_count, 5);
    table_lookup_close(&table);
}

static void of_many_targets_the_most_preferred_are_kept(void **state)
{
    (void)state;
    static char values[TABLE_VALUES_MAX][40];
    static struct table_row row = {DOMAIN, DNS_MX, DNS_OK, {0}, {0}};
    static struct mx_set set;
    static struct defects defects;
    struct table_lookup table;
    for (int i = 0; i < TABLE_VALUES_MAX; i++) {
        snprintf(values[i], sizeof values[i], "%d mx%d.example.net", TABLE_VALUES_MAX - i,
                 i);
        row.values[i] = values[i];
    }
    table_lookup_init(&table, &row, 1);
    defects_clear(&defects);
    mx_classify(DOMAIN, &table.lookup, &set, &defects);
    assert_int_equal(set.host_count, MX_HOSTS_MAX);
    assert_int_equal(set.hosts[0].preference, 1);
    assert_int_equal(set.hosts[MX_HOSTS_MAX - 1].preference, MX_HOSTS_MAX);
    table_lookup_close(&table);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_are_sorted_and_resolved),
        cmocka_unit_test(target_without_address_is_told_from_one_that_does_not_exist),
        cmocka_unit_test(failed_lookup_of_a_target_says_nothing_about_it),
        cmocka_unit_test(null_mx_stands_alone),
        cmocka_unit_test(address_as_target_is_an_error_and_not_asked),
        cmocka_unit_test(single_label_is_asked_like_any_name),
        cmocka_unit_test(alias_as_target_is_noted_once),
        cmocka_unit_test(without_mx_the_domain_itself_is_asked),
        cmocka_unit_test(domain_that_does_not_exist_costs_one_question),
        cmocka_unit_test(all_targets_are_asked_in_one_round),
        cmocka_unit_test(of_many_targets_the_most_preferred_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
