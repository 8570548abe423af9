/* SPDX-License-Identifier: MIT */
#include "core/base/mem.h"

#include <string.h>

#include "tests/support/support.h"

static int is_zero(const uint8_t *bytes, size_t n) {
  for (size_t i = 0; i < n; i++)
    if (bytes[i]) return 0;
  return 1;
}

static void memory_is_zero_and_aligned_to_64(void **state) {
  (void)state;
  for (size_t n = 0; n < 300; n++) {
    uint8_t *memory = mem_alloc(n);
    assert_non_null(memory);
    assert_int_equal((uintptr_t)memory % 64, 0);
    assert_true(is_zero(memory, n));
    memset(memory, 0xff, n);
    mem_free(memory);
  }
  mem_free(NULL);
}

static void grown_memory_keeps_its_bytes_and_is_zero_behind(void **state) {
  (void)state;
  uint8_t *memory = mem_alloc(10);
  memset(memory, 7, 10);
  memory = mem_resize(memory, 10, 1000);
  assert_non_null(memory);
  for (int i = 0; i < 10; i++) assert_int_equal(memory[i], 7);
  assert_true(is_zero(memory + 10, 990));
  memory = mem_resize(memory, 1000, 5);
  assert_int_equal(memory[4], 7);
  mem_free(memory);
}

static void more_than_there_can_be_is_refused(void **state) {
  (void)state;
  void *memory = NULL;
  size_t capacity = 0;
  assert_null(mem_alloc(SIZE_MAX));
  assert_null(mem_alloc(SIZE_MAX - 70));
  assert_int_equal(mem_reserve(&memory, 1000, &capacity, SIZE_MAX / 100), 0);
  assert_null(memory);
  assert_int_equal(capacity, 0);
}

static void reserve_grows_by_half(void **state) {
  (void)state;
  void *memory = NULL;
  size_t capacity = 0;
  int times = 0;
  for (size_t n = 1; n <= 1000000; n++) {
    size_t before = capacity;
    assert_true(mem_reserve(&memory, sizeof(uint32_t), &capacity, n));
    times += capacity != before;
    ((uint32_t *)memory)[n - 1] = (uint32_t)n;
  }
  assert_in_range(times, 1, 40);
  for (size_t n = 1; n <= 1000000; n++) assert_int_equal(((uint32_t *)memory)[n - 1], n);
  mem_free(memory);
}

static void the_nth_allocation_fails_once(void **state) {
  (void)state;
  mem_fail_at(3);
  void *one = mem_alloc(1), *two = mem_alloc(1), *three = mem_alloc(1), *four = mem_alloc(1);
  assert_true(one && two && !three && four);
  assert_true(mem_fail_at(5));
  assert_false(mem_fail_at(1));
  assert_null(mem_resize(one, 1, 2));
  assert_true(mem_fail_at(0));
  mem_free(one);
  mem_free(two);
  mem_free(four);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(memory_is_zero_and_aligned_to_64),
      cmocka_unit_test(grown_memory_keeps_its_bytes_and_is_zero_behind),
      cmocka_unit_test(more_than_there_can_be_is_refused),
      cmocka_unit_test(reserve_grows_by_half),
      cmocka_unit_test(the_nth_allocation_fails_once),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
