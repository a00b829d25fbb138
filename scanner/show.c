#include "scanner/show.h"

#include "scanner/show_part.h"

#include <inttypes.h>
#include <stdio.h>

#define UNANSWERED_MAX 20

static const char *reason_words(const char *reason)
{
    static const struct {
        const char *reason, *words;
    } WORDS[] = {
        {"url", "a URL or a path; give the domain name alone"},
        {"email", "a mail address; give what stands behind the @"},
        {"wildcard", "a wildcard; give a name that exists"},
        {"port", "a name with a port; leave the port out"},
        {"ip", "an IP address"},
        {"idna", "an internationalized name that no registry could hold (IDNA)"},
        {"single_label", "a single label; give a name with a dot in it"},
        {"label_too_long", "a label of more than 63 bytes"},
        {"name_too_long", "a name of more than 253 bytes"},
        {"empty_label",
         "a name with an empty label (two dots in a row, or one in front)"},
        {"encoding",
         "text that no domain name holds: spaces, signs or bytes that are not UTF-8"},
        {"too_long", "a text of more than 4,096 bytes"},
        {"opt_out", "a domain that asked not to be surveyed"},
        {"special_use", "a name set aside for special use, which is not in the DNS"},
    };
    for (size_t i = 0; i < sizeof WORDS / sizeof WORDS[0]; i++) {
        if (strcmp(WORDS[i].reason, reason) == 0) {
            return WORDS[i].words;
        }
    }
    return reason;
}

static void show_title(struct show *show, const struct record_head *head)
{
    struct span shown =
        head->domain_unicode != NULL ? span_of(head->domain_unicode) : head->input;
    bool is_unicode = head->domain != NULL && head->domain_unicode != NULL &&
                      strcmp(head->domain, head->domain_unicode) != 0;
    show_style(show, SHOW_BOLD);
    show_foreign(show, 0, shown);
    show_style(show, SHOW_PLAIN);
    if (is_unicode) {
        show_words(show, 0, "=");
        show_foreign(show, 0, span_of(head->domain));
    }
    size_t columns = show->column;
    show_end_line(show);
    for (size_t i = 0; i < columns && i < SHOW_WIDTH; i++) {
        show_text(show, "=");
    }
    show_end_line(show);
}

/* What is not published at all is no finding, but the reader wants to know. */
static void show_missing(struct show *show, const struct survey *survey)
{
    const struct verdict *verdict = survey->verdict;
    bool has_dmarc = verdict->dmarc.discovery.rfc9989.policy != DMARC_POLICY_NULL ||
                     verdict->dmarc.discovery.rfc7489.policy != DMARC_POLICY_NULL;
    const struct {
        unsigned check;
        enum deployment deployment;
        const char *name;
    } PROTOCOLS[] = {
        {CHECK_SPF, verdict->spf.txt.published.deployment, "SPF"},
        {CHECK_DMARC,
         has_dmarc ? DEPLOYMENT_PRESENT : verdict->dmarc.txt.published.deployment,
         "DMARC"},
        {CHECK_MTA_STS, verdict->mta_sts.txt.published.deployment, "MTA-STS"},
        {CHECK_TLS_RPT, verdict->tls_rpt.txt.published.deployment, "TLS-RPT"},
    };
    size_t count = 0;
    for (size_t i = 0; i < sizeof PROTOCOLS / sizeof PROTOCOLS[0]; i++) {
        bool is_missing = (survey->config->checks & PROTOCOLS[i].check) != 0 &&
                          PROTOCOLS[i].deployment == DEPLOYMENT_ABSENT;
        if (is_missing) {
            show_text(show, count++ == 0 ? "; without" : ",");
            show_words(show, 0, "%s", PROTOCOLS[i].name);
        }
    }
}

static void show_balance(struct show *show, const struct survey *survey)
{
    struct show_counts counts;
    show_count(survey->verdict, survey->config->checks, &counts);
    show_style(show, counts.errors > 0     ? SHOW_ERROR
                     : counts.warnings > 0 ? SHOW_WARNING
                                           : SHOW_GOOD);
    show_words(show, 0, "%zu %s, %zu %s", counts.errors,
               counts.errors == 1 ? "error" : "errors", counts.warnings,
               counts.warnings == 1 ? "warning" : "warnings");
    show_style(show, SHOW_PLAIN);
    show_missing(show, survey);
}

static void show_summary(struct show *show, const struct record_head *head,
                         const struct survey *survey)
{
    if (head->status != RECORD_ERROR) {
        show_balance(show, survey);
    }
    show_style(show, SHOW_DIM);
    show_words(show, 0, "(%" PRIu32 " DNS questions by %s, %.1f s)", survey->queries,
               head->engine != NULL ? head->engine : "nobody", head->duration_ms / 1000);
    show_style(show, SHOW_PLAIN);
    show_end_line(show);
}

static void show_state(struct show *show, const struct record_head *head,
                       const struct survey *survey)
{
    const struct dns_answer *name = survey->verdict->name_answer;
    const char *words = NULL;
    if (head->status == RECORD_ERROR) {
        words = "None of the questions about this domain was answered, so there is "
                "nothing to say "
                "about it.";
    } else if (name != NULL && name->status == DNS_NXDOMAIN) {
        words = "This name does not exist (NXDOMAIN).";
    } else if (head->status == RECORD_PARTIAL) {
        words = "Some questions were not answered: what hangs on them is left open.";
    }
    if (words != NULL) {
        show_style(show, SHOW_WARNING);
        show_words(show, 0, "%s", words);
        show_style(show, SHOW_PLAIN);
        show_end_line(show);
    }
}

static const char *type_text(enum dns_type type)
{
    switch (type) {
    case DNS_A:
        return "A";
    case DNS_AAAA:
        return "AAAA";
    case DNS_MX:
        return "MX";
    case DNS_NS:
        return "NS";
    case DNS_TXT:
        return "TXT";
    case DNS_PTR:
        return "PTR";
    default:
        return "?";
    }
}

static void show_unanswered(struct show *show, const struct survey *survey)
{
    static const struct dns_answer NONE = {.status = DNS_NOT_CHECKED};
    size_t count = 0;
    for (uint32_t i = 0; i < survey->memo.count; i++) {
        const struct memo_entry *entry = survey->memo.entries[i];
        const struct dns_answer *answer = entry->answer != NULL ? entry->answer : &NONE;
        if (dns_is_answered(answer->status)) {
            continue;
        }
        if (count++ == 0) {
            show_section(show, "No answer", SHOW_WARNING, "to these questions:");
            show_end_line(show);
        }
        if (count <= UNANSWERED_MAX) {
            show_foreign(show, SHOW_INDENT, span_of(entry->name));
            show_words(show, SHOW_INDENT, "%s: %s", type_text(entry->type),
                       dns_status_text(answer->status));
            show_end_line(show);
        }
    }
    if (count > UNANSWERED_MAX) {
        show_words(show, SHOW_INDENT, "and %zu more", count - UNANSWERED_MAX);
        show_end_line(show);
    }
}

static void show_sections(struct show *show, const struct survey *survey)
{
    const struct verdict *verdict = survey->verdict;
    unsigned checks = survey->config->checks;
    if ((checks & CHECK_MX) != 0) {
        show_mx(show, verdict, checks);
    }
    if ((checks & CHECK_NS) != 0) {
        show_ns(show, &verdict->ns);
    }
    if ((checks & CHECK_SPF) != 0) {
        show_spf(show, &verdict->spf, survey->config);
    }
    if ((checks & CHECK_DMARC) != 0) {
        show_dmarc(show, &verdict->dmarc);
    }
    if ((checks & CHECK_MTA_STS) != 0) {
        show_mta_sts(show, verdict, survey->fetched);
    }
    if ((checks & CHECK_TLS_RPT) != 0) {
        show_tls_rpt(show, &verdict->tls_rpt);
    }
}

void show_survey(struct show *show, const struct record_head *head,
                 const struct survey *survey)
{
    show_title(show, head);
    if (survey == NULL) {
        show_style(show, SHOW_ERROR);
        show_words(show, 0, "not surveyed: this is %s",
                   reason_words(head->reason != NULL ? head->reason : ""));
        show_style(show, SHOW_PLAIN);
        show_end_line(show);
        return;
    }
    show_summary(show, head, survey);
    show_state(show, head, survey);
    if (head->status != RECORD_ERROR) {
        show_sections(show, survey);
    }
    show_unanswered(show, survey);
}
