/* The rules that tell who runs what (scanner/classify/provider.h): those of a file, if
 * one is given, then the built-in ones. data/providers.txt says how a line is written;
 * gzip and zstd are recognised as for the input. A line that is no rule is an error: a
 * provider must not be lost to a typing mistake.
 */
#ifndef SCANNER_PROVIDER_LIST_H
#define SCANNER_PROVIDER_LIST_H

#include "scanner/classify/provider.h"

#define PROVIDER_LIST_ERROR_LEN 512
#define PROVIDER_NAME_MAX 100 /* bytes */

/* path NULL: the built-in rules alone. 0 or -errno; error is then one sentence with the
 * path and the line's number. */
int provider_list_open(struct provider_list **list, const char *path,
                       char error[PROVIDER_LIST_ERROR_LEN])
    __attribute__((warn_unused_result));
void provider_list_free(struct provider_list *list); /* NULL is fine */

#endif
