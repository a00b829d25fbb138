/* Is it our own machine that ran short, of descriptors, local ports or memory for a socket?
 * Then nothing is said about the peer, and a little later there may be enough again.
 */
#ifndef FETCH_SHORTAGE_H
#define FETCH_SHORTAGE_H

#include <stdbool.h>

#include "fetch/address_guard.h"

/* os_error: why socket(2) or connect(2) to that address failed. */
bool shortage_is(int os_error, const struct fetch_address *address);

#endif
