/* totals_write (totals.c) and latency_write (latency.c), read back. A word that this
 * version does not know is passed over, one that the file does not know counts nothing. */
#include "scanner/checkpoint_json.h"

#include "scanner/record_part.h"

static void read_count(struct checkpoint_json *json, const json_t *object,
                       const char *key, uint64_t *count)
{
    if (json_object_get(object, key) != NULL) {
        *count = checkpoint_uint(json, object, key);
    }
}

static void read_validities(struct checkpoint_json *json, const json_t *deployment,
                            uint64_t counts[TOTALS_VALIDITIES])
{
    for (unsigned i = 0; i < TOTALS_VALIDITIES; i++) {
        const char *text = validity_text((enum validity)i);
        read_count(json, deployment, text != NULL ? text : "null", &counts[i]);
    }
}

static void read_judgements(struct checkpoint_json *json, const json_t *totals,
                            struct totals_counts *counts)
{
    for (unsigned i = 0; i < TOTALS_PROTOCOLS; i++) {
        const json_t *protocol = json_object_get(totals, TOTALS_PROTOCOL_NAMES[i]);
        for (unsigned d = 0; d < TOTALS_DEPLOYMENTS; d++) {
            const char *deployment = deployment_text((enum deployment)d);
            read_validities(json, json_object_get(protocol, deployment),
                            counts->by_judgement[i][d]);
        }
    }
}

static void read_codes(struct checkpoint_json *json, const json_t *codes,
                       struct totals_counts *counts)
{
    for (unsigned i = 0; i < TOTALS_AREAS; i++) {
        const struct totals_area *area = &TOTALS_AREA_TABLE[i];
        const json_t *object = json_object_get(codes, area->name);
        for (unsigned code = 0; code < area->code_count; code++) {
            read_count(json, object, area->code_text(code), &counts->by_code[i][code]);
        }
    }
}

static void read_latency(struct checkpoint_json *json, const json_t *object,
                         struct latency *latency)
{
    const json_t *written = checkpoint_object(json, object, "latency_ms");
    const json_t *buckets = checkpoint_array(json, written, "buckets");
    const json_t *max = json_object_get(written, "max");
    double max_us = json_number_value(max) * 1e3 + 0.5;
    latency->max_us = max_us > 0 && max_us < 1e18 ? (uint64_t)max_us : 0;
    if (json_array_size(buckets) > LATENCY_BUCKETS) {
        checkpoint_fault(json, "buckets", "has too many numbers");
        return;
    }
    for (size_t i = 0; i < json_array_size(buckets); i++) {
        json_int_t count = json_integer_value(json_array_get(buckets, i));
        latency->buckets[i] = count > 0 ? (uint64_t)count : 0;
    }
}

static void read_network(struct checkpoint_json *json, const json_t *root,
                         struct totals_counts *counts)
{
    const json_t *dns = checkpoint_object(json, root, "dns");
    const json_t *https = checkpoint_object(json, root, "https");
    const json_t *by_status = json_object_get(dns, "by_status");
    const json_t *by_stage = json_object_get(https, "by_stage");
    read_count(json, dns, "queries", &counts->dns.queries);
    read_count(json, dns, "retries", &counts->dns.retries);
    read_count(json, dns, "cache_hits", &counts->dns.cache_hits);
    read_count(json, dns, "coalesced", &counts->dns.coalesced);
    read_count(json, dns, "cache_evictions", &counts->dns.cache_evictions);
    read_count(json, dns, "outages", &counts->dns.outages);
    read_count(json, dns, "shortages", &counts->dns.shortages);
    for (unsigned i = 0; i <= DNS_CNAME_LOOP; i++) {
        read_count(json, by_status, dns_status_text((enum dns_status)i),
                   &counts->dns.by_status[i]);
    }
    read_latency(json, dns, &counts->dns_latency);
    read_count(json, https, "fetches", &counts->https.fetches);
    read_count(json, https, "connections", &counts->https.connections);
    read_count(json, https, "remembered_failures", &counts->https.remembered);
    read_count(json, https, "shortages", &counts->https.shortages);
    read_count(json, https, "bytes", &counts->https.bytes);
    for (unsigned i = 0; i <= FETCH_STAGE_OK; i++) {
        read_count(json, by_stage, TOTALS_STAGE_NAMES[i], &counts->https.by_stage[i]);
    }
    read_latency(json, https, &counts->https_latency);
}

void checkpoint_totals(struct checkpoint_json *json, const json_t *root,
                       struct totals_counts *counts)
{
    const json_t *totals = checkpoint_object(json, root, "totals");
    const json_t *status = checkpoint_object(json, totals, "status");
    for (unsigned i = 0; i < RECORD_STATUS_COUNT; i++) {
        read_count(json, status, record_status_text((enum record_status)i),
                   &counts->by_status[i]);
        counts->records += counts->by_status[i];
    }
    read_judgements(json, totals, counts);
    read_codes(json, checkpoint_object(json, totals, "codes"), counts);
    read_network(json, root, counts);
}
