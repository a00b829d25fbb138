/* MTA-STS: record, policy and MX hosts together. */
#include "bench/lab/expect.h"

#include <openssl/evp.h>
#include <string.h>

static bool is_usable(const struct policy_template *policy)
{
    return policy != NULL && strcmp(policy->stage, "ok") == 0;
}

static bool is_served(const struct policy_template *policy)
{
    return is_usable(policy) || (policy != NULL && strcmp(policy->stage, "syntax") == 0);
}

/* For MX hosts no policy is written for, in policies that cannot be used anyway. */
static const char *const any_pattern[4] = {"mail.{d}"};

static const struct mx_match *match_of(const struct person *person)
{
    return &mx_matches[person->mx->family][person->policy->relation];
}

static const char *const *patterns_of(const struct person *person)
{
    const struct mx_match *match = match_of(person);
    return match->result != NULL ? match->patterns : any_pattern;
}

static void add_mx_lines(struct text *text, const struct person *person, const char *end)
{
    const char *const *patterns = patterns_of(person);
    for (size_t i = 0; i < 4 && patterns[i] != NULL; i++) {
        text_add(text, "mx: ");
        text_add(text, patterns[i]);
        text_add(text, end);
    }
}

static void fill_body(struct text *body, const struct person *person,
                      const char *template)
{
    struct text lines = {0};
    for (const char *at = template; *at != '\0'; at++) {
        if (strncmp(at, "{m}", 3) == 0 || strncmp(at, "{M}", 3) == 0) {
            add_mx_lines(&lines, person, at[1] == 'm' ? "\n" : "\r\n");
            at += 2;
        } else {
            text_add_len(&lines, at, 1);
        }
    }
    text_expand(body, lines.bytes != NULL ? lines.bytes : "", &person->names);
    text_free(&lines);
}

#define PAD_KEY "x-pad: "

static void pad_body(struct text *body, unsigned bytes)
{
    text_add(body, PAD_KEY);
    while (body->len + 1 < bytes) {
        text_add(body, "a");
    }
    text_add(body, "\n");
}

void expect_policy_body(struct text *body, const struct person *person)
{
    fill_body(body, person, person->policy->body);
    if (person->policy->body_bytes > 0) {
        pad_body(body, person->policy->body_bytes);
    }
}

static void put_sha256(struct text *out, const struct text *body)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    char shown[2 * EVP_MAX_MD_SIZE + 1] = "";
    EVP_Digest(body->bytes, body->len, digest, &len, EVP_sha256(), NULL);
    for (size_t i = 0; i < len; i++) {
        snprintf(shown + 2 * i, 3, "%02x", digest[i]);
    }
    put_text(out, "body_sha256", shown);
}

/* Only a policy that was served whole is shown. */
static void put_body(struct text *out, const struct person *person)
{
    const struct policy_template *policy = person->policy;
    if (!is_served(policy)) {
        put_raw(out, "body", NULL);
        put_raw(out, "body_bytes", NULL);
        put_raw(out, "body_sha256", NULL);
        return;
    }
    struct text body = {0}, shown = {0};
    expect_policy_body(&body, person);
    if (policy->shown != NULL) {
        fill_body(&shown, person, policy->shown);
    } else {
        text_add(&shown, body.bytes);
    }
    put_text(out, "body", shown.bytes);
    put_number(out, "body_bytes", body.len);
    put_sha256(out, &body);
    text_free(&body);
    text_free(&shown);
}

static void put_certificate(struct text *out, const struct certificate *certificate)
{
    static const struct certificate nothing;
    bool shown = certificate != NULL;
    certificate = shown ? certificate : &nothing;
    put_text(out, "version", shown ? "TLSv1.3" : NULL);
    put_text(out, "cipher", shown ? "TLS_AES_256_GCM_SHA384" : NULL);
    put_text(out, "verify_error", certificate->verify_error);
    put_text(out, "subject", certificate->subject);
    put_text(out, "issuer", certificate->issuer);
    open_list(out, "names");
    for (size_t i = 0; i < certificate->name_count; i++) {
        text_add(out, i > 0 ? "," : "");
        text_json(out, certificate->names[i]);
    }
    close_list(out);
    put_text(out, "not_before", shown ? certificate->not_before : NULL);
    put_text(out, "not_after", shown ? certificate->not_after : NULL);
}

static void put_tls(struct text *out, const struct person *person)
{
    const struct policy_template *policy = person->policy;
    if (policy == NULL || strcmp(policy->stage, "dns") == 0 ||
        strcmp(policy->stage, "tcp") == 0) {
        put_raw(out, "tls", NULL);
        return;
    }
    open_object(out, "tls");
    put_certificate(out, person->certificate);
    close_object(out);
}

static void put_addresses(struct text *out, const struct person *person)
{
    open_list(out, "addresses");
    if (person->policy != NULL && person->policy_address != NULL) {
        text_json(out, person->policy_address);
        const char *const *more = person->policy->more_addresses;
        for (size_t i = 0; i < 3 && more[i] != NULL; i++) {
            text_add(out, ",");
            text_json(out, more[i]);
        }
    }
    close_list(out);
    put_text(out, "address", person->policy_address);
}

static const struct policy_template not_fetched = {.stage = "not_fetched", .no_mx = true};

static void put_policy_mx(struct text *out, const struct person *person,
                          const struct policy_template *policy)
{
    if (policy->mx[0] != NULL || policy->no_mx) {
        put_list(out, "mx", policy->mx, 4, &person->names);
    } else {
        put_list(out, "mx", patterns_of(person), 4, &person->names);
    }
}

static void put_policy(struct text *out, const struct person *person)
{
    const struct policy_template *policy =
        person->policy != NULL ? person->policy : &not_fetched;
    open_object(out, "policy");
    put_text(out, "stage", policy->stage);
    put_text(out, "error", policy->error);
    put_filled(out, "url",
               person->policy != NULL ? "https://mta-sts.{d}/.well-known/mta-sts.txt"
                                      : NULL,
               &person->names);
    put_addresses(out, person);
    put_list(out, "cname", policy->cname, 4, &person->names);
    put_raw(out, "provider", NULL);
    put_raw(out, "http_status", NULL);
    if (policy->http_status > 0) {
        out->len -= strlen("null");
        text_format(out, "%d", policy->http_status);
    }
    put_text(out, "content_type", policy->content_type);
    put_body(out, person);
    put_raw(out, "duration_ms", person->policy != NULL ? "0" : NULL);
    put_tls(out, person);
    put_text(out, "version", policy->version);
    put_text(out, "mode", policy->mode);
    put_raw(out, "max_age", policy->max_age);
    put_policy_mx(out, person, policy);
    put_codes(out, policy->findings);
    close_object(out);
}

static bool is_matched(const struct person *person)
{
    return is_usable(person->policy) && strcmp(person->policy->mode, "none") != 0;
}

static void put_match(struct text *out, const struct person *person)
{
    static const struct mx_match not_applicable = {.result = "not_applicable"};
    const struct mx_match *match =
        is_matched(person) ? match_of(person) : &not_applicable;
    open_object(out, "mx_match");
    put_text(out, "result", match->result);
    put_list(out, "unmatched", match->unmatched, 4, &person->names);
    put_text(out, "kind", match->kind);
    close_object(out);
}

void expect_mta_sts(struct text *out, const struct person *person)
{
    const struct mta_sts_template *record = person->mta_sts;
    bool is_orphan = !is_policy_fetched(record);
    bool is_judged = !is_orphan || is_served(person->policy);
    bool valid = (record->valid || is_orphan) && is_usable(person->policy);
    open_object(out, "mta_sts");
    put_text(out, "deployment", record->deployment);
    put_text(out, "validity", !is_judged ? NULL : valid ? "valid" : "invalid");
    put_text(out, "lifecycle",
             !is_judged  ? "absent"
             : is_orphan ? "orphan_policy"
             : valid     ? person->policy->mode
                         : "broken");
    put_filled(out, "record", record->record, &person->names);
    put_list(out, "records", record->records, 4, &person->names);
    put_raw(out, "ttl", record->record != NULL ? "3600" : NULL);
    put_list(out, "cname", record->cname, 4, &person->names);
    put_raw(out, "provider", NULL);
    put_text(out, "id", record->id);
    put_policy(out, person);
    put_match(out, person);
    put_codes(out, record->findings);
    close_object(out);
}

void expect_cross(const struct person *person, struct findings *found)
{
    if (is_matched(person)) {
        const struct mx_match *match = match_of(person);
        char severity = strcmp(person->policy->mode, "enforce") == 0 ? 'E' : 'W';
        for (size_t i = 0; i < 4 && match->unmatched[i] != NULL; i++) {
            findings_add(found,
                         (struct finding){severity, "mx_unmatched", match->unmatched[i]});
        }
    }
    if (is_policy_fetched(person->mta_sts) &&
        strcmp(person->tls_rpt->deployment, "absent") == 0) {
        findings_add(found, (struct finding)W("no_tls_rpt", NULL));
    }
}
