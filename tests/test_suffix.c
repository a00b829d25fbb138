#include "scanner/classify/suffix.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct name_case {
    const char *name;
    const char *registrable; /* NULL: a public suffix */
};

static void check(const struct suffix_list *list, const struct name_case *cases,
                  size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const char *registrable = suffix_registrable(list, cases[i].name);
        if (cases[i].registrable == NULL) {
            assert_null(registrable);
            assert_string_equal(suffix_organizational(list, cases[i].name),
                                cases[i].name);
            continue;
        }
        assert_non_null(registrable);
        assert_string_equal(registrable, cases[i].registrable);
        assert_ptr_equal(registrable + strlen(registrable),
                         cases[i].name + strlen(cases[i].name));
        assert_ptr_equal(suffix_organizational(list, cases[i].name), registrable);
    }
}
#define CHECK(list, cases) check(list, cases, sizeof(cases) / sizeof(cases)[0])

static void both_sections_exceptions_and_the_default_rule_count(void **state)
{
    (void)state;
    static const struct name_case CASES[] = {
        {"com", NULL},
        {"example.com", "example.com"},
        {"a.b.example.com", "example.com"},
        {"co.uk", NULL},
        {"a.example.co.uk", "example.co.uk"},
        {"github.io", NULL}, /* PRIVATE section */
        {"a.user.github.io", "user.github.io"},
        {"anything.ck", NULL}, /* *.ck */
        {"www.ck", "www.ck"},  /* !www.ck */
        {"a.www.ck", "www.ck"},
        {"lab", NULL}, /* no rule: "*" */
        {"a.b.lab", "b.lab"},
        {"xn--p1ai", NULL},
        {"a.xn--p1ai", "a.xn--p1ai"},
        {"_dmarc.example.org", "example.org"},
    };
    struct suffix_list *list = suffix_list_open(NULL);
    assert_non_null(list);
    CHECK(list, CASES);
    assert_int_equal(strlen(suffix_list_date(list)), 10);
    suffix_list_free(list);
}

static void write_list(char *path, const char *text)
{
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

static void own_file_replaces_the_list_and_tells_its_date(void **state)
{
    (void)state;
    static const struct name_case CASES[] = {
        {"lab", NULL},        {"a.lab", "a.lab"},
        {"hosted.lab", NULL}, {"a.hosted.lab", "a.hosted.lab"},
        {"a.co.uk", "co.uk"}, /* not listed here */
    };
    char path[] = "/tmp/test_suffix_XXXXXX";
    write_list(path, "// A list\n// VERSION: 2026-01-31_08-15-00_UTC\n"
                     "// ===BEGIN ICANN DOMAINS===\nlab\n// ===END ICANN DOMAINS===\n"
                     "// ===BEGIN PRIVATE DOMAINS===\nhosted.lab\n"
                     "// ===END PRIVATE DOMAINS===\n");
    struct suffix_list *list = suffix_list_open(path);
    assert_non_null(list);
    CHECK(list, CASES);
    assert_string_equal(suffix_list_date(list), "2026-01-31");
    suffix_list_free(list);
    unlink(path);
}

static void list_without_a_version_has_the_date_of_its_file(void **state)
{
    (void)state;
    char path[] = "/tmp/test_suffix_XXXXXX";
    write_list(path, "// VERSION: soon\n// ===BEGIN ICANN DOMAINS===\nlab\n"
                     "// ===END ICANN DOMAINS===\n");
    struct suffix_list *list = suffix_list_open(path);
    assert_non_null(list);
    assert_int_equal(strlen(suffix_list_date(list)), 10);
    assert_int_equal(strncmp(suffix_list_date(list), "20", 2), 0);
    suffix_list_free(list);
    unlink(path);
}

static void file_without_rules_is_refused(void **state)
{
    (void)state;
    char path[] = "/tmp/test_suffix_XXXXXX";
    write_list(path, "// nothing\n");
    assert_null(suffix_list_open(path));
    unlink(path);
    assert_null(suffix_list_open(path));
    suffix_list_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_sections_exceptions_and_the_default_rule_count),
        cmocka_unit_test(own_file_replaces_the_list_and_tells_its_date),
        cmocka_unit_test(list_without_a_version_has_the_date_of_its_file),
        cmocka_unit_test(file_without_rules_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
