#include "bench/lab/certs.h"
#include "bench/lab/certs_parts.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void certs_must(bool is_good, const char *what)
{
    if (!is_good) {
        fprintf(stderr, "lab-gen: %s failed\n", what);
        ERR_print_errors_fp(stderr);
        exit(1);
    }
}

X509_NAME *certs_make_name(const char *organization, const char *common_name)
{
    X509_NAME *name = X509_NAME_new();
    certs_must(name != NULL, "making a name");
    if (organization != NULL) {
        X509_NAME_add_entry_by_txt(name, "O", MBSTRING_UTF8,
                                   (const unsigned char *)organization, -1, -1, 0);
    }
    certs_must(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8,
                                          (const unsigned char *)common_name, -1, -1,
                                          0) == 1,
               "making a name");
    return name;
}

void certs_add_extension(X509 *certificate, int nid, const char *value)
{
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    certs_must(extension != NULL && X509_add_ext(certificate, extension, -1) == 1,
               "adding an extension");
    X509_EXTENSION_free(extension);
}

X509 *certs_make_certificate(EVP_PKEY *key, X509_NAME *subject, unsigned serial)
{
    X509 *certificate = X509_new();
    certs_must(certificate != NULL, "making a certificate");
    X509_set_version(certificate, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), serial);
    X509_set_pubkey(certificate, key);
    certs_must(X509_set_subject_name(certificate, subject) == 1, "naming a subject");
    return certificate;
}

void certs_set_dates(X509 *certificate, time_t from, time_t until)
{
    ASN1_TIME_set(X509_getm_notBefore(certificate), from);
    ASN1_TIME_set(X509_getm_notAfter(certificate), until);
}

FILE *certs_open_pem(const struct authorities *authorities, const char *name)
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

/* ---- authorities ---- */

static const struct authority_plan {
    const char *organization, *common_name;
    enum authority_id issuer;
    const char *constraints;
    int until_days; /* from now */
} plans[AUTHORITY_COUNT] = {
    [AUTHORITY_ROOT] = {NULL, "Lab Root CA", AUTHORITY_ROOT, "critical,CA:TRUE", 3650},
    [AUTHORITY_INTERMEDIATE] = {"Lab, Inc.", "Lab Intermediate CA", AUTHORITY_ROOT,
                                "critical,CA:TRUE", 3650},
    [AUTHORITY_STRANGER] = {NULL, "Strange Root CA", AUTHORITY_STRANGER,
                            "critical,CA:TRUE", 3650},
    [AUTHORITY_NO_CA] = {NULL, "Lab No CA", AUTHORITY_ROOT, "critical,CA:FALSE", 3650},
    [AUTHORITY_FORMER] = {NULL, "Lab Former CA", AUTHORITY_ROOT, "critical,CA:TRUE", -1},
    [AUTHORITY_LAST] = {NULL, "Lab Last CA", AUTHORITY_ROOT, "critical,CA:TRUE,pathlen:0",
                        3650},
    [AUTHORITY_BELOW_LAST] = {NULL, "Lab Lower CA", AUTHORITY_LAST, "critical,CA:TRUE",
                              3650},
    [AUTHORITY_RSA] = {NULL, "Lab RSA CA", AUTHORITY_ROOT, "critical,CA:TRUE", 3650},
};

static void make_authority(struct authorities *authorities, enum authority_id id)
{
    const struct authority_plan *plan = &plans[id];
    struct authority *authority = &authorities->list[id];
    const struct authority *issuer = &authorities->list[plan->issuer];
    X509_NAME *name = certs_make_name(plan->organization, plan->common_name);
    authority->parent = plan->issuer == id ? NULL : issuer;
    authority->key = id == AUTHORITY_RSA ? EVP_RSA_gen(2048) : EVP_EC_gen("P-256");
    certs_must(authority->key != NULL, "making a key");
    X509 *certificate = certs_make_certificate(authority->key, name, id + 1);
    authority->certificate = certificate;
    X509_set_issuer_name(certificate, X509_get_subject_name(issuer->certificate));
    certs_set_dates(certificate, authorities->now - 365 * DAY,
                    authorities->now + plan->until_days * DAY);
    certs_add_extension(certificate, NID_basic_constraints, plan->constraints);
    certs_add_extension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
    certs_must(X509_sign(certificate, issuer->key, EVP_sha256()) > 0, "signing");
    X509_NAME_free(name);
}

/* ---- keys ---- */

const char *certs_key_name(enum key_id id)
{
    static const char *const names[] = {
        [KEY_LEAF] = "certs/leaf.key",
        [KEY_WEAK] = "certs/weak.key",
        [KEY_WEAKEST] = "certs/weakest.key",
        [KEY_FOREIGN] = "certs/foreign.key",
    };
    return names[id];
}

static void save_key(const struct authorities *authorities, const char *name,
                     const EVP_PKEY *key)
{
    FILE *file = certs_open_pem(authorities, name);
    certs_must(PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1 &&
                   fclose(file) == 0,
               name);
}

/* Of those that sign leaves: lab-faults does so, too (CERTS_SIGNERS). */
static void save_authority_keys(const struct authorities *authorities)
{
    static const char *const names[AUTHORITY_COUNT] = {
        [AUTHORITY_INTERMEDIATE] = "certs/intermediate.key",
        [AUTHORITY_STRANGER] = "certs/stranger.key",
        [AUTHORITY_NO_CA] = "certs/no-ca.key",
        [AUTHORITY_FORMER] = "certs/former.key",
        [AUTHORITY_BELOW_LAST] = "certs/lower.key",
        [AUTHORITY_RSA] = "certs/rsa.key",
    };
    for (size_t i = 0; i < AUTHORITY_COUNT; i++) {
        if (names[i] != NULL) {
            save_key(authorities, names[i], authorities->list[i].key);
        }
    }
}

/* The private half of one and the public half of the other. */
static EVP_PKEY *mix_keys(const EVP_PKEY *secret, const EVP_PKEY *shown)
{
    unsigned char point[128];
    size_t len = 0;
    BIGNUM *number = NULL;
    EVP_PKEY *mixed = NULL;
    certs_must(EVP_PKEY_get_bn_param(secret, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 &&
                   EVP_PKEY_get_octet_string_param(shown, OSSL_PKEY_PARAM_PUB_KEY, point,
                                                   sizeof point, &len) == 1,
               "reading a key");
    OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, "P-256", 0);
    OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, number);
    OSSL_PARAM_BLD_push_octet_string(builder, OSSL_PKEY_PARAM_PUB_KEY, point, len);
    OSSL_PARAM *parts = OSSL_PARAM_BLD_to_param(builder);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    certs_must(EVP_PKEY_fromdata_init(context) == 1 &&
                   EVP_PKEY_fromdata(context, &mixed, EVP_PKEY_KEYPAIR, parts) == 1,
               "mixing keys");
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parts);
    OSSL_PARAM_BLD_free(builder);
    BN_free(number);
    return mixed;
}

static void make_keys(struct authorities *authorities)
{
    EVP_PKEY **keys = authorities->keys;
    keys[KEY_LEAF] = EVP_EC_gen("P-256");
    keys[KEY_WEAK] = EVP_RSA_gen(1024);
    keys[KEY_WEAKEST] = EVP_RSA_gen(512);
    for (enum key_id id = KEY_LEAF; id < KEY_FOREIGN; id++) {
        certs_must(keys[id] != NULL, "making a key");
        save_key(authorities, certs_key_name(id), keys[id]);
    }
    EVP_PKEY *foreign =
        mix_keys(authorities->list[AUTHORITY_STRANGER].key, keys[KEY_LEAF]);
    save_key(authorities, certs_key_name(KEY_FOREIGN), foreign);
    EVP_PKEY_free(foreign);
}

struct authorities *certs_open(const char *directory)
{
    struct authorities *authorities = lab_allocate(1, sizeof *authorities);
    snprintf(authorities->directory, sizeof authorities->directory, "%s", directory);
    authorities->now = time(NULL);
    for (enum authority_id id = AUTHORITY_ROOT; id < AUTHORITY_COUNT; id++) {
        make_authority(authorities, id);
    }
    make_keys(authorities);
    save_authority_keys(authorities);
    FILE *file = certs_open_pem(authorities, "lab-ca.pem");
    PEM_write_X509(file, authorities->list[AUTHORITY_ROOT].certificate);
    certs_must(fclose(file) == 0, "writing lab-ca.pem");
    return authorities;
}

void certs_free(struct authorities *authorities)
{
    for (size_t i = 0; i < AUTHORITY_COUNT; i++) {
        EVP_PKEY_free(authorities->list[i].key);
        X509_free(authorities->list[i].certificate);
    }
    for (enum key_id id = KEY_LEAF; id < KEY_FOREIGN; id++) {
        EVP_PKEY_free(authorities->keys[id]);
    }
    free(authorities);
}
