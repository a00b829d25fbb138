/* The survey of one domain as a page for people: a section per protocol with the verdict
 * in words, the record as published with ^^^^ below what is wrong, and every finding as a
 * sentence that says what it means and what to do. Pure: the record's facts in, text out.
 */
#ifndef SCANNER_SHOW_H
#define SCANNER_SHOW_H

#include "scanner/record.h"
#include "scanner/show_text.h"

/* Appends. survey: concluded, its verdict still whole; NULL for a line that was not
 * surveyed. */
void show_survey(struct show *show, const struct record_head *head,
                 const struct survey *survey);

#endif
