#include "scanner/classify/published.h"

#include "scanner/classify/dmarc.h"
#include "scanner/classify/mta_sts.h"
#include "scanner/classify/tls_rpt.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define TEXTS_MAX 64

struct texts {
    struct dns_answer answer;
    struct dns_record records[TEXTS_MAX];
};

static const struct dns_answer *answer_of(struct texts *texts, const char *const *list)
{
    texts->answer = (struct dns_answer){.status = DNS_OK, .records = texts->records};
    for (; *list != NULL; list++) {
        texts->records[texts->answer.record_count++] =
            (struct dns_record){.data = *list, .data_len = (uint16_t)strlen(*list)};
    }
    return &texts->answer;
}

static void each_filter_counts_its_version_alone(void **state)
{
    (void)state;
    static const struct {
        version_filter *filter;
        const char *text;
        enum version_match match;
    } CASES[] = {
        {mta_sts_version, "v=STSv1;id=1", VERSION_COUNTS},
        {mta_sts_version, "v=STSv1;", VERSION_COUNTS},
        {mta_sts_version, "v=STSv1", VERSION_NEAR_MISS},
        {mta_sts_version, "v=STSv1 ;id=1", VERSION_NEAR_MISS},
        {mta_sts_version, " v=STSv1;id=1", VERSION_NEAR_MISS},
        {mta_sts_version, "\tv=STSv1;id=1", VERSION_NEAR_MISS},
        {mta_sts_version, "V=STSV1;id=1", VERSION_NEAR_MISS},
        {mta_sts_version, "v=STSv12;id=1", VERSION_NEAR_MISS},
        {mta_sts_version, "v=STSv2;id=1", VERSION_NEAR_MISS},
        {mta_sts_version, "v=STSv", VERSION_NEAR_MISS},
        {mta_sts_version, "v=STS1;id=1", VERSION_OTHER},
        {mta_sts_version, "v=STS", VERSION_OTHER},
        {mta_sts_version, "id=1; v=STSv1;", VERSION_OTHER},
        {mta_sts_version, "\"v=STSv1;id=1\"", VERSION_OTHER},
        {tls_rpt_version, "v=TLSRPTv1;rua=mailto:a@b.c", VERSION_COUNTS},
        {tls_rpt_version, "v=TLSRPTv1 ;rua=mailto:a@b.c", VERSION_NEAR_MISS},
        {tls_rpt_version, "v=TLSRPTv1", VERSION_NEAR_MISS},
        {tls_rpt_version, " v=tlsrptv1;", VERSION_NEAR_MISS},
        {tls_rpt_version, "v=TLSRPTv2;", VERSION_NEAR_MISS},
        {tls_rpt_version, "v=TLSRPT", VERSION_NEAR_MISS},
        {tls_rpt_version, "v=TLS-RPTv1;", VERSION_OTHER},
        {dmarc_version, "v=DMARC1", VERSION_COUNTS},
        {dmarc_version, "v=DMARC1;", VERSION_COUNTS},
        {dmarc_version, "v=DMARC1 ; p=none", VERSION_COUNTS},
        {dmarc_version, "v=DMARC1  ", VERSION_COUNTS},
        {dmarc_version, "v \t= DMARC1;p=none", VERSION_COUNTS},
        {dmarc_version, "V=DMARC1;p=none", VERSION_COUNTS},
        {dmarc_version, " v=DMARC1;p=none", VERSION_NEAR_MISS},
        {dmarc_version, "v=dmarc1;p=none", VERSION_NEAR_MISS},
        {dmarc_version, "v = dmarc1;p=none", VERSION_NEAR_MISS},
        {dmarc_version, "v=DMARC1 p=none", VERSION_NEAR_MISS},
        {dmarc_version, "v=DMARC1,p=none", VERSION_NEAR_MISS},
        {dmarc_version, "v=DMARC12;p=none", VERSION_NEAR_MISS},
        {dmarc_version, "v=DMARC", VERSION_NEAR_MISS},
        {dmarc_version, "v=DMAR", VERSION_OTHER},
        {dmarc_version, "p=none; v=DMARC1", VERSION_OTHER},
        {dmarc_version, "vv=DMARC1", VERSION_OTHER},
        {dmarc_version, "v", VERSION_OTHER},
        {dmarc_version, "v=", VERSION_OTHER},
        {dmarc_version, ";v=DMARC1", VERSION_OTHER},
        {dmarc_version, "v=spf1 -all", VERSION_OTHER},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct span text = span_of(CASES[i].text);
        if (CASES[i].filter(text) != CASES[i].match) {
            print_error("%.*s\n", (int)text.len, text.ptr);
        }
        assert_int_equal(CASES[i].filter(text), CASES[i].match);
    }
}

static void deployment_is_what_a_receiver_sees(void **state)
{
    (void)state;
    static const struct {
        const char *texts[4];
        enum deployment deployment;
        size_t records, near_misses;
    } CASES[] = {
        {{NULL}, DEPLOYMENT_ABSENT, 0, 0},
        {{"hello", "v=spf1 -all"}, DEPLOYMENT_ABSENT, 0, 0},
        {{"v=STSv1;id=1", "hello"}, DEPLOYMENT_PRESENT, 1, 0},
        {{"v=STSv1;id=1", "v=STSv2;id=1"}, DEPLOYMENT_PRESENT, 2, 1},
        {{"v=STSv1 ;id=1", "v=STSv2;id=1"}, DEPLOYMENT_ABSENT, 2, 2},
        {{"v=STSv1;id=1", "v=STSv1;id=2"}, DEPLOYMENT_MULTIPLE, 2, 0},
        /* RFC 2181 5: an RRset holds no record twice. */
        {{"v=STSv1;id=1", "v=STSv1;id=1"}, DEPLOYMENT_PRESENT, 1, 0},
    };
    for (size_t i = 0; i < sizeof CASES / sizeof CASES[0]; i++) {
        struct texts texts;
        struct published published;
        published_select(answer_of(&texts, CASES[i].texts), mta_sts_version, &published);
        assert_int_equal(published.deployment, CASES[i].deployment);
        assert_int_equal(published.record_count, CASES[i].records);
        assert_int_equal(published.near_miss_count, CASES[i].near_misses);
        bool is_present = CASES[i].deployment == DEPLOYMENT_PRESENT;
        assert_true(span_equals(published.record, is_present ? "v=STSv1;id=1" : ""));
    }
}

static void failed_lookup_is_never_absent(void **state)
{
    (void)state;
    for (enum dns_status status = DNS_SERVFAIL; status <= DNS_CNAME_LOOP; status++) {
        struct dns_answer answer = {.status = status};
        struct published published;
        published_select(&answer, mta_sts_version, &published);
        assert_int_equal(published.deployment, DEPLOYMENT_TEMP_ERROR);
    }
    static const enum dns_status ANSWERED[] = {DNS_NODATA, DNS_NXDOMAIN};
    for (size_t i = 0; i < 2; i++) {
        struct dns_answer answer = {.status = ANSWERED[i]};
        struct published published;
        published_select(&answer, mta_sts_version, &published);
        assert_int_equal(published.deployment, DEPLOYMENT_ABSENT);
    }
}

static void missing_answer_is_not_checked(void **state)
{
    (void)state;
    struct published published;
    struct dns_answer answer = {.status = DNS_NOT_CHECKED};
    published_select(NULL, mta_sts_version, &published);
    assert_int_equal(published.deployment, DEPLOYMENT_NOT_CHECKED);
    published_select(&answer, mta_sts_version, &published);
    assert_int_equal(published.deployment, DEPLOYMENT_NOT_CHECKED);
}

static void records_are_sorted_by_bytes_and_a_prefix_comes_first(void **state)
{
    (void)state;
    static const char *const TEXTS[] = {"v=STSv1;id=2", "v=STSv1;id=12",  "v=STSv1;id=1",
                                        " v=STSv1;",    "v=STSv\xC3\xA9", NULL};
    static const char *const SORTED[] = {" v=STSv1;", "v=STSv1;id=1", "v=STSv1;id=12",
                                         "v=STSv1;id=2", "v=STSv\xC3\xA9"};
    struct texts texts;
    struct published published;
    published_select(answer_of(&texts, TEXTS), mta_sts_version, &published);
    assert_int_equal(published.record_count, 5);
    for (size_t i = 0; i < 5; i++) {
        assert_true(span_equals(published.records[i], SORTED[i]));
    }
    assert_int_equal(published.near_miss_count, 2);
    assert_true(span_equals(published.near_misses[0], " v=STSv1;"));
}

static void of_many_records_the_least_twenty_are_kept(void **state)
{
    (void)state;
    static char text[30][16];
    const char *list[31] = {NULL};
    for (int i = 0; i < 30; i++) {
        snprintf(text[i], sizeof text[i], "v=STSv1;id=%02d", 29 - i);
        list[i] = text[i];
    }
    struct texts texts;
    struct published published;
    published_select(answer_of(&texts, list), mta_sts_version, &published);
    assert_int_equal(published.deployment, DEPLOYMENT_MULTIPLE);
    assert_int_equal(published.record_count, PUBLISHED_RECORDS_MAX);
    assert_true(span_equals(published.records[0], "v=STSv1;id=00"));
    assert_true(span_equals(published.records[19], "v=STSv1;id=19"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_filter_counts_its_version_alone),
        cmocka_unit_test(deployment_is_what_a_receiver_sees),
        cmocka_unit_test(failed_lookup_is_never_absent),
        cmocka_unit_test(missing_answer_is_not_checked),
        cmocka_unit_test(records_are_sorted_by_bytes_and_a_prefix_comes_first),
        cmocka_unit_test(of_many_records_the_least_twenty_are_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
