/* Sentences for the codes of an MTA-STS policy: how its fetch ended, and its text. */
#include "scanner/show_advice.h"

#include "scanner/classify/sts_policy.h"

#include <assert.h>

static const struct show_advice ADVICE[STS_CODE_COUNT] = {
    [STS_DNS_NXDOMAIN] = {"The policy host does not exist, so senders find no policy.",
                          "Publish mta-sts.DOMAIN, or take the record at _mta-sts out.",
                          "RFC 8461 3.3"},
    [STS_DNS_NODATA] =
        {"The policy host has no address, so senders find no policy.",
         "Publish its A or AAAA record; a CNAME must lead to a name that has one.",
         "RFC 8461 3.3"},
    [STS_DNS_SERVFAIL] =
        {"The name servers of the policy host fail, so there is no telling what "
         "its policy is.",
         "Look again later; if it stays so, look at its zone and its DNSSEC.",
         "RFC 8461 3.3"},
    [STS_DNS_TIMEOUT] = {"The name servers of the policy host did not answer in time.",
                         "Look again later; if it stays so, look at its name servers.",
                         "RFC 8461 3.3"},
    [STS_DNS_ERROR] = {"The lookup of the policy host ended in an error.",
                       "Look again later; if it stays so, look at its zone.",
                       "RFC 8461 3.3"},
    [STS_ADDRESS_BLOCKED] =
        {"The policy host has only addresses that nobody reaches from the "
         "Internet; they were not contacted.",
         "Give it a public address.", "RFC 6890"},
    [STS_TCP_REFUSED] = {"The policy host refuses connections on port 443.",
                         "Start the web server there, or open the port.", "RFC 8461 3.3"},
    [STS_TCP_TIMEOUT] = {"The policy host does not answer on port 443.",
                         "Open the port in firewalls, and see that the address is right.",
                         "RFC 8461 3.3"},
    [STS_TCP_UNREACHABLE] = {"There is no route to the policy host, at least from here.",
                             "See that the address is right and reachable.",
                             "RFC 8461 3.3"},
    [STS_TCP_RESET] = {"The policy host broke the connection off.",
                       "Look into its log, and at what stands in front of it.",
                       "RFC 8461 3.3"},
    [STS_TLS_PROTOCOL] = {"The policy host speaks no TLS 1.2 or later on port 443.",
                          "Switch TLS on, version 1.2 or 1.3.", "RFC 8461 3.3, RFC 8996"},
    [STS_TLS_ALERT] =
        {"The policy host refused the TLS handshake; often it has no certificate for "
         "this name.",
         "Set up the name mta-sts.DOMAIN on the web server.", "RFC 8461 3.3"},
    [STS_TLS_TIMEOUT] = {"The policy host did not finish the TLS handshake in time.",
                         "Look again later; if it stays so, look at the web server.",
                         "RFC 8461 3.3"},
    [STS_CERT_EXPIRED] =
        {"The certificate of the policy host has expired, so senders do not trust "
         "the policy.",
         "Renew it, and see that renewal is automatic.", "RFC 8461 3.3"},
    [STS_CERT_NOT_YET_VALID] =
        {"The certificate of the policy host is not valid yet.",
         "See that the clocks are right, or use another one until then.", "RFC 8461 3.3"},
    [STS_CERT_SELF_SIGNED] =
        {"The certificate of the policy host is signed by itself, so senders "
         "do not trust the policy.",
         "Use one of a public certificate authority.", "RFC 8461 3.3"},
    [STS_CERT_UNTRUSTED_ROOT] =
        {"The certificate of the policy host comes from an authority that "
         "is not trusted here.",
         "Use one of a public certificate authority.", "RFC 8461 3.3"},
    [STS_CERT_UNKNOWN_ISSUER] =
        {"The issuer of the certificate is not known; often the web server "
         "does not send the intermediate certificate.",
         "Have the web server send the whole chain.", "RFC 8461 3.3"},
    [STS_CERT_NAME_MISMATCH] =
        {"The certificate is not for the name of the policy host, so "
         "senders do not trust the policy.",
         "Get one that has mta-sts.DOMAIN among its DNS names.", "RFC 8461 3.3"},
    [STS_CERT_OTHER] = {"The certificate of the policy host cannot be verified.",
                        "See verify error; replace the certificate.", "RFC 8461 3.3"},
    [STS_HTTP_REDIRECT] =
        {"The policy host redirects elsewhere, and senders do not follow.",
         "Serve the file itself, or let the name's CNAME lead to its host.",
         "RFC 8461 3.3"},
    [STS_HTTP_STATUS] =
        {"The policy host does not serve the file (any status but 200 counts as "
         "none).",
         "Put the policy at /.well-known/mta-sts.txt.", "RFC 8461 3.3"},
    [STS_HTTP_TIMEOUT] = {"The policy host did not send the file in time.",
                          "Look again later; if it stays so, look at the web server.",
                          "RFC 8461 3.3"},
    [STS_HTTP_TOO_LARGE] =
        {"The file is larger than 65,536 bytes; senders may stop reading there.",
         "Make it shorter: patterns such as *.mx.example.net save lines.",
         "RFC 8461 3.3"},
    [STS_HTTP_PROTOCOL] = {"What the policy host answers is not HTTP.",
                           "Set up a web server on port 443.", "RFC 8461 3.3"},
    [STS_EMPTY] = {"The file is empty, and an empty file is no policy.",
                   "Write the policy into it; to switch MTA-STS off, use mode: none.",
                   "RFC 8461 3.2, 8.3"},
    [STS_LINE_INVALID] =
        {"The line is not key: value, and one such line makes the policy invalid.",
         "Correct it or take it out; no comments, no blank lines in between.",
         "RFC 8461 3.2"},
    [STS_VERSION_MISSING] = {"The policy has no version.",
                             "Add version: STSv1 as its first line.", "RFC 8461 3.2"},
    [STS_VERSION_INVALID] = {"The version must be exactly STSv1.", "Write version: STSv1",
                             "RFC 8461 3.2"},
    [STS_MODE_MISSING] =
        {"The policy has no mode.",
         "Add mode: testing, or mode: enforce once the reports look right.",
         "RFC 8461 3.2"},
    [STS_MODE_INVALID] =
        {"The mode must be exactly enforce, testing or none (enforced is a common "
         "slip).",
         "Correct the word.", "RFC 8461 3.2"},
    [STS_MAX_AGE_MISSING] = {"The policy has no max_age.",
                             "Add max_age: 604800 (a week), later more.", "RFC 8461 3.2"},
    [STS_MAX_AGE_INVALID] = {"max_age must be 1 to 10 digits, in seconds.",
                             "Write digits only, such as max_age: 604800",
                             "RFC 8461 3.2"},
    [STS_MAX_AGE_TOO_LARGE] = {"max_age is more than a year (31557600 seconds).",
                               "Write 31557600 or less.", "RFC 8461 3.2"},
    [STS_MX_MISSING] = {"The policy names no mail host.",
                        "Add an mx line for every host of the MX records.",
                        "RFC 8461 3.2"},
    [STS_MX_INVALID] =
        {"This is no host name and no pattern of the form *.domain (no address, no "
         "e-mail address, no final dot).",
         "Write the name of the mail host, one a line.", "RFC 8461 3.2"},
    [STS_NON_ASCII] =
        {"Bytes outside ASCII where none may stand, such as a byte order mark or a "
         "typographic character.",
         "Save the file as plain ASCII; write names as A-labels (xn--).", "RFC 8461 3.2"},
    [STS_MEDIA_TYPE] =
        {"The file should be served as text/plain; some senders may refuse it "
         "otherwise.",
         "Set Content-Type: text/plain for it.", "RFC 8461 3.2"},
    [STS_DUPLICATE_KEY] = {"The key stands there before; the first one counts.",
                           "Keep one of them.", "RFC 8461 3.2"},
    [STS_UNKNOWN_KEY] = {"No RFC knows this key; senders skip the line.",
                         "Correct the spelling or take it out.", "RFC 8461 3.2"},
    [STS_MAX_AGE_SHORT] =
        {"The policy is kept for less than a day, so somebody who blocks its "
         "renewal for so long switches it off.",
         "Write weeks or months: max_age: 604800 or more.", "RFC 8461 3.2, 10.2"},
    [STS_MX_IGNORED] = {"In mode none the mx lines mean nothing.",
                        "Take them out, once you are sure of the mode.",
                        "RFC 8461 3.2, 8.3"},
    [STS_BLANK_LINE] = {"Empty lines at the end of the file; strict readers refuse them.",
                        "Take them out.", "RFC 8461 3.2"},
};

const struct show_advice *show_advice_policy(unsigned code)
{
    assert(code < STS_CODE_COUNT);
    return &ADVICE[code];
}
