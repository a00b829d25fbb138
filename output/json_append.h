/* What json.c and json_string.c share. */
#ifndef OUTPUT_JSON_APPEND_H
#define OUTPUT_JSON_APPEND_H

#include <stddef.h>

#include "output/json.h"

/* A value stands after a key, in an array, or alone in its line; writes the comma it
 * needs. */
void json_value_begin(struct json *json);
/* As they stand; nothing once json->failed. */
void json_append(struct json *json, const char *bytes, size_t len);
void json_append_char(struct json *json, char byte);

#endif
