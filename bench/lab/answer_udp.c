/* Questions by datagram, in batches. Nearly all the time of an answer is the kernel's way
 * from socket to socket, so answers of one length to one client go that way together (UDP
 * segmentation offload): as datagrams of their own, but not in the order of the questions.
 */
#include "bench/lab/answer.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum {
    BATCH = 64,
    QUESTION_MAX = 1024, /* longer ones are cut, and so no questions */
    CONTROL_BYTES = CMSG_SPACE(sizeof(struct timespec)),
    SEGMENT_BYTES = CMSG_SPACE(sizeof(uint16_t)),
    TOGETHER_MAX = 60000, /* bytes: an IP packet, till it is taken apart */
    ROUNDS_MAX = 8,       /* batches before the other addresses get their turn */
};

struct batch {
    struct mmsghdr in[BATCH], out[BATCH];
    struct iovec in_bytes[BATCH], out_bytes[BATCH];
    struct sockaddr_in from[BATCH];
    _Alignas(struct cmsghdr) uint8_t controls[BATCH][CONTROL_BYTES];
    _Alignas(struct cmsghdr) uint8_t segments[BATCH][SEGMENT_BYTES];
    uint8_t questions[BATCH][QUESTION_MAX], answers[BATCH][ANSWER_UDP_MAX];
    size_t lens[BATCH]; /* of the answers; 0: on its way */
    struct sockaddr_in to[BATCH];
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

static bool go_together(unsigned a, unsigned b)
{
    return batch.lens[a] == batch.lens[b] &&
           batch.to[a].sin_port == batch.to[b].sin_port &&
           batch.to[a].sin_addr.s_addr == batch.to[b].sin_addr.s_addr;
}

/* Says that the message is datagrams of that length. */
static void set_segments(struct msghdr *head, void *control, size_t len)
{
    head->msg_control = control;
    head->msg_controllen = SEGMENT_BYTES;
    struct cmsghdr *segment = CMSG_FIRSTHDR(head);
    segment->cmsg_level = SOL_UDP;
    segment->cmsg_type = UDP_SEGMENT;
    segment->cmsg_len = CMSG_LEN(sizeof(uint16_t));
    memcpy(CMSG_DATA(segment), &(uint16_t){(uint16_t)len}, sizeof(uint16_t));
}

/* Makes a message of an answer and of those behind it that go with it; bytes: room for their
 * places. Returns how many they are. */
static unsigned gather_one(struct msghdr *head, unsigned first, unsigned answers,
                           struct iovec *bytes)
{
    size_t len = batch.lens[first];
    unsigned count = 0, count_max = TOGETHER_MAX / (unsigned)len;
    for (unsigned i = first; i < answers && count < count_max; i++) {
        if (go_together(first, i)) {
            bytes[count++] = (struct iovec){batch.answers[i], len};
            batch.lens[i] = i == first ? len : 0;
        }
    }
    *head = (struct msghdr){.msg_name = &batch.to[first],
                            .msg_namelen = sizeof batch.to[first],
                            .msg_iov = bytes,
                            .msg_iovlen = count};
    return count;
}

/* Makes messages of all the answers; returns their number. */
static unsigned gather(unsigned answers)
{
    unsigned messages = 0, used = 0;
    for (unsigned i = 0; i < answers; i++) {
        if (batch.lens[i] == 0) {
            continue;
        }
        struct msghdr *head = &batch.out[messages].msg_hdr;
        unsigned count = gather_one(head, i, answers, &batch.out_bytes[used]);
        if (count > 1) {
            set_segments(head, batch.segments[messages], batch.lens[i]);
        }
        used += count;
        messages++;
    }
    return messages;
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
            batch.lens[answers] = answer.len;
            batch.to[answers++] = batch.from[i];
        } else if (fate == ANSWER_FORWARD) {
            forward_udp(address, &batch.from[i], batch.questions[i], batch.in[i].msg_len);
        }
    }
    send_all(address->udp.fd, gather(answers));
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
