#include "bench/lab/certs.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY ((time_t)86400)

struct authority {
    EVP_PKEY *key;
    X509 *certificate;
};

struct authorities {
    char directory[2048];
    EVP_PKEY *leaf_key;
    struct authority root, intermediate, stranger; /* stranger: a root nobody trusts */
    time_t now;
};

static void must(bool is_good, const char *what)
{
    if (!is_good) {
        fprintf(stderr, "lab-gen: %s failed\n", what);
        ERR_print_errors_fp(stderr);
        exit(1);
    }
}

static EVP_PKEY *make_key(void)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    must(key != NULL, "making a key");
    return key;
}

static X509_NAME *make_name(const char *organization, const char *common_name)
{
    X509_NAME *name = X509_NAME_new();
    must(name != NULL, "making a name");
    if (organization != NULL) {
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                                   (const unsigned char *)organization, -1, -1, 0);
    }
    must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                    (const unsigned char *)common_name, -1, -1, 0) == 1,
         "making a name");
    return name;
}

static void add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1,
         "adding an extension");
    X509_EXTENSION_free(extension);
}

static X509 *make_certificate(EVP_PKEY *key, X509_NAME *subject, unsigned serial)
{
    X509 *certificate = X509_new();
    must(certificate != NULL, "making a certificate");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_set_pubkey(certificate, key);
    X509_set_subject_name(certificate, subject);
    return certificate;
}

static void set_dates(X509 *certificate, time_t from, time_t until)
{
    ASN1_TIME_set(X509_getm_notBefore(certificate), from);
    ASN1_TIME_set(X509_getm_notAfter(certificate), until);
}

static void make_authority(struct authority *authority, const struct authority *parent,
                           const char *organization, const char *common_name, time_t now)
{
    X509_NAME *name = make_name(organization, common_name);
    authority->key = make_key();
    authority->certificate = make_certificate(authority->key, name, 1);
    const struct authority *signer = parent != NULL ? parent : authority;
    X509_set_issuer_name(authority->certificate,
                         X509_get_subject_name(signer->certificate));
    set_dates(authority->certificate, now - 365 * DAY, now + 3650 * DAY);
    add_extension(authority->certificate, NID_basic_constraints, "critical,CA:TRUE");
    add_extension(authority->certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    must(X509_sign(authority->certificate, signer->key, EVP_sha256()) > 0, "signing");
    X509_NAME_free(name);
}

static FILE *open_pem(const struct authorities *authorities, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", authorities->directory, name);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        perror(path);
        exit(1);
    }
    return file;
}

static void save_key(const struct authorities *authorities, const char *name,
                     EVP_PKEY *key)
{
    FILE *file = open_pem(authorities, name);
    PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL);
    must(fclose(file) == 0, name);
}

struct authorities *certs_open(const char *directory)
{
    struct authorities *authorities = lab_allocate(1, sizeof *authorities);
    snprintf(authorities->directory, sizeof authorities->directory, "%s", directory);
    authorities->now = time(NULL);
    authorities->leaf_key = make_key();
    make_authority(&authorities->root, NULL, NULL, "Lab Root CA", authorities->now);
    make_authority(&authorities->intermediate, &authorities->root, "Lab, Inc.",
                   "Lab Intermediate CA", authorities->now);
    make_authority(&authorities->stranger, NULL, NULL, "Strange Root CA",
                   authorities->now);
    FILE *file = open_pem(authorities, "lab-ca.pem");
    PEM_write_X509(file, authorities->root.certificate);
    must(fclose(file) == 0, "writing lab-ca.pem");
    save_key(authorities, "certs/leaf.key", authorities->leaf_key);
    save_key(authorities, "certs/intermediate.key", authorities->intermediate.key);
    save_key(authorities, "certs/stranger.key", authorities->stranger.key);
    return authorities;
}

static void free_authority(struct authority *authority)
{
    EVP_PKEY_free(authority->key);
    X509_free(authority->certificate);
}

void certs_free(struct authorities *authorities)
{
    free_authority(&authorities->root);
    free_authority(&authorities->intermediate);
    free_authority(&authorities->stranger);
    EVP_PKEY_free(authorities->leaf_key);
    free(authorities);
}

/* Days from now; chain: what the server sends after the leaf. verify_error: OpenSSL 3.0's
 * X509_verify_cert_error_string() of the first failure. */
struct plan {
    int from_days, until_days;
    const char *issuer, *verify_error;
};

static const struct plan plans[] = {
    [CERTIFICATE_GOOD] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.", NULL},
    [CERTIFICATE_WILDCARD] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.", NULL},
    [CERTIFICATE_EXPIRED] = {-90, -1, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                             "certificate has expired"},
    [CERTIFICATE_NOT_YET_VALID] = {1, 90, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                                   "certificate is not yet valid"},
    [CERTIFICATE_SELF_SIGNED] = {-30, 60, NULL, "self-signed certificate"},
    [CERTIFICATE_UNTRUSTED_ROOT] = {-30, 60, "CN=Strange Root CA",
                                    "self-signed certificate in certificate chain"},
    [CERTIFICATE_UNKNOWN_ISSUER] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                                    "unable to get local issuer certificate"},
    [CERTIFICATE_NAME_MISMATCH] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                                   "hostname mismatch"},
    [CERTIFICATE_WILDCARD_TOO_HIGH] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                                       "hostname mismatch"},
    [CERTIFICATE_CN_ONLY] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                             "hostname mismatch"},
    [CERTIFICATE_CLIENT_ONLY] = {-30, 60, "CN=Lab Intermediate CA,O=Lab\\, Inc.",
                                 "unsuitable certificate purpose"},
};

static int by_bytes(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void add_names(X509 *certificate, const struct certificate *facts)
{
    struct text text = {0};
    for (size_t i = 0; i < facts->name_count; i++) {
        text_format(&text, "%sDNS:%s", i > 0 ? "," : "", facts->names[i]);
    }
    if (facts->name_count > 0) {
        add_extension(certificate, NID_subject_alt_name, text.bytes);
    }
    text_free(&text);
}

static void write_chain(struct authorities *authorities, enum certificate_kind kind,
                        unsigned number, X509 *leaf)
{
    char name[64];
    snprintf(name, sizeof name, "certs/%u.pem", number);
    FILE *file = open_pem(authorities, name);
    PEM_write_X509(file, leaf);
    if (kind == CERTIFICATE_UNTRUSTED_ROOT) {
        PEM_write_X509(file, authorities->stranger.certificate);
    } else if (kind != CERTIFICATE_SELF_SIGNED && kind != CERTIFICATE_UNKNOWN_ISSUER) {
        PEM_write_X509(file, authorities->intermediate.certificate);
    }
    must(fclose(file) == 0, name);
}

static void sign_leaf(struct authorities *authorities, enum certificate_kind kind,
                      X509 *leaf)
{
    if (kind == CERTIFICATE_SELF_SIGNED) {
        X509_set_issuer_name(leaf, X509_get_subject_name(leaf));
        must(X509_sign(leaf, authorities->leaf_key, EVP_sha256()) > 0, "signing");
        return;
    }
    const struct authority *signer = kind == CERTIFICATE_UNTRUSTED_ROOT
                                         ? &authorities->stranger
                                         : &authorities->intermediate;
    X509_set_issuer_name(leaf, X509_get_subject_name(signer->certificate));
    must(X509_sign(leaf, signer->key, EVP_sha256()) > 0, "signing");
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
    text_format(&text, "CN=%s", subject);
    facts->subject = text.bytes;
    facts->issuer = lab_copy(plan->issuer != NULL ? plan->issuer : facts->subject);
    facts->verify_error = plan->verify_error;
    format_time(facts->not_before, now + plan->from_days * DAY);
    format_time(facts->not_after, now + plan->until_days * DAY);
}

void certs_issue(struct authorities *authorities, enum certificate_kind kind,
                 unsigned number, const char *subject, struct certificate *facts)
{
    const struct plan *plan = &plans[kind];
    X509_NAME *name = make_name(NULL, subject);
    X509 *leaf = make_certificate(authorities->leaf_key, name, number + 100);
    qsort(facts->names, facts->name_count, sizeof facts->names[0], by_bytes);
    set_dates(leaf, authorities->now + plan->from_days * DAY,
              authorities->now + plan->until_days * DAY);
    add_extension(leaf, NID_basic_constraints, "CA:FALSE");
    add_extension(leaf, NID_key_usage, "critical,digitalSignature");
    add_extension(leaf, NID_ext_key_usage,
                  kind == CERTIFICATE_CLIENT_ONLY ? "clientAuth" : "serverAuth");
    add_names(leaf, facts);
    sign_leaf(authorities, kind, leaf);
    write_chain(authorities, kind, number, leaf);
    fill_facts(facts, plan, authorities->now, subject);
    X509_free(leaf);
    X509_NAME_free(name);
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
