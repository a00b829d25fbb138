#include "scanner/classify/mta_sts.h"

#include "scanner/classify/tag_list.h"

#define ID_LEN_MAX 32

static const char VERSION[] = "v=STSv1;";

/* RFC 8461 3.1: records that do not begin "v=STSv1;" are discarded, letter for letter,
 * although the grammar would let white space stand before the semicolon. */
enum version_match mta_sts_version(struct span text)
{
    if (span_starts(text, VERSION)) {
        return VERSION_COUNTS;
    }
    struct span tried = span_trim_wsp(text);
    tried.len = tried.len < strlen("v=STSv") ? tried.len : strlen("v=STSv");
    return span_equals_nocase(tried, "v=STSv") ? VERSION_NEAR_MISS : VERSION_OTHER;
}

/* sts-id: 1*32(ALPHA / DIGIT) */
static bool is_id(struct span id)
{
    if (id.len == 0 || id.len > ID_LEN_MAX) {
        return false;
    }
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
              (c >= 'a' && c <= 'z'))) {
            return false;
        }
    }
    return true;
}

static void read_id(const struct tag *field, struct mta_sts_record *record,
                    struct defects *defects)
{
    if (is_id(field->value)) {
        record->id = field->value;
    } else {
        defects_note(defects, MTA_STS_ID_INVALID, field->text);
    }
}

/* A repeated "v" or "id" still fits sts-extension, which is how the grammar takes it; of
 * a duplicated field the first counts. */
static void read_other(const struct tag *field, struct defects *defects)
{
    if (!tag_is_extension(field)) {
        defects_note(defects, MTA_STS_SYNTAX, field->text);
    } else if (!span_equals(field->name, "id") && !span_equals(field->name, "v")) {
        defects_note(defects, MTA_STS_UNKNOWN_FIELD, field->text);
    }
}

/* RFC 8461 3.1: sts-version 1*(sts-field-delim sts-field) [sts-field-delim]. */
void mta_sts_parse(struct span text, struct mta_sts_record *record,
                   struct defects *defects)
{
    struct tag_list list;
    struct tag field;
    bool has_id = false;
    *record = (struct mta_sts_record){{NULL, 0}};
    tag_list_begin(&list, text);
    if (tag_list_next(&list, &field) && !span_equals(field.text, "v=STSv1")) {
        defects_note(defects, MTA_STS_SYNTAX, field.text);
    }
    while (tag_list_next(&list, &field)) {
        if (!has_id && field.has_value && span_equals(field.name, "id")) {
            has_id = true;
            read_id(&field, record, defects);
        } else {
            read_other(&field, defects);
        }
    }
    if (!has_id) {
        defects_note(defects, MTA_STS_ID_MISSING, (struct span){NULL, 0});
    }
}

const char *mta_sts_code_text(enum mta_sts_code code)
{
    static const char *const TEXTS[MTA_STS_CODE_COUNT] = {
        [MTA_STS_MULTIPLE_RECORDS] = "multiple_records",
        [MTA_STS_ID_MISSING] = "id_missing",
        [MTA_STS_ID_INVALID] = "id_invalid",
        [MTA_STS_SYNTAX] = "syntax",
        [MTA_STS_UNKNOWN_FIELD] = "unknown_field",
        [MTA_STS_WILDCARD_SUSPECTED] = "wildcard_suspected",
        [MTA_STS_VERSION_NEAR_MISS] = "version_near_miss",
        [MTA_STS_TEXT_TRUNCATED] = "text_truncated",
    };
    return TEXTS[code];
}
