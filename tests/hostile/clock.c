/* Clocks that leap. Only what a program reads leaps: time-outs that the kernel keeps (epoll,
 * nanosleep) go on undisturbed. */
#include "system.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define EXPORTED __attribute__((visibility("default")))

static struct timespec begin;

static void real(clockid_t clock, struct timespec *now)
{
    syscall(SYS_clock_gettime, clock, now);
}

__attribute__((constructor)) static void start(void)
{
    real(CLOCK_MONOTONIC, &begin);
}

static long long elapsed_ms(void)
{
    struct timespec now;
    real(CLOCK_MONOTONIC, &now);
    return (now.tv_sec - begin.tv_sec) * 1000LL + (now.tv_nsec - begin.tv_nsec) / 1000000;
}

static bool is_of(const char *rule, clockid_t clock)
{
    bool is_wall = clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE;
    return strncmp(rule, is_wall ? "realtime:" : "monotonic:", is_wall ? 9 : 10) == 0;
}

/* Seconds by which the clock has leapt so far. */
static long long leapt(clockid_t clock)
{
    long long sum = 0;
    const char *rule = getenv("CLOCK_LEAP");
    while (rule != NULL && *rule != '\0') {
        char *end;
        const char *colon = strchr(rule, ':');
        long long seconds = colon != NULL ? strtoll(colon + 1, &end, 10) : 0;
        bool is_due = colon != NULL && *end == '@' && is_of(rule, clock) &&
                      elapsed_ms() >= strtoll(end + 1, NULL, 10);
        sum += is_due ? seconds : 0;
        rule = strchr(rule, ',');
        rule = rule != NULL ? rule + 1 : NULL;
    }
    return sum;
}

static bool may_leap(clockid_t clock)
{
    return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE ||
           clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE ||
           clock == CLOCK_MONOTONIC_RAW || clock == CLOCK_BOOTTIME;
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *now)
{
    int rc = (int)syscall(SYS_clock_gettime, clock, now);
    if (rc == 0 && may_leap(clock)) {
        now->tv_sec += leapt(clock);
    }
    return rc;
}

EXPORTED int gettimeofday(struct timeval *restrict now, void *restrict zone)
{
    struct timespec time_now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &time_now);
    now->tv_sec = time_now.tv_sec;
    now->tv_usec = time_now.tv_nsec / 1000;
    return 0;
}

EXPORTED time_t time(time_t *out)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (out != NULL) {
        *out = now.tv_sec;
    }
    return now.tv_sec;
}
