#include "bench/lab/names.h"

#include <stdlib.h>
#include <string.h>

/* The last one is kept for the kinds that know of its DMARC record. */
const struct suffix suffixes[] = {
    {"com", 50}, {"net", 12},  {"org", 12},  {"se", 10},
    {"jp", 5},   {"co.jp", 6}, {"ne.jp", 2}, {"or.jp", 0},
};
const size_t suffix_count = sizeof suffixes / sizeof suffixes[0];

struct word {
    const char *unicode, *ascii;
};

/* IDNA 2008, checked against Python's idna. */
static const struct word words[] = {
    {"müller", "xn--mller-kva"},      {"bücher", "xn--bcher-kva"},
    {"straße", "xn--strae-oqa"},      {"smörgås", "xn--smrgs-pra0j"},
    {"españa", "xn--espaa-rta"},      {"café", "xn--caf-dma"},
    {"größe", "xn--gre-6ka8i"},       {"öl", "xn--l-0ga"},
    {"ångström", "xn--ngstrm-hua5l"}, {"naïve", "xn--nave-6pa"},
    {"żółw", "xn--w-uga1v8h"},        {"köln", "xn--kln-sna"},
    {"zürich", "xn--zrich-kva"},      {"malmö", "xn--malm-8qa"},
    {"señor", "xn--seor-hqa"},        {"façade", "xn--faade-zra"},
    {"éclair", "xn--clair-9ra"},      {"crème", "xn--crme-6oa"},
    {"hôtel", "xn--htel-vqa"},        {"århus", "xn--rhus-poa"},
    {"trädgård", "xn--trdgrd-cuak"},  {"brændby", "xn--brndby-qua"},
    {"łódź", "xn--d-uga0v4h"},        {"čaj", "xn--aj-dma"},
    {"東京", "xn--1lqs71d"},          {"日本", "xn--wgv71a"},
    {"δοκιμή", "xn--jxalpdlp"},       {"почта", "xn--80a1acny"},
};
#define WORD_COUNT (sizeof words / sizeof words[0])

/* The last one is for names that do not exist: an underscore is no part of a mail host's
 * name. */
static const struct word hosts[] = {
    {"mail", "mail"},
    {"news", "news"},
    {"shop", "shop"},
    {"a.b", "a.b"},
    {"www2", "www2"},
    {"m.eu", "m.eu"},
    {"x.y.z", "x.y.z"},
    {"bücher", "xn--bcher-kva"},
    {"odd--name", "odd--name"},
    {"123", "123"},
    {"_odd-name_", "_odd-name_"},
};
#define HOST_COUNT (sizeof hosts / sizeof hosts[0])

const struct refused_line invalid_lines[] = {
    {"too_long", NULL, NULL, NULL},
    {"url", "https://www.mailfarm.net/", NULL, NULL},
    {"url", "http://mailfarm.net", NULL, NULL},
    {"email", "postmaster@mailfarm.net", NULL, NULL},
    {"wildcard", "*.mailfarm.net", NULL, NULL},
    {"port", "mailfarm.net:25", NULL, NULL},
    {"ip", "20.51.4.17", NULL, NULL},
    {"idna", "xn--999999999999999999.net", NULL, NULL},
    {"single_label", "intranet", NULL, NULL},
    {"label_too_long",
     "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.net", NULL, NULL},
    {"name_too_long", NULL, NULL, NULL},
    {"empty_label", "mail..mailfarm.net", NULL, NULL},
    {"encoding", "caf\xe9.net", "caf\\233.net", NULL},
    {"encoding", "two words.net", NULL, NULL},
};
const size_t invalid_line_count = sizeof invalid_lines / sizeof invalid_lines[0];

const struct refused_line excluded_lines[] = {
    {"special_use", "mail.test", NULL, "mail.test"},
    {"special_use", "www.example", NULL, "www.example"},
    {"special_use", "nothing.invalid", NULL, "nothing.invalid"},
    {"special_use", "mail.localhost", NULL, "mail.localhost"},
    {"special_use", "printer.local", NULL, "printer.local"},
    {"special_use", "hidden.onion", NULL, "hidden.onion"},
    {"special_use", "name.alt", NULL, "name.alt"},
    {"special_use", "ad.internal", NULL, "ad.internal"},
    {"special_use", "Mail.TEST.", NULL, "mail.test"},
};
const size_t excluded_line_count = sizeof excluded_lines / sizeof excluded_lines[0];

const struct refused_line opt_out_line = {"opt_out", "www." OPT_OUT_SUFFIX, NULL,
                                          "www." OPT_OUT_SUFFIX};

void random_seed(struct random *random, uint64_t seed)
{
    for (size_t i = 0; i < 4; i++) {
        seed += UINT64_C(0x9e3779b97f4a7c15);
        uint64_t mixed = seed;
        mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
        mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
        random->state[i] = mixed ^ (mixed >> 31);
    }
}

static uint64_t rotate(uint64_t value, int by)
{
    return (value << by) | (value >> (64 - by));
}

uint64_t random_below(struct random *random, uint64_t limit)
{
    uint64_t *state = random->state;
    uint64_t result = rotate(state[1] * 5, 7) * 9;
    uint64_t shifted = state[1] << 17;
    state[2] ^= state[0];
    state[3] ^= state[1];
    state[1] ^= state[2];
    state[0] ^= state[3];
    state[2] ^= shifted;
    state[3] = rotate(state[3], 45);
    return result % limit; /* the bias of 2^-64 * limit does not matter here */
}

static size_t pick_suffix(enum kind kind, struct random *random)
{
    if (kind == KIND_SUFFIX || (kind == KIND_NXDOMAIN && random_below(random, 5) == 0)) {
        return suffix_count - 1;
    }
    unsigned total = 0;
    for (size_t i = 0; i < suffix_count; i++) {
        total += suffixes[i].weight;
    }
    uint64_t at = random_below(random, total);
    size_t i = 0;
    while (at >= suffixes[i].weight) {
        at -= suffixes[i++].weight;
    }
    return i;
}

/* Unique by number, at least seven letters, no two of which differ in a way that
 * matters. */
static void make_label(char *label, size_t size, size_t number, struct random *random)
{
    static const char *const syllables[] = {
        "al",  "bor", "cas", "den",  "fel", "gor", "hal", "jun", "kes", "lum",
        "mor", "nor", "pel", "quin", "ros", "sal", "tor", "ul",  "ver", "wil"};
    uint64_t draw = random_below(random, 8000);
    snprintf(label, size, "%s%s%s%zu", syllables[draw % 20], syllables[draw / 20 % 20],
             syllables[draw / 400], number);
}

static char *format_name(const char *head, const char *tail)
{
    struct text text = {0};
    text_format(&text, "%s.%s", head, tail);
    return text.bytes;
}

static char *other_tld(const char *domain)
{
    struct text text = {0};
    text_add_len(&text, domain, (size_t)(strrchr(domain, '.') - domain));
    text_add(&text, ".systems");
    return text.bytes;
}

void names_give(struct person *person, size_t number, bool unicode, struct random *random)
{
    char label[64];
    person->suffix = pick_suffix(person->kind, random);
    const char *suffix = suffixes[person->suffix].name;
    make_label(label, sizeof label, number, random);
    struct word own = {label, label};
    size_t plain_suffixes = suffix_count - 1;
    if (unicode && number / plain_suffixes < WORD_COUNT) {
        own = words[number / plain_suffixes];
        person->suffix = number % plain_suffixes;
        suffix = suffixes[person->suffix].name;
    }
    char *zone = format_name(own.ascii, suffix);
    char *domain = lab_copy(zone);
    person->unicode = format_name(own.unicode, suffix);
    if (person->kind == KIND_SUBDOMAIN || person->kind == KIND_MISSING ||
        person->kind == KIND_ALIAS) {
        bool is_missing = person->kind == KIND_MISSING;
        struct word host = hosts[random_below(random, HOST_COUNT - !is_missing)];
        free(domain);
        domain = format_name(host.ascii, zone);
        char *above = person->unicode;
        person->unicode = format_name(host.unicode, above);
        free(above);
    }
    person->names = (struct names){domain, zone, other_tld(domain)};
}

static char *repeat(const char *piece, size_t times, const char *end)
{
    struct text text = {0};
    for (size_t i = 0; i < times; i++) {
        text_add(&text, piece);
    }
    text_add(&text, end);
    return text.bytes;
}

/* input of a line over 4,096 bytes is cut there */
static void refuse_long(struct person *person)
{
    if (strcmp(person->reason, "too_long") == 0) {
        person->written = repeat("0123456789abcde.", 260, "net");
        person->input = lab_copy(person->written);
        person->input[4096] = '\0';
    } else {
        person->written = repeat("labels-of-15-ab.", 16, "net");
        person->input = lab_copy(person->written);
    }
}

void names_refuse(struct person *person, const struct refused_line *line)
{
    person->reason = line->reason;
    person->tail = "\n";
    if (line->domain != NULL) {
        person->names.domain = lab_copy(line->domain);
        person->unicode = lab_copy(line->domain);
    }
    if (line->written == NULL) {
        refuse_long(person);
        return;
    }
    person->written = lab_copy(line->written);
    person->input = lab_copy(line->shown != NULL ? line->shown : line->written);
}

static void add_upper(struct text *text, const char *name)
{
    for (; *name != '\0'; name++) {
        bool is_small = *name >= 'a' && *name <= 'z';
        text_format(text, "%c", is_small ? *name - 'a' + 'A' : *name);
    }
}

static const char *spell_tag(enum spelling spelling, size_t number)
{
    if (spelling == SPELLING_TAG || spelling == SPELLING_QUOTED) {
        return lab_copy(spelling == SPELLING_QUOTED ? "cohort c, late" : "cohort-a");
    }
    if (spelling != SPELLING_RANK) {
        return NULL;
    }
    struct text text = {0};
    text_format(&text, "%zu", number + 1);
    return text.bytes;
}

void names_spell(struct person *person, enum spelling spelling, size_t number)
{
    const char *domain = person->names.domain;
    const char *shown = spelling == SPELLING_UNICODE ? person->unicode : domain;
    const char *tag = spell_tag(spelling, number);
    struct text text = {0};
    if (spelling == SPELLING_RANK) {
        text_format(&text, "%s,%s", tag, domain);
    } else if (spelling == SPELLING_TAG) {
        text_format(&text, "%s,%s", domain, tag);
    } else if (spelling == SPELLING_QUOTED) {
        text_format(&text, "\"%s\",\"%s\"", domain, tag);
    } else if (spelling == SPELLING_UPPER) {
        add_upper(&text, domain);
    } else {
        text_format(&text, "%s%s", shown, spelling == SPELLING_DOT ? "." : "");
    }
    struct text written = {0};
    bool spaces = spelling == SPELLING_SPACES;
    text_format(&written, "%s%s%s", spaces ? "  " : "", text.bytes, spaces ? " \t" : "");
    person->tag = tag;
    person->input = text.bytes;
    person->written = written.bytes;
    person->tail = spelling == SPELLING_CRLF ? "\r\n" : "\n";
}
