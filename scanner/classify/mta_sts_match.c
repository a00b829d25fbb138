/* MX hosts against the patterns of an MTA-STS policy (RFC 8461 4.1). */
#include "scanner/classify/mta_sts.h"

#include <stdio.h>

#define NAME_SIZE 256
#define TYPO_DISTANCE_MAX 3
#define TYPO_BAND (2 * TYPO_DISTANCE_MAX + 1)

static bool is_wildcard(struct span pattern)
{
    return span_starts(pattern, "*.");
}

/* What follows the first label; len 0 where nothing does. A "\." belongs to the label
 * (RFC 1035 5.1). */
static struct span without_first_label(struct span name)
{
    size_t at = 0;
    while (at < name.len && name.ptr[at] != '.') {
        at += name.ptr[at] == '\\' ? 2 : 1;
    }
    return span_from(name, at + 1);
}

static bool is_same(struct span a, struct span b)
{
    return a.len == b.len && strncasecmp(a.ptr, b.ptr, a.len) == 0;
}

bool mta_sts_mx_matches(struct span pattern, const char *host)
{
    struct span name = span_of(host);
    if (!is_wildcard(pattern)) {
        return is_same(pattern, name);
    }
    return name.len > 0 && name.ptr[0] != '.' &&
           is_same(span_from(pattern, 2), without_first_label(name));
}

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* One row of Levenshtein's matrix, only the cells that can still end within the limit:
 * cell k of row i is column i + k - TYPO_DISTANCE_MAX. False: none of them can. */
static bool next_row(unsigned row[TYPO_BAND], struct span a, size_t i, struct span b)
{
    unsigned next[TYPO_BAND];
    unsigned best = TYPO_DISTANCE_MAX + 1;
    for (size_t k = 0; k < TYPO_BAND; k++) {
        size_t column = i + k;
        next[k] = TYPO_DISTANCE_MAX + 1;
        if (column < TYPO_DISTANCE_MAX || column > b.len + TYPO_DISTANCE_MAX) {
            continue;
        }
        column -= TYPO_DISTANCE_MAX;
        if (column > 0) {
            next[k] =
                row[k] + (ascii_lower(a.ptr[i - 1]) != ascii_lower(b.ptr[column - 1]));
        }
        next[k] = least(next[k], k + 1 < TYPO_BAND ? row[k + 1] + 1 : next[k]);
        next[k] = least(next[k], k > 0 ? next[k - 1] + 1 : next[k]);
        next[k] = least(next[k], TYPO_DISTANCE_MAX + 1);
        best = least(best, next[k]);
    }
    memcpy(row, next, sizeof next);
    return best <= TYPO_DISTANCE_MAX;
}

static bool is_typo(struct span a, struct span b)
{
    if (a.len > b.len + TYPO_DISTANCE_MAX || b.len > a.len + TYPO_DISTANCE_MAX) {
        return false;
    }
    unsigned row[TYPO_BAND];
    for (size_t k = 0; k < TYPO_BAND; k++) {
        row[k] = k < TYPO_DISTANCE_MAX ? TYPO_DISTANCE_MAX + 1
                                       : (unsigned)k - TYPO_DISTANCE_MAX;
    }
    for (size_t i = 1; i <= a.len; i++) {
        if (!next_row(row, a, i, b)) {
            return false;
        }
    }
    return row[b.len + TYPO_DISTANCE_MAX - a.len] <= TYPO_DISTANCE_MAX;
}

/* A name to ask the suffix list about: lower case, NUL-terminated. */
struct ruled_name {
    char text[NAME_SIZE];
    const char *registrable; /* into text; NULL for a public suffix */
};

static void ruled_name_set(struct ruled_name *name, struct span text,
                           const struct suffix_list *suffixes)
{
    size_t len = text.len < NAME_SIZE ? text.len : 0;
    for (size_t i = 0; i < len; i++) {
        name->text[i] = ascii_lower(text.ptr[i]);
    }
    name->text[len] = '\0';
    name->registrable = suffix_registrable(suffixes, name->text);
}

/* The labels before the public suffix. */
static struct span labels_of(const struct ruled_name *name)
{
    size_t own = strcspn(name->registrable, ".");
    return (struct span){name->text, (size_t)(name->registrable - name->text) + own};
}

struct mismatch {
    char policy_host[NAME_SIZE + 8];
    struct span host, host_parent; /* whole; without its first label */
    struct ruled_name ruled_host;
    const struct suffix_list *suffixes;
};

static bool is_other_tld(const struct mismatch *mismatch, struct span pattern,
                         const struct ruled_name *ruled_pattern)
{
    if (mismatch->ruled_host.registrable == NULL || ruled_pattern->registrable == NULL) {
        return false;
    }
    struct span ours = labels_of(&mismatch->ruled_host);
    if (is_wildcard(pattern)) {
        struct span parent = without_first_label(ours);
        return parent.len > 0 && is_same(parent, labels_of(ruled_pattern));
    }
    return is_same(ours, labels_of(ruled_pattern));
}

/* The first that fits, in the contract's order. The "*" stands for the host's first
 * label, so only what follows the two is compared. */
static enum mx_mismatch kind_of(const struct mismatch *mismatch, struct span pattern)
{
    struct span fixed = is_wildcard(pattern) ? span_from(pattern, 2) : pattern;
    struct span host = is_wildcard(pattern) ? mismatch->host_parent : mismatch->host;
    if (is_same(pattern, span_of(mismatch->policy_host))) {
        return MX_MISMATCH_POLICY_HOST;
    }
    if (is_typo(host, fixed)) {
        return MX_MISMATCH_TYPO;
    }
    struct ruled_name ruled;
    ruled_name_set(&ruled, fixed, mismatch->suffixes);
    if (is_other_tld(mismatch, pattern, &ruled)) {
        return MX_MISMATCH_TLD;
    }
    if (ruled.registrable != NULL && mismatch->ruled_host.registrable != NULL &&
        strcmp(ruled.registrable, mismatch->ruled_host.registrable) == 0) {
        return MX_MISMATCH_LABEL;
    }
    return MX_MISMATCH_DOMAIN;
}

enum mx_mismatch mta_sts_mismatch(const char *policy_domain, const char *host,
                                  const struct span *patterns, size_t pattern_count,
                                  const struct suffix_list *suffixes)
{
    struct mismatch mismatch = {.host = span_of(host), .suffixes = suffixes};
    enum mx_mismatch worst = MX_MISMATCH_NULL;
    snprintf(mismatch.policy_host, sizeof mismatch.policy_host, "mta-sts.%s",
             policy_domain);
    mismatch.host_parent = without_first_label(mismatch.host);
    ruled_name_set(&mismatch.ruled_host, mismatch.host, suffixes);
    for (size_t i = 0; i < pattern_count && worst != MX_MISMATCH_DOMAIN; i++) {
        enum mx_mismatch kind = kind_of(&mismatch, patterns[i]);
        worst = kind > worst ? kind : worst;
    }
    return worst;
}

const char *mx_mismatch_text(enum mx_mismatch mismatch)
{
    static const char *const TEXTS[] = {
        [MX_MISMATCH_NULL] = NULL,   [MX_MISMATCH_POLICY_HOST] = "policy_host",
        [MX_MISMATCH_TYPO] = "typo", [MX_MISMATCH_LABEL] = "label",
        [MX_MISMATCH_TLD] = "tld",   [MX_MISMATCH_DOMAIN] = "domain",
    };
    return TEXTS[mismatch];
}
