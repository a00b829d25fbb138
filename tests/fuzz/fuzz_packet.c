/* The first byte chooses the type asked for, the rest is the reply. The name asked for is
 * example.org, which is also the name in the seeds. */
#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "resolver/packet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void assert_name(const char *name, size_t len)
{
    assert(len > 0 && len < PACKET_NAME_TEXT_MAX && name[len] == '\0');
    for (size_t i = 0; i < len; i++) {
        assert(name[i] > ' ' && name[i] < 0x7f);
        assert(name[i] < 'A' || name[i] > 'Z');
    }
}

static void assert_record(enum dns_type type, const struct dns_record *record)
{
    switch (type) {
    case DNS_A:
        assert(record->data_len == 4);
        break;
    case DNS_AAAA:
        assert(record->data_len == 16);
        break;
    case DNS_TXT:
        assert(record->data[record->data_len] == '\0');
        break;
    default:
        assert_name(record->data, record->data_len);
    }
}

static void assert_answer(enum dns_type type, const struct dns_answer *answer)
{
    assert(answer->status > DNS_NOT_CHECKED && answer->status <= DNS_CNAME_LOOP);
    assert(answer->record_count <= PACKET_RECORDS_MAX);
    assert(answer->cname_count <= PACKET_CNAMES_MAX);
    assert((answer->record_count > 0) == (answer->status == DNS_OK));
    assert(dns_is_answered(answer->status) || answer->cname_count == 0);
    assert(dns_is_answered(answer->status) == (answer->trust != DNS_TRUST_UNKNOWN));
    assert(answer->ttl <= INT32_MAX && answer->negative_ttl <= INT32_MAX);
    assert(answer->negative_ttl == 0 || answer->status == DNS_NODATA ||
           answer->status == DNS_NXDOMAIN);
    assert(answer->negative_ttl <= answer->ttl || answer->cname_count == 0);
    for (size_t i = 0; i < answer->record_count; i++) {
        assert_record(type, &answer->records[i]);
    }
    for (size_t i = 0; i < answer->cname_count; i++) {
        assert_name(answer->cnames[i], strlen(answer->cnames[i]));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const enum dns_type types[] = {DNS_A,  DNS_NS,  DNS_CNAME, DNS_PTR,
                                          DNS_MX, DNS_TXT, DNS_AAAA};
    static struct packet_parser *parser; /* as in use: one for all replies */
    struct packet_question question;
    struct dns_answer answer;

    if (size == 0 || (!parser && packet_parser_open(&parser) != 0)) {
        return 0;
    }
    enum dns_type type = types[data[0] % (sizeof types / sizeof types[0])];
    bool is_name = packet_question_set(&question, "example.org", type);
    assert(is_name);
    packet_parse(parser, data + 1, size - 1, &question, &answer);
    assert_answer(type, &answer);
    return 0;
}
