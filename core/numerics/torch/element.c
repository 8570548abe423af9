/* SPDX-License-Identifier: MIT
 * element.c: stretches of elements as what torch computes with, and back. */
#include <math.h>
#include <string.h>

#include "core/numerics/torch/torch.h"

static inline uint32_t float_bits(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

static inline float bits_float(uint32_t bits) {
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static inline float bfloat_value(uint16_t code) { return bits_float((uint32_t)code << 16); }

/* All bits, or none. */
static inline uint32_t mask_if(int condition) { return ~(uint32_t)0 * (uint32_t)(condition != 0); }

/* The fraction under a float's exponent. Field 31 is infinity and NaN; field 0, the subnormals, goes under the exponent
 * of 2^-14, which is then taken off. No branch on the value, so that loops become vectors. */
static inline float half_value(uint16_t code) {
  const uint32_t one = 1u << 23, none = mask_if((code & 0x7C00) == 0), all = mask_if((code & 0x7C00) == 0x7C00);
  float value = bits_float(((code & 0x7FFFu) << 13) + 112 * one + (one & none) + (112 * one & all));
  value -= bits_float(113 * one & none);
  return bits_float(float_bits(value) | (code & 0x8000u) << 16);
}

/* To nearest, ties to even: a carry into the exponent, up to infinity, is right. */
static inline uint16_t bfloat_code(float value) {
  const uint32_t bits = float_bits(value);
  return value != value ? 0x7FC0 : (uint16_t)((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
}

/* Below 2^-14 the unit in the last place of f16 is 2^-24, which is that of the floats in [0.5, 1): adding 0.5 rounds to
 * it. */
static inline uint16_t half_code(float value) {
  const uint32_t magnitude = float_bits(value) & 0x7FFFFFFF, sign = float_bits(value) >> 16 & 0x8000;
  const uint32_t small = float_bits(bits_float(magnitude) + 0.5f) - float_bits(0.5f);
  const uint32_t normal = (magnitude - (112u << 23) + 0xFFF + (magnitude >> 13 & 1)) >> 13;
  const uint32_t code = magnitude < 113u << 23 ? small : magnitude >= 143u << 23 ? 0x7C00 : normal;
  return value != value ? 0x7E00 : (uint16_t)(code | sign);
}

const float *torch_load_f32(uint32_t dtype, const void *x, uint64_t n, float *buffer) {
  const uint16_t *code = x;
  if (dtype == CANON_F32) return x;
  if (dtype == CANON_F16)
    for (uint64_t i = 0; i < n; i++) buffer[i] = half_value(code[i]);
  else
    for (uint64_t i = 0; i < n; i++) buffer[i] = bfloat_value(code[i]);
  return buffer;
}

const double *torch_load_f64(uint32_t dtype, const void *x, uint64_t n, double *buffer) {
  (void)dtype, (void)n, (void)buffer;
  return x;
}

void torch_store_f32(uint32_t dtype, const float *values, uint64_t n, void *y) {
  float *out = y;
  uint16_t *code = y;
  if (dtype == CANON_F32)
    for (uint64_t i = 0; i < n; i++) out[i] = values[i] == values[i] ? values[i] : NAN;
  else if (dtype == CANON_F16)
    for (uint64_t i = 0; i < n; i++) code[i] = half_code(values[i]);
  else
    for (uint64_t i = 0; i < n; i++) code[i] = bfloat_code(values[i]);
}

void torch_store_f64(uint32_t dtype, const double *values, uint64_t n, void *y) {
  double *out = y;
  (void)dtype;
  for (uint64_t i = 0; i < n; i++) out[i] = values[i] == values[i] ? values[i] : (double)NAN;
}

float torch_round_f32(uint32_t dtype, float value) {
  if (dtype == CANON_F32) return value;
  return dtype == CANON_F16 ? half_value(half_code(value)) : bfloat_value(bfloat_code(value));
}

double torch_round_f64(uint32_t dtype, double value) {
  (void)dtype;
  return value;
}
