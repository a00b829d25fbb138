#include "scanner/classify/spf_check.h"

#include "scanner/classify/spf_name.h"
#include "scanner/classify/spf_ranges.h"

#include <stdio.h>

static bool is_void(const struct dns_answer *answer)
{
    return answer->status == DNS_NODATA || answer->status == DNS_NXDOMAIN;
}

bool spf_check_count_void(struct spf_check *check, const struct dns_answer *answer,
                          const char *name)
{
    if (!is_void(answer) || ++check->verdict->void_lookups <= SPF_VOID_LOOKUPS_MAX) {
        return true;
    }
    spf_check_reason(check, "more than %d void lookups, the last one for %s",
                     SPF_VOID_LOOKUPS_MAX, name);
    return false;
}

/* RFC 7208 5: of a sender's IPv4 address A is asked, of an IPv6 address AAAA. */
static enum dns_type address_type(const struct spf_check *check)
{
    return check->ip_bits == 32 ? DNS_A : DNS_AAAA;
}

static bool holds_ip(const struct spf_check *check, const struct dns_answer *answer,
                     unsigned prefix)
{
    for (size_t i = 0; answer->status == DNS_OK && i < answer->record_count; i++) {
        const struct dns_record *record = &answer->records[i];
        if (record->data_len * 8U == check->ip_bits &&
            spf_bits_equal((const uint8_t *)record->data, check->ip, prefix)) {
            return true;
        }
    }
    return false;
}

static unsigned prefix_of(const struct spf_check *check, const struct spf_term *term)
{
    return check->ip_bits == 32 ? term->prefix4 : term->prefix6;
}

static enum spf_match failed(struct spf_check *check, const char *name)
{
    spf_check_reason(check, "a lookup for %s failed", name);
    return SPF_MATCH_TEMPERROR;
}

/* One question for a term's own name. *answer stays NULL where nothing can be asked. */
static enum spf_match ask_own(struct spf_check *check, const char *name,
                              enum dns_type type, const struct dns_answer **answer)
{
    char spelt[SPF_NAME_MAX];
    *answer = NULL;
    if (!spf_name_spell(name, spelt)) {
        return SPF_MATCH_NO;
    }
    *answer = lookup_get(check->lookup, spelt, type);
    if (*answer == NULL) {
        return SPF_MATCH_PENDING;
    }
    if (!dns_is_answered((*answer)->status)) {
        return failed(check, spelt);
    }
    return spf_check_count_void(check, *answer, spelt) ? SPF_MATCH_YES
                                                       : SPF_MATCH_PERMERROR;
}

static enum spf_match match_a(struct spf_check *check, const struct spf_term *term,
                              const char *name)
{
    const struct dns_answer *answer;
    enum spf_match asked = ask_own(check, name, address_type(check), &answer);
    if (asked != SPF_MATCH_YES) {
        return asked;
    }
    return holds_ip(check, answer, prefix_of(check, term)) ? SPF_MATCH_YES : SPF_MATCH_NO;
}

/* exists asks A whatever the sender's address is (RFC 7208 5.7). */
static enum spf_match match_exists(struct spf_check *check, const char *name)
{
    const struct dns_answer *answer;
    enum spf_match asked = ask_own(check, name, DNS_A, &answer);
    if (asked != SPF_MATCH_YES) {
        return asked;
    }
    return answer->status == DNS_OK ? SPF_MATCH_YES : SPF_MATCH_NO;
}

static bool mx_is_before(const struct dns_record *a, const struct dns_record *b)
{
    return a->preference != b->preference ? a->preference < b->preference
                                          : strcmp(a->data, b->data) < 0;
}

/* Indexes of the MX records by preference, then name: the verdict must not depend on the
 * order in which a server lists them. */
static size_t mx_order(const struct dns_answer *answer, size_t order[SPF_LOOKUPS_MAX])
{
    const struct dns_record *records = answer->records;
    size_t count = 0;
    for (size_t i = 0; i < answer->record_count && count < SPF_LOOKUPS_MAX; i++) {
        size_t at = count++;
        for (; at > 0 && mx_is_before(&records[i], &records[order[at - 1]]); at--) {
            order[at] = order[at - 1];
        }
        order[at] = i;
    }
    return count;
}

/* All hosts are asked for at once; a host that matches, or fails, counts when those
 * before it are known not to. */
static enum spf_match match_mx_hosts(struct spf_check *check, const struct spf_term *term,
                                     const struct dns_answer *mx)
{
    size_t order[SPF_LOOKUPS_MAX];
    size_t count = mx_order(mx, order);
    enum spf_match result = SPF_MATCH_NO;
    for (size_t i = 0; i < count; i++) {
        const char *host = mx->records[order[i]].data;
        if (strcmp(host, ".") == 0 || strlen(host) >= SPF_NAME_MAX) {
            continue;
        }
        const struct dns_answer *answer =
            lookup_get(check->lookup, host, address_type(check));
        if (result != SPF_MATCH_NO) {
            continue;
        }
        if (answer == NULL) {
            result = SPF_MATCH_PENDING;
        } else if (!dns_is_answered(answer->status)) {
            return failed(check, host);
        } else if (holds_ip(check, answer, prefix_of(check, term))) {
            return SPF_MATCH_YES;
        }
    }
    return result;
}

/* No implicit MX (RFC 7208 5.4). */
static enum spf_match match_mx(struct spf_check *check, const struct spf_term *term,
                               const char *name)
{
    const struct dns_answer *answer;
    enum spf_match asked = ask_own(check, name, DNS_MX, &answer);
    if (asked != SPF_MATCH_YES || answer->status != DNS_OK) {
        return asked == SPF_MATCH_YES ? SPF_MATCH_NO : asked;
    }
    if (answer->record_count > SPF_LOOKUPS_MAX) {
        spf_check_reason(check, "%s has more than %d MX hosts", name, SPF_LOOKUPS_MAX);
        return SPF_MATCH_PERMERROR;
    }
    return match_mx_hosts(check, term, answer);
}

static void reverse_name(const struct spf_check *check, char name[SPF_NAME_MAX])
{
    static const struct spf_macro_values NOTHING = {.of = {{NULL, 0}}};
    struct spf_macro_values values = NOTHING;
    struct spf_text out = {name, SPF_NAME_MAX - 1, 0, false};
    values.of['i' - 'a'] = check->values.of['i' - 'a'];
    values.of['v' - 'a'] = check->values.of['v' - 'a'];
    spf_macro_expand(span_of("%{ir}.%{v}.arpa"), &values, &out);
    name[out.len] = '\0';
}

/* How well a validated name fits: 0 any, 1 below domain, 2 domain itself. */
static int fitness(const char *name, const char *domain)
{
    size_t len = strlen(name);
    size_t domain_len = strlen(domain);
    if (len < domain_len || strcasecmp(name + len - domain_len, domain) != 0) {
        return 0;
    }
    if (len == domain_len) {
        return 2;
    }
    return name[len - domain_len - 1] == '.' ? 1 : 0;
}

/* Each of the first ten names is asked for its addresses; a failure skips it (5.5). */
static enum spf_match validate_names(struct spf_check *check,
                                     const struct dns_answer *ptr, const char *domain,
                                     char name[SPF_NAME_MAX])
{
    int best = -1;
    bool is_pending = false;
    for (size_t i = 0; i < ptr->record_count && i < SPF_LOOKUPS_MAX; i++) {
        const char *host = ptr->records[i].data;
        if (strcmp(host, ".") == 0 || strlen(host) >= SPF_NAME_MAX) {
            continue;
        }
        const struct dns_answer *answer =
            lookup_get(check->lookup, host, address_type(check));
        is_pending = is_pending || answer == NULL;
        int fits = fitness(host, domain);
        if (answer != NULL && fits > best && holds_ip(check, answer, check->ip_bits)) {
            best = fits;
            snprintf(name, SPF_NAME_MAX, "%s", host);
        }
    }
    if (is_pending) {
        return SPF_MATCH_PENDING;
    }
    return best > 0 ? SPF_MATCH_YES : SPF_MATCH_NO;
}

enum spf_match spf_check_validated(struct spf_check *check, const char *domain,
                                   bool counts_void, char name[SPF_NAME_MAX])
{
    char reverse[SPF_NAME_MAX];
    name[0] = '\0';
    reverse_name(check, reverse);
    const struct dns_answer *answer = lookup_get(check->lookup, reverse, DNS_PTR);
    if (answer == NULL) {
        return SPF_MATCH_PENDING;
    }
    if (counts_void && !spf_check_count_void(check, answer, reverse)) {
        return SPF_MATCH_PERMERROR;
    }
    return answer->status == DNS_OK ? validate_names(check, answer, domain, name)
                                    : SPF_MATCH_NO;
}

static enum spf_match match_ptr(struct spf_check *check, const char *name)
{
    char validated[SPF_NAME_MAX];
    return spf_check_validated(check, name, true, validated);
}

static enum spf_match match_ip(const struct spf_check *check, const struct spf_term *term)
{
    unsigned bits = term->kind == SPF_TERM_IP4 ? 32 : 128;
    return check->ip_bits == bits &&
                   spf_bits_equal(term->ip, check->ip, prefix_of(check, term))
               ? SPF_MATCH_YES
               : SPF_MATCH_NO;
}

enum spf_match spf_check_match(struct spf_check *check, const struct spf_term *term,
                               const char *domain)
{
    char name[SPF_NAME_MAX];
    if (term->kind == SPF_TERM_ALL) {
        return SPF_MATCH_YES;
    }
    if (term->kind == SPF_TERM_IP4 || term->kind == SPF_TERM_IP6) {
        return match_ip(check, term);
    }
    enum spf_match target = spf_check_target(check, term->domain_spec, domain, name);
    if (target != SPF_MATCH_YES) {
        return target;
    }
    switch (term->kind) {
    case SPF_TERM_A:
        return match_a(check, term, name);
    case SPF_TERM_MX:
        return match_mx(check, term, name);
    case SPF_TERM_PTR:
        return match_ptr(check, name);
    case SPF_TERM_EXISTS:
        return match_exists(check, name);
    default:
        return SPF_MATCH_NO;
    }
}
