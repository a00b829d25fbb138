/* JSON text into a growing buffer. What comes out is always valid JSON in valid UTF-8
 * without control characters, whatever bytes go in.
 *
 *   json_reset(&json);
 *   json_object_begin(&json);
 *   json_key(&json, "domain"); json_text(&json, "example.org");
 *   json_object_end(&json);
 *   json_newline(&json);
 *   if (json.failed) …            out of memory or wrong nesting: sticky until json_reset
 *
 * Commas are the writer's business.
 */
#ifndef OUTPUT_JSON_H
#define OUTPUT_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX 64

struct json {
    char *text; /* owned; not NUL-terminated */
    size_t len, capacity;
    bool failed;
    bool comma;       /* the next value or key needs one before it */
    bool value_due;   /* a key stands without its value */
    uint8_t depth;    /* open objects and arrays */
    uint64_t objects; /* bit n: what is open at depth n is an object */
};

void json_init(struct json *json);
void json_reset(struct json *json); /* keeps the memory */
void json_close(struct json *json);

void json_object_begin(struct json *json);
void json_object_end(struct json *json);
void json_array_begin(struct json *json);
void json_array_end(struct json *json);
/* key: a literal of ours, ASCII without escapes. */
void json_key(struct json *json, const char *key);
void json_null_value(struct json *json);
void json_bool(struct json *json, bool value);
void json_int(struct json *json, int64_t value);
void json_uint(struct json *json, uint64_t value);
/* Up to 3 decimals; not finite = null. */
void json_number(struct json *json, double value);
/* Foreign bytes: what is not well-formed UTF-8 becomes \DDD (written \\DDD in JSON);
 * control characters, DEL, C1, U+FEFF, U+2028/9 and bidi controls become \uXXXX. */
void json_bytes(struct json *json, const char *bytes, size_t len);
/* The same, NUL-terminated; NULL = null. */
void json_text(struct json *json, const char *text);
/* Ends a record; outside of objects and arrays only. */
void json_newline(struct json *json);

#endif
