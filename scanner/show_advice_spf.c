/* Sentences for SPF's codes. */
#include "scanner/show_advice.h"

#include "scanner/classify/spf.h"

#include <assert.h>

static const struct show_advice ADVICE[SPF_CODE_COUNT] = {
    [SPF_MULTIPLE_RECORDS] =
        {"The name holds more than one SPF record. Receivers do not choose: "
         "they give up (permerror).",
         "Merge them into one record.", "RFC 7208 3.2, 4.5"},
    [SPF_SYNTAX] =
        {"This fits no rule of the grammar, and one such term makes receivers give up "
         "on the whole record (permerror), even where another term matches.",
         "Correct it or take it out.", "RFC 7208 4.6, 12"},
    [SPF_UNKNOWN_MECHANISM] =
        {"No RFC knows a mechanism of this name, so receivers give up on the "
         "whole record (permerror).",
         "Correct the spelling: all, include:, a, mx, ip4:, ip6: and exists: "
         "are known, with a space between terms.",
         "RFC 7208 4.6.1"},
    [SPF_INVALID_IP] =
        {"This is no address of the family that the mechanism names: receivers give "
         "up on the whole record (permerror).",
         "Write all four numbers behind ip4:, a complete IPv6 address behind ip6:.",
         "RFC 7208 5.6"},
    [SPF_INVALID_CIDR] =
        {"The length behind the slash is not 0 to 32 for IPv4 or 0 to 128 for "
         "IPv6: receivers give up on the whole record (permerror).",
         "Correct the length; in a and mx the one for IPv6 stands behind two "
         "slashes.",
         "RFC 7208 5.3, 5.6"},
    [SPF_INVALID_DOMAIN] =
        {"What stands behind the colon or the equals sign is no domain name: "
         "receivers give up on the whole record (permerror).",
         "Write the full name, of two labels at least, in ASCII.", "RFC 7208 7.1"},
    [SPF_INVALID_MACRO] =
        {"A percent sign begins a macro here, but none that exists: receivers "
         "give up on the whole record (permerror).",
         "Write %{letter} with one of s l o d i p h v, or %% for the sign "
         "itself.",
         "RFC 7208 7.1"},
    [SPF_DUPLICATE_MODIFIER] =
        {"redirect= and exp= may each stand once: receivers give up on the "
         "whole record (permerror).",
         "Keep one of them.", "RFC 7208 6"},
    [SPF_NON_ASCII] =
        {"A byte outside printable ASCII, as copying from a web page or a text "
         "processor brings in: receivers give up on the whole record (permerror).",
         "Type the term again; write names as A-labels (xn--).", "RFC 7208 3.1, 12"},
    [SPF_TOO_MANY_LOOKUPS] =
        {"More than 10 terms of this record and of all it includes need a DNS "
         "lookup; this is the eleventh. Receivers that get so far give up "
         "(permerror).",
         "Take out senders no longer in use, and write ip4: and ip6: ranges "
         "instead of include:, a and mx where they are stable.",
         "RFC 7208 4.6.4"},
    [SPF_TOO_MANY_VOID_LOOKUPS] =
        {"More than 2 lookups find nothing; this name is the third. "
         "Receivers that get so far give up (permerror).",
         "Take out the terms whose names are gone.", "RFC 7208 4.6.4"},
    [SPF_TOO_MANY_MX] =
        {"An mx term may lead to 10 hosts, and this name has more: receivers give "
         "up (permerror).",
         "List the addresses with ip4: and ip6: instead.", "RFC 7208 4.6.4"},
    [SPF_INCLUDE_NO_RECORD] =
        {"The name that is included has no SPF record, and that is an error "
         "of this record (permerror).",
         "Take the include out, or correct its name; the operator's manual "
         "tells which one is meant.",
         "RFC 7208 5.2"},
    [SPF_INCLUDE_INVALID] =
        {"The record that is included is broken, and this one with it "
         "(permerror).",
         "Tell its operator, and take it out until it is mended.", "RFC 7208 5.2"},
    [SPF_INCLUDE_LOOP] =
        {"The record includes itself, directly or in a circle, which uses up the "
         "10 lookups (permerror).",
         "Take out the include that leads back.", "RFC 7208 4.6.4, 5.2"},
    [SPF_REDIRECT_NO_RECORD] =
        {"The name that redirect= leads to has no SPF record, and that is "
         "an error (permerror).",
         "Correct the name, or publish a record of your own.", "RFC 7208 6.1"},
    [SPF_REDIRECT_INVALID] =
        {"The record that redirect= leads to is broken, and this one with it "
         "(permerror).",
         "Tell its operator, or publish a record of your own.", "RFC 7208 6.1"},
    [SPF_REDIRECT_LOOP] =
        {"redirect= leads back to a record already gone through, which uses up "
         "the 10 lookups (permerror).",
         "End the circle with a record that has terms of its own.",
         "RFC 7208 4.6.4, 6.1"},
    [SPF_ALL_PASS] = {"Every host in the world may send mail for this domain.",
                      "End the record in -all, or in ~all while you find out who sends.",
                      "RFC 7208 5.1"},
    [SPF_ALL_NEUTRAL] =
        {"Hosts that are not listed get the same result as with no record at all.",
         "End the record in -all or ~all.", "RFC 7208 5.1, 8.2"},
    [SPF_NO_ALL] =
        {"The record says nothing about hosts it does not list: for them the result is "
         "neutral, as with no record at all.",
         "End it in -all or ~all, or in redirect=.", "RFC 7208 4.7"},
    [SPF_TERMS_AFTER_ALL] =
        {"all matches every host, so what stands behind it is never looked at.",
         "Move all to the end, or drop the terms behind it.", "RFC 7208 5.1"},
    [SPF_REDIRECT_IGNORED] = {"A record with all never comes to its redirect=.",
                              "Drop one of the two.", "RFC 7208 5.1, 6.1"},
    [SPF_PTR_USED] =
        {"ptr is slow and unreliable, and should not be published; some receivers "
         "skip it.",
         "List the addresses with ip4: and ip6:, or use a.", "RFC 7208 5.5"},
    [SPF_RECORD_TOO_LONG] =
        {"The record is longer than 450 bytes; with other texts at the name "
         "the answer may not fit a UDP packet, and some receivers then fail.",
         "Shorten it, or move a part into an include:.", "RFC 7208 3.4"},
    [SPF_VOID_LOOKUP] =
        {"A lookup of this record finds nothing at this name. Two of them are "
         "allowed, and each costs a lookup.",
         "Take the term out or correct the name.", "RFC 7208 4.6.4"},
    [SPF_BROAD_RANGE] =
        {"The range is wider than /16 (IPv4) or /32 (IPv6): more hosts than one "
         "sender has, and all of them may send for this domain.",
         "List the narrower ranges that really send.", "RFC 7208 5.6"},
    [SPF_MX_MISSING] = {"An mx term asks for mail hosts of a name that has none.",
                        "Take the term out or correct the name.", "RFC 7208 5.4"},
    [SPF_A_MISSING] = {"An a term asks for addresses of a name that has none.",
                       "Take the term out or correct the name.", "RFC 7208 5.3"},
    [SPF_UNKNOWN_MODIFIER] =
        {"Receivers skip a modifier that they do not know; often a mechanism "
         "written with = instead of a colon is meant.",
         "Correct it or take it out.", "RFC 7208 6"},
    [SPF_INCLUDE_TEMP_ERROR] =
        {"The record that is included could not be fetched just now; "
         "receivers that meet this answer temperror, and mail is delayed.",
         "Look again later; if it stays so, tell its operator.", "RFC 7208 4.4, 5.2"},
    [SPF_VERSION_NEAR_MISS] =
        {"Receivers pass over this text: an SPF record begins with exactly "
         "v=spf1 and a space.",
         "Correct the beginning.", "RFC 7208 4.5"},
    [SPF_ANALYSIS_TRUNCATED] =
        {"The record leads to more names than are asked for one domain (100 "
         "questions), so the counts are lower bounds.",
         "Make the record simpler: it is far beyond what receivers accept.",
         "RFC 7208 4.6.4"},
    [SPF_TEXT_TRUNCATED] = {"The text is longer than 4,096 bytes and is not shown whole.",
                            "Make the record shorter.", "RFC 7208 3.4"},
};

const struct show_advice *show_advice_spf(unsigned code)
{
    assert(code < SPF_CODE_COUNT);
    return &ADVICE[code];
}
