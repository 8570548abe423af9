/* SPDX-License-Identifier: MIT
 * test_threads.c: every transform through the library on 1, 2, 3 and 7 threads: the same file, byte for byte. */
#include <canon/canon.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/support/support.h"

/* Two MiB of f32 and more: blocks for seven threads, along every axis, the last one of each cut short. */
enum { OUTER = 5, AXIS = 1031, INNER = 107 };

static char folder[64];
static canon_context *context;

static int setup(void **state) {
  (void)state;
  strcpy(folder, "/tmp/canon-threads-XXXXXX");
  if (!mkdtemp(folder)) return 1;
  context = canon_context_new();
  return !context || canon_context_load(context, NULL, 0);
}

static int teardown(void **state) {
  (void)state;
  char command[128];
  canon_context_free(context);
  snprintf(command, sizeof command, "rm -rf %s", folder);
  return system(command) != 0;
}

/* Numbers below 2 of either sign, all bits of the fraction random, their exponents within 8 of each other. */
static uint64_t code_of(uint32_t dtype, uint64_t random) {
  switch (dtype) {
    case CANON_F16: return (random & 0x83FF) | (10 + (random >> 20 & 3)) << 10;
    case CANON_BF16: return (random & 0x807F) | (120 + (random >> 20 & 7)) << 7;
    case CANON_F32: return (random & 0x807FFFFF) | (120 + (random >> 32 & 7)) << 23;
    default: return (random & UINT64_C(0x800FFFFFFFFFFFFF)) | (UINT64_C(1016) + (random >> 52 & 7)) << 52;
  }
}

static void write_input(const char *path, const char *name, uint32_t dtype) {
  const uint64_t n = (uint64_t)OUTER * AXIS * INNER, size = canon_dtype_size(dtype);
  char text[256];
  uint8_t length[8] = {0}, *x = malloc(n * size);
  uint64_t seed = UINT64_C(0x9E3779B97F4A7C15) + dtype;
  FILE *file = fopen(path, "wb");
  assert_true(file && x);
  length[0] = (uint8_t)snprintf(text, sizeof text,
                                "{\"x\":{\"dtype\":\"%s\",\"shape\":[%d,%d,%d],\"data_offsets\":[0,%" PRIu64 "]}}",
                                name, OUTER, AXIS, INNER, n * size);
  for (uint64_t i = 0; i < n; i++) {
    seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint64_t code = code_of(dtype, seed ^ seed >> 29);
    memcpy(x + i * size, &code, size); /* little-endian, as the file and the machines that run these tests */
  }
  assert_int_equal(fwrite(length, 1, 8, file), 8);
  assert_int_equal(fwrite(text, 1, length[0], file), length[0]);
  assert_int_equal(fwrite(x, size, n, file), n);
  assert_int_equal(fclose(file), 0);
  free(x);
}

static void convert(const char *in, const char *out, const canon_step *steps, uint64_t n_steps) {
  const canon_conversion conversion = {
      .input = in, .output = out, .steps = steps, .n_steps = n_steps, .flags = CANON_CONVERT_FORCE};
  if (canon_convert(context, &conversion, NULL)) {
    fail_msg("%s %s: %s", steps->transform, steps->variant, canon_context_error(context)->text);
  }
}

/* One result from any number of threads. */
static void assert_same_on_any_threads(const char *in, const canon_step *steps, uint64_t n_steps, const char *about) {
  static const uint32_t threads[] = {1, 2, 3, 7};
  char out[128];
  uint8_t *first = NULL;
  size_t first_size = 0;
  snprintf(out, sizeof out, "%s/out.safetensors", folder);
  for (int i = 0; i < 4; i++) {
    size_t size;
    canon_context_threads(context, threads[i]);
    convert(in, out, steps, n_steps);
    uint8_t *bytes = support_slurp(out, &size);
    if (i == 0) first = bytes, first_size = size;
    if (size != first_size || memcmp(bytes, first, size) != 0) {
      fail_msg("%s, %s %s on %d threads: other bytes", about, steps->transform, steps->variant, (int)threads[i]);
    }
    if (i) free(bytes);
  }
  free(first);
}

static const struct {
  uint32_t dtype;
  const char *name;
} dtypes[] = {{CANON_F16, "F16"}, {CANON_BF16, "BF16"}, {CANON_F32, "F32"}, {CANON_F64, "F64"}};

static const char *input(int t) {
  static char path[128];
  snprintf(path, sizeof path, "%s/%s.safetensors", folder, dtypes[t].name);
  if (access(path, F_OK) != 0) write_input(path, dtypes[t].name, dtypes[t].dtype);
  return path;
}

static void rows_are_normalized_the_same_on_any_threads(void **state) {
  static const char *const variants[] = {"ref", "torch-2.7.1", "torch-2.8.0", "torch-2.8/default",
                                         "torch-2.8/threads=2"};
  static const char *const axes[] = {"-1", "0", "1"};
  (void)state;
  for (int t = 0; t < 4; t++) {
    for (size_t v = 0; v < sizeof variants / sizeof variants[0]; v++) {
      for (int a = 0; a < 3; a++) {
        const canon_setting axis = {"axis", axes[a]};
        const canon_step steps[] = {{"normalize", variants[v], &axis, 1}, {"cast", "f16", NULL, 0}};
        assert_same_on_any_threads(input(t), steps, 1 + (a == 0), dtypes[t].name);
      }
    }
  }
}

static void every_reduction_is_the_same_on_any_threads(void **state) {
  static const char *const operations[] = {"sum", "mean", "norm", "sumsq", "min", "max"};
  static const char *const orders[] = {"exact", "sequential", "pairwise", "lanes8", "torch-2.8", "torch-2.8/threads=3"};
  static const char *const axes[] = {"-1", "0", "1", "all"};
  (void)state;
  for (int t = 0; t < 4; t++) {
    for (int o = 0; o < 6; o++) {
      for (int way = 0; way < 6; way++) {
        if (o > 3 && way > 0) continue;                                /* a comparison has no order */
        if (o == 3 && strncmp(orders[way], "torch", 5) == 0) continue; /* torch has no sum of squares */
        for (int a = (o + way) % 2; a < 4; a += 1 + (way > 0)) {
          const canon_setting settings[] = {{"order", orders[way]}, {"axis", axes[a]}};
          const canon_step step = {"reduce", operations[o], settings, 2};
          assert_same_on_any_threads(input(t), &step, 1, dtypes[t].name);
        }
      }
    }
  }
}

static void casts_are_the_same_on_any_threads(void **state) {
  static const char *const to[] = {"f8_e4m3fn", "f8_e5m2", "f16", "bf16", "f32", "f64", "i8"};
  (void)state;
  for (int t = 0; t < 4; t++) {
    for (int v = 0; v < 7; v++) {
      const canon_step step = {"cast", to[v], NULL, 0};
      assert_same_on_any_threads(input(t), &step, 1, dtypes[t].name);
    }
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_normalized_the_same_on_any_threads),
      cmocka_unit_test(every_reduction_is_the_same_on_any_threads),
      cmocka_unit_test(casts_are_the_same_on_any_threads),
  };
  return cmocka_run_group_tests(tests, setup, teardown);
}
