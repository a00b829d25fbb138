/* Ground truth: the record a survey must write for a person, from the literal values of
 * the templates and from how they meet in one domain. Keys in the contract's order. What
 * equality leaves out (times, counts of queries, TTLs) holds placeholders of the right
 * type. */
#ifndef BENCH_LAB_EXPECT_H
#define BENCH_LAB_EXPECT_H

#include "bench/lab/population.h"

/* One line with its end. probed: of a scan that looks for policies without a record. */
void expect_write(struct text *out, const struct person *person, bool probed);

/* What the policy host serves, byte for byte. */
void expect_policy_body(struct text *body, const struct person *person);

/* JSON pieces, shared by the files of this module. */
void put_key(struct text *out, const char *key);
void put_text(struct text *out, const char *key, const char *value); /* NULL = null */
void put_raw(struct text *out, const char *key,
             const char *value); /* number, bool; NULL = null */
void put_number(struct text *out, const char *key, uint64_t value);
void put_bool(struct text *out, const char *key, bool value);
/* A template's text, placeholders filled in; NULL = null. */
void put_filled(struct text *out, const char *key, const char *value,
                const struct names *names);
void put_list(struct text *out, const char *key, const char *const *list, size_t max,
              const struct names *names);
void open_object(struct text *out, const char *key); /* key NULL: inside a list */
void close_object(struct text *out);
void open_list(struct text *out, const char *key);
void close_list(struct text *out);
/* The arrays "errors" and "warnings" of a list of findings: each code once, order
 * kept. */
void put_codes(struct text *out, const struct finding *findings);

struct findings {
    size_t count;
    struct finding list[32]; /* ended by severity 0 */
};
void findings_add(struct findings *findings, struct finding finding);
void findings_add_all(struct findings *findings, const struct finding *list);

/* What a protocol's findings are once the others are known. */
void expect_dmarc(struct text *out, const struct person *person, struct findings *found);
void expect_mta_sts(struct text *out, const struct person *person);
/* mx_unmatched and no_tls_rpt */
void expect_cross(const struct person *person, struct findings *found);

#endif
