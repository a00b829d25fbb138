/* MX (RFC 5321 5.1, RFC 7505), NS, and how policy patterns stand to MX hosts (RFC 8461
 * 4.1). */
#include "bench/lab/templates.h"

#define COUNT(table) (sizeof(table) / sizeof(table)[0])

#define MX1                                                                              \
    {                                                                                    \
        10, "mx1.{d}", "ok",                                                             \
        {                                                                                \
            "20.51.4.17"                                                                 \
        }                                                                                \
    }
#define MX2                                                                              \
    {                                                                                    \
        20, "mx2.{d}", "ok",                                                             \
        {                                                                                \
            "20.51.4.18"                                                                 \
        }                                                                                \
    }
#define FARM1                                                                            \
    {                                                                                    \
        10, "mx1.mailfarm.net", "ok",                                                    \
        {                                                                                \
            "20.60.0.1"                                                                  \
        }                                                                                \
    }
#define FARM2                                                                            \
    {                                                                                    \
        20, "mx2.mailfarm.net", "ok",                                                    \
        {                                                                                \
            "20.60.0.2"                                                                  \
        }                                                                                \
    }
#define WEB "@ A 93.93.1.10\n"

const struct mx_template mx_templates[] = {
    {.name = "nothing", .weight = 50, .zone = "", .family = MX_NONE},
    {.name = "pair",
     .weight = 400,
     .zone = WEB "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 20.51.4.17\nmx2 A 20.51.4.18\n",
     .family = MX_PAIR,
     .present = true,
     .hosts = {MX1, MX2}},
    {.name = "own",
     .weight = 150,
     .zone = WEB "@ MX 10 mail\nmail A 20.51.4.20\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{10, "mail.{d}", "ok", {"20.51.4.20"}}}},
    {.name = "own_two_families",
     .weight = 40,
     .zone = WEB "@ MX 5 mail\nmail A 20.51.4.20\nmail AAAA 2a01:111:f400::20\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{5, "mail.{d}", "ok", {"20.51.4.20", "2a01:111:f400::20"}}}},
    {.name = "own_ipv6_only",
     .weight = 5,
     .zone = "@ MX 5 mail\nmail AAAA 2a01:111:f400::21\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{5, "mail.{d}", "ok", {"2a01:111:f400::21"}}}},
    {.name = "own_several_addresses",
     .weight = 10,
     .zone = "@ MX 10 mail\nmail A 20.51.4.23\nmail A 20.51.4.21\nmail A 20.51.4.22\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{10, "mail.{d}", "ok", {"20.51.4.21", "20.51.4.22", "20.51.4.23"}}}},
    {.name = "farm",
     .weight = 200,
     .zone = WEB "@ MX 10 mx1.mailfarm.net.\n@ MX 20 mx2.mailfarm.net.\n",
     .family = MX_FARM,
     .present = true,
     .hosts = {FARM1, FARM2}},
    /* the same preference: by host name */
    {.name = "farm_equal_preference",
     .weight = 40,
     .zone = "@ MX 10 mx2.mailfarm.net.\n@ MX 10 mx1.mailfarm.net.\n",
     .family = MX_FARM,
     .present = true,
     .hosts = {FARM1, {10, "mx2.mailfarm.net", "ok", {"20.60.0.2"}}}},
    {.name = "deep",
     .weight = 5,
     .zone = "@ MX 10 edge1.inbound\nedge1.inbound A 20.51.4.30\n",
     .family = MX_DEEP,
     .present = true,
     .hosts = {{10, "edge1.inbound.{d}", "ok", {"20.51.4.30"}}}},
    {.name = "five_hosts",
     .weight = 10,
     .zone = "@ MX 30 c.mx\n@ MX 10 a.mx\n@ MX 20 b.mx\n@ MX 100 mx2.mailfarm.net.\n"
             "@ MX 9 z.mx\na.mx A 20.51.4.31\nb.mx A 20.51.4.32\nc.mx A 20.51.4.33\n"
             "z.mx A 20.51.4.34\n",
     .family = MX_ODD,
     .present = true,
     .hosts = {{9, "z.mx.{d}", "ok", {"20.51.4.34"}},
               {10, "a.mx.{d}", "ok", {"20.51.4.31"}},
               {20, "b.mx.{d}", "ok", {"20.51.4.32"}},
               {30, "c.mx.{d}", "ok", {"20.51.4.33"}},
               {100, "mx2.mailfarm.net", "ok", {"20.60.0.2"}}}},
    {.name = "implicit",
     .weight = 60,
     .zone = WEB,
     .family = MX_IMPLICIT,
     .findings = {W("implicit_mx", NULL)}},
    {.name = "implicit_ipv6",
     .weight = 10,
     .zone = "@ AAAA 2a01:111:f400::10\n",
     .family = MX_IMPLICIT,
     .findings = {W("implicit_mx", NULL)}},
    {.name = "null_mx",
     .weight = 50,
     .zone = WEB "@ MX 0 .\n",
     .family = MX_NULL,
     .present = true,
     .null_mx = true,
     .hosts = {{0, ".", "not_checked", {NULL}}}},
    {.name = "null_mx_with_others",
     .weight = 2,
     .zone = "@ MX 0 .\n@ MX 10 mail\nmail A 20.51.4.20\n",
     .family = MX_ODD,
     .present = true,
     .hosts = {{0, ".", "not_checked", {NULL}}, {10, "mail.{d}", "ok", {"20.51.4.20"}}},
     .findings = {E("null_mx_with_others", NULL)}},
    {.name = "target_is_address",
     .weight = 4,
     .zone = "@ MX 10 20.51.4.17.\n",
     .family = MX_ODD,
     .present = true,
     .hosts = {{10, "20.51.4.17", "not_checked", {NULL}}},
     .findings = {E("target_is_address", "20.51.4.17")}},
    /* not an address: four numbers before the domain */
    {.name = "target_looks_like_address",
     .weight = 2,
     .zone = "@ MX 10 20.51.4.17\n20.51.4.17 A 20.51.4.17\n",
     .family = MX_ODD,
     .present = true,
     .hosts = {{10, "20.51.4.17.{d}", "ok", {"20.51.4.17"}}}},
    {.name = "target_nxdomain",
     .weight = 6,
     .zone = "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 20.51.4.17\n",
     .family = MX_PAIR,
     .present = true,
     .hosts = {MX1, {20, "mx2.{d}", "nxdomain", {NULL}}},
     .findings = {W("target_nxdomain", "mx2.{d}")}},
    {.name = "target_nxdomain_elsewhere",
     .weight = 4,
     .zone = "@ MX 10 gone.mailfarm.net.\n",
     .family = MX_ODD,
     .present = true,
     .hosts = {{10, "gone.mailfarm.net", "nxdomain", {NULL}}},
     .findings = {W("target_nxdomain", "gone.mailfarm.net")}},
    {.name = "targets_nxdomain_both",
     .weight = 3,
     .zone = "@ MX 10 mx1\n@ MX 20 mx2\n",
     .family = MX_PAIR,
     .present = true,
     .hosts = {{10, "mx1.{d}", "nxdomain", {NULL}}, {20, "mx2.{d}", "nxdomain", {NULL}}},
     .findings = {W("target_nxdomain", "mx1.{d}"), W("target_nxdomain", "mx2.{d}")}},
    {.name = "target_no_address",
     .weight = 6,
     .zone =
         "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 20.51.4.17\nmx2 TXT \"under construction\"\n",
     .family = MX_PAIR,
     .present = true,
     .hosts = {MX1, {20, "mx2.{d}", "nodata", {NULL}}},
     .findings = {W("target_no_address", "mx2.{d}")}},
    {.name = "address_private",
     .weight = 6,
     .zone = "@ MX 10 mail\nmail A 10.0.0.5\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{10, "mail.{d}", "ok", {"10.0.0.5"}}},
     .findings = {W("address_private", "10.0.0.5")}},
    {.name = "address_private_beside_public",
     .weight = 4,
     .zone = "@ MX 10 mx1\n@ MX 20 mx2\nmx1 A 20.51.4.17\nmx2 A 20.51.4.18\n"
             "mx2 A 192.168.4.18\n",
     .family = MX_PAIR,
     .present = true,
     .hosts = {MX1, {20, "mx2.{d}", "ok", {"192.168.4.18", "20.51.4.18"}}},
     .findings = {W("address_private", "192.168.4.18")}},
    /* just outside 10/8, 172.16/12 and 192.168/16 */
    {.name = "address_nearly_private",
     .weight = 4,
     .zone = "@ MX 10 mail\nmail A 11.0.0.5\nmail A 172.32.0.1\nmail A 192.169.0.1\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{10, "mail.{d}", "ok", {"11.0.0.5", "172.32.0.1", "192.169.0.1"}}}},
    {.name = "target_is_cname",
     .weight = 10,
     .zone = "@ MX 10 mail\nmail CNAME mx1.mailfarm.net.\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{10, "mail.{d}", "ok", {"20.60.0.1"}}},
     .findings = {W("target_is_cname", "mail.{d}")}},
    {.name = "target_is_cname_to_nowhere",
     .weight = 3,
     .zone = "@ MX 10 mail\nmail CNAME gone.mailfarm.net.\n",
     .family = MX_OWN,
     .present = true,
     .hosts = {{10, "mail.{d}", "nxdomain", {NULL}}},
     .findings = {W("target_nxdomain", "mail.{d}"), W("target_is_cname", "mail.{d}")}},
    {.name = "single_label",
     .weight = 3,
     .zone = "@ MX 10 mailhost.\n",
     .family = MX_ODD,
     .present = true,
     .hosts = {{10, "mailhost", "nxdomain", {NULL}}},
     .findings = {W("target_nxdomain", "mailhost"), W("single_label", "mailhost")}},
};
const size_t mx_template_count = COUNT(mx_templates);

/* The kinds are the first that fits of policy_host, typo (edit distance up to 3), tld,
 * label, domain; every pair of host and pattern below has the same one. */
const struct mx_match mx_matches[MX_FAMILY_COUNT][RELATION_COUNT] = {
    [MX_OWN] =
        {
            [RELATION_COVER] = {"all", {"mail.{d}"}, {NULL}, NULL},
            [RELATION_WILDCARD] = {"all", {"*.{d}"}, {NULL}, NULL},
            [RELATION_MORE] = {"all", {"mail.{d}", "backup-gateway.{d}"}, {NULL}, NULL},
            [RELATION_TLD] = {"none", {"mail.{t}"}, {"mail.{d}"}, "tld"},
            [RELATION_DOMAIN] = {"none", {"mx1.mailfarm.net"}, {"mail.{d}"}, "domain"},
            [RELATION_LABEL] = {"none", {"smtp-gateway.{d}"}, {"mail.{d}"}, "label"},
            [RELATION_TYPO] = {"none", {"mial.{d}"}, {"mail.{d}"}, "typo"},
            [RELATION_POLICY_HOST] =
                {"none", {"mta-sts.{d}"}, {"mail.{d}"}, "policy_host"},
        },
    [MX_PAIR] =
        {
            [RELATION_COVER] = {"all", {"mx1.{d}", "mx2.{d}"}, {NULL}, NULL},
            [RELATION_WILDCARD] = {"all", {"*.{d}"}, {NULL}, NULL},
            [RELATION_MORE] = {"all", {"MX1.{d}", "mx2.{d}", "mx3.{d}"}, {NULL}, NULL},
            [RELATION_SOME] = {"some", {"mx1.{d}"}, {"mx2.{d}"}, "typo"},
            [RELATION_DOMAIN] =
                {"none", {"mx1.mailfarm.net"}, {"mx1.{d}", "mx2.{d}"}, "domain"},
            [RELATION_LABEL] =
                {"none", {"smtp-gateway.{d}"}, {"mx1.{d}", "mx2.{d}"}, "label"},
            [RELATION_TYPO] = {"none", {"mx01.{d}"}, {"mx1.{d}", "mx2.{d}"}, "typo"},
            [RELATION_POLICY_HOST] =
                {"none", {"mta-sts.{d}"}, {"mx1.{d}", "mx2.{d}"}, "policy_host"},
        },
    [MX_FARM] =
        {
            [RELATION_COVER] =
                {"all", {"mx1.mailfarm.net", "mx2.mailfarm.net"}, {NULL}, NULL},
            [RELATION_WILDCARD] = {"all", {"*.mailfarm.net"}, {NULL}, NULL},
            [RELATION_MORE] =
                {"all", {"*.mailfarm.net", "mx.bulkpost.net"}, {NULL}, NULL},
            [RELATION_SOME] =
                {"some", {"mx1.mailfarm.net"}, {"mx2.mailfarm.net"}, "typo"},
            [RELATION_DOMAIN] =
                {"none", {"mx1.{d}"}, {"mx1.mailfarm.net", "mx2.mailfarm.net"}, "domain"},
            [RELATION_LABEL] = {"none",
                                {"smtp-gateway.mailfarm.net"},
                                {"mx1.mailfarm.net", "mx2.mailfarm.net"},
                                "label"},
            [RELATION_TYPO] = {"none",
                               {"mx1.mailfram.net"},
                               {"mx1.mailfarm.net", "mx2.mailfarm.net"},
                               "typo"},
            [RELATION_POLICY_HOST] = {"none",
                                      {"mta-sts.{d}"},
                                      {"mx1.mailfarm.net", "mx2.mailfarm.net"},
                                      "policy_host"},
        },
    [MX_IMPLICIT] =
        {
            [RELATION_COVER] = {"all", {"{d}"}, {NULL}, NULL},
            [RELATION_MORE] = {"all", {"mail.{d}", "{d}"}, {NULL}, NULL},
            [RELATION_TLD] = {"none", {"{t}"}, {"{d}"}, "tld"},
            [RELATION_DOMAIN] = {"none", {"mx1.mailfarm.net"}, {"{d}"}, "domain"},
            [RELATION_LABEL] = {"none", {"smtp-gateway.{d}"}, {"{d}"}, "label"},
            [RELATION_POLICY_HOST] = {"none", {"mta-sts.{d}"}, {"{d}"}, "policy_host"},
        },
    [MX_DEEP] =
        {
            [RELATION_COVER] = {"all", {"edge1.inbound.{d}"}, {NULL}, NULL},
            /* 4.1: a wildcard stands for one label */
            [RELATION_WILDCARD] = {"none", {"*.{d}"}, {"edge1.inbound.{d}"}, "label"},
            [RELATION_MORE] = {"all", {"*.inbound.{d}", "mail.{d}"}, {NULL}, NULL},
            [RELATION_DOMAIN] =
                {"none", {"mx1.mailfarm.net"}, {"edge1.inbound.{d}"}, "domain"},
            [RELATION_LABEL] =
                {"none", {"smtp-gateway.{d}"}, {"edge1.inbound.{d}"}, "label"},
            [RELATION_TYPO] =
                {"none", {"edge.inbound.{d}"}, {"edge1.inbound.{d}"}, "typo"},
            [RELATION_POLICY_HOST] =
                {"none", {"mta-sts.{d}"}, {"edge1.inbound.{d}"}, "policy_host"},
        },
    [MX_NULL] =
        {
            [RELATION_COVER] = {"not_applicable", {"mail.{d}"}, {NULL}, NULL},
            [RELATION_WILDCARD] = {"not_applicable", {"*.{d}"}, {NULL}, NULL},
            [RELATION_MORE] =
                {"not_applicable", {"mail.{d}", "backup.{d}"}, {NULL}, NULL},
            [RELATION_LABEL] = {"not_applicable", {"smtp-gateway.{d}"}, {NULL}, NULL},
        },
};

#define HOST_A "ns1.dns-a.net", "ns2.dns-a.net"

const struct ns_template ns_templates[] = {
    {.name = "dns_a", .weight = 50, .zone = "", .hosts = {HOST_A}},
    {.name = "dns_b",
     .weight = 20,
     .zone = "",
     .hosts = {"ns1.dns-b.net", "ns2.dns-b.net"}},
    {.name = "dns_c",
     .weight = 10,
     .zone = "",
     .hosts = {"ns1.dns-c.net", "ns2.dns-c.net"}},
    {.name = "one_server", .weight = 3, .zone = "", .hosts = {"ns1.dns-d.net"}},
    {.name = "two_operators",
     .weight = 5,
     .zone = "",
     .hosts = {HOST_A, "ns2.dns-d.net"}},
    {.name = "six_servers",
     .weight = 2,
     .zone = "",
     .hosts = {"ns1.dns-a.net", "ns1.dns-b.net", "ns1.dns-d.net", "ns2.dns-a.net",
               "ns2.dns-b.net", "ns2.dns-d.net"}},
    {.name = "inside_the_domain",
     .weight = 5,
     .zone = "ns1 A 198.18.2.3\nns2 A 198.18.2.4\n",
     .hosts = {"ns1.{z}", "ns2.{z}"},
     .glue = "ns1.{z}. A 198.18.2.3\nns2.{z}. A 198.18.2.4\n"},
};
const size_t ns_template_count = COUNT(ns_templates);
