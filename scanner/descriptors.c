#include "scanner/descriptors.h"

#include <sys/resource.h>

/* Input, output, run.json and its directory, standard streams; and of each worker the loop,
 * the pollers of its libraries. */
#define OF_PROCESS 32
#define OF_WORKER 8
#define LEAST_EACH 24

uint64_t descriptors_raise(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0 || getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return 1024;
    }
    return limit.rlim_cur;
}

uint64_t descriptors_least(uint64_t workers)
{
    return OF_PROCESS + workers * (OF_WORKER + LEAST_EACH);
}

/* Where there are many, an eighth is spare for what nobody thought of. */
uint64_t descriptors_each(uint64_t limit, uint64_t workers)
{
    uint64_t own = OF_PROCESS + workers * OF_WORKER;
    if (limit < descriptors_least(workers)) {
        return 0;
    }
    uint64_t spare = (limit - descriptors_least(workers)) / 8;
    return (limit - own - spare) / workers;
}
