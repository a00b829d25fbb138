#include "scanner/latency.h"

/* Values below 8 us have a bucket each; above, the three bits after the leading one
 * choose among the eight of an octave. */
static unsigned bucket_of(uint64_t us)
{
    if (us < 8) {
        return (unsigned)us;
    }
    unsigned octave = 63 - (unsigned)__builtin_clzll(us);
    unsigned bucket = (octave - 2) * 8 + (unsigned)((us >> (octave - 3)) & 7);
    return bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS - 1;
}

/* The greatest value of a bucket. */
static uint64_t bucket_end(unsigned bucket)
{
    if (bucket < 8) {
        return bucket;
    }
    unsigned octave = bucket / 8 + 2;
    return ((UINT64_C(8) + bucket % 8 + 1) << (octave - 3)) - 1;
}

void latency_add(struct latency *latency, uint64_t us)
{
    latency->buckets[bucket_of(us)]++;
    latency->max_us = us > latency->max_us ? us : latency->max_us;
}

double latency_percentile_ms(const struct latency *latency, double share)
{
    uint64_t total = 0, seen = 0;
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        total += latency->buckets[i];
    }
    for (unsigned i = 0; i < LATENCY_BUCKETS; i++) {
        seen += latency->buckets[i];
        if (seen > 0 && (double)seen >= share * (double)total) {
            uint64_t end_us = bucket_end(i);
            return (double)(end_us < latency->max_us ? end_us : latency->max_us) / 1e3;
        }
    }
    return 0;
}

void latency_write(struct json *json, const struct latency *latency)
{
    json_key(json, "latency_ms");
    json_object_begin(json);
    json_key(json, "p50");
    json_number(json, latency_percentile_ms(latency, 0.5));
    json_key(json, "p90");
    json_number(json, latency_percentile_ms(latency, 0.9));
    json_key(json, "p99");
    json_number(json, latency_percentile_ms(latency, 0.99));
    json_key(json, "max");
    json_number(json, (double)latency->max_us / 1e3);
    json_key(json, "buckets");
    json_array_begin(json);
    unsigned count = LATENCY_BUCKETS;
    while (count > 0 && latency->buckets[count - 1] == 0) {
        count--;
    }
    for (unsigned i = 0; i < count; i++) {
        json_uint(json, latency->buckets[i]);
    }
    json_array_end(json);
    json_object_end(json);
}
