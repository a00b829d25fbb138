/* check_host() over worlds read from standard input, one result a line: the half of the
 * differential test that is ours (check_host.py is the other).
 *
 *   world                                    a new world: forgets all rows
 *   rr     NAME TYPE STATUS VALUE...         TYPE "any" answers what has no row of its own
 *   query  IP HELO MAIL_FROM                 prints "RESULT LOOKUPS VOID_LOOKUPS REASON"
 *
 * Fields are separated by tabs and hold none. NAME is spelt as the resolver spells it.
 * Answers come one round late, as they do in the program.
 */
#include "scanner/classify/spf.h"
#include "tests/table_lookup.h"

#include <errno.h>

#define ROWS_MAX 512
#define FIELDS_MAX (TABLE_VALUES_MAX + 4)

struct world {
    size_t row_count;
    struct table_row rows[ROWS_MAX];
    char *lines[ROWS_MAX]; /* owned: what the rows point into */
};

static void fail(const char *what, const char *text)
{
    fprintf(stderr, "check_host_table: %s: '%s'\n", what, text);
    exit(2);
}

static enum dns_type type_of(const char *text)
{
    static const struct {
        const char *text;
        enum dns_type type;
    } TYPES[] = {{"any", DNS_NONE}, {"A", DNS_A},     {"AAAA", DNS_AAAA},
                 {"MX", DNS_MX},    {"PTR", DNS_PTR}, {"TXT", DNS_TXT}};
    for (size_t i = 0; i < sizeof TYPES / sizeof TYPES[0]; i++) {
        if (strcmp(text, TYPES[i].text) == 0) {
            return TYPES[i].type;
        }
    }
    fail("no type", text);
    return DNS_NONE;
}

static enum dns_status status_of(const char *text)
{
    for (enum dns_status status = DNS_OK; status <= DNS_CNAME_LOOP; status++) {
        if (strcmp(text, dns_status_text(status)) == 0) {
            return status;
        }
    }
    fail("no status", text);
    return DNS_NOT_CHECKED;
}

static size_t cut_fields(char *line, char *fields[FIELDS_MAX])
{
    size_t count = 0;
    char *rest = line;
    while (rest != NULL) {
        if (count == FIELDS_MAX) {
            fail("too many fields", line);
        }
        fields[count++] = strsep(&rest, "\t");
    }
    return count;
}

static void world_clear(struct world *world)
{
    for (size_t i = 0; i < world->row_count; i++) {
        free(world->lines[i]);
    }
    world->row_count = 0;
}

static void world_add(struct world *world, const char *line)
{
    char *fields[FIELDS_MAX];
    char *copy = strdup(line);
    if (copy == NULL || world->row_count == ROWS_MAX) {
        fail("no room for", line);
    }
    size_t count = cut_fields(copy, fields);
    if (count < 4) {
        fail("too few fields", line);
    }
    struct table_row *row = &world->rows[world->row_count];
    *row = (struct table_row){
        .name = fields[1], .type = type_of(fields[2]), .status = status_of(fields[3])};
    memcpy(row->values, fields + 4, (count - 4) * sizeof fields[0]);
    world->lines[world->row_count++] = copy;
}

static void set_ip(struct spf_sender *sender, const char *text)
{
    sender->ip_len = strchr(text, ':') != NULL ? 16 : 4;
    if (inet_pton(sender->ip_len == 16 ? AF_INET6 : AF_INET, text, sender->ip) != 1) {
        fail("no address", text);
    }
}

static void answer_query(const struct world *world, char *line)
{
    char *fields[FIELDS_MAX];
    struct table_lookup table;
    struct spf_sender sender = {.time = 0};
    struct spf_verdict verdict;
    if (cut_fields(line, fields) != 4) {
        fail("no query", line);
    }
    set_ip(&sender, fields[1]);
    sender.helo = fields[2];
    sender.mail_from = fields[3];
    table_lookup_init(&table, world->rows, world->row_count);
    table.is_late = true;
    do {
        spf_check_host(&sender, &table.lookup, &verdict);
    } while (verdict.result == SPF_RESULT_PENDING && table_lookup_next_round(&table));
    table_lookup_close(&table);
    printf("%s %u %u %s\n", spf_result_text(verdict.result), verdict.lookups,
           verdict.void_lookups, verdict.reason);
}

int main(void)
{
    static struct world world;
    char *line = NULL;
    size_t capacity = 0;
    ssize_t len;
    while ((len = getline(&line, &capacity, stdin)) > 0) {
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "world") == 0) {
            world_clear(&world);
        } else if (strncmp(line, "rr\t", 3) == 0) {
            world_add(&world, line);
        } else if (strncmp(line, "query\t", 6) == 0) {
            answer_query(&world, line);
        } else {
            fail("no command", line);
        }
    }
    world_clear(&world);
    free(line);
    return 0;
}
