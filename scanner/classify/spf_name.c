#include "scanner/classify/spf_name.h"

static const size_t NAME_LEN_MAX = 253;
static const size_t LABEL_LEN_MAX = 63;

bool spf_name_is_valid(struct span name)
{
    size_t label_len = 0;
    for (size_t i = 0; i < name.len; i++) {
        bool is_dot = name.ptr[i] == '.';
        if ((is_dot && label_len == 0) || name.ptr[i] == '\0') {
            return false;
        }
        label_len = is_dot ? 0 : label_len + 1;
        if (label_len > LABEL_LEN_MAX) {
            return false;
        }
    }
    return label_len > 0 && name.len <= NAME_LEN_MAX;
}

bool spf_name_is_domain(struct span name)
{
    if (!spf_name_is_valid(name) || name.ptr[0] == '[' ||
        memchr(name.ptr, '.', name.len) == NULL) {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if ((unsigned char)name.ptr[i] >= 0x80) {
            return false;
        }
    }
    return true;
}

bool spf_name_expand(struct span domain_spec, const struct spf_macro_values *values,
                     char name[SPF_NAME_MAX])
{
    char buffer[1024];
    struct spf_text text = {buffer, sizeof buffer, 0, true};
    spf_macro_expand(domain_spec, values, &text);
    struct span rest = {buffer, text.len};
    if (rest.len > 0 && rest.ptr[rest.len - 1] == '.') {
        rest.len--;
    }
    while (rest.len > NAME_LEN_MAX) {
        const char *dot = memchr(rest.ptr, '.', rest.len);
        if (dot == NULL) {
            return false;
        }
        rest = span_from(rest, (size_t)(dot - rest.ptr) + 1);
    }
    if (!spf_name_is_valid(rest)) {
        return false;
    }
    memcpy(name, rest.ptr, rest.len);
    name[rest.len] = '\0';
    return true;
}

bool spf_name_spell(const char *name, char out[SPF_NAME_MAX])
{
    size_t len = 0;
    for (; *name != '\0'; name++) {
        unsigned char c = (unsigned char)*name;
        if (len + 5 > SPF_NAME_MAX) {
            return false;
        }
        if (c == '\\') {
            out[len++] = '\\';
        } else if (c <= ' ' || c >= 0x7f) {
            out[len++] = '\\';
            out[len++] = (char)('0' + c / 100);
            out[len++] = (char)('0' + c / 10 % 10);
            c = (unsigned char)('0' + c % 10);
        }
        out[len++] = ascii_lower((char)c);
    }
    out[len] = '\0';
    return true;
}
