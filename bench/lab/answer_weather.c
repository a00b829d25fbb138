#include "bench/lab/answer_weather.h"

#include "bench/lab/answer_zones.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    REORDER_MAX = 5,         /* so many answers overtake at most */
    REORDER_WAIT_US = 20000, /* … or none comes */
    ASIDE_MAX = 64,
};

struct held {
    struct held *next;
    uint64_t due_us;
    struct connection *connection; /* NULL: UDP */
    int fd;
    struct sockaddr_in to;
    size_t len;
    uint8_t bytes[];
};

/* An answer that lets others overtake. */
struct aside {
    struct held *held;
    unsigned overtaken_by; /* how many still may */
    uint64_t until_us;
};

struct weather {
    struct weather_options options;
    struct weather_counts counts;
    struct held *first, **end;
    struct aside aside[ASIDE_MAX];
    size_t aside_count;
    uint64_t random;
};

static uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

struct weather *weather_open(const struct weather_options *options)
{
    if (options->delay_ms == 0 && options->loss <= 0 && options->duplicate <= 0 &&
        options->reorder <= 0) {
        return NULL;
    }
    struct weather *weather = calloc(1, sizeof *weather);
    if (weather == NULL) {
        answer_die("memory", strerror(ENOMEM));
    }
    weather->options = *options;
    weather->end = &weather->first;
    weather->random = options->seed;
    return weather;
}

/* splitmix64 (Steele, Lea and Flood 2014) */
static uint64_t draw(struct weather *weather)
{
    uint64_t mixed = weather->random += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static bool happens(struct weather *weather, double percent)
{
    return percent > 0 && (double)(draw(weather) >> 11) * 0x1p-53 * 100 < percent;
}

/* ---- on the way ---- */

static struct held *hold(const uint8_t *bytes, size_t len)
{
    struct held *held = malloc(sizeof *held + len);
    if (held == NULL) {
        answer_die("memory", strerror(ENOMEM));
    }
    *held = (struct held){.len = len};
    memcpy(held->bytes, bytes, len);
    return held;
}

static void enqueue(struct weather *weather, struct held *held)
{
    held->due_us = now_us() + (uint64_t)weather->options.delay_ms * 1000;
    *weather->end = held;
    weather->end = &held->next;
}

/* Takes those whose time has come, as others overtook them or it is late, from aside. */
static void release_aside(struct weather *weather, uint64_t now)
{
    size_t kept = 0;
    for (size_t i = 0; i < weather->aside_count; i++) {
        struct aside *aside = &weather->aside[i];
        if (aside->overtaken_by == 0 || aside->until_us <= now) {
            enqueue(weather, aside->held);
        } else {
            weather->aside[kept++] = *aside;
        }
    }
    weather->aside_count = kept;
}

static void overtake(struct weather *weather)
{
    for (size_t i = 0; i < weather->aside_count; i++) {
        weather->aside[i].overtaken_by--;
    }
    if (weather->aside_count > 0) {
        release_aside(weather, now_us());
    }
}

void weather_udp(struct weather *weather, int fd, const struct sockaddr_in *to,
                 const uint8_t *bytes, size_t len)
{
    if (happens(weather, weather->options.loss)) {
        weather->counts.dropped++;
        return;
    }
    unsigned copies = 1;
    if (happens(weather, weather->options.duplicate)) {
        weather->counts.duplicated++;
        copies++;
    }
    for (; copies > 0; copies--) {
        struct held *held = hold(bytes, len);
        held->fd = fd;
        held->to = *to;
        if (weather->aside_count < ASIDE_MAX &&
            happens(weather, weather->options.reorder)) {
            weather->counts.reordered++;
            weather->aside[weather->aside_count++] =
                (struct aside){held, 1 + (unsigned)(draw(weather) % REORDER_MAX),
                               now_us() + REORDER_WAIT_US};
        } else {
            enqueue(weather, held);
            overtake(weather);
        }
    }
}

void weather_tcp(struct weather *weather, struct connection *connection,
                 const uint8_t *bytes, size_t len)
{
    struct held *held = hold(bytes, len);
    held->connection = connection;
    enqueue(weather, held);
}

static void deliver(struct held *held)
{
    if (held->connection != NULL) {
        tcp_deliver(held->connection, held->bytes, held->len);
    } else {
        (void)sendto(held->fd, held->bytes, held->len, MSG_DONTWAIT,
                     (const struct sockaddr *)&held->to, sizeof held->to);
    }
    free(held);
}

int weather_tick(struct weather *weather)
{
    uint64_t now = now_us();
    release_aside(weather, now);
    while (weather->first != NULL && weather->first->due_us <= now) {
        struct held *held = weather->first;
        weather->first = held->next;
        if (weather->first == NULL) {
            weather->end = &weather->first;
        }
        deliver(held);
    }
    if (weather->first != NULL) {
        return (int)((weather->first->due_us - now + 999) / 1000);
    }
    return weather->aside_count > 0 ? REORDER_WAIT_US / 1000 : -1;
}

const struct weather_counts *weather_counts(const struct weather *weather)
{
    static const struct weather_counts fair;
    return weather != NULL ? &weather->counts : &fair;
}
