#include "bench/lab/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SOCKET_BUFFER_BYTES = 4 << 20,
    WORDS_MAX = 20,
    EVENTS_MAX = 64,
};

/* ---- sockets ---- */

static void control(struct server *server, int operation, struct watch *watch,
                    uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(server->epoll_fd, operation, watch->fd, &event) != 0) {
        answer_die("epoll_ctl", strerror(errno));
    }
}

void server_watch(struct server *server, struct watch *watch, uint32_t events)
{
    control(server, EPOLL_CTL_ADD, watch, events);
}

void server_rewatch(struct server *server, struct watch *watch, uint32_t events)
{
    control(server, EPOLL_CTL_MOD, watch, events);
}

static int open_socket(const struct server *server, int type, struct in_addr in)
{
    const struct sockaddr_in at = {
        .sin_family = AF_INET, .sin_port = htons(server->port), .sin_addr = in};
    int fd = socket(AF_INET, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, bytes = SOCKET_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (type == SOCK_DGRAM && server->stats_path != NULL) {
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on);
    }
    if (type == SOCK_DGRAM) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    }
    if (fd < 0 || bind(fd, (const struct sockaddr *)&at, sizeof at) != 0 ||
        (type == SOCK_STREAM && listen(fd, 1024) != 0)) {
        answer_die(inet_ntoa(in), strerror(errno));
    }
    return fd;
}

static void serve(struct server *server, const char *text, int layer)
{
    struct address *address = calloc(1, sizeof *address);
    if (address == NULL || inet_pton(AF_INET, text, &address->in) != 1) {
        answer_die(text, "is no IPv4 address");
    }
    address->server = server;
    address->layer = layer;
    address->udp =
        (struct watch){open_socket(server, SOCK_DGRAM, address->in), on_udp_questions};
    address->acceptor = (struct acceptor){
        {open_socket(server, SOCK_STREAM, address->in), on_tcp_accept}, address};
    address->next = server->addresses;
    server->addresses = address;
    server_watch(server, &address->udp, EPOLLIN);
    server_watch(server, &address->acceptor.watch, EPOLLIN);
}

/* ---- configuration ---- */

static void obey(struct server *server, char *words[WORDS_MAX], size_t count)
{
    if (count >= 3 && strcmp(words[0], "zones") == 0) {
        int layer = (int)zones_load(server->zones, words[1]);
        for (size_t i = 2; i < count; i++) {
            serve(server, words[i], layer);
        }
    } else if (count == 2 && strcmp(words[0], "resolver") == 0) {
        serve(server, words[1], ANY_LAYER);
    } else if (count == 3 && strcmp(words[0], "forward") == 0) {
        forward_zone(server, words[1], words[2]);
    } else if (count > 0) {
        answer_die(words[0], "is no line of a configuration");
    }
}

static void read_configuration(struct server *server, const char *path)
{
    char line[1024];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        answer_die(path, strerror(errno));
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *words[WORDS_MAX], *rest = NULL;
        size_t count = 0;
        line[strcspn(line, "#\r\n")] = '\0';
        for (char *word = strtok_r(line, " ", &rest); word != NULL && count < WORDS_MAX;
             word = strtok_r(NULL, " ", &rest)) {
            words[count++] = word;
        }
        obey(server, words, count);
    }
    fclose(file);
}

/* Paths are relative to the configuration's folder. Returns its name there. */
static const char *enter_folder(char *path)
{
    char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return path;
    }
    *slash = '\0';
    if (chdir(path) != 0) {
        answer_die(path, strerror(errno));
    }
    return slash + 1;
}

/* ---- options ---- */

static const char usage[] =
    "usage: lab-answer [OPTION…] CONFIGURATION\n"
    "  --port N         instead of 53\n"
    "  --delay-ms D     every answer is D ms late\n"
    "  --loss P         so many percent of the datagrams do not arrive,\n"
    "  --duplicate P    arrive twice,\n"
    "  --reorder P      arrive after some that were sent later\n"
    "  --seed S         which of them (1)\n"
    "  --stats FILE     what was asked and how fast: one line of JSON, written at the "
    "end\n"
    "                   and on SIGUSR1\n"
    "From one SIGUSR2 to the next it refuses everything.\n";

static double read_number(const char *text, double max)
{
    char *end;
    double number = strtod(text, &end);
    if (*text < '0' || *text > '9' || *end != '\0' || number > max) {
        answer_die(text, "is not such a number");
    }
    return number;
}

static bool read_option(struct server *server, struct weather_options *weather,
                        int option)
{
    switch (option) {
    case 'p':
        server->port = (uint16_t)read_number(optarg, 65535);
        return true;
    case 'd':
        weather->delay_ms = (unsigned)read_number(optarg, 60000);
        return true;
    case 'l':
        weather->loss = read_number(optarg, 100);
        return true;
    case 'u':
        weather->duplicate = read_number(optarg, 100);
        return true;
    case 'r':
        weather->reorder = read_number(optarg, 100);
        return true;
    case 's':
        weather->seed = (uint64_t)read_number(optarg, 1e9);
        return true;
    case 'f':
        server->stats_path = optarg;
        return true;
    default:
        return false;
    }
}

static bool read_options(struct server *server, int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {"delay-ms", required_argument, NULL, 'd'},
                                            {"loss", required_argument, NULL, 'l'},
                                            {"duplicate", required_argument, NULL, 'u'},
                                            {"reorder", required_argument, NULL, 'r'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"stats", required_argument, NULL, 'f'},
                                            {NULL, 0, NULL, 0}};
    struct weather_options weather = {.seed = 1};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (!read_option(server, &weather, option)) {
            return false;
        }
    }
    server->weather = weather_open(&weather);
    return optind == argc - 1;
}

/* ---- signals, loop ---- */

struct signals {
    struct watch watch; /* stands first */
    struct server *server;
};

static void on_signal(struct watch *watch)
{
    struct server *server = ((struct signals *)watch)->server;
    struct signalfd_siginfo what;
    if (read(watch->fd, &what, sizeof what) != sizeof what) {
        return;
    }
    if (what.ssi_signo == SIGUSR2) {
        struct zones *zones = server->zones;
        server->zones = server->zones_to_be;
        server->zones_to_be = zones;
        return;
    }
    stats_write(server, server->stats_path);
    if (what.ssi_signo != SIGUSR1) {
        exit(0);
    }
}

static void heed_signals(struct signals *signals)
{
    sigset_t heard;
    sigemptyset(&heard);
    sigaddset(&heard, SIGUSR1);
    sigaddset(&heard, SIGUSR2);
    sigaddset(&heard, SIGTERM);
    sigaddset(&heard, SIGINT);
    sigprocmask(SIG_BLOCK, &heard, NULL);
    signals->watch =
        (struct watch){signalfd(-1, &heard, SFD_NONBLOCK | SFD_CLOEXEC), on_signal};
    server_watch(signals->server, &signals->watch, EPOLLIN);
}

static void run(struct server *server)
{
    for (int wait_ms = -1;;) {
        struct epoll_event events[EVENTS_MAX];
        int count = epoll_wait(server->epoll_fd, events, EVENTS_MAX, wait_ms);
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            watch->on_ready(watch);
        }
        wait_ms = server->weather != NULL ? weather_tick(server->weather) : -1;
        tcp_tick();
    }
}

int main(int argc, char **argv)
{
    struct server server = {.port = 53, .zones = zones_open()};
    struct signals signals = {.server = &server};
    if (!read_options(&server, argc, argv)) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    read_configuration(&server, enter_folder(argv[optind]));
    if (server.stats_path != NULL) {
        heed_signals(&signals);
    }
    run(&server);
}
