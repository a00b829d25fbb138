#include "fetch/memory.h"

#include "fetch/fetch.h"

#include <curl/curl.h>
#include <errno.h>
#include <openssl/crypto.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

static atomic_bool is_lacking; /* OpenSSL's functions are told no argument */

void memory_lack(void)
{
    atomic_store_explicit(&is_lacking, true, memory_order_relaxed);
}

bool memory_is_lacking(void)
{
    return atomic_load_explicit(&is_lacking, memory_order_relaxed);
}

static void *noted(void *block, size_t bytes)
{
    if (block == NULL && bytes > 0) {
        memory_lack();
    }
    return block;
}

static void *take(size_t bytes)
{
    return noted(malloc(bytes), bytes);
}

static void *take_zeroed(size_t count, size_t bytes)
{
    return noted(calloc(count, bytes), count > 0 ? bytes : 0);
}

static void *resize(void *block, size_t bytes)
{
    return noted(realloc(block, bytes), bytes);
}

static char *copy(const char *text)
{
    return noted(strdup(text), 1);
}

int memory_init_curl(void)
{
    CURLcode code =
        curl_global_init_mem(CURL_GLOBAL_DEFAULT, take, free, resize, copy, take_zeroed);
    return code == CURLE_OK ? 0 : -EIO;
}

static void *openssl_take(size_t bytes, const char *file, int line)
{
    (void)file, (void)line;
    return take(bytes);
}

static void *openssl_resize(void *block, size_t bytes, const char *file, int line)
{
    (void)file, (void)line;
    return resize(block, bytes);
}

static void openssl_free(void *block, const char *file, int line)
{
    (void)file, (void)line;
    free(block);
}

int fetcher_watch_memory(void)
{
    /* 0 when it has taken memory already: then it is not watched, and nothing worse. */
    (void)CRYPTO_set_mem_functions(openssl_take, openssl_resize, openssl_free);
    /* All that it would do at its first use. */
    const uint64_t parts = OPENSSL_INIT_LOAD_CONFIG | OPENSSL_INIT_LOAD_CRYPTO_STRINGS |
                           OPENSSL_INIT_ADD_ALL_CIPHERS | OPENSSL_INIT_ADD_ALL_DIGESTS;
    bool is_begun = OPENSSL_init_crypto(parts, NULL) == 1;
    return is_begun && !memory_is_lacking() ? 0 : -ENOMEM;
}

bool fetcher_lacks_memory(void)
{
    return memory_is_lacking();
}
