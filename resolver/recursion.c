/* Recursion in the process: libunbound, driven by our loop through its pluggable event
 * API.
 *
 * getdns could recurse too, but with libunbound's library defaults (16 sockets, 2 TCP
 * connections) and no way to raise them.
 */
#include <errno.h>
#include <stdlib.h>

#include "resolver/recursion.h"

#define CLASS_IN 1

enum { UNBOUND_BOGUS = 1, UNBOUND_SECURE = 2 }; /* unbound-event.h, ub_resolve_event */

/* libunbound has asked every server several times before it says SERVFAIL, but a short
 * outage or a burst of loss looks the same. So each such question is asked once more,
 * later than libunbound keeps failures (5 s) and the memory of silent servers
 * (infra-host-ttl, 20 s). */
#define SECOND_ATTEMPT_MS 22000
/* One attempt may take as long as this many of the stub's: it has a way to go from the
 * root. */
#define ATTEMPT_TIMEOUTS 8

struct engine {
    struct recursion_base base;
    struct resolver *resolver;
    struct poller *poller;
    uint64_t attempt_ms;
    struct query *asking; /* inside ub_resolve_event and not answered yet */
    struct packet_parser *parser;
    struct ub_ctx *context;
    bool is_closing;
};

/* libunbound says SERVFAIL also when it has no memory. Then there is none for us either. */
#define MEMORY_PROBE_BYTES ((size_t)1 << 20)

/* ---- questions ---- */

static enum dns_status rcode_status(int rcode)
{
    return rcode == 5 ? DNS_REFUSED : rcode == 2 ? DNS_SERVFAIL : DNS_OTHER_RCODE;
}

static void look_for_memory(struct engine *engine)
{
    void *probe = malloc(MEMORY_PROBE_BYTES);

    if (!probe) {
        poller_lack_memory(engine->poller);
    }
    free(probe);
}

/* What failed while there was no descriptor says nothing of the servers, so that even who
 * is in haste waits for the second attempt. */
static void attempt_end(struct engine *engine, struct query *query,
                        struct dns_answer *answer)
{
    bool has_failed = answer->status == DNS_SERVFAIL || answer->status == DNS_TIMEOUT;

    if (has_failed) {
        look_for_memory(engine);
    }
    if (has_failed && query->attempts == 1 &&
        (!query->is_brief || !poller_has_room(engine->poller))) {
        engine_retry_later(engine->resolver, query, answer->status, SECOND_ATTEMPT_MS);
    } else {
        engine_answer(engine->resolver, query, answer);
    }
}

/* A bogus answer comes with its packet and rcode 0; a validating resolver says
 * SERVFAIL of it (RFC 4035, 5.5). */
// NOLINTNEXTLINE(readability-function-size): libunbound's signature
static void on_resolved(void *arg, int rcode, void *packet, int packet_len, int security,
                        char *why_bogus, int was_ratelimited)
{
    struct query *query = arg;
    struct engine *engine = query->engine;
    struct dns_answer answer = {0};

    (void)why_bogus;
    (void)was_ratelimited;
    if (engine->is_closing) {
        return;
    }
    if (engine->asking == query) {
        engine->asking = NULL;
    }
    poller_stop_timer(engine->poller, &query->deadline);
    if (rcode != 0) {
        answer.status = rcode_status(rcode);
    } else if (security == UNBOUND_BOGUS || !packet || packet_len <= 0) {
        answer.status = DNS_SERVFAIL;
    } else {
        packet_parse(engine->parser, packet, (size_t)packet_len, &query->question,
                     &answer);
        answer.trust = !dns_is_answered(answer.status) ? DNS_TRUST_UNKNOWN
                       : security == UNBOUND_SECURE    ? DNS_SECURE
                                                       : DNS_INSECURE;
    }
    attempt_end(engine, query, &answer);
}

static void on_deadline(struct poller_event *deadline, unsigned ready)
{
    struct query *query = deadline->arg;
    struct engine *engine = query->engine;
    struct dns_answer answer = {.status = DNS_TIMEOUT};

    (void)ready;
    (void)ub_cancel(engine->context, query->transaction); /* no callback any more */
    attempt_end(engine, query, &answer);
}

static void recursion_ask(struct engine *engine, struct query *query);

static void on_room_wait(struct poller_event *event, unsigned ready)
{
    struct query *query = event->arg;

    (void)ready;
    recursion_ask(query->engine, query);
}

static bool room_wait(struct engine *engine, struct query *query)
{
    if (poller_has_room(engine->poller) || ++query->waits > ROOM_WAITS_MAX) {
        return false;
    }
    if (query->waits == 1) {
        engine_note_shortage(engine->resolver);
    }
    query->deadline = (struct poller_event){.on_event = on_room_wait, .arg = query};
    return poller_start_timer(engine->poller, &query->deadline, ROOM_WAIT_MS) == 0;
}

static void recursion_ask(struct engine *engine, struct query *query)
{
    char name[PACKET_NAME_TEXT_MAX];

    packet_name_text(name, query->question.name);
    query->engine = engine;
    if (room_wait(engine, query)) {
        return;
    }
    query->deadline = (struct poller_event){.on_event = on_deadline, .arg = query};
    (void)poller_start_timer(engine->poller, &query->deadline, engine->attempt_ms);
    engine->asking = query;
    int id = 0;
    int code = ub_resolve_event(engine->context, name, query->question.type, CLASS_IN,
                                query, on_resolved, &id);
    if (engine->asking != query) {
        return; /* answered inside; query is another one's by now */
    }
    engine->asking = NULL;
    query->transaction = id;
    if (code != 0) { /* there is no memory for the question */
        struct dns_answer answer = {.status = DNS_NETWORK};
        poller_lack_memory(engine->poller);
        poller_stop_timer(engine->poller, &query->deadline);
        engine_answer(engine->resolver, query, &answer);
    }
}

/* ---- life ---- */

// NOLINTNEXTLINE(readability-function-size): libunbound's signature
static void on_first(void *arg, int rcode, void *packet, int packet_len, int security,
                     char *why_bogus, int was_ratelimited)
{
    (void)rcode;
    (void)packet;
    (void)packet_len;
    (void)security;
    (void)why_bogus;
    (void)was_ratelimited;
    *(bool *)arg = true;
}

/* libunbound reads its settings at the first question: one it answers itself (RFC
 * 6761, 6.3) tells now whether it can. */
static int settings_try(struct engine *engine, const struct engine_start *start)
{
    bool is_answered = false;
    int code = ub_resolve_event(engine->context, "localhost.", DNS_A, CLASS_IN,
                                &is_answered, on_first, NULL);

    if (code == 0 && is_answered) {
        return 0;
    }
    return engine_fail(start->error, EINVAL,
                       "libunbound does not start (%s): memory or descriptors are "
                       "short%s%s",
                       ub_strerror(code),
                       start->config->root_hints ? ", or it cannot use root hints " : "",
                       start->config->root_hints ? start->config->root_hints : "");
}

static int context_open(struct engine *engine, const struct engine_start *start)
{
    engine->context = ub_ctx_create_ub_event(&engine->base.unbound);
    if (!engine->context) {
        return engine_fail(start->error, ENOMEM, "out of memory");
    }
    /* Nothing of it may get between the records on stdout or the notes on stderr. */
    ub_ctx_debuglevel(engine->context, 0);
    ub_ctx_debugout(engine->context, NULL);
    int code = recursion_settings(engine->context, start);
    return code != 0 ? code : settings_try(engine, start);
}

static void recursion_close(struct engine *engine)
{
    engine->is_closing = true; /* open questions are told SERVFAIL by ub_ctx_delete */
    if (engine->context) {
        ub_ctx_delete(engine->context);
    }
    packet_parser_free(engine->parser);
    free(engine);
}

static int recursion_open(struct engine **out, const struct engine_start *start)
{
    struct engine *engine = calloc(1, sizeof *engine);

    if (!engine) {
        return engine_fail(start->error, ENOMEM, "out of memory");
    }
    recursion_base_init(&engine->base, start->poller);
    engine->resolver = start->resolver;
    engine->poller = start->poller;
    engine->attempt_ms =
        ATTEMPT_TIMEOUTS *
        (uint64_t)(start->config->timeout_ms ? start->config->timeout_ms : 2000);
    int code = packet_parser_open(&engine->parser);
    code = code != 0 ? engine_fail(start->error, ENOMEM, "out of memory")
                     : context_open(engine, start);
    if (code != 0) {
        recursion_close(engine);
        return code;
    }
    *out = engine;
    return 0;
}

const struct engine_kind engine_recursion = {
    .name = "recursion",
    .open = recursion_open,
    .ask = recursion_ask,
    .close = recursion_close,
};
