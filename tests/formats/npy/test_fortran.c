/* SPDX-License-Identifier: MIT
 * test_fortran.c: Fortran-ordered arrays against the definition, element by element: small ones of every rank and size
 * of element, and ones that go through a scratch file, read by several threads. */
#include <inttypes.h>
#include <stdio.h>

#include "tests/formats/npy/npy_file.h"

/* Any bytes that tell places apart. */
static uint64_t value_at(uint64_t fortran_index) { return (fortran_index + 1) * UINT64_C(0x9e3779b97f4a7c15); }

/* Where element i of the C order lies in the file, in elements: the definition of Fortran order. */
static uint64_t fortran_index(uint64_t i, const uint64_t *shape, uint32_t rank) {
  uint64_t index[8], at = 0;
  for (uint32_t axis = rank; axis-- > 0; i /= shape[axis]) index[axis] = i % shape[axis];
  for (uint32_t axis = rank; axis-- > 0;) at = at * shape[axis] + index[axis];
  return at;
}

static uint64_t product(const uint64_t *shape, uint32_t rank) {
  uint64_t n = 1;
  for (uint32_t i = 0; i < rank; i++) n *= shape[i];
  return n;
}

static uint8_t *fortran_file(const char *descr, uint32_t element, const uint64_t *shape, uint32_t rank, size_t *size) {
  char text[256];
  int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': True, 'shape': (", descr);
  for (uint32_t i = 0; i < rank; i++) n += snprintf(text + n, sizeof text - (size_t)n, "%" PRIu64 ",", shape[i]);
  n += snprintf(text + n, sizeof text - (size_t)n, ")}\n");
  uint64_t elements = product(shape, rank);
  uint8_t *data = malloc(elements * element + 1);
  assert_non_null(data);
  for (uint64_t i = 0; i < elements; i++)
    for (uint32_t k = 0; k < element; k++) data[i * element + k] = (uint8_t)(value_at(i + k / 8) >> 8 * (k % 8));
  uint8_t *file = npy_file(1, text, (size_t)n, data, elements * element, size);
  free(data);
  return file;
}

static void expect_element(const uint8_t *at, uint32_t element, uint64_t i, const uint64_t *shape, uint32_t rank) {
  uint64_t origin = fortran_index(i, shape, rank);
  for (uint32_t k = 0; k < element; k++)
    if (at[k] != (uint8_t)(value_at(origin + k / 8) >> 8 * (k % 8)))
      fail_msg("element %" PRIu64 " is not that of place %" PRIu64, i, origin);
}

static const struct {
  const char *descr;
  uint32_t size;
} ELEMENTS[] = {{"|u1", 1}, {"<i2", 2}, {"<f4", 4}, {"<u8", 8}, {"<c16", 16}};

static void every_small_shape_is_turned_as_the_definition_says(void **state) {
  static const uint64_t SIZES[] = {1, 2, 3, 5, 33};
  (void)state;
  for (uint32_t rank = 1; rank <= 5; rank++) {
    uint64_t combinations = 1;
    for (uint32_t i = 0; i < rank; i++) combinations *= rank < 4 ? 5 : 3;
    for (uint64_t c = 0; c < combinations; c++) {
      uint64_t shape[5], rest = c;
      for (uint32_t i = 0; i < rank; i++, rest /= rank < 4 ? 5 : 3) shape[i] = SIZES[rest % (rank < 4 ? 5 : 3)];
      uint32_t e = (uint32_t)(c % 5), element = ELEMENTS[e].size;
      size_t size;
      uint8_t *file = fortran_file(ELEMENTS[e].descr, element, shape, rank, &size);
      outcome got = outcome_of(file, size, NULL);
      assert_int_equal(got.code, CANON_OK);
      assert_int_equal(got.elements, product(shape, rank));
      for (uint64_t i = 0; i < got.elements; i++) expect_element(got.data + i * element, element, i, shape, rank);
      free(got.data);
      free(file);
    }
  }
}

static const struct {
  uint32_t rank;
  uint64_t shape[5];
} LARGE[] = {
    {2, {3001, 3001}},    {2, {2, 4500000}},      {2, {4500000, 2}},          {3, {3, 1000001, 3}},
    {3, {2100, 2, 2100}}, {4, {37, 641, 11, 35}}, {5, {1, 2999, 1, 3001, 1}}, {5, {20, 21, 23, 29, 33}},
};

static void an_array_over_the_size_of_a_box_is_turned_through_a_scratch_file(void **state) {
  (void)state;
  for (size_t s = 0; s < sizeof LARGE / sizeof LARGE[0]; s++) {
    size_t size;
    uint8_t *file = fortran_file("<i2", 2, LARGE[s].shape, LARGE[s].rank, &size);
    assert_true(size > (16u << 20));
    outcome got = outcome_of(file, size, NULL);
    assert_int_equal(got.code, CANON_OK);
    for (uint64_t i = 0; i < got.elements; i++) expect_element(got.data + 2 * i, 2, i, LARGE[s].shape, LARGE[s].rank);
    free(got.data);
    free(file);
  }
}

enum { BLOCK = 4097 };

struct crowd {
  const canon_format *npy;
  void *reader;
  uint64_t elements, blocks;
  uint8_t *data;
};

/* Blocks from the last to the first, so that no thread reads ascending. */
static int32_t read_block(canon_job *job, void *ctx, uint64_t i) {
  struct crowd *crowd = ctx;
  uint64_t first = (crowd->blocks - 1 - i) * BLOCK;
  uint64_t count = crowd->elements - first < BLOCK ? crowd->elements - first : BLOCK;
  return crowd->npy->read(job, crowd->reader, 0, first, count, crowd->data + 2 * first);
}

static void several_threads_read_a_turned_array_at_once(void **state) {
  (void)state;
  for (int large = 0; large <= 1; large++) {
    uint64_t shape[] = {large ? 3001 : 301, 3001};
    size_t size;
    uint8_t *file = fortran_file("<i2", 2, shape, 2, &size);
    canon_job *job = support_job();
    struct crowd crowd = {.npy = support_format("npy"), .elements = product(shape, 2)};
    crowd.blocks = (crowd.elements - 1) / BLOCK + 1;
    crowd.data = malloc(2 * crowd.elements);
    assert_non_null(crowd.data);
    assert_int_equal(crowd.npy->open(job, NULL, support_source(job, file, size), &crowd.reader), CANON_OK);
    assert_int_equal(job->host->parallel(job, crowd.blocks, read_block, &crowd), CANON_OK);
    for (uint64_t i = 0; i < crowd.elements; i++) expect_element(crowd.data + 2 * i, 2, i, shape, 2);
    crowd.npy->close(job, crowd.reader);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    free(crowd.data);
    free(file);
  }
}

static int32_t stop(canon_job *job, uint64_t done, uint64_t total) {
  (void)done;
  (void)total;
  return canon_fail(job, CANON_E_STOPPED, CANON_NONE, "stopped");
}

static void turning_stops_when_the_user_says_so(void **state) {
  uint64_t shape[] = {3001, 3001};
  uint8_t dst[2];
  size_t size;
  (void)state;
  uint8_t *file = fortran_file("<i2", 2, shape, 2, &size);
  const canon_format *npy = support_format("npy");
  canon_job *job = support_job();
  const canon_host *real = job->host;
  canon_host host = *real;
  host.tick = stop;
  void *reader = NULL;
  assert_int_equal(npy->open(job, NULL, support_source(job, file, size), &reader), CANON_OK);
  job->host = &host;
  assert_int_equal(npy->read(job, reader, 0, 0, 1, dst), CANON_E_STOPPED);
  job->host = real;
  npy->close(job, reader);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  free(file);
}

static void every_failing_allocation_of_a_large_array_is_reported(void **state) {
  uint64_t shape[] = {3001, 3001};
  size_t size;
  (void)state;
  uint8_t *file = fortran_file("<i2", 2, shape, 2, &size);
  const canon_format *npy = support_format("npy");
  for (uint64_t n = 1;; n++) {
    uint8_t dst[2];
    canon_job *job = support_job();
    const canon_source *source = support_source(job, file, size);
    void *reader = NULL;
    support_fail_allocation(n);
    int32_t code = npy->open(job, NULL, source, &reader);
    if (!code) code = npy->read(job, reader, 0, 0, 1, dst);
    if (reader) npy->close(job, reader);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    if (!reached) break;
  }
  free(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_small_shape_is_turned_as_the_definition_says),
      cmocka_unit_test(an_array_over_the_size_of_a_box_is_turned_through_a_scratch_file),
      cmocka_unit_test(several_threads_read_a_turned_array_at_once),
      cmocka_unit_test(turning_stops_when_the_user_says_so),
      cmocka_unit_test(every_failing_allocation_of_a_large_array_is_reported),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
