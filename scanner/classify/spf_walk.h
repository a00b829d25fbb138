/* The worst path through a record and all it includes: what it costs and what it lets
 * pass (RFC 7208 4.6.4, 5.2, 6.1).
 */
#ifndef SCANNER_CLASSIFY_SPF_WALK_H
#define SCANNER_CLASSIFY_SPF_WALK_H

#include "scanner/classify/spf_reach.h"

#define SPF_RECORDS_MAX 500 /* records gone through, repeated ones each time */

/* analysis->questions are answered and the first one holds exactly one record. Notes the
 * own record's defects and what bubbles up from the others. */
void spf_walk(struct spf_analysis *analysis, struct span record, struct defects *defects);

#endif
