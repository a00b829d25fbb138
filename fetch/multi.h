/* libcurl's multi socket interface on a libuv loop: one uv_poll_t per socket, one
 * uv_timer_t.
 *
 * on_done is called for every transfer that ended by itself, after curl closed its
 * connection and the handle has left the multi. It may add and remove handles.
 */
#ifndef FETCH_MULTI_H
#define FETCH_MULTI_H

#include <curl/curl.h>
#include <uv.h>

struct multi_poll;

typedef void multi_on_done(void *arg, CURL *easy, CURLcode code);
typedef void multi_on_closed(void *arg);

struct multi {
    CURLM *curl;
    uv_loop_t *loop;
    uv_timer_t timer;
    struct multi_poll *spare; /* closed poll handles for the next sockets */
    size_t handle_count;      /* uv handles not yet closed */
    multi_on_done *on_done;
    multi_on_closed *on_closed;
    void *arg;
};

/* 0 or -errno. */
int multi_init(struct multi *multi, uv_loop_t *loop, multi_on_done *on_done, void *arg)
    __attribute__((warn_unused_result));
int multi_add(struct multi *multi, CURL *easy) __attribute__((warn_unused_result));
/* Ends a transfer under way; on_done is not called for it. */
void multi_remove(struct multi *multi, CURL *easy);
/* All easy handles have been removed. The memory of multi must last until on_closed. */
void multi_close(struct multi *multi, multi_on_closed *on_closed);

#endif
