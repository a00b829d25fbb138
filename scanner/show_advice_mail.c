/* Sentences for the codes of MX and DMARC. */
#include "scanner/show_advice.h"

#include "scanner/classify/dmarc.h"
#include "scanner/classify/mx.h"

#include <assert.h>

static const struct show_advice MX_ADVICE[MX_CODE_COUNT] = {
    [MX_NULL_MX_WITH_OTHERS] =
        {"A null MX (0 .) says that the domain takes no mail; beside other "
         "MX records it contradicts them.",
         "Keep either the null MX or the others.", "RFC 7505 3"},
    [MX_TARGET_IS_ADDRESS] =
        {"An MX record must name a host; this is an IP address, and senders "
         "look for a host of that name.",
         "Give the address a name and put that into the MX record.",
         "RFC 5321 5.1, RFC 1035 3.3.9"},
    [MX_IMPLICIT_MX] =
        {"There is no MX record, so senders deliver to the addresses of the domain "
         "itself, often a web server.",
         "Publish an MX record, or a null MX (0 .) where no mail is wanted.",
         "RFC 5321 5.1, RFC 7505"},
    [MX_TARGET_NXDOMAIN] =
        {"The mail host does not exist: senders skip it, and where it is the "
         "only one, mail is returned.",
         "Correct the name or take the MX record out.", "RFC 5321 5.1"},
    [MX_TARGET_NO_ADDRESS] =
        {"The mail host has no address: senders skip it, and where it is the "
         "only one, mail is returned.",
         "Publish its A or AAAA record, or take the MX record out.", "RFC 5321 5.1"},
    [MX_ADDRESS_PRIVATE] =
        {"A mail host has an address that nobody reaches from the Internet "
         "(private, loopback or otherwise set aside).",
         "Publish public addresses only.", "RFC 6890"},
    [MX_TARGET_IS_CNAME] =
        {"The mail host is an alias (CNAME); it must have address records of "
         "its own. Some senders refuse, and loops can follow.",
         "Put the name that the alias leads to into the MX record.",
         "RFC 2181 10.3, RFC 5321 5.1"},
    [MX_SINGLE_LABEL] =
        {"The mail host is a single label, most likely a name whose domain was "
         "forgotten.",
         "Write the full name.", "RFC 5321 2.3.5"},
};

static const struct show_advice DMARC_ADVICE[DMARC_CODE_COUNT] = {
    [DMARC_MULTIPLE_RECORDS] =
        {"The name holds more than one DMARC record, so receivers act as if "
         "there were none.",
         "Keep one of them.", "RFC 7489 6.6.3, RFC 9989 4.10"},
    [DMARC_P_MISSING] =
        {"The record has no p tag: receivers take the policy for none where rua "
         "holds a valid URI, and else ignore the record.",
         "Write p=none, p=quarantine or p=reject right behind v=DMARC1.",
         "RFC 7489 6.3, RFC 9989 4.7"},
    [DMARC_P_INVALID] =
        {"p is neither none nor quarantine nor reject: receivers take the policy "
         "for none where rua holds a valid URI, and else ignore the record.",
         "Correct the word; it must be whole.", "RFC 7489 6.6.3, RFC 9989 4.7"},
    [DMARC_SP_INVALID] =
        {"sp is neither none nor quarantine nor reject: for subdomains receivers "
         "take the policy for none where rua holds a valid URI, and else ignore "
         "the record.",
         "Correct the word or take sp out: then p holds for subdomains too.",
         "RFC 7489 6.6.3, RFC 9989 4.7"},
    [DMARC_NP_INVALID] =
        {"np is neither none nor quarantine nor reject: receivers by RFC 9989 "
         "take the policy for names that do not exist for none where rua holds a "
         "valid URI, and else ignore the record.",
         "Correct the word or take np out: then sp or p holds.", "RFC 9989 4.7"},
    [DMARC_TAG_INVALID] =
        {"Receivers cannot use this tag and take its default.",
         "Correct it: name=value, with the values of the RFC, and a semicolon "
         "between tags.",
         "RFC 7489 6.3, RFC 9989 4.7"},
    [DMARC_DUPLICATE_TAG] =
        {"The tag stands there before; what receivers do with the second one "
         "differs.",
         "Keep one of them.", "RFC 9989 4.8"},
    [DMARC_UNKNOWN_TAG] = {"No RFC knows this tag, so receivers skip it.",
                           "Correct the spelling or take it out.",
                           "RFC 7489 6.3, RFC 9989 4.7"},
    [DMARC_REMOVED_TAG] =
        {"Receivers by RFC 9989 skip this tag: pct, rf and ri are no more.",
         "Take it out; t=y now does what a small pct was used for.", "RFC 9989 C.5.2"},
    [DMARC_RUA_INVALID] =
        {"This is no URI that aggregate reports could be sent to, so receivers "
         "skip it.",
         "Write mailto: before the address, commas between several.",
         "RFC 7489 6.3, RFC 9989 4.8"},
    [DMARC_RUF_INVALID] =
        {"This is no URI that failure reports could be sent to, so receivers "
         "skip it.",
         "Write mailto: before the address, commas between several.",
         "RFC 7489 6.3, RFC 9989 4.8"},
    [DMARC_NO_RUA] =
        {"There is nobody to send aggregate reports to, so the domain's owner does "
         "not learn who sends in its name, nor what is refused.",
         "Add rua=mailto: and an address that is read or evaluated.",
         "RFC 7489 7.2, RFC 9990"},
    [DMARC_EXTERNAL_UNAUTHORISED] =
        {"The reports shall go to another organization, which has not "
         "said that it takes them: receivers send it none.",
         "Have its operator publish v=DMARC1 at "
         "YOUR-DOMAIN._report._dmarc.THEIR-HOST, or change the address.",
         "RFC 7489 7.1, RFC 9990 4"},
    [DMARC_PCT_PARTIAL] =
        {"Receivers by RFC 7489 apply the policy to a part of the mail only, "
         "those by RFC 9989 to all of it.",
         "Take pct out.", "RFC 7489 6.3, RFC 9989 C.5.2"},
    [DMARC_TESTING] =
        {"t=y asks receivers to weaken the policy by one step: reject becomes "
         "quarantine, quarantine becomes none.",
         "Take t=y out once the reports look right.", "RFC 9989 4.7"},
    [DMARC_INHERITED] =
        {"The name has no DMARC record; the policy comes from a domain above it.",
         "Where that is meant, there is nothing to do; else publish a record at this "
         "name.",
         "RFC 7489 6.6.3, RFC 9989 4.10"},
    [DMARC_NOT_ENFORCED] =
        {"The policy in force is none: receivers report forged mail, but "
         "deliver it.",
         "When the reports show that your own mail passes, go on to "
         "p=quarantine and p=reject.",
         "RFC 7489 6.3, RFC 9989 4.7"},
    [DMARC_WILDCARD_SUSPECTED] =
        {"The texts at _dmarc are those of the domain itself or an SPF "
         "record: a wildcard TXT record seems to answer for every name.",
         "Take the wildcard out, or publish a DMARC record at _dmarc "
         "itself.",
         "RFC 4592 2.2.1, RFC 7489 6.1"},
    [DMARC_VERSION_NEAR_MISS] =
        {"Receivers pass over this text: a DMARC record begins with "
         "exactly v=DMARC1, and a semicolon where more follows.",
         "Correct the beginning; capitals count in DMARC1.",
         "RFC 7489 6.3, RFC 9989 4.7"},
    [DMARC_TEXT_TRUNCATED] =
        {"The text is longer than 4,096 bytes and is not shown whole.",
         "Make the record shorter.", "RFC 9989 4.8"},
};

const struct show_advice *show_advice_mx(unsigned code)
{
    assert(code < MX_CODE_COUNT);
    return &MX_ADVICE[code];
}

const struct show_advice *show_advice_dmarc(unsigned code)
{
    assert(code < DMARC_CODE_COUNT);
    return &DMARC_ADVICE[code];
}
