#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "resolver/blocklist.h"
#include "resolver/name_servers.h"
#include "resolver/resolver.h"
#include "tests/fake_dns.h"

#define TAG_MAX 4000

struct net {
    uv_loop_t loop;
    struct fake_dns servers[2];
    struct resolver *resolver;
    char name_servers[64];
    unsigned answers[TAG_MAX]; /* callbacks for each tag */
    unsigned answer_count;
    unsigned status_count[DNS_CNAME_LOOP + 1];
    enum dns_status status; /* of the last one */
    enum dns_trust trust;
    unsigned retries;
    size_t text_len;
    char text[16];
    unsigned chain_left; /* ask another question from the callback */
};

static void net_begin(struct net *net)
{
    memset(net, 0, sizeof *net);
    assert_int_equal(uv_loop_init(&net->loop), 0);
    fake_dns_open(&net->servers[0], &net->loop);
    fake_dns_open(&net->servers[1], &net->loop);
    snprintf(net->name_servers, sizeof net->name_servers, "127.0.0.1:%u",
             net->servers[0].port);
}

static void net_two_servers(struct net *net)
{
    snprintf(net->name_servers, sizeof net->name_servers, "127.0.0.1:%u,127.0.0.1:%u",
             net->servers[0].port, net->servers[1].port);
}

static struct resolver_config net_config(const struct net *net)
{
    return (struct resolver_config){.name_servers = net->name_servers,
                                    .timeout_ms = 200,
                                    .retries = 2,
                                    .window = 1000};
}

static void net_open(struct net *net, struct resolver_config config)
{
    char error[RESOLVER_ERROR_LEN];

    if (resolver_open(&net->resolver, &net->loop, &config, error) != 0) {
        fail_msg("%s", error);
    }
}

static void net_end(struct net *net)
{
    if (net->resolver) {
        resolver_close(net->resolver);
    }
    fake_dns_close(&net->servers[0]);
    fake_dns_close(&net->servers[1]);
    assert_int_equal(uv_run(&net->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(uv_loop_close(&net->loop), 0);
}

static void on_answer(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct net *net = arg;

    net->answers[tag]++;
    net->answer_count++;
    net->status_count[answer->status]++;
    net->status = answer->status;
    net->trust = answer->trust;
    net->retries = answer->retries;
    net->text_len = 0;
    if (answer->record_count > 0) {
        net->text_len = answer->records[0].data_len;
        snprintf(net->text, sizeof net->text, "%s", answer->records[0].data);
    }
    if (net->chain_left > 0) {
        net->chain_left--;
        resolver_ask(net->resolver, "next.test", DNS_TXT, on_answer, net, 1);
    }
}

static unsigned times_answered_once(const struct net *net, unsigned count)
{
    unsigned once = 0;

    for (unsigned tag = 0; tag < count; tag++) {
        once += net->answers[tag] == 1;
    }
    return once;
}

static void net_ask(struct net *net, const char *name)
{
    resolver_ask(net->resolver, name, DNS_TXT, on_answer, net, 0);
}

static void net_run(struct net *net)
{
    uv_run(&net->loop, UV_RUN_DEFAULT);
}

static void each_behaviour_of_one_server_ends_in_its_answer(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum dns_status status;
        enum dns_trust trust;
        unsigned retries;
        unsigned udp_queries;
        unsigned tcp_queries;
        size_t text_len;
    } rows[] = {
        {"good.test", DNS_OK, DNS_INSECURE, 0, 1, 0, 5},
        {"validated.test", DNS_OK, DNS_SECURE, 0, 1, 0, 5},
        {"late.test", DNS_OK, DNS_INSECURE, 1, 2, 0, 5},
        {"strange.test", DNS_OK, DNS_INSECURE, 0, 1, 0, 5},
        {"other.test", DNS_OK, DNS_INSECURE, 1, 2, 0, 5},
        {"foreign.test", DNS_MALFORMED, DNS_TRUST_UNKNOWN, 2, 3, 0, 0},
        {"stale.test", DNS_TIMEOUT, DNS_TRUST_UNKNOWN, 2, 3, 0, 0},
        {"silent.test", DNS_TIMEOUT, DNS_TRUST_UNKNOWN, 2, 3, 0, 0},
        {"garbage.test", DNS_TIMEOUT, DNS_TRUST_UNKNOWN, 2, 3, 0, 0},
        {"servfail.test", DNS_SERVFAIL, DNS_TRUST_UNKNOWN, 0, 1, 0, 0},
        {"refused.test", DNS_REFUSED, DNS_TRUST_UNKNOWN, 0, 1, 0, 0},
        {"nxdomain.test", DNS_NXDOMAIN, DNS_INSECURE, 0, 1, 0, 0},
        {"cut.test", DNS_OK, DNS_INSECURE, 0, 1, 1, 10000},
        {"hangup.test", DNS_NETWORK, DNS_TRUST_UNKNOWN, 2, 3, 0, 0},
        {"old.test", DNS_OK, DNS_INSECURE, 0, 2, 0, 5},
        {"a..test", DNS_MALFORMED, DNS_TRUST_UNKNOWN, 0, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net;
        net_begin(&net);
        net_open(&net, net_config(&net));
        net_ask(&net, rows[i].name);
        net_run(&net);
        if (net.status != rows[i].status) {
            fail_msg("%s: %s", rows[i].name, dns_status_text(net.status));
        }
        assert_int_equal(net.answer_count, 1);
        assert_int_equal(net.trust, rows[i].trust);
        assert_int_equal(net.retries, rows[i].retries);
        assert_int_equal(net.servers[0].udp_queries, rows[i].udp_queries);
        assert_int_equal(net.servers[0].tcp_queries, rows[i].tcp_queries);
        assert_int_equal(net.text_len, rows[i].text_len);
        assert_int_equal(resolver_stats(net.resolver)->by_status[rows[i].status], 1);
        assert_int_equal(resolver_stats(net.resolver)->retries, rows[i].retries);
        assert_string_equal(resolver_engine(net.resolver), "stub");
        net_end(&net);
    }
}

static void another_server_is_tried_when_the_first_one_fails(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum dns_status status;
        unsigned queries[2];
    } rows[] = {
        {"silent.test", DNS_TIMEOUT, {2, 1}},  {"servfail.test", DNS_SERVFAIL, {2, 1}},
        {"refused.test", DNS_REFUSED, {2, 1}}, {"nxdomain.test", DNS_NXDOMAIN, {1, 0}},
        {"good.test", DNS_OK, {1, 0}},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net;
        net_begin(&net);
        net_two_servers(&net);
        net_open(&net, net_config(&net));
        net_ask(&net, rows[i].name);
        net_run(&net);
        assert_int_equal(net.status, rows[i].status);
        assert_int_equal(net.servers[0].udp_queries, rows[i].queries[0]);
        assert_int_equal(net.servers[1].udp_queries, rows[i].queries[1]);
        net_end(&net);
    }
}

static void questions_are_spread_over_the_servers(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    net_two_servers(&net);
    net_open(&net, net_config(&net));
    for (int i = 0; i < 100; i++) {
        net_ask(&net, "good.test");
    }
    net_run(&net);
    assert_int_equal(net.status_count[DNS_OK], 100);
    assert_int_equal(net.servers[0].udp_queries, 50);
    assert_int_equal(net.servers[1].udp_queries, 50);
    net_end(&net);
}

static void no_more_questions_are_outstanding_than_the_window_holds(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    struct resolver_config config = net_config(&net);
    config.window = 7;
    net_open(&net, config);
    for (int i = 0; i < 50; i++) {
        net_ask(&net, "slow.test");
    }
    net_run(&net);
    assert_int_equal(net.status_count[DNS_OK], 50);
    assert_int_equal(net.servers[0].outstanding_max, 7);
    net_end(&net);
}

/* Every fifth ms. */
static uint64_t take_turn(void *turns)
{
    uint64_t *next_ns = turns;
    uint64_t now_ns = uv_hrtime();
    if (now_ns < *next_ns) {
        return *next_ns - now_ns;
    }
    *next_ns = now_ns + 5000000;
    return 0;
}

static void each_query_waits_for_its_turn(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    struct resolver_config config = net_config(&net);
    uint64_t next_ns = 0;
    config.take_turn = take_turn;
    config.turns = &next_ns;
    net_open(&net, config);
    uint64_t begin_ns = uv_hrtime();
    for (int i = 0; i < 100; i++) {
        net_ask(&net, "good.test");
    }
    net_run(&net);
    double seconds = (double)(uv_hrtime() - begin_ns) / 1e9;
    assert_int_equal(net.status_count[DNS_OK], 100);
    /* the upper limit leaves room for a busy machine */
    assert_true(seconds > 0.49);
    assert_true(seconds < 3);
    net_end(&net);
}

static void two_thousand_questions_are_each_answered_once(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    struct resolver_config config = net_config(&net);
    config.window = 2000;
    config.timeout_ms = 2000;
    net_open(&net, config);
    for (uint32_t tag = 0; tag < 2000; tag++) {
        resolver_ask(net.resolver, tag % 10 ? "good.test" : "cut.test", DNS_TXT,
                     on_answer, &net, tag);
    }
    net_run(&net);
    assert_int_equal(net.status_count[DNS_OK], 2000);
    assert_int_equal(times_answered_once(&net, 2000), 2000);
    assert_int_equal(net.servers[0].tcp_queries, 200);
    net_end(&net);
}

static void bad_ways_cost_time_and_nothing_else(void **state)
{
    (void)state;
    static const struct fake_dns_ways rows[] = {
        {.lost = 5}, {.twice = 50}, {.late = 50}, {.strange = 50}, {5, 20, 20, 20}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net;
        net_begin(&net);
        net_two_servers(&net);
        net.servers[0].bad_ways = net.servers[1].bad_ways = rows[i];
        struct resolver_config config = net_config(&net);
        config.retries = 8;
        net_open(&net, config);
        for (uint32_t tag = 0; tag < 2000; tag++) {
            resolver_ask(net.resolver, tag % 20 ? "good.test" : "cut.test", DNS_TXT,
                         on_answer, &net, tag);
        }
        net_run(&net);
        assert_int_equal(net.status_count[DNS_OK], 2000);
        assert_int_equal(times_answered_once(&net, 2000), 2000);
        net_end(&net);
    }
}

/* The first hundred find it dead; of the others hardly any does. */
static void a_dead_server_costs_little_and_is_asked_again_when_it_is_back(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    net_two_servers(&net);
    net_open(&net, net_config(&net));
    net.servers[0].is_dead = true;
    for (int i = 0; i < 100; i++) {
        net_ask(&net, "good.test");
    }
    net_run(&net);
    unsigned queries = net.servers[0].udp_queries;
    assert_in_range(queries, 20, 100);
    for (int i = 0; i < 1000; i++) {
        net_ask(&net, "good.test");
    }
    net_run(&net);
    assert_in_range(net.servers[0].udp_queries, queries, queries + 2);
    net.servers[0].is_dead = false;
    for (int i = 0; i < 40 && net.servers[0].udp_queries < queries + 100; i++) {
        net.chain_left = 50;
        net_ask(&net, "slow.test");
        usleep(50000);
        net_run(&net);
    }
    assert_true(net.servers[0].udp_queries >= queries + 100);
    assert_int_equal(net.status_count[DNS_OK], net.answer_count);
    net_end(&net);
}

static void a_server_that_dies_under_load_loses_nothing(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    net_two_servers(&net);
    struct resolver_config config = net_config(&net);
    config.window = 64;
    net_open(&net, config);
    for (uint32_t tag = 0; tag < 2000; tag++) {
        resolver_ask(net.resolver, "good.test", DNS_TXT, on_answer, &net, tag);
    }
    while (net.answer_count < 500) {
        uv_run(&net.loop, UV_RUN_ONCE);
    }
    net.servers[1].is_dead = true;
    net_run(&net);
    assert_int_equal(net.status_count[DNS_OK], 2000);
    assert_int_equal(times_answered_once(&net, 2000), 2000);
    net_end(&net);
}

/* The control question takes the same ways as all others, and goes first. */
static void an_outage_ends_where_the_control_question_needs_a_second_query(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        bool is_old, is_cutting;
        enum dns_status status;
    } rows[] = {{"servfail.test", true, false, DNS_SERVFAIL},
                {"hangup.test", false, true, DNS_NETWORK}};

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct net net;
        net_begin(&net);
        net.servers[0].is_old = rows[i].is_old;
        net.servers[0].is_cutting = rows[i].is_cutting;
        net_open(&net, net_config(&net));
        for (uint32_t tag = 0; tag < 200; tag++) {
            resolver_ask(net.resolver, rows[i].name, DNS_TXT, on_answer, &net, tag);
        }
        alarm(60); /* instead of waiting for ever */
        net_run(&net);
        alarm(0);
        assert_int_equal(net.status_count[rows[i].status], 200);
        assert_int_equal(times_answered_once(&net, 200), 200);
        net_end(&net);
    }
}

static void a_closed_port_is_no_time_out(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    snprintf(net.name_servers, sizeof net.name_servers, "127.0.0.1:1");
    net_open(&net, net_config(&net));
    net_ask(&net, "good.test");
    net_run(&net);
    assert_int_equal(net.answer_count, 1);
    assert_true(net.status == DNS_NETWORK || net.status == DNS_TIMEOUT);
    net_end(&net);
}

/* A process that was stopped finds its answers in the sockets. */
static void what_arrived_while_the_loop_slept_is_heard(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    struct resolver_config config = net_config(&net);
    config.retries = 0;
    net_open(&net, config);
    for (int i = 0; i < 50; i++) {
        net_ask(&net, "good.test");
    }
    uv_run(&net.loop, UV_RUN_NOWAIT); /* sent, and answered perhaps */
    usleep(1000 * 3 * config.timeout_ms);
    net_run(&net);
    assert_int_equal(net.status_count[DNS_OK], 50);
    net_end(&net);
}

static void a_callback_may_ask_the_next_question(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    struct resolver_config config = net_config(&net);
    config.window = 1;
    net_open(&net, config);
    net.chain_left = 100;
    net_ask(&net, "a..b"); /* answered from inside resolver_ask */
    net_run(&net);
    assert_int_equal(net.answer_count, 101);
    assert_int_equal(net.status_count[DNS_OK], 100);
    net_end(&net);
}

static void open_questions_end_when_the_resolver_is_closed(void **state)
{
    (void)state;
    static const char *const names[] = {"silent.test", "slow.test", "cut.test",
                                        "good.test"};

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        for (int turns = 0; turns < 4; turns++) {
            struct net net;
            net_begin(&net);
            struct resolver_config config = net_config(&net);
            config.window = 30;
            net_open(&net, config);
            for (uint32_t tag = 0; tag < 100; tag++) {
                resolver_ask(net.resolver, names[i], DNS_TXT, on_answer, &net, tag);
            }
            for (int turn = 0; turn < turns; turn++) {
                uv_run(&net.loop, UV_RUN_NOWAIT);
            }
            net_end(&net);
            for (uint32_t tag = 0; tag < 100; tag++) {
                assert_int_equal(net.answers[tag], 1);
            }
            assert_int_equal(net.status_count[DNS_NETWORK] + net.status_count[DNS_OK],
                             100);
        }
    }
}

static void an_idle_resolver_does_not_keep_the_loop_running(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    net_open(&net, net_config(&net));
    net_run(&net);
    net_end(&net);
}

static void a_bad_list_of_name_servers_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *list;
        int count; /* -1: refused */
        const char *bad;
    } rows[] = {
        {"192.0.2.1", 1, NULL},
        {"192.0.2.1:5353,[2001:db8::1]:53,2001:db8::2,[2001:db8::3]", 4, NULL},
        {"", -1, ""},
        {"192.0.2.1,", -1, ""},
        {"192.0.2.1,192.0.2", -1, "192.0.2"},
        {"192.0.2.1:0", -1, "192.0.2.1:0"},
        {"192.0.2.1:65536", -1, "192.0.2.1:65536"},
        {"192.0.2.1:65535", 1, NULL},
        {"192.0.2.1:", -1, "192.0.2.1:"},
        {"192.0.2.1:+53", -1, "192.0.2.1:+53"},
        {" 192.0.2.1", -1, " 192.0.2.1"},
        {"[192.0.2.1]:53", -1, "[192.0.2.1]:53"},
        {"[2001:db8::1", -1, "[2001:db8::1"},
        {"[2001:db8::1]53", -1, "[2001:db8::1]53"},
        {"dns.example", -1, "dns.example"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct name_server servers[NAME_SERVERS_MAX];
        const char *bad;
        size_t bad_len;
        int count = name_servers_parse(rows[i].list, servers, &bad, &bad_len);
        if (count != rows[i].count && !(count < 0 && rows[i].count < 0)) {
            fail_msg("\"%s\" gives %d", rows[i].list, count);
        }
        if (count < 0) {
            assert_int_equal(bad_len, strlen(rows[i].bad));
            assert_memory_equal(bad, rows[i].bad, bad_len);
        }
    }
}

static void what_cannot_be_opened_is_told_in_a_sentence(void **state)
{
    (void)state;
    const struct {
        struct resolver_config config;
        const char *error;
    } rows[] = {
        {{.name_servers = "192.0.2.1,nonsense"},
         "name server \"nonsense\" is not IP[:PORT] or [IPv6]:PORT"},
        {{.name_servers = "192.0.2.1", .blocklist_file = "tests/no such file"},
         "tests/no such file: No such file or directory"},
        {{.root_hints = "tests/no such file"},
         "root hints tests/no such file: No such file or directory"},
        {{.blocklist_file = "tests/no such file"},
         "tests/no such file: No such file or directory"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uv_loop_t loop;
        struct resolver *resolver;
        char error[RESOLVER_ERROR_LEN];
        assert_int_equal(uv_loop_init(&loop), 0);
        assert_true(resolver_open(&resolver, &loop, &rows[i].config, error) < 0);
        assert_string_equal(error, rows[i].error);
        assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
        assert_int_equal(uv_loop_close(&loop), 0);
    }
}

static void recursion_answers_local_names_without_a_packet(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    net_open(&net, (struct resolver_config){.window = 10});
    assert_string_equal(resolver_engine(net.resolver), "recursion");
    net.chain_left = 1; /* next.test: "test." is nobody's either (RFC 6761, 6.2) */
    resolver_ask(net.resolver, "localhost", DNS_A, on_answer, &net, 0);
    net_run(&net);
    assert_int_equal(net.answers[0], 1);
    assert_int_equal(net.answers[1], 1);
    assert_int_equal(net.status_count[DNS_OK], 1);
    assert_int_equal(net.status_count[DNS_NXDOMAIN], 1);
    net_end(&net);
}

static void blocklist_lines_are_read_or_refused_with_their_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *cidrs; /* NULL: refused */
        const char *error;
    } rows[] = {
        {"", "", NULL},
        {"# a comment\n\n  192.0.2.1 # one\r\n2001:db8::/32\n",
         "192.0.2.1/32 2001:db8::/32 ", NULL},
        {"192.0.2.77/24", "192.0.2.0/24 ", NULL},
        {"0.0.0.0/0\n::/0\n", "0.0.0.0/0 ::/0 ", NULL},
        {"192.0.2.0/24\n192.0.2.0/33\n", NULL,
         "line 2: not an address or CIDR: 192.0.2.0/33"},
        {"192.0.2.0/", NULL, "line 1: not an address or CIDR: 192.0.2.0/"},
        {"192.0.2.0/-1", NULL, "line 1: not an address or CIDR: 192.0.2.0/-1"},
        {"2001:db8::/129", NULL, "line 1: not an address or CIDR: 2001:db8::/129"},
        {"example.org", NULL, "line 1: not an address or CIDR: example.org"},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char path[] = "/tmp/blocklist-XXXXXX";
        char error[256] = "";
        char cidrs[256] = "";
        struct blocklist blocklist = {0};
        int fd = mkstemp(path);
        assert_true(fd >= 0);
        assert_int_equal(write(fd, rows[i].text, strlen(rows[i].text)),
                         strlen(rows[i].text));
        close(fd);
        int code = blocklist_read(path, &blocklist, error, sizeof error);
        unlink(path);
        for (size_t n = 0; n < blocklist.len; n++) {
            char text[BLOCKLIST_TEXT_MAX];
            blocklist_cidr_text(&blocklist.cidrs[n], text);
            strncat(strncat(cidrs, text, 64), " ", 2);
        }
        blocklist_free(&blocklist);
        assert_int_equal(code == 0, rows[i].cidrs != NULL);
        if (rows[i].cidrs) {
            assert_string_equal(cidrs, rows[i].cidrs);
        } else {
            assert_non_null(strstr(error, rows[i].error));
        }
    }
}

static void an_exempt_address_leaves_the_rest_of_its_range_closed(void **state)
{
    (void)state;
    struct blocklist blocklist = {0};
    struct blocklist_cidr root;
    char cidrs[256] = "";

    assert_true(blocklist_cidr_set(&root, "192.0.2.1"));
    blocklist.cidrs = malloc(sizeof *blocklist.cidrs);
    assert_non_null(blocklist.cidrs);
    blocklist.len = blocklist.room = 1;
    assert_true(blocklist_cidr_set(&blocklist.cidrs[0], "192.0.2.0/29"));
    assert_int_equal(blocklist_exempt(&blocklist, &root), 0);
    for (size_t n = 0; n < blocklist.len; n++) {
        char text[BLOCKLIST_TEXT_MAX];
        blocklist_cidr_text(&blocklist.cidrs[n], text);
        strncat(strncat(cidrs, text, 64), " ", 2);
    }
    assert_string_equal(cidrs, "192.0.2.4/30 192.0.2.2/31 192.0.2.0/32 ");
    assert_int_equal(blocklist_add_embedded(&blocklist), 0);
    assert_int_equal(blocklist.len, 9);
    assert_int_equal(blocklist_add_special(&blocklist), 0);
    blocklist_free(&blocklist);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_behaviour_of_one_server_ends_in_its_answer),
        cmocka_unit_test(another_server_is_tried_when_the_first_one_fails),
        cmocka_unit_test(questions_are_spread_over_the_servers),
        cmocka_unit_test(no_more_questions_are_outstanding_than_the_window_holds),
        cmocka_unit_test(each_query_waits_for_its_turn),
        cmocka_unit_test(two_thousand_questions_are_each_answered_once),
        cmocka_unit_test(bad_ways_cost_time_and_nothing_else),
        cmocka_unit_test(a_dead_server_costs_little_and_is_asked_again_when_it_is_back),
        cmocka_unit_test(a_server_that_dies_under_load_loses_nothing),
        cmocka_unit_test(an_outage_ends_where_the_control_question_needs_a_second_query),
        cmocka_unit_test(a_closed_port_is_no_time_out),
        cmocka_unit_test(what_arrived_while_the_loop_slept_is_heard),
        cmocka_unit_test(a_callback_may_ask_the_next_question),
        cmocka_unit_test(open_questions_end_when_the_resolver_is_closed),
        cmocka_unit_test(an_idle_resolver_does_not_keep_the_loop_running),
        cmocka_unit_test(a_bad_list_of_name_servers_is_told),
        cmocka_unit_test(what_cannot_be_opened_is_told_in_a_sentence),
        cmocka_unit_test(recursion_answers_local_names_without_a_packet),
        cmocka_unit_test(blocklist_lines_are_read_or_refused_with_their_number),
        cmocka_unit_test(an_exempt_address_leaves_the_rest_of_its_range_closed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
