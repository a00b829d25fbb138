/* One value of the command line into its member of struct options. */
#ifndef SCANNER_OPTIONS_SET_H
#define SCANNER_OPTIONS_SET_H

#include "scanner/options_message.h"

/* text: NULL for flags. OPTIONS_BAD when it does not fit, which was then said. */
enum options_result options_set(struct options *options, const struct option *option,
                                const char *text, const struct options_message *message);

#endif
