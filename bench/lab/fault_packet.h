/* Odd packets: what a name server puts in place of an answer, or does to one, as bytes.
 *
 * Each has a word (the table in fault_packet.c). Most are made of the question alone: a
 * header, the question and bytes that are wrong in one place. Some change the truth.
 */
#ifndef BENCH_LAB_FAULT_PACKET_H
#define BENCH_LAB_FAULT_PACKET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MESSAGE_MAX 65535       /* RFC 1035, 4.2.2 */
#define FAULT_PACKET_GROWTH 512 /* it may become so much longer than what it is made of */

struct fault_packet;

/* NULL: no packet is called so. */
const struct fault_packet *fault_packet_find(const char *word);

/* Whether it is made of the upstream's answer (else of the question). */
bool fault_packet_is_truth(const struct fault_packet *packet);

/* Over bytes, which hold a message of len with its one question, which ends at
 * question_end; there is room for MESSAGE_MAX, and for FAULT_PACKET_GROWTH more than len.
 * Returns the packet's length, which may be 0: a datagram without a byte. */
size_t fault_packet_make(const struct fault_packet *packet, uint8_t *bytes, size_t len,
                         size_t question_end);

/* The header and the question of a reply to the question in bytes; returns its length.
 * EDNS (RFC 6891) is left out, as old servers do. */
size_t fault_packet_begin(uint8_t *bytes, size_t question_end, unsigned rcode);

#endif
