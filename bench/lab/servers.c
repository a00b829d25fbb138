#include "bench/lab/certs.h"
#include "bench/lab/expect.h"
#include "bench/lab/faults.h"
#include "bench/lab/lab_gen.h"

#include <stdlib.h>
#include <string.h>

/* nginx sends nothing else than this, so that version and cipher are known beforehand. */
#define TLS_13                                                                           \
    "ssl_protocols TLSv1.3; ssl_conf_command Ciphersuites TLS_AES_256_GCM_SHA384;"

#define LOCATION "location = /.well-known/mta-sts.txt"

#define NAMELESS_ADDRESS "198.18.4.30"

static const char *const policy_addresses[POLICY_SERVER_COUNT] = {
    "198.18.4.1", "198.18.4.2", "198.18.4.3", "198.18.4.4"};

/* Policy hosts that one nginx server block serves. */
struct block {
    const struct policy_template *policy;
    const char *address;
    unsigned number;
    size_t count;
    struct person *people[CERTIFICATE_NAMES_MAX];
};

struct writer {
    struct lab *lab;
    struct authorities *authorities;
    struct text config;
    struct block *blocks; /* the open one of each policy template */
};

static const char *address_for(const struct policy_template *policy)
{
    switch (policy->server) {
    case SERVER_PLAIN:
        return PLAIN_HTTP_ADDRESS;
    case SERVER_OLD_TLS:
        return OLD_TLS_ADDRESS;
    case SERVER_CLOSED:
        return CLOSED_ADDRESS;
    case SERVER_NO_NAME:
        return NULL;
    default:
        /* what stands at fixed places in zones or sorts after it is at the first
         * address */
        if (policy->cname[0] != NULL || policy->more_addresses[0] != NULL) {
            return policy_addresses[0];
        }
        return policy_addresses[(size_t)(policy - policy_templates) %
                                POLICY_SERVER_COUNT];
    }
}

/* The name that stands on the certificate of the person's policy host; NULL: none. */
static char *name_for(enum certificate_kind kind, const struct person *person)
{
    struct text text = {0};
    switch (kind) {
    case CERTIFICATE_CN_ONLY:
        return NULL;
    case CERTIFICATE_NAME_MISMATCH:
        text_format(&text, "www.%s", person->names.domain);
        break;
    case CERTIFICATE_WILDCARD:
        text_format(&text, "*.%s", person->names.domain);
        break;
    case CERTIFICATE_WILDCARD_TOO_HIGH:
        text_format(&text, "*.mta-sts.%s", person->names.domain);
        break;
    default:
        text_format(&text, "mta-sts.%s", person->names.domain);
        break;
    }
    return text.bytes;
}

static void make_certificate(struct writer *writer, struct block *block)
{
    enum certificate_kind kind = block->policy->certificate;
    struct certificate *facts = &writer->lab->certificates[block->number];
    facts->names = lab_allocate(block->count, sizeof *facts->names);
    for (size_t i = 0; i < block->count; i++) {
        char *name = name_for(kind, block->people[i]);
        if (name != NULL) {
            facts->names[facts->name_count++] = name;
        }
        block->people[i]->certificate = facts;
    }
    struct text subject = {0};
    if (kind == CERTIFICATE_CN_ONLY) {
        text_format(&subject, "mta-sts.%s", block->people[0]->names.domain);
    } else {
        text_format(&subject, "policy hosts %u", block->number);
    }
    certs_issue(writer->authorities, kind, block->number, subject.bytes, facts);
    text_free(&subject);
}

static void save_bodies(const struct writer *writer, const struct block *block)
{
    struct text body = {0}, path = {0};
    for (size_t i = 0; i < block->count; i++) {
        text_clear(&body);
        text_clear(&path);
        expect_policy_body(&body, block->people[i]);
        text_format(&path, "www/mta-sts.%s", block->people[i]->names.domain);
        text_save(&body, writer->lab->directory, path.bytes);
    }
    text_free(&body);
    text_free(&path);
}

static void add_location(struct text *config, const struct lab *lab,
                         const struct policy_template *policy)
{
    if (policy->server == SERVER_RETURN) {
        text_format(config, "  " LOCATION " { %s }\n", policy->serving);
    } else if (policy->server == SERVER_FILE) {
        text_format(config, "  " LOCATION " { %s alias %s/www/$host; }\n",
                    policy->serving, lab->directory);
    }
}

/* Closes a block: server_name, certificate, what it serves. */
static void write_block(struct writer *writer, struct block *block)
{
    const struct policy_template *policy = block->policy;
    struct text *config = &writer->config;
    bool is_reject = policy->server == SERVER_REJECT;
    block->number = (unsigned)writer->lab->certificate_count;
    text_format(config, "server { # %s\n  listen %s:443 ssl;\n  server_name",
                policy->name, block->address);
    for (size_t i = 0; i < block->count; i++) {
        text_format(config, " mta-sts.%s", block->people[i]->names.domain);
    }
    text_add(config, ";\n");
    if (is_reject) {
        text_add(config, "  ssl_reject_handshake on;\n}\n");
        block->count = 0;
        return;
    }
    make_certificate(writer, block);
    writer->lab->certificate_count++;
    text_format(
        config,
        "  ssl_certificate certs/%u.pem;\n  ssl_certificate_key certs/leaf.key;\n",
        block->number);
    add_location(config, writer->lab, policy);
    text_add(config, "}\n");
    if (policy->server == SERVER_FILE) {
        save_bodies(writer, block);
    }
    block->count = 0;
}

static size_t block_size(const struct policy_template *policy)
{
    return policy->certificate == CERTIFICATE_CN_ONLY ? 1 : CERTIFICATE_NAMES_MAX;
}

static void add_to_block(struct writer *writer, struct person *person)
{
    size_t index = (size_t)(person->policy - policy_templates);
    struct block *block = &writer->blocks[index];
    block->policy = person->policy;
    block->address = person->policy_address;
    block->people[block->count++] = person;
    if (block->count == block_size(person->policy)) {
        write_block(writer, block);
    }
}

static void start_config(struct text *config, const struct lab *lab)
{
    text_format(
        config,
        /* root is who we are in the namespace: no other user could own the paths */
        "daemon off;\nmaster_process off;\nuser root;\npid %s/nginx.pid;\n"
        "error_log %s/nginx.log warn;\nevents { worker_connections 4096; }\n"
        "http {\n  access_log off;\n  types { }\n  default_type text/plain;\n"
        "  server_names_hash_bucket_size 256;\n  server_names_hash_max_size 262144;\n"
        "  ssl_session_cache off;\n  ssl_session_tickets off;\n  " TLS_13
        "\n  keepalive_timeout 5;\n  reset_timedout_connection off;\n",
        lab->directory, lab->directory);
    static const char *const temporary[] = {"client_body", "proxy", "fastcgi", "uwsgi",
                                            "scgi"};
    for (size_t i = 0; i < sizeof temporary / sizeof temporary[0]; i++) {
        text_format(config, "  %s_temp_path %s/tmp-%s;\n", temporary[i], lab->directory,
                    temporary[i]);
    }
}

/* A name nobody serves is refused; beside it, the two servers that are no proper TLS
 * server, and one for who sends no name (openssl s_time, bench/parts/https.sh). */
static void add_fixed_servers(struct text *config)
{
    for (size_t i = 0; i < POLICY_SERVER_COUNT; i++) {
        text_format(
            config,
            "server { listen %s:443 ssl default_server; ssl_reject_handshake on; }\n",
            policy_addresses[i]);
    }
    text_add(config, "server { listen " PLAIN_HTTP_ADDRESS ":443; return 404; }\n");
    text_add(config,
             "server { listen " OLD_TLS_ADDRESS
             ":443 ssl; ssl_protocols TLSv1.1; ssl_ciphers DEFAULT@SECLEVEL=0;\n"
             "  ssl_certificate certs/0.pem; ssl_certificate_key certs/leaf.key; }\n");
    text_add(config,
             "server { listen " NAMELESS_ADDRESS ":443 ssl;\n"
             "  ssl_certificate certs/0.pem; ssl_certificate_key certs/leaf.key;\n"
             "  " LOCATION " { return 200 \"version: STSv1\\nmode: enforce\\n"
             "mx: *.mailfarm.net\\nmax_age: 604800\\n\"; }\n}\n");
}

static bool has_block(const struct policy_template *policy)
{
    return policy->server == SERVER_FILE || policy->server == SERVER_RETURN ||
           policy->server == SERVER_REJECT;
}

/* Number 0: what the old server would present, if it got that far. */
static void make_first_certificate(struct writer *writer)
{
    struct certificate *facts = &writer->lab->certificates[0];
    facts->names = lab_allocate(1, sizeof *facts->names);
    facts->names[0] = lab_copy("old.policy-desk.net");
    facts->name_count = 1;
    certs_issue(writer->authorities, CERTIFICATE_GOOD, 0, "old.policy-desk.net", facts);
    writer->lab->certificate_count = 1;
}

void servers_write_policies(struct lab *lab)
{
    struct writer writer = {.lab = lab, .authorities = certs_open(lab->directory)};
    writer.blocks = lab_allocate(policy_template_count, sizeof *writer.blocks);
    lab->certificates = lab_allocate(lab->population.count + 2 * fault_count() + 1,
                                     sizeof *lab->certificates);
    make_first_certificate(&writer);
    start_config(&writer.config, lab);
    add_fixed_servers(&writer.config);
    for (size_t i = 0; i < lab->population.count; i++) {
        struct person *person = &lab->population.people[i];
        if (person->policy == NULL) {
            continue;
        }
        person->policy_address = address_for(person->policy);
        if (person->kind != KIND_TWIN && has_block(person->policy)) {
            add_to_block(&writer, person);
        }
    }
    for (size_t i = 0; i < policy_template_count; i++) {
        if (writer.blocks[i].count > 0) {
            write_block(&writer, &writer.blocks[i]);
        }
    }
    text_add(&writer.config, "}\n");
    text_save(&writer.config, lab->directory, "nginx.conf");
    text_free(&writer.config);
    free(writer.blocks);
    faults_write(lab, writer.authorities);
    certs_free(writer.authorities);
}
