/* DMARC records, one a line; together they are also what the names above
 * a.b.example.co.uk, and the hosts that get reports, answer in turn. */
#include "scanner/classify/dmarc.h"

#include <stdint.h>
#include <stdlib.h>

#define NAMES_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
    struct span rest;
    bool more;
    size_t count;
    char names[NAMES_MAX][300];
    struct dns_record records[NAMES_MAX];
    struct dns_answer answers[NAMES_MAX];
};

static void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

/* Every name gets the next line, and the same one when it is asked again. */
static const struct dns_answer *answer(void *arg, const char *name, enum dns_type type)
{
    struct world *world = arg;
    require(type == DNS_TXT && strlen(name) <= 253);
    for (size_t i = 0; i < world->count; i++) {
        if (strcmp(world->names[i], name) == 0) {
            return &world->answers[i];
        }
    }
    require(world->count < NAMES_MAX);
    size_t at = world->count++;
    struct span line = {"", 0};
    strcpy(world->names[at], name);
    span_cut(&world->rest, '\n', &line, &world->more);
    world->records[at] = (struct dns_record){
        .data = line.ptr, .data_len = (uint16_t)(line.len < 65535 ? line.len : 65535)};
    world->answers[at] = (struct dns_answer){
        .status = line.len > 0 ? DNS_OK : DNS_NODATA,
        .record_count = line.len > 0,
        .records = &world->records[at],
    };
    if (line.len == 1 && line.ptr[0] == '!') {
        world->answers[at].status = DNS_TIMEOUT;
    }
    return &world->answers[at];
}

static void check_record(struct span text, struct dmarc_record *record)
{
    static struct defects defects;
    defects_clear(&defects);
    dmarc_version(text);
    dmarc_parse(text, record, &defects);
    require(record->rua_count <= DMARC_URIS_MAX && record->ruf_count <= DMARC_URIS_MAX);
    require(record->pct >= -1 && record->pct <= 100);
    for (size_t i = 0; i < defects.count; i++) {
        require(dmarc_code_text(defects.list[i].code) != NULL);
    }
    bool is_bad =
        defects_has(&defects, DMARC_P_MISSING) || defects_has(&defects, DMARC_P_INVALID);
    require(is_bad == (record->p == DMARC_POLICY_NULL));
    require(defects_has(&defects, DMARC_NO_RUA) == (record->rua_count == 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct suffix_list *suffixes;
    static struct world world;
    struct dmarc_record record;
    struct dmarc_discovery discovery;
    struct dmarc_external externals[DMARC_URIS_MAX];
    size_t count;
    if (suffixes == NULL) {
        suffixes = suffix_list_open(NULL);
        require(suffixes != NULL);
    }
    world.rest = (struct span){(const char *)data, size};
    world.more = size > 0;
    world.count = 0;
    struct lookup lookup = {answer, &world};
    check_record(world.rest, &record);
    const char *domain = "a.b.example.co.uk";
    dmarc_discover(domain, suffix_organizational(suffixes, domain), size % 2 == 0,
                   &lookup, &discovery);
    require(discovery.is_done && world.count <= 8);
    require(discovery.rfc9989.policy == DMARC_POLICY_NULL ||
            discovery.rfc9989.found_at[0] != '\0');
    require(dmarc_externals("a.b.example.co.uk", &record, &lookup, suffixes, externals,
                            &count));
    return 0;
}
