/* An MTA-STS policy from its host's addresses to the parsed body: which step it got to
 * and why it ended there (RFC 8461 3.3).
 */
#ifndef SCANNER_POLICY_H
#define SCANNER_POLICY_H

#include "scanner/verdict.h"

void policy_clear(struct verdict_policy *policy);
/* False while an answer or the fetch is missing; is_fetch_due then tells which. */
bool policy_judge(struct verdict_policy *policy, const struct verdict_facts *facts);
const char *policy_stage_text(enum sts_stage stage);

#endif
