#include "bench/lab/faults.h"

#include <string.h>

#define START                                                                            \
    "$TTL 3600\n@ SOA ns1.dns-a.net. hostmaster.mailfarm.net. 1 7200 3600 1209600 "      \
    "3600\n"

static const char *const tlds[TLD_SERVER_COUNT] = {"com", "net", "org", "se", "jp"};

/* co.jp is a zone of its own on the last TLD server's neighbour; ne.jp and or.jp stand
 * inside jp. */
static const char *registry_of(const char *zone)
{
    size_t len = strlen(zone);
    if (len > 6 && strcmp(zone + len - 6, ".co.jp") == 0) {
        return "co.jp";
    }
    return strrchr(zone, '.') + 1;
}

void zones_path(char *path, size_t size, const char *zone)
{
    unsigned sum = 5381;
    for (const char *at = zone; *at != '\0'; at++) {
        sum = sum * 33 + (unsigned char)*at;
    }
    snprintf(path, size, "zones/%02x/%s", sum & 0xff,
             strcmp(zone, ".") == 0 ? "root" : zone);
}

const char *const zones_joined_names[ROLE_COUNT] = {
    [ROLE_ROOT] = "zones-root", [ROLE_TLD] = "zones-tld", [ROLE_HOST] = "zones-host"};

/* In a master file such bytes are written as numbers (RFC 1035, 5.1). */
static void add_escaped(struct text *text, const struct text *zone)
{
    for (size_t i = 0; i < zone->len; i++) {
        unsigned char byte = (unsigned char)zone->bytes[i];
        if (byte >= 0x80) {
            text_format(text, "\\%03u", byte);
        } else {
            text_add_len(text, zone->bytes + i, 1);
        }
    }
}

static bool is_ascii(const struct text *text)
{
    bool is_ascii = true;
    for (size_t i = 0; i < text->len; i++) {
        is_ascii &= (unsigned char)text->bytes[i] < 0x80;
    }
    return is_ascii;
}

void zones_save(const struct lab *lab, enum role role, const char *zone,
                const struct text *text)
{
    char path[512];
    struct text escaped = {0};
    if (!is_ascii(text)) {
        add_escaped(&escaped, text);
        text = &escaped;
    }
    fwrite(text->bytes, 1, text->len, lab->joined_zones[role]);
    if (!lab->is_joined) {
        zones_path(path, sizeof path, zone);
        text_save(text, lab->directory, path);
    }
    text_free(&escaped);
}

static void add_parent(struct text *text, const struct person *person)
{
    const struct names names = {person->names.zone, person->names.zone, ""};
    if (person->parent_dmarc != NULL) {
        text_expand(text, person->parent_dmarc->zone, &names);
    }
    if (person->middle_dmarc != NULL) {
        const struct names middle = {person->middle, person->names.zone, ""};
        text_format(text, "$ORIGIN %s.\n", person->middle);
        text_expand(text, person->middle_dmarc->zone, &middle);
    }
}

static void add_policy_host(struct text *text, const struct person *person)
{
    const struct policy_template *policy = person->policy;
    if (policy == NULL) {
        return;
    }
    if (policy->zone != NULL) {
        text_expand(text, policy->zone, &person->names);
        return;
    }
    text_format(text, "mta-sts A %s\n", person->policy_address);
    for (size_t i = 0; i < 3 && policy->more_addresses[i] != NULL; i++) {
        const char *address = policy->more_addresses[i];
        text_format(text, "mta-sts %s %s\n", strchr(address, ':') != NULL ? "AAAA" : "A",
                    address);
    }
}

static void add_person(struct text *text, const struct person *person)
{
    const struct names *names = &person->names;
    if (person->kind == KIND_SUBDOMAIN) {
        /* the name exists whatever its templates put there */
        text_format(text, "$ORIGIN %s.\n@ HINFO \"lab\" \"lab\"\n", names->domain);
    } else if (person->kind == KIND_ALIAS) {
        text_format(text, "$ORIGIN %s.\n@ CNAME gone.policy-desk.net.\n", names->domain);
    } else if (person->kind == KIND_WILDCARD) {
        text_add(text, "* TXT \"v=spf1 -all\"\n");
    }
    text_expand(text, person->mx->zone, names);
    text_expand(text, person->spf->zone, names);
    text_expand(text, person->dmarc->zone, names);
    text_expand(text, person->mta_sts->zone, names);
    text_expand(text, person->tls_rpt->zone, names);
    add_policy_host(text, person);
}

static void add_ns(struct text *text, const char *owner, const struct person *person)
{
    for (size_t i = 0; i < LIST_MAX && person->ns->hosts[i] != NULL; i++) {
        text_format(text, "%s NS ", owner);
        text_expand(text, person->ns->hosts[i], &person->names);
        text_add(text, ".\n");
    }
}

static void write_person(const struct lab *lab, const struct person *person,
                         struct text *text)
{
    text_clear(text);
    text_format(text, "$ORIGIN %s.\n" START, person->names.zone);
    add_ns(text, "@", person);
    text_expand(text, person->ns->zone, &person->names);
    add_parent(text, person);
    if (person->kind != KIND_MISSING) {
        add_person(text, person);
    }
    zones_save(lab, ROLE_HOST, person->names.zone, text);
}

static void add_delegation(struct text *text, const struct person *person)
{
    char owner[512];
    snprintf(owner, sizeof owner, "%s.", person->names.zone);
    add_ns(text, owner, person);
    if (person->ns->glue != NULL) {
        text_expand(text, person->ns->glue, &person->names);
    }
}

static void add_shared_delegations(struct text *text)
{
    for (const struct shared_zone *zone = shared_zones; zone->name != NULL; zone++) {
        text_format(text, "%s. NS ns1.dns-a.net.\n%s. NS ns2.dns-a.net.\n", zone->name,
                    zone->name);
    }
    for (unsigned i = 1; i <= HOST_SERVER_COUNT; i++) {
        text_format(text, "ns%u.dns-%c.net. A 198.18.2.%u\n", (i + 1) % 2 + 1,
                    'a' + (int)(i - 1) / 2, i);
    }
    text_add(text, "a.root-servers.net. A " ROOT_ADDRESS "\n");
}

/* Three name servers for a registry's zone: one process, but a lost packet costs one
 * address. */
static void add_registry_servers(struct text *text, const char *owner, const char *zone,
                                 unsigned first)
{
    for (unsigned i = 0; i < 3; i++) {
        unsigned address = (first - 1 + i) % (TLD_SERVER_COUNT + 1) + 1;
        text_format(text, "%s NS %c.dns.%s.\n%c.dns.%s. A 198.18.1.%u\n", owner,
                    'a' + (int)i, zone, 'a' + (int)i, zone, address);
    }
}

static void write_registry(const struct lab *lab, const char *registry, unsigned server)
{
    struct text text = {0};
    text_format(&text, "$ORIGIN %s.\n" START, registry);
    add_registry_servers(&text, "@", registry, server);
    if (strcmp(registry, "net") == 0) {
        add_shared_delegations(&text);
        faults_add_delegations(lab, &text);
    } else if (strcmp(registry, "jp") == 0) {
        add_registry_servers(&text, "co", "co.jp", TLD_SERVER_COUNT + 1);
        text_add(&text,
                 "_dmarc.or TXT \"v=DMARC1; p=none; sp=quarantine; np=reject; psd=y\"\n");
    }
    for (size_t i = 0; i < lab->population.count; i++) {
        const struct person *person = &lab->population.people[i];
        if (has_zone(person) && strcmp(registry_of(person->names.zone), registry) == 0) {
            add_delegation(&text, person);
        }
    }
    zones_save(lab, ROLE_TLD, registry, &text);
    text_free(&text);
}

static void write_root(const struct lab *lab)
{
    struct text text = {0};
    text_add(&text, "$ORIGIN .\n" START "@ NS a.root-servers.net.\n"
                    "a.root-servers.net. A " ROOT_ADDRESS "\n");
    for (unsigned i = 0; i < TLD_SERVER_COUNT; i++) {
        char owner[16];
        snprintf(owner, sizeof owner, "%s.", tlds[i]);
        add_registry_servers(&text, owner, tlds[i], i + 1);
    }
    zones_save(lab, ROLE_ROOT, ".", &text);
    text_free(&text);
}

/* The domains' permissions at the report desk (RFC 7489, 7.1). */
static void add_desk(struct text *text, const struct lab *lab)
{
    for (size_t i = 0; i < lab->population.count; i++) {
        const struct person *person = &lab->population.people[i];
        if (has_zone(person) && person->dmarc->desk != NULL) {
            text_expand(text, person->dmarc->desk, &person->names);
        }
    }
}

static void write_shared(const struct lab *lab)
{
    struct text text = {0};
    for (const struct shared_zone *zone = shared_zones; zone->name != NULL; zone++) {
        text_clear(&text);
        text_format(&text,
                    "$ORIGIN %s.\n" START "@ NS ns1.dns-a.net.\n@ NS ns2.dns-a.net.\n",
                    zone->name);
        text_add(&text, zone->text);
        if (strcmp(zone->name, "report-desk.net") == 0) {
            add_desk(&text, lab);
        }
        zones_save(lab, ROLE_HOST, zone->name, &text);
    }
    text_free(&text);
}

static void open_joined(struct lab *lab)
{
    char path[4096];
    for (enum role role = ROLE_ROOT; role < ROLE_COUNT; role++) {
        snprintf(path, sizeof path, "%s/%s", lab->directory, zones_joined_names[role]);
        lab->joined_zones[role] = fopen(path, "w");
        if (lab->joined_zones[role] == NULL) {
            text_die(path);
        }
    }
}

static void close_joined(struct lab *lab)
{
    for (enum role role = ROLE_ROOT; role < ROLE_COUNT; role++) {
        bool is_bad = ferror(lab->joined_zones[role]) != 0;
        if (fclose(lab->joined_zones[role]) != 0 || is_bad) {
            text_die(zones_joined_names[role]);
        }
    }
}

void zones_write(struct lab *lab)
{
    open_joined(lab);
    write_root(lab);
    for (unsigned i = 0; i < TLD_SERVER_COUNT; i++) {
        write_registry(lab, tlds[i], i + 1);
    }
    write_registry(lab, "co.jp", TLD_SERVER_COUNT + 1);
    write_shared(lab);
    faults_write_zones(lab);
    struct text text = {0};
    for (size_t i = 0; i < lab->population.count; i++) {
        if (has_zone(&lab->population.people[i])) {
            write_person(lab, &lab->population.people[i], &text);
        }
    }
    text_free(&text);
    close_joined(lab);
}
