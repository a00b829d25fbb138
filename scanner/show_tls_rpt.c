/* The section on TLS reporting. */
#include "scanner/show_part.h"

static enum show_style verdict_of(const struct verdict_tls_rpt *rpt, const char **words)
{
    bool is_near_miss = rpt->txt.published.near_miss_count > 0;
    switch (rpt->txt.published.deployment) {
    case DEPLOYMENT_MULTIPLE:
        *words = "invalid: several records, so no reports are sent";
        return SHOW_ERROR;
    case DEPLOYMENT_PRESENT:
        *words = rpt->txt.validity == VALIDITY_VALID
                     ? "valid: senders report how encryption fares"
                     : "invalid: senders ignore the record and send no reports";
        return rpt->txt.validity == VALIDITY_VALID ? SHOW_GOOD : SHOW_ERROR;
    default:
        *words =
            is_near_miss
                ? "no record: what stands here begins in a way that senders pass over"
                : "no record: nobody tells this domain when encryption fails";
        return is_near_miss ? SHOW_ERROR : SHOW_PLAIN;
    }
}

static void show_uris(struct show *show, const struct tls_rpt_record *record)
{
    if (record->rua_count == 0) {
        return;
    }
    show_fact(show, "reports to");
    for (size_t i = 0; i < record->rua_count && i < SHOW_LISTED_MAX; i++) {
        if (i > 0) {
            show_text(show, ",");
        }
        show_foreign(show, SHOW_FACT_COLUMN, record->rua[i].uri);
    }
    if (record->rua_count > SHOW_LISTED_MAX) {
        show_words(show, SHOW_FACT_COLUMN, "and %zu more",
                   record->rua_count - SHOW_LISTED_MAX);
    }
    show_end_line(show);
}

void show_tls_rpt(struct show *show, const struct verdict_tls_rpt *rpt)
{
    const char *words;
    if (!show_failed_lookup(show, "TLS-RPT", &rpt->txt)) {
        enum show_style style = verdict_of(rpt, &words);
        show_section(show, "TLS-RPT", style, words);
        show_end_line(show);
    }
    show_txt(show, &rpt->txt, TLS_RPT_ERROR_COUNT, 0);
    if (rpt->txt.published.deployment == DEPLOYMENT_PRESENT) {
        show_uris(show, &rpt->record);
    }
    show_findings(show, &SHOW_AREA_TLS_RPT, &rpt->txt.defects);
}
