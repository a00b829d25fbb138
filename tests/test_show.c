/* The page of check: whole pages and sections of surveys against a network that is a
 * table, hostile bytes, and that no code lacks its sentence.
 */
#include "scanner/show.h"
#include "scanner/show_part.h"
#include "tests/fake_net.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define ROWS(rows) (rows), sizeof(rows) / sizeof(rows)[0]

struct fixture {
    struct suffix_list *suffixes;
    struct verdict_config config;
    struct job_context context;
    struct job job;
    struct fake_net net;
    bool has_colour;
    char *page;
    uint32_t lookups, tree_lookups;
};

static void keep(struct fixture *fixture, struct show *show)
{
    assert_false(show->failed);
    free(fixture->page);
    fixture->page = calloc(1, show->len + 1);
    assert_non_null(fixture->page);
    memcpy(fixture->page, show->text, show->len);
    show_close(show);
}

static void count_tree(struct fixture *fixture, const struct verdict_spf *spf)
{
    struct show show;
    show_init(&show, false);
    fixture->lookups = fixture->tree_lookups = spf->analysis.lookups;
    if (spf->txt.published.deployment == DEPLOYMENT_PRESENT) {
        fixture->tree_lookups = show_spf_tree(&show, &spf->analysis);
    }
    show_close(&show);
}

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct fixture *fixture = arg;
    struct record_head head = job->head;
    struct show show;
    (void)status;
    head.duration_ms = 0;
    show_init(&show, fixture->has_colour);
    show_survey(&show, &head, survey);
    keep(fixture, &show);
    count_tree(fixture, &survey->verdict->spf);
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
    free(fixture->page);
    free(fixture);
    return 0;
}

/* policy NULL: 404 everywhere. */
static void show_domain(struct fixture *fixture, const struct table_row *rows,
                        size_t row_count, const char *policy, const char *domain)
{
    struct target target;
    struct input_line line = {.number = 1, .text = domain, .len = strlen(domain)};
    fake_net_init(&fixture->net, rows, row_count, 0);
    fixture->net.policy = policy;
    fixture->context.net = fixture->net.job_net;
    target_read(&target, &line, NULL);
    assert_int_equal(target.kind, TARGET_DOMAIN);
    job_begin(&fixture->job, &fixture->context, &target, line.number);
    assert_non_null(fixture->page);
    fake_net_close(&fixture->net);
}

static void assert_page_holds(const struct fixture *fixture, const char *text)
{
    if (strstr(fixture->page, text) == NULL) {
        fail_msg("the page lacks:\n%s\nit is:\n%s", text, fixture->page);
    }
}

static void assert_page_lacks(const struct fixture *fixture, const char *text)
{
    if (strstr(fixture->page, text) != NULL) {
        fail_msg("the page holds:\n%s\nit is:\n%s", text, fixture->page);
    }
}

/* expected: a section from its title on, without the blank line behind it. */
static void assert_section(const struct fixture *fixture, const char *expected)
{
    char title[16] = "\n";
    char found[16384];
    memcpy(title + 1, expected, 8);
    title[9] = '\0';
    const char *begin = strstr(fixture->page, title);
    if (begin == NULL) {
        fail_msg("no section%s in:\n%s", title, fixture->page);
        return;
    }
    const char *end = strstr(begin + 1, "\n\n");
    size_t len = end != NULL ? (size_t)(end - begin) - 1 : strlen(begin + 1) - 1;
    snprintf(found, sizeof found, "%.*s", (int)len, begin + 1);
    assert_string_equal(found, expected);
}

static const struct table_row healthy[] = {
    {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org", "20 mx2.example.org"}},
    {"example.org", DNS_NS, DNS_OK, {"ns2.example.net", "ns1.example.net"}},
    {"example.org",
     DNS_TXT,
     DNS_OK,
     {"unrelated", "v=spf1 mx include:spf.example.net -all"}},
    {"mx1.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
    {"mx1.example.org", DNS_AAAA, DNS_OK, {"2a01:111:f400::1"}},
    {"mx2.example.org", DNS_A, DNS_OK, {"93.184.216.36"}},
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
    "version: STSv1\nmode: enforce\nmx: *.example.org\nmax_age: 604800\n";

static void a_healthy_domain_is_a_short_page(void **state)
{
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(healthy), healthy_policy, "example.org");
    assert_string_equal(
        fixture->page,
        "example.org\n"
        "===========\n"
        "0 errors, 0 warnings (14 DNS questions by fake, 0.0 s)\n"
        "\n"
        "Mail hosts     2 hosts\n"
        "       10  mx1.example.org  2a01:111:f400::1, 93.184.216.34 (in the MTA-STS "
        "policy)\n"
        "       20  mx2.example.org  93.184.216.36 (in the MTA-STS policy)\n"
        "\n"
        "Name servers   ns1.example.net, ns2.example.net\n"
        "\n"
        "SPF            valid: hosts that are not listed may not send (-all)\n"
        "    v=spf1 mx include:spf.example.net -all\n"
        "    may send      256 IPv4 addresses, 0 IPv6 ranges\n"
        "    lookups       2 of 10, 0 of 2 void\n"
        "        1  mx                                       2 hosts\n"
        "        2  include:spf.example.net\n"
        "\n"
        "DMARC          valid: forged mail is refused (reject)\n"
        "    v=DMARC1; p=reject; rua=mailto:d@example.org\n"
        "    reports to    mailto:d@example.org\n"
        "\n"
        "MTA-STS        valid and enforced: senders deliver over verified TLS or not at "
        "all\n"
        "    v=STSv1; id=20261122;\n"
        "    policy        https://mta-sts.example.org/.well-known/mta-sts.txt\n"
        "    address       93.184.216.35\n"
        "    answer        status 200, text/plain, from 93.184.216.35\n"
        "        1    version: STSv1\n"
        "        2    mode: enforce\n"
        "        3    mx: *.example.org\n"
        "        4    max_age: 604800\n"
        "\n"
        "TLS-RPT        valid: senders report how encryption fares\n"
        "    v=TLSRPTv1; rua=mailto:t@example.org\n"
        "    reports to    mailto:t@example.org\n");
}

/* A survey of one SPF record at example.org. */
static void show_spf_record(struct fixture *fixture, const char *record)
{
    const struct table_row rows[] = {
        {"example.org", DNS_TXT, DNS_OK, {record}},
        {"example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
        {"two.example.net",
         DNS_TXT,
         DNS_OK,
         {"v=spf1 a:h.example.net mx:h.example.net ~all"}},
        {"nine.example.net",
         DNS_TXT,
         DNS_OK,
         {"v=spf1 include:two.example.net include:two.example.net "
          "include:two.example.net ?all"}},
        {"broken.example.net",
         DNS_TXT,
         DNS_OK,
         {"v=spf1 ipv4:192.0.2.1 a:h.example.net -all"}},
        {"many.example.net", DNS_TXT, DNS_OK, {"v=spf1 -all", "v=spf1 ~all"}},
        {"slow.example.net", DNS_TXT, DNS_TIMEOUT},
        {"h.example.net", DNS_A, DNS_OK, {"93.184.216.40", "93.184.216.41"}},
        {"h.example.net", DNS_MX, DNS_OK, {"10 h.example.net"}},
        {"back.example.net", DNS_TXT, DNS_OK, {"v=spf1 include:example.org -all"}},
        {"again.example.net", DNS_TXT, DNS_OK, {"v=spf1 redirect=two.example.net"}},
    };
    show_domain(fixture, ROWS(rows), NULL, "example.org");
}

static void the_lookup_tree_names_the_term_that_breaks_the_limit(void **state)
{
    struct fixture *fixture = *state;
    show_spf_record(fixture, "v=spf1 include:nine.example.net a:gone.example.net a -all");
    assert_section(fixture,
                   "SPF            invalid: receivers that come to the faulty part give "
                   "up (permerror)\n"
                   "    v=spf1 include:nine.example.net a:gone.example.net a -all\n"
                   "                                    ^^^^^^^^^^^^^^^^^^\n"
                   "    may send      3 IPv4 addresses, 0 IPv6 ranges\n"
                   "    lookups       12 of 10, 1 of 2 void\n"
                   "        1  include:nine.example.net\n"
                   "        2    include:two.example.net\n"
                   "        3      a:h.example.net                      2 addresses\n"
                   "        4      mx:h.example.net                     1 host\n"
                   "        5    include:two.example.net\n"
                   "        6      a:h.example.net                      2 addresses\n"
                   "        7      mx:h.example.net                     1 host\n"
                   "        8    include:two.example.net\n"
                   "        9      a:h.example.net                      2 addresses\n"
                   "       10      mx:h.example.net                     1 host\n"
                   "       11  a:gone.example.net                       no address "
                   "(void: 1 of 2) <- one too many\n"
                   "       12  a                                        1 address\n"
                   "    error    spf.too_many_lookups: a:gone.example.net\n"
                   "             More than 10 terms of this record and of all it "
                   "includes need a DNS lookup; this is the\n"
                   "             eleventh. Receivers that get so far give up "
                   "(permerror). Take out senders no longer in\n"
                   "             use, and write ip4: and ip6: ranges instead of "
                   "include:, a and mx where they are\n"
                   "             stable. [RFC 7208 4.6.4]\n"
                   "    warning  spf.void_lookup: gone.example.net\n"
                   "             A lookup of this record finds nothing at this name. Two "
                   "of them are allowed, and each\n"
                   "             costs a lookup. Take the term out or correct the name. "
                   "[RFC 7208 4.6.4]\n"
                   "    warning  spf.a_missing: gone.example.net\n"
                   "             An a term asks for addresses of a name that has none. "
                   "Take the term out or correct the\n"
                   "             name. [RFC 7208 5.3]");
}

static void what_an_include_leads_to_is_told(void **state)
{
    struct fixture *fixture = *state;
    show_spf_record(fixture, "v=spf1 include:back.example.net include:broken.example.net "
                             "include:many.example.net include:slow.example.net "
                             "include:none.example.net exists:%{i}.example.net ~all");
    assert_section(
        fixture,
        "SPF            invalid: receivers that come to the faulty part give up "
        "(permerror)\n"
        "    v=spf1 include:back.example.net include:broken.example.net "
        "include:many.example.net\n"
        "                                            ^^^^^^^^^^^^^^^^^^         "
        "^^^^^^^^^^^^^^^^\n"
        "    include:slow.example.net include:none.example.net exists:%{i}.example.net "
        "~all\n"
        "            ^^^^^^^^^^^^^^^^         ^^^^^^^^^^^^^^^^\n"
        "    may send      2 IPv4 addresses, 0 IPv6 ranges\n"
        "    lookups       8 of 10, 1 of 2 void\n"
        "        1  include:back.example.net\n"
        "        2    include:example.org                    leads back to a record "
        "above: a loop\n"
        "        3  include:broken.example.net\n"
        "        !    ipv4:192.0.2.1                         unknown_mechanism\n"
        "        4    a:h.example.net                        2 addresses\n"
        "        5  include:many.example.net                 several SPF records\n"
        "        6  include:slow.example.net                 the lookup failed "
        "(timeout)\n"
        "        7  include:none.example.net                 no SPF record (void: 1 of "
        "2)\n"
        "        8  exists:%{i}.example.net                  depends on the sender\n"
        "    error    spf.include_no_record: none.example.net\n"
        "             The name that is included has no SPF record, and that is an error "
        "of this record\n"
        "             (permerror). Take the include out, or correct its name; the "
        "operator's manual tells\n"
        "             which one is meant. [RFC 7208 5.2]\n"
        "    error    spf.include_invalid: broken.example.net, many.example.net\n"
        "             The record that is included is broken, and this one with it "
        "(permerror). Tell its\n"
        "             operator, and take it out until it is mended. [RFC 7208 5.2]\n"
        "    error    spf.include_loop: example.org\n"
        "             The record includes itself, directly or in a circle, which uses up "
        "the 10 lookups\n"
        "             (permerror). Take out the include that leads back. [RFC 7208 "
        "4.6.4, 5.2]\n"
        "    warning  spf.void_lookup: none.example.net\n"
        "             A lookup of this record finds nothing at this name. Two of them "
        "are allowed, and each\n"
        "             costs a lookup. Take the term out or correct the name. [RFC 7208 "
        "4.6.4]\n"
        "    warning  spf.include_temp_error: slow.example.net\n"
        "             The record that is included could not be fetched just now; "
        "receivers that meet this\n"
        "             answer temperror, and mail is delayed. Look again later; if it "
        "stays so, tell its\n"
        "             operator. [RFC 7208 4.4, 5.2]");
}

static void broken_terms_are_marked_each(void **state)
{
    struct fixture *fixture = *state;
    show_spf_record(fixture, "v=spf1 ipv4:192.0.2.1 ip4:192.0.2 ip4:192.0.2.0/8 -alll");
    assert_section(
        fixture,
        "SPF            invalid: receivers give up on it for every message (permerror)\n"
        "    v=spf1 ipv4:192.0.2.1 ip4:192.0.2 ip4:192.0.2.0/8 -alll\n"
        "           ^^^^^^^^^^^^^^ ^^^^^^^^^^^ ^^^^^^^^^^^^^^^ ^^^^^\n"
        "    may send      16,777,216 IPv4 addresses, 0 IPv6 ranges\n"
        "    lookups       0 of 10, 0 of 2 void\n"
        "    error    spf.unknown_mechanism: ipv4:192.0.2.1, -alll\n"
        "             No RFC knows a mechanism of this name, so receivers give up on the "
        "whole record\n"
        "             (permerror). Correct the spelling: all, include:, a, mx, ip4:, "
        "ip6: and exists: are\n"
        "             known, with a space between terms. [RFC 7208 4.6.1]\n"
        "    error    spf.invalid_ip: ip4:192.0.2\n"
        "             This is no address of the family that the mechanism names: "
        "receivers give up on the\n"
        "             whole record (permerror). Write all four numbers behind ip4:, a "
        "complete IPv6 address\n"
        "             behind ip6:. [RFC 7208 5.6]\n"
        "    warning  spf.no_all\n"
        "             The record says nothing about hosts it does not list: for them the "
        "result is neutral,\n"
        "             as with no record at all. End it in -all or ~all, or in redirect=. "
        "[RFC 7208 4.7]\n"
        "    warning  spf.broad_range: ip4:192.0.2.0/8\n"
        "             The range is wider than /16 (IPv4) or /32 (IPv6): more hosts than "
        "one sender has, and\n"
        "             all of them may send for this domain. List the narrower ranges "
        "that really send.\n"
        "             [RFC 7208 5.6]");
}

static void a_name_is_marked_as_a_whole_only(void **state)
{
    struct fixture *fixture = *state;
    show_spf_record(fixture, "v=spf1 a:x.gone.example.net.de a:gone.example.net -all");
    assert_page_holds(fixture,
                      "    v=spf1 a:x.gone.example.net.de a:gone.example.net -all\n"
                      "             ^^^^^^^^^^^^^^^^^^^^^   ^^^^^^^^^^^^^^^^\n");
}

static void everybody_may_send_is_told_first(void **state)
{
    struct fixture *fixture = *state;
    show_spf_record(fixture, "v=spf1 +all");
    assert_section(fixture,
                   "SPF            valid, but too permissive: any host may send for this "
                   "domain (+all)\n"
                   "    v=spf1 +all\n"
                   "           ^^^^\n"
                   "    may send      4,294,967,296 IPv4 addresses, 0 IPv6 ranges\n"
                   "    lookups       0 of 10, 0 of 2 void\n"
                   "    warning  spf.all_pass: +all\n"
                   "             Every host in the world may send mail for this domain. "
                   "End the record in -all, or in\n"
                   "             ~all while you find out who sends. [RFC 7208 5.1]");
}

static void the_tree_counts_what_the_record_counts(void **state)
{
    static const char *const records[] = {
        "v=spf1 -all",
        "v=spf1 a mx ptr exists:%{i}.example.net -all",
        "v=spf1 include:nine.example.net include:two.example.net -all",
        "v=spf1 include:nine.example.net redirect=nine.example.net",
        "v=spf1 redirect=again.example.net a",
        "v=spf1 redirect=two.example.net -all",
        "v=spf1 include:back.example.net a -all",
        "v=spf1 include:broken.example.net ipv4:1 a -all",
        "v=spf1 include:many.example.net include:slow.example.net ~all",
        "v=spf1 include:gone.example.net ~all",
        "v=spf1 include:%{d}.example.net include:%{s} include:single a:b..c ~all",
        "v=spf1 -all a mx include:two.example.net",
    };
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof records / sizeof records[0]; i++) {
        show_spf_record(fixture, records[i]);
        assert_int_equal(fixture->lookups, fixture->tree_lookups);
    }
}

static void the_lines_of_a_policy_are_numbered_and_marked(void **state)
{
    struct fixture *fixture = *state;
    show_domain(
        fixture, ROWS(healthy),
        "version: STSv1\r\nmode: enforced\r\n\r\nmx: mx1.example.org.\r\nnonsense\r\n",
        "example.org");
    assert_section(
        fixture, "MTA-STS        broken: the policy is invalid, so senders ignore it\n"
                 "    v=STSv1; id=20261122;\n"
                 "    policy        https://mta-sts.example.org/.well-known/mta-sts.txt\n"
                 "    address       93.184.216.35\n"
                 "    answer        status 200, text/plain, from 93.184.216.35\n"
                 "        1    version: STSv1\n"
                 "   >    2    mode: enforced\n"
                 "             ^^^^^^^^^^^^^^\n"
                 "   >    3\n"
                 "   >    4    mx: mx1.example.org.\n"
                 "             ^^^^^^^^^^^^^^^^^^^^\n"
                 "   >    5    nonsense\n"
                 "             ^^^^^^^^\n"
                 "    error    mta_sts.policy.mode_invalid: mode: enforced\n"
                 "             The mode must be exactly enforce, testing or none "
                 "(enforced is a common slip). Correct\n"
                 "             the word. [RFC 8461 3.2]\n"
                 "    error    mta_sts.policy.line_invalid: nonsense\n"
                 "             The line is not key: value, and one such line makes the "
                 "policy invalid. Correct it or\n"
                 "             take it out; no comments, no blank lines in between. [RFC "
                 "8461 3.2]\n"
                 "    error    mta_sts.policy.mx_invalid: mx: mx1.example.org.\n"
                 "             This is no host name and no pattern of the form *.domain "
                 "(no address, no e-mail\n"
                 "             address, no final dot). Write the name of the mail host, "
                 "one a line. [RFC 8461 3.2]\n"
                 "    error    mta_sts.policy.max_age_missing\n"
                 "             The policy has no max_age. Add max_age: 604800 (a week), "
                 "later more. [RFC 8461 3.2]");
}

static void an_uncovered_mail_host_is_told_where_it_stands(void **state)
{
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(healthy),
                "version: STSv1\nmode: enforce\nmx: mx1.example.org\nmax_age: 604800\n",
                "example.org");
    assert_section(
        fixture, "Mail hosts     2 hosts\n"
                 "       10  mx1.example.org  2a01:111:f400::1, 93.184.216.34 (in the "
                 "MTA-STS policy)\n"
                 "       20  mx2.example.org  93.184.216.36 (not in the MTA-STS policy)");
    assert_page_holds(fixture,
                      "\nMTA-STS        enforced, but the policy does not name all mail "
                      "hosts: mail may not arrive\n");
    assert_page_holds(fixture, "    error    mta_sts.mx_unmatched: mx2.example.org\n");
}

static void a_policy_that_cannot_be_fetched_says_why(void **state)
{
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(healthy), NULL, "example.org");
    assert_section(
        fixture, "MTA-STS        broken: the policy cannot be fetched, so senders ignore "
                 "it or keep an old one\n"
                 "    v=STSv1; id=20261122;\n"
                 "    policy        https://mta-sts.example.org/.well-known/mta-sts.txt\n"
                 "    address       93.184.216.35\n"
                 "    answer        status 404, text/plain, from 93.184.216.35\n"
                 "    error    mta_sts.policy.http_status: 404\n"
                 "             The policy host does not serve the file (any status but "
                 "200 counts as none). Put the\n"
                 "             policy at /.well-known/mta-sts.txt. [RFC 8461 3.3]");
}

static void the_two_generations_of_dmarc_are_both_told(void **state)
{
    static const struct table_row rows[] = {
        {"a.b.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
        {"_dmarc.example.org",
         DNS_TXT,
         DNS_OK,
         {"v=DMARC1; p=reject; t=y; sp=quarantine"}},
        {"_dmarc.b.example.org", DNS_TXT, DNS_OK, {"v=DMARC1; p=none; psd=n"}},
    };
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(rows), NULL, "a.b.example.org");
    assert_section(fixture, "DMARC          no record here; receivers of the two "
                            "generations differ on what is inherited\n"
                            "    by RFC 7489   policy quarantine, from the record of "
                            "example.org; the organizational domain is\n"
                            "                  example.org\n"
                            "    by RFC 9989   policy none, from the record of "
                            "b.example.org; the organizational domain is\n"
                            "                  b.example.org\n"
                            "    warning  dmarc.inherited: b.example.org\n"
                            "             The name has no DMARC record; the policy comes "
                            "from a domain above it. Where that is\n"
                            "             meant, there is nothing to do; else publish a "
                            "record at this name.\n"
                            "             [RFC 7489 6.6.3, RFC 9989 4.10]\n"
                            "    warning  dmarc.not_enforced\n"
                            "             The policy in force is none: receivers report "
                            "forged mail, but deliver it. When the\n"
                            "             reports show that your own mail passes, go on "
                            "to p=quarantine and p=reject.\n"
                            "             [RFC 7489 6.3, RFC 9989 4.7]");
}

static void one_policy_found_by_two_ways_is_one_policy(void **state)
{
    static const struct table_row rows[] = {
        {"b.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
        {"_dmarc.b.example.org", DNS_TXT, DNS_OK, {"v=DMARC1; p=reject"}},
    };
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(rows), NULL, "b.example.org");
    assert_page_holds(fixture, "\nDMARC          valid: forged mail is refused (reject)\n"
                               "    v=DMARC1; p=reject\n"
                               "    by RFC 7489   policy reject, from the record of "
                               "b.example.org; the organizational "
                               "domain is\n"
                               "                  example.org\n"
                               "    by RFC 9989   policy reject, from the record of "
                               "b.example.org; the organizational "
                               "domain is\n"
                               "                  b.example.org\n");
}

static void a_near_miss_is_marked_at_its_beginning(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
        {"_smtp._tls.example.org",
         DNS_TXT,
         DNS_OK,
         {"v=TLSRPTv1 ;rua=mailto:t@example.org"}},
    };
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(rows), NULL, "example.org");
    assert_section(
        fixture,
        "TLS-RPT        no record: what stands here begins in a way that senders pass "
        "over\n"
        "    v=TLSRPTv1 ;rua=mailto:t@example.org\n"
        "    ^^^^^^^^^^^\n"
        "    warning  tls_rpt.version_near_miss: v=TLSRPTv1 ;rua=mailto:t@example.org\n"
        "             Senders pass over this text: a TLS-RPT record begins with exactly "
        "v=TLSRPTv1; (no space\n"
        "             before the semicolon). Correct the beginning; capitals count. [RFC "
        "8460 3]");
}

static size_t widest_line(const char *page)
{
    size_t widest = 0;
    for (const char *line = page; *line != '\0';) {
        size_t len = strcspn(line, "\n");
        size_t columns = show_columns((struct span){line, len});
        widest = columns > widest ? columns : widest;
        line += len + (line[len] == '\n' ? 1 : 0);
    }
    return widest;
}

/* Whatever stands in a record: no control byte, no byte that is not UTF-8, no command to
 * a terminal. */
static void assert_page_is_harmless(const struct fixture *fixture)
{
    struct span rest = span_of(fixture->page);
    while (rest.len > 0) {
        struct show_unit unit = show_unit_of(rest);
        bool is_shown =
            unit.len == unit.taken && memcmp(unit.text, rest.ptr, unit.len) == 0;
        assert_true(is_shown || rest.ptr[0] == '\n');
        rest = span_from(rest, unit.taken);
    }
    assert_true(widest_line(fixture->page) <= SHOW_WIDTH);
}

static void hostile_bytes_are_shown_escaped(void **state)
{
    static const char hostile[] = "v=spf1 \033[2J\033]0;title\a ip4:\xff\xfe \xe2\x80\xae"
                                  "a\xc2\x9b"
                                  "31m \xc2\xa0-all";
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"10 \\027[31m.example.org"}},
        {"example.org", DNS_TXT, DNS_OK, {hostile}},
        {"_dmarc.example.org", DNS_TXT, DNS_OK, {"v=DMARC1; p=\r\nnone; rua=\tx\x7f"}},
        {"_mta-sts.example.org", DNS_TXT, DNS_OK, {"v=STSv1; id=\xc3\xbc;"}},
        {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
        {"_smtp._tls.example.org", DNS_TXT, DNS_OK, {"v=TLSRPTv1; rua=\xe2\x81\xa6\x1b"}},
    };
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(rows), "version: STSv1\nmode: \033c\nmx: \xff\n\n\tx\r\r\n",
                "example.org");
    assert_page_is_harmless(fixture);
    assert_page_holds(fixture, "\n    v=spf1 \\027[2J\\027]0;title\\007 ip4:\\255\\254 "
                               "\\u202ea\\u009b31m \\u00a0-all\n"
                               "           ^^^^^^^^^^^^^^^^^^^^^^^ ^^^^^^^^^^^^ "
                               "^^^^^^^^^^^^^^^^ ^^^^^^^^^^\n");
}

static void long_texts_are_broken_and_cut(void **state)
{
    static char text[6001];
    static const struct table_row rows[] = {
        {"example.org", DNS_TXT, DNS_OK, {text}},
        {"_dmarc.example.org", DNS_TXT, DNS_OK, {text}},
    };
    struct fixture *fixture = *state;
    memset(text, 'x', sizeof text - 1);
    snprintf(text, 8, "v=spf1 ");
    text[7] = 'x';
    show_domain(fixture, ROWS(rows), NULL, "example.org");
    assert_page_is_harmless(fixture);
    assert_page_holds(fixture, "(1904 bytes more)");
    for (size_t i = 7; i < sizeof text - 1; i++) {
        text[i] = "\x1b \xff"[i % 3];
    }
    show_domain(fixture, ROWS(rows), NULL, "example.org");
    assert_page_is_harmless(fixture);
}

static void a_long_policy_is_shown_in_part_with_its_faults(void **state)
{
    static char policy[20000];
    struct fixture *fixture = *state;
    size_t len =
        (size_t)snprintf(policy, sizeof policy, "version: STSv1\nmode: enforce\n");
    for (int i = 0; i < 200; i++) {
        len += (size_t)snprintf(policy + len, sizeof policy - len,
                                "mx: mx%d.example.org\n", i);
    }
    snprintf(policy + len, sizeof policy - len, "max_age: never\n");
    show_domain(fixture, ROWS(healthy), policy, "example.org");
    assert_page_holds(fixture, "       30    mx: mx27.example.org\n"
                               "   >  203    max_age: never\n"
                               "             ^^^^^^^^^^^^^^\n"
                               "             (172 lines are not shown)\n");
}

static void colours_change_nothing_but_colours(void **state)
{
    struct fixture *fixture = *state;
    char stripped[16384];
    size_t len = 0;
    fixture->has_colour = true;
    show_domain(fixture, ROWS(healthy), healthy_policy, "example.org");
    for (const char *c = fixture->page; *c != '\0'; c++) {
        if (*c == '\033') {
            c += strcspn(c, "m");
        } else {
            stripped[len++] = *c;
        }
    }
    stripped[len] = '\0';
    assert_page_holds(fixture, "\033[1;32m");
    fixture->has_colour = false;
    show_domain(fixture, ROWS(healthy), healthy_policy, "example.org");
    assert_string_equal(stripped, fixture->page);
    assert_page_lacks(fixture, "\033");
}

static void a_failed_lookup_is_unknown_and_never_absent(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org"}},
        {"example.org", DNS_TXT, DNS_TIMEOUT},
        {"mx1.example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
        {"_mta-sts.example.org", DNS_TXT, DNS_SERVFAIL},
    };
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(rows), NULL, "example.org");
    assert_page_holds(fixture, "Some questions were not answered");
    assert_section(fixture, "SPF            unknown: the lookup failed (timeout)");
    assert_section(fixture, "MTA-STS        unknown: the lookup failed (servfail)");
    assert_section(fixture, "No answer      to these questions:\n"
                            "    example.org TXT: timeout\n"
                            "    _mta-sts.example.org TXT: servfail");
}

static void without_any_answer_nothing_is_said(void **state)
{
    static const struct table_row rows[] = {
        {"example.org", DNS_NONE, DNS_TIMEOUT},
        {"_dmarc.example.org", DNS_NONE, DNS_TIMEOUT},
        {"_mta-sts.example.org", DNS_NONE, DNS_TIMEOUT},
        {"_smtp._tls.example.org", DNS_NONE, DNS_TIMEOUT}};
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(rows), NULL, "example.org");
    assert_page_holds(fixture, "None of the questions about this domain was answered");
    assert_page_lacks(fixture, "\nSPF");
    assert_page_lacks(fixture, "0 errors");
}

static void a_name_that_does_not_exist_is_called_so(void **state)
{
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(healthy), NULL, "gone.example.net");
    assert_page_holds(fixture, "\nThis name does not exist (NXDOMAIN).\n");
}

static void a_unicode_name_is_shown_both_ways(void **state)
{
    struct fixture *fixture = *state;
    show_domain(fixture, ROWS(healthy), NULL,
                "B\xc3\xbc"
                "cher.example.org");
    assert_page_holds(fixture, "b\xc3\xbc"
                               "cher.example.org = xn--bcher-kva.example.org\n"
                               "==============================================\n");
}

static void checks_that_are_off_are_left_out(void **state)
{
    struct fixture *fixture = *state;
    fixture->config.checks = CHECK_MX | CHECK_SPF;
    show_domain(fixture, ROWS(healthy), healthy_policy, "example.org");
    assert_page_holds(fixture, "\nMail hosts     2 hosts\n");
    assert_page_holds(fixture, "\nSPF            valid");
    assert_page_lacks(fixture, "\nDMARC");
    assert_page_lacks(fixture, "\nName servers");
    assert_page_lacks(fixture, "without");
    assert_page_lacks(fixture, "MTA-STS policy");
}

static void every_reason_not_to_survey_is_put_in_words(void **state)
{
    struct fixture *fixture = *state;
    for (enum target_reason reason = TARGET_URL; reason <= TARGET_SPECIAL_USE; reason++) {
        struct record_head head = {.input = span_of("\033x"),
                                   .status = RECORD_INVALID_INPUT,
                                   .reason = target_reason_text(reason)};
        char bare[64];
        struct show show;
        show_init(&show, false);
        show_survey(&show, &head, NULL);
        keep(fixture, &show);
        assert_page_holds(fixture, "\\027x\n=====\nnot surveyed: this is ");
        snprintf(bare, sizeof bare, "this is %s\n", head.reason);
        assert_page_lacks(fixture, bare);
    }
}

static void assert_is_sentence(const char *code, const char *text)
{
    if (text == NULL || strlen(text) < 10) {
        fail_msg("%s has no sentence", code);
        return;
    }
    for (const char *c = text; *c != '\0'; c++) {
        assert_true(*c >= ' ' && *c <= '~');
    }
}

static void assert_has_advice(const char *code, const struct show_advice *advice)
{
    assert_is_sentence(code, advice->means);
    assert_is_sentence(code, advice->remedy);
    if (advice->source == NULL || strncmp(advice->source, "RFC ", 4) != 0) {
        fail_msg("%s names no RFC", code);
    }
}

static void every_code_has_its_sentence(void **state)
{
    static const struct show_area *const areas[] = {
        &SHOW_AREA_MX,      &SHOW_AREA_SPF,    &SHOW_AREA_DMARC,
        &SHOW_AREA_MTA_STS, &SHOW_AREA_POLICY, &SHOW_AREA_TLS_RPT};
    char listed[RECORD_CODE_LEN], own[RECORD_CODE_LEN];
    unsigned index = 0;
    (void)state;
    for (size_t i = 0; i < sizeof areas / sizeof areas[0]; i++) {
        for (unsigned code = 0; code < areas[i]->code_count; code++, index++) {
            snprintf(own, sizeof own, "%s.%s", areas[i]->name, areas[i]->text(code));
            assert_non_null(record_finding_code(index, listed));
            assert_string_equal(own, listed);
            assert_has_advice(own, areas[i]->advice(code));
        }
    }
    assert_string_equal(record_finding_code(index++, listed), "mta_sts.mx_unmatched");
    assert_has_advice(listed, show_advice_mx_unmatched(true));
    assert_has_advice(listed, show_advice_mx_unmatched(false));
    assert_string_equal(record_finding_code(index++, listed), "mta_sts.no_tls_rpt");
    assert_has_advice(listed, show_advice_no_tls_rpt());
    assert_null(
        record_finding_code(index, listed)); /* a new code wants a sentence here too */
}

static void foreign_characters_are_shown_or_escaped(void **state)
{
    static const struct {
        const char *text, *shown;
        size_t columns;
    } rows[] = {
        {"a", "a", 1},
        {"\\", "\\", 1},
        {"\t", "\\009", 4},
        {"\x7f", "\\127", 4},
        {"\x80", "\\128", 4},
        {"\xc3", "\\195", 4},
        {"\xc0\xaf", "\\192", 4},
        {"\xc3\xbc", "\xc3\xbc", 1},
        {"\xc2\x85", "\\u0085", 6},
        {"\xc2\xa0", "\\u00a0", 6},
        {"\xc2\xa1", "\xc2\xa1", 1},
        {"\xc2\xad", "\\u00ad", 6},
        {"\xe2\x80\x8b", "\\u200b", 6},
        {"\xe2\x80\x90", "\xe2\x80\x90", 1},
        {"\xe2\x80\xae", "\\u202e", 6},
        {"\xe2\x81\xa6", "\\u2066", 6},
        {"\xef\xbb\xbf", "\\ufeff", 6},
        {"\xf3\xa0\x80\x81", "\\U000e0001", 10},
        {"\xe4\xb8\xad", "\xe4\xb8\xad", 2},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80", 2},
        {"\xcc\x81", "\xcc\x81", 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct show_unit unit = show_unit_of(span_of(rows[i].text));
        char shown[SHOW_UNIT_MAX + 1] = "";
        memcpy(shown, unit.text, unit.len);
        assert_string_equal(shown, rows[i].shown);
        assert_int_equal(unit.columns, rows[i].columns);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
        TEST(a_healthy_domain_is_a_short_page),
        TEST(the_lookup_tree_names_the_term_that_breaks_the_limit),
        TEST(what_an_include_leads_to_is_told),
        TEST(broken_terms_are_marked_each),
        TEST(a_name_is_marked_as_a_whole_only),
        TEST(everybody_may_send_is_told_first),
        TEST(the_tree_counts_what_the_record_counts),
        TEST(the_lines_of_a_policy_are_numbered_and_marked),
        TEST(an_uncovered_mail_host_is_told_where_it_stands),
        TEST(a_policy_that_cannot_be_fetched_says_why),
        TEST(the_two_generations_of_dmarc_are_both_told),
        TEST(one_policy_found_by_two_ways_is_one_policy),
        TEST(a_near_miss_is_marked_at_its_beginning),
        TEST(hostile_bytes_are_shown_escaped),
        TEST(long_texts_are_broken_and_cut),
        TEST(a_long_policy_is_shown_in_part_with_its_faults),
        TEST(colours_change_nothing_but_colours),
        TEST(a_failed_lookup_is_unknown_and_never_absent),
        TEST(without_any_answer_nothing_is_said),
        TEST(a_name_that_does_not_exist_is_called_so),
        TEST(a_unicode_name_is_shown_both_ways),
        TEST(checks_that_are_off_are_left_out),
        TEST(every_reason_not_to_survey_is_put_in_words),
        cmocka_unit_test(every_code_has_its_sentence),
        cmocka_unit_test(foreign_characters_are_shown_or_escaped),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
