/* SPDX-License-Identifier: MIT
 * real.h: stretches of elements as doubles and back. Every real dtype but i64 and u64 fits into a double exactly; those
 * two are rounded to odd on the way, which no second rounding to 51 bits or fewer can tell from the exact value. */
#ifndef CANON_NUMERICS_BODY_REAL_H
#define CANON_NUMERICS_BODY_REAL_H

#include <canon/numerics.h>

#include "core/numerics/layout.h"

/* Elements that one stretch holds; it fits the first-level cache with what is around it. */
enum { STRETCH = 256 };

struct real_source {
  uint32_t dtype;
  double table[256]; /* the values of an 8-bit float type */
};

void real_source_init(struct real_source *source, uint32_t dtype);
/* n <= STRETCH elements */
void real_load(const struct real_source *source, const void *x, uint64_t n, double *values);

/* n <= STRETCH values to the float type, counting in report what cast counts (but the NaNs' payloads). Returns n, or
 * the index of the first value that f8_e8m0fnu refuses. */
uint64_t real_store(const struct float_layout *layout, uint32_t flags, const double *values, uint64_t n, void *y,
                    canon_cast_report *report);

/* The same for values that cannot overflow, without counting: what normalize writes. Not f32, f64, f8_e8m0fnu. */
void real_store_small(const struct float_layout *layout, const double *values, uint64_t n, void *y);

#endif
