#include "scanner/check.h"

#include "scanner/network.h"
#include "scanner/options_message.h"
#include "scanner/provider_list.h"
#include "scanner/show.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DOMAINS_AT_ONCE 16

/* What is printed for one argument, once those before it are. */
struct page {
    bool is_ready;
    char *text; /* owned; NULL: there was no memory for it */
    size_t len;
};

struct slot {
    struct job job; /* first: the job that ends leads to its slot */
    size_t index;   /* of the argument */
};

struct checker {
    const struct options *options;
    struct suffix_list *suffixes;
    struct provider_list *providers;
    struct verdict_config verdict;
    struct network *network;
    struct job_context context;
    struct target target; /* scratch: the argument being begun */
    struct slot slots[DOMAINS_AT_ONCE];
    struct page *pages; /* one for each argument */
    size_t printed;
    bool has_colour, has_failed, lacks_memory;
};

static bool terminal_takes_colours(void)
{
    const char *no_colour = getenv("NO_COLOR"); /* no-color.org: set and not empty */
    const char *terminal = getenv("TERM");
    return isatty(STDOUT_FILENO) == 1 && (no_colour == NULL || no_colour[0] == '\0') &&
           terminal != NULL && strcmp(terminal, "dumb") != 0;
}

static void print_ready(struct checker *check)
{
    size_t count = check->options->operand_count;
    while (check->printed < count && check->pages[check->printed].is_ready) {
        struct page *page = &check->pages[check->printed];
        if (check->printed > 0 && !check->options->json) {
            putchar('\n');
        }
        if (page->len > 0) {
            fwrite(page->text, 1, page->len, stdout);
        }
        free(page->text);
        page->text = NULL;
        check->printed++;
    }
    fflush(stdout);
}

static void keep_page(struct checker *check, size_t index, const char *text, size_t len)
{
    struct page *page = &check->pages[index];
    page->is_ready = true;
    page->text = len > 0 ? malloc(len) : NULL;
    if (page->text == NULL) {
        check->lacks_memory = true;
        return;
    }
    memcpy(page->text, text, len);
    page->len = len;
}

static void keep_shown(struct checker *check, size_t index,
                       const struct record_head *head, const struct survey *survey)
{
    struct show show;
    show_init(&show, check->has_colour);
    show_survey(&show, head, survey);
    check->lacks_memory = check->lacks_memory || show.failed;
    keep_page(check, index, show.text, show.len);
    show_close(&show);
}

static bool is_memory_short(struct checker *check)
{
    check->lacks_memory = check->lacks_memory || check->target.name.lacks_memory ||
                          job_context_lacks_memory(&check->context) ||
                          network_lacks_memory(check->network);
    return check->lacks_memory;
}

static void on_record(void *arg, struct job *job, enum record_status status,
                      const struct survey *survey)
{
    struct checker *check = arg;
    const struct json *json = &check->context.json;
    size_t index = ((struct slot *)job)->index;
    check->has_failed = check->has_failed || status == RECORD_ERROR;
    if (is_memory_short(check)) { /* what was found out may be our own failure */
        arena_reset(&job->arena);
        return;
    }
    if (check->options->json) {
        keep_page(check, index, json->text, json->len);
    } else {
        keep_shown(check, index, &job->head, survey);
    }
    arena_reset(&job->arena);
    print_ready(check);
}

static void on_declined(void *arg, struct job *job, enum record_status status,
                        const struct survey *survey)
{
    (void)arg, (void)job, (void)status, (void)survey;
}

static void decline(struct checker *check, size_t index, uint64_t line)
{
    const struct target *target = &check->target;
    struct job_context *context = &check->context;
    check->has_failed = true;
    if (is_memory_short(check)) {
        return;
    }
    if (check->options->json) {
        context->on_record = on_declined;
        job_decline(context, target, line);
        context->on_record = on_record;
        keep_page(check, index, context->json.text, context->json.len);
        return;
    }
    bool is_excluded = target->kind == TARGET_EXCLUDED;
    struct record_head head = {
        .input = target->input,
        .domain = is_excluded ? target->name.domain : NULL,
        .domain_unicode = is_excluded ? target->name.domain_unicode : NULL,
        .status = is_excluded ? RECORD_EXCLUDED : RECORD_INVALID_INPUT,
        .reason = target_reason_text(target->reason),
    };
    keep_shown(check, index, &head, NULL);
}

/* An argument is read as a line of a scan's input would be. */
static struct input_line line_of(const char *argument, size_t index)
{
    size_t len = strlen(argument);
    return (struct input_line){.number = index + 1,
                               .text = argument,
                               .len = len < INPUT_LINE_MAX ? len : INPUT_LINE_MAX,
                               .is_too_long = len > INPUT_LINE_MAX};
}

static void begin(struct checker *check, size_t index)
{
    struct input_line line = line_of(check->options->operands[index], index);
    struct slot *slot = &check->slots[index % DOMAINS_AT_ONCE];
    target_read(&check->target, &line, NULL);
    if (check->target.kind != TARGET_DOMAIN) {
        decline(check, index, line.number);
        return;
    }
    slot->index = index;
    job_begin(&slot->job, &check->context, &check->target, line.number);
}

static int check_arguments(const struct options *options)
{
    char shown[OPTIONS_SHOWN_MAX + 1];
    for (size_t i = 0; i < options->operand_count; i++) {
        struct input_line line = line_of(options->operands[i], i);
        if (target_is_skipped(&line)) {
            fprintf(stderr, "mailcensus: check: \"%s\" is no domain\n",
                    options_shown(options->operands[i], shown));
            return EXIT_USAGE;
        }
    }
    return EXIT_SUCCESS;
}

static void configure(struct checker *check)
{
    options_verdict(check->options, &check->verdict);
    check->verdict.suffixes = check->suffixes;
    check->verdict.providers = check->providers;
}

static int open_all(struct checker *check)
{
    errno = 0;
    check->suffixes = suffix_list_open(check->options->psl);
    check->pages = calloc(check->options->operand_count, sizeof *check->pages);
    bool lacks_memory = check->pages == NULL || errno == ENOMEM;
    if (check->suffixes == NULL || check->pages == NULL) {
        fprintf(stderr, "mailcensus: %s\n",
                lacks_memory ? "out of memory"
                             : "there is no Public Suffix List that could be read");
        return EXIT_FAILURE;
    }
    char error[PROVIDER_LIST_ERROR_LEN];
    if (provider_list_open(&check->providers, check->options->providers, error) != 0) {
        fprintf(stderr, "mailcensus: %s\n", error);
        return EXIT_FAILURE;
    }
    configure(check);
    int status = network_open(&check->network, check->options);
    if (status != EXIT_SUCCESS) {
        return status;
    }
    check->context.config = &check->verdict;
    check->context.net = network_job_net(check->network);
    check->context.on_record = on_record;
    check->context.arg = check;
    if (job_context_init(&check->context) != 0) {
        fprintf(stderr, "mailcensus: out of memory\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

static int survey_all(struct checker *check)
{
    size_t count = check->options->operand_count;
    for (size_t i = 0; i < count && !is_memory_short(check); i++) {
        begin(check, i);
        if ((i + 1) % DOMAINS_AT_ONCE == 0 || i + 1 == count) {
            network_run(check->network);
        }
    }
    print_ready(check);
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        fprintf(stderr, "mailcensus: standard output cannot be written\n");
        return EXIT_FAILURE;
    }
    if (is_memory_short(check)) {
        fprintf(stderr, "mailcensus: out of memory\n");
        return EXIT_FAILURE;
    }
    bool is_complete = check->printed == count && !check->has_failed;
    return is_complete ? EXIT_SUCCESS : EXIT_FAILURE;
}

int check_run(const struct options *options)
{
    int status = check_arguments(options);
    struct checker *check = status == EXIT_SUCCESS ? calloc(1, sizeof *check) : NULL;
    if (check == NULL && status == EXIT_SUCCESS) {
        fprintf(stderr, "mailcensus: out of memory\n");
        return EXIT_FAILURE;
    }
    if (check == NULL) {
        return status;
    }
    check->options = options;
    check->has_colour = !options->json && terminal_takes_colours();
    status = open_all(check);
    status = status == EXIT_SUCCESS ? survey_all(check) : status;
    network_close(check->network);
    job_context_close(&check->context);
    provider_list_free(check->providers);
    suffix_list_free(check->suffixes);
    for (size_t i = 0; check->pages != NULL && i < options->operand_count; i++) {
        free(check->pages[i].text);
    }
    free(check->pages);
    free(check);
    return status;
}
