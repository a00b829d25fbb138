#include "scanner/classify/mx.h"

#include "scanner/classify/address.h"

#include <arpa/inet.h>

static const enum dns_type FAMILIES[] = {DNS_A, DNS_AAAA};
#define FAMILY_COUNT (sizeof FAMILIES / sizeof FAMILIES[0])

struct asker {
    const struct lookup *lookup;
    struct mx_set *set;
    struct defects *defects;
};

static bool is_root(const char *host)
{
    return strcmp(host, ".") == 0;
}

static int compare(const struct dns_record *a, const struct dns_record *b)
{
    int order = (a->preference > b->preference) - (a->preference < b->preference);
    return order != 0 ? order : strcmp(a->data, b->data);
}

/* Keeps the MX_HOSTS_MAX most preferred targets in order, each pair once. */
static void insert_record(const struct dns_record *list[MX_HOSTS_MAX], size_t *count,
                          const struct dns_record *record)
{
    size_t at = *count;
    while (at > 0 && compare(list[at - 1], record) > 0) {
        at--;
    }
    if (at == MX_HOSTS_MAX || (at > 0 && compare(list[at - 1], record) == 0)) {
        return;
    }
    *count += *count < MX_HOSTS_MAX;
    for (size_t i = *count - 1; i > at; i--) {
        list[i] = list[i - 1];
    }
    list[at] = record;
}

static void list_hosts(struct mx_set *set, const struct dns_answer *answer)
{
    const struct dns_record *list[MX_HOSTS_MAX];
    for (size_t i = 0; i < answer->record_count; i++) {
        insert_record(list, &set->host_count, &answer->records[i]);
    }
    for (size_t i = 0; i < set->host_count; i++) {
        set->hosts[i].preference = list[i]->preference;
        set->hosts[i].host = list[i]->data;
        set->hosts[i].status = DNS_NOT_CHECKED;
        set->hosts[i].address_count = 0;
    }
}

/* Sorted by the bytes of their text, each once. */
static void insert_address(struct mx_host *host, const char *text)
{
    size_t at = host->address_count;
    while (at > 0 && strcmp(host->addresses[at - 1], text) > 0) {
        at--;
    }
    if (at == MX_ADDRESSES_MAX ||
        (at > 0 && strcmp(host->addresses[at - 1], text) == 0)) {
        return;
    }
    size_t kept = host->address_count < MX_ADDRESSES_MAX ? host->address_count
                                                         : MX_ADDRESSES_MAX - 1;
    memmove(&host->addresses[at + 1], &host->addresses[at],
            (kept - at) * sizeof host->addresses[0]);
    memcpy(host->addresses[at], text, strlen(text) + 1);
    host->address_count = kept + 1;
}

static void take_addresses(struct mx_host *host, const struct dns_answer *answer)
{
    for (size_t i = 0; i < answer->record_count; i++) {
        const struct dns_record *record = &answer->records[i];
        char text[MX_ADDRESS_LEN];
        int family = record->data_len == 4 ? AF_INET : AF_INET6;
        if ((record->data_len == 4 || record->data_len == 16) &&
            inet_ntop(family, record->data, text, sizeof text) != NULL) {
            insert_address(host, text);
        }
    }
}

/* What two lookups of a name say together: an address found is enough; otherwise a
 * failure leaves it open, and NXDOMAIN has to come from both. */
static enum dns_status combine(enum dns_status a, enum dns_status b)
{
    if (a == DNS_OK || b == DNS_OK) {
        return DNS_OK;
    }
    if (!dns_is_answered(a) || !dns_is_answered(b)) {
        return dns_is_answered(a) ? b : a;
    }
    return a == b ? a : DNS_NODATA;
}

struct found {
    bool is_done;
    bool is_alias;
    enum dns_status status;
};

/* Both families; addresses go to host unless that is NULL. */
static struct found ask_addresses(struct asker *asker, const char *name,
                                  struct mx_host *host)
{
    struct found found = {.is_done = true};
    enum dns_status statuses[FAMILY_COUNT] = {DNS_NOT_CHECKED, DNS_NOT_CHECKED};
    for (size_t i = 0; i < FAMILY_COUNT; i++) {
        const struct dns_answer *answer = lookup_get(asker->lookup, name, FAMILIES[i]);
        if (answer == NULL) {
            found.is_done = false;
            continue;
        }
        statuses[i] = answer->status;
        found.is_alias |= answer->cname_count > 0;
        asker->set->has_failed |= !dns_is_answered(answer->status);
        if (answer->status == DNS_OK && host != NULL) {
            take_addresses(host, answer);
        }
    }
    found.status = combine(statuses[0], statuses[1]);
    return found;
}

static void note_addresses(struct asker *asker, const struct mx_host *host)
{
    for (size_t i = 0; i < host->address_count; i++) {
        uint8_t bytes[16];
        size_t len = strchr(host->addresses[i], ':') != NULL ? 16 : 4;
        int family = len == 4 ? AF_INET : AF_INET6;
        if (inet_pton(family, host->addresses[i], bytes) == 1 &&
            address_is_special(bytes, len)) {
            defects_note(asker->defects, MX_ADDRESS_PRIVATE, span_of(host->addresses[i]));
        }
    }
}

static void note_target(struct asker *asker, const struct mx_host *host, bool is_alias)
{
    struct span target = span_of(host->host);
    if (host->status == DNS_NXDOMAIN) {
        defects_note(asker->defects, MX_TARGET_NXDOMAIN, target);
    } else if (host->status == DNS_NODATA) {
        defects_note(asker->defects, MX_TARGET_NO_ADDRESS, target);
    }
    note_addresses(asker, host);
    if (is_alias) { /* RFC 5321 5.1, RFC 2181 10.3 */
        defects_note(asker->defects, MX_TARGET_IS_CNAME, target);
    }
    if (strchr(host->host, '.') == NULL) {
        defects_note(asker->defects, MX_SINGLE_LABEL, target);
    }
}

/* RFC 5321 5.1: an MX holds a domain name, and no address. */
static void classify_target(struct asker *asker, struct mx_host *host)
{
    if (is_root(host->host)) {
        return;
    }
    if (address_is_text(host->host)) {
        defects_note(asker->defects, MX_TARGET_IS_ADDRESS, span_of(host->host));
        return;
    }
    struct found found = ask_addresses(asker, host->host, host);
    asker->set->is_done &= found.is_done;
    if (found.is_done) {
        host->status = found.status;
        note_target(asker, host, found.is_alias);
    }
}

/* RFC 7505 3: a null MX stands alone. */
static void classify_targets(struct asker *asker, const struct dns_answer *answer)
{
    struct mx_set *set = asker->set;
    bool has_root = false;
    for (size_t i = 0; i < answer->record_count; i++) {
        has_root |= is_root(answer->records[i].data);
    }
    list_hosts(set, answer);
    set->is_null = has_root && set->host_count == 1;
    if (has_root && !set->is_null) {
        defects_note(asker->defects, MX_NULL_MX_WITH_OTHERS, (struct span){NULL, 0});
    }
    for (size_t i = 0; i < set->host_count; i++) {
        classify_target(asker, &set->hosts[i]);
    }
}

/* RFC 5321 5.1: without MX the domain's own addresses take the mail. */
static void classify_implicit(struct asker *asker, const char *domain)
{
    struct found found = ask_addresses(asker, domain, NULL);
    asker->set->is_done = found.is_done;
    asker->set->is_implicit = found.status == DNS_OK;
    if (asker->set->is_implicit) {
        defects_note(asker->defects, MX_IMPLICIT_MX, (struct span){NULL, 0});
    }
}

void mx_classify(const char *domain, const struct lookup *lookup, struct mx_set *set,
                 struct defects *defects)
{
    struct asker asker = {lookup, set, defects};
    const struct dns_answer *answer = lookup_get(lookup, domain, DNS_MX);
    set->is_done = answer != NULL;
    set->has_failed = false;
    set->deployment = DEPLOYMENT_NOT_CHECKED;
    set->is_null = false;
    set->is_implicit = false;
    set->host_count = 0;
    if (answer == NULL) {
        return;
    }
    if (!dns_is_answered(answer->status)) {
        set->has_failed = true;
        set->deployment = DEPLOYMENT_TEMP_ERROR;
        return;
    }
    set->deployment = DEPLOYMENT_ABSENT;
    if (answer->status == DNS_OK && answer->record_count > 0) {
        set->deployment = DEPLOYMENT_PRESENT;
        classify_targets(&asker, answer);
    } else if (answer->status != DNS_NXDOMAIN) {
        classify_implicit(&asker, domain);
    }
}

const char *mx_code_text(enum mx_code code)
{
    static const char *const TEXTS[MX_CODE_COUNT] = {
        [MX_NULL_MX_WITH_OTHERS] = "null_mx_with_others",
        [MX_TARGET_IS_ADDRESS] = "target_is_address",
        [MX_IMPLICIT_MX] = "implicit_mx",
        [MX_TARGET_NXDOMAIN] = "target_nxdomain",
        [MX_TARGET_NO_ADDRESS] = "target_no_address",
        [MX_ADDRESS_PRIVATE] = "address_private",
        [MX_TARGET_IS_CNAME] = "target_is_cname",
        [MX_SINGLE_LABEL] = "single_label",
    };
    return TEXTS[code];
}
