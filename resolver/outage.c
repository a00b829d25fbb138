#include "resolver/outage.h"

bool outage_is_failure(enum dns_status status)
{
    return status == DNS_SERVFAIL || status == DNS_REFUSED || status == DNS_TIMEOUT ||
           status == DNS_NETWORK;
}

bool outage_hear(struct outage *outage, enum dns_status status, uint64_t now_ms)
{
    if (!outage_is_failure(status)) {
        *outage = (struct outage){.has_been_answered = true};
        return false;
    }
    if (outage->state != OUTAGE_NONE || ++outage->failures < OUTAGE_FAILURES) {
        return false;
    }
    outage->state = OUTAGE_DOUBTED;
    outage->wait_ms = OUTAGE_WAIT_MS;
    outage->begun_ms = now_ms;
    return true;
}

bool outage_is_on(const struct outage *outage)
{
    return outage->state == OUTAGE_DOUBTED || outage->state == OUTAGE_SURE;
}

bool outage_is_over(const struct outage *outage)
{
    return outage->state == OUTAGE_ENDURED ||
           (outage->state == OUTAGE_NONE && outage->failures == 0);
}

uint32_t outage_control_failed(struct outage *outage, uint64_t now_ms)
{
    uint64_t most_ms =
        outage->has_been_answered ? OUTAGE_MOST_MS : OUTAGE_MOST_AT_FIRST_MS;
    uint32_t wait_ms = outage->wait_ms;

    if (now_ms - outage->begun_ms >= most_ms) {
        outage->state = OUTAGE_ENDURED;
        return 0;
    }
    outage->state = OUTAGE_SURE;
    outage->wait_ms = 2 * wait_ms < OUTAGE_WAIT_MAX_MS ? 2 * wait_ms : OUTAGE_WAIT_MAX_MS;
    return wait_ms;
}
