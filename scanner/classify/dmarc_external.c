/* Who has agreed to receive a domain's reports: RFC 7489 7.1, RFC 9990 4. */
#include "scanner/classify/dmarc.h"

#include <arpa/inet.h>

#define NAME_LEN_MAX 253

static void copy_lower(char to[DMARC_NAME_MAX], struct span host)
{
    size_t len = host.len < DMARC_NAME_MAX ? host.len : 0;
    for (size_t i = 0; i < len; i++) {
        to[i] = ascii_lower(host.ptr[i]);
    }
    to[len] = '\0';
}

static bool is_address(const char *host)
{
    unsigned char bytes[4];
    return host[0] == '[' || inet_pton(AF_INET, host, bytes) == 1;
}

/* At least one record that begins as DMARC records do; it need not be alone, and its
 * other tags do not matter (RFC 9990 4). */
static enum dmarc_external_status judge(const struct dns_answer *answer)
{
    struct published published;
    published_select(answer, dmarc_version, &published);
    switch (published.deployment) {
    case DEPLOYMENT_PRESENT:
    case DEPLOYMENT_MULTIPLE:
        return DMARC_EXTERNAL_AUTHORISED;
    case DEPLOYMENT_ABSENT:
        return DMARC_EXTERNAL_MISSING;
    default:
        return DMARC_EXTERNAL_TEMP_ERROR;
    }
}

/* False while the answer is missing. An address, or a name too long to be asked, cannot
 * hold an authorisation. */
static bool check(const char *domain, const struct lookup *lookup,
                  struct dmarc_external *external)
{
    char question[NAME_LEN_MAX + 1];
    size_t len = strlen(domain);
    external->status = DMARC_EXTERNAL_MISSING;
    if (is_address(external->host) ||
        !lookup_name(question, sizeof question, "", domain) ||
        !lookup_name(question + len, sizeof question - len, "._report._dmarc.",
                     external->host)) {
        return true;
    }
    const struct dns_answer *answer = lookup_get(lookup, question, DNS_TXT);
    if (answer == NULL) {
        return false;
    }
    external->status = judge(answer);
    return true;
}

struct report_list {
    size_t count;
    const struct dmarc_uri *uris;
};

bool dmarc_externals(const char *domain, const struct dmarc_record *record,
                     const struct lookup *lookup, const struct suffix_list *suffixes,
                     struct dmarc_external externals[DMARC_URIS_MAX], size_t *count)
{
    const struct report_list lists[] = {{record->rua_count, record->rua},
                                        {record->ruf_count, record->ruf}};
    const char *own = lists[0].count + lists[1].count > 0
                          ? suffix_organizational(suffixes, domain)
                          : NULL;
    bool is_done = true;
    *count = 0;
    for (size_t i = 0; i < lists[0].count + lists[1].count && *count < DMARC_URIS_MAX;
         i++) {
        const struct dmarc_uri *uri =
            i < lists[0].count ? &lists[0].uris[i] : &lists[1].uris[i - lists[0].count];
        struct dmarc_external *external = &externals[*count];
        copy_lower(external->host, uri->host);
        if (uri->host.len == 0 ||
            strcmp(suffix_organizational(suffixes, external->host), own) == 0) {
            continue;
        }
        external->uri = uri->text;
        is_done &= check(domain, lookup, external);
        (*count)++;
    }
    return is_done;
}
