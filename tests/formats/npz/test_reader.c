/* SPDX-License-Identifier: MIT
 * test_reader.c: what archives of arrays are read as: keys, stored and deflated records, both orders, other records. */
#include "tests/formats/npz/npz_file.h"

static void every_record_is_an_array_under_its_name(void **state) {
  array_file a = npy_of(DICT("<i2", "False", "(2,)"), "\x01\x02\x03\x04", 4),
             b = npy_of(DICT("|u1", "False", "()"), "\x07", 1);
  craft_member members[] = {craft_stored("w.npy", a.bytes, a.size), craft_stored("a/b.c.npy", b.bytes, b.size),
                            craft_stored(".npy", b.bytes, b.size), craft_stored("x.npy.npy", b.bytes, b.size)};
  craft file;
  (void)state;
  craft_archive(&file, members, 4);
  expect_tree(&file, "w: i16[2] a/b.c: u8[] : u8[] x.npy: u8[] ", "\x01\x02\x03\x04\x07\x07\x07", 7);
}

static void deflated_records_are_inflated(void **state) {
  static const uint8_t ELEMENTS[64] = {1, 2, 3, [63] = 4};
  uint8_t packed[2][4096];
  array_file a = npy_of(DICT("|u1", "False", "(64,)"), ELEMENTS, 64),
             b = npy_of(DICT("<i2", "True", "(2, 2)"), "\x01\x00\x02\x00\x03\x00\x04\x00", 8);
  craft_member members[] = {deflated("a.npy", a.bytes, a.size, packed[0], 4096),
                            deflated("b.npy", b.bytes, b.size, packed[1], 4096)};
  uint8_t expected[72] = {0};
  craft file;
  (void)state;
  memcpy(expected, ELEMENTS, 64);
  memcpy(expected + 64, "\x01\x00\x03\x00\x02\x00\x04\x00", 8);
  craft_archive(&file, members, 2);
  expect_tree(&file, "a: u8[64] b: i16[2, 2] ", expected, 72);
}

static void long_headers_of_deflated_records_are_read(void **state) {
  static char dict[9000];
  uint8_t packed[1024];
  uint8_t *bytes = malloc(10000);
  craft file;
  (void)state;
  assert_non_null(bytes);
  memset(dict, ' ', sizeof dict);
  memcpy(dict, DICT("|u1", "False", "(2,)"), strlen(DICT("|u1", "False", "(2,)")));
  memcpy(bytes, "\x93NUMPY\x01\x00\x28\x23", 10); /* 9000 */
  memcpy(bytes + 10, dict, 9000);
  memcpy(bytes + 9010, "\x07\x08", 2);
  craft_member member = deflated("a.npy", bytes, 9012, packed, sizeof packed);
  craft_archive(&file, &member, 1);
  expect_tree(&file, "a: u8[2] ", "\x07\x08", 2);
  free(bytes);
}

static void both_orders_of_bytes_and_of_axes_are_resolved(void **state) {
  array_file a = npy_of(DICT(">i2", "True", "(2, 2)"), "\x00\x01\x00\x02\x00\x03\x00\x04", 8);
  craft_member member = craft_stored("a.npy", a.bytes, a.size);
  craft file;
  (void)state;
  craft_archive(&file, &member, 1);
  expect_tree(&file, "a: i16[2, 2] ", "\x01\x00\x03\x00\x02\x00\x04\x00", 8);
}

static void arrays_of_what_no_tensor_holds_are_opaque(void **state) {
  static const struct {
    const char *dict, *text;
    size_t bytes;
  } CASES[] = {
      {DICT("<U2", "False", "(2,)"), "'<U2' [2]", 16},    {DICT("|S3", "False", "(1, 2)"), "'|S3' [1, 2]", 6},
      {DICT("<U0", "False", "(9,)"), "'<U0' [9]", 0},     {DICT(">M8[ns]", "False", "()"), "'>M8[ns]' []", 8},
      {DICT("<m8", "True", "(1, 1)"), "'<m8' [1, 1]", 8}, {DICT("|V3", "False", "(0, 5)"), "'|V3' [0, 5]", 0},
  };
  static const char ELEMENTS[16] = "a";
  array_file other = npy_of(DICT("|u1", "False", "(1,)"), "\x05", 1);
  (void)state;
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
    for (int is_deflated = 0; is_deflated < 2; is_deflated++) {
      char expected[200];
      uint8_t packed[512];
      craft file;
      array_file a = npy_of(CASES[i].dict, ELEMENTS, CASES[i].bytes);
      craft_member members[] = {craft_stored("t.npy", a.bytes, a.size), craft_stored("w.npy", other.bytes, other.size)};
      if (is_deflated) members[0] = deflated("t.npy", a.bytes, a.size, packed, sizeof packed);
      craft_archive(&file, members, 2);
      snprintf(expected, sizeof expected, "t: <numpy.ndarray %s, CRC-32 0x%08lx> w: u8[1] ", CASES[i].text,
               crc32(0, a.bytes, (uInt)a.size));
      expect_tree(&file, expected, "\x05", 1);
    }
}

static void records_of_another_name_are_arrays_if_they_are_made_so_and_bytes_if_not(void **state) {
  uint8_t packed[256];
  array_file a = npy_of(DICT("|u1", "False", "(1,)"), "\x07", 1);
  craft_member members[] = {craft_stored("plain", a.bytes, a.size), craft_stored("readme.txt", "hello", 5),
                            craft_stored("empty", "", 0), deflated("notes", "abcabcabcabc", 12, packed, sizeof packed)};
  craft file;
  (void)state;
  craft_archive(&file, members, 4);
  expect_tree(&file, "plain: u8[1] readme.txt: b'hello' empty: b'' notes: b'abcabcabcabc' ", "\x07", 1);
}

static void folders_of_the_archive_are_passed_over(void **state) {
  array_file a = npy_of(DICT("|u1", "False", "(1,)"), "\x07", 1);
  craft_member members[] = {craft_stored("g/", "", 0), craft_stored("g/w.npy", a.bytes, a.size)};
  craft file;
  (void)state;
  craft_archive(&file, members, 2);
  expect_tree(&file, "g/w: u8[1] ", "\x07", 1);
}

static void an_archive_of_nothing_is_an_empty_dict(void **state) {
  craft file;
  (void)state;
  craft_archive(&file, NULL, 0);
  expect_tree(&file, "", NULL, 0);
}

static uint32_t bid(const char *names[], uint32_t n) {
  const canon_format *format = support_format("npz");
  craft_member members[8];
  craft file;
  uint32_t bits = 99;
  canon_job *job = support_job();
  for (uint32_t i = 0; i < n; i++) members[i] = craft_stored(names[i], "x", 1);
  craft_archive(&file, members, n);
  assert_int_equal(format->probe(job, support_source(job, file.bytes, file.size), &bits), CANON_OK);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  return bits;
}

static uint32_t bid_of_pt(const char *names[], uint32_t n) {
  craft_member members[8];
  craft file;
  uint32_t bits = 99;
  canon_job *job = support_job();
  for (uint32_t i = 0; i < n; i++) members[i] = craft_stored(names[i], "x", 1);
  craft_archive(&file, members, n);
  assert_int_equal(support_format("pt")->probe(job, support_source(job, file.bytes, file.size), &bits), CANON_OK);
  support_job_free(job);
  return bits;
}

static void archives_are_claimed_by_the_names_in_them(void **state) {
  const char *arrays[] = {"a.npy", "b.npy"}, *torch[] = {"archive/data.pkl", "archive/data/0", "archive/version"},
             *plain[] = {"a.txt"};
  const char *mixed[] = {"a.npy", "readme.txt"},
             *confusing[] = {"archive/data.pkl.npy", "archive/data/0.npy", "archive/version.npy"};
  const char *torch_and_array[] = {"archive/data.pkl", "archive/extra/a.npy", "archive/data/0"};
  (void)state;
  assert_in_range(bid(arrays, 2), 16, 200);
  assert_int_equal(bid_of_pt(arrays, 2), 0);
  assert_int_equal(bid(torch, 3), 0);
  assert_int_equal(bid(plain, 1), 0);
  assert_in_range(bid(mixed, 2), 16, 200);
  assert_true(bid(confusing, 3) > bid_of_pt(confusing, 3));
  assert_true(bid(torch_and_array, 3) < bid_of_pt(torch_and_array, 3));
  assert_in_range(bid(NULL, 0), 16, 200);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_record_is_an_array_under_its_name),
      cmocka_unit_test(deflated_records_are_inflated),
      cmocka_unit_test(long_headers_of_deflated_records_are_read),
      cmocka_unit_test(both_orders_of_bytes_and_of_axes_are_resolved),
      cmocka_unit_test(arrays_of_what_no_tensor_holds_are_opaque),
      cmocka_unit_test(records_of_another_name_are_arrays_if_they_are_made_so_and_bytes_if_not),
      cmocka_unit_test(folders_of_the_archive_are_passed_over),
      cmocka_unit_test(an_archive_of_nothing_is_an_empty_dict),
      cmocka_unit_test(archives_are_claimed_by_the_names_in_them),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
