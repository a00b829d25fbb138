#include "scanner/verify_parts.h"

#include "output/part_reader.h"
#include "output/run_name.h"
#include "scanner/record.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RANGES_SHOWN_MAX 10u

void verify_problem(struct verify_tally *tally, const struct verify_member *member,
                    const char *name, const char *format, ...)
{
    va_list arguments;
    tally->problems++;
    fprintf(stderr, "mailcensus: %s%s%s: ", member->path, name != NULL ? "/" : "",
            name != NULL ? name : "");
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

const char *verify_lines(const struct line_set *set, char *text, size_t capacity)
{
    struct line_range range = {0, 0};
    uint64_t left = set->count;
    size_t len = (size_t)snprintf(text, capacity, left == 1 ? "line" : "lines");
    for (unsigned i = 0; left > 0 && i < RANGES_SHOWN_MAX && len < capacity; i++) {
        (void)line_set_next(set, range.last + 1, &range);
        left -= range.last - range.first + 1;
        len += (size_t)snprintf(text + len, capacity - len, "%s %" PRIu64,
                                i > 0 ? "," : "", range.first);
        if (range.last > range.first && len < capacity) {
            len += (size_t)snprintf(text + len, capacity - len, "-%" PRIu64, range.last);
        }
    }
    if (left > 0 && len < capacity) {
        snprintf(text + len, capacity - len, " and %" PRIu64 " more", left);
    }
    return text;
}

/* A record begins as record_write begins it. 0 = it does not. */
static uint64_t read_line_number(const char *text, size_t len)
{
    static const char beginning[] = "{\"schema\":\"" RECORD_SCHEMA "\",\"line\":";
    const size_t beginning_len = sizeof beginning - 1;
    uint64_t line = 0;
    size_t i = beginning_len;
    if (len <= beginning_len || memcmp(text, beginning, beginning_len) != 0 ||
        text[len - 1] != '}') {
        return 0;
    }
    for (; i < len && text[i] >= '0' && text[i] <= '9' && line <= LINE_SET_LINE_MAX;
         i++) {
        line = line * 10 + (uint64_t)(text[i] - '0');
    }
    return i < len && text[i] == ',' && line <= LINE_SET_LINE_MAX ? line : 0;
}

/* -errno only for a lack of memory. */
static int see_line(struct verify_tally *tally, const struct verify_member *member,
                    uint64_t line, struct line_set *extra)
{
    int rc = line_set_add(&tally->seen, line);
    if (rc == 0) {
        rc = line_set_add(&tally->doubled, line);
    }
    if (rc >= 0 && !line_set_has(&member->checkpoint.finished, line)) {
        rc = line_set_add(extra, line);
    }
    return rc < 0 ? rc : 0;
}

/* What one part was found to hold. */
struct recount {
    uint64_t rows, bytes, unreadable_rows;
    char sha256[DIGEST_HEX_LEN];
    struct line_set extra;
};

static int read_part(struct verify_tally *tally, const struct verify_member *member,
                     struct part_reader *reader, struct recount *recount)
{
    const char *text;
    size_t len;
    int rc;
    while ((rc = part_reader_next(reader, &text, &len)) == 1) {
        uint64_t line = read_line_number(text, len);
        recount->rows++;
        recount->unreadable_rows += line == 0;
        rc = line != 0 ? see_line(tally, member, line, &recount->extra) : 0;
        if (rc != 0) {
            return rc;
        }
    }
    return rc == 0 ? part_reader_facts(reader, &recount->bytes, recount->sha256) : rc;
}

static void compare_part(struct verify_tally *tally, const struct verify_member *member,
                         const struct sink_part *part, const struct recount *recount)
{
    char lines[512];
    if (recount->rows != part->rows) {
        verify_problem(tally, member, part->file,
                       "has %" PRIu64 " rows instead of %" PRIu64, recount->rows,
                       part->rows);
    }
    if (recount->bytes != part->bytes) {
        verify_problem(tally, member, part->file,
                       "has %" PRIu64 " bytes instead of %" PRIu64, recount->bytes,
                       part->bytes);
    }
    if (strcmp(recount->sha256, part->sha256) != 0) {
        verify_problem(tally, member, part->file, "has SHA-256 %s instead of %s",
                       recount->sha256, part->sha256);
    }
    if (recount->unreadable_rows > 0) {
        verify_problem(tally, member, part->file,
                       "has %" PRIu64 " rows that are no records",
                       recount->unreadable_rows);
    }
    if (recount->extra.count > 0) {
        verify_problem(
            tally, member, part->file, "has records of %s, which %s does not know",
            verify_lines(&recount->extra, lines, sizeof lines), member->json_name);
    }
}

static void verify_part(struct verify_tally *tally, const struct verify_member *member,
                        const struct sink_part *part)
{
    struct part_reader *reader = NULL;
    struct recount recount = {0};
    int rc = part_reader_open(&reader, member->directory, part->file);
    tally->lacks_memory = rc == -ENOMEM;
    if (rc != 0) {
        verify_problem(tally, member, part->file, "%s",
                       rc == -ENOENT ? "is missing" : strerror(-rc));
        return;
    }
    rc = read_part(tally, member, reader, &recount);
    tally->lacks_memory = rc == -ENOMEM;
    if (rc != 0) {
        const char *fault = part_reader_fault(reader);
        verify_problem(
            tally, member, part->file, "%s (after %" PRIu64 " of %" PRIu64 " rows)",
            fault[0] != '\0' ? fault : strerror(-rc), recount.rows, part->rows);
    } else {
        compare_part(tally, member, part, &recount);
    }
    tally->rows += recount.rows;
    tally->parts++;
    line_set_close(&recount.extra);
    part_reader_close(reader);
}

void verify_parts(struct verify_tally *tally, const struct verify_member *member)
{
    for (size_t i = 0; i < member->checkpoint.part_count && !tally->lacks_memory; i++) {
        verify_part(tally, member, &member->checkpoint.parts[i]);
    }
}

static bool is_named(const struct checkpoint *checkpoint, const char *name)
{
    size_t low = 0, high = checkpoint->part_count;
    uint32_t sequence = run_name_sequence(name);
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        bool is_below = run_name_sequence(checkpoint->parts[middle].file) < sequence;
        low = is_below ? middle + 1 : low;
        high = is_below ? high : middle;
    }
    return low < checkpoint->part_count && strcmp(checkpoint->parts[low].file, name) == 0;
}

static bool is_stray(const struct verify_member *member, const char *name)
{
    uint32_t shard = (uint32_t)member->checkpoint.shard;
    const char *ending = strrchr(name, '.');
    bool is_own = run_name_owner(name, &shard) != RUN_OWNER_NONE &&
                  shard == member->checkpoint.shard;
    bool is_unfinished =
        ending != NULL && (strcmp(ending, ".part") == 0 || strcmp(ending, ".tmp") == 0);
    return is_own && (is_unfinished ||
                      (run_name_is_part(name) && !is_named(&member->checkpoint, name)));
}

void verify_strays(struct verify_tally *tally, const struct verify_member *member)
{
    int fd = dup(member->directory);
    DIR *list = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *entry;
    if (list == NULL) {
        verify_problem(tally, member, NULL, "%s", strerror(errno));
        if (fd >= 0) {
            close(fd);
        }
        return;
    }
    rewinddir(list);
    while ((entry = readdir(list)) != NULL) {
        if (is_stray(member, entry->d_name)) {
            verify_problem(tally, member, entry->d_name, "is not named in %s",
                           member->json_name);
        }
    }
    closedir(list);
}
