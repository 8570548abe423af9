/* SPDX-License-Identifier: MIT
 * sums.c (body): exact sums of what binary32 holds. Significands with one exponent add up as integers, in one bin an
 * exponent; a batch of bins goes into the wide sums. Exact throughout: |significand| < 2^24 and a batch has 2^15
 * elements, so a bin of values stays below 2^39, one of squares below 2^63. */
#include "core/numerics/body/body.h"
#include "core/numerics/body/real.h"
#include "core/numerics/ref/ref.h"

enum { BINS = 256, BATCH = 1 << 15, WORTHWHILE = 64 };

struct bins {
  int64_t values[BINS];
  uint64_t squares[BINS];
};

static void bins_add(struct bins *bins, struct sums *sums, const float *x, uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, &x[i], sizeof bits);
    uint32_t field = bits >> 23 & 0xFF;
    uint32_t fraction = bits & 0x7FFFFF;
    int64_t negative = bits >> 31;
    if (field == 0xFF) {
      if (fraction) sums->nan++;
      else if (negative) sums->negative_infinity++;
      else sums->positive_infinity++;
      continue;
    }
    int64_t significand = fraction | (uint32_t)(field != 0) << 23;
    bins->values[field] += (significand ^ -negative) + negative;
    bins->squares[field] += (uint64_t)(significand * significand);
  }
}

static void bins_flush(struct bins *bins, struct sums *sums) {
  for (int32_t field = 0; field < BINS; field++) {
    int32_t exponent = (field ? field : 1) - 150;
    int64_t value = bins->values[field];
    uint64_t square = bins->squares[field];
    if (value && (sums->kinds & CANON_SUMS_VALUES)) {
      wide_add(&sums->values, value < 0, (uint64_t)(value < 0 ? -value : value), exponent);
    }
    if (square && (sums->kinds & CANON_SUMS_SQUARES)) wide_add(&sums->squares, 0, square, 2 * exponent);
  }
  *bins = (struct bins){{0}, {0}};
}

/* The stretch as floats: x itself, or its values in buffer; all dtypes that come here fit. */
static const float *as_floats(const struct real_source *source, const void *x, uint64_t n, float *buffer) {
  double values[STRETCH];
  if (source->dtype == CANON_F32) return x;
  real_load(source, x, n, values);
  for (uint64_t i = 0; i < n; i++) buffer[i] = (float)values[i];
  return buffer;
}

void body_sums(struct sums *sums, uint32_t dtype, const void *x, uint64_t n) {
  if (n < WORTHWHILE) {
    ref_sums(sums, dtype, x, n);
    return;
  }
  struct bins bins = {{0}, {0}};
  struct real_source source;
  float buffer[STRETCH];
  const uint8_t *bytes = x;
  uint64_t pending = 0;
  real_source_init(&source, dtype);
  for (uint64_t first = 0; first < n; first += STRETCH) {
    uint64_t count = n - first < STRETCH ? n - first : STRETCH;
    if (pending + count > BATCH) {
      bins_flush(&bins, sums);
      pending = 0;
    }
    bins_add(&bins, sums, as_floats(&source, bytes + first * canon_dtype_size(dtype), count, buffer), count);
    pending += count;
  }
  bins_flush(&bins, sums);
}
