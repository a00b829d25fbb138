/* The front's part of an outage (outage.h): the control question, and what becomes of the
 * questions that failed. */
#include <stdio.h>

#include <uv.h>

#include "resolver/front.h"

static void on_control(void *arg, uint32_t tag, const struct dns_answer *answer);

/* A name that no cache knows and nobody has. Without memory for it nothing stands still. */
static void control_ask(struct resolver *resolver)
{
    struct query *query = query_take(resolver);
    char name[64];

    snprintf(name, sizeof name, "mailcensus-%016llx.com",
             (unsigned long long)(uv_hrtime() ^ (uintptr_t)resolver << 20));
    if (!query || !packet_question_set(&query->question, name, DNS_A)) {
        resolver->outage = (struct outage){.has_been_answered = true};
        return;
    }
    query->resolver = resolver;
    query->on_answer = on_control;
    query->arg = resolver;
    query->is_control = query->is_brief = true;
    if (resolver->cache) {
        outstanding_add(&resolver->outstanding, query);
    }
    resolver->open_count++;
    query_list_append(&resolver->control, query);
}

static void on_control(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct resolver *resolver = arg;
    uint64_t now_ms = uv_now(resolver->loop);
    uint32_t wait_ms = 0;

    (void)tag;
    if (!outage_is_on(&resolver->outage) || resolver->is_closing) {
        return;
    }
    if (outage_is_failure(answer->status)) {
        wait_ms = outage_control_failed(&resolver->outage, now_ms);
    } else {
        (void)outage_hear(&resolver->outage, answer->status, now_ms);
    }
    resolver->stats.outages += wait_ms == OUTAGE_WAIT_MS;
    if (wait_ms > 0 &&
        poller_start_timer(resolver->poller, &resolver->control_timer, wait_ms) != 0) {
        resolver->outage = (struct outage){.has_been_answered = true};
    }
}

static void on_control_due(struct poller_event *event, unsigned ready)
{
    struct resolver *resolver = event->arg;

    (void)ready;
    if (outage_is_on(&resolver->outage)) {
        control_ask(resolver);
    }
    engine_turn(resolver);
}

/* To be asked again when the outage is over, as if it had not been. While it is only doubted,
 * once: where it was the names, what they have cost already counts. */
static void put_back(struct resolver *resolver, struct query_list *from,
                     struct query *query)
{
    bool is_sure = resolver->outage.state == OUTAGE_SURE;

    query_list_remove(from, query);
    query_list_append(&resolver->waiting, query);
    query->attempts = is_sure ? 0 : query->attempts - 1;
    query->timeouts = 0;
    query->was_doubted = !is_sure;
}

bool doubt_puts_back(struct resolver *resolver, struct query *query,
                     enum dns_status status)
{
    if (query->is_control || resolver->is_closing || resolver_lacks_memory(resolver)) {
        return false;
    }
    if (outage_hear(&resolver->outage, status, uv_now(resolver->loop))) {
        control_ask(resolver);
    }
    bool is_on = resolver->outage.state == OUTAGE_SURE ||
                 (outage_is_on(&resolver->outage) && !query->was_doubted);
    if (!is_on || !outage_is_failure(status)) {
        return false;
    }
    resolver->in_flight--;
    put_back(resolver, &resolver->asked, query);
    return true;
}

bool doubt_keeps(struct resolver *resolver, struct query *query, enum dns_status status)
{
    if (query->is_control || outage_is_over(&resolver->outage) ||
        !outage_is_failure(status)) {
        return false;
    }
    if (resolver->suspects_timer.heap_place == 0 &&
        poller_start_timer(resolver->poller, &resolver->suspects_timer,
                           OUTAGE_PATIENCE_MS) != 0) {
        return false;
    }
    query->failure = status;
    query_list_remove(&resolver->asked, query);
    query_list_append(&resolver->suspects, query);
    resolver->in_flight--;
    return true;
}

static void suspects_end(struct resolver *resolver)
{
    for (struct query *query; (query = resolver->suspects.first);) {
        struct dns_answer answer = {.status = query->failure};
        query_list_remove(&resolver->suspects, query);
        query_end(resolver, query, &answer);
    }
}

/* Nothing is under way that could tell more. */
static bool is_idle(const struct resolver *resolver)
{
    return resolver->in_flight == 0 && !resolver->waiting.first &&
           !resolver->retrying.first && !resolver->control.first;
}

void doubt_judge(struct resolver *resolver)
{
    if (!resolver->suspects.first || resolver->outage.state == OUTAGE_DOUBTED) {
        return;
    }
    if (resolver->outage.state == OUTAGE_SURE) {
        while (resolver->suspects.first) {
            put_back(resolver, &resolver->suspects, resolver->suspects.first);
        }
    } else if (outage_is_over(&resolver->outage) || is_idle(resolver)) {
        suspects_end(resolver);
    }
}

static void on_patience_over(struct poller_event *event, unsigned ready)
{
    struct resolver *resolver = event->arg;

    (void)ready;
    if (!outage_is_on(&resolver->outage)) {
        suspects_end(resolver);
    }
    engine_turn(resolver);
}

void doubt_init(struct resolver *resolver)
{
    resolver->control_timer =
        (struct poller_event){.on_event = on_control_due, .arg = resolver};
    resolver->suspects_timer =
        (struct poller_event){.on_event = on_patience_over, .arg = resolver};
}
