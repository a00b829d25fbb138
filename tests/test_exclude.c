#include "scanner/exclude.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* A list on disk for one test. */
struct list {
    char path[64];
};

static void write_list(struct list *list, const char *text, size_t len)
{
    strcpy(list->path, "/tmp/test_exclude.XXXXXX");
    int fd = mkstemp(list->path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, len), len);
    close(fd);
}

static struct exclude *open_list(const char *text)
{
    struct list list;
    struct exclude *exclude = NULL;
    char error[EXCLUDE_ERROR_LEN] = "";
    write_list(&list, text, strlen(text));
    int rc = exclude_open(&exclude, list.path, error);
    unlink(list.path);
    assert_string_equal(error, "");
    assert_int_equal(rc, 0);
    return exclude;
}

static void a_listed_domain_and_all_below_it_match(void **state)
{
    (void)state;
    static const struct {
        const char *domain;
        bool is_match;
    } ROWS[] = {
        {"example.org", true},
        {"www.example.org", true},
        {"a.b.c.example.org", true},
        {"notexample.org", false},
        {"example.org.net", false},
        {"org", false},
        {"example.com", false},
        {"dotted.net", true},
        {"x.dotted.net", true},
        {"star.net", true},
        {"x.star.net", true},
        {"gov", true},
        {"city.gov", true},
        {"gov.uk", false},
        {"xn--bcher-kva.de", true},
        {"www.xn--bcher-kva.de", true},
        {"bcher.de", false},
        {"upper.net", true},
        {"spaced.net", true},
        {"last.net", true},
        {"com", false},
    };
    struct exclude *exclude = open_list("# who asked to be left alone\n"
                                        "example.org\n"
                                        "\n"
                                        ".dotted.net\r\n"
                                        "*.star.net\n"
                                        "GOV.\n"
                                        "b\xc3\xbc"
                                        "cher.de\n"
                                        "UPPER.net\n"
                                        " \tspaced.net \t\n"
                                        "example.org\n"
                                        "   # indented comment\n"
                                        "last.net");
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        if (exclude_matches(exclude, ROWS[i].domain) != ROWS[i].is_match) {
            fail_msg("%s: expected %d", ROWS[i].domain, ROWS[i].is_match);
        }
    }
    assert_int_equal(exclude_count(exclude), 8);
    exclude_close(exclude);
}

static void no_list_matches_nothing(void **state)
{
    (void)state;
    assert_false(exclude_matches(NULL, "example.org"));
    assert_int_equal(exclude_count(NULL), 0);
    exclude_close(NULL);
}

static void an_empty_list_is_fine(void **state)
{
    (void)state;
    struct exclude *exclude = open_list("");
    assert_false(exclude_matches(exclude, "example.org"));
    assert_int_equal(exclude_count(exclude), 0);
    exclude_close(exclude);
}

static void a_line_that_is_no_suffix_is_an_error_with_its_number(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *error; /* after the path */
    } ROWS[] = {
        {"a.org\nhttps://b.org/\n", ":2: not a domain name (url)"},
        {"\n#\nfoo bar\n", ":3: not a domain name (encoding)"},
        {"a..org", ":1: not a domain name (empty_label)"},
        {".\n", ":1: not a domain name (empty_label)"},
        {"*.\n", ":1: not a domain name (empty_label)"},
        {"*.*.org\n", ":1: not a domain name (wildcard)"},
        {"a.*.org\n", ":1: not a domain name (wildcard)"},
        {"192.0.2.1\n", ":1: not a domain name (ip)"},
        {"me@a.org\n", ":1: not a domain name (email)"},
        {"a.org,tag\n", ":1: not a domain name (encoding)"},
        {"xn--a\n", ":1: not a domain name (idna)"},
    };
    for (size_t i = 0; i < sizeof ROWS / sizeof ROWS[0]; i++) {
        struct list list;
        struct exclude *exclude = (struct exclude *)1;
        char error[EXCLUDE_ERROR_LEN] = "";
        write_list(&list, ROWS[i].text, strlen(ROWS[i].text));
        assert_int_equal(exclude_open(&exclude, list.path, error), -EINVAL);
        unlink(list.path);
        assert_null(exclude);
        assert_memory_equal(error, list.path, strlen(list.path));
        assert_string_equal(error + strlen(list.path), ROWS[i].error);
    }
}

static void a_line_over_4096_bytes_is_an_error(void **state)
{
    (void)state;
    struct list list;
    struct exclude *exclude = NULL;
    char error[EXCLUDE_ERROR_LEN] = "";
    char text[5000];
    memset(text, 'a', sizeof text);
    write_list(&list, text, sizeof text);
    assert_int_equal(exclude_open(&exclude, list.path, error), -EINVAL);
    unlink(list.path);
    assert_non_null(strstr(error, ":1: not a domain name (too_long)"));
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct exclude *exclude = NULL;
    char error[EXCLUDE_ERROR_LEN] = "";
    assert_int_equal(exclude_open(&exclude, "/nonexistent/list", error), -ENOENT);
    assert_string_equal(error,
                        "/nonexistent/list: cannot be opened: No such file or directory");
    assert_null(exclude);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_listed_domain_and_all_below_it_match),
        cmocka_unit_test(no_list_matches_nothing),
        cmocka_unit_test(an_empty_list_is_fine),
        cmocka_unit_test(a_line_that_is_no_suffix_is_an_error_with_its_number),
        cmocka_unit_test(a_line_over_4096_bytes_is_an_error),
        cmocka_unit_test(a_missing_file_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
