/* What happens to lab-answer's answers on their way: they come late, not at all, twice, or
 * after those that were sent later. Drawn from a seed, in the order of the answers.
 *
 * Lateness is the same for all, so what is under way is a queue. Over TCP nothing is lost
 * or doubled; it is late only.
 */
#ifndef BENCH_LAB_ANSWER_WEATHER_H
#define BENCH_LAB_ANSWER_WEATHER_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct weather_options {
    unsigned delay_ms;
    double loss, duplicate, reorder; /* percent of the datagrams */
    uint64_t seed;
};

struct weather_counts {
    uint64_t dropped, duplicated, reordered;
};

struct weather; /* opaque */
struct connection;

/* NULL: fair, nothing happens to an answer. */
struct weather *weather_open(const struct weather_options *options);
void weather_udp(struct weather *weather, int fd, const struct sockaddr_in *to,
                 const uint8_t *bytes, size_t len);
/* tcp_deliver() gets the bytes in time; the connection must live until then. */
void weather_tcp(struct weather *weather, struct connection *connection,
                 const uint8_t *bytes, size_t len);
/* Sends what is due; returns the milliseconds until something is, -1: nothing waits. */
int weather_tick(struct weather *weather);
const struct weather_counts *weather_counts(const struct weather *weather);

void tcp_deliver(struct connection *connection, const uint8_t *bytes, size_t len);

#endif
