/* A network that is a table: answers at once, from inside the asking call, or later in
 * random order.
 *
 *   fake_net_init(&net, rows, row_count, seed);     seed 0: at once
 *   net.policy = "version: STSv1\n…";               of every policy host; NULL = 404
 *   context.net = net.job_net;
 *   while (fake_net_deliver(&net)) {}                seed not 0: one waiting question
 */
#ifndef TESTS_FAKE_NET_H
#define TESTS_FAKE_NET_H

#include "scanner/job.h"
#include "tests/table_lookup.h"

#define FAKE_NET_WAITING_MAX 4096

struct fake_question {
    struct fetch_request request;
    const char *name; /* NULL: a fetch */
    enum dns_type type;
    resolver_on_answer *on_answer;
    fetcher_on_result *on_result;
    void *job;
    uint32_t tag;
};

struct fake_net {
    struct job_net job_net;
    struct table_lookup table;
    uint64_t seed;
    const char *policy, *media_type;
    struct fetch_result failure; /* error not FETCH_OK: what every fetch ends in */
    size_t dns_count, fetch_count;
    struct fetch_request fetched; /* the last one; host is borrowed, and gone later */
    size_t waiting_count;
    struct fake_question waiting[FAKE_NET_WAITING_MAX];
};

static inline void fake_net_answer(struct fake_net *net,
                                   const struct fake_question *question)
{
    if (question->name == NULL) {
        struct fetch_result result = net->failure;
        if (result.error == FETCH_OK) {
            result.stage = net->policy != NULL ? FETCH_STAGE_OK : FETCH_STAGE_HTTP;
            result.error = net->policy != NULL ? FETCH_OK : FETCH_HTTP_STATUS;
            result.http_status = net->policy != NULL ? 200 : 404;
            result.content_type = net->media_type;
            result.body = net->policy;
            result.body_len = net->policy != NULL ? strlen(net->policy) : 0;
            result.address = &question->request.addresses[0];
        }
        question->on_result(question->job, question->tag, &result);
        return;
    }
    const struct dns_answer *answer =
        lookup_get(&net->table.lookup, question->name, question->type);
    assert(answer != NULL);
    question->on_answer(question->job, question->tag, answer);
}

static inline void fake_net_put(struct fake_net *net,
                                const struct fake_question *question)
{
    if (net->seed == 0) {
        fake_net_answer(net, question);
        return;
    }
    assert(net->waiting_count < FAKE_NET_WAITING_MAX);
    net->waiting[net->waiting_count++] = *question;
}

static inline void fake_net_ask(void *arg, const char *name, enum dns_type type,
                                resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct fake_net *net = arg;
    net->dns_count++;
    struct fake_question question = {
        .name = name, .type = type, .on_answer = on_answer, .job = job, .tag = tag};
    fake_net_put(net, &question);
}

static inline void fake_net_get(void *arg, const struct fetch_request *request,
                                fetcher_on_result *on_result, void *job, uint32_t tag)
{
    struct fake_net *net = arg;
    net->fetch_count++;
    net->fetched = *request;
    struct fake_question question = {
        .request = *request, .on_result = on_result, .job = job, .tag = tag};
    fake_net_put(net, &question);
}

static inline void fake_net_init(struct fake_net *net, const struct table_row *rows,
                                 size_t row_count, uint64_t seed)
{
    memset(net, 0, sizeof *net);
    table_lookup_init(&net->table, rows, row_count);
    net->seed = seed;
    net->media_type = "text/plain";
    net->job_net = (struct job_net){net, fake_net_ask, fake_net_get, "fake"};
}

static inline bool fake_net_deliver(struct fake_net *net)
{
    if (net->waiting_count == 0) {
        return false;
    }
    net->seed = net->seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
    size_t index = (size_t)(net->seed >> 33) % net->waiting_count;
    struct fake_question question = net->waiting[index];
    net->waiting[index] = net->waiting[--net->waiting_count];
    fake_net_answer(net, &question);
    return true;
}

static inline void fake_net_close(struct fake_net *net)
{
    table_lookup_close(&net->table);
}

#endif
