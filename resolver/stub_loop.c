#include "resolver/stub_loop.h"

#include <stdlib.h>

/* getdns means "never" by the greatest number; nothing else comes near. */
#define TIMER_MS_MAX ((uint64_t)1 << 40)
#define POOL_BLOCK 256

struct event {
    struct poller_event poll;
    getdns_eventloop_event *event; /* NULL while in the pool */
    struct stub_loop *loop;
    struct event *next_unused;
};

struct event_block {
    struct event_block *next;
    struct event events[POOL_BLOCK];
};

/* One callback a turn, for it may take the event away; what else is ready epoll tells
 * again. A TCP connection that is ready for both reads and writes by turns: were it
 * only to write, the answers would fill the buffers until the server gives up. */
static void on_event(struct poller_event *poll, unsigned ready)
{
    const struct event *own = poll->arg;
    getdns_eventloop_event *event = own->event;

    if (ready == (POLLER_READ | POLLER_WRITE)) {
        own->loop->is_reading_first = !own->loop->is_reading_first;
        ready = own->loop->is_reading_first ? POLLER_READ : POLLER_WRITE;
    }
    getdns_eventloop_callback callback = ready == POLLER_READ    ? event->read_cb
                                         : ready == POLLER_WRITE ? event->write_cb
                                                                 : event->timeout_cb;

    callback(event->userarg);
}

static struct event *event_take(struct stub_loop *loop)
{
    if (!loop->unused) {
        struct event_block *block = calloc(1, sizeof *block);
        if (!block) {
            return NULL;
        }
        block->next = loop->blocks;
        loop->blocks = block;
        for (size_t i = 0; i < POOL_BLOCK; i++) {
            struct event *event = &block->events[i];
            event->poll = (struct poller_event){.on_event = on_event, .arg = event};
            event->loop = loop;
            event->next_unused = loop->unused;
            loop->unused = event;
        }
    }
    struct event *event = loop->unused;
    loop->unused = event->next_unused;
    return event;
}

static getdns_return_t loop_clear(getdns_eventloop *getdns,
                                  getdns_eventloop_event *wanted)
{
    struct stub_loop *loop = (struct stub_loop *)getdns;
    struct event *event = wanted->ev;

    if (event) {
        poller_stop(loop->poller, &event->poll);
        event->event = NULL;
        event->next_unused = loop->unused;
        loop->unused = event;
        wanted->ev = NULL;
    }
    return GETDNS_RETURN_GOOD;
}

static getdns_return_t loop_schedule(getdns_eventloop *getdns, int fd,
                                     uint64_t timeout_ms, getdns_eventloop_event *wanted)
{
    struct stub_loop *loop = (struct stub_loop *)getdns;
    struct event *event = event_take(loop);
    unsigned interest =
        (wanted->read_cb ? POLLER_READ : 0U) | (wanted->write_cb ? POLLER_WRITE : 0U);

    if (!event) {
        return GETDNS_RETURN_MEMORY_ERROR;
    }
    wanted->ev = event;
    event->event = wanted;
    if (interest && poller_watch(loop->poller, &event->poll, fd, interest) != 0) {
        loop_clear(getdns, wanted);
        return GETDNS_RETURN_GENERIC_ERROR;
    }
    if (wanted->timeout_cb && timeout_ms < TIMER_MS_MAX) {
        poller_start_timer(loop->poller, &event->poll, timeout_ms);
    }
    return GETDNS_RETURN_GOOD;
}

static void loop_nothing(getdns_eventloop *getdns)
{
    (void)getdns;
}

static void loop_run_once(getdns_eventloop *getdns, int is_blocking)
{
    (void)getdns;
    (void)is_blocking;
}

static getdns_eventloop_vmt loop_methods = {
    .cleanup = loop_nothing,
    .schedule = loop_schedule,
    .clear = loop_clear,
    .run = loop_nothing,
    .run_once = loop_run_once,
};

void stub_loop_init(struct stub_loop *loop, struct poller *poller)
{
    *loop = (struct stub_loop){.getdns = {&loop_methods}, .poller = poller};
}

void stub_loop_free(struct stub_loop *loop)
{
    for (struct event_block *block = loop->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
}
