#include "scanner/classify/dmarc.h"

#include "tests/table_lookup.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#define RUA "; rua=mailto:d@example.com"
#define ROWS_MAX 10

struct discovery_case {
    const char *title;
    const char *domain;
    struct table_row rows[ROWS_MAX];
    /* "policy org_domain found_at", "-" = null */
    const char *rfc7489, *rfc9989;
    bool is_nxdomain;
    bool has_failed;
};

static const char *show(const struct dmarc_answer *answer, char text[600])
{
    const char *policy = dmarc_policy_text(answer->policy);
    snprintf(text, 600, "%s %s %s", policy != NULL ? policy : "-",
             answer->org_domain[0] != '\0' ? answer->org_domain : "-",
             answer->found_at[0] != '\0' ? answer->found_at : "-");
    return text;
}

static size_t count_rows(const struct table_row *rows)
{
    size_t count = 0;
    while (count < ROWS_MAX && rows[count].name != NULL) {
        count++;
    }
    return count;
}

static void discover(struct table_lookup *table, const char *domain, bool is_nxdomain,
                     struct dmarc_discovery *discovery)
{
    struct suffix_list *suffixes = suffix_list_open(NULL);
    do {
        dmarc_discover(domain, suffix_organizational(suffixes, domain), is_nxdomain,
                       &table->lookup, discovery);
    } while (!discovery->is_done && table_lookup_next_round(table));
    suffix_list_free(suffixes);
    assert_true(discovery->is_done);
}

static void check_one(const struct discovery_case *test, bool is_late)
{
    struct table_lookup table;
    struct dmarc_discovery discovery;
    char first[600], second[600];
    table_lookup_init(&table, test->rows, count_rows(test->rows));
    table.is_late = is_late;
    discover(&table, test->domain, test->is_nxdomain, &discovery);
    if (strcmp(show(&discovery.rfc7489, first), test->rfc7489) != 0 ||
        strcmp(show(&discovery.rfc9989, second), test->rfc9989) != 0) {
        print_error("%s\n", test->title);
    }
    assert_string_equal(show(&discovery.rfc7489, first), test->rfc7489);
    assert_string_equal(show(&discovery.rfc9989, second), test->rfc9989);
    assert_int_equal(discovery.has_failed, test->has_failed);
    table_lookup_close(&table);
}

static void check(const struct discovery_case *cases, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        check_one(&cases[i], false);
        check_one(&cases[i], true);
    }
}
#define CHECK(cases) check(cases, sizeof(cases) / sizeof(cases)[0])

/* The rows' texts. */
#define TXT(name, ...)                                                                   \
    {                                                                                    \
        "_dmarc." name, DNS_TXT, DNS_OK, {__VA_ARGS__},                                  \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }
#define FAILED(name)                                                                     \
    {                                                                                    \
        "_dmarc." name, DNS_TXT, DNS_SERVFAIL, {0},                                      \
        {                                                                                \
            0                                                                            \
        }                                                                                \
    }

static void own_record_gives_p(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "p",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; sp=none; np=none")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
        {.title = "np and sp are for names below",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; sp=none; np=none")},
         .is_nxdomain = true,
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
        {.title = "of a subdomain, with a record above it",
         .domain = "a.example.com",
         .rows = {TXT("a.example.com", "v=DMARC1; p=none"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "none example.com a.example.com",
         .rfc9989 = "none example.com a.example.com"},
        {.title = "nothing anywhere",
         .domain = "a.example.com",
         .rows = {{0}},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- a.example.com -"},
    };
    CHECK(CASES);
}

static void inherited_policy_is_sp_then_p_and_np_for_absent_names(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "sp",
         .domain = "a.example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; sp=quarantine; np=none")},
         .rfc7489 = "quarantine example.com example.com",
         .rfc9989 = "quarantine example.com example.com"},
        {.title = "no sp",
         .domain = "a.example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; np=none")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
        {.title = "np is unknown to RFC 7489",
         .domain = "a.example.com",
         .is_nxdomain = true,
         .rows = {TXT("example.com", "v=DMARC1; p=reject; sp=quarantine; np=none")},
         .rfc7489 = "quarantine example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "np falls back to sp",
         .domain = "a.example.com",
         .is_nxdomain = true,
         .rows = {TXT("example.com", "v=DMARC1; p=reject; sp=quarantine")},
         .rfc7489 = "quarantine example.com example.com",
         .rfc9989 = "quarantine example.com example.com"},
        {.title = "then to p",
         .domain = "a.example.com",
         .is_nxdomain = true,
         .rows = {TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
    };
    CHECK(CASES);
}

static void test_mode_takes_one_step_off_in_rfc_9989(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "reject",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; t=y")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "quarantine example.com example.com"},
        {.title = "quarantine",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=quarantine; t=y")},
         .rfc7489 = "quarantine example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "none",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=none; t=y")},
         .rfc7489 = "none example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "inherited",
         .domain = "a.example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=none; sp=reject; t=y")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "quarantine example.com example.com"},
        {.title = "t=n",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; t=n")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
    };
    CHECK(CASES);
}

static void unusable_policy_is_none_where_reports_are_wanted(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "p missing, rua",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1" RUA)},
         .rfc7489 = "none example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "p missing, no rua",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; ruf=mailto:d@example.com")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- example.com -"},
        {.title = "p bad, rua is no URI",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=r; rua=d@example.com")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- example.com -"},
        {.title = "sp bad takes p with it",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; sp=r" RUA)},
         .rfc7489 = "none example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "np bad in RFC 9989 only",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; np=r" RUA)},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "np bad, no rua",
         .domain = "example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=reject; np=r")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "- example.com -"},
        {.title = "sp good, p missing: p=none stands for all of it",
         .domain = "a.example.com",
         .rows = {TXT("example.com", "v=DMARC1; sp=reject" RUA)},
         .rfc7489 = "none example.com example.com",
         .rfc9989 = "none example.com example.com"},
        {.title = "unusable own record ends the search",
         .domain = "a.example.com",
         .rows = {TXT("a.example.com", "v=DMARC1; p=r"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- example.com -"},
    };
    CHECK(CASES);
}

static void several_records_stop_rfc_7489_and_not_rfc_9989(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "at the name",
         .domain = "a.example.com",
         .rows = {TXT("a.example.com", "v=DMARC1; p=none", "v=DMARC1; p=reject"),
                  TXT("example.com", "v=DMARC1; p=quarantine")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "quarantine example.com example.com"},
        {.title = "at the organizational domain",
         .domain = "a.example.com",
         .rows = {TXT("example.com", "v=DMARC1; p=none", "v=DMARC1; p=reject")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- a.example.com -"},
        {.title = "unrelated strings and near misses do not count",
         .domain = "a.example.com",
         .rows = {TXT("a.example.com", "v=dmarc1; p=none", "v=spf1 -all"),
                  TXT("example.com", "hello", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
    };
    CHECK(CASES);
}

static void tree_walk_takes_the_shortest_name_with_a_record(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "records in between only help to find it",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=none"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
        {.title = "a record in between is the shortest",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "reject b.example.com b.example.com"},
        {.title = "a top-level domain's record without psd",
         .domain = "example.com",
         .rows = {TXT("com", "v=DMARC1; p=reject; sp=quarantine")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "quarantine com com"},
        {.title = "a record without usable policy still marks the domain",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=reject"),
                  TXT("example.com", "v=DMARC1")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- example.com -"},
    };
    CHECK(CASES);
}

static void psd_tag_ends_the_walk(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "psd=n is the organizational domain",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=quarantine; psd=n"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "quarantine b.example.com b.example.com"},
        {.title = "psd=n at the name itself",
         .domain = "b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=quarantine; psd=n"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "quarantine example.com b.example.com",
         .rfc9989 = "quarantine b.example.com b.example.com"},
        {.title = "psd=u is as none",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=quarantine; psd=u"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
        {.title = "psd=y: the organizational domain is one below, its record counts",
         .domain = "a.example.gov.uk",
         .rows = {TXT("example.gov.uk", "v=DMARC1; p=reject"),
                  TXT("gov.uk", "v=DMARC1; p=none; psd=y")},
         .rfc7489 = "reject example.gov.uk example.gov.uk",
         .rfc9989 = "reject example.gov.uk example.gov.uk"},
        {.title = "psd=y: without one there the suffix's policy counts",
         .domain = "a.example.gov.uk",
         .rows = {TXT("gov.uk", "v=DMARC1; p=none; sp=reject; psd=y")},
         .rfc7489 = "- example.gov.uk -",
         .rfc9989 = "reject example.gov.uk gov.uk"},
        {.title = "psd=y: np for names that do not exist",
         .domain = "a.example.gov.uk",
         .is_nxdomain = true,
         .rows = {TXT("gov.uk", "v=DMARC1; p=none; sp=none; np=reject; psd=y")},
         .rfc7489 = "- example.gov.uk -",
         .rfc9989 = "reject example.gov.uk gov.uk"},
        {.title = "psd=y: a record below the organizational domain is passed over",
         .domain = "a.b.example.gov.uk",
         .rows = {TXT("b.example.gov.uk", "v=DMARC1; p=reject"),
                  TXT("gov.uk", "v=DMARC1; p=none; psd=y")},
         .rfc7489 = "- example.gov.uk -",
         .rfc9989 = "none example.gov.uk gov.uk"},
        {.title = "psd=y at the name itself",
         .domain = "gov.uk",
         .rows = {TXT("gov.uk", "v=DMARC1; p=none; psd=y"),
                  TXT("uk", "v=DMARC1; p=reject")},
         .rfc7489 = "none gov.uk gov.uk",
         .rfc9989 = "none gov.uk gov.uk"},
        {.title = "the psd of one among several records does not count",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=none; psd=n", "v=DMARC1; p=none"),
                  TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "reject example.com example.com"},
    };
    CHECK(CASES);
}

static void failed_lookup_leaves_the_answer_open(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "at the name",
         .domain = "a.example.com",
         .has_failed = true,
         .rows = {FAILED("a.example.com"), TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- - -"},
        {.title = "above a record: only the organizational domain is open",
         .domain = "a.example.com",
         .has_failed = true,
         .rows = {TXT("a.example.com", "v=DMARC1; p=reject"), FAILED("example.com")},
         .rfc7489 = "reject example.com a.example.com",
         .rfc9989 = "reject - a.example.com"},
        {.title = "in between: RFC 7489 does not ask there",
         .domain = "a.b.example.com",
         .has_failed = true,
         .rows = {FAILED("b.example.com"), TXT("example.com", "v=DMARC1; p=reject")},
         .rfc7489 = "reject example.com example.com",
         .rfc9989 = "- - -"},
        {.title = "beyond psd=n nobody asks",
         .domain = "a.b.example.com",
         .rows = {TXT("b.example.com", "v=DMARC1; p=reject; psd=n"),
                  FAILED("example.com")},
         .has_failed = true, /* RFC 7489 does */
         .rfc7489 = "- example.com -",
         .rfc9989 = "reject b.example.com b.example.com"},
        {.title = "several records at the name settle RFC 7489",
         .domain = "a.example.com",
         .has_failed = true,
         .rows = {TXT("a.example.com", "v=DMARC1", "v=DMARC1;"), FAILED("example.com")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "- - -"},
    };
    CHECK(CASES);
}

static void from_eight_labels_on_the_walk_jumps_to_seven(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        const char *asked[9];
    } CASES[] = {
        {"a.b.c.d.e.f.g.h.i.j.mail.example.com",
         {"_dmarc.a.b.c.d.e.f.g.h.i.j.mail.example.com",
          "_dmarc.g.h.i.j.mail.example.com", "_dmarc.h.i.j.mail.example.com",
          "_dmarc.i.j.mail.example.com", "_dmarc.j.mail.example.com",
          "_dmarc.mail.example.com", "_dmarc.example.com", "_dmarc.com"}},
        {"a.b.c.d.e.f.example.com",
         {"_dmarc.a.b.c.d.e.f.example.com", "_dmarc.b.c.d.e.f.example.com",
          "_dmarc.c.d.e.f.example.com", "_dmarc.d.e.f.example.com",
          "_dmarc.e.f.example.com", "_dmarc.f.example.com", "_dmarc.example.com",
          "_dmarc.com"}},
        {"a.b.c.d.e.example.com",
         {"_dmarc.a.b.c.d.e.example.com", "_dmarc.b.c.d.e.example.com",
          "_dmarc.c.d.e.example.com", "_dmarc.d.e.example.com", "_dmarc.e.example.com",
          "_dmarc.example.com", "_dmarc.com"}},
        {"com", {"_dmarc.com"}},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct table_lookup table;
        struct dmarc_discovery discovery;
        table_lookup_init(&table, NULL, 0);
        discover(&table, CASES[i].domain, false, &discovery);
        size_t count = 0;
        for (; CASES[i].asked[count] != NULL; count++) {
            assert_string_equal(table.asked[count]->name, CASES[i].asked[count]);
        }
        assert_int_equal(table.asked_count, count);
        assert_string_equal(discovery.rfc9989.org_domain, CASES[i].domain);
        table_lookup_close(&table);
    }
}

static void one_below_a_suffix_may_lie_in_the_jump(void **state)
{
    (void)state;
    static const struct discovery_case CASES[] = {
        {.title = "nine labels, psd=y at seven",
         .domain = "a.b.c.d.e.f.g.example.com",
         .rows = {TXT("c.d.e.f.g.example.com", "v=DMARC1; p=reject; psd=y")},
         .rfc7489 = "- example.com -",
         .rfc9989 = "reject b.c.d.e.f.g.example.com c.d.e.f.g.example.com"},
    };
    CHECK(CASES);
}

static void all_questions_go_out_in_the_first_round(void **state)
{
    (void)state;
    static const struct table_row ROWS[] = {TXT("example.com", "v=DMARC1; p=reject")};
    const char *domain = "a.example.com";
    struct table_lookup table;
    struct dmarc_discovery discovery;
    table_lookup_init(&table, ROWS, 1);
    table.is_late = true;
    dmarc_discover(domain, domain + 2, false, &table.lookup, &discovery);
    assert_false(discovery.is_done);
    assert_int_equal(table.asked_count, 3);
    table_lookup_next_round(&table);
    dmarc_discover(domain, domain + 2, false, &table.lookup, &discovery);
    assert_true(discovery.is_done);
    assert_int_equal(table.asked_count, 3);
    table_lookup_close(&table);
}

static void name_too_long_for_the_prefix_has_no_record(void **state)
{
    (void)state;
    char domain[254];
    struct table_lookup table;
    struct dmarc_discovery discovery;
    for (size_t i = 0; i < 253; i++) {
        domain[i] = i % 50 == 49 ? '.' : 'a';
    }
    domain[253] = '\0';
    table_lookup_init(&table, NULL, 0);
    discover(&table, domain, false, &discovery);
    assert_int_equal(discovery.rfc9989.policy, DMARC_POLICY_NULL);
    assert_false(discovery.has_failed);
    assert_int_equal(strlen(table.asked[0]->name), 253 - 50 + 7);
    table_lookup_close(&table);
}

/* --- external report hosts --- */

struct external_case {
    const char *record;
    const char *externals; /* "uri>host>status", joined by a space */
};

static const struct table_row EXTERNAL_ROWS[] = {
    {"example.com._report._dmarc.good.org", DNS_TXT, DNS_OK, {"v=DMARC1"}, {0}},
    {"example.com._report._dmarc.rich.org",
     DNS_TXT,
     DNS_OK,
     {"v=DMARC1; rua=mailto:x@rich.org", "v=DMARC1", "other"},
     {0}},
    {"example.com._report._dmarc.near.org", DNS_TXT, DNS_OK, {"v=dmarc1"}, {0}},
    {"example.com._report._dmarc.slow.org", DNS_TXT, DNS_TIMEOUT, {0}, {0}},
    {"example.com._report._dmarc.none.org", DNS_TXT, DNS_NODATA, {0}, {0}},
};

static void show_externals(const struct dmarc_external *externals, size_t count,
                           char *text)
{
    static const char *const STATUS[] = {"authorised", "missing", "temp_error"};
    text[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        text +=
            sprintf(text, "%s%.*s>%s>%s", i > 0 ? " " : "", (int)externals[i].uri.len,
                    externals[i].uri.ptr, externals[i].host, STATUS[externals[i].status]);
    }
}

static void check_external(const struct external_case *test, const char *domain,
                           bool is_late)
{
    struct suffix_list *suffixes = suffix_list_open(NULL);
    struct table_lookup table;
    struct dmarc_record record;
    struct dmarc_external externals[DMARC_URIS_MAX];
    size_t count;
    char text[4096];
    bool is_done;
    table_lookup_init(&table, EXTERNAL_ROWS,
                      sizeof EXTERNAL_ROWS / sizeof EXTERNAL_ROWS[0]);
    table.is_late = is_late;
    dmarc_parse(span_of(test->record), &record, NULL);
    do {
        is_done =
            dmarc_externals(domain, &record, &table.lookup, suffixes, externals, &count);
    } while (!is_done && table_lookup_next_round(&table));
    assert_true(is_done);
    assert_true(table.round <= 1);
    show_externals(externals, count, text);
    assert_string_equal(text, test->externals);
    table_lookup_close(&table);
    suffix_list_free(suffixes);
}

static void report_hosts_elsewhere_must_agree(void **state)
{
    (void)state;
    static const struct external_case CASES[] = {
        {"v=DMARC1; rua=mailto:a@example.com", ""},
        {"v=DMARC1; rua=mailto:a@reports.example.com", ""},
        {"v=DMARC1; rua=mailto:a@good.org", "mailto:a@good.org>good.org>authorised"},
        {"v=DMARC1; rua=mailto:a@Good.ORG!5m",
         "mailto:a@Good.ORG!5m>good.org>authorised"},
        {"v=DMARC1; rua=mailto:a@sub.good.org",
         "mailto:a@sub.good.org>sub.good.org>missing"},
        {"v=DMARC1; rua=mailto:a@rich.org", "mailto:a@rich.org>rich.org>authorised"},
        {"v=DMARC1; rua=mailto:a@near.org", "mailto:a@near.org>near.org>missing"},
        {"v=DMARC1; rua=mailto:a@none.org", "mailto:a@none.org>none.org>missing"},
        {"v=DMARC1; rua=mailto:a@slow.org", "mailto:a@slow.org>slow.org>temp_error"},
        {"v=DMARC1; ruf=https://slow.org/x; "
         "rua=mailto:a@good.org,mailto:b@example.com,nonsense",
         "mailto:a@good.org>good.org>authorised https://slow.org/x>slow.org>temp_error"},
        {"v=DMARC1; rua=mailto:a@good.org,mailto:b@good.org",
         "mailto:a@good.org>good.org>authorised mailto:b@good.org>good.org>authorised"},
        {"v=DMARC1; rua=https://192.0.2.1/,https://[2001:db8::1]/",
         "https://192.0.2.1/>192.0.2.1>missing "
         "https://[2001:db8::1]/>[2001:db8::1]>missing"},
        {"v=DMARC1; rua=tel:+123", ""},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        check_external(&CASES[i], "example.com", false);
        check_external(&CASES[i], "example.com", true);
    }
}

static void name_asked_is_that_of_the_surveyed_domain(void **state)
{
    (void)state;
    struct suffix_list *suffixes = suffix_list_open(NULL);
    struct table_lookup table;
    struct dmarc_record record;
    struct dmarc_external externals[DMARC_URIS_MAX];
    size_t count;
    table_lookup_init(&table, NULL, 0);
    dmarc_parse(span_of("v=DMARC1; rua=mailto:a@other.org"), &record, NULL);
    dmarc_externals("a.example.com", &record, &table.lookup, suffixes, externals, &count);
    assert_int_equal(table.asked_count, 1);
    assert_string_equal(table.asked[0]->name, "a.example.com._report._dmarc.other.org");
    table_lookup_close(&table);
    suffix_list_free(suffixes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_record_gives_p),
        cmocka_unit_test(inherited_policy_is_sp_then_p_and_np_for_absent_names),
        cmocka_unit_test(test_mode_takes_one_step_off_in_rfc_9989),
        cmocka_unit_test(unusable_policy_is_none_where_reports_are_wanted),
        cmocka_unit_test(several_records_stop_rfc_7489_and_not_rfc_9989),
        cmocka_unit_test(tree_walk_takes_the_shortest_name_with_a_record),
        cmocka_unit_test(psd_tag_ends_the_walk),
        cmocka_unit_test(failed_lookup_leaves_the_answer_open),
        cmocka_unit_test(from_eight_labels_on_the_walk_jumps_to_seven),
        cmocka_unit_test(one_below_a_suffix_may_lie_in_the_jump),
        cmocka_unit_test(all_questions_go_out_in_the_first_round),
        cmocka_unit_test(name_too_long_for_the_prefix_has_no_record),
        cmocka_unit_test(report_hosts_elsewhere_must_agree),
        cmocka_unit_test(name_asked_is_that_of_the_surveyed_domain),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
