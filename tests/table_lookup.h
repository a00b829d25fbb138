/* A struct lookup over a table of rows, for tests of pure code.
 *
 *   static const struct table_row ROWS[] = {
 *       {"example.org", DNS_TXT, DNS_OK, {"v=spf1 mx -all"}},
 *       {"example.org", DNS_MX, DNS_OK, {"10 mx1.example.org", "20 mx2.example.org"}},
 *       {"mx1.example.org", DNS_A, DNS_OK, {"192.0.2.1"}, {"mx.elsewhere.example"}},
 *       {"slow.example", DNS_NONE, DNS_TIMEOUT},
 *   };
 *   struct table_lookup table;
 *   table_lookup_init(&table, ROWS, sizeof ROWS / sizeof ROWS[0]);
 *   do {
 *       thing_classify("example.org", &table.lookup, &thing);
 *   } while (!thing.is_done && table_lookup_next_round(&table));
 *   table_lookup_close(&table);
 *
 * Rules: rows outlive the table. A row of type DNS_NONE answers every type not given for
 * that name. A name that has rows answers DNS_NODATA for its other types; a name without
 * any answers `unknown` (DNS_NXDOMAIN after init; DNS_NOT_CHECKED means NULL for ever).
 * With is_late set, a question is answered NULL in the round it is first asked in, which
 * is how the program behaves; asked[] keeps all questions in the order of their first
 * asking. lookup.arg points at the table: it must not be moved.
 */
#ifndef TESTS_TABLE_LOOKUP_H
#define TESTS_TABLE_LOOKUP_H

#include "scanner/classify/lookup.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TABLE_VALUES_MAX 40
#define TABLE_CNAMES_MAX 4
#define TABLE_ASKED_MAX 512

struct table_row {
    const char *name;
    enum dns_type type;
    enum dns_status status;
    /* TXT: the text; A, AAAA: the address; MX: "PREFERENCE NAME"; else the name. */
    const char *values[TABLE_VALUES_MAX];
    const char *cnames[TABLE_CNAMES_MAX];
};

struct table_answer {
    char name[256];
    enum dns_type type;
    unsigned round; /* first asked in */
    struct dns_answer answer;
    struct dns_record records[TABLE_VALUES_MAX];
    uint8_t addresses[TABLE_VALUES_MAX][16];
};

struct table_lookup {
    struct lookup lookup; /* hand this on */
    const struct table_row *rows;
    size_t row_count;
    enum dns_status unknown;
    bool is_late;
    unsigned round;
    bool has_news; /* a question was asked for the first time in this round */
    size_t asked_count;
    struct table_answer *asked[TABLE_ASKED_MAX];
};

static inline void table_lookup_fill_record(struct table_answer *entry, size_t index,
                                            const char *value)
{
    struct dns_record *record = &entry->records[index];
    int family = entry->type == DNS_A ? AF_INET : AF_INET6;
    record->data = value;
    if (entry->type == DNS_A || entry->type == DNS_AAAA) {
        int is_parsed = inet_pton(family, value, entry->addresses[index]);
        assert(is_parsed == 1);
        (void)is_parsed;
        record->data = (const char *)entry->addresses[index];
        record->data_len = entry->type == DNS_A ? 4 : 16;
        return;
    }
    if (entry->type == DNS_MX) {
        char *end;
        record->preference = (uint16_t)strtoul(value, &end, 10);
        assert(*end == ' ');
        record->data = end + 1;
    }
    assert(strlen(record->data) <= UINT16_MAX);
    record->data_len = (uint16_t)strlen(record->data);
}

static inline const struct table_row *table_lookup_row(const struct table_lookup *table,
                                                       const char *name,
                                                       enum dns_type type, bool *is_known)
{
    const struct table_row *any = NULL;
    *is_known = false;
    for (size_t i = 0; i < table->row_count; i++) {
        const struct table_row *row = &table->rows[i];
        if (strcmp(row->name, name) != 0) {
            continue;
        }
        *is_known = true;
        if (row->type == type) {
            return row;
        }
        any = row->type == DNS_NONE ? row : any;
    }
    return any;
}

static inline void table_lookup_fill(const struct table_lookup *table,
                                     struct table_answer *entry)
{
    bool is_known;
    const struct table_row *row =
        table_lookup_row(table, entry->name, entry->type, &is_known);
    entry->answer.records = entry->records;
    if (row == NULL) {
        entry->answer.status = is_known ? DNS_NODATA : table->unknown;
        return;
    }
    entry->answer.status = row->status;
    entry->answer.ttl = row->status == DNS_OK ? 3600 : 0;
    entry->answer.cnames = row->cnames;
    for (size_t i = 0; i < TABLE_CNAMES_MAX && row->cnames[i] != NULL; i++) {
        entry->answer.cname_count++;
    }
    for (size_t i = 0; i < TABLE_VALUES_MAX && row->values[i] != NULL; i++) {
        table_lookup_fill_record(entry, i, row->values[i]);
        entry->answer.record_count++;
    }
}

static inline struct table_answer *
table_lookup_enter(struct table_lookup *table, const char *name, enum dns_type type)
{
    struct table_answer *entry = calloc(1, sizeof *entry);
    assert(entry != NULL && table->asked_count < TABLE_ASKED_MAX);
    assert(strlen(name) < sizeof entry->name);
    snprintf(entry->name, sizeof entry->name, "%s", name);
    entry->type = type;
    entry->round = table->round;
    table_lookup_fill(table, entry);
    table->asked[table->asked_count++] = entry;
    table->has_news = true;
    return entry;
}

static inline struct table_answer *table_lookup_find(const struct table_lookup *table,
                                                     const char *name, enum dns_type type)
{
    for (size_t i = 0; i < table->asked_count; i++) {
        if (table->asked[i]->type == type && strcmp(table->asked[i]->name, name) == 0) {
            return table->asked[i];
        }
    }
    return NULL;
}

static inline const struct dns_answer *table_lookup_get(void *arg, const char *name,
                                                        enum dns_type type)
{
    struct table_lookup *table = arg;
    struct table_answer *entry = table_lookup_find(table, name, type);
    if (entry == NULL) {
        entry = table_lookup_enter(table, name, type);
    }
    if (table->is_late && entry->round == table->round) {
        return NULL;
    }
    return entry->answer.status == DNS_NOT_CHECKED ? NULL : &entry->answer;
}

static inline void table_lookup_init(struct table_lookup *table,
                                     const struct table_row *rows, size_t row_count)
{
    memset(table, 0, sizeof *table);
    table->lookup = (struct lookup){table_lookup_get, table};
    table->rows = rows;
    table->row_count = row_count;
    table->unknown = DNS_NXDOMAIN;
}

/* The questions of the last round now have answers; false when none was new, so that
 * another run would end the same. */
static inline bool table_lookup_next_round(struct table_lookup *table)
{
    bool has_news = table->has_news;
    table->has_news = false;
    table->round++;
    return has_news;
}

static inline bool table_lookup_was_asked(const struct table_lookup *table,
                                          const char *name, enum dns_type type)
{
    return table_lookup_find(table, name, type) != NULL;
}

static inline void table_lookup_close(struct table_lookup *table)
{
    for (size_t i = 0; i < table->asked_count; i++) {
        free(table->asked[i]);
    }
    table->asked_count = 0;
}

#endif
