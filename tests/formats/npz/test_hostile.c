/* SPDX-License-Identifier: MIT
 * test_hostile.c: archives that lie, are cut, flipped or unsafe, and readers without memory. What a zip alone can lie
 * about: formats/common/test_zip_index.c; what a header can: formats/npy/test_header.c. */
#include "tests/formats/npz/npz_file.h"

static array_file small(void) { return npy_of(DICT("|u1", "False", "(2,)"), "\x07\x08", 2); }

static void refuse(craft_member *members, uint32_t n, int32_t code, const char *because) {
  craft file;
  craft_archive(&file, members, n);
  expect_refused(&file, code, because);
}

static void objects_are_refused_unseen(void **state) {
  uint8_t packed[512];
  array_file a = npy_of(DICT("|O", "False", "(1,)"), "\x80\x02.", 3);
  craft_member stored = craft_stored("bad.npy", a.bytes, a.size),
               small_one = deflated("bad.npy", a.bytes, a.size, packed, sizeof packed);
  (void)state;
  refuse(&stored, 1, CANON_E_UNSAFE,
         "record bad.npy: descr '|O' is Python objects, stored as a pickle, which could run code (byte ");
  refuse(&small_one, 1, CANON_E_UNSAFE,
         "record bad.npy: descr '|O' is Python objects, stored as a pickle, which could run code; save");
}

static void texts_that_do_not_fit_their_record_are_refused(void **state) {
  array_file cut = npy_of(DICT("<U2", "False", "(2,)"), "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15),
             more = npy_of(DICT("|S1", "False", "(2,)"), "abc", 3),
             huge = npy_of(DICT("<U99999999", "False", "(9223372036854775807,)"), "", 0),
             fields = npy_of("{'descr': [('a', '<U2')], 'fortran_order': False, 'shape': (0,), }", "", 0);
  craft_member members[] = {craft_stored("t.npy", cut.bytes, cut.size), craft_stored("t.npy", more.bytes, more.size),
                            craft_stored("t.npy", huge.bytes, huge.size),
                            craft_stored("t.npy", fields.bytes, fields.size)};
  (void)state;
  refuse(&members[0], 1, CANON_E_MALFORMED, "record t.npy: 16 bytes of elements expected, 15 available");
  refuse(&members[1], 1, CANON_E_MALFORMED, "record t.npy: 1 bytes after the array belong to nothing");
  refuse(&members[2], 1, CANON_E_MALFORMED, "record t.npy: the shape claims over 2^63 - 1 bytes");
  refuse(&members[3], 1, CANON_E_UNSUPPORTED, "record t.npy: descr is a structured dtype");
}

static void keys_that_come_twice_are_refused(void **state) {
  array_file a = small();
  craft_member same[] = {craft_stored("a.npy", a.bytes, a.size), craft_stored("a.npy", a.bytes, a.size)};
  craft_member alike[] = {craft_stored("a", a.bytes, a.size), craft_stored("b.npy", a.bytes, a.size),
                          craft_stored("a.npy", a.bytes, a.size)};
  (void)state;
  refuse(same, 2, CANON_E_MALFORMED, "two records are called a.npy");
  refuse(alike, 3, CANON_E_MALFORMED, "records a and a.npy have one key");
}

static void names_are_utf8_and_say_so(void **state) {
  array_file a = small();
  craft_member old = craft_stored("\x81.npy", a.bytes, a.size), wrong = craft_stored("\xff.npy", a.bytes, a.size),
               good = craft_stored("\xc3\xbc.npy", a.bytes, a.size);
  craft file;
  (void)state;
  refuse(&old, 1, CANON_E_UNSUPPORTED, "its name is in no known encoding");
  wrong.flags = 0x800;
  refuse(&wrong, 1, CANON_E_MALFORMED, "its name is not UTF-8");
  good.flags = 0x800;
  craft_archive(&file, &good, 1);
  expect_tree(&file, "\xc3\xbc: u8[2] ", "\x07\x08", 2);
}

static void encrypted_records_are_refused(void **state) {
  array_file a = small();
  craft_member member = craft_stored("a.npy", a.bytes, a.size);
  (void)state;
  member.flags = 1;
  refuse(&member, 1, CANON_E_UNSUPPORTED, "record a.npy is encrypted");
}

static void a_record_holds_its_array_and_nothing_else(void **state) {
  uint8_t packed[512];
  array_file a = small();
  craft_member shorter = craft_stored("a.npy", a.bytes, a.size - 1),
               longer = craft_stored("a.npy", a.bytes, a.size + 3);
  craft_member longer_deflated = deflated("a.npy", a.bytes, a.size + 3, packed, sizeof packed),
               text = craft_stored("a.npy", "hello", 5);
  craft_member cut = craft_stored("a.npy", a.bytes, 30);
  (void)state;
  refuse(&shorter, 1, CANON_E_MALFORMED, "record a.npy: 2 bytes of elements expected, 1 available");
  refuse(&longer, 1, CANON_E_MALFORMED, "record a.npy: 3 bytes after the array belong to nothing");
  refuse(&longer_deflated, 1, CANON_E_MALFORMED, "record a.npy: 3 bytes after the array belong to nothing");
  refuse(&text, 1, CANON_E_MALFORMED, "record a.npy: does not begin with the magic bytes of .npy");
  refuse(&cut, 1, CANON_E_MALFORMED, "record a.npy: the header needs");
}

static void a_wrong_checksum_is_seen_before_any_element_is_given_out(void **state) {
  uint8_t packed[512];
  array_file a = small();
  craft_member stored = craft_stored("a.npy", a.bytes, a.size),
               other = deflated("a.npy", a.bytes, a.size, packed, sizeof packed);
  (void)state;
  stored.crc32 ^= 1;
  other.crc32 ^= 1;
  refuse(&stored, 1, CANON_E_MALFORMED, "record a.npy: CRC-32 is");
  refuse(&other, 1, CANON_E_MALFORMED, "record a.npy: CRC-32 is");
}

static void large_records_that_are_no_array_are_refused(void **state) {
  static uint8_t zeros[(1 << 20) + 1], packed[8192];
  craft_member member = deflated("blob", zeros, sizeof zeros, packed, sizeof packed);
  (void)state;
  refuse(&member, 1, CANON_E_UNSUPPORTED, "record blob: 1048577 bytes that are no array");
}

/* A few bytes that inflate to a header: no longer a one than version 1.0 has. */
static void long_deflated_headers_are_refused(void **state) {
  static uint8_t array[100000], packed[4096];
  static const char DICT_TEXT[] = DICT("|u1", "False", "(2,)");
  craft_member member;
  (void)state;
  memset(array, ' ', sizeof array);
  memcpy(array, "\x93NUMPY\x02\x00", 8);
  memcpy(array + 12, DICT_TEXT, sizeof DICT_TEXT - 1);
  memcpy(array + 8, "\x00\x00\x01\x00", 4); /* 65536 */
  member = deflated("a.npy", array, 12 + 65536 + 2, packed, sizeof packed);
  refuse(&member, 1, CANON_E_LIMIT, "record a.npy: a deflated header of 65548 bytes, the limit is 65547");
  memcpy(array + 8, "\xff\xff\xff\xff", 4);
  member = deflated("a.npy", array, 200, packed, sizeof packed);
  refuse(&member, 1, CANON_E_MALFORMED, "record a.npy: the header needs 4294967307 bytes, the file has 200");
}

static void bools_are_0_or_1(void **state) {
  array_file a = npy_of(DICT("|b1", "True", "(2, 2)"), "\x00\x02\x01\x01", 4);
  craft_member member = craft_stored("a.npy", a.bytes, a.size);
  (void)state;
  refuse(&member, 1, CANON_E_MALFORMED, "record a.npy: element 2 of a bool array is 2, neither 0 nor 1");
}

/* Everything that takes memory: both methods, both orders, bytes. */
static void rich(craft *file, uint8_t *packed) {
  static array_file a, b;
  a = npy_of(DICT("<i2", "False", "(2,)"), "\x01\x02\x03\x04", 4);
  b = npy_of(DICT(">i2", "True", "(2, 2)"), "\x00\x01\x00\x02\x00\x03\x00\x04", 8);
  craft_member members[] = {craft_stored("a.npy", a.bytes, a.size), craft_stored("b.npy", b.bytes, b.size),
                            deflated("c.npy", b.bytes, b.size, packed, 512), craft_stored("readme", "hello", 5)};
  craft_archive(file, members, 4);
}

static void no_prefix_is_read(void **state) {
  uint8_t packed[512];
  craft file;
  (void)state;
  rich(&file, packed);
  for (size_t cut = 0; cut < file.size; cut++) {
    uint8_t *exact = malloc(cut ? cut : 1);
    assert_non_null(exact);
    memcpy(exact, file.bytes, cut);
    outcome *got = outcome_of(exact, cut, 100);
    if (got->code != CANON_E_MALFORMED) fail_msg("cut at %zu: %d %s", cut, (int)got->code, got->error);
    free(got);
    free(exact);
  }
}

/* outcome_of holds the promises; the checksums let next to nothing through. */
static void any_flipped_bit_is_read_or_refused(void **state) {
  uint8_t packed[512];
  craft file;
  size_t refused = 0;
  (void)state;
  rich(&file, packed);
  for (size_t bit = 0; bit < 8 * file.size; bit++) {
    uint8_t *copy = malloc(file.size);
    assert_non_null(copy);
    memcpy(copy, file.bytes, file.size);
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    outcome *got = outcome_of(copy, file.size, 100);
    refused += got->code != 0;
    if (got->code && (got->code > CANON_E_MALFORMED || got->code < CANON_E_LIMIT))
      fail_msg("bit %zu: %d %s", bit, (int)got->code, got->error);
    free(got);
    free(copy);
  }
  assert_true(refused > 6 * file.size);
}

static void every_allocation_may_fail(void **state) {
  const canon_format *format = support_format("npz");
  uint8_t packed[512];
  craft file;
  int reached = 1;
  (void)state;
  rich(&file, packed);
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    const canon_source *source = support_source(job, file.bytes, file.size);
    void *reader = NULL;
    uint8_t data[8];
    support_fail_allocation(n);
    int32_t code = format->open(job, NULL, source, &reader);
    for (uint64_t node = 1; node <= 3 && !code; node++) code = format->read(job, reader, node, 0, 2, data);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_code(job), code);
    if (reader) format->close(job, reader);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    assert_true(n < 1000);
  }
}

static void elements_outside_of_an_array_are_refused(void **state) {
  const canon_format *format = support_format("npz");
  uint8_t packed[512], data[8];
  craft file;
  canon_job *job = support_job();
  void *reader = NULL;
  (void)state;
  rich(&file, packed);
  assert_int_equal(format->open(job, NULL, support_source(job, file.bytes, file.size), &reader), CANON_OK);
  assert_int_equal(format->read(job, reader, 1, 2, 0, data), CANON_OK);
  assert_int_equal(format->read(job, reader, 1, 1, 2, data), CANON_E_USAGE);
  assert_int_equal(format->read(job, reader, 0, 0, 1, data), CANON_E_USAGE);
  assert_int_equal(format->read(job, reader, 4, 0, 1, data), CANON_E_USAGE); /* bytes */
  assert_int_equal(format->read(job, reader, 9, 0, 1, data), CANON_E_USAGE);
  format->close(job, reader);
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(objects_are_refused_unseen),
      cmocka_unit_test(texts_that_do_not_fit_their_record_are_refused),
      cmocka_unit_test(keys_that_come_twice_are_refused),
      cmocka_unit_test(names_are_utf8_and_say_so),
      cmocka_unit_test(encrypted_records_are_refused),
      cmocka_unit_test(a_record_holds_its_array_and_nothing_else),
      cmocka_unit_test(a_wrong_checksum_is_seen_before_any_element_is_given_out),
      cmocka_unit_test(large_records_that_are_no_array_are_refused),
      cmocka_unit_test(long_deflated_headers_are_refused),
      cmocka_unit_test(bools_are_0_or_1),
      cmocka_unit_test(no_prefix_is_read),
      cmocka_unit_test(any_flipped_bit_is_read_or_refused),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(elements_outside_of_an_array_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
