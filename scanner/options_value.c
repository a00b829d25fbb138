#include "scanner/options_value.h"

#include <arpa/inet.h>
#include <stdlib.h>

#define HEADER_TEXT_MAX 256

static const struct {
    const char *name;
    enum check check;
} CHECKS[] = {
    {"mx", CHECK_MX},       {"ns", CHECK_NS},           {"spf", CHECK_SPF},
    {"dmarc", CHECK_DMARC}, {"mta_sts", CHECK_MTA_STS}, {"tls_rpt", CHECK_TLS_RPT},
};

static size_t digit_count(const char *text)
{
    return strspn(text, "0123456789");
}

/* The digits at the front, times unit; false when they do not fit. */
static bool read_digits(const char *text, size_t len, uint64_t unit, uint64_t *value)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < len; i++) {
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_add_overflow(sum, (uint64_t)(text[i] - '0'), &sum)) {
            return false;
        }
    }
    return !__builtin_mul_overflow(sum, unit, value) && len > 0;
}

static bool read_scaled(const char *text, size_t len, uint64_t unit, uint64_t least,
                        uint64_t most, uint64_t *value)
{
    uint64_t number;
    if (!read_digits(text, len, unit, &number) || number < least || number > most) {
        return false;
    }
    *value = number;
    return true;
}

bool options_read_uint(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    size_t len = digit_count(text);
    return text[len] == '\0' && read_scaled(text, len, 1, least, most, value);
}

bool options_read_bytes(const char *text, uint64_t least, uint64_t most, uint64_t *value)
{
    static const char UNITS[] = "KMGkmg";
    size_t len = digit_count(text);
    uint64_t unit = 1;
    const char *rest = text + len;
    const char *letter = *rest != '\0' ? strchr(UNITS, *rest) : NULL;
    if (letter != NULL) {
        unit = UINT64_C(1) << (10 * ((letter - UNITS) % 3 + 1));
        rest++;
    }
    return *rest == '\0' && read_scaled(text, len, unit, least, most, value);
}

bool options_read_rate(const char *text, uint64_t most, double *value)
{
    size_t len = digit_count(text);
    const char *rest = text + len;
    if (*rest == '.') {
        size_t decimals = digit_count(rest + 1);
        rest += decimals > 0 ? 1 + decimals : 0;
    }
    if (len == 0 || *rest != '\0') {
        return false;
    }
    double number = strtod(text, NULL);
    if (number > (double)most) {
        return false;
    }
    *value = number;
    return true;
}

static unsigned find_check(struct span name)
{
    for (size_t i = 0; i < sizeof CHECKS / sizeof CHECKS[0]; i++) {
        if (span_equals(name, CHECKS[i].name)) {
            return CHECKS[i].check;
        }
    }
    return 0;
}

bool options_read_checks(const char *text, unsigned *checks, struct span *wrong)
{
    struct span rest = span_of(text);
    bool has_more = true;
    unsigned found = 0;
    while (span_cut(&rest, ',', wrong, &has_more)) {
        unsigned check = find_check(*wrong);
        if (check == 0) {
            return false;
        }
        found |= check;
    }
    *checks = found;
    return true;
}

bool options_read_address(const char *text, struct options_sender_ip *address)
{
    static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff}; /* RFC 4291, 2.5.5.2 */
    struct options_sender_ip read = {.len = 16};
    if (inet_pton(AF_INET, text, read.bytes) == 1) {
        read.len = 4;
    } else if (inet_pton(AF_INET6, text, read.bytes) != 1) {
        return false;
    } else if (memcmp(read.bytes, MAPPED, sizeof MAPPED) == 0) {
        memmove(read.bytes, read.bytes + sizeof MAPPED, 4);
        memset(read.bytes + 4, 0, sizeof MAPPED);
        read.len = 4;
    }
    inet_ntop(read.len == 4 ? AF_INET : AF_INET6, read.bytes, read.text,
              sizeof read.text);
    *address = read;
    return true;
}

bool options_is_header_text(const char *text)
{
    size_t len = 0;
    while (text[len] >= ' ' && text[len] <= '~') {
        len++;
    }
    return text[len] == '\0' && len > 0 && len <= HEADER_TEXT_MAX;
}

bool options_is_contact(const char *text)
{
    struct span span = span_of(text);
    const char *at = strchr(text, '@');
    bool is_url = span_starts(span, "https://") || span_starts(span, "http://");
    bool is_mail = at != NULL && at != text && at[1] != '\0';
    return options_is_header_text(text) && strpbrk(text, " ()") == NULL &&
           (is_url || is_mail);
}
