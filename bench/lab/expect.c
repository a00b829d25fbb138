#include "bench/lab/expect.h"

#include <string.h>

#define PLACEHOLDER_TIME "2026-01-01T00:00:00.000Z"

static bool is_present(const char *deployment)
{
    return strcmp(deployment, "absent") != 0;
}

static void put_head(struct text *out, const struct person *person)
{
    put_text(out, "schema", "mailcensus/1.0");
    put_number(out, "line", person->line);
    put_text(out, "input", person->input);
    put_text(out, "tag", person->tag);
    put_text(out, "domain", person->names.domain);
    put_text(out, "domain_unicode", person->unicode);
    put_text(out, "scanned_at", PLACEHOLDER_TIME);
    put_raw(out, "duration_ms", "0");
    put_text(out, "status",
             is_domain(person)               ? "ok"
             : person->kind == KIND_EXCLUDED ? "excluded"
                                             : "invalid_input");
    put_text(out, "reason", person->reason);
}

static void put_dns(struct text *out, const char *status, const char *authenticated,
                    const char *engine)
{
    open_object(out, "dns");
    put_text(out, "status", status);
    put_raw(out, "authenticated", authenticated);
    put_raw(out, "queries", "0");
    put_raw(out, "retries", "0");
    put_text(out, "engine", engine);
    close_object(out);
}

static void put_mx_hosts(struct text *out, const struct person *person)
{
    open_list(out, "hosts");
    for (const struct mx_host *host = person->mx->hosts; host->host != NULL; host++) {
        open_object(out, NULL);
        put_number(out, "preference", (uint64_t)host->preference);
        put_filled(out, "host", host->host, &person->names);
        put_list(out, "addresses", host->addresses, 4, &person->names);
        put_text(out, "status", host->status);
        close_object(out);
    }
    close_list(out);
}

static void put_mx(struct text *out, const struct person *person)
{
    open_object(out, "mx");
    put_text(out, "deployment", person->mx->present ? "present" : "absent");
    put_bool(out, "null_mx", person->mx->null_mx);
    put_mx_hosts(out, person);
    put_raw(out, "provider", NULL);
    put_codes(out, person->mx->findings);
    close_object(out);
}

/* A name inside another zone has no NS records of its own. */
static bool has_ns(const struct person *person)
{
    return person->ns != NULL && person->kind != KIND_SUBDOMAIN &&
           person->kind != KIND_MISSING && person->kind != KIND_ALIAS;
}

static void put_ns(struct text *out, const struct person *person)
{
    static const char *const none[1] = {NULL};
    open_object(out, "ns");
    put_text(out, "deployment", has_ns(person) ? "present" : "absent");
    put_list(out, "hosts", has_ns(person) ? person->ns->hosts : none,
             has_ns(person) ? LIST_MAX : 1, &person->names);
    put_raw(out, "provider", NULL);
    close_object(out);
}

static void put_count(struct text *out, const char *key, bool counted, uint64_t value)
{
    if (counted) {
        put_number(out, key, value);
    } else {
        put_raw(out, key, NULL);
    }
}

static void put_spf(struct text *out, const struct person *person)
{
    const struct spf_template *spf = person->spf;
    open_object(out, "spf");
    put_text(out, "deployment", spf->deployment);
    put_text(out, "validity", spf->validity);
    put_filled(out, "record", spf->record, &person->names);
    put_list(out, "records", spf->records, 4, &person->names);
    put_raw(out, "ttl", spf->record != NULL ? "3600" : NULL);
    put_list(out, "cname", spf->cname, 4, &person->names);
    put_text(out, "all", spf->all);
    put_count(out, "lookups", spf->counted, spf->lookups);
    put_count(out, "void_lookups", spf->counted, spf->void_lookups);
    put_count(out, "ipv4_addresses", spf->counted, spf->ipv4_addresses);
    put_count(out, "ipv6_prefixes", spf->counted, spf->ipv6_prefixes);
    put_list(out, "includes", spf->includes, LIST_MAX, &person->names);
    put_filled(out, "redirect", spf->redirect, &person->names);
    open_list(out, "sender_ips");
    close_list(out);
    put_codes(out, spf->findings);
    close_object(out);
}

static bool is_after_no_mta_sts(const struct finding *finding)
{
    return strcmp(finding->code, "version_near_miss") == 0 ||
           strcmp(finding->code, "text_truncated") == 0;
}

static void find_tls_rpt(const struct person *person, struct findings *found)
{
    const struct finding *own = person->tls_rpt->findings;
    bool is_due = is_present(person->tls_rpt->deployment) &&
                  !is_present(person->mta_sts->deployment);
    for (; own->severity != 0 && !is_after_no_mta_sts(own); own++) {
        findings_add(found, *own);
    }
    if (is_due) {
        findings_add(found, (struct finding)W("no_mta_sts", NULL));
    }
    findings_add_all(found, own);
}

static void put_tls_rpt(struct text *out, const struct person *person,
                        struct findings *found)
{
    const struct tls_rpt_template *tls_rpt = person->tls_rpt;
    find_tls_rpt(person, found);
    open_object(out, "tls_rpt");
    put_text(out, "deployment", tls_rpt->deployment);
    put_text(out, "validity", tls_rpt->validity);
    put_filled(out, "record", tls_rpt->record, &person->names);
    put_list(out, "records", tls_rpt->records, 4, &person->names);
    put_raw(out, "ttl", tls_rpt->record != NULL ? "3600" : NULL);
    put_list(out, "cname", tls_rpt->cname, 4, &person->names);
    put_raw(out, "provider", NULL);
    open_list(out, "rua");
    for (const struct tls_rpt_uri *rua = tls_rpt->rua; rua->uri != NULL; rua++) {
        open_object(out, NULL);
        put_text(out, "scheme", rua->scheme);
        put_filled(out, "uri", rua->uri, &person->names);
        close_object(out);
    }
    close_list(out);
    put_codes(out, found->list);
    close_object(out);
}

/* The first 256 bytes of the line that fills up a large body. */
static const char *pad_detail(char *detail, size_t size)
{
    memset(detail, 'a', size - 1);
    memcpy(detail, "x-pad: ", 7);
    detail[size - 1] = '\0';
    return detail;
}

static void put_findings(struct text *out, const char *area,
                         const struct finding *findings, const struct names *names)
{
    char code[128], detail[257];
    for (; findings->severity != 0; findings++) {
        bool is_pad = findings->detail != NULL && strcmp(findings->detail, "{pad}") == 0;
        open_object(out, NULL);
        snprintf(code, sizeof code, "%s.%s", area, findings->code);
        put_text(out, "code", code);
        put_text(out, "severity", findings->severity == 'E' ? "error" : "warning");
        put_filled(out, "detail",
                   is_pad ? pad_detail(detail, sizeof detail) : findings->detail, names);
        close_object(out);
    }
}

static const char *dns_status(const struct person *person)
{
    bool is_nxdomain = person->kind == KIND_NXDOMAIN || person->kind == KIND_MISSING ||
                       person->kind == KIND_ALIAS;
    return is_nxdomain ? "nxdomain" : "ok";
}

static void write_domain(struct text *out, const struct person *person)
{
    struct findings dmarc = {0}, tls_rpt = {0}, cross = {0};
    put_dns(out, dns_status(person), "false", "recursion");
    put_mx(out, person);
    put_ns(out, person);
    put_spf(out, person);
    expect_dmarc(out, person, &dmarc);
    expect_mta_sts(out, person);
    put_tls_rpt(out, person, &tls_rpt);
    expect_cross(person, &cross);
    put_raw(out, "profile", NULL);
    open_list(out, "findings");
    put_findings(out, "mx", person->mx->findings, &person->names);
    put_findings(out, "spf", person->spf->findings, &person->names);
    put_findings(out, "dmarc", dmarc.list, &person->names);
    put_findings(out, "mta_sts", person->mta_sts->findings, &person->names);
    if (person->policy != NULL) {
        put_findings(out, "mta_sts.policy", person->policy->findings, &person->names);
    }
    put_findings(out, "tls_rpt", tls_rpt.list, &person->names);
    put_findings(out, "mta_sts", cross.list, &person->names);
    close_list(out);
}

/* Of a line that was not looked up: everything after reason. */
static const char not_looked_up[] =
    ",\"mx\":{\"deployment\":\"not_checked\",\"null_mx\":false,\"hosts\":[],\"provider\":"
    "null,"
    "\"errors\":[],\"warnings\":[]},"
    "\"ns\":{\"deployment\":\"not_checked\",\"hosts\":[],\"provider\":null},"
    "\"spf\":{\"deployment\":\"not_checked\",\"validity\":null,\"record\":null,"
    "\"records\":[],"
    "\"ttl\":null,\"cname\":[],\"all\":null,\"lookups\":null,\"void_lookups\":null,"
    "\"ipv4_addresses\":null,\"ipv6_prefixes\":null,\"includes\":[],\"redirect\":null,"
    "\"sender_ips\":[],\"errors\":[],\"warnings\":[]},"
    "\"dmarc\":{\"deployment\":\"not_checked\",\"validity\":null,\"record\":null,"
    "\"records\":[],"
    "\"ttl\":null,\"cname\":[],\"p\":null,\"sp\":null,\"np\":null,\"pct\":null,\"adkim\":"
    "null,"
    "\"aspf\":null,\"t\":null,\"psd\":null,\"rua\":[],\"ruf\":[],\"fo\":null,"
    "\"rfc7489\":{\"policy\":null,\"org_domain\":null,\"found_at\":null},"
    "\"rfc9989\":{\"policy\":null,\"org_domain\":null,\"found_at\":null},\"external\":[],"
    "\"errors\":[],\"warnings\":[]},"
    "\"mta_sts\":{\"deployment\":\"not_checked\",\"validity\":null,\"lifecycle\":null,"
    "\"record\":null,\"records\":[],\"ttl\":null,\"cname\":[],\"provider\":null,\"id\":"
    "null,"
    "\"policy\":{\"stage\":\"not_fetched\",\"error\":null,\"url\":null,\"addresses\":[],"
    "\"address\":null,\"cname\":[],\"provider\":null,\"http_status\":null,"
    "\"content_type\":null,\"body\":null,\"body_bytes\":null,\"body_sha256\":null,"
    "\"duration_ms\":null,\"tls\":null,\"version\":null,\"mode\":null,\"max_age\":null,"
    "\"mx\":[],\"errors\":[],\"warnings\":[]},"
    "\"mx_match\":{\"result\":null,\"unmatched\":[],\"kind\":null},"
    "\"errors\":[],\"warnings\":[]},"
    "\"tls_rpt\":{\"deployment\":\"not_checked\",\"validity\":null,\"record\":null,"
    "\"records\":[],\"ttl\":null,\"cname\":[],\"provider\":null,\"rua\":[],\"errors\":[],"
    "\"warnings\":[]},\"profile\":null,\"findings\":[]";

/* What a scan sees of the policy host. A probe asks for one everywhere; where the lab has
 * none the name does not exist, unless a wildcard TXT makes it one without address. */
static const struct policy_template *policy_seen(const struct person *person, bool probed)
{
    if (is_policy_fetched(person->mta_sts) || (probed && person->policy != NULL)) {
        return person->policy;
    }
    bool is_wildcard = person->kind == KIND_WILDCARD;
    return !probed ? NULL
                   : policy_named(is_wildcard ? "policy_host_without_address"
                                              : "no_policy_host");
}

static struct person as_seen(const struct person *person, bool probed)
{
    struct person seen = *person;
    seen.policy = policy_seen(person, probed);
    if (seen.policy != person->policy) {
        seen.policy_address = NULL;
        seen.certificate = NULL;
    }
    return seen;
}

void expect_write(struct text *out, const struct person *person, bool probed)
{
    text_add(out, "{");
    put_head(out, person);
    if (is_domain(person)) {
        struct person seen = as_seen(person, probed);
        write_domain(out, &seen);
    } else {
        put_dns(out, "not_checked", NULL, NULL);
        text_add(out, not_looked_up);
    }
    text_add(out, "}\n");
}
