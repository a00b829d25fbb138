#include "fetch/transfer_head.h"

#include <string.h>
#include <strings.h>

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* RFC 9112, 2.3: "HTTP/1." DIGIT. curl would take "HTTP/2", too. */
static bool is_status_line(const char *line, size_t len)
{
    static const char version[] = "HTTP/1.";
    size_t at = sizeof version - 1;
    return len > at + 1 && memcmp(line, version, at) == 0 && is_digit(line[at]) &&
           line[at + 1] == ' ';
}

/* Without the space around it. */
static const char *trim(const char *text, size_t *len)
{
    size_t at = 0;
    while (at < *len && (text[at] == ' ' || text[at] == '\t')) {
        at++;
    }
    while (*len > at && strchr(" \t\r\n", text[*len - 1]) != NULL) {
        (*len)--;
    }
    *len -= at;
    return text + at;
}

/* Of the field with that name (the colon included); NULL: the line is another one. */
static const char *field_value(const char *line, size_t *len, const char *name)
{
    size_t at = strlen(name);
    if (*len < at || strncasecmp(line, name, at) != 0) {
        return NULL;
    }
    *len -= at;
    return trim(line + at, len);
}

static void add_content_type(struct transfer *transfer, const char *text, size_t len)
{
    size_t room = FETCH_CONTENT_TYPE_MAX - transfer->content_type_len;
    len = len < room ? len : room;
    memcpy(transfer->content_type + transfer->content_type_len, text, len);
    transfer->content_type_len += len;
    transfer->content_type[transfer->content_type_len] = '\0';
}

/* The first one counts. */
static void note_content_type(struct transfer *transfer, const char *line, size_t len)
{
    const char *value = field_value(line, &len, "content-type:");
    transfer->is_content_type_open = value != NULL && transfer->content_type_len == 0;
    if (transfer->is_content_type_open) {
        add_content_type(transfer, value, len);
    }
}

/* RFC 9112, 5.2: a line that begins with space goes on with the field before it. */
static void note_folded(struct transfer *transfer, const char *line, size_t len)
{
    const char *text = trim(line, &len);
    if (transfer->is_content_type_open && len > 0) {
        add_content_type(transfer, " ", 1);
        add_content_type(transfer, text, len);
    }
}

/* RFC 9112, 6.3: only where chunked is the last coding does it mark the end. */
static void note_coding(struct transfer *transfer, const char *line, size_t len)
{
    static const char chunked[] = "chunked";
    size_t chunked_len = sizeof chunked - 1;
    const char *value = field_value(line, &len, "transfer-encoding:");
    if (value != NULL) {
        transfer->is_chunked =
            len >= chunked_len &&
            strncasecmp(value + len - chunked_len, chunked, chunked_len) == 0;
    }
}

/* One more digit; what is too large for the type is larger than any body. */
static uint64_t add_digit(uint64_t number, char digit)
{
    uint64_t value = (uint64_t)(digit - '0');
    return number > (UINT64_MAX - value) / 10 ? UINT64_MAX : number * 10 + value;
}

/* RFC 9112, 6.3: where it is no number, or two that differ, nobody knows where the body
 * ends. (curl takes "10x" for 10, and the last of several.) False then. */
static bool note_length(struct transfer *transfer, const char *line, size_t len)
{
    uint64_t length = 0;
    const char *value = field_value(line, &len, "content-length:");
    if (value == NULL) {
        return true;
    }
    for (size_t i = 0; i < len; i++) {
        if (!is_digit(value[i])) {
            return false;
        }
        length = add_digit(length, value[i]);
    }
    bool is_same = !transfer->has_length || transfer->length == length;
    transfer->has_length = true;
    transfer->length = length;
    return len > 0 && is_same;
}

/* Interim responses (RFC 9110, 15.2) are followed by another; 101 never is, and nobody
 * asked for it. */
static void note_end(struct transfer *transfer)
{
    long status = 0;
    curl_easy_getinfo(transfer->easy, CURLINFO_RESPONSE_CODE, &status);
    transfer->is_in_head = false;
    if (status >= 200 || status == 101) {
        transfer->http_status = (int)status;
    } else {
        transfer_head_clear(transfer);
    }
}

static bool note_line(struct transfer *transfer, const char *line, size_t len)
{
    if (!transfer->is_in_head) {
        transfer->is_in_head = true;
        return is_status_line(line, len);
    }
    if (line[0] == '\r' || line[0] == '\n') {
        note_end(transfer);
        return true;
    }
    if (line[0] == ' ' || line[0] == '\t') {
        note_folded(transfer, line, len);
        return true;
    }
    note_content_type(transfer, line, len);
    note_coding(transfer, line, len);
    return note_length(transfer, line, len);
}

bool transfer_head_take(struct transfer *transfer, const char *line, size_t len)
{
    transfer->is_response_begun = true;
    transfer->header_count++;
    transfer->header_bytes += (uint32_t)len;
    if (transfer->header_count > TRANSFER_HEADERS_MAX ||
        transfer->header_bytes > TRANSFER_HEADER_BYTES_MAX) {
        return false;
    }
    bool is_trailer = transfer->http_status != 0;
    return is_trailer || len == 0 || note_line(transfer, line, len);
}

void transfer_head_clear(struct transfer *transfer)
{
    transfer->content_type_len = 0;
    transfer->is_content_type_open = false;
    transfer->is_chunked = false;
    transfer->has_length = false;
    transfer->length = 0;
}
