/* Start, signals, exit status. */
#include "fetch/fetch.h"
#include "output/sink.h"
#include "resolver/resolver.h"
#include "scanner/check.h"
#include "scanner/check_host.h"
#include "scanner/input.h"
#include "scanner/scan.h"
#include "scanner/schema.h"
#include "scanner/target_name.h"
#include "scanner/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>
#include <uv.h>

static atomic_int stop;
static int second_signal_exit = SCAN_FAILED;

/* The first signal lets what is under way finish, the second ends at once. */
static void on_signal(int signal_number)
{
    (void)signal_number;
    if (atomic_fetch_add(&stop, 1) > 0) {
        _exit(second_signal_exit);
    }
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

/* What is opened later must not get the number of a stream that the caller closed: records
 * would be written into it. These can be neither read from nor written to. */
static void hold_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0) {
            (void)!open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY);
        }
    }
}

/* Root of the machine, not of a user namespace (user_namespaces(7)). */
static bool is_started_as_root(void)
{
    unsigned long inside = 1, outside = 1, count = 0;
    FILE *map = geteuid() == 0 ? fopen("/proc/self/uid_map", "re") : NULL;
    if (map == NULL) {
        return false;
    }
    bool is_read = fscanf(map, "%lu %lu %lu", &inside, &outside, &count) == 3;
    fclose(map);
    return is_read && inside == 0 && outside == 0 && count > UINT16_MAX;
}

/* What asks strangers had better be able to do little. */
static void tell_root(void)
{
    if (is_started_as_root()) {
        fputs("mailcensus: started as root: it needs no privilege, and any other user is "
              "safer\n",
              stderr);
    }
}

static void show_version(void)
{
    printf("mailcensus %s\n%s\n%s\n%s\n%s\n%s\n", MAILCENSUS_VERSION,
           resolver_libraries(), fetcher_libraries(), output_libraries(),
           input_libraries(), target_libraries());
}

static int out_of_memory(void)
{
    fputs("mailcensus: out of memory\n", stderr);
    return EXIT_FAILURE;
}

static int print_schema(const struct options *options)
{
    int rc = schema_print(stdout, options->duckdb);
    if (rc == -ENOMEM) {
        return out_of_memory();
    }
    if (rc != 0) {
        fputs("mailcensus: the schema cannot be written to standard output\n", stderr);
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}

/* libuv would abort. What stands on disk is as after a kill: a run in a directory can be
 * resumed. */
static void *resize_or_leave(void *block, size_t bytes)
{
    void *resized = realloc(block, bytes);
    if (resized == NULL && bytes > 0) {
        out_of_memory();
        _exit(second_signal_exit);
    }
    return resized;
}

static int run_scan(const struct options *options, int argc, char **argv)
{
    second_signal_exit = scan_interrupted_exit(options);
    catch_signals();
    return (int)scan_run(options, argc, argv, &stop);
}

/* What asks a few questions only has nothing to finish: a signal ends it at once. */
static int run_command(const struct options *options, int argc, char **argv)
{
    uv_replace_allocator(malloc, resize_or_leave, calloc, free);
    signal(SIGPIPE, SIG_IGN); /* peers and readers close their ends while we write */
    signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an error like a full disk */
    if (options->command != COMMAND_SCHEMA && fetcher_watch_memory() != 0) {
        return out_of_memory();
    }
    switch (options->command) {
    case COMMAND_CHECK:
        tell_root();
        return check_run(options);
    case COMMAND_CHECK_HOST:
        tell_root();
        return check_host_run(options);
    case COMMAND_SCHEMA:
        return print_schema(options);
    case COMMAND_VERIFY:
        return verify_run(options);
    default:
        tell_root();
        return run_scan(options, argc, argv);
    }
}

int main(int argc, char **argv)
{
    struct options options;
    hold_standard_streams();
    switch (options_parse(&options, argc, argv, stderr)) {
    case OPTIONS_GO:
        break;
    case OPTIONS_SHOW_HELP:
        options_help(stdout, options.command);
        return EXIT_SUCCESS;
    case OPTIONS_SHOW_VERSION:
        show_version();
        return EXIT_SUCCESS;
    default:
        return EXIT_USAGE;
    }
    return run_command(&options, argc, argv);
}
