#include "scanner/memo.h"

#include <string.h>

static const struct dns_answer given_up = {.status = DNS_NOT_CHECKED};

void memo_init(struct memo *memo, struct arena *arena)
{
    memo->arena = arena;
    memo->count = 0;
}

/* FNV-1a: a filter before strcmp over at most MEMO_MAX short names. */
static uint32_t hash_of(const char *name, enum dns_type type)
{
    uint32_t hash = 2166136261u ^ (uint32_t)type;
    for (const char *c = name; *c != '\0'; c++) {
        hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    return hash;
}

struct memo_entry *memo_find(const struct memo *memo, const char *name,
                             enum dns_type type)
{
    uint32_t hash = hash_of(name, type);
    for (uint32_t i = 0; i < memo->count; i++) {
        struct memo_entry *entry = memo->entries[i];
        if (entry->hash == hash && entry->type == type &&
            strcmp(entry->name, name) == 0) {
            return entry;
        }
    }
    return NULL;
}

struct memo_entry *memo_add(struct memo *memo, const char *name, enum dns_type type)
{
    if (memo->count == MEMO_MAX) {
        return NULL;
    }
    struct memo_entry *entry = arena_take(memo->arena, sizeof *entry);
    char *copy = arena_copy(memo->arena, name, strlen(name));
    if (entry == NULL || copy == NULL) {
        return NULL;
    }
    *entry = (struct memo_entry){.hash = hash_of(name, type), .type = type, .name = copy};
    memo->entries[memo->count++] = entry;
    return entry;
}

static bool copy_records(struct arena *arena, const struct dns_answer *from,
                         struct dns_answer *to)
{
    struct dns_record *records = arena_take(arena, from->record_count * sizeof *records);
    if (records == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->record_count; i++) {
        records[i] = from->records[i];
        records[i].data =
            arena_copy(arena, from->records[i].data, from->records[i].data_len);
        if (records[i].data == NULL) {
            return false;
        }
    }
    to->records = records;
    return true;
}

static bool copy_cnames(struct arena *arena, const struct dns_answer *from,
                        struct dns_answer *to)
{
    const char **cnames = arena_take(arena, from->cname_count * sizeof *cnames);
    if (cnames == NULL) {
        return false;
    }
    for (size_t i = 0; i < from->cname_count; i++) {
        cnames[i] = arena_copy(arena, from->cnames[i], strlen(from->cnames[i]));
        if (cnames[i] == NULL) {
            return false;
        }
    }
    to->cnames = cnames;
    return true;
}

void memo_store(struct memo *memo, struct memo_entry *entry,
                const struct dns_answer *answer)
{
    struct dns_answer *copy = arena_take(memo->arena, sizeof *copy);
    entry->answer = &given_up;
    if (copy == NULL) {
        return;
    }
    *copy = *answer;
    if (copy_records(memo->arena, answer, copy) &&
        copy_cnames(memo->arena, answer, copy)) {
        entry->answer = copy;
    }
}
