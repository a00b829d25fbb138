#include "fetch/memory.h"
#include "fetch/tls.h"

#include <curl/curl.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static size_t object_count(X509_STORE *store)
{
    return (size_t)sk_X509_OBJECT_num(X509_STORE_get0_objects(store));
}

static bool load_file(X509_STORE *store, const char *path)
{
    errno = 0;
    bool is_loaded = X509_STORE_load_file(store, path) == 1;
    if (!is_loaded && errno == ENOMEM) { /* fopen(3)'s own, which nobody else notes */
        memory_lack();
    }
    ERR_clear_error();
    return is_loaded;
}

/* "4f316efb.0": what `openssl rehash` leaves. */
static bool is_hash_name(const char *name)
{
    return strspn(name, "0123456789abcdef") == 8 && name[8] == '.' && name[9] != '\0' &&
           name[9 + strspn(name + 9, "0123456789")] == '\0';
}

/* OpenSSL would look into the directory anew for each issuer it does not know. */
static void load_directory(X509_STORE *store, const char *path)
{
    DIR *directory = opendir(path);
    if (directory == NULL && errno == ENOMEM) {
        memory_lack();
    }
    if (directory == NULL) {
        return;
    }
    struct dirent *entry = NULL;
    while ((entry = readdir(directory)) != NULL) {
        char file[4096];
        int len = snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
        if (is_hash_name(entry->d_name) && len < (int)sizeof file) {
            load_file(store, file);
        }
    }
    closedir(directory);
}

static const char *environment_or(const char *variable, const char *otherwise)
{
    const char *value = getenv(variable);
    return value != NULL && *value != '\0' ? value : otherwise;
}

/* The bundle curl was built for (Debian: /etc/ssl/certs/ca-certificates.crt), or NULL. */
static const char *curl_bundle(void)
{
    const curl_version_info_data *info = curl_version_info(CURLVERSION_NOW);
    return info->age >= CURLVERSION_TENTH ? info->cainfo : NULL;
}

/* SSL_CERT_FILE and SSL_CERT_DIR as everywhere with OpenSSL, then the bundle, then
 * OpenSSL's own places: the first that yields a certificate. */
static void load_system(X509_STORE *store)
{
    const char *file = environment_or(X509_get_default_cert_file_env(), NULL);
    const char *directory = environment_or(X509_get_default_cert_dir_env(), NULL);
    if (file != NULL || directory != NULL) {
        (void)(file != NULL && load_file(store, file));
        if (directory != NULL) {
            load_directory(store, directory);
        }
        return;
    }
    const char *bundle = curl_bundle();
    if ((bundle != NULL && load_file(store, bundle)) ||
        load_file(store, X509_get_default_cert_file())) {
        return;
    }
    load_directory(store, X509_get_default_cert_dir());
}

static int load_ca_file(X509_STORE *store, const char *path, char error[FETCH_ERROR_LEN])
{
    if (access(path, R_OK) < 0) {
        int reason = errno;
        snprintf(error, FETCH_ERROR_LEN, "%s: %s", path, strerror(reason));
        return -reason;
    }
    if (!load_file(store, path) || object_count(store) == 0) {
        snprintf(error, FETCH_ERROR_LEN, "%s: holds no certificate in PEM", path);
        return -EINVAL;
    }
    return 0;
}

static int load(X509_STORE *store, const char *ca_file, char error[FETCH_ERROR_LEN])
{
    if (ca_file != NULL) {
        return load_ca_file(store, ca_file, error);
    }
    load_system(store);
    if (object_count(store) > 0) {
        return 0;
    }
    snprintf(error, FETCH_ERROR_LEN,
             "no trusted certificates found in the system's store: "
             "install ca-certificates or give a CA file");
    return -ENOENT;
}

int tls_store_open(X509_STORE **store, const char *ca_file, char error[FETCH_ERROR_LEN])
{
    X509_STORE *opened = X509_STORE_new();
    if (opened == NULL) {
        snprintf(error, FETCH_ERROR_LEN, "%s", strerror(ENOMEM));
        return -ENOMEM;
    }
    int result = load(opened, ca_file, error);
    if (memory_is_lacking()) { /* what could not be loaded is missing without a word */
        snprintf(error, FETCH_ERROR_LEN, "%s", strerror(ENOMEM));
        result = -ENOMEM;
    }
    if (result < 0) {
        X509_STORE_free(opened);
        return result;
    }
    *store = opened;
    return 0;
}
