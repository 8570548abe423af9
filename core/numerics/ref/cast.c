/* SPDX-License-Identifier: MIT
 * cast.c (ref): what cast means: an element becomes a real number, the number becomes an element, with one rounding. */
#include "core/numerics/ref/ref.h"

/* The nearest code of the type, or 0 if the number must be refused. */
static int to_float(const struct float_layout *layout, uint32_t flags, struct number x, uint64_t *code,
                    canon_cast_report *report) {
  enum rounding rounding;
  int finite = x.kind == NUMBER_FINITE;
  if (layout->dtype == CANON_F8_E8M0FNU && x.kind != NUMBER_NAN && (x.negative || (finite && !x.significand))) {
    if (!(flags & CANON_CAST_SATURATE)) return 0;
    report->saturated++;
    *code = 0; /* 2^-127, the smallest */
    return 1;
  }
  *code = number_code(layout, x, &rounding);
  switch (rounding) {
    case ROUNDED_NOT: break;
    case ROUNDED_NEAR: report->rounded++; break;
    case ROUNDED_TO_ZERO: report->to_zero++; break;
    case ROUNDED_OVERFLOW:
      if (flags & CANON_CAST_SATURATE) {
        *code = layout->largest | (x.negative ? layout->sign : 0);
        report->saturated++;
      } else if (layout->infinity) {
        report->to_infinity++;
      } else {
        report->to_nan++;
      }
  }
  return 1;
}

/* The number without its fraction, in two's complement, or 0 if it must be refused. */
static int to_integer(uint32_t dtype, uint32_t flags, struct number x, uint64_t *code, canon_cast_report *report) {
  uint32_t bits = 8 * canon_dtype_size(dtype);
  int is_signed = canon_dtype_kind(dtype) == CANON_KIND_INT;
  uint64_t largest = UINT64_MAX >> (64 - bits + (uint32_t)is_signed);
  uint64_t limit = !x.negative ? largest : is_signed ? largest + 1 : 0; /* of the magnitude */
  uint64_t whole = 0;
  int fits = x.kind == NUMBER_FINITE, lost = 0;
  if (fits && x.significand && x.exponent >= 0) {
    fits = bit_length(x.significand) + x.exponent <= 64;
    if (fits) whole = x.significand << x.exponent;
  } else if (fits && x.exponent < 0) {
    whole = x.exponent > -64 ? x.significand >> -x.exponent : 0;
    lost = x.exponent > -64 ? whole << -x.exponent != x.significand : x.significand != 0;
  }
  if (!fits || whole > limit) {
    if (!(flags & CANON_CAST_SATURATE)) return 0;
    whole = x.kind == NUMBER_NAN ? 0 : limit;
    report->saturated++;
  } else if (lost) {
    report->truncated++;
  }
  *code = x.negative ? ~whole + 1 : whole;
  return 1;
}

int32_t ref_cast(uint32_t from, uint32_t to, uint32_t flags, const void *x, void *y, uint64_t n,
                 canon_cast_report *report) {
  const uint8_t *in = x;
  uint8_t *out = y;
  uint32_t in_size = canon_dtype_size(from), out_size = canon_dtype_size(to);
  const struct float_layout *in_layout = float_layout(from), *out_layout = float_layout(to);
  for (uint64_t i = 0; i < n; i++) {
    uint64_t code;
    int accepted = 1;
    struct number number = number_load(from, in + i * in_size);
    if (canon_dtype_kind(to) == CANON_KIND_BOOL) {
      code = number.kind != NUMBER_FINITE || number.significand != 0;
    } else if (out_layout) {
      accepted = to_float(out_layout, flags, number, &code, report);
      if (number.kind == NUMBER_NAN && element_load(in + i * in_size, in_size) != in_layout->nan) report->nan++;
    } else {
      accepted = to_integer(to, flags, number, &code, report);
    }
    if (!accepted) {
      report->refused = i;
      return CANON_E_UNSUPPORTED;
    }
    element_store(out + i * out_size, out_size, code);
  }
  return CANON_OK;
}
