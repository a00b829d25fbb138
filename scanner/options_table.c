#include "scanner/options_table.h"

#include <stddef.h>

/* Delete the word from a row when its feature is there. */
#define NOT_YET .is_unavailable = true

#define MEMBER(member) .offset = offsetof(struct options, member)
#define BETWEEN(lowest, highest) .least = (lowest), .most = (highest)

#define SCAN COMMAND_SCAN
#define ASKING (COMMAND_SCAN | COMMAND_CHECK | COMMAND_CHECK_HOST)
#define ALL                                                                              \
    (COMMAND_SCAN | COMMAND_CHECK | COMMAND_CHECK_HOST | COMMAND_REPORT |                \
     COMMAND_VERIFY | COMMAND_SCHEMA)

const char *const OPTION_GROUPS[GROUP_COUNT] = {
    [GROUP_INPUT] = "Input",           [GROUP_OUTPUT] = "Output", [GROUP_DNS] = "DNS",
    [GROUP_HTTPS] = "HTTPS",           [GROUP_SCOPE] = "Scope",   [GROUP_RUN] = "Run",
    [GROUP_POLITENESS] = "Politeness",
};

static const char SCAN_EXAMPLES[] =
    "  mailcensus scan domains.txt -o results --contact https://scan.example.org\n"
    "      Survey a list; the records go to the directory results.\n"
    "  zcat list.gz | mailcensus scan --quiet > records.ndjson\n"
    "      Read standard input, write one JSON object a line.\n"
    "  mailcensus scan tranco.csv -n 1000 --name-servers 192.0.2.53,[2001:db8::53]\n"
    "      The first thousand domains of a ranked list, through two resolvers.\n"
    "  mailcensus scan domains.txt --checks mx,mta_sts,tls_rpt -o tls.ndjson.zst\n"
    "      Three of the checks only, into one compressed file.\n"
    "  mailcensus scan domains.txt -o results --resume \\\n"
    "      --contact https://scan.example.org\n"
    "      Go on with the first of these after it was interrupted or killed.\n";

static const char CHECK_EXAMPLES[] =
    "  mailcensus check example.org example.net\n"
    "      Two domains, each a page: what is published and what to do about it.\n"
    "  mailcensus check --sender-ip 192.0.2.25 example.org\n"
    "      Also whether that address may send for the domain.\n"
    "  mailcensus check --json example.org | jq .findings\n"
    "      The record that a scan would write.\n";

static const char CHECK_HOST_EXAMPLES[] =
    "  mailcensus check-host --ip 192.0.2.25 --helo mail.example.org \\\n"
    "      --mail-from postmaster@example.org\n"
    "      One line of JSON: the result, and which term decided.\n";

static const char VERIFY_EXAMPLES[] =
    "  mailcensus verify results\n"
    "      Exit status 0: complete, nothing missing, doubled or changed. 1: not so,\n"
    "      and standard error tells each problem in a line.\n"
    "  mailcensus verify shard-*\n"
    "      All shards of one run, each in a directory of its own.\n";

const struct option_command OPTION_COMMANDS[] = {
    {COMMAND_SCAN, "scan", "[FILE]", 0, 1,
     "Survey a list of domains and write one record for each line.", SCAN_EXAMPLES,
     false},
    {COMMAND_CHECK, "check", "DOMAIN...", 1, SIZE_MAX,
     "Survey a few domains and explain what to fix.", CHECK_EXAMPLES, false},
    {COMMAND_CHECK_HOST, "check-host", "", 0, 0,
     "Ask whether a domain's SPF record lets an address send.", CHECK_HOST_EXAMPLES,
     false},
    {COMMAND_REPORT, "report", "PATH...", 1, SIZE_MAX,
     "Turn results into tables of adoption.", NULL, NOT_YET},
    {COMMAND_VERIFY, "verify", "DIR...", 1, SIZE_MAX,
     "Prove a run complete: nothing missing, doubled or changed.", VERIFY_EXAMPLES,
     false},
    {COMMAND_SCHEMA, "schema", "", 0, 0, "Print the JSON Schema of a record.", NULL,
     false},
};
const size_t OPTION_COMMAND_COUNT = sizeof OPTION_COMMANDS / sizeof OPTION_COMMANDS[0];

const struct option OPTIONS[] = {
    {"input-file", 'f', GROUP_INPUT, OPTION_TEXT, "FILE", SCAN, MEMBER(input_file),
     .help = "Read domains from FILE, plain, gzip or zstd: one a line, or CSV with the "
             "columns domain,tag or rank,domain. A dash is standard input.",
     .default_note = "standard input"},
    {"max-targets", 'n', GROUP_INPUT, OPTION_UINT, "N", SCAN, MEMBER(max_targets),
     BETWEEN(1, UINT64_MAX), .help = "Stop after N records.", .default_note = "all"},
    {"shards", 0, GROUP_INPUT, OPTION_UINT, "N", SCAN, MEMBER(shards), BETWEEN(1, 10000),
     .help = "Divide the list among N processes by registrable domain.",
     .default_value = "1"},
    {"shard", 0, GROUP_INPUT, OPTION_SHARD, "I", SCAN, MEMBER(shard), BETWEEN(0, 9999),
     .help = "Take share I, counted from 0; auto reads SLURM_ARRAY_TASK_ID or "
             "JOB_COMPLETION_INDEX.",
     .default_value = "0"},
    {"ip", 0, GROUP_INPUT, OPTION_TEXT, "IP", COMMAND_CHECK_HOST, MEMBER(ip),
     .help = "The sending host's address."},
    {"helo", 0, GROUP_INPUT, OPTION_TEXT, "NAME", COMMAND_CHECK_HOST, MEMBER(helo),
     .help = "The name the host gave in HELO or EHLO."},
    {"mail-from", 0, GROUP_INPUT, OPTION_ANY_TEXT, "ADDR", COMMAND_CHECK_HOST,
     MEMBER(mail_from),
     .help = "The envelope sender; an empty one means postmaster at the HELO name."},

    {"output", 'o', GROUP_OUTPUT, OPTION_TEXT, "PATH", SCAN, MEMBER(output),
     .help =
         "Write to the directory PATH, in parts as they are finished, or to one file if "
         "PATH ends in .ndjson or .ndjson.zst.",
     .default_note = "standard output"},
    {"compress", 0, GROUP_OUTPUT, OPTION_FLAG, NULL, SCAN, MEMBER(compress),
     .help = "Compress standard output with zstd."},
    {"force", 0, GROUP_OUTPUT, OPTION_FLAG, NULL, SCAN, MEMBER(force),
     .help = "Replace an output that is already there."},
    {"resume", 0, GROUP_OUTPUT, OPTION_FLAG, NULL, SCAN, MEMBER(resume),
     .help = "Go on with the run in the output directory: same input, same settings "
             "(rates, workers and parts may change). Where none has begun, begin one."},
    {"part-rows", 0, GROUP_OUTPUT, OPTION_UINT, "N", SCAN, MEMBER(part_rows),
     BETWEEN(1, 100000000), .help = "Close a part after N records.",
     .default_value = "50000"},
    {"part-seconds", 0, GROUP_OUTPUT, OPTION_UINT, "S", SCAN, MEMBER(part_seconds),
     BETWEEN(1, 86400), .help = "Close a part after S seconds.", .default_value = "60"},
    {"notes", 0, GROUP_OUTPUT, OPTION_ANY_TEXT, "TEXT", SCAN, MEMBER(notes),
     .help = "Keep TEXT in run.json."},
    {"json", 0, GROUP_OUTPUT, OPTION_FLAG, NULL, COMMAND_CHECK | COMMAND_REPORT,
     MEMBER(json), .help = "Print JSON."},
    {"html", 0, GROUP_OUTPUT, OPTION_TEXT, "FILE", COMMAND_REPORT, MEMBER(html),
     .help = "Write one page with tables and plots to FILE."},
    {"duckdb", 0, GROUP_OUTPUT, OPTION_FLAG, NULL, COMMAND_SCHEMA, MEMBER(duckdb),
     .help = "Print the columns argument for DuckDB's read_json."},

    {"name-servers", 0, GROUP_DNS, OPTION_TEXT, "LIST", ASKING, MEMBER(name_servers),
     .help = "Ask these recursive resolvers, each IP or IP:PORT, with commas between; an "
             "IPv6 "
             "address with a port stands in brackets.",
     .default_note = "none: resolve from the roots"},
    {"root-hints", 0, GROUP_DNS, OPTION_TEXT, "FILE", ASKING, MEMBER(root_hints),
     .help = "Resolve from the root servers in FILE.",
     .default_note = "the built-in ones"},
    {"timeout", 0, GROUP_DNS, OPTION_UINT, "MS", ASKING, MEMBER(timeout_ms),
     BETWEEN(1, 600000), .help = "Wait MS milliseconds for each DNS answer.",
     .default_value = "2000"},
    {"retries", 0, GROUP_DNS, OPTION_UINT, "N", ASKING, MEMBER(retries), BETWEEN(0, 100),
     .help = "Ask again up to N times.", .default_value = "3"},
    {"cache-size", 0, GROUP_DNS, OPTION_BYTES, "BYTES", SCAN, MEMBER(cache_bytes),
     BETWEEN(0, UINT64_C(16) << 30),
     .help = "Remember DNS answers in BYTES of each worker's memory; 0 is none. K, M and "
             "G are understood. Without --name-servers a worker takes up to 80M more.",
     .default_value = "16M"},

    {"ca-file", 0, GROUP_HTTPS, OPTION_TEXT, "FILE", ASKING, MEMBER(ca_file),
     .help = "Trust only the certificate authorities in FILE.",
     .default_note = "those of the system"},
    {"https-timeout", 0, GROUP_HTTPS, OPTION_UINT, "MS", SCAN | COMMAND_CHECK,
     MEMBER(https_timeout_ms), BETWEEN(1, 600000),
     .help = "Give a whole policy fetch MS milliseconds.", .default_value = "20000"},

    {"dns-rate", 0, GROUP_POLITENESS, OPTION_RATE, "N", SCAN, MEMBER(dns_rate),
     BETWEEN(0, 100000000),
     .help =
         "Send at most N queries a second; 0 is no limit. Without --name-servers "
         "it counts questions, each of which can cost several queries. The default is "
         "safe for other people's resolvers: raise it for your own.",
     .default_value = "500"},
    {"https-rate", 0, GROUP_POLITENESS, OPTION_RATE, "N", SCAN, MEMBER(https_rate),
     BETWEEN(0, 100000000),
     .help =
         "Open at most N connections a second; 0 is no limit. The default is safe where "
         "one host serves the policies of many domains.",
     .default_value = "20"},
    {"per-host-rate", 0, GROUP_POLITENESS, OPTION_RATE, "N", SCAN, MEMBER(per_host_rate),
     BETWEEN(0, 100000000),
     .help = "Open at most N connections a second to any one address; 0 is no limit. "
             "At most 32 are open to it at a time.",
     .default_note = "20; no limit with --https-rate 0"},
    {"per-server-rate", 0, GROUP_POLITENESS, OPTION_RATE, "N", SCAN,
     MEMBER(per_server_rate), BETWEEN(0, 100000000),
     .help =
         "Send any one authoritative server at most N queries a second; 0 is no limit.",
     .default_value = "50", NOT_YET},
    {"contact", 0, GROUP_POLITENESS, OPTION_CONTACT, "WHERE", SCAN, MEMBER(contact),
     .help = "A URL or mail address for those who are surveyed. Required for more than "
             "10,000 records."},
    {"user-agent", 0, GROUP_POLITENESS, OPTION_HEADER, "TEXT", SCAN,
     MEMBER(user_agent_given), .help = "What to call ourselves in HTTPS requests.",
     .default_note = "mailcensus/VERSION (+WHERE)"},
    {"exclude-domains", 0, GROUP_POLITENESS, OPTION_TEXT, "FILE", SCAN,
     MEMBER(exclude_domains),
     .help = "Leave the domains in FILE alone, and all below them."},
    {"blocklist-file", 0, GROUP_POLITENESS, OPTION_TEXT, "FILE", SCAN,
     MEMBER(blocklist_file),
     .help = "Never contact the address ranges in FILE, one CIDR a line, whatever else "
             "is allowed."},
    {"allow-special-addresses", 0, GROUP_POLITENESS, OPTION_FLAG, NULL, ASKING,
     MEMBER(allow_special_addresses),
     .help = "Contact loopback, private and other special-purpose addresses too, as a "
             "laboratory needs it."},

    {"checks", 0, GROUP_SCOPE, OPTION_CHECKS, "LIST", SCAN | COMMAND_CHECK,
     MEMBER(checks),
     .help = "Do only these, with commas between: mx, ns, spf, dmarc, mta_sts, tls_rpt.",
     .default_value = "mx,ns,spf,dmarc,mta_sts,tls_rpt", .default_note = "all of them"},
    {"probe-orphan-policies", 0, GROUP_SCOPE, OPTION_FLAG, NULL, SCAN | COMMAND_CHECK,
     MEMBER(probe_orphan_policies),
     .help = "Look for an MTA-STS policy also where no record announces one."},
    {"sender-ip", 0, GROUP_SCOPE, OPTION_SENDER_IP, "IP", ASKING, MEMBER(sender_ips),
     .help = "Tell whether each domain's SPF record lets IP send. May be given up to 16 "
             "times."},
    {"profile", 0, GROUP_SCOPE, OPTION_TEXT, "FILE", SCAN, MEMBER(profile),
     .help = "Compare each domain with the provider's profile in FILE.", NOT_YET},
    {"providers", 0, GROUP_SCOPE, OPTION_TEXT, "FILE", SCAN, MEMBER(providers),
     .help =
         "Know the providers in FILE too, one a line: area, host name pattern, name, as "
         "in data/providers.txt.",
     .default_note = "the built-in ones"},
    {"psl", 0, GROUP_SCOPE, OPTION_TEXT, "FILE", SCAN, MEMBER(psl),
     .help = "Take the Public Suffix List from FILE.",
     .default_note = "the newer of the system's and the built-in one"},

    {"workers", 0, GROUP_RUN, OPTION_UINT, "N", SCAN, MEMBER(workers), BETWEEN(1, 256),
     .help = "Use N threads.", .default_note = "as many as there are processors"},
    {"max-in-flight", 0, GROUP_RUN, OPTION_UINT, "N", SCAN, MEMBER(max_in_flight),
     BETWEEN(1, 1000000), .help = "Survey up to N domains at a time.",
     .default_value = "2000"},
    {"dry-run", 0, GROUP_RUN, OPTION_FLAG, NULL, SCAN, MEMBER(dry_run),
     .help = "Read the input and say what would be done; send nothing, write nothing."},
    {"quiet", 'q', GROUP_RUN, OPTION_FLAG, NULL, SCAN, MEMBER(quiet),
     .help = "Do not report progress on standard error."},
    {"status-updates-file", 'u', GROUP_RUN, OPTION_TEXT, "FILE", SCAN,
     MEMBER(status_updates_file), .help = "Write progress to FILE as CSV."},
    {"help", 'h', GROUP_RUN, OPTION_HELP, NULL, ALL, .help = "Print this help."},
    {"version", 0, GROUP_RUN, OPTION_VERSION, NULL, ALL,
     .help = "Print the versions of the program and its libraries."},
};
const size_t OPTION_COUNT = sizeof OPTIONS / sizeof OPTIONS[0];
