#include "fetch/transfer.h"

#include "fetch/memory.h"
#include "fetch/transfer_head.h"
#include "fetch/transfer_verdict.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BODY_BYTES_FIRST 1024
#define BODY_BYTES_KEPT 4096 /* by an idle transfer */
#define DAY_MS 86400000L
#define REQUEST_BUFFER_BYTES 16384L /* the least curl allows */

/* The last look before a packet leaves: curl says here where it is really going. */
static curl_socket_t on_open_socket(void *arg, curlsocktype purpose,
                                    struct curl_sockaddr *to)
{
    (void)purpose;
    struct transfer *transfer = arg;
    struct fetch_address address;
    if (!address_guard_from_sockaddr(&address, &to->addr) ||
        !address_guard_allows(&transfer->context->guard, &address)) {
        transfer->is_blocked = true;
        return CURL_SOCKET_BAD;
    }
    int fd =
        socket(to->family, to->socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, to->protocol);
    if (fd < 0) {
        transfer->socket_error = errno;
        return CURL_SOCKET_BAD;
    }
    return fd;
}

/* After a FIN from the peer TCP is in CLOSE-WAIT here, after a RST in CLOSE. A pending
 * error is one that curl never met, so it cannot be why the transfer ended. */
static int on_close_socket(void *arg, curl_socket_t fd)
{
    struct transfer *transfer = arg;
    struct tcp_info info;
    socklen_t len = sizeof info;
    int pending = 0;
    socklen_t pending_len = sizeof pending;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0 &&
        getsockopt(fd, SOL_SOCKET, SO_ERROR, &pending, &pending_len) == 0) {
        transfer->is_reset = info.tcpi_state == TCP_CLOSE && pending == 0;
    }
    return close(fd);
}

/* curl calls this when TCP is connected and TLS is about to begin. */
static CURLcode on_ssl_ctx(CURL *easy, void *ctx, void *arg)
{
    (void)easy;
    struct transfer *transfer = arg;
    bool is_ready =
        tls_watch(ctx, transfer->context->store, transfer->target.host, &transfer->tls);
    return is_ready ? CURLE_OK : CURLE_OUT_OF_MEMORY;
}

static size_t on_header(char *line, size_t size, size_t count, void *arg)
{
    return transfer_head_take(arg, line, size * count) ? size * count : 0;
}

static bool reserve_body(struct transfer *transfer, size_t len)
{
    size_t capacity =
        transfer->body_capacity > 0 ? transfer->body_capacity : BODY_BYTES_FIRST;
    while (capacity < len) {
        capacity *= 2;
    }
    if (capacity > transfer->body_capacity) {
        char *body = realloc(transfer->body, capacity);
        if (body == NULL) {
            memory_lack();
            return false;
        }
        transfer->body = body;
        transfer->body_capacity = capacity;
    }
    return true;
}

/* The cap stands here: curl's own looks at Content-Length only. */
static size_t on_body(char *bytes, size_t size, size_t count, void *arg)
{
    struct transfer *transfer = arg;
    size_t len = size * count;
    size_t room = FETCH_BODY_MAX - transfer->body_len;
    size_t taken = len <= room ? len : room;
    transfer->is_response_begun = true;
    if (!reserve_body(transfer, transfer->body_len + taken)) {
        return 0;
    }
    memcpy(transfer->body + transfer->body_len, bytes, taken);
    transfer->body_len += taken;
    transfer->is_body_excess = taken < len;
    return taken;
}

/* What has no end and is neither header nor body: chunk extensions (RFC 9112, 7.1.1),
 * session tickets, … curl asks here after each read. */
static int on_progress(void *arg, curl_off_t total, curl_off_t now,
                       curl_off_t upload_total, curl_off_t upload_now)
{
    (void)total;
    (void)now;
    (void)upload_total;
    (void)upload_now;
    const struct transfer *transfer = arg;
    return transfer->tls.bytes > TRANSFER_BYTES_MAX ||
           transfer->tls.late >= TLS_LATE_MESSAGES_MAX;
}

static void end(struct transfer *transfer, CURLcode code)
{
    uv_timer_stop(&transfer->deadline);
    transfer_verdict_reach(transfer, code);
    transfer->context->on_end(transfer);
}

static void on_done(void *arg, CURL *easy, CURLcode code)
{
    (void)arg;
    char *transfer = NULL;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &transfer);
    end((struct transfer *)(void *)transfer, code);
}

void transfer_expire(struct transfer *transfer)
{
    transfer->is_timed_out = true;
    multi_remove(&transfer->context->multi, transfer->easy);
    end(transfer, CURLE_OPERATION_TIMEDOUT);
}

/* Where the loop has slept, there is still time. */
static void on_deadline(uv_timer_t *timer)
{
    struct transfer *transfer = timer->data;
    uint64_t now_ms = stopwatch_now_ms(&transfer->context->stopwatch);
    if (now_ms < transfer->deadline_ms) {
        uv_timer_start(timer, on_deadline, transfer->deadline_ms - now_ms, 0);
    } else {
        transfer_expire(transfer);
    }
}

/* RFC 8461, 3.3: no redirects, no caches, TLS 1.2 or later. */
static void set_protocol(CURL *easy, const char *user_agent)
{
    curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "https");
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    curl_easy_setopt(easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent);
    /* Deadlines are ours, on the loop's clock; curl's default of 300 s is not wanted. */
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, DAY_MS);
    /* A request of some 300 bytes goes through it; curl would take 64 KiB. */
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, REQUEST_BUFFER_BYTES);
}

/* With no CA of its own curl adds nothing to the store it is given, and leaves out its
 * habit of trusting intermediates found there. The name is OpenSSL's to check
 * (tls_watch): curl's check falls back to the CN. */
static void set_tls(CURL *easy)
{
    curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(easy, CURLOPT_SSL_SESSIONID_CACHE, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 0L);
    curl_easy_setopt(easy, CURLOPT_SSL_OPTIONS, (long)CURLSSLOPT_NO_PARTIALCHAIN);
    curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
    curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
    curl_easy_setopt(easy, CURLOPT_CA_CACHE_TIMEOUT, 0L);
}

static void set_callbacks(CURL *easy, struct transfer *transfer)
{
    curl_easy_setopt(easy, CURLOPT_PRIVATE, transfer);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, on_open_socket);
    curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, on_close_socket);
    curl_easy_setopt(easy, CURLOPT_CLOSESOCKETDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_ssl_ctx);
    curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, transfer);
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, transfer);
    curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress);
    curl_easy_setopt(easy, CURLOPT_XFERINFODATA, transfer);
}

int transfer_context_open(struct transfer_context *context, uv_loop_t *loop)
{
    int result = multi_init(&context->multi, loop, on_done, context);
    if (result == 0) {
        stopwatch_init(&context->stopwatch, loop);
    }
    return result;
}

struct transfer *transfer_open(struct transfer_context *context)
{
    struct transfer *transfer = calloc(1, sizeof *transfer);
    CURL *easy = curl_easy_init();
    if (transfer == NULL || easy == NULL ||
        uv_timer_init(context->multi.loop, &transfer->deadline) < 0) {
        memory_lack();
        free(transfer);
        curl_easy_cleanup(easy);
        return NULL;
    }
    transfer->context = context;
    transfer->easy = easy;
    transfer->deadline.data = transfer;
    transfer->connect_to.data = transfer->connect_to_text;
    tls_evidence_init(&transfer->tls);
    set_protocol(easy, context->user_agent);
    set_tls(easy);
    set_callbacks(easy, transfer);
    curl_easy_setopt(easy, CURLOPT_CONNECT_TO, &transfer->connect_to);
    return transfer;
}

void transfer_close(struct transfer *transfer, uv_close_cb on_closed)
{
    curl_easy_cleanup(transfer->easy);
    tls_evidence_close(&transfer->tls);
    free(transfer->body);
    uv_close((uv_handle_t *)&transfer->deadline, on_closed);
}

/* CURLOPT_CONNECT_TO: "HOST:PORT:CONNECT-TO-HOST:CONNECT-TO-PORT", empty = any or same.
 */
static void write_connect_to(struct transfer *transfer,
                             const struct transfer_target *target)
{
    char address[INET6_ADDRSTRLEN];
    bool is_ipv6 = target->address.family == 6;
    inet_ntop(is_ipv6 ? AF_INET6 : AF_INET, target->address.bytes, address,
              sizeof address);
    snprintf(transfer->connect_to_text, sizeof transfer->connect_to_text,
             is_ipv6 ? "::[%s]:%u" : "::%s:%u", address, target->port);
}

int transfer_start(struct transfer *transfer, const struct transfer_target *target,
                   uint64_t timeout_ms)
{
    char url[sizeof "https://:65535" + FETCH_HOST_MAX + FETCH_PATH_MAX];
    transfer_clear(transfer);
    transfer->target = *target;
    write_connect_to(transfer, target);
    snprintf(url, sizeof url, "https://%s:%u%s", target->host, target->port,
             target->path);
    if (curl_easy_setopt(transfer->easy, CURLOPT_URL, url) != CURLE_OK) {
        return -ENOMEM;
    }
    int result = multi_add(&transfer->context->multi, transfer->easy);
    if (result == 0) {
        transfer->deadline_ms =
            stopwatch_now_ms(&transfer->context->stopwatch) + timeout_ms;
        uv_timer_start(&transfer->deadline, on_deadline, timeout_ms, 0);
    }
    return result;
}

void transfer_remember(struct transfer *transfer, const struct transfer_target *target,
                       enum fetch_error error)
{
    transfer_clear(transfer);
    transfer->target = *target;
    transfer->is_remembered = true;
    transfer->stage = FETCH_STAGE_TCP;
    transfer->error = error;
}

void transfer_clear(struct transfer *transfer)
{
    tls_evidence_close(&transfer->tls);
    transfer->stage = FETCH_STAGE_NONE;
    transfer->error = FETCH_OK;
    transfer->socket_error = 0;
    transfer->is_blocked = transfer->is_timed_out = transfer->is_reset = false;
    transfer->is_address_dead = transfer->is_remembered = false;
    transfer->is_response_begun = transfer->is_body_excess = false;
    transfer->is_shortage = false;
    transfer->http_status = 0;
    transfer->header_count = transfer->header_bytes = 0;
    transfer->is_in_head = false;
    transfer_head_clear(transfer);
    transfer->body_len = 0;
    if (transfer->body_capacity > BODY_BYTES_KEPT) {
        free(transfer->body);
        transfer->body = NULL;
        transfer->body_capacity = 0;
    }
}
