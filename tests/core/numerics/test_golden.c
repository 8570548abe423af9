/* SPDX-License-Identifier: MIT
 * The bits themselves: digests of what the kernels give for fixed inputs, the same from every compiler, optimisation
 * and machine. CMakeLists.txt builds this once more for each of several sets of flags. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/numerics/numerics.h"

enum { N = 96 * 1000 };

struct digests {
  const char *name;
  uint32_t dtype;
  uint64_t along_rows, along_columns, casts, sums;
};

static const struct digests golden[] = {
#include "tests/core/numerics/golden.inc"
};

static uint64_t seed;

static uint64_t next(void) {
  seed ^= seed << 13;
  seed ^= seed >> 7;
  seed ^= seed << 17;
  return seed * UINT64_C(0x2545F4914F6CDD1D);
}

/* FNV-1a, 64 bits */
static uint64_t digest(uint64_t hash, const void *bytes, uint64_t n) {
  const uint8_t *byte = bytes;
  for (uint64_t i = 0; i < n; i++) hash = (hash ^ byte[i]) * UINT64_C(0x100000001B3);
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
    if (i / 96 % 50 == 7 && random % 4 == 0) {
      for (uint32_t b = 0; b < size; b++) x[i * size + b] = (uint8_t)(other >> (8 * b));
    } else {
      numerics->cast(CANON_F64, dtype, CANON_CAST_SATURATE, &value, x + i * size, 1, NULL);
    }
  }
}

static struct digests digests_of(const canon_numerics *numerics, uint32_t dtype) {
  const uint64_t start = UINT64_C(0xCBF29CE484222325);
  struct digests result = {canon_dtype_name(dtype), dtype, start, start, start, start};
  uint32_t size = canon_dtype_size(dtype);
  uint8_t *x = malloc(N * 8), *y = malloc(N * 8);
  canon_sums *sums = malloc(numerics->sums_bytes);
  fill(numerics, dtype, x);
  if (numerics->normalize(dtype, x, y, N / 96, 96, 1, NULL) == CANON_OK) {
    result.along_rows = digest(start, y, (uint64_t)N * size);
    numerics->normalize(dtype, x, y, 4, 250, 96, NULL);
    result.along_columns = digest(start, y, (uint64_t)N * size);
  }
  for (uint32_t to = CANON_BOOL; to <= CANON_F8_E8M0FNU; to++) {
    if (numerics->cast(dtype, to, CANON_CAST_SATURATE, x, y, 0, NULL) != CANON_OK) continue;
    if (canon_dtype_kind(to) == CANON_KIND_COMPLEX) continue;
    numerics->cast(dtype, to, CANON_CAST_SATURATE, x, y, N, NULL);
    result.casts = digest(result.casts, y, (uint64_t)N * canon_dtype_size(to));
  }
  for (uint64_t row = 0; row < N / 96; row++) {
    numerics->sums_init(sums, CANON_SUMS_VALUES | CANON_SUMS_SQUARES);
    numerics->sums_add(sums, dtype, x + row * 96 * size, 96);
    for (uint32_t what = CANON_SUMS_SUM; what <= CANON_SUMS_NORM; what++) {
      uint64_t code = 0;
      numerics->sums_round(sums, what, row % 2 ? CANON_F32 : CANON_F64, &code);
      result.sums = digest(result.sums, &code, sizeof code);
    }
  }
  free(x), free(y), free(sums);
  return result;
}

static void the_bits_are_the_ones_on_record(void **state) {
  const canon_numerics *numerics = numerics_service();
  (void)state;
  for (size_t i = 0; i < sizeof golden / sizeof golden[0]; i++) {
    struct digests got = digests_of(numerics, golden[i].dtype);
    if (got.along_rows != golden[i].along_rows || got.along_columns != golden[i].along_columns ||
        got.casts != golden[i].casts || got.sums != golden[i].sums) {
      print_error("{\"%s\", %u, 0x%016llX, 0x%016llX, 0x%016llX, 0x%016llX},\n", got.name, got.dtype,
                  (unsigned long long)got.along_rows, (unsigned long long)got.along_columns,
                  (unsigned long long)got.casts, (unsigned long long)got.sums);
      fail_msg("%s has other bits", golden[i].name);
    }
  }
}

int main(void) {
#if defined(__AVX2__) && defined(__FMA__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return 77; /* skipped */
#endif
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_bits_are_the_ones_on_record)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
