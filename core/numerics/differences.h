/* SPDX-License-Identifier: MIT
 * differences.h: two arrays side by side, so many elements at a time, as the kernels of a comparison see them. What
 * they leave open, and all that is rare, is the caller's: core/job/compare_dense.c. */
#ifndef CANON_NUMERICS_DIFFERENCES_H
#define CANON_NUMERICS_DIFFERENCES_H

#include "core/numerics/ref/wide.h"

enum { DIFFERENCES = 1024, DISTANCES = 64, DIFFERENCE_BINS = 256, WIDE_DIFFERENCE_BINS = 496, DIFFERENCE_TABLES = 4 };

/* Pairs of numbers as tolerances see them. */
struct distances {
  uint32_t n, moved;        /* a multiple of DISTANCES, the last ones equal zeros; those that are not equal */
  double largest, smallest; /* magnitudes of both sides; the smallest that is not zero */
  double reach;             /* the largest |change| */
  const uint32_t *ulp;      /* NULL: not known */
  double change[DIFFERENCES], size[DIFFERENCES]; /* b - a, rounded; |b| */
};

/* Floats of at most 32 bits, or doubles. */
struct differences {
  const double *a_doubles, *b_doubles;
  const float *a, *b;                /* as binary32; NULL: doubles, which have none of the next five */
  const uint32_t *a_codes, *b_codes; /* with the sign at the top */
  uint32_t unused;                   /* low bits of a code */
  uint32_t largest, smallest;        /* magnitudes of both sides as bits; the smallest that is not zero, less one */
  uint32_t smallest_b;               /* zero counts; of doubles, whether there is no zero */
  uint32_t rising, falling;
  uint64_t max_ulp;
  double least, greatest;         /* changes of those that are not equal */
  uint32_t ulp[DIFFERENCES];      /* of doubles: unless max_ulp has more than 32 bits */
  uint64_t wide_ulp[DIFFERENCES]; /* of doubles */
  struct distances distances;
  uint8_t ulp_bin[DIFFERENCES], relative_bin[DIFFERENCES];
  uint16_t wide_ulp_bin[DIFFERENCES];
};

/* Counts of canon_diff_stats; distances of more than 32 bits have bins of their own. Neighbours go to different tables,
 * so that none waits for the other. */
struct difference_bins {
  uint32_t ulp[DIFFERENCE_TABLES][DIFFERENCE_BINS], relative[DIFFERENCE_TABLES][DIFFERENCE_BINS];
  uint32_t wide_ulp[DIFFERENCE_TABLES][WIDE_DIFFERENCE_BINS];
  uint32_t equal, equal_zeros, zeros; /* pairs of equal numbers, those that are 0, and other pairs whose b is 0 */
};

/* Where exact sums go. a and those behind it: squares, products; NULL: of none. */
struct difference_sums {
  struct wide *change, *absolute, *a, *b, *both;
};

enum { ADDED = 1, EXACT = 2 };

/* Above or below atol + rtol * |b|. */
struct difference_line {
  double atol, rtol;
};

/* Up to the first line a pair is near enough, above the second too far off; up to both others its smallest tolerances
 * are known already. Up to `ulp` numbers of the type off is near whatever the lines say, and known. */
struct difference_lines {
  struct difference_line near, far, known[2];
  uint32_t ulp;
};

struct differences_kernels {
  /* A bit for each of DIFFERENCES elements of this size: their bits differ, or those of magnitude in a are above
   * top. Returns how many. */
  uint32_t (*mark)(uint32_t size, const void *a, const void *b, uint64_t magnitude, uint64_t top, uint64_t *bits);
  /* DIFFERENCES codes of f16 or bf16 as floats, and with the sign at the top. */
  void (*widen)(uint32_t dtype, const void *codes, float *values, uint32_t *shifted);
  /* Fills in what is told; 0: some element is infinite or NaN, or a double near the ends of its range, and nothing is.
   */
  int (*measure)(struct differences *d);
  /* After measure. */
  void (*count)(struct differences *d, struct difference_bins *bins);
  /* 0: exponents are too far apart, and nothing was added. EXACT: each change is exact, too. */
  int (*add)(const struct differences *d, const struct difference_sums *sums);
  /* Of n pairs of doubles; 0: some are infinite or NaN, or overflow. */
  int (*relate)(const double *a, const double *b, uint32_t n, struct distances *d);
  /* Whether all pairs are known. */
  int (*known)(const struct distances *d, const struct difference_lines *lines);
  /* How many pairs are known and far; the others that are known are near. open: of which neither is known, `*n_open`.
   */
  uint32_t (*settle)(const struct distances *d, const struct difference_lines *lines, uint32_t *open, uint32_t *n_open);
};

#endif
