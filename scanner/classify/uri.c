#include "scanner/classify/uri.h"

#include <arpa/inet.h>

#define HOST_LEN_MAX 253
#define LABEL_LEN_MAX 63

static bool is_alpha(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/* RFC 3986 3.1 */
static bool is_scheme(struct span scheme)
{
    if (scheme.len == 0 || !is_alpha(scheme.ptr[0])) {
        return false;
    }
    for (size_t i = 1; i < scheme.len; i++) {
        char c = scheme.ptr[i];
        if (!is_alpha(c) && !is_digit(c) && c != '+' && c != '-' && c != '.') {
            return false;
        }
    }
    return true;
}

static bool is_percent_encoded(struct span at)
{
    return at.len >= 3 && at.ptr[0] == '%' && is_hex(at.ptr[1]) && is_hex(at.ptr[2]);
}

/* RFC 3986 2: unreserved, gen-delims, sub-delims; of the sub-delims "!" "," and ";"
 * belong to the lists these URIs stand in. */
static bool is_uri_byte(char c)
{
    return is_alpha(c) || is_digit(c) || is_one_of(c, "-._~:/?#[]@$&'()*+=");
}

/* "#" only once: it cannot stand in what it begins. */
static bool has_only_uri_bytes(struct span text)
{
    size_t fragments = 0;
    for (size_t i = 0; i < text.len; i++) {
        fragments += text.ptr[i] == '#';
        if (!is_uri_byte(text.ptr[i]) && !is_percent_encoded(span_from(text, i))) {
            return false;
        }
    }
    return fragments <= 1;
}

/* What stands before the first of the delimiters. */
static struct span until(struct span text, const char *delimiters)
{
    size_t len = 0;
    while (len < text.len && !is_one_of(text.ptr[len], delimiters)) {
        len++;
    }
    return (struct span){text.ptr, len};
}

static const char *last_of(struct span text, char c)
{
    return text.len > 0 ? memrchr(text.ptr, c, text.len) : NULL;
}

/* Letters, digits, hyphens and underscores: what can be asked in the DNS. */
static bool is_host_name(struct span host)
{
    if (host.len == 0 || host.len > HOST_LEN_MAX) {
        return false;
    }
    size_t label_len = 0;
    for (size_t i = 0; i < host.len; i++) {
        char c = host.ptr[i];
        if (c == '.' && label_len == 0) {
            return false;
        }
        if (c != '.' && !is_alpha(c) && !is_digit(c) && c != '-' && c != '_') {
            return false;
        }
        label_len = c == '.' ? 0 : label_len + 1;
        if (label_len > LABEL_LEN_MAX) {
            return false;
        }
    }
    return label_len > 0;
}

static bool is_ipv6_literal(struct span host)
{
    char text[INET6_ADDRSTRLEN];
    unsigned char address[16];
    if (host.len < 4 || host.len - 2 >= sizeof text || host.ptr[0] != '[' ||
        host.ptr[host.len - 1] != ']') {
        return false;
    }
    memcpy(text, host.ptr + 1, host.len - 2);
    text[host.len - 2] = '\0';
    return inet_pton(AF_INET6, text, address) == 1;
}

static bool is_port(struct span port)
{
    for (size_t i = 0; i < port.len; i++) {
        if (!is_digit(port.ptr[i])) {
            return false;
        }
    }
    return port.len <= 5;
}

/* RFC 3986 3.2: [ userinfo "@" ] host [ ":" port ] */
static bool read_authority(struct span authority, struct span *host)
{
    const char *at = last_of(authority, '@');
    if (at != NULL) {
        authority = span_from(authority, (size_t)(at - authority.ptr) + 1);
    }
    const char *bracket = last_of(authority, ']');
    const char *colon = last_of(authority, ':');
    if (colon != NULL && (bracket == NULL || colon > bracket)) {
        if (!is_port(span_from(authority, (size_t)(colon - authority.ptr) + 1))) {
            return false;
        }
        authority.len = (size_t)(colon - authority.ptr);
    }
    if (is_ipv6_literal(authority)) {
        *host = authority;
        return true;
    }
    if (authority.len > 1 && authority.ptr[authority.len - 1] == '.') {
        authority.len--;
    }
    *host = authority;
    return is_host_name(authority);
}

/* RFC 6068 2: the local part is a dot-atom, or a quoted string with its quotes encoded.
 * "=" and "&" ought to be encoded too, but are URI characters and get delivered. */
static bool is_local_part(struct span local)
{
    if (local.len == 0) {
        return false;
    }
    bool is_quoted = span_starts(local, "%22");
    char previous = '.';
    for (size_t i = 0; i < local.len; i++) {
        char c = local.ptr[i];
        if (is_one_of(c, "()/:[]") || (c == '.' && previous == '.' && !is_quoted)) {
            return false;
        }
        previous = c;
    }
    return previous != '.';
}

/* RFC 6068 2, with exactly one address: without one no report can be sent. */
static bool read_mailto(struct span rest, struct span *host)
{
    struct span address = until(rest, "?#");
    struct span local = until(address, "@");
    if (local.len == address.len) {
        return false;
    }
    *host = span_from(address, local.len + 1);
    return is_local_part(local) && is_host_name(*host);
}

bool uri_parse(struct span text, struct uri *uri)
{
    uri->kind = URI_OTHER;
    uri->host = (struct span){NULL, 0};
    uri->scheme = until(text, ":");
    if (uri->scheme.len == text.len || !is_scheme(uri->scheme)) {
        return false;
    }
    struct span rest = span_from(text, uri->scheme.len + 1);
    if (!has_only_uri_bytes(rest)) {
        return false;
    }
    if (span_equals_nocase(uri->scheme, "mailto")) {
        uri->kind = URI_MAILTO;
        return read_mailto(rest, &uri->host);
    }
    bool has_authority = span_starts(rest, "//");
    if (span_equals_nocase(uri->scheme, "https")) {
        uri->kind = URI_HTTPS;
        return has_authority &&
               read_authority(until(span_from(rest, 2), "/?#"), &uri->host);
    }
    /* RFC 3986 3.2 lets other schemes have an empty or odd authority. */
    if (has_authority && !read_authority(until(span_from(rest, 2), "/?#"), &uri->host)) {
        uri->host = (struct span){NULL, 0};
    }
    return true;
}
