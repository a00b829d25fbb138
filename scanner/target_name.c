#include "scanner/target_name.h"

#include <arpa/inet.h>
#include <idn2.h>
#include <stdint.h>

#define LABEL_MAX 63
#define LABEL_TEXT_MAX 4096 /* more than any line holds */

/* One pass over the labels collects every fault as a bit; the lowest one is the reason.
 */
struct reading {
    struct target_name *name;
    unsigned faults;
    size_t len; /* the name so far, also where it no longer fits */
    size_t label_count;
};

static void fault(struct reading *reading, enum target_reason reason)
{
    reading->faults |= 1U << reason;
}

static void note_memory(struct reading *reading, int rc)
{
    reading->name->lacks_memory = reading->name->lacks_memory || rc == IDN2_MALLOC;
}

static bool contains(struct span text, char c)
{
    return text.len > 0 && memchr(text.ptr, c, text.len) != NULL;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || is_digit(c) || c == '-' ||
           c == '_';
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return (char)(c + ('a' - 'A'));
    }
    return c;
}

static bool is_address(int family, struct span text)
{
    char copy[INET6_ADDRSTRLEN];
    unsigned char bytes[16];
    if (text.len >= sizeof copy || contains(text, '\0')) {
        return false;
    }
    memcpy(copy, text.ptr, text.len);
    copy[text.len] = '\0';
    return inet_pton(family, copy, bytes) == 1;
}

/* RFC 4007, 11: an IPv6 address may carry "%zone". */
static bool is_ip(struct span text)
{
    if (text.len > 2 && text.ptr[0] == '[' && text.ptr[text.len - 1] == ']') {
        text = (struct span){text.ptr + 1, text.len - 2};
    }
    const char *zone = text.len > 0 ? memchr(text.ptr, '%', text.len) : NULL;
    if (zone != NULL) {
        text.len = (size_t)(zone - text.ptr);
        return text.len > 0 && is_address(AF_INET6, text);
    }
    return text.len > 0 && (is_address(AF_INET, text) || is_address(AF_INET6, text));
}

static bool has_port(struct span text)
{
    size_t start = text.len;
    while (start > 0 && is_digit(text.ptr[start - 1])) {
        start--;
    }
    if (start == text.len || start < 2 || text.ptr[start - 1] != ':') {
        return false;
    }
    struct span host = {text.ptr, start - 1};
    return host.ptr[host.len - 1] == ']' || !contains(host, ':');
}

static enum target_reason shape_of(struct span text)
{
    if (contains(text, '/')) {
        return TARGET_URL;
    }
    if (contains(text, '@')) {
        return TARGET_EMAIL;
    }
    if (contains(text, '*')) {
        return TARGET_WILDCARD;
    }
    if (has_port(text)) {
        return TARGET_PORT;
    }
    return is_ip(text) ? TARGET_IP : TARGET_REASON_NONE;
}

/* Bytes of the separator that stands at text's start, 0 if none does (UTS 46, 4: U+3002
 * ideographic, U+FF0E full-width, U+FF61 half-width full stop). */
static size_t separator_len(struct span text)
{
    if (text.len > 0 && text.ptr[0] == '.') {
        return 1;
    }
    bool is_wide = span_starts(text, "\xe3\x80\x82") ||
                   span_starts(text, "\xef\xbc\x8e") || span_starts(text, "\xef\xbd\xa1");
    return is_wide ? 3 : 0;
}

static struct span without_final_dot(struct span text)
{
    if (text.len >= 3 && separator_len(span_from(text, text.len - 3)) == 3) {
        text.len -= 3;
    } else if (text.len >= 1 && text.ptr[text.len - 1] == '.') {
        text.len--;
    }
    return text;
}

/* The bytes a UTF-8 sequence's first byte asks for (RFC 3629, 4); *least and *most bound
 * the second byte, which is where overlong forms, surrogates and what lies above U+10FFFF
 * show. */
static size_t sequence_len(unsigned char first, unsigned char *least, unsigned char *most)
{
    *least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    *most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    if (first >= 0xc2 && first <= 0xdf) {
        return 2;
    }
    if (first >= 0xe0 && first <= 0xef) {
        return 3;
    }
    return first >= 0xf0 && first <= 0xf4 ? 4 : 0;
}

static bool is_sequence(const unsigned char *bytes, size_t len, unsigned char least,
                        unsigned char most)
{
    bool is_good = bytes[1] >= least && bytes[1] <= most;
    for (size_t i = 2; i < len; i++) {
        is_good = is_good && (bytes[i] & 0xc0) == 0x80;
    }
    return is_good;
}

/* Bytes of the character at the text's start; 0 if it is none that a label may hold. */
static size_t character_len(struct span text)
{
    const unsigned char *bytes = (const unsigned char *)text.ptr;
    if (bytes[0] < 0x80) {
        return is_name_char(text.ptr[0]) ? 1 : 0;
    }
    unsigned char least;
    unsigned char most;
    size_t len = sequence_len(bytes[0], &least, &most);
    return len <= text.len && len > 0 && is_sequence(bytes, len, least, most) ? len : 0;
}

enum label_kind { LABEL_ASCII, LABEL_XN, LABEL_UNICODE, LABEL_BAD };

static enum label_kind kind_of(struct span label)
{
    bool is_ascii = true;
    for (size_t i = 0; i < label.len;) {
        size_t len = character_len(span_from(label, i));
        if (len == 0) {
            return LABEL_BAD;
        }
        is_ascii = is_ascii && len == 1;
        i += len;
    }
    if (!is_ascii) {
        return LABEL_UNICODE;
    }
    bool is_xn = label.len >= 4 && strncasecmp(label.ptr, "xn--", 4) == 0;
    return is_xn ? LABEL_XN : LABEL_ASCII;
}

/* Adds one label with its dot to the buffer, as long as both fit. */
static size_t append(char *buffer, size_t capacity, size_t len, struct span label)
{
    size_t dot = len > 0 ? 1 : 0;
    if (len + dot + label.len >= capacity) {
        return len;
    }
    if (dot != 0) {
        buffer[len++] = '.';
    }
    memcpy(buffer + len, label.ptr, label.len);
    buffer[len + label.len] = '\0';
    return len + label.len;
}

static void add_label(struct reading *reading, struct span a_label, struct span u_label)
{
    struct target_name *name = reading->name;
    if (a_label.len > LABEL_MAX) {
        fault(reading, TARGET_LABEL_TOO_LONG);
    }
    if (a_label.len == 0) {
        fault(reading, TARGET_EMPTY_LABEL);
    }
    reading->len += a_label.len + (reading->label_count > 1 ? 1 : 0);
    name->domain_len =
        append(name->domain, TARGET_NAME_MAX + 1, name->domain_len, a_label);
    name->domain_unicode_len = append(name->domain_unicode, TARGET_UNICODE_MAX,
                                      name->domain_unicode_len, u_label);
}

/* A C1 control (U+0080 to U+009F) is Punycode for no text: "xn--a" decodes to U+0080. */
static bool is_text(const char *u_label)
{
    for (const char *at = u_label; *at != '\0'; at++) {
        bool is_c1 = (unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0;
        if (is_c1 || (unsigned char)*at < 0x20) {
            return false;
        }
    }
    return *u_label != '\0';
}

static void read_xn(struct reading *reading, struct span label)
{
    char a_label[LABEL_MAX + 1];
    char *u_label = NULL;
    if (label.len > LABEL_MAX) {
        add_label(reading, label, label);
        return;
    }
    for (size_t i = 0; i < label.len; i++) {
        a_label[i] = lower(label.ptr[i]);
    }
    a_label[label.len] = '\0';
    int rc = idn2_to_unicode_8z8z(a_label, &u_label, 0);
    note_memory(reading, rc);
    if (rc != IDN2_OK || !is_text(u_label)) {
        fault(reading, TARGET_IDNA);
    } else {
        add_label(reading, (struct span){a_label, label.len}, span_of(u_label));
    }
    idn2_free(u_label);
}

static void read_unicode(struct reading *reading, struct span label)
{
    char text[LABEL_TEXT_MAX + 1];
    uint8_t *a_label = NULL;
    if (label.len > LABEL_TEXT_MAX) {
        fault(reading, TARGET_LABEL_TOO_LONG);
        return;
    }
    memcpy(text, label.ptr, label.len);
    text[label.len] = '\0';
    int rc = idn2_lookup_u8((const uint8_t *)text, &a_label,
                            IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    struct span mapped = span_of((const char *)a_label);
    note_memory(reading, rc);
    enum label_kind kind = kind_of(mapped);
    if (rc == IDN2_TOO_BIG_LABEL || rc == IDN2_TOO_BIG_DOMAIN ||
        rc == IDN2_PUNYCODE_BIG_OUTPUT) {
        fault(reading, TARGET_LABEL_TOO_LONG);
    } else if (rc == IDN2_OK && kind == LABEL_XN) {
        read_xn(reading, mapped);
    } else if (rc == IDN2_OK && kind == LABEL_ASCII && mapped.len > 0) {
        add_label(reading, mapped, mapped);
    } else {
        /* Refused, or mapped to nothing, or to ASCII no name holds (U+FF0F: slash). */
        fault(reading, TARGET_IDNA);
    }
    idn2_free(a_label);
}

static void read_ascii(struct reading *reading, struct span label)
{
    char lowered[LABEL_MAX];
    for (size_t i = 0; i < label.len && i < LABEL_MAX; i++) {
        lowered[i] = lower(label.ptr[i]);
    }
    if (label.len <= LABEL_MAX) {
        label.ptr = lowered;
    }
    add_label(reading, label, label);
}

static void read_label(struct reading *reading, struct span label)
{
    reading->label_count++;
    switch (kind_of(label)) {
    case LABEL_ASCII:
        read_ascii(reading, label);
        break;
    case LABEL_XN:
        read_xn(reading, label);
        break;
    case LABEL_UNICODE:
        read_unicode(reading, label);
        break;
    case LABEL_BAD:
        fault(reading, TARGET_ENCODING);
        add_label(reading, label, label); /* its length still counts */
        break;
    }
}

static void read_labels(struct reading *reading, struct span text)
{
    size_t start = 0;
    size_t at = 0;
    while (at < text.len) {
        size_t step = separator_len(span_from(text, at));
        if (step == 0) {
            at++;
            continue;
        }
        read_label(reading, (struct span){text.ptr + start, at - start});
        at += step;
        start = at;
    }
    read_label(reading, span_from(text, start));
}

static enum target_reason read_name(struct target_name *name, struct span text,
                                    size_t labels_least)
{
    name->domain[0] = name->domain_unicode[0] = '\0';
    name->domain_len = name->domain_unicode_len = 0;
    name->lacks_memory = false;
    text = without_final_dot(text);
    if (text.len == 0) {
        return TARGET_EMPTY_LABEL;
    }
    enum target_reason shape = shape_of(text);
    if (shape != TARGET_REASON_NONE) {
        return shape;
    }
    struct reading reading = {.name = name};
    read_labels(&reading, text);
    if (reading.label_count < labels_least) {
        fault(&reading, TARGET_SINGLE_LABEL);
    }
    if (reading.len > TARGET_NAME_MAX) {
        fault(&reading, TARGET_NAME_TOO_LONG);
    }
    if (reading.faults == 0 && is_ip((struct span){name->domain, name->domain_len})) {
        fault(&reading, TARGET_IP); /* mapped from full-width digits */
    }
    return reading.faults == 0 ? TARGET_REASON_NONE
                               : (enum target_reason)__builtin_ctz(reading.faults);
}

enum target_reason target_name_read(struct target_name *name, struct span text)
{
    return read_name(name, text, 2);
}

enum target_reason target_name_read_suffix(struct target_name *name, struct span text)
{
    return read_name(name, text, 1);
}

const char *target_reason_text(enum target_reason reason)
{
    static const char *const TEXTS[] = {
        [TARGET_REASON_NONE] = NULL,
        [TARGET_URL] = "url",
        [TARGET_EMAIL] = "email",
        [TARGET_WILDCARD] = "wildcard",
        [TARGET_PORT] = "port",
        [TARGET_IP] = "ip",
        [TARGET_IDNA] = "idna",
        [TARGET_SINGLE_LABEL] = "single_label",
        [TARGET_LABEL_TOO_LONG] = "label_too_long",
        [TARGET_NAME_TOO_LONG] = "name_too_long",
        [TARGET_EMPTY_LABEL] = "empty_label",
        [TARGET_ENCODING] = "encoding",
        [TARGET_TOO_LONG] = "too_long",
        [TARGET_OPT_OUT] = "opt_out",
        [TARGET_SPECIAL_USE] = "special_use",
    };
    return TEXTS[reason];
}

const char *target_libraries(void)
{
    return "libidn2 " IDN2_VERSION;
}
