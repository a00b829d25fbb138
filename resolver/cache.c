#include "resolver/cache.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/question_hash.h"

#define POSITIVE_MOST_S 86400U
#define NEGATIVE_MOST_S 10800U
#define FAILURE_S 5U

#define UNIT 8U                         /* entries begin at multiples of it */
#define BYTES_MOST (UINT64_C(16) << 30) /* places are counted in units, in 32 bits */
/* An entry has 100 and more: most buckets are empty, and a question that is not there costs
 * one look into memory. */
#define BYTES_PER_BUCKET 32U
#define CHANCES_MAX 3
/* Rounds of the ring are not run in one go when everything in it was found lately. */
#define MOVES_MAX 64

/* Behind it: the records, the CNAMEs' pointers, the name asked for, then the text of
 * each record and CNAME with a NUL. */
struct entry {
    uint32_t len;  /* bytes of all this, a multiple of UNIT */
    uint32_t next; /* older one of its bucket: place in units + 1; 0 = there is none */
    uint32_t hash;
    uint32_t written_s;
    uint32_t expires_s;
    uint32_t ttl;
    uint32_t negative_ttl;
    uint16_t type;
    uint16_t record_count;
    uint8_t cname_count;
    uint8_t name_len;
    uint8_t status;
    uint8_t trust;
    uint8_t chances;  /* to be written again */
    bool is_replaced; /* in no bucket any more */
};

_Static_assert(sizeof(struct entry) % _Alignof(struct dns_record) == 0 &&
                   sizeof(struct dns_record) % _Alignof(char *) == 0,
               "arrays follow one another");
_Static_assert(PACKET_CNAMES_MAX <= UINT8_MAX && PACKET_RECORDS_MAX <= UINT16_MAX,
               "counts fit");

/* What is written reaches from tail to head, or, once head has begun anew, from tail to
 * lap_end and from 0 to head. */
struct cache {
    uint64_t seed;
    uint8_t *ring;
    size_t room;
    size_t tail;
    size_t head;
    size_t lap_end;
    bool has_lapped;
    uint32_t bucket_mask;
    uint32_t buckets[]; /* newest first */
};

/* ---- entries ---- */

static struct dns_record *entry_records(struct entry *entry)
{
    return (struct dns_record *)(entry + 1);
}

static const char **entry_cnames(struct entry *entry)
{
    return (const char **)(entry_records(entry) + entry->record_count);
}

static char *entry_name(struct entry *entry)
{
    return (char *)(entry_cnames(entry) + entry->cname_count);
}

/* The pointers, to where the texts are now. */
static void entry_point(struct entry *entry)
{
    struct dns_record *records = entry_records(entry);
    const char **cnames = entry_cnames(entry);
    const char *text = entry_name(entry) + entry->name_len;

    for (size_t i = 0; i < entry->record_count; i++) {
        records[i].data = text;
        text += records[i].data_len + 1;
    }
    for (size_t i = 0; i < entry->cname_count; i++) {
        cnames[i] = text;
        text += strlen(text) + 1;
    }
}

static char *text_write(char *at, const char *text, size_t len)
{
    memcpy(at, text, len);
    at[len] = '\0';
    return at + len + 1;
}

static size_t entry_len(const struct packet_question *question,
                        const struct dns_answer *answer)
{
    size_t len = sizeof(struct entry) + question->name_len +
                 answer->record_count * sizeof(struct dns_record) +
                 answer->cname_count * sizeof(char *);

    for (size_t i = 0; i < answer->record_count; i++) {
        len += answer->records[i].data_len + 1U;
    }
    for (size_t i = 0; i < answer->cname_count; i++) {
        len += strlen(answer->cnames[i]) + 1;
    }
    return (len + UNIT - 1) / UNIT * UNIT;
}

static void entry_write(struct entry *entry, const struct packet_question *question,
                        const struct dns_answer *answer)
{
    entry->type = question->type;
    entry->name_len = question->name_len;
    entry->status = (uint8_t)answer->status;
    entry->trust = (uint8_t)answer->trust;
    entry->ttl = answer->ttl;
    entry->negative_ttl = answer->negative_ttl;
    entry->record_count = answer->record_count;
    entry->cname_count = (uint8_t)answer->cname_count;
    char *at = entry_name(entry);
    memcpy(at, question->name, question->name_len);
    at += question->name_len;
    for (size_t i = 0; i < answer->record_count; i++) {
        entry_records(entry)[i] = answer->records[i];
        at = text_write(at, answer->records[i].data, answer->records[i].data_len);
    }
    for (size_t i = 0; i < answer->cname_count; i++) {
        at = text_write(at, answer->cnames[i], strlen(answer->cnames[i]));
    }
    entry_point(entry);
}

/* ---- the index ---- */

static struct entry *entry_at(const struct cache *cache, size_t place)
{
    return (struct entry *)(cache->ring + place);
}

static struct entry *entry_of(const struct cache *cache, uint32_t next)
{
    return next > 0 ? entry_at(cache, (size_t)(next - 1) * UNIT) : NULL;
}

static uint32_t *bucket_of(struct cache *cache, uint32_t hash)
{
    return &cache->buckets[hash & cache->bucket_mask];
}

static void entry_link(struct cache *cache, struct entry *entry)
{
    uint32_t *bucket = bucket_of(cache, entry->hash);

    entry->next = *bucket;
    *bucket = (uint32_t)((size_t)((uint8_t *)entry - cache->ring) / UNIT) + 1;
}

static void entry_unlink(struct cache *cache, struct entry *entry)
{
    uint32_t *link = bucket_of(cache, entry->hash);
    struct entry *other;

    while ((other = entry_of(cache, *link)) != entry) {
        assert(other);
        link = &other->next;
    }
    *link = entry->next;
}

static struct entry *entry_find(struct cache *cache,
                                const struct packet_question *question, uint32_t hash)
{
    struct entry *entry = entry_of(cache, *bucket_of(cache, hash));

    while (entry && (entry->hash != hash || entry->type != question->type ||
                     entry->name_len != question->name_len ||
                     memcmp(entry_name(entry), question->name, entry->name_len) != 0)) {
        entry = entry_of(cache, entry->next);
    }
    return entry;
}

static uint32_t hash_of(const struct cache *cache, const struct packet_question *question)
{
    return (uint32_t)question_hash(question, cache->seed);
}

/* ---- the ring ---- */

/* Room for an entry at the head; NULL while the tail is in the way. */
static struct entry *head_take(struct cache *cache, size_t len)
{
    if (!cache->has_lapped && cache->room - cache->head < len) {
        cache->lap_end = cache->head;
        cache->head = 0;
        cache->has_lapped = true;
    }
    if (cache->has_lapped && cache->tail - cache->head < len) {
        return NULL;
    }
    struct entry *entry = entry_at(cache, cache->head);
    cache->head += len;
    return entry;
}

/* It can still be read until the head takes its place. */
static struct entry *tail_give(struct cache *cache)
{
    struct entry *entry = entry_at(cache, cache->tail);

    cache->tail += entry->len;
    if (cache->has_lapped && cache->tail == cache->lap_end) {
        cache->tail = 0;
        cache->has_lapped = false;
    }
    return entry;
}

/* At the head there is always room for what has just left the tail: the head lies before
 * it, or behind all. */
static void entry_move(struct cache *cache, const struct entry *from)
{
    size_t len = from->len;
    struct entry *entry = head_take(cache, len);

    assert(entry);
    memmove(entry, from, len);
    entry->chances--;
    entry_point(entry);
    entry_link(cache, entry);
}

/* Returns whether an answer was lost. */
static bool oldest_drop(struct cache *cache, uint32_t now_s, unsigned *moves)
{
    struct entry *oldest = tail_give(cache);

    if (oldest->is_replaced) {
        return false;
    }
    entry_unlink(cache, oldest);
    if (now_s >= oldest->expires_s) {
        return false;
    }
    if (oldest->chances > 0 && *moves < MOVES_MAX) {
        ++*moves;
        entry_move(cache, oldest);
        return false;
    }
    return true;
}

/* ---- what others see ---- */

static uint32_t least(uint32_t one, uint32_t other)
{
    return one < other ? one : other;
}

static uint32_t lifetime_s(const struct dns_answer *answer)
{
    switch (answer->status) {
    case DNS_OK:
        return least(answer->ttl, POSITIVE_MOST_S);
    case DNS_NODATA:
    case DNS_NXDOMAIN:
        return least(answer->negative_ttl, NEGATIVE_MOST_S);
    case DNS_NOT_CHECKED:
    case DNS_NETWORK:
        return 0;
    default:
        return FAILURE_S;
    }
}

bool cache_find(struct cache *cache, const struct packet_question *question,
                uint32_t now_s, struct dns_answer *answer)
{
    struct entry *entry = entry_find(cache, question, hash_of(cache, question));

    if (!entry || now_s >= entry->expires_s) {
        return false;
    }
    uint32_t age_s = now_s - entry->written_s;
    entry->chances += entry->chances < CHANCES_MAX;
    *answer = (struct dns_answer){
        .status = entry->status,
        .trust = entry->trust,
        .ttl = entry->ttl - least(entry->ttl, age_s),
        .negative_ttl = entry->negative_ttl - least(entry->negative_ttl, age_s),
        .record_count = entry->record_count,
        .cname_count = entry->cname_count,
        .records = entry_records(entry),
        .cnames = entry_cnames(entry),
    };
    return true;
}

unsigned cache_insert(struct cache *cache, const struct packet_question *question,
                      uint32_t now_s, const struct dns_answer *answer)
{
    uint32_t keep_s = lifetime_s(answer);
    size_t len = entry_len(question, answer);
    unsigned moves = 0;
    unsigned lost = 0;

    if (keep_s == 0 || len > cache->room / CACHE_ENTRY_SHARE) {
        return 0;
    }
    uint32_t hash = hash_of(cache, question);
    struct entry *older = entry_find(cache, question, hash);
    if (older) {
        entry_unlink(cache, older);
        older->is_replaced = true;
    }
    struct entry *entry;
    while (!(entry = head_take(cache, len))) {
        lost += oldest_drop(cache, now_s, &moves);
    }
    *entry = (struct entry){.len = (uint32_t)len,
                            .hash = hash,
                            .written_s = now_s,
                            .expires_s = now_s + keep_s};
    entry_write(entry, question, answer);
    entry_link(cache, entry);
    return lost;
}

/* The greatest power of two that leaves BYTES_PER_BUCKET for each, at least one. */
static uint32_t bucket_count(size_t bytes)
{
    uint32_t count = 1;

    while (bytes / BYTES_PER_BUCKET / 2 >= count) {
        count *= 2;
    }
    return count;
}

int cache_open(struct cache **out, size_t bytes)
{
    bytes = bytes < BYTES_MOST ? bytes : BYTES_MOST;
    uint32_t count = bucket_count(bytes);
    size_t front = sizeof(struct cache) + count * sizeof(uint32_t);
    front = (front + UNIT - 1) / UNIT * UNIT;
    /* Zeroed by the kernel: what is not used is not touched. */
    struct cache *cache = calloc(1, front > bytes ? front : bytes);

    if (!cache) {
        return -ENOMEM;
    }
    cache->bucket_mask = count - 1;
    cache->ring = (uint8_t *)cache + front;
    cache->room = bytes > front ? (bytes - front) / UNIT * UNIT : 0;
    int code = question_hash_seed(&cache->seed);
    if (code != 0) {
        free(cache);
        return code;
    }
    *out = cache;
    return 0;
}

void cache_free(struct cache *cache)
{
    free(cache);
}
