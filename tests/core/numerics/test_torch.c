/* SPDX-License-Identifier: MIT
 * PyTorch's norms, sums, means and normalize against what its wheels wrote: corpus/torch, whose README.md has the
 * layout of the files. All bits are compared, but a NaN with any NaN. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/numerics/numerics.h"

static const struct dtype {
  uint32_t dtype;
  const char *name;
} dtypes[] = {{CANON_F32, "float32"}, {CANON_F64, "float64"}, {CANON_BF16, "bfloat16"}, {CANON_F16, "float16"}};
enum { DTYPES = sizeof dtypes / sizeof dtypes[0] };

/* A wheel, and the names that stand for its bits; they end with NULL. */
static const struct wheel {
  const char *file;
  int normalizes_f16;
  const char *names[12];
} wheels[] = {
    {"1.13.1-avx2", 0, {"torch-1.13", "torch-1.13.1/avx2"}},
    {"2.0.1-avx2", 0, {"torch-2.0.1", "torch-2.0/avx2"}},
    {"2.1.0-avx2", 1, {"torch-2.1", "torch-2.2.2", "torch-2.1/avx512"}},
    {"2.4.1-avx2", 1, {"torch-2.4.1", "torch-2.5", "torch-2.6/avx2", "torch-2.4/avx512"}},
    {"2.7.1-avx2", 1, {"torch-2.7", "torch-2.7.1", "torch-2.7.0/avx512"}},
    {"2.8.0-avx2",
     1,
     {"torch-2.8.0", "torch-2.9", "torch-2.10", "torch-2.11", "torch-2.12", "torch-2.13", "torch-2.14",
      "torch-2.15/avx2", "torch-2.15/avx512"}},
    {"1.13.1-default", 0, {"torch-1.13/default"}},
    {"2.0.1-default", 0, {"torch-2.0.1/default"}},
    {"2.1.0-default", 1, {"torch-2.1/default", "torch-2.2/default"}},
    {"2.4.1-default",
     1,
     {"torch-2.4/default", "torch-2.5/default", "torch-2.6/default", "torch-2.7.1/default", "torch-2.8/default",
      "torch-2.15/default"}},
};
enum { WHEELS = sizeof wheels / sizeof wheels[0] };

/* The rows of x-DTYPE.npy. */
static const uint64_t lengths[] = {1, 3, 7, 8, 9, 12, 15, 16, 17, 31, 33, 64, 96, 100, 129, 300, 768};
enum { LENGTHS = sizeof lengths / sizeof lengths[0], ROWS = 6, LONGEST = 768, MADE_UP = 100003 };
static int is_normalized(uint64_t n) { return n == 1 || n == 9 || n == 17; }

static const uint32_t reductions[] = {CANON_SUMS_NORM, CANON_SUMS_SUM, CANON_SUMS_MEAN};

/* The elements of an .npy file, the next one to be looked at. */
struct array {
  uint8_t *file;
  const uint8_t *at, *end;
};

static struct array array_open(const char *file, const char *dtype) {
  char path[128];
  size_t size;
  struct array array;
  snprintf(path, sizeof path, "corpus/torch/%s-%s.npy", file, dtype);
  array.file = support_slurp(path, &size);
  assert_memory_equal(array.file, "\x93NUMPY\x01", 7);
  array.at = array.file + 10 + array.file[8] + 256 * array.file[9];
  array.end = array.file + size;
  return array;
}

static const uint8_t *array_take(struct array *array, uint64_t bytes) {
  const uint8_t *at = array->at;
  if ((uint64_t)(array->end - at) < bytes) fail_msg("the file ends early");
  array->at += bytes;
  return at;
}

static uint64_t code_at(uint32_t dtype, const uint8_t *x, uint64_t i) {
  uint64_t code = 0;
  const uint64_t size = canon_dtype_size(dtype);
  for (uint64_t k = 0; k < size; k++) code |= (uint64_t)x[i * size + k] << 8 * k;
  return code;
}

static int is_nan(uint32_t dtype, uint64_t code) {
  switch (dtype) {
    case CANON_F16: return (code & 0x7FFF) > 0x7C00;
    case CANON_BF16: return (code & 0x7FFF) > 0x7F80;
    case CANON_F32: return (code & 0x7FFFFFFF) > 0x7F800000;
    default: return (code & 0x7FFFFFFFFFFFFFFF) > 0x7FF0000000000000;
  }
}

/* What is compared, for the message. */
struct about {
  const char *name, *dtype, *what;
  uint64_t outer, axis, inner;
};

static void assert_same(const struct about *about, uint32_t dtype, const uint8_t *got, const uint8_t *want,
                        uint64_t n) {
  for (uint64_t i = 0; i < n; i++) {
    uint64_t a = code_at(dtype, got, i), b = code_at(dtype, want, i);
    if (a == b || (is_nan(dtype, a) && is_nan(dtype, b))) continue;
    fail_msg("%s, %s of %s [%d, %d, %d], result %d: %llx, not %llx", about->name, about->what, about->dtype,
             (int)about->outer, (int)about->axis, (int)about->inner, (int)i, (unsigned long long)a,
             (unsigned long long)b);
  }
}

static canon_torch torch_named(const char *name) {
  canon_torch torch = {.struct_size = sizeof torch};
  const char *why = numerics_service()->torch_parse(name, &torch);
  if (why) fail_msg("%s: %s", name, why);
  return torch;
}

static uint64_t state_bytes(const canon_torch_call *call) {
  uint64_t bytes;
  assert_int_equal(numerics_service()->torch_reduce_bytes(call, &bytes), CANON_OK);
  assert_int_equal(bytes % 8, 0);
  return bytes;
}

static void reduce(const canon_torch_call *call, const void *x, uint8_t *y) {
  const canon_numerics *numerics = numerics_service();
  const uint64_t n = call->outer * call->inner;
  void *states = calloc(n, state_bytes(call));
  numerics->torch_reduce_add(call, states, x, call->outer, call->axis, call->inner, 0, 0);
  numerics->torch_reduce_finish(call, states, n, 0, y);
  free(states);
}

static void assert_reductions(canon_torch_call *call, const char *name, const char *dtype, const void *x,
                              struct array *want) {
  static const char *const whats[] = {"norm", "sum", "mean"};
  const uint64_t results = call->outer * call->inner;
  uint8_t *got = malloc(results * 8);
  for (int i = 0; i < 3; i++) {
    struct about about = {name, dtype, whats[i], call->outer, call->axis, call->inner};
    call->what = reductions[i];
    reduce(call, x, got);
    assert_same(&about, call->dtype, got, array_take(want, results * canon_dtype_size(call->dtype)), results);
  }
  free(got);
}

static void assert_normalized(const canon_torch_call *call, const char *name, const char *dtype, const void *x,
                              struct array *want) {
  const struct about about = {name, dtype, "normalize", call->outer, call->axis, call->inner};
  const uint64_t elements = call->outer * call->axis * call->inner;
  uint8_t *got = malloc(elements * 8);
  assert_int_equal(numerics_service()->torch_normalize(call, x, got, call->outer, call->inner, NULL), CANON_OK);
  assert_same(&about, call->dtype, got, array_take(want, elements * canon_dtype_size(call->dtype)), elements);
  free(got);
}

/* [rows, n] to [n, rows]. */
static void transpose(uint32_t dtype, const uint8_t *x, uint64_t n, uint8_t *y) {
  const uint64_t size = canon_dtype_size(dtype);
  for (uint64_t i = 0; i < ROWS; i++) {
    for (uint64_t d = 0; d < n; d++) memcpy(y + (d * ROWS + i) * size, x + (i * n + d) * size, size);
  }
}

/* Element i: the top bits of i * 2654435761 mod 2^32, as a fraction from -0.5 on. */
static uint8_t *make_up(uint32_t dtype, uint64_t n) {
  const uint64_t size = canon_dtype_size(dtype);
  canon_cast_report report = {.struct_size = sizeof report};
  uint8_t *x = malloc(n * size);
  for (uint64_t i = 0; i < n; i++) {
    uint32_t bits = (uint32_t)i * 2654435761u;
    double value = size == 2 ? (bits >> 24) / 256. - .5 : (bits >> 16) / 65536. - .5;
    assert_int_equal(numerics_service()->cast(CANON_F64, dtype, 0, &value, x + i * size, 1, &report), CANON_OK);
  }
  return x;
}

static void check_rows(const canon_torch *torch, const struct wheel *wheel, const char *name, const struct dtype *dtype,
                       struct array *want) {
  static uint64_t rows[ROWS * LONGEST], columns[ROWS * LONGEST];
  const uint64_t size = canon_dtype_size(dtype->dtype);
  const int normalizes = dtype->dtype != CANON_F16 || wheel->normalizes_f16;
  struct array x = array_open("x", dtype->name);
  for (int i = 0; i < LENGTHS; i++) {
    const uint64_t n = lengths[i];
    canon_torch_call along = {
        .struct_size = sizeof along, .dtype = dtype->dtype, .torch = torch, .outer = ROWS, .axis = n, .inner = 1};
    canon_torch_call across = along;
    across.outer = 1, across.inner = ROWS;
    memcpy(rows, array_take(&x, ROWS * n * size), ROWS * n * size);
    transpose(dtype->dtype, (const uint8_t *)rows, n, (uint8_t *)columns);
    assert_reductions(&along, name, dtype->name, rows, want);
    assert_reductions(&across, name, dtype->name, columns, want);
    if (!is_normalized(n) || !normalizes) continue;
    assert_normalized(&along, name, dtype->name, rows, want);
    assert_normalized(&across, name, dtype->name, columns, want);
  }
  assert_ptr_equal(x.at, x.end);
  free(x.file);
}

static void check_threads(canon_torch torch, const char *name, const struct dtype *dtype, struct array *want) {
  uint8_t *x = make_up(dtype->dtype, MADE_UP);
  for (torch.threads = 1; torch.threads <= 3; torch.threads++) {
    canon_torch_call one = {
        .struct_size = sizeof one, .dtype = dtype->dtype, .torch = &torch, .outer = 1, .axis = MADE_UP, .inner = 1};
    canon_torch_call columns = one;
    columns.axis = 500, columns.inner = 72;
    assert_reductions(&one, name, dtype->name, x, want);
    assert_reductions(&columns, name, dtype->name, x, want);
  }
  free(x);
}

static void every_wheel_gets_its_bits(void **state) {
  (void)state;
  for (int w = 0; w < WHEELS; w++) {
    for (const char *const *name = wheels[w].names; *name; name++) {
      const canon_torch torch = torch_named(*name);
      assert_int_equal(torch.threads, 1);
      for (int i = 0; i < DTYPES; i++) {
        struct array want = array_open(wheels[w].file, dtypes[i].name);
        check_rows(&torch, &wheels[w], *name, &dtypes[i], &want);
        check_threads(torch, *name, &dtypes[i], &want);
        assert_ptr_equal(want.at, want.end);
        free(want.file);
      }
    }
  }
}

/* Pieces of the axis, and of the columns. */
static void reduce_in_pieces(const canon_torch_call *call, const uint8_t *x, uint64_t rows, uint64_t columns,
                             uint8_t *y) {
  const canon_numerics *numerics = numerics_service();
  const uint64_t size = canon_dtype_size(call->dtype), bytes = state_bytes(call);
  uint8_t *piece = malloc(rows * columns * size), *states = malloc(columns * bytes);
  for (uint64_t j = 0; j < call->inner; j += columns) {
    const uint64_t wide = call->inner - j < columns ? call->inner - j : columns;
    memset(states, 0, columns * bytes);
    for (uint64_t i = 0; i < call->axis; i += rows) {
      const uint64_t high = call->axis - i < rows ? call->axis - i : rows;
      for (uint64_t k = 0; k < high; k++) {
        memcpy(piece + k * wide * size, x + ((i + k) * call->inner + j) * size, wide * size);
      }
      numerics->torch_reduce_add(call, states, piece, 1, high, wide, i, j);
    }
    numerics->torch_reduce_finish(call, states, wide, j, y + j * size);
  }
  free(piece);
  free(states);
}

static void a_reduction_may_be_cut_anywhere(void **state) {
  static const uint64_t pieces[] = {1, 3, 8, 64, 1000, 40000};
  static const char *const names[] = {"torch-1.13", "torch-2.0",           "torch-2.1",
                                      "torch-2.7",  "torch-2.8/threads=3", "torch-2.8/default"};
  (void)state;
  for (int d = 0; d < DTYPES; d++) {
    uint8_t *x = make_up(dtypes[d].dtype, MADE_UP);
    for (size_t v = 0; v < sizeof names / sizeof names[0] * 6; v++) {
      const canon_torch torch = torch_named(names[v / 6]);
      canon_torch_call call = {.struct_size = sizeof call,
                               .what = reductions[v % 3],
                               .dtype = dtypes[d].dtype,
                               .torch = &torch,
                               .outer = 1,
                               .axis = v % 6 < 3 ? MADE_UP : 500,
                               .inner = v % 6 < 3 ? 1 : 72};
      const struct about about = {names[v / 6], dtypes[d].name, "a piecewise reduction", 1, call.axis, call.inner};
      uint64_t whole[72], got[72];
      reduce(&call, x, (uint8_t *)whole);
      for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
        reduce_in_pieces(&call, x, pieces[p], 1 + pieces[p] % 71, (uint8_t *)got);
        assert_same(&about, call.dtype, (uint8_t *)got, (uint8_t *)whole, call.inner);
      }
    }
    free(x);
  }
}

/* Slices of outer, columns, and in place. */
static void normalize_may_be_cut_outside_its_axis(void **state) {
  enum { OUTER = 3, AXIS = 50, INNER = 70 };
  (void)state;
  for (int d = 0; d < DTYPES; d++) {
    const uint64_t size = canon_dtype_size(dtypes[d].dtype);
    const canon_torch torch = torch_named("torch-2.7.1");
    const canon_torch_call call = {.struct_size = sizeof call,
                                   .dtype = dtypes[d].dtype,
                                   .torch = &torch,
                                   .outer = OUTER,
                                   .axis = AXIS,
                                   .inner = INNER};
    const struct about about = {"torch-2.7.1", dtypes[d].name, "a column alone", OUTER, AXIS, INNER};
    uint8_t *x = make_up(call.dtype, OUTER * AXIS * INNER), *whole = malloc(OUTER * AXIS * INNER * size);
    uint64_t column[AXIS], want[AXIS];
    assert_int_equal(numerics_service()->torch_normalize(&call, x, whole, OUTER, INNER, NULL), CANON_OK);
    for (int at = 0; at < OUTER * INNER; at++) {
      for (int i = 0; i < AXIS; i++) {
        const int element = (at / INNER * AXIS + i) * INNER + at % INNER;
        memcpy((uint8_t *)column + i * size, x + element * size, size);
        memcpy((uint8_t *)want + i * size, whole + element * size, size);
      }
      assert_int_equal(numerics_service()->torch_normalize(&call, column, column, 1, 1, NULL), CANON_OK);
      assert_same(&about, call.dtype, (uint8_t *)column, (uint8_t *)want, AXIS);
    }
    free(x);
    free(whole);
  }
}

static void rows_are_counted_by_their_norms(void **state) {
  float x[6][2] = {{3, 4}, {0, 0}, {1e-13f, 0}, {NAN, 1}, {INFINITY, 1}, {3e38f, 3e38f}};
  const canon_torch torch = torch_named("torch-2.8");
  const canon_torch_call call = {
      .struct_size = sizeof call, .dtype = CANON_F32, .torch = &torch, .outer = 6, .axis = 2, .inner = 1};
  canon_normalize_report report = {.struct_size = sizeof report};
  (void)state;
  assert_int_equal(numerics_service()->torch_normalize(&call, x, x, 6, 1, &report), CANON_OK);
  assert_int_equal(report.small_rows, 2);
  assert_int_equal(report.nan_rows, 1);
  assert_int_equal(report.infinite_rows, 2);
  assert_true(x[5][0] == 0);
}

static void f16_is_normalized_from_torch_2_1_on(void **state) {
  static const char *const names[] = {"torch-1.13", "torch-2.0", "torch-2.0/default", "torch-2.1", "torch-2.1/default"};
  uint16_t x = 0x3C00;
  (void)state;
  for (int i = 0; i < 5; i++) {
    const canon_torch torch = torch_named(names[i]);
    const canon_torch_call call = {
        .struct_size = sizeof call, .dtype = CANON_F16, .torch = &torch, .outer = 1, .axis = 1, .inner = 1};
    assert_int_equal(numerics_service()->torch_normalize(&call, &x, &x, 1, 1, NULL),
                     i < 3 ? CANON_E_UNSUPPORTED : CANON_OK);
  }
}

static void what_torch_does_not_reduce_is_refused(void **state) {
  static const struct {
    uint32_t what, dtype;
  } refused[] = {
      {CANON_SUMS_SUM, CANON_I64}, {CANON_SUMS_NORM, CANON_C64}, {CANON_SUMS_SUMSQ, CANON_F32}, {0, CANON_F32}};
  const canon_torch torch = torch_named("torch-2.8");
  (void)state;
  for (int i = 0; i < 4; i++) {
    const canon_torch_call call = {.struct_size = sizeof call,
                                   .what = refused[i].what,
                                   .dtype = refused[i].dtype,
                                   .torch = &torch,
                                   .outer = 1,
                                   .axis = 1,
                                   .inner = 1};
    uint64_t bytes;
    assert_int_equal(numerics_service()->torch_reduce_bytes(&call, &bytes), CANON_E_UNSUPPORTED);
  }
}

static void a_name_says_version_capability_and_threads(void **state) {
  const canon_torch torch = torch_named("torch-2.7.1/default/threads=12");
  (void)state;
  assert_int_equal(torch.struct_size, sizeof torch);
  assert_int_equal(torch.version, 2 << 16 | 7 << 8);
  assert_int_equal(torch.capability, CANON_TORCH_DEFAULT);
  assert_int_equal(torch.threads, 12);
  assert_int_equal(torch_named("torch-2.8").capability, CANON_TORCH_AVX2);
  assert_int_equal(torch_named("torch-2.8/threads=1024").threads, 1024);
}

static void unknown_names_are_refused_with_what_is_known(void **state) {
  static const struct {
    const char *name, *why;
  } refused[] = {{"torch-1.12.1", "1.13 to 2.15"},
                 {"torch-2.16", "1.13 to 2.15"},
                 {"torch-3.0", "1.13 to 2.15"},
                 {"torch-1.14", "1.13 to 2.15"},
                 {"torch-2", "1.13 to 2.15"},
                 {"torch-2.8.0.1", "1.13 to 2.15"},
                 {"torch-2.08", "1.13 to 2.15"},
                 {"torch-2.8+cu128", "1.13 to 2.15"},
                 {"torch-", "1.13 to 2.15"},
                 {"torch-2.8/avx", "/avx2"},
                 {"torch-2.8/avx2x", "/avx2"},
                 {"torch-2.8/threads=0", "1 to 1024"},
                 {"torch-2.8/threads=1025", "1024"},
                 {"torch-2.8/threads=", "1024"},
                 {"torch-2.8/threads=2/avx2", "/avx2"},
                 {"torch-2.8/", "/avx2"},
                 {"torch-2.0/avx512", "AVX-512"},
                 {"torch-1.13.1/avx512", "AVX-512"}};
  (void)state;
  for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
    canon_torch torch = {.struct_size = sizeof torch, .threads = 77};
    const char *why = numerics_service()->torch_parse(refused[i].name, &torch);
    if (!why || !strstr(why, refused[i].why)) fail_msg("%s: %s", refused[i].name, why ? why : "taken");
    assert_int_equal(torch.threads, 77);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_wheel_gets_its_bits),
      cmocka_unit_test(a_reduction_may_be_cut_anywhere),
      cmocka_unit_test(normalize_may_be_cut_outside_its_axis),
      cmocka_unit_test(rows_are_counted_by_their_norms),
      cmocka_unit_test(f16_is_normalized_from_torch_2_1_on),
      cmocka_unit_test(what_torch_does_not_reduce_is_refused),
      cmocka_unit_test(a_name_says_version_capability_and_threads),
      cmocka_unit_test(unknown_names_are_refused_with_what_is_known),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
