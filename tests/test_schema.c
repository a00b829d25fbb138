/* The table of scanner/schema.h against the records that are written, both ways, and what
 * is printed of it. */
#include "scanner/provider_list.h"
#include "scanner/schema.h"
#include "tests/fake_net.h"
#include "tests/json_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define PATH_LEN 128
#define SEEN_MAX 400

/* ---- what has been seen of each key ------------------------------------------------ */

struct seen {
    char path[PATH_LEN];
    bool has_value; /* of lists: an element */
    bool has_null;
};

struct walk {
    size_t count;
    struct seen keys[SEEN_MAX];
};

static struct seen *seen_of(struct walk *walk, const char *path)
{
    for (size_t i = 0; i < walk->count; i++) {
        if (strcmp(walk->keys[i].path, path) == 0) {
            return &walk->keys[i];
        }
    }
    assert_true(walk->count < SEEN_MAX);
    struct seen *seen = &walk->keys[walk->count++];
    snprintf(seen->path, sizeof seen->path, "%s", path);
    return seen;
}

static bool is_in_enum(const struct schema_field *field, const char *found)
{
    char buffer[SCHEMA_VALUE_LEN];
    const char *text;
    for (unsigned i = 0; (text = field->value(i, buffer)) != NULL; i++) {
        if (strcmp(text, found) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_time(const char *text)
{
    static const char shape[] = "0000-00-00T00:00:00.000Z";
    for (size_t i = 0; i < sizeof shape; i++) {
        bool is_digit = text[i] >= '0' && text[i] <= '9';
        if (shape[i] == '0' ? !is_digit : text[i] != shape[i]) {
            return false;
        }
    }
    return true;
}

/* ---- the walk: the text is read as the table says it is written -------------------- */

struct reader {
    const char *at, *end;
    char text[8192]; /* the last string */
};

static bool take(struct reader *reader, const char *literal)
{
    size_t len = strlen(literal);
    bool is_there = (size_t)(reader->end - reader->at) >= len &&
                    memcmp(reader->at, literal, len) == 0;
    reader->at += is_there ? len : 0;
    return is_there;
}

static bool take_string(struct reader *reader)
{
    size_t text_len, left = (size_t)(reader->end - reader->at);
    assert_true(left < sizeof reader->text);
    size_t taken = json_check_string(reader->at, left, reader->text, &text_len);
    reader->text[text_len] = '\0';
    reader->at += taken;
    return taken > 0;
}

static bool take_number(struct reader *reader, bool is_whole)
{
    size_t taken = check_number(reader->at, (size_t)(reader->end - reader->at));
    bool is_good = taken > 0 && reader->at[0] != '-' &&
                   !(is_whole && memchr(reader->at, '.', taken) != NULL);
    reader->at += taken;
    return is_good;
}

static bool take_scalar(struct reader *reader, const struct schema_field *field)
{
    switch (field->type) {
    case SCHEMA_TEXT:
        return take_string(reader);
    case SCHEMA_TIME:
        return take_string(reader) && is_time(reader->text);
    case SCHEMA_ENUM:
        return take_string(reader) && is_in_enum(field, reader->text);
    case SCHEMA_BOOL:
        return take(reader, "true") || take(reader, "false");
    case SCHEMA_UINT:
    case SCHEMA_NUMBER:
        return take_number(reader, field->type == SCHEMA_UINT);
    default:
        return false;
    }
}

static void must(const struct reader *reader, bool is_good, const char *path)
{
    if (!is_good) {
        int len = (int)(reader->end - reader->at < 60 ? reader->end - reader->at : 60);
        fail_msg("not %s as the table has it: %.*s", path, len, reader->at);
    }
}

static void walk_object(struct walk *walk, struct reader *reader, const char *path,
                        const struct schema_field *fields);

static void walk_single(struct walk *walk, struct reader *reader, const char *path,
                        const struct schema_field *field)
{
    if (field->type == SCHEMA_OBJECT) {
        walk_object(walk, reader, path, field->fields);
    } else {
        must(reader, take_scalar(reader, field), path);
    }
    seen_of(walk, path)->has_value = true;
}

static void walk_list(struct walk *walk, struct reader *reader, const char *path,
                      const struct schema_field *field)
{
    must(reader, take(reader, "["), path);
    if (take(reader, "]")) {
        return;
    }
    do {
        walk_single(walk, reader, path, field);
    } while (take(reader, ","));
    must(reader, take(reader, "]"), path);
}

static void join(char path[PATH_LEN], const char *parent, const char *key)
{
    snprintf(path, PATH_LEN, "%s%s%s", parent, parent[0] != '\0' ? "." : "", key);
}

static void walk_object(struct walk *walk, struct reader *reader, const char *path,
                        const struct schema_field *fields)
{
    must(reader, take(reader, "{"), path);
    for (const struct schema_field *field = fields; field->key != NULL; field++) {
        char inner[PATH_LEN], key[PATH_LEN];
        join(inner, path, field->key);
        snprintf(key, sizeof key, "%s\"%s\":", field == fields ? "" : ",", field->key);
        must(reader, take(reader, key), inner);
        if (field->is_list) {
            walk_list(walk, reader, inner, field);
        } else if (field->is_nullable && take(reader, "null")) {
            seen_of(walk, inner)->has_null = true;
        } else {
            walk_single(walk, reader, inner, field);
        }
    }
    must(reader, take(reader, "}"), path);
}

/* ---- records of every kind --------------------------------------------------------- */

struct fixture {
    struct suffix_list *suffixes;
    struct provider_list *providers;
    struct verdict_config config;
    struct job_context context;
    struct job job;
    struct fake_net net;
    struct walk walk;
    size_t record_count;
};

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct fixture *fixture = arg;
    const struct json *json = &fixture->context.json;
    struct reader reader = {.at = json->text, .end = json->text + json->len};
    (void)status;
    (void)survey;
    assert_false(json->failed);
    walk_object(&fixture->walk, &reader, "", SCHEMA_RECORD);
    must(&reader, take(&reader, "\n") && reader.at == reader.end, "end");
    fixture->record_count++;
    if (job != NULL) {
        arena_reset(&job->arena);
    }
}

static int setup(void **state)
{
    char error[PROVIDER_LIST_ERROR_LEN];
    struct fixture *fixture = calloc(1, sizeof *fixture);
    assert_non_null(fixture);
    fixture->suffixes = suffix_list_open(NULL);
    assert_non_null(fixture->suffixes);
    assert_int_equal(provider_list_open(&fixture->providers, NULL, error), 0);
    fixture->config.suffixes = fixture->suffixes;
    fixture->config.providers = fixture->providers;
    fixture->config.sender_ip_count = 1;
    fixture->config.sender_ips[0] =
        (struct verdict_sender_ip){{192, 0, 2, 1}, 4, "192.0.2.1"};
    fixture->context.config = &fixture->config;
    fixture->context.on_record = on_record;
    fixture->context.arg = fixture;
    assert_int_equal(job_context_init(&fixture->context), 0);
    *state = fixture;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *fixture = *state;
    job_context_close(&fixture->context);
    provider_list_free(fixture->providers);
    suffix_list_free(fixture->suffixes);
    free(fixture);
    return 0;
}

static const struct table_row rich[] = {
    {"example.org", DNS_MX, DNS_OK, {"10 aspmx.l.google.com", "20 mx.example.org"}},
    {"example.org", DNS_NS, DNS_OK, {"amy.ns.cloudflare.com"}},
    {"example.org",
     DNS_TXT,
     DNS_OK,
     {"v=spf1 include:spf.example.net ip6:2001:db8::/32 a:gone.example.net "
      "redirect=r.example.net"},
     {"apex.example.net"}},
    {"spf.example.net", DNS_TXT, DNS_OK, {"v=spf1 ip4:192.0.2.0/24 -all"}},
    {"r.example.net", DNS_TXT, DNS_OK, {"v=spf1 -all"}},
    {"aspmx.l.google.com", DNS_A, DNS_OK, {"93.184.216.34"}},
    {"mx.example.org", DNS_A, DNS_OK, {"10.0.0.1"}},
    {"_dmarc.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=DMARC1; p=reject; sp=none; np=quarantine; pct=50; adkim=s; aspf=r; t=y; psd=n; "
      "fo=1:d; "
      "rua=mailto:d@reports.net; ruf=mailto:f@example.org"},
     {"dmarc.example.net"}},
    {"_mta-sts.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=STSv1; id=1; x=y;"},
     {"a._mta-sts.uriports.com"}},
    {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}, {"a.uriports.com"}},
    {"_smtp._tls.example.org",
     DNS_TXT,
     DNS_OK,
     {"v=TLSRPTv1; rua=mailto:t@example.org,tel:1"},
     {"a.uriports.com"}},
};
static const char rich_policy[] =
    "version: STSv1\nmode: testing\nmx: *.example.org\nmax_age: 60\nnote: x\n";

static const struct table_row broken[] = {
    {"example.org", DNS_MX, DNS_OK, {"0 .", "10 mx.example.org"}},
    {"example.org", DNS_TXT, DNS_OK, {"v=spf1 ipv4:192.0.2.1 +all"}},
    {"_dmarc.example.org", DNS_TXT, DNS_OK, {"v=DMARC1; p=r"}},
    {"_mta-sts.example.org", DNS_TXT, DNS_OK, {"v=STSv1; id=1-1;"}},
    {"mta-sts.example.org", DNS_AAAA, DNS_OK, {"2606:2800:21f::1"}},
    {"_smtp._tls.example.org", DNS_TXT, DNS_OK, {"v=TLSRPTv1; rua=nonsense"}},
};

static const struct table_row doubled[] = {
    {"example.org", DNS_MX, DNS_OK, {"0 ."}},
    {"example.org", DNS_TXT, DNS_OK, {"v=spf1 -all", "v=spf1 ~all"}},
    {"_dmarc.example.org", DNS_TXT, DNS_OK, {"v=DMARC1; p=none", "v=DMARC1; p=reject"}},
    {"_mta-sts.example.org", DNS_TXT, DNS_OK, {"v=STSv1; id=1;", "v=STSv1; id=2;"}},
    {"_smtp._tls.example.org", DNS_TXT, DNS_OK, {"v=TLSRPTv1;", "v=TLSRPTv1 ;"}},
};

static const struct table_row orphan[] = {
    {"example.org", DNS_A, DNS_OK, {"93.184.216.34"}},
    {"example.org", DNS_TXT, DNS_OK, {"v=spf1"}},
    {"_dmarc.example.org", DNS_TXT, DNS_OK, {"v=DMARC1; p=none; rua=mailto:d@late.net"}},
    {"example.org._report._dmarc.late.net", DNS_TXT, DNS_TIMEOUT},
    {"mta-sts.example.org", DNS_A, DNS_OK, {"93.184.216.35"}},
};

static const char *const tls_names[] = {"mta-sts.example.org"};
#define WHOLE_TLS                                                                        \
    {                                                                                    \
        .version = "TLSv1.3", .cipher = "TLS_AES_256_GCM_SHA384",                        \
        .verify_error = "certificate has expired", .subject = "CN=mta-sts.example.org",  \
        .issuer = "CN=Some CA", .names = tls_names, .name_count = 1,                     \
        .not_before = "2020-01-01T00:00:00.000Z",                                        \
        .not_after = "2021-01-01T00:00:00.000Z"                                          \
    }

/* One record of each row; the fetch ends as failure says, or serves policy (NULL:
 * 404). */
static const struct {
    const char *line;
    const struct table_row *rows;
    size_t row_count;
    enum dns_status unknown; /* what names without rows answer */
    const char *policy;
    struct fetch_result failure;
    unsigned checks; /* 0 = all */
    bool probes, is_secure;
} cases[] = {
#define ROWS(table) table, sizeof table / sizeof table[0], DNS_NXDOMAIN
    {"example.org,a tag", ROWS(rich), rich_policy, {.tls = WHOLE_TLS}, .is_secure = true},
    {"example.org", ROWS(rich), NULL},
    {"example.org", ROWS(rich), "mode: enforce\n"},
    {"example.org", ROWS(rich), "version: STSv1\nmode: none\nmax_age: 86400\n"},
    {"example.org",
     ROWS(rich),
     NULL,
     {FETCH_STAGE_TLS, FETCH_CERT_EXPIRED, .tls = WHOLE_TLS}},
    {"example.org", ROWS(rich), NULL, {FETCH_STAGE_TCP, FETCH_TCP_TIMEOUT}},
    {"example.org", ROWS(broken), "version: STSv2\nmx: a@b\n\n"},
    {"example.org", ROWS(doubled), NULL},
    {"example.org", ROWS(orphan), rich_policy, .probes = true},
    {"example.org", ROWS(rich), rich_policy, .checks = CHECK_SPF},
    {"example.org", ROWS(rich), rich_policy, .checks = CHECK_MTA_STS},
    {"sub.example.org", ROWS(rich), NULL},
    {"example.org", NULL, 0, DNS_NXDOMAIN},
    {"example.org", NULL, 0, DNS_NODATA},
    {"example.org", NULL, 0, DNS_SERVFAIL},
    {"example.org", NULL, 0, DNS_TIMEOUT},
    {"example.org", NULL, 0, DNS_CNAME_LOOP},
    {"https://example.org/"},
    {"a..b,tag"},
    {"xn--999999999.net"},
    {"example.test"},
};

static void survey_case(struct fixture *fixture, size_t index)
{
    struct target target;
    const char *text = cases[index].line;
    struct input_line line = {.number = index + 1, .text = text, .len = strlen(text)};
    fixture->config.checks = cases[index].checks != 0 ? cases[index].checks : CHECK_ALL;
    fixture->config.probe_orphan_policies = cases[index].probes;
    fake_net_init(&fixture->net, cases[index].rows, cases[index].row_count, 0);
    if (cases[index].is_secure) {
        table_lookup_enter(&fixture->net.table, "example.org", DNS_MX)->answer.trust =
            DNS_SECURE;
    }
    fixture->net.table.unknown = cases[index].unknown;
    fixture->net.policy = cases[index].policy;
    fixture->net.failure = cases[index].failure;
    fixture->context.net = fixture->net.job_net;
    target_read(&target, &line, NULL);
    if (target.kind == TARGET_DOMAIN) {
        job_begin(&fixture->job, &fixture->context, &target, line.number);
    } else {
        job_decline(&fixture->context, &target, line.number);
    }
    fake_net_close(&fixture->net);
}

/* Keys that nothing writes yet: their null alone is seen. Delete a key here when it is
 * written. */
static const char *const unwritten[] = {"profile"};

static bool is_unwritten(const char *path)
{
    for (size_t i = 0; i < sizeof unwritten / sizeof unwritten[0]; i++) {
        if (strcmp(unwritten[i], path) == 0) {
            return true;
        }
    }
    return false;
}

/* Number of keys of which a value or a null has never been seen. */
static size_t print_unseen(struct walk *walk, const char *path,
                           const struct schema_field *fields)
{
    size_t unseen_count = 0;
    for (const struct schema_field *field = fields; field->key != NULL; field++) {
        char inner[PATH_LEN];
        join(inner, path, field->key);
        const struct seen *seen = seen_of(walk, inner);
        if (seen->has_value == is_unwritten(inner) ||
            seen->has_null != field->is_nullable) {
            print_message("%s: value %s, null %s\n", inner,
                          seen->has_value ? "seen" : "never seen",
                          seen->has_null ? "seen" : "never seen");
            unseen_count++;
        }
        if (field->type == SCHEMA_OBJECT && !is_unwritten(inner)) {
            unseen_count += print_unseen(walk, inner, field->fields);
        }
    }
    return unseen_count;
}

static void
every_kind_of_record_is_as_the_table_says_and_leaves_no_key_unwritten(void **state)
{
    struct fixture *fixture = *state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        survey_case(fixture, i);
        assert_int_equal(fixture->record_count, i + 1);
    }
    assert_int_equal(print_unseen(&fixture->walk, "", SCHEMA_RECORD), 0);
}

/* ---- enums ------------------------------------------------------------------------- */

static const struct schema_field *field_of(const char *path)
{
    const struct schema_field *field = SCHEMA_RECORD;
    struct span rest = span_of(path), key;
    bool has_more = true;
    while (span_cut(&rest, '.', &key, &has_more)) {
        while (field->key != NULL && !span_equals(key, field->key)) {
            field++;
        }
        assert_non_null(field->key);
        field = has_more ? field->fields : field;
    }
    return field;
}

static void enums_are_the_contracts_in_its_order(void **state)
{
#define LOOKUPS                                                                          \
    "not_checked ok nodata nxdomain servfail refused other_rcode timeout network "       \
    "malformed cname_loop "
#define DEPLOYMENTS "not_checked absent present multiple temp_error "
    static const struct {
        const char *path, *values; /* a space behind each */
    } rows[] = {
        {"schema", "mailcensus/1.0 "},
        {"status", "ok partial error invalid_input excluded "},
        {"reason",
         "url email wildcard port ip idna single_label label_too_long name_too_long "
         "empty_label encoding too_long opt_out special_use "},
        {"dns.status", LOOKUPS},
        {"mx.hosts.status", LOOKUPS},
        {"mx.deployment", DEPLOYMENTS},
        {"tls_rpt.deployment", DEPLOYMENTS},
        {"spf.validity", "valid invalid "},
        {"spf.all", "pass fail softfail neutral none redirect "},
        {"spf.sender_ips.result", "none neutral pass fail softfail temperror permerror "},
        {"dmarc.p", "none quarantine reject "},
        {"dmarc.psd", "y n u "},
        {"dmarc.external.status", "authorised missing temp_error "},
        {"mta_sts.lifecycle",
         "absent testing enforce none broken orphan_policy temp_error "},
        {"mta_sts.policy.stage", "not_fetched dns tcp tls http syntax ok "},
        {"mta_sts.policy.mode", "none testing enforce "},
        {"mta_sts.mx_match.result", "all some none not_applicable "},
        {"mta_sts.mx_match.kind", "policy_host typo label tld domain "},
        {"findings.severity", "error warning info "},
        {"mx.errors", "null_mx_with_others target_is_address "},
        {"mx.warnings", "implicit_mx target_nxdomain target_no_address address_private "
                        "target_is_cname single_label "},
        {"spf.errors",
         "multiple_records syntax unknown_mechanism invalid_ip invalid_cidr "
         "invalid_domain "
         "invalid_macro duplicate_modifier non_ascii too_many_lookups "
         "too_many_void_lookups "
         "too_many_mx include_no_record include_invalid include_loop redirect_no_record "
         "redirect_invalid redirect_loop "},
        {"spf.warnings", "all_pass all_neutral no_all terms_after_all redirect_ignored "
                         "ptr_used record_too_long "
                         "void_lookup broad_range mx_missing a_missing unknown_modifier "
                         "include_temp_error "
                         "version_near_miss analysis_truncated text_truncated "},
        {"dmarc.errors", "multiple_records p_missing p_invalid "},
        {"dmarc.warnings", "sp_invalid np_invalid tag_invalid duplicate_tag unknown_tag "
                           "removed_tag rua_invalid "
                           "ruf_invalid no_rua external_unauthorised pct_partial testing "
                           "inherited not_enforced "
                           "wildcard_suspected version_near_miss text_truncated "},
        {"mta_sts.errors", "multiple_records id_missing id_invalid syntax "},
        {"mta_sts.warnings",
         "unknown_field wildcard_suspected version_near_miss text_truncated "},
        {"mta_sts.policy.errors",
         "dns_nxdomain dns_nodata dns_servfail dns_timeout dns_error address_blocked "
         "tcp_refused "
         "tcp_timeout tcp_unreachable tcp_reset tls_protocol tls_alert tls_timeout "
         "cert_expired "
         "cert_not_yet_valid cert_self_signed cert_untrusted_root cert_unknown_issuer "
         "cert_name_mismatch cert_other http_redirect http_status http_timeout "
         "http_too_large "
         "http_protocol empty line_invalid version_missing version_invalid mode_missing "
         "mode_invalid max_age_missing max_age_invalid max_age_too_large mx_missing "
         "mx_invalid "
         "non_ascii "},
        {"mta_sts.policy.warnings", "media_type duplicate_key unknown_key max_age_short "
                                    "mx_ignored blank_line "},
        {"tls_rpt.errors", "multiple_records rua_missing rua_invalid syntax "},
        {"tls_rpt.warnings",
         "scheme_unsupported unknown_field wildcard_suspected no_mta_sts "
         "version_near_miss text_truncated "},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct schema_field *field = field_of(rows[i].path);
        char values[2048] = "", buffer[SCHEMA_VALUE_LEN];
        const char *text;
        assert_int_equal(field->type, SCHEMA_ENUM);
        for (unsigned k = 0; (text = field->value(k, buffer)) != NULL; k++) {
            strcat(strcat(values, text), " ");
        }
        assert_string_equal(values, rows[i].values);
    }
}

/* "area.code" of each code above, and the two that stand in findings only. */
static void findings_have_every_code_of_every_area_once(void **state)
{
    static const struct {
        const char *area, *path;
    } rows[] = {
        {"mx", "mx"},           {"spf", "spf"},
        {"dmarc", "dmarc"},     {"mta_sts", "mta_sts"},
        {"tls_rpt", "tls_rpt"}, {"mta_sts.policy", "mta_sts.policy"},
    };
    const struct schema_field *finding = field_of("findings.code");
    char path[PATH_LEN], buffer[SCHEMA_VALUE_LEN], full[2 * SCHEMA_VALUE_LEN];
    const char *text;
    size_t code_count = 0;
    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        join(path, rows[i / 2].path, i % 2 == 0 ? "errors" : "warnings");
        for (unsigned k = 0; (text = field_of(path)->value(k, buffer)) != NULL; k++) {
            snprintf(full, sizeof full, "%s.%s", rows[i / 2].area, text);
            assert_true(is_in_enum(finding, full));
            code_count++;
        }
    }
    assert_true(is_in_enum(finding, "mta_sts.mx_unmatched"));
    assert_true(is_in_enum(finding, "mta_sts.no_tls_rpt"));
    assert_false(is_in_enum(finding, "mta_sts.mx_match"));
    assert_non_null(finding->value((unsigned)code_count + 1, buffer));
    assert_null(finding->value((unsigned)code_count + 2, buffer));
}

/* ---- what is printed --------------------------------------------------------------- */

static char *print(bool as_columns)
{
    char *text = NULL;
    size_t len;
    FILE *out = open_memstream(&text, &len);
    assert_non_null(out);
    assert_int_equal(schema_print(out, as_columns), 0);
    fclose(out);
    return text;
}

static void the_json_schema_closes_objects_and_enums(void **state)
{
    static const char *const parts[] = {
        "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",",
        "\"type\":\"object\",\"properties\":{\"schema\":{\"type\":\"string\",\"enum\":"
        "[\"mailcensus/1.0\"]},\"line\":{\"type\":\"integer\",\"minimum\":0},\"input\":"
        "{\"type\":\"string\"},\"tag\":{\"type\":[\"string\",\"null\"]},",
        "\"validity\":{\"type\":[\"string\",\"null\"],\"enum\":[\"valid\",\"invalid\","
        "null]},",
        "\"ns\":{\"type\":\"object\",\"properties\":{\"deployment\":{\"type\":\"string\","
        "\"enum\":[\"not_checked\",\"absent\",\"present\",\"multiple\",\"temp_error\"]},"
        "\"hosts\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}},\"provider\":"
        "{\"type\":[\"string\",\"null\"]}},\"required\":[\"deployment\",\"hosts\","
        "\"provider\"],\"additionalProperties\":false}",
        "\"errors\":{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":"
        "\"string\","
        "\"enum\":[\"null_mx_with_others\",\"target_is_address\"]}}",
        "\"tls\":{\"type\":[\"object\",\"null\"],\"properties\":{\"version\":",
        "\"required\":[\"schema\",\"line\",\"input\",\"tag\",\"domain\",\"domain_"
        "unicode\","
        "\"scanned_at\",\"duration_ms\",\"status\",\"reason\",\"dns\",\"mx\",\"ns\","
        "\"spf\","
        "\"dmarc\",\"mta_sts\",\"tls_rpt\",\"profile\",\"findings\"],"
        "\"additionalProperties\":false}\n",
    };
    char *text = print(false);
    size_t len = strlen(text);
    char *scratch = malloc(len);
    (void)state;
    assert_true(text[len - 1] == '\n' && json_check(text, len - 1, scratch));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (strstr(text, parts[i]) == NULL) {
            fail_msg("not in the schema: %s", parts[i]);
        }
    }
    free(scratch);
    free(text);
}

/* One pass over the text: quotes closed, brackets nested, no empty struct. */
static void the_columns_argument_is_well_formed(void **state)
{
    char *text = print(true), open[32];
    size_t depth = 0, quote_count = 0;
    (void)state;
    for (const char *at = text; *at != '\0'; at++) {
        const char *pair = strchr("({[)}]", *at);
        quote_count += *at == '\'';
        if (pair != NULL && pair[*at == '(' || *at == '{' || *at == '[' ? 3 : 0] != *at) {
            assert_true(depth < sizeof open);
            open[depth++] = pair[3];
        } else if (pair != NULL) {
            assert_true(depth > 0 && open[--depth] == *at);
        }
    }
    assert_int_equal(depth, 0);
    assert_int_equal(quote_count % 4, 0);
    assert_null(strstr(text, "()"));
    assert_memory_equal(text, "columns={'schema': 'VARCHAR',\n", 30);
    assert_non_null(strstr(text, "'line': 'BIGINT',"));
    assert_non_null(strstr(text, "'scanned_at': 'TIMESTAMP',"));
    assert_non_null(strstr(text,
                           "'ns': 'STRUCT(\"deployment\" VARCHAR, \"hosts\" VARCHAR[], "
                           "\"provider\" VARCHAR)',"));
    assert_non_null(strstr(text,
                           "'findings': 'STRUCT(\"code\" VARCHAR, \"severity\" VARCHAR, "
                           "\"detail\" VARCHAR)[]'}\n"));
    free(text);
}

static void output_that_cannot_be_written_is_an_error(void **state)
{
    FILE *full = fopen("/dev/full", "w");
    (void)state;
    assert_non_null(full);
    assert_true(schema_print(full, false) < 0);
    assert_true(schema_print(full, true) < 0);
    fclose(full);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            every_kind_of_record_is_as_the_table_says_and_leaves_no_key_unwritten, setup,
            teardown),
        cmocka_unit_test(enums_are_the_contracts_in_its_order),
        cmocka_unit_test(findings_have_every_code_of_every_area_once),
        cmocka_unit_test(the_json_schema_closes_objects_and_enums),
        cmocka_unit_test(the_columns_argument_is_well_formed),
        cmocka_unit_test(output_that_cannot_be_written_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
