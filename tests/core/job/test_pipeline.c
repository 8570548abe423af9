/* SPDX-License-Identifier: MIT
 * test_pipeline.c: blocks, columns and temporary files give what one pass over the whole tensor gives. */
#include "core/job/pipeline.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/crc32.h"
#include "tests/support/support.h"

struct memory {
  uint32_t *elements;
  uint64_t n, last;
  int ascending;
};

static int32_t memory_read(void *ctx, canon_job *job, uint64_t first, uint64_t count, void *dst) {
  struct memory *memory = ctx;
  if (first + count > memory->n) return canon_fail(job, CANON_E_IO, CANON_NONE, "read past the end");
  if (memory->ascending && first != memory->last) return canon_fail(job, CANON_E_IO, CANON_NONE, "not ascending");
  if (memory->ascending) memory->last = first + count;
  memcpy(dst, memory->elements + first, count * sizeof *memory->elements);
  return CANON_OK;
}

static int32_t memory_write(void *ctx, canon_job *job, uint64_t first, uint64_t count, const void *src) {
  struct memory *memory = ctx;
  if (first + count > memory->n) return canon_fail(job, CANON_E_IO, CANON_NONE, "written past the end");
  if (memory->ascending && first != memory->last) return canon_fail(job, CANON_E_IO, CANON_NONE, "not ascending");
  if (memory->ascending) memory->last = first + count;
  memcpy(memory->elements + first, src, count * sizeof *memory->elements);
  return CANON_OK;
}

/* What a transform is told of an element's place, from which its result can tell that it is the right one. */
static uint32_t place(const canon_block *block, uint64_t o, uint64_t a, uint64_t i) {
  const canon_cut *whole = block->whole;
  o += block->first_outer;
  a += block->first_axis;
  i += block->first_inner;
  return (uint32_t)((o * whole->axis + a) * whole->inner + i + whole->outer);
}

/* A transform whose result tells how it was cut: y = x - x[first along the axis] + place. */
static int32_t subtract_first(canon_job *job, void *self, const canon_block *block) {
  const uint32_t *x = block->in;
  uint32_t *y = block->out;
  (void)job;
  (void)self;
  for (uint64_t o = 0; o < block->outer; o++)
    for (uint64_t i = 0; i < block->inner; i++) {
      const uint64_t at = o * block->axis * block->inner + i;
      const uint32_t first = x[at];
      for (uint64_t a = 0; a < block->axis; a++)
        y[at + a * block->inner] = x[at + a * block->inner] - first + place(block, o, a, i);
    }
  return CANON_OK;
}

static int32_t add_place(canon_job *job, void *self, const canon_block *block) {
  const uint32_t *x = block->in;
  uint32_t *y = block->out;
  (void)job;
  (void)self;
  for (uint64_t i = 0; i < block->outer; i++) y[i] = x[i] + place(block, i, 0, 0);
  return CANON_OK;
}

/* A reduction whose result tells order and place: over the axis, h = 31 h + x + place; merging needs the number of
 * elements. */
struct state {
  uint64_t elements;
  uint32_t hash, power;
};

static int32_t hash_begin(canon_job *job, void *self, const canon_cut *whole, void *states, uint64_t n) {
  struct state *s = states;
  (void)job;
  (void)self;
  (void)whole;
  for (uint64_t i = 0; i < n; i++) s[i] = (struct state){0, 0, 1};
  return CANON_OK;
}

static int32_t hash_add(canon_job *job, void *self, void *states, const canon_block *block) {
  const uint32_t *x = block->in;
  struct state *s = states;
  (void)self;
  for (uint64_t o = 0; o < block->outer; o++)
    for (uint64_t a = 0; a < block->axis; a++)
      for (uint64_t i = 0; i < block->inner; i++) {
        struct state *at = &s[o * block->inner + i];
        if (self && at->elements != block->first_axis + a)
          return canon_fail(job, CANON_E_PLUGIN, CANON_NONE, "out of order");
        at->hash = at->hash * 31 + x[(o * block->axis + a) * block->inner + i] + place(block, o, a, i);
        at->power *= 31;
        at->elements++;
      }
  return CANON_OK;
}

static int32_t hash_merge(canon_job *job, void *self, const canon_cut *whole, void *into, const void *from,
                          uint64_t n) {
  struct state *a = into;
  const struct state *b = from;
  (void)job;
  (void)self;
  (void)whole;
  for (uint64_t i = 0; i < n; i++)
    a[i] = (struct state){a[i].elements + b[i].elements, a[i].hash * b[i].power + b[i].hash, a[i].power * b[i].power};
  return CANON_OK;
}

static int32_t hash_finish(canon_job *job, void *self, const void *states, const canon_block *result) {
  const struct state *s = states;
  uint32_t *y = result->out;
  (void)job;
  (void)self;
  for (uint64_t o = 0; o < result->outer; o++)
    for (uint64_t i = 0; i < result->inner; i++)
      y[o * result->inner + i] = s[o * result->inner + i].hash + place(result, o, 0, i);
  return CANON_OK;
}

static const struct registered_transform hashing = {
    .transform = {.name = "hash", .begin = hash_begin, .add = hash_add, .merge = hash_merge, .finish = hash_finish}};
static const struct registered_transform subtracting = {
    .transform = {.name = "subtract", .map = subtract_first, .flags = CANON_TRANSFORM_IN_PLACE}};
static const struct registered_transform adding = {.transform = {.name = "add", .map = add_place}};

static struct link make_link(const struct registered_transform *transform, const canon_tensor *tensor, uint64_t axis,
                             uint64_t inner) {
  struct link link = {.transform = transform, .plugin = "test", .in = *tensor};
  link.plan = (canon_plan){.out = *tensor, .axis = axis, .inner = inner, .guarantee = CANON_EXACT};
  return link;
}

static void apply(const struct link *link, uint32_t *elements, uint64_t n) {
  const canon_cut whole = {
      .outer = n / (link->plan.axis * link->plan.inner), .axis = link->plan.axis, .inner = link->plan.inner};
  canon_block block = {
      .whole = &whole, .in = elements, .out = elements, .outer = whole.outer, .axis = whole.axis, .inner = whole.inner};
  link->transform->transform.map(NULL, NULL, &block);
}

static void assert_piped(const canon_tensor *tensor, const struct link *links, size_t n_links, int random_in,
                         int random_out) {
  uint64_t n = tensor_elements(tensor);
  uint32_t *x = malloc(n * 4), *want = malloc(n * 4), *y = calloc(n, 4);
  assert_true(x && want && y);
  uint32_t state = 1;
  for (uint64_t i = 0; i < n; i++) x[i] = want[i] = state = state * 1664525u + 1013904223u;
  for (size_t i = 0; i < n_links; i++) apply(&links[i], want, n);

  canon_job *job = support_job();
  struct memory in = {x, n, 0, !random_in}, out = {y, n, 0, !random_out};
  struct origin origin = {&in, memory_read, random_in};
  struct target target = {&out, memory_write, random_out, 0};
  struct progress progress = {.total = n * 4};
  uint32_t crc;
  int known;
  assert_int_equal(pipeline_run(job_of(job), tensor, links, n_links, &origin, &target, &progress, &crc, &known),
                   CANON_OK);
  assert_memory_equal(y, want, n * 4);
  if (known) assert_int_equal(crc, crc32_update(0, y, n * 4));
  assert_int_equal(progress.done, n * 4);
  support_job_free(job);
  free(x);
  free(want);
  free(y);
}

static void assert_piped_all_ways(const canon_tensor *tensor, const struct link *links, size_t n_links) {
  for (int in = 0; in < 2; in++)
    for (int out = 0; out < 2; out++) assert_piped(tensor, links, n_links, in, out);
}

static void a_copy_is_a_copy(void **state) {
  (void)state;
  const canon_tensor tensors[] = {
      {CANON_U32, 0, {0}}, {CANON_U32, 1, {1}}, {CANON_U32, 2, {3, 100003}}, {CANON_U32, 2, {0, 5}}};
  for (size_t i = 0; i < 4; i++) assert_piped_all_ways(&tensors[i], NULL, 0);
}

static void rows_are_never_cut(void **state) {
  (void)state;
  static const uint64_t rows[] = {1, 7, 96, 65536, 65537, 300000};
  for (size_t i = 0; i < 6; i++) {
    canon_tensor tensor = {CANON_U32, 2, {600000 / rows[i] + 1, rows[i]}};
    struct link link = make_link(&subtracting, &tensor, rows[i], 1);
    assert_piped_all_ways(&tensor, &link, 1);
  }
}

static void columns_of_small_and_of_large_slabs_are_whole(void **state) {
  (void)state;
  static const uint64_t shapes[][3] = {{5, 30, 40}, {1, 1000, 700}, {1, 300000, 17}, {2, 2100000, 3}};
  for (size_t i = 0; i < 4; i++) {
    canon_tensor tensor = {CANON_U32, 3, {shapes[i][0], shapes[i][1], shapes[i][2]}};
    struct link link = make_link(&subtracting, &tensor, shapes[i][1], shapes[i][2]);
    assert_piped_all_ways(&tensor, &link, 1);
  }
}

static void transforms_of_one_axis_and_of_several_compose(void **state) {
  (void)state;
  canon_tensor tensor = {CANON_U32, 3, {3, 300, 401}};
  const struct link links[] = {
      make_link(&adding, &tensor, 1, 1), make_link(&subtracting, &tensor, 401, 1),
      make_link(&adding, &tensor, 1, 1), make_link(&subtracting, &tensor, 300, 401),
      make_link(&adding, &tensor, 1, 1), make_link(&subtracting, &tensor, 3, 300 * 401),
  };
  for (size_t n = 1; n <= 6; n++) assert_piped_all_ways(&tensor, links, n);
}

static void assert_reduced(const uint64_t shape[3], int random_in, int random_out, int mergeable) {
  canon_tensor tensor = {CANON_U32, 3, {shape[0], shape[1], shape[2]}}, reduced = {CANON_U32, 2, {shape[0], shape[2]}};
  uint64_t n = tensor_elements(&tensor), m = tensor_elements(&reduced);
  uint32_t *x = malloc(n * 4 + 4), *y = calloc(m + 1, 4), *want = calloc(m + 1, 4);
  assert_true(x && y && want);
  for (uint64_t i = 0; i < n; i++) x[i] = (uint32_t)(i * 2654435761u);
  for (uint64_t o = 0; o < shape[0]; o++)
    for (uint64_t a = 0; a < shape[1]; a++)
      for (uint64_t i = 0; i < shape[2]; i++)
        want[o * shape[2] + i] = want[o * shape[2] + i] * 31 + x[(o * shape[1] + a) * shape[2] + i] +
                                 (uint32_t)((o * shape[1] + a) * shape[2] + i + shape[0]);
  for (uint64_t i = 0; i < m; i++) want[i] += (uint32_t)(i / shape[2] * shape[1] * shape[2] + i % shape[2] + shape[0]);

  canon_job *job = support_job();
  struct link link = make_link(&hashing, &tensor, shape[1], shape[2]);
  link.plan.out = reduced;
  link.plan.state_bytes = sizeof(struct state);
  link.plan.mergeable = (uint32_t)mergeable;
  link.self = mergeable ? NULL : &link; /* then the order is checked */
  struct memory in = {x, n, 0, !random_in}, out = {y, m, 0, !random_out};
  struct origin origin = {&in, memory_read, random_in};
  struct target target = {&out, memory_write, random_out, 0};
  struct progress progress = {.total = n * 4};
  assert_int_equal(pipeline_run(job_of(job), &tensor, &link, 1, &origin, &target, &progress, NULL, NULL), CANON_OK);
  assert_memory_equal(y, want, m * 4);
  support_job_free(job);
  free(x);
  free(y);
  free(want);
}

static void reductions_take_in_every_element_once_and_in_order(void **state) {
  (void)state;
  static const uint64_t shapes[][3] = {{1, 1, 1},     {1000, 96, 1}, {3, 200001, 1},  {1, 1000003, 1}, {5, 7, 11},
                                       {2, 5000, 70}, {1, 3, 90001}, {1, 90001, 300}, {4, 0, 3},       {0, 5, 3}};
  for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++)
    for (int way = 0; way < 8; way++) assert_reduced(shapes[i], way & 1, way & 2, way & 4);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_copy_is_a_copy),
      cmocka_unit_test(rows_are_never_cut),
      cmocka_unit_test(columns_of_small_and_of_large_slabs_are_whole),
      cmocka_unit_test(transforms_of_one_axis_and_of_several_compose),
      cmocka_unit_test(reductions_take_in_every_element_once_and_in_order),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
