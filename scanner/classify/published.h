/* What a receiver sees of one protocol in the TXT answer at its name: nothing, one
 * record, several, or no answer at all. The RFCs discard strings by a version filter
 * before anything else (RFC 7208 4.5, RFC 9989 4.10, RFC 8461 3.1, RFC 8460 3); what the
 * filter discards although somebody clearly meant it is a near miss.
 */
#ifndef SCANNER_CLASSIFY_PUBLISHED_H
#define SCANNER_CLASSIFY_PUBLISHED_H

#include "resolver/resolver.h"
#include "scanner/classify/span.h"

#define PUBLISHED_RECORDS_MAX 20

enum deployment {
    DEPLOYMENT_NOT_CHECKED,
    DEPLOYMENT_ABSENT,
    DEPLOYMENT_PRESENT,
    DEPLOYMENT_MULTIPLE,
    DEPLOYMENT_TEMP_ERROR
};

enum validity { VALIDITY_NONE, VALIDITY_VALID, VALIDITY_INVALID };

enum version_match { VERSION_OTHER, VERSION_COUNTS, VERSION_NEAR_MISS };
typedef enum version_match version_filter(struct span text);

struct published {
    enum deployment deployment;
    struct span record; /* the one that counts; len 0 unless DEPLOYMENT_PRESENT */
    size_t record_count;
    /* Those that count and the near misses, sorted by bytes (a shorter prefix first),
     * each text once; of more than PUBLISHED_RECORDS_MAX the least ones. */
    struct span records[PUBLISHED_RECORDS_MAX];
    size_t near_miss_count;
    struct span near_misses[PUBLISHED_RECORDS_MAX]; /* same order */
};

/* answer NULL or DNS_NOT_CHECKED: DEPLOYMENT_NOT_CHECKED. A failed lookup:
 * DEPLOYMENT_TEMP_ERROR. The spans borrow from the answer. */
void published_select(const struct dns_answer *answer, version_filter *filter,
                      struct published *published);

const char *deployment_text(enum deployment deployment); /* "not_checked" … */
const char *validity_text(enum validity validity);       /* NULL, "valid", "invalid" */

#endif
