/* SPDX-License-Identifier: MIT
 * real.c: see real.h. */
#include "core/numerics/body/real.h"

#include "core/numerics/body/narrow.h"
#include "core/numerics/ref/number.h"

void real_source_init(struct real_source *source, uint32_t dtype) {
  source->dtype = dtype;
  if (canon_dtype_size(dtype) != 1 || canon_dtype_kind(dtype) != CANON_KIND_FLOAT) return;
  for (unsigned code = 0; code < 256; code++) {
    enum rounding rounding;
    uint8_t element = (uint8_t)code;
    source->table[code] = bits_double(number_code(float_layout(CANON_F64), number_load(dtype, &element), &rounding));
  }
}

/* All bits, or none. */
static inline uint64_t mask_if(int condition) { return ~(uint64_t)0 * (uint64_t)(condition != 0); }

/* The fraction under a double's exponent. Field 31 is infinity and NaN; field 0, the subnormals, goes under the
 * exponent of 2^-14, which is then taken off. No branch on the value, and no subnormal double on the way. */
static inline double half_value(uint16_t code) {
  const uint64_t magnitude = (uint64_t)(code & 0x7FFF) << 42;
  const uint64_t none = mask_if((code & 0x7C00) == 0), all = mask_if((code & 0x7C00) == 0x7C00);
  const uint64_t one = UINT64_C(1) << 52;
  double value = bits_double(magnitude + (1023 - 15) * one + (one & none) + ((1023 - 15) * one & all));
  value -= bits_double((1023 - 14) * one & none);
  return bits_double(double_bits(value) | (uint64_t)(code & 0x8000) << 48);
}

static inline float bfloat_value(uint16_t code) {
  uint32_t bits = (uint32_t)code << 16;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

/* Rounded to odd: the lowest of 53 bits holds whether anything was left out. */
static inline double odd_value(uint64_t magnitude) {
  uint64_t left_out = magnitude & 0x7FF;
  return magnitude >> 53 ? (double)(magnitude >> 11 | (left_out != 0)) * 2048 : (double)magnitude;
}

static inline double signed_value(int64_t x) { return x < 0 ? -odd_value(~(uint64_t)x + 1) : odd_value((uint64_t)x); }

#define LOAD(type, expression)                                 \
  do {                                                         \
    const type *element = x;                                   \
    for (uint64_t i = 0; i < n; i++) values[i] = (expression); \
  } while (0)

void real_load(const struct real_source *source, const void *x, uint64_t n, double *values) {
  switch (source->dtype) {
    case CANON_BOOL: LOAD(uint8_t, element[i] != 0); break;
    case CANON_U8: LOAD(uint8_t, element[i]); break;
    case CANON_U16: LOAD(uint16_t, element[i]); break;
    case CANON_U32: LOAD(uint32_t, element[i]); break;
    case CANON_U64: LOAD(uint64_t, odd_value(element[i])); break;
    case CANON_I8: LOAD(int8_t, element[i]); break;
    case CANON_I16: LOAD(int16_t, element[i]); break;
    case CANON_I32: LOAD(int32_t, element[i]); break;
    case CANON_I64: LOAD(int64_t, signed_value(element[i])); break;
    case CANON_F16: LOAD(uint16_t, half_value(element[i])); break;
    case CANON_BF16: LOAD(uint16_t, bfloat_value(element[i])); break;
    case CANON_F32: LOAD(float, element[i]); break;
    case CANON_F64: memcpy(values, x, n * sizeof values[0]); break;
    default: LOAD(uint8_t, source->table[element[i]]);
  }
}

struct store_counts {
  uint64_t rounded, to_zero, overflowed;
};

/* The code of one value in f16, bf16 or an 8-bit type with a sign; counted in `counts`. */
static inline uint64_t narrow_code(const struct float_layout *layout, uint32_t fraction, int32_t bias, int saturate,
                                   double value, struct store_counts *counts) {
  const uint64_t infinite = UINT64_C(0x7FF) << 52;
  const uint64_t magnitude = double_bits(value) & ~(UINT64_C(1) << 63);
  const uint64_t negative = mask_if(double_bits(value) >> 63 != 0);
  const struct narrowed result = narrow(bits_double(magnitude), fraction, bias);
  if (result.code == 0) {
    counts->to_zero += !result.exact;
    return layout->negative_zero & negative;
  }
  if (result.code <= layout->largest) {
    counts->rounded += !result.exact;
    return result.code | (layout->sign & negative);
  }
  if (magnitude > infinite) return layout->nan;
  if (magnitude == infinite && layout->infinity) return layout->infinity | (layout->sign & negative);
  counts->overflowed++;
  if (saturate) return layout->largest | (layout->sign & negative);
  return layout->infinity ? layout->infinity | (layout->sign & negative) : layout->nan;
}

static inline void store_narrow(const struct float_layout *layout, uint32_t size, uint32_t fraction, int32_t bias,
                                uint32_t flags, const double *values, uint64_t n, void *y, canon_cast_report *report) {
  const int saturate = (flags & CANON_CAST_SATURATE) != 0;
  struct store_counts counts = {0, 0, 0};
  for (uint64_t i = 0; i < n; i++) {
    uint64_t code = narrow_code(layout, fraction, bias, saturate, values[i], &counts);
    element_store((uint8_t *)y + i * size, size, code);
  }
  report->rounded += counts.rounded;
  report->to_zero += counts.to_zero;
  *(saturate ? &report->saturated : layout->infinity ? &report->to_infinity : &report->to_nan) += counts.overflowed;
}

static void store_single(uint32_t flags, const double *values, uint64_t n, void *y, canon_cast_report *report) {
  const struct float_layout *layout = float_layout(CANON_F32);
  for (uint64_t i = 0; i < n; i++) {
    float result = (float)values[i];
    uint32_t code;
    memcpy(&code, &result, sizeof code);
    uint32_t magnitude = code & 0x7FFFFFFF;
    if (values[i] != values[i]) {
      code = (uint32_t)layout->nan;
    } else if ((double)result != values[i]) {
      report->rounded += magnitude && magnitude <= layout->largest;
      report->to_zero += magnitude == 0;
      if (magnitude > layout->largest) {
        int saturate = (flags & CANON_CAST_SATURATE) != 0;
        report->saturated += (uint64_t)saturate;
        report->to_infinity += (uint64_t)!saturate;
        code -= (uint32_t)saturate; /* from infinity to the largest */
      }
    }
    memcpy((uint8_t *)y + i * 4, &code, sizeof code);
  }
}

/* From i64 and u64 body/cast.c goes another way: a double rounded to odd is none of their roundings. */
static void store_double(const double *values, uint64_t n, void *y) {
  for (uint64_t i = 0; i < n; i++) {
    double value = values[i] == values[i] ? values[i] : bits_double(float_layout(CANON_F64)->nan);
    memcpy((uint8_t *)y + i * sizeof value, &value, sizeof value);
  }
}

/* Powers of two: the exponent field, plus one where the fraction is half or more (a tie goes up). */
static uint64_t store_scale(uint32_t flags, const double *values, uint64_t n, uint8_t *y, canon_cast_report *report) {
  const struct float_layout *layout = float_layout(CANON_F8_E8M0FNU);
  for (uint64_t i = 0; i < n; i++) {
    uint64_t bits = double_bits(values[i]);
    uint64_t field = (bits + (UINT64_C(1) << 51)) >> 52;
    int saturate = (flags & CANON_CAST_SATURATE) != 0;
    if (values[i] != values[i]) {
      y[i] = (uint8_t)layout->nan;
    } else if (values[i] <= 0) {
      if (!saturate) return i;
      report->saturated++;
      y[i] = 0;
    } else if (field > 1023 + 127 || bits >> 52 == 0x7FF) {
      report->saturated += (uint64_t)saturate;
      report->to_nan += (uint64_t)!saturate;
      y[i] = (uint8_t)(saturate ? layout->largest : layout->nan);
    } else {
      y[i] = field < 1023 - 127 ? 0 : (uint8_t)(field - (1023 - 127));
      report->rounded += values[i] != power_of_two((int32_t)y[i] - 127);
    }
  }
  return n;
}

uint64_t real_store(const struct float_layout *layout, uint32_t flags, const double *values, uint64_t n, void *y,
                    canon_cast_report *report) {
  switch (layout->dtype) {
    case CANON_F8_E8M0FNU: return store_scale(flags, values, n, y, report);
    case CANON_F64: store_double(values, n, y); break;
    case CANON_F32: store_single(flags, values, n, y, report); break;
    case CANON_F16: store_narrow(layout, 2, 10, 15, flags, values, n, y, report); break;
    case CANON_BF16: store_narrow(layout, 2, 7, 127, flags, values, n, y, report); break;
    default: store_narrow(layout, 1, layout->fraction, layout->bias, flags, values, n, y, report);
  }
  return n;
}

static inline void store_small(const struct float_layout *layout, uint32_t size, uint32_t fraction, int32_t bias,
                               const double *values, uint64_t n, void *y) {
  for (uint64_t i = 0; i < n; i++) {
    const uint64_t bits = double_bits(values[i]);
    const uint64_t negative = mask_if(bits >> 63 != 0);
    uint64_t code = narrow(bits_double(bits & ~(UINT64_C(1) << 63)), fraction, bias).code;
    code |= (code ? layout->sign : layout->negative_zero) & negative;
    element_store((uint8_t *)y + i * size, size, code);
  }
}

void real_store_small(const struct float_layout *layout, const double *values, uint64_t n, void *y) {
  switch (layout->dtype) {
    case CANON_F16: store_small(layout, 2, 10, 15, values, n, y); break;
    case CANON_BF16: store_small(layout, 2, 7, 127, values, n, y); break;
    default: store_small(layout, 1, layout->fraction, layout->bias, values, n, y);
  }
}
