/* The TCP exchanges against a server that misbehaves in every state of a connection. */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#include "resolver/poller.h"
#include "resolver/wire_tcp.h"

#ifndef EXCHANGES
#define EXCHANGES 2000 /* of the stress test */
#endif
#define AT_A_TIME 100
#define NOTHING_MS 60     /* after that nothing will be told */
#define PATIENCE_MS 30000 /* for what must come */
#define BIG_LEN 20000
#define REPLY_MAX (2 + BIG_LEN + 512)

/* ---- the server: the first label of the name tells what it does ---- */

enum ending { STAYS, CLOSES, RESETS };
enum told { REPLY, FAILURE, NOTHING };

static const struct conduct {
    const char *label;
    enum told told;
    enum ending ending;
    /* What is sent, in two pieces with a pause between: to the first offset, to the
     * second. */
    int pieces[2];
    bool is_strange_first; /* a message with another id goes before */
    int surplus;           /* bytes behind the message */
    bool is_malformed;     /* a record's data is shorter than it says */
} conducts[] = {
    {"whole", REPLY, STAYS, {REPLY_MAX, 0}, false, 0},
    {"sliced", REPLY, STAYS, {1, REPLY_MAX}, false, 0},
    {"slices", REPLY, STAYS, {700, REPLY_MAX}, false, 0},
    {"polite", REPLY, CLOSES, {REPLY_MAX, 0}, false, 0},
    {"rude", REPLY, RESETS, {REPLY_MAX, 0}, false, 0},
    {"mixed", REPLY, STAYS, {REPLY_MAX, 0}, true, 0},
    {"extra", REPLY, STAYS, {REPLY_MAX, 0}, false, 1},
    {"more", REPLY, STAYS, {REPLY_MAX, 0}, false, 300},
    {"malformed", REPLY, STAYS, {REPLY_MAX, 0}, false, 0, true},
    {"hangup", FAILURE, CLOSES, {0, 0}, false, 0},
    {"reset", FAILURE, RESETS, {0, 0}, false, 0},
    {"half", FAILURE, CLOSES, {1, 0}, false, 0},
    {"torn", FAILURE, CLOSES, {2, 0}, false, 0},
    {"tornlate", FAILURE, RESETS, {1, 900}, false, 0},
    {"strange", FAILURE, CLOSES, {0, 0}, true, 0},
    {"silent", NOTHING, STAYS, {0, 0}, false, 0},
    {"halfsilent", NOTHING, STAYS, {1, 0}, false, 0},
    {"slowtorn", NOTHING, STAYS, {2, 900}, false, 0},
    {"strangesilent", NOTHING, STAYS, {0, 0}, true, 0},
};
#define CONDUCTS (sizeof conducts / sizeof conducts[0])

struct server {
    uv_tcp_t listener;
    unsigned connections; /* open ones */
    unsigned accepted;
    uint8_t query[2 + PACKET_QUERY_MAX]; /* the last one, with its length */
};

struct connection {
    uv_tcp_t tcp;
    uv_timer_t pause;
    struct server *server;
    const struct conduct *conduct;
    unsigned handles;
    size_t query_len;
    uint8_t query[2 + PACKET_QUERY_MAX];
    size_t reply_len, sent_len;
    uint8_t reply[REPLY_MAX];
};

static void on_handle_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;

    if (--connection->handles == 0) {
        connection->server->connections--;
        free(connection);
    }
}

static void connection_end(struct connection *connection, enum ending ending)
{
    if (uv_is_closing((uv_handle_t *)&connection->tcp)) {
        return;
    }
    if (ending == RESETS) {
        uv_tcp_close_reset(&connection->tcp, on_handle_closed);
    } else {
        uv_close((uv_handle_t *)&connection->tcp, on_handle_closed);
    }
    uv_close((uv_handle_t *)&connection->pause, on_handle_closed);
}

static void connection_send(struct connection *connection, size_t to)
{
    size_t end = to < connection->reply_len ? to : connection->reply_len;

    while (connection->sent_len < end) {
        uv_buf_t buffer = uv_buf_init((char *)connection->reply + connection->sent_len,
                                      (unsigned)(end - connection->sent_len));
        int len = uv_try_write((uv_stream_t *)&connection->tcp, &buffer, 1);
        if (len <= 0) {
            return; /* the other end has gone */
        }
        connection->sent_len += (size_t)len;
    }
}

static void on_pause_over(uv_timer_t *pause)
{
    struct connection *connection = pause->data;

    connection_send(connection, (size_t)connection->conduct->pieces[1]);
    if (connection->conduct->ending != STAYS) {
        connection_end(connection, connection->conduct->ending);
    }
}

/* The question with QR and a TXT record of BIG_LEN bytes. */
static size_t message_write(uint8_t *to, const struct connection *connection)
{
    static const uint8_t head[] = {0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 1, 0x2c};
    /* a HIP record (RFC 8005, 5) that ends inside its HIT, so that the owner of the
     * record behind it may be taken for a length */
    static const uint8_t hip[] = {0, 0, 55, 0,    1,    0, 0,    0,    0, 0,
                                  5, 2, 0,  0x7f, 0xff, 0, 0xc0, 0x0c, 0, 16,
                                  0, 1, 0,  0,    0,    0, 0,    1,    0};
    size_t len = connection->query_len;

    memcpy(to, connection->query, len);
    to[2 + 2] |= 0x80;
    to[2 + 7] = 1;
    memcpy(to + len, head, sizeof head);
    len += sizeof head;
    to[len++] = BIG_LEN >> 8;
    to[len++] = BIG_LEN & 0xff;
    for (size_t i = 0; i < BIG_LEN; i++) {
        to[len++] = i % 250 ? 'x' : 249;
    }
    if (connection->conduct->is_malformed) {
        memcpy(to + len, hip, sizeof hip);
        len += sizeof hip;
        to[2 + 11] = 2;
    }
    to[0] = (uint8_t)((len - 2) >> 8);
    to[1] = (uint8_t)(len - 2);
    return len;
}

static void strange_send(struct connection *connection)
{
    uint8_t message[2 + PACKET_QUERY_MAX];
    uv_buf_t buffer = uv_buf_init((char *)message, (unsigned)connection->query_len);

    memcpy(message, connection->query, connection->query_len);
    message[2] ^= 0xff;
    message[4] |= 0x80;
    (void)uv_try_write((uv_stream_t *)&connection->tcp, &buffer, 1);
}

static const struct conduct *conduct_find(const uint8_t *query)
{
    for (size_t i = 0; i < CONDUCTS; i++) {
        const char *label = conducts[i].label;
        if (query[2 + 12] == strlen(label) &&
            memcmp(query + 2 + 13, label, strlen(label)) == 0) {
            return &conducts[i];
        }
    }
    return &conducts[0];
}

static void connection_answer(struct connection *connection)
{
    const struct conduct *conduct = connection->conduct = conduct_find(connection->query);

    memcpy(connection->server->query, connection->query, connection->query_len);
    connection->reply_len = message_write(connection->reply, connection);
    memset(connection->reply + connection->reply_len, 0, (size_t)conduct->surplus);
    connection->reply_len += (size_t)conduct->surplus;
    if (conduct->is_strange_first) {
        strange_send(connection);
    }
    connection_send(connection, (size_t)conduct->pieces[0]);
    if (conduct->pieces[1] > 0) {
        uv_timer_start(&connection->pause, on_pause_over, 5, 0);
    } else if (conduct->ending != STAYS) {
        connection_end(connection, conduct->ending);
    }
}

static void on_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    struct connection *connection = handle->data;

    (void)wanted;
    *buffer = uv_buf_init((char *)connection->query + connection->query_len,
                          (unsigned)(sizeof connection->query - connection->query_len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;

    (void)buffer;
    if (len < 0) {
        connection_end(connection, CLOSES);
        return;
    }
    connection->query_len += (size_t)len;
    if (connection->query_len > 2 &&
        connection->query_len ==
            2U + (connection->query[0] << 8 | connection->query[1])) {
        connection_answer(connection);
    }
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct server *server = listener->data;
    struct connection *connection = calloc(1, sizeof *connection);

    assert_true(connection && status == 0);
    server->accepted++;
    server->connections++;
    connection->server = server;
    connection->handles = 2;
    uv_tcp_init(listener->loop, &connection->tcp);
    uv_timer_init(listener->loop, &connection->pause);
    connection->tcp.data = connection->pause.data = connection;
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&connection->tcp), 0);
    uv_read_start((uv_stream_t *)&connection->tcp, on_room, on_read);
}

/* ---- the other side ---- */

struct net {
    uv_loop_t loop;
    uv_timer_t tick; /* so that uv_run returns */
    struct server server;
    struct poller *poller;
    struct wire_tcp_set set;
    struct name_server address;
    unsigned told; /* replies and failures */
    unsigned replies;
    size_t reply_len;
    unsigned chain_left;
    unsigned descriptors;
};

static unsigned descriptors_count(void)
{
    DIR *directory = opendir("/proc/self/fd");
    unsigned count = 0;

    assert_non_null(directory);
    while (readdir(directory)) {
        count++;
    }
    closedir(directory);
    return count;
}

static void on_tick(uv_timer_t *tick)
{
    (void)tick;
}

static void on_turn(void *arg)
{
    (void)arg;
}

static void server_open(struct net *net)
{
    struct sockaddr_storage any;
    struct sockaddr_in bound;
    int len = sizeof bound;

    net->address = (struct name_server){.address = {127, 0, 0, 1}, .address_len = 4};
    name_server_address(&net->address, &any);
    uv_tcp_init(&net->loop, &net->server.listener);
    net->server.listener.data = &net->server;
    assert_int_equal(uv_tcp_bind(&net->server.listener, (const struct sockaddr *)&any, 0),
                     0);
    assert_int_equal(uv_listen((uv_stream_t *)&net->server.listener, 512, on_connection),
                     0);
    uv_tcp_getsockname(&net->server.listener, (struct sockaddr *)&bound, &len);
    net->address.port = ntohs(bound.sin_port);
}

static void net_begin(struct net *net)
{
    memset(net, 0, sizeof *net);
    net->descriptors = descriptors_count();
    assert_int_equal(uv_loop_init(&net->loop), 0);
    server_open(net);
    uv_timer_init(&net->loop, &net->tick);
    uv_timer_start(&net->tick, on_tick, 2, 2);
    assert_int_equal(poller_open(&net->poller, &net->loop, on_turn, NULL), 0);
}

static void net_end(struct net *net)
{
    wire_tcp_close(&net->set);
    poller_close(net->poller, NULL, NULL);
    uv_close((uv_handle_t *)&net->server.listener, NULL);
    uv_close((uv_handle_t *)&net->tick, NULL);
    assert_int_equal(uv_run(&net->loop, UV_RUN_DEFAULT), 0);
    assert_int_equal(net->server.connections, 0);
    assert_int_equal(uv_loop_close(&net->loop), 0);
    assert_int_equal(descriptors_count(), net->descriptors);
}

static struct wire_tcp *net_try(struct net *net, const char *name)
{
    struct packet_question question;

    assert_true(packet_question_set(&question, name, DNS_TXT));
    return wire_tcp_ask(&net->set, net->poller, &net->address, &question);
}

static void on_reply(void *arg, const uint8_t *wire, size_t len)
{
    struct net *net = arg;

    net->told++;
    net->reply_len = len;
    if (wire) {
        net->replies++;
        assert_int_equal(wire[2] & 0x80, 0x80);
    }
    if (net->chain_left > 0) {
        net->chain_left--;
        wire_tcp_listen(net_try(net, net->chain_left % 2 ? "half.test" : "whole.test"),
                        on_reply, net);
    }
}

static struct wire_tcp *net_ask(struct net *net, const char *name)
{
    struct wire_tcp *exchange = net_try(net, name);

    assert_non_null(exchange);
    wire_tcp_listen(exchange, on_reply, net);
    return exchange;
}

/* Until so many have been told, or patience ends. */
static void net_wait(struct net *net, unsigned told, unsigned patience_ms)
{
    uint64_t end_ns = uv_hrtime() + patience_ms * UINT64_C(1000000);

    while (net->told < told && uv_hrtime() < end_ns) {
        uv_run(&net->loop, UV_RUN_ONCE);
    }
}

/* The server has seen the end of each connection. */
static void net_settle(struct net *net)
{
    uint64_t end_ns = uv_hrtime() + PATIENCE_MS * UINT64_C(1000000);

    while (net->server.connections > 0 && uv_hrtime() < end_ns) {
        uv_run(&net->loop, UV_RUN_ONCE);
    }
    assert_int_equal(net->server.connections, 0);
}

/* An exchange that follows another one is none the worse for it. */
static void net_check_well(struct net *net)
{
    net->told = net->replies = 0;
    net_ask(net, "whole.test");
    net_wait(net, 1, PATIENCE_MS);
    assert_int_equal(net->told, 1);
    assert_int_equal(net->replies, 1);
    assert_true(net->reply_len > BIG_LEN);
    net_settle(net);
}

static void
each_conduct_of_the_server_ends_in_its_way_and_harms_no_later_question(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONDUCTS; i++) {
        struct net net;
        net_begin(&net);
        struct wire_tcp *exchange = net_ask(&net, conducts[i].label);
        net_wait(&net, 1, conducts[i].told == NOTHING ? NOTHING_MS : PATIENCE_MS);
        if (net.told == 0) {
            wire_tcp_cancel(exchange);
        }
        if (net.told != (conducts[i].told != NOTHING) ||
            net.replies != (conducts[i].told == REPLY)) {
            fail_msg("%s: %u told, %u replies", conducts[i].label, net.told, net.replies);
        }
        net_settle(&net);
        net_check_well(&net);
        assert_int_equal(net.server.accepted, 2);
        assert_null(net.set.busy);
        net_end(&net);
    }
}

static void the_query_is_the_question_alone(void **state)
{
    (void)state;
    static const char label[] = "0123456789012345678901234567890123456789012345678901234";
    char longest[256];
    const char *const names[] = {
        ".",
        "test",
        "a\\.b.test",
        "\\000\\255\\032.test",
        "_dmarc.xn--bcher-kva.test",
        "*.\\\\\\\"\\;\\(\\@\\$.test",
        longest,
    };

    snprintf(longest, sizeof longest, "%s.%s.%s.%s.abcdef.hijklmnopqrstuvwxyz", label,
             label, label, label);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct net net;
        struct packet_question question;
        uint8_t query[PACKET_QUERY_MAX];
        net_begin(&net);
        assert_true(packet_question_set(&question, names[i], DNS_TXT));
        net_ask(&net, names[i]);
        net_wait(&net, 1, PATIENCE_MS);
        if (net.replies != 1) {
            fail_msg("\"%s\" has no reply", names[i]);
        }
        size_t len = packet_query_write(query, &question, 0, true);
        assert_int_equal(net.server.query[0] << 8 | net.server.query[1], len);
        memcpy(query, net.server.query + 2, 2);
        assert_memory_equal(net.server.query + 2, query, len);
        net_end(&net);
    }
}

static void a_closed_port_is_a_failure(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    uint16_t port = net.address.port;
    net.address.port = 1;
    struct wire_tcp *exchange = net_try(&net, "whole.test");
    if (exchange) {
        wire_tcp_listen(exchange, on_reply, &net);
        net_wait(&net, 1, PATIENCE_MS);
        assert_int_equal(net.told, 1);
        assert_int_equal(net.replies, 0);
    }
    net.address.port = port;
    net_check_well(&net);
    net_end(&net);
}

static void a_cancelled_exchange_says_nothing_more(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONDUCTS; i++) {
        for (int turns = 0; turns < 12; turns++) {
            struct net net;
            net_begin(&net);
            struct wire_tcp *exchange = net_ask(&net, conducts[i].label);
            for (int turn = 0; turn < turns && net.told == 0; turn++) {
                uv_run(&net.loop, UV_RUN_NOWAIT);
            }
            unsigned told = net.told;
            if (told == 0) {
                wire_tcp_cancel(exchange);
            }
            net_settle(&net);
            assert_int_equal(net.told, told);
            net_check_well(&net);
            net_end(&net);
        }
    }
}

static void exchanges_in_every_state_end_when_all_is_closed(void **state)
{
    (void)state;
    for (int turns = 0; turns < 12; turns++) {
        struct net net;
        net_begin(&net);
        for (size_t i = 0; i < 3 * CONDUCTS; i++) {
            net_ask(&net, conducts[i % CONDUCTS].label);
        }
        for (int turn = 0; turn < turns; turn++) {
            uv_run(&net.loop, UV_RUN_NOWAIT);
        }
        unsigned told = net.told;
        net_end(&net);
        assert_int_equal(net.told, told);
    }
}

static void without_a_descriptor_there_is_no_exchange(void **state)
{
    (void)state;
    struct net net;
    struct rlimit limit, small;
    int fillers[64];
    size_t count = 0;

    net_begin(&net);
    net_check_well(&net); /* what libraries open once is open */
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    small = limit;
    small.rlim_cur = net.descriptors + 32;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &small), 0);
    while (count < 64 && (fillers[count] = fcntl(1, F_DUPFD_CLOEXEC, 0)) >= 0) {
        count++;
    }
    for (int i = 0; i < 10; i++) {
        assert_null(net_try(&net, "whole.test"));
        assert_true(net.set.is_short);
    }
    while (count > 0) {
        close(fillers[--count]);
    }
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_null(net.set.busy);
    net_check_well(&net);
    net_end(&net);
}

static void the_next_question_may_be_asked_from_a_reply(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    net.chain_left = 50;
    net_ask(&net, "whole.test");
    net_wait(&net, 51, PATIENCE_MS);
    assert_int_equal(net.told, 51);
    assert_int_equal(net.replies, 26);
    assert_int_equal(net.server.accepted, 51);
    net_end(&net);
}

static void on_reply_close_all(void *arg, const uint8_t *wire, size_t len)
{
    struct net *net = arg;

    wire_tcp_close(&net->set);
    on_reply(arg, wire, len);
}

static void all_may_be_closed_from_a_reply(void **state)
{
    (void)state;
    struct net net;

    net_begin(&net);
    for (size_t i = 0; i < CONDUCTS; i++) {
        wire_tcp_listen(net_ask(&net, conducts[i].label), on_reply_close_all, &net);
    }
    net_wait(&net, 1, PATIENCE_MS);
    net_settle(&net);
    assert_int_equal(net.told, 1);
    net_end(&net);
}

/* ---- many ---- */

struct slot {
    struct load *load;
    struct wire_tcp *exchange; /* NULL: none is under way */
    const struct conduct *conduct;
    uint64_t due_ns;
};

struct load {
    struct net net;
    struct slot slots[AT_A_TIME];
    unsigned asked, ended, wrong;
};

static void slot_ask(struct slot *slot);

static void slot_end(struct slot *slot, enum told told)
{
    slot->load->ended++;
    slot->load->wrong += slot->conduct->told != told;
    slot->exchange = NULL;
    slot_ask(slot);
}

static void on_slot_reply(void *arg, const uint8_t *wire, size_t len)
{
    struct slot *slot = arg;

    assert_non_null(slot->exchange); /* told once, and not after it was cancelled */
    assert_true(!wire || len > BIG_LEN);
    slot_end(slot, wire ? REPLY : FAILURE);
}

static void slot_ask(struct slot *slot)
{
    struct load *load = slot->load;

    if (load->asked == EXCHANGES) {
        return;
    }
    slot->conduct = &conducts[load->asked++ % CONDUCTS];
    slot->exchange = net_try(&load->net, slot->conduct->label);
    assert_non_null(slot->exchange);
    wire_tcp_listen(slot->exchange, on_slot_reply, slot);
    /* What should come has as long as it needs. */
    slot->due_ns = uv_hrtime() + (slot->conduct->told == NOTHING ? 20 : PATIENCE_MS) *
                                     UINT64_C(1000000);
}

static void many_exchanges_at_a_time_are_each_told_once(void **state)
{
    (void)state;
    struct load *load = calloc(1, sizeof *load);

    assert_non_null(load);
    net_begin(&load->net);
    for (size_t i = 0; i < AT_A_TIME; i++) {
        load->slots[i].load = load;
        slot_ask(&load->slots[i]);
    }
    while (load->ended < EXCHANGES) {
        uv_run(&load->net.loop, UV_RUN_ONCE);
        for (size_t i = 0; i < AT_A_TIME; i++) {
            struct slot *slot = &load->slots[i];
            if (slot->exchange && uv_hrtime() >= slot->due_ns) {
                wire_tcp_cancel(slot->exchange);
                slot_end(slot, NOTHING);
            }
        }
    }
    assert_int_equal(load->wrong, 0);
    assert_int_equal(load->ended, EXCHANGES);
    net_end(&load->net);
    free(load);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            each_conduct_of_the_server_ends_in_its_way_and_harms_no_later_question),
        cmocka_unit_test(the_query_is_the_question_alone),
        cmocka_unit_test(a_closed_port_is_a_failure),
        cmocka_unit_test(a_cancelled_exchange_says_nothing_more),
        cmocka_unit_test(exchanges_in_every_state_end_when_all_is_closed),
        cmocka_unit_test(without_a_descriptor_there_is_no_exchange),
        cmocka_unit_test(the_next_question_may_be_asked_from_a_reply),
        cmocka_unit_test(all_may_be_closed_from_a_reply),
        cmocka_unit_test(many_exchanges_at_a_time_are_each_told_once),
    };

    signal(SIGPIPE, SIG_IGN);
    uv_loop_close(uv_default_loop()); /* libuv keeps two descriptors from now on */
    return cmocka_run_group_tests(tests, NULL, NULL);
}
