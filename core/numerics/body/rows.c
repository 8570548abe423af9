/* SPDX-License-Identifier: MIT
 * rows.c: see rows.h. The bounds are proved in docs/numerics.md, which uses these names; u = 2^-53.
 * Only additions, multiplications, divisions and square roots of IEEE 754, in the order written, none fused. */
#include "core/numerics/body/rows.h"

#include <math.h>

#include "core/numerics/body/narrow.h"
#include "core/numerics/ref/ref.h"

enum { LANES = 16, BLOCK = 16 };

/* Sum of the lanes, in a tree. */
static double fold(double *lane) {
  for (int width = LANES / 2; width; width /= 2) {
    for (int i = 0; i < width; i++) lane[i] += lane[i + width];
  }
  return lane[0];
}

#define SQUARES(x, n, lane)                  \
  do {                                       \
    uint64_t i = 0;                          \
    for (; i + LANES <= (n); i += LANES) {   \
      for (int j = 0; j < LANES; j++) {      \
        double value = (x)[i + (uint64_t)j]; \
        (lane)[j] += value * value;          \
      }                                      \
    }                                        \
    for (int j = 0; i < (n); i++, j++) {     \
      double value = (x)[i];                 \
      (lane)[j] += value * value;            \
    }                                        \
  } while (0)

static double squares_of_floats(const float *x, uint64_t n) {
  double lane[LANES] = {0};
  SQUARES(x, n, lane);
  return fold(lane);
}

static double squares_of_doubles(const double *x, uint64_t n) {
  double lane[LANES] = {0};
  SQUARES(x, n, lane);
  return fold(lane);
}

/* a + b = sum + *error, exactly (Knuth). */
static inline double two_sum(double a, double b, double *error) {
  double sum = a + b;
  double back = sum - a;
  *error = (a - (sum - back)) + (b - back);
  return sum;
}

/* The leading 26 bits; what is left has 27 bits at most, and the same sign. */
static inline double head_of(double x) { return bits_double(double_bits(x) & ~((UINT64_C(1) << 27) - 1)); }

/* x^2 = head^2 + 2 head tail + tail^2: the first product goes to high with its error kept, the others, 2^-24 of it at
 * most, to low. */
static inline void add_square(double x, double *high, double *low) {
  double head = head_of(x);
  double tail = x - head;
  double error;
  *high = two_sum(*high, head * head, &error);
  *low += error + ((head + head) * tail + tail * tail);
}

static void squares_in_two(const double *x, uint64_t n, struct row_sum *sum) {
  enum { WIDTH = LANES / 2 };
  double high[WIDTH] = {0}, low[WIDTH] = {0}, error;
  uint64_t i = 0;
  for (; i + WIDTH <= n; i += WIDTH) {
    for (int j = 0; j < WIDTH; j++) add_square(x[i + (uint64_t)j], &high[j], &low[j]);
  }
  for (int j = 0; i < n; i++, j++) add_square(x[i], &high[j], &low[j]);
  for (int width = WIDTH / 2; width; width /= 2) {
    for (int j = 0; j < width; j++) {
      high[j] = two_sum(high[j], high[j + width], &error);
      low[j] += low[j + width] + error;
    }
  }
  sum->high = two_sum(sum->high, high[0], &error);
  sum->low += low[0] + error;
}

void row_add(const struct real_source *source, struct row_sum *sum, const void *x, uint64_t n) {
  double values[STRETCH], squares, error;
  sum->stretches++;
  if (source->dtype == CANON_F64) {
    squares_in_two(x, n, sum);
    return;
  }
  if (source->dtype == CANON_F32) {
    squares = squares_of_floats(x, n);
  } else {
    real_load(source, x, n, values);
    squares = squares_of_doubles(values, n);
  }
  sum->high = two_sum(sum->high, squares, &error);
  sum->low += error;
}

/* RN(1e-12) to 24 and to 53 bits. */
static const double smallest_divisor_24 = 0x1.197998p-40;
static const double smallest_divisor_53 = 0x1.19799812dea11p-40;

static struct divisor finite_divisor(double norm, double smallest) {
  int small = norm < smallest;
  return (struct divisor){DIVISOR_FINITE, small, small ? smallest : norm};
}

/* To 24 bits, nearest, ties to even; for numbers far from the ends of the doubles. */
static double round_to_24(double x) {
  uint64_t bits = double_bits(x);
  return bits_double((bits + 0x0FFFFFFF + (bits >> 29 & 1)) & ~(uint64_t)0x1FFFFFFF);
}

/* Theorem 2: sqrt(s) lies within root (1 +- 16 u). */
static int norm_to_24(const struct row_sum *sum, struct divisor *divisor) {
  double squares = sum->high + sum->low;
  if (!(squares < INFINITY) || sum->stretches > UINT64_C(1) << 26) return 0;
  double root = sqrt(squares);
  double norm = round_to_24(root * (1 - 0x1p-49));
  if (norm != round_to_24(root * (1 + 0x1p-49))) return 0;
  *divisor = finite_divisor(norm, smallest_divisor_24);
  return 1;
}

/* Theorem 3: sqrt(s) lies within root + correction +- bound. Sums near the ends of the doubles lose their low parts;
 * those below are far below 1e-12, those above are left to exact arithmetic. */
static int norm_to_53(const struct row_sum *sum, struct divisor *divisor) {
  double high = sum->high + sum->low;
  double low = sum->low - (high - sum->high);
  if (high < 0x1p-900) {
    *divisor = finite_divisor(0, smallest_divisor_53);
    return 1;
  }
  if (!(high < 0x1p1000) || sum->stretches > UINT64_C(1) << 20) return 0;
  double root = sqrt(high);
  double head = head_of(root), tail = root - head;
  double square = root * root;
  double square_error = ((head * head - square) + (head + head) * tail) + tail * tail;
  double rest = (high - square) - square_error;
  double correction = (rest + low) / (2 * root);
  double bound = root * ((44 + 2 * (double)sum->stretches) * 0x1p-77);
  double norm = root + (correction - bound);
  if (norm != root + (correction + bound)) return 0;
  *divisor = finite_divisor(norm, smallest_divisor_53);
  return 1;
}

int row_norm(uint32_t dtype, const struct row_sum *sum, struct divisor *divisor) {
  return dtype == CANON_F64 ? norm_to_53(sum, divisor) : norm_to_24(sum, divisor);
}

struct divisor row_norm_exact(uint32_t dtype, const void *x, uint64_t axis, uint64_t stride) {
  struct number norm = ref_norm(dtype, x, axis, stride);
  if (norm.kind == NUMBER_NAN) return (struct divisor){DIVISOR_NAN, 0, 0};
  if (norm.kind == NUMBER_INFINITE) return (struct divisor){DIVISOR_INFINITE, 0, 0};
  if (norm.exponent + bit_length(norm.significand) > 1024) {
    return (struct divisor){DIVISOR_HUGE, 0, ldexp((double)norm.significand, norm.exponent - 64)};
  }
  double smallest = dtype == CANON_F64 ? smallest_divisor_53 : smallest_divisor_24;
  return finite_divisor(ldexp((double)norm.significand, norm.exponent), smallest);
}

/* Blocks are read whole before they are written, so that y may be x and the division still runs in lanes. */
static void divide_floats(const float *x, float divisor, uint64_t n, float *y) {
  uint64_t i = 0;
  for (; i + BLOCK <= n; i += BLOCK) {
    float block[BLOCK];
    for (int j = 0; j < BLOCK; j++) block[j] = x[i + (uint64_t)j] / divisor;
    memcpy(y + i, block, sizeof block);
  }
  for (; i < n; i++) y[i] = x[i] / divisor;
}

static void divide_doubles(const double *x, double divisor, uint64_t n, double *y) {
  uint64_t i = 0;
  for (; i + BLOCK <= n; i += BLOCK) {
    double block[BLOCK];
    for (int j = 0; j < BLOCK; j++) block[j] = x[i + (uint64_t)j] / divisor;
    memcpy(y + i, block, sizeof block);
  }
  for (; i < n; i++) y[i] = x[i] / divisor;
}

/* The divisor is over 2^1024: below |x| = 2^-900 the quotient is far below the smallest subnormal, and elsewhere both
 * sides lose 2^64 exactly. */
static void divide_doubles_by_huge(const double *x, double divisor, uint64_t n, double *y) {
  for (uint64_t i = 0; i < n; i++) {
    double scaled = fabs(x[i]) < 0x1p-900 ? copysign(0, x[i]) : x[i] * 0x1p-64;
    y[i] = scaled / divisor;
  }
}

/* The divisor is no finite float. Lemma 1: the second rounding does no harm. */
static void divide_floats_by_huge(const float *x, double divisor, uint64_t n, float *y) {
  for (uint64_t i = 0; i < n; i++) y[i] = (float)((double)x[i] / divisor);
}

/* By NaN: all NaN. By infinity: zeros with the sign of x, and NaN from infinities. */
static void divide_specially(const struct float_layout *layout, const struct divisor *divisor, const uint8_t *x,
                             uint64_t n, uint8_t *y) {
  for (uint64_t i = 0; i < n; i++) {
    uint64_t code = element_load(x + i * layout->size, layout->size);
    int negative = (code & layout->sign) != 0;
    if (divisor->kind == DIVISOR_NAN || layout_is_infinite(layout, code)) code = layout->nan;
    else code = negative ? layout->negative_zero : 0;
    element_store(y + i * layout->size, layout->size, code);
  }
}

void row_divide(const struct real_source *source, const struct divisor *divisor, const void *x, uint64_t n, void *y) {
  const struct float_layout *layout = float_layout(source->dtype);
  double values[STRETCH];
  if (divisor->kind == DIVISOR_NAN || divisor->kind == DIVISOR_INFINITE) {
    divide_specially(layout, divisor, x, n, y);
  } else if (source->dtype == CANON_F64) {
    if (divisor->kind == DIVISOR_HUGE) divide_doubles_by_huge(x, divisor->value, n, y);
    else divide_doubles(x, divisor->value, n, y);
  } else if (source->dtype == CANON_F32) {
    if (divisor->value > 0x1.fffffep127) divide_floats_by_huge(x, divisor->value, n, y);
    else divide_floats(x, (float)divisor->value, n, y);
  } else { /* Lemma 1: the second rounding does no harm */
    real_load(source, x, n, values);
    divide_doubles(values, divisor->value, n, values);
    real_store_small(layout, values, n, y);
  }
}
