#include "scanner/progress.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define PLAIN_LINE_EVERY_MS 5000
#define STATUS_EVERY_MS 1000

int progress_open(struct progress *progress, bool is_quiet, const char *status_path,
                  int64_t now_ms)
{
    *progress = (struct progress){.out = is_quiet ? NULL : stderr,
                                  .is_terminal = isatty(STDERR_FILENO) != 0,
                                  .started_ms = now_ms,
                                  .last_line_ms = now_ms,
                                  .last_ms = now_ms};
    if (status_path == NULL) {
        return 0;
    }
    progress->status = strcmp(status_path, "-") == 0 ? stderr : fopen(status_path, "we");
    if (progress->status == NULL) {
        return -errno;
    }
    fputs("seconds,records,records_per_second,in_flight,ok,partial,error,invalid_input,"
          "excluded,dns_queries,https_fetches\n",
          progress->status);
    fflush(progress->status);
    return 0;
}

/* 1234567 as "1,234,567"; text holds at least 32 bytes. */
static const char *grouped(char *text, uint64_t value)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%llu", (unsigned long long)value);
    char *to = text;
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            *to++ = ',';
        }
        *to++ = digits[i];
    }
    *to = '\0';
    return text;
}

static void see_rate(struct progress *progress, const struct progress_view *view)
{
    int64_t elapsed_ms = view->now_ms - progress->last_ms;
    if (elapsed_ms < 400) {
        return;
    }
    double now = (double)(view->counts->records - progress->last_records) * 1000.0 /
                 (double)elapsed_ms;
    progress->rate = progress->rate == 0 ? now : progress->rate * 0.7 + now * 0.3;
    progress->last_records = view->counts->records;
    progress->last_ms = view->now_ms;
}

static void write_line(const struct progress *progress, const struct progress_view *view)
{
    char done[32], total[32], rate[32], flight[32], left[64] = "";
    const struct totals_counts *counts = view->counts;
    uint64_t unanswered =
        counts->by_status[RECORD_PARTIAL] + counts->by_status[RECORD_ERROR];
    if (view->total > 0) {
        snprintf(left, sizeof left, " of %s (%u%%)", grouped(total, view->total),
                 (unsigned)((counts->records + view->earlier) * 100 / view->total));
    }
    fprintf(progress->out,
            "%s%s%s records, %s/s, %s in flight, %llu with unanswered questions%s",
            progress->is_terminal ? "\r\033[K" : "",
            grouped(done, counts->records + view->earlier), left,
            grouped(rate, (uint64_t)progress->rate), grouped(flight, view->in_flight),
            (unsigned long long)unanswered, view->is_draining ? ", stopping" : "");
    fputs(progress->is_terminal ? "" : "\n", progress->out);
    fflush(progress->out);
}

static void write_status(struct progress *progress, const struct progress_view *view)
{
    const struct totals_counts *counts = view->counts;
    fprintf(progress->status, "%.1f,%llu,%.0f,%u",
            (double)(view->now_ms - progress->started_ms) / 1e3,
            (unsigned long long)counts->records, progress->rate, view->in_flight);
    for (unsigned i = 0; i < RECORD_STATUS_COUNT; i++) {
        fprintf(progress->status, ",%llu", (unsigned long long)counts->by_status[i]);
    }
    fprintf(progress->status, ",%llu,%llu\n", (unsigned long long)counts->dns.queries,
            (unsigned long long)counts->https.fetches);
    fflush(progress->status);
}

void progress_show(struct progress *progress, const struct progress_view *view)
{
    see_rate(progress, view);
    bool is_due = progress->is_terminal ||
                  view->now_ms - progress->last_line_ms >= PLAIN_LINE_EVERY_MS;
    if (progress->out != NULL && is_due) {
        progress->last_line_ms = view->now_ms;
        write_line(progress, view);
    }
    if (progress->status != NULL &&
        view->now_ms - progress->last_status_ms >= STATUS_EVERY_MS) {
        progress->last_status_ms = view->now_ms;
        write_status(progress, view);
    }
}

void progress_summary(struct progress *progress, const struct progress_view *view)
{
    const struct totals_counts *counts = view->counts;
    double seconds = (double)(view->now_ms - progress->started_ms) / 1e3;
    char records[32], rate[32], questions[32], fetches[32];
    if (progress->status != NULL) {
        write_status(progress, view);
    }
    if (progress->out == NULL) {
        return;
    }
    fprintf(
        progress->out,
        "%s%s records in %.1f s (%s/s):", progress->is_terminal ? "\r\033[K" : "",
        grouped(records, counts->records), seconds,
        grouped(rate, seconds > 0 ? (uint64_t)((double)counts->records / seconds) : 0));
    for (unsigned i = 0; i < RECORD_STATUS_COUNT; i++) {
        fprintf(progress->out, "%s %llu %s", i > 0 ? "," : "",
                (unsigned long long)counts->by_status[i],
                record_status_text((enum record_status)i));
    }
    fprintf(progress->out, "; %s DNS questions, %s policy fetches",
            grouped(questions, counts->dns.queries),
            grouped(fetches, counts->https.fetches));
    if (view->earlier > 0) {
        fprintf(progress->out, "; beside %s records of before",
                grouped(records, view->earlier));
    }
    fputc('\n', progress->out);
}

void progress_close(struct progress *progress)
{
    if (progress->status != NULL && progress->status != stderr) {
        fclose(progress->status);
    }
}
