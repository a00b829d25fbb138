#include "fetch/fetch.h"

#include <curl/curl.h>
#include <openssl/crypto.h>
#include <pthread.h>
#include <stdio.h>

static char text[96];
static pthread_once_t text_once = PTHREAD_ONCE_INIT;

static void write_text(void)
{
    snprintf(text, sizeof text, "libcurl %s, OpenSSL %s",
             curl_version_info(CURLVERSION_NOW)->version,
             OpenSSL_version(OPENSSL_VERSION_STRING));
}

const char *fetcher_libraries(void)
{
    pthread_once(&text_once, write_text);
    return text;
}
