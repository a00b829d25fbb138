#include "resolver/stub_tcp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <libknot/libknot.h>
#include <uv.h>

#define QUERY_BYTES_MAX 512
#define LENGTH_BYTES 2 /* RFC 1035, 4.2.2 */

struct stub_tcp {
    uv_tcp_t socket;
    uv_connect_t connect;
    uv_write_t write;
    struct stub_tcp_set *set;
    struct stub_tcp *next, *previous;
    stub_tcp_on_reply *on_reply;
    void *arg;
    uint16_t id;
    size_t query_len; /* with the length in front */
    uint8_t query[LENGTH_BYTES + QUERY_BYTES_MAX];
    size_t reply_len; /* bytes read, with the length in front */
    uint8_t reply[LENGTH_BYTES + UINT16_MAX];
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void set_remove(struct stub_tcp *exchange)
{
    struct stub_tcp_set *set = exchange->set;

    *(exchange->previous ? &exchange->previous->next : &set->first) = exchange->next;
    if (exchange->next) {
        exchange->next->previous = exchange->previous;
    }
}

void stub_tcp_cancel(struct stub_tcp *exchange)
{
    set_remove(exchange);
    uv_close((uv_handle_t *)&exchange->socket, on_closed);
}

void stub_tcp_cancel_all(struct stub_tcp_set *set)
{
    while (set->first) {
        stub_tcp_cancel(set->first);
    }
}

/* The exchange is off the set before its owner hears of it, and freed by the loop
 * after. */
static void finish(struct stub_tcp *exchange, const uint8_t *wire, size_t len)
{
    stub_tcp_cancel(exchange);
    exchange->on_reply(exchange->arg, wire, len);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct stub_tcp *exchange = handle->data;

    (void)suggested;
    *buffer = uv_buf_init((char *)exchange->reply + exchange->reply_len,
                          (unsigned)(sizeof exchange->reply - exchange->reply_len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
    struct stub_tcp *exchange = stream->data;

    (void)buffer;
    if (len < 0) {
        finish(exchange, NULL, 0);
        return;
    }
    exchange->reply_len += (size_t)len;
    if (exchange->reply_len < LENGTH_BYTES) {
        return;
    }
    size_t wire_len = (size_t)exchange->reply[0] << 8 | exchange->reply[1];
    const uint8_t *wire = exchange->reply + LENGTH_BYTES;
    if (exchange->reply_len < LENGTH_BYTES + wire_len) {
        return;
    }
    bool is_ours =
        wire_len >= KNOT_WIRE_HEADER_SIZE && knot_wire_get_id(wire) == exchange->id;
    finish(exchange, is_ours ? wire : NULL, is_ours ? wire_len : 0);
}

static void on_written(uv_write_t *write, int code)
{
    struct stub_tcp *exchange = write->data;

    if (code == 0) {
        code = uv_read_start((uv_stream_t *)&exchange->socket, on_room, on_read);
    }
    if (code != 0 && code != UV_ECANCELED) {
        finish(exchange, NULL, 0);
    }
}

static void on_connected(uv_connect_t *connect, int code)
{
    struct stub_tcp *exchange = connect->data;
    uv_buf_t query = uv_buf_init((char *)exchange->query, (unsigned)exchange->query_len);

    if (code == 0) {
        code = uv_write(&exchange->write, (uv_stream_t *)&exchange->socket, &query, 1,
                        on_written);
    }
    if (code != 0 && code != UV_ECANCELED) {
        finish(exchange, NULL, 0);
    }
}

/* RD and AD set, as in the datagrams before it. */
static int query_compose(struct stub_tcp *exchange,
                         const struct packet_question *question)
{
    uint8_t *wire = exchange->query + LENGTH_BYTES;
    knot_pkt_t *packet = knot_pkt_new(wire, QUERY_BYTES_MAX, NULL);

    memset(wire, 0, KNOT_WIRE_HEADER_SIZE); /* libknot leaves given memory as it is */

    if (!packet ||
        getrandom(&exchange->id, sizeof exchange->id, 0) != sizeof exchange->id) {
        knot_pkt_free(packet);
        return -1;
    }
    knot_wire_set_id(wire, exchange->id);
    knot_wire_set_rd(wire);
    knot_wire_set_ad(wire);
    int code =
        knot_pkt_put_question(packet, question->name, KNOT_CLASS_IN, question->type);
    exchange->query[0] = (uint8_t)(packet->size >> 8);
    exchange->query[1] = (uint8_t)packet->size;
    exchange->query_len = LENGTH_BYTES + packet->size;
    knot_pkt_free(packet);
    return code == KNOT_EOK ? 0 : -1;
}

static void address_set(struct sockaddr_storage *to, const struct name_server *server)
{
    struct sockaddr_in *ipv4 = (struct sockaddr_in *)to;
    struct sockaddr_in6 *ipv6 = (struct sockaddr_in6 *)to;

    memset(to, 0, sizeof *to);
    if (server->address_len == 4) {
        ipv4->sin_family = AF_INET;
        ipv4->sin_port = htons(server->port);
        memcpy(&ipv4->sin_addr, server->address, 4);
    } else {
        ipv6->sin6_family = AF_INET6;
        ipv6->sin6_port = htons(server->port);
        memcpy(&ipv6->sin6_addr, server->address, 16);
    }
}

struct stub_tcp *stub_tcp_ask(struct stub_tcp_set *set, struct uv_loop_s *loop,
                              const struct name_server *server,
                              const struct packet_question *question)
{
    struct sockaddr_storage to;
    struct stub_tcp *exchange = malloc(sizeof *exchange);

    if (!exchange || query_compose(exchange, question) != 0 ||
        uv_tcp_init(loop, &exchange->socket) != 0) {
        free(exchange);
        return NULL;
    }
    exchange->socket.data = exchange->connect.data = exchange->write.data = exchange;
    exchange->reply_len = 0;
    exchange->set = set;
    exchange->previous = NULL;
    exchange->next = set->first;
    if (set->first) {
        set->first->previous = exchange;
    }
    set->first = exchange;
    address_set(&to, server);
    if (uv_tcp_connect(&exchange->connect, &exchange->socket, (struct sockaddr *)&to,
                       on_connected) != 0) {
        stub_tcp_cancel(exchange);
        return NULL;
    }
    return exchange;
}

void stub_tcp_listen(struct stub_tcp *exchange, stub_tcp_on_reply *on_reply, void *arg)
{
    exchange->on_reply = on_reply;
    exchange->arg = arg;
}
