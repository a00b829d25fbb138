#include "scanner/classify/sts_value.h"

#define DOMAIN_LEN_MAX 253
#define LABEL_LEN_MAX 63

bool sts_value_has_high_bytes(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((unsigned char)text.ptr[i] >= 0x80) {
            return true;
        }
    }
    return false;
}

/* Length of the UTF-8 sequence at the front (RFC 3629 4), 0 where there is none. */
static size_t utf8_sequence_len(const unsigned char *at, size_t left)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xE0 ? 2 : at[0] < 0xF0 ? 3 : 4;
    if ((at[0] >= 0x80 && at[0] < 0xC2) || at[0] > 0xF4 || len > left) {
        return 0;
    }
    for (size_t i = 1; i < len; i++) {
        if ((at[i] & 0xC0) != 0x80) {
            return 0;
        }
    }
    bool is_overlong = (at[0] == 0xE0 && at[1] < 0xA0) || (at[0] == 0xF0 && at[1] < 0x90);
    bool is_outside = (at[0] == 0xED && at[1] > 0x9F) || (at[0] == 0xF4 && at[1] > 0x8F);
    return is_overlong || is_outside ? 0 : len;
}

bool sts_value_is_utf8(struct span text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    size_t at = 0;
    while (at < text.len) {
        size_t len = utf8_sequence_len(bytes + at, text.len - at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

bool sts_value_is_extension(struct span value)
{
    for (size_t i = 0; i < value.len; i++) {
        unsigned char c = (unsigned char)value.ptr[i];
        if (c < 0x20 || c == 0x7F) {
            return false;
        }
    }
    return value.len > 0;
}

static bool is_alphanumeric(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* sub-domain of RFC 5321 4.1.2: Let-dig [Ldh-str]. */
static bool is_sub_domain(struct span label)
{
    if (label.len == 0 || label.len > LABEL_LEN_MAX || !is_alphanumeric(label.ptr[0]) ||
        !is_alphanumeric(label.ptr[label.len - 1])) {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (!is_alphanumeric(label.ptr[i]) && label.ptr[i] != '-') {
            return false;
        }
    }
    return true;
}

bool sts_value_is_number(struct span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < '0' || text.ptr[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

bool sts_value_is_mx_pattern(struct span value)
{
    struct span rest = span_starts(value, "*.") ? span_from(value, 2) : value;
    if (rest.len > DOMAIN_LEN_MAX) {
        return false;
    }
    struct span label = {NULL, 0};
    bool more = true;
    while (span_cut(&rest, '.', &label, &more)) {
        if (!is_sub_domain(label)) {
            return false;
        }
    }
    return !sts_value_is_number(label);
}
