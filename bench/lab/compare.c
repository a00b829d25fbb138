/* lab-compare: does a scan say what the lab's population is?
 *
 *     lab-compare [--engines recursion-stub] [--lines N] EXPECTED.ndjson RESULT…
 *
 * RESULT is NDJSON, plain or zstd, or a result directory (its part-*.ndjson.zst). Every
 * record is compared whole, keys in order, but for what the contract leaves open (times,
 * counters, ttl). With --engines recursion-stub {timeout servfail network} are one, and
 * {dns_timeout dns_servfail dns_error}: what a faulty server looks like depends on who
 * asks. --lines N: the scan had only the first N lines of the list. Exit: 0 equal, 1 not,
 * 2 usage. */
#include "bench/lab/compare_text.h"

#include <dirent.h>
#include <errno.h>
#include <getopt.h>
#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

enum {
    compare_reports_max = 20,    /* records told in full */
    compare_differences_max = 5, /* of one record */
    compare_value_bytes_max = 300,
    compare_path_bytes_max = 256,
    compare_tallies_max = 100,
};

struct expectation {
    char *text;
    unsigned found_count;
};

/* How many records differ at a key path (list positions left out). */
struct tally {
    char path[compare_path_bytes_max];
    size_t records, last_line;
};

struct compare {
    struct expectation *expectations; /* by line, from 1 */
    size_t line_max, expected_count;
    bool is_engine_blind;
    unsigned long line_limit; /* 0: none */
    size_t found, equal, wrong, missing, doubled, extra, unreadable;
    size_t reports; /* records told so far */
    struct tally tallies[compare_tallies_max];
    size_t tallies_len;
};

static void die(const char *what, const char *why)
{
    fprintf(stderr, "lab-compare: %s: %s\n", what, why);
    exit(2);
}

/* ---- two values
 * ------------------------------------------------------------------------- */

/* One record's walk: where we are, and what has been told. */
struct walk {
    struct compare *compare;
    size_t line;
    bool is_engine_blind, is_silent;
    size_t differences;
    char path[compare_path_bytes_max];
};

static bool is_open_path(const char *path)
{
    static const char *const open[] = {"scanned_at",
                                       "duration_ms",
                                       "dns.queries",
                                       "dns.retries",
                                       "dns.engine",
                                       "spf.ttl",
                                       "dmarc.ttl",
                                       "mta_sts.ttl",
                                       "tls_rpt.ttl",
                                       "mta_sts.policy.duration_ms",
                                       "mta_sts.policy.address"};
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        if (strcmp(path, open[i]) == 0) {
            return true;
        }
    }
    return false;
}

static const char *engine_blind(const char *text)
{
    static const char *const same[][2] = {
        {"servfail", "timeout"},
        {"network", "timeout"},
        {"dns_servfail", "dns_timeout"},
        {"dns_error", "dns_timeout"},
        {"mta_sts.policy.dns_servfail", "mta_sts.policy.dns_timeout"},
        {"mta_sts.policy.dns_error", "mta_sts.policy.dns_timeout"}};
    for (size_t i = 0; i < sizeof same / sizeof *same; i++) {
        if (strcmp(text, same[i][0]) == 0) {
            return same[i][1];
        }
    }
    return text;
}

static bool is_same_text(const struct walk *walk, const json_t *a, const json_t *b)
{
    if (json_equal(a, b)) {
        return true;
    }
    return walk->is_engine_blind && strcmp(engine_blind(json_string_value(a)),
                                           engine_blind(json_string_value(b))) == 0;
}

static void print_value(const char *label, const json_t *value)
{
    char *text = value == NULL ? NULL : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    printf("      %s %.*s%s\n", label, (int)compare_value_bytes_max,
           text == NULL ? "(not there)" : text,
           text != NULL && strlen(text) > compare_value_bytes_max ? "…" : "");
    free(text);
}

static struct tally *find_tally(struct compare *compare, const char *path)
{
    char plain[compare_path_bytes_max];
    size_t len = 0;
    for (bool is_position = false; *path != '\0'; path++) {
        is_position = is_position ? path[-1] != ']' : *path == '[';
        if (!is_position) {
            plain[len++] = *path;
        }
    }
    plain[len] = '\0';
    for (size_t i = 0; i < compare->tallies_len; i++) {
        if (strcmp(compare->tallies[i].path, plain) == 0) {
            return &compare->tallies[i];
        }
    }
    /* more paths than the record has keys: they share the last place */
    struct tally *tally = &compare->tallies[compare->tallies_len < compare_tallies_max
                                                ? compare->tallies_len++
                                                : compare_tallies_max - 1];
    memcpy(tally->path, plain, len + 1);
    return tally;
}

static void tell_difference(struct walk *walk, const json_t *expected,
                            const json_t *found)
{
    if (walk->is_silent) {
        struct tally *tally = find_tally(walk->compare, walk->path);
        tally->records += tally->last_line == walk->line ? 0 : 1;
        tally->last_line = walk->line;
        walk->differences++;
        return;
    }
    if (walk->differences++ < compare_differences_max) {
        printf("    %s\n", *walk->path == '\0' ? "(whole)" : walk->path);
        print_value("expected", expected);
        print_value("found   ", found);
    }
}

static void compare_values(struct walk *walk, const json_t *expected,
                           const json_t *found);

/* Steps into a member, compares there and steps back. */
static void compare_member(struct walk *walk, const char *step, const json_t *expected,
                           const json_t *found)
{
    size_t len = strlen(walk->path);
    snprintf(walk->path + len, sizeof walk->path - len, "%s%s",
             len == 0 || *step == '[' ? "" : ".", step);
    compare_values(walk, expected, found);
    walk->path[len] = '\0';
}

static void compare_objects(struct walk *walk, json_t *expected, json_t *found)
{
    const char *key;
    json_t *value;
    void *place = json_object_iter(found); /* jansson keeps the order of the text */
    json_object_foreach(expected, key, value)
    {
        json_t *other = json_object_get(found, key);
        if (other != NULL &&
            (place == NULL || strcmp(json_object_iter_key(place), key) != 0)) {
            json_t *order = json_pack("{s:s}", "out of order", key);
            tell_difference(walk, NULL, order);
            json_decref(order);
        }
        compare_member(walk, key, value, other);
        place = place == NULL ? NULL : json_object_iter_next(found, place);
    }
    json_object_foreach(found, key, value)
    {
        if (json_object_get(expected, key) == NULL) {
            compare_member(walk, key, NULL, value);
        }
    }
}

static void compare_arrays(struct walk *walk, const json_t *expected, const json_t *found)
{
    if (json_array_size(expected) != json_array_size(found)) {
        tell_difference(walk, expected, found);
        return;
    }
    for (size_t i = 0; i < json_array_size(expected); i++) {
        char step[32];
        snprintf(step, sizeof step, "[%zu]", i);
        compare_member(walk, step, json_array_get(expected, i), json_array_get(found, i));
    }
}

/* Recursion is bounded: jansson refuses texts nested deeper than 2048. */
static void compare_values(struct walk *walk, const json_t *expected, const json_t *found)
{
    if (expected != NULL && found != NULL && is_open_path(walk->path)) {
        return;
    }
    if (json_is_object(expected) && json_is_object(found)) {
        compare_objects(walk, (json_t *)expected, (json_t *)found);
    } else if (json_is_array(expected) && json_is_array(found)) {
        compare_arrays(walk, expected, found);
    } else if (json_is_string(expected) && json_is_string(found)) {
        if (!is_same_text(walk, expected, found)) {
            tell_difference(walk, expected, found);
        }
    } else if (!json_equal(expected, found)) {
        tell_difference(walk, expected, found);
    }
}

/* ---- records
 * ---------------------------------------------------------------------------- */

static json_t *read_record(const char *text, size_t len, size_t *line)
{
    json_error_t error;
    json_t *record =
        json_loadb(text, len, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    json_int_t number = json_integer_value(json_object_get(record, "line"));
    *line = number > 0 ? (size_t)number : 0;
    return record;
}

static bool is_told(struct compare *compare)
{
    return compare->reports++ < compare_reports_max;
}

static void tell(struct compare *compare, size_t line, const char *what, const char *text)
{
    if (is_told(compare)) {
        printf("line %zu: %s: %.*s\n", line, what, (int)compare_value_bytes_max, text);
    }
}

static void compare_record(struct compare *compare, size_t line, const json_t *found)
{
    size_t unused;
    const char *text = compare->expectations[line].text;
    json_t *expected = read_record(text, strlen(text), &unused);
    struct walk walk = {.compare = compare,
                        .line = line,
                        .is_engine_blind = compare->is_engine_blind,
                        .is_silent = true};
    compare_values(&walk, expected, found);
    if (walk.differences == 0) {
        compare->equal++;
        json_decref(expected);
        return;
    }
    compare->wrong++;
    if (is_told(compare)) {
        const char *input = json_string_value(json_object_get(expected, "input"));
        printf("line %zu: wrong record: %s\n", line, input == NULL ? "" : input);
        walk = (struct walk){.is_engine_blind = compare->is_engine_blind};
        compare_values(&walk, expected, found);
        if (walk.differences > compare_differences_max) {
            printf("    … %zu more\n", walk.differences - compare_differences_max);
        }
    }
    json_decref(expected);
}

/* Counts a record that is, text for text, the expected one and the first of its line. */
static bool is_plainly_good(struct compare *compare, const char *text, size_t len)
{
    size_t line = text_line_number(text);
    if (line == 0 || line > compare->line_max || strlen(text) != len) {
        return false;
    }
    struct expectation *expectation = &compare->expectations[line];
    if (expectation->text == NULL || expectation->found_count > 0 ||
        !texts_are_alike(expectation->text, text)) {
        return false;
    }
    expectation->found_count++;
    compare->found++;
    compare->equal++;
    return true;
}

/* A sink for lines (below): one found record. */
static void on_found(struct compare *compare, const char *text, size_t len)
{
    if (is_plainly_good(compare, text, len)) {
        return;
    }
    size_t line;
    json_t *record = read_record(text, len, &line);
    compare->found++;
    if (record == NULL || line == 0) {
        compare->unreadable++;
        tell(compare, line, "not a record", text);
    } else if (line > compare->line_max || compare->expectations[line].text == NULL) {
        compare->extra++;
        tell(compare, line, "nobody expected this line", text);
    } else if (compare->expectations[line].found_count++ > 0) {
        compare->doubled++;
        tell(compare, line, "stands there again", text);
    } else {
        compare_record(compare, line, record);
    }
    json_decref(record);
}

/* A sink for lines: one expected record. */
static void on_expected(struct compare *compare, const char *text, size_t len)
{
    size_t line = text_line_number(text); /* parsed where it is needed */
    if (line == 0 || strlen(text) != len) {
        die("unreadable expectation", text);
    }
    if (compare->line_limit != 0 && line > compare->line_limit) {
        return;
    }
    if (line > compare->line_max) {
        size_t line_max = line * 2;
        compare->expectations = realloc(compare->expectations,
                                        (line_max + 1) * sizeof *compare->expectations);
        if (compare->expectations == NULL) {
            die("memory", strerror(errno));
        }
        memset(compare->expectations + compare->line_max + 1, 0,
               (line_max - compare->line_max) * sizeof *compare->expectations);
        compare->line_max = line_max;
    }
    if (compare->expectations[line].text != NULL) {
        die("the expectations hold a line twice", text);
    }
    compare->expectations[line].text = strdup(text);
    compare->expected_count++;
}

/* ---- files
 * ------------------------------------------------------------------------------ */

typedef void take_line(struct compare *compare, const char *text, size_t len);

struct lines {
    struct compare *compare;
    take_line *on_line;
    char *pending; /* the line begun */
    size_t len, size;
};

static void lines_add(struct lines *lines, char byte)
{
    if (lines->len + 1 >= lines->size) {
        lines->size = lines->size * 2 + 65536;
        lines->pending = realloc(lines->pending, lines->size);
    }
    if (lines->pending == NULL) {
        die("memory", strerror(errno));
    }
    lines->pending[lines->len++] = byte;
}

static void lines_feed(struct lines *lines, const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        lines_add(lines, bytes[i]);
        if (bytes[i] == '\n') {
            lines->pending[--lines->len] = '\0';
            lines->on_line(lines->compare, lines->pending, lines->len);
            lines->len = 0;
        }
    }
}

static void lines_end(struct lines *lines, const char *path)
{
    if (lines->len > 0) {
        lines->compare->unreadable++;
        printf("%s: the last line has no end\n", path);
    }
    free(lines->pending);
}

static void read_plain(struct lines *lines, FILE *file)
{
    char bytes[65536];
    for (size_t len; (len = fread(bytes, 1, sizeof bytes, file)) > 0;) {
        lines_feed(lines, bytes, len);
    }
}

/* Returns what zstd still wants of the frame, 0: it is complete. */
static size_t decompress(struct lines *lines, ZSTD_DStream *stream, ZSTD_inBuffer in)
{
    char plain[65536];
    size_t wanted;
    ZSTD_outBuffer out;
    do {
        out = (ZSTD_outBuffer){plain, sizeof plain, 0};
        wanted = ZSTD_decompressStream(stream, &out, &in);
        if (ZSTD_isError(wanted)) {
            die("zstd", ZSTD_getErrorName(wanted));
        }
        lines_feed(lines, plain, out.pos);
    } while (in.pos < in.size ||
             out.pos == out.size); /* full: there may be more to come */
    return wanted;
}

static void read_zstd(struct lines *lines, FILE *file, const char *path)
{
    char bytes[65536];
    ZSTD_DStream *stream = ZSTD_createDStream();
    size_t wanted = 0;
    for (size_t len; (len = fread(bytes, 1, sizeof bytes, file)) > 0;) {
        wanted = decompress(lines, stream, (ZSTD_inBuffer){bytes, len, 0});
    }
    ZSTD_freeDStream(stream);
    if (wanted !=
        0) { /* a reader that stays silent here takes a torn file for a whole one */
        lines->compare->unreadable++;
        printf("%s: the zstd frame is cut off\n", path);
    }
}

static bool has_ending(const char *path, const char *ending)
{
    size_t len = strlen(path), ending_len = strlen(ending);
    return len >= ending_len && strcmp(path + len - ending_len, ending) == 0;
}

static void read_file(struct compare *compare, const char *path, take_line *on_line)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        die(path, strerror(errno));
    }
    struct lines lines = {.compare = compare, .on_line = on_line};
    if (has_ending(path, ".zst")) {
        read_zstd(&lines, file, path);
    } else {
        read_plain(&lines, file);
    }
    lines_end(&lines, path);
    fclose(file);
}

static int is_part(const struct dirent *entry)
{
    return strncmp(entry->d_name, "part-", 5) == 0 &&
           (has_ending(entry->d_name, ".ndjson.zst") ||
            has_ending(entry->d_name, ".ndjson"));
}

static void read_directory(struct compare *compare, const char *path)
{
    struct dirent **entries;
    int count = scandir(path, &entries, is_part, alphasort);
    if (count < 0) {
        die(path, strerror(errno));
    }
    for (int i = 0; i < count; i++) {
        char part[4096];
        snprintf(part, sizeof part, "%s/%s", path, entries[i]->d_name);
        read_file(compare, part, on_found);
        free(entries[i]);
    }
    free(entries);
}

static void read_result(struct compare *compare, const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0) {
        die(path, strerror(errno));
    }
    if (S_ISDIR(status.st_mode)) {
        read_directory(compare, path);
    } else {
        read_file(compare, path, on_found);
    }
}

/* ---- the whole
 * -------------------------------------------------------------------------- */

static void find_missing(struct compare *compare)
{
    for (size_t line = 1; line <= compare->line_max; line++) {
        const struct expectation *expectation = &compare->expectations[line];
        if (expectation->text != NULL && expectation->found_count == 0) {
            compare->missing++;
            tell(compare, line, "missing", expectation->text);
        }
    }
}

static int by_records(const void *a, const void *b)
{
    size_t x = ((const struct tally *)a)->records, y = ((const struct tally *)b)->records;
    return x < y ? 1 : x > y ? -1 : 0;
}

static void print_tallies(struct compare *compare)
{
    qsort(compare->tallies, compare->tallies_len, sizeof *compare->tallies, by_records);
    for (size_t i = 0; i < compare->tallies_len; i++) {
        printf("%6zu records differ at %s\n", compare->tallies[i].records,
               *compare->tallies[i].path == '\0' ? "(whole)" : compare->tallies[i].path);
    }
}

static void compare_free(struct compare *compare)
{
    for (size_t line = 1; line <= compare->line_max; line++) {
        free(compare->expectations[line].text);
    }
    free(compare->expectations);
}

static int usage(void)
{
    fputs("usage: lab-compare [--engines recursion-stub] [--lines N] EXPECTED RESULT…\n",
          stderr);
    return 2;
}

static bool read_options(struct compare *compare, int argc, char **argv)
{
    static const struct option options[] = {{"engines", required_argument, NULL, 'e'},
                                            {"lines", required_argument, NULL, 'l'},
                                            {NULL, 0, NULL, 0}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'e' && strcmp(optarg, "recursion-stub") == 0) {
            compare->is_engine_blind = true;
        } else if (option == 'l' && atol(optarg) > 0) {
            compare->line_limit = (unsigned long)atol(optarg);
        } else {
            return false;
        }
    }
    return argc - optind >= 2;
}

int main(int argc, char **argv)
{
    static struct compare compare; /* some ten KiB */
    if (!read_options(&compare, argc, argv)) {
        return usage();
    }
    read_file(&compare, argv[optind], on_expected);
    for (int i = optind + 1; i < argc; i++) {
        read_result(&compare, argv[i]);
    }
    find_missing(&compare);
    if (compare.reports > compare_reports_max) {
        printf("… and %zu more\n", compare.reports - compare_reports_max);
    }
    print_tallies(&compare);
    printf("lab-compare: %zu expected, %zu found: %zu equal, %zu wrong, %zu missing, %zu "
           "doubled, "
           "%zu extra, %zu unreadable\n",
           compare.expected_count, compare.found, compare.equal, compare.wrong,
           compare.missing, compare.doubled, compare.extra, compare.unreadable);
    compare_free(&compare);
    bool is_good = compare.equal == compare.expected_count &&
                   compare.found == compare.equal && compare.unreadable == 0 &&
                   compare.expected_count > 0;
    return is_good ? 0 : 1;
}
