#include "scanner/options_set.h"

#include "scanner/options_value.h"

#include <inttypes.h>
#include <string.h>

static enum options_result set_checks(const struct options_message *message,
                                      const char *text, unsigned *checks)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    struct span wrong;
    if (options_read_checks(text, checks, &wrong)) {
        return OPTIONS_GO;
    }
    int len = wrong.len < OPTIONS_SHOWN_MAX ? (int)wrong.len : OPTIONS_SHOWN_MAX;
    return options_bad(
        message, "--checks: \"%.*s\" is not one of mx, ns, spf, dmarc, mta_sts, tls_rpt",
        len, options_shown(wrong.ptr, buffer));
}

static enum options_result set_sender_ip(const struct options_message *message,
                                         struct options *options, const char *text)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    struct options_sender_ip address;
    if (!options_read_address(text, &address)) {
        return options_bad(message, "--sender-ip: \"%s\" is not an IP address",
                           options_shown(text, buffer));
    }
    if (options->sender_ip_count == SENDER_IPS_MAX) {
        return options_bad(message, "--sender-ip: may be given at most %d times",
                           SENDER_IPS_MAX);
    }
    options->sender_ips[options->sender_ip_count++] = address;
    return OPTIONS_GO;
}

static enum options_result set_shard(const struct options_message *message,
                                     const struct option *option, struct options *options,
                                     const char *text)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    options->is_shard_auto = strcmp(text, "auto") == 0;
    if (options->is_shard_auto ||
        options_read_uint(text, option->least, option->most, &options->shard)) {
        return OPTIONS_GO;
    }
    return options_bad(message, "--shard: \"%s\" is neither a number from 0 nor auto",
                       options_shown(text, buffer));
}

static enum options_result set_number(const struct options_message *message,
                                      const struct option *option, const char *text,
                                      void *member)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    uint64_t least = option->least;
    uint64_t most = option->most;
    if (option->type == OPTION_RATE) {
        return options_read_rate(text, most, member)
                   ? OPTIONS_GO
                   : options_bad(
                         message,
                         "--%s: \"%s\" is not a rate from 0 (no limit) to %" PRIu64,
                         option->name, options_shown(text, buffer), most);
    }
    if (option->type == OPTION_BYTES) {
        return options_read_bytes(text, least, most, member)
                   ? OPTIONS_GO
                   : options_bad(message,
                                 "--%s: \"%s\" is not a number of bytes such as 64M",
                                 option->name, options_shown(text, buffer));
    }
    if (options_read_uint(text, least, most, member)) {
        return OPTIONS_GO;
    }
    if (most == UINT64_MAX) {
        return options_bad(message, "--%s: \"%s\" is not a number from %" PRIu64,
                           option->name, options_shown(text, buffer), least);
    }
    return options_bad(message,
                       "--%s: \"%s\" is not a number from %" PRIu64 " to %" PRIu64,
                       option->name, options_shown(text, buffer), least, most);
}

static enum options_result set_text(const struct options_message *message,
                                    const struct option *option, const char *text,
                                    const char **member)
{
    char buffer[OPTIONS_SHOWN_MAX + 1];
    if (option->type == OPTION_TEXT && text[0] == '\0') {
        return options_bad(message, "--%s: %s must not be empty", option->name,
                           option->argument);
    }
    if (option->type == OPTION_HEADER && !options_is_header_text(text)) {
        return options_bad(message,
                           "--%s: \"%s\" is not 1 to 256 printable ASCII characters",
                           option->name, options_shown(text, buffer));
    }
    if (option->type == OPTION_CONTACT && !options_is_contact(text)) {
        return options_bad(message, "--%s: \"%s\" is not a URL or a mail address",
                           option->name, options_shown(text, buffer));
    }
    *member = text;
    return OPTIONS_GO;
}

enum options_result options_set(struct options *options, const struct option *option,
                                const char *text, const struct options_message *message)
{
    void *member = (char *)options + option->offset;
    switch (option->type) {
    case OPTION_FLAG:
        *(bool *)member = true;
        return OPTIONS_GO;
    case OPTION_TEXT:
    case OPTION_ANY_TEXT:
    case OPTION_HEADER:
    case OPTION_CONTACT:
        return set_text(message, option, text, member);
    case OPTION_UINT:
    case OPTION_RATE:
    case OPTION_BYTES:
        return set_number(message, option, text, member);
    case OPTION_CHECKS:
        return set_checks(message, text, member);
    case OPTION_SENDER_IP:
        return set_sender_ip(message, options, text);
    case OPTION_SHARD:
        return set_shard(message, option, options, text);
    case OPTION_HELP:
        return OPTIONS_SHOW_HELP;
    case OPTION_VERSION:
        return OPTIONS_SHOW_VERSION;
    }
    return OPTIONS_GO;
}
