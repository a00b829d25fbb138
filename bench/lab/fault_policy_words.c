/* The words of policy hosts. */
#include "bench/lab/fault_policy.h"

#include <string.h>

#define TYPE "Content-Type: text/plain\r\n"
#define LENGTH "Content-Length: %l\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"
#define OK(lines) "HTTP/1.1 200 OK\r\n" lines "\r\n"
#define HEAD(lines) OK(TYPE lines)
#define STATUS(line, lines) "HTTP/1.1 " line "\r\nContent-Length: 0\r\n" lines "\r\n"
#define A32 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define A256 A32 A32 A32 A32 A32 A32 A32 A32

#define FIRST(bytes) .first = bytes, .first_len = sizeof(bytes) - 1
#define HELLO(bytes, ending)                                                             \
    .hello = bytes, .hello_len = sizeof(bytes) - 1, .after_hello = ENDING_##ending
#define FLIGHT(records, half, ending)                                                    \
    .flight_records = records, .is_half = half, .after_flight = ENDING_##ending
#define SAYS(text, ending)                                                               \
    .reply = text, .reply_len = sizeof(text) - 1, .after_reply = ENDING_##ending
/* to itself */
#define MOVED(status)                                                                    \
    SAYS("HTTP/1.1 " status "\r\n" TYPE LENGTH                                           \
         "Location: /.well-known/mta-sts.txt\r\n\r\n%p",                                 \
         CLOSE)
#define SOUND SAYS(HEAD(LENGTH) "%p", CLOSE)
#define REPEATS(text, repeated) SAYS(text, REPEAT), .again = repeated

/* RFC 8446, 5.1 and 6 */
#define ALERT(level, description) "\x15\x03\x03\0\2" level description
#define WARNING "\1"
#define FATAL "\2"
#define EMPTY "\x16\x03\x03\0\0"
#define EMPTY_8 EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY EMPTY
/* RFC 5246, 7.4.1.3: version, random, session, cipher, compression */
#define SERVER_HELLO(version, cipher)                                                    \
    "\x16\x03\x03\0\x2a\2\0\0\x26" version A32 "\0" cipher "\0"
/* the empty text (RFC 1952) */
#define GZIP "\x1f\x8b\x08\0\0\0\0\0\0\x03\x03\0\0\0\0\0\0\0\0\0"
/* 2,167,200,001 zero bytes, and thrice gzip */
#define GZIP_BOMB                                                                        \
    "\x1f\x8b\x08\0\0\0\0\0\2\3\x93\xef\xe6```````f\x10gx\xf1_\x1e\xce}{\xa0\x91"        \
    "\x81\x81\x81\xa1\x61\xc1\xdf\x95\xe2+\xdf "                                         \
    "s\x18\x46\xc1(\x18\5\xa3`\x14\x8c\x82Q0\2@"                                         \
    "\3\xf3$\x86\xdc\xff\x83\xc6\x39lf\xb1\x97\xdf\x32\xde\xd4i,\xfa;\xdf\xd0\x81[\x81"  \
    "\1\0\xabK[\xfa\xc5\x08\0\0"
/* RFC 9113, 6.5 and 6.8: SETTINGS; GOAWAY, last stream 0, PROTOCOL_ERROR */
#define SETTINGS "\0\0\0\4\0\0\0\0\0"
#define GOAWAY "\0\0\x08\7\0\0\0\0\0\0\0\0\0\0\0\0\1"

static const struct policy_fault words[] = {
    {.word = "good", SOUND},
    {.word = "tls12", .is_tls12 = true, SOUND},

    /* TCP */
    {.word = "tcp_full", .is_full = true},
    {.word = "tls_reset", .after_hello = ENDING_RESET},
    {.word = "tls_close", .after_hello = ENDING_CLOSE},
    {.word = "tls_silence", .after_hello = ENDING_HOLD},

    /* in place of a ServerHello */
    {.word = "tls_garbage", HELLO("220 mail.lab.net ESMTP\r\n", CLOSE)}, /* SMTP */
    /* of a record that announces 4,096 bytes (RFC 8446, 5.1) */
    {.word = "tls_half", HELLO("\x16\x03\x03\x10\0\2", HOLD)},
    {.word = "tls_half_close", HELLO("\x16\x03\x03\x10\0\2", CLOSE)},
    {.word = "tls_alert", HELLO(ALERT(FATAL, "\x28"), CLOSE)}, /* handshake_failure */
    {.word = "tls_version_alert", HELLO(ALERT(FATAL, "\x46"), CLOSE)},
    {.word = "tls_internal_error", HELLO(ALERT(FATAL, "\x50"), HOLD)},
    /* user_canceled, then close_notify (RFC 8446, 6.1) */
    {.word = "tls_user_canceled",
     HELLO(ALERT(WARNING, "\x5a") ALERT(WARNING, "\0"), CLOSE)},
    {.word = "tls_record_length", HELLO("\x16\x03\x03\xff\xff" A32, HOLD)},
    {.word = "tls_record_type", HELLO("\x63\x03\x03\0\1a", HOLD)},
    {.word = "tls_empty_records", HELLO(EMPTY_8 EMPTY_8 EMPTY_8 EMPTY_8 EMPTY_8, HOLD)},
    {.word = "tls_version_unknown", HELLO(SERVER_HELLO("\x03\x09", "\x13\x02"), HOLD)},
    {.word = "tls_cipher_not_offered", HELLO(SERVER_HELLO("\3\3", "\0\1"), HOLD)},

    /* in the handshake */
    {.word = "tls_hello_hold", FLIGHT(1, false, HOLD)},
    {.word = "tls_half_hello_reset", FLIGHT(0, true, RESET)},
    {.word = "tls12_hello_close", .is_tls12 = true, FLIGHT(1, false, CLOSE)},
    {.word = "tls12_hello_reset", .is_tls12 = true, FLIGHT(1, false, RESET)},
    {.word = "tls_half_certificate_hold", FLIGHT(3, true, HOLD)},
    {.word = "tls_half_certificate_close", FLIGHT(3, true, CLOSE)},
    {.word = "tls_half_certificate_reset", FLIGHT(3, true, RESET)},
    {.word = "tls_certificate_hold", FLIGHT(4, false, HOLD)},
    {.word = "tls_certificate_reset", FLIGHT(4, false, RESET)},
    {.word = "tls_drip", .flight_piece = 1},
    {.word = "tls_slow", .flight_piece = 400, SOUND},
    /* unrecognized_name as a warning (RFC 6066, 3) */
    {.word = "tls_warning", FIRST(ALERT(WARNING, "\x70")), .is_tls12 = true, SOUND},
    {.word = "tls_client_certificate", .asks_certificate = true, SOUND},
    {.word = "tls_h2", .selects_h2 = true, SAYS(SETTINGS, HOLD)},

    /* after it */
    {.word = "tls_close_notify", .after_handshake = ENDING_CLOSE},
    {.word = "tls_renegotiation", .is_tls12 = true, .renegotiates = true, SOUND},
    {.word = "tls_tickets", .flood = FLOOD_TICKETS},
    {.word = "tls_key_updates", .flood = FLOOD_KEY_UPDATES},

    /* no response, and half of one */
    {.word = "http_silence", SAYS("", HOLD)},
    {.word = "http_close", SAYS("", CLOSE)},
    {.word = "http_reset", SAYS("", RESET)},
    {.word = "http_half_status_hold", SAYS("HTTP/1.1 20", HOLD)},
    {.word = "http_head_hold", SAYS("HTTP/1.1 200 OK\r\n" TYPE LENGTH, HOLD)},
    {.word = "http_half_head", SAYS("HTTP/1.1 200 OK\r\nContent-Type: text/pl", CLOSE)},
    {.word = "http_half_body", SAYS(HEAD("Content-Length: 1000\r\n") "%p", CLOSE)},
    {.word = "http_half_body_reset", SAYS(HEAD("Content-Length: 1000\r\n") "%p", RESET)},
    {.word = "http_half_body_hold", SAYS(HEAD("Content-Length: 1000\r\n") "%p", HOLD)},
    {.word = "http_half_chunks_hold", SAYS(HEAD(CHUNKED) "%c", HOLD)},
    {.word = "http_cut", SAYS(HEAD("") "%p", CUT)},
    /* the status line alone takes a minute, so that it is late also for a slow client */
    {.word = "http_drip",
     SAYS("HTTP/1.1 200 " A32 A32 A32 A32 A32 A32 A32 A32 A32 "\r\n" TYPE LENGTH "\r\n%p",
          CLOSE),
     .reply_piece = 1},
    {.word = "http_slow", SAYS(HEAD(LENGTH) "%p", CLOSE), .reply_piece = 60},

    /* without end */
    {.word = "http_endless_head", REPEATS("HTTP/1.1 200 OK\r\n", "X-Pad: " A32 "\r\n")},
    {.word = "http_endless_line", REPEATS("HTTP/1.1 200 OK\r\nX-Pad: ", A256)},
    {.word = "http_endless_hints",
     REPEATS("", "HTTP/1.1 103 Early Hints\r\nLink: <" A256 ">\r\n\r\n")},
    {.word = "http_endless_body", REPEATS(HEAD(""), A256)},
    {.word = "http_endless_chunks", REPEATS(HEAD(CHUNKED), "100\r\n" A256 "\r\n")},
    {.word = "http_endless_extension", REPEATS(HEAD(CHUNKED) "5;x=", A256)},
    {.word = "http_endless_trailers",
     REPEATS(HEAD(CHUNKED) "%c0\r\n", "X-Pad: " A32 "\r\n")},

    /* interim responses (RFC 9110, 15.2) */
    {.word = "http_continue",
     SAYS("HTTP/1.1 100 Continue\r\n\r\n" HEAD(LENGTH) "%p", CLOSE)},
    {.word = "http_continue_hold", SAYS("HTTP/1.1 100 Continue\r\n\r\n", HOLD)},
    {.word = "http_101",
     SAYS("HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: "
          "upgrade\r\n\r\n",
          HOLD)},

    /* status lines (RFC 9112, 4) */
    {.word = "http_garbage", SAYS("220 mail.lab.net ESMTP\r\n", CLOSE)},
    {.word = "http_10", SAYS("HTTP/1.0 200 OK\r\n" TYPE "\r\n%p", CLOSE)},
    {.word = "http_09", SAYS("%p", CLOSE)},
    {.word = "http_2", SAYS("HTTP/2 200\r\n" TYPE LENGTH "\r\n%p", CLOSE)},
    {.word = "http2_frames", SAYS(SETTINGS GOAWAY, CLOSE)},
    {.word = "http_no_reason", SAYS("HTTP/1.1 200\r\n" TYPE LENGTH "\r\n%p", CLOSE)},
    {.word = "http_status_letters",
     SAYS("HTTP/1.1 2oo OK\r\n" TYPE LENGTH "\r\n%p", CLOSE)},
    {.word = "http_status_999", SAYS(STATUS("999 Denied", ""), CLOSE)},
    {.word = "http_206",
     SAYS("HTTP/1.1 206 Partial Content\r\n" TYPE LENGTH
          "Content-Range: bytes 0-9/99\r\n\r\n%p",
          CLOSE)},
    /* … beside which stands what would be a policy */
    {.word = "http_303", MOVED("303 See Other")},
    {.word = "http_304", SAYS("HTTP/1.1 304 Not Modified\r\n\r\n", HOLD)},
    {.word = "http_307", MOVED("307 Temporary Redirect")},
    {.word = "http_308",
     SAYS(STATUS("308 Permanent Redirect", "Location: /\r\n"), CLOSE)},
    {.word = "http_401",
     SAYS(STATUS("401 Unauthorized", "WWW-Authenticate: Basic realm=\"lab\"\r\n"),
          CLOSE)},
    {.word = "http_429",
     SAYS("HTTP/1.1 429 Too Many Requests\r\n" TYPE LENGTH "Retry-After: 1\r\n\r\n%p",
          CLOSE)},
    {.word = "http_503",
     SAYS(STATUS("503 Service Unavailable", "Retry-After: 1\r\n"), CLOSE)},

    /* fields (RFC 9112, 5) */
    {.word = "http_folded",
     SAYS(OK("Content-Type: text/plain;\r\n\tcharset=utf-8\r\n" LENGTH) "%p", CLOSE)},
    {.word = "http_no_colon", SAYS(HEAD("X-Lab\r\n" LENGTH) "%p", CLOSE)},
    {.word = "http_nul_field", SAYS(HEAD("X-Lab: a\0b\r\n" LENGTH) "%p", CLOSE)},
    {.word = "http_bare_lf",
     SAYS("HTTP/1.1 200 OK\nContent-Type: text/plain\nContent-Length: %l\n\n%p", CLOSE)},
    {.word = "http_type_twice",
     SAYS(HEAD("Content-Type: text/html\r\n" LENGTH) "%p", CLOSE)},
    {.word = "http_type_long",
     SAYS(OK("Content-Type: text/plain; x=" A256 A256 "\r\n" LENGTH) "%p", CLOSE)},
    /* RIGHT-TO-LEFT OVERRIDE, no UTF-8, ESC */
    {.word = "http_type_hostile",
     SAYS(OK("Content-Type: text/plain; x=\xe2\x80\xae\xff\x1b[31m\r\n" LENGTH) "%p",
          CLOSE)},
    {.word = "http_unasked_fields",
     SAYS(
         HEAD(
             "Alt-Svc: h3=\":443\"; ma=86400\r\nSet-Cookie: a=b\r\n"
             "Strict-Transport-Security: max-age=1\r\nConnection: upgrade, keep-alive\r\n"
             "Upgrade: h2c\r\nLocation: /\r\nRefresh: 0; url=/\r\n" LENGTH) "%p",
         CLOSE)},

    /* codings (RFC 9110, 8.4; RFC 9112, 6.1 and 7) */
    {.word = "http_gzip",
     SAYS(HEAD("Content-Encoding: gzip\r\nContent-Length: 20\r\n") GZIP, CLOSE)},
    {.word = "http_gzip_bomb",
     SAYS(HEAD("Content-Encoding: gzip, gzip, gzip\r\nContent-Length: 96\r\n") GZIP_BOMB,
          CLOSE)},
    {.word = "http_gzip_in_name_only",
     SAYS(HEAD("Content-Encoding: gzip\r\n" LENGTH) "%p", CLOSE)},
    {.word = "http_transfer_gzip",
     SAYS(HEAD("Transfer-Encoding: gzip, chunked\r\n") "%c0\r\n\r\n", CLOSE)},
    {.word = "http_transfer_unknown",
     SAYS(HEAD("Transfer-Encoding: lab, chunked\r\n") "%c0\r\n\r\n", CLOSE)},
    {.word = "http_bad_chunk", SAYS(HEAD(CHUNKED) "lots\r\n%p\r\n0\r\n\r\n", CLOSE)},
    {.word = "http_chunked", SAYS(HEAD(CHUNKED) "%c0\r\n\r\n", CLOSE)},
    {.word = "http_chunked_cut", SAYS(HEAD(CHUNKED) "%c0\r\n\r\n", CUT)},

    /* lengths (RFC 9112, 6.3) */
    {.word = "http_no_length", SAYS(HEAD("") "%p", CLOSE)},
    {.word = "http_length_negative", SAYS(HEAD("Content-Length: -1\r\n") "%p", CLOSE)},
    {.word = "http_length_letters", SAYS(HEAD("Content-Length: %lx\r\n") "%p", CLOSE)},
    {.word = "http_length_huge",
     SAYS(HEAD("Content-Length: 100000000000000000000\r\n") "%p", CLOSE)},
    {.word = "http_length_twice",
     SAYS(HEAD("Content-Length: 10\r\n" LENGTH) "%p", CLOSE)},
    {.word = "http_length_and_chunked",
     SAYS(HEAD("Content-Length: 10\r\n" CHUNKED) "%c0\r\n\r\n", CLOSE)},
    {.word = "http_length_cut", SAYS(HEAD(LENGTH) "%p", CUT)},
    {.word = "http_length_reset", SAYS(HEAD(LENGTH) "%p", RESET)},
    {.word = "http_length_hold", SAYS(HEAD(LENGTH) "%p", HOLD)},
    {.word = "http_more", SAYS(HEAD(LENGTH) "%p" STATUS("404 Not Found", ""), CLOSE)},
    {.word = "http_nul_body",
     SAYS(
         HEAD("Content-Length: 43\r\n") "version: STSv1\nmode: none\0\nmax_age: 604800\n",
         CLOSE)},
};

const struct policy_fault *policy_fault_find(const char *word)
{
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return &words[i];
        }
    }
    return NULL;
}
