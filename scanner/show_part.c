#include "scanner/show_part.h"

#include "scanner/show_quote.h"

#include <inttypes.h>
#include <stdio.h>

void show_section(struct show *show, const char *title, enum show_style style,
                  const char *verdict)
{
    show_end_line(show);
    show_style(show, SHOW_BOLD);
    show_text(show, title);
    show_style(show, SHOW_PLAIN);
    show_pad(show, SHOW_VERDICT_COLUMN);
    show_style(show, style);
    show_words(show, SHOW_VERDICT_COLUMN, "%s", verdict);
    show_style(show, SHOW_PLAIN);
}

void show_fact(struct show *show, const char *label)
{
    show_pad(show, SHOW_INDENT);
    show_style(show, SHOW_DIM);
    show_text(show, label);
    show_style(show, SHOW_PLAIN);
    show_pad(show, SHOW_FACT_COLUMN);
}

void show_list(struct show *show, size_t indent, const char *const *texts, size_t count)
{
    for (size_t i = 0; i < count && i < SHOW_LISTED_MAX; i++) {
        if (i > 0) {
            show_text(show, ",");
        }
        show_foreign(show, indent, span_of(texts[i]));
    }
    if (count > SHOW_LISTED_MAX) {
        show_words(show, indent, "and %zu more", count - SHOW_LISTED_MAX);
    }
}

void show_number(struct show *show, size_t indent, uint64_t number, const char *singular,
                 const char *plural)
{
    char digits[24];
    char text[32];
    size_t out = 0;
    int len = snprintf(digits, sizeof digits, "%" PRIu64, number);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) {
            text[out++] = ',';
        }
        text[out++] = digits[i];
    }
    text[out] = '\0';
    show_words(show, indent, "%s %s", text, number == 1 ? singular : plural);
}

void show_txt(struct show *show, const struct verdict_txt *txt, unsigned error_count,
              uint64_t named)
{
    for (size_t i = 0; i < txt->published.record_count; i++) {
        struct show_quote quote = {.text = txt->published.records[i],
                                   .defects = &txt->defects,
                                   .error_count = error_count,
                                   .named = named,
                                   .indent = SHOW_INDENT};
        show_quote(show, &quote);
    }
    if (txt->answer != NULL && txt->answer->cname_count > 0) {
        show_fact(show, "by CNAME to");
        show_list(show, SHOW_FACT_COLUMN, txt->answer->cnames, txt->answer->cname_count);
        show_end_line(show);
    }
}

bool show_failed_lookup(struct show *show, const char *title,
                        const struct verdict_txt *txt)
{
    char verdict[128];
    if (txt->published.deployment != DEPLOYMENT_TEMP_ERROR) {
        return false;
    }
    snprintf(verdict, sizeof verdict, "unknown: the lookup failed (%s)",
             txt->answer != NULL ? dns_status_text(txt->answer->status) : "no answer");
    show_section(show, title, SHOW_WARNING, verdict);
    show_end_line(show);
    return true;
}
