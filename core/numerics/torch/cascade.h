/* SPDX-License-Identifier: MIT
 * cascade.h: torch.sum's order of additions. A row is cut into vectors of `lanes`; vector v is added to way v mod 4 (or
 * there is one way), which has four levels: every 2^power additions a level is added to the next one and cleared.
 *
 *   acc[ways][CASCADE_LEVELS][lanes]   step v / ways of way v mod ways; the vectors left over go to the first way */
#ifndef CANON_NUMERICS_TORCH_CASCADE_H
#define CANON_NUMERICS_TORCH_CASCADE_H

#include <stdint.h>

enum { CASCADE_WAYS = 4, CASCADE_LEVELS = 4 };

struct cascade {
  uint32_t ways, lanes, power;
  uint64_t vectors, steps; /* steps = vectors / ways */
};

struct cascade cascade_of(uint64_t vectors, uint32_t ways, uint32_t lanes);

/* Vectors [first, first + n), lanes elements each, side by side; acc is zero at first. */
void cascade_add_f32(const struct cascade *cascade, float *acc, const float *x, uint64_t n, uint64_t first);
void cascade_add_f64(const struct cascade *cascade, double *acc, const double *x, uint64_t n, uint64_t first);
/* Vector v, of one lane, of n columns of one kind: an element each, `stride` apart in acc. */
void cascade_add_across_f32(const struct cascade *cascade, float *acc, uint64_t stride, const float *x, uint64_t n,
                            uint64_t v);
void cascade_add_across_f64(const struct cascade *cascade, double *acc, uint64_t stride, const double *x, uint64_t n,
                            uint64_t v);
/* The sum of each lane, once all vectors are in. */
void cascade_lanes_f32(const struct cascade *cascade, const float *acc, float *sums);
void cascade_lanes_f64(const struct cascade *cascade, const double *acc, double *sums);

static inline uint64_t cascade_size(const struct cascade *cascade) {
  return (uint64_t)cascade->ways * CASCADE_LEVELS * cascade->lanes;
}

#endif
