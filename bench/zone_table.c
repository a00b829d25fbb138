#include "bench/zone_table.h"

#include "bench/zone_sets.h"
#include "scanner/classify/span.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NAME_MAX_BYTES 1024

struct zone_table {
    struct zone_sets sets;
};

static struct zone_set *find_or_add(struct zone_table *table, const char *name,
                                    enum dns_type type)
{
    struct zone_set *set = zone_sets_find(&table->sets, name, type);
    return set != NULL ? set : zone_sets_add(&table->sets, name, type);
}

/* The names above exist too: an empty non-terminal answers NODATA (RFC 8020). */
static void note_names(struct zone_table *table, const char *name)
{
    while (name != NULL && zone_sets_find(&table->sets, name, DNS_NONE) == NULL) {
        zone_sets_add(&table->sets, name, DNS_NONE);
        name = strchr(name, '.');
        name = name != NULL ? name + 1 : NULL;
    }
}

static void make_absolute(const char *text, const char *origin, char name[NAME_MAX_BYTES])
{
    size_t len = strlen(text);
    if (strcmp(text, "@") == 0) {
        snprintf(name, NAME_MAX_BYTES, "%s", origin);
    } else if (strcmp(text, ".") == 0) {
        snprintf(name, NAME_MAX_BYTES, ".");
    } else if (text[len - 1] == '.') {
        snprintf(name, NAME_MAX_BYTES, "%.*s", (int)(len - 1), text);
    } else {
        snprintf(name, NAME_MAX_BYTES, "%s.%s", text, origin);
    }
    for (char *c = name; *c != '\0'; c++) {
        *c = ascii_lower(*c);
    }
}

/* The strings of a TXT joined, \DDD and \X decoded, in place. */
static size_t join_strings(char *data)
{
    char *out = data;
    bool is_inside = false;
    for (const char *in = data; *in != '\0'; in++) {
        if (*in == '"') {
            is_inside = !is_inside;
        } else if (*in == '\\' && isdigit((unsigned char)in[1])) {
            *out++ = (char)((in[1] - '0') * 100 + (in[2] - '0') * 10 + in[3] - '0');
            in += 3;
        } else if (*in == '\\') {
            *out++ = *++in;
        } else if (is_inside) {
            *out++ = *in;
        }
    }
    *out = '\0';
    return (size_t)(out - data);
}

static const struct {
    const char *text;
    enum dns_type type;
} TYPES[] = {{"A", DNS_A},     {"AAAA", DNS_AAAA},   {"MX", DNS_MX},  {"NS", DNS_NS},
             {"TXT", DNS_TXT}, {"CNAME", DNS_CNAME}, {"PTR", DNS_PTR}};

static enum dns_type type_of(const char *text)
{
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (strcmp(text, TYPES[i].text) == 0) {
            return TYPES[i].type;
        }
    }
    return DNS_NONE; /* SOA, HINFO and the like: the name exists, that is all */
}

static void fill_record(struct dns_record *record, enum dns_type type, char *data,
                        const char *origin)
{
    char bytes[NAME_MAX_BYTES] = "";
    size_t len = type == DNS_A ? 4 : 16;
    if (type == DNS_TXT) {
        len = join_strings(data);
    } else if (type == DNS_A || type == DNS_AAAA) {
        inet_pton(type == DNS_A ? AF_INET : AF_INET6, data, bytes);
    } else {
        record->preference = type == DNS_MX ? (uint16_t)strtoul(data, &data, 10) : 0;
        make_absolute(data + strspn(data, " "), origin, bytes);
        len = strlen(bytes);
    }
    char *copy = calloc(1, len + 1);
    if (copy == NULL) {
        abort();
    }
    memcpy(copy, type == DNS_TXT ? data : bytes, len);
    record->data = copy;
    record->data_len = (uint16_t)len;
}

static void add_record(struct zone_table *table, const char *owner, enum dns_type type,
                       char *data, const char *origin)
{
    struct zone_set *set = find_or_add(table, owner, type);
    size_t count = set->answer.record_count;
    struct dns_record *records = reallocarray(set->records, count + 1, sizeof *records);
    if (records == NULL) {
        abort();
    }
    records[count] = (struct dns_record){NULL, 0, 0};
    fill_record(&records[count], type, data, origin);
    set->records = records;
    set->answer = (struct dns_answer){.status = DNS_OK,
                                      .trust = DNS_INSECURE,
                                      .ttl = 3600,
                                      .record_count = (uint16_t)(count + 1),
                                      .records = records};
}

static void read_line(struct zone_table *table, char *line, char origin[NAME_MAX_BYTES])
{
    char owner[NAME_MAX_BYTES];
    char *rest = line;
    line[strcspn(line, "\n")] = '\0';
    const char *name = strsep(&rest, " ");
    const char *type_text = strsep(&rest, " ");
    if (type_text == NULL || strcmp(name, "$TTL") == 0) {
        return;
    }
    if (strcmp(name, "$ORIGIN") == 0) {
        make_absolute(type_text, "", origin);
        return;
    }
    if (name[strlen(name) - 1] == '.') {
        return; /* a delegation or its glue: a zone's own names are relative to it */
    }
    make_absolute(name, origin, owner);
    note_names(table, owner);
    enum dns_type type = type_of(type_text);
    if (rest != NULL && type != DNS_NONE) {
        add_record(table, owner, type, rest, origin);
    }
}

static int read_zone(struct zone_table *table, const char *path)
{
    char *line = NULL;
    size_t capacity = 0;
    char origin[NAME_MAX_BYTES] = "";
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return -errno;
    }
    while (getline(&line, &capacity, file) > 0) {
        read_line(table, line, origin);
    }
    free(line);
    fclose(file);
    return 0;
}

int zone_table_open(struct zone_table **table, const char *path)
{
    char pattern[4096];
    glob_t files;
    int rc = 0;
    snprintf(pattern, sizeof pattern, "%s/*/*", path);
    if (glob(pattern, 0, NULL, &files) != 0) {
        return -ENOENT;
    }
    *table = calloc(1, sizeof **table);
    if (*table == NULL) {
        abort();
    }
    zone_sets_init(&(*table)->sets);
    for (size_t i = 0; rc == 0 && i < files.gl_pathc; i++) {
        rc = read_zone(*table, files.gl_pathv[i]);
    }
    globfree(&files);
    if (rc != 0) {
        zone_table_free(*table);
    }
    return rc;
}

/* The set that answers name: its own, a CNAME's, or a wildcard's (RFC 4592). */
static const struct zone_set *match(const struct zone_table *table, const char *name,
                                    enum dns_type type)
{
    const struct zone_set *set = zone_sets_find(&table->sets, name, type);
    if (set == NULL) {
        set = zone_sets_find(&table->sets, name, DNS_CNAME);
    }
    char wildcard[NAME_MAX_BYTES + 2];
    for (const char *dot = strchr(name, '.');
         set == NULL && dot != NULL &&
         zone_sets_find(&table->sets, name, DNS_NONE) == NULL;
         dot = strchr(dot + 1, '.')) {
        snprintf(wildcard, sizeof wildcard, "*%s", dot);
        set = zone_sets_find(&table->sets, wildcard, type);
        if (set != NULL || zone_sets_find(&table->sets, dot + 1, DNS_NONE) != NULL) {
            break; /* the closest name that exists decides */
        }
    }
    return set;
}

/* What a question comes to, kept for the next time it is asked. */
static struct zone_set *resolve(struct zone_table *table, const char *name,
                                enum dns_type type)
{
    const char *cnames[ZONE_CNAMES_MAX];
    uint16_t cname_count = 0;
    const struct zone_set *found = match(table, name, type);
    const char *last = name;
    while (found != NULL && found->type == DNS_CNAME && type != DNS_CNAME &&
           cname_count < ZONE_CNAMES_MAX) {
        last = cnames[cname_count++] = found->records[0].data;
        found = match(table, last, type);
    }
    bool is_there = found != NULL && found->type == type;
    bool does_exist = is_there || zone_sets_find(&table->sets, last, DNS_NONE) != NULL;
    struct zone_set *set = zone_sets_add(&table->sets, name, type);
    set->is_borrowed = true;
    set->answer.status = does_exist ? DNS_NODATA : DNS_NXDOMAIN;
    if (is_there) {
        set->answer = found->answer;
    }
    set->answer.trust = DNS_INSECURE;
    memcpy(set->cnames, cnames, cname_count * sizeof cnames[0]);
    set->answer.cnames = set->cnames;
    set->answer.cname_count = cname_count;
    return set;
}

const struct dns_answer *zone_table_get(struct zone_table *table, const char *name,
                                        enum dns_type type)
{
    struct zone_set *set = zone_sets_find(&table->sets, name, type);
    return &(set != NULL ? set : resolve(table, name, type))->answer;
}

void zone_table_free(struct zone_table *table)
{
    zone_sets_close(&table->sets);
    free(table);
}
