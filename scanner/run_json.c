#include "scanner/run_json.h"

#include "fetch/fetch.h"
#include "resolver/resolver.h"
#include "scanner/record_part.h"
#include "scanner/target_name.h"

#include <stdio.h>
#include <sys/resource.h>

static void key_uint(struct json *json, const char *key, uint64_t value)
{
    json_key(json, key);
    json_uint(json, value);
}

static void key_bool(struct json *json, const char *key, bool value)
{
    json_key(json, key);
    json_bool(json, value);
}

static void write_versions(struct json *json)
{
    json_key(json, "versions");
    json_object_begin(json);
    record_key_text(json, "program", "mailcensus " MAILCENSUS_VERSION);
    record_key_text(json, "build", __VERSION__);
    json_key(json, "libraries");
    json_array_begin(json);
    json_text(json, resolver_libraries());
    json_text(json, fetcher_libraries());
    json_text(json, output_libraries());
    json_text(json, input_libraries());
    json_text(json, target_libraries());
    json_array_end(json);
    json_object_end(json);
}

static void write_checks(struct json *json, unsigned checks)
{
    static const char *const names[] = {"mx", "ns", "spf", "dmarc", "mta_sts", "tls_rpt"};
    json_key(json, "checks");
    json_array_begin(json);
    for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (((checks >> i) & 1) != 0) {
            json_text(json, names[i]);
        }
    }
    json_array_end(json);
}

/* What changes records or which record goes where. */
static void write_deciding(struct json *json, const struct options *options)
{
    write_checks(json, options->checks);
    record_key_text(json, "name_servers", options->name_servers);
    record_key_text(json, "root_hints", options->root_hints);
    record_key_text(json, "ca_file", options->ca_file);
    record_key_text(json, "exclude_domains", options->exclude_domains);
    record_key_text(json, "blocklist_file", options->blocklist_file);
    record_key_text(json, "psl", options->psl);
    record_key_text(json, "providers", options->providers);
    key_bool(json, "allow_special_addresses", options->allow_special_addresses);
    key_bool(json, "probe_orphan_policies", options->probe_orphan_policies);
    json_key(json, "sender_ips");
    json_array_begin(json);
    for (size_t i = 0; i < options->sender_ip_count; i++) {
        json_text(json, options->sender_ips[i].text);
    }
    json_array_end(json);
    key_uint(json, "timeout_ms", options->timeout_ms);
    key_uint(json, "retries", options->retries);
    key_uint(json, "https_timeout_ms", options->https_timeout_ms);
    key_uint(json, "max_targets", options->max_targets);
    key_uint(json, "shards", options->shards);
}

void run_json_deciding(struct json *json, const struct options *options)
{
    json_object_begin(json);
    write_deciding(json, options);
    json_object_end(json);
}

bool run_json_configuration_hash(const struct options *options, char hex[DIGEST_HEX_LEN])
{
    struct json json;
    struct digest digest = {0};
    json_init(&json);
    run_json_deciding(&json, options);
    bool ok = !json.failed && digest_init(&digest) == 0 &&
              digest_add(&digest, json.text, json.len) == 0 &&
              digest_hex(&digest, hex) == 0;
    digest_close(&digest);
    json_close(&json);
    return ok;
}

static void write_configuration(struct json *json, const struct run_facts *facts)
{
    const struct options *options = facts->options;
    char hex[DIGEST_HEX_LEN];
    json_key(json, "configuration");
    json_object_begin(json);
    write_deciding(json, options);
    json_key(json, "dns_rate");
    json_number(json, options->dns_rate);
    json_key(json, "https_rate");
    json_number(json, options->https_rate);
    json_key(json, "per_host_rate");
    json_number(json, options->per_host_rate);
    key_uint(json, "cache_bytes", options->cache_bytes);
    key_uint(json, "workers", options->workers);
    key_uint(json, "max_in_flight", options->max_in_flight);
    key_uint(json, "part_rows", options->part_rows);
    key_uint(json, "part_seconds", options->part_seconds);
    record_key_text(json, "user_agent", options->user_agent);
    record_key_text(json, "contact", options->contact);
    record_key_text(json, "psl_date", facts->suffix_list_date);
    json_object_end(json);
    record_key_text(json, "configuration_sha256",
                    run_json_configuration_hash(options, hex) ? hex : NULL);
    json_key(json, "argv");
    json_array_begin(json);
    for (int i = 0; i < facts->argc; i++) {
        json_text(json, facts->argv[i]);
    }
    json_array_end(json);
    record_key_text(json, "notes", facts->notes);
}

/* lines counts those that are finished, so that it adds up at any time; what was read
 * beyond them is in bytes_read alone. */
static void write_input(struct json *json, const struct run_facts *facts)
{
    const struct feed_stats *feed = facts->feed;
    const char *path = facts->options->input_file;
    json_key(json, "input");
    json_object_begin(json);
    record_key_text(json, "path", path != NULL ? path : "-");
    key_uint(json, "bytes_read", feed->bytes_read);
    record_key_text(json, "sha256", feed->sha256[0] != '\0' ? feed->sha256 : NULL);
    key_bool(json, "read_to_end", feed->is_at_end);
    key_uint(json, "lines", facts->lines);
    key_uint(json, "skipped", feed->skipped);
    key_uint(json, "records", facts->counts->records);
    key_uint(json, "other_shards", feed->other_shards);
    json_object_end(json);
}

static void write_parts(struct json *json, const struct sink *sink)
{
    json_key(json, "parts");
    json_array_begin(json);
    for (size_t i = 0; i < sink_part_count(sink); i++) {
        const struct sink_part *part = sink_part(sink, i);
        json_object_begin(json);
        record_key_text(json, "file", part->file);
        key_uint(json, "rows", part->rows);
        key_uint(json, "bytes", part->bytes);
        record_key_text(json, "sha256", part->sha256);
        json_object_end(json);
    }
    json_array_end(json);
}

static uint64_t peak_rss_bytes(uint64_t least)
{
    struct rusage usage;
    uint64_t bytes =
        getrusage(RUSAGE_SELF, &usage) == 0 ? (uint64_t)usage.ru_maxrss * 1024 : 0;
    return bytes > least ? bytes : least;
}

static void write_checkpoint(struct json *json, const struct run_facts *facts)
{
    json_key(json, "checkpoint");
    json_object_begin(json);
    record_key_text(json, "finished", facts->finished);
    record_key_text(json, "skipped", facts->skipped);
    json_object_end(json);
}

static void key_time(struct json *json, const char *key, int64_t ms)
{
    if (ms != 0) {
        record_key_time(json, key, ms);
    } else {
        record_key_text(json, key, NULL);
    }
}

void run_json_write(struct json *json, const struct run_facts *facts)
{
    json_reset(json);
    json_object_begin(json);
    record_key_text(json, "schema", RUN_JSON_SCHEMA);
    write_versions(json);
    write_configuration(json, facts);
    write_input(json, facts);
    key_uint(json, "shards", facts->options->shards);
    key_uint(json, "shard", facts->options->shard);
    key_uint(json, "seed", facts->seed);
    key_uint(json, "resumed", facts->resumed);
    key_time(json, "started_at", facts->started_at_ms);
    key_time(json, "ended_at", facts->ended_at_ms);
    record_key_text(json, "exit_reason", facts->exit_reason);
    totals_write(json, facts->counts);
    key_uint(json, "peak_rss_bytes", peak_rss_bytes(facts->least_peak_rss_bytes));
    key_uint(json, "peak_fds", facts->peak_fds);
    write_checkpoint(json, facts);
    write_parts(json, facts->sink);
    json_object_end(json);
    json_newline(json);
}
