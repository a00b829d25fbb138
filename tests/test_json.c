#include "output/json.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/utf8.h"
#include "tests/json_check.h"

static void assert_written(struct json *json, const char *expected)
{
    assert_false(json->failed);
    assert_int_equal(json->len, strlen(expected));
    assert_memory_equal(json->text, expected, json->len);
}

static void foreign_bytes_are_written_as_harmless_text(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t len;
        const char *expected;
    } rows[] = {
#define ROW(text, expected) {text, sizeof(text) - 1, expected}
        ROW("", "\"\""),
        ROW("v=STSv1; id=1", "\"v=STSv1; id=1\""),
        ROW("a\"b\\c/d", "\"a\\\"b\\\\c/d\""),
        ROW("\0", "\"\\u0000\""),
        ROW("\b\t\n\f\r\x1b[2J\x1f",
            "\"\\u0008\\u0009\\u000a\\u000c\\u000d\\u001b[2J\\u001f\""),
        ROW(" ~\x7f", "\" ~\\u007f\""),
        ROW("m\xc3\xbcller", "\"m\xc3\xbcller\""),
        /* C1 and its neighbour NBSP */
        ROW("\xc2\x80\xc2\x9f\xc2\xa0", "\"\\u0080\\u009f\xc2\xa0\""),
        /* line separators and bidi controls, each with the neighbours that stand raw */
        ROW("\xe2\x80\xa7\xe2\x80\xa8\xe2\x80\xa9", "\"\xe2\x80\xa7\\u2028\\u2029\""),
        ROW("\xe2\x80\xaa\xe2\x80\xae\xe2\x80\xaf", "\"\\u202a\\u202e\xe2\x80\xaf\""),
        ROW("\xe2\x80\x8d\xe2\x80\x8e\xe2\x80\x8f\xe2\x80\x90",
            "\"\xe2\x80\x8d\\u200e\\u200f\xe2\x80\x90\""),
        ROW("\xe2\x81\xa5\xe2\x81\xa6\xe2\x81\xa9\xe2\x81\xaa",
            "\"\xe2\x81\xa5\\u2066\\u2069\xe2\x81\xaa\""),
        ROW("\xd8\x9b\xd8\x9c\xd8\x9d", "\"\xd8\x9b\\u061c\xd8\x9d\""),
        ROW("\xef\xbb\xbfv=spf1", "\"\\ufeffv=spf1\""),
        ROW("\xef\xbb\xbe\xef\xbf\xbd", "\"\xef\xbb\xbe\xef\xbf\xbd\""),
        ROW("\xf0\x9f\x93\xa7", "\"\xf0\x9f\x93\xa7\""),
        ROW("\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\""),
        /* above U+10FFFF, and leads that never begin anything */
        ROW("\xf4\x90\x80\x80", "\"\\\\244\\\\144\\\\128\\\\128\""),
        ROW("\xf5\xff", "\"\\\\245\\\\255\""),
        /* overlong forms of NUL, '/', and of U+07FF, U+FFFF */
        ROW("\xc0\x80\xc0\xaf", "\"\\\\192\\\\128\\\\192\\\\175\""),
        ROW("\xe0\x9f\xbf", "\"\\\\224\\\\159\\\\191\""),
        ROW("\xf0\x8f\xbf\xbf", "\"\\\\240\\\\143\\\\191\\\\191\""),
        /* surrogates and the characters beside them */
        ROW("\xed\x9f\xbf\xed\xa0\x80\xed\xbf\xbf\xee\x80\x80",
            "\"\xed\x9f\xbf\\\\237\\\\160\\\\128\\\\237\\\\191\\\\191\xee\x80\x80\""),
        /* cut short, alone and before good text */
        ROW("\xe2\x82", "\"\\\\226\\\\130\""),
        ROW("\xe2\x82x", "\"\\\\226\\\\130x\""),
        ROW("\xf0\x9f\x93", "\"\\\\240\\\\159\\\\147\""),
        ROW("\xc3", "\"\\\\195\""),
        ROW("\xc3\"", "\"\\\\195\\\"\""),
        ROW("\x80ok\xbf", "\"\\\\128ok\\\\191\""),
#undef ROW
    };
    struct json json;
    json_init(&json);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_reset(&json);
        json_bytes(&json, rows[i].bytes, rows[i].len);
        assert_written(&json, rows[i].expected);
    }
    json_close(&json);
}

static void assert_says(struct json *json, const char *bytes, size_t len)
{
    char expected[256], said[1024];
    size_t said_len;
    size_t expected_len = json_check_escaped(bytes, len, expected);
    json_reset(json);
    json_bytes(json, bytes, len);
    assert_false(json->failed);
    assert_int_equal(json_check_string(json->text, json->len, said, &said_len),
                     json->len);
    assert_int_equal(said_len, expected_len);
    assert_memory_equal(said, expected, said_len);
}

static void every_byte_survives_alone_and_between_others(void **state)
{
    (void)state;
    struct json json;
    json_init(&json);
    for (int byte = 0; byte < 256; byte++) {
        char text[] = "?plain?\xc3?\xa9\xe2?\x82?\xac?";
        assert_says(&json, &(char){(char)byte}, 1);
        for (size_t i = 0; i < sizeof(text) - 1; i++) {
            text[i] = (char)(text[i] == '?' ? byte : text[i]);
        }
        assert_says(&json, text, sizeof(text) - 1);
    }
    json_close(&json);
}

static void every_pair_and_lead_of_three_survives(void **state)
{
    (void)state;
    struct json json;
    json_init(&json);
    for (int first = 0x70; first < 256; first++) {
        for (int second = 0; second < 256; second++) {
            char text[4] = {(char)first, (char)second, (char)0x80, (char)0xbf};
            assert_says(&json, text, 2);
            assert_says(&json, text, 3);
            assert_says(&json, text, 4);
        }
    }
    json_close(&json);
}

static void utf8_decodes_every_character_and_nothing_else(void **state)
{
    (void)state;
    static const unsigned char marks[] = {0xc0, 0xe0, 0xf0};
    static const uint32_t least[] = {0x80, 0x800, 0x10000};
    for (uint32_t number = 0; number < 0x200000; number++) {
        for (size_t tails = 1; tails <= 3; tails++) {
            unsigned char bytes[4];
            if (number >> (6 * tails + 6 - tails) != 0) {
                continue;
            }
            bytes[0] = (unsigned char)(marks[tails - 1] | number >> (6 * tails));
            for (size_t i = 1; i <= tails; i++) {
                bytes[i] = (unsigned char)(0x80 | (number >> (6 * (tails - i)) & 0x3f));
            }
            bool is_good = number >= least[tails - 1] && number <= 0x10ffff &&
                           (number < 0xd800 || number > 0xdfff);
            uint32_t decoded = 0;
            size_t len = utf8_decode(bytes, tails + 1, &decoded);
            if (len != (is_good ? tails + 1 : 0) || (is_good && decoded != number)) {
                fail_msg("U+%04X in %zu bytes", number, tails + 1);
            }
        }
    }
}

static void text_that_is_missing_is_null(void **state)
{
    (void)state;
    struct json json;
    json_init(&json);
    json_array_begin(&json);
    json_text(&json, NULL);
    json_text(&json, "");
    json_bytes(&json, NULL, 0);
    json_array_end(&json);
    assert_written(&json, "[null,\"\",\"\"]");
    json_close(&json);
}

static void integers_are_exact_to_their_limits(void **state)
{
    (void)state;
    struct json json;
    json_init(&json);
    json_array_begin(&json);
    json_int(&json, 0);
    json_int(&json, -1);
    json_int(&json, 10);
    json_int(&json, INT64_MAX);
    json_int(&json, INT64_MIN);
    json_uint(&json, 0);
    json_uint(&json, UINT64_MAX);
    json_array_end(&json);
    assert_written(&json, "[0,-1,10,9223372036854775807,-9223372036854775808,0,"
                          "18446744073709551615]");
    json_close(&json);
}

static void numbers_have_up_to_three_decimals(void **state)
{
    (void)state;
    static const struct {
        double value;
        const char *expected;
    } rows[] = {
        {0, "0"},
        {-0.0, "0"},
        {1.5, "1.5"},
        {-1.25, "-1.25"},
        {0.001, "0.001"},
        {0.0004, "0"},
        {-0.0004, "0"},
        {-0.0006, "-0.001"},
        {0.9996, "1"},
        {1999.9996, "2000"},
        {12.3456, "12.346"},
        {100, "100"},
        {0.1 + 0.2, "0.3"},
        {1e15 + 0.125, "1000000000000000.125"},
        {9007199254740993.0, "9007199254740992"},
        {9223372036854774784.0, "9223372036854774784"},
        {0x1p63, "9223372036854775808"},
        {-0x1p64, "-18446744073709551616"},
        {1e22, "10000000000000000000000"},
        {(double)INFINITY, "null"},
        {(double)-INFINITY, "null"},
        {(double)NAN, "null"},
    };
    struct json json;
    json_init(&json);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_reset(&json);
        json_number(&json, rows[i].value);
        assert_written(&json, rows[i].expected);
    }
    json_reset(&json);
    json_number(&json, 1.7976931348623157e308);
    assert_false(json.failed);
    assert_int_equal(json.len, 309);
    json_close(&json);
}

static void commas_stand_between_members_only(void **state)
{
    (void)state;
    struct json json;
    json_init(&json);
    json_object_begin(&json);
    json_key(&json, "a");
    json_array_begin(&json);
    json_array_end(&json);
    json_key(&json, "b");
    json_object_begin(&json);
    json_object_end(&json);
    json_key(&json, "c");
    json_array_begin(&json);
    json_bool(&json, true);
    json_bool(&json, false);
    json_object_begin(&json);
    json_key(&json, "d");
    json_null_value(&json);
    json_key(&json, "e");
    json_int(&json, 1);
    json_object_end(&json);
    json_array_begin(&json);
    json_array_end(&json);
    json_array_end(&json);
    json_object_end(&json);
    json_newline(&json);
    assert_written(&json,
                   "{\"a\":[],\"b\":{},\"c\":[true,false,{\"d\":null,\"e\":1},[]]}\n");
    char scratch[128];
    assert_true(json_check(json.text, json.len - 1, scratch));
    json_object_begin(&json);
    json_object_end(&json);
    json_newline(&json);
    assert_false(json.failed);
    json_close(&json);
}

static void wrong_nesting_is_remembered_until_reset(void **state)
{
    (void)state;
    /* { } [ ] k = key, v = value, n = newline */
    static const struct {
        const char *calls;
        bool failed;
    } rows[] = {
        {"{}", false}, {"{kv}", false}, {"[v]n", false},  {"vnv", false}, {"vv", true},
        {"{v", true},  {"{kkv", true},  {"{k}", true},    {"{]", true},   {"[}", true},
        {"[k", true},  {"k", true},     {"}", true},      {"]", true},    {"n", true},
        {"[n", true},  {"{}{}", true},  {"{}n{}", false},
    };
    struct json json;
    json_init(&json);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_reset(&json);
        for (const char *call = rows[i].calls; *call; call++) {
            switch (*call) {
            case '{':
                json_object_begin(&json);
                break;
            case '}':
                json_object_end(&json);
                break;
            case '[':
                json_array_begin(&json);
                break;
            case ']':
                json_array_end(&json);
                break;
            case 'k':
                json_key(&json, "k");
                break;
            case 'v':
                json_text(&json, "v");
                break;
            default:
                json_newline(&json);
                break;
            }
        }
        assert_int_equal(json.failed, rows[i].failed);
    }
    json_close(&json);
}

static void depth_is_bounded(void **state)
{
    (void)state;
    struct json json;
    json_init(&json);
    for (int i = 0; i < JSON_DEPTH_MAX; i++) {
        json_array_begin(&json);
    }
    assert_false(json.failed);
    json_array_begin(&json);
    assert_true(json.failed);
    json_reset(&json);
    json_int(&json, 7);
    assert_written(&json, "7");
    json_close(&json);
}

static void long_text_is_written_whole(void **state)
{
    (void)state;
    size_t len = 200000;
    char *bytes = (char *)malloc(len);
    char *said = (char *)malloc(6 * len);
    char *expected = (char *)malloc(4 * len);
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)(i * 2654435761u >> 13);
    }
    struct json json;
    json_init(&json);
    json_bytes(&json, bytes, len);
    size_t said_len;
    assert_int_equal(json_check_string(json.text, json.len, said, &said_len), json.len);
    assert_int_equal(said_len, json_check_escaped(bytes, len, expected));
    assert_memory_equal(said, expected, said_len);
    json_close(&json);
    free(bytes);
    free(said);
    free(expected);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(foreign_bytes_are_written_as_harmless_text),
        cmocka_unit_test(every_byte_survives_alone_and_between_others),
        cmocka_unit_test(every_pair_and_lead_of_three_survives),
        cmocka_unit_test(utf8_decodes_every_character_and_nothing_else),
        cmocka_unit_test(text_that_is_missing_is_null),
        cmocka_unit_test(integers_are_exact_to_their_limits),
        cmocka_unit_test(numbers_have_up_to_three_decimals),
        cmocka_unit_test(commas_stand_between_members_only),
        cmocka_unit_test(wrong_nesting_is_remembered_until_reset),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(long_text_is_written_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
