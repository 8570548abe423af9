/* SPDX-License-Identifier: MIT
 * neon.c: the body in the vectors that every AArch64 has. */
#include <arm_neon.h>
#include <stddef.h>
#include <string.h>

#include "core/numerics/kernels.h"

typedef float64x2_t doubles;
typedef float32x4_t floats;
typedef uint64x2_t words;

enum { WIDTH = 2 };

static inline doubles doubles_all(double x) { return vdupq_n_f64(x); }
static inline doubles doubles_load(const double *x) { return vld1q_f64(x); }
static inline doubles doubles_widen(const float *x) { return vcvt_f64_f32(vld1_f32(x)); }
static inline doubles doubles_add(doubles a, doubles b) { return vaddq_f64(a, b); }
static inline doubles doubles_subtract(doubles a, doubles b) { return vsubq_f64(a, b); }
static inline doubles doubles_multiply(doubles a, doubles b) { return vmulq_f64(a, b); }
static inline doubles doubles_divide(doubles a, doubles b) { return vdivq_f64(a, b); }
static inline doubles doubles_absolute(doubles a) { return vabsq_f64(a); }
static inline doubles doubles_least(doubles a, doubles b) { return vminq_f64(a, b); }
static inline doubles doubles_greatest(doubles a, doubles b) { return vmaxq_f64(a, b); }
static inline void doubles_store(double *x, doubles a) { vst1q_f64(x, a); }

static inline floats floats_all(float x) { return vdupq_n_f32(x); }
static inline floats floats_load(const float *x) { return vld1q_f32(x); }
static inline floats floats_divide(floats a, floats b) { return vdivq_f32(a, b); }
static inline void floats_store(float *x, floats a) { vst1q_f32(x, a); }
static inline void floats_stream(float *x, floats a) { floats_store(x, a); }

static inline words words_zero(void) { return vdupq_n_u64(0); }
static inline words words_add_bits(words a, doubles b) { return vaddq_u64(a, vreinterpretq_u64_f64(b)); }
static inline words words_or_bits(words a, doubles b) { return vorrq_u64(a, vreinterpretq_u64_f64(b)); }
static inline void words_store(uint64_t *x, words a) { vst1q_u64(x, a); }

#define MACHINE kernels_neon
#define MACHINE_ISA "neon"
#define MACHINE_STREAMS 0

static inline void machine_stream(void *to, const void *from, uint64_t n) { memcpy(to, from, n); }
static inline void machine_stream_end(void) {}
static inline void machine_prefetch(const void *x, uint64_t bytes) { (void)x, (void)bytes; }

static cast_kernel *find_cast(uint32_t from, uint32_t to) {
  (void)from, (void)to;
  return NULL;
}

#include "core/numerics/body/machine.inc"
