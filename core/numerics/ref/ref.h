/* SPDX-License-Identifier: MIT
 * ref.h: the specification as kernels. The other kernels call them for what they leave undecided, the tests for what is
 * right. */
#ifndef CANON_NUMERICS_REF_REF_H
#define CANON_NUMERICS_REF_REF_H

#include "core/numerics/kernels.h"
#include "core/numerics/ref/number.h"
#include "core/numerics/sums.h"

normalize_kernel ref_normalize;
cast_kernel ref_cast;
sums_kernel ref_sums;
products_kernel ref_products;

/* Norm of the row x[0], x[stride], ..., stride in bytes: sqrt of the exact sum of squares, to 24 bits (f64: 53), with
 * unbounded exponent. NaN if the row holds a NaN, else infinite if it holds an infinity. */
struct number ref_norm(uint32_t dtype, const void *x, uint64_t axis, uint64_t stride);

/* Which dtypes the kernels take. */
int ref_is_real(uint32_t dtype);         /* cast, sums: bool, integers, floats */
int ref_is_normalizable(uint32_t dtype); /* normalize: floats but f8_e8m0fnu, which has neither zero nor sign */

#endif
