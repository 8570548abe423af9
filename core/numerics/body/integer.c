/* SPDX-License-Identifier: MIT
 * integer.c: see integer.h. A number is a sign and a 64-bit magnitude here; a type is the largest magnitude of
 * each sign. */
#include "core/numerics/body/integer.h"

#include "core/numerics/layout.h"

struct whole {
  uint64_t magnitude;
  int negative;
};

struct range {
  uint64_t most[2]; /* magnitude of the largest positive and of the smallest negative number */
};

static inline struct range range_of(uint32_t dtype) {
  uint32_t bits = 8 * canon_dtype_size(dtype);
  if (canon_dtype_kind(dtype) != CANON_KIND_INT) return (struct range){{UINT64_MAX >> (64 - bits), 0}};
  return (struct range){{UINT64_MAX >> (65 - bits), UINT64_C(1) << (bits - 1)}};
}

static inline struct whole whole_load(const void *x, uint32_t size, int is_signed) {
  uint64_t bits = element_load(x, size);
  int negative = is_signed && (bits >> (8 * size - 1));
  return (struct whole){negative ? (~bits + 1) & (UINT64_MAX >> (64 - 8 * size)) : bits, negative};
}

static inline uint64_t whole_code(struct whole whole) {
  return whole.negative ? ~whole.magnitude + 1 : whole.magnitude;
}

uint64_t integer_from_integers(uint32_t from, uint32_t to, uint32_t flags, const void *x, uint64_t n, void *y,
                               canon_cast_report *report) {
  const struct range range = range_of(to);
  const uint32_t in_size = canon_dtype_size(from), out_size = canon_dtype_size(to);
  const int is_signed = canon_dtype_kind(from) == CANON_KIND_INT;
  const int from_bool = from == CANON_BOOL, to_bool = to == CANON_BOOL;
  const uint8_t *in = x;
  uint8_t *out = y;
  for (uint64_t i = 0; i < n; i++) {
    struct whole whole = whole_load(in + i * in_size, in_size, is_signed);
    if (from_bool || to_bool) whole = (struct whole){whole.magnitude != 0, 0};
    if (whole.magnitude > range.most[whole.negative]) {
      if (!(flags & CANON_CAST_SATURATE)) return i;
      whole.magnitude = range.most[whole.negative];
      report->saturated++;
    }
    element_store(out + i * out_size, out_size, whole_code(whole));
  }
  return n;
}

static void bool_from_reals(const double *values, uint64_t n, uint8_t *y) {
  for (uint64_t i = 0; i < n; i++) y[i] = values[i] != 0;
}

uint64_t integer_from_reals(uint32_t to, uint32_t flags, const double *values, uint64_t n, void *y,
                            canon_cast_report *report) {
  const struct range range = range_of(to);
  const uint32_t size = canon_dtype_size(to);
  uint8_t *out = y;
  if (to == CANON_BOOL) {
    bool_from_reals(values, n, out);
    return n;
  }
  for (uint64_t i = 0; i < n; i++) {
    struct whole whole = {0, values[i] < 0};
    double magnitude = whole.negative ? -values[i] : values[i];
    int fits = magnitude < 0x1p64; /* a NaN does not */
    if (fits) whole.magnitude = (uint64_t)magnitude;
    if (!fits || whole.magnitude > range.most[whole.negative]) {
      if (!(flags & CANON_CAST_SATURATE)) return i;
      whole.magnitude = values[i] == values[i] ? range.most[whole.negative] : 0;
      report->saturated++;
    } else {
      report->truncated += (double)whole.magnitude != magnitude;
    }
    element_store(out + i * size, size, whole_code(whole));
  }
  return n;
}

void integer_to_doubles(uint32_t from, const void *x, uint64_t n, void *y, canon_cast_report *report) {
  const uint8_t *in = x;
  uint8_t *out = y;
  for (uint64_t i = 0; i < n; i++) {
    struct whole whole = whole_load(in + i * 8, 8, from == CANON_I64);
    double magnitude = (double)whole.magnitude;
    report->rounded += magnitude == 0x1p64 || (uint64_t)magnitude != whole.magnitude;
    double value = whole.negative ? -magnitude : magnitude;
    memcpy(out + i * 8, &value, sizeof value);
  }
}
