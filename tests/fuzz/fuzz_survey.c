/* The whole survey of a domain whose every answer is foreign text: each line of the input
 * is an answer, and which line a question gets depends on its name. Whatever comes, the
 * survey ends within its budget and its record is whole.
 */
#include "scanner/job.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#define LINES_MAX 32

static struct suffix_list *suffixes;
static unsigned records;

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    const struct job_context *context = arg;
    (void)status;
    assert(job != NULL && survey != NULL && !context->json.failed);
    assert(survey->memo.count <= MEMO_MAX && context->json.len > 0);
    records++;
    arena_reset(&job->arena);
}

struct source {
    size_t count;
    struct span lines[LINES_MAX];
};

static struct span line_for(const struct source *source, const char *name, unsigned salt)
{
    unsigned hash = salt;
    for (const char *c = name; *c != '\0'; c++) {
        hash = hash * 31 + (unsigned char)*c;
    }
    return source->lines[hash % source->count];
}

/* The line's first byte picks the status, the rest is the record. */
static void ask(void *arg, const char *name, enum dns_type type,
                resolver_on_answer *on_answer, void *job, uint32_t tag)
{
    struct span line = line_for(arg, name, (unsigned)type);
    char text[4096];
    unsigned status = line.len > 0 ? (unsigned char)line.ptr[0] % 16 : DNS_NODATA;
    size_t len = line.len > 0 ? line.len - 1 : 0;
    len = len < sizeof text - 1 ? len : sizeof text - 1;
    memcpy(text, line.len > 0 ? line.ptr + 1 : "", len);
    text[len] = '\0';
    if (type != DNS_TXT) {
        for (char *c = text; *c != '\0'; c++) {
            *c = (char)(*c > ' ' && *c < 127 ? *c : 'x');
        }
    }
    struct dns_record record = {
        .data = text, .data_len = (uint16_t)len, .preference = tag & 7};
    if (type == DNS_A || type == DNS_AAAA) {
        record.data_len = type == DNS_A ? 4 : 16;
        memset(text + len, 7, 16);
    }
    struct dns_answer answer = {.status = status > DNS_CNAME_LOOP ? DNS_OK : status};
    if (answer.status == DNS_OK) {
        answer.records = &record;
        answer.record_count = 1;
    }
    on_answer(job, tag, &answer);
}

static void get(void *arg, const struct fetch_request *request,
                fetcher_on_result *on_result, void *job, uint32_t tag)
{
    struct span line = line_for(arg, request->host, 0);
    char body[4096];
    size_t len = line.len < sizeof body ? line.len : sizeof body;
    for (size_t i = 0; i < len; i++) {
        body[i] = (char)(line.ptr[i] == '|' ? '\n' : line.ptr[i]);
    }
    struct fetch_result result = {.stage = FETCH_STAGE_OK, .body = body, .body_len = len};
    on_result(job, tag, &result);
}

static void cut_lines(struct source *source, const uint8_t *data, size_t size)
{
    struct span rest = {(const char *)data, size};
    bool has_more = true;
    source->count = 0;
    while (source->count < LINES_MAX &&
           span_cut(&rest, '\n', &source->lines[source->count], &has_more)) {
        source->count++;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct job_context context;
    static struct job job;
    static struct target target;
    struct source source;
    struct input_line line = {.number = 1, .text = "a.example.org", .len = 13};
    struct verdict_config config = {.checks = CHECK_ALL, .probe_orphan_policies = true};
    if (suffixes == NULL) {
        suffixes = suffix_list_open(NULL);
        int rc = job_context_init(&context);
        assert(suffixes != NULL && rc == 0);
        (void)rc;
    }
    config.suffixes = suffixes;
    config.sender_ip_count = 1;
    config.sender_ips[0] = (struct verdict_sender_ip){{192, 0, 2, 1}, 4, "192.0.2.1"};
    cut_lines(&source, data, size);
    context.config = &config;
    context.net = (struct job_net){&source, ask, get, "fuzz"};
    context.on_record = on_record;
    context.arg = &context;
    target_read(&target, &line, NULL);
    unsigned before = records;
    job_begin(&job, &context, &target, 1);
    assert(records == before + 1);
    return 0;
}
