/* DMARC as two generations of receivers see it: RFC 7489 (6.6.3) and RFC 9989 (tree
 * walk). */
#include "bench/lab/expect.h"

#include <string.h>

struct view {
    const char *policy, *org_domain, *found_at;
};

static bool is_below_or_jp(const struct person *person)
{
    return strcmp(suffixes[person->suffix].name, "or.jp") == 0;
}

static bool is_missing(const struct person *person)
{
    return person->kind == KIND_NXDOMAIN || person->kind == KIND_MISSING;
}

static bool has_record(const struct person *person)
{
    return person->dmarc->record != NULL;
}

static struct view view_7489(const struct person *person)
{
    struct view view = {NULL, person->names.zone, NULL};
    if (has_record(person)) {
        view.policy = person->dmarc->rfc7489;
        view.found_at = view.policy != NULL ? person->names.domain : NULL;
    } else if (person->parent_dmarc != NULL) {
        view.policy = person->parent_dmarc->below7489;
        view.found_at = person->names.zone;
    }
    return view;
}

/* or.jp holds `v=DMARC1; p=none; sp=quarantine; np=reject; psd=y`: see zones.c. */
/* The shortest name with a record, or below a suffix that says so the one below it; else
 * the name. */
static const char *org_domain_9989(const struct person *person)
{
    if (person->parent_dmarc != NULL || is_below_or_jp(person)) {
        return person->names.zone;
    }
    return person->middle_dmarc != NULL ? person->middle : person->names.domain;
}

static struct view view_9989(const struct person *person)
{
    struct view view = {NULL, org_domain_9989(person), NULL};
    if (has_record(person)) {
        view.policy = person->dmarc->rfc9989;
        view.found_at = view.policy != NULL ? person->names.domain : NULL;
    } else if (person->parent_dmarc != NULL) {
        view.policy = is_missing(person) ? person->parent_dmarc->missing9989
                                         : person->parent_dmarc->below9989;
        view.found_at = person->names.zone;
    } else if (person->middle_dmarc != NULL) {
        view.policy = person->middle_dmarc->below9989;
        view.found_at = person->middle;
    } else if (is_below_or_jp(person)) {
        view.policy = is_missing(person) ? "reject" : "quarantine";
        view.found_at = "or.jp";
    }
    return view;
}

static void put_view(struct text *out, const char *key, struct view view)
{
    open_object(out, key);
    put_text(out, "policy", view.policy);
    put_text(out, "org_domain", view.org_domain);
    put_text(out, "found_at", view.found_at);
    close_object(out);
}

static void put_external(struct text *out, const struct person *person)
{
    open_list(out, "external");
    for (const struct external *external = person->dmarc->external; external->uri != NULL;
         external++) {
        open_object(out, NULL);
        put_filled(out, "uri", external->uri, &person->names);
        put_filled(out, "host", external->host, &person->names);
        put_text(out, "status", external->status);
        close_object(out);
    }
    close_list(out);
}

static void put_tags(struct text *out, const struct person *person)
{
    const struct dmarc_template *dmarc = person->dmarc;
    put_text(out, "p", dmarc->p);
    put_text(out, "sp", dmarc->sp);
    put_text(out, "np", dmarc->np);
    put_raw(out, "pct", dmarc->pct);
    put_text(out, "adkim", dmarc->adkim);
    put_text(out, "aspf", dmarc->aspf);
    put_text(out, "t", dmarc->t);
    put_text(out, "psd", dmarc->psd);
    put_list(out, "rua", dmarc->rua, 4, &person->names);
    put_list(out, "ruf", dmarc->ruf, 4, &person->names);
    put_text(out, "fo", dmarc->fo);
}

void expect_dmarc(struct text *out, const struct person *person, struct findings *found)
{
    const struct dmarc_template *dmarc = person->dmarc;
    struct view old = view_7489(person), new = view_9989(person);
    if (!has_record(person) && new.policy != NULL) {
        findings_add(found, (struct finding)W("inherited", new.found_at));
        if (strcmp(new.policy, "none") == 0) {
            findings_add(found, (struct finding)W("not_enforced", NULL));
        }
    }
    findings_add_all(found, dmarc->findings);
    open_object(out, "dmarc");
    put_text(out, "deployment", dmarc->deployment);
    put_text(out, "validity", dmarc->validity);
    put_filled(out, "record", dmarc->record, &person->names);
    put_list(out, "records", dmarc->records, 4, &person->names);
    put_raw(out, "ttl", dmarc->record != NULL ? "3600" : NULL);
    put_list(out, "cname", dmarc->cname, 4, &person->names);
    put_tags(out, person);
    put_view(out, "rfc7489", old);
    put_view(out, "rfc9989", new);
    put_external(out, person);
    put_codes(out, found->list);
    close_object(out);
}
