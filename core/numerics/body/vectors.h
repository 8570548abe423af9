/* SPDX-License-Identifier: MIT
 * vectors.h: the vectors that the body is written in, as plain C, for machines without a header of their own: WIDTH
 * doubles, twice as many floats, and words to add bits of doubles up in. One IEEE 754 operation a function, none fused.
 */
#ifndef CANON_NUMERICS_BODY_VECTORS_H
#define CANON_NUMERICS_BODY_VECTORS_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { WIDTH = 2 };

typedef struct doubles {
  double lane[WIDTH];
} doubles;
typedef struct floats {
  float lane[2 * WIDTH];
} floats;
typedef struct words {
  uint64_t lane[WIDTH];
} words;

#define EACH(type, count, expression)                                \
  do {                                                               \
    type result;                                                     \
    for (int i = 0; i < (count); i++) result.lane[i] = (expression); \
    return result;                                                   \
  } while (0)

static inline uint64_t bits_of_lane(double value) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline doubles doubles_all(double x) { EACH(doubles, WIDTH, x); }
static inline doubles doubles_load(const double *x) { EACH(doubles, WIDTH, x[i]); }
static inline doubles doubles_widen(const float *x) { EACH(doubles, WIDTH, (double)x[i]); }
static inline doubles doubles_add(doubles a, doubles b) { EACH(doubles, WIDTH, a.lane[i] + b.lane[i]); }
static inline doubles doubles_subtract(doubles a, doubles b) { EACH(doubles, WIDTH, a.lane[i] - b.lane[i]); }
static inline doubles doubles_multiply(doubles a, doubles b) { EACH(doubles, WIDTH, a.lane[i] * b.lane[i]); }
static inline doubles doubles_divide(doubles a, doubles b) { EACH(doubles, WIDTH, a.lane[i] / b.lane[i]); }
static inline doubles doubles_absolute(doubles a) { EACH(doubles, WIDTH, fabs(a.lane[i])); }
static inline doubles doubles_least(doubles a, doubles b) {
  EACH(doubles, WIDTH, a.lane[i] < b.lane[i] ? a.lane[i] : b.lane[i]);
}
static inline doubles doubles_greatest(doubles a, doubles b) {
  EACH(doubles, WIDTH, a.lane[i] > b.lane[i] ? a.lane[i] : b.lane[i]);
}
static inline void doubles_store(double *x, doubles a) { memcpy(x, a.lane, sizeof a.lane); }

static inline floats floats_all(float x) { EACH(floats, 2 * WIDTH, x); }
static inline floats floats_load(const float *x) { EACH(floats, 2 * WIDTH, x[i]); }
static inline floats floats_divide(floats a, floats b) { EACH(floats, 2 * WIDTH, a.lane[i] / b.lane[i]); }
static inline void floats_store(float *x, floats a) { memcpy(x, a.lane, sizeof a.lane); }
static inline void floats_stream(float *x, floats a) { floats_store(x, a); }

static inline words words_zero(void) { EACH(words, WIDTH, 0); }
static inline words words_add_bits(words a, doubles b) { EACH(words, WIDTH, a.lane[i] + bits_of_lane(b.lane[i])); }
static inline words words_or_bits(words a, doubles b) { EACH(words, WIDTH, a.lane[i] | bits_of_lane(b.lane[i])); }
static inline void words_store(uint64_t *x, words a) { memcpy(x, a.lane, sizeof a.lane); }

#endif
