/* SPDX-License-Identifier: MIT
 * test_probe.c: what is claimed as msgpack, and how surely; what belongs to others is not. */
#include "tests/formats/msgpack/msgpack_file.h"

static uint32_t bid(const void *file, size_t size) {
  const canon_format *format = support_format("msgpack");
  canon_job *job = support_job();
  uint32_t bits = 99;
  assert_int_equal(format->probe(job, support_source(job, file, size), &bits), CANON_OK);
  assert_int_equal(support_leaked(job), 0);
  assert_int_equal(support_code(job), CANON_OK);
  support_job_free(job);
  return bits;
}
#define BID(file) bid("" file, sizeof(file) - 1)
enum { ENOUGH = 16 };

static uint32_t bid_of_file(const char *path) {
  size_t size;
  uint8_t *file = support_slurp(path, &size);
  uint32_t bits = bid(file, size);
  free(file);
  return bits;
}

static void one_whole_object_is_claimed(void **state) {
  (void)state;
  assert_in_range(BID("\x80"), ENOUGH, 64);
  assert_in_range(BID("\xc0"), ENOUGH, 64);
  assert_in_range(BID("\x81\xa1"
                      "a\x01"),
                  ENOUGH, 64);
  assert_in_range(BID("\x93\x01\x02\xa3xyz"), ENOUGH, 64);
  assert_in_range(BID("\x81\xa1"
                      "a\x01\x92\x02\x03"),
                  ENOUGH, 64); /* a stream */
}

static void marks_of_a_library_outbid_everybody(void **state) {
  uint32_t plain =
      BID("\x81\xa1"
          "a\x01");
  (void)state;
  assert_in_range(BID("\x81\xc4\x02nd\xc3"), plain + 1, 64);
  assert_in_range(BID("\xc7\x0c\x01\x93\x91\x01\xa5uint8\xc4\x01\x07"), plain + 1, 64);
  assert_in_range(BID("\x81\xb9__msgpack_chunked_array__\xc3"), plain + 1, 64);
  assert_in_range(BID("\x82\xc4\x02nd\xc3\xc1"), ENOUGH, 64); /* damaged, and still whose it is */
}

static void what_is_no_msgpack_is_not_claimed(void **state) {
  (void)state;
  assert_int_equal(BID(""), 0);
  assert_int_equal(BID("\xc1"), 0);
  assert_int_equal(BID("hello, world\n"), 0);
  assert_int_equal(BID("\xc3\xbc"
                       "bung\n"),
                   0);
  assert_int_equal(BID("{\"a\": 1}\n"), 0);
  assert_int_equal(BID("\x80\x02}q\x00."), 0);            /* a pickle */
  assert_int_equal(BID("PK\x03\x04\x14\x00\x00\x00"), 0); /* a zip file */
  assert_int_equal(BID("\x93NUMPY\x01\x00v\x00{'descr'"), 0);
  assert_int_equal(BID("\x02\x00\x00\x00\x00\x00\x00\x00{}"), 0); /* safetensors */
  assert_int_equal(BID("\x1f\x8b\x08\x00\x00\x00\x00\x00"), 0);
  assert_int_equal(BID("\x7f"
                       "ELF\x02\x01\x01\x00\x00"),
                   0);
  assert_int_equal(BID("\x80\x00\x00\x00"), 0);
  assert_int_equal(BID("\xa2\xff\xfe"), 0); /* str that is not UTF-8 */
}

static void files_of_other_formats_are_not_claimed(void **state) {
  (void)state;
  assert_in_range(bid_of_file("corpus/npy/f32.npy"), 0, ENOUGH - 1);
  assert_in_range(bid_of_file("corpus/formats/torch/2.8.0/checkpoint.pt"), 0, ENOUGH - 1);
}

static void real_files_are_claimed(void **state) {
  (void)state;
  assert_in_range(bid_of_file("corpus/msgpack/msgpack/n1_mn_dtypes.msgpack"), 24, 64);
  assert_in_range(bid_of_file("corpus/msgpack/msgpack/n1_mn_old_raw.msgpack"), 24, 64);
  assert_in_range(bid_of_file("corpus/msgpack/msgpack/flax_params.msgpack"), 24, 64);
}

/* Longer than what a probe may look at: the bits of the tokens alone. */
static void long_files_are_claimed_by_what_they_begin_with(void **state) {
  size_t size = 300000;
  uint8_t *file = malloc(size);
  (void)state;
  assert_non_null(file);
  memset(file, 0xc0, size);
  memcpy(file, "\xdd\x00\x04\x93\xdb", 5); /* 299,995 items */
  assert_in_range(bid(file, size), ENOUGH, 64);
  memset(file, 0, size);
  assert_int_equal(bid(file, size), 0);
  free(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(one_whole_object_is_claimed),
      cmocka_unit_test(marks_of_a_library_outbid_everybody),
      cmocka_unit_test(what_is_no_msgpack_is_not_claimed),
      cmocka_unit_test(files_of_other_formats_are_not_claimed),
      cmocka_unit_test(real_files_are_claimed),
      cmocka_unit_test(long_files_are_claimed_by_what_they_begin_with),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
