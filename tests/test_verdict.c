/* The codes that no parser gives: they follow from lookups, from the fetch, and from what
 * protocols say together. Each case changes a sound domain in one way and compares the
 * whole list of findings; next to each code stands its nearest neighbour, which must not
 * give it.
 */
#include "tests/fake_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define CASE_ROWS_MAX 3

static const struct table_row SOUND[] = {
    {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
    {"example.org", DNS_NS, DNS_OK, {"ns1.example.net"}},
    {"example.org", DNS_TXT, DNS_OK, {"unrelated", "v=spf1 mx -all"}},
    {"mx1.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
    {"_dmarc.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=DMARC1; p=reject; rua=mailto:d@example.org"}},
    {"_mta-sts.example.org", DNS_TXT, DNS_OK, {"v=STSv1; id=20261122;"}},
    {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
    {"_smtp._tls.example.org", DNS_TXT, DNS_OK, {"v=TLSRPTv1; rua=mailto:t@example.org"}},
};
#define SOUND_COUNT (sizeof SOUND / sizeof SOUND[0])
#define POLICY(mode, mx) "version: STSv1\nmode: " mode "\n" mx "max_age: 604800\n"
#define SOUND_POLICY POLICY("enforce", "mx: mx1.example.org\n")

struct verdict_case {
    const char *domain; /* NULL: example.org */
    /* In place of the sound domain's of that name and type, or beside them. */
    struct table_row rows[CASE_ROWS_MAX];
    const char *policy; /* NULL: the sound one */
    /* "code" of a warning, "code!" of an error, "=detail" if any; by ", " */
    const char *findings;
};

struct fixture {
    struct suffix_list *suffixes;
    struct verdict_config config;
    struct job_context context;
    struct job job;
    struct fake_net net;
    struct table_row rows[SOUND_COUNT + CASE_ROWS_MAX];
    size_t row_count;
    char record[65536];
};

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct fixture *fixture = arg;
    (void)status;
    (void)survey;
    assert_true(fixture->context.json.len < sizeof fixture->record);
    memcpy(fixture->record, fixture->context.json.text, fixture->context.json.len);
    fixture->record[fixture->context.json.len] = '\0';
    arena_reset(&job->arena);
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

static void put_row(struct fixture *fixture, const struct table_row *row)
{
    size_t at = 0;
    while (at < fixture->row_count && (strcmp(fixture->rows[at].name, row->name) != 0 ||
                                       fixture->rows[at].type != row->type)) {
        at++;
    }
    fixture->rows[at] = *row;
    fixture->row_count += at == fixture->row_count;
}

static void make_world(struct fixture *fixture, const struct verdict_case *test)
{
    memcpy(fixture->rows, SOUND, sizeof SOUND);
    fixture->row_count = SOUND_COUNT;
    for (size_t i = 0; i < CASE_ROWS_MAX && test->rows[i].name != NULL; i++) {
        put_row(fixture, &test->rows[i]);
    }
    fake_net_init(&fixture->net, fixture->rows, fixture->row_count, 11);
    fixture->net.policy = test->policy != NULL ? test->policy : SOUND_POLICY;
}

static void survey_domain(struct fixture *fixture, const char *domain)
{
    struct target target;
    struct input_line line = {.number = 1, .text = domain, .len = strlen(domain)};
    target_read(&target, &line, NULL);
    assert_int_equal(target.kind, TARGET_DOMAIN);
    fixture->context.net = fixture->net.job_net;
    job_begin(&fixture->job, &fixture->context, &target, line.number);
    while (fake_net_deliver(&fixture->net)) {
    }
}

/* The findings of the record, as a case writes them; a detail's first 40 bytes. */
static void show_findings(const struct fixture *fixture, char *text, size_t size)
{
    const char *at = strstr(fixture->record, "\"findings\":[");
    size_t len = 0;
    assert_non_null(at);
    text[0] = '\0';
    for (at = strstr(at, "{\"code\":"); at != NULL; at = strstr(at + 1, "{\"code\":")) {
        char code[64], severity[16], detail[41];
        int count = sscanf(
            at, "{\"code\":\"%63[^\"]\",\"severity\":\"%15[^\"]\",\"detail\":\"%40[^\"]",
            code, severity, detail);
        assert_true(count >= 2);
        len += (size_t)snprintf(text + len, size - len, "%s%s%s%s%s", len > 0 ? ", " : "",
                                code, strcmp(severity, "error") == 0 ? "!" : "",
                                count == 3 ? "=" : "", count == 3 ? detail : "");
        assert_true(len < size);
    }
}

static void assert_findings(const struct fixture *fixture, const char *expected)
{
    char found[4096];
    show_findings(fixture, found, sizeof found);
    if (strcmp(found, expected) != 0) {
        print_error("%s\n", fixture->record);
    }
    assert_string_equal(found, expected);
}

static void assert_holds(const struct fixture *fixture, const char *text)
{
    if (strstr(fixture->record, text) == NULL) {
        fail_msg("record lacks %s:\n%s", text, fixture->record);
    }
}

static void check_case(struct fixture *fixture, const struct verdict_case *test)
{
    make_world(fixture, test);
    survey_domain(fixture, test->domain != NULL ? test->domain : "example.org");
    assert_findings(fixture, test->findings);
    fake_net_close(&fixture->net);
}

static void check(struct fixture *fixture, const struct verdict_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_case(fixture, &cases[i]);
    }
}
#define CHECK(cases) check(*state, cases, sizeof(cases) / sizeof(cases)[0])

#define ENDS(owner, kind, how)                                                           \
    {                                                                                    \
        .name = owner, .type = kind, .status = how                                       \
    }
#define TXT(owner, ...)                                                                  \
    {                                                                                    \
        .name = owner, .type = DNS_TXT, .status = DNS_OK, .values = { __VA_ARGS__ }      \
    }
#define DMARC "_dmarc.example.org"
#define STS "_mta-sts.example.org"
#define RPT "_smtp._tls.example.org"
#define HOST "mta-sts.example.org"
#define GOOD_DMARC "v=DMARC1; p=reject; rua=mailto:d@example.org"
#define GOOD_STS "v=STSv1; id=1;"
#define GOOD_RPT "v=TLSRPTv1; rua=mailto:t@example.org"

static void a_sound_domain_has_no_findings(void **state)
{
    static const struct verdict_case CASES[] = {{.findings = ""}};
    CHECK(CASES);
}

static void several_records_are_an_error_and_other_text_beside_one_is_not(void **state)
{
    static const struct verdict_case CASES[] = {
        {.rows = {TXT(DMARC, "v=DMARC1; p=none", "v=DMARC1; p=reject")},
         .findings = "dmarc.multiple_records!"},
        {.rows = {TXT(DMARC, GOOD_DMARC, "verification")}, .findings = ""},
        {.rows = {TXT(STS, GOOD_STS, "v=STSv1; id=2;")},
         .findings = "mta_sts.multiple_records!"},
        {.rows = {TXT(STS, GOOD_STS, "verification")}, .findings = ""},
        {.rows = {TXT(RPT, GOOD_RPT, "v=TLSRPTv1; rua=mailto:a@b.example")},
         .findings = "tls_rpt.multiple_records!"},
        {.rows = {TXT(RPT, GOOD_RPT, "verification")}, .findings = ""},
    };
    CHECK(CASES);
}

static void a_near_miss_tells_that_somebody_tried(void **state)
{
    static const struct verdict_case CASES[] = {
        {.rows = {TXT(DMARC, "v=DMARC1 p=none")},
         .findings = "dmarc.version_near_miss=v=DMARC1 p=none"},
        {.rows = {TXT(DMARC, "DMARC1; p=none")}, .findings = ""},
        {.rows = {TXT(STS, GOOD_STS, "v=STSv1 ; id=1")},
         .findings = "mta_sts.version_near_miss=v=STSv1 ; id=1"},
        {.rows = {TXT(STS, GOOD_STS, "STSv1; id=1")}, .findings = ""},
        {.rows = {TXT(RPT, GOOD_RPT, "v=TLSRPTv2; rua=x")},
         .findings = "tls_rpt.version_near_miss=v=TLSRPTv2; rua=x"},
        {.rows = {TXT(RPT, GOOD_RPT, "TLSRPTv1; rua=x")}, .findings = ""},
    };
    CHECK(CASES);
}

static void
a_wildcard_is_suspected_behind_spf_and_behind_the_domains_own_text(void **state)
{
    static const struct verdict_case CASES[] = {
        {.rows = {TXT(DMARC, GOOD_DMARC, "v=spf1 -all")},
         .findings = "dmarc.wildcard_suspected"},
        {.rows = {TXT(DMARC, GOOD_DMARC, "unrelated")},
         .findings = "dmarc.wildcard_suspected"},
        {.rows = {TXT(DMARC, GOOD_DMARC, "Unrelated", "v=spf10 -all")}, .findings = ""},
        {.rows = {TXT(STS, GOOD_STS, "v=spf1 -all")},
         .findings = "mta_sts.wildcard_suspected"},
        {.rows = {TXT(STS, GOOD_STS, "unrelated")},
         .findings = "mta_sts.wildcard_suspected"},
        {.rows = {TXT(STS, GOOD_STS, "unrelated ")}, .findings = ""},
        {.rows = {TXT(RPT, GOOD_RPT, "v=spf1 -all")},
         .findings = "tls_rpt.wildcard_suspected"},
        {.rows = {TXT(RPT, GOOD_RPT, "unrelated")},
         .findings = "tls_rpt.wildcard_suspected"},
        {.rows = {TXT(RPT, GOOD_RPT, "unrelate")}, .findings = ""},
    };
    CHECK(CASES);
}

static void text_is_kept_up_to_4096_bytes(void **state)
{
    static const struct {
        const char *name, *begin, *end, *others;
        const char *code;
    } CASES[] = {
        {"example.org", "v=spf1 x=", " -all",
         "spf.record_too_long, spf.unknown_modifier=x=", "spf.text_truncated"},
        {DMARC, GOOD_DMARC "; x=", "", "dmarc.unknown_tag=x=", "dmarc.text_truncated"},
        {STS, GOOD_STS " x=", "", "mta_sts.unknown_field=x=", "mta_sts.text_truncated"},
        {RPT, GOOD_RPT "; x=", "", "tls_rpt.unknown_field=x=", "tls_rpt.text_truncated"},
    };
    for (size_t i = 0; i < 2 * sizeof CASES / sizeof CASES[0]; i++) {
        bool is_over = i % 2 == 1;
        char text[4200], expected[256];
        size_t len = strlen(CASES[i / 2].begin), end_len = strlen(CASES[i / 2].end);
        memset(text, 'a', sizeof text);
        memcpy(text, CASES[i / 2].begin, len);
        len = 4096 + is_over - end_len;
        memcpy(text + len, CASES[i / 2].end, end_len + 1);
        const struct verdict_case test = {.rows = {TXT(CASES[i / 2].name, text)},
                                          .findings = expected};
        snprintf(expected, sizeof expected,
                 "%saaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa%s%s", CASES[i / 2].others,
                 is_over ? ", " : "", is_over ? CASES[i / 2].code : "");
        check_case(*state, &test);
    }
}

static void reports_abroad_need_leave(void **state)
{
    static const char ABROAD[] = "v=DMARC1; p=reject; rua=mailto:d@desk.example.com";
    static const char LEAVE[] = "example.org._report._dmarc.desk.example.com";
    static const struct verdict_case CASES[] = {
        {.rows = {TXT(DMARC, ABROAD)},
         .findings = "dmarc.external_unauthorised=desk.example.com"},
        {.rows = {TXT(DMARC, ABROAD), TXT(LEAVE, "v=DMARC2")},
         .findings = "dmarc.external_unauthorised=desk.example.com"},
        {.rows = {TXT(DMARC, ABROAD), TXT(LEAVE, "v=DMARC1")}, .findings = ""},
        {.rows = {TXT(DMARC, ABROAD), ENDS(LEAVE, DNS_TXT, DNS_TIMEOUT)}, .findings = ""},
        {.rows = {TXT(DMARC, "v=DMARC1; p=reject; rua=mailto:d@desk.example.org")},
         .findings = ""},
    };
    CHECK(CASES);
}

static void a_policy_from_above_is_inherited(void **state)
{
    static const struct verdict_case CASES[] = {
        {.domain = "news.example.org",
         .rows = {TXT("news.example.org", "v=spf1 -all")},
         .findings = "dmarc.inherited=example.org"},
        {.domain = "news.example.org",
         .rows = {TXT("news.example.org", "v=spf1 -all"),
                  TXT("_dmarc.news.example.org",
                      "v=DMARC1; p=reject; rua=mailto:d@example.org")},
         .findings = ""},
        {.domain = "news.example.org",
         .rows = {TXT("news.example.org", "v=spf1 -all"),
                  ENDS(DMARC, DNS_TXT, DNS_SERVFAIL)},
         .findings = ""},
    };
    CHECK(CASES);
}

static void not_enforced_is_a_policy_of_none_after_testing(void **state)
{
    static const char RUA[] = "; rua=mailto:d@example.org";
    static const struct {
        const char *tags, *findings;
    } CASES[] = {
        {"p=none", "dmarc.not_enforced"},
        {"p=quarantine", ""},
        {"p=quarantine; t=y", "dmarc.testing=t=y, dmarc.not_enforced"},
        {"p=reject; t=y", "dmarc.testing=t=y"},
        {"p=reject; sp=none", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char text[100];
        snprintf(text, sizeof text, "v=DMARC1; %s%s", CASES[i].tags, RUA);
        const struct verdict_case test = {.rows = {TXT(DMARC, text)},
                                          .findings = CASES[i].findings};
        check_case(*state, &test);
    }
}

static void mta_sts_and_tls_rpt_miss_each_other_only_where_one_is_absent(void **state)
{
    static const struct verdict_case CASES[] = {
        {.rows = {ENDS(STS, DNS_TXT, DNS_NODATA)}, .findings = "tls_rpt.no_mta_sts"},
        {.rows = {ENDS(STS, DNS_TXT, DNS_TIMEOUT)}, .findings = ""},
        {.rows = {TXT(STS, "v=STSv1; id=1", "v=STSv1; id=2")},
         .findings = "mta_sts.multiple_records!"},
        {.rows = {ENDS(RPT, DNS_TXT, DNS_NODATA)}, .findings = "mta_sts.no_tls_rpt"},
        {.rows = {ENDS(RPT, DNS_TXT, DNS_TIMEOUT)}, .findings = ""},
        {.rows = {ENDS(STS, DNS_TXT, DNS_NODATA), ENDS(RPT, DNS_TXT, DNS_NODATA)},
         .findings = ""},
    };
    CHECK(CASES);
}

static void an_unmatched_mx_is_an_error_in_enforce_and_a_warning_in_testing(void **state)
{
    static const struct verdict_case CASES[] = {
        {.policy = POLICY("enforce", "mx: mx2.example.org\n"),
         .findings = "mta_sts.mx_unmatched!=mx1.example.org"},
        {.policy = POLICY("testing", "mx: mx2.example.org\n"),
         .findings = "mta_sts.mx_unmatched=mx1.example.org"},
        {.policy = POLICY("none", ""), .findings = ""},
        {.policy = POLICY("enforce", "mx: *.example.org\n"), .findings = ""},
        /* null MX: there is nothing to match */
        {.rows = {{"example.org", DNS_MX, DNS_OK, {"0 ."}},
                  TXT("example.org", "v=spf1 -all")},
         .policy = POLICY("enforce", "mx: mx2.example.org\n"),
         .findings = ""},
        /* who knows what stands there */
        {.rows = {ENDS("example.org", DNS_MX, DNS_SERVFAIL),
                  TXT("example.org", "v=spf1 -all")},
         .policy = POLICY("enforce", "mx: mx2.example.org\n"),
         .findings = ""},
    };
    CHECK(CASES);
}

static void a_policy_host_without_address_says_why(void **state)
{
    static const struct verdict_case CASES[] = {
        {.rows = {ENDS(HOST, DNS_A, DNS_NXDOMAIN), ENDS(HOST, DNS_AAAA, DNS_NXDOMAIN)},
         .findings = "mta_sts.policy.dns_nxdomain!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_NXDOMAIN), ENDS(HOST, DNS_AAAA, DNS_NODATA)},
         .findings = "mta_sts.policy.dns_nodata!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_NODATA)},
         .findings = "mta_sts.policy.dns_nodata!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_SERVFAIL)},
         .findings = "mta_sts.policy.dns_servfail!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_NODATA), ENDS(HOST, DNS_AAAA, DNS_SERVFAIL)},
         .findings = "mta_sts.policy.dns_servfail!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_TIMEOUT)},
         .findings = "mta_sts.policy.dns_timeout!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_REFUSED)},
         .findings = "mta_sts.policy.dns_error!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_OTHER_RCODE)},
         .findings = "mta_sts.policy.dns_error!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_NETWORK)},
         .findings = "mta_sts.policy.dns_error!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_MALFORMED)},
         .findings = "mta_sts.policy.dns_error!=" HOST},
        {.rows = {ENDS(HOST, DNS_A, DNS_CNAME_LOOP)},
         .findings = "mta_sts.policy.dns_error!=" HOST},
        /* one family is enough */
        {.rows = {ENDS(HOST, DNS_AAAA, DNS_SERVFAIL)}, .findings = ""},
        {.rows = {ENDS(HOST, DNS_A, DNS_TIMEOUT),
                  {HOST, DNS_AAAA, DNS_OK, {"2606:4700::35"}}},
         .findings = ""},
    };
    CHECK(CASES);
}

static void policy_addresses_are_tried_ipv4_first_and_at_most_four(void **state)
{
    static const struct verdict_case CASE = {
        .rows = {{HOST, DNS_AAAA, DNS_OK, {"2606:4700::1", "2606:4700::2"}},
                 {HOST, DNS_A, DNS_OK, {"93.0.0.3", "93.0.0.1", "93.0.0.2"}}}};
    struct fixture *fixture = *state;
    const struct fetch_request *fetched = &fixture->net.fetched;
    make_world(fixture, &CASE);
    survey_domain(fixture, "example.org");
    assert_int_equal(fetched->address_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(fetched->addresses[i].family, i < 3 ? 4 : 6);
    }
    assert_holds(fixture, "\"addresses\":[\"2606:4700::1\",\"2606:4700::2\","
                          "\"93.0.0.1\",\"93.0.0.2\",\"93.0.0.3\"]");
    fake_net_close(&fixture->net);
}

/* What is known to be wrong does not become open because something else is. */
static void a_broken_record_stays_broken_when_the_policy_host_is_silent(void **state)
{
    static const struct verdict_case CASES[] = {
        {.rows = {TXT(STS, "v=STSv1; id=2026-11-22")}},
        {.rows = {TXT(STS, "v=STSv1; id=1", "v=STSv1; id=2")}},
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        make_world(fixture, &CASES[i]);
        fixture->net.failure =
            (struct fetch_result){.stage = FETCH_STAGE_TCP, .error = FETCH_TCP_TIMEOUT};
        survey_domain(fixture, "example.org");
        assert_holds(fixture, "\"status\":\"partial\",\"reason\"");
        assert_holds(fixture, "\"validity\":\"invalid\",\"lifecycle\":\"broken\"");
        fake_net_close(&fixture->net);
    }
}

static void the_end_of_a_fetch_has_its_code_stage_and_lifecycle(void **state)
{
    static const struct {
        enum fetch_error error;
        enum fetch_stage stage;
        int http_status;
        const char *code, *stage_text;
        bool is_open; /* nobody can say whether the policy is good */
    } CASES[] = {
        {FETCH_ADDRESS_BLOCKED, FETCH_STAGE_NONE, 0, "address_blocked!", "dns", false},
        {FETCH_TCP_REFUSED, FETCH_STAGE_TCP, 0, "tcp_refused!", "tcp", false},
        {FETCH_TCP_TIMEOUT, FETCH_STAGE_TCP, 0, "tcp_timeout!", "tcp", true},
        {FETCH_TCP_UNREACHABLE, FETCH_STAGE_TCP, 0, "tcp_unreachable!", "tcp", true},
        {FETCH_TCP_RESET, FETCH_STAGE_TCP, 0, "tcp_reset!", "tcp", true},
        {FETCH_TCP_RESET, FETCH_STAGE_TLS, 0, "tcp_reset!", "tls", true},
        {FETCH_TLS_PROTOCOL, FETCH_STAGE_TLS, 0, "tls_protocol!", "tls", false},
        {FETCH_TLS_ALERT, FETCH_STAGE_TLS, 0, "tls_alert!", "tls", false},
        {FETCH_TLS_TIMEOUT, FETCH_STAGE_TLS, 0, "tls_timeout!", "tls", true},
        {FETCH_CERT_EXPIRED, FETCH_STAGE_TLS, 0, "cert_expired!", "tls", false},
        {FETCH_CERT_NOT_YET_VALID, FETCH_STAGE_TLS, 0, "cert_not_yet_valid!", "tls",
         false},
        {FETCH_CERT_SELF_SIGNED, FETCH_STAGE_TLS, 0, "cert_self_signed!", "tls", false},
        {FETCH_CERT_UNTRUSTED_ROOT, FETCH_STAGE_TLS, 0, "cert_untrusted_root!", "tls",
         false},
        {FETCH_CERT_UNKNOWN_ISSUER, FETCH_STAGE_TLS, 0, "cert_unknown_issuer!", "tls",
         false},
        {FETCH_CERT_NAME_MISMATCH, FETCH_STAGE_TLS, 0, "cert_name_mismatch!", "tls",
         false},
        {FETCH_CERT_OTHER, FETCH_STAGE_TLS, 0, "cert_other!", "tls", false},
        {FETCH_HTTP_REDIRECT, FETCH_STAGE_HTTP, 301, "http_redirect!=301", "http", false},
        {FETCH_HTTP_STATUS, FETCH_STAGE_HTTP, 404, "http_status!=404", "http", false},
        {FETCH_HTTP_TIMEOUT, FETCH_STAGE_HTTP, 0, "http_timeout!", "http", true},
        {FETCH_HTTP_TOO_LARGE, FETCH_STAGE_HTTP, 200, "http_too_large!", "http", false},
        {FETCH_HTTP_PROTOCOL, FETCH_STAGE_HTTP, 0, "http_protocol!", "http", false},
    };
    static const struct verdict_case SOUND_CASE = {.findings = ""};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        char expected[100], stage[40];
        make_world(fixture, &SOUND_CASE);
        fixture->net.failure = (struct fetch_result){.stage = CASES[i].stage,
                                                     .error = CASES[i].error,
                                                     .http_status = CASES[i].http_status};
        survey_domain(fixture, "example.org");
        snprintf(expected, sizeof expected, "mta_sts.policy.%s", CASES[i].code);
        assert_findings(fixture, expected);
        snprintf(stage, sizeof stage, "\"policy\":{\"stage\":\"%s\",",
                 CASES[i].stage_text);
        assert_holds(fixture, stage);
        assert_holds(fixture, CASES[i].is_open ? "\"status\":\"partial\",\"reason\""
                                               : "\"status\":\"ok\",\"reason\"");
        assert_holds(fixture, CASES[i].is_open
                                  ? "\"validity\":null,\"lifecycle\":\"temp_error\""
                                  : "\"validity\":\"invalid\",\"lifecycle\":\"broken\"");
        fake_net_close(&fixture->net);
    }
}

static void the_media_type_is_text_plain(void **state)
{
    static const struct {
        const char *media_type, *findings;
    } CASES[] = {
        {"text/plain", ""},
        {"text/plain; charset=utf-8", ""},
        {"text/html", "mta_sts.policy.media_type=text/html"},
        {NULL, "mta_sts.policy.media_type"},
    };
    static const struct verdict_case SOUND_CASE = {.findings = ""};
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        make_world(fixture, &SOUND_CASE);
        fixture->net.media_type = CASES[i].media_type;
        survey_domain(fixture, "example.org");
        assert_findings(fixture, CASES[i].findings);
        assert_holds(fixture, "\"lifecycle\":\"enforce\"");
        fake_net_close(&fixture->net);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_sound_domain_has_no_findings),
        TEST(several_records_are_an_error_and_other_text_beside_one_is_not),
        TEST(a_near_miss_tells_that_somebody_tried),
        TEST(a_wildcard_is_suspected_behind_spf_and_behind_the_domains_own_text),
        TEST(text_is_kept_up_to_4096_bytes),
        TEST(reports_abroad_need_leave),
        TEST(a_policy_from_above_is_inherited),
        TEST(not_enforced_is_a_policy_of_none_after_testing),
        TEST(mta_sts_and_tls_rpt_miss_each_other_only_where_one_is_absent),
        TEST(an_unmatched_mx_is_an_error_in_enforce_and_a_warning_in_testing),
        TEST(a_policy_host_without_address_says_why),
        TEST(policy_addresses_are_tried_ipv4_first_and_at_most_four),
        TEST(a_broken_record_stays_broken_when_the_policy_host_is_silent),
        TEST(the_end_of_a_fetch_has_its_code_stage_and_lifecycle),
        TEST(the_media_type_is_text_plain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
