#include "scanner/watch.h"

#include <dirent.h>
#include <malloc.h>
#include <stdio.h>
#include <time.h>

#define LOOK_EVERY_MS 200
#define TRIM_EVERY_LOOKS (60 * 1000 / LOOK_EVERY_MS)

int64_t watch_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static uint64_t open_fds(void)
{
    DIR *dir = opendir("/proc/self/fd");
    uint64_t count = 0;
    while (dir != NULL && readdir(dir) != NULL) {
        count++;
    }
    if (dir != NULL) {
        closedir(dir);
    }
    return count > 3 ? count - 3 : 0; /* ".", ".." and the directory itself */
}

static uint64_t own_lines(const struct feed_stats *feed)
{
    return feed->lines - feed->skipped - feed->other_shards;
}

static void view_of(const struct watch *watch, struct progress_view *view,
                    struct totals_counts *counts)
{
    struct feed_stats feed;
    feed_stats(watch->run->feed, &feed);
    workers_sum(watch->workers, counts);
    *view = (struct progress_view){.now_ms = watch_now_ms(),
                                   .total = feed.is_read ? own_lines(&feed) : 0,
                                   .earlier = watch->run->earlier.records,
                                   .in_flight = workers_in_flight(watch->workers),
                                   .is_draining = atomic_load(watch->stop) != 0,
                                   .counts = counts};
}

static void tell(const char *what)
{
    fprintf(stderr, "mailcensus: %s\n", what);
}

/* The scan stands still, and nothing else would tell why. */
static void tell_outage(struct watch *watch, const struct totals_counts *counts)
{
    bool is_cut_off = counts->dns.cut_off > 0;
    if (is_cut_off != watch->is_cut_off) {
        tell(is_cut_off ? "no DNS question is answered any more: waiting until one is"
                        : "DNS questions are answered again, or have been waited for "
                          "long enough: going on");
    }
    watch->is_cut_off = is_cut_off;
}

/* Once: nothing is lost by it. */
static void tell_shortage(struct watch *watch, const struct totals_counts *counts)
{
    uint64_t shortages = counts->https.shortages + counts->dns.shortages;
    if (shortages > 0 && !watch->has_told_shortage) {
        tell("this machine is short of open files or local ports: what needs them waits "
             "for them");
        watch->has_told_shortage = true;
    }
}

static void note_descriptors(struct run *run)
{
    uint64_t fds = open_fds();
    if (fds > run->peak_fds) {
        run->peak_fds = fds;
    }
}

/* A storm leaves holes in the workers' heaps, and in a scan of days they add up. */
static void give_back_memory(void)
{
#ifdef __GLIBC__
    malloc_trim(0);
#endif
}

void watch_workers(struct watch *watch)
{
    struct totals_counts counts;
    struct progress_view view;
    unsigned looks = 0;
    while (!workers_are_done(watch->workers)) {
        nanosleep(&(struct timespec){.tv_nsec = LOOK_EVERY_MS * 1000000L}, NULL);
        if (looks % 5 == 0) {
            note_descriptors(watch->run);
        }
        if (++looks % TRIM_EVERY_LOOKS == 0) {
            give_back_memory();
        }
        view_of(watch, &view, &counts);
        tell_outage(watch, &counts);
        tell_shortage(watch, &counts);
        progress_show(watch->progress, &view);
    }
    view_of(watch, &view, &counts);
    tell_shortage(watch, &counts);
    progress_summary(watch->progress, &view);
}
