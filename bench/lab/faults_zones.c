/* The zones of the faulty population, and what is known of them above. */
#include "bench/lab/faults_home.h"

#define SOUND_MX "@ MX 10 mail\nmail A 20.51.4.20\nmail AAAA 2a01:111:f400::20\n"
#define SOUND_SPF "@ TXT \"v=spf1 ip4:20.51.4.20 -all\"\n"
#define SOUND_DMARC "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{d}\"\n"
#define SOUND_MTA_STS "_mta-sts TXT \"v=STSv1; id=20260101\"\n"
#define SOUND_POLICY_HOST "mta-sts A {a}\n"
#define SOUND_TLS_RPT "_smtp._tls TXT \"v=TLSRPTv1; rua=mailto:tls@{d}\"\n"

void faults_each_zone(struct text *text, size_t count,
                      void (*add)(struct text *text, const char *zone))
{
    struct home home;
    for (size_t i = 0; i < count; i++) {
        home_of(&home, i);
        add(text, home.zone);
    }
}

void faults_add_delegations(const struct lab *lab, struct text *net)
{
    struct home home;
    for (size_t i = 0; i < lab->fault_total; i++) {
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
        home_fill(zone, lines != NULL ? lines : sound_lines, home);
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
        text_format(zone, "@ TXT \"%0*u\"\n",
                    fault->filler_len > 0 ? fault->filler_len : 250, i);
    }
}

void faults_write_zones(const struct lab *lab)
{
    struct text zone = {0};
    struct home home;
    for (size_t i = 0; i < homes_written(lab->fault_total); i++) {
        home_of(&home, i);
        text_clear(&zone);
        fill_zone(&zone, &home);
        zones_save(lab, ROLE_HOST, home.zone, &zone);
    }
    text_free(&zone);
}
