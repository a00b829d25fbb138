/* Whole domains through the job, against a network that is a table: each case compares
 * the whole record and, where that is the point, what was asked.
 */
#include "tests/fake_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/record_text.h"

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

/* A line that is not looked up. */
static const char blank[] =
    "{'schema':'mailcensus/1.0','line':7,'input':'example.org','tag':null,"
    "'domain':'example.org','domain_unicode':'example.org','scanned_at':null,"
    "'duration_ms':null,'status':null,'reason':null,"
    "'dns':{'status':'not_checked','authenticated':null,'queries':null,"
    "'retries':null,'engine':null},"
    "'mx':{'deployment':'not_checked','null_mx':false,'hosts':[],'provider':null,"
    "'errors':[],'warnings':[]},"
    "'ns':{'deployment':'not_checked','hosts':[],'provider':null},"
    "'spf':{'deployment':'not_checked','validity':null,'record':null,'records':[],"
    "'ttl':null,'cname':[],'all':null,'lookups':null,'void_lookups':null,"
    "'ipv4_addresses':null,'ipv6_prefixes':null,'includes':[],'redirect':null,"
    "'sender_ips':[],'errors':[],'warnings':[]},"
    "'dmarc':{'deployment':'not_checked','validity':null,'record':null,'records':[],"
    "'ttl':null,'cname':[],'p':null,'sp':null,'np':null,'pct':null,'adkim':null,"
    "'aspf':null,'t':null,'psd':null,'rua':[],'ruf':[],'fo':null,"
    "'rfc7489':{'policy':null,'org_domain':null,'found_at':null},"
    "'rfc9989':{'policy':null,'org_domain':null,'found_at':null},'external':[],"
    "'errors':[],'warnings':[]},"
    "'mta_sts':{'deployment':'not_checked','validity':null,'lifecycle':null,"
    "'record':null,'records':[],'ttl':null,'cname':[],'provider':null,'id':null,"
    "'policy':{'stage':'not_fetched','error':null,'url':null,'addresses':[],"
    "'address':null,'cname':[],'provider':null,'http_status':null,"
    "'content_type':null,'body':null,'body_bytes':null,'body_sha256':null,"
    "'duration_ms':null,'tls':null,'version':null,'mode':null,'max_age':null,'mx':[],"
    "'errors':[],'warnings':[]},"
    "'mx_match':{'result':null,'unmatched':[],'kind':null},'errors':[],"
    "'warnings':[]},"
    "'tls_rpt':{'deployment':'not_checked','validity':null,'record':null,"
    "'records':[],'ttl':null,'cname':[],'provider':null,'rua':[],'errors':[],"
    "'warnings':[]},"
    "'profile':null,'findings':[]}\n";

/* A domain that was looked up and has nothing. */
static const struct change nothing[] = {
    {"status", "'ok'"},
    {"dns.status", "'ok'"},
    {"mx.deployment", "'absent'"},
    {"ns.deployment", "'absent'"},
    {"spf.deployment", "'absent'"},
    {"dmarc.deployment", "'absent'"},
    {"dmarc.rfc7489.org_domain", "'example.org'"},
    {"dmarc.rfc9989.org_domain", "'example.org'"},
    {"mta_sts.deployment", "'absent'"},
    {"mta_sts.lifecycle", "'absent'"},
    {"mta_sts.mx_match.result", "'not_applicable'"},
    {"tls_rpt.deployment", "'absent'"},
    {NULL, NULL},
};

#define EXPECT(fixture, ...)                                                             \
    record_text_assert((fixture)->record, blank, LAYERS(__VA_ARGS__))

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

static const struct change with_mx[] = {
    {"mx.deployment", "'present'"},
    {"mx.hosts", "[{'preference':10,'host':'mx1.example.org',"
                 "'addresses':['93.184.216.34'],'status':'ok'}]"},
    {NULL, NULL},
};
static const struct change with_spf[] = {
    {"spf.deployment", "'present'"},
    {"spf.validity", "'valid'"},
    {"spf.record", "'v=spf1 mx include:spf.example.net -all'"},
    {"spf.records", "['v=spf1 mx include:spf.example.net -all']"},
    {"spf.all", "'fail'"},
    {"spf.lookups", "2"},
    {"spf.void_lookups", "0"},
    {"spf.ipv4_addresses", "256"},
    {"spf.ipv6_prefixes", "0"},
    {"spf.includes", "['spf.example.net']"},
    {NULL, NULL},
};
static const struct change with_rest[] = {
    {"ns.deployment", "'present'"},
    {"ns.hosts", "['ns1.example.net','ns2.example.net']"},
    {"dmarc.deployment", "'present'"},
    {"dmarc.validity", "'valid'"},
    {"dmarc.record", "'v=DMARC1; p=reject; rua=mailto:d@example.org'"},
    {"dmarc.records", "['v=DMARC1; p=reject; rua=mailto:d@example.org']"},
    {"dmarc.p", "'reject'"},
    {"dmarc.rua", "['mailto:d@example.org']"},
    {"dmarc.rfc7489.policy", "'reject'"},
    {"dmarc.rfc7489.found_at", "'example.org'"},
    {"dmarc.rfc9989.policy", "'reject'"},
    {"dmarc.rfc9989.found_at", "'example.org'"},
    {"mta_sts.deployment", "'present'"},
    {"mta_sts.record", "'v=STSv1; id=20261122;'"},
    {"mta_sts.records", "['v=STSv1; id=20261122;']"},
    {"mta_sts.id", "'20261122'"},
    {"tls_rpt.deployment", "'present'"},
    {"tls_rpt.validity", "'valid'"},
    {"tls_rpt.record", "'v=TLSRPTv1; rua=mailto:t@example.org'"},
    {"tls_rpt.records", "['v=TLSRPTv1; rua=mailto:t@example.org']"},
    {"tls_rpt.rua", "[{'scheme':'mailto','uri':'mailto:t@example.org'}]"},
    {NULL, NULL},
};
static const char no_tls_facts[] =
    "{'version':null,'cipher':null,'verify_error':null,'subject':null,'issuer':null,"
    "'names':[],'not_before':null,'not_after':null}";
static const struct change with_policy_host[] = {
    {"mta_sts.policy.url", "'https://mta-sts.example.org/.well-known/mta-sts.txt'"},
    {"mta_sts.policy.addresses", "['93.184.216.35']"},
    {NULL, NULL},
};
static const struct change with_policy[] = {
    {"mta_sts.validity", "'valid'"},
    {"mta_sts.lifecycle", "'enforce'"},
    {"mta_sts.policy.stage", "'ok'"},
    {"mta_sts.policy.http_status", "200"},
    {"mta_sts.policy.content_type", "'text/plain'"},
    {"mta_sts.policy.body", "'version: STSv1\\u000amode: enforce\\u000a"
                            "mx: mx1.example.org\\u000amax_age: 604800\\u000a'"},
    {"mta_sts.policy.body_bytes", "65"},
    {"mta_sts.policy.body_sha256",
     "'97ac602f86ccdc42c0656e3a259921324389264862a59009ffba0978f822d43b'"},
    {"mta_sts.policy.tls", no_tls_facts},
    {"mta_sts.policy.version", "'STSv1'"},
    {"mta_sts.policy.mode", "'enforce'"},
    {"mta_sts.policy.max_age", "604800"},
    {"mta_sts.policy.mx", "['mx1.example.org']"},
    {"mta_sts.mx_match.result", "'all'"},
    {NULL, NULL},
};
#define EXPECT_HEALTHY(fixture, ...)                                                     \
    EXPECT(fixture, nothing, with_mx, with_spf, with_rest, with_policy_host, __VA_ARGS__)

static void a_healthy_domain_is_judged_whole(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 0);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, " Example.ORG. ");
    EXPECT_HEALTHY(fixture, with_policy, CHANGES({"input", "'Example.ORG.'"}));
    fake_net_close(&fixture->net);
}

static void the_order_of_answers_does_not_change_the_record(void **state)
{
    struct fixture *fixture = *state;
    for (uint64_t seed = 0; seed < 200; seed++) {
        fake_net_init(&fixture->net, ROWS(healthy), seed);
        fixture->net.policy = healthy_policy;
        survey_line(fixture, "example.org");
        EXPECT_HEALTHY(fixture, with_policy);
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
    EXPECT_HEALTHY(fixture, with_policy);
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
    EXPECT(fixture, nothing,
           CHANGES({"input", "'gone.example.net'"}, {"domain", "'gone.example.net'"},
                   {"domain_unicode", "'gone.example.net'"}, {"dns.status", "'nxdomain'"},
                   {"dmarc.rfc7489.org_domain", "'example.net'"},
                   {"dmarc.rfc9989.org_domain", "'gone.example.net'"}));
    assert_true(table_lookup_was_asked(&fixture->net.table, "gone.example.net", DNS_MX));
    assert_false(
        table_lookup_was_asked(&fixture->net.table, "gone.example.net", DNS_TXT));
    assert_false(table_lookup_was_asked(&fixture->net.table, "_mta-sts.gone.example.net",
                                        DNS_TXT));
    assert_true(
        table_lookup_was_asked(&fixture->net.table, "_dmarc.example.net", DNS_TXT));
    fake_net_close(&fixture->net);
}

/* RFC 8020 2: behind a CNAME it is the last name that does not exist. The alias does, and
 * so may names below it. */
static void an_alias_of_a_name_that_does_not_exist_exists(void **state)
{
    static const struct table_row rows[] = {
        {"www.example.org", DNS_NONE, DNS_NXDOMAIN, {NULL}, {"gone.example.net"}},
        {"_smtp._tls.www.example.org",
         DNS_TXT,
         DNS_OK,
         {"v=TLSRPTv1; rua=mailto:t@a.se"}},
        {"_dmarc.example.org",
         DNS_TXT,
         DNS_OK,
         {"v=DMARC1; p=quarantine; np=reject; rua=mailto:d@example.org"}},
    };
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(rows), 3);
    survey_line(fixture, "www.example.org");
    EXPECT(fixture, nothing,
           CHANGES({"input", "'www.example.org'"}, {"domain", "'www.example.org'"},
                   {"domain_unicode", "'www.example.org'"}, {"dns.status", "'nxdomain'"},
                   {"spf.cname", "['gone.example.net']"},
                   {"dmarc.rfc7489.policy", "'quarantine'"},
                   {"dmarc.rfc7489.found_at", "'example.org'"},
                   {"dmarc.rfc9989.policy", "'quarantine'"},
                   {"dmarc.rfc9989.found_at", "'example.org'"},
                   {"dmarc.warnings", "['inherited']"},
                   {"tls_rpt.deployment", "'present'"}, {"tls_rpt.validity", "'valid'"},
                   {"tls_rpt.record", "'v=TLSRPTv1; rua=mailto:t@a.se'"},
                   {"tls_rpt.records", "['v=TLSRPTv1; rua=mailto:t@a.se']"},
                   {"tls_rpt.rua", "[{'scheme':'mailto','uri':'mailto:t@a.se'}]"},
                   {"tls_rpt.warnings", "['no_mta_sts']"},
                   {"findings",
                    "[{'code':'dmarc.inherited','severity':'warning','detail':"
                    "'example.org'},{'code':'tls_rpt.no_mta_sts','severity':'warning',"
                    "'detail':null}]"}));
    fake_net_close(&fixture->net);
}

static const struct table_row no_record[] = {
    {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
    {"mx1.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
    {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
};

static void policy_is_not_fetched_without_a_record(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(no_record), 3);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, "example.org");
    assert_int_equal(fixture->net.fetch_count, 0);
    EXPECT(fixture, nothing, with_mx);
    fake_net_close(&fixture->net);
}

static void an_orphan_policy_is_found_only_when_probed_for(void **state)
{
    struct fixture *fixture = *state;
    fixture->config.probe_orphan_policies = true;
    fake_net_init(&fixture->net, ROWS(no_record), 3);
    fixture->net.policy = healthy_policy;
    survey_line(fixture, "example.org");
    EXPECT(fixture, nothing, with_mx, with_policy_host, with_policy,
           CHANGES({"mta_sts.lifecycle", "'orphan_policy'"}));
    fake_net_close(&fixture->net);
}

static void a_probe_without_an_answer_leaves_the_lifecycle_open(void **state)
{
    struct fixture *fixture = *state;
    fixture->config.probe_orphan_policies = true;
    fake_net_init(&fixture->net, ROWS(no_record), 3);
    fixture->net.failure =
        (struct fetch_result){.stage = FETCH_STAGE_TCP, .error = FETCH_TCP_TIMEOUT};
    survey_line(fixture, "example.org");
    EXPECT(fixture, nothing, with_mx, with_policy_host,
           CHANGES({"status", "'partial'"}, {"mta_sts.lifecycle", "'temp_error'"},
                   {"mta_sts.policy.stage", "'tcp'"},
                   {"mta_sts.policy.error", "'tcp_timeout'"},
                   {"mta_sts.policy.errors", "['tcp_timeout']"},
                   {"findings", "[{'code':'mta_sts.policy.tcp_timeout',"
                                "'severity':'error','detail':null}]"}));
    fake_net_close(&fixture->net);
}

/* RFC 8020: below a name that does not exist the answer is known. */
static void a_probe_below_a_name_that_does_not_exist_asks_nothing(void **state)
{
    struct fixture *fixture = *state;
    fixture->config.probe_orphan_policies = true;
    fake_net_init(&fixture->net, NULL, 0, 3);
    survey_line(fixture, "example.org");
    assert_false(
        table_lookup_was_asked(&fixture->net.table, "mta-sts.example.org", DNS_A));
    EXPECT(fixture, nothing, with_policy_host,
           CHANGES({"dns.status", "'nxdomain'"}, {"mta_sts.policy.stage", "'dns'"},
                   {"mta_sts.policy.error", "'dns_nxdomain'"},
                   {"mta_sts.policy.addresses", "[]"},
                   {"mta_sts.policy.errors", "['dns_nxdomain']"},
                   {"findings", "[{'code':'mta_sts.policy.dns_nxdomain',"
                                "'severity':'error','detail':'mta-sts.example.org'}]"}));
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
        char status[64];
        snprintf(status, sizeof status, "'%s'", dns_status_text(failures[i]));
        fake_net_init(&fixture->net, NULL, 0, 9);
        fixture->net.table.unknown = failures[i];
        survey_line(fixture, "example.org");
        EXPECT(fixture, CHANGES({"status", "'error'"}, {"dns.status", status},
                                {"mx.deployment", "'temp_error'"},
                                {"ns.deployment", "'temp_error'"},
                                {"spf.deployment", "'temp_error'"},
                                {"dmarc.deployment", "'temp_error'"},
                                {"dmarc.rfc7489.org_domain", "'example.org'"},
                                {"mta_sts.deployment", "'temp_error'"},
                                {"mta_sts.lifecycle", "'temp_error'"},
                                {"mta_sts.mx_match.result", "'not_applicable'"},
                                {"tls_rpt.deployment", "'temp_error'"}));
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
    EXPECT(fixture, nothing, with_mx,
           CHANGES({"status", "'partial'"}, {"spf.deployment", "'temp_error'"}));
    fake_net_close(&fixture->net);
}

static void a_policy_time_out_leaves_validity_open(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 4);
    fixture->net.failure =
        (struct fetch_result){.stage = FETCH_STAGE_TLS, .error = FETCH_TLS_TIMEOUT};
    survey_line(fixture, "example.org");
    EXPECT_HEALTHY(fixture,
                   CHANGES({"status", "'partial'"}, {"mta_sts.lifecycle", "'temp_error'"},
                           {"mta_sts.policy.stage", "'tls'"},
                           {"mta_sts.policy.error", "'tls_timeout'"},
                           {"mta_sts.policy.tls", no_tls_facts},
                           {"mta_sts.policy.errors", "['tls_timeout']"},
                           {"findings", "[{'code':'mta_sts.policy.tls_timeout',"
                                        "'severity':'error','detail':null}]"}));
    fake_net_close(&fixture->net);
}

static void a_refused_policy_connection_is_broken_not_open(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, ROWS(healthy), 4);
    fixture->net.failure =
        (struct fetch_result){.stage = FETCH_STAGE_TCP, .error = FETCH_TCP_REFUSED};
    survey_line(fixture, "example.org");
    EXPECT_HEALTHY(fixture, CHANGES({"mta_sts.validity", "'invalid'"},
                                    {"mta_sts.lifecycle", "'broken'"},
                                    {"mta_sts.policy.stage", "'tcp'"},
                                    {"mta_sts.policy.error", "'tcp_refused'"},
                                    {"mta_sts.policy.errors", "['tcp_refused']"},
                                    {"findings", "[{'code':'mta_sts.policy.tcp_refused',"
                                                 "'severity':'error','detail':null}]"}));
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
    EXPECT(fixture, with_spf, CHANGES({"status", "'ok'"}, {"dns.status", "'ok'"}));
    fake_net_close(&fixture->net);
}

static void a_line_that_is_no_domain_still_gets_a_whole_record(void **state)
{
    struct fixture *fixture = *state;
    fake_net_init(&fixture->net, NULL, 0, 0);
    survey_line(fixture, "https://example.org/");
    assert_int_equal(fixture->net.dns_count, 0);
    EXPECT(fixture, CHANGES({"input", "'https://example.org/'"}, {"domain", "null"},
                            {"domain_unicode", "null"}, {"status", "'invalid_input'"},
                            {"reason", "'url'"}));
    survey_line(fixture, "example.test");
    EXPECT(fixture, CHANGES({"input", "'example.test'"}, {"domain", "'example.test'"},
                            {"domain_unicode", "'example.test'"},
                            {"status", "'excluded'"}, {"reason", "'special_use'"}));
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
    EXPECT(
        fixture, nothing,
        CHANGES(
            {"spf.deployment", "'present'"}, {"spf.validity", "'invalid'"},
            {"spf.record", "'v=spf1 include:a.example.org include:b.example.org -all'"},
            {"spf.records",
             "['v=spf1 include:a.example.org include:b.example.org -all']"},
            {"spf.all", "'fail'"}, {"spf.lookups", "14"}, {"spf.void_lookups", "8"},
            {"spf.ipv4_addresses", "0"}, {"spf.ipv6_prefixes", "0"},
            {"spf.includes", "['a.example.org','b.example.org']"},
            {"spf.errors", "['too_many_lookups','too_many_void_lookups','include_loop']"},
            {"findings",
             "[{'code':'spf.too_many_lookups','severity':'error','detail':'mx'},"
             "{'code':'spf.too_many_void_lookups','severity':'error',"
             "'detail':'a.example.org'},"
             "{'code':'spf.include_loop','severity':'error',"
             "'detail':'a.example.org'},"
             "{'code':'spf.include_loop','severity':'error',"
             "'detail':'b.example.org'}]"}));
    fake_net_close(&fixture->net);
}

static void the_cap_of_a_domain_is_no_lack_of_memory(void **state)
{
    (void)state;
    struct arena_pool pool = {.free = NULL};
    struct arena arena;
    size_t taken = 0;
    arena_init(&arena, &pool);
    while (arena_take(&arena, ARENA_BLOCK_BYTES) != NULL) {
        taken += ARENA_BLOCK_BYTES;
    }
    assert_in_range(taken, ARENA_DOMAIN_MAX_BYTES - ARENA_BLOCK_BYTES + 1,
                    ARENA_DOMAIN_MAX_BYTES);
    assert_null(arena_take(&arena, ARENA_DOMAIN_MAX_BYTES + 1));
    assert_false(pool.lacks_memory);
    arena_reset(&arena);
    arena_pool_close(&pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_healthy_domain_is_judged_whole),
        TEST(the_order_of_answers_does_not_change_the_record),
        TEST(no_question_is_asked_twice),
        TEST(a_name_that_does_not_exist_is_asked_nothing_more),
        TEST(an_alias_of_a_name_that_does_not_exist_exists),
        TEST(policy_is_not_fetched_without_a_record),
        TEST(an_orphan_policy_is_found_only_when_probed_for),
        TEST(a_probe_without_an_answer_leaves_the_lifecycle_open),
        TEST(a_probe_below_a_name_that_does_not_exist_asks_nothing),
        TEST(a_failed_lookup_is_a_temp_error_and_never_absent),
        TEST(one_failed_lookup_makes_the_record_partial),
        TEST(a_policy_time_out_leaves_validity_open),
        TEST(a_refused_policy_connection_is_broken_not_open),
        TEST(checks_that_are_off_ask_nothing_and_say_not_checked),
        TEST(a_line_that_is_no_domain_still_gets_a_whole_record),
        TEST(a_survey_ends_within_its_budget),
        cmocka_unit_test(the_cap_of_a_domain_is_no_lack_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
