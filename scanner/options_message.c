#include "scanner/options_message.h"

#include <stdarg.h>
#include <string.h>

#define NAME_MAX_LEN 40 /* longer words get no suggestion */

enum options_result options_bad(const struct options_message *message, const char *format,
                                ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("mailcensus: ", message->err);
    vfprintf(message->err, format, arguments);
    va_end(arguments);
    bool has_help = message->command != NULL && !message->command->is_unavailable;
    fprintf(message->err, "\ntry 'mailcensus %s%s--help'\n",
            has_help ? message->command->name : "", has_help ? " " : "");
    return OPTIONS_BAD;
}

const char *options_shown(const char *text, char buffer[OPTIONS_SHOWN_MAX + 1])
{
    size_t len = strnlen(text, OPTIONS_SHOWN_MAX);
    for (size_t i = 0; i < len; i++) {
        bool is_control = (unsigned char)text[i] < ' ' || text[i] == 0x7f;
        buffer[i] = text[i];
        if (is_control) {
            buffer[i] = '?';
        }
    }
    buffer[len] = '\0';
    return buffer;
}

/* Levenshtein's distance; words of at most NAME_MAX_LEN. */
static size_t distance(struct span from, const char *to)
{
    size_t to_len = strlen(to);
    size_t row[NAME_MAX_LEN + 1];
    for (size_t j = 0; j <= to_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= from.len; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= to_len; j++) {
            size_t best = diagonal + (from.ptr[i - 1] != to[j - 1] ? 1 : 0);
            best = best < row[j] + 1 ? best : row[j] + 1;
            best = best < row[j - 1] + 1 ? best : row[j - 1] + 1;
            diagonal = row[j];
            row[j] = best;
        }
    }
    return row[to_len];
}

const char *options_nearer(struct span word, const char *nearest, const char *candidate)
{
    if (word.len > NAME_MAX_LEN) {
        return nearest;
    }
    size_t limit = word.len < 6 ? 2 : word.len / 3;
    size_t best = nearest != NULL ? distance(word, nearest) : limit + 1;
    return distance(word, candidate) < best ? candidate : nearest;
}
