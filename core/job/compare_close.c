/* SPDX-License-Identifier: MIT
 * compare_close.c: see compare_close.h. */
#include "core/job/compare_close.h"

#include <canon/canon.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "core/numerics/layout.h"
#include "core/numerics/ref/wide.h"

/* ---- exact ---- */

/* |value| = significand * 2^exponent */
static uint64_t significand_of(double value, int32_t *exponent) {
  uint64_t bits;
  memcpy(&bits, &value, sizeof bits);
  int32_t field = (int32_t)(bits >> 52 & 0x7ff);
  *exponent = (field ? field : 1) - 1075;
  return (bits & 0xFFFFFFFFFFFFF) | (uint64_t)(field != 0) << 52;
}

uint64_t operand_significand(const struct operand *operand, int32_t *exponent) {
  if (!operand->is_whole) return significand_of(operand->value, exponent);
  *exponent = 0;
  return operand->magnitude;
}

static void add_operand(struct wide *wide, const struct operand *operand, int negative) {
  int32_t exponent;
  uint64_t significand = operand_significand(operand, &exponent);
  wide_add(wide, negative != operand->is_negative, significand, exponent);
}

/* -rtol * |b|, from four products of halves, none above 2^59. */
static void subtract_product(struct wide *wide, double rtol, const struct operand *b) {
  int32_t r_exponent, b_exponent;
  uint64_t r = significand_of(rtol, &r_exponent), s = operand_significand(b, &b_exponent);
  const uint64_t r_low = r & 0x7FFFFFF, r_high = r >> 27, s_low = (uint32_t)s, s_high = s >> 32;
  int32_t exponent = r_exponent + b_exponent;
  wide_add(wide, 1, r_low * s_low, exponent);
  wide_add(wide, 1, r_high * s_low, exponent + 27);
  wide_add(wide, 1, r_low * s_high, exponent + 32);
  wide_add(wide, 1, r_high * s_high, exponent + 59);
}

static int is_below(const struct operand *a, const struct operand *b) {
  if (!a->is_whole) return a->value < b->value;
  if (a->is_negative != b->is_negative) return a->is_negative;
  return a->is_negative ? a->magnitude > b->magnitude : a->magnitude < b->magnitude;
}

/* By the sign of |a - b| - atol - rtol |b|. */
static int decide_by_sum(const struct operand *a, const struct operand *b, double rtol, double atol) {
  struct wide wide = {{0}, 0};
  int32_t exponent;
  int below = is_below(a, b);
  uint64_t significand = significand_of(atol, &exponent);
  add_operand(&wide, a, below);
  add_operand(&wide, b, !below);
  wide_add(&wide, 1, significand, exponent);
  subtract_product(&wide, rtol, b);
  struct number number = wide_value(&wide);
  return number.negative || (!number.significand && !number.more);
}

/* What rounding took from x - y = difference: Knuth's TwoSum, exact while nothing overflows. */
static double lost_by(double x, double y, double difference) {
  double back = difference - x;
  return (x - (difference - back)) + (-y - back);
}

/* Of doubles. A rounded comparison that is strict decides, since rounding keeps order; where both sides round to one
 * number, what rounding took from each decides, if it is known. -1: not decided. */
static int decide_by_rounding(double x, double y, double rtol, double atol) {
  static const double tiny = 0x1p-900, huge = 0x1p1000, slack = 0x1p-48; /* more than four roundings */
  double difference = x - y, distance = fabs(difference), product = rtol * fabs(y), limit = atol + product;
  if (!(distance < huge) || !(limit < huge)) return -1;
  if (limit > tiny && distance < limit * (1 - slack)) return 1;
  if (distance > tiny && distance * (1 - slack) > limit) return 0;
  if ((rtol != 0 && atol != 0) || (rtol != 0 && product < tiny)) return -1;
  if (distance != limit) return distance < limit;
  double lost = lost_by(x, y, difference), lost_of_limit = rtol != 0 ? fma(rtol, fabs(y), -product) : 0;
  return (difference < 0 ? -lost : lost) <= lost_of_limit;
}

static int close_exactly(const struct operand *a, const struct operand *b, double rtol, double atol) {
  static const uint64_t exact = UINT64_C(1) << 53;
  int decided = -1;
  if (!a->is_whole || (a->magnitude <= exact && b->magnitude <= exact))
    decided = decide_by_rounding(a->value, b->value, rtol, atol);
  return decided >= 0 ? decided : decide_by_sum(a, b, rtol, atol);
}

/* ---- as others compute it ---- */

/* To the nearest number of a type with `fraction` bits behind the point, ties to even: the doubles around
 * 1.5 * 2^(52 + unit) are whole multiples of 2^unit. */
static double to_narrow(double x, int fraction, int lowest, double largest) {
  uint64_t bits;
  double anchor;
  memcpy(&bits, &x, sizeof bits);
  int exponent = (int)(bits >> 52 & 0x7ff) - 1023;
  if (x == 0 || exponent == 1024) return x;
  if (fabs(x) > 2 * largest) return copysign((double)INFINITY, x);
  int unit = (exponent > lowest ? exponent : lowest) - fraction;
  bits = (uint64_t)(1023 + 52 + unit) << 52 | UINT64_C(1) << 51;
  memcpy(&anchor, &bits, sizeof anchor);
  double rounded = copysign((x + anchor) - anchor, x);
  return fabs(rounded) > largest ? copysign((double)INFINITY, x) : rounded;
}

static double to_f16(double x) { return to_narrow(x, 10, -14, 65504); }
static double to_bf16(double x) { return to_narrow((double)(float)x, 7, -126, 0x1.FEp127); }

/* The dtype's own rounding of a result that was computed in f32 (f64: in f64). */
static double to_dtype(uint32_t dtype, double x) {
  switch (dtype) {
    case CANON_F16: return to_f16((double)(float)x);
    case CANON_BF16: return to_bf16(x);
    case CANON_F64: return x;
    default: return (double)(float)x;
  }
}

/* One step in f32, as kernels for f32 and narrower do it, or in f64. Operands are numbers of that type. */
static double times(uint32_t dtype, double x, double y) {
  return dtype == CANON_F64 ? x * y : to_dtype(dtype, (double)((float)x * (float)y));
}
static double plus(uint32_t dtype, double x, double y) {
  return dtype == CANON_F64 ? x + y : to_dtype(dtype, (double)((float)x + (float)y));
}

static double absolute(uint32_t dtype, double real, double imaginary) {
  return imaginary == 0 ? fabs(real) : to_dtype(dtype, hypot(real, imaginary));
}

/* Whole numbers as the library turns them into floats. */
static double float_of(uint32_t dtype, const struct operand *operand) {
  double value = operand->value;
  if (dtype == CANON_F32 && operand->is_whole) {
    value = (double)(float)operand->magnitude;
    if (operand->is_negative) value = -value;
  }
  return value;
}

/* `dtype`: that of the arithmetic. rtol, atol: as they take part in it. */
static int close_in(uint32_t dtype, const struct couple *c, double rtol, double atol, double *distance, double *limit) {
  double difference[2] = {0, 0}, scaled[2] = {0, 0};
  for (uint32_t part = 0; part < c->parts; part++) {
    double a = float_of(dtype, &c->a[part]), b = float_of(dtype, &c->b[part]);
    difference[part] = plus(dtype, a, -b);
    scaled[part] = times(dtype, rtol, b);
  }
  *distance = absolute(dtype, difference[0], difference[1]);
  *limit = plus(dtype, atol, absolute(dtype, scaled[0], scaled[1]));
  return *distance <= *limit;
}

/* f32 where the library computes in f32 what is given as something else; 0: it has no arithmetic for this. */
static uint32_t arithmetic_dtype(uint32_t arithmetic, uint32_t dtype) {
  uint32_t whole = arithmetic == CANON_ARITHMETIC_TORCH ? CANON_F32 : CANON_F64;
  if (arithmetic == CANON_ARITHMETIC_EXACT) return 0;
  switch (canon_dtype_kind(dtype)) {
    case CANON_KIND_BOOL:
    case CANON_KIND_UINT:
    case CANON_KIND_INT: return whole;
    default: break;
  }
  switch (dtype) {
    case CANON_F16:
    case CANON_F32:
    case CANON_F64: return dtype;
    case CANON_BF16: return arithmetic == CANON_ARITHMETIC_TORCH ? CANON_BF16 : 0;
    case CANON_C32: return arithmetic == CANON_ARITHMETIC_TORCH ? CANON_F16 : 0;
    case CANON_C64: return CANON_F32;
    case CANON_C128: return CANON_F64;
    default: return 0;
  }
}

/* torch: rtol is a scalar of the type that is computed in, atol one of the dtype; the difference has to be finite, and
 * with no tolerance at all nothing but equality counts. */
static int close_in_torch(uint32_t dtype, const struct couple *c, double rtol, double atol) {
  double distance, limit;
  if (rtol == 0 && atol == 0) return 0;
  if (dtype != CANON_F64) rtol = (double)(float)rtol, atol = to_dtype(dtype, atol);
  return close_in(dtype, c, rtol, atol, &distance, &limit) && isfinite(distance);
}

/* numpy: a tolerance is a number of the dtype. */
static int close_in_numpy(uint32_t dtype, const struct couple *c, double rtol, double atol) {
  double distance, limit;
  if (dtype == CANON_F16) rtol = to_f16(rtol), atol = to_f16(atol);
  else if (dtype != CANON_F64) rtol = (double)(float)rtol, atol = (double)(float)atol;
  return close_in(dtype, c, rtol, atol, &distance, &limit);
}

/* An arithmetic with p bits errs in each of its three steps by 2^-p of the result, or by half of the smallest number of
 * the type, which matters to f16 alone. Doubles err by less when they ask. */
struct margin close_margin(uint32_t arithmetic, uint32_t dtype, double rtol, double atol) {
  static const struct margin doubles = {0, 0, 0x1p-48, 0, 0x1p-900, 0x1p900};
  static const struct margin floats = {0, 0, 0x1p-20, 0, 0x1p-100, 0x1p100};
  static const struct margin bf16 = {0, 0, 0x1p-5, 0, 0x1p-100, 0x1p100};
  static const struct margin f16 = {0, 0, 0x1p-8, 0x1p-21, 0, 0x1p15};
  uint32_t type = arithmetic_dtype(arithmetic, dtype);
  struct margin margin = type == CANON_F32 ? floats : type == CANON_F16 ? f16 : type == CANON_BF16 ? bf16 : doubles;
  if (type && type != CANON_F64) {
    int is_torch = arithmetic == CANON_ARITHMETIC_TORCH;
    rtol = type == CANON_F16 && !is_torch ? to_f16(rtol) : (double)(float)rtol;
    atol = type == CANON_F16 && !is_torch ? to_f16(atol) : to_dtype(type, atol);
  }
  margin.rtol = rtol;
  margin.atol = atol;
  if (!(rtol < margin.huge)) margin.huge = 0; /* decides nothing */
  return margin;
}

/* Twice the margin has room for what computing the lines rounds. A limit of 0 needs no room: every difference is above
 * it, and none below. */
int margin_lines(const struct margin *margin, const struct distances *d, struct difference_line *near,
                 struct difference_line *far) {
  const double less = 1 - 2 * margin->relative, more = 1 + 2 * margin->relative;
  *near = (struct difference_line){margin->atol * less - 1.5 * margin->absolute, margin->rtol * less};
  *far = (struct difference_line){(margin->atol + 1.5 * margin->absolute) * more, margin->rtol * more};
  if (margin->atol != 0 && !(margin->atol > margin->tiny)) return 0;
  if (margin->rtol != 0 && !(margin->rtol * d->smallest > margin->tiny)) return 0;
  return d->reach < margin->huge && margin->atol + margin->rtol * d->largest < margin->huge;
}

int close_takes_whole(uint32_t arithmetic, uint32_t dtype) { return arithmetic_dtype(arithmetic, dtype) != 0; }

/* Most elements are far within. Where the arithmetic has p bits and a number no subnormals, each of its four steps errs
 * by less than 2^-(p-1) of its result. */
static int is_surely_close(uint32_t arithmetic, uint32_t dtype, const struct couple *c, double rtol, double atol) {
  double distance = fabs(c->a[0].value - c->b[0].value), limit = atol + rtol * fabs(c->b[0].value);
  if (c->parts != 1 || c->a[0].is_whole) return 0;
  if (arithmetic == CANON_ARITHMETIC_EXACT || dtype == CANON_F64)
    return limit > 0x1p-900 && limit < 0x1p900 && distance < limit * (1 - 0x1p-48);
  if (dtype != CANON_F32 || (rtol != 0 && rtol < 0x1p-100)) return 0;
  return limit > 0x1p-100 && limit < 0x1p100 && distance < limit * (1 - 0x1p-20);
}

int close_enough(uint32_t arithmetic, uint32_t dtype, const struct couple *c, double rtol, double atol) {
  if (is_surely_close(arithmetic, dtype, c, rtol, atol)) return 1;
  uint32_t type = arithmetic_dtype(arithmetic, dtype);
  if (type) return (arithmetic == CANON_ARITHMETIC_TORCH ? close_in_torch : close_in_numpy)(type, c, rtol, atol);
  for (uint32_t part = 0; part < c->parts; part++)
    if (!close_exactly(&c->a[part], &c->b[part], rtol, atol)) return 0;
  return 1;
}

/* ---- the smallest tolerance ---- */

static double from_bits(uint64_t bits) {
  double value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

struct question {
  uint32_t arithmetic, dtype;
  const struct couple *couple;
  int of_atol;
  double other;
};

static int holds(const struct question *q, double tolerance) {
  return q->of_atol ? close_enough(q->arithmetic, q->dtype, q->couple, q->other, tolerance)
                    : close_enough(q->arithmetic, q->dtype, q->couple, tolerance, q->other);
}

/* Every step of every arithmetic keeps order, so what holds for a tolerance holds for a larger one, and the doubles
 * from `from` up to the largest can be halved by their bits. */
static double least(const struct question *q, double from) {
  uint64_t low, high;
  double largest = DBL_MAX;
  if (holds(q, from)) return from;
  if (!holds(q, largest)) return (double)NAN;
  memcpy(&low, &from, sizeof low);
  memcpy(&high, &largest, sizeof high);
  while (high - low > 1) {
    uint64_t middle = low + (high - low) / 2;
    if (holds(q, from_bits(middle))) high = middle;
    else low = middle;
  }
  return from_bits(high);
}

double close_least_rtol(uint32_t arithmetic, uint32_t dtype, const struct couple *couple, double from, double atol) {
  return least(&(struct question){arithmetic, dtype, couple, 0, atol}, from);
}

double close_least_atol(uint32_t arithmetic, uint32_t dtype, const struct couple *couple, double rtol, double from) {
  return least(&(struct question){arithmetic, dtype, couple, 1, rtol}, from);
}
