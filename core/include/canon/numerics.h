/* SPDX-License-Identifier: MIT
 * numerics.h: the host's service "canon.numerics/1": what a transform computes with. Draft until it is frozen.
 * Every result is the correctly rounded one, so it is the same on every machine; docs/numerics.md has definitions and
 * proofs. (Those of the functions torch_* are PyTorch's, docs/torch-variants.md.) A plugin gets the table by
 * canon_numerics_query(job) and keeps it as long as it likes. */
#ifndef CANON_NUMERICS_H
#define CANON_NUMERICS_H

#include "abi.h"

#ifdef __cplusplus
extern "C" {
#endif

#define CANON_NUMERICS_SERVICE "canon.numerics/1"

/* What normalize() did. The caller sets struct_size and zeroes the rest; calls add to it. */
typedef struct canon_normalize_report {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t nan_rows;      /* hold a NaN, and are NaN from end to end */
  uint64_t infinite_rows; /* hold an infinity and no NaN */
  uint64_t small_rows;    /* norm below 1e-12 (rows of zeros too): divided by 1e-12, so of no unit length */
  uint64_t exact_rows;    /* left undecided by the error bound, decided by exact arithmetic. Another machine may count
                             otherwise and still gives the same bits: for tests and benchmarks */
} canon_normalize_report;

/* What cast() did. The caller sets struct_size, zeroes the rest and sets refused to CANON_NONE; calls add to it.
 * An element counts once at most. */
typedef struct canon_cast_report {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t rounded;     /* to a neighbour in a float type, finite and not zero */
  uint64_t to_zero;     /* not zero, but nearer to zero than to anything else */
  uint64_t to_infinity; /* too large for the float type, infinity now */
  uint64_t to_nan;      /* too large, or infinite, for a float type without infinity: NaN now */
  uint64_t truncated;   /* lost a fraction on the way to an integer */
  uint64_t saturated;   /* what CANON_CAST_SATURATE put at the nearest end of the range (a NaN: at 0) */
  uint64_t nan;         /* NaNs whose sign or payload went */
  uint64_t refused;     /* index in x of the first element that does not fit, set with CANON_E_UNSUPPORTED */
} canon_cast_report;

#define CANON_CAST_SATURATE 1u

/* An exact sum, or an exact sum of squares, or both, or an exact sum of products: sums_bytes bytes of the caller's,
 * aligned to 8, that hold no pointers. Any order of adding and merging gives the same state as far as sums_round() can
 * tell. */
typedef struct canon_sums canon_sums;

/* The kinds of sum a state keeps. */
#define CANON_SUMS_VALUES 1u
#define CANON_SUMS_SQUARES 2u
#define CANON_SUMS_PRODUCTS 4u /* of pairs of elements; no other kind beside it */

/* What sums_round() gives. */
#define CANON_SUMS_SUM 1u   /* of values */
#define CANON_SUMS_MEAN 2u  /* exact sum of values / number of values */
#define CANON_SUMS_SUMSQ 3u /* of squares */
#define CANON_SUMS_NORM 4u  /* square root of the exact sum of squares */
#define CANON_SUMS_DOT 5u   /* of products */

/* Of elements, or of products: the product of zero and an infinity is a NaN, that of an infinity and any other number
 * but NaN an infinity. */
typedef struct canon_sums_counts {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t elements; /* all, with the following */
  uint64_t nan;
  uint64_t positive_infinity;
  uint64_t negative_infinity;
} canon_sums_counts;

/* Which PyTorch's bits, from torch_parse(). The caller sets struct_size. */
typedef struct canon_torch {
  uint32_t struct_size;
  uint32_t version;    /* major << 16 | minor << 8; a patch release has the bits of its minor version */
  uint32_t capability; /* CANON_TORCH_* */
  uint32_t threads;    /* as torch.set_num_threads() */
} canon_torch;

#define CANON_TORCH_DEFAULT 0u /* ATEN_CPU_CAPABILITY=default */
#define CANON_TORCH_AVX2 1u
#define CANON_TORCH_AVX512 2u

/* What torch was asked: something along the middle axis of a dense tensor [outer, axis, inner], all of it, not a block:
 * the order of torch's additions depends on whether inner is 1, and with more threads than one on more of the shape. */
typedef struct canon_torch_call {
  uint32_t struct_size;
  uint32_t what;  /* CANON_SUMS_SUM, CANON_SUMS_MEAN, CANON_SUMS_NORM; torch_normalize() does not look */
  uint32_t dtype; /* f16 bf16 f32 f64, of the results too */
  uint32_t reserved;
  const canon_torch *torch;
  uint64_t outer, axis, inner; /* none of them 0 */
} canon_torch_call;

/* All functions are pure: any thread, any time, no allocation, no state but the caller's. They take the default
 * floating-point environment for granted (round to nearest, subnormals kept). Elements are in the machine's byte order,
 * pointers aligned to the element's size. Status: CANON_OK or the codes named; a dtype that a function does not take is
 * CANON_E_UNSUPPORTED, also with zero elements: that is how to ask. */
typedef struct canon_numerics {
  uint32_t struct_size;
  uint32_t sums_bytes;

  /* The kernels in use: "portable", or what the CPU offers. For people. */
  const char *(*isa)(void);

  /* A dtype by any of its names ("f16", "float16", "half", "torch.float16", "F16"), 0 if it is none. */
  uint32_t (*dtype_parse)(const char *text);

  /* Rows along the middle axis of x[outer][axis][inner], C order, to unit L2 norm: y = RN(x / max(n, RN(1e-12))), where
   * n is the square root of the exact sum of squares, rounded to nearest even to 24 bits (f64: 53) of unbounded
   * exponent, and y is rounded once, to dtype. f16 bf16 f32 f64 f8_e4m3fn f8_e5m2 f8_e4m3fnuz f8_e5m2fnuz.
   * y may be x, else they do not overlap. axis < 2^48. report may be NULL. */
  int32_t (*normalize)(uint32_t dtype, const void *x, void *y, uint64_t outer, uint64_t axis, uint64_t inner,
                       canon_normalize_report *report);

  /* n elements of x to dtype `to`: bool, integers and floats to each other; complex to complex; real to complex
   * (imaginary part +0). To floats: nearest, ties to even. To integers: toward zero. To bool: not zero (NaN is not).
   * A NaN becomes the canonical one. What an integer cannot hold (NaN, infinities, too large), and zero or less on the
   * way to f8_e8m0fnu, is refused: CANON_E_UNSUPPORTED, report->refused; y may then hold results before that element,
   * and x is untouched from it on. CANON_CAST_SATURATE gives the nearest value of the type instead, also where a finite
   * value would become infinity. y may be x if both dtypes have one size, else they do not overlap. */
  int32_t (*cast)(uint32_t from, uint32_t to, uint32_t flags, const void *x, void *y, uint64_t n,
                  canon_cast_report *report);

  /* A new state that keeps `kinds` of sum. */
  void (*sums_init)(canon_sums *sums, uint32_t kinds);
  /* Adds n elements: bool, integers, floats. At most 2^48 in a state, with what is merged into it. CANON_E_USAGE: the
   * state keeps products. */
  int32_t (*sums_add)(canon_sums *sums, uint32_t dtype, const void *x, uint64_t n);
  /* Adds what `from` holds to `into`; both keep the same kinds. */
  void (*sums_merge)(canon_sums *into, const canon_sums *from);
  /* One of CANON_SUMS_SUM, ..., rounded once to dtype and written to result: a float type (nearest, ties to even,
   * overflow as in cast), or for SUM, SUMSQ and DOT of whole numbers an integer type. An exact sum of zero is +0. A NaN
   * among the elements or products, and infinities of both signs in a sum, give NaN. CANON_E_UNSUPPORTED: what an
   * integer type cannot hold; the mean of nothing. CANON_E_USAGE: of a kind that the state does not keep. */
  int32_t (*sums_round)(const canon_sums *sums, uint32_t what, uint32_t dtype, void *result);
  void (*sums_count)(const canon_sums *sums, canon_sums_counts *counts);

  /* "torch-2.8.0", "torch-2.7/default", "torch-2.8/threads=2" into *torch: NULL, or why canon does not know it. */
  const char *(*torch_parse)(const char *name, canon_torch *torch);

  /* As normalize, but with the bits of torch.nn.functional.normalize on the CPU; docs/torch-variants.md. f16 bf16 f32
   * f64, but f16 not before torch 2.1. x and y are [outer][call->axis][inner], a part of the call's outer and inner. In
   * the report a row's kind is that of its norm: a norm that overflows makes an infinite row; a zero row of f16
   * (divided by 0, so NaN) is a small one; exact_rows stays as it is. */
  int32_t (*torch_normalize)(const canon_torch_call *call, const void *x, void *y, uint64_t outer, uint64_t inner,
                             canon_normalize_report *report);

  /* torch.sum, torch.mean, torch.linalg.vector_norm through states: *bytes each, a multiple of 8, zero at first,
   * aligned to 8, without pointers. CANON_E_UNSUPPORTED: another dtype or `what`. */
  int32_t (*torch_reduce_bytes)(const canon_torch_call *call, uint64_t *bytes);
  /* x[outer][axis][inner] holds elements [first, first + axis) of the axis and places [column, column + inner) of the
   * inner dimension; a state for each of the outer x inner places, side by side. Each state takes in its axis in order.
   */
  void (*torch_reduce_add)(const canon_torch_call *call, void *states, const void *x, uint64_t outer, uint64_t axis,
                           uint64_t inner, uint64_t first, uint64_t column);
  /* n results from n states; the first one is of place `column` of the inner dimension. */
  void (*torch_reduce_finish)(const canon_torch_call *call, const void *states, uint64_t n, uint64_t column, void *y);

  /* Adds the exact products x[i] * y[i] of n pairs, as sums_add() adds elements and of the same dtypes: for a dot
   * product, cut into blocks anywhere, sums_round(CANON_SUMS_DOT). x and y may overlap. CANON_E_USAGE: the state keeps
   * anything but products. */
  int32_t (*sums_add_products)(canon_sums *sums, uint32_t dtype, const void *x, const void *y, uint64_t n);
} canon_numerics;

static inline const canon_numerics *canon_numerics_query(canon_job *job) {
  return (const canon_numerics *)job->host->query(job, CANON_NUMERICS_SERVICE);
}

#ifdef __cplusplus
}
#endif
#endif
