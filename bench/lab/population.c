#include "bench/lab/population.h"

#include "bench/lab/names.h"

#include <stdlib.h>
#include <string.h>

/* Shares in 10,000; what is left are KIND_DOMAIN. */
static const unsigned kind_shares[KIND_COUNT] = {
    [KIND_SUBDOMAIN] = 500, [KIND_SUFFIX] = 50,    [KIND_PARKED] = 250,
    [KIND_WILDCARD] = 40,   [KIND_NXDOMAIN] = 250, [KIND_MISSING] = 60,
    [KIND_ALIAS] = 2,       [KIND_TWIN] = 30,      [KIND_INVALID] = 25,
    [KIND_EXCLUDED] = 10,
};
static const unsigned spelling_shares[SPELLING_COUNT] = {
    [SPELLING_UPPER] = 100, [SPELLING_DOT] = 100, [SPELLING_SPACES] = 60,
    [SPELLING_CRLF] = 100,  [SPELLING_TAG] = 100, [SPELLING_RANK] = 100,
    [SPELLING_QUOTED] = 60,
};
#define UNICODE_SHARE 100

bool is_domain(const struct person *person)
{
    return person->kind != KIND_INVALID && person->kind != KIND_EXCLUDED;
}

bool has_zone(const struct person *person)
{
    return is_domain(person) && person->kind != KIND_NXDOMAIN &&
           person->kind != KIND_TWIN;
}

bool is_policy_fetched(const struct mta_sts_template *mta_sts)
{
    return strcmp(mta_sts->deployment, "absent") != 0;
}

const struct policy_template *policy_named(const char *name)
{
    const struct policy_template *policy = policy_templates;
    while (strcmp(policy->name, name) != 0) {
        policy++;
    }
    return policy;
}

static void shuffle(uint16_t *hand, size_t count, struct random *random)
{
    for (size_t i = count; i > 1; i--) {
        size_t other = random_below(random, i);
        uint16_t kept = hand[i - 1];
        hand[i - 1] = hand[other];
        hand[other] = kept;
    }
}

/* A table of templates, whatever their type: each begins with name and weight. */
struct deck {
    const char *first;
    size_t stride, count;
};
#define DECK(table, length)                                                              \
    {                                                                                    \
        (const char *)(table), sizeof(table)[0], length                                  \
    }

struct card {
    const char *name;
    unsigned weight;
};

static unsigned weight_of(const struct deck *deck, size_t index)
{
    struct card card;
    memcpy(&card, deck->first + index * deck->stride, sizeof card);
    return card.weight;
}

static uint16_t draw(const struct deck *deck, unsigned total, struct random *random)
{
    uint64_t at = random_below(random, total);
    size_t index = 0;
    while (at >= weight_of(deck, index)) {
        at -= weight_of(deck, index++);
    }
    return (uint16_t)index;
}

/* Every template `rounds` times, as far as the hand is long enough, the rest by weight.
 * Ask for the hand to be freed. */
static uint16_t *deal(const struct deck *deck, size_t count, unsigned rounds,
                      struct random *random)
{
    uint16_t *hand = lab_allocate(count, sizeof *hand);
    unsigned total = 0;
    for (size_t i = 0; i < deck->count; i++) {
        total += weight_of(deck, i);
    }
    for (size_t i = 0; i < count; i++) {
        hand[i] = i < rounds * deck->count ? (uint16_t)(i % deck->count)
                                           : draw(deck, total, random);
    }
    shuffle(hand, count, random);
    return hand;
}

static unsigned rounds_for(size_t count)
{
    return count >= 500 ? 1 : 0;
}

static size_t kind_count(enum kind kind, size_t count)
{
    size_t share = count * kind_shares[kind] / 10000;
    size_t least = count >= 1000 ? 3 : 0;
    if (count >= 1000 && kind == KIND_INVALID) {
        least = invalid_line_count;
    } else if (count >= 1000 && kind == KIND_EXCLUDED) {
        least = excluded_line_count;
    }
    return share > least ? share : least;
}

static void assign_kinds(struct population *population, struct random *random)
{
    uint16_t *hand = lab_allocate(population->count, sizeof *hand);
    size_t at = 0;
    for (enum kind kind = KIND_SUBDOMAIN; kind < KIND_COUNT; kind++) {
        for (size_t i = kind_count(kind, population->count); i > 0; i--) {
            hand[at++] = kind;
        }
    }
    shuffle(hand, population->count, random);
    for (size_t i = 0; i < population->count; i++) {
        population->people[i].kind = hand[i];
        population->people[i].line = (unsigned)i + 1;
    }
    free(hand);
}

static enum spelling pick_spelling(bool unicode, struct random *random)
{
    if (unicode && random_below(random, 4) != 0) {
        return SPELLING_UNICODE;
    }
    uint64_t at = random_below(random, 10000);
    for (enum spelling spelling = SPELLING_UPPER; spelling < SPELLING_COUNT; spelling++) {
        if (at < spelling_shares[spelling]) {
            return spelling;
        }
        at -= spelling_shares[spelling];
    }
    return SPELLING_PLAIN;
}

static void name_people(struct population *population, struct random *random,
                        bool opt_out)
{
    size_t invalid = 0, excluded = 0, unicode_count = 0;
    for (size_t i = 0; i < population->count; i++) {
        struct person *person = &population->people[i];
        if (person->kind == KIND_INVALID) {
            names_refuse(person, &invalid_lines[invalid++ % invalid_line_count]);
        } else if (person->kind == KIND_EXCLUDED) {
            bool special = !opt_out || excluded % 2 == 0;
            names_refuse(person, special ? &excluded_lines[excluded % excluded_line_count]
                                         : &opt_out_line);
            excluded++;
        } else if (person->kind != KIND_TWIN) {
            bool unicode = person->kind == KIND_DOMAIN &&
                           random_below(random, 10000) < UNICODE_SHARE;
            names_give(person, unicode ? unicode_count++ : i, unicode, random);
            unicode = strcmp(person->names.domain, person->unicode) != 0;
            names_spell(person, pick_spelling(unicode, random), i);
        }
    }
}

/* Draws from whole tables, or is set up by its kind? */
static bool is_dealt(const struct person *person)
{
    return person->kind == KIND_DOMAIN || person->kind == KIND_SUBDOMAIN ||
           person->kind == KIND_SUFFIX;
}

static const struct dmarc_template *draw_plain_dmarc(struct random *random,
                                                     bool with_record)
{
    const struct deck deck = DECK(dmarc_templates, dmarc_template_count);
    unsigned total = 0;
    for (size_t i = 0; i < deck.count; i++) {
        total += weight_of(&deck, i);
    }
    for (;;) {
        const struct dmarc_template *drawn = &dmarc_templates[draw(&deck, total, random)];
        if (drawn->plain && (!with_record || drawn->record != NULL)) {
            return drawn;
        }
    }
}

/* Some names two labels or more below their zone have a record half-way up. */
static void draw_middle(struct person *person, struct random *random)
{
    const char *above = strchr(person->names.domain, '.') + 1;
    if (strlen(above) > strlen(person->names.zone) && random_below(random, 2) == 0) {
        person->middle = above;
        person->middle_dmarc = draw_plain_dmarc(random, true);
    }
}

static void deal_ns_and_parents(struct population *population, struct random *random)
{
    const struct deck deck = DECK(ns_templates, ns_template_count);
    uint16_t *hand =
        deal(&deck, population->count, rounds_for(population->count), random);
    for (size_t i = 0; i < population->count; i++) {
        struct person *person = &population->people[i];
        if (has_zone(person)) {
            person->ns = &ns_templates[hand[i]];
        }
        if (person->kind == KIND_MISSING || person->kind == KIND_ALIAS) {
            person->parent_dmarc = draw_plain_dmarc(random, true);
        } else if (person->kind == KIND_SUBDOMAIN) {
            bool with_record = random_below(random, 2) == 0;
            person->parent_dmarc = with_record ? draw_plain_dmarc(random, true) : NULL;
            draw_middle(person, random);
        }
    }
    free(hand);
}

/* The people who draw, as indices into the population. */
struct table_round {
    struct population *population;
    struct random *random;
    size_t *dealt;
    size_t dealt_count;
    unsigned rounds;
};

static struct person *dealt(const struct table_round *round, size_t index)
{
    return &round->population->people[round->dealt[index]];
}

static void deal_mx_and_spf(struct table_round *round)
{
    const struct deck mx_deck = DECK(mx_templates, mx_template_count);
    const struct deck spf_deck = DECK(spf_templates, spf_template_count);
    uint16_t *mx = deal(&mx_deck, round->dealt_count, round->rounds, round->random);
    uint16_t *spf = deal(&spf_deck, round->dealt_count, round->rounds, round->random);
    for (size_t i = 0; i < round->dealt_count; i++) {
        dealt(round, i)->mx = &mx_templates[mx[i]];
        dealt(round, i)->spf = &spf_templates[spf[i]];
    }
    free(mx);
    free(spf);
}

/* Below a parent, or below a suffix with a record, only what `plain` templates say is
 * written down; there the draw is made again among those. */
static void deal_dmarc(struct table_round *round)
{
    const struct deck deck = DECK(dmarc_templates, dmarc_template_count);
    size_t free_count = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        free_count += dealt(round, i)->kind == KIND_DOMAIN;
    }
    uint16_t *hand = deal(&deck, free_count, round->rounds, round->random);
    size_t at = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        struct person *person = dealt(round, i);
        person->dmarc = person->kind == KIND_DOMAIN
                            ? &dmarc_templates[hand[at++]]
                            : draw_plain_dmarc(round->random, false);
    }
    free(hand);
}

static void deal_tls_rpt(struct table_round *round)
{
    const struct deck deck = DECK(tls_rpt_templates, tls_rpt_template_count);
    uint16_t *hand = deal(&deck, round->dealt_count, round->rounds, round->random);
    for (size_t i = 0; i < round->dealt_count; i++) {
        dealt(round, i)->tls_rpt = &tls_rpt_templates[hand[i]];
    }
    free(hand);
}

static void deal_mta_sts(struct table_round *round)
{
    const struct deck deck = DECK(mta_sts_templates, mta_sts_template_count);
    uint16_t *hand = deal(&deck, round->dealt_count, round->rounds, round->random);
    size_t fetched = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        dealt(round, i)->mta_sts = &mta_sts_templates[hand[i]];
        fetched += is_policy_fetched(dealt(round, i)->mta_sts);
    }
    free(hand);
    /* as many records (table entry 1) as it takes to deal every policy; entry 0 is
     * "none" */
    size_t wanted = round->rounds * policy_template_count;
    for (size_t i = 0; i < round->dealt_count && fetched < wanted; i++) {
        if (dealt(round, i)->mta_sts == &mta_sts_templates[0]) {
            dealt(round, i)->mta_sts = &mta_sts_templates[1];
            fetched++;
        }
    }
}

static void deal_policies(struct table_round *round)
{
    const struct deck deck = DECK(policy_templates, policy_template_count);
    size_t fetched = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        fetched += is_policy_fetched(dealt(round, i)->mta_sts);
    }
    uint16_t *hand = deal(&deck, fetched, round->rounds, round->random);
    size_t at = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        struct person *person = dealt(round, i);
        if (is_policy_fetched(person->mta_sts)) {
            person->policy = &policy_templates[hand[at++]];
        } else if (person->mta_sts->orphan != NULL) {
            person->policy = policy_named(person->mta_sts->orphan);
        }
    }
    free(hand);
}

/* In the world TLS-RPT stands beside every second MTA-STS record, and beside little else:
 * some of those who drew it give it to one who has a policy. */
static void deal_tls_rpt_to_policies(struct table_round *round)
{
    size_t giver = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        struct person *person = dealt(round, i);
        if (person->policy == NULL || person->tls_rpt != &tls_rpt_templates[0] ||
            random_below(round->random, 2) == 0) {
            continue;
        }
        while (giver < round->dealt_count &&
               (dealt(round, giver)->policy != NULL ||
                dealt(round, giver)->tls_rpt == &tls_rpt_templates[0])) {
            giver++;
        }
        if (giver < round->dealt_count) {
            person->tls_rpt = dealt(round, giver)->tls_rpt;
            dealt(round, giver)->tls_rpt = &tls_rpt_templates[0];
        }
    }
}

static bool needs_mx(const struct person *person)
{
    return person->spf->needs_mx != NULL;
}

/* Is it written down how this policy stands to these MX hosts? One that cannot be used
 * stands to any. */
static bool is_match_known(const struct policy_template *policy,
                           const struct mx_template *mx)
{
    if (policy == NULL || strcmp(policy->stage, "ok") != 0 ||
        strcmp(policy->mode, "none") == 0) {
        return true;
    }
    return mx_matches[mx->family][policy->relation].result != NULL;
}

static bool fits(const struct person *person, const struct mx_template *mx)
{
    return (!needs_mx(person) || strcmp(person->spf->needs_mx, mx->name) == 0) &&
           is_match_known(person->policy, mx);
}

static void exchange_spf(struct table_round *round, struct person *person)
{
    for (size_t i = 0; i < round->dealt_count; i++) {
        size_t index = random_below(round->random, round->dealt_count);
        struct person *other = dealt(round, index);
        if (!needs_mx(other) && other->policy == NULL) {
            const struct spf_template *kept = person->spf;
            person->spf = other->spf;
            other->spf = kept;
            return;
        }
    }
    person->spf = &spf_templates[0];
}

/* "The same labels, another TLD" is plain only where the public suffix is the TLD. */
static bool is_tld_unclear(const struct person *person,
                           const struct policy_template *policy)
{
    return policy->relation == RELATION_TLD &&
           strchr(suffixes[person->suffix].name, '.') != NULL;
}

static void exchange_policy(struct table_round *round, struct person *person)
{
    for (size_t i = 0; i < round->dealt_count; i++) {
        struct person *other = dealt(round, i);
        if (is_policy_fetched(other->mta_sts) &&
            other->policy->relation != RELATION_TLD &&
            !is_tld_unclear(other, person->policy)) {
            const struct policy_template *kept = person->policy;
            person->policy = other->policy;
            other->policy = kept;
            return;
        }
    }
    person->policy = &policy_templates[0];
}

static bool exchange_mx(struct person *person, struct person *other)
{
    if (other == person || !fits(person, other->mx) || !fits(other, person->mx)) {
        return false;
    }
    const struct mx_template *kept = person->mx;
    person->mx = other->mx;
    other->mx = kept;
    return true;
}

/* A small population may hold nobody to exchange with. */
static void take_mx_that_fits(struct person *person)
{
    size_t mx = 0;
    while (mx < mx_template_count && !fits(person, &mx_templates[mx])) {
        mx++;
    }
    person->mx = mx < mx_template_count ? &mx_templates[mx] : person->mx;
}

static void settle_mx(struct table_round *round, struct person *person, size_t *next)
{
    if (fits(person, person->mx)) {
        return;
    }
    for (size_t tries = 0; tries < round->dealt_count; tries++) {
        if (exchange_mx(person, dealt(round, (*next)++ % round->dealt_count))) {
            return;
        }
    }
    take_mx_that_fits(person);
}

/* Whoever's MX template does not fit exchanges it, and if needs be the SPF template
 * first, with the next one who does not care. */
static void settle_conflicts(struct table_round *round)
{
    size_t next = 0;
    for (size_t i = 0; i < round->dealt_count; i++) {
        struct person *person = dealt(round, i);
        if (person->policy != NULL && is_tld_unclear(person, person->policy)) {
            exchange_policy(round, person);
        }
        if (needs_mx(person) && person->policy != NULL) {
            exchange_spf(round, person);
        }
    }
    for (size_t i = 0; i < round->dealt_count; i++) {
        settle_mx(round, dealt(round, i), &next);
    }
}

static void set_up_by_kind(struct person *person)
{
    bool wildcard = person->kind == KIND_WILDCARD;
    bool alias = person->kind == KIND_ALIAS;
    person->mx = &mx_templates[0];
    person->spf = wildcard ? &spf_wildcard : alias ? &spf_alias : &spf_templates[0];
    person->dmarc = wildcard ? &dmarc_wildcard : &dmarc_templates[0];
    person->mta_sts = wildcard ? &mta_sts_wildcard : &mta_sts_templates[0];
    person->tls_rpt = wildcard ? &tls_rpt_wildcard : &tls_rpt_templates[alias];
}

static void deal_all(struct population *population, struct random *random)
{
    struct table_round round = {population, random, NULL, 0,
                                rounds_for(population->count)};
    round.dealt = lab_allocate(population->count, sizeof *round.dealt);
    for (size_t i = 0; i < population->count; i++) {
        struct person *person = &population->people[i];
        if (is_dealt(person)) {
            round.dealt[round.dealt_count++] = i;
        } else if (is_domain(person)) {
            set_up_by_kind(person);
        }
    }
    deal_mx_and_spf(&round);
    deal_dmarc(&round);
    deal_tls_rpt(&round);
    deal_mta_sts(&round);
    deal_policies(&round);
    deal_tls_rpt_to_policies(&round);
    settle_conflicts(&round);
    free(round.dealt);
}

/* The other line's domain, in capitals. */
static void become_twin(struct person *person, const struct person *other)
{
    unsigned line = person->line;
    *person = *other;
    person->kind = KIND_TWIN;
    person->line = line;
    person->twin_of = other;
    names_spell(person, SPELLING_UPPER, line);
}

static void make_twins(struct population *population, struct random *random)
{
    for (size_t i = 0; i < population->count; i++) {
        struct person *person = &population->people[i];
        const struct person *other = person;
        while (person->kind == KIND_TWIN && other->kind != KIND_DOMAIN) {
            other = &population->people[random_below(random, population->count)];
        }
        if (other != person) {
            become_twin(person, other);
        }
    }
}

void population_build(struct population *population, size_t count, uint64_t seed,
                      bool opt_out)
{
    struct random random;
    random_seed(&random, seed);
    *population = (struct population){count, lab_allocate(count, sizeof(struct person))};
    assign_kinds(population, &random);
    name_people(population, &random, opt_out);
    deal_ns_and_parents(population, &random);
    deal_all(population, &random);
    make_twins(population, &random);
}

void population_free(struct population *population)
{
    for (size_t i = 0; i < population->count; i++) {
        struct person *person = &population->people[i];
        free(person->written);
        free(person->input);
        free((char *)person->tag);
        if (person->kind != KIND_TWIN) {
            free((char *)person->names.domain);
            free((char *)person->names.zone);
            free((char *)person->names.other_tld);
            free(person->unicode);
        }
    }
    free(population->people);
}
