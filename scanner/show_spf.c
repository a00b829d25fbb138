/* The section on SPF. */
#include "scanner/show_part.h"

#include <inttypes.h>
#include <stdio.h>

#define BIT(code) (UINT64_C(1) << (code))

/* Codes whose detail is a name that a term of the record may hold. */
#define NAMED                                                                            \
    (BIT(SPF_TOO_MANY_VOID_LOOKUPS) | BIT(SPF_TOO_MANY_MX) |                             \
     BIT(SPF_INCLUDE_NO_RECORD) | BIT(SPF_INCLUDE_INVALID) | BIT(SPF_INCLUDE_LOOP) |     \
     BIT(SPF_REDIRECT_NO_RECORD) | BIT(SPF_REDIRECT_INVALID) | BIT(SPF_REDIRECT_LOOP) |  \
     BIT(SPF_VOID_LOOKUP) | BIT(SPF_MX_MISSING) | BIT(SPF_A_MISSING) |                   \
     BIT(SPF_INCLUDE_TEMP_ERROR))

/* What makes a record an error for every message, whatever its sender (RFC 7208 4.6). */
#define AT_ONCE (BIT(SPF_NON_ASCII + 1) - 1)

static enum show_style valid_verdict(const struct verdict_spf *spf, const char **words)
{
    const struct spf_analysis *analysis = &spf->analysis;
    bool sends_nothing = analysis->lookups == 0 && analysis->ipv4_addresses == 0 &&
                         analysis->ipv6_prefixes == 0;
    switch (analysis->all) {
    case SPF_ALL_IS_PASS:
        *words = "valid, but too permissive: any host may send for this domain (+all)";
        return SHOW_ERROR;
    case SPF_ALL_IS_FAIL:
        *words = sends_nothing ? "valid: no host may send for this domain (-all)"
                               : "valid: hosts that are not listed may not send (-all)";
        return SHOW_GOOD;
    case SPF_ALL_IS_SOFTFAIL:
        *words = "valid: hosts that are not listed are suspicious (~all)";
        return SHOW_GOOD;
    case SPF_ALL_IS_REDIRECT:
        *words = "valid: another name's record decides (redirect)";
        return SHOW_GOOD;
    default:
        *words = "valid, but too permissive: it says nothing against hosts that are not "
                 "listed";
        return SHOW_WARNING;
    }
}

static enum show_style verdict_of(const struct verdict_spf *spf, const char **words)
{
    const struct verdict_txt *txt = &spf->txt;
    switch (txt->published.deployment) {
    case DEPLOYMENT_MULTIPLE:
        *words = "invalid: several records, so receivers give up (permerror)";
        return SHOW_ERROR;
    case DEPLOYMENT_PRESENT:
        break;
    default:
        *words =
            txt->published.near_miss_count > 0
                ? "no record: what stands here begins in a way that receivers pass over"
                : "no record: nothing says which hosts may send for this domain";
        return txt->published.near_miss_count > 0 ? SHOW_ERROR : SHOW_WARNING;
    }
    if (txt->validity == VALIDITY_VALID) {
        return valid_verdict(spf, words);
    }
    if (txt->validity == VALIDITY_NONE) {
        *words = "undecided: some of the lookups failed";
        return SHOW_WARNING;
    }
    *words = (txt->defects.seen & AT_ONCE) != 0
                 ? "invalid: receivers give up on it for every message (permerror)"
                 : "invalid: receivers that come to the faulty part give up (permerror)";
    return SHOW_ERROR;
}

static void show_lookups(struct show *show, const struct spf_analysis *analysis)
{
    show_fact(show, "lookups");
    show_style(show, analysis->lookups > 10 ? SHOW_ERROR : SHOW_PLAIN);
    show_words(show, SHOW_FACT_COLUMN, "%" PRIu32 " of 10,", analysis->lookups);
    show_style(show, analysis->void_lookups > 2 ? SHOW_ERROR : SHOW_PLAIN);
    show_words(show, SHOW_FACT_COLUMN, "%" PRIu32 " of 2 void", analysis->void_lookups);
    show_style(show, SHOW_PLAIN);
    show_end_line(show);
    if (analysis->lookups > 0) {
        show_spf_tree(show, analysis);
    }
}

static void show_addresses(struct show *show, const struct spf_analysis *analysis)
{
    show_fact(show, "may send");
    if (analysis->is_truncated) {
        show_words(show, SHOW_FACT_COLUMN, "at least");
    }
    show_number(show, SHOW_FACT_COLUMN, analysis->ipv4_addresses, "IPv4 address,",
                "IPv4 addresses,");
    show_number(show, SHOW_FACT_COLUMN, analysis->ipv6_prefixes, "IPv6 range",
                "IPv6 ranges");
    show_end_line(show);
}

static void show_senders(struct show *show, const struct verdict_spf *spf,
                         const struct verdict_config *config)
{
    for (size_t i = 0; i < config->sender_ip_count; i++) {
        enum spf_result result = spf->sender_results[i];
        show_fact(show, i == 0 ? "sent from" : "");
        show_words(show, SHOW_FACT_COLUMN, "%s:", config->sender_ips[i].text);
        show_style(show, result == SPF_PASS ? SHOW_GOOD : SHOW_WARNING);
        show_words(show, SHOW_FACT_COLUMN, "%s", spf_result_text(result));
        show_style(show, SHOW_PLAIN);
        show_end_line(show);
    }
}

void show_spf(struct show *show, const struct verdict_spf *spf,
              const struct verdict_config *config)
{
    const char *words;
    if (!show_failed_lookup(show, "SPF", &spf->txt)) {
        enum show_style style = verdict_of(spf, &words);
        show_section(show, "SPF", style, words);
        show_end_line(show);
    }
    show_txt(show, &spf->txt, SPF_ERROR_COUNT, NAMED);
    if (spf->txt.published.deployment == DEPLOYMENT_PRESENT) {
        show_addresses(show, &spf->analysis);
        show_senders(show, spf, config);
        show_lookups(show, &spf->analysis);
    } else {
        show_senders(show, spf, config);
    }
    show_findings(show, &SHOW_AREA_SPF, &spf->txt.defects);
}
