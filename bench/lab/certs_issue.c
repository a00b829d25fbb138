/* Leaves: each kind as a row of a table. */
#include "bench/lab/certs.h"
#include "bench/lab/certs_parts.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

/* what a macro gives for most kinds some override */
#pragma GCC diagnostic ignored "-Woverride-init"

#define INTERMEDIATE_CA "CN=Lab Intermediate CA,O=Lab\\, Inc."
#define MANY_NAMES 999  /* beside the right one */
#define SHOWN_NAMES 512 /* in a record (docs/record.md) */

/* verify_error: OpenSSL 3.0's X509_verify_cert_error_string() of the first failure. */
static const struct plan {
    int from_days, until_days; /* from now */
    enum authority_id issuer;  /* ROOT: signs itself */
    const char *issuer_name;   /* as shown; NULL: its own */
    const char *verify_error;
    bool is_alone;               /* the server sends nothing along */
    const char *san, *san_shown; /* in place of the names given */
    const char *key_usage, *purpose;
    enum key_id key;
    const char *digest; /* NULL: SHA256 */
    bool is_signed_by_another;
    unsigned
        more; /* so many certificates are sent along that have nothing to do with it */
    bool has_many_names, is_hostile;
} plans[] = {
#define SIGNED                                                                           \
    .from_days = -30, .until_days = 60, .issuer = AUTHORITY_INTERMEDIATE,                \
    .issuer_name = INTERMEDIATE_CA, .key_usage = "critical,digitalSignature",            \
    .purpose = "serverAuth"
#define SIGNED_BY(id, name) SIGNED, .issuer = AUTHORITY_##id, .issuer_name = "CN=" name
#define MISMATCH .verify_error = "hostname mismatch"
    [CERTIFICATE_GOOD] = {SIGNED},
    [CERTIFICATE_WILDCARD] = {SIGNED},
    [CERTIFICATE_EXPIRED] = {SIGNED, .from_days = -90, .until_days = -1,
                             .verify_error = "certificate has expired"},
    [CERTIFICATE_NOT_YET_VALID] = {SIGNED, .from_days = 1, .until_days = 90,
                                   .verify_error = "certificate is not yet valid"},
    [CERTIFICATE_SELF_SIGNED] = {SIGNED, .issuer = AUTHORITY_ROOT, .issuer_name = NULL,
                                 .verify_error = "self-signed certificate"},
    [CERTIFICATE_UNTRUSTED_ROOT] = {SIGNED_BY(STRANGER, "Strange Root CA"),
                                    .verify_error =
                                        "self-signed certificate in certificate chain"},
    [CERTIFICATE_UNKNOWN_ISSUER] = {SIGNED, .is_alone = true,
                                    .verify_error =
                                        "unable to get local issuer certificate"},
    [CERTIFICATE_NAME_MISMATCH] = {SIGNED, MISMATCH},
    [CERTIFICATE_WILDCARD_TOO_HIGH] = {SIGNED, MISMATCH},
    [CERTIFICATE_CN_ONLY] = {SIGNED, MISMATCH},
    [CERTIFICATE_CLIENT_ONLY] = {SIGNED, .purpose = "clientAuth",
                                 .verify_error = "unsuitable certificate purpose"},
    [CERTIFICATE_WILDCARD_TWO_LABELS] = {SIGNED, MISMATCH, .san = "DNS:*.net",
                                         .san_shown = "*.net"},
    [CERTIFICATE_WILDCARD_INSIDE] = {SIGNED, MISMATCH, .san = "DNS:mta-sts.*.net",
                                     .san_shown = "mta-sts.*.net"},
    [CERTIFICATE_ADDRESS_ONLY] = {SIGNED, MISMATCH, .san = "IP:198.18.8.1",
                                  .san_shown = "198.18.8.1"},
    [CERTIFICATE_ISSUER_NO_CA] = {SIGNED_BY(NO_CA, "Lab No CA"),
                                  .verify_error = "invalid CA certificate"},
    [CERTIFICATE_ISSUER_EXPIRED] = {SIGNED_BY(FORMER, "Lab Former CA"),
                                    .verify_error = "certificate has expired"},
    [CERTIFICATE_PATH_TOO_LONG] = {SIGNED_BY(BELOW_LAST, "Lab Lower CA"),
                                   .verify_error = "path length constraint exceeded"},
    [CERTIFICATE_KEY_USAGE] = {SIGNED, .key_usage = "critical,cRLSign",
                               .verify_error = "unsuitable certificate purpose"},
    [CERTIFICATE_SHA1] = {SIGNED, .digest = "SHA1",
                          .verify_error = "CA signature digest algorithm too weak"},
    [CERTIFICATE_MD5] = {SIGNED_BY(RSA, "Lab RSA CA"), .digest = "MD5",
                         .verify_error = "CA signature digest algorithm too weak"},
    [CERTIFICATE_WEAK_KEY] = {SIGNED, .key = KEY_WEAK,
                              .verify_error = "EE certificate key too weak"},
    [CERTIFICATE_WEAKEST_KEY] = {SIGNED, .key = KEY_WEAKEST,
                                 .verify_error = "EE certificate key too weak"},
    [CERTIFICATE_BAD_SIGNATURE] = {SIGNED, .is_signed_by_another = true,
                                   .verify_error = "certificate signature failure"},
    [CERTIFICATE_OTHER_KEY] = {SIGNED, .key = KEY_FOREIGN},
    [CERTIFICATE_EXPIRED_OTHER_NAME] = {SIGNED, MISMATCH, .from_days = -90,
                                        .until_days = -1, .san = "DNS:www.lab.net",
                                        .san_shown = "www.lab.net"},
    [CERTIFICATE_SELF_SIGNED_EXPIRED] = {SIGNED, .from_days = -90, .until_days = -1,
                                         .issuer = AUTHORITY_ROOT, .issuer_name = NULL,
                                         .verify_error = "self-signed certificate"},
    [CERTIFICATE_LONG_CHAIN] = {SIGNED, .more = 100},
    [CERTIFICATE_ENDLESS_CHAIN] = {SIGNED, .more = 400},
    [CERTIFICATE_MANY_NAMES] = {SIGNED, .has_many_names = true},
    [CERTIFICATE_HOSTILE] = {SIGNED, .is_hostile = true},
};

/* ---- names ---- */

/* NUL, ESC, LF, RIGHT-TO-LEFT OVERRIDE, and what is no UTF-8; that in a subject OpenSSL
 * would not read at all */
#define HOSTILE_NAME_NUL "a\0b.net"
#define HOSTILE_NAME_NUL_SHOWN "a\\000b.net"
#define HOSTILE_NAME "\xe2\x80\xae\n\xff.net"
#define HOSTILE_NAME_SHOWN "\xe2\x80\xae\n\\255.net"
#define HOSTILE_SUBJECT "a\0\x1b\n\xe2\x80\xae"
#define HOSTILE_SUBJECT_SHOWN "CN=a\\00\\1B\\0A\\E2\\80\\AE"

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void add_name(GENERAL_NAMES *names, const char *bytes, size_t len)
{
    GENERAL_NAME *name = GENERAL_NAME_new();
    ASN1_IA5STRING *text = ASN1_IA5STRING_new();
    certs_must(name != NULL && text != NULL &&
                   ASN1_STRING_set(text, bytes, (int)len) == 1 &&
                   sk_GENERAL_NAME_push(names, name) > 0,
               "making a name");
    GENERAL_NAME_set0_value(name, GEN_DNS, text);
}

static char *numbered_name(unsigned number)
{
    struct text text = {0};
    text_format(&text, "n%04u.lab.net", number);
    return text.bytes;
}

static void add_names(X509 *certificate, const struct plan *plan,
                      const struct certificate *facts)
{
    if (plan->san != NULL) {
        certs_add_extension(certificate, NID_subject_alt_name, plan->san);
        return;
    }
    GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
    for (size_t i = 0; i < facts->name_count; i++) {
        add_name(names, facts->names[i], strlen(facts->names[i]));
    }
    for (unsigned i = 1; plan->has_many_names && i <= MANY_NAMES; i++) {
        char *name = numbered_name(i);
        add_name(names, name, strlen(name));
        free(name);
    }
    if (plan->is_hostile) {
        add_name(names, HOSTILE_NAME_NUL, sizeof HOSTILE_NAME_NUL - 1);
        add_name(names, HOSTILE_NAME, sizeof HOSTILE_NAME - 1);
    }
    if (sk_GENERAL_NAME_num(names) > 0) {
        certs_must(X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0) == 1,
                   "adding names");
    }
    GENERAL_NAMES_free(names);
}

static void add_shown(struct certificate *facts, char *name)
{
    size_t count = facts->name_count + 1;
    char **names = realloc(facts->names, count * sizeof *names);
    if (names == NULL) {
        abort();
    }
    names[facts->name_count] = name;
    facts->names = names;
    facts->name_count = count;
}

static void show_names(struct certificate *facts, const struct plan *plan)
{
    for (size_t i = 0; plan->san != NULL && i < facts->name_count; i++) {
        free(facts->names[i]);
    }
    if (plan->san != NULL) {
        facts->name_count = 0;
        add_shown(facts, lab_copy(plan->san_shown));
    }
    for (unsigned i = 1; plan->has_many_names && facts->name_count < SHOWN_NAMES; i++) {
        add_shown(facts, numbered_name(i));
    }
    if (plan->is_hostile) {
        add_shown(facts, lab_copy(HOSTILE_NAME_NUL_SHOWN));
        add_shown(facts, lab_copy(HOSTILE_NAME_SHOWN));
    }
    qsort(facts->names, facts->name_count, sizeof facts->names[0], by_bytes);
}

static X509_NAME *make_subject(const struct plan *plan, const char *subject)
{
    if (!plan->is_hostile) {
        return certs_make_name(NULL, subject);
    }
    X509_NAME *name = X509_NAME_new();
    certs_must(name != NULL &&
                   X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING,
                                              (const unsigned char *)HOSTILE_SUBJECT,
                                              sizeof HOSTILE_SUBJECT - 1, -1, 0) == 1,
               "making a name");
    return name;
}

/* ---- the certificate ---- */

static void write_chain(const struct authorities *authorities, const struct plan *plan,
                        unsigned number, X509 *leaf)
{
    char name[64];
    snprintf(name, sizeof name, "certs/%u.pem", number);
    FILE *file = certs_open_pem(authorities, name);
    PEM_write_X509(file, leaf);
    const struct authority *root = &authorities->list[AUTHORITY_ROOT];
    for (const struct authority *issuer = &authorities->list[plan->issuer];
         !plan->is_alone && issuer != NULL && issuer != root; issuer = issuer->parent) {
        PEM_write_X509(file, issuer->certificate);
    }
    for (unsigned i = 0; i < plan->more; i++) {
        PEM_write_X509(file, authorities->list[AUTHORITY_STRANGER].certificate);
    }
    certs_must(fclose(file) == 0, name);
}

static void sign_leaf(const struct authorities *authorities, const struct plan *plan,
                      X509 *leaf)
{
    const struct authority *issuer = &authorities->list[plan->issuer];
    bool is_own = plan->issuer == AUTHORITY_ROOT;
    EVP_PKEY *key = is_own ? authorities->keys[KEY_LEAF] : issuer->key;
    if (plan->is_signed_by_another) {
        key = authorities->list[AUTHORITY_STRANGER].key;
    }
    X509_set_issuer_name(leaf,
                         X509_get_subject_name(is_own ? leaf : issuer->certificate));
    const char *digest = plan->digest != NULL ? plan->digest : "SHA256";
    certs_must(X509_sign(leaf, key, EVP_get_digestbyname(digest)) > 0, "signing");
}

static void format_time(char text[32], time_t at)
{
    struct tm fields;
    gmtime_r(&at, &fields);
    strftime(text, 32, "%Y-%m-%dT%H:%M:%S.000Z", &fields);
}

static void fill_facts(struct certificate *facts, const struct plan *plan, time_t now,
                       const char *subject)
{
    struct text text = {0};
    if (plan->is_hostile) {
        text_add(&text, HOSTILE_SUBJECT_SHOWN);
    } else {
        text_format(&text, "CN=%s", subject);
    }
    facts->subject = text.bytes;
    facts->issuer = lab_copy(plan->issuer_name != NULL ? plan->issuer_name : text.bytes);
    facts->verify_error = plan->verify_error;
    format_time(facts->not_before, now + plan->from_days * DAY);
    format_time(facts->not_after, now + plan->until_days * DAY);
    show_names(facts, plan);
}

void certs_issue(struct authorities *authorities, enum certificate_kind kind,
                 unsigned number, const char *subject, struct certificate *facts)
{
    const struct plan *plan = &plans[kind];
    X509_NAME *name = make_subject(plan, subject);
    /* the foreign key says that it is the leaves' */
    EVP_PKEY *key = authorities->keys[plan->key == KEY_FOREIGN ? KEY_LEAF : plan->key];
    X509 *leaf = certs_make_certificate(key, name, number + 100);
    certs_set_dates(leaf, authorities->now + plan->from_days * DAY,
                    authorities->now + plan->until_days * DAY);
    certs_add_extension(leaf, NID_basic_constraints, "CA:FALSE");
    certs_add_extension(leaf, NID_key_usage, plan->key_usage);
    certs_add_extension(leaf, NID_ext_key_usage, plan->purpose);
    add_names(leaf, plan, facts);
    sign_leaf(authorities, plan, leaf);
    write_chain(authorities, plan, number, leaf);
    fill_facts(facts, plan, authorities->now, subject);
    X509_free(leaf);
    X509_NAME_free(name);
}

const char *certs_key_file(enum certificate_kind kind)
{
    return certs_key_name(plans[kind].key);
}

void certs_clear(struct certificate *facts)
{
    for (size_t i = 0; i < facts->name_count; i++) {
        free(facts->names[i]);
    }
    free(facts->names);
    free(facts->subject);
    free(facts->issuer);
}
