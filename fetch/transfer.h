/* One attempt at one address: a curl easy handle with its deadline, what was seen on the
 * way, and the verdict. Handles are made once and used again.
 */
#ifndef FETCH_TRANSFER_H
#define FETCH_TRANSFER_H

#include "fetch/address_guard.h"
#include "fetch/multi.h"
#include "fetch/signature_memo.h"
#include "fetch/stopwatch.h"
#include "fetch/tls.h"

/* Of one response, interim responses and trailers included. */
#define TRANSFER_HEADERS_MAX 256
#define TRANSFER_HEADER_BYTES_MAX 65536
/* Of a connection, TLS included: more than a body of FETCH_BODY_MAX takes when each byte
 * is a chunk and a record of its own. */
#define TRANSFER_BYTES_MAX (2 << 20)

struct transfer;

typedef void transfer_on_end(struct transfer *transfer);

/* What all transfers of a fetcher share. */
struct transfer_context {
    struct multi multi;
    struct address_guard guard;
    struct stopwatch stopwatch;
    X509_STORE *store;
    struct signature_memo *signatures; /* of the store */
    char *user_agent;
    transfer_on_end *on_end;
    void *owner;
};

struct transfer_target {
    const char *host, *path; /* must outlive the attempt */
    uint16_t port;
    struct fetch_address address;
};

struct transfer {
    struct transfer *next; /* pool */
    struct transfer_context *context;
    void *owner;
    CURL *easy;
    uv_timer_t deadline;
    uint64_t deadline_ms; /* by the stopwatch */
    struct curl_slist connect_to;
    char connect_to_text[64];

    struct transfer_target target;
    enum fetch_stage stage; /* the verdict */
    enum fetch_error error;
    struct tls_evidence tls;
    int socket_error; /* errno where no socket could be had */
    bool is_blocked, is_timed_out;
    bool is_shortage;     /* ours (shortage.h): no packet has left */
    bool is_address_dead; /* what failed is the address, nothing of ours */
    bool is_remembered;   /* no connection was tried */
    bool is_reset;        /* at close TCP was gone, by an error curl has met */
    bool is_response_begun, is_body_excess;
    bool is_in_head;
    bool is_chunked;           /* the body's end is marked (RFC 9112, 6.1) */
    bool has_length;           /* Content-Length */
    bool is_content_type_open; /* the last line was of it */
    uint64_t length;
    int http_status; /* of the final response */
    uint32_t header_count, header_bytes;
    size_t content_type_len; /* 0 = none yet */
    char content_type[FETCH_CONTENT_TYPE_MAX + 1];
    char *body;
    size_t body_len, body_capacity;
};

/* Opens the multi and the stopwatch; the other members are the caller's. 0 or -errno. */
int transfer_context_open(struct transfer_context *context, uv_loop_t *loop)
    __attribute__((warn_unused_result));

/* NULL: no memory. */
struct transfer *transfer_open(struct transfer_context *context);
/* on_closed runs once the loop has closed the timer; it frees the memory. */
void transfer_close(struct transfer *transfer, uv_close_cb on_closed);

/* Ends in on_end, never from inside. -errno: it did not begin, on_end is not called. */
int transfer_start(struct transfer *transfer, const struct transfer_target *target,
                   uint64_t timeout_ms) __attribute__((warn_unused_result));
/* Instead of a start: the verdict on an address that lately failed so. on_end is not
 * called. */
void transfer_remember(struct transfer *transfer, const struct transfer_target *target,
                       enum fetch_error error);
/* As if the deadline had come: ends in on_end at once. */
void transfer_expire(struct transfer *transfer);
/* Drops what the last attempt left. */
void transfer_clear(struct transfer *transfer);

#endif
