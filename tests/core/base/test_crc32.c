/* SPDX-License-Identifier: MIT */
#include "core/base/crc32.h"

#include <string.h>
#include <zlib.h>

#include "core/base/crc32_fold.h"
#include "tests/support/support.h"

static uint8_t noise[70000];

static int make_noise(void **state) {
  (void)state;
  uint32_t x = 1;
  for (size_t i = 0; i < sizeof noise; i++) noise[i] = (uint8_t)((x = x * 1664525u + 1013904223u) >> 24);
  return 0;
}

static void knows_the_check_value(void **state) {
  (void)state;
  assert_int_equal(crc32_update(0, "123456789", 9), 0xcbf43926);
  assert_int_equal(crc32_update(0, NULL, 0), 0);
}

static void every_single_byte_agrees_with_zlib(void **state) {
  (void)state;
  for (unsigned i = 0; i < 256; i++)
    for (size_t place = 0; place < 16; place++) { /* each entry of each table */
      uint8_t block[16] = {0};
      block[place] = (uint8_t)i;
      assert_int_equal(crc32_update(0, block, sizeof block), crc32(0, block, sizeof block));
    }
}

static void every_length_and_alignment_agrees_with_zlib(void **state) {
  (void)state;
  for (size_t start = 0; start < 16; start++)
    for (size_t n = 0; n < 130; n++)
      assert_int_equal(crc32_update(0, noise + start, n), crc32(0, noise + start, (uInt)n));
  assert_int_equal(crc32_update(0, noise, sizeof noise), crc32(0, noise, sizeof noise));
}

static uint32_t by_zlib(const uint8_t *bytes, size_t n) { return (uint32_t)crc32(0, bytes, (uInt)n); }

static void every_kernel_agrees_with_zlib_at_every_length_and_alignment(void **state) {
  (void)state;
  crc32_fold *fold;
  size_t i = 0;
  do {
    fold = crc32_kernel(i++);
    for (size_t n = 0; n < 1200; n++) {
      const uint8_t *at = noise + n * 7 % 65;
      assert_int_equal(crc32_update_by(fold, 0, at, n), by_zlib(at, n));
    }
    for (size_t n = sizeof noise - 300; n <= sizeof noise; n++)
      assert_int_equal(crc32_update_by(fold, 0, noise, n), by_zlib(noise, n));
    for (size_t cut = 0; cut < 900; cut += 13)
      assert_int_equal(crc32_update_by(fold, crc32_update_by(fold, 0, noise, cut), noise + cut, 3000),
                       by_zlib(noise, cut + 3000));
  } while (fold);
}

static void every_kernel_sees_each_bit(void **state) {
  (void)state;
  enum { BYTES = 600 };
  crc32_fold *fold;
  size_t i = 0;
  do {
    fold = crc32_kernel(i++);
    for (size_t bit = 0; bit < BYTES * 8; bit++) {
      uint8_t block[BYTES] = {0};
      block[bit / 8] = (uint8_t)(1u << bit % 8);
      assert_int_equal(crc32_update_by(fold, 0, block, BYTES), by_zlib(block, BYTES));
    }
  } while (fold);
}

static void goes_on_where_it_stopped(void **state) {
  (void)state;
  uint32_t crc = 0;
  for (size_t i = 0, step = 1; i < sizeof noise; i += step, step = step % 97 + 1)
    crc = crc32_update(crc, noise + i, i + step < sizeof noise ? step : sizeof noise - i);
  assert_int_equal(crc, crc32(0, noise, sizeof noise));
}

static void two_parts_join_at_every_border(void **state) {
  (void)state;
  enum { N = 2000 };
  uint32_t whole = crc32_update(0, noise, N);
  for (size_t a = 0; a <= N; a++)
    assert_int_equal(crc32_join(crc32_update(0, noise, a), crc32_update(0, noise + a, N - a), N - a), whole);
}

static void joins_parts_that_no_memory_holds(void **state) {
  (void)state;
  uint32_t a = 0x12345678, b = 0x9abcdef0;
  for (uint64_t n = 1; n < UINT64_C(1) << 62; n = n * 5 + 3)
    assert_int_equal(crc32_join(a, b, n), crc32_combine64(a, b, (z_off64_t)n));
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(knows_the_check_value),
      cmocka_unit_test(every_single_byte_agrees_with_zlib),
      cmocka_unit_test(every_length_and_alignment_agrees_with_zlib),
      cmocka_unit_test(every_kernel_agrees_with_zlib_at_every_length_and_alignment),
      cmocka_unit_test(every_kernel_sees_each_bit),
      cmocka_unit_test(goes_on_where_it_stopped),
      cmocka_unit_test(two_parts_join_at_every_border),
      cmocka_unit_test(joins_parts_that_no_memory_holds),
  };
  return cmocka_run_group_tests(tests, make_noise, NULL);
}
