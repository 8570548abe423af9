/* SPDX-License-Identifier: MIT
 * compare_close.h: |a - b| <= atol + rtol * |b|, exactly or as other libraries compute it, and the smallest tolerance
 * for which it holds. */
#ifndef CANON_JOB_COMPARE_CLOSE_H
#define CANON_JOB_COMPARE_CLOSE_H

#include <stdint.h>

#include "core/numerics/differences.h"

/* A finite number of any dtype. */
struct operand {
  double value;       /* of whole numbers rounded */
  uint64_t magnitude; /* of a whole number */
  int is_whole, is_negative;
};

/* |operand| = significand * 2^exponent, exponent >= -1074 */
uint64_t operand_significand(const struct operand *operand, int32_t *exponent);

/* Two elements: of complex numbers both parts. */
struct couple {
  struct operand a[2], b[2];
  uint32_t parts;
};

/* Whether the couple is close, in the arithmetic (CANON_ARITHMETIC_*) of a dtype. */
int close_enough(uint32_t arithmetic, uint32_t dtype, const struct couple *couple, double rtol, double atol);

/* The same for most pairs of floats, without the arithmetic: they are so near, or so far, that no rounding of any step
 * could matter. */
struct margin {
  double rtol, atol; /* as they take part in the arithmetic */
  double relative, absolute, tiny, huge;
};

struct margin close_margin(uint32_t arithmetic, uint32_t dtype, double rtol, double atol);

static inline int margin_is_close(const struct margin *margin, double distance, double magnitude) {
  double limit = margin->atol + margin->rtol * magnitude;
  return limit > margin->tiny && limit < margin->huge && distance < limit * (1 - margin->relative) - margin->absolute;
}

static inline int margin_is_far(const struct margin *margin, double distance, double magnitude) {
  double limit = margin->atol + margin->rtol * magnitude;
  return distance > margin->tiny && distance < margin->huge &&
         distance * (1 - margin->relative) - margin->absolute > limit;
}

/* The same as lines, for chunks of kernels: below near it is close, above far not. 0: with numbers of these
 * sizes no line tells. */
int margin_lines(const struct margin *margin, const struct distances *distances, struct difference_line *near,
                 struct difference_line *far);

/* Of complex numbers: their absolute values, not each part for itself. */
int close_takes_whole(uint32_t arithmetic, uint32_t dtype);

/* The smallest rtol, or atol, that makes it so, at least `from`; NaN: none does. */
double close_least_rtol(uint32_t arithmetic, uint32_t dtype, const struct couple *couple, double from, double atol);
double close_least_atol(uint32_t arithmetic, uint32_t dtype, const struct couple *couple, double rtol, double from);

#endif
