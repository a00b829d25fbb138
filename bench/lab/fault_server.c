#include "bench/lab/fault_server.h"

#include "bench/lab/fault_later.h"

#include "bench/lab/fault_certificate.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static int epoll_fd;

void fault_die(const char *subject, const char *why)
{
    fprintf(stderr, "lab-faults: %s: %s\n", subject, why);
    exit(1);
}

void *fault_allocate(size_t bytes)
{
    void *memory = calloc(1, bytes);
    if (memory == NULL) {
        fault_die("memory", strerror(ENOMEM));
    }
    return memory;
}

struct sockaddr_in fault_endpoint(const char *address, uint16_t port)
{
    struct sockaddr_in endpoint = {.sin_family = AF_INET, .sin_port = htons(port)};
    if (inet_pton(AF_INET, address, &endpoint.sin_addr) != 1) {
        fault_die(address, "is no IPv4 address");
    }
    return endpoint;
}

int fault_open(int type, const struct sockaddr_in *at, int backlog)
{
    int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0), on = 1;
    if (fd < 0) {
        fault_die("socket", strerror(errno));
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(fd, (const struct sockaddr *)at, sizeof *at) != 0 ||
        (type == SOCK_STREAM && listen(fd, backlog) != 0)) {
        fault_die(inet_ntoa(at->sin_addr), strerror(errno));
    }
    return fd;
}

static void control(int operation, struct watch *watch, uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = watch};
    if (epoll_ctl(epoll_fd, operation, watch->fd, &event) != 0) {
        fault_die("epoll_ctl", strerror(errno));
    }
}

void fault_watch(struct watch *watch, uint32_t events)
{
    control(EPOLL_CTL_ADD, watch, events);
}

void fault_rewatch(struct watch *watch, uint32_t events)
{
    control(EPOLL_CTL_MOD, watch, events);
}

void fault_unwatch(struct watch *watch)
{
    control(EPOLL_CTL_DEL, watch, 0);
}

void fault_linger(int fd)
{
    struct linger linger = {.l_onoff = 1, .l_linger = 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
}

#define WORDS_MAX 6

static void obey(char *words[WORDS_MAX], size_t count, const char *line)
{
    if (count == 3 && strcmp(words[0], "server") == 0) {
        fault_dns_serve(words[1], words[2]);
    } else if (count == 2 && strcmp(words[0], "signer") == 0) {
        fault_certificate_signer(words[1]);
    } else if (count == 5 && strcmp(words[0], "rule") == 0) {
        fault_dns_rule(words[1], words[2], words[3], words[4]);
    } else if (count == 6 && strcmp(words[0], "policy") == 0) {
        const struct policy_files files = {words[3], words[4], words[5]};
        fault_policy_serve(words[1], words[2], &files);
    } else if (count > 0) {
        fault_die(line, "is no line of a configuration");
    }
}

static void read_configuration(const char *path)
{
    char line[1024], copy[1024];
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        fault_die(path, strerror(errno));
    }
    while (fgets(line, sizeof line, file) != NULL) {
        char *words[WORDS_MAX], *rest = NULL;
        size_t count = 0;
        line[strcspn(line, "#\r\n")] = '\0';
        memcpy(copy, line, sizeof copy);
        for (char *word = strtok_r(copy, " ", &rest); word != NULL && count < WORDS_MAX;
             word = strtok_r(NULL, " ", &rest)) {
            words[count++] = word;
        }
        obey(words, count, line);
    }
    fclose(file);
}

uint64_t fault_now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
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
        fault_die(path, strerror(errno));
    }
    return slash + 1;
}

int main(int argc, char **argv)
{
    struct epoll_event events[64];
    if (argc != 2) {
        fputs("usage: lab-faults CONFIGURATION\n", stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_fd < 0) {
        fault_die("epoll_create1", strerror(errno));
    }
    read_configuration(enter_folder(argv[1]));
    for (uint64_t ticked_ms = fault_now_ms();;) {
        uint64_t passed_ms = fault_now_ms() - ticked_ms;
        int left_ms = passed_ms < FAULT_TICK_MS ? (int)(FAULT_TICK_MS - passed_ms) : 0;
        int count =
            epoll_wait(epoll_fd, events, sizeof events / sizeof events[0], left_ms);
        if (count < 0 && errno != EINTR) {
            fault_die("epoll_wait", strerror(errno));
        }
        for (int i = 0; i < count; i++) {
            struct watch *watch = events[i].data.ptr;
            watch->on_ready(watch);
        }
        fault_dns_tick();
        if (fault_now_ms() - ticked_ms >= FAULT_TICK_MS) {
            ticked_ms = fault_now_ms();
            fault_later_tick();
            fault_policy_tick();
        }
    }
}
