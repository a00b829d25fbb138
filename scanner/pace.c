#include "scanner/pace.h"

#include <time.h>

/* In a second: at most 1.02 s / interval + 1, which is no more than the rate. */
#define RATE_SHARE 0.97
#define BURST_NS 20000000

uint64_t pace_take(struct pace *pace, uint64_t now_ns)
{
    if (pace->rate <= 0) {
        return 0;
    }
    uint64_t interval_ns = (uint64_t)(1e9 / (pace->rate * RATE_SHARE));
    uint64_t turn_ns = atomic_load_explicit(&pace->turn_ns, memory_order_relaxed);
    uint64_t next_ns;
    do {
        if (turn_ns > now_ns + BURST_NS) {
            return turn_ns - now_ns - BURST_NS;
        }
        next_ns = (turn_ns > now_ns ? turn_ns : now_ns) + interval_ns;
    } while (!atomic_compare_exchange_weak_explicit(
        &pace->turn_ns, &turn_ns, next_ns, memory_order_relaxed, memory_order_relaxed));
    return 0;
}

void pacing_init(struct pacing *pacing, double dns, double https, double per_host)
{
    pacing->dns.rate = dns;
    pacing->https.rate = https;
    for (unsigned i = 0; i < PACING_HOSTS; i++) {
        pacing->hosts[i].rate = per_host;
    }
}

static uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

uint64_t pacing_take_query(void *arg)
{
    struct pacing *pacing = arg;
    return pacing->dns.rate > 0 ? pace_take(&pacing->dns, now_ns()) : 0;
}

/* FNV-1a. */
static struct pace *host_of(struct pacing *pacing, const struct fetch_address *address)
{
    uint32_t hash = UINT32_C(2166136261);
    for (size_t i = 0; i < (address->family == 4 ? 4U : 16U); i++) {
        hash = (hash ^ address->bytes[i]) * UINT32_C(16777619);
    }
    return &pacing->hosts[(hash ^ hash >> 16) % PACING_HOSTS];
}

/* The host's turn is taken last; should another worker be quicker there, a turn of all is
 * lost, and nothing is too fast. */
uint64_t pacing_take_connection(void *arg, const struct fetch_address *address)
{
    struct pacing *pacing = arg;
    struct pace *host = host_of(pacing, address);
    uint64_t now = now_ns();
    uint64_t turn_ns = atomic_load_explicit(&host->turn_ns, memory_order_relaxed);
    if (host->rate > 0 && turn_ns > now + BURST_NS) {
        return turn_ns - now - BURST_NS;
    }
    uint64_t wait_ns = pace_take(&pacing->https, now);
    return wait_ns > 0 ? wait_ns : pace_take(host, now);
}
