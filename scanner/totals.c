#include "scanner/totals.h"

#include "scanner/record_part.h"

#include <stddef.h>

void totals_init(struct totals *totals)
{
    *totals = (struct totals){.counts = {.records = 0}};
    pthread_mutex_init(&totals->lock, NULL);
}

void totals_close(struct totals *totals)
{
    pthread_mutex_destroy(&totals->lock);
}

struct judgement {
    enum check check;
    enum deployment deployment;
    enum validity validity;
};

static void judgements_of(const struct verdict *verdict,
                          struct judgement judgements[TOTALS_PROTOCOLS])
{
    const struct verdict_txt *spf = &verdict->spf.txt, *dmarc = &verdict->dmarc.txt;
    const struct verdict_txt *sts = &verdict->mta_sts.txt, *rpt = &verdict->tls_rpt.txt;
    judgements[0] = (struct judgement){CHECK_MX, verdict->mx.deployment, VALIDITY_NONE};
    judgements[1] = (struct judgement){CHECK_NS, verdict->ns.deployment, VALIDITY_NONE};
    judgements[2] =
        (struct judgement){CHECK_SPF, spf->published.deployment, spf->validity};
    judgements[3] =
        (struct judgement){CHECK_DMARC, dmarc->published.deployment, dmarc->validity};
    judgements[4] =
        (struct judgement){CHECK_MTA_STS, sts->published.deployment, sts->validity};
    judgements[5] =
        (struct judgement){CHECK_TLS_RPT, rpt->published.deployment, rpt->validity};
}

void totals_note(struct totals_note *note, uint64_t line, enum record_status status,
                 const struct survey *survey)
{
    *note = (struct totals_note){.line = line, .status = (uint8_t)status};
    for (unsigned i = 0; i < TOTALS_PROTOCOLS; i++) {
        note->deployments[i] = DEPLOYMENT_NOT_CHECKED;
        note->validities[i] = VALIDITY_NONE;
    }
    if (survey == NULL) {
        return;
    }
    struct judgement judgements[TOTALS_PROTOCOLS];
    const struct verdict *verdict = survey->verdict;
    unsigned checks = survey->config->checks;
    judgements_of(verdict, judgements);
    for (unsigned i = 0; i < TOTALS_PROTOCOLS; i++) {
        if ((judgements[i].check & checks) != 0) {
            note->deployments[i] = (uint8_t)judgements[i].deployment;
            note->validities[i] = (uint8_t)judgements[i].validity;
        }
    }
    bool is_sts_checked = (checks & CHECK_MTA_STS) != 0;
    note->codes[0] = (checks & CHECK_MX) != 0 ? verdict->mx_defects.seen : 0;
    note->codes[1] = (checks & CHECK_SPF) != 0 ? verdict->spf.txt.defects.seen : 0;
    note->codes[2] = (checks & CHECK_DMARC) != 0 ? verdict->dmarc.txt.defects.seen : 0;
    note->codes[3] = is_sts_checked ? verdict->mta_sts.txt.defects.seen : 0;
    note->codes[4] = is_sts_checked ? verdict->mta_sts.policy.defects.seen : 0;
    note->codes[5] =
        (checks & CHECK_TLS_RPT) != 0 ? verdict->tls_rpt.txt.defects.seen : 0;
}

static void count_codes(uint64_t counts[DEFECT_CODES_MAX], uint64_t seen)
{
    for (; seen != 0; seen &= seen - 1) {
        counts[__builtin_ctzll(seen)]++;
    }
}

void totals_count(struct totals_counts *counts, const struct totals_note *note)
{
    counts->records++;
    counts->by_status[note->status]++;
    for (unsigned i = 0; i < TOTALS_PROTOCOLS; i++) {
        counts->by_judgement[i][note->deployments[i]][note->validities[i]]++;
    }
    for (unsigned i = 0; i < TOTALS_AREAS; i++) {
        count_codes(counts->by_code[i], note->codes[i]);
    }
}

void totals_see_record(struct totals *totals, enum record_status status)
{
    pthread_mutex_lock(&totals->lock);
    totals->counts.records++;
    totals->counts.by_status[status]++;
    pthread_mutex_unlock(&totals->lock);
}

void totals_see_network(struct totals *totals, const struct resolver_stats *dns,
                        const struct fetcher_stats *https,
                        const struct job_context *context)
{
    pthread_mutex_lock(&totals->lock);
    totals->counts.dns_latency = context->dns_latency;
    totals->counts.https_latency = context->https_latency;
    totals->counts.dns = *dns;
    totals->counts.https = *https;
    pthread_mutex_unlock(&totals->lock);
}

static uint64_t greater(uint64_t one, uint64_t other)
{
    return one > other ? one : other;
}

/* All members are uint64_t, so a struct adds up as an array of them; but not the maxima.
 */
#define WORDS(type) (sizeof(type) / sizeof(uint64_t))
#define NETWORK_WORD (offsetof(struct totals_counts, dns) / sizeof(uint64_t))

static void add_words(struct totals_counts *sum, const struct totals_counts *counts,
                      size_t first)
{
    _Static_assert(sizeof *sum % sizeof(uint64_t) == 0, "counts only");
    uint64_t dns_max = greater(sum->dns_latency.max_us, counts->dns_latency.max_us);
    uint64_t https_max = greater(sum->https_latency.max_us, counts->https_latency.max_us);
    const uint64_t *from = (const uint64_t *)counts;
    uint64_t *to = (uint64_t *)sum;
    for (size_t i = first; i < WORDS(struct totals_counts); i++) {
        to[i] += from[i];
    }
    sum->dns_latency.max_us = dns_max;
    sum->https_latency.max_us = https_max;
}

void totals_add(struct totals_counts *sum, const struct totals_counts *counts)
{
    add_words(sum, counts, 0);
}

void totals_add_network(struct totals_counts *sum, const struct totals_counts *counts)
{
    add_words(sum, counts, NETWORK_WORD);
}

void totals_sum(struct totals *totals, struct totals_counts *sum)
{
    pthread_mutex_lock(&totals->lock);
    totals_add(sum, &totals->counts);
    pthread_mutex_unlock(&totals->lock);
}

const char *const TOTALS_PROTOCOL_NAMES[TOTALS_PROTOCOLS] = {
    "mx", "ns", "spf", "dmarc", "mta_sts", "tls_rpt"};
const struct totals_area TOTALS_AREA_TABLE[TOTALS_AREAS] = {
    {"mx", record_mx_code, MX_CODE_COUNT},
    {"spf", record_spf_code, SPF_CODE_COUNT},
    {"dmarc", record_dmarc_code, DMARC_CODE_COUNT},
    {"mta_sts", record_mta_sts_code, MTA_STS_CODE_COUNT},
    {"mta_sts.policy", record_policy_code, STS_CODE_COUNT},
    {"tls_rpt", record_tls_rpt_code, TLS_RPT_CODE_COUNT},
};
const char *const TOTALS_STAGE_NAMES[FETCH_STAGE_OK + 1] = {"none", "tcp", "tls", "http",
                                                            "ok"};

static void write_validities(struct json *json, const uint64_t counts[TOTALS_VALIDITIES])
{
    json_object_begin(json);
    for (unsigned i = 0; i < TOTALS_VALIDITIES; i++) {
        const char *text = validity_text((enum validity)i);
        json_key(json, text != NULL ? text : "null");
        json_uint(json, counts[i]);
    }
    json_object_end(json);
}

static void write_judgements(struct json *json, const struct totals_counts *counts)
{
    for (unsigned i = 0; i < TOTALS_PROTOCOLS; i++) {
        json_key(json, TOTALS_PROTOCOL_NAMES[i]);
        json_object_begin(json);
        for (unsigned d = 0; d < TOTALS_DEPLOYMENTS; d++) {
            json_key(json, deployment_text((enum deployment)d));
            write_validities(json, counts->by_judgement[i][d]);
        }
        json_object_end(json);
    }
}

static void write_codes(struct json *json, const struct totals_counts *counts)
{
    json_key(json, "codes");
    json_object_begin(json);
    for (unsigned i = 0; i < TOTALS_AREAS; i++) {
        const struct totals_area *area = &TOTALS_AREA_TABLE[i];
        json_key(json, area->name);
        json_object_begin(json);
        for (unsigned code = 0; code < area->code_count; code++) {
            json_key(json, area->code_text(code));
            json_uint(json, counts->by_code[i][code]);
        }
        json_object_end(json);
    }
    json_object_end(json);
}

static void write_network(struct json *json, const struct totals_counts *counts)
{
    json_key(json, "dns");
    json_object_begin(json);
    json_key(json, "queries");
    json_uint(json, counts->dns.queries);
    json_key(json, "retries");
    json_uint(json, counts->dns.retries);
    json_key(json, "cache_hits");
    json_uint(json, counts->dns.cache_hits);
    json_key(json, "coalesced");
    json_uint(json, counts->dns.coalesced);
    json_key(json, "cache_evictions");
    json_uint(json, counts->dns.cache_evictions);
    json_key(json, "outages");
    json_uint(json, counts->dns.outages);
    json_key(json, "shortages");
    json_uint(json, counts->dns.shortages);
    json_key(json, "by_status");
    json_object_begin(json);
    for (unsigned i = 0; i <= DNS_CNAME_LOOP; i++) {
        json_key(json, dns_status_text((enum dns_status)i));
        json_uint(json, counts->dns.by_status[i]);
    }
    json_object_end(json);
    latency_write(json, &counts->dns_latency);
    json_object_end(json);
    json_key(json, "https");
    json_object_begin(json);
    json_key(json, "fetches");
    json_uint(json, counts->https.fetches);
    json_key(json, "connections");
    json_uint(json, counts->https.connections);
    json_key(json, "remembered_failures");
    json_uint(json, counts->https.remembered);
    json_key(json, "shortages");
    json_uint(json, counts->https.shortages);
    json_key(json, "bytes");
    json_uint(json, counts->https.bytes);
    json_key(json, "by_stage");
    json_object_begin(json);
    for (unsigned i = 0; i <= FETCH_STAGE_OK; i++) {
        json_key(json, TOTALS_STAGE_NAMES[i]);
        json_uint(json, counts->https.by_stage[i]);
    }
    json_object_end(json);
    latency_write(json, &counts->https_latency);
    json_object_end(json);
}

void totals_write(struct json *json, const struct totals_counts *counts)
{
    json_key(json, "totals");
    json_object_begin(json);
    json_key(json, "status");
    json_object_begin(json);
    for (unsigned i = 0; i < RECORD_STATUS_COUNT; i++) {
        json_key(json, record_status_text((enum record_status)i));
        json_uint(json, counts->by_status[i]);
    }
    json_object_end(json);
    write_judgements(json, counts);
    write_codes(json, counts);
    json_object_end(json);
    write_network(json, counts);
}
