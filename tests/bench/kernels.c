/* SPDX-License-Identifier: MIT
 * kernels.c: how fast the kernels in use are, as ratios within one run, one thread, out of cache: normalize against
 * memcpy of the same bytes, 16-bit floats against f32, exact sums against a plain vector sum, rows left to exact
 * arithmetic against the others. Measures take turns; a figure is a median. Nothing is timed whose bits are not those
 * of ref/. usage: bench-kernels [JSON]     CANON_CPU names kernels, as for canon */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/numerics/numerics.h"
#include "core/numerics/ref/ref.h"

enum { TURNS = 9, ELEMENTS = 1 << 26, SUMMED = 1 << 24, CHECKED = 1 << 16, LANES_OF_PLAIN = 64 };

/* One measure: what it does to x and y, for rows of `axis` elements. */
struct measure {
  const char *name;
  uint32_t dtype; /* what is in x; 0: bytes */
  uint64_t elements, axis, inner;
  void (*run)(const struct measure *measure);
  double seconds;
};

static const canon_numerics *numerics;
static canon_sums *sums;
static uint8_t *x_of[CANON_F64 + 1], *midpoints, *y;
static volatile double sink;

static void copy(const struct measure *m) {
  memcpy(y, x_of[CANON_F32], m->elements * 4);
  sink = y[m->elements];
}

static void normalize(const struct measure *m) {
  uint64_t slab = m->axis * m->inner;
  numerics->normalize(m->dtype, x_of[m->dtype], y, m->elements / slab, m->axis, m->inner, NULL);
}

static void normalize_midpoints(const struct measure *m) {
  numerics->normalize(CANON_F32, midpoints, y, m->elements / m->axis, m->axis, 1, NULL);
}

static void sum_exactly(const struct measure *m) {
  numerics->sums_init(sums, CANON_SUMS_VALUES);
  numerics->sums_add(sums, m->dtype, x_of[m->dtype], m->elements);
}

static void sum_floats(const struct measure *m) {
  const float *x = (const float *)(const void *)x_of[CANON_F32];
  float lane[LANES_OF_PLAIN] = {0};
  for (uint64_t i = 0; i < m->elements; i += LANES_OF_PLAIN) {
    for (uint64_t j = 0; j < LANES_OF_PLAIN; j++) lane[j] += x[i + j];
  }
  for (int j = 1; j < LANES_OF_PLAIN; j++) lane[0] += lane[j];
  sink = (double)lane[0];
}

static void sum_doubles(const struct measure *m) {
  const double *x = (const double *)(const void *)x_of[CANON_F64];
  double lane[LANES_OF_PLAIN] = {0};
  for (uint64_t i = 0; i < m->elements; i += LANES_OF_PLAIN) {
    for (uint64_t j = 0; j < LANES_OF_PLAIN; j++) lane[j] += x[i + j];
  }
  for (int j = 1; j < LANES_OF_PLAIN; j++) lane[0] += lane[j];
  sink = lane[0];
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare_doubles(const void *a, const void *b) {
  const double *x = a, *z = b;
  return (*x > *z) - (*x < *z);
}

static void run_all(struct measure *measures, size_t n) {
  enum { MOST = 16 };
  static double seconds[MOST][TURNS];
  for (int turn = -1; turn < TURNS; turn++) { /* the first is for warming up */
    for (size_t i = 0; i < n; i++) {
      double start = now();
      measures[i].run(&measures[i]);
      if (turn >= 0) seconds[i][turn] = now() - start;
    }
  }
  for (size_t i = 0; i < n; i++) {
    qsort(seconds[i], TURNS, sizeof seconds[i][0], compare_doubles);
    measures[i].seconds = seconds[i][TURNS / 2];
  }
}

/* The same numbers in every run, uniform; as f64 with all bits in use. */
static void fill(void) {
  uint64_t state = UINT64_C(0x9E3779B97F4A7C15);
  double *doubles = malloc((uint64_t)ELEMENTS * 8);
  if (!doubles) abort();
  for (uint64_t i = 0; i < ELEMENTS; i++) {
    state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    doubles[i] = (double)(int64_t)state * 0x1p-64;
  }
  x_of[CANON_F64] = (uint8_t *)doubles;
  for (uint32_t dtype = CANON_F16; dtype < CANON_F64; dtype++) {
    x_of[dtype] = malloc((uint64_t)ELEMENTS * canon_dtype_size(dtype));
    if (!x_of[dtype]) abort();
    numerics->cast(CANON_F64, dtype, 0, doubles, x_of[dtype], ELEMENTS, NULL);
  }
  y = malloc((uint64_t)ELEMENTS * 8);
  midpoints = malloc((uint64_t)ELEMENTS * 4);
  sums = malloc(numerics->sums_bytes);
  if (!y || !midpoints || !sums) abort();
  memset(y, 0, (uint64_t)ELEMENTS * 8);
}

/* Rows with the norm 1 + 2^-24, which is between two floats. */
static void fill_midpoints(uint64_t axis) {
  static const float squares[] = {1, 0x1p-12f, -0x1p-12f, 0x1p-24f};
  float *x = (float *)(void *)midpoints;
  for (uint64_t i = 0; i < ELEMENTS; i++) x[i] = i % axis < 4 ? squares[i % axis] : 0;
}

static int same_as_ref(const struct measure *m) {
  static uint8_t want[CHECKED * 8];
  canon_normalize_report report = {.struct_size = sizeof report};
  const uint64_t rows = CHECKED / m->axis, bytes = rows * m->axis * canon_dtype_size(m->dtype);
  const uint8_t *x = m->run == normalize_midpoints ? midpoints : x_of[m->dtype];
  if (m->run == normalize || m->run == normalize_midpoints) {
    const int columns = m->inner > 1;
    const uint64_t outer = columns ? 1 : rows, axis = columns ? rows : m->axis, inner = columns ? m->axis : 1;
    ref_normalize(m->dtype, x, want, outer, axis, inner, &report);
    numerics->normalize(m->dtype, x, y, outer, axis, inner, NULL);
    return memcmp(y, want, bytes) == 0;
  }
  if (m->run == sum_exactly) {
    double sum[2];
    for (int i = 0; i < 2; i++) {
      numerics->sums_init(sums, CANON_SUMS_VALUES);
      if (i) ref_sums((struct sums *)(void *)sums, m->dtype, x, CHECKED);
      else numerics->sums_add(sums, m->dtype, x, CHECKED);
      numerics->sums_round(sums, CANON_SUMS_SUM, CANON_F64, &sum[i]);
    }
    return sum[0] == sum[1];
  }
  return 1;
}

/* A line of the table, and of the JSON. goal 0: none. */
static void print_ratio(FILE *json, const char *name, uint64_t axis, double ratio, double goal) {
  static int before;
  char width[16] = "";
  if (axis) snprintf(width, sizeof width, "D = %d", (int)axis);
  printf("%-52s %-8s %6.2f", name, width, ratio);
  if (goal > 0) printf("  (goal: %.2f)%s", goal, ratio < goal ? "  missed" : "");
  printf("\n");
  if (json)
    fprintf(json, "%s\n  {\"name\": \"%s\", \"axis\": %d, \"ratio\": %.4f}", before++ ? "," : "", name, (int)axis,
            ratio);
}

static void bench_rows(FILE *json, uint64_t axis) {
  const uint64_t n = ELEMENTS / axis * axis, some = n / 8 / axis * axis;
  struct measure m[] = {{"memcpy", CANON_F32, n, axis, 1, copy, 0},
                        {"f32", CANON_F32, n, axis, 1, normalize, 0},
                        {"f16", CANON_F16, n, axis, 1, normalize, 0},
                        {"bf16", CANON_BF16, n, axis, 1, normalize, 0},
                        {"f64", CANON_F64, n, axis, 1, normalize, 0},
                        {"columns", CANON_F32, n, n / axis, axis, normalize, 0},
                        {"midpoints", CANON_F32, some, axis, 1, normalize_midpoints, 0}};
  enum { COPY, F32, F16, BF16, F64, COLUMNS, MIDPOINTS, MEASURES };
  fill_midpoints(axis);
  for (int i = F32; i < MEASURES; i++) {
    struct measure check = m[i];
    check.axis = axis;
    if (same_as_ref(&check)) continue;
    fprintf(stderr, "bench: normalize %s has other bits than ref; nothing is timed\n", m[i].name);
    exit(1);
  }
  run_all(m, MEASURES);
  print_ratio(json, "normalize f32 : memcpy", axis, m[COPY].seconds / m[F32].seconds, 0.75);
  print_ratio(json, "normalize f16 : f32, rows a second", axis, m[F32].seconds / m[F16].seconds, 0.8);
  print_ratio(json, "normalize bf16 : f32, rows a second", axis, m[F32].seconds / m[BF16].seconds, 0);
  print_ratio(json, "normalize f64 : f32, rows a second", axis, m[F32].seconds / m[F64].seconds, 0);
  print_ratio(json, "normalize f32 along axis 0 : memcpy", axis, m[COPY].seconds / m[COLUMNS].seconds, 0);
  print_ratio(json, "rows left to exact arithmetic : others, f32", axis,
              m[F32].seconds / (double)n / (m[MIDPOINTS].seconds / (double)some), 0.05);
}

static void bench_sums(FILE *json) {
  struct measure m[] = {{"plain f32", CANON_F32, SUMMED, 1, 1, sum_floats, 0},
                        {"exact f32", CANON_F32, SUMMED, 1, 1, sum_exactly, 0},
                        {"plain f64", CANON_F64, SUMMED, 1, 1, sum_doubles, 0},
                        {"exact f64", CANON_F64, SUMMED, 1, 1, sum_exactly, 0},
                        {"exact f16", CANON_F16, SUMMED, 1, 1, sum_exactly, 0}};
  for (int i = 0; i < 5; i++) {
    if (same_as_ref(&m[i])) continue;
    fprintf(stderr, "bench: %s is another sum than that of ref; nothing is timed\n", m[i].name);
    exit(1);
  }
  run_all(m, 5);
  print_ratio(json, "exact sum of 2^24 f32 : plain vector sum", 0, m[0].seconds / m[1].seconds, 0.8);
  print_ratio(json, "exact sum of 2^24 f64 : plain vector sum", 0, m[2].seconds / m[3].seconds, 0.5);
  print_ratio(json, "exact sum of 2^24 f16 : plain vector sum of f32", 0, m[0].seconds / m[4].seconds, 0);
}

int main(int argc, char **argv) {
  const char *cpu = getenv("CANON_CPU");
  FILE *json = argc > 1 ? fopen(argv[1], "w") : NULL;
  if (argc > 1 && !json) return perror(argv[1]), 2;
  if (cpu && *cpu && !dispatch_limit(cpu)) return fprintf(stderr, "bench: no kernels '%s'\n", cpu), 2;
  numerics = numerics_service();
  printf("kernels: %s; medians of %d turns, one thread\n", numerics->isa(), TURNS);
  if (json)
    fprintf(json, "{\"schema\": \"canon.bench-kernels/1\", \"kernels\": \"%s\", \"ratios\": [", numerics->isa());
  fill();
  bench_rows(json, 96);
  bench_rows(json, 128);
  bench_rows(json, 768);
  bench_sums(json);
  if (json) fprintf(json, "\n]}\n");
  return json && fclose(json) != 0 ? 2 : 0;
}
