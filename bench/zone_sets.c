#include "bench/zone_sets.h"

#include <stdlib.h>
#include <string.h>

static uint32_t hash_of(const char *name, enum dns_type type)
{
    uint32_t hash = 2166136261U ^ (uint32_t)type;
    for (; *name != '\0'; name++) {
        hash = (hash ^ (unsigned char)*name) * 16777619U;
    }
    return hash ^ hash >> 15;
}

static struct zone_slot *slot_of(const struct zone_sets *sets, uint32_t hash,
                                 const char *name, enum dns_type type)
{
    size_t at = hash & (sets->slot_count - 1);
    for (;; at = (at + 1) & (sets->slot_count - 1)) {
        struct zone_slot *slot = &sets->slots[at];
        if (slot->set == NULL || (slot->hash == hash && slot->set->type == type &&
                                  strcmp(slot->set->name, name) == 0)) {
            return slot;
        }
    }
}

struct zone_set *zone_sets_find(const struct zone_sets *sets, const char *name,
                                enum dns_type type)
{
    return slot_of(sets, hash_of(name, type), name, type)->set;
}

static struct zone_slot *make_slots(size_t count)
{
    struct zone_slot *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        abort();
    }
    return slots;
}

static void grow(struct zone_sets *sets)
{
    struct zone_slot *before = sets->slots;
    size_t before_count = sets->slot_count;
    sets->slot_count *= 2;
    sets->slots = make_slots(sets->slot_count);
    for (size_t i = 0; i < before_count; i++) {
        const struct zone_set *set = before[i].set;
        if (set != NULL) {
            *slot_of(sets, before[i].hash, set->name, set->type) = before[i];
        }
    }
    free(before);
}

struct zone_set *zone_sets_add(struct zone_sets *sets, const char *name,
                               enum dns_type type)
{
    size_t len = strlen(name);
    struct zone_set *set = calloc(1, sizeof *set + len + 1);
    if (set == NULL) {
        abort();
    }
    if (2 * ++sets->count >= sets->slot_count) {
        grow(sets);
    }
    set->type = type;
    memcpy(set->name, name, len + 1);
    uint32_t hash = hash_of(name, type);
    *slot_of(sets, hash, name, type) = (struct zone_slot){hash, set};
    return set;
}

void zone_sets_init(struct zone_sets *sets)
{
    *sets = (struct zone_sets){.slot_count = 1024};
    sets->slots = make_slots(sets->slot_count);
}

void zone_sets_close(struct zone_sets *sets)
{
    for (size_t slot = 0; slot < sets->slot_count; slot++) {
        struct zone_set *set = sets->slots[slot].set;
        for (size_t i = 0;
             set != NULL && !set->is_borrowed && i < set->answer.record_count; i++) {
            free((char *)set->records[i].data);
        }
        free(set == NULL || set->is_borrowed ? NULL : set->records);
        free(set);
    }
    free(sets->slots);
}
