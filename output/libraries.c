#include <pthread.h>
#include <stdio.h>

#include "output/digest.h"
#include "output/frame.h"
#include "output/sink.h"

static char libraries[96];
static pthread_once_t libraries_once = PTHREAD_ONCE_INIT;

static void write_libraries(void)
{
    snprintf(libraries, sizeof(libraries), "zstd %s, %s", frame_library(),
             digest_library());
}

const char *output_libraries(void)
{
    pthread_once(&libraries_once, write_libraries);
    return libraries;
}
