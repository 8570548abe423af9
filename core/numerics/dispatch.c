/* SPDX-License-Identifier: MIT
 * dispatch.c: the machines that kernels exist for, from the specification upward. The highest that this CPU can run,
 * that is not above the limit, and that has a kernel for some dtype gives it. All give the same bits. */
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>

#include "core/numerics/kernels.h"

#ifdef CANON_X86
#include <cpuid.h>
#endif

static int always(void) { return 1; }

#ifdef CANON_X86
/* clang 14 has no name for it. Asked once: a hypervisor answers CPUID in microseconds, for kernels of nanoseconds. */
static int has_f16c(void) {
  static _Atomic int known; /* 0: not yet, 1: no, 2: yes */
  int answer = atomic_load_explicit(&known, memory_order_relaxed);
  unsigned a, b, c, d;
  if (answer) return answer == 2;
  answer = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_F16C) ? 2 : 1;
  atomic_store_explicit(&known, answer, memory_order_relaxed);
  return answer == 2;
}

static int has_avx2(void) { return __builtin_cpu_supports("avx2") && has_f16c(); }
#endif
#ifdef CANON_AVX512
static int has_avx512(void) {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
}
#endif

static const struct machine {
  const struct kernels *kernels;
  int (*is_usable)(void);
} machines[] = {
    {&kernels_ref, always},        {&kernels_portable, always}, /* plain C */
#ifdef CANON_X86
    {&kernels_sse2, always}, /* all of x86-64 have it */
    {&kernels_avx2, has_avx2},
#endif
#ifdef CANON_AVX512
    {&kernels_avx512, has_avx512},
#endif
#ifdef CANON_NEON
    {&kernels_neon, always}, /* all of AArch64 have it */
#endif
};

enum { MACHINES = sizeof machines / sizeof machines[0] };

static _Atomic size_t limit = MACHINES - 1;

int dispatch_limit(const char *isa) {
  for (size_t i = 0; i < MACHINES; i++) {
    if (strcmp(machines[i].kernels->isa, isa) != 0) continue;
    atomic_store(&limit, i);
    return 1;
  }
  return 0;
}

const char *dispatch_machine(size_t i) { return i < MACHINES ? machines[i].kernels->isa : NULL; }

/* The next machine below `above` that this CPU can run: ref/ and body/ run everywhere. */
static size_t next(size_t above) {
  do above--;
  while (!machines[above].is_usable());
  return above;
}

static size_t top(void) { return atomic_load(&limit) + 1; }

const char *dispatch_isa(void) { return machines[next(top())].kernels->isa; }

normalize_kernel *dispatch_normalize(uint32_t dtype) {
  normalize_kernel *kernel = NULL;
  for (size_t i = top(); i && !kernel;) kernel = machines[i = next(i)].kernels->normalize(dtype);
  return kernel;
}

cast_kernel *dispatch_cast(uint32_t from, uint32_t to) {
  cast_kernel *kernel = NULL;
  for (size_t i = top(); i && !kernel;) kernel = machines[i = next(i)].kernels->cast(from, to);
  return kernel;
}

sums_kernel *dispatch_sums(uint32_t dtype) {
  sums_kernel *kernel = NULL;
  for (size_t i = top(); i && !kernel;) kernel = machines[i = next(i)].kernels->sums(dtype);
  return kernel;
}

products_kernel *dispatch_products(uint32_t dtype) {
  products_kernel *kernel = NULL;
  for (size_t i = top(); i && !kernel;) kernel = machines[i = next(i)].kernels->products(dtype);
  return kernel;
}

const struct differences_kernels *dispatch_differences(void) {
  const struct differences_kernels *kernels = NULL;
  for (size_t i = top(); i && !kernels;) kernels = machines[i = next(i)].kernels->differences;
  return kernels;
}
