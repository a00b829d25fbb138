/* MTA-STS records, and host names against them as patterns. The first line is the record
 * or pattern, the rest a host. */
#include "scanner/classify/mta_sts.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static void check_record(struct span text)
{
    static struct defects defects;
    struct mta_sts_record record;
    defects_clear(&defects);
    mta_sts_parse(text, &record, &defects);
    bool has_bad_id = defects_has(&defects, MTA_STS_ID_MISSING) ||
                      defects_has(&defects, MTA_STS_ID_INVALID);
    require(has_bad_id == (record.id.len == 0) && record.id.len <= 32);
    for (size_t i = 0; i < defects.count; i++) {
        require(mta_sts_code_text(defects.list[i].code) != NULL);
        require(defects.list[i].detail.len <= text.len);
    }
    require(mta_sts_version(text) != VERSION_COUNTS || span_starts(text, "v=STSv1;"));
}

static void check_match(struct span pattern, struct span host)
{
    static struct suffix_list *suffixes;
    char name[1024];
    if (host.len >= sizeof name) {
        return;
    }
    if (suffixes == NULL) {
        suffixes = suffix_list_open(NULL);
        require(suffixes != NULL);
    }
    memcpy(name, host.ptr, host.len);
    name[host.len] = '\0';
    mta_sts_mx_matches(pattern, name);
    enum mx_mismatch kind = mta_sts_mismatch("example.com", name, &pattern, 1, suffixes);
    require(mx_mismatch_text(kind) != NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct span host = {(const char *)data, size};
    struct span text;
    bool more = true;
    if (size == 0) {
        return 0;
    }
    check_record(host);
    span_cut(&host, '\n', &text, &more);
    check_match(text, host);
    return 0;
}
