#include "scanner/classify/spf_check.h"

#include "scanner/classify/spf_name.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

static struct span *value_of(struct spf_check *check, char letter)
{
    return &check->values.of[letter - 'a'];
}

/* %{i}: dotted quad, or nibbles with dots between (RFC 7208 7.3). */
static void write_ip(struct spf_check *check)
{
    static const char HEX[] = "0123456789abcdef";
    bool is_ip4 = check->ip_bits == 32;
    inet_ntop(is_ip4 ? AF_INET : AF_INET6, check->ip, check->ip_text,
              sizeof check->ip_text);
    if (is_ip4) {
        memcpy(check->ip_dotted, check->ip_text, sizeof check->ip_dotted);
        return;
    }
    char *at = check->ip_dotted;
    for (size_t i = 0; i < 16; i++) {
        *at++ = HEX[check->ip[i] >> 4];
        *at++ = '.';
        *at++ = HEX[check->ip[i] & 15];
        *at++ = '.';
    }
    at[-1] = '\0';
}

/* RFC 7208 2.4, 4.3: without local-part the sender is postmaster, without sender the
 * HELO name stands for its domain. */
static void write_sender(struct spf_check *check, const struct spf_sender *sender)
{
    const char *at = strrchr(sender->mail_from, '@');
    const char *domain = at != NULL ? at + 1 : sender->mail_from;
    domain = *domain != '\0' ? domain : sender->helo;
    int local_len = at != NULL ? (int)(at - sender->mail_from) : 0;
    local_len = local_len < 512 ? local_len : 512;
    const char *local_part = local_len > 0 ? sender->mail_from : "postmaster";
    local_len = local_len > 0 ? local_len : (int)strlen(local_part);
    snprintf(check->sender, sizeof check->sender, "%.*s@%s", local_len, local_part,
             domain);
    *value_of(check, 's') = span_of(check->sender);
    *value_of(check, 'l') = (struct span){check->sender, (size_t)local_len};
    *value_of(check, 'o') = span_from(*value_of(check, 's'), (size_t)local_len + 1);
}

void spf_check_begin(struct spf_check *check, const struct spf_sender *sender,
                     const struct lookup *lookup, struct spf_verdict *verdict)
{
    static const uint8_t MAPPED[12] = {[10] = 0xff, [11] = 0xff};
    bool is_mapped = sender->ip_len == 16 && memcmp(sender->ip, MAPPED, 12) == 0;
    check->lookup = lookup;
    check->verdict = verdict;
    check->depth = 0;
    check->ip_bits = sender->ip_len == 4 || is_mapped ? 32 : 128;
    memset(check->ip, 0, sizeof check->ip);
    memcpy(check->ip, sender->ip + (is_mapped ? 12 : 0), check->ip_bits / 8);
    check->values = (struct spf_macro_values){.of = {{NULL, 0}}};
    write_ip(check);
    write_sender(check, sender);
    snprintf(check->time, sizeof check->time, "%" PRId64, sender->time);
    *value_of(check, 'i') = span_of(check->ip_dotted);
    *value_of(check, 'c') = span_of(check->ip_text);
    *value_of(check, 'v') = span_of(check->ip_bits == 32 ? "in-addr" : "ip6");
    *value_of(check, 'h') = span_of(sender->helo);
    *value_of(check, 'r') =
        span_of(sender->receiver != NULL ? sender->receiver : "unknown");
    *value_of(check, 't') = span_of(check->time);
}

bool spf_check_macros(struct spf_check *check, struct span text, const char *domain)
{
    *value_of(check, 'd') = span_of(domain);
    if (!spf_macro_uses(text, "p")) {
        return true;
    }
    if (spf_check_validated(check, domain, false, check->validated) ==
        SPF_MATCH_PENDING) {
        return false;
    }
    *value_of(check, 'p') =
        span_of(check->validated[0] != '\0' ? check->validated : "unknown");
    return true;
}

enum spf_match spf_check_target(struct spf_check *check, struct span domain_spec,
                                const char *domain, char name[SPF_NAME_MAX])
{
    if (domain_spec.len == 0) {
        memmove(name, domain, strlen(domain) + 1);
        return SPF_MATCH_YES;
    }
    if (!spf_check_macros(check, domain_spec, domain)) {
        return SPF_MATCH_PENDING;
    }
    return spf_name_expand(domain_spec, &check->values, name) ? SPF_MATCH_YES
                                                              : SPF_MATCH_NO;
}

/* explain-string = *( macro-string / SP ), in US-ASCII (RFC 7208 6.2, 12). */
static bool is_explanation(struct span text)
{
    size_t at = 0;
    while (at < text.len) {
        struct spf_macro macro;
        unsigned char c = (unsigned char)text.ptr[at];
        size_t len = c == '%' ? spf_macro_parse(span_from(text, at), &macro) : 1;
        if (len == 0 || c < ' ' || c >= 0x7f) {
            return false;
        }
        at += len;
    }
    return true;
}

static void write_explanation(struct spf_check *check, struct span text)
{
    char *explanation = check->verdict->explanation;
    struct spf_text out = {explanation, SPF_EXPLANATION_MAX - 1, 0, false};
    spf_macro_expand(text, &check->values, &out);
    explanation[out.len] = '\0';
    for (size_t i = 0; i < out.len; i++) {
        if (explanation[i] < ' ' || explanation[i] > '~') {
            explanation[i] = '?';
        }
    }
}

/* Whatever goes wrong here: as if there were no exp (RFC 7208 6.2). Its lookup is none
 * that counts (4.6.4). */
bool spf_check_explain(struct spf_check *check)
{
    const struct spf_check_frame *frame = &check->stack[0];
    char name[SPF_NAME_MAX];
    char spelt[SPF_NAME_MAX];
    if (frame->exp.len == 0) {
        return true;
    }
    enum spf_match target = spf_check_target(check, frame->exp, frame->domain, name);
    if (target != SPF_MATCH_YES || !spf_name_spell(name, spelt)) {
        return target != SPF_MATCH_PENDING;
    }
    const struct dns_answer *answer = lookup_get(check->lookup, spelt, DNS_TXT);
    if (answer == NULL) {
        return false;
    }
    if (answer->status != DNS_OK || answer->record_count != 1) {
        return true;
    }
    struct span text = {answer->records[0].data, answer->records[0].data_len};
    if (!is_explanation(text)) {
        return true;
    }
    if (!spf_check_macros(check, text, frame->domain)) {
        return false;
    }
    write_explanation(check, text);
    return true;
}
