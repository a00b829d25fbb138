#include "resolver/poller.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>
#include <uv.h>

#define BATCH 64
#define ROUNDS_MAX 16 /* then the rest of the loop has its turn */
#define NS_PER_MS 1000000U
/* For other threads that open one between our look and our use of it. */
#define DESCRIPTORS_SPARE 64

/* A descriptor's number is reused at once; what epoll reported for its predecessor in
 * the same batch bears another generation. */
struct slot {
    struct poller_event *first;
    unsigned interest; /* what epoll knows */
    uint32_t generation;
};

struct poller {
    uv_poll_t poll;
    uv_timer_t timer;
    int epoll_fd;
    bool is_closing, lacks_memory;
    unsigned open_handles;
    poller_notify *on_turn;
    poller_notify *on_closed;
    void *arg;
    struct slot *slots; /* by descriptor */
    size_t slot_count;
    struct poller_event **heap; /* from place 1, the earliest first */
    size_t heap_len;
    size_t heap_room;
    uint64_t armed_ns; /* when the uv_timer_t fires; UINT64_MAX = it does not run */
};

/* ---- descriptors ---- */

static uint32_t epoll_bits(unsigned interest)
{
    return (interest & POLLER_READ ? EPOLLIN : 0U) |
           (interest & POLLER_WRITE ? EPOLLOUT : 0U);
}

static int slot_update(struct poller *poller, int fd)
{
    struct slot *slot = &poller->slots[fd];
    unsigned wanted = 0;

    for (struct poller_event *event = slot->first; event; event = event->next) {
        wanted |= event->interest;
    }
    if (wanted == slot->interest) {
        return 0;
    }
    if (slot->interest == 0) {
        slot->generation++;
    }
    struct epoll_event epoll = {.events = epoll_bits(wanted),
                                .data.u64 =
                                    (uint64_t)slot->generation << 32 | (uint32_t)fd};
    int operation = slot->interest == 0 ? EPOLL_CTL_ADD
                    : wanted == 0       ? EPOLL_CTL_DEL
                                        : EPOLL_CTL_MOD;
    slot->interest = wanted;
    if (epoll_ctl(poller->epoll_fd, operation, fd, &epoll) == 0) {
        return 0;
    }
    /* The library may have closed the descriptor before it took its event back; the
     * kernel then forgot it too. */
    if (operation == EPOLL_CTL_MOD && errno == ENOENT &&
        epoll_ctl(poller->epoll_fd, EPOLL_CTL_ADD, fd, &epoll) == 0) {
        return 0;
    }
    return operation == EPOLL_CTL_DEL ? 0 : -errno;
}

static int slots_grow(struct poller *poller, int fd)
{
    size_t wanted = poller->slot_count ? poller->slot_count : 64;

    while (wanted <= (size_t)fd) {
        wanted *= 2;
    }
    if (wanted == poller->slot_count) {
        return 0;
    }
    struct slot *slots = realloc(poller->slots, wanted * sizeof *slots);
    if (!slots) {
        poller_lack_memory(poller);
        return -ENOMEM;
    }
    memset(slots + poller->slot_count, 0, (wanted - poller->slot_count) * sizeof *slots);
    poller->slots = slots;
    poller->slot_count = wanted;
    return 0;
}

int poller_watch(struct poller *poller, struct poller_event *event, int fd,
                 unsigned interest)
{
    poller_unwatch(poller, event);
    int error = fd < 0 ? -EBADF : slots_grow(poller, fd);
    if (error != 0) {
        return error;
    }
    event->fd = fd;
    event->interest = interest;
    event->ready = 0;
    event->next = poller->slots[fd].first;
    poller->slots[fd].first = event;
    error = slot_update(poller, fd);
    if (error != 0) {
        poller_unwatch(poller, event);
    }
    return error;
}

void poller_unwatch(struct poller *poller, struct poller_event *event)
{
    if (event->interest == 0) {
        return;
    }
    struct poller_event **link = &poller->slots[event->fd].first;
    while (*link != event) {
        link = &(*link)->next;
    }
    *link = event->next;
    event->interest = event->ready = 0;
    (void)slot_update(poller, event->fd);
}

/* The libraries do not survive everything that they get no memory for: from the first time on
 * they are left alone, and what is open waits for the end. */
static bool is_at_work(const struct poller *poller)
{
    return !poller->is_closing && !poller->lacks_memory;
}

static struct poller_event *slot_ready(const struct slot *slot)
{
    struct poller_event *event = slot->first;

    while (event && event->ready == 0) {
        event = event->next;
    }
    return event;
}

/* A callback may stop any event and reuse the descriptor: nothing is held across it
 * but the number. */
static void slot_dispatch(struct poller *poller, const struct epoll_event *epoll)
{
    size_t fd = (uint32_t)epoll->data.u64;
    uint32_t generation = (uint32_t)(epoll->data.u64 >> 32);
    unsigned bits = (epoll->events & EPOLLIN ? POLLER_READ : 0U) |
                    (epoll->events & EPOLLOUT ? POLLER_WRITE : 0U);
    struct poller_event *event;

    if (epoll->events & (EPOLLERR | EPOLLHUP)) {
        bits = POLLER_READ | POLLER_WRITE;
    }
    if (poller->slots[fd].generation != generation) {
        return;
    }
    for (event = poller->slots[fd].first; event; event = event->next) {
        event->ready = event->interest & bits;
    }
    while (is_at_work(poller) && poller->slots[fd].generation == generation &&
           (event = slot_ready(&poller->slots[fd]))) {
        unsigned ready = event->ready;
        event->ready = 0;
        event->on_event(event, ready);
    }
}

static void descriptors_dispatch(struct poller *poller)
{
    struct epoll_event events[BATCH];
    int count = BATCH;

    for (int round = 0; round < ROUNDS_MAX && count == BATCH; round++) {
        count = epoll_wait(poller->epoll_fd, events, BATCH, 0);
        for (int i = 0; i < count && is_at_work(poller); i++) {
            slot_dispatch(poller, &events[i]);
        }
        if (!poller->is_closing) {
            poller->on_turn(poller->arg);
        }
    }
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    (void)status;
    (void)events;
    descriptors_dispatch(handle->data);
}

/* ---- timers ---- */

static void heap_put(struct poller *poller, size_t place, struct poller_event *event)
{
    poller->heap[place] = event;
    event->heap_place = place;
}

static void heap_rise(struct poller *poller, size_t place, struct poller_event *event)
{
    while (place > 1 && poller->heap[place / 2]->due_ns > event->due_ns) {
        heap_put(poller, place, poller->heap[place / 2]);
        place /= 2;
    }
    heap_put(poller, place, event);
}

static void heap_sink(struct poller *poller, size_t place, struct poller_event *event)
{
    for (size_t child; (child = 2 * place) <= poller->heap_len; place = child) {
        if (child < poller->heap_len &&
            poller->heap[child + 1]->due_ns < poller->heap[child]->due_ns) {
            child++;
        }
        if (poller->heap[child]->due_ns >= event->due_ns) {
            break;
        }
        heap_put(poller, place, poller->heap[child]);
    }
    heap_put(poller, place, event);
}

static int heap_reserve(struct poller *poller)
{
    if (poller->heap_len + 1 < poller->heap_room) {
        return 0;
    }
    size_t room = poller->heap_room ? 2 * poller->heap_room : 64;
    struct poller_event **heap = reallocarray(poller->heap, room, sizeof(void *));
    if (!heap) {
        poller_lack_memory(poller);
        return -ENOMEM;
    }
    poller->heap = heap;
    poller->heap_room = room;
    return 0;
}

static void timers_dispatch(struct poller *poller);

static void on_timer(uv_timer_t *timer)
{
    struct poller *poller = timer->data;

    poller->armed_ns = UINT64_MAX;
    descriptors_dispatch(poller);
    timers_dispatch(poller);
}

/* Only ever moved forward: a timer that fires too early finds nothing due and is armed
 * anew. */
static void timer_arm(struct poller *poller, uint64_t now_ns)
{
    if (poller->heap_len == 0 || !is_at_work(poller) ||
        poller->heap[1]->due_ns >= poller->armed_ns) {
        return;
    }
    uint64_t due_ns = poller->heap[1]->due_ns;
    uint64_t delay_ns = due_ns > now_ns ? due_ns - now_ns : 0;
    uv_update_time(poller->timer.loop); /* libuv counts from the start of its turn */
    uv_timer_start(&poller->timer, on_timer, (delay_ns + NS_PER_MS - 1) / NS_PER_MS, 0);
    poller->armed_ns = due_ns;
}

static void timers_dispatch(struct poller *poller)
{
    uint64_t now_ns = uv_hrtime();

    while (is_at_work(poller) && poller->heap_len > 0 &&
           poller->heap[1]->due_ns <= now_ns) {
        struct poller_event *event = poller->heap[1];
        poller_stop_timer(poller, event);
        event->on_event(event, POLLER_TIMEOUT);
    }
    if (!poller->is_closing) {
        poller->on_turn(poller->arg);
        timer_arm(poller, uv_hrtime());
    }
}

int poller_start_timer(struct poller *poller, struct poller_event *event,
                       uint64_t delay_ms)
{
    uint64_t now_ns = uv_hrtime();

    poller_stop_timer(poller, event);
    if (heap_reserve(poller) != 0) {
        return -ENOMEM;
    }
    event->due_ns = now_ns + delay_ms * NS_PER_MS;
    heap_rise(poller, ++poller->heap_len, event);
    timer_arm(poller, now_ns);
    return 0;
}

void poller_stop_timer(struct poller *poller, struct poller_event *event)
{
    size_t place = event->heap_place;

    if (place == 0) {
        return;
    }
    struct poller_event *last = poller->heap[poller->heap_len--];
    event->heap_place = 0;
    if (last == event) {
        return;
    }
    if (place > 1 && poller->heap[place / 2]->due_ns > last->due_ns) {
        heap_rise(poller, place, last);
    } else {
        heap_sink(poller, place, last);
    }
}

void poller_stop(struct poller *poller, struct poller_event *event)
{
    poller_unwatch(poller, event);
    poller_stop_timer(poller, event);
}

/* ---- life ---- */

static void on_handle_closed(uv_handle_t *handle)
{
    struct poller *poller = handle->data;

    if (--poller->open_handles > 0) {
        return;
    }
    close(poller->epoll_fd);
    if (poller->on_closed) {
        poller->on_closed(poller->arg);
    }
    free(poller->slots);
    free(poller->heap);
    free(poller);
}

void poller_lack_memory(struct poller *poller)
{
    poller->lacks_memory = true;
}

bool poller_lacks_memory(const struct poller *poller)
{
    return poller->lacks_memory;
}

/* A number from here on is too near to the end. Read anew, since prlimit(1) may lower it. */
static int descriptor_limit(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > INT_MAX) {
        return INT_MAX;
    }
    int count = (int)limit.rlim_cur;
    return count - (count / 4 < DESCRIPTORS_SPARE ? count / 4 : DESCRIPTORS_SPARE);
}

/* The kernel hands out the lowest free number. */
bool poller_has_room(const struct poller *poller)
{
    int fd = fcntl(poller->epoll_fd, F_DUPFD_CLOEXEC, 0);

    if (fd >= 0) {
        close(fd);
    }
    return fd >= 0 && fd < descriptor_limit();
}

int poller_open(struct poller **out, struct uv_loop_s *loop, poller_notify *on_turn,
                void *arg)
{
    struct poller *poller = calloc(1, sizeof *poller);
    int error;

    if (!poller) {
        return -ENOMEM;
    }
    poller->on_turn = on_turn;
    poller->arg = arg;
    poller->armed_ns = UINT64_MAX;
    poller->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (poller->epoll_fd < 0 || heap_reserve(poller) != 0) {
        error = poller->epoll_fd < 0 ? -errno : -ENOMEM;
        free(poller);
        return error;
    }
    error = uv_poll_init(loop, &poller->poll, poller->epoll_fd);
    if (error != 0) {
        close(poller->epoll_fd);
        free(poller->heap);
        free(poller);
        return error;
    }
    uv_timer_init(loop, &poller->timer);
    poller->poll.data = poller->timer.data = poller;
    poller->open_handles = 2;
    uv_poll_start(&poller->poll, UV_READABLE, on_poll);
    poller_hold(poller, false);
    *out = poller;
    return 0;
}

void poller_hold(struct poller *poller, bool is_held)
{
    void (*hold)(uv_handle_t *) = is_held ? uv_ref : uv_unref;

    hold((uv_handle_t *)&poller->poll);
    hold((uv_handle_t *)&poller->timer);
}

void poller_close(struct poller *poller, poller_notify *on_closed, void *arg)
{
    poller->is_closing = true;
    poller->on_closed = on_closed;
    poller->arg = arg;
    uv_close((uv_handle_t *)&poller->poll, on_handle_closed);
    uv_close((uv_handle_t *)&poller->timer, on_handle_closed);
}
