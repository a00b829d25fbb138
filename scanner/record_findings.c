/* The record's findings: every defect of every part with its severity and detail, in one
 * list. */
#include "scanner/record_part.h"

#include <stdio.h>

#define DETAIL_MAX 256 /* bytes */

const char *record_mx_code(unsigned code)
{
    return mx_code_text((enum mx_code)code);
}

const char *record_spf_code(unsigned code)
{
    return spf_code_text((enum spf_code)code);
}

const char *record_dmarc_code(unsigned code)
{
    return dmarc_code_text((enum dmarc_code)code);
}

const char *record_mta_sts_code(unsigned code)
{
    return mta_sts_code_text((enum mta_sts_code)code);
}

const char *record_policy_code(unsigned code)
{
    return sts_policy_code_text((enum sts_policy_code)code);
}

const char *record_tls_rpt_code(unsigned code)
{
    return tls_rpt_code_text((enum tls_rpt_code)code);
}

struct area {
    const char *name;
    code_text *text;
    unsigned error_count, code_count;
    bool is_in_order_found; /* errors: as they were found, not by code */
};

/* In the order of the list. */
enum {
    AREA_MX,
    AREA_SPF,
    AREA_DMARC,
    AREA_MTA_STS,
    AREA_POLICY,
    AREA_TLS_RPT,
    AREA_COUNT
};

static const struct area areas[AREA_COUNT] = {
    [AREA_MX] = {"mx", record_mx_code, MX_ERROR_COUNT, MX_CODE_COUNT, false},
    [AREA_SPF] = {"spf", record_spf_code, SPF_ERROR_COUNT, SPF_CODE_COUNT, false},
    [AREA_DMARC] = {"dmarc", record_dmarc_code, DMARC_ERROR_COUNT, DMARC_CODE_COUNT,
                    false},
    [AREA_MTA_STS] = {"mta_sts", record_mta_sts_code, MTA_STS_ERROR_COUNT,
                      MTA_STS_CODE_COUNT, false},
    [AREA_POLICY] = {"mta_sts.policy", record_policy_code, STS_ERROR_COUNT,
                     STS_CODE_COUNT, true},
    [AREA_TLS_RPT] = {"tls_rpt", record_tls_rpt_code, TLS_RPT_ERROR_COUNT,
                      TLS_RPT_CODE_COUNT, false},
};

/* What MTA-STS says only together with another protocol. */
enum { CROSS_MX_UNMATCHED, CROSS_NO_TLS_RPT, CROSS_COUNT };

static const char *const cross_codes[CROSS_COUNT] = {"mx_unmatched", "no_tls_rpt"};

const char *record_finding_code(unsigned index, char text[RECORD_CODE_LEN])
{
    const struct area *area = areas;
    while (area < areas + AREA_COUNT && index >= area->code_count) {
        index -= area->code_count;
        area++;
    }
    if (area < areas + AREA_COUNT) {
        snprintf(text, RECORD_CODE_LEN, "%s.%s", area->name, area->text(index));
    } else if (index < CROSS_COUNT) {
        snprintf(text, RECORD_CODE_LEN, "mta_sts.%s", cross_codes[index]);
    } else {
        return NULL;
    }
    return text;
}

static void write_finding(struct json *json, const char *area, const char *code,
                          const char *severity, struct span detail)
{
    char full[RECORD_CODE_LEN]; /* both are words of ours */
    stpcpy(stpcpy(stpcpy(full, area), "."), code);
    json_object_begin(json);
    record_key_text(json, "code", full);
    record_key_text(json, "severity", severity);
    json_key(json, "detail");
    if (detail.len > 0) {
        json_bytes(json, detail.ptr, detail.len < DETAIL_MAX ? detail.len : DETAIL_MAX);
    } else {
        json_null_value(json);
    }
    json_object_end(json);
}

/* The occurrences of the codes from first to before end, as they were found. */
static void write_range(struct json *json, const struct area *area,
                        const struct defects *defects, unsigned first, unsigned end)
{
    for (size_t i = 0; i < defects->count; i++) {
        const struct defect *defect = &defects->list[i];
        if (defect->code >= first && defect->code < end) {
            write_finding(json, area->name, area->text(defect->code),
                          defect->code < area->error_count ? "error" : "warning",
                          defect->detail);
        }
    }
}

static void write_area(struct json *json, const struct area *area,
                       const struct defects *defects)
{
    unsigned code = 0;
    if (area->is_in_order_found) {
        write_range(json, area, defects, 0, area->error_count);
        code = area->error_count;
    }
    for (; defects->seen >> code != 0 && code < area->code_count; code++) {
        if (defects_has(defects, code)) {
            write_range(json, area, defects, code, code + 1);
        }
    }
}

static void write_cross(struct json *json, const struct verdict *verdict)
{
    const struct verdict_mta_sts *sts = &verdict->mta_sts;
    bool is_enforced = sts->policy.parsed.mode == STS_MODE_ENFORCE;
    for (size_t i = 0; i < sts->unmatched_count; i++) {
        write_finding(json, "mta_sts", cross_codes[CROSS_MX_UNMATCHED],
                      is_enforced ? "error" : "warning", span_of(sts->unmatched[i]));
    }
    if (verdict->has_no_tls_rpt) {
        write_finding(json, "mta_sts", cross_codes[CROSS_NO_TLS_RPT], "warning",
                      (struct span){NULL, 0});
    }
}

void record_findings(struct json *json, const struct verdict *verdict, unsigned checks)
{
    json_array_begin(json);
    if ((checks & CHECK_MX) != 0) {
        write_area(json, &areas[AREA_MX], &verdict->mx_defects);
    }
    if ((checks & CHECK_SPF) != 0) {
        write_area(json, &areas[AREA_SPF], &verdict->spf.txt.defects);
    }
    if ((checks & CHECK_DMARC) != 0) {
        write_area(json, &areas[AREA_DMARC], &verdict->dmarc.txt.defects);
    }
    if ((checks & CHECK_MTA_STS) != 0) {
        write_area(json, &areas[AREA_MTA_STS], &verdict->mta_sts.txt.defects);
        write_area(json, &areas[AREA_POLICY], &verdict->mta_sts.policy.defects);
    }
    if ((checks & CHECK_TLS_RPT) != 0) {
        write_area(json, &areas[AREA_TLS_RPT], &verdict->tls_rpt.txt.defects);
    }
    if ((checks & CHECK_MTA_STS) != 0) {
        write_cross(json, verdict);
    }
    json_array_end(json);
}
