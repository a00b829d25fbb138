#include "bench/lab/fault_stream.h"

#include "bench/lab/fault_later.h"
#include "bench/lab/fault_server.h"

#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SILENCE_TICKS 3

struct fault_stream {
    const char *word;
    bool (*send)(int fd, uint8_t *answer, size_t len);
};

static void send_now(int fd, const uint8_t *bytes, size_t len, int flags)
{
    (void)send(fd, bytes, len, MSG_NOSIGNAL | flags);
}

/* What leaves bit by bit, by a descriptor of its own: the connection may be closed. */
struct trickle {
    struct later later; /* stands first */
    int fd;
    size_t each, len, sent_len;
    uint8_t bytes[];
};

static bool trickle_tick(struct later *later)
{
    struct trickle *trickle = (struct trickle *)later;
    const uint8_t *bytes = trickle->bytes;
    bool is_open = true;
    for (size_t i = 0; is_open && i < trickle->each; i++) {
        is_open = trickle->sent_len < trickle->len &&
                  send(trickle->fd, bytes + trickle->sent_len++, 1,
                       MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
    }
    if (!is_open) {
        close(trickle->fd);
    }
    return is_open;
}

/* So many bytes a tick, each in a segment of its own. */
static void send_trickling(int fd, const uint8_t *bytes, size_t len, size_t each)
{
    struct trickle *trickle = fault_allocate(sizeof *trickle + len);
    int on = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    trickle->later.on_tick = trickle_tick;
    trickle->fd = dup(fd);
    trickle->each = each;
    trickle->len = len;
    memcpy(trickle->bytes, bytes, len);
    fault_later_add(&trickle->later);
}

static bool end_tick(struct later *later)
{
    struct trickle *trickle = (struct trickle *)later;
    shutdown(trickle->fd, SHUT_RDWR);
    close(trickle->fd);
    return false;
}

/* The connection ends after some ticks. */
static void end_later(int fd)
{
    struct trickle *trickle = fault_allocate(sizeof *trickle);
    trickle->later = (struct later){end_tick, SILENCE_TICKS, NULL};
    trickle->fd = dup(fd);
    fault_later_add(&trickle->later);
}

static bool send_half(int fd, uint8_t *answer, size_t len)
{
    send_now(fd, answer, len / 2, 0);
    return false;
}

/* Within the header. */
static bool send_seven_bytes(int fd, uint8_t *answer, size_t len)
{
    send_now(fd, answer, len < 7 ? len : 7, 0);
    return false;
}

static bool send_half_length(int fd, uint8_t *answer, size_t len)
{
    (void)len;
    send_now(fd, answer, 1, 0);
    end_later(fd);
    return true;
}

static bool send_no_length(int fd, uint8_t *answer, size_t len)
{
    (void)len;
    memset(answer, 0, 2);
    send_now(fd, answer, 2, 0);
    return false;
}

/* And then silence: the rest might still come. */
static bool send_great_length(int fd, uint8_t *answer, size_t len)
{
    memset(answer, 0xff, 2);
    send_now(fd, answer, len, 0);
    return true;
}

static bool send_drip(int fd, uint8_t *answer, size_t len)
{
    send_trickling(fd, answer, len, len / 2 + 1);
    return true;
}

/* A byte in FAULT_TICK_MS: nobody waits that long for a message. */
static bool send_slow(int fd, uint8_t *answer, size_t len)
{
    send_trickling(fd, answer, len, 1);
    return true;
}

/* In one segment, if it holds both. */
static bool send_twice(int fd, uint8_t *answer, size_t len)
{
    send_now(fd, answer, len, MSG_MORE);
    send_now(fd, answer, len, 0);
    return true;
}

static bool send_other_id(int fd, uint8_t *answer, size_t len)
{
    answer[2] ^= 0x55;
    send_now(fd, answer, len, 0);
    return true;
}

static const struct fault_stream streams[] = {
    {"half", send_half},
    {"seven_bytes", send_seven_bytes},
    {"half_length", send_half_length},
    {"no_length", send_no_length},
    {"great_length", send_great_length},
    {"drip", send_drip},
    {"slow", send_slow},
    {"answer_twice", send_twice},
    {"answer_other_id", send_other_id},
};

const struct fault_stream *fault_stream_find(const char *word)
{
    for (size_t i = 0; i < sizeof streams / sizeof streams[0]; i++) {
        if (strcmp(streams[i].word, word) == 0) {
            return &streams[i];
        }
    }
    return NULL;
}

bool fault_stream_send(const struct fault_stream *stream, int fd, uint8_t *answer,
                       size_t len)
{
    if (stream != NULL) {
        return stream->send(fd, answer, len);
    }
    send_now(fd, answer, len, 0);
    return true;
}
