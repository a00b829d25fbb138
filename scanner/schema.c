#include "scanner/schema.h"

#include <errno.h>

#define TIME_PATTERN "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{3}Z$"

static void key_text(struct json *json, const char *key, const char *text)
{
    json_key(json, key);
    json_text(json, text);
}

static void write_type(struct json *json, const struct schema_field *field)
{
    static const char *const types[] = {
        [SCHEMA_TEXT] = "string",   [SCHEMA_TIME] = "string",  [SCHEMA_ENUM] = "string",
        [SCHEMA_BOOL] = "boolean",  [SCHEMA_UINT] = "integer", [SCHEMA_NUMBER] = "number",
        [SCHEMA_OBJECT] = "object",
    };
    json_key(json, "type");
    if (!field->is_nullable) {
        json_text(json, types[field->type]);
        return;
    }
    json_array_begin(json);
    json_text(json, types[field->type]);
    json_text(json, "null");
    json_array_end(json);
}

static void write_enum(struct json *json, const struct schema_field *field)
{
    char buffer[SCHEMA_VALUE_LEN];
    const char *text;
    json_key(json, "enum");
    json_array_begin(json);
    for (unsigned i = 0; (text = field->value(i, buffer)) != NULL; i++) {
        json_text(json, text);
    }
    if (field->is_nullable) {
        json_null_value(json);
    }
    json_array_end(json);
}

static void write_fields(struct json *json, const struct schema_field *fields);

/* What a single value must be, inside an open object. As deep as the table is. */
static void write_value(struct json *json, const struct schema_field *field)
{
    write_type(json, field);
    switch (field->type) {
    case SCHEMA_TIME:
        key_text(json, "format", "date-time");
        key_text(json, "pattern", TIME_PATTERN);
        break;
    case SCHEMA_ENUM:
        write_enum(json, field);
        break;
    case SCHEMA_UINT:
    case SCHEMA_NUMBER:
        json_key(json, "minimum");
        json_uint(json, 0);
        break;
    case SCHEMA_OBJECT:
        write_fields(json, field->fields);
        break;
    default:
        break;
    }
}

static void write_field(struct json *json, const struct schema_field *field)
{
    json_key(json, field->key);
    json_object_begin(json);
    if (field->is_list) {
        key_text(json, "type", "array");
        if (field->type == SCHEMA_ENUM) {
            json_key(json, "uniqueItems"); /* codes stand once each */
            json_bool(json, true);
        }
        json_key(json, "items");
        json_object_begin(json);
        write_value(json, field);
        json_object_end(json);
    } else {
        write_value(json, field);
    }
    json_object_end(json);
}

static void write_fields(struct json *json, const struct schema_field *fields)
{
    json_key(json, "properties");
    json_object_begin(json);
    for (const struct schema_field *field = fields; field->key != NULL; field++) {
        write_field(json, field);
    }
    json_object_end(json);
    json_key(json, "required");
    json_array_begin(json);
    for (const struct schema_field *field = fields; field->key != NULL; field++) {
        json_text(json, field->key);
    }
    json_array_end(json);
    json_key(json, "additionalProperties");
    json_bool(json, false);
}

void schema_write(struct json *json)
{
    json_object_begin(json);
    key_text(json, "$schema", "https://json-schema.org/draft/2020-12/schema");
    key_text(json, "title", "A record of mailcensus scan");
    key_text(json, "description",
             "One input line. Keys stand in the order of \"required\".");
    key_text(json, "type", "object");
    write_fields(json, SCHEMA_RECORD);
    json_object_end(json);
    json_newline(json);
}

/* Names are quoted: some of them ("all") are words of SQL. Enums stay text, so that a new
 * code does not make old queries fail. */
static void write_column_type(FILE *out, const struct schema_field *field)
{
    static const char *const types[] = {
        [SCHEMA_TEXT] = "VARCHAR", [SCHEMA_TIME] = "TIMESTAMP",
        [SCHEMA_ENUM] = "VARCHAR", [SCHEMA_BOOL] = "BOOLEAN",
        [SCHEMA_UINT] = "BIGINT",  [SCHEMA_NUMBER] = "DOUBLE",
    };
    if (field->type == SCHEMA_OBJECT) {
        const char *separator = "STRUCT(";
        for (const struct schema_field *inner = field->fields; inner->key != NULL;
             inner++) {
            fprintf(out, "%s\"%s\" ", separator, inner->key);
            write_column_type(out, inner);
            separator = ", ";
        }
        fputc(')', out);
    } else {
        fputs(types[field->type], out);
    }
    if (field->is_list) {
        fputs("[]", out);
    }
}

void schema_write_columns(FILE *out)
{
    const char *separator = "columns={";
    for (const struct schema_field *field = SCHEMA_RECORD; field->key != NULL; field++) {
        fprintf(out, "%s'%s': '", separator, field->key);
        write_column_type(out, field);
        fputc('\'', out);
        separator = ",\n  ";
    }
    fputs("}\n", out);
}

int schema_print(FILE *out, bool as_columns)
{
    struct json json;
    int rc = 0;
    if (as_columns) {
        schema_write_columns(out);
    } else {
        json_init(&json);
        schema_write(&json);
        rc = json.failed ? -ENOMEM : 0;
        fwrite(json.text, 1, rc == 0 ? json.len : 0, out);
        json_close(&json);
    }
    return fflush(out) != 0 || ferror(out) ? -EIO : rc;
}
