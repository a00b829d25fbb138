/* A system that fails, preloaded into a program under test (LD_PRELOAD): system.c its files,
 * clock.c its clocks. Nothing happens unless the environment asks for it.
 *
 *   HOSTILE_DIR=DIR          only calls on files at or below DIR count and fail (absolute,
 *                            without links)
 *   FAIL_CALL=CALL:N:ERROR   the N-th such call fails; several with commas between.
 *     CALL    open read write fsync rename unlink close, or any
 *     N       from 1; "3+" = the third and all after it
 *     ERROR   EIO ENOSPC EDQUOT EINTR EMFILE, or KILL: the process is gone before the call
 *   SHORT_WRITES=1           write takes half of what it is given, and every other one is
 *                            interrupted
 *   DURABLE=DIR              what a power cut would leave is kept here (durable.c)
 *   FORGET_FSYNC=1           fsync leaves nothing there: what a program looks like that forgets it
 *   CLOCK_LEAP=CLOCK:SECONDS@MS   MS after the start of the process that clock has leapt by so
 *                            much; CLOCK realtime or monotonic; several with commas between
 *
 * All system calls go to the kernel by number, so that the library needs no other and calls
 * none of its own wrappers. */
#ifndef HOSTILE_SYSTEM_H
#define HOSTILE_SYSTEM_H

#include <stdbool.h>

/* In durable.c. The descriptor was synced (or the kernel said that it could not be: what it
 * held since is lost for good); a file was made or emptied. */
void durable_synced(int fd, const char *dir, bool has_failed);
void durable_emptied(int fd);

#endif
