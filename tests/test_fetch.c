#include "fetch/fetch.h"

#include "tests/tls_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cmocka.h>

#define HOST "mta-sts.lab.test"
#define PATH "/.well-known/mta-sts.txt"
#define POLICY "version: STSv1\nmode: none\nmax_age: 86400\n"
#define OK_RESPONSE                                                                      \
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 41\r\n\r\n" POLICY
#define STATUS(line) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n\r\n"
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

enum who {
    ROOT,
    OTHER_ROOT,
    VALID,
    EXPIRED,
    NOT_YET_VALID,
    SELF_SIGNED,
    UNTRUSTED_ROOT,
    UNKNOWN_ISSUER,
    WRONG_NAME,
    NAME_IN_CN_ONLY,
    WILDCARD,
    PARTIAL_WILDCARD,
    WILDCARD_TOO_HIGH,
    EXPIRED_AND_WRONG_NAME,
    WEAK_PURPOSE,
    WHO_COUNT
};

static struct identity identities[WHO_COUNT];
static char ca_file[64];

/* What a callback was told, kept. */
struct seen {
    unsigned count;
    uint32_t tag;
    enum fetch_stage stage;
    enum fetch_error error;
    int http_status;
    bool has_address;
    struct fetch_address address;
    bool has_body;
    size_t body_len;
    char body[FETCH_BODY_MAX + 1];
    char content_type[FETCH_CONTENT_TYPE_MAX + 1];
    char version[16], cipher[64], verify_error[128], subject[256], issuer[256];
    char names[256], not_before[32], not_after[32];
    double duration_ms;
};

static void keep(char *to, size_t size, const char *text)
{
    snprintf(to, size, "%s", text != NULL ? text : "(null)");
}

static void keep_tls(struct seen *seen, const struct fetch_tls *tls)
{
    keep(seen->version, sizeof seen->version, tls->version);
    keep(seen->cipher, sizeof seen->cipher, tls->cipher);
    keep(seen->verify_error, sizeof seen->verify_error, tls->verify_error);
    keep(seen->subject, sizeof seen->subject, tls->subject);
    keep(seen->issuer, sizeof seen->issuer, tls->issuer);
    keep(seen->not_before, sizeof seen->not_before, tls->not_before);
    keep(seen->not_after, sizeof seen->not_after, tls->not_after);
    seen->names[0] = '\0';
    for (size_t i = 0; i < tls->name_count; i++) {
        strncat(seen->names, tls->names[i], 60);
        strncat(seen->names, " ", 2);
    }
}

static void on_result(void *arg, uint32_t tag, const struct fetch_result *result)
{
    struct seen *seen = arg;
    seen->count++;
    seen->tag = tag;
    seen->stage = result->stage;
    seen->error = result->error;
    seen->http_status = result->http_status;
    seen->has_address = result->address != NULL;
    if (result->address != NULL) {
        seen->address = *result->address;
    }
    seen->has_body = result->body != NULL;
    seen->body_len = result->body_len;
    if (result->body != NULL) {
        memcpy(seen->body, result->body, result->body_len);
    }
    seen->body[result->body_len] = '\0';
    seen->duration_ms = result->duration_ms;
    keep(seen->content_type, sizeof seen->content_type, result->content_type);
    keep_tls(seen, &result->tls);
}

static struct fetch_address ipv4(const char *text)
{
    struct fetch_address address = {.family = 4};
    assert_int_equal(inet_pton(AF_INET, text, address.bytes), 1);
    return address;
}

static struct fetcher_config lab_config(uint32_t timeout_ms)
{
    return (struct fetcher_config){.ca_file = ca_file,
                                   .user_agent = "mailcensus/test",
                                   .allow_special = true,
                                   .timeout_ms = timeout_ms,
                                   .window = 50};
}

static struct fetch_request request_to(uint16_t port)
{
    return (struct fetch_request){.host = HOST,
                                  .path = PATH,
                                  .port = port,
                                  .address_count = 1,
                                  .addresses = {ipv4("127.0.0.1")}};
}

static struct fetcher *open_fetcher(uv_loop_t *loop, const struct fetcher_config *config)
{
    struct fetcher *fetcher = NULL;
    char error[FETCH_ERROR_LEN];
    assert_int_equal(uv_loop_init(loop), 0);
    if (fetcher_open(&fetcher, loop, config, error) != 0) {
        fail_msg("%s", error);
    }
    return fetcher;
}

static void close_fetcher(struct fetcher *fetcher, uv_loop_t *loop)
{
    fetcher_close(fetcher);
    uv_run(loop, UV_RUN_DEFAULT);
    assert_int_equal(uv_loop_close(loop), 0);
}

/* One request on a loop of its own. */
static void fetch(const struct fetcher_config *config,
                  const struct fetch_request *request, struct seen *seen)
{
    uv_loop_t loop;
    memset(seen, 0, sizeof *seen);
    struct fetcher *fetcher = open_fetcher(&loop, config);
    fetcher_get(fetcher, request, on_result, seen, 7);
    assert_int_equal(seen->count, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    close_fetcher(fetcher, &loop);
    assert_int_equal(seen->count, 1);
    assert_int_equal(seen->tag, 7);
}

static void fetch_script(const struct server_script *script, uint32_t timeout_ms,
                         struct seen *seen)
{
    struct tls_server *server = tls_server_open(script, "127.0.0.1", 0);
    struct fetcher_config config = lab_config(timeout_ms);
    struct fetch_request request = request_to(tls_server_port(server));
    fetch(&config, &request, seen);
    tls_server_close(server);
}

struct ending {
    const char *name;
    struct server_script script;
    uint32_t timeout_ms; /* 0 = 5000 */
    enum fetch_stage stage;
    enum fetch_error error;
    int http_status;
    const char *body; /* NULL = none */
};

static void assert_ending(const struct ending *ending)
{
    static struct seen seen;
    struct server_script script = ending->script;
    if (script.identity == NULL) {
        script.identity = &identities[VALID];
    }
    fetch_script(&script, ending->timeout_ms > 0 ? ending->timeout_ms : 5000, &seen);
    const char *body = ending->body != NULL ? ending->body : "";
    if (seen.stage != ending->stage || seen.error != ending->error ||
        seen.http_status != ending->http_status || strcmp(seen.body, body) != 0 ||
        seen.has_body != (ending->body != NULL)) {
        fail_msg("%s: stage %d, %s, status %d, body \"%.60s\"", ending->name, seen.stage,
                 fetch_error_text(seen.error), seen.http_status, seen.body);
    }
}

static void assert_endings(const struct ending *endings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_ending(&endings[i]);
    }
}

static void broken_connections_are_told_apart(void **state)
{
    (void)state;
    static const char garbage[] = "\x00\x01\x02\x03\x04\x05\x06\x07\x08\x09";
    const struct ending endings[] = {
        {"served", {.response = OK_RESPONSE}, 0, FETCH_STAGE_OK, FETCH_OK, 200, POLICY},
        {"reset in the handshake",
         {.act = SERVER_HELLO_RESET},
         0,
         FETCH_STAGE_TLS,
         FETCH_TCP_RESET,
         0,
         NULL},
        {"closed in the handshake",
         {.act = SERVER_HELLO_CLOSE},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_PROTOCOL,
         0,
         NULL},
        {"silent in the handshake",
         {.act = SERVER_HELLO_SILENT},
         200,
         FETCH_STAGE_TLS,
         FETCH_TLS_TIMEOUT,
         0,
         NULL},
        {"plain HTTP",
         {.act = SERVER_HELLO_PLAIN, .response = "HTTP/1.1 400 Bad Request\r\n\r\n"},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_PROTOCOL,
         0,
         NULL},
        {"garbage instead of TLS",
         {.act = SERVER_HELLO_PLAIN, .response = garbage, .response_len = 10},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_PROTOCOL,
         0,
         NULL},
        {"reset before any response",
         {.act = SERVER_REQUEST_RESET},
         0,
         FETCH_STAGE_HTTP,
         FETCH_TCP_RESET,
         0,
         NULL},
        {"reset within the body",
         {.act = SERVER_REQUEST_RESET,
          .response = "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\nversion"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_TCP_RESET,
         200,
         "version"},
        {"silent after the request",
         {.act = SERVER_REQUEST_SILENT},
         300,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_TIMEOUT,
         0,
         NULL},
        {"silent within the body",
         {.act = SERVER_REQUEST_SILENT,
          .response = "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\nversion"},
         300,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_TIMEOUT,
         200,
         "version"},
    };
    assert_endings(endings, COUNT(endings));
}

/* A RST that comes before the loop looks may still be one of connect(). */
static void a_reset_right_after_accept_is_tcp_reset(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script script = {.act = SERVER_RESET};
    fetch_script(&script, 5000, &seen);
    assert_int_equal(seen.error, FETCH_TCP_RESET);
    assert_true(seen.stage == FETCH_STAGE_TCP || seen.stage == FETCH_STAGE_TLS);
}

static void alerts_are_told_from_other_broken_handshakes(void **state)
{
    (void)state;
    /* record header, then level and description */
    static const char handshake_failure[] = "\x15\x03\x03\x00\x02\x02\x28";
    static const char close_notify[] = "\x15\x03\x03\x00\x02\x01\x00";
    const struct ending endings[] = {
        {"unrecognized_name",
         {.name_alert = SSL_AD_UNRECOGNIZED_NAME, .response = OK_RESPONSE},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_ALERT,
         0,
         NULL},
        {"handshake_failure",
         {.act = SERVER_HELLO_PLAIN, .response = handshake_failure, .response_len = 7},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_ALERT,
         0,
         NULL},
        {"close_notify is an end of file",
         {.act = SERVER_HELLO_PLAIN, .response = close_notify, .response_len = 7},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_PROTOCOL,
         0,
         NULL},
        {"protocol_version: the server knows TLS 1.1 at most",
         {.version_max = TLS1_1_VERSION, .response = OK_RESPONSE},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_PROTOCOL,
         0,
         NULL},
        {"TLS 1.2 is enough",
         {.version_max = TLS1_2_VERSION, .response = OK_RESPONSE},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"TLS 1.3: refused for want of a certificate of ours, after our last message",
         {.wants_certificate = true, .response = OK_RESPONSE},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_ALERT,
         0,
         NULL},
        {"TLS 1.2: the same within the handshake",
         {.wants_certificate = true,
          .version_max = TLS1_2_VERSION,
          .response = OK_RESPONSE},
         0,
         FETCH_STAGE_TLS,
         FETCH_TLS_ALERT,
         0,
         NULL},
    };
    assert_endings(endings, COUNT(endings));
}

static void certificates_fail_by_openssl_first_defect(void **state)
{
    (void)state;
    static const struct {
        enum who who;
        enum fetch_error error;
        const char *verify_error;
    } cases[] = {
        {VALID, FETCH_OK, "(null)"},
        {WILDCARD, FETCH_OK, "(null)"},
        {EXPIRED, FETCH_CERT_EXPIRED, "certificate has expired"},
        {NOT_YET_VALID, FETCH_CERT_NOT_YET_VALID, "certificate is not yet valid"},
        {SELF_SIGNED, FETCH_CERT_SELF_SIGNED, "self-signed certificate"},
        {UNTRUSTED_ROOT, FETCH_CERT_UNTRUSTED_ROOT,
         "self-signed certificate in certificate chain"},
        {UNKNOWN_ISSUER, FETCH_CERT_UNKNOWN_ISSUER,
         "unable to get local issuer certificate"},
        {WRONG_NAME, FETCH_CERT_NAME_MISMATCH, "hostname mismatch"},
        {NAME_IN_CN_ONLY, FETCH_CERT_NAME_MISMATCH, "hostname mismatch"},
        {PARTIAL_WILDCARD, FETCH_CERT_NAME_MISMATCH, "hostname mismatch"},
        {WILDCARD_TOO_HIGH, FETCH_CERT_NAME_MISMATCH, "hostname mismatch"},
        {EXPIRED_AND_WRONG_NAME, FETCH_CERT_NAME_MISMATCH, "hostname mismatch"},
        {WEAK_PURPOSE, FETCH_CERT_OTHER, "unsuitable certificate purpose"},
    };
    static const int versions[] = {0, TLS1_2_VERSION};
    static struct seen seen;
    for (size_t i = 0; i < 2 * COUNT(cases); i++) {
        const struct server_script script = {.identity = &identities[cases[i / 2].who],
                                             .version_max = versions[i % 2],
                                             .response = OK_RESPONSE};
        fetch_script(&script, 5000, &seen);
        bool is_ok = cases[i / 2].error == FETCH_OK;
        assert_string_equal(fetch_error_text(seen.error),
                            fetch_error_text(cases[i / 2].error));
        assert_string_equal(seen.verify_error, cases[i / 2].verify_error);
        assert_int_equal(seen.stage, is_ok ? FETCH_STAGE_OK : FETCH_STAGE_TLS);
        assert_string_equal(seen.version, i % 2 == 0 ? "TLSv1.3" : "TLSv1.2");
        assert_string_equal(seen.cipher, i % 2 == 0 ? "TLS_AES_256_GCM_SHA384"
                                                    : "ECDHE-ECDSA-AES256-GCM-SHA384");
    }
}

static void assert_facts(enum who who, const char *subject, const char *issuer,
                         const char *names)
{
    static struct seen seen;
    const struct server_script script = {.identity = &identities[who],
                                         .response = OK_RESPONSE};
    char expected[32];
    struct tm tm;
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.subject, subject);
    assert_string_equal(seen.issuer, issuer);
    assert_string_equal(seen.names, names);
    ASN1_TIME_to_tm(X509_get0_notBefore(identities[who].certificate), &tm);
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    assert_string_equal(seen.not_before, expected);
    ASN1_TIME_to_tm(X509_get0_notAfter(identities[who].certificate), &tm);
    strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S.000Z", &tm);
    assert_string_equal(seen.not_after, expected);
}

static void facts_of_the_leaf_are_there_even_if_it_failed(void **state)
{
    (void)state;
    assert_facts(VALID, "CN=valid\\, \\0Athe leaf", "CN=Lab Root",
                 "192.0.2.1 2001:db8::1 a.lab.test " HOST " ");
    assert_facts(EXPIRED, "CN=expired", "CN=Lab Root", HOST " ");
    assert_facts(UNTRUSTED_ROOT, "CN=untrusted", "CN=Other Root", HOST " ");
    assert_facts(NAME_IN_CN_ONLY, "CN=" HOST, "CN=Lab Root", "");
}

static void no_facts_without_a_certificate(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script script = {.act = SERVER_HELLO_CLOSE};
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.version, "(null)");
    assert_string_equal(seen.cipher, "(null)");
    assert_string_equal(seen.subject, "(null)");
    assert_string_equal(seen.not_after, "(null)");
    assert_string_equal(seen.names, "");
}

static void responses_other_than_200_are_told_apart(void **state)
{
    (void)state;
    const struct ending endings[] = {
        {"301",
         {.response = "HTTP/1.1 301 Moved\r\nLocation: https://" HOST
                      "/other\r\nContent-Length: 4\r\n\r\nmove"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_REDIRECT,
         301,
         "move"},
        {"302",
         {.response = STATUS("302 Found\r\nLocation: /x")},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_REDIRECT,
         302,
         NULL},
        {"304",
         {.response = STATUS("304 Not Modified")},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_REDIRECT,
         304,
         NULL},
        {"404",
         {.response = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_STATUS,
         404,
         "no"},
        {"204",
         {.response = "HTTP/1.1 204 No Content\r\n\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_STATUS,
         204,
         NULL},
        {"206",
         {.response = STATUS("206 Partial Content")},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_STATUS,
         206,
         NULL},
        {"503 whose body never ends",
         {.act = SERVER_TRICKLE,
          .response = "HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\n"},
         1,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_STATUS,
         503,
         NULL},
        {"101 nobody asked for",
         {.response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_STATUS,
         101,
         NULL},
        {"200 after 103",
         {.response =
              "HTTP/1.1 103 Early Hints\r\nContent-Type: a/b\r\n\r\n" OK_RESPONSE},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"an empty body",
         {.response = STATUS("200 OK")},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         NULL},
        {"HTTP/1.0 without a length",
         {.response = "HTTP/1.0 200 OK\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"gzip nobody asked for stays as it is",
         {.response = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: "
                      "3\r\n\r\nabc"},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         "abc"},
    };
    for (size_t i = 0; i < COUNT(endings); i++) {
        struct ending ending = endings[i];
        if (ending.timeout_ms == 1) { /* the body so far depends on time */
            static struct seen seen;
            ending.script.identity = &identities[VALID];
            fetch_script(&ending.script, 400, &seen);
            assert_int_equal(seen.error, FETCH_HTTP_STATUS);
            assert_int_equal(seen.http_status, 503);
            continue;
        }
        assert_ending(&ending);
    }
}

static void broken_http_is_http_protocol(void **state)
{
    (void)state;
    const struct ending endings[] = {
        {"garbage",
         {.response = "hello, world\r\n\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
        {"no response",
         {.act = SERVER_ANSWER},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
        {"a header without a colon",
         {.response = "HTTP/1.1 200 OK\r\nnonsense\r\n\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
        {"closed within the body",
         {.response = "HTTP/1.1 200 OK\r\nContent-Length: 42\r\n\r\nversion"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         "version"},
        {"closed within the chunks",
         {.response =
              "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n7\r\nversion\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         "version"},
        {"a bad chunk",
         {.response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         NULL},
        {"a body without a length, ended by a bare FIN",
         {.act = SERVER_RUDE_CLOSE, .response = "HTTP/1.1 200 OK\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         POLICY},
        {"the same in TLS 1.2",
         {.act = SERVER_RUDE_CLOSE,
          .version_max = TLS1_2_VERSION,
          .response = "HTTP/1.1 200 OK\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         POLICY},
        {"another coding than chunked leaves the length open",
         {.act = SERVER_RUDE_CLOSE,
          .response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         POLICY},
        {"a bare FIN after a whole body does not matter",
         {.act = SERVER_RUDE_CLOSE, .response = OK_RESPONSE},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"nor after the last chunk",
         {.act = SERVER_RUDE_CLOSE,
          .response = "HTTP/1.1 200 OK\r\ntransfer-encoding: Chunked \r\n\r\n"
                      "29\r\n" POLICY "\r\n0\r\n\r\n"},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"nor after a body of no bytes",
         {.act = SERVER_RUDE_CLOSE, .response = STATUS("200 OK")},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         NULL},
        {"interim responses without end",
         {.act = SERVER_ENDLESS, .response = "HTTP/1.1 100 Continue\r\n\r\n"},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
    };
    assert_endings(endings, COUNT(endings));
}

/* RFC 9112, 2.3 and 6.3 */
static void where_a_body_ends_is_read_more_strictly_than_curl_does(void **state)
{
    (void)state;
    const struct ending endings[] = {
        {"two lengths that differ",
         {.response = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: "
                      "41\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
        {"one length twice",
         {.response = "HTTP/1.1 200 OK\r\nContent-Length: 41\r\nContent-Length: "
                      "41\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"a length with letters",
         {.response = "HTTP/1.1 200 OK\r\nContent-Length: 41x\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
        {"no length where one is announced",
         {.response = "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
        {"a length beyond counting",
         {.response =
              "HTTP/1.1 200 OK\r\nContent-Length: 100000000000000000000\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         200,
         POLICY},
        {"a length beside chunks does not count",
         {.response = "HTTP/1.1 200 OK\r\nContent-Length: 7\r\nTransfer-Encoding: "
                      "chunked\r\n\r\n29\r\n" POLICY "\r\n0\r\n\r\n"},
         0,
         FETCH_STAGE_OK,
         FETCH_OK,
         200,
         POLICY},
        {"HTTP/2 where HTTP/1.1 was asked for",
         {.response = "HTTP/2 200\r\nContent-Length: 41\r\n\r\n" POLICY},
         0,
         FETCH_STAGE_HTTP,
         FETCH_HTTP_PROTOCOL,
         0,
         NULL},
    };
    assert_endings(endings, COUNT(endings));
}

static void headers_without_end_are_cut_off(void **state)
{
    (void)state;
    static struct seen seen;
    struct server_script script = {.act = SERVER_ENDLESS, .identity = &identities[VALID]};
    static const char *const endless[] = {"HTTP/1.1 200 OK\r\nX: y\r\n",
                                          "X: yyyyyyyyyyyy", "HTTP/1.1 200 OK\r\nX-"};
    for (size_t i = 0; i < COUNT(endless); i++) {
        script.response = endless[i];
        fetch_script(&script, 5000, &seen);
        assert_int_equal(seen.error, FETCH_HTTP_PROTOCOL);
        assert_true(seen.duration_ms < 4000);
    }
}

/* Nothing of it is a header or a body, and OpenSSL or curl would read it for ever. */
static void what_tells_nothing_is_cut_off_and_holds_up_nobody(void **state)
{
    (void)state;
    static struct seen seen;
    static const struct server_script scripts[] = {
        {.act = SERVER_TICKETS, .identity = &identities[VALID], .response = ""},
        {.act = SERVER_ENDLESS,
         .identity = &identities[VALID],
         .response = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;x=",
         .again = "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy"},
    };
    for (size_t i = 0; i < COUNT(scripts); i++) {
        fetch_script(&scripts[i], 20000, &seen);
        assert_int_equal(seen.stage, FETCH_STAGE_HTTP);
        assert_string_equal(fetch_error_text(seen.error), "http_protocol");
    }
}

static void a_trickled_body_ends_at_the_deadline(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script script = {.act = SERVER_TRICKLE,
                                         .identity = &identities[VALID],
                                         .response = "HTTP/1.1 200 OK\r\nContent-Length: "
                                                     "1000\r\n\r\n"};
    fetch_script(&script, 400, &seen);
    assert_int_equal(seen.error, FETCH_HTTP_TIMEOUT);
    assert_int_equal(seen.http_status, 200);
    assert_true(seen.body_len > 0 && seen.body_len < 1000);
    assert_true(seen.duration_ms >= 395 && seen.duration_ms < 2000);
}

/* In chunks of 1000 bytes, or with a length. */
static char *response_of(size_t body_len, bool is_chunked, size_t *len)
{
    char *response = malloc(2 * body_len + 4096);
    assert_non_null(response);
    char *at = response;
    at += sprintf(at, "HTTP/1.1 200 OK\r\n");
    if (!is_chunked) {
        at += sprintf(at, "Content-Length: %zu\r\n\r\n", body_len);
        memset(at, 'a', body_len);
        *len = (size_t)(at - response) + body_len;
        return response;
    }
    at += sprintf(at, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t left = body_len; left > 0;) {
        size_t chunk = left < 1000 ? left : 1000;
        at += sprintf(at, "%zx\r\n", chunk);
        memset(at, 'a', chunk);
        at += chunk;
        at += sprintf(at, "\r\n");
        left -= chunk;
    }
    at += sprintf(at, "0\r\nX-Trailer: yes\r\n\r\n");
    *len = (size_t)(at - response);
    return response;
}

static void bodies_pass_up_to_65536_bytes(void **state)
{
    (void)state;
    static const struct {
        size_t len;
        bool is_chunked;
        enum fetch_error error;
    } cases[] = {
        {65536, false, FETCH_OK},
        {65537, false, FETCH_HTTP_TOO_LARGE},
        {65536, true, FETCH_OK},
        {65537, true, FETCH_HTTP_TOO_LARGE},
        {1000000, false, FETCH_HTTP_TOO_LARGE},
    };
    static struct seen seen;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct server_script script = {.identity = &identities[VALID]};
        char *response =
            response_of(cases[i].len, cases[i].is_chunked, &script.response_len);
        script.response = response;
        fetch_script(&script, 5000, &seen);
        assert_int_equal(seen.error, cases[i].error);
        assert_int_equal(seen.stage, seen.error ? FETCH_STAGE_HTTP : FETCH_STAGE_OK);
        assert_int_equal(seen.body_len, 65536);
        assert_int_equal(strspn(seen.body, "a"), 65536);
        free(response);
    }
}

static void the_content_type_comes_as_sent_and_bounded(void **state)
{
    (void)state;
    static struct seen seen;
    static char response[2048], expected[257];
    struct server_script script = {
        .identity = &identities[VALID],
        .response =
            "HTTP/1.1 200 OK\r\nX: 1\r\ncontent-TYPE: \t text/Plain ;Charset=x \r\n"
            "Content-Type: second/one\r\nContent-Length: 0\r\n\r\n"};
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.content_type, "text/Plain ;Charset=x");
    memset(expected, 'x', 256);
    snprintf(response, sizeof response,
             "HTTP/1.1 200 OK\r\nContent-Type: %sy\r\nContent-Length: 0\r\n\r\n",
             expected);
    script.response = response;
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.content_type, expected);
    script.response = STATUS("200 OK");
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.content_type, "(null)");
    script.response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain;\r\n \t x=y \r\n"
                      "X: 1\r\n folded\r\nContent-Length: 0\r\n\r\n";
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.content_type, "text/plain; x=y");
    script.response = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n";
    fetch_script(&script, 5000, &seen);
    assert_string_equal(seen.content_type, "(null)");
}

static void the_request_is_plain_and_names_the_host(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script script = {.identity = &identities[VALID],
                                         .response = OK_RESPONSE};
    struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
    struct fetcher_config config = lab_config(5000);
    struct fetch_request request = request_to(tls_server_port(server));
    char expected[512];
    fetch(&config, &request, &seen);
    snprintf(expected, sizeof expected,
             "GET " PATH " HTTP/1.1\r\nHost: " HOST ":%u\r\n"
             "User-Agent: mailcensus/test\r\nAccept: */*\r\n\r\n",
             request.port);
    assert_string_equal(tls_server_request(server), expected);
    assert_string_equal(tls_server_name(server), HOST);
    tls_server_close(server);
}

static uint16_t closed_port(void)
{
    const struct server_script script = {.act = SERVER_RESET};
    struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
    uint16_t port = tls_server_port(server);
    tls_server_close(server);
    return port;
}

static void a_closed_port_is_refused(void **state)
{
    (void)state;
    static struct seen seen;
    struct fetcher_config config = lab_config(5000);
    struct fetch_request request = request_to(closed_port());
    fetch(&config, &request, &seen);
    assert_int_equal(seen.stage, FETCH_STAGE_TCP);
    assert_int_equal(seen.error, FETCH_TCP_REFUSED);
    assert_true(seen.has_address);
}

/* TCP to the broadcast address fails in connect() itself: no packet leaves. */
static void an_address_without_a_route_is_unreachable(void **state)
{
    (void)state;
    static struct seen seen;
    struct fetcher_config config = lab_config(5000);
    struct fetch_request request = request_to(443);
    request.addresses[0] = ipv4("255.255.255.255");
    fetch(&config, &request, &seen);
    assert_int_equal(seen.stage, FETCH_STAGE_TCP);
    assert_int_equal(seen.error, FETCH_TCP_UNREACHABLE);
}

/* The kernel drops a SYN when the queue of connections to accept is full. */
static void a_syn_without_answer_is_a_tcp_timeout(void **state)
{
    (void)state;
    static struct seen seen;
    struct sockaddr_in name = {.sin_family = AF_INET,
                               .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof name;
    int listener = socket(AF_INET, SOCK_STREAM, 0), filling[8];
    assert_int_equal(bind(listener, (struct sockaddr *)&name, len), 0);
    assert_int_equal(listen(listener, 0), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&name, &len), 0);
    for (size_t i = 0; i < COUNT(filling); i++) {
        filling[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)connect(filling[i], (struct sockaddr *)&name, len);
    }
    struct fetcher_config config = lab_config(300);
    struct fetch_request request = request_to(ntohs(name.sin_port));
    fetch(&config, &request, &seen);
    for (size_t i = 0; i < COUNT(filling); i++) {
        close(filling[i]);
    }
    close(listener);
    assert_int_equal(seen.stage, FETCH_STAGE_TCP);
    assert_int_equal(seen.error, FETCH_TCP_TIMEOUT);
    assert_true(seen.duration_ms >= 295);
}

struct pair {
    const char *name;
    const struct server_script *first, *second; /* on 127.0.0.1 and .2; NULL = refused */
    enum fetch_stage stage;
    enum fetch_error error;
    const char *address;
    unsigned second_connections;
};

static void assert_pair(const struct pair *pair)
{
    static struct seen seen;
    static const struct server_script none = {.act = SERVER_RESET};
    struct tls_server *first =
        tls_server_open(pair->first ? pair->first : &none, "127.0.0.1", 0);
    uint16_t port = tls_server_port(first);
    struct tls_server *second =
        pair->second ? tls_server_open(pair->second, "127.0.0.2", port) : NULL;
    struct fetcher_config config = lab_config(2000);
    struct fetch_request request = request_to(port);
    request.address_count = 2;
    request.addresses[1] = ipv4("127.0.0.2");
    if (pair->first == NULL) {
        request.addresses[0] = ipv4("127.0.0.3");
    }
    fetch(&config, &request, &seen);
    unsigned connections = second ? tls_server_connections(second) : 0;
    tls_server_close(first);
    if (second != NULL) {
        tls_server_close(second);
    }
    struct fetch_address address = ipv4(pair->address);
    if (seen.stage != pair->stage || seen.error != pair->error ||
        memcmp(seen.address.bytes, address.bytes, 4) != 0 ||
        connections != pair->second_connections) {
        fail_msg("%s: stage %d, %s, second asked %u times", pair->name, seen.stage,
                 fetch_error_text(seen.error), connections);
    }
}

static void the_attempt_that_got_furthest_is_the_result(void **state)
{
    (void)state;
    const struct server_script good = {.identity = &identities[VALID],
                                       .response = OK_RESPONSE};
    const struct server_script missing = {.identity = &identities[VALID],
                                          .response = STATUS("404 Not Found")};
    const struct server_script moved = {.identity = &identities[VALID],
                                        .response = STATUS("301 Moved")};
    const struct server_script expired = {.identity = &identities[EXPIRED]};
    const struct server_script silent = {.act = SERVER_HELLO_SILENT};
    const struct server_script closing = {.act = SERVER_HELLO_CLOSE};
    const struct pair pairs[] = {
        {"the first is enough", &good, &good, FETCH_STAGE_OK, FETCH_OK, "127.0.0.1", 0},
        {"refused, good", NULL, &good, FETCH_STAGE_OK, FETCH_OK, "127.0.0.2", 1},
        {"404, good", &missing, &good, FETCH_STAGE_OK, FETCH_OK, "127.0.0.2", 1},
        {"silent leaves time", &silent, &good, FETCH_STAGE_OK, FETCH_OK, "127.0.0.2", 1},
        {"404, refused", &missing, NULL, FETCH_STAGE_HTTP, FETCH_HTTP_STATUS, "127.0.0.1",
         0},
        {"expired, 404", &expired, &missing, FETCH_STAGE_HTTP, FETCH_HTTP_STATUS,
         "127.0.0.2", 1},
        {"a tie: the earlier", &moved, &missing, FETCH_STAGE_HTTP, FETCH_HTTP_REDIRECT,
         "127.0.0.1", 1},
        {"a tie: the definite", &silent, &closing, FETCH_STAGE_TLS, FETCH_TLS_PROTOCOL,
         "127.0.0.2", 1},
        {"a tie: definite first", &expired, &silent, FETCH_STAGE_TLS, FETCH_CERT_EXPIRED,
         "127.0.0.1", 1},
        {"both refused", NULL, NULL, FETCH_STAGE_TCP, FETCH_TCP_REFUSED, "127.0.0.3", 0},
    };
    for (size_t i = 0; i < COUNT(pairs); i++) {
        assert_pair(&pairs[i]);
    }
}

static struct fetch_address ipv6(const char *text)
{
    struct fetch_address address = {.family = 6};
    assert_int_equal(inet_pton(AF_INET6, text, address.bytes), 1);
    return address;
}

static void skip_without_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM, 0);
    struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_addr = in6addr_loopback};
    bool has_it = bind(fd, (struct sockaddr *)&name, sizeof name) == 0;
    close(fd);
    if (!has_it) {
        print_message("no ::1 on this machine: nothing is tested over IPv6\n");
        skip();
    }
}

static void a_policy_is_fetched_over_ipv6(void **state)
{
    (void)state;
    skip_without_ipv6();
    static struct seen seen;
    const struct fetch_address loopback = ipv6("::1");
    const struct server_script script = {.identity = &identities[VALID],
                                         .response = OK_RESPONSE};
    struct tls_server *server = tls_server_open(&script, "::1", 0);
    struct fetcher_config config = lab_config(5000);
    struct fetch_request request = request_to(tls_server_port(server));
    request.addresses[0] = loopback;
    fetch(&config, &request, &seen);
    assert_int_equal(seen.error, FETCH_OK);
    assert_int_equal(seen.http_status, 200);
    assert_string_equal(seen.body, POLICY);
    assert_int_equal(seen.address.family, 6);
    assert_memory_equal(seen.address.bytes, loopback.bytes, 16);
    assert_string_equal(tls_server_name(server), HOST);
    tls_server_close(server);
}

/* An IPv4 address, then an IPv6 one, as policies are asked for. Where ipv4 is NULL the
 * connection is refused. */
static void assert_families(const struct server_script *ipv4_script,
                            const struct server_script *ipv6_script,
                            enum fetch_error error, uint8_t family,
                            unsigned ipv6_connections)
{
    static struct seen seen;
    struct tls_server *over_ipv6 = tls_server_open(ipv6_script, "::1", 0);
    uint16_t port = tls_server_port(over_ipv6);
    struct tls_server *over_ipv4 =
        ipv4_script != NULL ? tls_server_open(ipv4_script, "127.0.0.4", port) : NULL;
    struct fetcher_config config = lab_config(5000);
    struct fetch_request request = request_to(port);
    request.address_count = 2;
    request.addresses[0] = ipv4("127.0.0.4");
    request.addresses[1] = ipv6("::1");
    fetch(&config, &request, &seen);
    assert_string_equal(fetch_error_text(seen.error), fetch_error_text(error));
    assert_int_equal(seen.address.family, family);
    assert_int_equal(tls_server_connections(over_ipv6), ipv6_connections);
    tls_server_close(over_ipv6);
    if (over_ipv4 != NULL) {
        tls_server_close(over_ipv4);
    }
}

static void ipv6_is_tried_when_ipv4_fails_and_the_furthest_attempt_counts(void **state)
{
    (void)state;
    skip_without_ipv6();
    const struct server_script good = {.identity = &identities[VALID],
                                       .response = OK_RESPONSE};
    const struct server_script missing = {.identity = &identities[VALID],
                                          .response = STATUS("404 Not Found")};
    const struct server_script expired = {.identity = &identities[EXPIRED],
                                          .response = OK_RESPONSE};
    assert_families(NULL, &good, FETCH_OK, 6, 1);
    assert_families(&expired, &good, FETCH_OK, 6, 1);
    assert_families(&missing, &expired, FETCH_HTTP_STATUS, 4, 1);
    assert_families(NULL, &expired, FETCH_CERT_EXPIRED, 6, 1);
    assert_families(&good, &missing, FETCH_OK, 4, 0);
}

/* No descriptor more than those that are open now. */
static struct rlimit take_descriptors(void)
{
    struct rlimit before, none;
    int next = dup(STDIN_FILENO);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    none = before;
    none.rlim_cur = (rlim_t)next;
    close(next);
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &none), 0);
    return before;
}

static void give_back(uv_timer_t *timer)
{
    assert_int_equal(setrlimit(RLIMIT_NOFILE, timer->data), 0);
    uv_close((uv_handle_t *)timer, NULL);
}

static void fetch_without_descriptors(uint32_t timeout_ms, uint64_t until_ms,
                                      struct seen *seen)
{
    struct server_script script = {.identity = &identities[VALID],
                                   .response = OK_RESPONSE};
    struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
    struct fetcher_config config = lab_config(timeout_ms);
    struct fetch_request request = request_to(tls_server_port(server));
    uv_timer_t timer;
    uv_loop_t loop;
    memset(seen, 0, sizeof *seen);
    struct fetcher *fetcher = open_fetcher(&loop, &config);
    struct rlimit before = take_descriptors();
    uv_timer_init(&loop, &timer);
    timer.data = &before;
    uv_timer_start(&timer, give_back, until_ms, 0);
    fetcher_get(fetcher, &request, on_result, seen, 7);
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(seen->count, 1);
    assert_int_equal(fetcher_stats(fetcher)->connections, 1);
    close_fetcher(fetcher, &loop);
    tls_server_close(server);
}

static void a_fetch_waits_for_a_descriptor_longer_than_it_may_take(void **state)
{
    (void)state;
    struct seen seen;
    fetch_without_descriptors(2000, 3000, &seen);
    assert_int_equal(seen.stage, FETCH_STAGE_OK);
}

static void special_addresses_are_skipped_unless_allowed(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script script = {.identity = &identities[VALID],
                                         .response = OK_RESPONSE};
    struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
    struct fetcher_config config = lab_config(1000);
    struct fetch_request request = request_to(tls_server_port(server));
    config.allow_special = false;
    fetch(&config, &request, &seen);
    assert_int_equal(seen.stage, FETCH_STAGE_NONE);
    assert_int_equal(seen.error, FETCH_ADDRESS_BLOCKED);
    assert_false(seen.has_address);
    assert_int_equal(tls_server_connections(server), 0);
    tls_server_close(server);
}

static void the_block_list_holds_even_for_allowed_addresses(void **state)
{
    (void)state;
    static struct seen seen;
    char path[] = "/tmp/test_fetch_list.XXXXXX";
    int fd = mkstemp(path);
    assert_int_equal(write(fd, "127.0.0.1/32\n", 13), 13);
    close(fd);
    const struct server_script script = {.identity = &identities[VALID],
                                         .response = OK_RESPONSE};
    struct tls_server *first = tls_server_open(&script, "127.0.0.1", 0);
    struct tls_server *second =
        tls_server_open(&script, "127.0.0.2", tls_server_port(first));
    struct fetcher_config config = lab_config(1000);
    config.blocklist_file = path;
    struct fetch_request request = request_to(tls_server_port(first));
    fetch(&config, &request, &seen);
    assert_int_equal(seen.error, FETCH_ADDRESS_BLOCKED);
    request.address_count = 2;
    request.addresses[1] = ipv4("127.0.0.2");
    fetch(&config, &request, &seen);
    assert_int_equal(seen.error, FETCH_OK);
    assert_int_equal(seen.address.bytes[3], 2);
    assert_int_equal(tls_server_connections(first), 0);
    tls_server_close(first);
    tls_server_close(second);
    unlink(path);
}

static void hosts_that_fit_no_url_end_at_once(void **state)
{
    (void)state;
    static struct seen seen;
    static char long_host[300];
    memset(long_host, 'a', 254);
    const char *const hosts[] = {"", "a/b", "a@b.test", "a b", "[::1]", long_host};
    struct fetcher_config config = lab_config(1000);
    for (size_t i = 0; i < COUNT(hosts); i++) {
        struct fetch_request request = request_to(1);
        request.host = hosts[i];
        fetch(&config, &request, &seen);
        assert_int_equal(seen.stage, FETCH_STAGE_NONE);
        assert_int_equal(seen.error, FETCH_TCP_UNREACHABLE);
    }
}

struct crowd {
    unsigned ok, other;
};

static void on_crowd(void *arg, uint32_t tag, const struct fetch_result *result)
{
    struct crowd *crowd = arg;
    (void)tag;
    if (result->error == FETCH_OK && result->body_len == 41) {
        crowd->ok++;
    } else {
        crowd->other++;
    }
}

static void two_hundred_fetches_pass_a_window_of_fifty(void **state)
{
    (void)state;
    const struct server_script script = {.identity = &identities[VALID],
                                         .response = OK_RESPONSE};
    struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
    struct fetcher_config config = lab_config(20000);
    struct fetch_request request = request_to(tls_server_port(server));
    struct crowd crowd = {0};
    uv_loop_t loop;
    struct fetcher *fetcher = open_fetcher(&loop, &config);
    for (uint32_t i = 0; i < 200; i++) {
        fetcher_get(fetcher, &request, on_crowd, &crowd, i);
    }
    uv_run(&loop, UV_RUN_DEFAULT);
    assert_int_equal(crowd.ok, 200);
    assert_int_equal(crowd.other, 0);
    const struct fetcher_stats *stats = fetcher_stats(fetcher);
    assert_int_equal(stats->fetches, 200);
    assert_int_equal(stats->connections, 200);
    assert_int_equal(stats->bytes, 200 * 41);
    assert_int_equal(stats->by_stage[FETCH_STAGE_OK], 200);
    close_fetcher(fetcher, &loop);
    assert_int_equal(tls_server_connections(server), 200);
    tls_server_close(server);
}

static void sleep_long(uv_timer_t *timer)
{
    usleep(1800 * 1000);
    uv_close((uv_handle_t *)timer, NULL);
}

/* Meanwhile the loop does not run, as in a process that is stopped. */
static void fetch_and_sleep(const struct server_script *script, uint32_t timeout_ms,
                            struct seen *seen)
{
    struct tls_server *server = tls_server_open(script, "127.0.0.1", 0);
    struct fetcher_config config = lab_config(timeout_ms);
    struct fetch_request request = request_to(tls_server_port(server));
    uv_loop_t loop;
    uv_timer_t timer;
    memset(seen, 0, sizeof *seen);
    struct fetcher *fetcher = open_fetcher(&loop, &config);
    fetcher_get(fetcher, &request, on_result, seen, 0);
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, sleep_long, 1, 0); /* after the pump has begun */
    uv_run(&loop, UV_RUN_DEFAULT);
    close_fetcher(fetcher, &loop);
    tls_server_close(server);
    assert_int_equal(seen->count, 1);
}

static void time_in_which_the_loop_slept_does_not_count(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script answers = {.identity = &identities[VALID],
                                          .response = OK_RESPONSE};
    const struct server_script silent = {.act = SERVER_HELLO_SILENT};
    fetch_and_sleep(&answers, 1200, &seen);
    assert_int_equal(seen.error, FETCH_OK);
    fetch_and_sleep(&silent, 1200, &seen);
    assert_int_equal(seen.error, FETCH_TLS_TIMEOUT);
    assert_true(seen.duration_ms >= 2950 && seen.duration_ms < 8000);
}

static void stop_loop(uv_timer_t *timer)
{
    uv_stop(timer->loop);
    uv_close((uv_handle_t *)timer, NULL);
}

/* One in TLS, one in HTTP, one for the window: each is answered at its stage. */
static void close_answers_open_requests_at_their_stage(void **state)
{
    (void)state;
    static struct seen seen[3];
    memset(seen, 0, sizeof seen);
    const struct server_script in_tls = {.act = SERVER_HELLO_SILENT};
    const struct server_script in_http = {.act = SERVER_REQUEST_SILENT,
                                          .identity = &identities[VALID]};
    struct tls_server *servers[2] = {tls_server_open(&in_tls, "127.0.0.1", 0),
                                     tls_server_open(&in_http, "127.0.0.1", 0)};
    struct fetcher_config config = lab_config(20000);
    config.window = 2;
    uv_loop_t loop;
    uv_timer_t timer;
    struct fetcher *fetcher = open_fetcher(&loop, &config);
    for (uint32_t i = 0; i < 3; i++) {
        struct fetch_request request = request_to(tls_server_port(servers[i % 2]));
        fetcher_get(fetcher, &request, on_result, &seen[i], i);
    }
    uv_timer_init(&loop, &timer);
    uv_timer_start(&timer, stop_loop, 300, 0);
    uv_run(&loop, UV_RUN_DEFAULT);
    close_fetcher(fetcher, &loop);
    static const enum fetch_stage stages[] = {FETCH_STAGE_TLS, FETCH_STAGE_HTTP,
                                              FETCH_STAGE_NONE};
    static const enum fetch_error errors[] = {FETCH_TLS_TIMEOUT, FETCH_HTTP_TIMEOUT,
                                              FETCH_TCP_TIMEOUT};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(seen[i].count, 1);
        assert_int_equal(seen[i].stage, stages[i]);
        assert_int_equal(seen[i].error, errors[i]);
    }
    tls_server_close(servers[0]);
    tls_server_close(servers[1]);
}

static void close_before_the_loop_ran_answers_all(void **state)
{
    (void)state;
    static struct seen seen;
    memset(&seen, 0, sizeof seen);
    struct fetcher_config config = lab_config(1000);
    struct fetch_request request = request_to(1);
    uv_loop_t loop;
    struct fetcher *fetcher = open_fetcher(&loop, &config);
    fetcher_get(fetcher, &request, on_result, &seen, 0);
    close_fetcher(fetcher, &loop);
    assert_int_equal(seen.count, 1);
    assert_int_equal(seen.stage, FETCH_STAGE_NONE);
}

static void files_that_cannot_be_used_are_named(void **state)
{
    (void)state;
    uv_loop_t loop;
    assert_int_equal(uv_loop_init(&loop), 0);
    struct fetcher *fetcher = NULL;
    char error[FETCH_ERROR_LEN];
    struct fetcher_config config = lab_config(1000);
    config.ca_file = "/nonexistent/ca.pem";
    assert_int_equal(fetcher_open(&fetcher, &loop, &config, error), -ENOENT);
    assert_string_equal(error, "/nonexistent/ca.pem: No such file or directory");
    config.ca_file = "/dev/null";
    assert_int_equal(fetcher_open(&fetcher, &loop, &config, error), -EINVAL);
    assert_string_equal(error, "/dev/null: holds no certificate in PEM");
    config = lab_config(1000);
    config.blocklist_file = "/nonexistent/list";
    assert_int_equal(fetcher_open(&fetcher, &loop, &config, error), -ENOENT);
    assert_string_equal(error, "/nonexistent/list: No such file or directory");
    assert_int_equal(uv_loop_close(&loop), 0);
}

static void the_system_store_does_not_trust_the_lab(void **state)
{
    (void)state;
    static struct seen seen;
    const struct server_script script = {.identity = &identities[VALID],
                                         .response = OK_RESPONSE};
    struct fetcher_config config = lab_config(5000);
    config.ca_file = NULL;
    char error[FETCH_ERROR_LEN];
    uv_loop_t loop;
    struct fetcher *fetcher = NULL;
    assert_int_equal(uv_loop_init(&loop), 0);
    if (fetcher_open(&fetcher, &loop, &config, error) == -ENOENT) {
        assert_int_equal(uv_loop_close(&loop), 0);
        skip(); /* a machine without ca-certificates */
    }
    close_fetcher(fetcher, &loop);
    struct tls_server *server = tls_server_open(&script, "127.0.0.1", 0);
    struct fetch_request request = request_to(tls_server_port(server));
    fetch(&config, &request, &seen);
    assert_int_equal(seen.error, FETCH_CERT_UNKNOWN_ISSUER);
    tls_server_close(server);
}

static void make(enum who who, const char *common_name, const char *names,
                 const struct identity *issuer)
{
    const struct identity_wish wish = {common_name, names, issuer,
                                       -10,         10,    issuer == NULL};
    identity_make(&identities[who], &wish);
}

static void make_timed(enum who who, const char *name, const char *names, int begin_days,
                       int end_days)
{
    const struct identity_wish wish = {name,       names,    &identities[ROOT],
                                       begin_days, end_days, false};
    identity_make(&identities[who], &wish);
}

static int make_identities(void **state)
{
    (void)state;
    const struct identity *root = &identities[ROOT], *other = &identities[OTHER_ROOT];
    make(ROOT, "Lab Root", NULL, NULL);
    make(OTHER_ROOT, "Other Root", NULL, NULL);
    make(VALID, "valid, \nthe leaf",
         "DNS:" HOST ",DNS:a.lab.test,IP:192.0.2.1,IP:2001:db8::1", root);
    make_timed(EXPIRED, "expired", "DNS:" HOST, -10, -1);
    make_timed(NOT_YET_VALID, "early", "DNS:" HOST, 1, 10);
    const struct identity_wish alone = {"alone", "DNS:" HOST, NULL, -1, 1, false};
    identity_make(&identities[SELF_SIGNED], &alone);
    make(UNTRUSTED_ROOT, "untrusted", "DNS:" HOST, other);
    identities[UNTRUSTED_ROOT].sent_along = other->certificate;
    make(UNKNOWN_ISSUER, "unknown", "DNS:" HOST, other);
    make(WRONG_NAME, HOST, "DNS:www.lab.test", root);
    make(NAME_IN_CN_ONLY, HOST, NULL, root);
    make(WILDCARD, "wildcard", "DNS:*.lab.test", root);
    make(PARTIAL_WILDCARD, "partial", "DNS:mta-*.lab.test", root);
    make(WILDCARD_TOO_HIGH, "high", "DNS:*.test,DNS:lab.test,DNS:*.a." HOST, root);
    make_timed(EXPIRED_AND_WRONG_NAME, "both", "DNS:www.lab.test", -10, -1);
    make(WEAK_PURPOSE, "purpose", "DNS:" HOST, root);
    identity_restrict_to_mail(&identities[WEAK_PURPOSE], root);
    strcpy(ca_file, "/tmp/test_fetch_ca.XXXXXX");
    int fd = mkstemp(ca_file);
    close(fd);
    identity_write(root, ca_file);
    return 0;
}

static int drop_identities(void **state)
{
    (void)state;
    for (size_t i = 0; i < WHO_COUNT; i++) {
        identity_close(&identities[i]);
    }
    unlink(ca_file);
    return 0;
}

int main(void)
{
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(broken_connections_are_told_apart),
        cmocka_unit_test(a_reset_right_after_accept_is_tcp_reset),
        cmocka_unit_test(alerts_are_told_from_other_broken_handshakes),
        cmocka_unit_test(certificates_fail_by_openssl_first_defect),
        cmocka_unit_test(facts_of_the_leaf_are_there_even_if_it_failed),
        cmocka_unit_test(no_facts_without_a_certificate),
        cmocka_unit_test(responses_other_than_200_are_told_apart),
        cmocka_unit_test(broken_http_is_http_protocol),
        cmocka_unit_test(where_a_body_ends_is_read_more_strictly_than_curl_does),
        cmocka_unit_test(headers_without_end_are_cut_off),
        cmocka_unit_test(what_tells_nothing_is_cut_off_and_holds_up_nobody),
        cmocka_unit_test(a_trickled_body_ends_at_the_deadline),
        cmocka_unit_test(bodies_pass_up_to_65536_bytes),
        cmocka_unit_test(the_content_type_comes_as_sent_and_bounded),
        cmocka_unit_test(the_request_is_plain_and_names_the_host),
        cmocka_unit_test(a_closed_port_is_refused),
        cmocka_unit_test(an_address_without_a_route_is_unreachable),
        cmocka_unit_test(a_syn_without_answer_is_a_tcp_timeout),
        cmocka_unit_test(the_attempt_that_got_furthest_is_the_result),
        cmocka_unit_test(a_policy_is_fetched_over_ipv6),
        cmocka_unit_test(ipv6_is_tried_when_ipv4_fails_and_the_furthest_attempt_counts),
        cmocka_unit_test(a_fetch_waits_for_a_descriptor_longer_than_it_may_take),
        cmocka_unit_test(special_addresses_are_skipped_unless_allowed),
        cmocka_unit_test(the_block_list_holds_even_for_allowed_addresses),
        cmocka_unit_test(hosts_that_fit_no_url_end_at_once),
        cmocka_unit_test(two_hundred_fetches_pass_a_window_of_fifty),
        cmocka_unit_test(time_in_which_the_loop_slept_does_not_count),
        cmocka_unit_test(close_answers_open_requests_at_their_stage),
        cmocka_unit_test(close_before_the_loop_ran_answers_all),
        cmocka_unit_test(files_that_cannot_be_used_are_named),
        cmocka_unit_test(the_system_store_does_not_trust_the_lab),
    };
    return cmocka_run_group_tests(tests, make_identities, drop_identities);
}
