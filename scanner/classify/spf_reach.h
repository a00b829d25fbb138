/* Which questions the static analysis of a record asks: the names of all terms of all
 * records reached, level by level, at most SPF_QUERIES_MAX.
 *
 * Nothing of a level is asked before all of the level above is answered, so that what is
 * asked does not depend on which answer comes first, and no more is ever asked.
 */
#ifndef SCANNER_CLASSIFY_SPF_REACH_H
#define SCANNER_CLASSIFY_SPF_REACH_H

#include "scanner/classify/spf_grammar.h"

#define SPF_MX_HOSTS_MAX 10   /* RFC 7208 4.6.4 */
#define SPF_DEPTH_MAX 20      /* records within records followed */
#define SPF_READ_MAX 0x100000 /* bytes of record text read in one run */

/* Fills analysis->questions. False while answers are missing. */
bool spf_reach(const char *domain, const struct lookup *lookup,
               struct spf_analysis *analysis);

/* NULL: not asked, for want of budget. */
const struct spf_question *spf_reach_find(const struct spf_analysis *analysis,
                                          const char *name, enum dns_type type);

/* A target of an MX that can be asked for: not that of a null MX (RFC 7505). */
bool spf_reach_is_host(const char *name);

enum spf_target { SPF_TARGET_KNOWN, SPF_TARGET_OPEN, SPF_TARGET_IMPOSSIBLE };

/* The name a term of the record at domain speaks of, as the resolver spells it; open: it
 * depends on the sender (RFC 7208 7.2: all macros but d). */
enum spf_target spf_reach_target(const struct spf_term *term, const char *domain,
                                 char name[SPF_NAME_MAX]);

#endif
