/* check_host() against the openspf test suite for RFC 7208, read from beside the
 * repository (../shared/cases/spf/rfc7208-part.yml) or from the file that
 * MAILCENSUS_SPF_CASES names. Absent: skipped, unless MAILCENSUS_NO_SKIP=1.
 */
#include "scanner/classify/spf.h"
#include "scanner/classify/spf_name.h"

#include <arpa/inet.h>
#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <yaml.h>

#include <cmocka.h>

#define ROWS_MAX 1000
#define ANSWERS_MAX 400
#define RECORDS_MAX 40
#define PART_CASES 106

struct zone_row {
    char name[SPF_NAME_MAX]; /* as the resolver spells it */
    char type[8];            /* as in the file; "TIMEOUT" */
    char *data;
    uint16_t len, preference;
};

struct zone_answer {
    char name[SPF_NAME_MAX];
    enum dns_type type;
    unsigned round;
    struct dns_answer answer;
    struct dns_record records[RECORDS_MAX];
};

struct zone {
    struct lookup lookup;
    size_t row_count, answer_count;
    unsigned round;
    struct zone_row rows[ROWS_MAX];
    struct zone_answer *answers[ANSWERS_MAX];
};

static struct {
    unsigned run, failed;
} counts;

static const char *cases_path(void)
{
    const char *given = getenv("MAILCENSUS_SPF_CASES");
    return given != NULL ? given : SOURCE_DIR "/../shared/cases/spf/rfc7208-part.yml";
}

/* The file is Latin-1, libyaml wants UTF-8. */
static unsigned char *read_as_utf8(const char *path, size_t *len)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        return NULL;
    }
    unsigned char *text = malloc(1 << 20);
    int c;
    *len = 0;
    while ((c = getc(file)) != EOF && *len + 2 < 1 << 20) {
        if (c >= 0x80) {
            text[(*len)++] = (unsigned char)(0xc0 | c >> 6);
            c = 0x80 | (c & 0x3f);
        }
        text[(*len)++] = (unsigned char)c;
    }
    fclose(file);
    return text;
}

/* A scalar's bytes, back in Latin-1; NUL-terminated copy. */
static char *scalar_bytes(const yaml_node_t *node, size_t *len)
{
    const unsigned char *value = node->data.scalar.value;
    char *bytes = malloc(node->data.scalar.length + 1);
    *len = 0;
    for (size_t i = 0; i < node->data.scalar.length; i++) {
        if (value[i] >= 0x80) {
            bytes[(*len)++] = (char)((value[i] & 3) << 6 | (value[i + 1] & 0x3f));
            i++;
        } else {
            bytes[(*len)++] = (char)value[i];
        }
    }
    bytes[*len] = '\0';
    return bytes;
}

static const char *scalar_text(const yaml_node_t *node)
{
    return node != NULL && node->type == YAML_SCALAR_NODE
               ? (const char *)node->data.scalar.value
               : "";
}

static yaml_node_t *member(yaml_document_t *document, const yaml_node_t *map,
                           const char *key)
{
    for (yaml_node_pair_t *pair = map->data.mapping.pairs.start;
         pair < map->data.mapping.pairs.top; pair++) {
        if (strcmp(scalar_text(yaml_document_get_node(document, pair->key)), key) == 0) {
            return yaml_document_get_node(document, pair->value);
        }
    }
    return NULL;
}

static struct zone_row *zone_add(struct zone *zone, const char *name, const char *type)
{
    assert(zone->row_count < ROWS_MAX);
    struct zone_row *row = &zone->rows[zone->row_count++];
    memset(row, 0, sizeof *row);
    bool is_spelt = spf_name_spell(name, row->name);
    assert(is_spelt);
    (void)is_spelt;
    snprintf(row->type, sizeof row->type, "%s", type);
    return row;
}

/* A text of several strings is one text. */
static void join(yaml_document_t *document, const yaml_node_t *list, struct zone_row *row)
{
    row->data = calloc(1, 70000);
    for (yaml_node_item_t *item = list->data.sequence.items.start;
         item < list->data.sequence.items.top; item++) {
        size_t len;
        char *piece = scalar_bytes(yaml_document_get_node(document, *item), &len);
        memcpy(row->data + row->len, piece, len);
        row->len = (uint16_t)(row->len + len);
        free(piece);
    }
}

static void zone_fill(yaml_document_t *document, struct zone_row *row,
                      const yaml_node_t *value)
{
    size_t len = 0;
    if (value->type == YAML_SEQUENCE_NODE && strcmp(row->type, "MX") == 0) {
        yaml_node_item_t *items = value->data.sequence.items.start;
        row->preference =
            (uint16_t)atoi(scalar_text(yaml_document_get_node(document, items[0])));
        row->data = scalar_bytes(yaml_document_get_node(document, items[1]), &len);
        row->len = (uint16_t)len;
    } else if (value->type == YAML_SEQUENCE_NODE) {
        join(document, value, row);
    } else {
        row->data = scalar_bytes(value, &len);
        row->len = (uint16_t)len;
    }
    if (strcmp(row->type, "MX") == 0 || strcmp(row->type, "PTR") == 0 ||
        strcmp(row->type, "CNAME") == 0) {
        char spelt[SPF_NAME_MAX];
        spf_name_spell(row->data, spelt);
        size_t spelt_len = strlen(spelt);
        if (spelt_len > 0 && spelt[spelt_len - 1] == '.') {
            spelt[--spelt_len] = '\0';
        }
        free(row->data);
        row->data = strdup(spelt_len > 0 ? spelt : ".");
        row->len = (uint16_t)strlen(row->data);
    }
}

static void zone_load(struct zone *zone, yaml_document_t *document,
                      const yaml_node_t *data)
{
    for (yaml_node_pair_t *pair = data->data.mapping.pairs.start;
         pair < data->data.mapping.pairs.top; pair++) {
        size_t len;
        char *name = scalar_bytes(yaml_document_get_node(document, pair->key), &len);
        yaml_node_t *list = yaml_document_get_node(document, pair->value);
        for (yaml_node_item_t *item = list->data.sequence.items.start;
             item < list->data.sequence.items.top; item++) {
            yaml_node_t *entry = yaml_document_get_node(document, *item);
            if (entry->type == YAML_SCALAR_NODE) {
                zone_add(zone, name, scalar_text(entry));
                continue;
            }
            yaml_node_pair_t *only = entry->data.mapping.pairs.start;
            struct zone_row *row = zone_add(
                zone, name, scalar_text(yaml_document_get_node(document, only->key)));
            zone_fill(document, row, yaml_document_get_node(document, only->value));
        }
        free(name);
    }
}

static bool row_is(const struct zone_row *row, const char *name, const char *type)
{
    return strcmp(row->name, name) == 0 && strcmp(row->type, type) == 0;
}

static const struct zone_row *zone_find(const struct zone *zone, const char *name,
                                        const char *type)
{
    for (size_t i = 0; i < zone->row_count; i++) {
        if (row_is(&zone->rows[i], name, type)) {
            return &zone->rows[i];
        }
    }
    return NULL;
}

/* SPF entries stand for TXT ones unless the name has its own. */
static const char *type_name(const struct zone *zone, const char *name,
                             enum dns_type type)
{
    switch (type) {
    case DNS_TXT:
        return zone_find(zone, name, "TXT") != NULL ? "TXT" : "SPF";
    case DNS_MX:
        return "MX";
    case DNS_PTR:
        return "PTR";
    case DNS_AAAA:
        return "AAAA";
    default:
        return "A";
    }
}

static void add_record(struct zone_answer *entry, const struct zone_row *row)
{
    struct dns_record *record = &entry->records[entry->answer.record_count];
    static uint8_t addresses[4000][16];
    static size_t next;
    if (strcmp(row->data, "NONE") == 0) {
        return;
    }
    record->data = row->data;
    record->data_len = row->len;
    record->preference = row->preference;
    if (row->type[0] == 'A') {
        uint8_t *address = addresses[next++ % 4000];
        record->data_len = row->type[1] == '\0' ? 4 : 16;
        int family = row->type[1] == '\0' ? AF_INET : AF_INET6;
        int is_parsed = inet_pton(family, row->data, address);
        assert(is_parsed == 1);
        (void)is_parsed;
        record->data = (const char *)address;
    }
    entry->answer.record_count++;
    assert(entry->answer.record_count < RECORDS_MAX);
}

static void answer_fill(const struct zone *zone, struct zone_answer *entry)
{
    const char *name = entry->name;
    const struct zone_row *alias;
    for (int hops = 0; hops < 8 && (alias = zone_find(zone, name, "CNAME")) != NULL;
         hops++) {
        name = alias->data;
    }
    const char *type = type_name(zone, name, entry->type);
    bool is_known = false;
    for (size_t i = 0; i < zone->row_count; i++) {
        is_known = is_known || strcmp(zone->rows[i].name, name) == 0;
        if (row_is(&zone->rows[i], name, type)) {
            add_record(entry, &zone->rows[i]);
        }
    }
    entry->answer.records = entry->records;
    if (entry->answer.record_count > 0) {
        entry->answer.status = DNS_OK;
    } else if (zone_find(zone, name, "TIMEOUT") != NULL) {
        entry->answer.status = DNS_TIMEOUT;
    } else {
        entry->answer.status = is_known ? DNS_NODATA : DNS_NXDOMAIN;
    }
}

static const struct dns_answer *zone_get(void *arg, const char *name, enum dns_type type)
{
    struct zone *zone = arg;
    for (size_t i = 0; i < zone->answer_count; i++) {
        struct zone_answer *entry = zone->answers[i];
        if (entry->type == type && strcmp(entry->name, name) == 0) {
            return entry->round < zone->round ? &entry->answer : NULL;
        }
    }
    assert(zone->answer_count < ANSWERS_MAX);
    struct zone_answer *entry = calloc(1, sizeof *entry);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->type = type;
    entry->round = zone->round;
    answer_fill(zone, entry);
    zone->answers[zone->answer_count++] = entry;
    return NULL;
}

static void zone_forget(struct zone *zone)
{
    for (size_t i = 0; i < zone->answer_count; i++) {
        free(zone->answers[i]);
    }
    zone->answer_count = 0;
    zone->round = 0;
}

static bool is_expected(yaml_document_t *document, const yaml_node_t *expected,
                        const char *result)
{
    if (expected->type == YAML_SCALAR_NODE) {
        return strcmp(scalar_text(expected), result) == 0;
    }
    for (yaml_node_item_t *item = expected->data.sequence.items.start;
         item < expected->data.sequence.items.top; item++) {
        if (strcmp(scalar_text(yaml_document_get_node(document, *item)), result) == 0) {
            return true;
        }
    }
    return false;
}

static bool is_explained(const yaml_node_t *explanation, const char *text)
{
    if (explanation == NULL) {
        return true;
    }
    const char *expected = scalar_text(explanation);
    return strcmp(strcmp(expected, "DEFAULT") == 0 ? "" : expected, text) == 0;
}

static void run_case(struct zone *zone, yaml_document_t *document, const char *id,
                     const yaml_node_t *test)
{
    struct spf_sender sender = {.helo = scalar_text(member(document, test, "helo")),
                                .mail_from =
                                    scalar_text(member(document, test, "mailfrom")),
                                .time = 1000000000};
    const char *host = scalar_text(member(document, test, "host"));
    struct spf_verdict verdict;
    sender.ip_len = strchr(host, ':') != NULL ? 16 : 4;
    assert_int_equal(inet_pton(sender.ip_len == 16 ? AF_INET6 : AF_INET, host, sender.ip),
                     1);
    do {
        zone->round++;
        spf_check_host(&sender, &zone->lookup, &verdict);
    } while (verdict.result == SPF_RESULT_PENDING && zone->round < 100);
    zone_forget(zone);
    counts.run++;
    if (!is_expected(document, member(document, test, "result"),
                     spf_result_text(verdict.result)) ||
        !is_explained(member(document, test, "explanation"), verdict.explanation)) {
        counts.failed++;
        print_error("%s: %s (%s) '%s'\n", id, spf_result_text(verdict.result),
                    verdict.reason, verdict.explanation);
    }
}

static void run_scenario(yaml_document_t *document)
{
    static struct zone zone;
    const yaml_node_t *root = yaml_document_get_root_node(document);
    const yaml_node_t *tests = member(document, root, "tests");
    zone.lookup = (struct lookup){zone_get, &zone};
    zone.row_count = 0;
    zone_load(&zone, document, member(document, root, "zonedata"));
    for (yaml_node_pair_t *pair = tests->data.mapping.pairs.start;
         pair < tests->data.mapping.pairs.top; pair++) {
        run_case(&zone, document,
                 scalar_text(yaml_document_get_node(document, pair->key)),
                 yaml_document_get_node(document, pair->value));
    }
    for (size_t i = 0; i < zone.row_count; i++) {
        free(zone.rows[i].data);
    }
}

static void check_host_gives_the_results_of_the_public_suite(void **state)
{
    size_t len = 0;
    (void)state;
    unsigned char *text = read_as_utf8(cases_path(), &len);
    assert_non_null(text);
    yaml_parser_t parser;
    yaml_document_t document;
    assert_true(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, text, len);
    while (yaml_parser_load(&parser, &document) &&
           yaml_document_get_root_node(&document) != NULL) {
        run_scenario(&document);
        yaml_document_delete(&document);
    }
    yaml_document_delete(&document);
    assert_int_equal(parser.error, YAML_NO_ERROR);
    yaml_parser_delete(&parser);
    free(text);
    print_message("%u cases, %u failed\n", counts.run, counts.failed);
    assert_int_equal(counts.failed, 0);
    assert_true(counts.run >= PART_CASES || getenv("MAILCENSUS_SPF_CASES") != NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check_host_gives_the_results_of_the_public_suite),
    };
    const char *no_skip = getenv("MAILCENSUS_NO_SKIP");
    if (access(cases_path(), R_OK) != 0 &&
        (no_skip == NULL || strcmp(no_skip, "1") != 0)) {
        fprintf(stderr, "SKIPPED: cannot read %s\n", cases_path());
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
