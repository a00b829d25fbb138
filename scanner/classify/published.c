#include "scanner/classify/published.h"

static int compare(struct span a, struct span b)
{
    size_t len = a.len < b.len ? a.len : b.len;
    int order = len > 0 ? memcmp(a.ptr, b.ptr, len) : 0;
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

/* Keeps the PUBLISHED_RECORDS_MAX least texts in order, each once: an RRset holds no
 * record twice (RFC 2181 5), whatever a server sends. */
static void insert(struct span *list, size_t *count, struct span text)
{
    size_t at = *count;
    while (at > 0 && compare(list[at - 1], text) > 0) {
        at--;
    }
    if (at == PUBLISHED_RECORDS_MAX || (at > 0 && compare(list[at - 1], text) == 0)) {
        return;
    }
    size_t kept = *count < PUBLISHED_RECORDS_MAX ? *count : PUBLISHED_RECORDS_MAX - 1;
    memmove(&list[at + 1], &list[at], (kept - at) * sizeof *list);
    list[at] = text;
    *count = kept + 1;
}

static enum deployment judge(const struct dns_answer *answer, size_t counted)
{
    if (!dns_is_answered(answer->status)) {
        return DEPLOYMENT_TEMP_ERROR;
    }
    if (counted == 0) {
        return DEPLOYMENT_ABSENT;
    }
    return counted == 1 ? DEPLOYMENT_PRESENT : DEPLOYMENT_MULTIPLE;
}

void published_select(const struct dns_answer *answer, version_filter *filter,
                      struct published *published)
{
    struct span counting[PUBLISHED_RECORDS_MAX];
    size_t counted = 0;
    *published = (struct published){.deployment = DEPLOYMENT_NOT_CHECKED};
    if (answer == NULL || answer->status == DNS_NOT_CHECKED) {
        return;
    }
    size_t total = answer->status == DNS_OK ? answer->record_count : 0;
    for (size_t i = 0; i < total; i++) {
        struct span text = {answer->records[i].data, answer->records[i].data_len};
        enum version_match match = text.len > 0 ? filter(text) : VERSION_OTHER;
        if (match == VERSION_COUNTS) {
            insert(counting, &counted, text);
        } else if (match == VERSION_NEAR_MISS) {
            insert(published->near_misses, &published->near_miss_count, text);
        }
    }
    published->deployment = judge(answer, counted);
    if (published->deployment == DEPLOYMENT_PRESENT) {
        published->record = counting[0];
    }
    memcpy(published->records, counting, counted * sizeof counting[0]);
    published->record_count = counted;
    for (size_t i = 0; i < published->near_miss_count; i++) {
        insert(published->records, &published->record_count, published->near_misses[i]);
    }
}

const char *deployment_text(enum deployment deployment)
{
    static const char *const TEXTS[] = {
        [DEPLOYMENT_NOT_CHECKED] = "not_checked", [DEPLOYMENT_ABSENT] = "absent",
        [DEPLOYMENT_PRESENT] = "present",         [DEPLOYMENT_MULTIPLE] = "multiple",
        [DEPLOYMENT_TEMP_ERROR] = "temp_error",
    };
    return TEXTS[deployment];
}

const char *validity_text(enum validity validity)
{
    static const char *const TEXTS[] = {
        [VALIDITY_NONE] = NULL,
        [VALIDITY_VALID] = "valid",
        [VALIDITY_INVALID] = "invalid",
    };
    return TEXTS[validity];
}
