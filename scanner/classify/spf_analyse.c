#include "scanner/classify/spf_walk.h"

static const size_t LONG_RECORD_BYTES = 450; /* RFC 7208 3.4 */
static const uint64_t ERRORS = (UINT64_C(1) << SPF_ERROR_COUNT) - 1;

static void analysis_clear(struct spf_analysis *analysis)
{
    analysis->is_done = analysis->has_failed = analysis->is_truncated = false;
    analysis->validity = VALIDITY_NONE;
    analysis->all = SPF_ALL_NULL;
    analysis->lookups = analysis->void_lookups = analysis->ipv6_prefixes = 0;
    analysis->ipv4_addresses = 0;
    analysis->include_count = analysis->question_count = 0;
    analysis->redirect[0] = '\0';
}

static void note_texts(const struct published *published, struct defects *defects)
{
    static const struct span NOTHING = {NULL, 0};
    bool is_cut = false;
    for (size_t i = 0; i < published->near_miss_count; i++) {
        is_cut = is_cut || published->near_misses[i].len > SPF_TEXT_MAX;
        defects_note(defects, SPF_VERSION_NEAR_MISS, published->near_misses[i]);
    }
    for (size_t i = 0; i < published->record_count && i < PUBLISHED_RECORDS_MAX; i++) {
        is_cut = is_cut || published->records[i].len > SPF_TEXT_MAX;
    }
    if (published->deployment == DEPLOYMENT_PRESENT &&
        published->record.len > LONG_RECORD_BYTES) {
        defects_note(defects, SPF_RECORD_TOO_LONG, NOTHING);
    }
    if (is_cut) {
        defects_note(defects, SPF_TEXT_TRUNCATED, NOTHING);
    }
}

static void judge_record(struct spf_analysis *analysis, struct defects *defects)
{
    spf_walk(analysis, analysis->published.record, defects);
    if (analysis->all == SPF_ALL_NULL) {
        analysis->all = SPF_ALL_IS_NONE; /* a record without "all" or redirect */
    }
    if (analysis->is_truncated) {
        defects_note(defects, SPF_ANALYSIS_TRUNCATED, (struct span){NULL, 0});
    }
    if ((defects->seen & ERRORS) != 0) {
        analysis->validity = VALIDITY_INVALID;
    } else {
        analysis->validity = analysis->has_failed ? VALIDITY_NONE : VALIDITY_VALID;
    }
}

void spf_analyse(const char *domain, const struct lookup *lookup,
                 struct spf_analysis *analysis, struct defects *defects)
{
    analysis_clear(analysis);
    analysis->is_done = spf_reach(domain, lookup, analysis);
    published_select(analysis->questions[0].answer, spf_version, &analysis->published);
    if (!analysis->is_done) {
        return;
    }
    note_texts(&analysis->published, defects);
    switch (analysis->published.deployment) {
    case DEPLOYMENT_PRESENT:
        judge_record(analysis, defects);
        break;
    case DEPLOYMENT_MULTIPLE:
        defects_note(defects, SPF_MULTIPLE_RECORDS, (struct span){NULL, 0});
        analysis->validity = VALIDITY_INVALID;
        break;
    case DEPLOYMENT_TEMP_ERROR:
        analysis->has_failed = true;
        break;
    default:
        break;
    }
}
