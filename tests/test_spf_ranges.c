/* The union of IPv4 ranges and the set of IPv6 prefixes. */
#include "scanner/classify/spf_ranges.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct spf_ranges ranges;
static struct spf_prefixes prefixes;

static void add(const char *address, unsigned prefix)
{
    uint8_t bytes[16];
    bool is_ip4 = strchr(address, ':') == NULL;
    assert_int_equal(inet_pton(is_ip4 ? AF_INET : AF_INET6, address, bytes), 1);
    if (is_ip4) {
        spf_ranges_add(&ranges, bytes, prefix);
    } else {
        spf_prefixes_add(&prefixes, bytes, prefix);
    }
}

static void neighbours_and_overlaps_become_one_range(void **state)
{
    (void)state;
    spf_ranges_clear(&ranges);
    assert_int_equal(spf_ranges_size(&ranges), 0);
    add("192.0.2.7", 24);
    assert_int_equal(spf_ranges_size(&ranges), 256);
    add("192.0.4.0", 24);
    assert_int_equal(ranges.count, 2);
    add("192.0.2.128", 25);
    assert_int_equal(ranges.count, 2);
    add("192.0.3.0", 24);
    assert_int_equal(ranges.count, 1);
    assert_int_equal(spf_ranges_size(&ranges), 768);
    add("192.0.0.0", 16);
    assert_int_equal(ranges.count, 1);
    assert_int_equal(spf_ranges_size(&ranges), 65536);
}

static void the_ends_of_the_space_do_not_wrap(void **state)
{
    (void)state;
    spf_ranges_clear(&ranges);
    add("255.255.255.255", 32);
    add("0.0.0.0", 32);
    assert_int_equal(ranges.count, 2);
    assert_int_equal(spf_ranges_size(&ranges), 2);
    add("255.255.255.254", 32);
    assert_int_equal(ranges.count, 2);
    add("1.2.3.4", 0);
    assert_int_equal(ranges.count, 1);
    assert_true(spf_ranges_size(&ranges) == UINT64_C(4294967296));
    add("9.9.9.9", 32);
    assert_true(spf_ranges_size(&ranges) == UINT64_C(4294967296));
}

static void size_is_that_of_a_bitmap(void **state)
{
    static bool seen[65536];
    (void)state;
    srand(1);
    for (int round = 0; round < 50; round++) {
        memset(seen, 0, sizeof seen);
        spf_ranges_clear(&ranges);
        size_t expected = 0;
        for (int i = 0; i < 60; i++) {
            unsigned prefix = 20U + (unsigned)rand() % 13;
            unsigned low = (unsigned)rand() % 65536 & (0xffffU << (32 - prefix));
            uint8_t bytes[4] = {10, 0, (uint8_t)(low >> 8), (uint8_t)low};
            spf_ranges_add(&ranges, bytes, prefix);
            for (unsigned j = 0; j < 1U << (32 - prefix); j++) {
                expected += !seen[low + j];
                seen[low + j] = true;
            }
            assert_int_equal(spf_ranges_size(&ranges), expected);
        }
        for (size_t i = 1; i < ranges.count; i++) {
            assert_true(ranges.list[i - 1].last + 1 < ranges.list[i].first);
        }
    }
}

static void a_full_set_says_so_and_still_merges(void **state)
{
    (void)state;
    spf_ranges_clear(&ranges);
    for (unsigned i = 0; i <= SPF_RANGES_MAX; i++) {
        uint8_t bytes[4] = {10, (uint8_t)(i >> 8), (uint8_t)i, 0};
        assert_false(ranges.is_full);
        spf_ranges_add(&ranges, bytes, 32);
    }
    assert_true(ranges.is_full);
    assert_int_equal(spf_ranges_size(&ranges), SPF_RANGES_MAX);
    add("10.0.0.0", 8);
    assert_int_equal(spf_ranges_size(&ranges), 1 << 24);
}

static void prefixes_are_distinct_without_host_bits(void **state)
{
    (void)state;
    spf_prefixes_clear(&prefixes);
    add("2001:db8::", 32);
    add("2001:db8:ffff::1", 32);
    assert_int_equal(prefixes.count, 1);
    add("2001:db8::", 33);
    add("2001:db8:8000::", 33);
    add("2001:db8::1", 128);
    add("::", 0);
    add("ffff::", 0);
    assert_int_equal(prefixes.count, 5);
    for (unsigned i = 0; i <= SPF_PREFIXES_MAX; i++) {
        uint8_t bytes[16] = {0xfd, 0, (uint8_t)(i >> 8), (uint8_t)i};
        spf_prefixes_add(&prefixes, bytes, 64);
    }
    assert_int_equal(prefixes.count, SPF_PREFIXES_MAX);
    assert_true(prefixes.is_full);
}

static void bits_are_compared_up_to_the_prefix(void **state)
{
    static const uint8_t A[4] = {192, 0, 2, 0x80};
    static const uint8_t B[4] = {192, 0, 2, 0xbf};
    (void)state;
    assert_true(spf_bits_equal(A, B, 0));
    assert_true(spf_bits_equal(A, B, 24));
    assert_true(spf_bits_equal(A, B, 26));
    assert_false(spf_bits_equal(A, B, 27));
    assert_false(spf_bits_equal(A, B, 32));
    assert_true(spf_bits_equal(A, A, 32));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_and_overlaps_become_one_range),
        cmocka_unit_test(the_ends_of_the_space_do_not_wrap),
        cmocka_unit_test(size_is_that_of_a_bitmap),
        cmocka_unit_test(a_full_set_says_so_and_still_merges),
        cmocka_unit_test(prefixes_are_distinct_without_host_bits),
        cmocka_unit_test(bits_are_compared_up_to_the_prefix),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
