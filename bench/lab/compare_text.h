/* The quick way to find two records equal: as texts, but for the values of keys that the
 * contract leaves open. Nearly all records of a good scan are; the others are parsed. */
#ifndef BENCH_LAB_COMPARE_TEXT_H
#define BENCH_LAB_COMPARE_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Returns the line's number where a record begins as the contract says, else 0. */
size_t text_line_number(const char *record);
/* False: they may still be equal. Both end with NUL. */
bool texts_are_alike(const char *left, const char *right);

#endif
