/* A DNS made of foreign text, for the fuzz targets of SPF: which line of the input a
 * name's TXT records, mail hosts and reverse names are depends on the name asked.
 */
#ifndef TESTS_FUZZ_SPF_WORLD_H
#define TESTS_FUZZ_SPF_WORLD_H

#include "scanner/classify/spf.h"

#include <stdint.h>
#include <stdlib.h>

#define WORLD_LINES_MAX 16
#define WORLD_ANSWERS_MAX 1024

struct world_answer {
    uint32_t hash;
    unsigned round; /* first asked in */
    struct dns_answer answer;
    struct dns_record records[12];
};

struct world {
    size_t line_count, count;
    unsigned round;
    struct span lines[WORLD_LINES_MAX];
    struct world_answer answers[WORLD_ANSWERS_MAX];
};

static inline void require(bool holds)
{
    if (!holds) {
        abort();
    }
}

static inline uint32_t world_hash(const char *name, enum dns_type type)
{
    uint32_t hash = (uint32_t)type * 2654435761U;
    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    }
    return hash ^ hash >> 15;
}

static inline void world_begin(struct world *world, struct span text)
{
    bool more = true;
    struct span line;
    world->count = world->line_count = 0;
    world->round = 0;
    while (world->line_count < WORLD_LINES_MAX && span_cut(&text, '\n', &line, &more)) {
        world->lines[world->line_count++] = line;
    }
}

static inline void world_fill(const struct world *world, struct world_answer *entry,
                              enum dns_type type)
{
    static const char *const NAMES[] = {"a.test", ".", "b.a.test", "x\\032y.test",
                                        "c.example.org"};
    uint32_t hash = entry->hash;
    size_t count = type == DNS_TXT ? 1 + (hash % 16 == 0) : hash % 13;
    entry->answer = (struct dns_answer){.status = DNS_OK, .records = entry->records};
    for (size_t i = 0; i < count; i++) {
        struct span line = world->lines[(hash / 16 + i) % world->line_count];
        struct dns_record *record = &entry->records[i];
        record->preference = (uint16_t)(hash >> (i & 7));
        record->data = NAMES[(hash + i) % 5];
        record->data_len = (uint16_t)strlen(record->data);
        if (type == DNS_TXT) {
            record->data = line.ptr;
            record->data_len = (uint16_t)(line.len < 65535 ? line.len : 65535);
        } else if (type == DNS_A || type == DNS_AAAA) {
            static const uint8_t ADDRESSES[32] = {192, 0, 2, 1, 192, 0, 2, 2};
            record->data = (const char *)ADDRESSES + (hash + i) % 16;
            record->data_len = type == DNS_A ? 4 : 16;
        }
    }
    entry->answer.record_count = (uint16_t)count;
    if (count == 0) {
        entry->answer.status = hash % 2 == 0 ? DNS_NODATA : DNS_NXDOMAIN;
    } else if (hash % 32 == 5) {
        entry->answer = (struct dns_answer){.status = DNS_TIMEOUT};
    }
}

/* Every answer is late: it is there in the round after the one it is asked in. */
static inline const struct dns_answer *world_get(void *arg, const char *name,
                                                 enum dns_type type)
{
    struct world *world = arg;
    size_t len = strlen(name);
    require(len > 0 && len < SPF_NAME_MAX && strspn(name, " \t\r\n") == 0);
    uint32_t hash = world_hash(name, type);
    for (size_t i = 0; i < world->count; i++) {
        if (world->answers[i].hash == hash) {
            bool is_there = world->answers[i].round < world->round;
            return is_there ? &world->answers[i].answer : NULL;
        }
    }
    require(world->count < WORLD_ANSWERS_MAX);
    struct world_answer *entry = &world->answers[world->count++];
    entry->hash = hash;
    entry->round = world->round;
    world_fill(world, entry, type);
    return NULL;
}

#endif
