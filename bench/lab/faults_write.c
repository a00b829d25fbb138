#include "bench/lab/faults.h"

#include "bench/lab/certs.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

/* Number i (from 1): 198.18.6.i and 198.18.7.i are its name servers, 198.18.8.i its
 * policy host. */
#define NETWORK_NS1 6
#define NETWORK_NS2 7
#define NETWORK_POLICY 8
#define UPSTREAM "198.18.2.1" /* a hosting server, which has the zones */

#define SOUND_MX "@ MX 10 mail\nmail A 20.51.4.20\nmail AAAA 2a01:111:f400::20\n"
#define SOUND_SPF "@ TXT \"v=spf1 ip4:20.51.4.20 -all\"\n"
#define SOUND_DMARC "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{d}\"\n"
#define SOUND_MTA_STS "_mta-sts TXT \"v=STSv1; id=20260101\"\n"
#define SOUND_POLICY_HOST "mta-sts A {a}\n"
#define SOUND_TLS_RPT "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@{d}\"\n"
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
    "'subject':'CN={d}','issuer':'CN=Lab Intermediate CA,O=Lab\\\\, Inc.',"
    "'names':['mta-sts.{d}'],'not_before':null,'not_after':null},"
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

/* ---- names ---- */

struct home {
    const struct fault *fault;
    unsigned number;
    char zone[64], domain[80], ns1[16], ns2[16], policy_address[16];
    struct names names;
};

static void home_of(struct home *home, size_t index)
{
    const struct fault *fault = fault_at(index);
    home->fault = fault;
    home->number = (unsigned)index + 1;
    snprintf(home->zone, sizeof home->zone, "fault-%s.net", fault->name);
    snprintf(home->domain, sizeof home->domain, "%s%s%s",
             fault->sub != NULL ? fault->sub : "", fault->sub != NULL ? "." : "",
             home->zone);
    snprintf(home->ns1, sizeof home->ns1, "198.18.%d.%u", NETWORK_NS1, home->number);
    snprintf(home->ns2, sizeof home->ns2, "198.18.%d.%u", NETWORK_NS2, home->number);
    snprintf(home->policy_address, sizeof home->policy_address, "198.18.%d.%u",
             NETWORK_POLICY, home->number);
    home->names = (struct names){home->domain, home->zone, ""};
}

/* text_expand(), and {a}. */
static void fill(struct text *out, const char *template, const struct home *home)
{
    struct text named = {0};
    text_expand(&named, template, &home->names);
    for (const char *at = named.bytes; at != NULL && *at != '\0'; at++) {
        if (strncmp(at, "{a}", 3) == 0) {
            text_add(out, home->policy_address);
            at += 2;
        } else {
            text_add_len(out, at, 1);
        }
    }
    text_free(&named);
}

/* ---- zones ---- */

void faults_each_zone(struct text *text, void (*add)(struct text *text, const char *zone))
{
    struct home home;
    for (size_t i = 0; i < fault_count(); i++) {
        home_of(&home, i);
        add(text, home.zone);
    }
}

void faults_add_delegations(struct text *net)
{
    struct home home;
    for (size_t i = 0; i < fault_count(); i++) {
        home_of(&home, i);
        if (home.fault->delegated != NULL) {
            text_format(net, "%s. NS %s\n", home.zone, home.fault->delegated);
            continue;
        }
        text_format(net, "%s. NS ns1.%s.\nns1.%s. A %s\n", home.zone, home.zone,
                    home.zone, home.ns1);
        if (home.fault->ns2 != NULL) {
            text_format(net, "%s. NS ns2.%s.\nns2.%s. A %s\n", home.zone, home.zone,
                        home.zone, home.ns2);
        }
    }
}

static void add_lines(struct text *zone, const struct home *home, const char *lines,
                      const char *sound_lines)
{
    if (lines != NULL || sound_lines != NULL) {
        fill(zone, lines != NULL ? lines : sound_lines, home);
    }
}

static void fill_zone(struct text *zone, const struct home *home)
{
    const struct fault *fault = home->fault;
    text_format(zone,
                "$ORIGIN %s.\n$TTL 3600\n@ SOA ns1 hostmaster 1 7200 3600 1209600 3600\n"
                "@ NS ns1\nns1 A %s\n",
                home->zone, home->ns1);
    if (fault->ns2 != NULL) {
        text_format(zone, "@ NS ns2\nns2 A %s\n", home->ns2);
    }
    text_format(zone, "$ORIGIN %s.\n@ HINFO \"lab\" \"lab\"\n", home->domain);
    add_lines(zone, home, fault->mx, SOUND_MX);
    add_lines(zone, home, fault->spf, SOUND_SPF);
    add_lines(zone, home, fault->dmarc, SOUND_DMARC);
    add_lines(zone, home, fault->mta_sts, SOUND_MTA_STS);
    add_lines(zone, home, fault->policy_host, SOUND_POLICY_HOST);
    add_lines(zone, home, fault->tls_rpt, SOUND_TLS_RPT);
    add_lines(zone, home, fault->more, NULL);
    for (unsigned i = 0; i < fault->fillers; i++) {
        text_format(zone, "@ TXT \"%0250u\"\n", i);
    }
}

void faults_write_zones(const struct lab *lab)
{
    struct text zone = {0};
    struct home home;
    for (size_t i = 0; i < fault_count(); i++) {
        home_of(&home, i);
        text_clear(&zone);
        fill_zone(&zone, &home);
        zones_save(lab, ROLE_HOST, home.zone, &zone);
    }
    text_free(&zone);
}

/* ---- the servers' configuration ---- */

/* "OWNER TYPE FAULT\n…", OWNER relative to the domain, absolute or "*". */
static void add_rules(struct text *configuration, const char *server, const char *rules,
                      const struct home *home)
{
    struct text filled = {0};
    char owner[128], type[16], word[64];
    int used = 0;
    fill(&filled, rules, home);
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

/* The faulty resolver must go on answering others: over connections that they share,
 * too. */
static bool is_for_resolver(const char *rules)
{
    return strchr(rules, '*') == NULL && strstr(rules, "_then_") == NULL;
}

static void add_servers(struct text *configuration, const struct home *home,
                        unsigned certificate)
{
    const struct fault *fault = home->fault;
    const char *rules = fault->rules != NULL ? fault->rules : "";
    text_format(configuration, "server %s " UPSTREAM "\n", home->ns1);
    add_rules(configuration, home->ns1, rules, home);
    if (fault->ns2 != NULL) {
        text_format(configuration, "server %s " UPSTREAM "\n", home->ns2);
        add_rules(configuration, home->ns2, fault->ns2, home);
    } else if (is_for_resolver(rules)) {
        add_rules(configuration, FAULT_RESOLVER_ADDRESS, rules, home);
    }
    text_format(configuration,
                "policy %s %s certs/%u.pem certs/leaf.key www/mta-sts.%s\n",
                home->policy_address, fault->policy != NULL ? fault->policy : "good",
                certificate, home->domain);
}

/* ---- expectations ---- */

static json_t *read_json(const char *template, const struct home *home)
{
    struct text text = {0};
    json_error_t error;
    fill(&text, template, home);
    for (size_t i = 0; i < text.len; i++) {
        text.bytes[i] = (char)(text.bytes[i] == '\'' ? '"' : text.bytes[i]);
    }
    json_t *value = json_loads(text.bytes, 0, &error);
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

static json_t *sound_record(const struct home *home,
                            const struct certificate *certificate,
                            const struct text *body)
{
    json_t *record = read_json(sound, home);
    json_t *policy = json_object_get(json_object_get(record, "mta_sts"), "policy");
    json_t *tls = json_object_get(policy, "tls");
    json_object_set_new(record, "line", json_integer(home->number));
    json_object_set_new(tls, "not_before", json_string(certificate->not_before));
    json_object_set_new(tls, "not_after", json_string(certificate->not_after));
    set_body(policy, body);
    return record;
}

struct output {
    struct text domains, configuration, expected, direct, closed;
};

static void add_record(struct text *out, const json_t *record)
{
    char *line = json_dumps(record, JSON_COMPACT);
    text_format(out, "%s\n", line);
    free(line);
}

static void write_fault(struct lab *lab, struct authorities *authorities,
                        const struct home *home, struct output *output)
{
    struct certificate *certificate = &lab->certificates[lab->certificate_count];
    unsigned number = (unsigned)lab->certificate_count++;
    struct text text = {0}, body = {0};
    text_format(&text, "mta-sts.%s", home->domain);
    certificate->names = lab_allocate(1, sizeof *certificate->names);
    certificate->names[certificate->name_count++] = lab_copy(text.bytes);
    certs_issue(authorities, CERTIFICATE_GOOD, number, home->domain, certificate);
    text_clear(&text);
    text_format(&text, "www/mta-sts.%s", home->domain);
    text_expand(&body, SOUND_POLICY, &home->names);
    text_save(&body, lab->directory, text.bytes);
    text_format(&output->domains, "%s\n", home->domain);
    add_servers(&output->configuration, home, number);

    json_t *record = sound_record(home, certificate, &body);
    put_over(record, home->fault->differs, home);
    add_record(&output->expected, record);
    json_t *closed = json_deep_copy(record);
    put_over(closed, home->fault->closed, home);
    add_record(&output->closed, closed);
    put_over(record, home->fault->direct, home);
    add_record(&output->direct, record);
    json_decref(closed);
    json_decref(record);
    text_free(&text);
    text_free(&body);
}

void faults_write(struct lab *lab, struct authorities *authorities)
{
    struct output output = {0};
    struct home home;
    text_add(&output.configuration,
             "server " FAULT_RESOLVER_ADDRESS " " RESOLVER_ADDRESS "\n");
    for (size_t i = 0; i < fault_count(); i++) {
        home_of(&home, i);
        write_fault(lab, authorities, &home, &output);
    }
    text_save(&output.domains, lab->directory, "faults.txt");
    text_save(&output.configuration, lab->directory, "faults.conf");
    text_save(&output.expected, lab->directory, "expected-faults.ndjson");
    text_save(&output.direct, lab->directory, "expected-faults-direct.ndjson");
    text_save(&output.closed, lab->directory, "expected-faults-closed.ndjson");
    text_free(&output.domains);
    text_free(&output.configuration);
    text_free(&output.expected);
    text_free(&output.direct);
    text_free(&output.closed);
}
