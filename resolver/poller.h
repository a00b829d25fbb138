/* Sockets and timers of a DNS library on our loop.
 *
 * The libraries open a socket and set a timer or two for every query. A uv_poll_t and a
 * uv_timer_t for each would cost four epoll_ctl a socket and memory that lives until a
 * close callback. So all sockets of an engine stand in an epoll set of its own, which is
 * one descriptor to libuv, and all timers in one heap with one uv_timer_t. An event is
 * plain memory: once poller_stop() returns it may be freed and its descriptor closed.
 *
 * Several events may watch one descriptor. Before timers fire, sockets are read: after
 * a stall of the process (SIGSTOP, a slow callback) answers that are here already beat
 * their time-outs.
 *
 * All of an engine holds its poller, so that it is told here, too, when memory is short.
 */
#ifndef RESOLVER_POLLER_H
#define RESOLVER_POLLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define POLLER_READ 1U
#define POLLER_WRITE 2U
#define POLLER_TIMEOUT 4U

struct uv_loop_s;
struct poller;
struct poller_event;

/* ready: POLLER_TIMEOUT alone, or what of the interest is ready. A descriptor with an
 * error or a hang-up is ready for everything. */
typedef void poller_on_event(struct poller_event *event, unsigned ready);
typedef void poller_notify(void *arg);

struct poller_event { /* the caller's memory; all zero before first use */
    poller_on_event *on_event;
    void *arg;
    /* the poller's own */
    struct poller_event *next; /* of the same descriptor */
    uint64_t due_ns;
    size_t heap_place; /* from 1; 0 = no timer runs */
    int fd;
    unsigned interest;
    unsigned ready;
};

/* on_turn is called after each round of events, outside of all of them: the moment to
 * ask more. 0 or -errno. */
int poller_open(struct poller **poller, struct uv_loop_s *loop, poller_notify *on_turn,
                void *arg) __attribute__((warn_unused_result));

/* No event fires any more; on_closed is called by the loop when all is released. Until
 * then events may still be stopped. */
void poller_close(struct poller *poller, poller_notify *on_closed, void *arg);

/* While held the poller keeps the loop running; not held at first. */
void poller_hold(struct poller *poller, bool is_held);

/* False when the process has hardly a descriptor left: another socket had better wait. */
bool poller_has_room(const struct poller *poller);

/* An allocation of the engine or of its library has failed: for good. No event fires any
 * more. */
void poller_lack_memory(struct poller *poller);
bool poller_lacks_memory(const struct poller *poller);

/* interest is a set of POLLER_READ and POLLER_WRITE. 0 or -errno. */
int poller_watch(struct poller *poller, struct poller_event *event, int fd,
                 unsigned interest) __attribute__((warn_unused_result));
/* Once, after delay; starting anew moves it. 0 or -ENOMEM, which is
 * noted as a lack of memory: a caller without a second plan may ignore it. */
int poller_start_timer(struct poller *poller, struct poller_event *event,
                       uint64_t delay_ms);
void poller_unwatch(struct poller *poller, struct poller_event *event);
void poller_stop_timer(struct poller *poller, struct poller_event *event);
void poller_stop(struct poller *poller, struct poller_event *event); /* both */

#endif
