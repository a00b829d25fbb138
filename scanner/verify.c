#include "scanner/verify.h"

#include "output/publish.h"
#include "output/run_name.h"
#include "scanner/verify_parts.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* All runs found, those of shards behind the others. */
struct verify {
    struct verify_member *members; /* owned */
    size_t count;
    uint64_t problems;
    bool is_out_of_memory;
};

static struct verify_member *add_member(struct verify *verify, const char *path,
                                        int directory, const char *name)
{
    struct verify_member *members =
        realloc(verify->members, (verify->count + 1) * sizeof *members);
    if (members == NULL) {
        verify->is_out_of_memory = true;
        return NULL;
    }
    verify->members = members;
    members += verify->count++;
    *members = (struct verify_member){.path = path};
    members->directory = fcntl(directory, F_DUPFD_CLOEXEC, 0);
    snprintf(members->json_name, sizeof members->json_name, "%.63s", name);
    return members;
}

static bool is_run_json(const char *name)
{
    uint32_t shard;
    const char *ending = strrchr(name, '.');
    return run_name_owner(name, &shard) != RUN_OWNER_NONE && ending != NULL &&
           strcmp(ending, ".json") == 0;
}

static void complain(struct verify *verify, const char *path, const char *what)
{
    verify->problems++;
    fprintf(stderr, "mailcensus: %s: %s\n", path, what);
}

static void open_runs(struct verify *verify, const char *path)
{
    DIR *list = opendir(path);
    struct dirent *entry;
    size_t before = verify->count;
    if (list == NULL) {
        complain(verify, path, strerror(errno));
        return;
    }
    while ((entry = readdir(list)) != NULL) {
        if (is_run_json(entry->d_name)) {
            (void)add_member(verify, path, dirfd(list), entry->d_name);
        }
    }
    if (verify->count == before && !verify->is_out_of_memory) {
        complain(verify, path, "holds no run: there is no run.json and no run-NNNN.json");
    }
    closedir(list);
}

static void read_checkpoint(struct verify *verify, struct verify_member *member)
{
    struct verify_tally tally = {.problems = 0};
    char error[CHECKPOINT_ERROR_LEN], name[RUN_NAME_LEN], *text = NULL;
    int rc = publish_read(member->directory, member->json_name, &text);
    if (rc != 0) {
        verify_problem(&tally, member, member->json_name, "%s", strerror(-rc));
    } else if (checkpoint_read(&member->checkpoint, text, error) != 0) {
        verify_problem(&tally, member, member->json_name, "%s", error);
    } else {
        run_name_json(name, member->checkpoint.shards > 1,
                      (uint32_t)member->checkpoint.shard);
        member->is_usable = strcmp(name, member->json_name) == 0;
        if (!member->is_usable) {
            verify_problem(&tally, member, member->json_name,
                           "is the file of another shard");
        }
    }
    free(text);
    verify->problems += tally.problems;
}

static void check_end(struct verify_tally *tally, const struct verify_member *member)
{
    const struct checkpoint *checkpoint = &member->checkpoint;
    if (checkpoint->exit_reason == NULL) {
        verify_problem(tally, member, member->json_name,
                       "the run has not ended: it is under way, or was killed");
    } else if (!checkpoint_is_complete(checkpoint)) {
        verify_problem(tally, member, member->json_name, "the run is not complete (%s)",
                       checkpoint->exit_reason);
    } else if (!checkpoint->prefix.is_whole &&
               strcmp(checkpoint->exit_reason, "complete") == 0) {
        verify_problem(tally, member, member->json_name,
                       "the input was not read to its end");
    }
}

/* What all shards of a run must have in common. */
static void check_alike(struct verify_tally *tally, const struct verify_member *first,
                        const struct verify_member *member)
{
    const struct checkpoint *one = &first->checkpoint, *other = &member->checkpoint;
    if (one->shards != other->shards) {
        verify_problem(tally, member, member->json_name,
                       "is of %" PRIu64 " shards, and %s/%s of %" PRIu64, other->shards,
                       first->path, first->json_name, one->shards);
    }
    if (strcmp(one->configuration_sha256, other->configuration_sha256) != 0) {
        verify_problem(tally, member, member->json_name,
                       "has another configuration than %s/%s", first->path,
                       first->json_name);
    }
    bool are_whole = one->prefix.is_whole && other->prefix.is_whole;
    if (are_whole && strcmp(one->prefix.sha256, other->prefix.sha256) != 0) {
        verify_problem(tally, member, member->json_name, "has another input than %s/%s",
                       first->path, first->json_name);
    }
}

/* How many members are this shard; all but the first are told. */
static size_t count_shard(struct verify_tally *tally, const struct verify_member *members,
                          size_t count, uint64_t shard)
{
    size_t found = 0;
    for (size_t i = 0; i < count; i++) {
        found += members[i].checkpoint.shard == shard;
        if (members[i].checkpoint.shard == shard && found > 1) {
            verify_problem(tally, &members[i], members[i].json_name,
                           "is shard %" PRIu64 " a second time", shard);
        }
    }
    return found;
}

static bool check_shards(struct verify_tally *tally, const struct verify_member *members,
                         size_t count)
{
    uint64_t shards = members[0].checkpoint.shards;
    bool has_all = true;
    for (uint64_t shard = 0; shard < shards; shard++) {
        if (count_shard(tally, members, count, shard) == 0) {
            has_all = false;
            verify_problem(tally, &members[0], NULL,
                           "shard %" PRIu64 " of %" PRIu64 " is missing", shard, shards);
        }
    }
    return has_all;
}

/* Every line up to the last that is finished: skipped, or with one record. */
static void check_lines(struct verify_tally *tally, const struct verify_member *members,
                        size_t count)
{
    struct line_set missing = {0};
    char text[512];
    int rc = 0;
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = line_set_add_all(&missing, &members[i].checkpoint.finished);
    }
    struct line_range last = {0, 0}, next;
    while (rc == 0 && line_set_next(&missing, last.last + 1, &next)) {
        last = next;
    }
    if (rc == 0 && last.last > 0) {
        rc = line_set_add_range(&missing, (struct line_range){1, last.last});
    }
    for (size_t i = 0; i < count && rc == 0; i++) {
        rc = line_set_remove_all(&missing, &members[i].checkpoint.skipped);
    }
    rc = rc == 0 ? line_set_remove_all(&missing, &tally->seen) : rc;
    if (rc != 0) {
        verify_problem(tally, &members[0], NULL, "out of memory");
    } else if (missing.count > 0) {
        verify_problem(tally, &members[0], NULL, "no record of %s",
                       verify_lines(&missing, text, sizeof text));
    }
    if (tally->doubled.count > 0) {
        verify_problem(tally, &members[0], NULL, "more than one record of %s",
                       verify_lines(&tally->doubled, text, sizeof text));
    }
    line_set_close(&missing);
}

static void say_good(const struct verify_tally *tally,
                     const struct verify_member *members, size_t count)
{
    const struct checkpoint *first = &members[0].checkpoint;
    printf("%s: complete: ", members[0].path);
    if (count > 1) {
        printf("%zu shards, ", count);
    }
    printf("%" PRIu64 " lines, %" PRIu64 " of them skipped, %" PRIu64
           " records in %" PRIu64 " parts\n",
           first->lines, first->skipped.count, tally->rows, tally->parts);
}

/* One unsharded run, or the shards of one. */
static void verify_group(struct verify *verify, const struct verify_member *members,
                         size_t count)
{
    struct verify_tally tally = {.problems = 0};
    for (size_t i = 0; i < count && !tally.lacks_memory; i++) {
        check_end(&tally, &members[i]);
        check_alike(&tally, &members[0], &members[i]);
        verify_strays(&tally, &members[i]);
        verify_parts(&tally, &members[i]);
    }
    if (!tally.lacks_memory &&
        check_shards(&tally, members, count)) { /* else whole shards of lines lack */
        check_lines(&tally, members, count);
    }
    if (tally.problems == 0) {
        say_good(&tally, members, count);
    }
    verify->problems += tally.problems;
    line_set_close(&tally.seen);
    line_set_close(&tally.doubled);
}

/* Unsharded runs first, then shards by their number. */
static int compare_members(const void *one, const void *other)
{
    const struct verify_member *a = one, *b = other;
    uint64_t rank_a = a->checkpoint.shards > 1 ? a->checkpoint.shard + 1 : 0;
    uint64_t rank_b = b->checkpoint.shards > 1 ? b->checkpoint.shard + 1 : 0;
    return rank_a != rank_b ? (rank_a < rank_b ? -1 : 1) : strcmp(a->path, b->path);
}

static void verify_all(struct verify *verify)
{
    size_t usable = 0;
    for (size_t i = 0; i < verify->count; i++) {
        struct verify_member *member = &verify->members[i];
        read_checkpoint(verify, member);
        if (member->is_usable) {
            struct verify_member kept = *member;
            *member = verify->members[usable];
            verify->members[usable++] = kept;
        }
    }
    if (usable == 0) {
        return;
    }
    qsort(verify->members, usable, sizeof *verify->members, compare_members);
    size_t first = 0;
    while (first < usable && verify->members[first].checkpoint.shards <= 1) {
        verify_group(verify, &verify->members[first++], 1);
    }
    if (first < usable) {
        verify_group(verify, &verify->members[first], usable - first);
    }
}

int verify_run(const struct options *options)
{
    struct verify verify = {.count = 0};
    for (size_t i = 0; i < options->operand_count; i++) {
        open_runs(&verify, options->operands[i]);
    }
    if (verify.is_out_of_memory) {
        complain(&verify, "verify", "out of memory");
    } else {
        verify_all(&verify);
    }
    for (size_t i = 0; i < verify.count; i++) {
        checkpoint_close(&verify.members[i].checkpoint);
        close(verify.members[i].directory);
    }
    free(verify.members);
    bool is_told = fflush(stdout) == 0 && ferror(stdout) == 0;
    return verify.problems == 0 && is_told ? 0 : 1;
}
