/* An MTA-STS policy: where it was fetched from, over which TLS, and its lines. */
#include "scanner/show_part.h"

#include "scanner/policy.h"
#include "scanner/show_quote.h"

#include <arpa/inet.h>
#include <stdio.h>

#define LINES_MAX                                                                        \
    30 /* shown for their own sake; those with a finding always, up to as many again */
#define LINE_INDENT 13

static void show_host(struct show *show, const struct verdict_policy *policy)
{
    show_fact(show, "policy");
    show_words(show, SHOW_FACT_COLUMN, "https://");
    for (struct span rest = span_of(policy->host); rest.len > 0;) {
        struct show_unit unit = show_unit_of(rest);
        show_unit(show, &unit);
        rest = span_from(rest, unit.taken);
    }
    show_text(show, policy->request.path);
    show_end_line(show);
    if (policy->cname_answer != NULL && policy->cname_answer->cname_count > 0) {
        show_fact(show, "by CNAME to");
        show_list(show, SHOW_FACT_COLUMN, policy->cname_answer->cnames,
                  policy->cname_answer->cname_count);
        show_end_line(show);
    }
    if (policy->address_count > 0) {
        const char *addresses[POLICY_ADDRESSES_MAX];
        for (size_t i = 0; i < policy->address_count; i++) {
            addresses[i] = policy->addresses[i];
        }
        show_fact(show, policy->address_count == 1 ? "address" : "addresses");
        show_list(show, SHOW_FACT_COLUMN, addresses, policy->address_count);
        show_end_line(show);
    }
}

/* Why there was no response: the first error is the one that ended the fetch. */
static const char *reason_of(const struct verdict_policy *policy)
{
    for (size_t i = 0; i < policy->defects.count; i++) {
        unsigned code = policy->defects.list[i].code;
        if (code < STS_ERROR_COUNT) {
            return sts_policy_code_text((enum sts_policy_code)code);
        }
    }
    return "no reason known";
}

static void show_response(struct show *show, const struct verdict_policy *policy,
                          const struct fetch_result *fetched)
{
    char address[INET6_ADDRSTRLEN] = "";
    if (fetched->address == NULL) {
        return;
    }
    inet_ntop(fetched->address->family == 4 ? AF_INET : AF_INET6, fetched->address->bytes,
              address, sizeof address);
    show_fact(show, "answer");
    if (fetched->http_status == 0) {
        show_words(show, SHOW_FACT_COLUMN, "none from %s (%s)", address,
                   reason_of(policy));
        show_end_line(show);
        return;
    }
    show_words(show, SHOW_FACT_COLUMN, "status %d,", fetched->http_status);
    if (fetched->content_type != NULL) {
        show_foreign(show, SHOW_FACT_COLUMN, span_of(fetched->content_type));
        show_text(show, ",");
    }
    show_words(show, SHOW_FACT_COLUMN, "from %s", address);
    show_end_line(show);
}

static void show_certificate(struct show *show, const struct fetch_tls *tls)
{
    show_fact(show, "certificate");
    show_words(show, SHOW_FACT_COLUMN, "for");
    if (tls->name_count > 0) {
        show_list(show, SHOW_FACT_COLUMN, tls->names, tls->name_count);
    } else {
        show_words(show, SHOW_FACT_COLUMN, "no DNS name at all");
    }
    show_end_line(show);
    show_fact(show, "");
    show_words(show, SHOW_FACT_COLUMN, "by");
    show_foreign(show, SHOW_FACT_COLUMN,
                 span_of(tls->issuer != NULL ? tls->issuer : "unknown"));
    show_end_line(show);
    if (tls->not_before != NULL && tls->not_after != NULL) {
        show_fact(show, "");
        show_words(show, SHOW_FACT_COLUMN, "valid %.10s to %.10s", tls->not_before,
                   tls->not_after);
        show_end_line(show);
    }
    if (tls->verify_error != NULL) {
        show_fact(show, "verify error");
        show_style(show, SHOW_ERROR);
        show_foreign(show, SHOW_FACT_COLUMN, span_of(tls->verify_error));
        show_style(show, SHOW_PLAIN);
        show_end_line(show);
    }
}

static void show_tls(struct show *show, const struct fetch_tls *tls)
{
    if (tls->version != NULL) {
        show_fact(show, "TLS");
        show_foreign(show, SHOW_FACT_COLUMN, span_of(tls->version));
        if (tls->cipher != NULL) {
            show_text(show, ",");
            show_foreign(show, SHOW_FACT_COLUMN, span_of(tls->cipher));
        }
        show_end_line(show);
    }
    if (tls->subject != NULL || tls->name_count > 0) {
        show_certificate(show, tls);
    }
}

/* RFC 8461 3.2: lines end in LF or CRLF. */
static struct span take_line(struct span *rest)
{
    const char *end = memchr(rest->ptr, '\n', rest->len);
    struct span line = *rest;
    line.len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    *rest = span_from(*rest, line.len + (end != NULL ? 1 : 0));
    if (end != NULL && line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static void show_line(struct show *show, const struct verdict_policy *policy,
                      struct span line, size_t number)
{
    char label[24];
    bool is_meant = show_quote_is_meant(line, &policy->defects);
    snprintf(label, sizeof label, "   %c%5zu", is_meant ? '>' : ' ', number);
    struct show_quote quote = {.text = line,
                               .defects = &policy->defects,
                               .error_count = STS_ERROR_COUNT,
                               .label = label,
                               .indent = LINE_INDENT};
    show_quote(show, &quote);
}

static void show_body(struct show *show, const struct verdict_policy *policy,
                      struct span body)
{
    size_t number = 0, left_out = 0, meant_shown = 0;
    while (body.len > 0) {
        struct span line = take_line(&body);
        bool is_meant = show_quote_is_meant(line, &policy->defects);
        if (++number <= LINES_MAX || (is_meant && ++meant_shown <= LINES_MAX)) {
            show_line(show, policy, line, number);
        } else {
            left_out++;
        }
    }
    if (left_out > 0) {
        show_words(show, LINE_INDENT, "(%zu lines are not shown)", left_out);
        show_end_line(show);
    }
}

void show_policy(struct show *show, const struct verdict_policy *policy,
                 const struct fetch_result *fetched)
{
    show_host(show, policy);
    if (fetched == NULL) {
        return;
    }
    show_response(show, policy, fetched);
    if (policy->stage >= STS_STAGE_TLS) {
        show_tls(show, &fetched->tls);
    }
    if (policy->stage >= STS_STAGE_SYNTAX && fetched->body != NULL) {
        show_body(show, policy, (struct span){fetched->body, fetched->body_len});
    }
}
