#include "bench/lab/faults_home.h"

#include <stdlib.h>
#include <string.h>

/* of 512 addresses each */
#define TABLE_POLICY 0xc6120800U /* 198.18.8.0 */
#define TABLE_NS1 0xc6120a00U    /* 198.18.10.0 */
#define TABLE_NS2 0xc6120c00U    /* 198.18.12.0 */
#define TABLE_MAX 511
#define ROUND_MAX 99999 /* five digits */

static bool has_second(const struct fault *fault)
{
    return fault->ns2 != NULL;
}

static bool is_full(const struct fault *fault)
{
    return fault->policy != NULL && strcmp(fault->policy, "tcp_full") == 0;
}

static bool is_any(const struct fault *fault)
{
    (void)fault;
    return true;
}

/* One of a kind of server has an address in each round. */
struct block {
    uint32_t first, end;
    bool (*has)(const struct fault *fault);
};

static const struct block block_first = {COPIES_FIRST, COPIES_SECOND_FIRST, is_any};
static const struct block block_second = {COPIES_SECOND_FIRST, COPIES_FULL_FIRST,
                                          has_second};
static const struct block block_full = {COPIES_FULL_FIRST, COPIES_FULL_END, is_full};

static const struct block *policy_block(const struct fault *fault)
{
    return is_full(fault) ? &block_full : &block_first;
}

static unsigned count_before(const struct block *block, size_t index)
{
    unsigned count = 0;
    for (size_t i = 0; i < index; i++) {
        count += block->has(fault_at(i)) ? 1 : 0;
    }
    return count;
}

static void write_address(char address[16], uint32_t at)
{
    snprintf(address, 16, "%u.%u.%u.%u", at >> 24, at >> 16 & 255, at >> 8 & 255,
             at & 255);
}

static void set_address(char address[16], const struct block *block, size_t index,
                        unsigned round)
{
    write_address(address, block->first + count_before(block, index) +
                               (round - 1) * count_before(block, fault_count()));
}

static void settle_table(struct home *home)
{
    snprintf(home->zone, sizeof home->zone, "fault-%s.net", home->fault->name);
    write_address(home->ns1, TABLE_NS1 + home->line);
    write_address(home->ns2, TABLE_NS2 + home->line);
    write_address(home->policy_address, TABLE_POLICY + home->line);
}

static void settle_copy(struct home *home, size_t index)
{
    snprintf(home->zone, sizeof home->zone, "fault-%s-%05u.net", home->fault->name,
             home->round);
    set_address(home->ns1, &block_first, index, home->round);
    set_address(home->ns2, &block_second, index, home->round);
    set_address(home->policy_address, policy_block(home->fault), index, home->round);
}

void home_of(struct home *home, size_t index)
{
    home->line = (unsigned)index + 1;
    home->round = (unsigned)(index / fault_count());
    index %= fault_count();
    home->fault = fault_at(index);
    if (home->round == 0) {
        settle_table(home);
    } else {
        settle_copy(home, index);
    }
    const char *sub = home->fault->sub;
    snprintf(home->domain, sizeof home->domain, "%s%s%s", sub != NULL ? sub : "",
             sub != NULL ? "." : "", home->zone);
    home->names = (struct names){home->domain, home->zone, ""};
}

static unsigned rounds_of_copies(size_t total)
{
    return (unsigned)((total - 1) / fault_count());
}

static void write_series(char text[48], const struct home *home, const char *address,
                         const struct block *block, size_t total)
{
    if (home->round == 0) {
        snprintf(text, 48, "%s", address);
    } else {
        snprintf(text, 48, "%s+%u*%u", address, count_before(block, fault_count()),
                 rounds_of_copies(total));
    }
}

void home_series(struct home_series *series, const struct home *home, size_t total)
{
    write_series(series->ns1, home, home->ns1, &block_first, total);
    write_series(series->ns2, home, home->ns2, &block_second, total);
    write_series(series->policy, home, home->policy_address, policy_block(home->fault),
                 total);
}

size_t homes_written(size_t total)
{
    return total < 2 * fault_count() ? total : 2 * fault_count();
}

static bool fits(const struct block *block, size_t total)
{
    return (uint64_t)rounds_of_copies(total) * count_before(block, fault_count()) <=
           block->end - block->first;
}

size_t faults_total(size_t wanted)
{
    size_t total = wanted == 0 ? fault_count() : wanted;
    bool is_good = fault_count() <= TABLE_MAX && total >= fault_count() &&
                   rounds_of_copies(total) <= ROUND_MAX && fits(&block_first, total) &&
                   fits(&block_second, total) && fits(&block_full, total);
    return is_good ? total : 0;
}

void home_fill(struct text *out, const char *template, const struct home *home)
{
    struct text named = {0};
    text_expand(&named, template, &home->names);
    for (const char *at = named.bytes; at != NULL && *at != '\0'; at++) {
        if (strncmp(at, "{a}", 3) == 0) {
            text_add(out, home->policy_address);
            at += 2;
        } else {
            text_add_len(out, at, 1);
        }
    }
    text_free(&named);
}
