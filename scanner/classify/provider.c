#include "scanner/classify/provider.h"

#define PATTERN_LEN_MAX 253 /* RFC 1035 2.3.4, as text */

const char *provider_area_text(enum provider_area area)
{
    static const char *const texts[PROVIDER_AREA_COUNT] = {"mx", "ns", "mta_sts",
                                                           "policy", "tls_rpt"};
    return texts[area];
}

static bool is_label_good(struct span label)
{
    size_t star_count = 0;
    for (size_t i = 0; i < label.len; i++) {
        char c = ascii_lower(label.ptr[i]);
        bool is_plain =
            (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
        star_count += c == '*';
        if (!is_plain && c != '*') {
            return false;
        }
    }
    return label.len > 0 && label.len <= 63 && star_count <= 1;
}

/* The last label must be a literal: "*" and "mail.*" are somebody's mistake. */
bool provider_pattern_is_good(struct span pattern)
{
    struct span rest = pattern, label = {NULL, 0};
    bool has_more = true;
    if (pattern.len > PATTERN_LEN_MAX) {
        return false;
    }
    while (span_cut(&rest, '.', &label, &has_more)) {
        if (!is_label_good(label)) {
            return false;
        }
    }
    return memchr(label.ptr, '*', label.len) == NULL;
}

/* An escaped dot belongs to its label (RFC 1035 5.1): in a\.example.net it ends none. */
static bool is_separator(struct span name, size_t at)
{
    size_t backslash_count = 0;
    while (backslash_count < at && name.ptr[at - backslash_count - 1] == '\\') {
        backslash_count++;
    }
    return name.ptr[at] == '.' && backslash_count % 2 == 0;
}

/* Takes the last label off. */
static struct span cut_last_label(struct span *name)
{
    size_t start = name->len;
    while (start > 0 && !is_separator(*name, start - 1)) {
        start--;
    }
    struct span label = {name->ptr + start, name->len - start};
    name->len = start > 0 ? start - 1 : 0;
    return label;
}

static bool same(const char *left, const char *right, size_t len)
{
    return len == 0 || strncasecmp(left, right, len) == 0;
}

static bool label_fits(struct span pattern, struct span label)
{
    const char *star = memchr(pattern.ptr, '*', pattern.len);
    if (star == NULL) {
        return pattern.len == label.len && same(pattern.ptr, label.ptr, label.len);
    }
    size_t head_len = (size_t)(star - pattern.ptr), tail_len = pattern.len - head_len - 1;
    return label.len >= head_len + tail_len && same(pattern.ptr, label.ptr, head_len) &&
           same(star + 1, label.ptr + label.len - tail_len, tail_len);
}

/* What ends nearly every comparison at once: the bytes behind the last "*". */
static bool tail_fits(struct span pattern, struct span host)
{
    const char *left = pattern.ptr + pattern.len, *right = host.ptr + host.len;
    while (left > pattern.ptr && left[-1] != '*') {
        if (right == host.ptr || ascii_lower(*--left) != ascii_lower(*--right)) {
            return false;
        }
    }
    return true;
}

bool provider_fits(struct span pattern, struct span host)
{
    struct span wanted = pattern, found = host;
    if (!tail_fits(pattern, host)) {
        return false;
    }
    while (wanted.len > 0 && found.len > 0) {
        if (span_equals(wanted, "*")) {
            return true;
        }
        struct span label = cut_last_label(&wanted);
        if (!label_fits(label, cut_last_label(&found))) {
            return false;
        }
    }
    return wanted.len == 0 && found.len == 0;
}

const char *provider_of_host(const struct provider_list *list, enum provider_area area,
                             const char *host)
{
    struct span name = span_of(host);
    for (size_t i = 0; list != NULL && i < list->areas[area].count; i++) {
        const struct provider_rule *rule = &list->areas[area].rules[i];
        if (provider_fits(rule->pattern, name)) {
            return rule->name;
        }
    }
    return NULL;
}

const char *provider_of_mx(const struct provider_list *list, const struct mx_set *mx)
{
    const char *common = NULL;
    for (size_t i = 0; i < mx->host_count; i++) {
        const struct mx_host *host = &mx->hosts[i];
        if (host->preference != mx->hosts[0].preference) {
            break;
        }
        const char *name = provider_of_host(list, PROVIDER_MX, host->host);
        if (name == NULL || (common != NULL && strcmp(name, common) != 0)) {
            return NULL;
        }
        common = name;
    }
    return common;
}

const char *provider_of_ns(const struct provider_list *list, const char *const *hosts,
                           size_t count)
{
    const char *common = NULL;
    size_t fit_count = 0;
    for (size_t i = 0; i < count; i++) {
        const char *name = provider_of_host(list, PROVIDER_NS, hosts[i]);
        if (name != NULL && common != NULL && strcmp(name, common) != 0) {
            return NULL;
        }
        common = name != NULL ? name : common;
        fit_count += name != NULL;
    }
    return fit_count * 2 > count ? common : NULL;
}

const char *provider_of_chain(const struct provider_list *list, enum provider_area area,
                              const struct dns_answer *answer)
{
    const char *name = NULL;
    for (size_t i = 0; answer != NULL && i < answer->cname_count && name == NULL; i++) {
        name = provider_of_host(list, area, answer->cnames[i]);
    }
    return name;
}
