/* One line's way through the loop: the only asynchronous logic, and the only translator
 * between the survey's questions and the network's callbacks.
 *
 * Callbacks record; one function decides what is next. A job ends in exactly one call of
 * on_record, possibly from inside job_begin (every answer may come from inside the asking
 * call).
 *
 * Rules: a context and its jobs belong to one thread.
 */
#ifndef SCANNER_JOB_H
#define SCANNER_JOB_H

#include "scanner/latency.h"
#include "scanner/record.h"
#include "scanner/target.h"

/* The network as jobs see it: a resolver and a fetcher, or a table in a test. */
struct job_net {
    void *arg;
    void (*ask)(void *arg, const char *name, enum dns_type type,
                resolver_on_answer *on_answer, void *job, uint32_t tag);
    void (*get)(void *arg, const struct fetch_request *request,
                fetcher_on_result *on_result, void *job, uint32_t tag);
    const char *engine;
    /* ask() without a late second attempt; NULL = ask */
    void (*ask_briefly)(void *arg, const char *name, enum dns_type type,
                        resolver_on_answer *on_answer, void *job, uint32_t tag);
};

struct job;

/* What all jobs of a worker share. */
struct job_context {
    const struct verdict_config *config;
    struct job_net net;
    struct verdict *scratch;
    struct json json;
    struct arena_pool pool;
    struct latency dns_latency,
        https_latency; /* from question to answer, waiting included */
    /* The record stands in json; survey is NULL for a line that was not surveyed, job
     * then too. Not to be believed when job_context_lacks_memory. */
    void (*on_record)(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey);
    void *arg;
};

struct job {
    struct job_context *context;
    struct record_head head;
    struct arena arena;
    struct survey survey;
    int64_t started_ns;
    bool is_advancing, must_advance;
    uint32_t asked_us[MEMO_MAX]; /* since started_ns, per question */
    uint32_t fetched_us;
    struct job *next_free; /* the owner's */
};

/* 0 or -ENOMEM. */
int job_context_init(struct job_context *context) __attribute__((warn_unused_result));
void job_context_close(struct job_context *context);
/* Memory has run short, in any record so far. */
bool job_context_lacks_memory(const struct job_context *context);

/* target: a domain. What is needed of it is copied. */
void job_begin(struct job *job, struct job_context *context, const struct target *target,
               uint64_t line);
/* target: invalid or excluded; its record is written at once. */
void job_decline(struct job_context *context, const struct target *target, uint64_t line);

#endif
