#include "bench/lab/answer.h"

#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    SOCKET_BUFFER_BYTES = 4 << 20,
    WORDS_MAX = 20,
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

static int usage(void)
{
    fputs("usage: lab-answer [--port 53] CONFIGURATION\n", stderr);
    return 2;
}

static unsigned long read_number(const char *text, unsigned long max)
{
    char *end;
    unsigned long number = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || number > max) {
        answer_die(text, "is not such a number");
    }
    return number;
}

int main(int argc, char **argv)
{
    static const struct option options[] = {{"port", required_argument, NULL, 'p'},
                                            {NULL, 0, NULL, 0}};
    struct server server = {.port = 53, .zones = zones_open()};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'p') {
            server.port = (uint16_t)read_number(optarg, 65535);
        } else {
            return usage();
        }
    }
    if (optind != argc - 1) {
        return usage();
    }
    signal(SIGPIPE, SIG_IGN);
    server.epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    read_configuration(&server, enter_folder(argv[optind]));
    for (;;) {
        struct epoll_event events[64];
        int count = epoll_wait(server.epoll_fd, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            watch->on_ready(watch);
        }
        tcp_tick();
    }
}
