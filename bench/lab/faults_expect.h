/* Parts of expected records that several faults share: members put over the sound one,
 * JSON with ' for ". */
#ifndef BENCH_LAB_FAULTS_EXPECT_H
#define BENCH_LAB_FAULTS_EXPECT_H

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
#define TEXT_ABSENT                                                                      \
    "'deployment':'absent','validity':null,'record':null,'records':[],'ttl':null"
#define TLS_RPT_ABSENT                                                                   \
    "{'tls_rpt':{" TEXT_ABSENT ",'rua':[]},"                                             \
    "'findings':[{'code':'mta_sts.no_tls_rpt','severity':'warning','detail':null}]}"
#define SPF_ABSENT                                                                       \
    "{'spf':{" TEXT_ABSENT ",'all':null,'lookups':null,'void_lookups':null,"             \
    "'ipv4_addresses':null,'ipv6_prefixes':null}}"
#define SPF_SOUND                                                                        \
    "{'status':'ok','spf':{'deployment':'present','validity':'valid',"                   \
    "'record':'v=spf1 ip4:20.51.4.20 -all','records':['v=spf1 ip4:20.51.4.20 -all'],"    \
    "'ttl':3600,'all':'fail','lookups':0,'void_lookups':0,'ipv4_addresses':1,"           \
    "'ipv6_prefixes':0}}"
#define DMARC_ABSENT                                                                     \
    "{'dmarc':{" TEXT_ABSENT ",'p':null,'rua':[],"                                       \
    "'rfc7489':{'policy':null,'found_at':null},"                                         \
    "'rfc9989':{'policy':null,'found_at':null}}}"
#define MX_TARGET_FAILED(status)                                                         \
    "{" PARTIAL ",'mx':{'hosts':[{'preference':10,'host':'mail.{d}','addresses':[],"     \
    "'status':'" status "'}]}}"
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

#endif
