#include "output/utf8.h"

#include <stdbool.h>

static bool is_tail(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

static size_t decode_two(const unsigned char *bytes, uint32_t *character)
{
    if (!is_tail(bytes[1])) {
        return 0;
    }
    *character = (uint32_t)(bytes[0] & 0x1f) << 6 | (bytes[1] & 0x3f);
    return *character < 0x80 ? 0 : 2;
}

static size_t decode_three(const unsigned char *bytes, uint32_t *character)
{
    if (!is_tail(bytes[1]) || !is_tail(bytes[2])) {
        return 0;
    }
    *character = (uint32_t)(bytes[0] & 0x0f) << 12 | (uint32_t)(bytes[1] & 0x3f) << 6 |
                 (bytes[2] & 0x3f);
    bool is_surrogate = *character >= 0xd800 && *character <= 0xdfff;
    return *character < 0x800 || is_surrogate ? 0 : 3;
}

static size_t decode_four(const unsigned char *bytes, uint32_t *character)
{
    if (!is_tail(bytes[1]) || !is_tail(bytes[2]) || !is_tail(bytes[3])) {
        return 0;
    }
    *character = (uint32_t)(bytes[0] & 0x07) << 18 | (uint32_t)(bytes[1] & 0x3f) << 12 |
                 (uint32_t)(bytes[2] & 0x3f) << 6 | (bytes[3] & 0x3f);
    return *character < 0x10000 || *character > 0x10ffff ? 0 : 4;
}

size_t utf8_decode(const unsigned char *bytes, size_t len, uint32_t *character)
{
    if (len >= 1 && bytes[0] < 0x80) {
        *character = bytes[0];
        return 1;
    }
    if (len >= 2 && (bytes[0] & 0xe0) == 0xc0) {
        return decode_two(bytes, character);
    }
    if (len >= 3 && (bytes[0] & 0xf0) == 0xe0) {
        return decode_three(bytes, character);
    }
    if (len >= 4 && (bytes[0] & 0xf8) == 0xf0) {
        return decode_four(bytes, character);
    }
    return 0;
}
