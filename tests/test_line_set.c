/* Sets of line numbers against a plain array of flags. */
#include "scanner/line_set.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LINES 40000u /* some pages, the last one not whole */

static uint64_t seed = 1;

static uint64_t draw(uint64_t below)
{
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (seed >> 33) % below;
}

static struct line_set read_well(const char *text)
{
    struct line_set set = {0};
    assert_int_equal(line_set_read(&set, text), 0);
    return set;
}

static void assert_text(const struct line_set *set, const char *expected)
{
    char *text = line_set_text(set);
    assert_non_null(text);
    assert_string_equal(text, expected);
    free(text);
}

static void lines_are_new_once(void **state)
{
    (void)state;
    struct line_set set = {0};
    assert_false(line_set_has(&set, 1));
    assert_int_equal(line_set_add(&set, 7), 1);
    assert_int_equal(line_set_add(&set, 7), 0);
    assert_int_equal(line_set_add(&set, 100000), 1);
    assert_int_equal(set.count, 2);
    assert_true(line_set_has(&set, 7) && line_set_has(&set, 100000));
    assert_false(line_set_has(&set, 6) || line_set_has(&set, 8) ||
                 line_set_has(&set, 99999) || line_set_has(&set, UINT64_MAX));
    line_set_close(&set);
}

static void lines_that_no_input_has_are_refused(void **state)
{
    (void)state;
    struct line_set set = {0};
    assert_int_equal(line_set_add(&set, 0), -ERANGE);
    assert_int_equal(line_set_add(&set, LINE_SET_LINE_MAX + 1), -ERANGE);
    struct line_range wrong[] = {{0, 5}, {5, 4}, {1, LINE_SET_LINE_MAX + 1}};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(line_set_add_range(&set, wrong[i]), -ERANGE);
    }
    assert_int_equal(set.count, 0);
    assert_int_equal(line_set_add(&set, LINE_SET_LINE_MAX), 1);
    assert_true(line_set_has(&set, LINE_SET_LINE_MAX));
    assert_text(&set, "4294967296");
    line_set_close(&set);
}

static void texts_say_what_the_header_promises(void **state)
{
    (void)state;
    static const struct {
        struct line_range ranges[3];
        const char *text;
    } rows[] = {
        {{{0, 0}}, ""},
        {{{1, 1}}, "1"},
        {{{1, 2}}, "1-2"},
        {{{1, 131072}}, "1-131072"},
        {{{4096, 4097}}, "4096-4097"},
        {{{2, 3}, {5, 5}, {9, 20000}}, "2-3,5,9-20000"},
        {{{1, 4}, {5, 8}, {9, 9}}, "1-9"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct line_set set = {0};
        for (size_t k = 0; k < 3 && rows[i].ranges[k].first > 0; k++) {
            assert_int_equal(line_set_add_range(&set, rows[i].ranges[k]), 0);
        }
        assert_text(&set, rows[i].text);
        line_set_close(&set);
    }
}

static void digits_stand_for_four_lines_each(void **state)
{
    (void)state;
    struct line_set set = read_well("3,8193:f08,9000");
    struct line_range range;
    static const struct line_range expected[] = {
        {3, 3}, {8193, 8196}, {8201, 8201}, {9000, 9000}};
    uint64_t at = 1;
    for (size_t i = 0; i < 4; i++) {
        assert_true(line_set_next(&set, at, &range));
        assert_int_equal(range.first, expected[i].first);
        assert_int_equal(range.last, expected[i].last);
        at = range.last + 1;
    }
    assert_false(line_set_next(&set, at, &range));
    line_set_close(&set);
}

static void every_second_line_takes_a_quarter_byte_a_line(void **state)
{
    (void)state;
    struct line_set set = {0};
    for (uint64_t line = 1; line <= 1000000; line += 2) {
        assert_int_equal(line_set_add(&set, line), 1);
    }
    char *text = line_set_text(&set);
    assert_memory_equal(text, "1:aaaaaaaa", 10);
    assert_true(strlen(text) < 1000000 / 4 + 1000000 / 4096 * 10);
    free(text);
    line_set_close(&set);
}

static void other_texts_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "0",
        "-1",
        "1-",
        "1--2",
        "2-1",
        ",",
        "1,",
        "1,,2",
        "1 ",
        " 1",
        "01",
        "1,1",
        "3,2",
        "1-5,5",
        "1-3-5",
        "x",
        "1:",
        "1:0",
        "1:00",
        "1:F",
        "1:fx",
        "1:f,3",
        "1:f,4",
        "1:f:f",
        "1;2",
        "+1",
        "1-2:f",
        "1\n",
        "1-0x5",
        "1-05",
        "5:8,5",
        "4294967297",
        "1.5",
        "1e3",
        "99999999999999999999999",
        "1-4294967297",
        "4294967296:ff",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct line_set set = {0};
        if (line_set_read(&set, texts[i]) != -EINVAL) {
            fail_msg("\"%s\" was read", texts[i]);
        }
        line_set_close(&set);
    }
    struct line_set near = read_well("1:f,5"); /* the nearest neighbour */
    assert_int_equal(near.count, 5);
    line_set_close(&near);
}

/* A set and the flags it must agree with. */
struct model {
    struct line_set set;
    bool flags[LINES + 1];
};

static void assert_agrees(const struct model *model)
{
    uint64_t count = 0;
    struct line_range range = {0, 0};
    for (uint64_t line = 1; line <= LINES; line++) {
        count += model->flags[line];
        assert_int_equal(line_set_has(&model->set, line), model->flags[line]);
        if (line > range.last && !line_set_next(&model->set, line, &range)) {
            range = (struct line_range){LINES + 1, LINES + 1};
        }
        assert_int_equal(line >= range.first && line <= range.last, model->flags[line]);
    }
    assert_int_equal(model->set.count, count);
    char *text = line_set_text(&model->set);
    struct line_set again = read_well(text);
    assert_int_equal(again.count, count);
    assert_text(&again, text);
    assert_int_equal(line_set_remove_all(&again, &model->set), 0);
    assert_int_equal(again.count, 0);
    free(text);
    line_set_close(&again);
}

static void change(struct model *model)
{
    uint64_t first = 1 + draw(LINES);
    uint64_t last = first + draw(draw(2) ? 3 : 12000);
    last = last < LINES ? last : LINES;
    if (draw(3) > 0) {
        assert_int_equal(
            line_set_add_range(&model->set, (struct line_range){first, last}), 0);
        memset(model->flags + first, 1, last - first + 1);
        return;
    }
    for (unsigned i = 0; i < 3000; i++) {
        uint64_t line = 1 + draw(LINES);
        assert_int_equal(line_set_add(&model->set, line), !model->flags[line]);
        model->flags[line] = true;
    }
}

static void sets_behave_like_an_array_of_flags(void **state)
{
    (void)state;
    for (unsigned round = 0; round < 60; round++) {
        struct model *one = calloc(1, sizeof *one), *other = calloc(1, sizeof *other);
        for (uint64_t i = draw(8); i > 0; i--) {
            change(one);
            change(other);
        }
        bool adds = draw(2);
        assert_int_equal(adds ? line_set_add_all(&one->set, &other->set)
                              : line_set_remove_all(&one->set, &other->set),
                         0);
        for (uint64_t line = 1; line <= LINES; line++) {
            one->flags[line] = adds ? one->flags[line] || other->flags[line]
                                    : one->flags[line] && !other->flags[line];
        }
        assert_agrees(one);
        assert_agrees(other);
        line_set_clear(&one->set);
        memset(one->flags, 0, sizeof one->flags);
        change(one);
        assert_agrees(one);
        line_set_close(&one->set);
        line_set_close(&other->set);
        free(one);
        free(other);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_new_once),
        cmocka_unit_test(lines_that_no_input_has_are_refused),
        cmocka_unit_test(texts_say_what_the_header_promises),
        cmocka_unit_test(digits_stand_for_four_lines_each),
        cmocka_unit_test(every_second_line_takes_a_quarter_byte_a_line),
        cmocka_unit_test(other_texts_are_refused),
        cmocka_unit_test(sets_behave_like_an_array_of_flags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
