#include "scanner/job.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int job_context_init(struct job_context *context)
{
    json_init(&context->json);
    context->pool = (struct arena_pool){.free = NULL};
    context->dns_latency = context->https_latency = (struct latency){{0}, 0};
    context->scratch = calloc(1, sizeof *context->scratch);
    return context->scratch != NULL ? 0 : -ENOMEM;
}

void job_context_close(struct job_context *context)
{
    json_close(&context->json);
    arena_pool_close(&context->pool);
    free(context->scratch);
}

bool job_context_lacks_memory(const struct job_context *context)
{
    return context->pool.lacks_memory || context->json.failed;
}

static int64_t now_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static struct record_head head_of(const struct target *target, uint64_t line)
{
    return (struct record_head){
        .line = line,
        .input = target->input,
        .has_tag = target->has_tag,
        .tag = target->tag,
        .scanned_at_ms = now_ns(CLOCK_REALTIME) / 1000000,
    };
}

void job_decline(struct job_context *context, const struct target *target, uint64_t line)
{
    struct record_head head = head_of(target, line);
    bool is_excluded = target->kind == TARGET_EXCLUDED;
    head.status = is_excluded ? RECORD_EXCLUDED : RECORD_INVALID_INPUT;
    head.reason = target_reason_text(target->reason);
    if (is_excluded) {
        head.domain = target->name.domain;
        head.domain_unicode = target->name.domain_unicode;
    }
    record_write(&context->json, &head, NULL);
    context->on_record(context->arg, NULL, head.status, NULL);
}

static void finish(struct job *job)
{
    struct job_context *context = job->context;
    survey_conclude(&job->survey);
    job->head.status = record_status_of(&job->survey);
    job->head.duration_ms = (double)(now_ns(CLOCK_MONOTONIC) - job->started_ns) / 1e6;
    record_write(&context->json, &job->head, &job->survey);
    enum record_status status = job->head.status;
    context->on_record(context->arg, job, status, &job->survey);
}

static resolver_on_answer on_answer;
static fetcher_on_result on_result;

static uint32_t elapsed_us(const struct job *job)
{
    return (uint32_t)((now_ns(CLOCK_MONOTONIC) - job->started_ns) / 1000);
}

static void ask(struct job *job, const struct survey_question *question)
{
    const struct job_net *net = &job->context->net;
    *(question->name != NULL ? &job->asked_us[question->id] : &job->fetched_us) =
        elapsed_us(job);
    if (question->name != NULL && question->is_brief && net->ask_briefly != NULL) {
        net->ask_briefly(net->arg, question->name, question->type, on_answer, job,
                         question->id);
    } else if (question->name != NULL) {
        net->ask(net->arg, question->name, question->type, on_answer, job, question->id);
    } else {
        net->get(net->arg, question->request, on_result, job, 0);
    }
}

/* An answer may come from inside ask(): the flag turns that recursion into another
 * round. */
static void advance(struct job *job)
{
    struct survey_question question;
    if (job->is_advancing) {
        job->must_advance = true;
        return;
    }
    job->is_advancing = true;
    do {
        job->must_advance = false;
        while (survey_next(&job->survey, &question)) {
            ask(job, &question);
        }
    } while (job->must_advance);
    job->is_advancing = false;
    if (survey_is_done(&job->survey)) {
        finish(job);
    }
}

static void on_answer(void *arg, uint32_t tag, const struct dns_answer *answer)
{
    struct job *job = arg;
    latency_add(&job->context->dns_latency, elapsed_us(job) - job->asked_us[tag]);
    survey_answer(&job->survey, tag, answer);
    advance(job);
}

static void on_result(void *arg, uint32_t tag, const struct fetch_result *result)
{
    struct job *job = arg;
    (void)tag;
    latency_add(&job->context->https_latency, elapsed_us(job) - job->fetched_us);
    survey_fetched(&job->survey, result);
    advance(job);
}

static struct span keep(struct arena *arena, struct span span)
{
    const char *copy = arena_copy(arena, span.ptr, span.len);
    return copy != NULL ? (struct span){copy, span.len} : (struct span){"", 0};
}

static const char *keep_text(struct arena *arena, const char *text)
{
    return text != NULL ? arena_copy(arena, text, strlen(text)) : NULL;
}

void job_begin(struct job *job, struct job_context *context, const struct target *target,
               uint64_t line)
{
    job->context = context;
    job->is_advancing = job->must_advance = false;
    job->started_ns = now_ns(CLOCK_MONOTONIC);
    arena_init(&job->arena, &context->pool);
    job->head = head_of(target, line);
    job->head.input = keep(&job->arena, target->input);
    job->head.tag = keep(&job->arena, target->tag);
    job->head.domain = keep_text(&job->arena, target->name.domain);
    job->head.domain_unicode = keep_text(&job->arena, target->name.domain_unicode);
    job->head.engine = context->net.engine;
    if (job->head.domain == NULL) { /* no memory: there will be no record */
        context->on_record(context->arg, job, RECORD_ERROR, NULL);
        return;
    }
    survey_begin(&job->survey, context->config, context->scratch, &job->arena,
                 job->head.domain);
    advance(job);
}
