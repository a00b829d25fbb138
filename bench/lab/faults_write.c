#include "bench/lab/certs.h"
#include "bench/lab/faults_home.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#define UPSTREAM "198.18.2.1" /* a hosting server, which has the zones */

#define SOUND_POLICY "version: STSv1\nmode: enforce\nmx: mail.{d}\nmax_age: 604800\n"

/* What a survey finds where nothing fails. Null here: put in by sound_record(). */
static const char sound[] =
    "{'schema':'mailcensus/1.0','line':null,'input':'{d}','tag':null,'domain':'{d}',"
    "'domain_unicode':'{d}','scanned_at':'2026-01-01T00:00:00.000Z','duration_ms':0,"
    "'status':'ok','reason':null,"
    "'dns':{'status':'ok','authenticated':false,'queries':0,'retries':0,'engine':'"
    "recursion'},"
    "'mx':{'deployment':'present','null_mx':false,'hosts':[{'preference':10,'host':'mail."
    "{d}',"
    "'addresses':['20.51.4.20','2a01:111:f400::20'],'status':'ok'}],'provider':null,"
    "'errors':[],'warnings':[]},"
    "'ns':{'deployment':'present','hosts':['ns1.{z}'],'provider':null},"
    "'spf':{'deployment':'present','validity':'valid','record':'v=spf1 ip4:20.51.4.20 "
    "-all',"
    "'records':['v=spf1 ip4:20.51.4.20 "
    "-all'],'ttl':3600,'cname':[],'all':'fail','lookups':0,"
    "'void_lookups':0,'ipv4_addresses':1,'ipv6_prefixes':0,'includes':[],'redirect':null,"
    "'sender_ips':[],'errors':[],'warnings':[]},"
    "'dmarc':{'deployment':'present','validity':'valid',"
    "'record':'v=DMARC1; p=reject; rua=mailto:dmarc@{d}',"
    "'records':['v=DMARC1; p=reject; "
    "rua=mailto:dmarc@{d}'],'ttl':3600,'cname':[],'p':'reject',"
    "'sp':null,'np':null,'pct':null,'adkim':null,'aspf':null,'t':null,'psd':null,"
    "'rua':['mailto:dmarc@{d}'],'ruf':[],'fo':null,"
    "'rfc7489':{'policy':'reject','org_domain':'{z}','found_at':'{d}'},"
    "'rfc9989':{'policy':'reject','org_domain':'{d}','found_at':'{d}'},'external':[],"
    "'errors':[],'warnings':[]},"
    "'mta_sts':{'deployment':'present','validity':'valid','lifecycle':'enforce',"
    "'record':'v=STSv1; id=20260101','records':['v=STSv1; "
    "id=20260101'],'ttl':3600,'cname':[],"
    "'provider':null,'id':'20260101',"
    "'policy':{'stage':'ok','error':null,'url':'https://mta-sts.{d}/.well-known/"
    "mta-sts.txt',"
    "'addresses':['{a}'],'address':null,'cname':[],'provider':null,'http_status':200,"
    "'content_type':'text/"
    "plain','body':'','body_bytes':null,'body_sha256':null,'duration_ms':0,"
    "'tls':{'version':'TLSv1.3','cipher':'TLS_AES_256_GCM_SHA384','verify_error':null,"
    "'subject':null,'issuer':null,'names':[],'not_before':null,'not_after':null},"
    "'version':'STSv1','mode':'enforce','max_age':604800,'mx':['mail.{d}'],"
    "'errors':[],'warnings':[]},"
    "'mx_match':{'result':'all','unmatched':[],'kind':null},'errors':[],'warnings':[]},"
    "'tls_rpt':{'deployment':'present','validity':'valid',"
    "'record':'v=TLSRPTv1; rua=mailto:tls@{d}','records':['v=TLSRPTv1; "
    "rua=mailto:tls@{d}'],"
    "'ttl':3600,'cname':[],'provider':null,"
    "'rua':[{'scheme':'mailto','uri':'mailto:tls@{d}'}],'errors':[],'warnings':[]},"
    "'profile':null,'findings':[]}";

static _Noreturn void refuse(const char *name, const char *why)
{
    fprintf(stderr, "lab-gen: fault-%s.net: %s\n", name, why);
    exit(1);
}

/* ---- the servers' configuration ---- */

/* "OWNER TYPE FAULT\n…", OWNER relative to the domain, absolute or "*". */
static void add_rules(struct text *configuration, const char *server, const char *rules,
                      const struct home *home)
{
    struct text filled = {0};
    char owner[128], type[16], word[64];
    int used = 0;
    home_fill(&filled, rules, home);
    for (const char *at = filled.bytes;
         at != NULL && sscanf(at, "%127s %15s %63s\n%n", owner, type, word, &used) == 3;
         at += used) {
        size_t len = strlen(owner);
        if (strcmp(owner, "@") == 0) {
            snprintf(owner, sizeof owner, "%s", home->domain);
        } else if (owner[len - 1] == '.') {
            owner[len - 1] = '\0';
        } else if (strcmp(owner, "*") != 0) {
            snprintf(owner + len, sizeof owner - len, ".%s", home->domain);
        }
        text_format(configuration, "rule %s %s %s %s\n", server, owner, type, word);
    }
    text_free(&filled);
}

/* The faulty resolver must go on answering others. */
static bool is_for_resolver(const char *rules)
{
    return strchr(rules, '*') == NULL && strstr(rules, "no_port") == NULL;
}

static enum certificate_kind certificate_of(const struct fault *fault)
{
    return fault->certificate != CERTIFICATE_NONE ? fault->certificate : CERTIFICATE_GOOD;
}

static void add_servers(struct text *configuration, const struct home *home,
                        const struct home_series *at, unsigned certificate)
{
    const struct fault *fault = home->fault;
    const char *rules = fault->rules != NULL ? fault->rules : "";
    text_format(configuration, "server %s " UPSTREAM "\n", at->ns1);
    add_rules(configuration, at->ns1, rules, home);
    if (fault->ns2 != NULL) {
        text_format(configuration, "server %s " UPSTREAM "\n", at->ns2);
        add_rules(configuration, at->ns2, fault->ns2, home);
    } else if (home->round == 0 && is_for_resolver(rules)) {
        add_rules(configuration, FAULT_RESOLVER_ADDRESS, rules, home);
    }
    text_format(configuration, "policy %s %s certs/%u.pem %s www/mta-sts.%s\n",
                at->policy, fault->policy != NULL ? fault->policy : "good", certificate,
                certs_key_file(certificate_of(fault)), home->domain);
}

/* ---- expectations ---- */

static json_t *read_json(const char *template, const struct home *home)
{
    struct text text = {0};
    json_error_t error;
    home_fill(&text, template, home);
    for (size_t i = 0; i < text.len; i++) {
        text.bytes[i] = (char)(text.bytes[i] == '\'' ? '"' : text.bytes[i]);
    }
    json_t *value = json_loads(text.bytes, JSON_ALLOW_NUL, &error);
    if (value == NULL) {
        refuse(home->fault->name, error.text);
    }
    text_free(&text);
    return value;
}

static void put_over(json_t *record, const char *template, const struct home *home)
{
    if (template == NULL) {
        return;
    }
    json_t *differs = read_json(template, home);
    if (json_object_update_recursive(record, differs) != 0) {
        refuse(home->fault->name, "its record cannot be made");
    }
    json_decref(differs);
}

static void set_body(json_t *policy, const struct text *body)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char shown[2 * EVP_MAX_MD_SIZE + 1] = "";
    EVP_Digest(body->bytes, body->len, digest, &len, EVP_sha256(), NULL);
    for (size_t i = 0; i < len; i++) {
        snprintf(shown + 2 * i, 3, "%02x", digest[i]);
    }
    json_object_set_new(policy, "body", json_string(body->bytes));
    json_object_set_new(policy, "body_bytes", json_integer((json_int_t)body->len));
    json_object_set_new(policy, "body_sha256", json_string(shown));
}

/* A copy's certificate is the first one's with its own name in it, of the same length. */
static json_t *own_text(const char *text, const struct home *home)
{
    char first[sizeof home->zone];
    char *own = lab_copy(text);
    snprintf(first, sizeof first, "fault-%s-00001.net", home->fault->name);
    for (char *at = own; home->round > 1 && (at = strstr(at, first)) != NULL;) {
        memcpy(at, home->zone, strlen(home->zone));
    }
    json_t *value = json_string(own);
    free(own);
    return value;
}

static void set_certificate(json_t *tls, const struct certificate *certificate,
                            const struct home *home)
{
    json_t *names = json_array();
    for (size_t i = 0; i < certificate->name_count; i++) {
        json_array_append_new(names, own_text(certificate->names[i], home));
    }
    json_object_set_new(tls, "names", names);
    json_object_set_new(tls, "verify_error",
                        certificate->verify_error != NULL
                            ? json_string(certificate->verify_error)
                            : json_null());
    json_object_set_new(tls, "subject", own_text(certificate->subject, home));
    json_object_set_new(tls, "issuer", own_text(certificate->issuer, home));
    json_object_set_new(tls, "not_before", json_string(certificate->not_before));
    json_object_set_new(tls, "not_after", json_string(certificate->not_after));
}

static json_t *sound_record(const struct home *home,
                            const struct certificate *certificate,
                            const struct text *body)
{
    json_t *record = read_json(sound, home);
    json_t *policy = json_object_get(json_object_get(record, "mta_sts"), "policy");
    json_object_set_new(record, "line", json_integer(home->line));
    set_certificate(json_object_get(policy, "tls"), certificate, home);
    set_body(policy, body);
    return record;
}

#define ADDRESSES_MAX 16

static int by_text(const void *left, const void *right)
{
    return strcmp(json_string_value(*(json_t *const *)left),
                  json_string_value(*(json_t *const *)right));
}

/* Sets are sorted, and a template does not know where {a} is. */
static void sort_addresses(json_t *record)
{
    json_t *policy = json_object_get(json_object_get(record, "mta_sts"), "policy");
    json_t *addresses = json_object_get(policy, "addresses"), *item;
    json_t *sorted[ADDRESSES_MAX];
    size_t count = json_array_size(addresses), i;
    if (count > ADDRESSES_MAX) {
        refuse("policy", "has too many addresses");
    }
    json_array_foreach(addresses, i, item)
    {
        sorted[i] = json_incref(item);
    }
    qsort(sorted, count, sizeof(json_t *), by_text);
    json_array_clear(addresses);
    for (i = 0; i < count; i++) {
        json_array_append_new(addresses, sorted[i]);
    }
}

struct output {
    struct text domains, configuration, copies, direct, closed;
    FILE *expected; /* as long as there are lines */
    unsigned first_certificate;
};

static void add_record(struct text *out, const json_t *record)
{
    char *line = json_dumps(record, JSON_COMPACT);
    text_format(out, "%s\n", line);
    free(line);
}

static void fill_policy(struct text *policy, const struct home *home)
{
    text_expand(policy, SOUND_POLICY, &home->names);
    if (home->fault->policy_bytes > 0) {
        text_add(policy, "x: ");
    }
    while (policy->len < home->fault->policy_bytes) {
        text_add(policy, "a");
    }
}

static unsigned certificate_number(const struct output *output, const struct home *home)
{
    size_t index = (home->line - 1) % fault_count();
    return output->first_certificate +
           (unsigned)(home->round == 0 ? index : fault_count() + index);
}

/* Certificate, policy and configuration of the servers. */
static void write_servers(struct lab *lab, struct authorities *authorities,
                          const struct home *home, struct output *output)
{
    unsigned number = certificate_number(output, home);
    struct certificate *certificate = &lab->certificates[number];
    struct text text = {0}, body = {0};
    struct home_series series;
    text_format(&text, "mta-sts.%s", home->domain);
    certificate->names = lab_allocate(1, sizeof *certificate->names);
    certificate->names[certificate->name_count++] = lab_copy(text.bytes);
    certs_issue(authorities, certificate_of(home->fault), number, home->domain,
                certificate);
    lab->certificate_count++;
    text_clear(&text);
    text_format(&text, "www/mta-sts.%s", home->domain);
    fill_policy(&body, home);
    text_save(&body, lab->directory, text.bytes);
    home_series(&series, home, lab->fault_total);
    add_servers(home->round == 0 ? &output->configuration : &output->copies, home,
                &series, number);
    text_free(&text);
    text_free(&body);
}

static void write_record(const struct lab *lab, const struct home *home,
                         struct output *output)
{
    struct text body = {0};
    fill_policy(&body, home);
    json_t *record =
        sound_record(home, &lab->certificates[certificate_number(output, home)], &body);
    put_over(record, home->fault->differs, home);
    sort_addresses(record);
    json_dumpf(record, output->expected, JSON_COMPACT);
    fputc('\n', output->expected);
    if (home->round == 0) {
        json_t *closed = json_deep_copy(record);
        put_over(closed, home->fault->closed, home);
        add_record(&output->closed, closed);
        put_over(record, home->fault->direct, home);
        add_record(&output->direct, record);
        json_decref(closed);
    }
    json_decref(record);
    text_free(&body);
}

static void open_output(struct output *output, const struct lab *lab)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/expected-faults.ndjson", lab->directory);
    output->expected = fopen(path, "w");
    if (output->expected == NULL) {
        text_die(path);
    }
    output->first_certificate = (unsigned)lab->certificate_count;
    text_add(&output->configuration,
             "server " FAULT_RESOLVER_ADDRESS " " RESOLVER_ADDRESS "\n");
    text_add(&output->copies, CERTS_SIGNERS);
}

static void save_output(struct output *output, const struct lab *lab)
{
    bool is_bad = ferror(output->expected) != 0;
    if (fclose(output->expected) != 0 || is_bad) {
        text_die("expected-faults.ndjson");
    }
    text_save(&output->domains, lab->directory, "faults.txt");
    text_save(&output->configuration, lab->directory, "faults.conf");
    if (lab->fault_total > fault_count()) {
        text_save(&output->copies, lab->directory, "faults-copies.conf");
    }
    text_save(&output->direct, lab->directory, "expected-faults-direct.ndjson");
    text_save(&output->closed, lab->directory, "expected-faults-closed.ndjson");
    text_free(&output->domains);
    text_free(&output->configuration);
    text_free(&output->copies);
    text_free(&output->direct);
    text_free(&output->closed);
}

void faults_write(struct lab *lab, struct authorities *authorities)
{
    struct output output = {0};
    struct home home;
    open_output(&output, lab);
    for (size_t i = 0; i < lab->fault_total; i++) {
        home_of(&home, i);
        text_format(&output.domains, "%s\n", home.domain);
        if (i < homes_written(lab->fault_total)) {
            write_servers(lab, authorities, &home, &output);
        }
        write_record(lab, &home, &output);
    }
    save_output(&output, lab);
}
