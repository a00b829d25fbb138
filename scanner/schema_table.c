#include "scanner/policy.h"
#include "scanner/record.h"
#include "scanner/record_part.h"
#include "scanner/schema.h"
#include "scanner/target_name.h"

#include <assert.h>

static_assert(SCHEMA_VALUE_LEN >= RECORD_CODE_LEN, "a finding's code fits");

/* An enum's values from first to before end; function gives their text. */
#define VALUES(name, first, end, function)                                               \
    static const char *name(unsigned index, char text[SCHEMA_VALUE_LEN])                 \
    {                                                                                    \
        (void)text;                                                                      \
        return index < (unsigned)(end) - (first) ? function((first) + index) : NULL;     \
    }
/* Values that the RFCs or the contract name and no enum of the program has. */
#define WORDS(name, ...)                                                                 \
    static const char *name(unsigned index, char text[SCHEMA_VALUE_LEN])                 \
    {                                                                                    \
        static const char *const words[] = {__VA_ARGS__};                                \
        (void)text;                                                                      \
        return index < sizeof words / sizeof words[0] ? words[index] : NULL;             \
    }

WORDS(schemas, RECORD_SCHEMA)
VALUES(statuses, RECORD_OK, RECORD_STATUS_COUNT, record_status_text)
VALUES(reasons, TARGET_URL, TARGET_SPECIAL_USE + 1, target_reason_text)
VALUES(lookups, DNS_NOT_CHECKED, DNS_CNAME_LOOP + 1, dns_status_text)
VALUES(deployments, DEPLOYMENT_NOT_CHECKED, DEPLOYMENT_TEMP_ERROR + 1, deployment_text)
VALUES(validities, VALIDITY_VALID, VALIDITY_INVALID + 1, validity_text)
VALUES(spf_alls, SPF_ALL_IS_PASS, SPF_ALL_IS_REDIRECT + 1, spf_all_text)
VALUES(spf_results, SPF_NONE, SPF_PERMERROR + 1, spf_result_text)
VALUES(dmarc_policies, DMARC_POLICY_NONE, DMARC_POLICY_REJECT + 1, dmarc_policy_text)
VALUES(externals, DMARC_EXTERNAL_AUTHORISED, DMARC_EXTERNAL_TEMP_ERROR + 1,
       record_external_text)
VALUES(lifecycles, STS_LIFECYCLE_ABSENT, STS_LIFECYCLE_TEMP_ERROR + 1,
       record_lifecycle_text)
VALUES(stages, STS_STAGE_NOT_FETCHED, STS_STAGE_OK + 1, policy_stage_text)
VALUES(modes, STS_MODE_NONE, STS_MODE_ENFORCE + 1, sts_mode_text)
VALUES(matches, MX_MATCH_ALL, MX_MATCH_NOT_APPLICABLE + 1, record_match_text)
VALUES(mismatches, MX_MISMATCH_POLICY_HOST, MX_MISMATCH_DOMAIN + 1, mx_mismatch_text)
VALUES(mx_errors, 0, MX_ERROR_COUNT, record_mx_code)
VALUES(mx_warnings, MX_ERROR_COUNT, MX_CODE_COUNT, record_mx_code)
VALUES(spf_errors, 0, SPF_ERROR_COUNT, record_spf_code)
VALUES(spf_warnings, SPF_ERROR_COUNT, SPF_CODE_COUNT, record_spf_code)
VALUES(dmarc_errors, 0, DMARC_ERROR_COUNT, record_dmarc_code)
VALUES(dmarc_warnings, DMARC_ERROR_COUNT, DMARC_CODE_COUNT, record_dmarc_code)
VALUES(mta_sts_errors, 0, MTA_STS_ERROR_COUNT, record_mta_sts_code)
VALUES(mta_sts_warnings, MTA_STS_ERROR_COUNT, MTA_STS_CODE_COUNT, record_mta_sts_code)
VALUES(policy_errors, 0, STS_ERROR_COUNT, record_policy_code)
VALUES(policy_warnings, STS_ERROR_COUNT, STS_CODE_COUNT, record_policy_code)
VALUES(tls_rpt_errors, 0, TLS_RPT_ERROR_COUNT, record_tls_rpt_code)
VALUES(tls_rpt_warnings, TLS_RPT_ERROR_COUNT, TLS_RPT_CODE_COUNT, record_tls_rpt_code)
WORDS(alignments, "r", "s")
WORDS(testings, "y", "n")
WORDS(psds, "y", "n", "u")
WORDS(profile_results, "pass", "fail", "unknown")
WORDS(severities, "error", "warning", "info")

/* One key a line. */
/* clang-format off */

#define TEXT .type = SCHEMA_TEXT
#define TIME .type = SCHEMA_TIME
#define BOOL .type = SCHEMA_BOOL
#define UINT .type = SCHEMA_UINT
#define NUMBER .type = SCHEMA_NUMBER
#define ENUM(values) .type = SCHEMA_ENUM, .value = (values)
#define OBJECT(table) .type = SCHEMA_OBJECT, .fields = (table)
#define LIST .is_list = true
#define NULLABLE .is_nullable = true
#define END {.key = NULL}

/* What the TXT protocols have in common, as record_txt_verdict and record_txt_text write
 * it. */
#define TXT_VERDICT                            \
    {"deployment", ENUM(deployments)},         \
    {"validity", ENUM(validities), NULLABLE}
#define TXT_TEXT                               \
    {"record", TEXT, NULLABLE},                \
    {"records", TEXT, LIST},                   \
    {"ttl", UINT, NULLABLE},                   \
    {"cname", TEXT, LIST}
#define DEFECTS(error_values, warning_values)  \
    {"errors", ENUM(error_values), LIST},      \
    {"warnings", ENUM(warning_values), LIST}

static const struct schema_field dns[] = {
    {"status", ENUM(lookups)},
    {"authenticated", BOOL, NULLABLE},
    {"queries", UINT},
    {"retries", UINT},
    {"engine", TEXT, NULLABLE},
    END,
};

static const struct schema_field mx_hosts[] = {
    {"preference", UINT},
    {"host", TEXT},
    {"addresses", TEXT, LIST},
    {"status", ENUM(lookups)},
    END,
};

static const struct schema_field mx[] = {
    {"deployment", ENUM(deployments)},
    {"null_mx", BOOL},
    {"hosts", OBJECT(mx_hosts), LIST},
    {"provider", TEXT, NULLABLE},
    DEFECTS(mx_errors, mx_warnings),
    END,
};

static const struct schema_field ns[] = {
    {"deployment", ENUM(deployments)},
    {"hosts", TEXT, LIST},
    {"provider", TEXT, NULLABLE},
    END,
};

static const struct schema_field sender_ips[] = {
    {"ip", TEXT},
    {"result", ENUM(spf_results)},
    END,
};

static const struct schema_field spf[] = {
    TXT_VERDICT,
    TXT_TEXT,
    {"all", ENUM(spf_alls), NULLABLE},
    {"lookups", UINT, NULLABLE},
    {"void_lookups", UINT, NULLABLE},
    {"ipv4_addresses", UINT, NULLABLE},
    {"ipv6_prefixes", UINT, NULLABLE},
    {"includes", TEXT, LIST},
    {"redirect", TEXT, NULLABLE},
    {"sender_ips", OBJECT(sender_ips), LIST},
    DEFECTS(spf_errors, spf_warnings),
    END,
};

static const struct schema_field dmarc_answer[] = {
    {"policy", ENUM(dmarc_policies), NULLABLE},
    {"org_domain", TEXT, NULLABLE},
    {"found_at", TEXT, NULLABLE},
    END,
};

static const struct schema_field dmarc_external[] = {
    {"uri", TEXT},
    {"host", TEXT},
    {"status", ENUM(externals)},
    END,
};

static const struct schema_field dmarc[] = {
    TXT_VERDICT,
    TXT_TEXT,
    {"p", ENUM(dmarc_policies), NULLABLE},
    {"sp", ENUM(dmarc_policies), NULLABLE},
    {"np", ENUM(dmarc_policies), NULLABLE},
    {"pct", UINT, NULLABLE},
    {"adkim", ENUM(alignments), NULLABLE},
    {"aspf", ENUM(alignments), NULLABLE},
    {"t", ENUM(testings), NULLABLE},
    {"psd", ENUM(psds), NULLABLE},
    {"rua", TEXT, LIST},
    {"ruf", TEXT, LIST},
    {"fo", TEXT, NULLABLE},
    {"rfc7489", OBJECT(dmarc_answer)},
    {"rfc9989", OBJECT(dmarc_answer)},
    {"external", OBJECT(dmarc_external), LIST},
    DEFECTS(dmarc_errors, dmarc_warnings),
    END,
};

static const struct schema_field tls[] = {
    {"version", TEXT, NULLABLE},
    {"cipher", TEXT, NULLABLE},
    {"verify_error", TEXT, NULLABLE},
    {"subject", TEXT, NULLABLE},
    {"issuer", TEXT, NULLABLE},
    {"names", TEXT, LIST},
    {"not_before", TIME, NULLABLE},
    {"not_after", TIME, NULLABLE},
    END,
};

static const struct schema_field policy[] = {
    {"stage", ENUM(stages)},
    {"error", ENUM(policy_errors), NULLABLE},
    {"url", TEXT, NULLABLE},
    {"addresses", TEXT, LIST},
    {"address", TEXT, NULLABLE},
    {"cname", TEXT, LIST},
    {"provider", TEXT, NULLABLE},
    {"http_status", UINT, NULLABLE},
    {"content_type", TEXT, NULLABLE},
    {"body", TEXT, NULLABLE},
    {"body_bytes", UINT, NULLABLE},
    {"body_sha256", TEXT, NULLABLE},
    {"duration_ms", NUMBER, NULLABLE},
    {"tls", OBJECT(tls), NULLABLE},
    {"version", TEXT, NULLABLE},
    {"mode", ENUM(modes), NULLABLE},
    {"max_age", UINT, NULLABLE},
    {"mx", TEXT, LIST},
    DEFECTS(policy_errors, policy_warnings),
    END,
};

static const struct schema_field mx_match[] = {
    {"result", ENUM(matches), NULLABLE},
    {"unmatched", TEXT, LIST},
    {"kind", ENUM(mismatches), NULLABLE},
    END,
};

static const struct schema_field mta_sts[] = {
    TXT_VERDICT,
    {"lifecycle", ENUM(lifecycles), NULLABLE},
    TXT_TEXT,
    {"provider", TEXT, NULLABLE},
    {"id", TEXT, NULLABLE},
    {"policy", OBJECT(policy)},
    {"mx_match", OBJECT(mx_match)},
    DEFECTS(mta_sts_errors, mta_sts_warnings),
    END,
};

static const struct schema_field tls_rpt_rua[] = {
    {"scheme", TEXT},
    {"uri", TEXT},
    END,
};

static const struct schema_field tls_rpt[] = {
    TXT_VERDICT,
    TXT_TEXT,
    {"provider", TEXT, NULLABLE},
    {"rua", OBJECT(tls_rpt_rua), LIST},
    DEFECTS(tls_rpt_errors, tls_rpt_warnings),
    END,
};

static const struct schema_field profile_checks[] = {
    {"id", TEXT},
    {"result", ENUM(profile_results)},
    {"detail", TEXT, NULLABLE},
    END,
};

static const struct schema_field profile[] = {
    {"name", TEXT},
    {"checks", OBJECT(profile_checks), LIST},
    END,
};

static const struct schema_field findings[] = {
    {"code", ENUM(record_finding_code)},
    {"severity", ENUM(severities)},
    {"detail", TEXT, NULLABLE},
    END,
};

const struct schema_field SCHEMA_RECORD[] = {
    {"schema", ENUM(schemas)},
    {"line", UINT},
    {"input", TEXT},
    {"tag", TEXT, NULLABLE},
    {"domain", TEXT, NULLABLE},
    {"domain_unicode", TEXT, NULLABLE},
    {"scanned_at", TIME},
    {"duration_ms", NUMBER},
    {"status", ENUM(statuses)},
    {"reason", ENUM(reasons), NULLABLE},
    {"dns", OBJECT(dns)},
    {"mx", OBJECT(mx)},
    {"ns", OBJECT(ns)},
    {"spf", OBJECT(spf)},
    {"dmarc", OBJECT(dmarc)},
    {"mta_sts", OBJECT(mta_sts)},
    {"tls_rpt", OBJECT(tls_rpt)},
    {"profile", OBJECT(profile), NULLABLE},
    {"findings", OBJECT(findings), LIST},
    END,
};
