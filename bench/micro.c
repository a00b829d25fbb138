/* What the pure parts of scan cost, one core, no network: the very functions it calls,
 * over the records of the lab's population (bench/README.md).
 *
 *   lab-gen --count 100000 --seed 1 --out DIR && bench-micro DIR [NAME…]
 */
#include "bench/measure.h"
#include "output/sink.h"
#include "scanner/classify/mta_sts.h"
#include "scanner/classify/spf.h"
#include "scanner/classify/sts_policy.h"
#include "scanner/classify/tls_rpt.h"
#include "scanner/job.h"
#include "scanner/provider_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define RECORD_REPEATS 10

struct bench {
    struct population population;
    struct sample_list records; /* JSON of every domain, as scan writes it */
    struct defects defects;
    union {
        struct dmarc_record dmarc;
        struct mta_sts_record mta_sts;
        struct tls_rpt_record tls_rpt;
        struct sts_policy policy;
        struct published published;
        struct spf_analysis analysis;
        struct spf_verdict verdict;
        struct target target;
    } out;
    struct job job;
    struct job_context context;
    struct verdict_config config;
    const struct sample *kept; /* where on_record puts the JSON; NULL = nowhere */
    double write_ns;           /* spent in record_write by write_again */
    const struct dns_answer *asked;
    const char *directory; /* for what the sink writes */
};

static void run_dmarc(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    defects_clear(&bench->defects);
    dmarc_parse(sample->text, &bench->out.dmarc, &bench->defects);
}

static void run_mta_sts(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    defects_clear(&bench->defects);
    mta_sts_parse(sample->text, &bench->out.mta_sts, &bench->defects);
}

static void run_tls_rpt(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    defects_clear(&bench->defects);
    tls_rpt_parse(sample->text, &bench->out.tls_rpt, &bench->defects);
}

static void run_policy(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    defects_clear(&bench->defects);
    sts_policy_parse(sample->text, &bench->out.policy, &bench->defects);
}

static void run_published(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    published_select(sample->answer, spf_version, &bench->out.published);
}

static void run_analysis(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    defects_clear(&bench->defects);
    spf_analyse(sample->domain, &bench->population.lookup, &bench->out.analysis,
                &bench->defects);
}

static void run_check_host(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    struct spf_sender sender = {
        .ip = {203, 0, 113, 1}, .ip_len = 4, .helo = sample->domain, .mail_from = ""};
    spf_check_host(&sender, &bench->population.lookup, &bench->out.verdict);
}

static void run_lookup(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    bench->asked = zone_table_get(bench->population.zones, sample->domain, DNS_TXT);
}

static void run_target(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    struct input_line line = {
        .number = 1, .text = sample->text.ptr, .len = sample->text.len};
    target_read(&bench->out.target, &line, NULL);
}

/* ---- whole surveys ---------------------------------------------------------------- */

static void ask(void *arg, const char *name, enum dns_type type,
                resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct bench *bench = arg;
    on_answer(job, tag, zone_table_get(bench->population.zones, name, type));
}

static void get(void *arg, const struct fetch_request *request,
                fetcher_on_result *on_result, void *job, uint32_t tag)
{
    struct bench *bench = arg;
    const struct sample *policy = population_policy(&bench->population, request->host);
    struct fetch_result result = {.stage = FETCH_STAGE_HTTP,
                                  .error = FETCH_HTTP_STATUS,
                                  .address = &request->addresses[0],
                                  .http_status = 404,
                                  .content_type = "text/plain"};
    if (policy != NULL) {
        result.stage = FETCH_STAGE_OK;
        result.error = FETCH_OK;
        result.http_status = 200;
        result.body = policy->text.ptr;
        result.body_len = policy->text.len;
    }
    on_result(job, tag, &result);
}

/* The record is written again, timed, while the survey stands. */
static void write_again(struct bench *bench, struct job *job, const struct survey *survey)
{
    double begin = measure_now_ns();
    for (unsigned i = 0; i < RECORD_REPEATS; i++) {
        record_write(&bench->context.json, &job->head, survey);
    }
    bench->write_ns += (measure_now_ns() - begin) / RECORD_REPEATS;
}

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct bench *bench = arg;
    const struct json *json = &bench->context.json;
    (void)status;
    if (bench->kept != NULL) {
        struct sample *kept = (struct sample *)bench->kept;
        kept->text = (struct span){strndup(json->text, json->len), json->len};
    } else if (bench->write_ns >= 0) {
        write_again(bench, job, survey);
    }
    arena_reset(&job->arena);
}

static void survey_domain(struct bench *bench, const struct sample *sample)
{
    struct target *target = &bench->out.target;
    target->kind = TARGET_DOMAIN;
    target->input = span_of(sample->domain);
    target->has_tag = false;
    target->tag = (struct span){"", 0};
    target->name.domain_len = target->name.domain_unicode_len = strlen(sample->domain);
    memcpy(target->name.domain, sample->domain, target->name.domain_len + 1);
    memcpy(target->name.domain_unicode, sample->domain, target->name.domain_len + 1);
    job_begin(&bench->job, &bench->context, target, 1);
}

static void run_survey(void *arg, const struct sample *sample)
{
    struct bench *bench = arg;
    bench->write_ns = -1;
    survey_domain(bench, sample);
}

static double pass_record_write(void *arg, const struct sample_list *list)
{
    struct bench *bench = arg;
    bench->write_ns = 0;
    for (size_t i = 0; i < list->count; i++) {
        survey_domain(bench, &list->samples[i]);
    }
    return bench->write_ns;
}

/* The writer thread inherits the core we are pinned to: all the work is counted. */
static double pass_sink(void *arg, const struct sample_list *list, const char *name)
{
    struct bench *bench = arg;
    struct sink *sink;
    char path[4096], error[SINK_ERROR_LEN];
    snprintf(path, sizeof path, "%s/%s", bench->directory, name);
    struct sink_config config = {.path = path, .force = true};
    double begin = measure_now_ns();
    if (sink_open(&sink, &config, error) != 0) {
        fprintf(stderr, "bench-micro: %s\n", error);
        exit(1);
    }
    for (size_t i = 0; i < list->count; i++) {
        while (sink_is_full(sink)) {
            usleep(100);
        }
        sink_write(sink, list->samples[i].text.ptr, list->samples[i].text.len, NULL);
    }
    if (sink_finish(sink, true, error) != 0) {
        fprintf(stderr, "bench-micro: %s\n", error);
        exit(1);
    }
    sink_free(sink);
    return measure_now_ns() - begin;
}

static double pass_sink_plain(void *arg, const struct sample_list *list)
{
    return pass_sink(arg, list, "bench.ndjson");
}

static double pass_sink_zstd(void *arg, const struct sample_list *list)
{
    return pass_sink(arg, list, "bench.ndjson.zst");
}

/* ---- all together ----------------------------------------------------------------- */

static int bench_open(struct bench *bench, const char *path)
{
    int rc = population_open(&bench->population, path);
    bench->config = (struct verdict_config){.checks = CHECK_ALL};
    bench->config.suffixes = suffix_list_open(NULL);
    if (rc != 0 || bench->config.suffixes == NULL ||
        job_context_init(&bench->context) != 0) {
        return rc != 0 ? rc : -ENOMEM;
    }
    bench->context.config = &bench->config;
    bench->context.net = (struct job_net){bench, ask, get, "table", NULL};
    bench->context.on_record = on_record;
    bench->context.arg = bench;
    bench->directory = path;
    const struct sample_list *domains = &bench->population.domains;
    bench->records.count =
        domains->count < MEASURE_SAMPLES_MAX ? domains->count : MEASURE_SAMPLES_MAX;
    bench->records.samples = calloc(bench->records.count, sizeof *domains->samples);
    for (size_t i = 0; bench->records.samples != NULL && i < bench->records.count; i++) {
        bench->kept = &bench->records.samples[i];
        survey_domain(bench, &domains->samples[i]);
        bench->records.samples[i].domain = domains->samples[i].domain;
    }
    bench->kept = NULL;
    return bench->records.samples != NULL ? 0 : -ENOMEM;
}

static bool is_wanted(const char *name, char **names, int count)
{
    bool is_named = count == 0;
    for (int i = 0; i < count; i++) {
        is_named = is_named || strstr(name, names[i]) != NULL;
    }
    return is_named;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    const struct population *population = &bench.population;
    int rc = argc > 1 ? bench_open(&bench, argv[1]) : -EINVAL;
    if (rc != 0) {
        fprintf(stderr, "usage: bench-micro DIR [NAME…]   DIR: of lab-gen --out (%s)\n",
                strerror(-rc));
        return 2;
    }
    const struct subject subjects[] = {
        {"dmarc_parse", &population->dmarc, &bench, run_dmarc, NULL, 1e6},
        {"mta_sts_parse", &population->mta_sts, &bench, run_mta_sts, NULL, 1e6},
        {"tls_rpt_parse", &population->tls_rpt, &bench, run_tls_rpt, NULL, 1e6},
        {"sts_policy_parse", &population->policies, &bench, run_policy, NULL, 0},
        {"published_select (SPF)", &population->txt, &bench, run_published, NULL, 0},
        {"spf_analyse, no include", &population->spf_local, &bench, run_analysis, NULL,
         300e3},
        {"spf_analyse", &population->spf, &bench, run_analysis, NULL, 0},
        {"spf_check_host, no include", &population->spf_local, &bench, run_check_host,
         NULL, 300e3},
        {"spf_check_host", &population->spf, &bench, run_check_host, NULL, 0},
        {"one look-up in the table", &population->spf, &bench, run_lookup, NULL, 0},
        {"target_read", &population->lines, &bench, run_target, NULL, 0},
        {"record_write", &bench.records, &bench, NULL, pass_record_write, 0},
        {"survey, record included", &bench.records, &bench, run_survey, NULL, 0},
        {"sink, plain file", &bench.records, &bench, NULL, pass_sink_plain, 0},
        {"sink, zstd file", &bench.records, &bench, NULL, pass_sink_zstd, 0},
    };
    bool is_fast = true;
    measure_pin();
    measure_print_head();
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++) {
        if (is_wanted(subjects[i].name, argv + 2, argc - 2)) {
            is_fast = measure(&subjects[i]) && is_fast;
        }
    }
    return is_fast ? 0 : 1;
}
