/* What the command line's reader says when something is wrong: one line with the fault,
 * one that tells where to look.
 */
#ifndef SCANNER_OPTIONS_MESSAGE_H
#define SCANNER_OPTIONS_MESSAGE_H

#include "scanner/options_table.h"

#define OPTIONS_SHOWN_MAX 120 /* bytes of a value repeated in a message */

struct options_message {
    FILE *err;
    const struct option_command *command; /* whose --help; NULL = the program's */
};

/* Always OPTIONS_BAD. */
enum options_result options_bad(const struct options_message *message, const char *format,
                                ...) __attribute__((format(printf, 2, 3)));
/* A word of the command line for a message: in one line, without control bytes, not too
 * long. */
const char *options_shown(const char *text, char buffer[OPTIONS_SHOWN_MAX + 1]);
/* The one of two names that is nearer to a word, by edit distance; nearest may be NULL,
 * and stays so when the candidate shares less than about two thirds with the word. */
const char *options_nearer(struct span word, const char *nearest, const char *candidate);

#endif
