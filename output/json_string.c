#include "output/json.h"

#include <string.h>

#include "output/json_append.h"
#include "output/utf8.h"

static const char hex_digits[] = "0123456789abcdef";

/* What a byte of a string needs: RFC 8259 section 7 wants `"`, `\` and what is below 0x20
 * escaped, DEL is our own addition, and bytes from 0x80 are decoded first. */
enum byte_class { BYTE_PLAIN, BYTE_CONTROL, BYTE_QUOTED, BYTE_HIGH };

static const uint8_t byte_classes[256] = {
    [0x00 ... 0x1f] = BYTE_CONTROL, ['"'] = BYTE_QUOTED,         ['\\'] = BYTE_QUOTED,
    [0x7f] = BYTE_CONTROL,          [0x80 ... 0xff] = BYTE_HIGH,
};

/* Characters that a terminal, an editor or JavaScript takes as a command, not as text: C1
 * controls, line and paragraph separator, the bidi controls of UAX #9, byte order mark.
 */
static bool is_hidden(uint32_t character)
{
    return character <= 0x9f || character == 0x61c || character == 0x200e ||
           character == 0x200f || (character >= 0x2028 && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069) || character == 0xfeff;
}

static void json_append_u_escape(struct json *json, uint32_t character)
{
    char text[6] = {'\\',
                    'u',
                    hex_digits[character >> 12 & 15],
                    hex_digits[character >> 8 & 15],
                    hex_digits[character >> 4 & 15],
                    hex_digits[character & 15]};
    json_append(json, text, sizeof(text));
}

/* RFC 1035 section 5.1: \DDD, three decimal digits. */
static void json_append_octet(struct json *json, unsigned char octet)
{
    char text[5] = {'\\', '\\', (char)('0' + octet / 100), (char)('0' + octet / 10 % 10),
                    (char)('0' + octet % 10)};
    json_append(json, text, sizeof(text));
}

/* Writes the escape of the character at bytes; its length. */
static size_t json_append_escaped(struct json *json, const unsigned char *bytes,
                                  size_t len)
{
    uint32_t character = 0;
    size_t taken = utf8_decode(bytes, len, &character);
    if (taken == 0) {
        json_append_octet(json, bytes[0]);
        return 1;
    }
    if (byte_classes[bytes[0]] == BYTE_QUOTED) {
        char text[2] = {'\\', (char)bytes[0]};
        json_append(json, text, sizeof(text));
    } else {
        json_append_u_escape(json, character);
    }
    return taken;
}

/* Length of the character at bytes if it may be copied as it stands, else 0. */
static size_t shown_len(const unsigned char *bytes, size_t len)
{
    uint32_t character = 0;
    if (byte_classes[bytes[0]] != BYTE_HIGH) {
        return byte_classes[bytes[0]] == BYTE_PLAIN ? 1 : 0;
    }
    size_t taken = utf8_decode(bytes, len, &character);
    return taken > 0 && is_hidden(character) ? 0 : taken;
}

/* How many bytes may be copied as they stand. */
static size_t plain_len(const unsigned char *bytes, size_t len)
{
    size_t i = 0;
    size_t taken = 1;
    while (i < len && taken > 0) {
        while (i < len && byte_classes[bytes[i]] == BYTE_PLAIN) {
            i++;
        }
        taken = i < len ? shown_len(bytes + i, len - i) : 0;
        i += taken;
    }
    return i;
}

void json_bytes(struct json *json, const char *bytes, size_t len)
{
    const unsigned char *rest = (const unsigned char *)bytes;
    json_value_begin(json);
    json_append_char(json, '"');
    while (len > 0 && !json->failed) {
        size_t taken = plain_len(rest, len);
        json_append(json, (const char *)rest, taken);
        if (taken < len) {
            taken += json_append_escaped(json, rest + taken, len - taken);
        }
        rest += taken;
        len -= taken;
    }
    json_append_char(json, '"');
}

void json_text(struct json *json, const char *text)
{
    if (text) {
        json_bytes(json, text, strlen(text));
    } else {
        json_null_value(json);
    }
}
