/* Macros of SPF (RFC 7208 7): %{letter digits r delimiters}, %%, %_ and %-.
 */
#ifndef SCANNER_CLASSIFY_SPF_MACRO_H
#define SCANNER_CLASSIFY_SPF_MACRO_H

#include "scanner/classify/span.h"

struct spf_macro {
    char letter;  /* as written: upper case means URL escape; 0 = literal */
    char literal; /* of %% %_ %-: '%', ' ' or '-' (which stands for %20) */
    size_t kept;  /* right-hand parts kept; SIZE_MAX = all */
    bool is_reversed;
    struct span delimiters; /* len 0 = "." */
};

/* The macro that text begins with: its length in bytes, or 0 where text begins with '%'
 * but no macro (RFC 7208 7.1; a digit count of zero is none, 7.3). */
size_t spf_macro_parse(struct span text, struct spf_macro *macro);

/* True when a well-formed macro of text bears one of the lower-case letters. */
bool spf_macro_uses(struct span text, const char *letters);

/* What a letter stands for: of[letter - 'a']; ptr NULL = letter has no value here. */
struct spf_macro_values {
    struct span of[26];
};

/* Where expanded text goes. Text beyond size is lost at the end, or with keeps_end at the
 * beginning: a name too long loses labels from the left (RFC 7208 7.3). */
struct spf_text {
    char *ptr;
    size_t size, len;
    bool keeps_end;
};

/* text must be well-formed; what is not well-formed or has no value expands to
 * nothing. */
void spf_macro_expand(struct span text, const struct spf_macro_values *values,
                      struct spf_text *out);

#endif
