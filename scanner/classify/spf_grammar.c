#include "scanner/classify/spf_grammar.h"

#include "scanner/classify/spf_domain_spec.h"

#include <arpa/inet.h>

static const size_t VERSION_LEN = sizeof "v=spf1" - 1;

static void term_break(struct spf_term *term, enum spf_code defect)
{
    term->kind = SPF_TERM_BROKEN;
    term->defect = defect;
}

static bool take_domain_spec(struct spf_term *term, struct span text)
{
    enum spf_code defect;
    term->domain_spec = text;
    if (!spf_domain_spec_check(text, &defect)) {
        term_break(term, defect);
        return false;
    }
    return true;
}

/* "0" or digits without leading zero, up to most (RFC 7208 12). */
static bool parse_prefix(struct span digits, unsigned most, uint8_t *prefix)
{
    if (digits.len == 0 || digits.len > 3 || (digits.len > 1 && digits.ptr[0] == '0')) {
        return false;
    }
    unsigned value = 0;
    for (size_t i = 0; i < digits.len; i++) {
        if (!spf_is_digit(digits.ptr[i])) {
            return false;
        }
        value = value * 10 + (unsigned)(digits.ptr[i] - '0');
    }
    *prefix = (uint8_t)value;
    return value <= most;
}

static bool parse_address(struct span text, int family, uint8_t ip[16])
{
    char buffer[INET6_ADDRSTRLEN + 1];
    if (text.len == 0 || text.len >= sizeof buffer) {
        return false;
    }
    memcpy(buffer, text.ptr, text.len);
    buffer[text.len] = '\0';
    return inet_pton(family, buffer, ip) == 1;
}

static void parse_ip(struct spf_term *term, struct span argument)
{
    bool is_ip4 = term->kind == SPF_TERM_IP4;
    if (argument.len == 0 || argument.ptr[0] != ':') {
        term_break(term, SPF_SYNTAX);
        return;
    }
    struct span network = span_from(argument, 1);
    struct span prefix = {NULL, 0};
    const char *slash = network.len > 0 ? memchr(network.ptr, '/', network.len) : NULL;
    if (slash != NULL) {
        prefix = span_from(network, (size_t)(slash - network.ptr) + 1);
        network.len = (size_t)(slash - network.ptr);
    }
    if (!parse_address(network, is_ip4 ? AF_INET : AF_INET6, term->ip)) {
        term_break(term, SPF_INVALID_IP);
    } else if (slash != NULL && !parse_prefix(prefix, is_ip4 ? 32 : 128,
                                              is_ip4 ? &term->prefix4 : &term->prefix6)) {
        term_break(term, SPF_INVALID_CIDR);
    }
}

/* The length of what ends in "/" and digits, without these; SIZE_MAX = it does not. */
static size_t before_slash_digits(struct span text)
{
    size_t at = text.len;
    while (at > 0 && spf_is_digit(text.ptr[at - 1])) {
        at--;
    }
    return at < text.len && at > 0 && text.ptr[at - 1] == '/' ? at - 1 : SIZE_MAX;
}

/* dual-cidr-length = [ ip4-cidr-length ] [ "/" ip6-cidr-length ], taken off the end: a
 * domain-spec may hold slashes too. */
static bool take_dual_cidr(struct spf_term *term, struct span *text)
{
    size_t at = before_slash_digits(*text);
    if (at == SIZE_MAX) {
        return true;
    }
    if (at == 0 || text->ptr[at - 1] != '/') {
        struct span prefix = span_from(*text, at + 1);
        text->len = at;
        return parse_prefix(prefix, 32, &term->prefix4);
    }
    bool is_sound = parse_prefix(span_from(*text, at + 1), 128, &term->prefix6);
    text->len = at - 1;
    at = before_slash_digits(*text);
    if (at != SIZE_MAX) {
        is_sound = parse_prefix(span_from(*text, at + 1), 32, &term->prefix4) && is_sound;
        text->len = at;
    }
    return is_sound;
}

/* "foo.example/24/64": the domain is sound up to a slash behind its last dot. */
static bool is_sound_up_to_slash(struct span text)
{
    size_t at = text.len;
    while (at > 0 && text.ptr[at - 1] != '.' && text.ptr[at - 1] != '}') {
        at--;
    }
    const char *slash = at < text.len ? memchr(text.ptr + at, '/', text.len - at) : NULL;
    enum spf_code defect;
    return slash != NULL &&
           spf_domain_spec_check((struct span){text.ptr, (size_t)(slash - text.ptr)},
                                 &defect);
}

static void parse_host(struct spf_term *term, struct span argument)
{
    bool is_sound = take_dual_cidr(term, &argument);
    bool has_domain = argument.len > 0 && argument.ptr[0] == ':';
    if (has_domain) {
        struct span domain_spec = span_from(argument, 1);
        if (!take_domain_spec(term, domain_spec)) {
            bool is_cidr =
                term->defect == SPF_INVALID_DOMAIN && is_sound_up_to_slash(domain_spec);
            term->defect = is_cidr ? SPF_INVALID_CIDR : term->defect;
            return;
        }
    }
    if (!is_sound || (!has_domain && argument.len > 0)) {
        term_break(term, SPF_INVALID_CIDR);
    }
}

static void parse_argument(struct spf_term *term, struct span argument)
{
    switch (term->kind) {
    case SPF_TERM_IP4:
    case SPF_TERM_IP6:
        parse_ip(term, argument);
        return;
    case SPF_TERM_A:
    case SPF_TERM_MX:
        parse_host(term, argument);
        return;
    case SPF_TERM_PTR:
    case SPF_TERM_ALL:
        if (argument.len == 0) {
            return;
        }
        break;
    default:
        break;
    }
    if (term->kind == SPF_TERM_ALL || argument.len == 0 || argument.ptr[0] != ':') {
        term_break(term, SPF_SYNTAX);
        return;
    }
    take_domain_spec(term, span_from(argument, 1));
}

static enum spf_term_kind mechanism_kind(struct span name)
{
    static const struct {
        const char *name;
        enum spf_term_kind kind;
    } MECHANISMS[] = {{"ip4", SPF_TERM_IP4},       {"include", SPF_TERM_INCLUDE},
                      {"all", SPF_TERM_ALL},       {"a", SPF_TERM_A},
                      {"mx", SPF_TERM_MX},         {"ip6", SPF_TERM_IP6},
                      {"exists", SPF_TERM_EXISTS}, {"ptr", SPF_TERM_PTR}};
    for (size_t i = 0; i < sizeof MECHANISMS / sizeof MECHANISMS[0]; i++) {
        if (span_equals_nocase(name, MECHANISMS[i].name)) {
            return MECHANISMS[i].kind;
        }
    }
    return SPF_TERM_BROKEN;
}

/* A name no RFC knows, in a term otherwise well-formed; "redirect:" and "exp:" are names
 * the RFC knows, in a form it does not. */
static enum spf_code unknown_defect(struct span name, struct span argument)
{
    if (span_equals_nocase(name, "redirect") || span_equals_nocase(name, "exp")) {
        return SPF_SYNTAX;
    }
    return spf_macro_string_check(argument) ? SPF_UNKNOWN_MECHANISM : SPF_INVALID_MACRO;
}

static void parse_mechanism(struct spf_term *term, struct span name, struct span argument)
{
    if (argument.len > 0 && argument.ptr[0] != ':' && argument.ptr[0] != '/') {
        term_break(term, SPF_SYNTAX);
        return;
    }
    term->kind = mechanism_kind(name);
    if (term->kind == SPF_TERM_BROKEN) {
        term->defect = unknown_defect(name, argument);
        return;
    }
    parse_argument(term, argument);
}

static void parse_modifier(struct spf_terms *terms, struct spf_term *term,
                           struct span name, struct span value)
{
    bool is_redirect = span_equals_nocase(name, "redirect");
    term->qualifier = 0;
    if (!is_redirect && !span_equals_nocase(name, "exp")) {
        term->kind = SPF_TERM_UNKNOWN_MODIFIER;
        if (!spf_macro_string_check(value)) {
            term_break(term, SPF_INVALID_MACRO);
        }
        return;
    }
    bool *has_one = is_redirect ? &terms->has_redirect : &terms->has_exp;
    bool is_second = *has_one;
    *has_one = true;
    term->kind = is_redirect ? SPF_TERM_REDIRECT : SPF_TERM_EXP;
    if (is_second) {
        term_break(term, SPF_DUPLICATE_MODIFIER);
        return;
    }
    take_domain_spec(term, value);
}

/* name = ALPHA *( ALPHA / DIGIT / "-" / "_" / "." ) */
static size_t name_length(struct span text)
{
    size_t len = 0;
    if (text.len == 0 || !spf_is_alpha(text.ptr[0])) {
        return 0;
    }
    while (len < text.len &&
           (spf_is_alpha(text.ptr[len]) || spf_is_digit(text.ptr[len]) ||
            is_one_of(text.ptr[len], "-_."))) {
        len++;
    }
    return len;
}

/* Terms are visible ASCII (RFC 7208 3.1, 7.1). */
static bool check_bytes(struct spf_term *term)
{
    bool is_visible = true;
    for (size_t i = 0; i < term->text.len; i++) {
        unsigned char c = (unsigned char)term->text.ptr[i];
        if (c >= 0x80) {
            term_break(term, SPF_NON_ASCII);
            return false;
        }
        is_visible = is_visible && c > 0x20 && c < 0x7f;
    }
    if (!is_visible) {
        term_break(term, SPF_SYNTAX);
    }
    return is_visible;
}

static void parse_term(struct spf_terms *terms, struct spf_term *term)
{
    if (!check_bytes(term)) {
        return;
    }
    bool has_qualifier = is_one_of(term->text.ptr[0], "+-?~");
    struct span rest = span_from(term->text, has_qualifier ? 1 : 0);
    struct span name = {rest.ptr, name_length(rest)};
    struct span argument = span_from(rest, name.len);
    term->qualifier = '+';
    if (has_qualifier) {
        term->qualifier = term->text.ptr[0];
    }
    if (name.len == 0) {
        term_break(term, SPF_SYNTAX);
    } else if (argument.len > 0 && argument.ptr[0] == '=' && !has_qualifier) {
        parse_modifier(terms, term, name, span_from(argument, 1));
    } else {
        parse_mechanism(term, name, argument);
    }
}

void spf_terms_begin(struct spf_terms *terms, struct span record)
{
    *terms = (struct spf_terms){.rest = span_from(record, VERSION_LEN)};
}

bool spf_terms_next(struct spf_terms *terms, struct spf_term *term)
{
    size_t skip = 0;
    while (skip < terms->rest.len && terms->rest.ptr[skip] == ' ') {
        skip++;
    }
    terms->rest = span_from(terms->rest, skip);
    if (terms->rest.len == 0) {
        return false;
    }
    const char *space = memchr(terms->rest.ptr, ' ', terms->rest.len);
    size_t len = space != NULL ? (size_t)(space - terms->rest.ptr) : terms->rest.len;
    *term =
        (struct spf_term){.text = {terms->rest.ptr, len}, .prefix4 = 32, .prefix6 = 128};
    terms->rest = span_from(terms->rest, len);
    parse_term(terms, term);
    return true;
}

bool spf_term_is_lookup(enum spf_term_kind kind)
{
    return kind == SPF_TERM_INCLUDE || kind == SPF_TERM_A || kind == SPF_TERM_MX ||
           kind == SPF_TERM_PTR || kind == SPF_TERM_EXISTS || kind == SPF_TERM_REDIRECT;
}
