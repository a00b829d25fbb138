#include "tests/fake_dns.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEADER_LEN 12
#define BIG_LEN 10000
#define REPLY_MAX (BIG_LEN + 512)
#define SLOW_MS 20

struct reply {
    struct fake_dns *server;
    uv_timer_t timer;
    struct sockaddr_storage to;
    size_t len;
    uint8_t wire[REPLY_MAX];
};

struct connection {
    uv_tcp_t tcp;
    struct fake_dns *server;
    size_t len;
    char buffer[65536];
};

/* ---- replies ---- */

static bool is_label(const uint8_t *query, const char *label)
{
    return query[HEADER_LEN] == strlen(label) &&
           memcmp(query + HEADER_LEN + 1, label, strlen(label)) == 0;
}

static size_t question_end(const uint8_t *query)
{
    size_t at = HEADER_LEN;

    while (query[at] > 0) {
        at += query[at] + 1U;
    }
    return at + 1 + 4;
}

/* The question with QR and RA set, without EDNS. */
static void reply_begin(struct reply *reply, const uint8_t *query)
{
    reply->len = question_end(query);
    memcpy(reply->wire, query, reply->len);
    reply->wire[2] |= 0x80;
    reply->wire[3] = 0x80;
    memset(reply->wire + 6, 0, 6);
}

static void reply_add_text(struct reply *reply, size_t text_len)
{
    static const uint8_t head[] = {0xc0, 0x0c, 0, 16, 0, 1, 0, 0, 1, 0x2c};
    size_t string_count = (text_len + 249) / 250;
    size_t data_len = text_len + string_count;

    reply->wire[7]++;
    memcpy(reply->wire + reply->len, head, sizeof head);
    reply->len += sizeof head;
    reply->wire[reply->len++] = (uint8_t)(data_len >> 8);
    reply->wire[reply->len++] = (uint8_t)data_len;
    while (text_len > 0) {
        size_t len = text_len < 250 ? text_len : 250;
        reply->wire[reply->len++] = (uint8_t)len;
        memset(reply->wire + reply->len, 'x', len);
        if (len == 5) {
            memcpy(reply->wire + reply->len, "hello", 5);
        }
        reply->len += len;
        text_len -= len;
    }
}

/* RFC 2308, 2: of the root, with TTL and MINIMUM 300. */
static void reply_add_soa(struct reply *reply)
{
    static const uint8_t soa[] = {0, 0, 6, 0, 1, 0, 0, 1, 0x2c, 0, 22, 0, 0, 0, 0, 0,   1,
                                  0, 0, 0, 2, 0, 0, 0, 3, 0,    0, 0,  4, 0, 0, 1, 0x2c};

    reply->wire[9]++;
    memcpy(reply->wire + reply->len, soa, sizeof soa);
    reply->len += sizeof soa;
}

static void reply_send(struct reply *reply)
{
    uv_buf_t buffer = uv_buf_init((char *)reply->wire, (unsigned)reply->len);

    if (uv_is_closing((uv_handle_t *)&reply->server->udp)) {
        return; /* libuv would open it anew */
    }
    (void)uv_udp_try_send(&reply->server->udp, &buffer, 1, (struct sockaddr *)&reply->to);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct reply *reply = handle->data;

    reply->server->open_handles--;
    free(reply);
}

static void on_slow(uv_timer_t *timer)
{
    struct reply *reply = timer->data;

    reply->server->outstanding--;
    reply_send(reply);
    uv_close((uv_handle_t *)timer, on_timer_closed);
}

static void reply_later(const struct reply *reply)
{
    struct fake_dns *server = reply->server;
    struct reply *kept = malloc(sizeof *kept);

    assert(kept);
    *kept = *reply;
    uv_timer_init(server->udp.loop, &kept->timer);
    kept->timer.data = kept;
    uv_timer_start(&kept->timer, on_slow, SLOW_MS, 0);
    server->open_handles++;
    if (++server->outstanding > server->outstanding_max) {
        server->outstanding_max = server->outstanding;
    }
}

static void reply_travel(struct reply *reply)
{
    const struct fake_dns_ways *ways = &reply->server->bad_ways;

    if ((unsigned)rand() % 100 < ways->strange) {
        reply->wire[1] ^= 0x55;
        reply_send(reply);
        reply->wire[1] ^= 0x55;
    }
    if ((unsigned)rand() % 100 < ways->twice) {
        reply_send(reply);
    }
    if ((unsigned)rand() % 100 < ways->late) {
        reply_later(reply);
    } else if ((unsigned)rand() % 100 >= ways->lost) {
        reply_send(reply);
    }
}

static void reply_misbehave(struct reply *reply, const uint8_t *query)
{
    bool is_first = reply->server->udp_queries == 1;

    if (is_label(query, "strange")) {
        reply->wire[0] ^= 0xff;
        reply_send(reply);
        reply->wire[0] ^= 0xff;
    } else if ((is_label(query, "other") && is_first) || is_label(query, "foreign") ||
               is_label(query, "stale")) {
        reply->wire[HEADER_LEN + 1] = 'x';
    } else if (is_label(query, "garbage")) {
        reply->len = 5;
    }
    reply_travel(reply);
}

static void reply_make(struct reply *reply, const uint8_t *query)
{
    static const struct {
        const char *label;
        uint8_t flags;
    } failures[] = {
        {"servfail", 0x82}, {"nxdomain", 0x83}, {"gone", 0x83}, {"refused", 0x85}};

    reply_begin(reply, query);
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        if (is_label(query, failures[i].label)) {
            reply->wire[3] = failures[i].flags;
            if (is_label(query, "gone")) {
                reply_add_soa(reply);
            }
            return;
        }
    }
    if ((is_label(query, "old") || reply->server->is_old) && query[11] > 0) {
        reply->wire[3] = 0x81;
        return;
    }
    if (is_label(query, "validated") && query[3] & 0x20) { /* asked for with AD */
        reply->wire[3] |= 0x20;
    }
    reply_add_text(reply, 5);
    if (is_label(query, "fleeting")) {
        memset(reply->wire + question_end(query) + 6, 0, 4);
    }
}

/* ---- UDP ---- */

static void on_datagram(uv_udp_t *udp, ssize_t len, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct fake_dns *server = udp->data;
    const uint8_t *query = (const uint8_t *)buffer->base;
    struct reply reply = {.server = server};

    (void)flags;
    if (len <= HEADER_LEN || !from) {
        return;
    }
    server->udp_queries++;
    if (server->is_dead || is_label(query, "silent") ||
        (is_label(query, "late") && server->udp_queries == 1) ||
        (is_label(query, "stale") && server->udp_queries > 1)) {
        return;
    }
    memcpy(&reply.to, from, sizeof(struct sockaddr_in));
    reply_make(&reply, query);
    if (is_label(query, "cut") || is_label(query, "hangup") || server->is_cutting) {
        reply_begin(&reply, query);
        reply.wire[2] |= 0x02;
    }
    if (is_label(query, "slow")) {
        reply_later(&reply);
    } else {
        reply_misbehave(&reply, query);
    }
}

static void on_datagram_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    static char room[65536];

    (void)handle;
    (void)wanted;
    *buffer = uv_buf_init(room, sizeof room);
}

/* ---- TCP ---- */

static void on_connection_closed(uv_handle_t *handle)
{
    struct connection *connection = handle->data;

    connection->server->open_handles--;
    free(connection);
}

struct tcp_write {
    uv_write_t request;
    char bytes[2 + REPLY_MAX];
};

static void on_written(uv_write_t *request, int status)
{
    (void)status;
    free(request->data);
}

static void connection_answer(struct connection *connection, const uint8_t *query)
{
    struct tcp_write *write = malloc(sizeof *write);
    struct reply reply = {.server = connection->server};

    assert(write);
    connection->server->tcp_queries++;
    reply_begin(&reply, query);
    reply_add_text(&reply, BIG_LEN);
    write->bytes[0] = (char)(reply.len >> 8);
    write->bytes[1] = (char)reply.len;
    memcpy(write->bytes + 2, reply.wire, reply.len);
    uv_buf_t buffer = uv_buf_init(write->bytes, (unsigned)reply.len + 2);
    write->request.data = write;
    uv_write(&write->request, (uv_stream_t *)&connection->tcp, &buffer, 1, on_written);
}

static void on_stream(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
    struct connection *connection = stream->data;
    size_t at = 0;

    (void)buffer;
    if (len < 0) {
        uv_close((uv_handle_t *)stream, on_connection_closed);
        return;
    }
    connection->len += (size_t)len;
    while (connection->len - at >= 2) {
        const uint8_t *bytes = (const uint8_t *)connection->buffer + at;
        size_t query_len = (size_t)(bytes[0] << 8 | bytes[1]);
        if (connection->len - at < query_len + 2) {
            break;
        }
        if (is_label(bytes + 2, "hangup")) {
            uv_close((uv_handle_t *)stream, on_connection_closed);
            return;
        }
        connection_answer(connection, bytes + 2);
        at += query_len + 2;
    }
    connection->len -= at;
    memmove(connection->buffer, connection->buffer + at, connection->len);
}

static void on_stream_room(uv_handle_t *handle, size_t wanted, uv_buf_t *buffer)
{
    struct connection *connection = handle->data;

    (void)wanted;
    *buffer = uv_buf_init(connection->buffer + connection->len,
                          (unsigned)(sizeof connection->buffer - connection->len));
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct fake_dns *server = listener->data;
    struct connection *connection = calloc(1, sizeof *connection);

    assert(connection && status == 0);
    connection->server = server;
    uv_tcp_init(listener->loop, &connection->tcp);
    connection->tcp.data = connection;
    server->open_handles++;
    uv_accept(listener, (uv_stream_t *)&connection->tcp);
    uv_read_start((uv_stream_t *)&connection->tcp, on_stream_room, on_stream);
}

/* ---- life ---- */

/* Two sockets on one port. The kernel's choice may be taken by the other protocol: by a
 * socket of the resolver's, or by a connection that lingers after its end. */
static uint16_t bind_both(int *udp, int *tcp)
{
    for (int tries = 0; tries < 100; tries++) {
        struct sockaddr_in address = {.sin_family = AF_INET,
                                      .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        socklen_t len = sizeof address;
        *udp = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        *tcp = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        assert(*udp >= 0 && *tcp >= 0);
        if (bind(*tcp, (struct sockaddr *)&address, sizeof address) == 0 &&
            getsockname(*tcp, (struct sockaddr *)&address, &len) == 0 &&
            bind(*udp, (struct sockaddr *)&address, sizeof address) == 0) {
            return ntohs(address.sin_port);
        }
        close(*udp);
        close(*tcp);
    }
    assert(!"a port that is free for UDP and TCP");
    return 0;
}

void fake_dns_open(struct fake_dns *server, uv_loop_t *loop)
{
    int udp, tcp, receive_bytes = 4 << 20;

    *server = (struct fake_dns){.open_handles = 2, .port = bind_both(&udp, &tcp)};
    uv_udp_init(loop, &server->udp);
    uv_tcp_init(loop, &server->tcp);
    server->udp.data = server->tcp.data = server;
    int error = uv_udp_open(&server->udp, udp);
    error = error == 0 ? uv_tcp_open(&server->tcp, tcp) : error;
    error =
        error == 0 ? uv_listen((uv_stream_t *)&server->tcp, 128, on_connection) : error;
    assert(error == 0);
    uv_recv_buffer_size((uv_handle_t *)&server->udp, &receive_bytes);
    uv_udp_recv_start(&server->udp, on_datagram_room, on_datagram);
    uv_unref((uv_handle_t *)&server->udp);
    uv_unref((uv_handle_t *)&server->tcp);
}

static void on_closed(uv_handle_t *handle)
{
    struct fake_dns *server = handle->data;

    server->open_handles--;
}

void fake_dns_close(struct fake_dns *server)
{
    uv_close((uv_handle_t *)&server->udp, on_closed);
    uv_close((uv_handle_t *)&server->tcp, on_closed);
}
