/* libunbound's events with the semantics of libevent, which it is written for. */
#include <stdlib.h>
#include <sys/time.h>

#include "resolver/recursion.h"

struct event {
    struct ub_event unbound; /* first: libunbound hands us this */
    struct poller_event poll;
    struct poller *poller;
    void (*callback)(int fd, short bits, void *arg);
    void *arg;
    uint64_t timeout_ms;
    int fd;
    short bits;
    bool has_timeout;
};

static struct event *event_of(struct ub_event *unbound)
{
    return (struct event *)unbound;
}

/* Both directions in one call: a socket of TCP Fast Open is not connected yet, so it
 * is ready for everything, and libunbound only then knows to write first. */
static short unbound_bits(unsigned ready)
{
    return (short)((ready & POLLER_READ ? UB_EV_READ : 0) |
                   (ready & POLLER_WRITE ? UB_EV_WRITE : 0) |
                   (ready & POLLER_TIMEOUT ? UB_EV_TIMEOUT : 0));
}

/* libunbound may free the event from its callback: it is set up for what comes next
 * before. */
static void on_event(struct poller_event *poll, unsigned ready)
{
    struct event *event = poll->arg;

    if (!(event->bits & UB_EV_PERSIST)) {
        poller_stop(event->poller, poll);
    } else if (event->has_timeout) {
        poller_start_timer(event->poller, poll, event->timeout_ms);
    }
    event->callback(event->fd, unbound_bits(ready), event->arg);
}

static void event_add_bits(struct ub_event *unbound, short bits)
{
    struct event *event = event_of(unbound);

    event->bits = (short)(event->bits | bits);
}

static void event_del_bits(struct ub_event *unbound, short bits)
{
    struct event *event = event_of(unbound);

    event->bits = (short)(event->bits & ~bits);
}

static void event_set_fd(struct ub_event *unbound, int fd)
{
    event_of(unbound)->fd = fd;
}

static int event_del(struct ub_event *unbound)
{
    struct event *event = event_of(unbound);

    poller_stop(event->poller, &event->poll);
    return 0;
}

static void event_free(struct ub_event *unbound)
{
    event_del(unbound);
    free(unbound);
}

static int event_add(struct ub_event *unbound, struct timeval *timeout)
{
    struct event *event = event_of(unbound);
    struct poller *poller = event->poller;
    unsigned interest = (event->bits & UB_EV_READ ? POLLER_READ : 0U) |
                        (event->bits & UB_EV_WRITE ? POLLER_WRITE : 0U);

    event->has_timeout = timeout && event->bits & UB_EV_TIMEOUT;
    if (event->has_timeout) {
        event->timeout_ms =
            (uint64_t)timeout->tv_sec * 1000 + (uint64_t)timeout->tv_usec / 1000;
        poller_start_timer(poller, &event->poll, event->timeout_ms);
    }
    if (interest && poller_watch(poller, &event->poll, event->fd, interest) != 0) {
        return -1;
    }
    return 0;
}

static int event_add_timer(struct ub_event *unbound, struct ub_event_base *base,
                           void (*callback)(int, short, void *), void *arg,
                           struct timeval *timeout)
{
    struct event *event = event_of(unbound);

    (void)base;
    event->callback = callback;
    event->arg = arg;
    event->fd = -1;
    event->bits = UB_EV_TIMEOUT;
    return event_add(unbound, timeout);
}

static int signal_refuse(struct ub_event *unbound, struct timeval *timeout)
{
    (void)unbound;
    (void)timeout;
    return -1;
}

static int signal_del_refuse(struct ub_event *unbound)
{
    (void)unbound;
    return -1;
}

static struct ub_event_vmt event_methods = {
    .add_bits = event_add_bits,
    .del_bits = event_del_bits,
    .set_fd = event_set_fd,
    .free = event_free,
    .add = event_add,
    .del = event_del,
    .add_timer = event_add_timer,
    .del_timer = event_del,
    .add_signal = signal_refuse,
    .del_signal = signal_del_refuse,
};

static struct ub_event *base_new_event(struct ub_event_base *base, int fd, short bits,
                                       void (*callback)(int, short, void *), void *arg)
{
    struct event *event = calloc(1, sizeof *event);

    if (!event) {
        poller_lack_memory(((struct recursion_base *)base)->poller);
        return NULL;
    }
    event->unbound = (struct ub_event){UB_EVENT_MAGIC, &event_methods};
    event->poll = (struct poller_event){.on_event = on_event, .arg = event};
    event->poller = ((struct recursion_base *)base)->poller;
    event->callback = callback;
    event->arg = arg;
    event->fd = fd;
    event->bits = bits;
    return &event->unbound;
}

static struct ub_event *base_new_signal(struct ub_event_base *base, int fd,
                                        void (*callback)(int, short, void *), void *arg)
{
    (void)base;
    (void)fd;
    (void)callback;
    (void)arg;
    return NULL;
}

static void base_free(struct ub_event_base *base)
{
    (void)base; /* part of the engine */
}

static int base_dispatch(struct ub_event_base *base)
{
    (void)base;
    return -1;
}

static int base_exit(struct ub_event_base *base, struct timeval *timeout)
{
    (void)base;
    (void)timeout;
    return -1;
}

static struct ub_event_base_vmt base_methods = {
    .free = base_free,
    .dispatch = base_dispatch,
    .loopexit = base_exit,
    .new_event = base_new_event,
    .new_signal = base_new_signal,
};

void recursion_base_init(struct recursion_base *base, struct poller *poller)
{
    base->unbound = (struct ub_event_base){UB_EVENT_MAGIC, &base_methods};
    base->poller = poller;
}
