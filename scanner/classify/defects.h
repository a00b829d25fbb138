/* What a classifier found wrong: codes of one protocol's enum, each with the offending
 * text.
 *
 * A parser has no error return: a broken record is a finding. The same code may be noted
 * many times; the record lists it once (errors, warnings), findings list it once per
 * occurrence, at most DEFECT_OCCURRENCES_MAX of a code.
 */
#ifndef SCANNER_CLASSIFY_DEFECTS_H
#define SCANNER_CLASSIFY_DEFECTS_H

#include "scanner/classify/span.h"

#include <stdint.h>

#define DEFECT_CODES_MAX 64       /* codes of one protocol: one bit each */
#define DEFECT_OCCURRENCES_MAX 20 /* of one code */
#define DEFECTS_MAX 256           /* of one protocol at one domain */

struct defect {
    uint8_t code;
    struct span detail; /* borrowed from the text parsed; len 0 = none */
};

struct defects {
    uint64_t seen; /* bit per code */
    uint8_t occurrences[DEFECT_CODES_MAX];
    uint16_t count;
    struct defect list[DEFECTS_MAX]; /* in order of discovery */
};

static inline void defects_clear(struct defects *defects)
{
    defects->seen = 0;
    defects->count = 0;
    memset(defects->occurrences, 0, sizeof defects->occurrences);
}

static inline void defects_note(struct defects *defects, unsigned code,
                                struct span detail)
{
    defects->seen |= UINT64_C(1) << code;
    if (defects->count < DEFECTS_MAX &&
        defects->occurrences[code] < DEFECT_OCCURRENCES_MAX) {
        defects->occurrences[code]++;
        defects->list[defects->count++] = (struct defect){(uint8_t)code, detail};
    }
}

static inline bool defects_has(const struct defects *defects, unsigned code)
{
    return (defects->seen >> code) & 1;
}

#endif
