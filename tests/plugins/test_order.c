/* SPDX-License-Identifier: MIT
 * The written-down orders of the transform reduce against docs/orders.md, written out as plainly as it can be. */
#include "tests/support/support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <canon/numerics.h>

static const char *const orders[] = {"sequential", "pairwise", "lanes8"};
static const char *const operations[] = {"sum", "mean", "norm", "sumsq"};

/* One of each for all tests: to make them takes longer than most sums. */
static const canon_transform *transform;
static canon_job *job;
static struct opened {
  const char *operation, *order;
  void *self;
} opened[64]; /* and one without a self */

static void *open_with(const char *operation, const char *order) {
  struct opened *place = opened;
  while (place->self && (strcmp(place->operation, operation) != 0 || strcmp(place->order, order) != 0)) place++;
  assert_true(place < opened + 63);
  if (place->self) return place->self;
  *place = (struct opened){operation, order, NULL};
  const canon_instance *instance = support_instance(job, "axis", "0", "order", order, NULL);
  assert_int_equal(transform->open(job, instance, operation, &place->self), CANON_OK);
  return place->self;
}

/* How the host may cut the axis: parts of so many elements, into one state or each into one of its own. */
struct way {
  uint64_t part;
  int merge;
};

/* x[axis][inner], `dtype`, reduced along the axis. Returns the plan's guarantee. */
static uint32_t reduce(const char *operation, const char *order, uint32_t dtype, const void *x, uint64_t axis,
                       uint64_t inner, struct way way, void *y) {
  _Alignas(64) static char states[1 << 16], others[1 << 16];
  void *self = open_with(operation, order);
  canon_tensor in = {.dtype = dtype, .rank = 2, .shape = {axis, inner}};
  canon_plan plan = {.struct_size = sizeof plan, .out = in, .axis = 1, .inner = 1};
  assert_int_equal(transform->plan(job, self, &in, &plan), CANON_OK);
  assert_true(plan.state_bytes && plan.state_bytes % 8 == 0 && inner * plan.state_bytes <= sizeof states);
  const canon_cut whole = {.struct_size = sizeof whole,
                           .in_dtype = dtype,
                           .out_dtype = plan.out.dtype,
                           .outer = 1,
                           .axis = axis,
                           .inner = inner};
  canon_block block = {.struct_size = sizeof block, .whole = &whole, .outer = 1, .inner = inner};
  way.merge = way.merge && plan.mergeable;
  memset(states, 0xa5, inner * plan.state_bytes);
  assert_int_equal(transform->begin(job, self, &whole, states, inner), CANON_OK);
  for (; block.first_axis < axis; block.first_axis += block.axis) {
    block.in = (const char *)x + block.first_axis * inner * canon_dtype_size(dtype);
    block.axis = axis - block.first_axis < way.part ? axis - block.first_axis : way.part;
    if (way.merge) assert_int_equal(transform->begin(job, self, &whole, others, inner), CANON_OK);
    assert_int_equal(transform->add(job, self, way.merge ? others : states, &block), CANON_OK);
    if (way.merge) assert_int_equal(transform->merge(job, self, &whole, states, others, inner), CANON_OK);
  }
  block.in = NULL;
  block.out = y;
  block.axis = 1;
  block.first_axis = 0;
  assert_int_equal(transform->finish(job, self, states, &block), CANON_OK);
  return plan.guarantee;
}

/* ---- the specification ---- */

#define SPECIFICATION(real, root)                                                                  \
  static real real##_sequential(const real *x, uint64_t n, uint64_t step) {                        \
    real s = 0;                                                                                    \
    for (uint64_t i = 0; i < n; i += step) s = s + x[i];                                           \
    return s;                                                                                      \
  }                                                                                                \
  static real real##_tree(const real *x, uint64_t n) {                                             \
    uint64_t half = 1;                                                                             \
    if (n == 1) return x[0];                                                                       \
    while (half * 2 < n) half *= 2;                                                                \
    return real##_tree(x, half) + real##_tree(x + half, n - half);                                 \
  }                                                                                                \
  static real real##_lanes(const real *x, uint64_t n) {                                            \
    real s[8];                                                                                     \
    for (uint64_t i = 0; i < 8; i++) s[i] = i < n ? real##_sequential(x + i, n - i, 8) : 0;        \
    return ((s[0] + s[1]) + (s[2] + s[3])) + ((s[4] + s[5]) + (s[6] + s[7]));                      \
  }                                                                                                \
  static real real##_reduce(const char *operation, const char *order, const real *x, uint64_t n) { \
    static real squares[4096];                                                                     \
    int squared = strcmp(operation, "norm") == 0 || strcmp(operation, "sumsq") == 0;               \
    for (uint64_t i = 0; i < n; i++) squares[i] = squared ? x[i] * x[i] : x[i];                    \
    real s = strcmp(order, "sequential") == 0 ? real##_sequential(squares, n, 1)                   \
             : strcmp(order, "lanes8") == 0   ? real##_lanes(squares, n)                           \
             : n                              ? real##_tree(squares, n) + (real)0                  \
                                              : 0;                                                                              \
    if (strcmp(operation, "mean") == 0) s = s / (real)n;                                           \
    return strcmp(operation, "norm") == 0 ? root(s) : s;                                           \
  }

SPECIFICATION(float, sqrtf)
SPECIFICATION(double, sqrt)

static void cast(uint32_t from, uint32_t to, const void *x, void *y, uint64_t n) {
  assert_int_equal(canon_numerics_query(job)->cast(from, to, 0, x, y, n, NULL), CANON_OK);
}

/* What docs/orders.md makes of n elements side by side. */
static void specified(const char *operation, const char *order, uint32_t dtype, const void *x, uint64_t n, uint32_t out,
                      void *y) {
  static float singles[4096];
  static double doubles[4096];
  if (canon_dtype_kind(dtype) == CANON_KIND_FLOAT && dtype != CANON_F64) {
    cast(dtype, CANON_F32, x, singles, n);
    float s = float_reduce(operation, order, singles, n);
    cast(CANON_F32, out, &s, y, 1);
  } else {
    cast(dtype, CANON_F64, x, doubles, n);
    double s = double_reduce(operation, order, doubles, n);
    cast(CANON_F64, out, &s, y, 1);
  }
}

/* ---- */

static uint64_t random_bits(void) {
  static uint64_t state = 88172645463325252u;
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state;
}

/* Numbers whose sums round: of `spread` binary orders of magnitude; some are zero. */
static void random_elements(uint32_t dtype, int spread, void *x, uint64_t n) {
  static double values[8192];
  for (uint64_t i = 0; i < n; i++) {
    uint64_t bits = random_bits();
    double mantissa = (double)(bits >> 11) * 0x1p-53 - 0.5;
    values[i] = bits % 31 == 0 ? 0 : ldexp(mantissa, (int)(bits % (uint64_t)spread) - spread / 2);
  }
  cast(CANON_F64, dtype, values, x, n);
}

static void assert_specified(const char *operation, const char *order, uint32_t dtype, const void *x, uint64_t n,
                             uint32_t out) {
  uint64_t want = 0;
  if (n == 0 && strcmp(operation, "mean") == 0) return;
  specified(operation, order, dtype, x, n, out, &want);
  static const struct way ways[] = {{1, 0}, {1, 1}, {3, 1}, {7, 0}, {8, 1}, {100, 0}, {100, 1}, {5000, 0}};
  for (size_t i = 0; i < sizeof ways / sizeof *ways; i++) {
    uint64_t got = 0;
    assert_int_equal(reduce(operation, order, dtype, x, n, 1, ways[i], &got), CANON_FIXED);
    if (got != want)
      fail_msg("%s %s of %llu %s, by %llu: %llx, not %llx", operation, order, (unsigned long long)n,
               canon_dtype_name(dtype), (unsigned long long)ways[i].part, (unsigned long long)got,
               (unsigned long long)want);
  }
}

static const uint32_t floats[] = {CANON_F16,       CANON_BF16,    CANON_F32,         CANON_F64,
                                  CANON_F8_E4M3FN, CANON_F8_E5M2, CANON_F8_E4M3FNUZ, CANON_F8_E5M2FNUZ};
static const uint64_t lengths[] = {0, 1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 63, 64, 65, 100, 127, 129, 1000, 1537};

static void sums_of_floats_are_added_as_written_down(void **state) {
  static char x[8 * 2048];
  (void)state;
  for (size_t d = 0; d < sizeof floats / sizeof *floats; d++)
    for (size_t l = 0; l < sizeof lengths / sizeof *lengths; l++)
      for (size_t k = 0; k < 12; k++) {
        random_elements(floats[d], k % 2 ? 30 : 4, x, lengths[l]);
        assert_specified(operations[k / 3], orders[k % 3], floats[d], x, lengths[l], floats[d]);
      }
}

static void means_and_norms_of_whole_numbers_are_those_of_doubles(void **state) {
  static const uint32_t dtypes[] = {CANON_BOOL, CANON_U8,  CANON_U16, CANON_U32, CANON_U64,
                                    CANON_I8,   CANON_I16, CANON_I32, CANON_I64};
  static uint64_t x[2048];
  (void)state;
  for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
    for (size_t l = 1; l < sizeof lengths / sizeof *lengths; l++)
      for (size_t k = 0; k < 6; k++) {
        for (size_t i = 0; i < lengths[l]; i++)
          x[i] = dtypes[d] == CANON_BOOL ? random_bits() & UINT64_C(0x0101010101010101) : random_bits();
        assert_specified(operations[1 + k / 3], orders[k % 3], dtypes[d], x, lengths[l], CANON_F64);
      }
}

static void sums_of_whole_numbers_are_exact_in_every_order(void **state) {
  int64_t x[3] = {INT64_MAX, INT64_MAX, -INT64_MAX}, y = 0;
  uint8_t small[5] = {255, 254, 3, 0, 1};
  uint64_t squares = 0;
  (void)state;
  for (size_t k = 0; k < 3; k++) {
    assert_int_equal(reduce("sum", orders[k], CANON_I64, x, 3, 1, (struct way){1, 1}, &y), CANON_EXACT);
    assert_true(y == INT64_MAX);
    assert_int_equal(reduce("sumsq", orders[k], CANON_U8, small, 5, 1, (struct way){2, 1}, &squares), CANON_EXACT);
    assert_int_equal(squares, 255 * 255 + 254 * 254 + 9 + 1);
    assert_int_equal(reduce("max", orders[k], CANON_I64, x, 3, 1, (struct way){1, 1}, &y), CANON_EXACT);
    assert_true(y == INT64_MAX);
  }
}

static void the_example_of_the_page_comes_out(void **state) {
  static const float x[9] = {16777216, 1, 1, 1, 1, 1, 1, 1, 1}, want[4] = {16777216, 16777224, 16777222, 16777224};
  (void)state;
  for (size_t k = 0; k < 4; k++) {
    float y;
    uint32_t guarantee = reduce("sum", k < 3 ? orders[k] : "exact", CANON_F32, x, 9, 1, (struct way){4, 1}, &y);
    assert_int_equal(guarantee, k < 3 ? CANON_FIXED : CANON_EXACT);
    assert_memory_equal(&y, &want[k], sizeof y);
  }
}

static void infinities_and_nans_go_their_way(void **state) {
  static const struct {
    double x[9], sum;
  } cases[] = {
      {{1, INFINITY, 2, 3}, INFINITY},       {{1, 2, 3, 4, 5, 6, 7, 8, -INFINITY}, -INFINITY},
      {{INFINITY, 1, 1, 1, -INFINITY}, NAN}, {{0, 0, -NAN, INFINITY}, NAN},
      {{1e308, 1e308, -1e308}, INFINITY},    {{-0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0, -0.0}, 0.0},
      {{0x1p-1074, 0x1p-1074}, 0x1p-1073},
  };
  static const uint64_t nan = UINT64_C(0x7ff8000000000000);
  (void)state;
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
    for (size_t k = 0; k < 3; k++)
      for (uint64_t part = 1; part <= 9; part++) {
        double y;
        reduce("sum", orders[k], CANON_F64, cases[i].x, 9, 1, (struct way){part, 1}, &y);
        assert_memory_equal(&y, isnan(cases[i].sum) ? (const void *)&nan : (const void *)&cases[i].sum, sizeof y);
      }
}

/* 300 and 300 are 600, which f8_e4m3fn cannot hold and f8_e5m2 can; 60000 + 60000 overflows f16 but not its
 * accumulator. */
static void only_the_result_is_rounded_to_a_small_type(void **state) {
  static const double wide[3] = {60000, 60000, -60000}, narrow[2] = {288, 288};
  uint16_t x[3], y;
  uint8_t small[2], result;
  (void)state;
  for (size_t k = 0; k < 3; k++) {
    cast(CANON_F64, CANON_F16, wide, x, 3);
    reduce("sum", orders[k], CANON_F16, x, 3, 1, (struct way){1, 1}, &y);
    assert_int_equal(y, x[0]);
    reduce("sumsq", orders[k], CANON_F16, x, 3, 1, (struct way){1, 1}, &y);
    assert_int_equal(y, 0x7c00);
    reduce("norm", orders[k], CANON_F16, x, 1, 1, (struct way){1, 1}, &y);
    assert_int_equal(y, x[0]);
    cast(CANON_F64, CANON_F8_E4M3FN, narrow, small, 2);
    reduce("sum", orders[k], CANON_F8_E4M3FN, small, 2, 1, (struct way){1, 1}, &result);
    assert_int_equal(result, 0x7f);
    reduce("mean", orders[k], CANON_F8_E4M3FN, small, 2, 1, (struct way){1, 1}, &result);
    assert_int_equal(result, small[0]);
  }
}

static void columns_and_components_are_added_by_themselves(void **state) {
  enum { AXIS = 77, INNER = 6 };
  static float x[AXIS * INNER], column[AXIS], y[INNER];
  (void)state;
  random_elements(CANON_F32, 20, x, AXIS * INNER);
  for (size_t k = 0; k < 6; k++)
    for (uint64_t part = 1; part <= AXIS; part += 19) {
      uint32_t complex = k < 3 ? 0 : 1;
      reduce("mean", orders[k % 3], complex ? CANON_C64 : CANON_F32, x, AXIS, complex ? INNER / 2 : INNER,
             (struct way){part, 1}, y);
      for (size_t i = 0; i < INNER; i++) {
        float want;
        for (size_t a = 0; a < AXIS; a++) column[a] = x[a * INNER + i];
        specified("mean", orders[k % 3], CANON_F32, column, AXIS, CANON_F32, &want);
        assert_memory_equal(&y[i], &want, sizeof want);
      }
    }
}

static void only_pairwise_states_merge(void **state) {
  (void)state;
  for (size_t k = 0; k < 3; k++) {
    canon_tensor in = {.dtype = CANON_F32, .rank = 1, .shape = {UINT64_C(1) << 48}};
    canon_plan plan = {.struct_size = sizeof plan, .out = in, .axis = 1, .inner = 1};
    assert_int_equal(transform->plan(job, open_with("sum", orders[k]), &in, &plan), CANON_OK);
    assert_int_equal(plan.mergeable, k == 1);
    assert_true(plan.state_bytes <= 24 + 98 * sizeof(float));
  }
}

/* The elements of an .npy file of tests/corpus/torch, whose README.md has the layout. */
static uint8_t *corpus(const char *name, const char *dtype, const uint8_t **at) {
  char path[128];
  size_t size;
  snprintf(path, sizeof path, "corpus/torch/%s-%s.npy", name, dtype);
  uint8_t *file = support_slurp(path, &size);
  *at = file + 10 + file[8] + 256 * file[9];
  return file;
}

static int same_or_both_nan(uint32_t dtype, const uint8_t *a, const uint8_t *b) {
  double x, y;
  cast(dtype, CANON_F64, a, &x, 1);
  cast(dtype, CANON_F64, b, &y, 1);
  return memcmp(a, b, canon_dtype_size(dtype)) == 0 || (isnan(x) && isnan(y));
}

/* Six rows of each of some lengths: norm, sum and mean of each, and then of the columns of the transposed array. */
static void torch_orders_give_what_its_wheels_wrote(void **state) {
  static const uint64_t lengths_there[] = {1, 3, 7, 8, 9, 12, 15, 16, 17, 31, 33, 64, 96, 100, 129, 300, 768};
  static const char *const names[][2] = {{"torch-1.13", "1.13.1-avx2"},
                                         {"torch-2.7.1", "2.7.1-avx2"},
                                         {"torch-2.8.0", "2.8.0-avx2"},
                                         {"torch-2.0.1/default", "2.0.1-default"},
                                         {"torch-2.8/default", "2.4.1-default"}};
  static const struct {
    uint32_t dtype;
    const char *name;
  } dtypes[] = {{CANON_F32, "float32"}, {CANON_F64, "float64"}, {CANON_BF16, "bfloat16"}};
  static const char *const whats[] = {"norm", "sum", "mean"};
  static uint8_t turned[6 * 768 * 8];
  (void)state;
  for (size_t k = 0; k < 15; k++) {
    uint32_t dtype = dtypes[k % 3].dtype;
    uint64_t size = canon_dtype_size(dtype);
    const char *const *name = names[k / 3];
    const uint8_t *x, *want;
    uint8_t *inputs = corpus("x", dtypes[k % 3].name, &x), *results = corpus(name[1], dtypes[k % 3].name, &want);
    for (size_t l = 0; l < sizeof lengths_there / sizeof *lengths_there; l++) {
      uint64_t n = lengths_there[l];
      for (uint64_t i = 0; i < 6 * n; i++) memcpy(turned + (i % n * 6 + i / n) * size, x + i * size, size);
      for (int columns = 0; columns < 2; columns++)
        for (size_t w = 0; w < 3; w++, want += 6 * size) {
          uint8_t y[6 * 8];
          if (columns) reduce(whats[w], name[0], dtype, turned, n, 6, (struct way){n / 2 + 1, 1}, y);
          for (uint64_t row = 0; !columns && row < 6; row++)
            assert_int_equal(
                reduce(whats[w], name[0], dtype, x + row * n * size, n, 1, (struct way){n / 2 + 1, 1}, y + row * size),
                CANON_FIXED);
          for (uint64_t i = 0; i < 6; i++)
            if (!same_or_both_nan(dtype, y + i * size, want + i * size))
              fail_msg("%s, %s of %s %u of %u", name[0], whats[w], columns ? "column" : "row", (unsigned)i,
                       (unsigned)n);
        }
      x += 6 * n * size;
      if (n == 1 || n == 9 || n == 17) want += 12 * n * size; /* what normalize gave */
    }
    free(inputs);
    free(results);
  }
}

/* The host has no elements to give, and asks for results all the same, or for none. */
static void sums_of_nothing_are_zeros_in_every_order(void **state) {
  static const char *const all[] = {"exact", "sequential", "pairwise", "lanes8", "torch-2.8"};
  (void)state;
  for (size_t i = 0; i < 5; i++) {
    float y[3] = {1, 2, 3}, zeros[3] = {0};
    reduce("sum", all[i], CANON_F32, NULL, 0, 3, (struct way){1, 1}, y);
    assert_memory_equal(y, zeros, sizeof y);
    canon_tensor in = {.dtype = CANON_F32, .rank = 2, .shape = {3, 0}};
    canon_plan plan = {.struct_size = sizeof plan, .out = in, .axis = 1, .inner = 1};
    assert_int_equal(transform->plan(job, open_with("sum", all[i]), &in, &plan), CANON_OK);
    assert_true(plan.axis == 3 && plan.inner && plan.state_bytes && plan.out.shape[0] == 0);
  }
}

static void assert_not_opened(const char *operation, const char *order) {
  canon_job *other = support_job();
  void *self = NULL;
  assert_int_equal(transform->open(other, support_instance(other, "order", order, NULL), operation, &self),
                   CANON_E_USAGE);
  assert_non_null(strstr(support_error(other), order));
  if (self) transform->close(other, self);
  support_job_free(other);
}

static void what_torch_does_not_reduce_is_refused_by_name(void **state) {
  static const struct {
    const char *operation;
    uint32_t dtype;
  } cases[] = {
      {"sumsq", CANON_F32}, {"sum", CANON_I32}, {"mean", CANON_U8}, {"sum", CANON_C64}, {"norm", CANON_F8_E5M2}};
  (void)state;
  assert_not_opened("sum", "torch-1.12");
  assert_not_opened("sum", "torch-2.0/avx512");
  assert_not_opened("sum", "torch");
  for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
    canon_job *other = support_job();
    void *self = NULL;
    canon_tensor in = {.dtype = cases[i].dtype, .rank = 1, .shape = {3}};
    canon_plan plan = {.struct_size = sizeof plan, .out = in, .axis = 1, .inner = 1};
    assert_int_equal(
        transform->open(other, support_instance(other, "order", "torch-2.8", NULL), cases[i].operation, &self),
        CANON_OK);
    assert_int_equal(transform->plan(other, self, &in, &plan), CANON_E_UNSUPPORTED);
    assert_non_null(strstr(support_error(other), canon_dtype_name(cases[i].dtype)));
    transform->close(other, self);
    support_job_free(other);
  }
}

static int make_job(void **state) {
  (void)state;
  transform = support_transform("reduce");
  job = support_job();
  return 0;
}

static int free_job(void **state) {
  (void)state;
  for (struct opened *place = opened; place->self; place++) transform->close(job, place->self);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  return 0;
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(sums_of_floats_are_added_as_written_down),
      cmocka_unit_test(means_and_norms_of_whole_numbers_are_those_of_doubles),
      cmocka_unit_test(sums_of_whole_numbers_are_exact_in_every_order),
      cmocka_unit_test(the_example_of_the_page_comes_out),
      cmocka_unit_test(infinities_and_nans_go_their_way),
      cmocka_unit_test(only_the_result_is_rounded_to_a_small_type),
      cmocka_unit_test(columns_and_components_are_added_by_themselves),
      cmocka_unit_test(only_pairwise_states_merge),
      cmocka_unit_test(sums_of_nothing_are_zeros_in_every_order),
      cmocka_unit_test(torch_orders_give_what_its_wheels_wrote),
      cmocka_unit_test(what_torch_does_not_reduce_is_refused_by_name),
  };
  return cmocka_run_group_tests(tests, make_job, free_job);
}
