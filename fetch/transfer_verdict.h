/* From what an attempt left behind to where and why it ended.
 *
 * curl reports every failed handshake as one code and its texts are for people, so the
 * verdict rests on what was recorded: the certificate's first failure, the peer's alert,
 * the state TCP was left in, errno.
 */
#ifndef FETCH_TRANSFER_VERDICT_H
#define FETCH_TRANSFER_VERDICT_H

#include "fetch/transfer.h"

/* Sets stage and error. */
void transfer_verdict_reach(struct transfer *transfer, CURLcode code);

/* Is the verdict of a to be preferred to that of b, an earlier attempt? */
bool transfer_verdict_is_better(const struct transfer *a, const struct transfer *b);

#endif
