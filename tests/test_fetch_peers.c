#include "fetch/fetch.h"

#include "tests/tls_server.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#define HOST "mta-sts.lab.test"
#define RESPONSE "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
#define RESULTS 32

static struct identity root, leaf;
static char ca_file[64];

/* A fetcher on its loop, and what came of each request. */
struct bench {
    uv_loop_t loop;
    struct fetcher *fetcher;
    unsigned asked, count;
    uint32_t order[RESULTS]; /* tags as they came */
    enum fetch_error errors[RESULTS];
    enum fetch_stage stages[RESULTS];
    uint8_t last_bytes[RESULTS]; /* of the address */
    double duration_ms[RESULTS];
    uint64_t turn_ns; /* of 127.0.0.1 */
    unsigned turns;
};

static void on_result(void *arg, uint32_t tag, const struct fetch_result *result)
{
    struct bench *bench = arg;
    assert_true(tag < RESULTS);
    bench->order[bench->count++] = tag;
    bench->errors[tag] = result->error;
    bench->stages[tag] = result->stage;
    bench->last_bytes[tag] = result->address != NULL ? result->address->bytes[3] : 0;
    bench->duration_ms[tag] = result->duration_ms;
}

static fetcher_take_turn *take_turn; /* of the benches opened from now on */

static void open_bench(struct bench *bench, uint32_t timeout_ms, uint32_t per_address)
{
    char error[FETCH_ERROR_LEN];
    const struct fetcher_config config = {.ca_file = ca_file,
                                          .user_agent = "mailcensus/test",
                                          .allow_special = true,
                                          .timeout_ms = timeout_ms,
                                          .per_address = per_address,
                                          .take_turn = take_turn,
                                          .turns = bench,
                                          .window = 50};
    memset(bench, 0, sizeof *bench);
    assert_int_equal(uv_loop_init(&bench->loop), 0);
    assert_int_equal(fetcher_open(&bench->fetcher, &bench->loop, &config, error), 0);
}

static void close_bench(struct bench *bench)
{
    fetcher_close(bench->fetcher);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(&bench->loop), 0);
}

/* 127.0.0.LAST, and after it 127.0.0.SECOND if that is not 0. */
static void ask(struct bench *bench, uint16_t port, uint8_t last, uint8_t second)
{
    const struct fetch_request request = {
        .host = HOST,
        .path = "/",
        .port = port,
        .address_count = second != 0 ? 2 : 1,
        .addresses = {{4, {127, 0, 0, last}}, {4, {127, 0, 0, second}}}};
    fetcher_get(bench->fetcher, &request, on_result, bench, bench->asked++);
}

static void run(struct bench *bench)
{
    uv_run(&bench->loop, UV_RUN_DEFAULT);
    assert_int_equal(bench->count, bench->asked);
}

/* One after the other. */
static enum fetch_error ask_and_run(struct bench *bench, uint16_t port)
{
    ask(bench, port, 1, 0);
    run(bench);
    return bench->errors[bench->asked - 1];
}

static uint64_t connections(const struct bench *bench)
{
    return fetcher_stats(bench->fetcher)->connections;
}

static uint64_t remembered(const struct bench *bench)
{
    return fetcher_stats(bench->fetcher)->remembered;
}

static struct tls_server *answering(const char *address, uint16_t port)
{
    const struct server_script script = {.identity = &leaf, .response = RESPONSE};
    return tls_server_open(&script, address, port);
}

static uint16_t closed_port(void)
{
    struct tls_server *server = answering("127.0.0.1", 0);
    uint16_t port = tls_server_port(server);
    tls_server_close(server);
    return port;
}

static void an_address_has_its_share_of_connections_in_order(void **state)
{
    (void)state;
    static struct bench bench;
    const struct server_script silent = {.act = SERVER_HELLO_SILENT};
    struct tls_server *server = tls_server_open(&silent, "127.0.0.1", 0);
    open_bench(&bench, 200, 5);
    for (unsigned i = 0; i < 17; i++) {
        ask(&bench, tls_server_port(server), 1, 0);
    }
    run(&bench);
    for (unsigned i = 0; i < 17; i++) {
        assert_int_equal(bench.order[i], i);
        assert_int_equal(bench.errors[i], FETCH_TLS_TIMEOUT);
        assert_true(bench.duration_ms[i] < 400); /* waiting does not count */
    }
    close_bench(&bench);
    assert_int_equal(tls_server_connections(server), 17);
    assert_int_equal(tls_server_most_at_once(server), 5);
    tls_server_close(server);
}

static void without_a_limit_all_go_at_once(void **state)
{
    (void)state;
    static struct bench bench;
    const struct server_script silent = {.act = SERVER_HELLO_SILENT};
    struct tls_server *server = tls_server_open(&silent, "127.0.0.1", 0);
    open_bench(&bench, 500, 0);
    for (unsigned i = 0; i < 17; i++) {
        ask(&bench, tls_server_port(server), 1, 0);
    }
    run(&bench);
    close_bench(&bench);
    assert_int_equal(tls_server_most_at_once(server), 17);
    tls_server_close(server);
}

static void other_addresses_do_not_wait_for_a_full_one(void **state)
{
    (void)state;
    static struct bench bench;
    const struct server_script silent = {.act = SERVER_HELLO_SILENT};
    struct tls_server *full = tls_server_open(&silent, "127.0.0.1", 0);
    struct tls_server *other = answering("127.0.0.2", tls_server_port(full));
    open_bench(&bench, 500, 1);
    ask(&bench, tls_server_port(full), 1, 0);
    ask(&bench, tls_server_port(full), 1, 0);
    ask(&bench, tls_server_port(full), 2, 0);
    run(&bench);
    assert_int_equal(bench.order[0], 2);
    assert_int_equal(bench.errors[2], FETCH_OK);
    close_bench(&bench);
    assert_int_equal(tls_server_most_at_once(full), 1);
    tls_server_close(full);
    tls_server_close(other);
}

/* 127.0.0.1 has its turn once in 50 ms, the others always. */
static uint64_t take_turn_of_one(void *turns, const struct fetch_address *address)
{
    struct bench *bench = turns;
    uint64_t now_ns = uv_hrtime();
    if (address->bytes[3] != 1) {
        return 0;
    }
    if (now_ns < bench->turn_ns) {
        return bench->turn_ns - now_ns;
    }
    bench->turn_ns = now_ns + 50000000;
    bench->turns++;
    return 0;
}

static void an_address_waits_for_its_turn_and_holds_up_nobody(void **state)
{
    (void)state;
    static struct bench bench;
    struct tls_server *often = answering("127.0.0.1", 0);
    struct tls_server *other = answering("127.0.0.2", tls_server_port(often));
    take_turn = take_turn_of_one;
    open_bench(&bench, 5000, 0);
    take_turn = NULL;
    uint64_t begun_ns = uv_hrtime();
    for (unsigned i = 0; i < 6; i++) {
        ask(&bench, tls_server_port(often), 1, 0);
    }
    ask(&bench, tls_server_port(often), 2, 0);
    run(&bench);
    assert_true(uv_hrtime() - begun_ns >= UINT64_C(5) * 50000000);
    assert_int_equal(bench.turns, 6);
    assert_true(bench.order[0] == 6 || bench.order[1] == 6);
    for (unsigned i = 0; i < 7; i++) {
        assert_int_equal(bench.errors[i], FETCH_OK);
    }
    close_bench(&bench);
    tls_server_close(often);
    tls_server_close(other);
}

static void the_share_holds_for_a_second_address_too(void **state)
{
    (void)state;
    static struct bench bench;
    const struct server_script closing = {.act = SERVER_HELLO_CLOSE};
    const struct server_script silent = {.act = SERVER_HELLO_SILENT};
    struct tls_server *first = tls_server_open(&closing, "127.0.0.1", 0);
    struct tls_server *second =
        tls_server_open(&silent, "127.0.0.2", tls_server_port(first));
    open_bench(&bench, 300, 2);
    for (unsigned i = 0; i < 6; i++) {
        ask(&bench, tls_server_port(first), 1, 2);
    }
    run(&bench);
    close_bench(&bench);
    assert_int_equal(tls_server_connections(second), 6);
    assert_int_equal(tls_server_most_at_once(second), 2);
    tls_server_close(first);
    tls_server_close(second);
}

static void two_refusals_are_remembered(void **state)
{
    (void)state;
    static struct bench bench;
    uint16_t port = closed_port();
    open_bench(&bench, 5000, 0);
    for (unsigned i = 0; i < 6; i++) {
        assert_int_equal(ask_and_run(&bench, port), FETCH_TCP_REFUSED);
        assert_int_equal(bench.stages[i], FETCH_STAGE_TCP);
        assert_int_equal(bench.last_bytes[i], 1);
        assert_int_equal(connections(&bench), i < 2 ? i + 1 : 2);
    }
    assert_int_equal(remembered(&bench), 4);
    close_bench(&bench);
}

static void stop_loop(uv_timer_t *timer)
{
    uv_close((uv_handle_t *)timer, NULL);
}

static void pass_time(struct bench *bench, uint64_t ms)
{
    uv_timer_t timer;
    uv_timer_init(&bench->loop, &timer);
    uv_timer_start(&timer, stop_loop, ms, 0);
    uv_run(&bench->loop, UV_RUN_DEFAULT);
}

static void a_remembered_refusal_passes(void **state)
{
    (void)state;
    static struct bench bench;
    uint16_t port = closed_port();
    open_bench(&bench, 5000, 0);
    ask_and_run(&bench, port);
    ask_and_run(&bench, port);
    struct tls_server *server = answering("127.0.0.1", port);
    assert_int_equal(ask_and_run(&bench, port), FETCH_TCP_REFUSED);
    assert_int_equal(tls_server_connections(server), 0);
    pass_time(&bench, 2100);
    assert_int_equal(ask_and_run(&bench, port), FETCH_OK);
    assert_int_equal(tls_server_connections(server), 1);
    close_bench(&bench);
    tls_server_close(server);
}

static void a_connection_forgets_a_refusal(void **state)
{
    (void)state;
    static struct bench bench;
    uint16_t port = closed_port();
    open_bench(&bench, 5000, 0);
    assert_int_equal(ask_and_run(&bench, port), FETCH_TCP_REFUSED);
    struct tls_server *server = answering("127.0.0.1", port);
    assert_int_equal(ask_and_run(&bench, port), FETCH_OK);
    tls_server_close(server);
    assert_int_equal(ask_and_run(&bench, port), FETCH_TCP_REFUSED);
    assert_int_equal(ask_and_run(&bench, port), FETCH_TCP_REFUSED);
    assert_int_equal(connections(&bench), 4);
    assert_int_equal(ask_and_run(&bench, port), FETCH_TCP_REFUSED);
    assert_int_equal(connections(&bench), 4);
    close_bench(&bench);
}

static void an_address_remembered_leaves_the_next_one_to_be_tried(void **state)
{
    (void)state;
    static struct bench bench;
    struct tls_server *server = answering("127.0.0.2", 0);
    uint16_t port = tls_server_port(server);
    open_bench(&bench, 5000, 0);
    for (unsigned i = 0; i < 4; i++) {
        ask(&bench, port, 1, 2);
        run(&bench);
        assert_int_equal(bench.errors[i], FETCH_OK);
        assert_int_equal(bench.last_bytes[i], 2);
    }
    assert_int_equal(connections(&bench), 2 + 4);
    assert_int_equal(remembered(&bench), 2);
    close_bench(&bench);
    tls_server_close(server);
}

static void failures_after_the_connection_are_not_remembered(void **state)
{
    (void)state;
    static struct bench bench;
    static const enum server_act acts[] = {SERVER_HELLO_CLOSE, SERVER_HELLO_RESET,
                                           SERVER_HELLO_SILENT, SERVER_REQUEST_RESET};
    for (size_t i = 0; i < sizeof acts / sizeof acts[0]; i++) {
        const struct server_script script = {.act = acts[i], .identity = &leaf};
        struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
        open_bench(&bench, 200, 0);
        for (unsigned j = 0; j < 4; j++) {
            assert_true(ask_and_run(&bench, tls_server_port(server)) != FETCH_OK);
        }
        assert_int_equal(remembered(&bench), 0);
        close_bench(&bench);
        tls_server_close(server);
    }
}

/* The kernel drops a SYN when the queue of connections to accept is full. */
struct full_queue {
    int listener, filling[8];
    uint16_t port;
};

static void open_full_queue(struct full_queue *full)
{
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    full->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(full->listener, (struct sockaddr *)&name, len), 0);
    assert_int_equal(listen(full->listener, 0), 0);
    assert_int_equal(getsockname(full->listener, (struct sockaddr *)&name, &len), 0);
    full->port = ntohs(name.sin_port);
    for (size_t i = 0; i < 8; i++) {
        full->filling[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(full->filling[i], (struct sockaddr *)&name, len);
    }
}

static void close_full_queue(struct full_queue *full)
{
    for (size_t i = 0; i < 8; i++) {
        close(full->filling[i]);
    }
    close(full->listener);
}

static void ask_twice_and_again(struct bench *bench, uint16_t port)
{
    ask(bench, port, 1, 0);
    ask(bench, port, 1, 0);
    run(bench);
    assert_int_equal(ask_and_run(bench, port), FETCH_TCP_TIMEOUT);
}

static void time_outs_are_remembered(void **state)
{
    (void)state;
    static struct bench bench;
    struct full_queue full;
    open_full_queue(&full);
    open_bench(&bench, 2100, 0);
    ask_twice_and_again(&bench, full.port);
    assert_int_equal(connections(&bench), 2);
    assert_int_equal(remembered(&bench), 1);
    assert_true(bench.duration_ms[2] < 1000);
    close_bench(&bench);
    close_full_queue(&full);
}

static void time_outs_too_short_for_a_second_syn_are_not(void **state)
{
    (void)state;
    static struct bench bench;
    struct full_queue full;
    open_full_queue(&full);
    open_bench(&bench, 300, 0);
    ask_twice_and_again(&bench, full.port);
    assert_int_equal(connections(&bench), 3);
    close_bench(&bench);
    close_full_queue(&full);
}

static int make_identities(void **state)
{
    (void)state;
    const struct identity_wish root_wish = {"Lab Root", NULL, NULL, -1, 1, true};
    const struct identity_wish leaf_wish = {HOST, "DNS:" HOST, &root, -1, 1, false};
    identity_make(&root, &root_wish);
    identity_make(&leaf, &leaf_wish);
    strcpy(ca_file, "/tmp/test_fetch_peers.XXXXXX");
    close(mkstemp(ca_file));
    identity_write(&root, ca_file);
    return 0;
}

static int drop_identities(void **state)
{
    (void)state;
    identity_close(&root);
    identity_close(&leaf);
    unlink(ca_file);
    return 0;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_address_has_its_share_of_connections_in_order),
        cmocka_unit_test(without_a_limit_all_go_at_once),
        cmocka_unit_test(other_addresses_do_not_wait_for_a_full_one),
        cmocka_unit_test(an_address_waits_for_its_turn_and_holds_up_nobody),
        cmocka_unit_test(the_share_holds_for_a_second_address_too),
        cmocka_unit_test(two_refusals_are_remembered),
        cmocka_unit_test(a_remembered_refusal_passes),
        cmocka_unit_test(a_connection_forgets_a_refusal),
        cmocka_unit_test(an_address_remembered_leaves_the_next_one_to_be_tried),
        cmocka_unit_test(failures_after_the_connection_are_not_remembered),
        cmocka_unit_test(time_outs_are_remembered),
        cmocka_unit_test(time_outs_too_short_for_a_second_syn_are_not),
    };
    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
