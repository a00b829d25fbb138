#include "scanner/classify/dmarc.h"

#include "scanner/classify/tag_list.h"
#include "scanner/classify/uri.h"

/* In RFC 9989 4.8 the value has no white space round it once "equals" has eaten its
 * share; RFC 7489 6.4 agrees. */
static struct tag trimmed(struct tag tag)
{
    tag.text = span_trim_wsp(tag.text);
    tag.name = span_trim_wsp(tag.name);
    tag.value = span_trim_wsp(tag.value);
    return tag;
}

/* Somebody tried: "v", "=" and DMARC in any case, white space or not. */
static bool is_near_miss(struct span text)
{
    text = span_trim_wsp(text);
    if (text.len == 0 || (text.ptr[0] != 'v' && text.ptr[0] != 'V')) {
        return false;
    }
    text = span_trim_wsp(span_from(text, 1));
    if (text.len == 0 || text.ptr[0] != '=') {
        return false;
    }
    text = span_trim_wsp(span_from(text, 1));
    text.len = text.len < strlen("DMARC") ? text.len : strlen("DMARC");
    return span_equals_nocase(text, "DMARC");
}

/* RFC 9989 4.7, 4.8: the first tag is "v" and its value exactly "DMARC1". Nothing may
 * stand before it. */
enum version_match dmarc_version(struct span text)
{
    struct tag_list list;
    struct tag tag;
    tag_list_begin(&list, text);
    if (!tag_list_next(&list, &tag)) {
        return VERSION_OTHER;
    }
    bool is_first_byte = !is_wsp(text.ptr[0]);
    tag = trimmed(tag);
    if (is_first_byte && span_equals_nocase(tag.name, "v") &&
        span_equals(tag.value, "DMARC1")) {
        return VERSION_COUNTS;
    }
    return is_near_miss(text) ? VERSION_NEAR_MISS : VERSION_OTHER;
}

struct reader {
    struct dmarc_record *record;
    struct defects *defects; /* NULL: nobody asks */
    uint32_t seen;           /* bit per known tag */
    struct tag_names unknown;
};

static void note(struct reader *reader, enum dmarc_code code, struct span detail)
{
    if (reader->defects != NULL) {
        defects_note(reader->defects, code, detail);
    }
}

static enum dmarc_policy policy_of(struct span value)
{
    enum dmarc_policy policy = DMARC_POLICY_REJECT;
    while (policy > DMARC_POLICY_NULL &&
           !span_equals_nocase(value, dmarc_policy_text(policy))) {
        policy--;
    }
    return policy;
}

static void read_p(struct reader *reader, const struct tag *tag)
{
    reader->record->p = policy_of(tag->value);
    reader->record->is_p_bad = reader->record->p == DMARC_POLICY_NULL;
    if (reader->record->is_p_bad) {
        note(reader, DMARC_P_INVALID, tag->text);
    }
}

static void read_sp(struct reader *reader, const struct tag *tag)
{
    reader->record->sp = policy_of(tag->value);
    reader->record->is_sp_bad = reader->record->sp == DMARC_POLICY_NULL;
    if (reader->record->is_sp_bad) {
        note(reader, DMARC_SP_INVALID, tag->text);
    }
}

static void read_np(struct reader *reader, const struct tag *tag)
{
    reader->record->np = policy_of(tag->value);
    reader->record->is_np_bad = reader->record->np == DMARC_POLICY_NULL;
    if (reader->record->is_np_bad) {
        note(reader, DMARC_NP_INVALID, tag->text);
    }
}

/* One letter of the set, in lower case; 0 and a finding otherwise. */
static char read_letter(struct reader *reader, const struct tag *tag, const char *set)
{
    char letter = '\0';
    if (tag->value.len == 1) {
        letter = ascii_lower(tag->value.ptr[0]);
    }
    if (!is_one_of(letter, set)) {
        note(reader, DMARC_TAG_INVALID, tag->text);
        return '\0';
    }
    return letter;
}

static void read_adkim(struct reader *reader, const struct tag *tag)
{
    reader->record->adkim = read_letter(reader, tag, "rs");
}

static void read_aspf(struct reader *reader, const struct tag *tag)
{
    reader->record->aspf = read_letter(reader, tag, "rs");
}

static void read_psd(struct reader *reader, const struct tag *tag)
{
    reader->record->psd = read_letter(reader, tag, "ynu");
}

static void read_t(struct reader *reader, const struct tag *tag)
{
    reader->record->t = read_letter(reader, tag, "yn");
    if (reader->record->t == 'y') {
        note(reader, DMARC_TESTING, tag->text);
    }
}

/* RFC 7489 6.4: [0/1/d/s] *(*WSP ":" *WSP [0/1/d/s]). RFC 9989 forbids some of the
 * combinations; what receivers of either kind can use is kept. */
static void read_fo(struct reader *reader, const struct tag *tag)
{
    struct span rest = tag->value;
    struct span item;
    bool more = true;
    while (span_cut(&rest, ':', &item, &more)) {
        item = span_trim_wsp(item);
        if (item.len != 1 || !is_one_of(item.ptr[0], "01dsDS")) {
            note(reader, DMARC_TAG_INVALID, tag->text);
            return;
        }
    }
    reader->record->fo = tag->value;
}

/* 1*DIGIT up to most; -1 otherwise. */
static int64_t read_number(struct span value, size_t digits_max, int64_t most)
{
    int64_t number = 0;
    if (value.len == 0 || value.len > digits_max) {
        return -1;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < '0' || value.ptr[i] > '9') {
            return -1;
        }
        number = number * 10 + (value.ptr[i] - '0');
    }
    return number <= most ? number : -1;
}

/* RFC 7489 6.3, 6.4: 1*3DIGIT, 0 to 100. RFC 9989 C.5.2 removed it, with rf and ri. */
static void read_pct(struct reader *reader, const struct tag *tag)
{
    note(reader, DMARC_REMOVED_TAG, tag->text);
    reader->record->pct = (int)read_number(tag->value, 3, 100);
    if (reader->record->pct < 0) {
        note(reader, DMARC_TAG_INVALID, tag->text);
    } else if (reader->record->pct < 100) {
        note(reader, DMARC_PCT_PARTIAL, tag->text);
    }
}

static void read_ri(struct reader *reader, const struct tag *tag)
{
    note(reader, DMARC_REMOVED_TAG, tag->text);
    if (read_number(tag->value, 10, UINT32_MAX) < 0) {
        note(reader, DMARC_TAG_INVALID, tag->text);
    }
}

/* RFC 7489 6.3: keywords joined by colons; unknown ones are allowed. */
static void read_rf(struct reader *reader, const struct tag *tag)
{
    struct span rest = tag->value;
    struct span item;
    bool more = true;
    note(reader, DMARC_REMOVED_TAG, tag->text);
    while (span_cut(&rest, ':', &item, &more)) {
        if (!tag_name_is_valid(span_trim_wsp(item))) {
            note(reader, DMARC_TAG_INVALID, tag->text);
            return;
        }
    }
}

/* obs-dmarc-report-size (RFC 9989 4.8): "!" 1*DIGIT [k/m/g/t], 64 bits (RFC 7489 6.4).
 * The item without it, or as it is. */
static struct span without_size(struct span item)
{
    const char *mark = item.len > 0 ? memrchr(item.ptr, '!', item.len) : NULL;
    if (mark == NULL) {
        return item;
    }
    struct span size = span_from(item, (size_t)(mark - item.ptr) + 1);
    if (size.len > 0 && is_one_of(size.ptr[size.len - 1], "kmgtKMGT")) {
        size.len--;
    }
    if (read_number(size, 18, INT64_MAX) < 0) {
        return item;
    }
    item.len = (size_t)(mark - item.ptr);
    return item;
}

static void read_uris(struct reader *reader, const struct tag *tag, enum dmarc_code code,
                      struct dmarc_uri list[DMARC_URIS_MAX], size_t *count)
{
    struct span rest = tag->value;
    struct span item;
    bool more = true;
    while (span_cut(&rest, ',', &item, &more)) {
        struct uri uri;
        item = span_trim_wsp(item);
        if (!uri_parse(without_size(item), &uri)) {
            note(reader, code, item);
        } else if (*count < DMARC_URIS_MAX) {
            list[(*count)++] = (struct dmarc_uri){item, uri.host};
        }
    }
}

static void read_rua(struct reader *reader, const struct tag *tag)
{
    struct dmarc_record *record = reader->record;
    read_uris(reader, tag, DMARC_RUA_INVALID, record->rua, &record->rua_count);
}

static void read_ruf(struct reader *reader, const struct tag *tag)
{
    struct dmarc_record *record = reader->record;
    read_uris(reader, tag, DMARC_RUF_INVALID, record->ruf, &record->ruf_count);
}

static const struct known_tag {
    const char *name;
    void (*read)(struct reader *, const struct tag *);
} TAGS[] = {
    {"p", read_p},       {"sp", read_sp}, {"np", read_np},   {"adkim", read_adkim},
    {"aspf", read_aspf}, {"fo", read_fo}, {"rua", read_rua}, {"ruf", read_ruf},
    {"psd", read_psd},   {"t", read_t},   {"pct", read_pct}, {"rf", read_rf},
    {"ri", read_ri},
};

#define TAG_COUNT (sizeof TAGS / sizeof TAGS[0])

static size_t find_tag(struct span name)
{
    size_t index = 0;
    while (index < TAG_COUNT && !span_equals_nocase(name, TAGS[index].name)) {
        index++;
    }
    return index;
}

/* dmarc-tag (RFC 9989 4.8): 1*ALPHA equals 1*dmarc-value. */
static bool is_tag_name(struct span name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= 'A' && c <= 'Z')) {
            return false;
        }
    }
    return name.len > 0;
}

/* 1*dmarc-value: printable ASCII. Known tags judge their own. */
static bool is_tag_value(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        if (value.ptr[i] < 0x20 || value.ptr[i] > 0x7E) {
            return false;
        }
    }
    return value.len > 0;
}

static void read_unknown(struct reader *reader, const struct tag *tag)
{
    if (span_equals_nocase(tag->name, "v") ||
        !tag_names_add(&reader->unknown, tag->name, true)) {
        note(reader, DMARC_DUPLICATE_TAG, tag->text);
    } else {
        note(reader, is_tag_value(tag->value) ? DMARC_UNKNOWN_TAG : DMARC_TAG_INVALID,
             tag->text);
    }
}

/* An empty tag (";;") fits no rule of the grammar: dmarc-sep stands between tags, one
 * more may close the record. Of a repeated tag the first counts. */
static void read_tag(struct reader *reader, const struct tag *tag)
{
    if (!tag->has_value || !is_tag_name(tag->name)) {
        note(reader, DMARC_TAG_INVALID, tag->text);
        return;
    }
    size_t index = find_tag(tag->name);
    if (index == TAG_COUNT) {
        read_unknown(reader, tag);
    } else if ((reader->seen >> index) & 1) {
        note(reader, DMARC_DUPLICATE_TAG, tag->text);
    } else {
        reader->seen |= UINT32_C(1) << index;
        TAGS[index].read(reader, tag);
    }
}

void dmarc_parse(struct span text, struct dmarc_record *record, struct defects *defects)
{
    struct reader reader = {.record = record, .defects = defects};
    struct tag_list list;
    struct tag tag;
    *record = (struct dmarc_record){.pct = -1};
    tag_list_begin(&list, text);
    bool more = tag_list_next(&list, &tag);
    while (more && tag_list_next(&list, &tag)) {
        tag = trimmed(tag);
        read_tag(&reader, &tag);
    }
    if (record->p == DMARC_POLICY_NULL && !record->is_p_bad) {
        note(&reader, DMARC_P_MISSING, (struct span){NULL, 0});
    }
    if (record->rua_count == 0) {
        note(&reader, DMARC_NO_RUA, (struct span){NULL, 0});
    }
}
