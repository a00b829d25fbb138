/* Provider rules: which names a pattern fits, what several hosts come to, how a file of
 * rules is read, and the five fields of a record. */
#include "scanner/provider_list.h"
#include "tests/fake_net.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <unistd.h>

#include <cmocka.h>

#define ROWS(rows) rows, sizeof rows / sizeof rows[0]

static void a_pattern_fits_what_it_says_and_not_its_neighbour(void **state)
{
    static const struct {
        const char *pattern, *host;
        bool fits;
    } rows[] = {
        {"mx.example.net", "mx.example.net", true},
        {"mx.example.net", "MX.Example.NET", true},
        {"MX.example.net", "mx.example.net", true},
        {"mx.example.net", "mx.example.ne", false},
        {"mx.example.net", "amx.example.net", false},
        {"mx.example.net", "a.mx.example.net", false},
        {"mx.example.net", "example.net", false},
        {"*.google.com", "mx.google.com", true},
        {"*.google.com", "a.b.c.google.com", true},
        {"*.google.com", "google.com", false},
        {"*.google.com", "notgoogle.com", false},
        {"*.google.com", "mx.notgoogle.com", false},
        {"*.google.com", "mx.google.com.example.net", false},
        {"*.google.com", "com", false},
        {"*.google.com", ".", false},
        {"*.google.com", "", false},
        /* an escaped dot is a byte of its label, an escaped backslash before a dot is
         * not */
        {"*.google.com", "mx\\.google.com", false},
        {"*.google.com", "mx\\\\.google.com", true},
        {"*.google.com", "\\.google.com", false},
        {"*.awsdns-*.com", "ns-150.awsdns-18.com", true},
        {"*.awsdns-*.com", "ns-150.AWSDNS-18.com", true},
        {"*.awsdns-*.com", "ns-150.awsdns-.com", true},
        {"*.awsdns-*.com", "awsdns-18.com", false},
        {"*.awsdns-*.com", "ns-150.awsdns.com", false},
        {"*.awsdns-*.com", "ns-150.awsdns-18.example.com", false},
        {"*.awsdns-*.com", "ns-150.notawsdns-18.com", false},
        {"*__mta_sts.easydmarc.pro", "example_com__mta_sts.easydmarc.pro", true},
        {"*__mta_sts.easydmarc.pro", "a.example_com__mta_sts.easydmarc.pro", false},
        {"*__mta_sts.easydmarc.pro", "example_com__mta_stsx.easydmarc.pro", false},
        {"mx*.example.net", "mx.example.net", true},
        {"mx*.example.net", "mx10.example.net", true},
        {"mx*.example.net", "m.example.net", false},
        {"a*a.example.net", "aa.example.net", true},
        {"a*a.example.net", "a.example.net", false},
        {"in.*.example.net", "in.eu.example.net", true},
        {"in.*.example.net", "in.a.b.example.net", false},
        {"in.*.example.net", "in.example.net", false},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (provider_fits(span_of(rows[i].pattern), span_of(rows[i].host)) !=
            rows[i].fits) {
            fail_msg("%s and %s", rows[i].pattern, rows[i].host);
        }
    }
}

static void a_pattern_is_a_host_name_that_ends_in_a_literal(void **state)
{
    static const char *const good[] = {"example.net",          "*.example.net",
                                       "*.awsdns-*.co.uk",     "in.*.example.net",
                                       "_mta-sts.example.net", "localhost"};
    static const char *const bad[] = {"",
                                      "*",
                                      "mail.*",
                                      "*.",
                                      ".a.net",
                                      "a..net",
                                      "a.net.",
                                      "a*b*c.net",
                                      "**.net",
                                      "a b",
                                      "a\\.net",
                                      "b\303\274cher.net",
                                      "exa/mple.net"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(provider_pattern_is_good(span_of(good[i])));
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        if (provider_pattern_is_good(span_of(bad[i]))) {
            fail_msg("%s", bad[i]);
        }
    }
}

/* ---- a list from a file ------------------------------------------------------------ */

static struct provider_list *list_of(const char *text,
                                     char error[PROVIDER_LIST_ERROR_LEN])
{
    char path[] = "/tmp/test_provider.XXXXXX";
    struct provider_list *list = NULL;
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    error[0] = '\0';
    int rc = provider_list_open(&list, path, error);
    assert_true((rc == 0) == (list != NULL));
    unlink(path);
    return list;
}

static void rules_of_a_file_come_before_the_built_in_ones(void **state)
{
    char error[PROVIDER_LIST_ERROR_LEN];
    struct provider_list *list =
        list_of("# ours\r\n"
                "\r\n"
                "mx\taspmx.l.google.com \t Our Own  Gateway\t\r\n"
                "mx *.example.net First\n"
                "mx mx.example.net Second\n"
                "ns *.example.net B\xc3\xbcro",
                error);
    (void)state;
    assert_non_null(list);
    assert_string_equal(provider_of_host(list, PROVIDER_MX, "aspmx.l.google.com"),
                        "Our Own  Gateway");
    assert_string_equal(provider_of_host(list, PROVIDER_MX, "alt1.aspmx.l.google.com"),
                        "Google");
    assert_string_equal(provider_of_host(list, PROVIDER_MX, "mx.example.net"), "First");
    assert_string_equal(provider_of_host(list, PROVIDER_NS, "ns.example.net"),
                        "B\xc3\xbcro");
    assert_null(provider_of_host(list, PROVIDER_TLS_RPT, "mx.example.net"));
    provider_list_free(list);
}

static void a_line_that_is_no_rule_is_refused_with_its_number(void **state)
{
    static const struct {
        const char *text, *why;
    } rows[] = {
        {"mx *.example.net Name\nmxx *.example.net Name\n", ":2: the area is none of mx"},
        {"MX *.example.net Name\n", ":1: the area is none of mx"},
        {"\n\n#\nmx\n", ":4: the pattern is no host name"},
        {"mx mail.* Name\n", ":1: the pattern is no host name"},
        {"mx *.example.net\n", ":1: a provider's name of 1 to 100 bytes"},
        {"mx *.example.net          \n", ":1: a provider's name of 1 to 100 bytes"},
        {"mx *.example.net 12345678901234567890123456789012345678901234567890"
         "123456789012345678901234567890123456789012345678901\n",
         ":1: a provider's name of 1 to 100 bytes"},
    };
    char error[PROVIDER_LIST_ERROR_LEN];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_null(list_of(rows[i].text, error));
        if (strstr(error, rows[i].why) == NULL) {
            fail_msg("row %zu: %s", i, error);
        }
    }
    struct provider_list *list = NULL;
    assert_int_equal(provider_list_open(&list, "/nonexistent/list", error), -ENOENT);
    assert_non_null(strstr(error, "/nonexistent/list"));
}

/* ---- the built-in list ------------------------------------------------------------- */

static struct provider_list *builtin(void)
{
    char error[PROVIDER_LIST_ERROR_LEN] = "";
    struct provider_list *list = NULL;
    if (provider_list_open(&list, NULL, error) != 0) {
        fail_msg("%s", error);
    }
    return list;
}

static void well_known_hosts_have_their_provider_and_others_none(void **state)
{
    static const struct {
        enum provider_area area;
        const char *host, *name;
    } rows[] = {
        {PROVIDER_MX, "aspmx.l.google.com", "Google"},
        {PROVIDER_MX, "aspmx2.googlemail.com", "Google"},
        {PROVIDER_MX, "google.com", NULL},
        {PROVIDER_MX, "example-org.mail.protection.outlook.com", "Microsoft 365"},
        {PROVIDER_MX, "hotmail-com.olc.protection.outlook.com", "Microsoft Outlook.com"},
        {PROVIDER_MX, "mx0a-00000001.pphosted.com", "Proofpoint"},
        {PROVIDER_MX, "mx.zoho.com", "Zoho"},
        {PROVIDER_MX, "mx2.zoho.com", "Zoho"},
        {PROVIDER_MX, "in1-smtp.messagingengine.com", "Fastmail"},
        {PROVIDER_MX, "inbound-smtp.eu-west-1.amazonaws.com", "Amazon"},
        {PROVIDER_MX, "ec2-192-0-2-1.eu-west-1.compute.amazonaws.com", NULL},
        {PROVIDER_MX, "mx1.mail.ovh.net", "OVH"},
        {PROVIDER_MX, "vps123.ovh.net", NULL},
        {PROVIDER_MX, "ip-192-0-2-1.secureserver.net", NULL},
        {PROVIDER_NS, "amy.ns.cloudflare.com", "Cloudflare"},
        {PROVIDER_NS, "ns-150.awsdns-18.com", "Amazon Route 53"},
        {PROVIDER_NS, "ns-1967.awsdns-53.co.uk", "Amazon Route 53"},
        {PROVIDER_NS, "ns1-01.azure-dns.com", "Azure DNS"},
        {PROVIDER_NS, "ns-cloud-a1.googledomains.com", "Google Cloud DNS"},
        {PROVIDER_NS, "dns1.p01.nsone.net", "NS1"},
        {PROVIDER_NS, "aspmx.l.google.com", NULL},
        {PROVIDER_MTA_STS, "mta-sts.tutanota.de", "Tuta"},
        {PROVIDER_MTA_STS, "x1.mta-sts.dmarcinput.com", "DMARCReport"},
        {PROVIDER_MTA_STS, "example-org._mta.mta-sts.tech", "PowerDMARC"},
        {PROVIDER_MTA_STS, "example_org__mta_sts.easydmarc.pro", "EasyDMARC"},
        {PROVIDER_MTA_STS, "x1._mta-sts.mailhardener.com", "Mailhardener"},
        {PROVIDER_MTA_STS, "x1._mta-sts.uriports.com", "URIports"},
        {PROVIDER_MTA_STS, "x1._mta-sts.sdmarc.net", "Sendmarc"},
        {PROVIDER_MTA_STS, "x1._mta-sts.smart.ondmarc.com", "OnDMARC"},
        {PROVIDER_POLICY, "mta-sts.tutanota.de", "Tuta"},
        {PROVIDER_POLICY, "example_org_mta_sts.easydmarc.pro", "EasyDMARC"},
        {PROVIDER_POLICY, "x1.sdmarc.net", "Sendmarc"},
        {PROVIDER_POLICY, "x1.sophosdmarc.net", NULL},
        {PROVIDER_TLS_RPT, "example_org__smtp_tls.easydmarc.pro", "EasyDMARC"},
        {PROVIDER_TLS_RPT, "mta-sts.tutanota.de", NULL},
    };
    struct provider_list *list = builtin();
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *name = provider_of_host(list, rows[i].area, rows[i].host);
        bool is_same = name == NULL || rows[i].name == NULL
                           ? name == rows[i].name
                           : strcmp(name, rows[i].name) == 0;
        if (!is_same) {
            fail_msg("%s: %s", rows[i].host, name != NULL ? name : "nobody");
        }
    }
    assert_null(provider_of_host(NULL, PROVIDER_MX, "aspmx.l.google.com"));
    provider_list_free(list);
}

/* The lab's populations expect null: its hosts must stay nobody's. */
static void hosts_of_the_lab_are_nobodys(void **state)
{
    static const char *const hosts[] = {"mx1.mailfarm.net",    "mx.bulkpost.net",
                                        "ns1.dns-a.net",       "ns2.dns-d.net",
                                        "agg.report-desk.net", "old.policy-desk.net"};
    struct provider_list *list = builtin();
    (void)state;
    for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
        for (enum provider_area area = 0; area < PROVIDER_AREA_COUNT; area++) {
            assert_null(provider_of_host(list, area, hosts[i]));
        }
    }
    provider_list_free(list);
}

/* ---- several hosts ----------------------------------------------------------------- */

static const char rules[] = "mx *.one.net One\nmx *.uno.net One\nmx *.two.net Two\n"
                            "ns *.one.net One\nns *.uno.net One\nns *.two.net Two\n"
                            "policy *.one.net One\npolicy *.two.net Two\n";

static void assert_name(const char *name, const char *expected)
{
    if (expected == NULL) {
        assert_null(name);
    } else {
        assert_non_null(name);
        assert_string_equal(name, expected);
    }
}

static void the_most_preferred_mx_hosts_must_all_be_one_providers(void **state)
{
    static const struct {
        const char *hosts[4]; /* "preference host", in order */
        const char *name;
    } rows[] = {
        {{"10 a.one.net"}, "One"},
        {{"10 a.one.net", "10 b.one.net", "10 a.uno.net"}, "One"},
        {{"10 a.one.net", "20 a.two.net"}, "One"},
        {{"10 a.one.net", "20 own.example.org"}, "One"},
        {{"10 a.one.net", "10 a.two.net"}, NULL},
        {{"10 a.one.net", "10 own.example.org"}, NULL},
        {{"10 own.example.org", "10 a.one.net"}, NULL},
        {{"10 own.example.org", "20 a.one.net"}, NULL},
        {{"0 ."}, NULL},
        {{NULL}, NULL},
    };
    char error[PROVIDER_LIST_ERROR_LEN];
    struct provider_list *list = list_of(rules, error);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct mx_set *mx = calloc(1, sizeof *mx);
        assert_non_null(mx);
        for (; mx->host_count < 4 && rows[i].hosts[mx->host_count] != NULL;
             mx->host_count++) {
            char *end;
            struct mx_host *host = &mx->hosts[mx->host_count];
            host->preference = (uint16_t)strtoul(rows[i].hosts[mx->host_count], &end, 10);
            host->host = end + 1;
        }
        assert_name(provider_of_mx(list, mx), rows[i].name);
        free(mx);
    }
    provider_list_free(list);
}

static void more_than_half_of_the_name_servers_must_be_one_providers(void **state)
{
    static const struct {
        const char *hosts[4];
        size_t count;
        const char *name;
    } rows[] = {
        {{"a.one.net"}, 1, "One"},
        {{"a.one.net", "a.uno.net"}, 2, "One"},
        {{"a.one.net", "b.one.net", "own.example.org"}, 3, "One"},
        {{"a.one.net", "own.example.org"}, 2, NULL},
        {{"a.one.net", "b.one.net", "ns1.example.org", "ns2.example.org"}, 4, NULL},
        {{"a.one.net", "b.one.net", "a.two.net"}, 3, NULL},
        {{"own.example.org"}, 1, NULL},
        {{NULL}, 0, NULL},
    };
    char error[PROVIDER_LIST_ERROR_LEN];
    struct provider_list *list = list_of(rules, error);
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_name(provider_of_ns(list, rows[i].hosts, rows[i].count), rows[i].name);
    }
    provider_list_free(list);
}

static void of_a_chain_the_first_hop_that_is_a_providers_counts(void **state)
{
    static const char *const hops[] = {"own.example.org", "a.two.net", "a.one.net"};
    const struct dns_answer chain = {.cnames = hops, .cname_count = 3};
    const struct dns_answer short_chain = {.cnames = hops, .cname_count = 1};
    char error[PROVIDER_LIST_ERROR_LEN];
    struct provider_list *list = list_of(rules, error);
    (void)state;
    assert_name(provider_of_chain(list, PROVIDER_POLICY, &chain), "Two");
    assert_name(provider_of_chain(list, PROVIDER_POLICY, &short_chain), NULL);
    assert_name(provider_of_chain(list, PROVIDER_MTA_STS, &chain), NULL);
    assert_name(provider_of_chain(list, PROVIDER_POLICY, NULL), NULL);
    assert_name(provider_of_chain(NULL, PROVIDER_POLICY, &chain), NULL);
    provider_list_free(list);
}

/* ---- the record -------------------------------------------------------------------- */

static void keep_record(void *arg, struct job *job, enum record_status status,
                        const struct survey *survey)
{
    const struct json *json = &job->context->json;
    (void)status;
    (void)survey;
    assert_false(json->failed);
    *(char **)arg = strndup(json->text, json->len);
    arena_reset(&job->arena);
}

/* The caller frees. */
static char *record_of(unsigned checks, const struct table_row *rows, size_t row_count)
{
    struct suffix_list *suffixes = suffix_list_open(NULL);
    struct provider_list *list = builtin();
    struct verdict_config config = {
        .checks = checks, .suffixes = suffixes, .providers = list};
    char *record = NULL;
    struct job_context context = {
        .config = &config, .on_record = keep_record, .arg = &record};
    struct job *job = calloc(1, sizeof *job);
    struct fake_net *net = calloc(1, sizeof *net);
    struct target target;
    struct input_line line = {.number = 1, .text = "example.org", .len = 11};
    assert_true(job != NULL && net != NULL && suffixes != NULL);
    fake_net_init(net, rows, row_count, 0);
    net->policy = "version: STSv1\nmode: none\nmax_age: 86400\n";
    assert_int_equal(job_context_init(&context), 0);
    context.net = net->job_net;
    target_read(&target, &line, NULL);
    job_begin(job, &context, &target, 1);
    assert_non_null(record);
    fake_net_close(net);
    free(net);
    free(job);
    job_context_close(&context);
    provider_list_free(list);
    suffix_list_free(suffixes);
    return record;
}

static const struct table_row hosted[] = {
    {"example.org", DNS_MX, DNS_OK, {"1 aspmx.l.google.com", "5 mx.example.org"}},
    {"example.org",
     DNS_NS,
     DNS_OK,
     {"ns-1.awsdns-01.com", "ns-2.awsdns-02.net", "ns.example.org"}},
    {"_mta-sts.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=STSv1; id=1;"},
     {"x._mta-sts.uriports.com"}},
    {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}, {"mta-sts.tutanota.de"}},
    {"_smtp._tls.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=TLSRPTv1; rua=mailto:t@example.org"},
     {"example_org__smtp_tls.easydmarc.pro"}},
};

static void a_record_names_each_of_the_five_providers(void **state)
{
    static const char *const parts[] = {
        "\"status\":\"nxdomain\"}],\"provider\":\"Google\",\"errors\":[]",
        "\"ns.example.org\"],\"provider\":\"Amazon Route 53\"}",
        "\"cname\":[\"x._mta-sts.uriports.com\"],\"provider\":\"URIports\",\"id\":\"1\"",
        "\"cname\":[\"mta-sts.tutanota.de\"],\"provider\":\"Tuta\",\"http_status\":200",
        "[\"example_org__smtp_tls.easydmarc.pro\"],\"provider\":\"EasyDMARC\",\"rua\":",
    };
    char *record = record_of(CHECK_ALL, ROWS(hosted));
    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strstr(record, parts[i]) == NULL) {
            fail_msg("the record lacks %s:\n%s", parts[i], record);
        }
    }
    free(record);
}

/* A name that leads into nowhere still tells whose it was. */
static void a_chain_that_ends_nowhere_has_a_provider_too(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"1 mx.example.org"}},
        {"_mta-sts.example.org",
         DNS_TXT,
         DNS_NXDOMAIN,
         {NULL},
         {"x._mta-sts.uriports.com"}},
    };
    char *record = record_of(CHECK_ALL, ROWS(rows));
    (void)state;
    assert_non_null(strstr(record, "\"lifecycle\":\"absent\""));
    assert_non_null(strstr(record, "\"provider\":\"URIports\",\"id\":null"));
    free(record);
}

static void a_check_that_is_off_has_no_provider(void **state)
{
    char *record = record_of(CHECK_SPF, ROWS(hosted));
    (void)state;
    const char *at = record;
    size_t null_count = 0;
    while ((at = strstr(at, "\"provider\":")) != NULL) {
        at += strlen("\"provider\":");
        assert_memory_equal(at, "null", 4);
        null_count++;
    }
    assert_int_equal(null_count, 5);
    free(record);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_pattern_fits_what_it_says_and_not_its_neighbour),
        cmocka_unit_test(a_pattern_is_a_host_name_that_ends_in_a_literal),
        cmocka_unit_test(rules_of_a_file_come_before_the_built_in_ones),
        cmocka_unit_test(a_line_that_is_no_rule_is_refused_with_its_number),
        cmocka_unit_test(well_known_hosts_have_their_provider_and_others_none),
        cmocka_unit_test(hosts_of_the_lab_are_nobodys),
        cmocka_unit_test(the_most_preferred_mx_hosts_must_all_be_one_providers),
        cmocka_unit_test(more_than_half_of_the_name_servers_must_be_one_providers),
        cmocka_unit_test(of_a_chain_the_first_hop_that_is_a_providers_counts),
        cmocka_unit_test(a_record_names_each_of_the_five_providers),
        cmocka_unit_test(a_chain_that_ends_nowhere_has_a_provider_too),
        cmocka_unit_test(a_check_that_is_off_has_no_provider),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
