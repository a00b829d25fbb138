#include "fetch/signature_memo.h"

#include "tests/tls_server.h"

#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

enum who {
    ROOT,
    INTERMEDIATE,
    LEAF,
    OTHER_LEAF,
    EXPIRED_LEAF,
    EARLY_LEAF,
    FORGED_LEAF, /* its issuer's name and key identifier, another key's signature */
    LEAF_OF_LEAF,
    EXPIRED_INTERMEDIATE,
    LEAF_OF_EXPIRED,
    FORGED_INTERMEDIATE,
    LEAF_OF_FORGED,
    SIGNLESS_INTERMEDIATE, /* a key usage without keyCertSign */
    LEAF_OF_SIGNLESS,
    OTHER_ROOT,
    LEAF_OF_OTHER,
    WHO_COUNT
};

static struct identity identities[WHO_COUNT];

/* What a verification said, call by call. */
struct trail {
    int result, error, depth;
    char calls[512];
};

static struct trail *current;
static bool goes_on; /* the callback overrules failures, as no fetch does */

static int on_verify(int is_ok, X509_STORE_CTX *ctx)
{
    size_t len = strlen(current->calls);
    snprintf(current->calls + len, sizeof current->calls - len, "%d@%d:%d ", is_ok,
             X509_STORE_CTX_get_error_depth(ctx), X509_STORE_CTX_get_error(ctx));
    assert_non_null(X509_STORE_CTX_get_current_cert(ctx));
    return goes_on ? 1 : is_ok;
}

static void verify(X509_STORE *store, enum who leaf, enum who intermediate,
                   struct trail *trail)
{
    STACK_OF(X509) *sent = sk_X509_new_null();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    memset(trail, 0, sizeof *trail);
    current = trail;
    sk_X509_push(sent, identities[intermediate].certificate);
    assert_int_equal(X509_STORE_CTX_init(ctx, store, identities[leaf].certificate, sent),
                     1);
    X509_STORE_CTX_set_verify_cb(ctx, on_verify);
    trail->result = X509_verify_cert(ctx);
    trail->error = X509_STORE_CTX_get_error(ctx);
    trail->depth = X509_STORE_CTX_get_error_depth(ctx);
    X509_STORE_CTX_free(ctx);
    sk_X509_free(sent);
}

static X509_STORE *make_store(void)
{
    X509_STORE *store = X509_STORE_new();
    assert_non_null(store);
    assert_int_equal(X509_STORE_add_cert(store, identities[ROOT].certificate), 1);
    return store;
}

static void assert_same_trail(X509_STORE *plain, X509_STORE *remembering, enum who leaf,
                              enum who intermediate)
{
    struct trail expected, seen;
    verify(plain, leaf, intermediate, &expected);
    for (unsigned i = 0; i < 3; i++) { /* new, known, known */
        verify(remembering, leaf, intermediate, &seen);
        assert_int_equal(seen.result, expected.result);
        assert_int_equal(seen.error, expected.error);
        assert_int_equal(seen.depth, expected.depth);
        assert_string_equal(seen.calls, expected.calls);
    }
}

static void every_pair_of_certificates_is_judged_as_without_a_memo(void **state)
{
    (void)state;
    X509_STORE *plain = make_store(), *remembering = make_store();
    struct signature_memo *memo = signature_memo_open(remembering);
    assert_non_null(memo);
    for (unsigned i = 0; i < 2 * WHO_COUNT * WHO_COUNT; i++) {
        goes_on = i % 2 == 1;
        assert_same_trail(plain, remembering, i / 2 / WHO_COUNT, i / 2 % WHO_COUNT);
    }
    goes_on = false;
    assert_true(memo->known > memo->checked);
    X509_STORE_free(plain);
    X509_STORE_free(remembering);
    signature_memo_free(memo);
}

static void the_cases_of_this_test_are_what_they_are_called(void **state)
{
    (void)state;
    static const struct {
        enum who leaf, intermediate;
        int error;
    } cases[] = {
        {LEAF, INTERMEDIATE, X509_V_OK},
        {OTHER_LEAF, INTERMEDIATE, X509_V_OK},
        {EXPIRED_LEAF, INTERMEDIATE, X509_V_ERR_CERT_HAS_EXPIRED},
        {EARLY_LEAF, INTERMEDIATE, X509_V_ERR_CERT_NOT_YET_VALID},
        {FORGED_LEAF, INTERMEDIATE, X509_V_ERR_CERT_SIGNATURE_FAILURE},
        {LEAF_OF_EXPIRED, EXPIRED_INTERMEDIATE, X509_V_ERR_CERT_HAS_EXPIRED},
        {LEAF_OF_FORGED, FORGED_INTERMEDIATE, X509_V_ERR_CERT_SIGNATURE_FAILURE},
        {LEAF_OF_SIGNLESS, SIGNLESS_INTERMEDIATE, X509_V_ERR_INVALID_CA},
        {LEAF_OF_OTHER, OTHER_ROOT, X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN},
    };
    X509_STORE *store = make_store();
    struct signature_memo *memo = signature_memo_open(store);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct trail trail;
        verify(store, cases[i].leaf, cases[i].intermediate, &trail);
        assert_int_equal(trail.error, cases[i].error);
    }
    X509_STORE_free(store);
    signature_memo_free(memo);
}

static void an_intermediate_is_checked_once_for_all_its_leaves(void **state)
{
    (void)state;
    X509_STORE *store = make_store();
    struct signature_memo *memo = signature_memo_open(store);
    struct trail trail;
    verify(store, LEAF, INTERMEDIATE, &trail);
    assert_int_equal(memo->checked, 2);
    assert_int_equal(memo->known, 0);
    verify(store, OTHER_LEAF, INTERMEDIATE, &trail);
    assert_int_equal(memo->checked, 3);
    assert_int_equal(memo->known, 1);
    verify(store, OTHER_LEAF, INTERMEDIATE, &trail);
    assert_int_equal(memo->checked, 3);
    assert_int_equal(memo->known, 3);
    X509_STORE_free(store);
    signature_memo_free(memo);
}

static void a_signature_that_failed_is_checked_again(void **state)
{
    (void)state;
    X509_STORE *store = make_store();
    struct signature_memo *memo = signature_memo_open(store);
    struct trail trail;
    verify(store, LEAF, INTERMEDIATE, &trail);
    for (unsigned i = 1; i <= 3; i++) {
        verify(store, FORGED_LEAF, INTERMEDIATE, &trail);
        assert_int_equal(trail.error, X509_V_ERR_CERT_SIGNATURE_FAILURE);
        assert_int_equal(memo->checked, 2 + i);
    }
    X509_STORE_free(store);
    signature_memo_free(memo);
}

/* The time is OpenSSL's parameter here: chains for another time than now are its own. */
static void a_known_chain_is_not_valid_at_another_time(void **state)
{
    (void)state;
    X509_STORE *store = make_store();
    struct signature_memo *memo = signature_memo_open(store);
    struct trail trail;
    verify(store, LEAF, INTERMEDIATE, &trail);
    assert_int_equal(trail.result, 1);
    X509_VERIFY_PARAM *param = X509_VERIFY_PARAM_new();
    X509_VERIFY_PARAM_set_time(param, time(NULL) + 30 * 86400L);
    X509_STORE_set1_param(store, param);
    verify(store, LEAF, INTERMEDIATE, &trail);
    assert_int_equal(trail.error, X509_V_ERR_CERT_HAS_EXPIRED);
    X509_VERIFY_PARAM_free(param);
    X509_STORE_free(store);
    signature_memo_free(memo);
}

static void make(enum who who, enum who issuer, bool is_ca, int begin_days, int end_days)
{
    char name[32];
    snprintf(name, sizeof name, "certificate %d", who);
    const struct identity_wish wish = {
        name,       "DNS:a.lab.test", who == issuer ? NULL : &identities[issuer],
        begin_days, end_days,         is_ca};
    identity_make(&identities[who], &wish);
}

static void sign_anew(enum who who, enum who signer)
{
    assert_true(
        X509_sign(identities[who].certificate, identities[signer].key, EVP_sha256()) > 0);
}

static void forbid_signing(enum who who)
{
    X509_EXTENSION *usage =
        X509V3_EXT_conf_nid(NULL, NULL, NID_key_usage, "critical,digitalSignature");
    X509_add_ext(identities[who].certificate, usage, -1);
    X509_EXTENSION_free(usage);
    sign_anew(who, ROOT);
}

static int make_identities(void **state)
{
    (void)state;
    make(ROOT, ROOT, true, -10, 10);
    make(INTERMEDIATE, ROOT, true, -10, 10);
    make(LEAF, INTERMEDIATE, false, -10, 10);
    make(OTHER_LEAF, INTERMEDIATE, false, -10, 10);
    make(EXPIRED_LEAF, INTERMEDIATE, false, -10, -1);
    make(EARLY_LEAF, INTERMEDIATE, false, 1, 10);
    make(FORGED_LEAF, INTERMEDIATE, false, -10, 10);
    sign_anew(FORGED_LEAF, LEAF);
    make(LEAF_OF_LEAF, LEAF, false, -10, 10);
    make(EXPIRED_INTERMEDIATE, ROOT, true, -10, -1);
    make(LEAF_OF_EXPIRED, EXPIRED_INTERMEDIATE, false, -10, 10);
    make(FORGED_INTERMEDIATE, ROOT, true, -10, 10);
    sign_anew(FORGED_INTERMEDIATE, LEAF);
    make(LEAF_OF_FORGED, FORGED_INTERMEDIATE, false, -10, 10);
    make(SIGNLESS_INTERMEDIATE, ROOT, true, -10, 10);
    forbid_signing(SIGNLESS_INTERMEDIATE);
    make(LEAF_OF_SIGNLESS, SIGNLESS_INTERMEDIATE, false, -10, 10);
    make(OTHER_ROOT, OTHER_ROOT, true, -10, 10);
    make(LEAF_OF_OTHER, OTHER_ROOT, false, -10, 10);
    return 0;
}

static int drop_identities(void **state)
{
    (void)state;
    for (size_t i = 0; i < WHO_COUNT; i++) {
        identity_close(&identities[i]);
    }
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_cases_of_this_test_are_what_they_are_called),
        cmocka_unit_test(every_pair_of_certificates_is_judged_as_without_a_memo),
        cmocka_unit_test(an_intermediate_is_checked_once_for_all_its_leaves),
        cmocka_unit_test(a_signature_that_failed_is_checked_again),
        cmocka_unit_test(a_known_chain_is_not_valid_at_another_time),
    };
    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
