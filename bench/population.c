#include "bench/population.h"

#include "scanner/classify/dmarc.h"
#include "scanner/classify/mta_sts.h"
#include "scanner/classify/spf_grammar.h"
#include "scanner/classify/tls_rpt.h"
#include "scanner/target.h"

#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const uint64_t SHUFFLE_SEED = 1;

static void add(struct sample_list *list, struct sample sample)
{
    if ((list->count & (list->count + 1)) == 0) { /* 0, 1, 3, 7 … are used up */
        list->samples = reallocarray(list->samples, 2 * list->count + 1, sizeof sample);
    }
    if (list->samples == NULL) {
        abort();
    }
    list->samples[list->count++] = sample;
}

/* They stand one behind the other. */
static struct sample_list *all_lists(struct population *population)
{
    return &population->lines;
}

static size_t list_count(const struct population *population)
{
    return (size_t)(&population->policies - &population->lines) + 1;
}

static void shuffle(struct sample_list *list)
{
    uint64_t state = SHUFFLE_SEED;
    for (size_t i = list->count; i > 1; i--) {
        state = state * UINT64_C(6364136223846793005) + 1442695040888963407u;
        size_t other = (size_t)(state >> 33) % i;
        struct sample kept = list->samples[i - 1];
        list->samples[i - 1] = list->samples[other];
        list->samples[other] = kept;
    }
}

static const struct dns_answer *lookup(void *arg, const char *name, enum dns_type type)
{
    return zone_table_get(arg, name, type);
}

static int read_file(const char *path, struct span *text)
{
    FILE *file = fopen(path, "r");
    char *bytes = NULL;
    size_t capacity = 0;
    if (file == NULL) {
        return -errno;
    }
    ssize_t len =
        getdelim(&bytes, &capacity, EOF, file); /* no byte of the text is 0xff */
    fclose(file);
    *text = (struct span){bytes, len > 0 ? (size_t)len : 0};
    return 0;
}

static int read_policies(struct population *population, const char *path)
{
    char pattern[4096];
    glob_t files;
    int rc = 0;
    snprintf(pattern, sizeof pattern, "%s/www/*", path);
    if (glob(pattern, 0, NULL, &files) != 0) {
        return -ENOENT;
    }
    for (size_t i = 0; rc == 0 && i < files.gl_pathc; i++) {
        struct sample sample = {.domain = strdup(strrchr(files.gl_pathv[i], '/') + 1)};
        rc = read_file(files.gl_pathv[i], &sample.text);
        add(&population->policies, sample);
    }
    globfree(&files);
    return rc;
}

/* The record that counts at prefix + domain, where there is just one. */
static bool take_record(struct population *population, const char *prefix,
                        const char *domain, version_filter *filter,
                        struct sample_list *list)
{
    char name[1024];
    struct published published;
    snprintf(name, sizeof name, "%s%s", prefix, domain);
    const struct dns_answer *answer = zone_table_get(population->zones, name, DNS_TXT);
    published_select(answer, filter, &published);
    if (published.deployment != DEPLOYMENT_PRESENT) {
        return false;
    }
    add(list, (struct sample){published.record, domain, answer});
    return true;
}

static bool is_local(struct span record)
{
    struct spf_terms terms;
    struct spf_term term;
    spf_terms_begin(&terms, record);
    while (spf_terms_next(&terms, &term)) {
        if (term.kind == SPF_TERM_INCLUDE || term.kind == SPF_TERM_REDIRECT) {
            return false;
        }
    }
    return true;
}

static void take_domain(struct population *population, const char *domain)
{
    const struct dns_answer *txt = zone_table_get(population->zones, domain, DNS_TXT);
    add(&population->domains, (struct sample){span_of(domain), domain, NULL});
    if (txt->record_count > 0) {
        struct span first = {txt->records[0].data, txt->records[0].data_len};
        add(&population->txt, (struct sample){first, domain, txt});
    }
    if (take_record(population, "", domain, spf_version, &population->spf)) {
        const struct sample *taken = &population->spf.samples[population->spf.count - 1];
        if (is_local(taken->text)) {
            add(&population->spf_local, *taken);
        }
    }
    take_record(population, "_dmarc.", domain, dmarc_version, &population->dmarc);
    take_record(population, "_mta-sts.", domain, mta_sts_version, &population->mta_sts);
    take_record(population, "_smtp._tls.", domain, tls_rpt_version, &population->tls_rpt);
}

static int read_lines(struct population *population, const char *path)
{
    static struct target target;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    char name[4096];
    snprintf(name, sizeof name, "%s/domains.txt", path);
    FILE *file = fopen(name, "r");
    if (file == NULL) {
        return -errno;
    }
    while ((len = getline(&line, &capacity, file)) > 0) {
        struct span text = {strndup(line, (size_t)len), strcspn(line, "\n")};
        struct input_line input = {.number = 1, .text = text.ptr, .len = text.len};
        add(&population->lines, (struct sample){text, NULL, NULL});
        target_read(&target, &input, NULL);
        if (target.kind == TARGET_DOMAIN) {
            take_domain(population, strdup(target.name.domain));
        }
    }
    free(line);
    fclose(file);
    return 0;
}

int population_open(struct population *population, const char *path)
{
    char zones[4096];
    memset(population, 0, sizeof *population);
    snprintf(zones, sizeof zones, "%s/zones", path);
    int rc = zone_table_open(&population->zones, zones);
    if (rc != 0) {
        return rc;
    }
    population->lookup = (struct lookup){lookup, population->zones};
    rc = read_lines(population, path);
    rc = rc == 0 ? read_policies(population, path) : rc;
    if (rc != 0) {
        population_close(population);
        return rc;
    }
    for (size_t i = 0; i + 1 < list_count(population); i++) { /* policies stay in order */
        shuffle(&all_lists(population)[i]);
    }
    return 0;
}

void population_close(struct population *population)
{
    for (size_t i = 0; i < population->lines.count; i++) {
        free((char *)population->lines.samples[i].text.ptr);
    }
    for (size_t i = 0; i < population->domains.count; i++) {
        free((char *)population->domains.samples[i].domain);
    }
    for (size_t i = 0; i < population->policies.count; i++) {
        free((char *)population->policies.samples[i].domain);
        free((char *)population->policies.samples[i].text.ptr);
    }
    for (size_t i = 0; i < list_count(population); i++) {
        free(all_lists(population)[i].samples);
    }
    zone_table_free(population->zones);
}

static int compare_host(const void *host, const void *sample)
{
    return strcmp(host, ((const struct sample *)sample)->domain);
}

const struct sample *population_policy(const struct population *population,
                                       const char *host)
{
    const struct sample_list *list = &population->policies;
    return bsearch(host, list->samples, list->count, sizeof *list->samples, compare_host);
}
