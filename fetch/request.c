#include "fetch/request.h"

#include "fetch/transfer_verdict.h"

#include <string.h>

#define HTTPS_PORT 443

/* What a URL could misread must not get into one. */
static bool is_host(const char *text, size_t len)
{
    static const char bytes[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.";
    return len > 0 && len <= FETCH_HOST_MAX && strspn(text, bytes) == len;
}

static bool is_path(const char *text, size_t len)
{
    if (len == 0 || len > FETCH_PATH_MAX || text[0] != '/') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '#') {
            return false;
        }
    }
    return true;
}

void request_init(struct request *request, const struct fetch_request *from,
                  const struct address_guard *guard)
{
    memset(request, 0, sizeof *request);
    size_t host_len = strlen(from->host), path_len = strlen(from->path);
    request->is_valid = is_host(from->host, host_len) && is_path(from->path, path_len) &&
                        from->address_count > 0;
    if (!request->is_valid) {
        return;
    }
    memcpy(request->host, from->host, host_len);
    memcpy(request->path, from->path, path_len);
    request->port = from->port != 0 ? from->port : HTTPS_PORT;
    for (size_t i = 0; i < from->address_count && i < FETCH_ADDRESSES_MAX; i++) {
        if (address_guard_allows(guard, &from->addresses[i])) {
            request->addresses[request->address_count++] = from->addresses[i];
        }
    }
}

bool request_has_next(const struct request *request)
{
    return request->address_next < request->address_count && request->left_ms > 0;
}

uint64_t request_next(struct request *request, struct transfer_target *target)
{
    uint64_t sharers = request->address_count - request->address_next;
    target->host = request->host;
    target->path = request->path;
    target->port = request->port;
    target->address = request->addresses[request->address_next++];
    uint64_t share = request->left_ms / sharers;
    return share > 0 ? share : 1;
}

struct transfer *request_settle(struct request *request, uint64_t now_ms)
{
    struct transfer *ended = request->running, *best = request->best;
    uint64_t spent = now_ms - request->attempt_ms;
    request->left_ms -= spent < request->left_ms ? spent : request->left_ms;
    request->running = NULL;
    if (best != NULL && !transfer_verdict_is_better(ended, best)) {
        return ended;
    }
    request->best = ended;
    return best;
}

static void result_without_attempt(const struct request *request,
                                   struct fetch_result *result)
{
    if (!request->is_valid) {
        result->error = FETCH_TCP_UNREACHABLE;
    } else if (request->address_count == 0) {
        result->error = FETCH_ADDRESS_BLOCKED;
    } else {
        result->error = FETCH_TCP_TIMEOUT; /* closed before its turn came */
    }
}

void request_result(const struct request *request, struct fetch_result *result)
{
    const struct transfer *best = request->best;
    memset(result, 0, sizeof *result);
    if (best == NULL) {
        result_without_attempt(request, result);
        return;
    }
    result->stage = best->stage;
    result->error = best->error;
    result->address = &best->target.address;
    result->http_status = best->http_status;
    bool has_type = best->http_status != 0 && best->content_type_len > 0;
    result->content_type = has_type ? best->content_type : NULL;
    result->body = best->body_len > 0 ? best->body : NULL;
    result->body_len = best->body_len;
}
