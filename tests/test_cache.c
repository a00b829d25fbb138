#include <malloc.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "resolver/cache.h"
#include "resolver/question_hash.h"

/* ---- the hash, so that the tests choose who collides ---- */

static bool has_constant_hash;

int question_hash_seed(uint64_t *seed)
{
    *seed = 1;
    return 0;
}

uint64_t question_hash(const struct packet_question *question, uint64_t seed)
{
    uint64_t hash = 14695981039346656037U + seed + question->type;

    for (size_t i = 0; i < question->name_len && !has_constant_hash; i++) {
        hash = (hash ^ question->name[i]) * 1099511628211U;
    }
    return has_constant_hash ? 7 : hash ^ hash >> 32;
}

/* ---- questions and answers ---- */

static struct packet_question question_of(const char *name, enum dns_type type)
{
    struct packet_question question;

    assert_true(packet_question_set(&question, name, type));
    return question;
}

static struct cache *cache_of(size_t bytes)
{
    struct cache *cache;

    assert_int_equal(cache_open(&cache, bytes), 0);
    return cache;
}

/* TXT: the name's answer is a text that depends on both. */
static unsigned put(struct cache *cache, const char *name, const char *text, size_t len,
                    uint32_t now_s, uint32_t ttl)
{
    struct packet_question question = question_of(name, DNS_TXT);
    struct dns_record record = {.data = text, .data_len = (uint16_t)len};
    struct dns_answer answer = {
        .status = DNS_OK, .ttl = ttl, .record_count = 1, .records = &record};

    return cache_insert(cache, &question, now_s, &answer);
}

static bool get(struct cache *cache, const char *name, uint32_t now_s,
                struct dns_answer *answer)
{
    struct packet_question question = question_of(name, DNS_TXT);

    return cache_find(cache, &question, now_s, answer);
}

static bool has(struct cache *cache, const char *name, uint32_t now_s)
{
    struct dns_answer answer;

    return get(cache, name, now_s, &answer);
}

static const char *numbered(const char *word, unsigned number)
{
    static char name[64];

    snprintf(name, sizeof name, "%s%u.test", word, number);
    return name;
}

static void an_answer_is_found_as_it_was_written(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);
    struct packet_question question = question_of("example.org", DNS_MX);
    const struct dns_record records[] = {
        {"mx1.example.net", 15, 10}, {".", 1, 0}, {"a\0b", 3, 65535}, {"", 0, 1}};
    const char *const cnames[] = {"one.example.net", "two.example.net"};
    const struct dns_answer written = {.status = DNS_OK,
                                       .trust = DNS_SECURE,
                                       .ttl = 60,
                                       .record_count = 4,
                                       .cname_count = 2,
                                       .records = records,
                                       .cnames = cnames,
                                       .retries = 2};
    struct dns_answer answer;

    assert_false(cache_find(cache, &question, 1000, &answer));
    assert_int_equal(cache_insert(cache, &question, 1000, &written), 0);
    assert_true(cache_find(cache, &question, 1000, &answer));
    assert_int_equal(answer.status, DNS_OK);
    assert_int_equal(answer.trust, DNS_SECURE);
    assert_int_equal(answer.ttl, 60);
    assert_int_equal(answer.retries, 0); /* this time nothing was sent */
    assert_int_equal(answer.record_count, 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(answer.records[i].preference, records[i].preference);
        assert_int_equal(answer.records[i].data_len, records[i].data_len);
        assert_memory_equal(answer.records[i].data, records[i].data,
                            records[i].data_len + 1U);
    }
    assert_int_equal(answer.cname_count, 2);
    assert_string_equal(answer.cnames[0], cnames[0]);
    assert_string_equal(answer.cnames[1], cnames[1]);
    cache_free(cache);
}

static void an_answer_is_kept_as_long_as_it_may_be(void **state)
{
    (void)state;
    static const struct {
        enum dns_status status;
        uint32_t ttl;
        uint32_t negative_ttl;
        uint32_t kept_s;
    } rows[] = {
        {DNS_OK, 300, 0, 300},
        {DNS_OK, 1, 0, 1},
        {DNS_OK, 0, 0, 0},
        {DNS_OK, 0, 300, 0},
        {DNS_OK, 86400, 0, 86400},
        {DNS_OK, 86401, 0, 86400},
        {DNS_OK, INT32_MAX, 0, 86400},
        {DNS_NODATA, 0, 60, 60},
        {DNS_NODATA, 60, 0, 0}, /* behind a CNAME, without SOA */
        {DNS_NXDOMAIN, 0, 10800, 10800},
        {DNS_NXDOMAIN, 0, 10801, 10800},
        {DNS_NXDOMAIN, 0, 0, 0},
        {DNS_SERVFAIL, 0, 0, 5},
        {DNS_REFUSED, 0, 0, 5},
        {DNS_OTHER_RCODE, 0, 0, 5},
        {DNS_TIMEOUT, 0, 0, 5},
        {DNS_MALFORMED, 0, 0, 5},
        {DNS_CNAME_LOOP, 0, 0, 5},
        {DNS_NETWORK, 0, 0, 0},
        {DNS_NOT_CHECKED, 0, 0, 0},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct cache *cache = cache_of(64 << 10);
        struct packet_question question = question_of("example.org", DNS_A);
        struct dns_answer written = {.status = rows[i].status,
                                     .ttl = rows[i].ttl,
                                     .negative_ttl = rows[i].negative_ttl};
        struct dns_answer answer;
        cache_insert(cache, &question, 77, &written);
        if (cache_find(cache, &question, 77, &answer) != (rows[i].kept_s > 0)) {
            fail_msg("row %zu at once", i);
        }
        if (rows[i].kept_s > 0) {
            assert_true(cache_find(cache, &question, 76 + rows[i].kept_s, &answer));
            assert_int_equal(answer.status, rows[i].status);
        }
        assert_false(cache_find(cache, &question, 77 + rows[i].kept_s, &answer));
        cache_free(cache);
    }
}

static void the_time_that_is_left_is_told(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);
    struct packet_question question = question_of("example.org", DNS_A);
    struct dns_answer answer = {.status = DNS_NXDOMAIN, .ttl = 40, .negative_ttl = 3600};

    put(cache, "a.test", "x", 1, 100, 172800);
    assert_true(get(cache, "a.test", 100, &answer));
    assert_int_equal(answer.ttl, 172800);
    assert_true(get(cache, "a.test", 86499, &answer));
    assert_int_equal(answer.ttl, 172800 - 86399);
    answer = (struct dns_answer){.status = DNS_NXDOMAIN, .ttl = 40, .negative_ttl = 3600};
    cache_insert(cache, &question, 90000, &answer);
    assert_true(cache_find(cache, &question, 90060, &answer));
    assert_int_equal(answer.ttl, 0);
    assert_int_equal(answer.negative_ttl, 3540);
    cache_free(cache);
}

static void a_newer_answer_takes_the_place_of_an_older_one(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);
    struct dns_answer answer;

    put(cache, "a.test", "old", 3, 0, 10);
    put(cache, "a.test", "newer", 5, 5, 60);
    assert_true(get(cache, "a.test", 6, &answer));
    assert_int_equal(answer.record_count, 1);
    assert_string_equal(answer.records[0].data, "newer");
    /* The old one's end, when the ring comes round, must not take the new one along. */
    for (unsigned i = 0; i < 2000; i++) {
        put(cache, numbered("other", i), "x", 1, 6, 60);
        assert_true(get(cache, "a.test", 6, &answer));
        assert_string_equal(answer.records[0].data, "newer");
    }
    cache_free(cache);
}

static void questions_of_one_hash_are_told_apart(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum dns_type type;
    } rows[] = {{"a.test", DNS_TXT},  {"a.test", DNS_MX}, {"b.test", DNS_TXT},
                {"aa.test", DNS_TXT}, {"test", DNS_TXT},  {".", DNS_TXT},
                {"a.test.a", DNS_TXT}};
    const size_t count = sizeof rows / sizeof rows[0];
    struct cache *cache = cache_of(64 << 10);
    struct dns_answer answer;

    has_constant_hash = true;
    for (size_t i = 0; i < count; i++) {
        struct packet_question question = question_of(rows[i].name, rows[i].type);
        answer = (struct dns_answer){.status = DNS_OK, .ttl = (uint32_t)(i + 1)};
        assert_false(cache_find(cache, &question, 0, &answer));
        cache_insert(cache, &question, 0, &answer);
    }
    for (size_t i = 0; i < count; i++) {
        struct packet_question question = question_of(rows[i].name, rows[i].type);
        assert_true(cache_find(cache, &question, 0, &answer));
        assert_int_equal(answer.ttl, i + 1);
    }
    for (unsigned i = 0; i < 2000; i++) { /* they leave from the end of one long chain */
        put(cache, numbered("other", i), "x", 1, 0, 60);
        assert_true(has(cache, numbered("other", i), 0));
    }
    has_constant_hash = false;
    cache_free(cache);
}

static void the_oldest_answer_leaves_first(void **state)
{
    (void)state;
    enum { COUNT = 5000 };
    struct cache *cache = cache_of(64 << 10);
    unsigned lost = 0;

    for (unsigned i = 0; i < COUNT; i++) {
        lost += put(cache, numbered("name", i), "v=spf1 include:_spf.example.net -all",
                    i % 36, 0, 60);
    }
    assert_in_range(lost, COUNT / 2, COUNT - 300);
    for (unsigned i = 0; i < COUNT; i++) {
        if (has(cache, numbered("name", i), 0) != (i >= lost)) {
            fail_msg("%u of %u lost: %u", i, COUNT, lost);
        }
    }
    cache_free(cache);
}

static void an_answer_that_has_expired_is_no_loss(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);
    unsigned lost = 0;

    for (unsigned i = 0; i < 5000; i++) {
        lost += put(cache, numbered("name", i), "hello", 5, i, 10);
    }
    assert_int_equal(lost, 0);
    cache_free(cache);
}

static void what_is_asked_again_outlives_what_is_asked_once(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);
    struct dns_answer answer;

    for (unsigned i = 0; i < 50; i++) {
        put(cache, numbered("shared", i), "v=spf1 -all", 11, 0, 60);
        put(cache, numbered("never", i), "v=spf1 -all", 11, 0, 60);
    }
    for (unsigned i = 0; i < 20000; i++) {
        put(cache, numbered("once", i), "v=spf1 -all", 11, 0, 60);
        if (!get(cache, numbered("shared", i % 50), 0, &answer)) {
            fail_msg("shared name %u is gone after %u others", i % 50, i);
        }
        assert_string_equal(answer.records[0].data, "v=spf1 -all");
    }
    for (unsigned i = 0; i < 50; i++) {
        assert_false(has(cache, numbered("never", i), 0));
    }
    for (unsigned i = 0; i < 5000; i++) { /* and is not kept for ever */
        put(cache, numbered("later", i), "v=spf1 -all", 11, 0, 60);
    }
    for (unsigned i = 0; i < 50; i++) {
        assert_false(has(cache, numbered("shared", i), 0));
    }
    cache_free(cache);
}

/* The ring all found again and again: an insertion may not run round for ever, nor lose
 * itself. */
static void a_ring_full_of_wanted_answers_takes_another_one(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);

    for (unsigned i = 0; i < 3000; i++) {
        put(cache, numbered("name", i), "hello", 5, 0, 60);
        for (unsigned n = i < 400 ? 0 : i - 400; n <= i; n++) {
            has(cache, numbered("name", n), 0);
        }
        assert_true(has(cache, numbered("name", i), 0));
    }
    cache_free(cache);
}

static void no_answer_takes_more_than_its_share(void **state)
{
    (void)state;
    static char text[UINT16_MAX];
    struct cache *cache = cache_of(1 << 20);
    struct dns_answer answer;
    size_t largest = 0;

    memset(text, 'x', sizeof text);
    put(cache, "small.test", text, 20, 0, 60);
    for (size_t len = 4096; len <= sizeof text; len += 64) {
        put(cache, "big.test", text, len, 0, 60);
        assert_true(has(cache, "small.test", 0));
        if (get(cache, "big.test", 0, &answer) && answer.records[0].data_len == len) {
            largest = len;
            assert_memory_equal(answer.records[0].data, text, len);
        }
    }
    assert_in_range(largest,
                    (1 << 20) / CACHE_ENTRY_SHARE * 7 / 8 - 1024, /* less the index */
                    (1 << 20) / CACHE_ENTRY_SHARE);
    /* An answer too large leaves the one before it: that has not expired. */
    assert_true(has(cache, "big.test", 0));
    cache_free(cache);
}

static void all_memory_is_within_the_size(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 71, 72, 100, 1000, 4096, 5000, 65537, 1 << 20};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        struct cache *cache = cache_of(sizes[i]);
        /* one block; malloc rounds up, and the least holds its own description */
        assert_in_range(malloc_usable_size(cache), 1,
                        sizes[i] < 72 ? 72 + 16 : sizes[i] + 4096);
        for (unsigned n = 0; n < 2000; n++) {
            put(cache, numbered("name", n), "hello", n % 6, 0, 60);
            has(cache, numbered("name", n / 2), 0);
        }
        assert_int_equal(has(cache, numbered("name", 1999), 0), sizes[i] >= 8192);
        cache_free(cache);
    }
}

static void reading_leaves_what_was_read_before_alone(void **state)
{
    (void)state;
    struct cache *cache = cache_of(64 << 10);
    struct dns_answer first;
    struct dns_answer other;

    for (unsigned i = 0; i < 100; i++) {
        char text[16];
        int len = snprintf(text, sizeof text, "text%u", i);
        put(cache, numbered("name", i), text, (size_t)len, 0, 60);
    }
    assert_true(get(cache, "name7.test", 0, &first));
    for (unsigned i = 0; i < 100; i++) {
        assert_true(get(cache, numbered("name", i), 0, &other));
    }
    assert_string_equal(first.records[0].data, "text7");
    cache_free(cache);
}

/* ---- against a table that forgets nothing ---- */

#define NAMES 700
#define TEXT_ROOM 4096

struct model {
    size_t len[NAMES];
    char first[NAMES];
    uint32_t expires_s[NAMES];
};

static uint32_t random_state = 2463534242U;

static uint32_t random_below(uint32_t limit)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state % limit;
}

static void model_put(struct model *model, struct cache *cache, unsigned n,
                      uint32_t now_s)
{
    static char text[TEXT_ROOM];
    static const size_t limits[] = {1, 21, 21, 80, 1100};
    size_t len = random_below((uint32_t)limits[random_below(5)]);

    memset(text, (int)('a' + random_below(26)), sizeof text);
    model->len[n] = random_below(50) == 0 ? TEXT_ROOM : len; /* too large at times */
    model->first[n] = text[0];
    uint32_t ttl = 1 + random_below(100);
    put(cache, numbered("name", n), text, model->len[n], now_s, ttl);
    if (model->len[n] < TEXT_ROOM) {
        model->expires_s[n] = now_s + ttl;
    }
}

static bool model_check(const struct model *model, struct cache *cache, unsigned n,
                        uint32_t now_s)
{
    struct dns_answer answer;

    if (!get(cache, numbered("name", n), now_s, &answer)) {
        return false;
    }
    if (now_s >= model->expires_s[n]) {
        fail_msg("name %u has expired", n);
    }
    if (model->len[n] < TEXT_ROOM) { /* otherwise it is the one before */
        assert_int_equal(answer.ttl, model->expires_s[n] - now_s);
        assert_int_equal(answer.records[0].data_len, model->len[n]);
        for (size_t i = 0; i < model->len[n]; i++) {
            assert_int_equal(answer.records[0].data[i], model->first[n]);
        }
    }
    return true;
}

static void whatever_is_found_is_what_was_written_last(void **state)
{
    (void)state;
    static struct model model;
    unsigned found = 0;

    for (unsigned round = 0; round < 20; round++) {
        /* 1,100 bytes fit always, 4,096 never */
        struct cache *cache = cache_of((80U << 10) + random_below(80U << 10));
        memset(&model, 0, sizeof model);
        for (uint32_t step = 0; step < 10000; step++) {
            unsigned n = random_below(1 + random_below(NAMES));
            found += model_check(&model, cache, n, step / 50);
            model_put(&model, cache, random_below(NAMES), step / 50);
        }
        cache_free(cache);
    }
    assert_in_range(found, 20000, 199999);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_answer_is_found_as_it_was_written),
        cmocka_unit_test(an_answer_is_kept_as_long_as_it_may_be),
        cmocka_unit_test(the_time_that_is_left_is_told),
        cmocka_unit_test(a_newer_answer_takes_the_place_of_an_older_one),
        cmocka_unit_test(questions_of_one_hash_are_told_apart),
        cmocka_unit_test(the_oldest_answer_leaves_first),
        cmocka_unit_test(an_answer_that_has_expired_is_no_loss),
        cmocka_unit_test(what_is_asked_again_outlives_what_is_asked_once),
        cmocka_unit_test(a_ring_full_of_wanted_answers_takes_another_one),
        cmocka_unit_test(no_answer_takes_more_than_its_share),
        cmocka_unit_test(all_memory_is_within_the_size),
        cmocka_unit_test(reading_leaves_what_was_read_before_alone),
        cmocka_unit_test(whatever_is_found_is_what_was_written_last),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
