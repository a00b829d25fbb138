/* check_host(): the first line is the HELO name, the second the sender, the rest is a DNS
 * of records. */
#include "tests/fuzz/spf_world.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void take_text(struct span *rest, bool *more, char *out, size_t size)
{
    struct span line = {"", 0};
    span_cut(rest, '\n', &line, more);
    size_t len = line.len < size - 1 ? line.len : size - 1;
    memcpy(out, line.ptr, len);
    out[len] = '\0';
}

static void check_verdict(const struct spf_verdict *verdict)
{
    require(verdict->result > SPF_RESULT_PENDING && verdict->result <= SPF_PERMERROR);
    require(verdict->lookups <= 11 && verdict->void_lookups <= 3);
    require(verdict->lookups <= 10 || verdict->result == SPF_PERMERROR);
    require(verdict->void_lookups <= 2 || verdict->result == SPF_PERMERROR);
    require(verdict->explanation[0] == '\0' || verdict->result == SPF_FAIL);
    require(memchr(verdict->explanation, '\0', sizeof verdict->explanation) != NULL);
    for (const char *at = verdict->reason; *at != '\0'; at++) {
        require(*at >= ' ' && *at <= '~');
    }
    for (const char *at = verdict->explanation; *at != '\0'; at++) {
        require(*at >= ' ' && *at <= '~');
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct world world;
    static const uint8_t IP6[16] = {0x20, 1, 0xd, 0xb8, [15] = 1};
    static const uint8_t IP4[16] = {192, 0, 2, 1};
    char helo[3000], mail_from[3000];
    struct span rest = {(const char *)data, size};
    bool more = true;
    struct spf_verdict verdict;
    struct lookup lookup = {world_get, &world};
    take_text(&rest, &more, helo, sizeof helo);
    take_text(&rest, &more, mail_from, sizeof mail_from);
    struct spf_sender sender = {.helo = helo, .mail_from = mail_from};
    sender.ip_len = size % 2 == 0 ? 4 : 16;
    memcpy(sender.ip, sender.ip_len == 4 ? IP4 : IP6, 16);
    world_begin(&world, rest);
    do {
        world.round++;
        spf_check_host(&sender, &lookup, &verdict);
        require(world.round < 200);
    } while (verdict.result == SPF_RESULT_PENDING);
    check_verdict(&verdict);
    return 0;
}
