/* lab-gen: writes a small internet into a directory: zones, servers' configuration,
 * policy hosts with certificates, a domain list, and for each of its lines the record a
 * survey must give. */
#include "bench/lab/lab_gen.h"

#include "bench/lab/certs.h"
#include "bench/lab/expect.h"
#include "bench/lab/faults.h"
#include "bench/lab/names.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MARK "lab-population" /* says that a directory is a lab's, so may be replaced */

static const char usage[] =
    "usage: lab-gen --count N --seed S --out DIR [--faults N] [--dns-port 53] [--joined] "
    "[--opt-out] [--plant-error]\n"
    "  --faults N     so many faulty domains: each way to fail many times\n"
    "  --joined       the zones in three files only, for lab-answer, none for nsd\n"
    "  --opt-out      some lines are below a suffix of DIR/opt-out.txt "
    "(--exclude-domains)\n"
    "  --plant-error  one expected value is wrong: a comparison must find it\n";

struct options {
    size_t count, faults;
    uint64_t seed;
    unsigned dns_port;
    const char *out;
    bool joined, opt_out, plant_error;
};

static _Noreturn void refuse(const char *subject, const char *why)
{
    fprintf(stderr, "lab-gen: %s: %s\n", subject, why);
    exit(1);
}

static unsigned long long read_number(const char *text)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (errno != 0 || *text == '\0' || *text == '-' || *end != '\0') {
        refuse(text, "not a number");
    }
    return value;
}

static void read_options(int argc, char **argv, struct options *options)
{
    static const struct option known[] = {{"count", required_argument, NULL, 'n'},
                                          {"seed", required_argument, NULL, 's'},
                                          {"out", required_argument, NULL, 'o'},
                                          {"faults", required_argument, NULL, 'f'},
                                          {"dns-port", required_argument, NULL, 'p'},
                                          {"joined", no_argument, NULL, 'j'},
                                          {"opt-out", no_argument, NULL, 'x'},
                                          {"plant-error", no_argument, NULL, 'e'},
                                          {NULL, 0, NULL, 0}};
    int option;
    while ((option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (option) {
        case 'n':
            options->count = read_number(optarg);
            break;
        case 's':
            options->seed = read_number(optarg);
            break;
        case 'o':
            options->out = optarg;
            break;
        case 'f':
            options->faults = read_number(optarg);
            break;
        case 'p':
            options->dns_port = (unsigned)read_number(optarg);
            break;
        case 'j':
            options->joined = true;
            break;
        case 'x':
            options->opt_out = true;
            break;
        case 'e':
            options->plant_error = true;
            break;
        default:
            fputs(usage, stderr);
            exit(2);
        }
    }
    if (options->out == NULL || options->count == 0 || options->count > 5000000 ||
        options->dns_port == 0 || options->dns_port > 65535 || optind != argc) {
        fputs(usage, stderr);
        exit(2);
    }
}

static bool is_empty(const char *directory)
{
    DIR *open = opendir(directory);
    if (open == NULL) {
        refuse(directory, strerror(errno));
    }
    size_t entries = 0;
    while (readdir(open) != NULL) {
        entries++;
    }
    closedir(open);
    return entries <= 2;
}

static void make_directory(const char *parent, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    if (mkdir(path, 0755) != 0 && errno != EEXIST) {
        refuse(path, strerror(errno));
    }
}

static void remove_files(const char *parent, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", parent, name);
    DIR *open = opendir(path);
    for (struct dirent *entry; open != NULL && (entry = readdir(open)) != NULL;) {
        unlinkat(dirfd(open), entry->d_name, 0);
    }
    if (open != NULL) {
        closedir(open);
    }
}

/* Takes the directory: a new or empty one, or that of an earlier lab, whose files go. */
static void take_directory(const char *directory)
{
    char mark[PATH_MAX], bucket[16];
    if (mkdir(directory, 0755) != 0 && errno != EEXIST) {
        refuse(directory, strerror(errno));
    }
    snprintf(mark, sizeof mark, "%s/" MARK, directory);
    if (!is_empty(directory) && access(mark, F_OK) != 0) {
        refuse(directory, "is not empty and no lab was written there");
    }
    make_directory(directory, "zones");
    for (unsigned i = 0; i < 256; i++) {
        snprintf(bucket, sizeof bucket, "zones/%02x", i);
        make_directory(directory, bucket);
        remove_files(directory, bucket);
    }
    make_directory(directory, "www");
    make_directory(directory, "certs");
    remove_files(directory, "www");
    remove_files(directory, "certs");
    remove_files(directory, ".");
    FILE *file = fopen(mark, "w");
    if (file == NULL || fclose(file) != 0) {
        refuse(mark, strerror(errno));
    }
}

static void write_lists(const struct lab *lab, bool opt_out)
{
    struct text domains = {0}, policy_hosts = {0};
    for (size_t i = 0; i < lab->population.count; i++) {
        const struct person *person = &lab->population.people[i];
        text_format(&domains, "%s%s", person->written, person->tail);
        if (is_domain(person) && is_policy_fetched(person->mta_sts) &&
            person->kind != KIND_TWIN) {
            text_format(&policy_hosts, "%s\n", person->names.domain);
        }
    }
    text_save(&domains, lab->directory, "domains.txt");
    text_save(&policy_hosts, lab->directory, "names-mta-sts.txt");
    if (opt_out) {
        text_clear(&domains);
        text_add(&domains, OPT_OUT_SUFFIX "\n");
        text_save(&domains, lab->directory, "opt-out.txt");
    }
    text_free(&domains);
    text_free(&policy_hosts);
}

/* One number of one record is one too high: for the test that a wrong expectation fails
 * the run. */
static void plant_error(struct lab *lab, struct spf_template *wrong)
{
    for (size_t i = 0; i < lab->population.count; i++) {
        struct person *person = &lab->population.people[i];
        if (is_domain(person) && person->spf->counted) {
            *wrong = *person->spf;
            wrong->lookups++;
            person->spf = wrong;
            return;
        }
    }
    refuse("--plant-error", "nobody has an SPF record");
}

static void write_expectations(const struct lab *lab, const char *name, bool probed)
{
    struct text line = {0};
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", lab->directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        refuse(path, strerror(errno));
    }
    for (size_t i = 0; i < lab->population.count; i++) {
        text_clear(&line);
        expect_write(&line, &lab->population.people[i], probed);
        fwrite(line.bytes, 1, line.len, file);
    }
    if (ferror(file) != 0 || fclose(file) != 0) {
        refuse(path, strerror(errno));
    }
    text_free(&line);
}

/* A twin knows what its domain learnt when the servers were written. */
static void tell_twins(struct population *population)
{
    for (size_t i = 0; i < population->count; i++) {
        struct person *twin = &population->people[i];
        if (twin->twin_of != NULL) {
            twin->certificate = twin->twin_of->certificate;
        }
    }
}

static void free_lab(struct lab *lab)
{
    for (size_t i = 0; i < lab->certificate_count; i++) {
        certs_clear(&lab->certificates[i]);
    }
    free(lab->certificates);
    population_free(&lab->population);
}

int main(int argc, char **argv)
{
    struct options options = {.seed = 1, .dns_port = 53};
    char directory[PATH_MAX];
    struct spf_template wrong;
    read_options(argc, argv, &options);
    take_directory(options.out);
    if (realpath(options.out, directory) == NULL) {
        refuse(options.out, strerror(errno));
    }
    struct lab lab = {.directory = directory,
                      .fault_total = faults_total(options.faults),
                      .dns_port = options.dns_port,
                      .is_joined = options.joined};
    if (lab.fault_total == 0) {
        refuse("--faults", "less than there are ways to fail, or more than addresses");
    }
    population_build(&lab.population, options.count, options.seed, options.opt_out);
    servers_write_policies(&lab);
    tell_twins(&lab.population);
    zones_write(&lab);
    servers_write_dns(&lab);
    write_lists(&lab, options.opt_out);
    if (options.plant_error) {
        plant_error(&lab, &wrong);
    }
    write_expectations(&lab, "expected.ndjson", false);
    write_expectations(&lab, "expected-probed.ndjson", true);
    free_lab(&lab);
    return 0;
}
