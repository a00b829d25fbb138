#include "scanner/worker.h"

#include "scanner/job.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* How often a loop with nothing to do looks for lines, room in the sink, or the stop
 * flag. */
#define WORKER_TICK_MS 20
/* Lines begun in one go, so that answers are heard in between. */
#define WORKER_LINES_A_TURN 256

struct worker {
    struct worker_config config;
    pthread_t thread;
    bool is_started;
    atomic_bool is_done;
    atomic_uint in_flight;
    uv_loop_t loop;
    uv_prepare_t prepare;
    uv_timer_t tick;
    bool is_fill_due, is_ending;
    struct resolver *resolver;
    struct fetcher *fetcher;
    struct job_context context;
    struct job *jobs;
    struct job *free_jobs;
    struct target target; /* scratch: the line being begun */
    struct feed_line line;
    struct totals totals;
};

static void ask(void *arg, const char *name, enum dns_type type,
                resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct worker *worker = arg;
    resolver_ask(worker->resolver, name, type, on_answer, job, tag);
}

static void ask_briefly(void *arg, const char *name, enum dns_type type,
                        resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct worker *worker = arg;
    resolver_ask_briefly(worker->resolver, name, type, on_answer, job, tag);
}

static void get(void *arg, const struct fetch_request *request,
                fetcher_on_result *on_result, void *job, uint32_t tag)
{
    struct worker *worker = arg;
    fetcher_get(worker->fetcher, request, on_result, job, tag);
}

/* Whose fault an answer is cannot be told when memory was short on its way. What was under
 * way then is for the next run. */
static bool is_memory_short(struct worker *worker)
{
    if (job_context_lacks_memory(&worker->context) ||
        resolver_lacks_memory(worker->resolver) || fetcher_lacks_memory()) {
        atomic_store(worker->config.is_memory_short, true);
    }
    return atomic_load(worker->config.is_memory_short);
}

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct worker *worker = arg;
    const struct json *json = &worker->context.json;
    if (!is_memory_short(worker)) {
        struct totals_note note;
        uint64_t line = job != NULL ? job->head.line : worker->line.line.number;
        totals_note(&note, line, status, survey);
        sink_write(worker->config.sink, json->text, json->len, &note);
        totals_see_record(&worker->totals, status);
    }
    if (job != NULL) {
        arena_reset(&job->arena);
        job->next_free = worker->free_jobs;
        worker->free_jobs = job;
        atomic_fetch_sub(&worker->in_flight, 1);
        worker->is_fill_due = true;
    }
}

static void begin_line(struct worker *worker)
{
    struct target *target = &worker->target;
    target_read(target, &worker->line.line, worker->config.opt_out);
    if (target->name.lacks_memory) {
        atomic_store(worker->config.is_memory_short, true);
        return;
    }
    if (target->kind != TARGET_DOMAIN) {
        job_decline(&worker->context, target, worker->line.line.number);
        return;
    }
    struct job *job = worker->free_jobs;
    worker->free_jobs = job->next_free;
    atomic_fetch_add(&worker->in_flight, 1);
    job_begin(job, &worker->context, target, worker->line.line.number);
}

static void end(struct worker *worker)
{
    worker->is_ending = true;
    totals_see_network(&worker->totals, resolver_stats(worker->resolver),
                       fetcher_stats(worker->fetcher), &worker->context);
    resolver_close(worker->resolver);
    fetcher_close(worker->fetcher);
    uv_close((uv_handle_t *)&worker->prepare, NULL);
    uv_close((uv_handle_t *)&worker->tick, NULL);
}

static bool may_begin(const struct worker *worker)
{
    return worker->free_jobs != NULL && atomic_load(worker->config.stop) == 0 &&
           !sink_is_full(worker->config.sink) && !sink_has_failed(worker->config.sink) &&
           !atomic_load(worker->config.is_memory_short);
}

static bool is_over(const struct worker *worker, enum feed_outcome outcome)
{
    bool no_more = outcome == FEED_END || atomic_load(worker->config.stop) != 0 ||
                   sink_has_failed(worker->config.sink);
    return no_more && atomic_load(&worker->in_flight) == 0;
}

static void fill(struct worker *worker)
{
    enum feed_outcome outcome = FEED_WAIT;
    unsigned begun = 0;
    worker->is_fill_due = false;
    while (begun < WORKER_LINES_A_TURN && may_begin(worker)) {
        outcome = feed_take(worker->config.feed, &worker->line);
        if (outcome != FEED_LINE) {
            break;
        }
        begin_line(worker);
        begun++;
    }
    worker->is_fill_due = begun == WORKER_LINES_A_TURN;
    if (is_over(worker, outcome) || is_memory_short(worker)) {
        end(worker);
    }
}

/* Runs before the loop waits. While more could begun at once the tick keeps the wait
 * short. */
static void on_prepare(uv_prepare_t *prepare)
{
    struct worker *worker = prepare->data;
    if (worker->is_fill_due && !worker->is_ending) {
        fill(worker);
    }
    if (worker->is_fill_due && !worker->is_ending) {
        uv_timer_start(&worker->tick, worker->tick.timer_cb, 0, WORKER_TICK_MS);
    }
}

static void on_tick(uv_timer_t *tick)
{
    struct worker *worker = tick->data;
    worker->is_fill_due = true;
    totals_see_network(&worker->totals, resolver_stats(worker->resolver),
                       fetcher_stats(worker->fetcher), &worker->context);
}

static int open_network(struct worker *worker, char error[WORKER_ERROR_LEN])
{
    const struct worker_config *config = &worker->config;
    int rc = resolver_open(&worker->resolver, &worker->loop, config->resolver, error);
    if (rc != 0) {
        return rc;
    }
    rc = fetcher_open(&worker->fetcher, &worker->loop, config->fetcher, error);
    if (rc != 0) {
        resolver_close(worker->resolver);
        return rc;
    }
    worker->context.net = (struct job_net){
        worker, ask, get, resolver_engine(worker->resolver), ask_briefly};
    return 0;
}

static int open_jobs(struct worker *worker)
{
    worker->context.config = worker->config.verdict;
    worker->context.on_record = on_record;
    worker->context.arg = worker;
    worker->jobs = calloc(worker->config.max_in_flight, sizeof *worker->jobs);
    if (worker->jobs == NULL) {
        return -ENOMEM;
    }
    for (uint32_t i = worker->config.max_in_flight; i-- > 0;) {
        worker->jobs[i].next_free = worker->free_jobs;
        worker->free_jobs = &worker->jobs[i];
    }
    return job_context_init(&worker->context);
}

int worker_open(struct worker **out, const struct worker_config *config,
                char error[WORKER_ERROR_LEN])
{
    struct worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL || uv_loop_init(&worker->loop) != 0) {
        snprintf(error, WORKER_ERROR_LEN, "no memory for a worker");
        free(worker);
        return -ENOMEM;
    }
    worker->config = *config;
    totals_init(&worker->totals);
    snprintf(error, WORKER_ERROR_LEN, "no memory for %u domains in flight",
             config->max_in_flight);
    int rc = open_jobs(worker);
    rc = rc == 0 ? open_network(worker, error) : rc;
    if (rc != 0) {
        worker_free(worker);
        return rc;
    }
    uv_prepare_init(&worker->loop, &worker->prepare);
    uv_timer_init(&worker->loop, &worker->tick);
    worker->prepare.data = worker->tick.data = worker;
    uv_prepare_start(&worker->prepare, on_prepare);
    uv_timer_start(&worker->tick, on_tick, 0, WORKER_TICK_MS);
    *out = worker;
    return 0;
}

static void *run(void *arg)
{
    struct worker *worker = arg;
    uv_run(&worker->loop, UV_RUN_DEFAULT);
    atomic_store(&worker->is_done, true);
    return NULL;
}

int worker_start(struct worker *worker)
{
    int rc = -pthread_create(&worker->thread, NULL, run, worker);
    worker->is_started = rc == 0;
    return rc;
}

bool worker_is_done(const struct worker *worker)
{
    return atomic_load(&worker->is_done);
}

uint32_t worker_in_flight(const struct worker *worker)
{
    return atomic_load(&worker->in_flight);
}

struct totals *worker_totals(struct worker *worker)
{
    return &worker->totals;
}

void worker_free(struct worker *worker)
{
    if (worker == NULL) {
        return;
    }
    if (worker->is_started) {
        pthread_join(worker->thread, NULL);
    } else if (worker->fetcher != NULL) {
        end(worker);
        uv_run(&worker->loop, UV_RUN_DEFAULT);
    } else {
        uv_run(&worker->loop, UV_RUN_DEFAULT); /* what a failed open began to close */
    }
    int rc = uv_loop_close(&worker->loop);
    assert(rc == 0 && "no handle may be left open");
    (void)rc;
    job_context_close(&worker->context);
    totals_close(&worker->totals);
    free(worker->jobs);
    free(worker);
}
