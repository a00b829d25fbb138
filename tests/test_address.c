#include "scanner/classify/address.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static bool is_special(const char *text)
{
    uint8_t bytes[16];
    bool is_ipv6 = strchr(text, ':') != NULL;
    assert_int_equal(inet_pton(is_ipv6 ? AF_INET6 : AF_INET, text, bytes), 1);
    return address_is_special(bytes, is_ipv6 ? 16 : 4);
}

static void special_ranges_end_where_the_registries_say(void **state)
{
    (void)state;
    static const char *const SPECIAL[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.0.1",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.255",
        "192.31.196.1",
        "192.52.193.1",
        "192.88.99.1",
        "192.168.0.0",
        "192.168.255.255",
        "192.175.48.1",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::192.0.2.1",
        "::ffff:8.8.8.8",
        "64:ff9b::8.8.8.8",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002::1",
        "2620:4f:8000::1",
        "3fff::1",
        "3fff:fff:ffff::1",
        "5f00::1",
        "fc00::1",
        "fdff::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "4000::1",
        "1fff::1",
    };
    static const char *const PUBLIC[] = {
        "1.0.0.0",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
        "100.128.0.0",     "126.255.255.255", "128.0.0.1",       "169.253.255.255",
        "172.15.255.255",  "172.32.0.0",      "192.0.1.0",       "192.0.3.0",
        "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "198.51.101.0",    "203.0.112.255",   "223.255.255.255", "8.8.8.8",
        "2000::1",         "2001:200::1",     "2001:db7::1",     "2001:db9::1",
        "2003::1",         "2620:4f:8001::1", "2606:4700::1",    "3ffe:ffff::1",
        "3fff:1000::1",    "2a00::1",
    };
    for (size_t i = 0; i < sizeof SPECIAL / sizeof SPECIAL[0]; i++) {
        if (!is_special(SPECIAL[i])) {
            fail_msg("%s", SPECIAL[i]);
        }
    }
    for (size_t i = 0; i < sizeof PUBLIC / sizeof PUBLIC[0]; i++) {
        if (is_special(PUBLIC[i])) {
            fail_msg("%s", PUBLIC[i]);
        }
    }
    assert_true(address_is_special((const uint8_t *)"\x08\x08\x08\x08\x08", 5));
}

static void literals_are_told_from_names(void **state)
{
    (void)state;
    static const char *const ADDRESSES[] = {
        "192.0.2.1",          "[192.0.2.1]", "2001:db8::1",      "[2001:db8::1]",
        "[IPv6:2001:db8::1]", "[ipv6:::1]",  "::ffff:192.0.2.1",
    };
    static const char *const NAMES[] = {
        "192.0.2",
        "192.0.2.256",
        "192.0.2.1.example",
        "[192.0.2.1",
        "[]",
        "[",
        "",
        "mail.example.com",
        "1.2.3.4.5",
        "[IPv6:]",
        "[mail.example.com]",
        "[0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000]",
    };
    for (size_t i = 0; i < sizeof ADDRESSES / sizeof ADDRESSES[0]; i++) {
        assert_true(address_is_text(ADDRESSES[i]));
    }
    for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
        assert_false(address_is_text(NAMES[i]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_ranges_end_where_the_registries_say),
        cmocka_unit_test(literals_are_told_from_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
