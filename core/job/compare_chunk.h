/* SPDX-License-Identifier: MIT
 * compare_chunk.h: parts of two tensors that differ, gathered from one chunk of a block, between compare_block.c,
 * compare_floats.c and compare_dense.c. */
#ifndef CANON_JOB_COMPARE_CHUNK_H
#define CANON_JOB_COMPARE_CHUNK_H

#include "core/job/compare.h"

enum { CHUNK = DIFFERENCES }; /* parts; even, so that a complex number stays in one */
enum { WAITING = 2048 };      /* terms */

/* Pairs of finite floats of other values that wait to be summed, many at once, and the sums of a block:
 * |a - b| = 2 max(a, b) - a - b. Of doubles as doubles, of all other types as f32. */
struct terms {
  uint32_t n;
  union {
    float f32[WAITING];
    double f64[WAITING];
  } a, b, above;
  double both[WAITING]; /* a b, of two numbers of 24 bits a double; with statistics */
  struct sums sum_a, sum_b, sum_above;
  struct sums square_a, square_b, product; /* their values; squares of narrower types are in the sums above */
  int dense;                               /* whether any chunk was */
  struct wide dense_b;                     /* squares of b in such chunks, which have a share in those of all */
  struct difference_bins bins;
};

/* A whole chunk of floats, those narrower than binary32 in the arrays here. */
struct dense {
  struct differences differences;
  float a[CHUNK], b[CHUNK];
  uint32_t a_codes[CHUNK], b_codes[CHUNK];
};

/* The parts of a chunk that differ, as bits and as numbers. */
struct chunk {
  uint32_t n;
  uint32_t at[CHUNK];
  uint64_t a[CHUNK], b[CHUNK];
  double x[CHUNK], y[CHUNK];
  float x_single[CHUNK], y_single[CHUNK]; /* but of doubles */
  double change[CHUNK];
  uint64_t ulp[CHUNK];
  uint8_t narrow[4 * CHUNK];     /* the bits again, for a cast */
  uint32_t rest[CHUNK];          /* those that a check has to look at closely */
  uint64_t bits[CHUNK / 64 + 1]; /* which parts differ, of a whole chunk; the last is 0 */
  struct dense dense;
  struct terms terms;
};

/* Where a chunk lies in its tensor. */
struct place {
  const struct pair *pair;
  struct spread *spread; /* NULL: no statistics */
  uint64_t first;        /* part of the tensor */
};

/* Element that a part of the tensor belongs to. */
static inline uint64_t element_at(const struct place *place, uint32_t part) {
  return (place->first + part) >> (place->pair->element.parts - 1); /* one part or two */
}

/* How many numbers of the type it is from one to the other; 0 and -0 are one. Without branches, which nobody could
 * predict: what has the other sign lies below zero, and only a distance on one side of it may come out negative. */
static inline uint64_t ulp_between(const struct float_layout *layout, uint64_t a, uint64_t b) {
  uint64_t p = a & ~layout->sign, q = b & ~layout->sign;
  uint64_t across = 0 - (uint64_t)(((a ^ b) & layout->sign) != 0);
  uint64_t distance = p - ((q ^ across) - across);
  uint64_t negative = (0 - (distance >> 63)) & ~across;
  return (distance ^ negative) - negative;
}

/* An element that differs, once: *last is the one before. */
void note_differing(const struct place *place, uint32_t part, uint64_t *last, struct tally *tally);
canon_diff_case case_of(const struct place *place, const struct chunk *chunk, uint32_t i);

/* A closer look at a pair of floats of one part. */
void check_pair(const struct place *place, uint32_t rule, uint64_t a, uint64_t b, double x, double y,
                struct tally *tally);

/* A whole chunk of floats of which these bits differ, many of them, by kernels; squares of b as well. 0: they cannot,
 * and nothing was noted. */
int look_at_dense(const struct place *place, const void *a, const void *b, uint32_t differing, struct chunk *chunk,
                  struct tally *tally);
/* Floats of other values that look_at_dense cannot sum. */
void terms_add(struct terms *terms, const float *a, const float *b, uint32_t n, int with_products);
void terms_add_doubles(struct terms *terms, const double *a, const double *b, uint32_t n, int with_products);

/* All of a chunk of floats. terms_begin before the first chunk of a block, terms_end behind the last. */
void look_at_floats(const struct place *place, struct chunk *chunk, struct tally *tally);
void terms_begin(struct terms *terms, int is_double, int with_squares);
void terms_end(struct terms *terms, int is_double, struct tally *tally, struct spread *spread);

#endif
