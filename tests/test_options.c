#include "scanner/options.h"
#include "scanner/options_table.h"
#include "scanner/options_value.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define WORDS_MAX 64

/* One command line and what came of it. words: "scan|-o|results". */
struct run {
    struct options options;
    enum options_result result;
    char said[2048]; /* on the error stream */
    char words[1024];
    char *argv[WORDS_MAX];
    int argc;
};

static struct run run;

static const struct options *parse(const char *words)
{
    assert_true(strlen(words) < sizeof run.words);
    strcpy(run.words, words);
    run.argc = 0;
    run.argv[run.argc++] = strdup("mailcensus");
    char *rest = run.words[0] != '\0' ? run.words : NULL;
    while (rest != NULL) {
        assert_true(run.argc < WORDS_MAX - 1);
        run.argv[run.argc++] = strsep(&rest, "|");
    }
    run.argv[run.argc] = NULL;
    char *program = run.argv[0];
    memset(run.said, 0, sizeof run.said);
    FILE *err = fmemopen(run.said, sizeof run.said - 1, "w");
    assert_non_null(err);
    run.result = options_parse(&run.options, run.argc, run.argv, err);
    fclose(err);
    free(program);
    return &run.options;
}

static const struct options *parse_well(const char *words)
{
    const struct options *options = parse(words);
    assert_string_equal(run.said, "");
    assert_int_equal(run.result, OPTIONS_GO);
    return options;
}

static void defaults_are_those_of_the_contract(void **state)
{
    (void)state;
    const struct options *options = parse_well("scan");
    assert_int_equal(options->command, COMMAND_SCAN);
    assert_null(options->input_file);
    assert_null(options->output);
    assert_null(options->name_servers);
    assert_null(options->root_hints);
    assert_null(options->ca_file);
    assert_null(options->contact);
    assert_null(options->notes);
    assert_null(options->status_updates_file);
    assert_null(options->exclude_domains);
    assert_null(options->blocklist_file);
    assert_null(options->psl);
    assert_int_equal(options->max_targets, 0);
    assert_int_equal(options->shards, 1);
    assert_int_equal(options->shard, 0);
    assert_int_equal(options->part_rows, 50000);
    assert_int_equal(options->part_seconds, 60);
    assert_int_equal(options->timeout_ms, 2000);
    assert_int_equal(options->retries, 3);
    assert_int_equal(options->https_timeout_ms, 20000);
    assert_int_equal(options->max_in_flight, 2000);
    assert_int_equal(options->cache_bytes, 16 << 20);
    assert_true(options->dns_rate == 500);
    assert_true(options->https_rate == 20);
    assert_true(options->per_host_rate == 20);
    assert_true(options->per_server_rate == 50);
    assert_true(options->workers >= 1 && options->workers <= 256);
    assert_int_equal(options->checks, CHECK_ALL);
    assert_int_equal(options->sender_ip_count, 0);
    assert_false(options->quiet || options->force || options->compress ||
                 options->resume || options->dry_run || options->probe_orphan_policies ||
                 options->allow_special_addresses);
    assert_memory_equal(options->user_agent, "mailcensus/", 11);
    assert_null(strchr(options->user_agent, ' '));
}

/* Every flag at once, by its long name. */
static void every_flag_reaches_its_member(void **state)
{
    (void)state;
    const struct options *options = parse_well(
        "scan|--input-file|in.txt|--output|out|--quiet|--status-updates-file|status.csv|-"
        "-notes"
        "|a note|--name-servers|192.0.2.53,[2001:db8::53]:5353|--root-hints|root.hints"
        "|--ca-file|ca.pem|--allow-special-addresses|--workers|3|--max-in-flight|77|--"
        "dns-rate"
        "|1000|--https-rate|2.5|--timeout|1500|--retries|0|--cache-size|3K|--https-"
        "timeout|9000|--checks|"
        "mx,spf"
        "|--probe-orphan-policies|--sender-ip|192.0.2.1|--exclude-domains|no.txt"
        "|--blocklist-file|block.txt|--user-agent|survey/"
        "2|--contact|a@b.org|--psl|list.dat"
        "|--force|--dry-run|--max-targets|12|--part-rows|10|--part-seconds|20"
        "|--shards|8|--shard|7");
    assert_string_equal(options->input_file, "in.txt");
    assert_string_equal(options->output, "out");
    assert_string_equal(options->status_updates_file, "status.csv");
    assert_string_equal(options->notes, "a note");
    assert_string_equal(options->name_servers, "192.0.2.53,[2001:db8::53]:5353");
    assert_string_equal(options->root_hints, "root.hints");
    assert_string_equal(options->ca_file, "ca.pem");
    assert_string_equal(options->exclude_domains, "no.txt");
    assert_string_equal(options->blocklist_file, "block.txt");
    assert_string_equal(options->contact, "a@b.org");
    assert_string_equal(options->user_agent, "survey/2");
    assert_string_equal(options->psl, "list.dat");
    assert_int_equal(options->workers, 3);
    assert_int_equal(options->max_in_flight, 77);
    assert_int_equal(options->timeout_ms, 1500);
    assert_int_equal(options->retries, 0);
    assert_int_equal(options->cache_bytes, 3072);
    assert_int_equal(options->https_timeout_ms, 9000);
    assert_int_equal(options->max_targets, 12);
    assert_int_equal(options->part_rows, 10);
    assert_int_equal(options->part_seconds, 20);
    assert_int_equal(options->checks, CHECK_MX | CHECK_SPF);
    assert_int_equal(options->sender_ip_count, 1);
    assert_true(options->dns_rate == 1000);
    assert_true(options->https_rate == 2.5);
    assert_true(options->quiet && options->force && options->dry_run &&
                options->probe_orphan_policies && options->allow_special_addresses);
    assert_int_equal(options->shards, 8);
    assert_int_equal(options->shard, 7);
    assert_true(parse_well("scan|--compress")->compress);
    assert_true(parse_well("scan|-o|results|--resume")->resume);
}

static void a_value_may_stand_beside_or_behind_its_flag(void **state)
{
    (void)state;
    static const char *const LINES[] = {
        "scan|--output|x|list", "scan|--output=x|list",    "scan|-o|x|list",
        "scan|-ox|list",        "scan|list|-ox",           "scan|-o|x|--|list",
        "scan|-qo|x|list",      "scan|-qox|list",          "scan|--output=y|-ox|list",
        "scan|-flist|-ox",      "scan|-f|list|--output|x", "scan|--input-file=list|-o|x",
    };
    for (size_t i = 0; i < sizeof LINES / sizeof LINES[0]; i++) {
        const struct options *options = parse_well(LINES[i]);
        assert_string_equal(options->input_file, "list");
        assert_string_equal(options->output, "x");
    }
    assert_string_equal(parse_well("scan|--|-q")->input_file, "-q");
    assert_string_equal(parse_well("scan|--|--")->input_file, "--");
    assert_string_equal(parse_well("scan|-")->input_file, "-");
    assert_string_equal(parse_well("scan|-f|-")->input_file, "-");
    assert_string_equal(parse_well("scan|--output=--x")->output, "--x");
    assert_string_equal(parse_well("scan|--output=a=b")->output, "a=b");
    assert_string_equal(parse_well("scan|-u|s.csv")->status_updates_file, "s.csv");
    assert_int_equal(parse_well("scan|-n|5")->max_targets, 5);
    assert_int_equal(parse_well("scan|-n5")->max_targets, 5);
    assert_string_equal(parse_well("scan|--notes=")->notes, "");
}

static void a_rate_of_zero_is_no_limit(void **state)
{
    (void)state;
    const struct options *options = parse_well("scan|--dns-rate=0|--https-rate|0");
    assert_true(options->dns_rate == 0);
    assert_true(options->https_rate == 0);
    assert_true(options->per_host_rate == 0);
    options = parse_well("scan|--https-rate|0|--per-host-rate|5");
    assert_true(options->per_host_rate == 5);
    options = parse_well("scan|--https-rate|90|--per-host-rate|0");
    assert_true(options->per_host_rate == 0);
    assert_true(parse_well("scan|--https-rate|90")->per_host_rate == 20);
}

static void sender_addresses_add_up_and_mapped_ones_are_ipv4(void **state)
{
    (void)state;
    const struct options *options =
        parse_well("scan|--sender-ip|192.0.2.1|--sender-ip=2001:DB8:0::1|--sender-ip|::"
                   "ffff:198.51.100.7");
    assert_int_equal(options->sender_ip_count, 3);
    assert_int_equal(options->sender_ips[0].len, 4);
    assert_memory_equal(options->sender_ips[0].bytes, "\xc0\x00\x02\x01", 4);
    assert_string_equal(options->sender_ips[0].text, "192.0.2.1");
    assert_int_equal(options->sender_ips[1].len, 16);
    assert_string_equal(options->sender_ips[1].text, "2001:db8::1");
    assert_int_equal(options->sender_ips[2].len, 4);
    assert_memory_equal(options->sender_ips[2].bytes, "\xc6\x33\x64\x07\0\0\0\0", 8);
    assert_string_equal(options->sender_ips[2].text, "198.51.100.7");

    char words[1024] = "scan";
    for (int i = 0; i < 16; i++) {
        strcat(words, "|--sender-ip|192.0.2.1");
    }
    assert_int_equal(parse_well(words)->sender_ip_count, 16);
    strcat(words, "|--sender-ip|192.0.2.1");
    parse(words);
    assert_int_equal(run.result, OPTIONS_BAD);
    assert_string_equal(run.said,
                        "mailcensus: --sender-ip: may be given at most 16 times\n"
                        "try 'mailcensus scan --help'\n");
}

static void checks_are_a_list(void **state)
{
    (void)state;
    assert_int_equal(parse_well("scan|--checks|mx")->checks, CHECK_MX);
    assert_int_equal(parse_well("scan|--checks|tls_rpt,ns")->checks,
                     CHECK_TLS_RPT | CHECK_NS);
    assert_int_equal(parse_well("scan|--checks|mx,mx")->checks, CHECK_MX);
    assert_int_equal(parse_well("scan|--checks|mx,ns,spf,dmarc,mta_sts,tls_rpt")->checks,
                     CHECK_ALL);
}

static void the_shard_can_come_from_the_batch_system(void **state)
{
    (void)state;
    unsetenv("SLURM_ARRAY_TASK_ID");
    unsetenv("JOB_COMPLETION_INDEX");
    parse("scan|--shards|4|--shard|auto");
    assert_int_equal(run.result, OPTIONS_BAD);
    assert_non_null(strstr(run.said, "neither SLURM_ARRAY_TASK_ID nor"));
    setenv("JOB_COMPLETION_INDEX", "3", 1);
    assert_int_equal(parse_well("scan|--shards|4|--shard|auto")->shard, 3);
    parse("scan|--shards|3|--shard|auto");
    assert_int_equal(run.result, OPTIONS_BAD);
    setenv("SLURM_ARRAY_TASK_ID", "2", 1);
    assert_int_equal(parse_well("scan|--shards|4|--shard|auto")->shard, 2);
    setenv("SLURM_ARRAY_TASK_ID", "two", 1);
    parse("scan|--shards|4|--shard|auto");
    assert_int_equal(run.result, OPTIONS_BAD);
    unsetenv("SLURM_ARRAY_TASK_ID");
    unsetenv("JOB_COMPLETION_INDEX");
}

static void the_user_agent_names_the_contact(void **state)
{
    (void)state;
    static const char *const CONTACTS[] = {"https://scan.example.org/", "a@b.org"};
    for (size_t i = 0; i < 2; i++) {
        char words[128];
        char expected[1024];
        snprintf(expected, sizeof expected, "%s (+%s)", parse_well("scan")->user_agent,
                 CONTACTS[i]);
        snprintf(words, sizeof words, "scan|--contact|%s", CONTACTS[i]);
        assert_string_equal(parse_well(words)->user_agent, expected);
    }
    assert_string_equal(parse_well("scan|--contact|a@b.org|--user-agent|x")->user_agent,
                        "x");
}

struct bad_row {
    const char *words;
    const char *line; /* without "mailcensus: " */
};

static void check_bad(const struct bad_row *rows, size_t count, const char *help)
{
    for (size_t i = 0; i < count; i++) {
        char expected[1024];
        snprintf(expected, sizeof expected, "mailcensus: %s\ntry '%s'\n", rows[i].line,
                 help);
        parse(rows[i].words);
        assert_string_equal(run.said, expected);
        assert_int_equal(run.result, OPTIONS_BAD);
    }
}
#define CHECK_BAD(rows, help) check_bad(rows, sizeof(rows) / sizeof(rows)[0], help)

static void each_bad_value_gives_one_clear_line(void **state)
{
    (void)state;
    static const struct bad_row ROWS[] = {
        {"scan|--workers|abc", "--workers: \"abc\" is not a number from 1 to 256"},
        {"scan|--workers|0", "--workers: \"0\" is not a number from 1 to 256"},
        {"scan|--workers|257", "--workers: \"257\" is not a number from 1 to 256"},
        {"scan|--workers|-1", "--workers: \"-1\" is not a number from 1 to 256"},
        {"scan|--workers|+1", "--workers: \"+1\" is not a number from 1 to 256"},
        {"scan|--workers| 1", "--workers: \" 1\" is not a number from 1 to 256"},
        {"scan|--workers|1x", "--workers: \"1x\" is not a number from 1 to 256"},
        {"scan|--workers|0x1", "--workers: \"0x1\" is not a number from 1 to 256"},
        {"scan|--workers=", "--workers: \"\" is not a number from 1 to 256"},
        {"scan|--workers|99999999999999999999999",
         "--workers: \"99999999999999999999999\" is not a number from 1 to 256"},
        {"scan|--workers|1\n\033[2J",
         "--workers: \"1??[2J\" is not a number from 1 to 256"},
        {"scan|--max-in-flight|0",
         "--max-in-flight: \"0\" is not a number from 1 to 1000000"},
        {"scan|--timeout|0", "--timeout: \"0\" is not a number from 1 to 600000"},
        {"scan|--timeout|2s", "--timeout: \"2s\" is not a number from 1 to 600000"},
        {"scan|--retries|101", "--retries: \"101\" is not a number from 0 to 100"},
        {"scan|--https-timeout|0",
         "--https-timeout: \"0\" is not a number from 1 to 600000"},
        {"scan|--part-rows|0", "--part-rows: \"0\" is not a number from 1 to 100000000"},
        {"scan|--part-seconds|0",
         "--part-seconds: \"0\" is not a number from 1 to 86400"},
        {"scan|-n|0", "--max-targets: \"0\" is not a number from 1"},
        {"scan|-n|18446744073709551616",
         "--max-targets: \"18446744073709551616\" is not a number from 1"},
        {"scan|--dns-rate|fast",
         "--dns-rate: \"fast\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--dns-rate|-1",
         "--dns-rate: \"-1\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--dns-rate|1.",
         "--dns-rate: \"1.\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--dns-rate|.5",
         "--dns-rate: \".5\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--dns-rate|1e3",
         "--dns-rate: \"1e3\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--https-rate|inf",
         "--https-rate: \"inf\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--https-rate|100000001",
         "--https-rate: \"100000001\" is not a rate from 0 (no limit) to 100000000"},
        {"scan|--checks|mx,foo",
         "--checks: \"foo\" is not one of mx, ns, spf, dmarc, mta_sts, tls_rpt"},
        {"scan|--checks|mta-sts",
         "--checks: \"mta-sts\" is not one of mx, ns, spf, dmarc, mta_sts, tls_rpt"},
        {"scan|--checks|MX,ns",
         "--checks: \"MX\" is not one of mx, ns, spf, dmarc, mta_sts, tls_rpt"},
        {"scan|--checks|mx,",
         "--checks: \"\" is not one of mx, ns, spf, dmarc, mta_sts, tls_rpt"},
        {"scan|--checks=",
         "--checks: \"\" is not one of mx, ns, spf, dmarc, mta_sts, tls_rpt"},
        {"scan|--sender-ip|192.0.2", "--sender-ip: \"192.0.2\" is not an IP address"},
        {"scan|--sender-ip|192.0.2.1/32",
         "--sender-ip: \"192.0.2.1/32\" is not an IP address"},
        {"scan|--sender-ip|[::1]", "--sender-ip: \"[::1]\" is not an IP address"},
        {"scan|--name-servers=", "--name-servers: LIST must not be empty"},
        {"scan|--output=", "--output: PATH must not be empty"},
        {"scan|-f|", "--input-file: FILE must not be empty"},
        {"scan|", "FILE must not be empty"},
        {"scan|--contact|me", "--contact: \"me\" is not a URL or a mail address"},
        {"scan|--contact|@", "--contact: \"@\" is not a URL or a mail address"},
        {"scan|--contact|a b@c.org",
         "--contact: \"a b@c.org\" is not a URL or a mail address"},
        {"scan|--contact|a@b.org\r\nX: y",
         "--contact: \"a@b.org??X: y\" is not a URL or a mail address"},
        {"scan|--user-agent|a\nb",
         "--user-agent: \"a?b\" is not 1 to 256 printable ASCII characters"},
        {"scan|--user-agent=",
         "--user-agent: \"\" is not 1 to 256 printable ASCII characters"},
    };
    CHECK_BAD(ROWS, "mailcensus scan --help");
}

static void each_misuse_of_flags_gives_one_clear_line(void **state)
{
    (void)state;
    static const struct bad_row ROWS[] = {
        {"scan|--worker|2", "unknown flag --worker; did you mean --workers?"},
        {"scan|--dnsrate=2", "unknown flag --dnsrate; did you mean --dns-rate?"},
        {"scan|--nameserver|x",
         "unknown flag --nameserver; did you mean --name-servers?"},
        {"scan|--max_in_flight|2",
         "unknown flag --max_in_flight; did you mean --max-in-flight?"},
        {"scan|--profil|x",
         "unknown flag --profil"}, /* no flag that is not there is proposed */
        {"scan|--xyzzy", "unknown flag --xyzzy"},
        {"scan|---", "unknown flag ---"},
        {"scan|--=x", "unknown flag --"},
        {"scan|-x", "unknown flag -x"},
        {"scan|-qx", "unknown flag -x"},
        {"scan|--output", "--output: needs a value (PATH)"},
        {"scan|-o", "--output: needs a value (PATH)"},
        {"scan|-o|-q", "--output: needs a value (PATH)"},
        {"scan|--output|--force", "--output: needs a value (PATH)"},
        {"scan|--output|--|x", "--output: needs a value (PATH)"},
        {"scan|--force=yes", "--force: takes no value"},
        {"scan|--quiet=", "--quiet: takes no value"},
        {"scan|a|b", "scan takes one FILE, and \"b\" is a second"},
        {"scan|a|-f|b", "give FILE or --input-file, not both"},
        {"scan|-o|x|--compress", "--compress is for standard output only: with --output, "
                                 "a directory or a name ending "
                                 "in .ndjson.zst is compressed"},
        {"scan|--resume", "--resume needs --output with a directory: standard output "
                          "and single files cannot be resumed"},
        {"scan|--resume|-o|x.ndjson.zst",
         "--resume needs --output with a directory: standard output and single files "
         "cannot be resumed"},
        {"scan|-o|x|--resume|--force", "give --force or --resume, not both"},
        {"scan|--shards|3|--shard|3", "--shard must be below --shards (they count from "
                                      "0)"},
        {"scan|--shard|1", "--shard must be below --shards (they count from 0)"},
        {"scan|--json", "--json is not a flag of scan"},
        {"scan|--helo|x", "--helo is not a flag of scan"},
    };
    CHECK_BAD(ROWS, "mailcensus scan --help");
}

static void each_misuse_of_commands_gives_one_clear_line(void **state)
{
    (void)state;
    static const struct bad_row ROWS[] = {
        {"", "a command is needed, such as scan"},
        {"scna", "unknown command \"scna\"; did you mean scan?"},
        {"Scan", "unknown command \"Scan\"; did you mean scan?"},
        {"survey", "unknown command \"survey\""},
        {"|x", "unknown command \"\""},
        {"--quiet|scan", "the command comes first, before \"--quiet\""},
        {"-", "the command comes first, before \"-\""},
    };
    CHECK_BAD(ROWS, "mailcensus --help");
}

static void what_is_not_built_yet_is_refused_and_not_in_the_help(void **state)
{
    (void)state;
    char help[32768] = "";
    FILE *out = fmemopen(help, sizeof help - 1, "w");
    options_help(out, COMMAND_SCAN);
    fclose(out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        char words[128];
        char expected[256];
        char shown[64];
        bool is_of_scan = (OPTIONS[i].commands & COMMAND_SCAN) != 0;
        snprintf(shown, sizeof shown, "--%s ", OPTIONS[i].name);
        if (!OPTIONS[i].is_unavailable || !is_of_scan) {
            continue;
        }
        snprintf(words, sizeof words, "scan|--%s|1", OPTIONS[i].name);
        snprintf(expected, sizeof expected,
                 "mailcensus: --%s is not available in this version\n"
                 "try 'mailcensus scan --help'\n",
                 OPTIONS[i].name);
        parse(words);
        assert_int_equal(run.result, OPTIONS_BAD);
        assert_string_equal(run.said, expected);
        assert_null(strstr(help, shown));
    }
    for (size_t i = 0; i < OPTION_COMMAND_COUNT; i++) {
        char expected[256];
        if (!OPTION_COMMANDS[i].is_unavailable) {
            continue;
        }
        snprintf(
            expected, sizeof expected,
            "mailcensus: %s is not available in this version\ntry 'mailcensus --help'\n",
            OPTION_COMMANDS[i].name);
        parse(OPTION_COMMANDS[i].name);
        assert_int_equal(run.result, OPTIONS_BAD);
        assert_string_equal(run.said, expected);
    }
}

static void help_and_version_are_results(void **state)
{
    (void)state;
    static const struct {
        const char *words;
        enum options_result result;
        enum command command;
    } ROWS[] = {
        {"--help", OPTIONS_SHOW_HELP, COMMAND_NONE},
        {"-h", OPTIONS_SHOW_HELP, COMMAND_NONE},
        {"--version", OPTIONS_SHOW_VERSION, COMMAND_NONE},
        {"scan|--help", OPTIONS_SHOW_HELP, COMMAND_SCAN},
        {"scan|-h", OPTIONS_SHOW_HELP, COMMAND_SCAN},
        {"scan|-qh", OPTIONS_SHOW_HELP, COMMAND_SCAN},
        {"scan|x|--help|--nonsense", OPTIONS_SHOW_HELP, COMMAND_SCAN},
        {"scan|--version", OPTIONS_SHOW_VERSION, COMMAND_SCAN},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        const struct options *options = parse(ROWS[i].words);
        assert_int_equal(run.result, ROWS[i].result);
        assert_int_equal(options->command, ROWS[i].command);
        assert_string_equal(run.said, "");
    }
}

/* Every flag of a command stands in its help with its short name; no line is wide. */
static void check_help(const struct option_command *command)
{
    char help[32768] = "";
    FILE *out = fmemopen(help, sizeof help - 1, "w");
    options_help(out, command->command);
    fclose(out);
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        char expected[128];
        if (!(option->commands & command->command) || option->is_unavailable) {
            continue;
        }
        char short_name[8] = "    ";
        if (option->short_name != 0) {
            snprintf(short_name, sizeof short_name, "-%c, ", option->short_name);
        }
        snprintf(expected, sizeof expected, "\n  %s--%s%s%s", short_name, option->name,
                 option->argument != NULL ? " " : "",
                 option->argument != NULL ? option->argument : "");
        if (strstr(help, expected) == NULL) {
            fail_msg("%s --help has no%s", command->name, expected);
        }
    }
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1) {
        size_t len = strcspn(line, "\n");
        assert_true(len <= 80);
        assert_true(len == 0 || line[len - 1] != ' ');
        assert_null(memchr(line, '\t', len));
    }
}

static void every_flag_stands_in_the_help_within_80_columns(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COMMAND_COUNT; i++) {
        check_help(&OPTION_COMMANDS[i]);
    }
    char help[4096] = "";
    FILE *out = fmemopen(help, sizeof help - 1, "w");
    options_help(out, COMMAND_NONE);
    fclose(out);
    assert_memory_equal(help, "Usage: mailcensus COMMAND [flags] ...\n", 38);
    assert_non_null(strstr(help, "\n  scan         Survey a list"));
    for (const char *line = help; *line != '\0'; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") <= 80);
    }
}

static void safe_rates_are_stated_in_the_help(void **state)
{
    (void)state;
    char help[32768] = "";
    FILE *out = fmemopen(help, sizeof help - 1, "w");
    options_help(out, COMMAND_SCAN);
    fclose(out);
    const char *dns = strstr(help, "--dns-rate N");
    const char *https = strstr(help, "--https-rate N");
    assert_non_null(dns);
    assert_non_null(https);
    assert_non_null(strstr(dns, "(default: 500)"));
    assert_true(strstr(dns, "(default: 500)") < https);
    assert_non_null(strstr(https, "(default: 20)"));
}

static void the_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < OPTION_COUNT; i++) {
        const struct option *option = &OPTIONS[i];
        bool is_bare = option->type == OPTION_FLAG || option->type == OPTION_HELP ||
                       option->type == OPTION_VERSION;
        assert_int_equal(option->argument == NULL, is_bare);
        assert_true(option->commands != 0);
        assert_true(option->offset < sizeof(struct options));
        assert_true(option->help[strlen(option->help) - 1] == '.');
        for (size_t j = 0; j < i; j++) {
            assert_string_not_equal(option->name, OPTIONS[j].name);
            assert_true(option->short_name == 0 ||
                        option->short_name != OPTIONS[j].short_name);
        }
    }
}

static void sizes_take_k_m_and_g(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        bool is_good;
        uint64_t value;
    } ROWS[] = {
        {"0", true, 0},
        {"1", true, 1},
        {"1023", true, 1023},
        {"1K", true, 1024},
        {"1k", true, 1024},
        {"64M", true, UINT64_C(64) << 20},
        {"2g", true, UINT64_C(2) << 30},
        {"", false, 0},
        {"K", false, 0},
        {"1KB", false, 0},
        {"1.5M", false, 0},
        {"-1", false, 0},
        {"1T", false, 0},
        {"1 M", false, 0},
        {"17179869184G", false, 0}, /* 2^64 */
        {"1025G", false, 0},        /* over the bound */
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        uint64_t value = 0;
        assert_int_equal(options_read_bytes(ROWS[i].text, 0, UINT64_C(1) << 40, &value),
                         ROWS[i].is_good);
        assert_int_equal(value, ROWS[i].value);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults_are_those_of_the_contract),
        cmocka_unit_test(every_flag_reaches_its_member),
        cmocka_unit_test(a_value_may_stand_beside_or_behind_its_flag),
        cmocka_unit_test(a_rate_of_zero_is_no_limit),
        cmocka_unit_test(sender_addresses_add_up_and_mapped_ones_are_ipv4),
        cmocka_unit_test(checks_are_a_list),
        cmocka_unit_test(the_shard_can_come_from_the_batch_system),
        cmocka_unit_test(the_user_agent_names_the_contact),
        cmocka_unit_test(each_bad_value_gives_one_clear_line),
        cmocka_unit_test(each_misuse_of_flags_gives_one_clear_line),
        cmocka_unit_test(each_misuse_of_commands_gives_one_clear_line),
        cmocka_unit_test(what_is_not_built_yet_is_refused_and_not_in_the_help),
        cmocka_unit_test(help_and_version_are_results),
        cmocka_unit_test(every_flag_stands_in_the_help_within_80_columns),
        cmocka_unit_test(safe_rates_are_stated_in_the_help),
        cmocka_unit_test(the_table_is_sound),
        cmocka_unit_test(sizes_take_k_m_and_g),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
