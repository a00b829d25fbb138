#include "resolver/resolver.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <uv.h>

#include "resolver/cache.h"
#include "resolver/front.h"

#define POOL_BLOCK 256

struct pool_block {
    struct pool_block *next;
    struct query queries[POOL_BLOCK];
};

/* ---- queries ---- */

void query_list_append(struct query_list *list, struct query *query)
{
    query->next = NULL;
    query->previous = list->last;
    *(list->last ? &list->last->next : &list->first) = query;
    list->last = query;
}

void query_list_remove(struct query_list *list, struct query *query)
{
    *(query->previous ? &query->previous->next : &list->first) = query->next;
    *(query->next ? &query->next->previous : &list->last) = query->previous;
}

static bool pool_grow(struct resolver *resolver)
{
    struct pool_block *block = malloc(sizeof *block);

    if (!block) {
        poller_lack_memory(resolver->poller);
        return false;
    }
    block->next = resolver->blocks;
    resolver->blocks = block;
    for (size_t i = 0; i < POOL_BLOCK; i++) {
        block->queries[i].next = resolver->unused;
        resolver->unused = &block->queries[i];
    }
    return true;
}

struct query *query_take(struct resolver *resolver)
{
    if (!resolver->unused && !pool_grow(resolver)) {
        return NULL;
    }
    struct query *query = resolver->unused;
    resolver->unused = query->next;
    memset(query, 0, sizeof *query);
    return query;
}

/* ---- answers ---- */

static void answer_call(struct resolver *resolver, resolver_on_answer *on_answer,
                        void *arg, uint32_t tag, const struct dns_answer *answer)
{
    resolver->stats.by_status[answer->status]++;
    resolver->callback_depth++;
    on_answer(arg, tag, answer);
    resolver->callback_depth--;
}

/* A failure is worth remembering when all was tried that may be tried. */
static bool is_to_cache(const struct resolver *resolver, const struct query *query,
                        const struct dns_answer *answer)
{
    return dns_is_answered(answer->status) || !query->is_brief ||
           query->attempts > resolver->retries;
}

static uint32_t now_s(const struct resolver *resolver)
{
    return (uint32_t)(uv_now(resolver->loop) / 1000);
}

/* Nobody reads the cache now: engines answer outside of callbacks. */
static void query_settle(struct resolver *resolver, struct query *query,
                         const struct dns_answer *answer)
{
    assert(resolver->callback_depth == 0);
    outstanding_remove(&resolver->outstanding, query);
    if (is_to_cache(resolver, query, answer)) {
        resolver->stats.cache_evictions +=
            cache_insert(resolver->cache, &query->question, now_s(resolver), answer);
    }
}

/* The query goes back to the pool before the caller hears of it and may ask the next
 * one; then the same for each who waited with it. */
void query_end(struct resolver *resolver, struct query *query, struct dns_answer *answer)
{
    if (resolver->cache) {
        query_settle(resolver, query, answer);
    }
    answer->retries = query->attempts > 1 ? (uint16_t)(query->attempts - 1) : 0;
    if (--resolver->open_count == 0 && !resolver->is_closing) {
        poller_hold(resolver->poller, false);
    }
    for (struct query *waiter; query; query = waiter, answer->retries = 0) {
        resolver_on_answer *on_answer = query->on_answer;
        void *arg = query->arg;
        uint32_t tag = query->tag;
        waiter = query->waiters;
        query->next = resolver->unused;
        resolver->unused = query;
        answer_call(resolver, on_answer, arg, tag, answer);
    }
}

static void attempt_answer(struct resolver *resolver, struct query *query,
                           struct dns_answer *answer)
{
    query_list_remove(&resolver->asked, query);
    resolver->in_flight--;
    query_end(resolver, query, answer);
}

void engine_answer(struct resolver *resolver, struct query *query,
                   struct dns_answer *answer)
{
    if (!doubt_puts_back(resolver, query, answer->status) &&
        !doubt_keeps(resolver, query, answer->status)) {
        attempt_answer(resolver, query, answer);
    }
}

void engine_retry(struct resolver *resolver, struct query *query, enum dns_status status)
{
    if (doubt_puts_back(resolver, query, status)) {
        return;
    }
    query->timeouts += status == DNS_TIMEOUT;
    if (query->attempts <= resolver->retries && !query->is_control) {
        query_list_remove(&resolver->asked, query);
        query_list_append(&resolver->retrying, query);
        return;
    }
    struct dns_answer answer = {.status = status};
    if (!doubt_keeps(resolver, query, status)) {
        attempt_answer(resolver, query, &answer);
    }
}

static void on_pause_over(struct poller_event *event, unsigned ready)
{
    struct query *query = event->arg;
    struct resolver *resolver = query->resolver;

    (void)ready;
    query_list_remove(&resolver->pausing, query);
    query_list_append(&resolver->waiting, query);
    engine_turn(resolver);
}

void engine_retry_later(struct resolver *resolver, struct query *query,
                        enum dns_status status, uint32_t delay_ms)
{
    if (doubt_puts_back(resolver, query, status)) {
        return;
    }
    query->deadline = (struct poller_event){.on_event = on_pause_over, .arg = query};
    if (query->attempts > resolver->retries ||
        poller_start_timer(resolver->poller, &query->deadline, delay_ms) != 0) {
        struct dns_answer answer = {.status = status};
        if (!doubt_keeps(resolver, query, status)) {
            attempt_answer(resolver, query, &answer);
        }
        return;
    }
    query_list_remove(&resolver->asked, query);
    query_list_append(&resolver->pausing, query);
    resolver->in_flight--;
}

void engine_follow_up(struct resolver *resolver, struct query *query)
{
    query->is_follow_up = true;
    query_list_remove(&resolver->asked, query);
    query_list_append(query->is_control ? &resolver->control : &resolver->retrying,
                      query);
}

void engine_note_shortage(struct resolver *resolver)
{
    resolver->stats.shortages++;
}

/* ---- admission ---- */

/* False: the pacer will ask again. */
static bool turn_take(struct resolver *resolver)
{
    uint64_t wait_ns = resolver->take_turn ? resolver->take_turn(resolver->turns) : 0;

    if (wait_ns > 0 && resolver->pacer.heap_place == 0) {
        (void)poller_start_timer(resolver->poller, &resolver->pacer,
                                 wait_ns / 1000000 + 1);
    }
    return wait_ns == 0;
}

static bool has_room(const struct resolver *resolver)
{
    const struct engine_kind *kind = resolver->kind;

    return resolver->in_flight < resolver->window &&
           (!kind->has_room || kind->has_room(resolver->engine));
}

/* A retry goes first: its place in the window is taken already. */
static struct query_list *list_due(struct resolver *resolver)
{
    if (resolver->control.first) {
        return &resolver->control;
    }
    if (outage_is_on(&resolver->outage)) {
        return NULL;
    }
    if (resolver->retrying.first) {
        return &resolver->retrying;
    }
    if (resolver->waiting.first && has_room(resolver)) {
        return &resolver->waiting;
    }
    return NULL;
}

static void query_ask(struct resolver *resolver, struct query_list *list)
{
    struct query *query = list->first;

    query_list_remove(list, query);
    query_list_append(&resolver->asked, query);
    resolver->in_flight += list != &resolver->retrying && !query->is_follow_up;
    resolver->stats.queries++;
    if (!query->is_follow_up) {
        resolver->stats.retries += query->attempts > 0;
        query->attempts++;
    }
    query->is_follow_up = false;
    resolver->kind->ask(resolver->engine, query);
}

void engine_turn(struct resolver *resolver)
{
    struct query_list *list;

    if (resolver->is_admitting || resolver->is_closing) {
        return;
    }
    resolver->is_admitting = true;
    for (doubt_judge(resolver); (list = list_due(resolver)); doubt_judge(resolver)) {
        if (resolver_lacks_memory(resolver) || !turn_take(resolver)) {
            break;
        }
        query_ask(resolver, list);
    }
    resolver->is_admitting = false;
}

static void on_turn(void *arg)
{
    engine_turn(arg);
}

static void on_pacer(struct poller_event *event, unsigned ready)
{
    (void)ready;
    engine_turn(event->arg);
}

static void query_enqueue(struct resolver *resolver, struct query *query)
{
    query_list_append(&resolver->waiting, query);
    if (resolver->open_count++ == 0) {
        poller_hold(resolver->poller, true);
    }
}

/* Waits with who asks the same already; false when nobody does. Who may not wait for a
 * late second attempt waits for it here all the same: it is not for him alone. */
static bool query_join(struct resolver *resolver, struct query *query)
{
    struct query *asked = outstanding_find(&resolver->outstanding, &query->question);

    if (!asked) {
        outstanding_add(&resolver->outstanding, query);
        return false;
    }
    query->waiters = asked->waiters;
    asked->waiters = query;
    asked->is_brief = asked->is_brief && query->is_brief;
    resolver->stats.coalesced++;
    return true;
}

/* Known without a query: false when it is not. */
static bool question_is_known(struct resolver *resolver,
                              const struct packet_question *question,
                              struct dns_answer *answer)
{
    if (resolver->is_closing) {
        *answer = (struct dns_answer){.status = DNS_NETWORK};
        return true;
    }
    if (resolver->cache &&
        cache_find(resolver->cache, question, now_s(resolver), answer)) {
        resolver->stats.cache_hits++;
        return true;
    }
    return false;
}

// NOLINTNEXTLINE(readability-function-size): resolver_ask and a flag
static void question_take(struct resolver *resolver, const char *name, enum dns_type type,
                          resolver_on_answer *on_answer, void *arg, uint32_t tag,
                          bool is_brief)
{
    struct packet_question question;
    struct dns_answer answer = {.status = DNS_MALFORMED};
    struct query *query = NULL;

    if (packet_question_set(&question, name, type) &&
        !question_is_known(resolver, &question, &answer)) {
        answer.status = DNS_NETWORK;
        query = query_take(resolver);
    }
    if (!query) {
        answer_call(resolver, on_answer, arg, tag, &answer);
    } else {
        query->question = question;
        query->resolver = resolver;
        query->on_answer = on_answer;
        query->arg = arg;
        query->tag = tag;
        query->is_brief = is_brief;
        if (!resolver->cache || !query_join(resolver, query)) {
            query_enqueue(resolver, query);
        }
    }
    if (resolver->callback_depth == 0) {
        engine_turn(resolver);
    }
}

void resolver_ask(struct resolver *resolver, const char *name, enum dns_type type,
                  resolver_on_answer *on_answer, void *arg, uint32_t tag)
{
    question_take(resolver, name, type, on_answer, arg, tag, false);
}

void resolver_ask_briefly(struct resolver *resolver, const char *name, enum dns_type type,
                          resolver_on_answer *on_answer, void *arg, uint32_t tag)
{
    question_take(resolver, name, type, on_answer, arg, tag, true);
}

/* ---- life ---- */

int engine_fail(char error[RESOLVER_ERROR_LEN], int code, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    // NOLINTNEXTLINE(clang-analyzer-valist.Uninitialized): a false alarm of clang 14
    vsnprintf(error, RESOLVER_ERROR_LEN, format, arguments);
    va_end(arguments);
    return -code;
}

/* A question in flight holds a socket or more, and soft limits are often 1,024. */
static void descriptors_raise(void)
{
    struct rlimit limit;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < limit.rlim_max) {
        limit.rlim_cur = limit.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &limit);
    }
}

static void resolver_free(void *arg)
{
    struct resolver *resolver = arg;

    for (struct pool_block *block = resolver->blocks, *next; block; block = next) {
        next = block->next;
        free(block);
    }
    cache_free(resolver->cache);
    outstanding_close(&resolver->outstanding);
    free(resolver);
}

static int cache_set(struct resolver *resolver, size_t cache_bytes)
{
    if (cache_bytes == 0) {
        return 0;
    }
    int code = outstanding_open(&resolver->outstanding, resolver->window);
    return code != 0 ? code : cache_open(&resolver->cache, cache_bytes);
}

int resolver_open(struct resolver **out, struct uv_loop_s *loop,
                  const struct resolver_config *config, char error[RESOLVER_ERROR_LEN])
{
    struct resolver *resolver = calloc(1, sizeof *resolver);

    error[0] = '\0';
    if (!resolver) {
        return engine_fail(error, ENOMEM, "out of memory");
    }
    descriptors_raise();
    resolver->loop = loop;
    resolver->retries = config->retries;
    resolver->take_turn = config->take_turn;
    resolver->turns = config->turns;
    resolver->pacer = (struct poller_event){.on_event = on_pacer, .arg = resolver};
    doubt_init(resolver);
    resolver->kind = config->name_servers ? &engine_wire : &engine_recursion;
    resolver->window = config->window ? config->window : 1;
    int code = cache_set(resolver, config->cache_bytes);
    if (code != 0) {
        resolver_free(resolver);
        return engine_fail(error, -code, "answer cache: %s", strerror(-code));
    }
    code = poller_open(&resolver->poller, loop, on_turn, resolver);
    if (code != 0) {
        resolver_free(resolver);
        return engine_fail(error, -code, "event loop: %s", strerror(-code));
    }
    struct engine_start start = {resolver, resolver->poller, loop, config, error};
    code = resolver->kind->open(&resolver->engine, &start);
    if (code != 0) {
        poller_close(resolver->poller, resolver_free, resolver);
        return code;
    }
    *out = resolver;
    return 0;
}

static void list_end(struct resolver *resolver, struct query_list *list)
{
    while (list->first) {
        struct query *query = list->first;
        struct dns_answer answer = {.status = DNS_NETWORK};
        query_list_remove(list, query);
        query_end(resolver, query, &answer);
    }
}

void resolver_close(struct resolver *resolver)
{
    assert(resolver->callback_depth == 0);
    resolver->is_closing = true;
    resolver->kind->close(resolver->engine);
    poller_close(resolver->poller, resolver_free, resolver);
    list_end(resolver, &resolver->asked);
    list_end(resolver, &resolver->retrying);
    list_end(resolver, &resolver->pausing);
    list_end(resolver, &resolver->suspects);
    list_end(resolver, &resolver->control);
    list_end(resolver, &resolver->waiting);
}

bool resolver_lacks_memory(const struct resolver *resolver)
{
    return poller_lacks_memory(resolver->poller);
}

const struct resolver_stats *resolver_stats(struct resolver *resolver)
{
    resolver->stats.cut_off = resolver->outage.state == OUTAGE_SURE;
    return &resolver->stats;
}

const char *resolver_engine(const struct resolver *resolver)
{
    return resolver->kind->name;
}

const char *dns_status_text(enum dns_status status)
{
    static const char *const texts[] = {
        [DNS_NOT_CHECKED] = "not_checked", [DNS_OK] = "ok",
        [DNS_NODATA] = "nodata",           [DNS_NXDOMAIN] = "nxdomain",
        [DNS_SERVFAIL] = "servfail",       [DNS_REFUSED] = "refused",
        [DNS_OTHER_RCODE] = "other_rcode", [DNS_TIMEOUT] = "timeout",
        [DNS_NETWORK] = "network",         [DNS_MALFORMED] = "malformed",
        [DNS_CNAME_LOOP] = "cname_loop",
    };
    return texts[status];
}
