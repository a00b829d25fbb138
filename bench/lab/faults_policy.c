/* Policy hosts that fail and what a survey must say of it: where the fetch ended, and
 * whether that tells anything about the policy (broken) or leaves it open. */
#include "bench/lab/faults.h"
#include "bench/lab/faults_expect.h"

#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A242 A32 A32 A32 A32 A32 A32 A32 "aaaaaaaaaaaaaaaaaa"

#define TLS_12                                                                           \
    "{'mta_sts':{'policy':{'tls':{'version':'TLSv1.2',"                                  \
    "'cipher':'ECDHE-ECDSA-AES256-GCM-SHA384'}}}}"
/* what the certificate says is known */
#define CERTIFICATE(code) BROKEN("tls", code, NO_RESPONSE)
#define ANSWERED(code, status, facts)                                                    \
    "{" ENDED(BAD, "http", code, "'" status "'",                                         \
              "'http_status':" status "," facts NO_POLICY) "}"
#define NO_TYPE "'content_type':null,"
#define SYNTAX(code, detail)                                                             \
    "{'code':'mta_sts.policy." code "','severity':'error','detail':" detail "}"
#define MISSING(key) "," SYNTAX(key "_missing", "null")
/* the empty text (RFC 1952) */
#define GZIP                                                                             \
    "\\u001f\\\\139\\b\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0003\\u0003\\u0000\\" \
    "u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"
/* 2,167,200,001 zero bytes, and thrice gzip */
#define GZIP_BOMB                                                                        \
    "\\u001f\\\\139\\b\\u0000\\u0000\\u0000\\u0000\\u0000\\u0002\\u0003\\\\147"          \
    "\\\\239\\\\230```````f\\u0010gx\\\\241_\\u001e\\\\206}{\\\\160\\\\145\\\\129"       \
    "\\\\129\\\\129\\\\161a\\\\193\xdf\x95\\\\226+\\\\223 s\\u0018F\\\\193("             \
    "\\u0018\\u0005\\\\163`\\u0014\\\\140\\\\130Q0\\u0002@\\u0003\\\\243$\\\\134"        \
    "\\\\220\\\\255\\\\131\\\\1989lf\\\\177\\\\151\\\\2232\\\\222\\\\212i,\\\\250"       \
    ";\\\\223\xd0\x81[\\\\129\\u0001\\u0000\\\\171K[\\\\250\\\\197\\b\\u0000"            \
    "\\u0000"
#define NO_POLICY_IN(body, bytes, sha256)                                                \
    "{'mta_sts':{" BAD ",'mx_match':{'result':'not_applicable'},"                        \
    "'policy':{'stage':'syntax','error':'non_ascii','body':'" body "',"                  \
    "'body_bytes':" bytes ",'body_sha256':'" sha256 "',"                                 \
    "'version':null,'mode':null,'max_age':null,'mx':[],"                                 \
    "'errors':['non_ascii','version_missing','mode_missing',"                            \
    "'max_age_missing','mx_missing']}},"                                                 \
    "'findings':[" SYNTAX("non_ascii", "'" body "'") MISSING("version") MISSING("mode")  \
        MISSING("max_age") MISSING("mx") "]}"
#define TYPE(type) "{'mta_sts':{'policy':{'content_type':'" type "'}}}"

const struct fault faults_policy[] = {
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
    {.name = "tls-12", .policy = "tls12", .differs = TLS_12},

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
     .differs = ANSWERED("http_status", "999", NO_TYPE)},
    {.name = "http-continue", .policy = "http_continue"},
    {.name = "http-no-length", .policy = "http_no_length"},
    {.name = "http-10", .policy = "http_10"},

    /* a handshake that stops, or is slow */
    {.name = "tls-hello-silence",
     .policy = "tls_hello_hold",
     .differs = LEFT_OPEN("tls", "tls_timeout", TLS)},
    {.name = "tls-half-hello-reset",
     .policy = "tls_half_hello_reset",
     .differs = LEFT_OPEN("tls", "tcp_reset", TLS)},
    /* in TLS 1.2, where all is to be read on the way */
    {.name = "tls12-hello-close",
     .policy = "tls12_hello_close",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls12-hello-reset",
     .policy = "tls12_hello_reset",
     .differs = LEFT_OPEN("tls", "tcp_reset", TLS)},
    {.name = "tls-half-certificate-silence",
     .policy = "tls_half_certificate_hold",
     .differs = LEFT_OPEN("tls", "tls_timeout", TLS)},
    {.name = "tls-half-certificate-close",
     .policy = "tls_half_certificate_close",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-half-certificate-reset",
     .policy = "tls_half_certificate_reset",
     .differs = LEFT_OPEN("tls", "tcp_reset", TLS)},
    /* the certificate has been seen, that its key is there has not */
    {.name = "tls-certificate-silence",
     .policy = "tls_certificate_hold",
     .differs = LEFT_OPEN("tls", "tls_timeout", NO_RESPONSE)},
    {.name = "tls-certificate-reset",
     .policy = "tls_certificate_reset",
     .differs = LEFT_OPEN("tls", "tcp_reset", NO_RESPONSE)},
    {.name = "tls-drip",
     .policy = "tls_drip",
     .differs = LEFT_OPEN("tls", "tls_timeout", TLS)},
    {.name = "tls-slow", .policy = "tls_slow"},
    {.name = "tls-close-notify",
     .policy = "tls_close_notify",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},

    /* alerts, and what is no TLS (RFC 8446, 5.1 and 6) */
    {.name = "tls-internal-error",
     .policy = "tls_internal_error",
     .differs = BROKEN("tls", "tls_alert", TLS)},
    {.name = "tls-user-canceled",
     .policy = "tls_user_canceled",
     .differs = BROKEN("tls", "tls_alert", TLS)},
    /* RFC 6066, 3: one may go on */
    {.name = "tls-warning", .policy = "tls_warning", .differs = TLS_12},
    {.name = "tls-record-length",
     .policy = "tls_record_length",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-record-type",
     .policy = "tls_record_type",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-empty-records",
     .policy = "tls_empty_records",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-version-unknown",
     .policy = "tls_version_unknown",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-cipher-not-offered",
     .policy = "tls_cipher_not_offered",
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    /* h2, which was not offered (RFC 7301, 3.2) */
    {.name = "tls-h2", .policy = "tls_h2", .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "tls-renegotiation", .policy = "tls_renegotiation", .differs = TLS_12},
    /* without end, and nothing else (RFC 8446, 4.6) */
    {.name = "tls-tickets",
     .policy = "tls_tickets",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "tls-key-updates",
     .policy = "tls_key_updates",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},

    /* certificates; those of the healthy lab are not here again */
    {.name = "certificate-wildcard-two-labels",
     .certificate = CERTIFICATE_WILDCARD_TWO_LABELS,
     .differs = CERTIFICATE("cert_name_mismatch")},
    {.name = "certificate-wildcard-inside",
     .certificate = CERTIFICATE_WILDCARD_INSIDE,
     .differs = CERTIFICATE("cert_name_mismatch")},
    {.name = "certificate-address-only",
     .certificate = CERTIFICATE_ADDRESS_ONLY,
     .differs = CERTIFICATE("cert_name_mismatch")},
    {.name = "certificate-issuer-no-ca",
     .certificate = CERTIFICATE_ISSUER_NO_CA,
     .differs = CERTIFICATE("cert_other")},
    {.name = "certificate-issuer-expired",
     .certificate = CERTIFICATE_ISSUER_EXPIRED,
     .differs = CERTIFICATE("cert_expired")},
    {.name = "certificate-path-too-long",
     .certificate = CERTIFICATE_PATH_TOO_LONG,
     .differs = CERTIFICATE("cert_other")},
    {.name = "certificate-key-usage",
     .certificate = CERTIFICATE_KEY_USAGE,
     .differs = CERTIFICATE("cert_other")},
    {.name = "certificate-sha1",
     .certificate = CERTIFICATE_SHA1,
     .differs = CERTIFICATE("cert_other")},
    {.name = "certificate-md5",
     .certificate = CERTIFICATE_MD5,
     .differs = CERTIFICATE("cert_other")},
    {.name = "certificate-weak-key",
     .certificate = CERTIFICATE_WEAK_KEY,
     .differs = CERTIFICATE("cert_other")},
    /* in TLS 1.3 such a key cannot sign: RSASSA-PSS has no room in it (RFC 8017, 9.1.1) */
    {.name = "certificate-weakest-key",
     .certificate = CERTIFICATE_WEAKEST_KEY,
     .policy = "tls12",
     .differs = BROKEN("tls", "cert_other",
                       "'tls':{'version':'TLSv1.2',"
                       "'cipher':'ECDHE-RSA-AES256-GCM-SHA384'}," NO_RESPONSE)},
    {.name = "certificate-bad-signature",
     .certificate = CERTIFICATE_BAD_SIGNATURE,
     .differs = CERTIFICATE("cert_other")},
    /* nothing is wrong with it but that somebody else has its key */
    {.name = "certificate-other-key",
     .certificate = CERTIFICATE_OTHER_KEY,
     .differs = CERTIFICATE("tls_protocol")},
    /* of several defects the first: the chain, then the name, then dates (docs/record.md) */
    {.name = "certificate-expired-other-name",
     .certificate = CERTIFICATE_EXPIRED_OTHER_NAME,
     .differs = CERTIFICATE("cert_name_mismatch")},
    {.name = "certificate-self-signed-expired",
     .certificate = CERTIFICATE_SELF_SIGNED_EXPIRED,
     .differs = CERTIFICATE("cert_self_signed")},
    {.name = "certificate-long-chain", .certificate = CERTIFICATE_LONG_CHAIN},
    /* more than 100 KiB of certificates */
    {.name = "certificate-endless-chain",
     .certificate = CERTIFICATE_ENDLESS_CHAIN,
     .differs = BROKEN("tls", "tls_protocol", TLS)},
    {.name = "certificate-many-names", .certificate = CERTIFICATE_MANY_NAMES},
    {.name = "certificate-hostile", .certificate = CERTIFICATE_HOSTILE},

    /* a response that stops, is slow, or has no end */
    {.name = "http-half-status-timeout",
     .policy = "http_half_status_hold",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP_NOTHING)},
    /* the empty line is missing */
    {.name = "http-head-timeout",
     .policy = "http_head_hold",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP_NOTHING)},
    {.name = "http-half-chunks-timeout",
     .policy = "http_half_chunks_hold",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP("200"))},
    {.name = "http-slow", .policy = "http_slow"},
    {.name = "http-endless-line",
     .policy = "http_endless_line",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-endless-hints",
     .policy = "http_endless_hints",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-endless-extension",
     .policy = "http_endless_extension",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-endless-trailers",
     .policy = "http_endless_trailers",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-continue-timeout",
     .policy = "http_continue_hold",
     .differs = LEFT_OPEN("http", "http_timeout", HTTP_NOTHING)},

    /* status lines (RFC 9112, 4; RFC 9110, 15) */
    {.name = "http-09",
     .policy = "http_09",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-2",
     .policy = "http_2",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http2-frames",
     .policy = "http2_frames",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-no-reason", .policy = "http_no_reason"},
    {.name = "http-status-letters",
     .policy = "http_status_letters",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-101",
     .policy = "http_101",
     .differs = ANSWERED("http_status", "101", NO_TYPE)},
    {.name = "http-206",
     .policy = "http_206",
     .differs = ANSWERED("http_status", "206", "")},
    /* a policy comes along and does not count (RFC 8461, 3.3) */
    {.name = "http-303",
     .policy = "http_303",
     .differs = ANSWERED("http_redirect", "303", "")},
    {.name = "http-304",
     .policy = "http_304",
     .differs = ANSWERED("http_redirect", "304", NO_TYPE)},
    {.name = "http-307",
     .policy = "http_307",
     .differs = ANSWERED("http_redirect", "307", "")},
    {.name = "http-308",
     .policy = "http_308",
     .differs = ANSWERED("http_redirect", "308", NO_TYPE)},
    {.name = "http-401",
     .policy = "http_401",
     .differs = ANSWERED("http_status", "401", NO_TYPE)},
    {.name = "http-429",
     .policy = "http_429",
     .differs = ANSWERED("http_status", "429", "")},
    {.name = "http-503",
     .policy = "http_503",
     .differs = ANSWERED("http_status", "503", NO_TYPE)},

    /* fields (RFC 9112, 5; RFC 9110, 5.5) */
    {.name = "http-folded",
     .policy = "http_folded",
     .differs = TYPE("text/plain; charset=utf-8")},
    {.name = "http-no-colon",
     .policy = "http_no_colon",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-nul-field",
     .policy = "http_nul_field",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-bare-lf", .policy = "http_bare_lf"},
    /* the first counts */
    {.name = "http-type-twice", .policy = "http_type_twice"},
    {.name = "http-type-long",
     .policy = "http_type_long",
     .differs = TYPE("text/plain; x=" A242)},
    {.name = "http-type-hostile",
     .policy = "http_type_hostile",
     .differs = TYPE("text/plain; x=\\u202e\\\\255\\u001b[31m")},
    {.name = "http-unasked-fields", .policy = "http_unasked_fields"},

    /* codings (RFC 9110, 8.4; RFC 9112, 6.1): what was not asked for is not undone */
    {.name = "http-gzip",
     .policy = "http_gzip",
     .differs = NO_POLICY_IN(
         GZIP, "20", "59869db34853933b239f1e2219cf7d431da006aa919635478511fabbfc8849d2")},
    {.name = "http-gzip-bomb",
     .policy = "http_gzip_bomb",
     .differs = NO_POLICY_IN(
         GZIP_BOMB, "96",
         "94d51675ad5b64b3303270b118ab42a348f35fd437ec046865ddec3887b02505")},
    {.name = "http-gzip-in-name-only", .policy = "http_gzip_in_name_only"},
    {.name = "http-transfer-gzip",
     .policy = "http_transfer_gzip",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-transfer-unknown",
     .policy = "http_transfer_unknown",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},

    /* lengths (RFC 9112, 6.3 and 8) */
    {.name = "http-length-negative",
     .policy = "http_length_negative",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-length-letters",
     .policy = "http_length_letters",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-length-huge",
     .policy = "http_length_huge",
     .differs = BROKEN("http", "http_protocol", HTTP("200"))},
    {.name = "http-length-twice",
     .policy = "http_length_twice",
     .differs = BROKEN("http", "http_protocol", HTTP_NOTHING)},
    {.name = "http-length-and-chunked", .policy = "http_length_and_chunked"},
    {.name = "http-length-cut", .policy = "http_length_cut"},
    /* nothing was missing */
    {.name = "http-length-reset", .policy = "http_length_reset"},
    {.name = "http-length-keeps-open", .policy = "http_length_hold"},
    {.name = "http-chunked-cut", .policy = "http_chunked_cut"},
    {.name = "http-more", .policy = "http_more"},
    {.name = "http-largest-chunked",
     .policy = "http_chunked",
     .policy_bytes = 65536,
     .differs = "{'mta_sts':{'policy':{'warnings':['unknown_key']}},"
                "'findings':[{'code':'mta_sts.policy.unknown_key','severity':'warning',"
                "'detail':'x: " A242 "aaaaaaaaaaa'}]}"},
    {.name = "http-too-large-chunked",
     .policy = "http_chunked",
     .policy_bytes = 65537,
     .differs = BROKEN("http", "http_too_large", HTTP("200"))},
    {.name = "http-nul-body",
     .policy = "http_nul_body",
     .differs =
         "{'mta_sts':{" BAD ",'mx_match':{'result':'not_applicable'},"
         "'policy':{'stage':'syntax','error':'mode_invalid',"
         "'body':'version: STSv1\\nmode: none\\u0000\\nmax_age: 604800\\n',"
         "'body_bytes':43,'body_sha256':"
         "'06cc4d98b1b36b63d4ecbc16f42ff7079d323f0c70ebc806bf82fdfc5d8451fa',"
         "'mode':null,'mx':[],'errors':['mode_invalid','mx_missing']}},"
         "'findings':[" SYNTAX("mode_invalid", "'mode: none\\u0000'") MISSING("mx") "]}"},
};
const size_t faults_policy_count = sizeof faults_policy / sizeof faults_policy[0];
