/* Members of a JSON object that must be there and of their type: what checkpoint.c and
 * checkpoint_totals.c read run.json with. The first fault sticks, as a clause.
 */
#ifndef SCANNER_CHECKPOINT_JSON_H
#define SCANNER_CHECKPOINT_JSON_H

#include "scanner/checkpoint.h"

#include <jansson.h>

struct checkpoint_json {
    int rc; /* 0 or -errno */
    char *error;
};

void checkpoint_fault(struct checkpoint_json *json, const char *key, const char *what);
/* NULL when it is none: then a fault was noted. object may be NULL. */
json_t *checkpoint_object(struct checkpoint_json *json, const json_t *object,
                          const char *key);
json_t *checkpoint_array(struct checkpoint_json *json, const json_t *object,
                         const char *key);
/* Not negative; 0 when it is none. */
uint64_t checkpoint_uint(struct checkpoint_json *json, const json_t *object,
                         const char *key);
/* "" when it is none. */
const char *checkpoint_text(struct checkpoint_json *json, const json_t *object,
                            const char *key);
/* The same, NULL where the file says null. */
const char *checkpoint_text_or_null(struct checkpoint_json *json, const json_t *object,
                                    const char *key);
/* 64 hexadecimal digits in lower case. */
void checkpoint_sha256(struct checkpoint_json *json, const json_t *object,
                       const char *key, char hex[DIGEST_HEX_LEN]);

/* run.json's "totals", "dns" and "https". */
void checkpoint_totals(struct checkpoint_json *json, const json_t *root,
                       struct totals_counts *counts);

#endif
