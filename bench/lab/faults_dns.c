/* Name servers that fail and what a survey must say of it. A failed lookup is temp_error,
 * never absent; one that nobody needed to succeed (a second server, a second family) is
 * none. Where the engines may differ (servfail, timeout, network are one, and
 * dns_servfail, dns_timeout, dns_error) the faulty resolver, asked directly, tells them
 * apart: `direct`. */
#include "bench/lab/faults.h"
#include "bench/lab/faults_expect.h"

const struct fault faults_dns[] = {
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
    {.name = "mx-formerr",
     .rules = "@ MX formerr\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("other_rcode")},
    {.name = "mx-yxdomain",
     .rules = "@ MX yxdomain\n",
     .differs = MX_FAILED("other_rcode")},
    {.name = "mx-target-rcode-15",
     .rules = "mail A rcode_15\nmail AAAA rcode_15\n",
     .differs = MX_TARGET_FAILED("servfail"),
     .direct = MX_TARGET_FAILED("other_rcode")},
    /* a server that does not know EDNS: without it the truth is to be had (RFC 6891, 7) */
    {.name = "edns-formerr", .rules = "@ MX formerr_to_edns\n"},
    {.name = "edns-notimp", .rules = "@ TXT notimp_to_edns\n"},
    /* An rcode of which libunbound reads the lower four bits, and they say NOERROR. No
     * server has a reason for it: there is no version below 0. */
    {.name = "spf-badvers",
     .rules = "@ TXT badvers\n",
     .differs = SPF_ABSENT,
     .direct = SPF_FAILED},
    {.name = "edns-badvers",
     .rules = "_dmarc TXT badvers_to_edns\n",
     .differs = DMARC_ABSENT,
     .direct = DMARC_FAILED},
    /* NOERROR and nothing else: no such record (RFC 2308, 2.2) */
    {.name = "tls-rpt-nodata",
     .rules = "_smtp._tls TXT nodata\n",
     .differs = TLS_RPT_ABSENT},
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

    /* Packets on their way: lost, late, twice, one behind the other. Once: recursion, which
     * has known the server as a quick one, would ask three times within 350 ms. */
    {.name = "udp-lost", .rules = "@ MX silence_once\n"},
    {.name = "udp-late", .rules = "_mta-sts TXT late_once\n"},
    {.name = "udp-twice", .rules = "@ TXT twice\n"},
    {.name = "udp-reordered", .rules = "mail A late_once\n"},

    /* Somebody else answers that there is no such name, before the server can. Where he
     * knows id and port recursion gives the attempt up, so that he answers but once. */
    {.name = "spoof-id-first", .rules = "_dmarc TXT other_id_first\n"},
    {.name = "spoof-address-first", .rules = "@ TXT other_address_first\n"},
    {.name = "spoof-port-first", .rules = "_smtp._tls TXT other_port_first\n"},
    {.name = "spoof-question-first", .rules = "@ MX other_question_first_once\n"},
    {.name = "spoof-opcode-first", .rules = "mta-sts A other_opcode_first_once\n"},
    {.name = "spoof-no-reply-first", .rules = "_mta-sts TXT no_reply_first_once\n"},
    /* … and the server says nothing */
    {.name = "spoof-address",
     .rules = "_mta-sts TXT other_address\n",
     .differs = MTA_STS_FAILED},
    {.name = "spoof-port",
     .rules = "_smtp._tls TXT other_port\n",
     .differs = TLS_RPT_FAILED},
    {.name = "spoof-id",
     .rules = "mail A other_id\nmail AAAA other_id\n",
     .differs = MX_TARGET_FAILED("timeout")},
    {.name = "spoof-question",
     .rules = "@ MX other_question\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("malformed")},
    {.name = "spoof-opcode",
     .rules = "mail A other_opcode\nmail AAAA other_opcode\n",
     .differs = MX_TARGET_FAILED("servfail"),
     .direct = MX_TARGET_FAILED("malformed")},
    {.name = "spoof-no-reply",
     .rules = "@ MX no_reply\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("malformed")},

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
    {.name = "truncated-partial", .rules = "@ TXT truncated_partial\n"},
    {.name = "truncated-then-truncated",
     .rules = "@ MX truncated_then_truncated\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("malformed")},
    {.name = "truncated-then-garbage",
     .rules = "@ MX truncated_then_garbage\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("malformed")},
    {.name = "truncated-then-no-port",
     .rules = "_mta-sts TXT truncated_then_no_port\n",
     .differs = MTA_STS_FAILED},
    {.name = "truncated-then-reset",
     .rules = "@ MX truncated_then_reset\n",
     .differs = MX_FAILED("servfail"),
     .direct = DNS_STATUS("network")},
    {.name = "truncated-then-seven-bytes",
     .rules = "_smtp._tls TXT truncated_then_seven_bytes\n",
     .differs = TLS_RPT_FAILED},
    {.name = "truncated-then-half-length",
     .rules = "_dmarc TXT truncated_then_half_length\n",
     .differs = DMARC_FAILED},
    {.name = "truncated-then-no-length",
     .rules = "@ TXT truncated_then_no_length\n",
     .differs = SPF_FAILED},
    {.name = "truncated-then-great-length",
     .rules = "_smtp._tls TXT truncated_then_great_length\n",
     .differs = TLS_RPT_FAILED},
    {.name = "truncated-then-other-id",
     .rules = "_mta-sts TXT truncated_then_answer_other_id\n",
     .differs = MTA_STS_FAILED},
    /* byte by byte, in time and not */
    {.name = "truncated-then-drip", .rules = "@ TXT truncated_then_drip\n"},
    {.name = "truncated-then-slow",
     .rules = "mta-sts A truncated_then_slow\n",
     .differs = NO_ADDRESS("dns_timeout")},
    {.name = "truncated-then-twice", .rules = "@ MX truncated_then_answer_twice\n"},
    /* 240 strings beside the record: 63 KiB */
    {.name = "answer-63k", .fillers = 240},
    /* 65,535 bytes, the last of them our record and OPT: nothing can be longer. (Without
     * OPT it is too long for resolvers that put one into their own answer.) */
    {.name = "answer-largest", .rules = "@ TXT truncated_then_txt_largest\n"},
    {.name = "answer-largest-in-bytes",
     .rules = "@ TXT truncated_then_txt_largest_in_bytes\n"},
    /* as many records as are read, and one more: half an answer is none */
    {.name = "records-512", .fillers = 511, .filler_len = 20},
    {.name = "records-513", .fillers = 512, .filler_len = 20, .differs = SPF_FAILED},

    /* CNAMEs (RFC 1034, 3.6.2) and text in odd pieces (RFC 7208, 3.3) */
    {.name = "cname-1",
     .dmarc = "_dmarc CNAME c1\nc1 TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{d}\"\n",
     .differs = "{'dmarc':{'cname':['c1.{d}']}}"},
    {.name = "cname-10", /* libunbound follows eleven */
     .dmarc = "_dmarc CNAME c1\nc1 CNAME c2\nc2 CNAME c3\nc3 CNAME c4\nc4 CNAME c5\n"
              "c5 CNAME c6\nc6 CNAME c7\nc7 CNAME c8\nc8 CNAME c9\nc9 CNAME c10\n"
              "c10 TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{d}\"\n",
     .differs = "{'dmarc':{'cname':['c1.{d}','c2.{d}','c3.{d}','c4.{d}','c5.{d}',"
                "'c6.{d}','c7.{d}','c8.{d}','c9.{d}','c10.{d}']}}"},
    {.name = "cname-17",
     .dmarc = "_dmarc CNAME c1\nc1 CNAME c2\nc2 CNAME c3\nc3 CNAME c4\nc4 CNAME c5\n"
              "c5 CNAME c6\nc6 CNAME c7\nc7 CNAME c8\nc8 CNAME c9\nc9 CNAME c10\n"
              "c10 CNAME c11\nc11 CNAME c12\nc12 CNAME c13\nc13 CNAME c14\n"
              "c14 CNAME c15\nc15 CNAME c16\nc16 CNAME c17\n"
              "c17 TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{d}\"\n",
     .differs = DMARC_FAILED},
    {.name = "dname",
     .dmarc = "_dmarc CNAME p.old\nold DNAME new\n"
              "p.new TXT \"v=DMARC1; p=reject; rua=mailto:dmarc@{d}\"\n",
     .differs = "{'dmarc':{'cname':['p.old.{d}','p.new.{d}']}}"},
    /* each target is another name, without end */
    {.name = "cname-endless",
     .rules = "_dmarc TXT txt_cname_on\n*._dmarc TXT txt_cname_on\n",
     .differs = DMARC_FAILED},
    /* the same by a DNAME that leads below itself: servers end it as they like */
    {.name = "dname-endless",
     .dmarc = "_dmarc CNAME a.loop\nloop DNAME x.loop\n",
     .differs = DMARC_FAILED},
    {.name = "text-in-pieces",
     .spf = "@ TXT \"v=s\" \"pf1\" \" \" \"ip\" \"4:\" \"20.51.4.20 \" \"-\" \"all\"\n"},
    {.name = "text-in-empty-pieces",
     .spf = "@ TXT \"\" \"v=spf1 ip4:20.51.4.20 -all\" \"\"\n@ TXT \"\"\n"},

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
};
const size_t faults_dns_count = sizeof faults_dns / sizeof faults_dns[0];
