/* Stub: asks recursive resolvers over UDP, many datagrams a system call, one packet each
 * way a question; an answer that is cut is fetched whole over TCP.
 *
 * Per question there is no system call of its own, no timer, no allocation: all attempts
 * may take equally long, so the one that times out next is the oldest, and one tick looks
 * after them all. The tick's clock stands still while the loop does not turn (a stopped
 * process, a slow callback): what has arrived meanwhile is read before its question times
 * out.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <libknot/consts.h>
#include <libknot/packet/wire.h>
#include <uv.h>

#include "resolver/blocklist.h"
#include "resolver/engine.h"
#include "resolver/name_servers.h"
#include "resolver/wire_attempts.h"
#include "resolver/wire_server.h"
#include "resolver/wire_socket.h"
#include "resolver/wire_tcp.h"

#define TIMEOUT_MS_DEFAULT 2000
#define TICKS_A_TIMEOUT 16
#define TICK_MS_MAX 100
/* Questions outstanding on one socket, about: a default socket buffer takes some 250
 * answers at once, and they never come all at once. */
#define QUESTIONS_A_SOCKET 512
#define SOCKETS_MIN 4 /* a guess of id and port must not get easier than this */
#define SOCKETS_MAX 256
#define SOCKETS_A_SERVER_MAX 32
/* Over one socket, before it is another one's turn: what libuv 1.44 sends in one call. */
#define QUESTIONS_IN_A_ROW 20
/* To look for a local port where there is none takes the kernel a while. */
#define SHORTAGE_WAIT_MS 50
/* TCP connections to one server at a time. Each has a context of getdns: 300 KB. */
#define TCP_QUERIES_MAX 32

struct tcp_line {
    unsigned queries;    /* asked or about to be */
    struct query *first; /* waiting for one of those to end */
    struct query *last;
};

struct engine {
    struct resolver *resolver;
    struct poller *poller;
    uv_loop_t *loop;
    uv_timer_t tick;
    struct packet_parser *parser;
    struct wire_sockets *sockets;
    struct wire_servers servers;
    unsigned sockets_each;
    unsigned turn; /* of the sockets */
    uint32_t timeout_ms, tick_ms;
    uint64_t last_tick_ms; /* by the loop's clock */
    struct wire_attempts attempts;
    struct wire_tcp_set exchanges;
    uint64_t short_until_ms; /* no connection before that; by the loop's clock */
    struct tcp_line tcp[NAME_SERVERS_MAX];
};

/* ---- attempts ---- */

static void on_tick(uv_timer_t *tick);

/* Nothing ticks while nothing is under way. */
static void tick_start(struct engine *engine)
{
    if (!engine->attempts.oldest) {
        engine->last_tick_ms = uv_now(engine->loop);
        uv_timer_start(&engine->tick, on_tick, engine->tick_ms, engine->tick_ms);
    }
}

static void tick_stop(struct engine *engine)
{
    if (!engine->attempts.oldest) {
        uv_timer_stop(&engine->tick);
    }
}

static void attempt_begin(struct engine *engine, struct query *query)
{
    tick_start(engine);
    wire_attempts_add(&engine->attempts, query);
}

static void attempt_end(struct engine *engine, struct query *query)
{
    wire_attempts_remove(&engine->attempts, query);
    tick_stop(engine);
    engine->servers.all[query->server].outstanding--;
}

static void tcp_attempt_begin(struct engine *engine, struct query *query)
{
    tick_start(engine);
    wire_attempts_watch(&engine->attempts, query);
}

static void tcp_attempt_end(struct engine *engine, struct query *query)
{
    wire_attempts_unwatch(&engine->attempts, query);
    tick_stop(engine);
}

/* ---- TCP ---- */

/* The answer did not fit into a datagram (RFC 7766, 5): the same server, over TCP. The
 * control question does not line up: all others may be waiting for it (outage.h). */
static void tcp_begin(struct engine *engine, struct query *query)
{
    struct tcp_line *line = &engine->tcp[query->server];

    query->is_tcp = true;
    if (line->queries < TCP_QUERIES_MAX || query->is_control) {
        line->queries++;
        engine_follow_up(engine->resolver, query);
        return;
    }
    query->tcp_next = NULL;
    *(line->first ? &line->last->tcp_next : &line->first) = query;
    line->last = query;
}

static void tcp_end(struct engine *engine, struct query *query)
{
    struct tcp_line *line = &engine->tcp[query->server];
    struct query *next = line->first;

    query->is_tcp = false;
    if (next) {
        line->first = next->tcp_next;
        engine_follow_up(engine->resolver, next);
    } else {
        line->queries--;
    }
}

/* ---- replies ---- */

/* Another server may know what this one could not find out. */
static bool is_worth_another(const struct engine *engine, enum dns_status status)
{
    return status == DNS_MALFORMED || (engine->servers.count > 1 &&
                                       (status == DNS_SERVFAIL || status == DNS_REFUSED));
}

static void wire_hear(struct engine *engine, struct query *query, const uint8_t *wire,
                      size_t len)
{
    struct dns_answer answer;

    packet_parse(engine->parser, wire, len, &query->question, &answer);
    if (is_worth_another(engine, answer.status)) {
        engine_retry(engine->resolver, query, answer.status);
    } else {
        engine_answer(engine->resolver, query, &answer);
    }
}

/* A server that does not know EDNS says so, without an OPT record (RFC 6891, 7). */
static bool is_edns_refused(const uint8_t *wire)
{
    uint8_t rcode = knot_wire_get_rcode(wire);

    return (rcode == KNOT_RCODE_FORMERR || rcode == KNOT_RCODE_NOTIMPL) &&
           knot_wire_get_arcount(wire) == 0;
}

static bool is_refusal(const uint8_t *wire)
{
    uint8_t rcode = knot_wire_get_rcode(wire);

    return rcode == KNOT_RCODE_SERVFAIL || rcode == KNOT_RCODE_REFUSED;
}

static void server_hear(struct engine *engine, struct query *query, const uint8_t *wire)
{
    struct wire_servers *servers = &engine->servers;
    uint64_t now_ms = uv_now(engine->loop);
    uint32_t rtt_ms = (uint32_t)now_ms - query->sent_ms;

    if (query->timeouts > 0 && query->lost_at != query->server) {
        window_hear(&servers->all[query->lost_at].window, now_ms, query->timeouts);
        query->timeouts = 0;
    }
    wire_server_heard(&servers->all[query->server], now_ms, rtt_ms, query->timeouts);
    query->timeouts = 0;
    if (is_refusal(wire)) {
        wire_server_refused(&servers->all[query->server], now_ms);
    } else {
        wire_server_answered(&servers->all[query->server]);
    }
}

static void on_reply(void *arg, unsigned socket, const uint8_t *wire, size_t len)
{
    struct engine *engine = arg;
    struct query *query =
        len < KNOT_WIRE_HEADER_SIZE
            ? NULL
            : wire_attempts_find(&engine->attempts, socket, knot_wire_get_id(wire));

    if (!query) {
        return; /* a duplicate, or later than its time-out */
    }
    if (!packet_is_reply(wire, len, &query->question)) {
        query->has_met_another = true;
        return;
    }
    attempt_end(engine, query);
    server_hear(engine, query, wire);
    if (knot_wire_get_tc(wire)) {
        tcp_begin(engine, query);
    } else if (!query->is_plain && is_edns_refused(wire)) {
        query->is_plain = true;
        engine_follow_up(engine->resolver, query);
    } else {
        wire_hear(engine, query, wire, len);
    }
}

static void on_tcp_reply(void *arg, const uint8_t *wire, size_t len)
{
    struct query *query = arg;
    struct engine *engine = query->engine;

    tcp_attempt_end(engine, query);
    tcp_end(engine, query);
    if (wire) {
        wire_hear(engine, query, wire, len);
    } else {
        engine_retry(engine->resolver, query, DNS_NETWORK);
    }
    engine_turn(engine->resolver);
}

static void on_not_sent(void *arg, unsigned socket, uint16_t id)
{
    struct engine *engine = arg;
    struct query *query = wire_attempts_find(&engine->attempts, socket, id);

    if (query) {
        attempt_end(engine, query);
        engine_retry(engine->resolver, query, DNS_NETWORK);
    }
}

static void on_unreachable(void *arg, unsigned socket)
{
    struct engine *engine = arg;

    wire_server_unreachable(&engine->servers.all[socket / engine->sockets_each],
                            uv_now(engine->loop));
}

static void on_turn(void *arg)
{
    struct engine *engine = arg;

    engine_turn(engine->resolver);
}

/* ---- time ---- */

/* Who answers another question does so every time. Once, it may be a late answer to a
 * question that had timed out: ids are drawn again soon. */
static enum dns_status unanswered_status(struct query *query)
{
    query->has_met_silence |= !query->has_met_another;
    query->has_met_another = false;
    return query->has_met_silence ? DNS_TIMEOUT : DNS_MALFORMED;
}

static void time_out(struct engine *engine, struct query *query)
{
    enum dns_status status = unanswered_status(query);

    if (query->is_tcp) {
        tcp_attempt_end(engine, query);
        wire_tcp_cancel(query->exchange);
        tcp_end(engine, query);
    } else {
        attempt_end(engine, query);
        wire_server_timed_out(&engine->servers.all[query->server], uv_now(engine->loop));
        query->lost_at = query->server;
    }
    engine_retry(engine->resolver, query, status);
}

static void on_tick(uv_timer_t *tick)
{
    struct engine *engine = tick->data;
    uint64_t now_ms = uv_now(engine->loop);
    uint64_t passed_ms = now_ms - engine->last_tick_ms;
    uint64_t most_ms = UINT64_C(2) * engine->tick_ms;

    engine->last_tick_ms = now_ms;
    wire_attempts_pass(&engine->attempts, passed_ms < most_ms ? passed_ms : most_ms);
    for (struct query *query; (query = wire_attempts_overdue(&engine->attempts));) {
        time_out(engine, query);
    }
    engine_turn(engine->resolver);
}

/* ---- asking ---- */

/* An id that is free on some socket of the server. Sockets hold far fewer questions than
 * there are ids, so the first draw is it as a rule. */
static void id_choose(struct engine *engine, struct query *query)
{
    do {
        query->socket =
            (uint16_t)(query->server * engine->sockets_each +
                       engine->turn++ / QUESTIONS_IN_A_ROW % engine->sockets_each);
        query->id = wire_attempts_draw_id(&engine->attempts);
    } while (wire_attempts_find(&engine->attempts, query->socket, query->id));
}

static void server_choose(struct engine *engine, struct query *query)
{
    struct wire_servers *servers = &engine->servers;
    unsigned chosen = query->attempts > 1
                          ? wire_servers_choose_other(servers, query->server)
                          : wire_servers_choose(servers, uv_now(engine->loop));

    query->server = (uint8_t)chosen;
}

static void query_send(struct engine *engine, struct query *query)
{
    struct wire_packet *packet = wire_packet_take(engine->sockets);

    server_choose(engine, query);
    id_choose(engine, query);
    query->sent_ms = (uint32_t)uv_now(engine->loop);
    attempt_begin(engine, query);
    if (packet) {
        packet->len = (unsigned)packet_query_write(packet->bytes, &query->question,
                                                   query->id, query->is_plain);
        if (wire_packet_send(packet, engine->sockets, query->socket)) {
            return;
        }
    } else {
        poller_lack_memory(engine->poller);
    }
    attempt_end(engine, query);
    engine_retry(engine->resolver, query, DNS_NETWORK);
}

static void wire_ask(struct engine *engine, struct query *query);

static void on_room_wait(struct poller_event *event, unsigned ready)
{
    struct query *query = event->arg;

    (void)ready;
    wire_ask(query->engine, query);
}

static void room_wait(struct engine *engine, struct query *query)
{
    if (query->waits == 0) {
        engine_note_shortage(engine->resolver);
    }
    if (++query->waits <= ROOM_WAITS_MAX) {
        query->deadline = (struct poller_event){.on_event = on_room_wait, .arg = query};
        poller_start_timer(engine->poller, &query->deadline, ROOM_WAIT_MS);
        return;
    }
    tcp_end(engine, query);
    engine_retry(engine->resolver, query, DNS_NETWORK);
}

static void query_send_tcp(struct engine *engine, struct query *query)
{
    const struct name_server *server = &engine->servers.all[query->server].address;

    query->exchange =
        wire_tcp_ask(&engine->exchanges, engine->poller, server, &query->question);
    if (query->exchange) {
        wire_tcp_listen(query->exchange, on_tcp_reply, query);
        tcp_attempt_begin(engine, query);
    } else if (engine->exchanges.is_short) {
        engine->short_until_ms = uv_now(engine->loop) + SHORTAGE_WAIT_MS;
        room_wait(engine, query);
    } else {
        tcp_end(engine, query);
        engine_retry(engine->resolver, query, DNS_NETWORK);
    }
}

static bool has_room_for_tcp(const struct engine *engine)
{
    return uv_now(engine->loop) >= engine->short_until_ms &&
           poller_has_room(engine->poller);
}

static void wire_ask(struct engine *engine, struct query *query)
{
    query->engine = engine;
    if (!query->is_tcp) {
        query_send(engine, query);
    } else if (has_room_for_tcp(engine)) {
        query_send_tcp(engine, query);
    } else {
        room_wait(engine, query);
    }
}

static bool wire_has_room(const struct engine *engine)
{
    return wire_servers_have_room(&engine->servers);
}

/* ---- life ---- */

/* How many there are, or -EINVAL. */
static int servers_parse(const char *list, struct name_server servers[NAME_SERVERS_MAX],
                         char error[RESOLVER_ERROR_LEN])
{
    const char *bad;
    size_t bad_len;
    int count = name_servers_parse(list, servers, &bad, &bad_len);

    if (count < 0) {
        return engine_fail(error, EINVAL,
                           "name server \"%.*s\" is not IP[:PORT] or [IPv6]:PORT",
                           bad_len < 80 ? (int)bad_len : 80, bad);
    }
    return count;
}

int resolver_check_name_servers(const char *name_servers, char error[RESOLVER_ERROR_LEN])
{
    struct name_server servers[NAME_SERVERS_MAX];
    int count = servers_parse(name_servers, servers, error);

    return count < 0 ? count : 0;
}

/* Half of the descriptors are left for TCP. */
static unsigned sockets_each(unsigned server_count, const struct resolver_config *config)
{
    unsigned each = config->window / QUESTIONS_A_SOCKET;
    unsigned all = config->descriptors && config->descriptors / 2 < SOCKETS_MAX
                       ? config->descriptors / 2
                       : SOCKETS_MAX;
    unsigned most = all > server_count ? all / server_count : 1;

    most = most < SOCKETS_A_SERVER_MAX ? most : SOCKETS_A_SERVER_MAX;
    each = each > SOCKETS_MIN ? each : SOCKETS_MIN;
    return each < most ? each : most;
}

static int sockets_open(struct engine *engine, const struct engine_start *start,
                        const struct name_server *servers, unsigned count)
{
    const struct wire_sockets_config config = {
        .servers = servers,
        .server_count = count,
        .each = sockets_each(count, start->config),
        .events = {engine, on_reply, on_not_sent, on_unreachable, on_turn}};
    char address[INET6_ADDRSTRLEN];
    unsigned bad;

    engine->sockets_each = config.each;
    int code = wire_sockets_open(&engine->sockets, start->loop, &config, &bad);
    if (code == 0) {
        return 0;
    }
    (void)uv_inet_ntop(servers[bad].address_len == 4 ? AF_INET : AF_INET6,
                       servers[bad].address, address, sizeof address);
    return engine_fail(start->error, -code, "name server %s: %s", address,
                       code == UV_EAGAIN ? "no local port is free" : strerror(-code));
}

static int servers_open(struct engine *engine, const struct engine_start *start)
{
    struct name_server servers[NAME_SERVERS_MAX];
    int count = servers_parse(start->config->name_servers, servers, start->error);

    if (count < 0) {
        return count;
    }
    wire_servers_init(&engine->servers, servers, (unsigned)count, start->config->window,
                      engine->timeout_ms);
    return sockets_open(engine, start, servers, (unsigned)count);
}

/* Name servers are no targets, so the list stops nothing here; a bad one is told all
 * the same. */
static int blocklist_check(const struct engine_start *start)
{
    struct blocklist blocklist = {0};
    int code = start->config->blocklist_file
                   ? blocklist_read(start->config->blocklist_file, &blocklist,
                                    start->error, RESOLVER_ERROR_LEN)
                   : 0;

    blocklist_free(&blocklist);
    return code;
}

static void engine_free(struct engine *engine)
{
    packet_parser_free(engine->parser);
    wire_attempts_close(&engine->attempts);
    free(engine);
}

static void on_tick_closed(uv_handle_t *tick)
{
    engine_free(tick->data);
}

static void on_sockets_closed(void *arg)
{
    struct engine *engine = arg;

    uv_close((uv_handle_t *)&engine->tick, on_tick_closed);
}

static void wire_close(struct engine *engine)
{
    uv_timer_stop(&engine->tick);
    wire_tcp_close(&engine->exchanges);
    if (engine->sockets) {
        wire_sockets_close(engine->sockets, on_sockets_closed, engine);
    } else {
        on_sockets_closed(engine);
    }
}

static void engine_init(struct engine *engine, const struct engine_start *start)
{
    uint32_t timeout_ms = start->config->timeout_ms;

    engine->resolver = start->resolver;
    engine->poller = start->poller;
    engine->loop = start->loop;
    engine->timeout_ms = timeout_ms ? timeout_ms : TIMEOUT_MS_DEFAULT;
    engine->tick_ms = engine->timeout_ms / TICKS_A_TIMEOUT + 1;
    engine->tick_ms = engine->tick_ms < TICK_MS_MAX ? engine->tick_ms : TICK_MS_MAX;
    (void)uv_timer_init(start->loop, &engine->tick); /* cannot fail */
    engine->tick.data = engine;
    uv_unref((uv_handle_t *)&engine->tick);
}

static int wire_open(struct engine **out, const struct engine_start *start)
{
    struct engine *engine = calloc(1, sizeof *engine);

    if (!engine) {
        return engine_fail(start->error, ENOMEM, "out of memory");
    }
    engine_init(engine, start);
    if (wire_attempts_open(&engine->attempts, start->config->window,
                           engine->timeout_ms + engine->tick_ms) != 0 ||
        packet_parser_open(&engine->parser) != 0) {
        wire_close(engine);
        return engine_fail(start->error, ENOMEM, "out of memory");
    }
    int code = blocklist_check(start);
    code = code != 0 ? code : servers_open(engine, start);
    if (code != 0) {
        wire_close(engine);
        return code;
    }
    *out = engine;
    return 0;
}

const struct engine_kind engine_wire = {
    .name = "stub",
    .open = wire_open,
    .ask = wire_ask,
    .has_room = wire_has_room,
    .close = wire_close,
};
