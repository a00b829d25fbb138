/* Whether memory has run short in libcurl or OpenSSL. They rarely say so: an allocation that
 * fails in the middle of a handshake is an alert of ours, a certificate that cannot be verified
 * or a name that is not listed, and looks as if the server were to blame. So both take their memory
 * here, and the first failure is remembered for good: whoever is told a result after it must
 * not believe it.
 *
 * Of the whole process, as OpenSSL's memory is. From any thread.
 */
#ifndef FETCH_MEMORY_H
#define FETCH_MEMORY_H

#include <stdbool.h>

/* Instead of curl_global_init; 0 or -EIO. */
int memory_init_curl(void) __attribute__((warn_unused_result));
void memory_lack(void); /* an allocation has failed */
bool memory_is_lacking(void);

#endif
