#include "resolver/wire_socket.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

/* What libuv 1.44 takes in one recvmmsg, each with room for the largest datagram. */
#define DATAGRAMS_A_CALL 20
#define DATAGRAM_BYTES 65536
#define RECEIVE_BUFFER_BYTES (4 << 20) /* the kernel gives what it allows */
#define PACKETS_A_BLOCK 64

struct wire_socket {
    uv_udp_t udp;
    struct wire_sockets *sockets;
    unsigned index;
};

struct packet_block {
    struct packet_block *next;
    struct wire_packet packets[PACKETS_A_BLOCK];
};

struct wire_sockets {
    struct wire_events events;
    struct wire_packet *unused;
    struct packet_block *blocks;
    char *datagrams; /* DATAGRAMS_A_CALL of them */
    bool is_closing;
    void (*on_closed)(void *arg);
    void *closed_arg;
    unsigned open_count;
    struct wire_socket all[];
};

/* ---- packets ---- */

static bool packets_grow(struct wire_sockets *sockets)
{
    struct packet_block *block = malloc(sizeof *block);

    if (!block) {
        return false;
    }
    block->next = sockets->blocks;
    sockets->blocks = block;
    for (size_t i = 0; i < PACKETS_A_BLOCK; i++) {
        block->packets[i].next = sockets->unused;
        sockets->unused = &block->packets[i];
    }
    return true;
}

struct wire_packet *wire_packet_take(struct wire_sockets *sockets)
{
    if (!sockets->unused && !packets_grow(sockets)) {
        return NULL;
    }
    struct wire_packet *packet = sockets->unused;
    sockets->unused = packet->next;
    return packet;
}

static void packet_give_back(struct wire_sockets *sockets, struct wire_packet *packet)
{
    packet->next = sockets->unused;
    sockets->unused = packet;
}

static bool is_no_way(int code)
{
    return code == UV_ECONNREFUSED || code == UV_ENETUNREACH || code == UV_EHOSTUNREACH;
}

static void on_sent(uv_udp_send_t *request, int code)
{
    struct wire_packet *packet = request->data;
    struct wire_socket *socket = packet->socket;
    struct wire_sockets *sockets = socket->sockets;
    uint16_t id = (uint16_t)(packet->bytes[0] << 8 | packet->bytes[1]);

    packet_give_back(sockets, packet);
    if (code == 0 || sockets->is_closing) {
        return;
    }
    if (is_no_way(code)) {
        sockets->events.on_unreachable(sockets->events.arg, socket->index);
    }
    sockets->events.on_not_sent(sockets->events.arg, socket->index, id);
    sockets->events.on_turn(sockets->events.arg);
}

bool wire_packet_send(struct wire_packet *packet, struct wire_sockets *sockets,
                      unsigned index)
{
    struct wire_socket *socket = &sockets->all[index];
    uv_buf_t buffer = uv_buf_init((char *)packet->bytes, packet->len);

    packet->socket = socket;
    packet->request.data = packet;
    if (uv_udp_send(&packet->request, &socket->udp, &buffer, 1, NULL, on_sent) == 0) {
        return true;
    }
    packet_give_back(sockets, packet);
    return false;
}

/* ---- replies ---- */

static void on_room(uv_handle_t *handle, size_t suggested, uv_buf_t *buffer)
{
    struct wire_socket *socket = handle->data;

    (void)suggested;
    *buffer = uv_buf_init(socket->sockets->datagrams, DATAGRAMS_A_CALL * DATAGRAM_BYTES);
}

/* One call a datagram, and one without a datagram after each batch. */
static void on_datagram(uv_udp_t *udp, ssize_t len, const uv_buf_t *buffer,
                        const struct sockaddr *from, unsigned flags)
{
    struct wire_socket *socket = udp->data;
    struct wire_sockets *sockets = socket->sockets;
    const struct wire_events *events = &sockets->events;

    if (sockets->is_closing) {
        return;
    }
    if (len < 0 && is_no_way((int)len)) {
        events->on_unreachable(events->arg, socket->index);
    } else if (len > 0 && from) {
        events->on_reply(events->arg, socket->index, (const uint8_t *)buffer->base,
                         (size_t)len);
    }
    if (!(flags & UV_UDP_MMSG_CHUNK)) {
        events->on_turn(events->arg);
    }
}

/* ---- life ---- */

static int socket_open(struct wire_socket *socket, const struct name_server *server)
{
    struct sockaddr_storage to;
    int receive_bytes = RECEIVE_BUFFER_BYTES;

    name_server_address(server, &to);
    int code = uv_udp_connect(&socket->udp, (struct sockaddr *)&to);
    code = code ? code : uv_udp_recv_start(&socket->udp, on_room, on_datagram);
    if (code == 0) {
        (void)uv_recv_buffer_size((uv_handle_t *)&socket->udp, &receive_bytes);
        uv_unref((uv_handle_t *)&socket->udp);
    }
    return code;
}

static void sockets_free(struct wire_sockets *sockets)
{
    for (struct packet_block *block = sockets->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    free(sockets->datagrams);
    free(sockets);
}

static void on_socket_closed(uv_handle_t *handle)
{
    struct wire_sockets *sockets = ((struct wire_socket *)handle->data)->sockets;

    if (--sockets->open_count == 0) {
        void (*on_closed)(void *arg) = sockets->on_closed;
        void *arg = sockets->closed_arg;
        sockets_free(sockets);
        on_closed(arg);
    }
}

void wire_sockets_close(struct wire_sockets *sockets, void (*on_closed)(void *arg),
                        void *arg)
{
    unsigned count = sockets->open_count;

    if (count == 0) {
        sockets_free(sockets);
        on_closed(arg);
        return;
    }
    sockets->is_closing = true;
    sockets->on_closed = on_closed;
    sockets->closed_arg = arg;
    for (unsigned i = 0; i < count; i++) {
        uv_close((uv_handle_t *)&sockets->all[i].udp, on_socket_closed);
    }
}

static int sockets_start(struct wire_sockets *sockets, uv_loop_t *loop,
                         const struct wire_sockets_config *config, unsigned *bad)
{
    unsigned count = config->server_count * config->each;
    int code = 0;

    for (unsigned i = 0; i < count && code == 0; i++) {
        struct wire_socket *socket = &sockets->all[i];
        const struct name_server *server = &config->servers[i / config->each];
        unsigned family = server->address_len == 4 ? AF_INET : AF_INET6;
        *bad = i / config->each;
        *socket = (struct wire_socket){.sockets = sockets, .index = i};
        code = uv_udp_init_ex(loop, &socket->udp, family | UV_UDP_RECVMMSG);
        socket->udp.data = socket;
        sockets->open_count += code == 0;
        code = code ? code : socket_open(socket, server);
    }
    return code;
}

int wire_sockets_open(struct wire_sockets **out, uv_loop_t *loop,
                      const struct wire_sockets_config *config, unsigned *bad)
{
    size_t all_bytes =
        (size_t)config->server_count * config->each * sizeof(struct wire_socket);
    struct wire_sockets *sockets = calloc(1, sizeof *sockets + all_bytes);

    *out = NULL;
    *bad = 0;
    if (!sockets) {
        return UV_ENOMEM;
    }
    sockets->datagrams = malloc((size_t)DATAGRAMS_A_CALL * DATAGRAM_BYTES);
    if (!sockets->datagrams) {
        free(sockets);
        return UV_ENOMEM;
    }
    sockets->events = config->events;
    *out = sockets;
    return sockets_start(sockets, loop, config, bad);
}
