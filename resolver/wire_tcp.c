#include "resolver/wire_tcp.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <getdns/getdns.h>
#include <getdns/getdns_extra.h>

#include "resolver/poller.h"

/* getdns means "never" by the greatest number; nothing else comes near. */
#define TIMER_MS_MAX (UINT64_C(1) << 40)
/* One watches the question's time, one the connection. */
#define EVENTS_MAX 4

#define REPLY_BLOCK_MIN 4096 /* getdns's smallest block for a reply */
#define IDLE_MAX 4           /* contexts that wait for a question, 300 KB each */

/* 512 is getdns's word for no EDNS, which TCP needs none of. Time is not its business. */
static const char settings[] =
    "{resolution_type: GETDNS_RESOLUTION_STUB, namespaces: [GETDNS_NAMESPACE_DNS],"
    " dns_transport_list: [GETDNS_TRANSPORT_TCP], append_name: GETDNS_APPEND_NAME_NEVER,"
    " edns_maximum_udp_payload_size: 512, timeout: 86400000,"
    " header: {ad: 1}}";

struct event {
    struct poller_event poll;
    struct wire_tcp *exchange;
    getdns_eventloop_event *event; /* NULL: unused */
};

struct wire_tcp {
    getdns_eventloop loop; /* first: getdns hands us this */
    struct event events[EVENTS_MAX];
    struct poller *poller;
    getdns_context *context;
    getdns_transaction_t transaction;
    struct wire_tcp_set *set;
    struct wire_tcp *next, *previous;
    wire_tcp_on_reply *on_reply;
    void *arg;
    bool is_answered;
    uint8_t *reply; /* NULL: there is none */
    size_t reply_len;
};

/* ---- the loop getdns sees ---- */

static void finish(struct wire_tcp *exchange);

static void on_event(struct poller_event *poll, unsigned ready)
{
    const struct event *own = poll->arg;
    struct wire_tcp *exchange = own->exchange;
    getdns_eventloop_event *event = own->event;
    getdns_eventloop_callback callback = ready & POLLER_TIMEOUT ? event->timeout_cb
                                         : ready & POLLER_READ  ? event->read_cb
                                                                : event->write_cb;

    callback(event->userarg);
    if (exchange->is_answered) {
        finish(exchange);
    }
}

static getdns_return_t loop_clear(getdns_eventloop *loop, getdns_eventloop_event *wanted)
{
    struct event *event = wanted->ev;

    if (event) {
        poller_stop(((struct wire_tcp *)loop)->poller, &event->poll);
        event->event = wanted->ev = NULL;
    }
    return GETDNS_RETURN_GOOD;
}

static getdns_return_t loop_schedule(getdns_eventloop *loop, int fd, uint64_t timeout_ms,
                                     getdns_eventloop_event *wanted)
{
    struct wire_tcp *exchange = (struct wire_tcp *)loop;
    struct event *event = exchange->events;
    unsigned interest =
        (wanted->read_cb ? POLLER_READ : 0U) | (wanted->write_cb ? POLLER_WRITE : 0U);

    while (event < exchange->events + EVENTS_MAX && event->event) {
        event++;
    }
    if (event == exchange->events + EVENTS_MAX) {
        return GETDNS_RETURN_MEMORY_ERROR;
    }
    event->poll = (struct poller_event){.on_event = on_event, .arg = event};
    event->exchange = exchange;
    event->event = wanted;
    wanted->ev = event;
    if (interest && poller_watch(exchange->poller, &event->poll, fd, interest) != 0) {
        loop_clear(loop, wanted);
        return GETDNS_RETURN_GENERIC_ERROR;
    }
    if (wanted->timeout_cb && timeout_ms < TIMER_MS_MAX) {
        poller_start_timer(exchange->poller, &event->poll, timeout_ms);
    }
    return GETDNS_RETURN_GOOD;
}

static void loop_nothing(getdns_eventloop *loop)
{
    (void)loop;
}

static void loop_run_once(getdns_eventloop *loop, int is_blocking)
{
    (void)loop;
    (void)is_blocking;
}

static getdns_eventloop_vmt loop_methods = {
    .cleanup = loop_nothing,
    .schedule = loop_schedule,
    .clear = loop_clear,
    .run = loop_nothing,
    .run_once = loop_run_once,
};

/* ---- contexts ---- */

/* getdns reads some memory before it has written it, and behind the end of a malformed
 * reply as far as a length of 16 bits reaches (HIP's). So zeros follow the blocks that
 * replies are read into; of a reply only the bytes received are told. */
static size_t with_margin(size_t len)
{
    return len < REPLY_BLOCK_MIN ? len : len + UINT16_MAX + 1;
}

static void *noted(struct wire_tcp *exchange, void *block)
{
    if (!block) {
        poller_lack_memory(exchange->poller);
    }
    return block;
}

static void *zeroed(void *exchange, size_t len)
{
    return noted(exchange, calloc(1, with_margin(len)));
}

static void *resized(void *exchange, void *block, size_t len)
{
    return noted(exchange, realloc(block, with_margin(len)));
}

static void freed(void *exchange, void *block)
{
    (void)exchange;
    free(block);
}

static getdns_return_t context_open(struct wire_tcp *exchange)
{
    getdns_dict *dict = NULL;
    getdns_return_t code = getdns_context_create_with_extended_memory_functions(
        &exchange->context, 0, exchange, zeroed, resized, freed);

    if (code != GETDNS_RETURN_GOOD) {
        exchange->context = NULL;
        return code;
    }
    code = getdns_str2dict(settings, &dict);
    code = code ? code : getdns_context_config(exchange->context, dict);
    getdns_dict_destroy(dict);
    return code ? code : getdns_context_set_eventloop(exchange->context, &exchange->loop);
}

static void exchange_free(struct wire_tcp *exchange)
{
    getdns_context_destroy(exchange->context);
    free(exchange->reply);
    free(exchange);
}

static struct wire_tcp *exchange_new(struct poller *poller)
{
    struct wire_tcp *exchange = calloc(1, sizeof *exchange);

    if (!exchange) {
        poller_lack_memory(poller);
        return NULL;
    }
    exchange->loop.vmt = &loop_methods;
    exchange->poller = poller;
    if (context_open(exchange) != GETDNS_RETURN_GOOD) { /* of what is always the same */
        poller_lack_memory(poller);
        exchange_free(exchange);
        return NULL;
    }
    return exchange;
}

/* What getdns knows of the server before is gone with it: a connection, half a message,
 * a grudge. */
static getdns_return_t upstream_set(struct wire_tcp *exchange,
                                    const struct name_server *server)
{
    char address[INET6_ADDRSTRLEN];
    char text[INET6_ADDRSTRLEN + 16];
    getdns_list *list = NULL;

    inet_ntop(server->address_len == 4 ? AF_INET : AF_INET6, server->address, address,
              sizeof address);
    snprintf(text, sizeof text, "[%s@%" PRIu16 "]", address, server->port);
    getdns_return_t code = getdns_str2list(text, &list);
    code = code ? code
                : getdns_context_set_upstream_recursive_servers(exchange->context, list);
    getdns_list_destroy(list);
    if (code) { /* of an address that is one */
        poller_lack_memory(exchange->poller);
    }
    return code;
}

/* ---- exchanges ---- */

static void list_add(struct wire_tcp **list, struct wire_tcp *exchange)
{
    exchange->previous = NULL;
    exchange->next = *list;
    if (*list) {
        (*list)->previous = exchange;
    }
    *list = exchange;
}

static void list_remove(struct wire_tcp **list, struct wire_tcp *exchange)
{
    *(exchange->previous ? &exchange->previous->next : list) = exchange->next;
    if (exchange->next) {
        exchange->next->previous = exchange->previous;
    }
}

/* The connection is closed, the context waits for its next question. */
static void retire(struct wire_tcp *exchange)
{
    (void)getdns_context_set_upstream_recursive_servers(exchange->context, NULL);
    exchange->is_answered = false;
    exchange->reply = NULL;
    list_remove(&exchange->set->busy, exchange);
    list_add(&exchange->set->idle, exchange);
    exchange->set->idle_count++;
}

static void trim(struct wire_tcp_set *set)
{
    for (struct wire_tcp *exchange;
         set->idle_count > IDLE_MAX && (exchange = set->idle);) {
        set->idle = exchange->next; /* clang's analyzer cannot follow list_remove here */
        if (set->idle) {
            set->idle->previous = NULL;
        }
        set->idle_count--;
        exchange_free(exchange);
    }
}

/* Here the exchange may be asked anew, or all closed, from inside on_reply. */
static void finish(struct wire_tcp *exchange)
{
    uint8_t *reply = exchange->reply;
    struct wire_tcp_set *set = exchange->set;

    retire(exchange);
    exchange->on_reply(exchange->arg, reply, exchange->reply_len);
    free(reply);
    trim(set);
}

/* Inside getdns, so that nothing is done but to keep the reply. Its bytes are getdns's
 * and last as long as this call. */
static void on_response(getdns_context *context, getdns_callback_type_t type,
                        getdns_dict *response, void *arg,
                        getdns_transaction_t transaction)
{
    struct wire_tcp *exchange = arg;
    getdns_bindata *wire = NULL;

    (void)context;
    (void)transaction;
    if (type != GETDNS_CALLBACK_CANCEL) {
        exchange->is_answered = true;
        (void)getdns_dict_get_bindata(response, "/replies_full/0", &wire);
    }
    exchange->reply_len = 0;
    exchange->reply = wire ? noted(exchange, malloc(wire->size)) : NULL;
    if (exchange->reply) {
        memcpy(exchange->reply, wire->data, wire->size);
        exchange->reply_len = wire->size;
    }
    getdns_dict_destroy(response);
}

static getdns_return_t submit(struct wire_tcp *exchange, const struct name_server *server,
                              const struct packet_question *question)
{
    char name[PACKET_NAME_TEXT_MAX + 1];
    size_t len = packet_name_text(name, question->name);
    getdns_return_t code = upstream_set(exchange, server);

    if (question->name_len > 1) {
        memcpy(name + len, ".", 2); /* complete: no search list */
    }
    return code ? code
                : getdns_general(exchange->context, name, question->type, NULL, exchange,
                                 &exchange->transaction, on_response);
}

/* getdns connects inside, and tells no more than that it could not. After that it but closes
 * and frees, so that errno is still connect(2)'s or socket(2)'s. UDP has just shown that
 * there is an address of ours of that family. */
static bool is_shortage(int number)
{
    return number == EADDRNOTAVAIL || number == EMFILE || number == ENFILE ||
           number == ENOBUFS;
}

struct wire_tcp *wire_tcp_ask(struct wire_tcp_set *set, struct poller *poller,
                              const struct name_server *server,
                              const struct packet_question *question)
{
    struct wire_tcp *exchange = set->idle;

    set->is_short = false;
    if (exchange) {
        list_remove(&set->idle, exchange);
        set->idle_count--;
    } else {
        exchange = exchange_new(poller);
    }
    if (!exchange) {
        return NULL;
    }
    exchange->set = set;
    exchange->transaction = 0;
    list_add(&set->busy, exchange);
    errno = 0;
    if (submit(exchange, server, question) != GETDNS_RETURN_GOOD ||
        exchange->is_answered) {
        set->is_short = is_shortage(errno);
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

static void cancel(struct wire_tcp *exchange)
{
    (void)getdns_cancel_callback(exchange->context, exchange->transaction);
    free(exchange->reply);
    retire(exchange);
}

void wire_tcp_cancel(struct wire_tcp *exchange)
{
    struct wire_tcp_set *set = exchange->set;

    cancel(exchange);
    trim(set);
}

void wire_tcp_close(struct wire_tcp_set *set)
{
    while (set->busy) {
        cancel(set->busy);
    }
    for (struct wire_tcp *exchange = set->idle, *next; exchange; exchange = next) {
        next = exchange->next;
        exchange_free(exchange);
    }
    set->idle = NULL;
    set->idle_count = 0;
}

/* getdns begins its connections with MSG_FASTOPEN, which that setting can forbid. */
bool resolver_stub_has_tcp(void)
{
    FILE *file = fopen("/proc/sys/net/ipv4/tcp_fastopen", "re");
    int bits = 1;
    bool is_off = file && fscanf(file, "%d", &bits) == 1 && (bits & 1) == 0;

    if (file) {
        fclose(file);
    }
    return !is_off;
}
