/* Questions by datagram, in batches. */
#include "bench/lab/answer.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

enum {
    BATCH = 64,
    QUESTION_MAX = 1024, /* longer ones are cut, and so no questions */
    ROUNDS_MAX = 8,      /* batches before the other addresses get their turn */
};

struct batch {
    struct mmsghdr in[BATCH], out[BATCH];
    struct iovec in_bytes[BATCH], out_bytes[BATCH];
    struct sockaddr_in from[BATCH];
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
                                              .msg_iovlen = 1};
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

static void answer_batch(struct address *address, unsigned count)
{
    unsigned answers = 0;
    for (unsigned i = 0; i < count; i++) {
        struct answer answer = {.bytes = batch.answers[answers], .size = ANSWER_UDP_MAX};
        enum answer_fate fate =
            answer_compose(address->server->zones, address->layer, batch.questions[i],
                           batch.in[i].msg_len, &answer);
        if (fate == ANSWER_SEND) {
            batch.out_bytes[answers] = (struct iovec){answer.bytes, answer.len};
            batch.out[answers].msg_hdr = batch.in[i].msg_hdr;
            batch.out[answers].msg_hdr.msg_iov = &batch.out_bytes[answers];
            answers++;
        } else if (fate == ANSWER_FORWARD) {
            forward_udp(address, &batch.from[i], batch.questions[i], batch.in[i].msg_len);
        }
    }
    send_all(address->udp.fd, answers);
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
