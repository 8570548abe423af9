/* SPDX-License-Identifier: MIT
 * layout.c: the table of float types. IEEE 754-2019 (f16, f32, f64), OCP OFP8 1.0 (f8_e4m3fn, f8_e5m2), OCP MX 1.0
 * (f8_e8m0fnu), and the "fnuz" types, whose one NaN stands where -0 would be. */
#include "core/numerics/layout.h"

#include <stddef.h>

#define F64_SIGN UINT64_C(0x8000000000000000)
#define F64_LARGEST UINT64_C(0x7FEFFFFFFFFFFFFF)
#define F64_INFINITY UINT64_C(0x7FF0000000000000)
#define F64_NAN UINT64_C(0x7FF8000000000000)

static const struct float_layout layouts[] = {
    /* dtype, size, fraction, bias, sign, negative zero, largest, infinity, nan */
    {CANON_F16, 2, 10, 15, 0x8000, 0x8000, 0x7BFF, 0x7C00, 0x7E00},
    {CANON_BF16, 2, 7, 127, 0x8000, 0x8000, 0x7F7F, 0x7F80, 0x7FC0},
    {CANON_F32, 4, 23, 127, 0x80000000, 0x80000000, 0x7F7FFFFF, 0x7F800000, 0x7FC00000},
    {CANON_F64, 8, 52, 1023, F64_SIGN, F64_SIGN, F64_LARGEST, F64_INFINITY, F64_NAN},
    {CANON_F8_E4M3FN, 1, 3, 7, 0x80, 0x80, 0x7E, 0, 0x7F},
    {CANON_F8_E5M2, 1, 2, 15, 0x80, 0x80, 0x7B, 0x7C, 0x7E},
    {CANON_F8_E4M3FNUZ, 1, 3, 8, 0x80, 0, 0x7F, 0, 0x80},
    {CANON_F8_E5M2FNUZ, 1, 2, 16, 0x80, 0, 0x7F, 0, 0x80},
    {CANON_F8_E8M0FNU, 1, 0, 127, 0, 0, 0xFE, 0, 0xFF},
};

const struct float_layout *float_layout(uint32_t dtype) {
  for (size_t i = 0; i < sizeof layouts / sizeof layouts[0]; i++) {
    if (layouts[i].dtype == dtype) return &layouts[i];
  }
  return NULL;
}
