/* Stub: getdns asks recursive resolvers over UDP; an answer that is cut is fetched whole
 * over TCP.
 *
 * What getdns 1.6 lacks is ours: it never sends a query twice, looks at no question
 * section and keeps no window.
 *
 * Each name server has a context of its own, so that the next attempt can go to another
 * one. getdns's own fallback from UDP to TCP is not used: it notes the shared connection
 * as the query's socket and closes its number when the query times out, again for each
 * such query, by then perhaps somebody else's descriptor.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <getdns/getdns.h>
#include <getdns/getdns_extra.h>
#include <libknot/packet/wire.h>

#include "resolver/blocklist.h"
#include "resolver/engine.h"
#include "resolver/name_servers.h"
#include "resolver/stub_loop.h"
#include "resolver/stub_tcp.h"

#define TIMEOUT_MS_DEFAULT 2000
#define EDNS_BYTES 1232
/* Should getdns ever forget its own time-out, the question ends all the same. */
#define DEADLINE_GRACE_MS 1000
#define ROOM_WAIT_MS 10
#define ROOM_WAITS_MAX 3000 /* 30 s */
/* Connections to one server at a time. */
#define TCP_QUERIES_MAX 100

struct server {
    getdns_context *udp;
    struct name_server address;
    unsigned tcp_queries;    /* asked or about to be */
    struct query *tcp_first; /* waiting for one of those to end */
    struct query *tcp_last;
};

struct engine {
    struct stub_loop loop;
    struct resolver *resolver;
    struct poller *poller;
    struct uv_loop_s *uv;
    struct packet_parser *parser;
    struct stub_tcp_set exchanges;
    struct server servers[NAME_SERVERS_MAX];
    unsigned server_count;
    unsigned next_server;
    uint64_t timeout_ms;
    struct query *asking; /* inside getdns_general and not answered yet */
    bool is_closing;
};

/* ---- replies ---- */

static enum dns_status no_reply_status(const getdns_dict *response)
{
    uint32_t status = 0;

    (void)getdns_dict_get_int(response, "status", &status);
    return status == GETDNS_RESPSTATUS_ALL_TIMEOUT ? DNS_TIMEOUT : DNS_NETWORK;
}

/* Another server may know what this one could not find out. */
static bool is_worth_another(const struct engine *engine, enum dns_status status)
{
    return status == DNS_MALFORMED || (engine->server_count > 1 &&
                                       (status == DNS_SERVFAIL || status == DNS_REFUSED));
}

/* The answer did not fit into a datagram (RFC 7766, 5): the same server, over TCP. */
static void tcp_begin(struct engine *engine, struct query *query)
{
    struct server *server = &engine->servers[query->server];

    query->is_tcp = true;
    if (server->tcp_queries < TCP_QUERIES_MAX) {
        server->tcp_queries++;
        engine_follow_up(engine->resolver, query);
        return;
    }
    query->tcp_next = NULL;
    *(server->tcp_first ? &server->tcp_last->tcp_next : &server->tcp_first) = query;
    server->tcp_last = query;
}

static void tcp_end(struct engine *engine, struct query *query)
{
    struct server *server = &engine->servers[query->server];
    struct query *next = server->tcp_first;

    query->is_tcp = false;
    if (next) {
        server->tcp_first = next->tcp_next;
        engine_follow_up(engine->resolver, next);
    } else {
        server->tcp_queries--;
    }
}

static bool is_truncated(const getdns_bindata *wire)
{
    return wire->size >= KNOT_WIRE_HEADER_SIZE && knot_wire_get_tc(wire->data);
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

static void reply_hear(struct engine *engine, struct query *query,
                       const getdns_dict *response)
{
    getdns_bindata *wire;

    if (getdns_dict_get_bindata(response, "/replies_full/0", &wire) !=
        GETDNS_RETURN_GOOD) {
        engine_retry(engine->resolver, query, no_reply_status(response));
    } else if (is_truncated(wire)) {
        tcp_begin(engine, query);
    } else {
        wire_hear(engine, query, wire->data, wire->size);
    }
}

static void on_tcp_reply(void *arg, const uint8_t *wire, size_t len)
{
    struct query *query = arg;
    struct engine *engine = query->engine;

    poller_stop_timer(engine->poller, &query->deadline);
    tcp_end(engine, query);
    if (wire) {
        wire_hear(engine, query, wire, len);
    } else {
        engine_retry(engine->resolver, query, DNS_NETWORK);
    }
    engine_turn(engine->resolver);
}

static void on_reply(getdns_context *context, getdns_callback_type_t type,
                     getdns_dict *response, void *arg, getdns_transaction_t transaction)
{
    struct query *query = arg;
    struct engine *engine = query->engine;

    (void)context;
    (void)transaction;
    if (type != GETDNS_CALLBACK_CANCEL && !engine->is_closing) {
        poller_stop_timer(engine->poller, &query->deadline);
        if (engine->asking == query) {
            engine->asking = NULL;
        }
        if (type == GETDNS_CALLBACK_COMPLETE && response) {
            reply_hear(engine, query, response);
        } else {
            engine_retry(engine->resolver, query,
                         type == GETDNS_CALLBACK_TIMEOUT ? DNS_TIMEOUT : DNS_NETWORK);
        }
    }
    getdns_dict_destroy(response);
}

static void on_deadline(struct poller_event *deadline, unsigned ready)
{
    struct query *query = deadline->arg;
    struct engine *engine = query->engine;

    (void)ready;
    if (query->is_tcp) {
        stub_tcp_cancel(query->exchange);
        tcp_end(engine, query);
    } else {
        (void)getdns_cancel_callback(engine->servers[query->server].udp,
                                     query->transaction);
    }
    engine_retry(engine->resolver, query, DNS_TIMEOUT);
}

static void stub_ask(struct engine *engine, struct query *query);

static void on_room_wait(struct poller_event *deadline, unsigned ready)
{
    struct query *query = deadline->arg;

    (void)ready;
    stub_ask(query->engine, query);
}

static void server_choose(struct engine *engine, struct query *query)
{
    query->server = query->attempts > 1 ? query->server + 1 : engine->next_server++;
    query->server %= engine->server_count;
}

static void query_send(struct engine *engine, struct query *query)
{
    char name[PACKET_NAME_TEXT_MAX + 1];
    getdns_transaction_t transaction = 0;
    size_t len = packet_name_text(name, query->question.name);

    if (query->question.name_len > 1) {
        memcpy(name + len, ".", 2); /* complete: no search list */
    }
    engine->asking = query;
    getdns_return_t code =
        getdns_general(engine->servers[query->server].udp, name, query->question.type,
                       NULL, query, &transaction, on_reply);
    if (engine->asking != query) {
        return; /* answered inside; query is another one's by now */
    }
    engine->asking = NULL;
    query->transaction = transaction;
    if (code != GETDNS_RETURN_GOOD) {
        poller_stop_timer(engine->poller, &query->deadline);
        engine_retry(engine->resolver, query, DNS_NETWORK);
    }
}

static void query_send_tcp(struct engine *engine, struct query *query)
{
    query->exchange =
        stub_tcp_ask(&engine->exchanges, engine->uv,
                     &engine->servers[query->server].address, &query->question);
    if (query->exchange) {
        stub_tcp_listen(query->exchange, on_tcp_reply, query);
        return;
    }
    poller_stop_timer(engine->poller, &query->deadline);
    tcp_end(engine, query);
    engine_retry(engine->resolver, query, DNS_NETWORK);
}

/* getdns must never run out of descriptors: it would put the question off and use its
 * memory after freeing it. */
static void room_wait(struct engine *engine, struct query *query)
{
    if (++query->waits <= ROOM_WAITS_MAX) {
        query->deadline = (struct poller_event){.on_event = on_room_wait, .arg = query};
        poller_start_timer(engine->poller, &query->deadline, ROOM_WAIT_MS);
        return;
    }
    if (query->is_tcp) {
        tcp_end(engine, query);
    }
    engine_retry(engine->resolver, query, DNS_NETWORK);
}

static void stub_ask(struct engine *engine, struct query *query)
{
    query->engine = engine;
    if (!poller_has_room(engine->poller)) {
        room_wait(engine, query);
        return;
    }
    if (!query->is_tcp) {
        server_choose(engine, query);
    }
    query->deadline = (struct poller_event){.on_event = on_deadline, .arg = query};
    poller_start_timer(engine->poller, &query->deadline,
                       engine->timeout_ms + (query->is_tcp ? 0 : DEADLINE_GRACE_MS));
    (query->is_tcp ? query_send_tcp : query_send)(engine, query);
}

/* ---- life ---- */

/* Sets the AD bit in every query: then the reply's tells whether the resolver has
 * validated (RFC 6840, 5.7). */
static getdns_return_t ad_set(getdns_context *context)
{
    getdns_dict *settings = getdns_dict_create();
    getdns_return_t code = getdns_dict_set_int(settings, "/header/ad", 1);

    if (code == GETDNS_RETURN_GOOD) {
        code = getdns_context_config(context, settings);
    }
    getdns_dict_destroy(settings);
    return code;
}

static getdns_return_t upstream_set(getdns_context *context, struct name_server *server)
{
    getdns_bindata type = {4, (uint8_t *)(server->address_len == 4 ? "IPv4" : "IPv6")};
    getdns_bindata address = {server->address_len, server->address};
    getdns_list *list = getdns_list_create();
    getdns_dict *upstream = getdns_dict_create();
    getdns_return_t code = getdns_dict_set_bindata(upstream, "address_type", &type);

    code = code ? code : getdns_dict_set_bindata(upstream, "address_data", &address);
    code = code ? code : getdns_dict_set_int(upstream, "port", server->port);
    code = code ? code : getdns_list_set_dict(list, 0, upstream);
    code = code ? code : getdns_context_set_upstream_recursive_servers(context, list);
    getdns_dict_destroy(upstream);
    getdns_list_destroy(list);
    return code;
}

static getdns_return_t context_set(struct engine *engine, getdns_context *context,
                                   struct name_server *server)
{
    getdns_namespace_t dns = GETDNS_NAMESPACE_DNS;
    getdns_transport_list_t transport = GETDNS_TRANSPORT_UDP;
    getdns_return_t code =
        getdns_context_set_resolution_type(context, GETDNS_RESOLUTION_STUB);

    code = code ? code : getdns_context_set_namespaces(context, 1, &dns);
    code = code ? code : getdns_context_set_dns_transport_list(context, 1, &transport);
    code =
        code ? code : getdns_context_set_append_name(context, GETDNS_APPEND_NAME_NEVER);
    code = code ? code : getdns_context_set_timeout(context, engine->timeout_ms);
    code = code ? code
                : getdns_context_set_edns_maximum_udp_payload_size(context, EDNS_BYTES);
    code = code ? code : upstream_set(context, server);
    code = code ? code : ad_set(context);
    return code ? code : getdns_context_set_eventloop(context, &engine->loop.getdns);
}

/* At a truncated answer getdns looks for the transport after the last one; in zeroed
 * memory that is none. */
static void *zeroed(size_t len)
{
    return calloc(1, len);
}

static getdns_return_t context_open(struct engine *engine, getdns_context **context,
                                    struct name_server *server)
{
    getdns_return_t code =
        getdns_context_create_with_memory_functions(context, 0, zeroed, realloc, free);

    if (code != GETDNS_RETURN_GOOD) {
        *context = NULL;
        return code;
    }
    return context_set(engine, *context, server);
}

static int server_open(struct engine *engine, struct name_server *name_server,
                       char *error)
{
    struct server *server = &engine->servers[engine->server_count++];

    server->address = *name_server;
    getdns_return_t code = context_open(engine, &server->udp, name_server);
    return code == GETDNS_RETURN_GOOD
               ? 0
               : engine_fail(error, EIO, "getdns: %s", getdns_get_errorstr_by_id(code));
}

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

static int servers_open(struct engine *engine, const struct engine_start *start)
{
    struct name_server servers[NAME_SERVERS_MAX];
    int count = servers_parse(start->config->name_servers, servers, start->error);
    int code = count < 0 ? count : 0;

    for (int i = 0; i < count && code == 0; i++) {
        code = server_open(engine, &servers[i], start->error);
    }
    return code;
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

static void stub_close(struct engine *engine)
{
    engine->is_closing =
        true; /* open questions are cancelled by getdns_context_destroy */
    for (unsigned i = 0; i < engine->server_count; i++) {
        getdns_context_destroy(engine->servers[i].udp);
    }
    stub_tcp_cancel_all(&engine->exchanges);
    stub_loop_free(&engine->loop);
    packet_parser_free(engine->parser);
    free(engine);
}

static int stub_open(struct engine **out, const struct engine_start *start)
{
    struct engine *engine = calloc(1, sizeof *engine);

    if (!engine) {
        return engine_fail(start->error, ENOMEM, "out of memory");
    }
    stub_loop_init(&engine->loop, start->poller);
    engine->resolver = start->resolver;
    engine->poller = start->poller;
    engine->uv = start->loop;
    engine->timeout_ms =
        start->config->timeout_ms ? start->config->timeout_ms : TIMEOUT_MS_DEFAULT;
    int code = packet_parser_open(&engine->parser);
    code = code != 0 ? engine_fail(start->error, ENOMEM, "out of memory")
                     : blocklist_check(start);
    code = code != 0 ? code : servers_open(engine, start);
    if (code != 0) {
        stub_close(engine);
        return code;
    }
    *out = engine;
    return 0;
}

const struct engine_kind engine_stub = {
    .name = "stub",
    .open = stub_open,
    .ask = stub_ask,
    .close = stub_close,
};
