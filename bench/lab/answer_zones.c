#include "bench/lab/answer_zones.h"

#include <errno.h>
#include <libzscanner/scanner.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <xxhash.h>

enum {
    RECORD_HEAD = 12, /* owner, type, class, TTL, length */
    ARENA_UNIT = 8,   /* a node's place is counted in these */
    LAYERS_MAX = 8,
};
#define ARENA_BYTES_MAX                                                                  \
    ((size_t)16 << 30) /* address space; pages come as they are used */

struct slot {
    uint32_t hash, place; /* place 0: free */
};

/* A record as read; owner and data are offsets into the batch's bytes. */
struct entry {
    uint32_t owner, data, data_len, ttl, number;
    uint16_t type;
    uint8_t owner_len;
};

/* The records of the zone that is being read. */
struct batch {
    struct entry *entries;
    size_t count, size;
    uint8_t *bytes;
    size_t len, bytes_size;
};

struct zones {
    uint8_t *arena;
    size_t len;
    struct slot *slots;
    size_t slot_count, used; /* slot_count is a power of two */
    unsigned layer_count;
    struct batch batch;
    const char *path; /* of the file that is being read */
};

void answer_die(const char *subject, const char *why)
{
    fprintf(stderr, "lab-answer: %s: %s\n", subject, why);
    exit(1);
}

static void *resized(void *memory, size_t bytes)
{
    void *more = realloc(memory, bytes);
    if (more == NULL) {
        answer_die("memory", strerror(ENOMEM));
    }
    return more;
}

static void *map_memory(size_t bytes)
{
    void *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
        answer_die("memory", strerror(errno));
    }
    (void)madvise(memory, bytes,
                  MADV_HUGEPAGE); /* lookups are random: fewer TLB misses */
    return memory;
}

static void lower(uint8_t *name, size_t len)
{
    for (size_t i = 0; i < len; i++) { /* a label's length is below 'A' */
        name[i] |= (uint8_t)(name[i] >= 'A' && name[i] <= 'Z' ? 0x20 : 0);
    }
}

/* ---- the table of names ---- */

static uint32_t hash_of(const uint8_t *name, size_t len)
{
    return (uint32_t)XXH3_64bits(name, len);
}

static struct node *node_at(const struct zones *zones, uint32_t place)
{
    return (struct node *)(void *)(zones->arena + (size_t)place * ARENA_UNIT);
}

const struct node *node_apex(const struct zones *zones, const struct node *node)
{
    return node_at(zones, node->apex);
}

static bool has_name(const struct node *node, const uint8_t *name, size_t len)
{
    return node->name_len == len && memcmp(node->name, name, len) == 0;
}

/* The slot of that node; of a free one where it would be. */
static struct slot *slot_of(const struct zones *zones, unsigned layer,
                            const uint8_t *name, size_t len)
{
    uint32_t hash = hash_of(name, len);
    for (size_t i = hash;; i++) {
        struct slot *slot = &zones->slots[i & (zones->slot_count - 1)];
        if (slot->place == 0) {
            return slot;
        }
        const struct node *node = node_at(zones, slot->place);
        if (slot->hash == hash && node->layer == layer && has_name(node, name, len)) {
            return slot;
        }
    }
}

const struct node *zones_find(const struct zones *zones, int layer, const uint8_t *name,
                              size_t len)
{
    const struct node *found = NULL;
    uint32_t hash = hash_of(name, len);
    for (size_t i = hash;; i++) {
        const struct slot *slot = &zones->slots[i & (zones->slot_count - 1)];
        if (slot->place == 0) {
            return found;
        }
        const struct node *node = node_at(zones, slot->place);
        if (slot->hash != hash || !has_name(node, name, len)) {
            continue;
        }
        if (layer == node->layer) {
            return node;
        }
        if (layer == ANY_LAYER && (node->flags & NODE_IS_BELOW_CUT) == 0 &&
            (found == NULL || node->layer > found->layer)) {
            found = node;
        }
    }
}

const struct record_set *node_find(const struct node *node, unsigned type)
{
    size_t at = (sizeof *node + node->name_len + 3) & ~(size_t)3;
    for (unsigned i = 0; i < node->set_count; i++) {
        const struct record_set *set = (const void *)((const uint8_t *)node + at);
        if (set->type == type) {
            return set;
        }
        at += (sizeof *set + set->len + 3) & ~(size_t)3;
    }
    return NULL;
}

static void grow_slots(struct zones *zones)
{
    struct slot *old = zones->slots;
    size_t old_count = zones->slot_count;
    zones->slot_count = old_count > 0 ? old_count * 2 : (size_t)1 << 16;
    zones->slots = map_memory(zones->slot_count * sizeof *zones->slots);
    for (size_t i = 0; i < old_count; i++) {
        size_t at = old[i].hash;
        if (old[i].place == 0) {
            continue;
        }
        while (zones->slots[at & (zones->slot_count - 1)].place != 0) {
            at++;
        }
        zones->slots[at & (zones->slot_count - 1)] = old[i];
    }
    if (old != NULL) {
        munmap(old, old_count * sizeof *old);
    }
}

/* ---- writing nodes ---- */

static void *add_bytes(struct zones *zones, const void *bytes, size_t len)
{
    void *at = zones->arena + zones->len;
    if (len > ARENA_BYTES_MAX - zones->len) {
        answer_die(zones->path, "more zones than fit");
    }
    if (len > 0) {
        memcpy(at, bytes, len);
    }
    zones->len += len;
    return at;
}

static void align(struct zones *zones, size_t to)
{
    static const uint8_t zeros[ARENA_UNIT];
    add_bytes(zones, zeros, (to - zones->len % to) % to);
}

/* Does another zone of the layer have that name already, and rightly? */
static bool is_taken(const struct zones *zones, uint32_t place, uint32_t apex)
{
    return place != 0 && node_apex(zones, node_at(zones, place))->name_len >
                             node_at(zones, apex)->name_len;
}

/* A new node without record sets, in place of one of that name; NULL: it is taken. The
 * apex has apex 0. */
static struct node *add_node(struct zones *zones, uint32_t apex, const uint8_t *name,
                             size_t len)
{
    if (zones->used * 2 >= zones->slot_count) {
        grow_slots(zones);
    }
    struct slot *slot = slot_of(zones, zones->layer_count, name, len);
    if (apex != 0 && is_taken(zones, slot->place, apex)) {
        return NULL;
    }
    align(zones, ARENA_UNIT);
    zones->used += slot->place == 0;
    *slot = (struct slot){hash_of(name, len), (uint32_t)(zones->len / ARENA_UNIT)};
    const struct node head = {.apex = apex != 0 ? apex : slot->place,
                              .layer = (uint8_t)zones->layer_count,
                              .name_len = (uint8_t)len};
    struct node *node = add_bytes(zones, &head, sizeof head);
    add_bytes(zones, name, len);
    return node;
}

static void add_record(struct zones *zones, const struct entry *entry)
{
    const struct batch *batch = &zones->batch;
    const uint8_t head[RECORD_HEAD] = {0xc0,
                                       12,
                                       (uint8_t)(entry->type >> 8),
                                       (uint8_t)entry->type,
                                       0,
                                       1,
                                       (uint8_t)(entry->ttl >> 24),
                                       (uint8_t)(entry->ttl >> 16),
                                       (uint8_t)(entry->ttl >> 8),
                                       (uint8_t)entry->ttl,
                                       (uint8_t)(entry->data_len >> 8),
                                       (uint8_t)entry->data_len};
    add_bytes(zones, head, sizeof head);
    add_bytes(zones, batch->bytes + entry->data, entry->data_len);
}

static bool is_same_owner(const struct batch *batch, const struct entry *a,
                          const struct entry *b)
{
    return a->owner_len == b->owner_len &&
           memcmp(batch->bytes + a->owner, batch->bytes + b->owner, a->owner_len) == 0;
}

static bool is_same_data(const struct batch *batch, const struct entry *a,
                         const struct entry *b)
{
    return a->data_len == b->data_len &&
           memcmp(batch->bytes + a->data, batch->bytes + b->data, a->data_len) == 0;
}

/* Entries first to end are of one owner and type. A record that is there twice counts once
 * (RFC 2181, 5). */
static void add_set(struct zones *zones, size_t first, size_t end)
{
    const struct batch *batch = &zones->batch;
    align(zones, 4);
    const struct record_set head = {.type = batch->entries[first].type};
    struct record_set *set = add_bytes(zones, &head, sizeof head);
    for (size_t i = first; i < end; i++) {
        size_t earlier = first;
        while (!is_same_data(batch, &batch->entries[earlier], &batch->entries[i])) {
            earlier++;
        }
        if (earlier == i) {
            add_record(zones, &batch->entries[i]);
            set->count++;
        }
    }
    set->len = (uint32_t)(zones->arena + zones->len - set->bytes);
}

/* Writes the node of the owner whose entries begin at first; returns where they end. */
static size_t add_owner(struct zones *zones, uint32_t apex, size_t first)
{
    const struct batch *batch = &zones->batch;
    const struct entry *entry = &batch->entries[first];
    size_t end = first;
    while (end < batch->count && is_same_owner(batch, entry, &batch->entries[end])) {
        end++;
    }
    struct node *node =
        add_node(zones, apex, batch->bytes + entry->owner, entry->owner_len);
    for (size_t i = first; i < end && node != NULL;) {
        size_t next = i;
        while (next < end && batch->entries[next].type == batch->entries[i].type) {
            next++;
        }
        if (batch->entries[i].type == TYPE_NS && first > 0) {
            node->flags |= NODE_IS_CUT;
        }
        add_set(zones, i, next);
        node->set_count++;
        i = next;
    }
    return end;
}

/* Makes the nodes between the apex and an owner, and tells owner and parent what they are.
 */
static void settle_owner(struct zones *zones, uint32_t apex, const struct entry *entry)
{
    const uint8_t *name = zones->batch.bytes + entry->owner;
    size_t starts[NAME_BYTES_MAX], count = 0;
    for (size_t at = 0; entry->owner_len - at > node_at(zones, apex)->name_len;
         at += name[at] + 1U) {
        starts[count++] = at;
    }
    struct node *parent = node_at(zones, apex);
    bool is_below_cut = false;
    while (count-- > 0) {
        const uint8_t *tail = name + starts[count];
        size_t len = entry->owner_len - starts[count];
        const struct slot *slot = slot_of(zones, zones->layer_count, tail, len);
        struct node *node = node_at(zones, slot->place);
        if (slot->place == 0 || node->apex != apex) {
            node = add_node(zones, apex, tail, len);
        }
        if (node == NULL) {
            return; /* another zone's */
        }
        node->flags |= is_below_cut ? NODE_IS_BELOW_CUT : 0;
        is_below_cut |= (node->flags & NODE_IS_CUT) != 0;
        parent->flags |= tail[0] == 1 && tail[1] == '*' ? NODE_HAS_WILDCARD : 0;
        parent = node;
    }
}

/* ---- reading ---- */

static const struct batch *sorted; /* qsort() hands nothing through */

/* The apex is the shortest name. */
static int by_owner_and_type(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;
    if (a->owner_len != b->owner_len) {
        return a->owner_len < b->owner_len ? -1 : 1;
    }
    int order = memcmp(sorted->bytes + a->owner, sorted->bytes + b->owner, a->owner_len);
    if (order != 0) {
        return order;
    }
    if (a->type != b->type) {
        return a->type < b->type ? -1 : 1;
    }
    return a->number < b->number ? -1 : 1;
}

/* Writes the zone that was read. */
static void end_zone(struct zones *zones)
{
    struct batch *batch = &zones->batch;
    if (batch->count == 0) {
        return;
    }
    sorted = batch;
    qsort(batch->entries, batch->count, sizeof *batch->entries, by_owner_and_type);
    align(zones, ARENA_UNIT);
    uint32_t apex = (uint32_t)(zones->len / ARENA_UNIT);
    for (size_t at = add_owner(zones, 0, 0); at < batch->count;) {
        at = add_owner(zones, apex, at);
    }
    for (size_t i = 0; i < batch->count; i++) {
        if (i == 0 || !is_same_owner(batch, &batch->entries[i - 1], &batch->entries[i])) {
            settle_owner(zones, apex, &batch->entries[i]);
        }
    }
    batch->count = batch->len = 0;
}

static uint32_t batch_add(struct batch *batch, const uint8_t *bytes, size_t len)
{
    if (batch->len + len > batch->bytes_size) {
        batch->bytes_size = (batch->bytes_size + len) * 2;
        batch->bytes = resized(batch->bytes, batch->bytes_size);
    }
    memcpy(batch->bytes + batch->len, bytes, len);
    batch->len += len;
    return (uint32_t)(batch->len - len);
}

static bool is_name_type(unsigned type)
{
    return type == TYPE_NS || type == TYPE_CNAME || type == TYPE_MX;
}

static void on_record(zs_scanner_t *scanner)
{
    struct zones *zones = scanner->process.data;
    struct batch *batch = &zones->batch;
    if (scanner->r_type == TYPE_SOA) {
        end_zone(zones);
    } else if (batch->count == 0) {
        answer_die(zones->path, "does not begin with a SOA record");
    }
    if (batch->count == batch->size) {
        batch->size = batch->size * 2 + 64;
        batch->entries = resized(batch->entries, batch->size * sizeof *batch->entries);
    }
    lower(scanner->r_owner, scanner->r_owner_length);
    if (is_name_type(scanner->r_type)) { /* an MX preference has no letter in the lab */
        size_t skipped = scanner->r_type == TYPE_MX ? 2 : 0;
        lower(scanner->r_data + skipped, scanner->r_data_length - skipped);
    }
    batch->entries[batch->count] = (struct entry){
        .owner = batch_add(batch, scanner->r_owner, scanner->r_owner_length),
        .data = batch_add(batch, scanner->r_data, scanner->r_data_length),
        .data_len = scanner->r_data_length,
        .ttl = scanner->r_ttl,
        .number = (uint32_t)batch->count,
        .type = scanner->r_type,
        .owner_len = (uint8_t)scanner->r_owner_length};
    batch->count++;
}

static void on_error(zs_scanner_t *scanner)
{
    const struct zones *zones = scanner->process.data;
    fprintf(stderr, "lab-answer: %s:%llu: %s\n", zones->path,
            (unsigned long long)scanner->line_counter, zs_strerror(scanner->error.code));
    exit(1);
}

unsigned zones_load(struct zones *zones, const char *path)
{
    zs_scanner_t *scanner = resized(NULL, sizeof *scanner); /* some 200 KiB */
    if (zones->layer_count == LAYERS_MAX) {
        answer_die(path, "too many groups of servers");
    }
    zones->path = path;
    if (zs_init(scanner, ".", 1, 3600) != 0 || zs_set_input_file(scanner, path) != 0 ||
        zs_set_processing(scanner, on_record, on_error, zones) != 0 ||
        zs_parse_all(scanner) != 0) {
        answer_die(path, zs_strerror(scanner->error.code));
    }
    end_zone(zones);
    zs_deinit(scanner);
    free(scanner);
    free(zones->batch.entries);
    free(zones->batch.bytes);
    zones->batch = (struct batch){0};
    return zones->layer_count++;
}

void zones_forward(struct zones *zones, const char *name)
{
    uint8_t wire[NAME_BYTES_MAX] = {0};
    size_t len = 0;
    for (const char *at = name; *at != '\0';) {
        size_t label_len = strcspn(at, ".");
        if (label_len > 63 || len + label_len + 2 > sizeof wire) {
            answer_die(name, "is no name");
        }
        wire[len++] = (uint8_t)label_len;
        memcpy(wire + len, at, label_len);
        len += label_len;
        at += label_len + (at[label_len] == '.');
    }
    struct node *node = (struct node *)zones_find(zones, ANY_LAYER, wire, len + 1);
    if (node == NULL ||
        (node_apex(zones, node) != node && (node->flags & NODE_IS_CUT) == 0)) {
        answer_die(name, "is no zone here, nor delegated from here");
    }
    node->flags |= NODE_IS_FORWARDED;
}

struct zones *zones_open(void)
{
    struct zones *zones = resized(NULL, sizeof *zones);
    *zones = (struct zones){.arena = map_memory(ARENA_BYTES_MAX), .len = ARENA_UNIT};
    grow_slots(zones);
    return zones;
}

void zones_free(struct zones *zones)
{
    munmap(zones->arena, ARENA_BYTES_MAX);
    munmap(zones->slots, zones->slot_count * sizeof *zones->slots);
    free(zones);
}
