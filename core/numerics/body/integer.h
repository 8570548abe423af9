/* SPDX-License-Identifier: MIT
 * integer.h: stretches of integers to other integers, doubles to integers, 64-bit integers to f64. */
#ifndef CANON_NUMERICS_BODY_INTEGER_H
#define CANON_NUMERICS_BODY_INTEGER_H

#include <canon/numerics.h>

/* Each gives n, or the index of the first element that must be refused; what came before it is written and counted. */
uint64_t integer_from_integers(uint32_t from, uint32_t to, uint32_t flags, const void *x, uint64_t n, void *y,
                               canon_cast_report *report);
uint64_t integer_from_reals(uint32_t to, uint32_t flags, const double *values, uint64_t n, void *y,
                            canon_cast_report *report);

/* from: i64 or u64 */
void integer_to_doubles(uint32_t from, const void *x, uint64_t n, void *y, canon_cast_report *report);

#endif
