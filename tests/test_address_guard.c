#include "fetch/address_guard.h"

#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct fetch_address address_of(const char *text)
{
    struct fetch_address address = {0};
    address.family = strchr(text, ':') != NULL ? 6 : 4;
    assert_int_equal(
        inet_pton(address.family == 6 ? AF_INET6 : AF_INET, text, address.bytes), 1);
    return address;
}

static void special_purpose_addresses_are_known_to_the_last_bit(void **state)
{
    (void)state;
    static const struct {
        const char *address;
        bool is_special;
    } cases[] = {
        {"0.0.0.0", true},
        {"0.255.255.255", true},
        {"1.0.0.0", false},
        {"9.255.255.255", false},
        {"10.0.0.0", true},
        {"10.255.255.255", true},
        {"11.0.0.0", false},
        {"100.63.255.255", false},
        {"100.64.0.0", true},
        {"100.127.255.255", true},
        {"100.128.0.0", false},
        {"127.0.0.1", true},
        {"128.0.0.0", false},
        {"169.254.169.254", true},
        {"169.253.255.255", false},
        {"172.15.255.255", false},
        {"172.16.0.0", true},
        {"172.31.255.255", true},
        {"172.32.0.0", false},
        {"192.0.0.9", true},
        {"192.0.1.0", false},
        {"192.0.2.1", true},
        {"192.0.3.0", false},
        {"192.167.255.255", false},
        {"192.168.0.1", true},
        {"192.169.0.0", false},
        {"198.17.255.255", false},
        {"198.18.0.0", true},
        {"198.19.255.255", true},
        {"198.20.0.0", false},
        {"198.51.100.7", true},
        {"203.0.113.7", true},
        {"203.0.114.0", false},
        {"223.255.255.255", false},
        {"224.0.0.1", true},
        {"240.0.0.1", true},
        {"255.255.255.255", true},
        {"8.8.8.8", false},
        {"::", true},
        {"::1", true},
        {"::ffff:8.8.8.8", true},
        {"64:ff9b::808:808", true},
        {"64:ff9b:1::1", true},
        {"64:ff9b:2::1", false},
        {"100::1", true},
        {"100:0:0:1::1", true},
        {"100:0:0:2::1", false},
        {"2001::1", true},
        {"2001:1ff:ffff::1", true},
        {"2001:200::1", false},
        {"2001:db8::1", true},
        {"2001:db9::1", false},
        {"2002:808:808::1", true},
        {"2003::1", false},
        {"2606:4700::1111", false},
        {"2620:4f:8000::1", true},
        {"2620:4f:8001::1", false},
        {"3fff:fff::1", true},
        {"3fff:1000::1", false},
        {"5f00::1", true},
        {"5f01::1", false},
        {"fbff::1", false},
        {"fc00::1", true},
        {"fdff::1", true},
        {"fe00::1", false},
        {"fe80::1", true},
        {"febf::1", true},
        {"fec0::1", true},
        {"ff02::1", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch_address address = address_of(cases[i].address);
        if (address_guard_is_special(&address) != cases[i].is_special) {
            fail_msg("%s is%s special", cases[i].address,
                     cases[i].is_special ? "" : " not");
        }
    }
}

static int open_with(const char *content, bool allow_special, struct address_guard *guard,
                     char error[FETCH_ERROR_LEN])
{
    char path[] = "/tmp/test_address_guard.XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
    close(fd);
    int result = address_guard_init(guard, path, allow_special, error);
    unlink(path);
    return result;
}

static void listed_addresses_are_blocked_whatever_else_is_allowed(void **state)
{
    (void)state;
    static const char content[] = "# opt-outs\n\n10.1.0.0/16 # a comment\r\n"
                                  "  10.1.2.0/24\n10.0.255.255\n2a00:1::/33\n"
                                  "8.8.8.9/29\n2a00:2::7/128";
    static const struct {
        const char *address;
        bool is_allowed;
    } cases[] = {
        {"10.1.0.0", false},
        {"10.1.255.255", false},
        {"10.2.0.0", true},
        {"10.0.255.255", false},
        {"10.0.255.254", true},
        {"8.8.8.8", false},
        {"8.8.8.15", false},
        {"8.8.8.16", true},
        {"8.8.8.7", true},
        {"::ffff:10.1.2.3", false},
        {"64:ff9b::10.1.2.3", false},
        {"::ffff:10.2.2.3", true},
        {"2a00:1:7fff::1", false},
        {"2a00:1:8000::1", true},
        {"2a00:2::7", false},
        {"2a00:2::8", true},
    };
    struct address_guard guard;
    char error[FETCH_ERROR_LEN] = "";
    assert_int_equal(open_with(content, true, &guard, error), 0);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct fetch_address address = address_of(cases[i].address);
        if (address_guard_allows(&guard, &address) != cases[i].is_allowed) {
            fail_msg("%s", cases[i].address);
        }
    }
    address_guard_close(&guard);
}

static void a_list_of_all_ipv6_blocks_no_ipv4(void **state)
{
    (void)state;
    struct address_guard guard;
    char error[FETCH_ERROR_LEN] = "";
    assert_int_equal(open_with("::/0\n", false, &guard, error), 0);
    struct fetch_address ipv4 = address_of("8.8.8.8"), ipv6 = address_of("2a00::1");
    assert_true(address_guard_allows(&guard, &ipv4));
    assert_false(address_guard_allows(&guard, &ipv6));
    address_guard_close(&guard);
}

static void a_bad_line_is_named_by_its_number(void **state)
{
    (void)state;
    static const char *const bad[] = {"10.0.0.0/33", "10.0.0/8",    "::/129",
                                      "10.0.0.0/",   "10.0.0.0/-1", "10.0.0.0/8 10.0.0.1",
                                      "example.org", "10.0.0.0/08x"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct address_guard guard;
        char error[FETCH_ERROR_LEN] = "", content[128];
        snprintf(content, sizeof content, "# one\n192.0.2.0/24\n%s\n", bad[i]);
        assert_int_equal(open_with(content, false, &guard, error), -EINVAL);
        if (strstr(error, ", line 3: not an address or CIDR prefix") == NULL) {
            fail_msg("%s: %s", bad[i], error);
        }
    }
}

static void a_missing_list_is_an_error(void **state)
{
    (void)state;
    struct address_guard guard;
    char error[FETCH_ERROR_LEN] = "";
    assert_int_equal(address_guard_init(&guard, "/nonexistent/list", false, error),
                     -ENOENT);
    assert_string_equal(error, "/nonexistent/list: No such file or directory");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(special_purpose_addresses_are_known_to_the_last_bit),
        cmocka_unit_test(listed_addresses_are_blocked_whatever_else_is_allowed),
        cmocka_unit_test(a_list_of_all_ipv6_blocks_no_ipv4),
        cmocka_unit_test(a_bad_line_is_named_by_its_number),
        cmocka_unit_test(a_missing_list_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
