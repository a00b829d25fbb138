/* Questions over UDP, and those that are passed on. */
#include "bench/lab/fault_dns.h"
#include "bench/lab/fault_later.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

enum {
    UNDER_WAY_MAX = 65536, /* questions, one for each id; the oldest gives way */
    ROUND_MAX = 64,        /* questions taken before other sockets have their turn */
    SOCKET_BUFFER_BYTES = 4 << 20,
};

struct asker {
    struct asked asked;
    const struct deed *deed; /* what becomes of the truth */
    struct sockaddr_in from;
    int fd; /* where it asked */
    uint8_t id[2];
};

/* One socket is for all upstreams; the id that a question has got there names it. */
static struct watch upstream = {.fd = -1};
static struct asker askers[UNDER_WAY_MAX];
static unsigned next_id;

static void answer(const struct asker *asker, size_t len)
{
    union {
        struct cmsghdr header;
        uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control = {.header = {.cmsg_len = CMSG_LEN(sizeof(struct in_pktinfo)),
                            .cmsg_level = IPPROTO_IP,
                            .cmsg_type = IP_PKTINFO}};
    const struct in_pktinfo from = {.ipi_spec_dst = asker->asked.address};
    struct iovec iovec = {fault_message, len};
    struct sockaddr_in to = asker->from;
    const struct msghdr header = {.msg_name = &to,
                                  .msg_namelen = sizeof to,
                                  .msg_iov = &iovec,
                                  .msg_iovlen = 1,
                                  .msg_control = &control,
                                  .msg_controllen = sizeof control.bytes};
    memcpy(CMSG_DATA(&control.header), &from, sizeof from);
    fault_turn(&asker->asked, fault_message, len);
    (void)sendmsg(asker->fd, &header, MSG_DONTWAIT);
}

static void forward(const struct asker *asker, size_t len)
{
    const struct sockaddr_in *at = &asker->asked.server->upstream_at;
    unsigned id = next_id++ % UNDER_WAY_MAX;
    askers[id] = *asker;
    memcpy(askers[id].id, fault_message, 2);
    fault_message[0] = (uint8_t)(id >> 8);
    fault_message[1] = (uint8_t)id;
    (void)sendto(upstream.fd, fault_message, len, MSG_DONTWAIT,
                 (const struct sockaddr *)at, sizeof *at);
}

struct late_answer {
    struct later later; /* stands first */
    struct asker asker;
    size_t len;
    uint8_t bytes[];
};

static bool on_late(struct later *later)
{
    struct late_answer *late = (struct late_answer *)later;
    memcpy(fault_message, late->bytes, late->len);
    answer(&late->asker, late->len);
    return false;
}

static void answer_later(const struct asker *asker, size_t len)
{
    struct late_answer *late = fault_allocate(sizeof *late + len);
    late->later = (struct later){on_late, 1, NULL};
    late->asker = *asker;
    late->len = len;
    memcpy(late->bytes, fault_message, len);
    fault_later_add(&late->later);
}

static void tell_truth(const struct asker *asker, size_t len)
{
    len = fault_change(asker->deed, fault_message, len);
    if (asker->deed->act == ACT_LATE) {
        answer_later(asker, len);
        return;
    }
    answer(asker, len);
    if (asker->deed->act == ACT_TWICE) {
        answer(asker, len);
    }
}

static void on_upstream(struct watch *watch)
{
    for (unsigned i = 0; i < ROUND_MAX; i++) {
        ssize_t got = recv(watch->fd, fault_message, MESSAGE_MAX, MSG_DONTWAIT);
        if (got < 0) {
            return;
        }
        const struct asker *asker = &askers[fault_message[0] << 8 | fault_message[1]];
        if (got >= HEADER_LEN && asker->asked.server != NULL) {
            memcpy(fault_message, asker->id, 2);
            tell_truth(asker, (size_t)got);
        }
    }
}

/* Returns the length, < 0: there is none now. */
static ssize_t take(struct asker *asker)
{
    union {
        struct cmsghdr header;
        uint8_t bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    } control;
    struct iovec iovec = {fault_message, MESSAGE_MAX - 64};
    struct msghdr header = {.msg_name = &asker->from,
                            .msg_namelen = sizeof asker->from,
                            .msg_iov = &iovec,
                            .msg_iovlen = 1,
                            .msg_control = &control,
                            .msg_controllen = sizeof control.bytes};
    ssize_t got = recvmsg(asker->fd, &header, MSG_DONTWAIT);
    const struct cmsghdr *found = got < 0 ? NULL : CMSG_FIRSTHDR(&header);
    struct in_pktinfo to = {.ipi_ifindex = 0};
    if (found != NULL && found->cmsg_type == IP_PKTINFO) {
        memcpy(&to, CMSG_DATA(found), sizeof to);
    }
    asker->asked = fault_asked(to.ipi_addr);
    return got;
}

static void answer_falsely(const struct asker *asker, const struct question *question)
{
    const struct deed *deed = asker->deed;
    struct asker pretended = *asker;
    if (deed->act == ACT_OTHER_ADDRESS) {
        pretended.asked.address.s_addr ^= htonl(1);
    } else if (deed->act == ACT_OTHER_PORT) {
        pretended.fd = upstream.fd;
    }
    if (deed->act != ACT_SILENCE) {
        answer(&pretended, fault_reply(deed, question));
    }
}

static void on_one_question(struct asker *asker, size_t len)
{
    static const struct deed truth = {.act = ACT_FORWARD};
    uint8_t asked[FAULT_PACKET_GROWTH];
    struct question question;
    const struct dns_fault *fault = asker->asked.server != NULL && len <= sizeof asked
                                        ? fault_meet(&asker->asked, &question, len)
                                        : NULL;
    if (fault == NULL) {
        return;
    }
    asker->deed = &fault->udp;
    bool is_forward = fault_is_forward(&fault->udp);
    if (!is_forward) {
        memcpy(asked, fault_message, len);
        answer_falsely(asker, &question);
        memcpy(fault_message, asked, len);
    }
    if (fault->is_first) {
        asker->deed = &truth;
    }
    if (is_forward || fault->is_first) {
        forward(asker, len);
    }
}

static void on_questions(struct watch *watch)
{
    struct asker asker = {.fd = watch->fd};
    for (unsigned i = 0; i < ROUND_MAX; i++) {
        ssize_t got = take(&asker);
        if (got < 0) {
            return;
        }
        on_one_question(&asker, (size_t)got);
    }
}

static void widen(int fd)
{
    int bytes = SOCKET_BUFFER_BYTES;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
}

void fault_udp_open(const struct sockaddr_in *at)
{
    const struct sockaddr_in anywhere = {.sin_family = AF_INET};
    struct watch *watch = fault_allocate(sizeof *watch);
    int on = 1;
    *watch = (struct watch){fault_open(SOCK_DGRAM, at, 0), on_questions};
    if (setsockopt(watch->fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on) != 0) {
        fault_die("IP_PKTINFO", strerror(errno));
    }
    widen(watch->fd);
    fault_watch(watch, EPOLLIN);
    if (upstream.fd < 0) {
        upstream = (struct watch){fault_open(SOCK_DGRAM, &anywhere, 0), on_upstream};
        widen(upstream.fd);
        fault_watch(&upstream, EPOLLIN);
    }
}
