/* The network of the commands that ask a few questions: one loop with a resolver and a
 * fetcher, in the thread that opened it.
 *
 *   rc = network_open(&network, options);       what is wrong was said on standard error
 *   job_context.net = network_job_net(network);
 *   … ask …
 *   network_run(network);                       until every question is answered
 *   network_close(network);
 *
 * The rates do not apply: they are for surveys.
 */
#ifndef SCANNER_NETWORK_H
#define SCANNER_NETWORK_H

#include "scanner/job.h"
#include "scanner/options.h"

struct network;

/* An exit status: EXIT_SUCCESS, EXIT_FAILURE, or EXIT_USAGE for name servers that are
 * none. */
int network_open(struct network **network, const struct options *options)
    __attribute__((warn_unused_result));
struct job_net network_job_net(struct network *network);
/* Or until memory is short: then nothing that was heard is to be believed, and network_close
 * ends what is open. */
void network_run(struct network *network);
bool network_lacks_memory(const struct network *network);
void network_close(struct network *network); /* NULL is fine */

#endif
