/* Questions by datagram, in batches. */
#include "bench/lab/answer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    BATCH = 64,
    QUESTION_MAX = 1024, /* longer ones are cut, and so no questions */
    CONTROL_BYTES = CMSG_SPACE(sizeof(struct timespec)),
    ROUNDS_MAX = 8, /* batches before the other addresses get their turn */
};

struct batch {
    struct mmsghdr in[BATCH], out[BATCH];
    struct iovec in_bytes[BATCH], out_bytes[BATCH];
    struct sockaddr_in from[BATCH];
    _Alignas(struct cmsghdr) uint8_t controls[BATCH][CONTROL_BYTES];
    uint8_t questions[BATCH][QUESTION_MAX], answers[BATCH][ANSWER_UDP_MAX];
};

static struct batch batch; /* of the event at hand */

static int receive(int fd)
{
    for (size_t i = 0; i < BATCH; i++) {
        batch.in_bytes[i] = (struct iovec){batch.questions[i], QUESTION_MAX};
        batch.in[i].msg_hdr = (struct msghdr){.msg_name = &batch.from[i],
                                              .msg_namelen = sizeof batch.from[i],
                                              .msg_iov = &batch.in_bytes[i],
                                              .msg_iovlen = 1,
                                              .msg_control = batch.controls[i],
                                              .msg_controllen = CONTROL_BYTES};
    }
    return recvmmsg(fd, batch.in, BATCH, MSG_DONTWAIT, NULL);
}

/* What does not go out is lost, as datagrams are. */
static void send_all(int fd, unsigned count)
{
    for (unsigned sent = 0; sent < count;) {
        int now = sendmmsg(fd, batch.out + sent, count - sent, MSG_DONTWAIT);
        if (now <= 0 && errno != EINTR) {
            sent++;
        }
        sent += now > 0 ? (unsigned)now : 0;
    }
}

void udp_send(struct address *address, const struct sockaddr_in *to, const uint8_t *bytes,
              size_t len)
{
    address->server->answers++;
    if (address->server->weather != NULL) {
        weather_udp(address->server->weather, address->udp.fd, to, bytes, len);
    } else {
        (void)sendto(address->udp.fd, bytes, len, MSG_DONTWAIT,
                     (const struct sockaddr *)to, sizeof *to);
    }
}

/* When the kernel got a question: we may have slept since. */
static uint64_t arrival_ns(struct msghdr *head)
{
    struct timespec at;
    const struct cmsghdr *control = CMSG_FIRSTHDR(head);
    if (control == NULL || control->cmsg_level != SOL_SOCKET ||
        control->cmsg_type != SCM_TIMESTAMPNS) {
        return stats_now_ns();
    }
    memcpy(&at, CMSG_DATA(control), sizeof at);
    return (uint64_t)at.tv_sec * 1000000000 + (uint64_t)at.tv_nsec;
}

static void count_batch(struct address *address, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        uint64_t at_ns = arrival_ns(&batch.in[i].msg_hdr);
        rate_add(&address->rate, at_ns);
        rate_add(&address->server->rate, at_ns);
    }
}

static void answer_batch(struct address *address, unsigned count)
{
    const struct server *server = address->server;
    unsigned answers = 0;
    if (server->stats_path != NULL) {
        count_batch(address, count);
    }
    for (unsigned i = 0; i < count; i++) {
        struct answer answer = {.bytes = batch.answers[answers], .size = ANSWER_UDP_MAX};
        enum answer_fate fate =
            answer_compose(server->zones, address->layer, batch.questions[i],
                           batch.in[i].msg_len, &answer);
        if (fate == ANSWER_SEND && server->weather != NULL) {
            udp_send(address, &batch.from[i], answer.bytes, answer.len);
        } else if (fate == ANSWER_SEND) {
            batch.out_bytes[answers] = (struct iovec){answer.bytes, answer.len};
            batch.out[answers].msg_hdr =
                (struct msghdr){.msg_name = &batch.from[i],
                                .msg_namelen = sizeof batch.from[i],
                                .msg_iov = &batch.out_bytes[answers],
                                .msg_iovlen = 1};
            answers++;
        } else if (fate == ANSWER_FORWARD) {
            forward_udp(address, &batch.from[i], batch.questions[i], batch.in[i].msg_len);
        }
    }
    send_all(address->udp.fd, answers);
    address->server->answers += answers;
}

void on_udp_questions(struct watch *watch)
{
    for (unsigned rounds = 0; rounds < ROUNDS_MAX; rounds++) {
        int count = receive(watch->fd);
        if (count > 0) {
            answer_batch((struct address *)watch, (unsigned)count);
        }
        if (count < BATCH) {
            return;
        }
    }
}
