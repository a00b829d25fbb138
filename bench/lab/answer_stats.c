#include "bench/lab/answer_stats.h"

#include "bench/lab/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define TENTH_NS UINT64_C(100000000)

uint64_t stats_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now); /* the clock of SO_TIMESTAMPNS */
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static void settle_peaks(struct rate *rate)
{
    uint64_t second = 0;
    for (size_t i = 0; i < TENTHS; i++) {
        second += rate->tenths[i];
        rate->peak_tenth =
            rate->tenths[i] > rate->peak_tenth ? rate->tenths[i] : rate->peak_tenth;
    }
    rate->peak_second = second > rate->peak_second ? second : rate->peak_second;
}

/* Times may go back a little, between two sockets. */
void rate_add(struct rate *rate, uint64_t at_ns)
{
    uint64_t tenth = at_ns / TENTH_NS;
    rate->count++;
    if (tenth > rate->tenth) {
        settle_peaks(rate);
        uint64_t gap = tenth - rate->tenth;
        for (uint64_t i = 1; i <= (gap < TENTHS ? gap : TENTHS); i++) {
            rate->tenths[(rate->tenth + i) % TENTHS] = 0;
        }
        rate->tenth = tenth;
    }
    if (rate->tenth - tenth < TENTHS) {
        rate->tenths[tenth % TENTHS]++;
    }
}

static void write_rate(FILE *file, struct rate rate)
{
    settle_peaks(&rate);
    fprintf(file,
            "\"questions\":%" PRIu64 ",\"peak_per_second\":%" PRIu64
            ",\"peak_per_100_ms\":%" PRIu64,
            rate.count, rate.peak_second, rate.peak_tenth);
}

static void write_server(FILE *file, const struct server *server)
{
    const struct weather_counts *weather = weather_counts(server->weather);
    fputc('{', file);
    write_rate(file, server->rate);
    fprintf(file,
            ",\"questions_tcp\":%" PRIu64 ",\"answers\":%" PRIu64
            ",\"forwarded\":%" PRIu64 ",\"dropped\":%" PRIu64 ",\"duplicated\":%" PRIu64
            ",\"reordered\":%" PRIu64 ",\"addresses\":[",
            server->questions_tcp, server->answers, server->forwarded, weather->dropped,
            weather->duplicated, weather->reordered);
    for (const struct address *address = server->addresses; address != NULL;
         address = address->next) {
        fprintf(file, "{\"address\":\"%s\",", inet_ntoa(address->in));
        write_rate(file, address->rate);
        fputs(address->next != NULL ? "}," : "}]}\n", file);
    }
}

void stats_write(const struct server *server, const char *path)
{
    char unfinished[4096];
    snprintf(unfinished, sizeof unfinished, "%s.new", path);
    FILE *file = fopen(unfinished, "w");
    if (file == NULL) {
        answer_die(unfinished, strerror(errno));
    }
    write_server(file, server);
    if (fclose(file) != 0 || rename(unfinished, path) != 0) {
        answer_die(path, strerror(errno));
    }
}
