/* Sentences for the codes of MTA-STS and TLS-RPT records and of what only both together
 * tell. */
#include "scanner/show_advice.h"

#include "scanner/classify/mta_sts.h"
#include "scanner/classify/tls_rpt.h"

#include <assert.h>

static const struct show_advice MTA_STS_ADVICE[MTA_STS_CODE_COUNT] = {
    [MTA_STS_MULTIPLE_RECORDS] =
        {"The name holds more than one MTA-STS record, so senders act as "
         "if there were none.",
         "Keep one of them.", "RFC 8461 3.1"},
    [MTA_STS_ID_MISSING] = {"The record has no id, so senders act as if there were none.",
                            "Add id= and a date or number, such as id=20260101T120000;",
                            "RFC 8461 3.1"},
    [MTA_STS_ID_INVALID] =
        {"The id may hold 1 to 32 letters and digits and nothing else (no "
         "hyphen); senders ignore the record.",
         "Write letters and digits only, and a new id with every change of the "
         "policy.",
         "RFC 8461 3.1"},
    [MTA_STS_SYNTAX] =
        {"This fits no rule of the grammar; senders ignore the record.",
         "Write v=STSv1; id=...; with no space around the equals sign and one "
         "semicolon between fields.",
         "RFC 8461 3.1"},
    [MTA_STS_UNKNOWN_FIELD] =
        {"No RFC knows this field; senders skip it.",
         "Take it out: the policy itself stands in the file, not here.", "RFC 8461 3.1"},
    [MTA_STS_WILDCARD_SUSPECTED] =
        {"The texts at _mta-sts are those of the domain itself or an "
         "SPF record: a wildcard TXT record seems to answer for every "
         "name.",
         "Take the wildcard out, or publish the right record at "
         "_mta-sts itself.",
         "RFC 4592 2.2.1, RFC 8461 3.1"},
    [MTA_STS_VERSION_NEAR_MISS] =
        {"Senders pass over this text: an MTA-STS record begins with "
         "exactly v=STSv1; (no space before the semicolon).",
         "Correct the beginning.", "RFC 8461 3.1"},
    [MTA_STS_TEXT_TRUNCATED] =
        {"The text is longer than 4,096 bytes and is not shown whole.",
         "Make the record shorter.", "RFC 8461 3.1"},
};

static const struct show_advice TLS_RPT_ADVICE[TLS_RPT_CODE_COUNT] = {
    [TLS_RPT_MULTIPLE_RECORDS] =
        {"The name holds more than one TLS-RPT record, so senders act as "
         "if there were none.",
         "Keep one of them; rua may list several places.", "RFC 8460 3"},
    [TLS_RPT_RUA_MISSING] =
        {"The record names no place for the reports, so none are sent.",
         "Add rua=mailto: and an address, or rua=https: and a URL.", "RFC 8460 3"},
    [TLS_RPT_RUA_INVALID] =
        {"This is no URI, and one that is none makes the record invalid.",
         "Write mailto: before an address, commas between several, and "
         "percent-encode , ! and ; inside.",
         "RFC 8460 3"},
    [TLS_RPT_SYNTAX] = {"This fits no rule of the grammar; senders ignore the record.",
                        "Write v=TLSRPTv1; rua=mailto:...", "RFC 8460 3"},
    [TLS_RPT_SCHEME_UNSUPPORTED] =
        {"Reports go by mailto: or https: only; senders skip any other "
         "scheme.",
         "Give a mail address or an https URL.", "RFC 8460 3"},
    [TLS_RPT_UNKNOWN_FIELD] = {"No RFC knows this field; senders skip it.",
                               "Correct the spelling or take it out.", "RFC 8460 3"},
    [TLS_RPT_WILDCARD_SUSPECTED] =
        {"The texts at _smtp._tls are those of the domain itself or an "
         "SPF record: a wildcard TXT record seems to answer for every "
         "name.",
         "Take the wildcard out, or publish the right record at "
         "_smtp._tls itself.",
         "RFC 4592 2.2.1, RFC 8460 3"},
    [TLS_RPT_NO_MTA_STS] =
        {"Reports are asked for, but there is no MTA-STS policy that senders "
         "could report about (DANE would be another, and is not looked at).",
         "Publish an MTA-STS policy in mode testing as the next step.",
         "RFC 8460 1, RFC 8461 5"},
    [TLS_RPT_VERSION_NEAR_MISS] =
        {"Senders pass over this text: a TLS-RPT record begins with "
         "exactly v=TLSRPTv1; (no space before the semicolon).",
         "Correct the beginning; capitals count.", "RFC 8460 3"},
    [TLS_RPT_TEXT_TRUNCATED] =
        {"The text is longer than 4,096 bytes and is not shown whole.",
         "Make the record shorter.", "RFC 8460 3"},
};

static const struct show_advice UNMATCHED_ENFORCED = {
    "The policy is in force: senders that honour MTA-STS do not deliver to a mail host "
    "that it does "
    "not name.",
    "Add its name as an mx line to the policy, then change the id of the record.",
    "RFC 8461 4.1, 5"};
static const struct show_advice UNMATCHED_TESTING = {
    "Once the policy is enforced, senders will not deliver to a mail host that it does "
    "not name.",
    "Add its name as an mx line to the policy, then change the id of the record.",
    "RFC 8461 4.1, 5"};
static const struct show_advice NO_TLS_RPT = {
    "Nobody is told when a sender fails to deliver because of the policy.",
    "Publish a TLS-RPT record: v=TLSRPTv1; rua=mailto:...", "RFC 8461 3, RFC 8460 3"};

const struct show_advice *show_advice_mta_sts(unsigned code)
{
    assert(code < MTA_STS_CODE_COUNT);
    return &MTA_STS_ADVICE[code];
}

const struct show_advice *show_advice_tls_rpt(unsigned code)
{
    assert(code < TLS_RPT_CODE_COUNT);
    return &TLS_RPT_ADVICE[code];
}

const struct show_advice *show_advice_mx_unmatched(bool is_enforced)
{
    return is_enforced ? &UNMATCHED_ENFORCED : &UNMATCHED_TESTING;
}

const struct show_advice *show_advice_no_tls_rpt(void)
{
    return &NO_TLS_RPT;
}
