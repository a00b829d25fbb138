/* The survey of one domain, pure: what is known of it and what to ask next. The core
 * knows what, the driver when.
 *
 *   survey_begin(&survey, &config, &scratch, &arena, "example.org");
 *   while (survey_next(&survey, &question)) ask(&question);   all that is now due
 *   survey_answer(&survey, question.id, &answer);             then survey_next again
 *   survey_fetched(&survey, &result);                         for the one HTTPS question
 *   survey_is_done(&survey)                                   nothing due or under way
 *   survey_conclude(&survey);                                 fills the scratch verdict
 *
 * Rules: the verdict is scratch space shared by all surveys of a worker: it is whole only
 * from survey_conclude to the next call on any survey that shares it. Answers are copied.
 */
#ifndef SCANNER_SURVEY_H
#define SCANNER_SURVEY_H

#include "scanner/memo.h"
#include "scanner/verdict.h"

enum survey_section {
    SECTION_NAME, /* does the domain itself exist? Asked first, alone */
    SECTION_MX,
    SECTION_NS,
    SECTION_SPF,
    SECTION_DMARC,
    SECTION_MTA_STS,
    SECTION_TLS_RPT,
    SECTION_COUNT
};

enum survey_fetch_state { FETCH_NOT_DUE, FETCH_DUE, FETCH_UNDER_WAY, FETCH_HEARD };

struct survey {
    const struct verdict_config *config;
    struct verdict *verdict; /* borrowed scratch */
    const char *domain;      /* borrowed */
    const char *org_domain;  /* by the Public Suffix List: an end of domain */
    struct memo memo;
    uint32_t next_entry;                 /* the first memo entry not yet handed out */
    uint32_t ready;                      /* bits of sections to be run */
    uint32_t finished;                   /* bits of sections that lack nothing */
    uint32_t running;                    /* bit of the section being run */
    uint16_t outstanding[SECTION_COUNT]; /* questions each section waits for */
    uint32_t outstanding_total;
    bool name_does_not_exist;
    enum survey_fetch_state fetch_state;
    struct fetch_request request;
    const struct fetch_result *fetched; /* in the arena */
    uint32_t queries, retries;
    bool has_met_failure; /* a question went unanswered */
};

struct survey_question {
    uint32_t id;
    const char *name; /* NULL: the HTTPS question in request */
    enum dns_type type;
    bool is_brief; /* another question has waited for a late answer in vain */
    const struct fetch_request *request;
};

void survey_begin(struct survey *survey, const struct verdict_config *config,
                  struct verdict *scratch, struct arena *arena, const char *domain);
bool survey_next(struct survey *survey, struct survey_question *question);
void survey_answer(struct survey *survey, uint32_t id, const struct dns_answer *answer);
void survey_fetched(struct survey *survey, const struct fetch_result *result);
bool survey_is_done(const struct survey *survey);
void survey_conclude(struct survey *survey);

#endif
