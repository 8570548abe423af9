/* SPDX-License-Identifier: MIT
 * digests.c: the bits themselves: digests of what the kernels give for fixed inputs, the same from every compiler,
 * optimisation, instruction set and byte order. Stands alone, so that it runs wherever canon's numerics compile.
 * usage: digests                 prints those of ref/, which golden.txt was made with
 *        digests golden.txt      every machine that this CPU can run against it; exit status 1: other bits */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/numerics/kernels.h"
#include "core/numerics/layout.h"
#include "core/numerics/numerics.h"

enum { N = 96 * 1000, LINE = 256 };

static uint64_t seed;

static uint64_t next(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* FNV-1a, 64 bits, of the elements as little-endian bytes */
static uint64_t digest(uint64_t hash, const uint8_t *x, uint64_t n, uint32_t size) {
  for (uint64_t i = 0; i < n; i++) {
    uint64_t code = element_load(x + i * size, size);
    for (uint32_t b = 0; b < size; b++, code >>= 8) hash = (hash ^ (code & 0xFF)) * UINT64_C(0x100000001B3);
  }
  return hash;
}

/* Three of four elements from sums of random integers, scaled as embeddings are; the others any bits at all, in every
 * 50th row of 96. */
static void fill(const canon_numerics *numerics, uint32_t dtype, uint8_t *x) {
  uint32_t size = canon_dtype_size(dtype);
  seed = UINT64_C(0x9E3779B97F4A7C15) + dtype;
  for (uint64_t i = 0; i < N; i++) {
    uint64_t random = next(), other = next();
    double value = (double)((int64_t)(random >> 40) + (int64_t)(other >> 40) - (1 << 24)) * 0x1p-25;
    if (i / 96 % 50 == 7 && random % 4 == 0) element_store(x + i * size, size, other);
    else numerics->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &value, x + i * size, 1, NULL);
  }
}

static uint64_t digest_of_sums(const canon_numerics *numerics, canon_sums *sums, uint64_t hash, uint32_t dtype,
                               const uint8_t *x, uint64_t n, uint32_t to) {
  numerics->sums_init(sums, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
  numerics->sums_add(sums, dtype, x, n);
  for (uint32_t what = CANON_SUMS_SUM; what <= CANON_SUMS_NORM; what++) {
    uint8_t code[8] = {0};
    numerics->sums_round(sums, what, to, code);
    hash = digest(hash, code, 1, canon_dtype_size(to));
  }
  return hash;
}

/* Of rows and the rows after them, and of all with all but the first. */
static uint64_t digest_of_products(const canon_numerics *numerics, canon_sums *sums, uint64_t hash, uint32_t dtype,
                                   const uint8_t *x, uint64_t n) {
  const uint64_t width = 96 * canon_dtype_size(dtype);
  for (uint64_t row = 0; row + 1 < n / 96; row++) {
    double dot = 0;
    numerics->sums_init(sums, CANON_SUMS_PRODUCTS);
    numerics->sums_add_products(sums, dtype, x + row * width, x + (row + 1) * width, row ? 96 : n - 96);
    numerics->sums_round(sums, CANON_SUMS_DOT, CANON_F64, &dot);
    hash = digest(hash, (const uint8_t *)&dot, 1, sizeof dot);
  }
  return hash;
}

/* As digest(), every NaN as the canonical one: what torch_*() gives is as the machine has it. */
static uint64_t digest_of_floats(uint64_t hash, uint32_t dtype, const uint8_t *y, uint64_t n) {
  const struct float_layout *layout = float_layout(dtype);
  for (uint64_t i = 0; i < n; i++) {
    const uint64_t code = element_load(y + i * layout->size, layout->size);
    uint64_t element = 0;
    element_store(&element, layout->size, layout_is_nan(layout, code) ? layout->nan : code);
    hash = digest(hash, (const uint8_t *)&element, 1, layout->size);
  }
  return hash;
}

/* Rows and columns normalized, and sums, means and norms of all, as PyTorch's versions do it. */
static uint64_t digest_of_torch(const canon_numerics *numerics, uint64_t hash, uint32_t dtype, const uint8_t *x,
                                uint8_t *y) {
  static const char *const names[] = {"torch-1.13", "torch-2.0/default", "torch-2.7.1", "torch-2.8.0",
                                      "torch-2.8/threads=3"};
  static uint64_t states[1 << 16];
  for (int i = 0; i < 10; i++) {
    canon_torch torch = {.struct_size = sizeof torch};
    if (numerics->torch_parse(names[i / 2], &torch)) abort();
    canon_torch_call call = {.struct_size = sizeof call, .dtype = dtype, .torch = &torch, .outer = 1, .axis = 96};
    call.outer = i % 2 ? 2 : N / 960, call.axis = i % 2 ? 50 : 96, call.inner = i % 2 ? 96 : 1;
    if (numerics->torch_normalize(&call, x, y, call.outer, call.inner, NULL) == CANON_OK) {
      hash = digest_of_floats(hash, dtype, y, call.outer * call.axis * call.inner);
    }
    call.outer = 1, call.axis = i % 2 ? N / 96 : N;
    for (call.what = CANON_SUMS_SUM; call.what <= CANON_SUMS_NORM; call.what++) {
      uint64_t bytes;
      if (numerics->torch_reduce_bytes(&call, &bytes)) continue;
      if (call.inner * bytes > sizeof states) abort();
      memset(states, 0, sizeof states);
      numerics->torch_reduce_add(&call, states, x, 1, call.axis, call.inner, 0, 0);
      numerics->torch_reduce_finish(&call, states, call.inner, 0, y);
      hash = digest_of_floats(hash, dtype, y, call.inner);
    }
  }
  return hash;
}

/* name, digests of normalize along rows and along columns, of casts to all types, of sums of rows and of all, of dot
 * products, of PyTorch's */
static void digests_of(const canon_numerics *numerics, uint32_t dtype, char *line) {
  const uint64_t start = UINT64_C(0xCBF29CE484222325);
  uint64_t rows = start, columns = start, casts = start, all = start, products, torch = start;
  uint32_t size = canon_dtype_size(dtype);
  uint8_t *x = malloc(N * 8), *y = malloc(N * 8);
  canon_sums *sums = malloc(numerics->sums_bytes);
  if (!x || !y || !sums) abort();
  fill(numerics, dtype, x);
  if (numerics->normalize(dtype, x, y, N / 96, 96, 1, NULL) == CANON_OK) {
    rows = digest(start, y, N, size);
    numerics->normalize(dtype, x, y, 4, 250, 96, NULL);
    columns = digest(start, y, N, size);
  }
  for (uint32_t to = CANON_BOOL; to <= CANON_F8_E8M0FNU; to++) {
    if (numerics->cast(dtype, to, CANON_CAST_SATURATE, x, y, 0, NULL) != CANON_OK) continue;
    if (canon_dtype_kind(to) == CANON_KIND_COMPLEX) continue;
    numerics->cast(dtype, to, CANON_CAST_SATURATE, x, y, N, NULL);
    casts = digest(casts, y, N, canon_dtype_size(to));
  }
  for (uint64_t row = 0; row < N / 96; row++) {
    all = digest_of_sums(numerics, sums, all, dtype, x + row * 96 * size, 96, row % 2 ? CANON_F32 : CANON_F64);
  }
  for (uint64_t row = 0; row < N / 96; row += 50) {
    all = digest_of_sums(numerics, sums, all, dtype, x + row * 96 * size, N / 50, CANON_F64);
  }
  products = digest_of_products(numerics, sums, start, dtype, x, N);
  if (dtype == CANON_F16 || dtype == CANON_BF16 || dtype == CANON_F32 || dtype == CANON_F64) {
    torch = digest_of_torch(numerics, start, dtype, x, y);
  }
  snprintf(line, LINE, "%-12s %016llx %016llx %016llx %016llx %016llx %016llx\n", canon_dtype_name(dtype),
           (unsigned long long)rows, (unsigned long long)columns, (unsigned long long)casts, (unsigned long long)all,
           (unsigned long long)products, (unsigned long long)torch);
  free(x), free(y), free(sums);
}

static int is_covered(const canon_numerics *numerics, uint32_t dtype) {
  if (canon_dtype_kind(dtype) == CANON_KIND_COMPLEX) return 0;
  return numerics->cast(dtype, CANON_F64, 0, NULL, NULL, 0, NULL) == CANON_OK;
}

static int compare(const canon_numerics *numerics, const char *machine, FILE *golden) {
  int failures = 0;
  rewind(golden);
  for (uint32_t dtype = CANON_BOOL; dtype <= CANON_F8_E8M0FNU; dtype++) {
    char want[LINE] = "", got[LINE];
    if (!is_covered(numerics, dtype)) continue;
    do {
      if (!fgets(want, sizeof want, golden)) want[0] = 0;
    } while (want[0] == '#');
    digests_of(numerics, dtype, got);
    if (strcmp(got, want) == 0) continue;
    fprintf(stderr, "%s has other bits:\n  %s  on record:\n  %s", machine, got, want);
    failures++;
  }
  return failures;
}

int main(int argc, char **argv) {
  const canon_numerics *numerics = numerics_service();
  char line[LINE];
  int failures = 0;
#if defined(__AVX2__) && defined(__FMA__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 77; /* skipped */
#endif
  if (argc < 2) {
    dispatch_limit("ref");
    for (uint32_t dtype = CANON_BOOL; dtype <= CANON_F8_E8M0FNU; dtype++) {
      if (!is_covered(numerics, dtype)) continue;
      digests_of(numerics, dtype, line);
      fputs(line, stdout);
    }
    return 0;
  }
  FILE *golden = fopen(argv[1], "r");
  if (!golden) return perror(argv[1]), 2;
  for (size_t i = 1; dispatch_machine(i); i++) {
    dispatch_limit(dispatch_machine(i));
    if (strcmp(numerics->isa(), dispatch_machine(i)) != 0) {
      printf("%s: not on this CPU\n", dispatch_machine(i));
      continue;
    }
    int other = compare(numerics, dispatch_machine(i), golden);
    printf("%s: %s\n", dispatch_machine(i), other ? "other bits" : "the bits on record");
    failures += other;
  }
  fclose(golden);
  return failures != 0;
}
