#include "scanner/classify/tls_rpt.h"

#include "scanner/classify/tag_list.h"
#include "scanner/classify/uri.h"

/* RFC 8460 3: records that do not begin "v=TLSRPTv1;" are discarded, letter for letter.
 */
enum version_match tls_rpt_version(struct span text)
{
    if (span_starts(text, "v=TLSRPTv1;")) {
        return VERSION_COUNTS;
    }
    struct span tried = span_trim_wsp(text);
    tried.len = tried.len < strlen("v=TLSRPT") ? tried.len : strlen("v=TLSRPT");
    return span_equals_nocase(tried, "v=TLSRPT") ? VERSION_NEAR_MISS : VERSION_OTHER;
}

static void read_item(struct span item, struct tls_rpt_record *record,
                      struct defects *defects)
{
    struct uri uri;
    if (!uri_parse(item, &uri)) {
        defects_note(defects, TLS_RPT_RUA_INVALID, item);
        return;
    }
    if (uri.kind == URI_OTHER) {
        defects_note(defects, TLS_RPT_SCHEME_UNSUPPORTED, item);
    }
    if (record->rua_count < TLS_RPT_URIS_MAX) {
        record->rua[record->rua_count++] = (struct tls_rpt_uri){uri.scheme, item};
    }
}

/* tlsrpt-rua: "rua=" tlsrpt-uri *(*WSP "," *WSP tlsrpt-uri). White space is allowed
 * round the comma alone, not at either end of the list. */
static void read_rua(struct span value, struct tls_rpt_record *record,
                     struct defects *defects)
{
    struct span rest = value;
    struct span item;
    bool more = true;
    bool is_first = true;
    while (span_cut(&rest, ',', &item, &more)) {
        struct span trimmed = span_trim_wsp(item);
        bool is_ragged = (is_first && trimmed.ptr != item.ptr) ||
                         (!more && trimmed.ptr + trimmed.len != item.ptr + item.len);
        read_item(is_ragged ? item : trimmed, record, defects);
        is_first = false;
    }
}

/* A repeated "v" or "rua" is ignored: of a duplicated field the first counts. A repeated
 * rua is never an extension by the grammar (its URIs may hold "="), so it is not
 * judged. */
static void read_other(const struct tag *field, struct defects *defects)
{
    if (field->has_value && span_equals(field->name, "rua")) {
        return;
    }
    if (!tag_is_extension(field)) {
        defects_note(defects, TLS_RPT_SYNTAX, field->text);
    } else if (!span_equals(field->name, "v")) {
        defects_note(defects, TLS_RPT_UNKNOWN_FIELD, field->text);
    }
}

/* RFC 8460 3: tlsrpt-version 1*(field-delim tlsrpt-field) [field-delim]. */
void tls_rpt_parse(struct span text, struct tls_rpt_record *record,
                   struct defects *defects)
{
    struct tag_list list;
    struct tag field;
    bool has_rua = false;
    record->rua_count = 0;
    tag_list_begin(&list, text);
    if (tag_list_next(&list, &field) && !span_equals(field.text, "v=TLSRPTv1")) {
        defects_note(defects, TLS_RPT_SYNTAX, field.text);
    }
    while (tag_list_next(&list, &field)) {
        if (!has_rua && field.has_value && span_equals(field.name, "rua")) {
            has_rua = true;
            read_rua(field.value, record, defects);
        } else {
            read_other(&field, defects);
        }
    }
    if (!has_rua) {
        defects_note(defects, TLS_RPT_RUA_MISSING, (struct span){NULL, 0});
    }
}

const char *tls_rpt_code_text(enum tls_rpt_code code)
{
    static const char *const TEXTS[TLS_RPT_CODE_COUNT] = {
        [TLS_RPT_MULTIPLE_RECORDS] = "multiple_records",
        [TLS_RPT_RUA_MISSING] = "rua_missing",
        [TLS_RPT_RUA_INVALID] = "rua_invalid",
        [TLS_RPT_SYNTAX] = "syntax",
        [TLS_RPT_SCHEME_UNSUPPORTED] = "scheme_unsupported",
        [TLS_RPT_UNKNOWN_FIELD] = "unknown_field",
        [TLS_RPT_WILDCARD_SUSPECTED] = "wildcard_suspected",
        [TLS_RPT_NO_MTA_STS] = "no_mta_sts",
        [TLS_RPT_VERSION_NEAR_MISS] = "version_near_miss",
        [TLS_RPT_TEXT_TRUNCATED] = "text_truncated",
    };
    return TEXTS[code];
}
