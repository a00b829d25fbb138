#include "fetch/multi.h"

#include "fetch/memory.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct multi_poll {
    uv_poll_t handle;
    struct multi *multi;
    struct multi_poll *next;
    curl_socket_t socket;
    int interest; /* UV_READABLE, UV_WRITABLE */
};

static void act(struct multi *multi, curl_socket_t socket, int events)
{
    int running = 0;
    curl_multi_socket_action(multi->curl, socket, events, &running);
    int waiting = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(multi->curl, &waiting)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            CURL *easy = message->easy_handle; /* message dies with the removal */
            CURLcode code = message->data.result;
            curl_multi_remove_handle(multi->curl, easy);
            multi->on_done(multi->arg, easy, code);
        }
    }
}

static void on_timer(uv_timer_t *timer)
{
    act(timer->data, CURL_SOCKET_TIMEOUT, 0);
}

/* Never acts at once: curl calls this from inside its own functions. */
static int on_curl_timer(CURLM *curl, long timeout_ms, void *arg)
{
    (void)curl;
    struct multi *multi = arg;
    if (timeout_ms < 0) {
        return uv_timer_stop(&multi->timer);
    }
    return uv_timer_start(&multi->timer, on_timer, (uint64_t)timeout_ms, 0);
}

static int curl_events(int events)
{
    return (events & UV_READABLE ? CURL_CSELECT_IN : 0) |
           (events & UV_WRITABLE ? CURL_CSELECT_OUT : 0);
}

static void on_poll(uv_poll_t *handle, int status, int events)
{
    struct multi_poll *poll = handle->data;
    if (status == 0) {
        act(poll->multi, poll->socket, curl_events(events));
        return;
    }
    /* libuv stops a handle on POLLERR, which is what a RST looks like. There may be data
     * before it, and the error itself is for curl to read: so curl hears "readable and
     * writable" (of CURL_CSELECT_ERR alone it makes a send error) and the handle goes on.
     */
    act(poll->multi, poll->socket, curl_events(poll->interest));
    if (!uv_is_closing((uv_handle_t *)handle)) {
        uv_poll_start(handle, poll->interest, on_poll);
    }
}

static void handle_gone(struct multi *multi)
{
    if (--multi->handle_count > 0 || multi->on_closed == NULL) {
        return;
    }
    while (multi->spare != NULL) {
        struct multi_poll *poll = multi->spare;
        multi->spare = poll->next;
        free(poll);
    }
    multi->on_closed(multi->arg);
}

static void on_poll_closed(uv_handle_t *handle)
{
    struct multi_poll *poll = handle->data;
    poll->next = poll->multi->spare;
    poll->multi->spare = poll;
    handle_gone(poll->multi);
}

static struct multi_poll *poll_open(struct multi *multi, curl_socket_t socket)
{
    struct multi_poll *poll = multi->spare;
    if (poll != NULL) {
        multi->spare = poll->next;
    } else {
        poll = malloc(sizeof *poll);
    }
    if (poll == NULL) {
        memory_lack();
        return NULL;
    }
    memset(poll, 0, sizeof *poll);
    if (uv_poll_init_socket(multi->loop, &poll->handle, socket) < 0) {
        poll->next = multi->spare;
        multi->spare = poll;
        return NULL;
    }
    multi->handle_count++;
    poll->multi = multi;
    poll->socket = socket;
    poll->handle.data = poll;
    return poll;
}

/* Always 0: any other value makes curl abandon every transfer of the multi. A socket that
 * cannot be watched runs into its own deadline. */
static int on_curl_socket(CURL *easy, curl_socket_t socket, int what, void *arg,
                          void *watch)
{
    (void)easy;
    struct multi *multi = arg;
    struct multi_poll *poll = watch;
    if (what == CURL_POLL_REMOVE) {
        if (poll != NULL) {
            uv_close((uv_handle_t *)&poll->handle, on_poll_closed);
            curl_multi_assign(multi->curl, socket, NULL);
        }
        return 0;
    }
    if (poll == NULL) {
        poll = poll_open(multi, socket);
        if (poll == NULL) {
            return 0;
        }
        curl_multi_assign(multi->curl, socket, poll);
    }
    poll->interest = (what & CURL_POLL_IN ? UV_READABLE : 0) |
                     (what & CURL_POLL_OUT ? UV_WRITABLE : 0);
    uv_poll_start(&poll->handle, poll->interest, on_poll);
    return 0;
}

int multi_init(struct multi *multi, uv_loop_t *loop, multi_on_done *on_done, void *arg)
{
    memset(multi, 0, sizeof *multi);
    multi->curl = curl_multi_init();
    if (multi->curl == NULL) {
        return -ENOMEM;
    }
    int result = uv_timer_init(loop, &multi->timer);
    if (result < 0) {
        curl_multi_cleanup(multi->curl);
        return result;
    }
    multi->loop = loop;
    multi->timer.data = multi;
    multi->handle_count = 1;
    multi->on_done = on_done;
    multi->arg = arg;
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
    curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_curl_timer);
    curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
    curl_multi_setopt(multi->curl, CURLMOPT_PIPELINING, CURLPIPE_NOTHING);
    return 0;
}

int multi_add(struct multi *multi, CURL *easy)
{
    return curl_multi_add_handle(multi->curl, easy) == CURLM_OK ? 0 : -ENOMEM;
}

void multi_remove(struct multi *multi, CURL *easy)
{
    curl_multi_remove_handle(multi->curl, easy);
}

static void on_timer_closed(uv_handle_t *handle)
{
    handle_gone(handle->data);
}

void multi_close(struct multi *multi, multi_on_closed *on_closed)
{
    multi->on_closed = on_closed;
    curl_multi_cleanup(multi->curl);
    uv_close((uv_handle_t *)&multi->timer, on_timer_closed);
}
