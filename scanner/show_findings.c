#include "scanner/show_part.h"

#include <stdio.h>

const struct show_area SHOW_AREA_MX = {"mx",           record_mx_code, show_advice_mx,
                                       MX_ERROR_COUNT, MX_CODE_COUNT,  false};
const struct show_area SHOW_AREA_SPF = {"spf",           record_spf_code, show_advice_spf,
                                        SPF_ERROR_COUNT, SPF_CODE_COUNT,  false};
const struct show_area SHOW_AREA_DMARC = {"dmarc",           record_dmarc_code,
                                          show_advice_dmarc, DMARC_ERROR_COUNT,
                                          DMARC_CODE_COUNT,  false};
const struct show_area SHOW_AREA_MTA_STS = {"mta_sts",           record_mta_sts_code,
                                            show_advice_mta_sts, MTA_STS_ERROR_COUNT,
                                            MTA_STS_CODE_COUNT,  false};
const struct show_area SHOW_AREA_POLICY = {"mta_sts.policy",   record_policy_code,
                                           show_advice_policy, STS_ERROR_COUNT,
                                           STS_CODE_COUNT,     true};
const struct show_area SHOW_AREA_TLS_RPT = {"tls_rpt",           record_tls_rpt_code,
                                            show_advice_tls_rpt, TLS_RPT_ERROR_COUNT,
                                            TLS_RPT_CODE_COUNT,  false};

#define TEXT_COLUMN 13

void show_finding(struct show *show, const struct show_finding *finding)
{
    char source[80];
    show_pad(show, SHOW_INDENT);
    show_style(show, finding->severity);
    show_text(show, finding->severity == SHOW_ERROR ? "error" : "warning");
    show_style(show, SHOW_PLAIN);
    show_pad(show, TEXT_COLUMN);
    show_style(show, SHOW_BOLD);
    show_text(show, finding->area);
    show_text(show, ".");
    show_text(show, finding->code);
    show_style(show, SHOW_PLAIN);
    for (size_t i = 0; i < finding->detail_count && i < SHOW_LISTED_MAX; i++) {
        show_text(show, i == 0 ? ":" : ",");
        show_foreign(show, TEXT_COLUMN, finding->details[i]);
    }
    if (finding->detail_count > SHOW_LISTED_MAX) {
        show_words(show, TEXT_COLUMN, "and %zu more",
                   finding->detail_count - SHOW_LISTED_MAX);
    }
    show_end_line(show);
    show_words(show, TEXT_COLUMN, "%s", finding->advice->means);
    show_words(show, TEXT_COLUMN, "%s", finding->advice->remedy);
    show_style(show, SHOW_DIM);
    snprintf(source, sizeof source, "[%s]", finding->advice->source);
    show_phrase(show, TEXT_COLUMN, source);
    show_style(show, SHOW_PLAIN);
    show_end_line(show);
}

static bool has_detail(const struct show_finding *finding, struct span detail)
{
    size_t count =
        finding->detail_count < SHOW_LISTED_MAX ? finding->detail_count : SHOW_LISTED_MAX;
    for (size_t i = 0; i < count; i++) {
        const struct span *other = &finding->details[i];
        if (other->len == detail.len && memcmp(other->ptr, detail.ptr, detail.len) == 0) {
            return true;
        }
    }
    return false;
}

static void show_code(struct show *show, const struct show_area *area,
                      const struct defects *defects, unsigned code)
{
    struct show_finding finding = {
        .severity = code < area->error_count ? SHOW_ERROR : SHOW_WARNING,
        .area = area->name,
        .code = area->text(code),
        .advice = area->advice(code),
    };
    for (size_t i = 0; i < defects->count; i++) {
        struct span detail = defects->list[i].detail;
        if (defects->list[i].code != code || detail.len == 0 ||
            has_detail(&finding, detail)) {
            continue;
        }
        if (finding.detail_count < SHOW_LISTED_MAX) {
            finding.details[finding.detail_count] = detail;
        }
        finding.detail_count++;
    }
    show_finding(show, &finding);
}

void show_findings(struct show *show, const struct show_area *area,
                   const struct defects *defects)
{
    uint64_t shown = 0;
    for (size_t i = 0; area->is_in_order_found && i < defects->count; i++) {
        unsigned code = defects->list[i].code;
        if (code < area->error_count && ((shown >> code) & 1) == 0) {
            shown |= UINT64_C(1) << code;
            show_code(show, area, defects, code);
        }
    }
    for (unsigned code = 0; code < area->code_count; code++) {
        if (defects_has(defects, code) && ((shown >> code) & 1) == 0) {
            show_code(show, area, defects, code);
        }
    }
}

static void count_area(const struct show_area *area, const struct defects *defects,
                       struct show_counts *counts)
{
    for (size_t i = 0; i < defects->count; i++) {
        bool is_error = defects->list[i].code < area->error_count;
        counts->errors += is_error ? 1 : 0;
        counts->warnings += is_error ? 0 : 1;
    }
}

void show_count(const struct verdict *verdict, unsigned checks,
                struct show_counts *counts)
{
    const struct {
        unsigned check;
        const struct show_area *area;
        const struct defects *defects;
    } AREAS[] = {
        {CHECK_MX, &SHOW_AREA_MX, &verdict->mx_defects},
        {CHECK_SPF, &SHOW_AREA_SPF, &verdict->spf.txt.defects},
        {CHECK_DMARC, &SHOW_AREA_DMARC, &verdict->dmarc.txt.defects},
        {CHECK_MTA_STS, &SHOW_AREA_MTA_STS, &verdict->mta_sts.txt.defects},
        {CHECK_MTA_STS, &SHOW_AREA_POLICY, &verdict->mta_sts.policy.defects},
        {CHECK_TLS_RPT, &SHOW_AREA_TLS_RPT, &verdict->tls_rpt.txt.defects},
    };
    *counts = (struct show_counts){0, 0};
    for (size_t i = 0; i < sizeof AREAS / sizeof AREAS[0]; i++) {
        if ((AREAS[i].check & checks) != 0) {
            count_area(AREAS[i].area, AREAS[i].defects, counts);
        }
    }
    if ((checks & CHECK_MTA_STS) != 0) {
        bool is_enforced = verdict->mta_sts.policy.parsed.mode == STS_MODE_ENFORCE;
        size_t unmatched = verdict->mta_sts.unmatched_count;
        counts->errors += is_enforced ? unmatched : 0;
        counts->warnings += is_enforced ? 0 : unmatched;
        counts->warnings += verdict->has_no_tls_rpt ? 1 : 0;
    }
}
