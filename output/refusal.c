#include "output/refusal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int refuse(char error[SINK_ERROR_LEN], int rc, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(error, SINK_ERROR_LEN, format, arguments);
    va_end(arguments);
    return rc;
}

int refuse_errno(char error[SINK_ERROR_LEN], int rc, const char *action, const char *path)
{
    char buffer[128];
    return refuse(error, rc, "cannot %s %s: %s", action, path,
                  strerror_r(-rc, buffer, sizeof(buffer)));
}
