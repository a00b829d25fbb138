#include "fetch/tls.h"

#include <arpa/inet.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* RFC 2253 form escapes control characters and bytes above 0x7f itself. */
static void write_name(char text[FETCH_NAME_MAX + 1], const X509_NAME *name)
{
    text[0] = '\0';
    BIO *bio = BIO_new(BIO_s_mem());
    if (bio == NULL) {
        return;
    }
    if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) >= 0) {
        int len = BIO_read(bio, text, FETCH_NAME_MAX);
        text[len > 0 ? len : 0] = '\0';
    }
    BIO_free(bio);
}

/* NULL for a time that is none. */
static const char *write_time(char text[32], const ASN1_TIME *time)
{
    struct tm tm;
    if (time == NULL || ASN1_TIME_to_tm(time, &tm) != 1) {
        return NULL;
    }
    snprintf(text, 32, "%04u-%02u-%02uT%02u:%02u:%02u.000Z",
             (unsigned)(tm.tm_year + 1900) % 10000, (unsigned)(tm.tm_mon + 1) % 100,
             (unsigned)tm.tm_mday % 100, (unsigned)tm.tm_hour % 100,
             (unsigned)tm.tm_min % 100, (unsigned)tm.tm_sec % 100);
    return text;
}

/* False when the text does not fit any more. A NUL must not end the name early: that is
 * how "bank.example\0.evil.example" once passed for the bank. */
static bool add_name(struct tls_facts *facts, const unsigned char *bytes, size_t len)
{
    if (len > (sizeof facts->text - facts->text_len - 1) / 4) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        facts->text[facts->text_len++] =
            (char)(bytes[i] != '\0' ? bytes[i] : (unsigned char)'\\');
        for (int digit = 0; digit < 3 && bytes[i] == '\0'; digit++) {
            facts->text[facts->text_len++] = '0';
        }
    }
    facts->text[facts->text_len++] = '\0';
    return true;
}

static bool add_address(struct tls_facts *facts, const ASN1_OCTET_STRING *address)
{
    char text[INET6_ADDRSTRLEN];
    int len = ASN1_STRING_length(address);
    if ((len != 4 && len != 16) ||
        inet_ntop(len == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(address), text,
                  sizeof text) == NULL) {
        return false;
    }
    return add_name(facts, (const unsigned char *)text, strlen(text));
}

static bool add_general_name(struct tls_facts *facts, const GENERAL_NAME *name)
{
    if (name->type == GEN_DNS) {
        return add_name(facts, ASN1_STRING_get0_data(name->d.dNSName),
                        (size_t)ASN1_STRING_length(name->d.dNSName));
    }
    return name->type == GEN_IPADD && add_address(facts, name->d.iPAddress);
}

static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static size_t read_names(struct tls_facts *facts, const X509 *leaf)
{
    size_t count = 0;
    facts->text_len = 0;
    GENERAL_NAMES *names = X509_get_ext_d2i(leaf, NID_subject_alt_name, NULL, NULL);
    for (int i = 0; i < sk_GENERAL_NAME_num(names) && count < FETCH_NAMES_MAX; i++) {
        const char *text = facts->text + facts->text_len;
        if (add_general_name(facts, sk_GENERAL_NAME_value(names, i))) {
            facts->names[count++] = text;
        }
    }
    GENERAL_NAMES_free(names);
    qsort(facts->names, count, sizeof facts->names[0], compare_names);
    return count;
}

void tls_facts_read(struct tls_facts *facts, const struct tls_evidence *evidence,
                    struct fetch_tls *tls)
{
    memset(tls, 0, sizeof *tls);
    tls->version = evidence->version;
    tls->cipher = evidence->cipher;
    if (evidence->verify_error != X509_V_OK) {
        tls->verify_error = X509_verify_cert_error_string(evidence->verify_error);
    }
    if (evidence->leaf == NULL) {
        return;
    }
    write_name(facts->subject, X509_get_subject_name(evidence->leaf));
    write_name(facts->issuer, X509_get_issuer_name(evidence->leaf));
    tls->subject = facts->subject;
    tls->issuer = facts->issuer;
    tls->not_before = write_time(facts->not_before, X509_get0_notBefore(evidence->leaf));
    tls->not_after = write_time(facts->not_after, X509_get0_notAfter(evidence->leaf));
    tls->names = facts->names;
    tls->name_count = read_names(facts, evidence->leaf);
    ERR_clear_error(); /* foreign bytes that did not parse are no error of the next call
                        */
}
