/* A published part read back, line by line: that it is one zstd frame with checksum
 * (RFC 8878 section 3.1.1), whole and undamaged, and what its bytes hash to.
 *
 *   part_reader_open(&reader, directory, "part-0000-00000.ndjson.zst");
 *   while ((rc = part_reader_next(reader, &line, &len)) == 1) …
 *   if (rc < 0) puts(part_reader_fault(reader));       "is damaged (…)"
 *   part_reader_facts(reader, &bytes, sha256);         after the end, rc 0
 *   part_reader_close(reader);
 */
#ifndef OUTPUT_PART_READER_H
#define OUTPUT_PART_READER_H

#include <stddef.h>
#include <stdint.h>

#include "output/digest.h"

struct part_reader;

/* 0 or -errno; -EINVAL: not a regular file. */
int part_reader_open(struct part_reader **reader, int directory, const char *name)
    __attribute__((warn_unused_result));
/* 1 = a line, without its newline, borrowed until the next call; 0 = the end of the file;
 * -errno = it is not what a part must be, and stays so. */
int part_reader_next(struct part_reader *reader, const char **line, size_t *len)
    __attribute__((warn_unused_result));
const char *part_reader_fault(const struct part_reader *reader); /* to follow its name */
/* 0 or -ENOMEM. */
int part_reader_facts(const struct part_reader *reader, uint64_t *bytes,
                      char sha256[DIGEST_HEX_LEN]) __attribute__((warn_unused_result));
void part_reader_close(struct part_reader *reader); /* NULL is fine */

#endif
