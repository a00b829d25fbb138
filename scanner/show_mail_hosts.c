/* The sections on mail hosts and name servers. */
#include "scanner/show_part.h"

#include <stdio.h>

#define HOST_COLUMN 11
#define HOST_COLUMNS_MAX 40

static void show_provider(struct show *show, const char *provider)
{
    if (provider != NULL) {
        show_words(show, SHOW_VERDICT_COLUMN, "run by");
        show_foreign(show, SHOW_VERDICT_COLUMN, span_of(provider));
    }
}

static size_t broken_count(const struct mx_set *mx)
{
    size_t count = 0;
    for (size_t i = 0; i < mx->host_count; i++) {
        count += mx->hosts[i].address_count == 0 ? 1 : 0;
    }
    return count;
}

static enum show_style verdict_on_hosts(const struct mx_set *mx, char *text, size_t size)
{
    size_t broken = broken_count(mx);
    int len = snprintf(text, size, "%zu %s", mx->host_count,
                       mx->host_count == 1 ? "host" : "hosts");
    if (broken == 0) {
        return SHOW_GOOD;
    }
    if (broken < mx->host_count) {
        snprintf(text + len, size - (size_t)len, ", %zu of them without an address",
                 broken);
        return SHOW_WARNING;
    }
    snprintf(text + len, size - (size_t)len, ", %s",
             broken == 1 ? "and it has no address" : "none of which has an address");
    return SHOW_ERROR;
}

static enum show_style mx_verdict(const struct verdict *verdict, char *text, size_t size)
{
    const struct mx_set *mx = &verdict->mx;
    const char *words;
    enum show_style style = SHOW_WARNING;
    if (mx->deployment == DEPLOYMENT_TEMP_ERROR) {
        words = "unknown: the lookup failed";
    } else if (mx->deployment == DEPLOYMENT_PRESENT && !mx->is_null) {
        return verdict_on_hosts(mx, text, size);
    } else if (mx->is_null) {
        words = "null MX: this domain declares that it takes no mail";
        style = SHOW_GOOD;
    } else if (mx->is_implicit) {
        words = "no MX record: mail goes to the addresses of the domain itself";
    } else if (mx->has_failed) {
        words = "no MX record; whether the domain has addresses itself is unknown";
    } else {
        words = "no MX record and no address: this domain takes no mail";
        style = SHOW_PLAIN;
    }
    snprintf(text, size, "%s", words);
    return style;
}

static size_t host_columns(const struct mx_set *mx)
{
    size_t most = 0;
    for (size_t i = 0; i < mx->host_count; i++) {
        size_t columns = show_columns(span_of(mx->hosts[i].host));
        most = columns > most ? columns : most;
    }
    return most < HOST_COLUMNS_MAX ? most : HOST_COLUMNS_MAX;
}

static void show_addresses(struct show *show, const struct mx_host *host, size_t column)
{
    for (size_t i = 0; i < host->address_count; i++) {
        if (i > 0) {
            show_text(show, ",");
        }
        show_words(show, column, "%s", host->addresses[i]);
    }
    if (host->address_count > 0) {
        return;
    }
    show_style(show, SHOW_ERROR);
    if (host->status == DNS_NOT_CHECKED) {
        show_words(show, column, "not looked up: this is no host name");
    } else {
        show_words(show, column, "no address (%s)", dns_status_text(host->status));
    }
    show_style(show, SHOW_PLAIN);
}

/* sts: NULL where no policy says anything of mail hosts. */
static void show_host(struct show *show, const struct verdict_mta_sts *sts,
                      const struct mx_host *host, size_t column)
{
    char preference[16];
    snprintf(preference, sizeof preference, "%*u", HOST_COLUMN - 2, host->preference);
    show_text(show, preference);
    show_pad(show, HOST_COLUMN);
    show_foreign(show, HOST_COLUMN, span_of(host->host));
    if (show->column > column - 2) {
        show_end_line(show);
    }
    show_pad(show, column);
    show_addresses(show, host, column);
    if (sts != NULL) {
        bool is_covered = show_policy_covers(sts, host->host);
        show_style(show, is_covered ? SHOW_GOOD : SHOW_ERROR);
        show_words(show, column,
                   is_covered ? "(in the MTA-STS policy)"
                              : "(not in the MTA-STS policy)");
        show_style(show, SHOW_PLAIN);
    }
    show_end_line(show);
}

void show_mx(struct show *show, const struct verdict *verdict, unsigned checks)
{
    char words[128];
    const struct mx_set *mx = &verdict->mx;
    enum show_style style = mx_verdict(verdict, words, sizeof words);
    show_section(show, "Mail hosts", style, words);
    show_provider(show, verdict->mx_provider);
    show_end_line(show);
    size_t column = HOST_COLUMN + host_columns(mx) + 2;
    bool has_policy =
        (checks & CHECK_MTA_STS) != 0 && show_policy_applies(&verdict->mta_sts);
    const struct verdict_mta_sts *sts = has_policy ? &verdict->mta_sts : NULL;
    for (size_t i = 0; i < mx->host_count && !mx->is_null; i++) {
        show_host(show, sts, &mx->hosts[i], column);
    }
    show_findings(show, &SHOW_AREA_MX, &verdict->mx_defects);
}

void show_ns(struct show *show, const struct verdict_ns *ns)
{
    if (ns->deployment == DEPLOYMENT_PRESENT) {
        show_section(show, "Name servers", SHOW_PLAIN, "");
        show_list(show, SHOW_VERDICT_COLUMN, ns->hosts, ns->host_count);
        show_provider(show, ns->provider);
    } else if (ns->deployment == DEPLOYMENT_ABSENT) {
        show_section(
            show, "Name servers", SHOW_PLAIN,
            "none of its own: the name is no zone, those of a domain above it answer");
    } else {
        show_section(show, "Name servers", SHOW_WARNING, "unknown: the lookup failed");
    }
    show_end_line(show);
}
