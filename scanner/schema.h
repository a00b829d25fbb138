/* What a record looks like, as a table in the contract's order, and that table printed as
 * a JSON Schema or as DuckDB's columns argument.
 *
 * Table and writer (record*.c) cannot drift apart because tests/test_schema.c walks
 * records of every kind against the table in both directions: each key written stands in
 * the table at that place with that type, and each key of the table was written, with a
 * value and, where it is nullable, with null. The writer is not driven by the table: half
 * of it would be functions that fetch one value each. Enums are not typed again: they
 * come from the *_text functions that the writer uses.
 */
#ifndef SCANNER_SCHEMA_H
#define SCANNER_SCHEMA_H

#include "output/json.h"

#include <stdio.h>

enum schema_type {
    SCHEMA_TEXT,
    SCHEMA_TIME, /* RFC 3339 UTC with milliseconds and Z */
    SCHEMA_ENUM,
    SCHEMA_BOOL,
    SCHEMA_UINT,
    SCHEMA_NUMBER, /* not below 0 */
    SCHEMA_OBJECT
};

#define SCHEMA_VALUE_LEN 96

/* The index-th value of an enum, in text or elsewhere; NULL past the last. */
typedef const char *schema_value(unsigned index, char text[SCHEMA_VALUE_LEN]);

struct schema_field {
    const char *key; /* NULL ends a table */
    enum schema_type type;
    bool is_list; /* a list of such values; never nullable */
    bool is_nullable;
    schema_value *value;               /* SCHEMA_ENUM */
    const struct schema_field *fields; /* SCHEMA_OBJECT */
};

extern const struct schema_field SCHEMA_RECORD[];

/* JSON Schema 2020-12: closed objects, every key required, closed enums. */
void schema_write(struct json *json);
/* The argument columns={…} of DuckDB's read_json. */
void schema_write_columns(FILE *out);

/* What `mailcensus schema` prints: 0 or -errno. */
int schema_print(FILE *out, bool as_columns) __attribute__((warn_unused_result));

#endif
