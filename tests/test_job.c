/* Whole domains through the job, against a network that is a table: each case compares
 * parts of the record and, where that is the point, what was asked.
 */
#include "tests/fake_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

struct fixture {
    struct suffix_list *suffixes;
    struct verdict_config config;
    struct job_context context;
    struct job job;
    struct fake_net net;
    char record[65536];
    size_t record_count;
};

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct fixture *fixture = arg;
    (void)status;
    (void)survey;
    assert_false(fixture->context.json.failed);
    assert_true(fixture->context.json.len < sizeof fixture->record);
    memcpy(fixture->record, fixture->context.json.text, fixture->context.json.len);
    fixture->record[fixture->context.json.len] = '\0';
    fixture->record_count++;
    if (job != NULL) {
        arena_reset(&job->arena);
    }
}

static int setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->suffixes = suffix_list_open(NULL);
    assert_non_null(fixture->suffixes);
    fixture->config.checks = CHECK_ALL;
    fixture->config.suffixes = fixture->suffixes;
    fixture->context.config = &fixture->config;
    fixture->context.on_record = on_record;
    fixture->context.arg = fixture;
    assert_int_equal(job_context_init(&fixture->context), 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    job_context_close(&fixture->context);
    suffix_list_free(fixture->suffixes);
    free(fixture);
    return 0;
}

static void survey_line(struct fixture *fixture, const char *text)
{
    struct target target;
    struct input_line line = {.number = 7, .text = text, .len = strlen(text)};
    target_read(&target, &line, NULL);
    fixture->context.net = fixture->net.job_net;
    fixture->record_count = 0;
    if (target.kind == TARGET_DOMAIN) {
        job_begin(&fixture->job, &fixture->context, &target, line.number);
        while (fake_net_deliver(&fixture->net)) {
        }
    } else {
        job_decline(&fixture->context, &target, line.number);
    }
    assert_int_equal(fixture->record_count, 1);
}

static void assert_holds(const struct fixture *fixture, const char *text)
{
    if (strstr(fixture->record, text) == NULL) {
        fail_msg("record lacks %s:\n%s", text, fixture->record);
    }
}

static void assert_lacks(const struct fixture *fixture, const char *text)
{
    if (strstr(fixture->record, text) != NULL) {
        fail_msg("record holds %s:\n%s", text, fixture->record);
    }
}

static const struct table_row healthy[] = {
    {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
    {"example.org", DNS_NS, DNS_OK, {"ns2.example.net", "ns1.example.net"}},
    {"example.org",
     DNS_TXT,
     DNS_OK,
     {"unrelated", "v=spf1 mx include:spf.example.net -all"}},
    {"mx1.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
    {"spf.example.net", DNS_TXT, DNS_OK, {"v=spf1 ip4:93.184.216.0/24 ~all"}},
    {"_dmarc.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=DMARC1; p=reject; rua=mailto:d@example.org"}},
    {"_mta-sts.example.org", DNS_TXT, DNS_OK, {"v=STSv1; id=20261122;"}},
    {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
    {"_smtp._tls.example.org", DNS_TXT, DNS_OK, {"v=TLSRPTv1; rua=mailto:t@example.org"}},
};
static const char healthy_policy[] =
    "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 604800\n";

static void a_healthy_domain_is_judged_whole(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 0);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, " Example.ORG. ");
    assert_holds(fixture,
                 "{\"schema\":\"mailcensus/1.0\",\"line\":7,\"input\":\"Example.ORG.\","
                 "\"tag\":null,\"domain\":\"example.org\","
                 "\"domain_unicode\":\"example.org\",");
    assert_holds(fixture,
                 "\"status\":\"ok\",\"reason\":null,\"dns\":{\"status\":\"ok\",");
    assert_holds(fixture,
                 "\"mx\":{\"deployment\":\"present\",\"null_mx\":false,\"hosts\":["
                 "{\"preference\":10,\"host\":\"mx1.example.org\",\"addresses\":"
                 "[\"93.184.216.34\"],\"status\":\"ok\"}],");
    assert_holds(fixture,
                 "\"ns\":{\"deployment\":\"present\",\"hosts\":[\"ns1.example.net\","
                 "\"ns2.example.net\"],");
    assert_holds(fixture, "\"spf\":{\"deployment\":\"present\",\"validity\":\"valid\",");
    assert_holds(fixture, "\"all\":\"fail\",\"lookups\":2,\"void_lookups\":0,"
                          "\"ipv4_addresses\":256,\"ipv6_prefixes\":0,"
                          "\"includes\":[\"spf.example.net\"],");
    assert_holds(fixture,
                 "\"rfc9989\":{\"policy\":\"reject\",\"org_domain\":\"example.org\","
                 "\"found_at\":\"example.org\"}");
    assert_holds(fixture, "\"lifecycle\":\"enforce\"");
    assert_holds(fixture,
                 "\"mx_match\":{\"result\":\"all\",\"unmatched\":[],\"kind\":null}");
    assert_holds(fixture, "\"findings\":[]}\n");
    fake_net_close(&fixture->net);
}

/* The record but for its times. */
static void keep_without_times(const struct fixture *fixture, char *text, size_t size)
{
    snprintf(text, size, "%s", strstr(fixture->record, "\"status\""));
}

static void the_order_of_answers_does_not_change_the_record(void **state)
{
    struct fixture *fixture = *state;
    char expected[8192], found[8192];
    for (uint64_t seed = 0; seed < 200; seed++) {
        fake_net_init(&fixture->net, ROWS(healthy), seed);
        fixture->net.policy = healthy_policy;
        survey_line(fixture, "example.org");
        keep_without_times(fixture, seed == 0 ? expected : found, sizeof found);
        if (seed != 0) {
            assert_string_equal(found, expected);
        }
        fake_net_close(&fixture->net);
    }
}

static void no_question_is_asked_twice(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 5);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, "example.org");
    assert_int_equal(fixture->net.dns_count, fixture->net.table.asked_count);
    assert_int_equal(fixture->net.fetch_count, 1);
    fake_net_close(&fixture->net);
}

static void a_name_that_does_not_exist_is_asked_nothing_more(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
    };
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(rows), 3);
    survey_line(fixture, "gone.example.net");
    assert_holds(fixture,
                 "\"status\":\"ok\",\"reason\":null,\"dns\":{\"status\":\"nxdomain\"");
    assert_true(table_lookup_was_asked(&fixture->net.table, "gone.example.net", DNS_MX));
    assert_false(
        table_lookup_was_asked(&fixture->net.table, "gone.example.net", DNS_TXT));
    assert_false(table_lookup_was_asked(&fixture->net.table, "_mta-sts.gone.example.net",
                                        DNS_TXT));
    assert_true(
        table_lookup_was_asked(&fixture->net.table, "_dmarc.example.net", DNS_TXT));
    fake_net_close(&fixture->net);
}

static void policy_is_not_fetched_without_a_record(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
        {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
    };
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(rows), 3);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, "example.org");
    assert_int_equal(fixture->net.fetch_count, 0);
    assert_holds(fixture, "\"lifecycle\":\"absent\"");
    assert_holds(fixture,
                 "\"policy\":{\"stage\":\"not_fetched\",\"error\":null,\"url\":null,");
    fake_net_close(&fixture->net);
}

static void an_orphan_policy_is_found_only_when_probed_for(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
        {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
    };
    struct fixture *fixture = *state;
    fixture->config.probe_orphan_policies = true;
    fake_net_init(&fixture->net, ROWS(rows), 3);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, "example.org");
    assert_holds(fixture, "\"mta_sts\":{\"deployment\":\"absent\",\"validity\":\"valid\","
                          "\"lifecycle\":\"orphan_policy\"");
    fake_net_close(&fixture->net);
}

/* A failed lookup is never "not deployed". */
static void a_failed_lookup_is_a_temp_error_and_never_absent(void **state)
{
    static const enum dns_status failures[] = {
        DNS_SERVFAIL, DNS_REFUSED,   DNS_OTHER_RCODE, DNS_TIMEOUT,
        DNS_NETWORK,  DNS_MALFORMED, DNS_CNAME_LOOP};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        fake_net_init(&fixture->net, NULL, 0, 9);
        fixture->net.table.unknown = failures[i];
        survey_line(fixture, "example.org");
        assert_holds(fixture, "\"status\":\"error\"");
        assert_holds(fixture, dns_status_text(failures[i]));
        assert_lacks(fixture, "\"absent\"");
        assert_lacks(fixture, "\"valid\"");
        assert_lacks(fixture, "\"invalid\"");
        fake_net_close(&fixture->net);
    }
}

static void one_failed_lookup_makes_the_record_partial(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
        {"example.org", DNS_TXT, DNS_TIMEOUT},
        {"mx1.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
    };
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(rows), 9);
    survey_line(fixture, "example.org");
    assert_holds(fixture, "\"status\":\"partial\"");
    assert_holds(fixture, "\"spf\":{\"deployment\":\"temp_error\",\"validity\":null,");
    fake_net_close(&fixture->net);
}

static void a_policy_time_out_leaves_validity_open(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 4);
    fixture->net.failure =
        (struct fetch_result){.stage = FETCH_STAGE_TLS, .error = FETCH_TLS_TIMEOUT};
    survey_line(fixture, "example.org");
    assert_holds(fixture, "\"status\":\"partial\"");
    assert_holds(fixture, "\"mta_sts\":{\"deployment\":\"present\",\"validity\":null,"
                          "\"lifecycle\":\"temp_error\"");
    assert_holds(fixture, "\"stage\":\"tls\",\"error\":\"tls_timeout\"");
    fake_net_close(&fixture->net);
}

static void a_refused_policy_connection_is_broken_not_open(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 4);
    fixture->net.failure =
        (struct fetch_result){.stage = FETCH_STAGE_TCP, .error = FETCH_TCP_REFUSED};
    survey_line(fixture, "example.org");
    assert_holds(fixture, "\"status\":\"ok\"");
    assert_holds(fixture,
                 "\"mta_sts\":{\"deployment\":\"present\",\"validity\":\"invalid\","
                 "\"lifecycle\":\"broken\"");
    assert_holds(fixture,
                 "{\"code\":\"mta_sts.policy.tcp_refused\",\"severity\":\"error\","
                 "\"detail\":null}");
    fake_net_close(&fixture->net);
}

static void checks_that_are_off_ask_nothing_and_say_not_checked(void **state)
{
    struct fixture *fixture = *state;
    fixture->config.checks = CHECK_SPF;
    fake_net_init(&fixture->net, ROWS(healthy), 4);
    survey_line(fixture, "example.org");
    assert_true(table_lookup_was_asked(&fixture->net.table, "example.org", DNS_NS));
    assert_false(
        table_lookup_was_asked(&fixture->net.table, "_dmarc.example.org", DNS_TXT));
    assert_holds(fixture, "\"dmarc\":{\"deployment\":\"not_checked\",\"validity\":null,");
    assert_holds(fixture, "\"ns\":{\"deployment\":\"not_checked\"");
    assert_holds(fixture, "\"spf\":{\"deployment\":\"present\",\"validity\":\"valid\"");
    fake_net_close(&fixture->net);
}

static void a_line_that_is_no_domain_still_gets_a_whole_record(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, NULL, 0, 0);
    survey_line(fixture, "https://example.org/");
    assert_int_equal(fixture->net.dns_count, 0);
    assert_holds(fixture, "\"domain\":null,\"domain_unicode\":null,");
    assert_holds(fixture,
                 "\"status\":\"invalid_input\",\"reason\":\"url\",\"dns\":{\"status\":"
                 "\"not_checked\",\"authenticated\":null,\"queries\":0,\"retries\":0,"
                 "\"engine\":null}");
    assert_holds(fixture, "\"profile\":null,\"findings\":[]}\n");
    survey_line(fixture, "example.test");
    assert_holds(fixture, "\"domain\":\"example.test\"");
    assert_holds(fixture, "\"status\":\"excluded\",\"reason\":\"special_use\"");
    fake_net_close(&fixture->net);
}

/* Foreign bytes meet a survey with a budget: a thousand MX hosts and includes without
 * end. */
static void a_survey_ends_within_its_budget(void **state)
{
    static const struct table_row rows[] = {
        {"example.org",
         DNS_TXT,
         DNS_OK,
         {"v=spf1 include:a.example.org include:b.example.org -all"}},
        {"a.example.org", DNS_TXT, DNS_OK, {"v=spf1 include:b.example.org mx a -all"}},
        {"b.example.org", DNS_TXT, DNS_OK, {"v=spf1 include:a.example.org mx a -all"}},
    };
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(rows), 4);
    survey_line(fixture, "example.org");
    assert_true(fixture->net.dns_count <= MEMO_MAX);
    assert_holds(fixture, "include_loop");
    fake_net_close(&fixture->net);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_healthy_domain_is_judged_whole),
        TEST(the_order_of_answers_does_not_change_the_record),
        TEST(no_question_is_asked_twice),
        TEST(a_name_that_does_not_exist_is_asked_nothing_more),
        TEST(policy_is_not_fetched_without_a_record),
        TEST(an_orphan_policy_is_found_only_when_probed_for),
        TEST(a_failed_lookup_is_a_temp_error_and_never_absent),
        TEST(one_failed_lookup_makes_the_record_partial),
        TEST(a_policy_time_out_leaves_validity_open),
        TEST(a_refused_policy_connection_is_broken_not_open),
        TEST(checks_that_are_off_ask_nothing_and_say_not_checked),
        TEST(a_line_that_is_no_domain_still_gets_a_whole_record),
        TEST(a_survey_ends_within_its_budget),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
