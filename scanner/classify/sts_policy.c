#include "scanner/classify/sts_policy.h"

#include "scanner/classify/sts_value.h"
#include "scanner/classify/tag_list.h"

#define MAX_AGE_DIGITS 10
#define MAX_AGE_MAX 31557600 /* RFC 8461 3.2: about a year */
#define MAX_AGE_SHORT 86400  /* RFC 8461 3.2 advises weeks */

enum policy_key { KEY_VERSION, KEY_MODE, KEY_MAX_AGE, KEY_MX, KEY_COUNT };

struct parser {
    struct sts_policy *policy;
    struct defects *defects;
    bool has[KEY_COUNT];
    struct span max_age_line;
    struct tag_names unknown;
};

struct policy_line {
    struct span text; /* without its end */
    struct span key, value;
};

/* Takes one line off the front: LF or CRLF end it, the last one may lack its end. A CR
 * that no LF follows stays in the text. */
static bool next_line(struct span *rest, struct span *line)
{
    if (rest->len == 0) {
        return false;
    }
    bool more = true;
    span_cut(rest, '\n', line, &more);
    if (more && line->len > 0 && line->ptr[line->len - 1] == '\r') {
        line->len--;
    }
    return true;
}

static size_t len_without_end_space(struct span text)
{
    size_t len = text.len;
    while (len > 0 && is_one_of(text.ptr[len - 1], " \t\r\n\v\f")) {
        len--;
    }
    return len;
}

static bool is_blank(struct span line)
{
    return len_without_end_space(line) == 0;
}

static void read_version(struct parser *parser, const struct policy_line *line)
{
    parser->policy->has_version = span_equals(line->value, "STSv1");
    if (!parser->policy->has_version) {
        defects_note(parser->defects, STS_VERSION_INVALID, line->text);
    }
}

static void read_mode(struct parser *parser, const struct policy_line *line)
{
    for (enum sts_mode mode = STS_MODE_NONE; mode <= STS_MODE_ENFORCE; mode++) {
        if (span_equals(line->value, sts_mode_text(mode))) {
            parser->policy->mode = mode;
            return;
        }
    }
    defects_note(parser->defects, STS_MODE_INVALID, line->text);
}

static void read_max_age(struct parser *parser, const struct policy_line *line)
{
    int64_t seconds = 0;
    if (!sts_value_is_number(line->value) || line->value.len > MAX_AGE_DIGITS) {
        defects_note(parser->defects, STS_MAX_AGE_INVALID, line->text);
        return;
    }
    for (size_t i = 0; i < line->value.len; i++) {
        seconds = seconds * 10 + (line->value.ptr[i] - '0');
    }
    if (seconds > MAX_AGE_MAX) {
        defects_note(parser->defects, STS_MAX_AGE_TOO_LARGE, line->text);
        return;
    }
    parser->policy->max_age = seconds;
    parser->max_age_line = line->text;
}

static void read_mx(struct parser *parser, const struct policy_line *line)
{
    struct sts_policy *policy = parser->policy;
    if (!sts_value_is_mx_pattern(line->value)) {
        defects_note(parser->defects, STS_MX_INVALID, line->text);
    } else if (policy->mx_count < STS_POLICY_MX_MAX) {
        policy->mx[policy->mx_count++] = line->value;
    }
}

static const struct known_key {
    const char *name;
    void (*read)(struct parser *, const struct policy_line *);
} KEYS[KEY_COUNT] = {
    [KEY_VERSION] = {"version", read_version},
    [KEY_MODE] = {"mode", read_mode},
    [KEY_MAX_AGE] = {"max_age", read_max_age},
    [KEY_MX] = {"mx", read_mx},
};

static enum policy_key find_key(struct span name)
{
    enum policy_key key = KEY_VERSION;
    while (key < KEY_COUNT && !span_equals(name, KEYS[key].name)) {
        key++;
    }
    return key;
}

/* Lines that only have to be well formed: unknown keys, and repetitions of known ones
 * (RFC 8461 3.2: the first entry is honoured, the rest ignored). */
static void read_other(struct parser *parser, const struct policy_line *line,
                       bool is_repeated)
{
    if (!sts_value_is_utf8(line->value)) {
        defects_note(parser->defects, STS_NON_ASCII, line->text);
    } else if (!sts_value_is_extension(line->value)) {
        defects_note(parser->defects, STS_LINE_INVALID, line->text);
    } else {
        defects_note(parser->defects, is_repeated ? STS_DUPLICATE_KEY : STS_UNKNOWN_KEY,
                     line->text);
    }
}

static void read_field(struct parser *parser, const struct policy_line *line)
{
    enum policy_key key = find_key(line->key);
    if (key == KEY_COUNT) {
        read_other(parser, line, !tag_names_add(&parser->unknown, line->key, false));
        return;
    }
    if (parser->has[key] && key != KEY_MX) {
        read_other(parser, line, true);
        return;
    }
    parser->has[key] = true;
    if (sts_value_has_high_bytes(line->value)) {
        defects_note(parser->defects, STS_NON_ASCII, line->text);
    } else {
        KEYS[key].read(parser, line);
    }
}

/* What is wrong with a line before its value is looked at; STS_CODE_COUNT = nothing. A
 * byte order mark makes the first key one that is not ASCII. */
static enum sts_policy_code judge_shape(const struct policy_line *line, bool has_colon)
{
    if (memchr(line->text.ptr, '\r', line->text.len) != NULL) {
        return STS_LINE_INVALID;
    }
    bool is_foreign =
        has_colon ? sts_value_has_high_bytes(line->key) : !sts_value_is_utf8(line->text);
    if (is_foreign) {
        return STS_NON_ASCII;
    }
    return has_colon && tag_name_is_valid(line->key) ? STS_CODE_COUNT : STS_LINE_INVALID;
}

/* sts-policy-field: name ":" *WSP value, then *WSP. */
static void read_line(struct parser *parser, struct span text)
{
    struct policy_line line = {.text = text};
    struct span rest = text;
    bool has_colon = true;
    span_cut(&rest, ':', &line.key, &has_colon);
    enum sts_policy_code code = judge_shape(&line, has_colon);
    if (code != STS_CODE_COUNT) {
        defects_note(parser->defects, code, text);
        return;
    }
    line.value = span_trim_wsp(rest);
    read_field(parser, &line);
}

/* One finding per mx line that a policy of mode none carries in vain. */
static void note_ignored_mx(struct parser *parser, struct span body)
{
    struct span line;
    while (next_line(&body, &line)) {
        if (span_starts(line, "mx:") && memchr(line.ptr, '\r', line.len) == NULL) {
            defects_note(parser->defects, STS_MX_IGNORED, line);
        }
    }
}

/* RFC 8461 3.2: version, mode and max_age once, mx at least once unless mode is none. */
static void judge_whole(struct parser *parser, struct span body)
{
    static const unsigned MISSING[KEY_COUNT] = {
        [KEY_VERSION] = STS_VERSION_MISSING,
        [KEY_MODE] = STS_MODE_MISSING,
        [KEY_MAX_AGE] = STS_MAX_AGE_MISSING,
        [KEY_MX] = STS_MX_MISSING,
    };
    const struct sts_policy *policy = parser->policy;
    for (enum policy_key key = KEY_VERSION; key < KEY_COUNT; key++) {
        bool is_needed = key != KEY_MX || policy->mode != STS_MODE_NONE;
        if (is_needed && !parser->has[key]) {
            defects_note(parser->defects, MISSING[key], (struct span){NULL, 0});
        }
    }
    if (policy->mode == STS_MODE_NONE) {
        note_ignored_mx(parser, body);
    } else if (policy->mode != STS_MODE_NULL && policy->max_age >= 0 &&
               policy->max_age < MAX_AGE_SHORT) {
        defects_note(parser->defects, STS_MAX_AGE_SHORT, parser->max_age_line);
    }
}

void sts_policy_parse(struct span body, struct sts_policy *policy,
                      struct defects *defects)
{
    struct parser parser = {.policy = policy, .defects = defects};
    size_t content_len = len_without_end_space(body);
    *policy = (struct sts_policy){.max_age = -1};
    if (content_len == 0) {
        defects_note(defects, STS_EMPTY, (struct span){NULL, 0});
        return;
    }
    struct span rest = body;
    struct span line;
    while (next_line(&rest, &line)) {
        if (!is_blank(line)) {
            read_line(&parser, line);
        } else if (line.ptr >= body.ptr + content_len) {
            defects_note(defects, STS_BLANK_LINE, (struct span){NULL, 0});
        } else {
            defects_note(defects, STS_LINE_INVALID, line);
        }
    }
    judge_whole(&parser, body);
}

bool sts_policy_media_type_is_text(const char *content_type)
{
    if (content_type == NULL) {
        return false;
    }
    struct span type = {content_type, strcspn(content_type, ";")};
    return span_equals_nocase(span_trim_wsp(type), "text/plain");
}
