/* Start, signals, exit status. */
#include "fetch/fetch.h"
#include "output/sink.h"
#include "resolver/resolver.h"
#include "scanner/input.h"
#include "scanner/scan.h"
#include "scanner/target_name.h"

#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

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
    signal(SIGPIPE, SIG_IGN); /* peers and readers close their ends while we write */
}

static void show_version(void)
{
    printf("mailcensus %s\n%s\n%s\n%s\n%s\n%s\n", MAILCENSUS_VERSION, resolver_libraries(),
           fetcher_libraries(), output_libraries(), input_libraries(), target_libraries());
}

int main(int argc, char **argv)
{
    struct options options;
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
    second_signal_exit = scan_interrupted_exit(&options);
    catch_signals();
    return scan_run(&options, argc, argv, &stop);
}
