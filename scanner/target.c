#include "scanner/target.h"

#include "scanner/exclude.h"

/* One CSV column. */
struct field {
    struct span text;        /* inside the quotes, if any */
    bool has_doubled_quotes; /* text still holds "" for " */
};

static bool is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n');
}

static struct span trim(struct span text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text = span_from(text, 1);
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

/* Where the quoted text that begins at text.ptr[1] ends (RFC 4180, 2.5 to 2.7); 0 when
 * never. */
static size_t closing_quote(struct span text, bool *has_doubled_quotes)
{
    *has_doubled_quotes = false;
    for (size_t i = 1; i < text.len; i++) {
        if (text.ptr[i] != '"') {
            continue;
        }
        if (i + 1 == text.len || text.ptr[i + 1] != '"') {
            return i;
        }
        *has_doubled_quotes = true;
        i++;
    }
    return 0;
}

/* False when the column is not quoted, or not properly. */
static bool cut_quoted(struct span *rest, struct field *field, bool *has_more)
{
    struct span text = trim(*rest);
    if (text.len == 0 || text.ptr[0] != '"') {
        return false;
    }
    size_t end = closing_quote(text, &field->has_doubled_quotes);
    struct span after = trim(span_from(text, end + 1));
    if (end == 0 || (after.len > 0 && after.ptr[0] != ',')) {
        return false;
    }
    field->text = (struct span){text.ptr + 1, end - 1};
    *has_more = after.len > 0;
    *rest = *has_more ? span_from(after, 1) : after;
    return true;
}

/* Takes one column off the front; false when there was none left. */
static bool cut_field(struct span *rest, struct field *field, bool *has_more)
{
    if (!*has_more) {
        return false;
    }
    if (cut_quoted(rest, field, has_more)) {
        return true;
    }
    field->has_doubled_quotes = false;
    bool was_cut = span_cut(rest, ',', &field->text, has_more);
    field->text = trim(field->text);
    return was_cut;
}

static bool is_rank(struct span text)
{
    size_t i = 0;
    while (i < text.len && text.ptr[i] >= '0' && text.ptr[i] <= '9') {
        i++;
    }
    return text.len > 0 && i == text.len;
}

static struct span unquote(struct target *target, const struct field *field)
{
    size_t len = 0;
    if (!field->has_doubled_quotes) {
        return field->text;
    }
    for (size_t i = 0; i < field->text.len; i++) {
        char c = field->text.ptr[i];
        target->unquoted[len++] = c;
        i += c == '"' ? 1 : 0;
    }
    return (struct span){target->unquoted, len};
}

/* The text that should be a name; sets the tag. */
static struct span read_columns(struct target *target)
{
    struct span rest = target->input;
    bool has_more = true;
    struct field first = {0};
    struct field second = {0};
    cut_field(&rest, &first, &has_more);
    target->has_tag = cut_field(&rest, &second, &has_more);
    if (!target->has_tag) {
        return trim(first.text);
    }
    bool is_ranked = is_rank(trim(first.text));
    target->tag = is_ranked ? trim(first.text) : unquote(target, &second);
    return trim(is_ranked ? second.text : first.text);
}

/* The TLDs of the contract: special use by RFC 6761, 7686 (onion), 9476 (alt), ICANN
 * (internal). */
static bool is_special_use(const char *domain)
{
    static const char *const TLDS[] = {"test",  "example", "invalid", "localhost",
                                       "local", "onion",   "alt",     "internal"};
    const char *dot = strrchr(domain, '.');
    for (size_t i = 0; dot != NULL && i < sizeof TLDS / sizeof TLDS[0]; i++) {
        if (strcmp(dot + 1, TLDS[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void judge(struct target *target, enum target_kind kind, enum target_reason reason)
{
    target->kind = kind;
    target->reason = reason;
}

bool target_is_skipped(const struct input_line *line)
{
    struct span text = trim((struct span){line->text, line->len});
    return text.len > 0 ? text.ptr[0] == '#' : !line->is_too_long;
}

void target_read(struct target *target, const struct input_line *line,
                 const struct exclude *opt_out)
{
    target->input = trim((struct span){line->text, line->len});
    target->has_tag = false;
    target->tag = (struct span){NULL, 0};
    target->name.lacks_memory = false;
    if (target->input.len == 0 && !line->is_too_long) {
        judge(target, TARGET_SKIP_BLANK, TARGET_REASON_NONE);
        return;
    }
    if (target->input.len > 0 && target->input.ptr[0] == '#') {
        judge(target, TARGET_SKIP_COMMENT, TARGET_REASON_NONE);
        return;
    }
    if (line->is_too_long) {
        judge(target, TARGET_INVALID, TARGET_TOO_LONG);
        return;
    }
    enum target_reason reason = target_name_read(&target->name, read_columns(target));
    if (reason != TARGET_REASON_NONE) {
        judge(target, TARGET_INVALID, reason);
    } else if (exclude_matches(opt_out, target->name.domain)) {
        judge(target, TARGET_EXCLUDED, TARGET_OPT_OUT);
    } else if (is_special_use(target->name.domain)) {
        judge(target, TARGET_EXCLUDED, TARGET_SPECIAL_USE);
    } else {
        judge(target, TARGET_DOMAIN, TARGET_REASON_NONE);
    }
}
