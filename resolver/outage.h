/* Is it the names that fail, or the way to them? Pure: no socket, no clock of its own.
 *
 * When a long row of attempts ends without an answer (SERVFAIL, REFUSED, time-outs, no
 * network), either these names share a fate or we are cut off: the resolver refuses us, it
 * restarts, its network or ours is down. One control question tells: a name that nobody
 * has, so that no cache knows it; every answer will do. Until it is answered nothing else is
 * asked, and what failed meanwhile is asked again; also the row itself, for a failure is told
 * only when something was answered after it, or OUTAGE_PATIENCE_MS later. So a list of dead
 * names costs a question in fifty more, and an outage neither burdens who suffers it nor
 * turns into temp_errors.
 *
 * That is not for ever: after OUTAGE_MOST_MS (OUTAGE_MOST_AT_FIRST_MS where nothing was
 * ever answered) failures count as such again, until something is answered.
 */
#ifndef RESOLVER_OUTAGE_H
#define RESOLVER_OUTAGE_H

#include <stdbool.h>
#include <stdint.h>

#include "resolver/resolver.h"

#define OUTAGE_FAILURES 50 /* in a row */
#define OUTAGE_PATIENCE_MS 2000
#define OUTAGE_WAIT_MS 1000 /* between control questions, twice as long each time */
#define OUTAGE_WAIT_MAX_MS 15000
#define OUTAGE_MOST_MS 300000
#define OUTAGE_MOST_AT_FIRST_MS 10000

enum outage_state {
    OUTAGE_NONE,
    OUTAGE_DOUBTED, /* the first control question is under way */
    OUTAGE_SURE,    /* it failed */
    OUTAGE_ENDURED  /* for too long */
};

struct outage {
    enum outage_state state;
    uint32_t failures; /* in a row */
    uint32_t wait_ms;  /* the next time */
    uint64_t begun_ms;
    bool has_been_answered;
};

/* An attempt that ended so was not answered by anybody who knows. */
bool outage_is_failure(enum dns_status status);

/* How an attempt ended. True: the control question is to be asked now. */
bool outage_hear(struct outage *outage, enum dns_status status, uint64_t now_ms);
/* Nothing but the control question may be asked, and failures do not count. */
bool outage_is_on(const struct outage *outage);
/* Whether failures may be told as such: something was answered after them. */
bool outage_is_over(const struct outage *outage);
/* The control question has failed: after so many ms it is to be asked again; 0 = never. */
uint32_t outage_control_failed(struct outage *outage, uint64_t now_ms);

#endif
