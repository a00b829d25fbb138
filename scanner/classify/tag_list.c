#include "scanner/classify/tag_list.h"

#define FIELD_NAME_MAX 32

static struct span skip_wsp(struct span span)
{
    size_t skipped = 0;
    while (skipped < span.len && is_wsp(span.ptr[skipped])) {
        skipped++;
    }
    return skipped > 0 ? span_from(span, skipped) : span;
}

void tag_list_begin(struct tag_list *list, struct span text)
{
    list->rest = text;
    list->more = text.len > 0;
}

bool tag_list_next(struct tag_list *list, struct tag *tag)
{
    if (!span_cut(&list->rest, ';', &tag->text, &list->more)) {
        return false;
    }
    if (list->more) {
        while (tag->text.len > 0 && is_wsp(tag->text.ptr[tag->text.len - 1])) {
            tag->text.len--;
        }
        list->rest = skip_wsp(list->rest);
        list->more = list->rest.len > 0;
    }
    const char *equals =
        tag->text.len > 0 ? memchr(tag->text.ptr, '=', tag->text.len) : NULL;
    tag->has_value = equals != NULL;
    tag->name = tag->text;
    tag->value = (struct span){NULL, 0};
    if (equals != NULL) {
        tag->name.len = (size_t)(equals - tag->text.ptr);
        tag->value = span_from(tag->text, tag->name.len + 1);
    }
    return true;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool tag_name_is_valid(struct span name)
{
    if (name.len == 0 || name.len > FIELD_NAME_MAX || !is_alphanumeric(name.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < name.len; i++) {
        char c = name.ptr[i];
        if (!is_alphanumeric(c) && c != '_' && c != '-' && c != '.') {
            return false;
        }
    }
    return true;
}

bool tag_is_extension(const struct tag *tag)
{
    if (!tag_name_is_valid(tag->name) || tag->value.len == 0) {
        return false;
    }
    for (size_t i = 0; i < tag->value.len; i++) {
        char c = tag->value.ptr[i];
        if (c < 0x21 || c > 0x7E || c == '=' || c == ';') {
            return false;
        }
    }
    return true;
}

static bool is_same_name(struct span a, struct span b, bool is_nocase)
{
    return a.len == b.len && (is_nocase ? strncasecmp(a.ptr, b.ptr, a.len) == 0
                                        : memcmp(a.ptr, b.ptr, a.len) == 0);
}

bool tag_names_add(struct tag_names *names, struct span name, bool is_nocase)
{
    for (size_t i = 0; i < names->count; i++) {
        if (is_same_name(names->names[i], name, is_nocase)) {
            return false;
        }
    }
    if (names->count < TAG_NAMES_MAX) {
        names->names[names->count++] = name;
    }
    return true;
}
