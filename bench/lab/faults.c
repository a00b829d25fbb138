/* Servers that fail and what a survey must say of it. A failed lookup is temp_error,
 * never absent; one that nobody needed to succeed (a second server, a second family) is
 * none. Where the engines may differ (servfail, timeout, network are one, and
 * dns_servfail, dns_timeout, dns_error) the faulty resolver, asked directly, tells them
 * apart: `direct`. */
#include "bench/lab/faults.h"

#define PARTIAL "'status':'partial'"

#define MX_FAILED(status)                                                                \
    "{" PARTIAL ",'dns':{'status':'" status "','authenticated':null},"                   \
    "'mx':{'deployment':'temp_error','hosts':[]},'mta_sts':{'mx_match':{'result':null}}" \
    "}"
#define DNS_STATUS(status) "{'dns':{'status':'" status "'}}"

#define TEXT_FAILED                                                                      \
    "'deployment':'temp_error','validity':null,'record':null,'records':[],'ttl':null"
#define SPF_FAILED                                                                       \
    "{" PARTIAL ",'spf':{" TEXT_FAILED ",'all':null,'lookups':null,'void_lookups':null," \
    "'ipv4_addresses':null,'ipv6_prefixes':null}}"
#define DMARC_FAILED                                                                     \
    "{" PARTIAL ",'dmarc':{" TEXT_FAILED ",'p':null,'rua':[],"                           \
    "'rfc7489':{'policy':null,'found_at':null},"                                         \
    "'rfc9989':{'policy':null,'org_domain':null,'found_at':null}}}"
#define NO_POLICY                                                                        \
    "'body':null,'body_bytes':null,'body_sha256':null,'version':null,'mode':null,"       \
    "'max_age':null,'mx':[]"
#define NO_RESPONSE "'http_status':null,'content_type':null," NO_POLICY
#define TLS_NOT_KNOWN                                                                    \
    "'tls':{'version':null,'cipher':null,'subject':null,'issuer':null,'names':[],"       \
    "'not_before':null,'not_after':null}"
#define NOT_FETCHED                                                                      \
    "'policy':{'stage':'not_fetched','url':null,'addresses':[],'duration_ms':null,"      \
    "'tls':null," NO_RESPONSE "},'mx_match':{'result':'not_applicable'}"
#define MTA_STS_FAILED                                                                   \
    "{" PARTIAL ",'mta_sts':{" TEXT_FAILED                                               \
    ",'lifecycle':'temp_error','id':null," NOT_FETCHED "}}"
#define TLS_RPT_FAILED "{" PARTIAL ",'tls_rpt':{" TEXT_FAILED ",'rua':[]}}"

/* The domain does not answer at all. */
#define NOTHING_KNOWN(status)                                                            \
    "{'status':'error','dns':{'status':'" status "','authenticated':null},"              \
    "'mx':{'deployment':'temp_error','hosts':[]},'ns':{'deployment':'temp_error','"      \
    "hosts':[]},"                                                                        \
    "'spf':{" TEXT_FAILED ",'all':null,'lookups':null,'void_lookups':null,"              \
    "'ipv4_addresses':null,'ipv6_prefixes':null},"                                       \
    "'dmarc':{" TEXT_FAILED                                                              \
    ",'p':null,'rua':[],'rfc7489':{'policy':null,'found_at':null},"                      \
    "'rfc9989':{'policy':null,'org_domain':null,'found_at':null}},"                      \
    "'mta_sts':{" TEXT_FAILED ",'lifecycle':'temp_error','id':null," NOT_FETCHED "},"    \
    "'tls_rpt':{" TEXT_FAILED ",'rua':[]}}"

/* The policy fetch ended; facts: what else differs in mta_sts.policy. */
#define ENDED(judgement, stage, code, detail, facts)                                     \
    "'mta_sts':{" judgement ",'mx_match':{'result':'not_applicable'},"                   \
    "'policy':{'stage':'" stage "','error':'" code "','errors':['" code "']," facts      \
    "}},"                                                                                \
    "'findings':[{'code':'mta_sts.policy." code "','severity':'error','detail':" detail  \
    "}]"
#define OPEN "'validity':null,'lifecycle':'temp_error'"
#define BAD "'validity':'invalid','lifecycle':'broken'"
#define LEFT_OPEN(stage, code, facts)                                                    \
    "{" PARTIAL "," ENDED(OPEN, stage, code, "null", facts) "}"
#define BROKEN(stage, code, facts) "{" ENDED(BAD, stage, code, "null", facts) "}"
#define NO_ADDRESS(code)                                                                 \
    "{" PARTIAL "," ENDED(OPEN, "dns", code, "'mta-sts.{d}'",                            \
                          "'addresses':[],'tls':null," NO_RESPONSE) "}"
#define CODE_IS(code)                                                                    \
    "{'mta_sts':{'policy':{'error':'" code "','errors':['" code "']}},"                  \
    "'findings':[{'code':'mta_sts.policy." code                                          \
    "','severity':'error','detail':'mta-sts.{d}'}]}"
#define TCP "'tls':null," NO_RESPONSE
#define TLS TLS_NOT_KNOWN "," NO_RESPONSE
#define HTTP(status) "'http_status':" status "," NO_POLICY
#define HTTP_NOTHING NO_RESPONSE

const struct fault faults[] = {
    {.name = "sound",
     .closed =
         "{" ENDED(BAD, "dns", "address_blocked", "null", "'tls':null," NO_RESPONSE) "}"},

    /* one question of a domain is not answered */
    {.name = "mx-servfail", .rules = "@ MX servfail\n", .differs = MX_FAILED("servfail")},
    {.name = "mx-refused",
     .rules = "@ MX refused\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("refused")},
    {.name = "mx-notimp",
     .rules = "@ MX notimp\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("other_rcode")},
    {.name = "ns-servfail",
     .rules = "@ NS servfail\n",
     .differs = "{" PARTIAL ",'ns':{'deployment':'temp_error','hosts':[]}}"},
    {.name = "ns-silence",
     .rules = "@ NS silence\n",
     .differs = "{" PARTIAL ",'ns':{'deployment':'temp_error','hosts':[]}}"},
    {.name = "spf-servfail", .rules = "@ TXT servfail\n", .differs = SPF_FAILED},
    {.name = "spf-silence", .rules = "@ TXT silence\n", .differs = SPF_FAILED},
    {.name = "dmarc-servfail", .rules = "_dmarc TXT servfail\n", .differs = DMARC_FAILED},
    {.name = "dmarc-other-id", .rules = "_dmarc TXT other_id\n", .differs = DMARC_FAILED},
    {.name = "dmarc-cname-loop",
     .dmarc = "_dmarc CNAME loop\nloop CNAME _dmarc\n",
     .differs = DMARC_FAILED},
    {.name = "mta-sts-servfail",
     .rules = "_mta-sts TXT servfail\n",
     .differs = MTA_STS_FAILED},
    {.name = "mta-sts-refused",
     .rules = "_mta-sts TXT refused\n",
     .differs = MTA_STS_FAILED},
    {.name = "mta-sts-garbage",
     .rules = "_mta-sts TXT garbage\n",
     .differs = MTA_STS_FAILED},
    {.name = "tls-rpt-servfail",
     .rules = "_smtp._tls TXT servfail\n",
     .differs = TLS_RPT_FAILED},
    {.name = "tls-rpt-other-question",
     .rules = "_smtp._tls TXT other_question\n",
     .differs = TLS_RPT_FAILED},

    /* a question that follows from an answer */
    {.name = "mx-target-servfail",
     .rules = "mail A servfail\nmail AAAA servfail\n",
     .differs =
         "{" PARTIAL ",'mx':{'hosts':[{'preference':10,'host':'mail.{d}','addresses':[],"
         "'status':'servfail'}]}}"},
    /* one family is enough to know the host, but a question is open */
    {.name = "mx-target-half",
     .rules = "mail AAAA servfail\n",
     .differs = "{" PARTIAL ",'mx':{'hosts':[{'preference':10,'host':'mail.{d}',"
                "'addresses':['20.51.4.20'],'status':'ok'}]}}"},
    {.name = "implicit-mx-servfail",
     .mx = "@ A 20.51.4.20\n",
     .rules = "@ A servfail\n",
     .differs = "{" PARTIAL ",'mx':{'deployment':'absent','hosts':[]},"
                "'mta_sts':{'mx_match':{'result':null}}}"},
    {.name = "spf-include-servfail",
     .spf = "@ TXT \"v=spf1 include:_spf.{d} -all\"\n_spf TXT \"v=spf1 ip4:20.51.4.20 "
            "-all\"\n",
     .rules = "_spf TXT servfail\n",
     .differs =
         "{" PARTIAL ",'spf':{'validity':null,'record':'v=spf1 include:_spf.{d} -all',"
         "'records':['v=spf1 include:_spf.{d} -all'],'lookups':1,'ipv4_addresses':0,"
         "'includes':['_spf.{d}'],'warnings':['include_temp_error']},"
         "'findings':[{'code':'spf.include_temp_error','severity':'warning',"
         "'detail':'_spf.{d}'}]}"},
    /* what is known to be wrong stays wrong */
    {.name = "spf-include-servfail-invalid",
     .spf = "@ TXT \"v=spf1 include:_spf.{d} foo -all\"\n",
     .rules = "_spf TXT servfail\n",
     .differs =
         "{" PARTIAL ",'spf':{'validity':'invalid',"
         "'record':'v=spf1 include:_spf.{d} foo -all',"
         "'records':['v=spf1 include:_spf.{d} foo -all'],'lookups':1,'ipv4_addresses':0,"
         "'includes':['_spf.{d}'],'errors':['unknown_mechanism'],"
         "'warnings':['include_temp_error']},"
         "'findings':[{'code':'spf.unknown_mechanism','severity':'error','detail':'foo'},"
         "{'code':'spf.include_temp_error','severity':'warning','detail':'_spf.{d}'}]}"},
    {.name = "spf-a-servfail",
     .spf = "@ TXT \"v=spf1 a:web.{d} -all\"\nweb A 20.51.4.21\n",
     .rules = "web A servfail\n",
     .differs = "{" PARTIAL ",'spf':{'validity':null,'record':'v=spf1 a:web.{d} -all',"
                "'records':['v=spf1 a:web.{d} -all'],'lookups':1,'ipv4_addresses':0}}"},
    {.name = "spf-redirect-servfail",
     .spf = "@ TXT \"v=spf1 redirect=_spf.{d}\"\n",
     .rules = "_spf TXT servfail\n",
     .differs = "{" PARTIAL ",'spf':{'validity':null,'record':'v=spf1 redirect=_spf.{d}',"
                "'records':['v=spf1 redirect=_spf.{d}'],'all':'redirect','lookups':1,"
                "'ipv4_addresses':0,'redirect':'_spf.{d}'}}"},
    /* the desk's server has nothing to say: who knows whether it takes these reports */
    {.name = "dmarc-external-servfail",
     .dmarc = "_dmarc TXT \"v=DMARC1; p=reject; rua=mailto:in@fault-all-servfail.net\"\n",
     .differs = "{" PARTIAL ",'dmarc':{"
                "'record':'v=DMARC1; p=reject; rua=mailto:in@fault-all-servfail.net',"
                "'records':['v=DMARC1; p=reject; rua=mailto:in@fault-all-servfail.net'],"
                "'rua':['mailto:in@fault-all-servfail.net'],"
                "'external':[{'uri':'mailto:in@fault-all-servfail.net',"
                "'host':'fault-all-servfail.net','status':'temp_error'}]}}"},
    {.name = "dmarc-above-servfail",
     .sub = "news",
     .dmarc = "",
     .rules = "_dmarc.{z}. TXT servfail\n",
     .differs =
         "{" PARTIAL ",'ns':{'deployment':'absent','hosts':[]},"
         "'dmarc':{'deployment':'absent','validity':null,'record':null,'records':[],"
         "'ttl':null,'p':null,'rua':[],'rfc7489':{'policy':null,'found_at':null},"
         "'rfc9989':{'policy':null,'org_domain':null,'found_at':null}}}"},
    /* RFC 8020: what does not exist has nothing below it, whatever the server says
     * elsewhere */
    {.name = "mx-nxdomain",
     .rules = "@ MX nxdomain\n",
     .differs =
         "{'dns':{'status':'nxdomain'},'mx':{'deployment':'absent','hosts':[]},"
         "'ns':{'deployment':'absent','hosts':[]},"
         "'spf':{'deployment':'absent','validity':null,'record':null,'records':[],'ttl':"
         "null,"
         "'all':null,'lookups':null,'void_lookups':null,'ipv4_addresses':null,"
         "'ipv6_prefixes':null},"
         "'dmarc':{'deployment':'absent','validity':null,'record':null,'records':[],"
         "'ttl':null,'p':null,'rua':[],'rfc7489':{'policy':null,'found_at':null},"
         "'rfc9989':{'policy':null,'found_at':null}},"
         "'mta_sts':{'deployment':'absent','validity':null,'lifecycle':'absent',"
         "'record':null,'records':[],'ttl':null,'id':null," NOT_FETCHED "},"
         "'tls_rpt':{'deployment':'absent','validity':null,'record':null,'records':[],"
         "'ttl':null,'rua':[]}}"},

    /* the whole domain */
    {.name = "all-servfail",
     .rules = "* * servfail\n",
     .differs = NOTHING_KNOWN("servfail")},
    {.name = "all-silence",
     .rules = "* * silence\n",
     .differs = NOTHING_KNOWN("timeout")},
    {.name = "all-refused",
     .rules = "* * refused\n",
     .differs = NOTHING_KNOWN("servfail")},
    {.name = "all-referral",
     .rules = "* * referral\n",
     .differs = NOTHING_KNOWN("servfail")},
    {.name = "all-notauth",
     .rules = "* * notauth\n",
     .differs = NOTHING_KNOWN("servfail")},
    {.name = "server-without-address",
     .delegated = "ns1.gone.mailfarm.net.",
     .differs = NOTHING_KNOWN("servfail")},
    /* nothing listens there */
    {.name = "server-dead",
     .delegated = "ns-dead.dns-a.net.",
     .differs = NOTHING_KNOWN("servfail")},
    {.name = "second-server-servfail",
     .ns2 = "* * servfail\n",
     .differs = "{'ns':{'hosts':['ns1.{z}','ns2.{z}']}}"},
    {.name = "second-server-refused",
     .ns2 = "* * refused\n",
     .differs = "{'ns':{'hosts':['ns1.{z}','ns2.{z}']}}"},
    {.name = "second-server-silent",
     .ns2 = "* * silence\n",
     .differs = "{'ns':{'hosts':['ns1.{z}','ns2.{z}']}}"},

    /* answers that do not fit into a packet (RFC 7766) */
    {.name = "truncated", .rules = "* * truncated\n"},
    {.name = "truncated-spf", .rules = "@ TXT truncated\n"},
    {.name = "truncated-then-closed",
     .rules = "@ TXT truncated_then_closed\n",
     .differs = SPF_FAILED},
    {.name = "truncated-then-silence",
     .rules = "_dmarc TXT truncated_then_silence\n",
     .differs = DMARC_FAILED},
    {.name = "truncated-then-half",
     .rules = "_dmarc TXT truncated_then_half\n",
     .differs = DMARC_FAILED},
    {.name = "truncated-then-servfail",
     .rules = "_smtp._tls TXT truncated_then_servfail\n",
     .differs = TLS_RPT_FAILED},
    /* 240 strings beside the record: 63 KiB */
    {.name = "answer-63k", .fillers = 240},

    /* the policy host has no address to be learnt */
    {.name = "policy-dns-servfail",
     .rules = "mta-sts A servfail\nmta-sts AAAA servfail\n",
     .differs = NO_ADDRESS("dns_servfail")},
    {.name = "policy-dns-silence",
     .rules = "mta-sts A silence\nmta-sts AAAA silence\n",
     .differs = NO_ADDRESS("dns_timeout")},
    {.name = "policy-dns-notimp",
     .rules = "mta-sts A notimp\nmta-sts AAAA notimp\n",
     .differs = NO_ADDRESS("dns_error")},
    {.name = "policy-dns-refused",
     .rules = "mta-sts A refused\nmta-sts AAAA refused\n",
     .differs = NO_ADDRESS("dns_servfail"),
     .direct = CODE_IS("dns_error")},
    /* no A, and who knows whether there is an AAAA */
    {.name = "policy-aaaa-servfail-no-a",
     .policy_host = "mta-sts TXT \"soon\"\n",
     .rules = "mta-sts AAAA servfail\n",
     .differs = NO_ADDRESS("dns_servfail")},
    {.name = "policy-aaaa-servfail",
     .rules = "mta-sts AAAA servfail\n",
     .differs = "{" PARTIAL "}"},
    {.name = "policy-cname-to-servfail",
     .policy_host = "mta-sts CNAME sts.fault-all-servfail.net.\n",
     .differs = NO_ADDRESS("dns_servfail")},

    /* TCP */
    {.name = "tcp-timeout",
     .policy = "tcp_full",
     .differs = LEFT_OPEN("tcp", "tcp_timeout", TCP)},
    {.name = "tcp-refused",
     .policy_host = "mta-sts A 198.18.4.250\n",
     .differs = BROKEN("tcp", "tcp_refused", "'addresses':['198.18.4.250']," TCP)},
    /* no route leads there */
    {.name = "tcp-unreachable",
     .policy_host = "mta-sts A 20.51.4.25\n",
     .differs = LEFT_OPEN("tcp", "tcp_unreachable", "'addresses':['20.51.4.25']," TCP)},
    /* at a tie a definite answer beats a time-out */
    {.name = "tcp-timeout-and-refused",
     .policy_host = "mta-sts A {a}\nmta-sts A 198.18.4.250\n",
     .policy = "tcp_full",
     .differs = BROKEN("tcp", "tcp_refused", "'addresses':['198.18.4.250','{a}']," TCP)},
    {.name = "tcp-refused-then-good",
     .policy_host =
         "mta-sts A 198.18.4.250\nmta-sts A {a}\nmta-sts AAAA 2a01:111:f400::25\n",
     .differs = "{'mta_sts':{'policy':{"
                "'addresses':['198.18.4.250','{a}','2a01:111:f400::25']}}}"},
    {.name = "tcp-reset",
     .policy = "tls_reset",
     .differs = LEFT_OPEN("tls", "tcp_reset", TLS)},

    /* TLS */
    {.name = "tls-timeout",
     .policy = "tls_silence",
     .differs = LEFT_OPEN("tls", "tls_timeout", TLS)},
    {.name = "tls-half-record",
     .policy = "tls_half",
     .differs = LEFT_OPEN("tls", "tls_timeout", TLS)},
    {.name = "tls-close",
     .policy = "tls_close",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-half-record-close",
     .policy = "tls_half_close",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-garbage",
     .policy = "tls_garbage",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-version-alert",
     .policy = "tls_version_alert",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-alert",
     .policy = "tls_alert",
     .differs = BROKEN("tls", "tls_alert", TLS)},
    /* in TLS 1.3 the refusal comes after the handshake (RFC 8446, 4.4.2.4) */
    {.name = "tls-client-certificate",
     .policy = "tls_client_certificate",
     .differs = BROKEN("tls", "tls_alert", HTTP_NOTHING)},
    {.name = "tls-12",
     .policy = "tls12",
     .differs = "{'mta_sts':{'policy':{'tls':{'version':'TLSv1.2',"
                "'cipher':'ECDHE-ECDSA-AES256-GCM-SHA384'}}}}"},

    /* HTTP */
    {.name = "http-timeout",
     .policy = "http_silence",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP_NOTHING)},
    {.name = "http-drip",
     .policy = "http_drip",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP_NOTHING)},
    {.name = "http-half-body-timeout",
     .policy = "http_half_body_hold",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP("200"))},
    {.name = "http-reset",
     .policy = "http_reset",
     .differs = LEFT_OPEN("http", "tcp_reset", HTTP_NOTHING)},
    {.name = "http-half-body-reset",
     .policy = "http_half_body_reset",
     .differs = LEFT_OPEN("http", "tcp_reset", HTTP("200"))},
    {.name = "http-close",
     .policy = "http_close",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-garbage",
     .policy = "http_garbage",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-half-head",
     .policy = "http_half_head",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-endless-head",
     .policy = "http_endless_head",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-half-body",
     .policy = "http_half_body",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-cut", /* a bare FIN and no length (RFC 9112, 9.8) */
     .policy = "http_cut",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-bad-chunk",
     .policy = "http_bad_chunk",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-endless-chunks",
     .policy = "http_endless_chunks",
     .differs = BROKEN("http", "http_too_large", HTTP("200"))},
    {.name = "http-endless-body",
     .policy = "http_endless_body",
     .differs = BROKEN("http", "http_too_large", HTTP("200"))},
    {.name = "http-status-999",
     .policy = "http_status_999",
     .differs = "{" ENDED(BAD, "http", "http_status", "'999'",
                          "'http_status':999,'content_type':null," NO_POLICY) "}"},
    {.name = "http-continue", .policy = "http_continue"},
    {.name = "http-no-length", .policy = "http_no_length"},
    {.name = "http-10", .policy = "http_10"},
};
const size_t fault_count = sizeof faults / sizeof faults[0];
