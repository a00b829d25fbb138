/* HTTPS GET for the scanner: addresses and a URL in; bytes, TLS facts and a verdict on
 * where and why it ended out. Hides libcurl and OpenSSL.
 *
 *   fetcher_open(&fetcher, loop, &config, error);
 *   fetcher_get(fetcher, &request, on_result, job, tag);
 *   fetcher_close(fetcher);
 *   uv_run(loop, UV_RUN_DEFAULT);
 *
 * Rules: one fetcher per loop, used by that loop's thread only. Each request ends in
 * exactly one callback, from inside fetcher_get only when memory is short. Results are borrowed: valid only
 * inside the callback. No redirect is followed, no cache used, no proxy, HTTP/1.1,
 * TLS 1.2 or later; the name must stand in the SAN as a dNSName, and a wildcard is a
 * whole left-most label (RFC 8461, 3.3).
 *
 * Addresses are tried in the order given until one attempt ends in FETCH_STAGE_OK; the
 * time left is shared evenly among the addresses left. The result is the attempt that got
 * furthest, at a tie a definite answer before a time-out, then the earlier one. Waiting
 * inside (for the window, the rate, the address or, two minutes at most, for a descriptor or
 * local port) does not count against timeout_ms, nor does time in which the loop did not
 * run (stopwatch.h).
 *
 * An address that refused two connections in a row is not tried again for 2 s, one that
 * gave no answer or could not be reached, for 10 s (peers.h): attempts end as those did.
 *
 * The program ignores SIGPIPE: peers reset connections while we write.
 */
#ifndef FETCH_FETCH_H
#define FETCH_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s;
struct fetcher;

#define FETCH_ADDRESSES_MAX 4
/* Connections to one address at a time, over all fetchers of a program: enough for 160
 * fetches a second at 200 ms each, and less than six browsers open. */
#define FETCH_PER_ADDRESS 32
#define FETCH_BODY_MAX 65536 /* bytes; one more is FETCH_HTTP_TOO_LARGE */
#define FETCH_ERROR_LEN 256
#define FETCH_HOST_MAX 253
#define FETCH_PATH_MAX 255
#define FETCH_CONTENT_TYPE_MAX 256 /* bytes; what is longer is cut */
#define FETCH_NAME_MAX 1024 /* bytes of subject and of issuer; what is longer is cut */
#define FETCH_NAMES_MAX 512 /* SAN entries; further ones are dropped */

struct fetch_address {
    uint8_t family; /* 4 or 6 */
    uint8_t bytes[16];
};

/* Where the fetch ended: what the connection was doing, so FETCH_TCP_RESET may stand
 * beside TCP, TLS or HTTP. An alert after our last handshake message but before the first
 * byte of a response still belongs to TLS: in TLS 1.3 a server may refuse that late
 * (RFC 8446, 4.4.2.4). */
enum fetch_stage {
    FETCH_STAGE_NONE,
    FETCH_STAGE_TCP,
    FETCH_STAGE_TLS,
    FETCH_STAGE_HTTP,
    FETCH_STAGE_OK
};

/* Why, in the order of the contract's codes. */
enum fetch_error {
    FETCH_OK,
    FETCH_ADDRESS_BLOCKED, /* every address is special-purpose or on the block list */
    FETCH_TCP_REFUSED,
    FETCH_TCP_TIMEOUT,
    FETCH_TCP_UNREACHABLE,
    FETCH_TCP_RESET, /* a RST, at whatever stage */
    FETCH_TLS_PROTOCOL,
    FETCH_TLS_ALERT, /* any alert but protocol_version, which is FETCH_TLS_PROTOCOL */
    FETCH_TLS_TIMEOUT,
    FETCH_CERT_EXPIRED,
    FETCH_CERT_NOT_YET_VALID,
    FETCH_CERT_SELF_SIGNED,
    FETCH_CERT_UNTRUSTED_ROOT,
    FETCH_CERT_UNKNOWN_ISSUER,
    FETCH_CERT_NAME_MISMATCH,
    FETCH_CERT_OTHER,
    FETCH_HTTP_REDIRECT,
    FETCH_HTTP_STATUS,
    FETCH_HTTP_TIMEOUT,
    FETCH_HTTP_TOO_LARGE,
    FETCH_HTTP_PROTOCOL
};

struct fetch_request {
    /* host and path are copied. */
    const char *host; /* A-label: SNI, Host, and the name the certificate must bear */
    const char *path; /* "/.well-known/mta-sts.txt" */
    uint16_t port;    /* 0 = 443 */
    size_t address_count;
    struct fetch_address addresses[FETCH_ADDRESSES_MAX]; /* tried in this order */
};

struct fetch_tls {
    const char *version; /* "TLSv1.3"; NULL where no handshake got that far */
    const char *cipher;
    const char *verify_error; /* OpenSSL's text for the first failure, or NULL */
    /* Of the leaf, also when its verification failed; names by RFC 2253. */
    const char *subject, *issuer;
    /* dNSName and iPAddress of the SAN as presented (NUL as \000), sorted by bytes. */
    const char *const *names;
    size_t name_count;
    const char *not_before, *not_after; /* RFC 3339 UTC, milliseconds and Z */
};

struct fetch_result {
    enum fetch_stage stage;
    enum fetch_error error;
    /* Of the attempt that counts; NULL: none was made. */
    const struct fetch_address *address;
    struct fetch_tls tls;
    int http_status;          /* of the final response; 0 = none came */
    const char *content_type; /* as sent (a folded one in one line), or NULL */
    /* Of any status, bytes whatever Content-Encoding says; NULL when none came. Of a
     * longer one the first FETCH_BODY_MAX bytes. */
    const char *body;
    size_t body_len;
    double duration_ms; /* of the whole request, all addresses */
};

typedef void fetcher_on_result(void *arg, uint32_t tag,
                               const struct fetch_result *result);

/* Asked before each connection: 0 = now, and the turn is taken; else the ns after which to ask
 * again. From the fetcher's thread. */
typedef uint64_t fetcher_take_turn(void *turns, const struct fetch_address *address);

struct fetcher_config {
    const char *ca_file;        /* trust only these; NULL = the system's store */
    const char *blocklist_file; /* CIDRs never contacted; NULL = none */
    const char *user_agent;
    bool allow_special;   /* special-purpose addresses may be contacted (labs) */
    uint32_t timeout_ms;  /* whole request, all addresses */
    uint32_t window;      /* requests under way; the rest waits inside, in order */
    uint32_t per_address; /* connections to one address at a time; 0 = no limit */
    fetcher_take_turn *take_turn; /* NULL = no limit */
    void *turns;
};

struct fetcher_stats {
    uint64_t fetches; /* requests */
    uint64_t connections;
    uint64_t remembered; /* attempts answered by a failure of that address just before */
    uint64_t shortages;  /* attempts that our own machine had no descriptor or port for */
    uint64_t bytes;      /* of bodies */
    uint64_t by_stage[FETCH_STAGE_OK + 1];
};

/* 0 or -errno; error then holds one sentence for the user. The strings of config are
 * copied. */
int fetcher_open(struct fetcher **fetcher, struct uv_loop_s *loop,
                 const struct fetcher_config *config, char error[FETCH_ERROR_LEN])
    __attribute__((warn_unused_result));

/* A host or path that cannot stand in a URL (longer than the limits above, a byte outside
 * letters, digits, '-', '_', '.' in the host or outside printable ASCII in the path) and
 * a request without addresses end as FETCH_TCP_UNREACHABLE at FETCH_STAGE_NONE. */
void fetcher_get(struct fetcher *fetcher, const struct fetch_request *request,
                 fetcher_on_result *on_result, void *arg, uint32_t tag);

/* Ends open requests as timed out at their stage (FETCH_TCP_TIMEOUT at FETCH_STAGE_NONE
 * where no attempt was made) and frees all once the loop has run the close callbacks. Not
 * from inside a result; no fetcher_get after it. */
void fetcher_close(struct fetcher *fetcher);

/* Memory has run short in a fetcher, in libcurl or in OpenSSL, at any time in the life of the
 * process: results told from then on may blame a server for it and must not be believed. */
bool fetcher_lacks_memory(void);
/* Once, before OpenSSL is used anywhere in the program: what it lacks is noticed from then on.
 * 0 or -ENOMEM; then it must not be used at all: it would not survive. */
int fetcher_watch_memory(void) __attribute__((warn_unused_result));

const struct fetcher_stats *fetcher_stats(const struct fetcher *fetcher);
const char *fetcher_libraries(void);
const char *fetch_error_text(enum fetch_error error); /* "tcp_refused"; "" of FETCH_OK */

#endif
