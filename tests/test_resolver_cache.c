#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include <cmocka.h>

#include "resolver/resolver.h"
#include "tests/fake_dns.h"

#define TAG_MAX 2000

struct net {
    uv_loop_t loop;
    struct fake_dns server;
    struct resolver *resolver;
    unsigned answers[TAG_MAX]; /* callbacks for each tag */
    unsigned answer_count;
    unsigned status_count[DNS_CNAME_LOOP + 1];
    unsigned retries; /* of all answers */
    unsigned chain_left;
};

static void net_begin(struct net *net, size_t cache_bytes)
{
    char name_servers[32];
    char error[RESOLVER_ERROR_LEN];
    struct resolver_config config = {.name_servers = name_servers,
                                     .timeout_ms = 200,
                                     .retries = 2,
                                     .window = 50,
                                     .cache_bytes = cache_bytes};

    memset(net, 0, sizeof *net);
    assert_int_equal(uv_loop_init(&net->loop), 0);
    fake_dns_open(&net->server, &net->loop);
    snprintf(name_servers, sizeof name_servers, "127.0.0.1:%u", net->server.port);
    if (resolver_open(&net->resolver, &net->loop, &config, error) != 0) {
        fail_msg("%s", error);
    }
}

static void net_run(struct net *net)
{
    uv_run(&net->loop, UV_RUN_DEFAULT);
}

static void net_end(struct net *net)
{
    resolver_close(net->resolver);
    fake_dns_close(&net->server);
    assert_int_equal(uv_run(&net->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&net->loop), 0);
}

static void on_answer(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct net *net = arg;

    net->answers[tag]++;
    net->answer_count++;
    net->status_count[answer->status]++;
    net->retries += answer->retries;
    if (net->chain_left > 0) {
        net->chain_left--;
        resolver_ask(net->resolver, "next.test", DNS_TXT, on_answer, net, tag);
    }
}

static void ask(struct net *net, const char *name, uint32_t tag)
{
    resolver_ask(net->resolver, name, DNS_TXT, on_answer, net, tag);
}

static void assert_each_answered_once(const struct net *net, unsigned count)
{
    assert_int_equal(net->answer_count, count);
    for (unsigned tag = 0; tag < count; tag++) {
        assert_int_equal(net->answers[tag], 1);
    }
}

static void one_query_serves_all_who_ask_the_same(void **state)
{
    (void)state;
    struct net net;
    const struct resolver_stats *stats;

    net_begin(&net, 1 << 20);
    for (uint32_t tag = 0; tag < 100; tag++) {
        ask(&net, tag % 3 ? "slow.test" : "SLOW.test.", tag);
    }
    net_run(&net);
    assert_each_answered_once(&net, 100);
    assert_int_equal(net.server.udp_queries, 1);
    ask(&net, "slow.test", 100);
    assert_int_equal(net.answers[100], 1); /* from inside resolver_ask */
    stats = resolver_stats(net.resolver);
    assert_int_equal(stats->queries, 1);
    assert_int_equal(stats->coalesced, 99);
    assert_int_equal(stats->cache_hits, 1);
    assert_int_equal(stats->by_status[DNS_OK], 101);
    net_end(&net);
}

static void without_a_cache_each_question_is_asked_for_itself(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 0);
    for (uint32_t tag = 0; tag < 10; tag++) {
        ask(&net, "slow.test", tag);
    }
    net_run(&net);
    assert_each_answered_once(&net, 10);
    assert_int_equal(net.server.udp_queries, 10);
    ask(&net, "slow.test", 10);
    net_run(&net);
    assert_int_equal(net.server.udp_queries, 11);
    assert_int_equal(resolver_stats(net.resolver)->coalesced, 0);
    assert_int_equal(resolver_stats(net.resolver)->cache_hits, 0);
    net_end(&net);
}

static void another_type_is_another_question(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 1 << 20);
    resolver_ask(net.resolver, "slow.test", DNS_TXT, on_answer, &net, 0);
    resolver_ask(net.resolver, "slow.test", DNS_MX, on_answer, &net, 1);
    resolver_ask(net.resolver, "slow.slow.test", DNS_TXT, on_answer, &net, 2);
    net_run(&net);
    assert_each_answered_once(&net, 3);
    assert_int_equal(net.server.udp_queries, 3);
    net_end(&net);
}

static void who_asked_first_bears_the_retries(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 1 << 20);
    for (uint32_t tag = 0; tag < 5; tag++) {
        ask(&net, "silent.test", tag);
    }
    net_run(&net);
    ask(&net, "silent.test", 5);
    assert_each_answered_once(&net, 6);
    assert_int_equal(net.status_count[DNS_TIMEOUT], 6);
    assert_int_equal(net.retries, 2);
    assert_int_equal(net.server.udp_queries, 3);
    net_end(&net);
}

static void what_may_be_remembered_is_not_asked_again(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum dns_status status;
        bool is_kept;
    } rows[] = {
        {"good.test", DNS_OK, true},
        {"fleeting.test", DNS_OK, false},
        {"cut.test", DNS_OK, true},
        {"gone.test", DNS_NXDOMAIN, true},
        {"nxdomain.test", DNS_NXDOMAIN, false}, /* without SOA */
        {"servfail.test", DNS_SERVFAIL, true},
        {"refused.test", DNS_REFUSED, true},
        {"silent.test", DNS_TIMEOUT, true},
        {"hangup.test", DNS_NETWORK, false},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net;
        net_begin(&net, 16 << 20);
        ask(&net, rows[i].name, 0);
        ask(&net, rows[i].name, 1);
        net_run(&net);
        uint64_t queries = resolver_stats(net.resolver)->queries;
        ask(&net, rows[i].name, 2);
        net_run(&net);
        assert_each_answered_once(&net, 3);
        assert_int_equal(net.status_count[rows[i].status], 3);
        if ((resolver_stats(net.resolver)->queries == queries) != rows[i].is_kept) {
            fail_msg("%s", rows[i].name);
        }
        net_end(&net);
    }
}

static void what_is_no_name_is_not_remembered(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 1 << 20);
    ask(&net, "a..test", 0);
    ask(&net, "a..test", 1);
    assert_int_equal(net.status_count[DNS_MALFORMED], 2);
    assert_int_equal(resolver_stats(net.resolver)->cache_hits, 0);
    net_end(&net);
}

/* A brief question is spared an attempt that the next one may want. */
static void a_brief_failure_is_remembered_only_if_somebody_wanted_all(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_joined;
        bool is_kept;
    } rows[] = {
        {"servfail.test", false, false},
        {"servfail.test", true, true},
        {"silent.test", false, true}, /* the stub has made all attempts */
        {"good.test", false, true},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net;
        net_begin(&net, 1 << 20);
        resolver_ask_briefly(net.resolver, rows[i].name, DNS_TXT, on_answer, &net, 0);
        if (rows[i].is_joined) {
            ask(&net, rows[i].name, 0);
        }
        net_run(&net);
        ask(&net, rows[i].name, 1);
        if ((net.answers[1] == 1) != rows[i].is_kept) {
            fail_msg("row %zu", i);
        }
        net_run(&net);
        net_end(&net);
    }
}

static void a_callback_may_ask_what_is_known(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 1 << 20);
    net.chain_left = 100;
    ask(&net, "first.test", 0);
    net_run(&net);
    assert_int_equal(net.answer_count, 101);
    assert_int_equal(net.status_count[DNS_OK], 101);
    assert_int_equal(net.server.udp_queries, 2);
    net_end(&net);
}

/* Each of them asks again from its callback, where the answer cannot be remembered. */
static void a_callback_may_ask_its_own_question_again(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 1 << 20);
    net.chain_left = 10;
    for (uint32_t tag = 0; tag < 10; tag++) {
        ask(&net, "fleeting.test", tag);
    }
    net_run(&net);
    assert_int_equal(net.answer_count, 20);
    assert_int_equal(net.server.udp_queries, 2); /* fleeting.test, next.test */
    net.chain_left = 0;
    ask(&net, "fleeting.test", 0);
    net_run(&net);
    assert_int_equal(net.server.udp_queries, 3);
    net_end(&net);
}

struct reader {
    struct net *net;
    unsigned depth;
};

/* Asks what is known and what is not, then looks at its own answer. */
static void on_read(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct reader *reader = arg;

    if (reader->depth++ < 20) {
        resolver_ask(reader->net->resolver, "known.test", DNS_TXT, on_read, reader, 0);
        resolver_ask(reader->net->resolver, tag ? "new.test" : "newer.test", DNS_TXT,
                     on_answer, reader->net, 0);
    }
    assert_int_equal(answer->status, DNS_OK);
    assert_int_equal(answer->record_count, 1);
    assert_int_equal(answer->records[0].data_len, 5);
    assert_string_equal(answer->records[0].data, "hello");
}

static void an_answer_holds_whatever_its_callback_asks(void **state)
{
    (void)state;
    struct net net;
    struct reader reader = {.net = &net};

    net_begin(&net, 1 << 20);
    ask(&net, "known.test", 0);
    net_run(&net);
    for (uint32_t tag = 0; tag < 3; tag++) {
        reader.depth = 0;
        resolver_ask(net.resolver, tag ? "fresh.test" : "known.test", DNS_TXT, on_read,
                     &reader, tag);
        net_run(&net);
        assert_true(reader.depth > 20);
    }
    net_end(&net);
}

static void closing_answers_all_who_wait(void **state)
{
    (void)state;
    static const char *const names[] = {"silent.test", "slow.test", "cut.test",
                                        "good.test"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int turns = 0; turns < 4; turns++) {
            struct net net;
            net_begin(&net, 1 << 20);
            for (uint32_t tag = 0; tag < 300; tag++) {
                char other[32];
                snprintf(other, sizeof other, "silent.other%u.test", (unsigned)tag % 90);
                ask(&net, tag % 2 ? names[i] : other, tag);
            }
            for (int turn = 0; turn < turns; turn++) {
                uv_run(&net.loop, UV_RUN_NOWAIT);
            }
            net_end(&net);
            assert_each_answered_once(&net, 300);
            assert_int_equal(net.status_count[DNS_NETWORK] + net.status_count[DNS_OK],
                             300);
        }
    }
}

static void what_is_asked_while_closing_is_answered_too(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net, 1 << 20);
    ask(&net, "next.test", 0); /* known then */
    net_run(&net);
    for (uint32_t tag = 1; tag < 10; tag++) {
        ask(&net, "silent.test", tag);
    }
    net.chain_left = 5;
    net_end(&net);
    assert_int_equal(net.answer_count, 10 + 5);
    assert_int_equal(net.status_count[DNS_NETWORK], 9 + 5);
}

static void shared_names_are_asked_once_each_on_bad_ways(void **state)
{
    (void)state;
    static const size_t sizes[] = {1 << 20, 8192, 1}; /* all fits, some, nothing */

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct net net;
        net_begin(&net, sizes[i]);
        net.server.bad_ways = (struct fake_dns_ways){5, 20, 20, 20};
        for (uint32_t tag = 0; tag < TAG_MAX; tag++) {
            char name[32];
            snprintf(name, sizeof name, "shared%u.test", (unsigned)(tag * 7 % 40));
            ask(&net, name, tag);
            if (tag % 50 == 49) {
                uv_run(&net.loop, UV_RUN_NOWAIT);
            }
        }
        net_run(&net);
        assert_each_answered_once(&net, TAG_MAX);
        const struct resolver_stats *stats = resolver_stats(net.resolver);
        assert_int_equal(stats->queries - stats->retries + stats->cache_hits +
                             stats->coalesced,
                         TAG_MAX);
        if (sizes[i] == 1 << 20) {
            assert_in_range(stats->queries - stats->retries, 40, 60);
        }
        net_end(&net);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_query_serves_all_who_ask_the_same),
        cmocka_unit_test(without_a_cache_each_question_is_asked_for_itself),
        cmocka_unit_test(another_type_is_another_question),
        cmocka_unit_test(who_asked_first_bears_the_retries),
        cmocka_unit_test(what_may_be_remembered_is_not_asked_again),
        cmocka_unit_test(what_is_no_name_is_not_remembered),
        cmocka_unit_test(a_brief_failure_is_remembered_only_if_somebody_wanted_all),
        cmocka_unit_test(a_callback_may_ask_what_is_known),
        cmocka_unit_test(a_callback_may_ask_its_own_question_again),
        cmocka_unit_test(an_answer_holds_whatever_its_callback_asks),
        cmocka_unit_test(closing_answers_all_who_wait),
        cmocka_unit_test(what_is_asked_while_closing_is_answered_too),
        cmocka_unit_test(shared_names_are_asked_once_each_on_bad_ways),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
