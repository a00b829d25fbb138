/* DNS for the scanner: a name and a type in, one typed answer out.
 *
 * Two engines stand behind this header: recursion in the process (libunbound) and a stub
 * that asks recursive resolvers (wire.c). Callers cannot tell them apart but by
 * resolver_engine().
 *
 *   resolver_open(&resolver, loop, &config, error);
 *   resolver_ask(resolver, "_dmarc.example.org", DNS_TXT, on_answer, job, question_id);
 *   ...                            the loop runs; on_answer is called once per question
 *   resolver_close(resolver);      open questions end in DNS_NETWORK, handles close
 *   uv_run(loop, UV_RUN_DEFAULT);  until they have
 *
 * In front of both stands a cache (cache.h). A question that is being asked already is not
 * asked again: all who ask it get the one answer.
 *
 * Rules: one resolver per loop, used by that loop's thread only. It keeps the loop
 * running while a question is open, and at no other time. An answer may come from
 * inside resolver_ask. Answers are borrowed: valid only inside the callback, whatever is
 * asked there. Names are text: A-labels, lower case, no final dot ("." is the root), bytes
 * outside printable ASCII and '.' '\\' inside a label as \DDD or \X (RFC 1035, 5.1).
 */
#ifndef RESOLVER_RESOLVER_H
#define RESOLVER_RESOLVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uv_loop_s;
struct resolver;

/* The numbers of the IANA registry. */
enum dns_type {
    DNS_NONE = 0,
    DNS_A = 1,
    DNS_NS = 2,
    DNS_CNAME = 5,
    DNS_PTR = 12,
    DNS_MX = 15,
    DNS_TXT = 16,
    DNS_AAAA = 28
};

/* How a lookup ended. Only the first four say something about what is published. */
enum dns_status {
    DNS_NOT_CHECKED,
    DNS_OK,       /* at least one record of the type asked for */
    DNS_NODATA,   /* NOERROR without such a record */
    DNS_NXDOMAIN, /* of the name asked for, or of its CNAME's target */
    DNS_SERVFAIL,
    DNS_REFUSED,
    DNS_OTHER_RCODE,
    DNS_TIMEOUT,
    DNS_NETWORK,   /* no packet could be sent or received */
    DNS_MALFORMED, /* the reply cannot be parsed, or answers another question */
    DNS_CNAME_LOOP
};

enum dns_trust { DNS_TRUST_UNKNOWN, DNS_INSECURE, DNS_SECURE };

struct dns_record {
    const char *data;    /* TXT: the strings joined; A, AAAA: 4 or 16 bytes in network
                            order; MX, NS, PTR, CNAME: the name as NUL-terminated text */
    uint16_t data_len;   /* bytes, without that NUL */
    uint16_t preference; /* MX */
};

struct dns_answer {
    enum dns_status status;
    enum dns_trust trust; /* recursion: validated; stub: the AD bit */
    uint32_t ttl;         /* seconds: the least of chain and records; 0 without */
    uint16_t record_count;
    uint16_t cname_count;
    const struct dns_record *records; /* of the type asked for, at the end of the chain */
    const char *const *cnames;        /* targets in order, first hop first */
    uint16_t retries;      /* attempts after the first; 0 for who did not cause them: he
                         waited with another one, or the answer was known */
    uint32_t negative_ttl; /* nodata, nxdomain: seconds that this may be remembered (RFC
                              2308, 5); 0 = not, as with every other status */
};

typedef void resolver_on_answer(void *arg, uint32_t tag, const struct dns_answer *answer);

/* Asked before each query: 0 = now, and the turn is taken; else the ns after which to ask
 * again. From the resolver's thread. */
typedef uint64_t resolver_take_turn(void *turns);

struct resolver_config {
    const char *name_servers;   /* "IP[:PORT],[IP6]:PORT,…"; NULL = recursion */
    const char *root_hints;     /* file in master format; NULL = built-in */
    const char *blocklist_file; /* CIDRs no packet is sent to; NULL = none */
    bool allow_special;         /* recursion may ask special-purpose addresses */
    uint32_t timeout_ms;        /* per attempt (stub) */
    uint32_t retries;           /* after the first attempt; recursion: once, unless 0 */
    uint32_t window;            /* questions outstanding; the rest waits inside */
    uint32_t descriptors;       /* its sockets; 0 = half of the process's limit */
    resolver_take_turn *take_turn; /* recursion: before each question; NULL = no limit */
    void *turns;
    size_t cache_bytes; /* all the cache takes; 0 = none, and every question is
                                   asked for itself */
};

struct resolver_stats {
    uint64_t queries; /* attempts sent (recursion: questions) */
    uint64_t retries;
    uint64_t by_status[DNS_CNAME_LOOP + 1]; /* questions, however they were answered */
    uint64_t cache_hits;                    /* of these, from the cache: no query */
    uint64_t coalesced;                     /* of these, with another one's query */
    uint64_t cache_evictions; /* answers forgotten before their time for want of room */
    uint64_t outages;         /* times that nothing was answered and all stood still */
    uint64_t cut_off;         /* 1 while that lasts (outage.h) */
    uint64_t shortages; /* questions that our own machine had no descriptor or port for,
                           so that they waited */
};

#define RESOLVER_ERROR_LEN 256

/* Whether a list of name servers can be read, before anything is opened: 0 or -EINVAL
 * with the sentence resolver_open would give. */
int resolver_check_name_servers(const char *name_servers, char error[RESOLVER_ERROR_LEN])
    __attribute__((warn_unused_result));

/* 0 or -errno; error then holds one sentence for the user (which server, which line of
 * which file) and the loop must run once to close handles. The strings of config are
 * copied. Raises the soft limit of open descriptors to the hard one: a question of the
 * recursion needs one, and so does an answer over TCP. */
int resolver_open(struct resolver **resolver, struct uv_loop_s *loop,
                  const struct resolver_config *config, char error[RESOLVER_ERROR_LEN])
    __attribute__((warn_unused_result));

/* A name that is no domain name (empty label, label over 63, name over 255 bytes on
 * the wire) is answered DNS_MALFORMED without a packet. */
void resolver_ask(struct resolver *resolver, const char *name, enum dns_type type,
                  resolver_on_answer *on_answer, void *arg, uint32_t tag);

/* The same without the recursion's late second attempt, unless somebody else has asked for
 * it already: for a caller whose earlier question about the same domain has waited for
 * one in vain. */
void resolver_ask_briefly(struct resolver *resolver, const char *name, enum dns_type type,
                          resolver_on_answer *on_answer, void *arg, uint32_t tag);

/* With name servers: false where the kernel is set not to let us connect to them over TCP
 * (net.ipv4.tcp_fastopen without bit 1), so that an answer that does not fit into a
 * datagram ends in DNS_NETWORK. */
bool resolver_stub_has_tcp(void);

/* Ends every open question (DNS_NETWORK) and frees all once the loop has run its
 * handles' close callbacks. Not from inside an answer. */
void resolver_close(struct resolver *resolver);

/* Memory has run short, now or earlier: answers told from then on may blame a server for it and
 * must not be believed. */
bool resolver_lacks_memory(const struct resolver *resolver);

const struct resolver_stats *resolver_stats(struct resolver *resolver);
const char *resolver_engine(const struct resolver *resolver); /* "recursion" or "stub" */
const char *resolver_libraries(void); /* "getdns 1.6.0, libunbound 1.17.1, …" */

const char *dns_status_text(enum dns_status status); /* "ok", "nodata", … */

/* True when the lookup says what is published (ok, nodata, nxdomain). */
static inline bool dns_is_answered(enum dns_status status)
{
    return status == DNS_OK || status == DNS_NODATA || status == DNS_NXDOMAIN;
}

#endif
