/* SPDX-License-Identifier: MIT
 * kernels.h: what one kind of machine computes with. Kernels see checked arguments and real dtypes only, and all of
 * them give the same bits: those of ref/, which has every kernel. A machine's table has what it does better. */
#ifndef CANON_NUMERICS_KERNELS_H
#define CANON_NUMERICS_KERNELS_H

#include <float.h>
#include <stddef.h>

#include <canon/numerics.h>

#if FLT_EVAL_METHOD != 0
#error "canon needs arithmetic in its own precision (x86: -msse2 -mfpmath=sse; s390x: -fexcess-precision=fast)"
#endif

struct sums;
struct differences_kernels;

typedef void normalize_kernel(uint32_t dtype, const void *x, void *y, uint64_t outer, uint64_t axis, uint64_t inner,
                              canon_normalize_report *report);
typedef int32_t cast_kernel(uint32_t from, uint32_t to, uint32_t flags, const void *x, void *y, uint64_t n,
                            canon_cast_report *report);
typedef void sums_kernel(struct sums *sums, uint32_t dtype, const void *x, uint64_t n);
typedef void products_kernel(struct sums *sums, uint32_t dtype, const void *x, const void *y, uint64_t n);

/* Each function: the kernel for these dtypes, or NULL if this machine has none of its own. */
struct kernels {
  const char *isa;
  normalize_kernel *(*normalize)(uint32_t dtype);
  cast_kernel *(*cast)(uint32_t from, uint32_t to);
  sums_kernel *(*sums)(uint32_t dtype);
  products_kernel *(*products)(uint32_t dtype);
  const struct differences_kernels *differences; /* of a comparison; NULL: none */
};

extern const struct kernels kernels_ref;      /* ref/: the specification */
extern const struct kernels kernels_portable; /* body/: plain C, an error bound, and exact arithmetic where it fails */
extern const struct kernels kernels_sse2, kernels_avx2, kernels_avx512; /* x86/: the body in wider vectors */
extern const struct kernels kernels_neon;                               /* arm/ */

/* dispatch.c, the one file that knows which machine this is. NULL: no kernel takes this dtype. */
const char *dispatch_isa(void);
/* From here on, in the whole process, kernels of no machine above the named one. 0: there is none of that name here. */
int dispatch_limit(const char *isa);
/* The i-th machine's name, from the specification upward, whether or not this CPU has what it needs; NULL: no more. */
const char *dispatch_machine(size_t i);
normalize_kernel *dispatch_normalize(uint32_t dtype);
cast_kernel *dispatch_cast(uint32_t from, uint32_t to);
sums_kernel *dispatch_sums(uint32_t dtype);
products_kernel *dispatch_products(uint32_t dtype);
const struct differences_kernels *dispatch_differences(void); /* NULL: ref/ has none */

#endif
