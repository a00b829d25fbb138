/* What the words of a name server's rules mean. */
#include "bench/lab/fault_dns.h"

#include <stdio.h>
#include <string.h>

/* A rule's word is one of these, of fault_packet.c, or of fault_stream.c (TCP only).
 * truncated_then_WORD: truncated over UDP, WORD over TCP. WORD_first: and then the truth (over UDP).
 * WORD_to_edns: only where the question has an OPT record, as from a server that does not
 * know it (RFC 6891, 7). WORD_once: and the truth for the ONCE_MS after it, to whoever
 * asks. They may be combined: other_question_first_once. */
static const struct {
    const char *word;
    enum act act;
    unsigned rcode;
} words[] = {
    {"truth", ACT_FORWARD, 0},
    {"late", ACT_LATE, 0},
    {"twice", ACT_TWICE, 0},
    {"silence", ACT_SILENCE, 0},
    {"formerr", ACT_RCODE, 1},
    {"servfail", ACT_RCODE, 2},
    {"nxdomain", ACT_RCODE, 3},
    {"notimp", ACT_RCODE, 4},
    {"refused", ACT_RCODE, 5},
    {"yxdomain", ACT_RCODE, 6},
    {"notauth", ACT_RCODE, 9},
    {"rcode_15", ACT_RCODE, 15},
    {"nodata", ACT_RCODE, 0},
    {"referral", ACT_REFERRAL, 0},
    {"garbage", ACT_GARBAGE, 0},
    {"other_id", ACT_OTHER_ID, 3},
    {"other_question", ACT_OTHER_QUESTION, 3},
    {"other_opcode", ACT_OTHER_OPCODE, 3},
    {"no_reply", ACT_NO_REPLY, 3},
    {"other_address", ACT_OTHER_ADDRESS, 3},
    {"other_port", ACT_OTHER_PORT, 3},
    {"truncated", ACT_TRUNCATED, 0},
    {"closed", ACT_CLOSE, 0},
    {"reset", ACT_RESET, 0},
    {"no_port", ACT_NO_PORT, 0},
};

static bool deed_find(struct deed *deed, const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            *deed = (struct deed){words[i].act, words[i].rcode, NULL, NULL};
            return true;
        }
    }
    deed->packet = fault_packet_find(word);
    deed->stream = fault_stream_find(word);
    bool is_made = deed->packet != NULL && !fault_packet_is_truth(deed->packet);
    deed->act = is_made ? ACT_PACKET : ACT_FORWARD;
    return deed->packet != NULL || deed->stream != NULL;
}

/* Whether the word ended so; then without it. */
static bool ending_take(char *word, const char *ending)
{
    size_t len = strlen(word), ending_len = strlen(ending);
    bool has = len > ending_len && strcmp(word + len - ending_len, ending) == 0;
    if (has) {
        word[len - ending_len] = '\0';
    }
    return has;
}

bool fault_word_read(struct dns_fault *fault, const char *text)
{
    static const char truncated_then[] = "truncated_then_";
    char word[64];
    snprintf(word, sizeof word, "%s", text);
    fault->when = ending_take(word, "_once")      ? ONCE
                  : ending_take(word, "_to_edns") ? WITH_EDNS
                                                  : ALWAYS;
    fault->is_first = ending_take(word, "_first");
    if (strncmp(word, truncated_then, sizeof truncated_then - 1) == 0) {
        fault->udp.act = ACT_TRUNCATED;
        return deed_find(&fault->tcp, word + sizeof truncated_then - 1);
    }
    if (!deed_find(&fault->udp, word) || fault->udp.act >= ACT_CLOSE) {
        return false;
    }
    if (strncmp(word, "truncated", strlen("truncated")) != 0) {
        fault->tcp = fault->udp; /* else it is whole over TCP */
    }
    return true;
}
