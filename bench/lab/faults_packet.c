/* Name servers whose answers are no proper messages, and what a survey must say of it:
 * what cannot be read is temp_error, as a message that says nothing is. Where recursion
 * (libunbound, and the lab's resolver) reads a packet in another way than our own parser
 * does, `direct` is what the parser makes of it. The words are in fault_packet.c. */
#include "bench/lab/faults.h"
#include "bench/lab/faults_expect.h"

#define MX_UNREADABLE(name_, word)                                                       \
    {                                                                                    \
        .name = "packet-" name_, .rules = "@ MX " word "\n",                             \
        .differs = MX_FAILED("servfail"), .direct = DNS_STATUS("malformed")              \
    }
#define UNREADABLE(name_, rule, expected)                                                \
    {                                                                                    \
        .name = "packet-" name_, .rules = rule "\n", .differs = expected                 \
    }
#define READABLE(name_, rule)                                                            \
    {                                                                                    \
        .name = "packet-" name_, .rules = rule "\n"                                      \
    }

const struct fault faults_packet[] = {
    /* too short */
    MX_UNREADABLE("header-only", "header_only"),
    UNREADABLE("eleven-bytes", "_mta-sts TXT eleven_bytes", MTA_STS_FAILED),
    UNREADABLE("no-byte", "_dmarc TXT no_byte", DMARC_FAILED),

    /* names (RFC 1035, 3.1 and 4.1.4) */
    MX_UNREADABLE("pointer-loop", "mx_pointer_loop"),
    MX_UNREADABLE("label-40", "mx_label_40"),
    MX_UNREADABLE("name-long", "mx_name_long"),
    UNREADABLE("pointer-beyond", "@ TXT txt_pointer_beyond", SPF_FAILED),
    UNREADABLE("label-80", "_dmarc TXT txt_label_80", DMARC_FAILED),
    /* "a prior occurrence" (4.1.4) is what libunbound does not insist on */
    {.name = "packet-pointer-forward",
     .rules = "@ MX mx_pointer_forward\n",
     .direct = MX_FAILED("malformed")},

    /* counts (4.1.1): more than there is, and less: what is not counted is not there */
    UNREADABLE("count-high", "_mta-sts TXT txt_count_high", MTA_STS_FAILED),
    UNREADABLE("count-low", "_smtp._tls TXT txt_count_low", TLS_RPT_ABSENT),
    READABLE("uncounted", "@ TXT uncounted"),
    READABLE("trailing", "_dmarc TXT trailing"),
    UNREADABLE("no-question", "@ TXT txt_no_question", SPF_FAILED),
    MX_UNREADABLE("two-questions", "mx_two_questions"),

    /* RDLENGTH and the data within (3.3, 3.4.1) */
    MX_UNREADABLE("mx-data-beyond", "mx_data_beyond"),
    UNREADABLE("mx-data-short", "@ MX mx_data_short", MX_FAILED("malformed")),
    UNREADABLE("mx-data-long", "@ MX mx_data_long", MX_FAILED("malformed")),
    UNREADABLE("mx-data-empty", "@ MX mx_data_empty", MX_FAILED("malformed")),
    UNREADABLE("text-data-beyond", "@ TXT txt_data_beyond", SPF_FAILED),
    UNREADABLE("text-data-short", "_dmarc TXT txt_data_short", DMARC_FAILED),
    UNREADABLE("text-data-empty", "_smtp._tls TXT txt_data_empty", TLS_RPT_FAILED),
    UNREADABLE("address-data-beyond", "mta-sts A a_data_beyond", NO_ADDRESS("dns_error")),
    UNREADABLE("address-data-empty", "mta-sts A a_data_empty", NO_ADDRESS("dns_error")),
    UNREADABLE("address-data-long", "mta-sts A a_data_long", NO_ADDRESS("dns_error")),
    UNREADABLE("address-data-short", "mail A a_data_short\nmail AAAA a_data_short",
               MX_TARGET_FAILED("malformed")),

    /* Records that answer nothing: another name's, another class's. They are nobody's
     * record; that there is none of ours is what such a message says. */
    UNREADABLE("other-owner", "@ TXT txt_other_owner", SPF_ABSENT),
    UNREADABLE("class-ch", "_smtp._tls TXT txt_class_ch", TLS_RPT_ABSENT),

    /* odd and right */
    READABLE("beside-cname", "_mta-sts TXT txt_beside_cname"),
    READABLE("ttl-top-bit", "_mta-sts TXT ttl_top_bit"), /* RFC 2181, 8 */
    /* behind the answer stands an OPT record that cannot be read */
    {.name = "packet-lying-opt",
     .rules = "@ TXT txt_lying_opt\n",
     .differs = SPF_FAILED,
     .direct = SPF_SOUND},
};
const size_t faults_packet_count = sizeof faults_packet / sizeof faults_packet[0];
