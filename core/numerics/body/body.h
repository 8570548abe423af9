/* SPDX-License-Identifier: MIT
 * body.h: the portable kernels: plain C written so that a compiler can vectorise it, each certified by an error bound
 * whose failures go to ref/. A machine's folder may compile these files with its own flags: the bits are the same. */
#ifndef CANON_NUMERICS_BODY_BODY_H
#define CANON_NUMERICS_BODY_BODY_H

#include "core/numerics/kernels.h"

normalize_kernel body_normalize;
cast_kernel body_cast;
sums_kernel body_sums; /* float types but f64 */

#endif
