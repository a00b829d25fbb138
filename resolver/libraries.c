/* Here and not in resolver.c, so that no other file of the front knows a library by
 * name. */
#include <stdio.h>

#include <getdns/getdns_extra.h>
#include <libknot/version.h>
#include <unbound.h>
#include <uv.h>
#include <xxhash.h>

#include "resolver/resolver.h"

const char *resolver_libraries(void)
{
    static _Thread_local char text[128];

    unsigned xxhash = XXH_versionNumber();

    snprintf(text, sizeof text,
             "getdns %s, libunbound %s, libknot %d.%d.%d, libuv %s, libxxhash %u.%u.%u",
             getdns_get_version(), ub_version(), KNOT_VERSION_MAJOR, KNOT_VERSION_MINOR,
             KNOT_VERSION_PATCH, uv_version_string(), xxhash / 10000, xxhash / 100 % 100,
             xxhash % 100);
    return text;
}
