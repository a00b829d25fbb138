/* The command line: argv in, plain data out. One table (scanner/options_table.c) drives
 * parsing, the defaults, the checks of values and --help, so that they cannot disagree.
 *
 *   switch (options_parse(&options, argc, argv, stderr)) {
 *   case OPTIONS_GO: break;
 *   case OPTIONS_SHOW_HELP: options_help(stdout, options.command); return 0;
 *   case OPTIONS_SHOW_VERSION: …; return 0;
 *   case OPTIONS_BAD: return EXIT_USAGE;   what is wrong was said on stderr
 *   }
 *
 * Conventions: --name VALUE and --name=VALUE, -o VALUE and -oVALUE, "--" ends the flags,
 * flags and operands may be mixed. A flag given twice: the last counts (--sender-ip adds
 * up). Strings are borrowed from argv, whose operands are moved to the front.
 */
#ifndef SCANNER_OPTIONS_H
#define SCANNER_OPTIONS_H

#include "scanner/verdict.h" /* enum check, SENDER_IPS_MAX */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#ifndef MAILCENSUS_VERSION
#define MAILCENSUS_VERSION "unversioned" /* the build defines it */
#endif

#define EXIT_USAGE 2
#define OPTIONS_USER_AGENT_MAX 512

/* Bits: a flag belongs to several. */
enum command {
    COMMAND_NONE = 0,
    COMMAND_SCAN = 1,
    COMMAND_CHECK = 2,
    COMMAND_CHECK_HOST = 4,
    COMMAND_REPORT = 8,
    COMMAND_VERIFY = 16,
    COMMAND_SCHEMA = 32
};

struct options_sender_ip {
    uint8_t bytes[16];
    size_t len;    /* 4 or 16; a v4-mapped address is IPv4 */
    char text[46]; /* as inet_ntop writes it */
};

/* Text is NULL when not given; numbers hold their default then. */
struct options {
    enum command command;
    char *const *operands; /* check: domains, report: paths, verify: directories */
    size_t operand_count;

    const char *input_file; /* FILE or -f; NULL or "-" = standard input */
    uint64_t max_targets;   /* 0 = all */
    uint64_t shards, shard;
    bool is_shard_auto; /* shard was taken from the environment */

    const char *output; /* NULL = stdout */
    bool compress, force, resume;
    uint64_t part_rows, part_seconds;
    const char *notes;

    const char *name_servers; /* as given: the resolver reads it */
    const char *root_hints;
    uint64_t timeout_ms, retries;
    uint64_t cache_bytes;

    const char *ca_file;
    uint64_t https_timeout_ms;

    double dns_rate, https_rate, per_server_rate, per_host_rate; /* a second; 0 = any */
    const char *contact;
    char user_agent[OPTIONS_USER_AGENT_MAX]; /* always filled */
    const char *exclude_domains, *blocklist_file;
    bool allow_special_addresses;

    unsigned checks; /* enum check */
    bool probe_orphan_policies;
    struct options_sender_ip sender_ips[SENDER_IPS_MAX];
    size_t sender_ip_count;
    const char *profile, *psl, *providers;

    uint64_t workers, max_in_flight;
    bool dry_run, quiet;
    const char *status_updates_file;

    const char *ip, *helo, *mail_from; /* check-host */
    bool json, duckdb;                 /* check, report; schema */
    const char *html;                  /* report */
    const char *user_agent_given;      /* what user_agent was made of */
};

enum options_result {
    OPTIONS_GO,
    OPTIONS_SHOW_HELP, /* of options.command, or of the whole program (COMMAND_NONE) */
    OPTIONS_SHOW_VERSION,
    OPTIONS_BAD /* said on err; the exit status is EXIT_USAGE */
};

enum options_result options_parse(struct options *options, int argc, char **argv,
                                  FILE *err) __attribute__((warn_unused_result));
/* At most 80 columns. */
void options_help(FILE *out, enum command command);
/* What a survey is told; its lists (suffixes, providers) are NULL and the caller's to
 * set. Borrows from options. */
void options_verdict(const struct options *options, struct verdict_config *config);

#endif
