/* One piece of text -> a domain name in A-labels, or the reason why it is none. Pure but
 * for libidn2.
 *
 * The order of the reasons. Of all that fits a text, the first in the order of enum
 * target_reason (the contract's) is given; only too_long stands outside it, being tried
 * before everything. What each one means, after one final dot was taken off:
 *
 *   url            a slash anywhere: "https://a.example/", "a.example/path",
 *                  "192.0.2.0/24"
 *   email          an '@'
 *   wildcard       a '*', as a label or within one
 *   port           text, one colon, digits; or "[...]:" and digits. "::1" has more
 *                  colons and is an address
 *   ip             IPv4 as a dotted quad, IPv6 bare, in brackets or with a zone; IPv4 in
 *                  full-width digits too. "256.1.1.1" is no address, but a strange name
 *   idna           a non-ASCII label that IDNA refuses, or an "xn--" label that does not
 *                  decode
 *   single_label   no dot between two labels
 *   label_too_long over 63 bytes as an A-label (RFC 1035, 2.3.4)
 *   name_too_long  over 253 bytes as A-labels, which is 255 on the wire
 *   empty_label    two dots in a row or a dot in front; also "" and ".": the root has no
 *                  label, so it is not a single label either
 *   encoding       bytes that are not UTF-8, control bytes, spaces, ASCII that no name
 *                  holds ("!$%")
 *
 * What makes a label. ASCII letters, digits, hyphens and underscores in any place pass as
 * they are, lower-cased, "ab--cd" and "-a-" included: the DNS knows such names. U+3002,
 * U+FF0E and U+FF61 separate labels like the dot (UTS 46, 4). A label with other
 * non-ASCII goes through libidn2's lookup (RFC 5891, 5) with UTS 46 non-transitional
 * mapping, so that capitals, full-width forms and decomposed letters are mapped first and
 * "faß" stays apart from "fass"; it must come out as ASCII a name may hold. An "xn--"
 * label only has to decode to text: the name is published, whatever a registry would say
 * about it (emoji names are an example).
 */
#ifndef SCANNER_TARGET_NAME_H
#define SCANNER_TARGET_NAME_H

#include "scanner/classify/span.h"

/* In the contract's order. The first group makes a line invalid, the second excluded. */
enum target_reason {
    TARGET_REASON_NONE,
    TARGET_URL,
    TARGET_EMAIL,
    TARGET_WILDCARD,
    TARGET_PORT,
    TARGET_IP,
    TARGET_IDNA,
    TARGET_SINGLE_LABEL,
    TARGET_LABEL_TOO_LONG,
    TARGET_NAME_TOO_LONG,
    TARGET_EMPTY_LABEL,
    TARGET_ENCODING,
    TARGET_TOO_LONG,
    TARGET_OPT_OUT,
    TARGET_SPECIAL_USE
};

#define TARGET_NAME_MAX 253     /* bytes of text without final dot */
#define TARGET_UNICODE_MAX 1024 /* 253 A-label bytes decode to less than 4 times that */

struct target_name {
    bool lacks_memory; /* there was none to read the text: no reason is to be believed */
    char domain[TARGET_NAME_MAX + 3]; /* A-labels, lower case, no final dot; with NUL */
    char domain_unicode[TARGET_UNICODE_MAX]; /* the same in U-labels, UTF-8 */
    size_t domain_len;
    size_t domain_unicode_len;
};

/* text: without surrounding space. TARGET_REASON_NONE when name was filled; otherwise its
 * contents mean nothing. */
enum target_reason target_name_read(struct target_name *name, struct span text);
/* The same where a single label is good too: the suffixes of an opt-out list. */
enum target_reason target_name_read_suffix(struct target_name *name, struct span text);

const char *target_reason_text(enum target_reason reason); /* "url", …; NULL for none */
const char *target_libraries(void); /* "libidn2 2.3.3", for run.json */

#endif
