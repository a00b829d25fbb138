#include "resolver/wire_tcp.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include <libknot/packet/wire.h>
#include <uv.h>

#define LENGTH_BYTES 2 /* RFC 1035, 4.2.2 */

struct wire_tcp {
    uv_tcp_t socket;
    uv_connect_t connect;
    uv_write_t write;
    struct wire_tcp_set *set;
    struct wire_tcp *next, *previous;
    wire_tcp_on_reply *on_reply;
    void *arg;
    uint16_t id;
    size_t query_len; /* with the length in front */
    uint8_t query[LENGTH_BYTES + PACKET_QUERY_MAX];
    size_t reply_len; /* bytes read, with the length in front */
    uint8_t reply[LENGTH_BYTES + UINT16_MAX];
};

static void on_closed(uv_handle_t *handle)
{
    free(handle->data);
}

static void set_remove(struct wire_tcp *exchange)
{
    struct wire_tcp_set *set = exchange->set;

    *(exchange->previous ? &exchange->previous->next : &set->first) = exchange->next;
    if (exchange->next) {
        exchange->next->previous = exchange->previous;
    }
}

void wire_tcp_cancel(struct wire_tcp *exchange)
{
    set_remove(exchange);
    uv_close((uv_handle_t *)&exchange->socket, on_closed);
}

void wire_tcp_cancel_all(struct wire_tcp_set *set)
{
    while (set->first) {
        wire_tcp_cancel(set->first);
    }
}

/* The exchange is off the set before its owner hears of it, and freed by the loop
 * after. */
static void finish(struct wire_tcp *exchange, const uint8_t *wire, size_t len)
{
    wire_tcp_cancel(exchange);
    exchange->on_reply(exchange->arg, wire, len);
}

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct wire_tcp *exchange = handle->data;

    (void)suggested;
    *buffer = uv_buf_init((char *)exchange->reply + exchange->reply_len,
                          (unsigned)(sizeof exchange->reply - exchange->reply_len));
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buffer)
{
    struct wire_tcp *exchange = stream->data;

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
    struct wire_tcp *exchange = write->data;

    if (code == 0) {
        code = uv_read_start((uv_stream_t *)&exchange->socket, on_room, on_read);
    }
    if (code != 0 && code != UV_ECANCELED) {
        finish(exchange, NULL, 0);
    }
}

static void on_connected(uv_connect_t *connect, int code)
{
    struct wire_tcp *exchange = connect->data;
    uv_buf_t query = uv_buf_init((char *)exchange->query, (unsigned)exchange->query_len);

    if (code == 0) {
        code = uv_write(&exchange->write, (uv_stream_t *)&exchange->socket, &query, 1,
                        on_written);
    }
    if (code != 0 && code != UV_ECANCELED) {
        finish(exchange, NULL, 0);
    }
}

static int query_compose(struct wire_tcp *exchange,
                         const struct packet_question *question)
{
    if (getrandom(&exchange->id, sizeof exchange->id, 0) != sizeof exchange->id) {
        return -1;
    }
    size_t len =
        packet_query_write(exchange->query + LENGTH_BYTES, question, exchange->id, true);
    exchange->query[0] = (uint8_t)(len >> 8);
    exchange->query[1] = (uint8_t)len;
    exchange->query_len = LENGTH_BYTES + len;
    return 0;
}

struct wire_tcp *wire_tcp_ask(struct wire_tcp_set *set, struct uv_loop_s *loop,
                              const struct name_server *server,
                              const struct packet_question *question)
{
    struct sockaddr_storage to;
    struct wire_tcp *exchange = malloc(sizeof *exchange);

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
    name_server_address(server, &to);
    if (uv_tcp_connect(&exchange->connect, &exchange->socket, (struct sockaddr *)&to,
                       on_connected) != 0) {
        wire_tcp_cancel(exchange);
        return NULL;
    }
    return exchange;
}

void wire_tcp_listen(struct wire_tcp *exchange, wire_tcp_on_reply *on_reply, void *arg)
{
    exchange->on_reply = on_reply;
    exchange->arg = arg;
}
