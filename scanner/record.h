/* One record: everything known of one input line as one JSON object and its newline, keys
 * always present and in the contract's order.
 */
#ifndef SCANNER_RECORD_H
#define SCANNER_RECORD_H

#include "output/json.h"
#include "scanner/survey.h"

#define RECORD_SCHEMA "mailcensus/1.0"

enum record_status {
    RECORD_OK,            /* every due question answered */
    RECORD_PARTIAL,       /* some lookup or fetch ended without an answer */
    RECORD_ERROR,         /* none of the domain's own questions answered */
    RECORD_INVALID_INPUT, /* no domain name; reason tells why */
    RECORD_EXCLUDED,      /* not to be scanned; reason tells why */
    RECORD_STATUS_COUNT
};

struct record_head {
    uint64_t line;
    struct span input;
    bool has_tag;
    struct span tag;
    const char *domain;         /* NULL where there is none */
    const char *domain_unicode; /* NULL where there is none */
    int64_t scanned_at_ms;      /* since 1970 */
    double duration_ms;
    enum record_status status;
    const char *reason; /* NULL with ok, partial and error */
    const char *engine; /* of the resolver; NULL where nothing was asked */
};

const char *record_status_text(enum record_status status);

/* What the answers came to. Of a concluded survey. */
enum record_status record_status_of(const struct survey *survey);

/* Of a concluded survey, or survey NULL for lines that are not surveyed. */
void record_write(struct json *json, const struct record_head *head,
                  const struct survey *survey);

#endif
