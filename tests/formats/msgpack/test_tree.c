/* SPDX-License-Identifier: MIT
 * test_tree.c: keys, streams, depth, memory: what makes a tree of tokens, and what does not. */
#include "tests/formats/msgpack/msgpack_file.h"

static void keys_of_every_kind_keep_their_kind(void **state) {
  (void)state;
  EXPECT_TREE(
      "\x87\xa1"
      "a\x01\xc4\x01"
      "a\x02\x01\x03\xc0\x04\xc2\x05\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x06\xd0\x80\x07",
      "{'a': 1, b'61': 2, 1: 3, None: 4, False: 5, 1.5: 6, -128: 7}");
}

static void a_key_that_is_an_array_is_printed_as_pythons_tuple(void **state) {
  (void)state;
  EXPECT_TREE("\x81\x90\x01", "{(): 1}");
  EXPECT_TREE("\x81\x91\x05\x01", "{(5,): 1}");
  EXPECT_TREE("\x81\x96\x01\xe0\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xc0\xc3\xc2\x01",
              "{(1, -32, 1.5, None, True, False): 1}");
  EXPECT_TREE(
      "\x81\x92\xa2"
      "it\xc4\x02\x00'\x01",
      "{('it', b\"\\x00'\"): 1}");
  EXPECT_TREE(
      "\x81\x92\xa4"
      "a'\"\n\xa2\xc2\x85\x01",
      "{('a\\'\"\\n', '\\x85'): 1}");
  EXPECT_TREE("\x81\x92\x91\x01\x92\x02\x90\x01", "{((1,), (2, ())): 1}");
  EXPECT_TREE("\x82\x91\x01\x92\x02\x03\x91\x02\x04", "{(1,): [2, 3], (2,): 4}");
}

static void keys_that_no_node_can_have_are_refused(void **state) {
  (void)state;
  EXPECT_REFUSED("\x81\x80\x01", CANON_E_UNSUPPORTED, "the key of a map is a map (byte 1)");
  EXPECT_REFUSED("\x81\xd4\x05\x01\x01", CANON_E_UNSUPPORTED, "the key of a map is an ext (byte 1)");
  EXPECT_REFUSED("\x81\x91\x80\x01", CANON_E_UNSUPPORTED,
                 "the key of a map is an array that holds a map or an ext (byte 2)");
  EXPECT_REFUSED("\x81\x91\x91\x91\x91\x91\x91\x91\x91\x91\x91\x01\x01", CANON_E_UNSUPPORTED,
                 "an array of over 8 levels (byte 1)");
}

static void long_tuple_keys_are_refused(void **state) {
  char file[2048] = "\x81\x91\xda\x04\x00";
  (void)state;
  memset(file + 5, 'x', 1024);
  file[5 + 1024] = 1;
  expect_refused(file, 5 + 1025, CANON_E_UNSUPPORTED, "an array of over 1000 characters");
  memcpy(file, "\x81\xdc\x04\x00", 4);
  memset(file + 4, 1, 1025);
  expect_refused(file, 4 + 1025, CANON_E_UNSUPPORTED, "an array of over 1000 characters");
}

static void a_key_that_comes_twice_is_refused(void **state) {
  (void)state;
  EXPECT_REFUSED(
      "\x82\xa1"
      "a\x01\xa1"
      "a\x02",
      CANON_E_MALFORMED, "a map has one key twice: 'a' (byte 0)");
  EXPECT_REFUSED(
      "\x92\x01\x82\xa1"
      "a\x01\xd9\x01"
      "a\x02",
      CANON_E_MALFORMED, "a map has one key twice: 'a' (byte 2)");
  EXPECT_REFUSED(
      "\x83\xa1"
      "a\x81\x01\x02\xa1"
      "b\x02\xa1"
      "a\x02",
      CANON_E_MALFORMED, "twice: 'a' (byte 0)");
  EXPECT_REFUSED("\x82\x01\x01\xd1\x00\x01\x02", CANON_E_MALFORMED, "a map has one key twice (byte 0)");
  EXPECT_REFUSED("\x82\xc0\x01\xc0\x02", CANON_E_MALFORMED, "a map has one key twice");
  EXPECT_REFUSED("\x82\x91\x01\x01\x91\x01\x02", CANON_E_MALFORMED, "a map has one key twice: '(1,)'");
}

static void numbers_that_are_equal_in_python_are_one_key(void **state) {
  (void)state;
  EXPECT_REFUSED("\x82\x01\x01\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\x02", CANON_E_MALFORMED,
                 "one key twice");                                                            /* 1, 1.0 */
  EXPECT_REFUSED("\x82\x01\x01\xc3\x02", CANON_E_MALFORMED, "one key twice");                 /* 1, True */
  EXPECT_REFUSED("\x82\xca\x00\x00\x00\x00\x01\xc2\x02", CANON_E_MALFORMED, "one key twice"); /* 0.0f, False */
  EXPECT_REFUSED("\x82\xca\x80\x00\x00\x00\x01\x00\x02", CANON_E_MALFORMED, "one key twice"); /* -0.0f, 0 */
  EXPECT_REFUSED("\x82\xca\x3f\xc0\x00\x00\x01\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x02", CANON_E_MALFORMED,
                 "one key twice");
  EXPECT_REFUSED("\x82\xcf\x80\x00\x00\x00\x00\x00\x00\x00\x01\xca\x5f\x00\x00\x00\x02", CANON_E_MALFORMED,
                 "one key twice"); /* 2^63 */
  EXPECT_REFUSED("\x82\xd3\x80\x00\x00\x00\x00\x00\x00\x00\x01\xca\xdf\x00\x00\x00\x02", CANON_E_MALFORMED,
                 "one key twice"); /* -2^63 */
  EXPECT_TREE("\x82\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x01\xff\x02", "{18446744073709551615: 1, -1: 2}");
  EXPECT_TREE("\x82\xcf\xff\xff\xff\xff\xff\xff\xff\xff\x01\xca\x5f\x80\x00\x00\x02",
              "{18446744073709551615: 1, 1.8446744073709552e+19: 2}");
  EXPECT_TREE(
      "\x84\x01\x01\xa1"
      "1\x02\xc4\x01"
      "1\x03\x91\x01\x04",
      "{1: 1, '1': 2, b'31': 3, (1,): 4}");
}

static void texts_must_be_utf8(void **state) {
  (void)state;
  EXPECT_REFUSED("\xa2\xff\xfe", CANON_E_MALFORMED,
                 "a str is not UTF-8 (byte 1); if an old program wrote bytes as str");
  EXPECT_REFUSED(
      "\x91\xa4"
      "ab\xc3(",
      CANON_E_MALFORMED, "a str is not UTF-8 (byte 4)");
  EXPECT_REFUSED("\xa3\xed\xa0\x80", CANON_E_MALFORMED, "a str is not UTF-8");
  EXPECT_REFUSED("\x81\xa1\xff\x01", CANON_E_MALFORMED, "a str is not UTF-8 (byte 2)");
  EXPECT_REFUSED("\x81\x91\xa1\xff\x01", CANON_E_MALFORMED, "a str is not UTF-8 (byte 3)");
  EXPECT_TREE("\xa9\xc3\xbc\xe6\xb8\xa9\xf0\x9f\x98\x80", "'\xc3\xbc\xe6\xb8\xa9\xf0\x9f\x98\x80'");
}

static void objects_in_a_row_are_a_list(void **state) {
  (void)state;
  EXPECT_TREE(
      "\x81\xa1"
      "a\x01\x92\x02\x03\xa4"
      "four\xc0",
      "[{'a': 1}, [2, 3], 'four', None]");
  EXPECT_TREE("\x01\x02\x90", "[1, 2, []]");
  EXPECT_TREE("\x80\x80", "[{}, {}]");
}

static void what_may_be_text_or_padding_behind_an_object_is_refused(void **state) {
  (void)state;
  EXPECT_REFUSED("\x80\n", CANON_E_MALFORMED,
                 "2 objects in a row, the last of which is a single byte as of text or padding (byte 1)");
  EXPECT_REFUSED(
      "\x81\xa1"
      "a\x01\x00\x00\x00",
      CANON_E_MALFORMED, "4 objects in a row");
  EXPECT_REFUSED("\x90\xff", CANON_E_MALFORMED, "2 objects in a row");
  EXPECT_REFUSED("hello", CANON_E_MALFORMED, "5 objects in a row");
  EXPECT_REFUSED("\x80\xa3", CANON_E_MALFORMED, "a str of 3 bytes, with 0 bytes left (byte 1)");
  EXPECT_REFUSED("", CANON_E_MALFORMED, "the file is empty");
}

static void nest(uint8_t *file, size_t depth, uint8_t innermost) {
  memset(file, 0x91, depth);
  file[depth] = innermost;
}

static void containers_nest_to_the_limit_and_no_further(void **state) {
  static uint8_t file[100001];
  (void)state;
  nest(file, CANON_MAX_DEPTH, 0xc0);
  outcome got = outcome_of(file, CANON_MAX_DEPTH + 1);
  assert_int_equal(got.code, CANON_OK);
  assert_int_equal(strlen(got.text), 2 * CANON_MAX_DEPTH + 4);
  forget(&got);
  for (size_t depth = CANON_MAX_DEPTH + 1; depth < CANON_MAX_DEPTH + 6; depth++) {
    nest(file, depth, 0xc0);
    expect_refused(file, depth + 1, CANON_E_LIMIT, "more than 1000 containers within each other (byte 100");
    nest(file, depth, 0x90);
    expect_refused(file, depth + 1, CANON_E_LIMIT, "more than 1000 containers within each other");
  }
  nest(file, CANON_MAX_DEPTH, 0x90);
  expect_refused(file, CANON_MAX_DEPTH + 1, CANON_E_LIMIT, "more than 1000 containers");
  nest(file, sizeof file - 1, 0xc0);
  expect_refused(file, sizeof file, CANON_E_LIMIT, "more than 1000 containers");
  /* a stream is a level of its own */
  nest(file, CANON_MAX_DEPTH, 0xc0);
  file[CANON_MAX_DEPTH + 1] = 0xc0;
  expect_refused(file, CANON_MAX_DEPTH + 2, CANON_E_LIMIT, "more than 1000 containers");
}

static void an_array_lies_as_deep_as_anything(void **state) {
  static const char ARRAY[] =
      "\x85\xc4\x02nd\xc3\xc4\x04type\xa3<f4\xc4\x04kind\xc4\x00\xc4\x05shape\x91\x01\xc4\x04"
      "data\xc4\x04\x00\x00\x80\x3f";
  uint8_t file[CANON_MAX_DEPTH + 100];
  (void)state;
  nest(file, CANON_MAX_DEPTH, 0);
  memcpy(file + CANON_MAX_DEPTH, ARRAY, sizeof ARRAY - 1);
  outcome got = outcome_of(file, CANON_MAX_DEPTH + sizeof ARRAY - 1);
  assert_int_equal(got.code, CANON_OK);
  assert_non_null(strstr(got.text, "[f32[1]]"));
  forget(&got);
}

static void applications_exts_are_opaque_up_to_a_megabyte(void **state) {
  size_t size = 6 + (1 << 20) + 1;
  uint8_t *file = calloc(1, size);
  (void)state;
  assert_non_null(file);
  memcpy(file, "\xc9\x00\x10\x00\x01\x05", 6);
  expect_refused(file, size, CANON_E_UNSUPPORTED,
                 "an ext of type 5 and 1048577 bytes, which canon does not interpret (byte 0)");
  memcpy(file, "\xc9\x00\x10\x00\x00\x05", 6);
  outcome got = outcome_of(file, size - 1);
  assert_int_equal(got.code, CANON_OK);
  assert_int_equal(strlen(got.text), strlen("<msgpack.ext(5) >") + (2 << 20));
  forget(&got);
  free(file);
}

static void timestamps_are_opaque_and_checked(void **state) {
  (void)state;
  EXPECT_TREE("\xd6\xff\x00\x00\x00\x01", "<timestamp 1 s 0 ns>");
  EXPECT_TREE("\xd6\xff\xff\xff\xff\xff", "<timestamp 4294967295 s 0 ns>");
  EXPECT_TREE("\xd7\xff\xa1\xdc\xd7\xc8\x5a\x4a\xf6\xa5", "<timestamp 1514862245 s 678901234 ns>");
  EXPECT_TREE("\xc7\x0c\xff\x3b\x9a\xc9\xff\xff\xff\xff\xff\xff\xff\xff\xff", "<timestamp -1 s 999999999 ns>");
  EXPECT_REFUSED("\xd7\xff\xee\x6b\x28\x00\x00\x00\x00\x00", CANON_E_MALFORMED,
                 "a timestamp with 1000000000 nanoseconds");
  EXPECT_REFUSED("\xd4\xff\x00", CANON_E_MALFORMED, "a timestamp of 1 bytes, not 4, 8 or 12");
}

static void large_maps_are_checked_in_little_time(void **state) {
  enum { PAIRS = 200000 };
  uint8_t *file = malloc(5 + PAIRS * 6), *at = file;
  (void)state;
  assert_non_null(file);
  memcpy(at, "\xdf\x00\x03\x0d\x40", 5);
  at += 5;
  for (uint32_t i = 0; i < PAIRS; i++) {
    *at++ = 0xce;
    for (int shift = 24; shift >= 0; shift -= 8) *at++ = (uint8_t)(i * 2654435761u >> shift);
    *at++ = 0xc0;
  }
  outcome got = outcome_of(file, (size_t)(at - file));
  assert_int_equal(got.code, CANON_OK);
  forget(&got);
  memcpy(file + 5 + (PAIRS - 1) * 6, file + 5, 5);
  expect_refused(file, (size_t)(at - file), CANON_E_MALFORMED, "one key twice");
  free(file);
}

/* Everything that takes memory: keys, texts, an array, chunks, a tuple as key, an ext. */
static const uint8_t RICH[] =
    "\x87\xa1"
    "a\x85\xc4\x02nd\xc3\xc4\x04type\xa3>f4\xc4\x04kind\xc4\x00\xc4\x05shape\x91\x01\xc4\x04"
    "data\xc4\x04\x3f\x80\x00\x00"
    "\x91\x01\x93\xcd\x01\x00\xa2xy\xc4\x01z\xa1"
    "c\xc7\x11\x01\x93\x91\x01\xa7"
    "float32\xc4\x04\x00\x00\x80\x3f"
    "\xa1"
    "d\x83\xb9__msgpack_chunked_array__\xc3\xa5shape\x81\xa1"
    "0\x02\xa6"
    "chunks\x82\xa1"
    "0\xc7\x0c\x01\x93\x91\x01\xa5uint8\xc4\x01\x07"
    "\xa1"
    "1\xc7\x0c\x01\x93\x91\x01\xa5uint8\xc4\x01\x08\xa1"
    "e\xd4\x05\x01\xa1"
    "f\x82\xc4\x07"
    "complex\xc3\xc4\x04"
    "data\xa6(1+2j)"
    "\xa1"
    "g\xd6\xff\x00\x00\x00\x01";
static const char RICH_TEXT[] =
    "{'a': f32[1], (1,): [256, 'xy', b'7a'], 'c': f32[1], 'd': u8[2], 'e': <msgpack.ext(5) 01>, 'f': (1, 2), 'g': "
    "<timestamp 1 s 0 ns>}";

static void no_prefix_of_a_rich_file_is_read(void **state) {
  (void)state;
  expect_tree(RICH, sizeof RICH - 1, RICH_TEXT);
  for (size_t cut = 0; cut + 1 < sizeof RICH; cut++) {
    uint8_t *exact = malloc(cut ? cut : 1);
    assert_non_null(exact);
    memcpy(exact, RICH, cut);
    outcome got = outcome_of(exact, cut);
    if (got.code != CANON_E_MALFORMED) fail_msg("cut at %zu: %d %s", cut, (int)got.code, got.error);
    forget(&got);
    free(exact);
  }
}

/* A flipped bit may give another sound file; it may not give one that breaks a promise (outcome_of holds them). */
static void any_flipped_bit_is_read_or_refused(void **state) {
  size_t refused = 0, read = 0;
  (void)state;
  for (size_t bit = 0; bit < 8 * (sizeof RICH - 1); bit++) {
    uint8_t *copy = malloc(sizeof RICH - 1);
    assert_non_null(copy);
    memcpy(copy, RICH, sizeof RICH - 1);
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    outcome got = outcome_of(copy, sizeof RICH - 1);
    refused += got.code != 0;
    read += got.code == 0;
    if (got.code && (got.code > CANON_E_MALFORMED || got.code < CANON_E_LIMIT))
      fail_msg("bit %zu: %d %s", bit, (int)got.code, got.error);
    if (!got.code && !strcmp(got.text, RICH_TEXT) && got.bytes != 10) fail_msg("bit %zu changed nothing", bit);
    forget(&got);
    free(copy);
  }
  assert_true(refused > 100 && read > 100);
}

static void every_allocation_may_fail(void **state) {
  const canon_format *format = support_format("msgpack");
  int reached = 1;
  (void)state;
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    const canon_source *source = support_source(job, RICH, sizeof RICH - 1);
    void *reader = NULL;
    support_fail_allocation(n);
    int32_t code = format->open(job, NULL, source, &reader);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_code(job), code);
    if (reader) format->close(job, reader);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    assert_true(n < 1000);
  }
}

static void every_allocation_of_the_probe_may_fail(void **state) {
  const canon_format *format = support_format("msgpack");
  int reached = 1;
  (void)state;
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    const canon_source *source = support_source(job, RICH, sizeof RICH - 1);
    uint32_t bits;
    support_fail_allocation(n);
    int32_t code = format->probe(job, source, &bits);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
  }
}

static void tensors_are_read_from_any_element_on(void **state) {
  const canon_format *format = support_format("msgpack");
  canon_job *job = support_job();
  canon_manifest manifest = {.struct_size = sizeof manifest};
  void *reader = NULL;
  uint8_t two[2] = {0, 0};
  (void)state;
  assert_int_equal(format->open(job, NULL, support_source(job, RICH, sizeof RICH - 1), &reader), CANON_OK);
  assert_int_equal(format->manifest(job, reader, &manifest), CANON_OK);
  uint64_t chunked = 0;
  while (canon_manifest_node(&manifest, chunked)->dtype != CANON_U8) chunked++;
  assert_int_equal(canon_manifest_node(&manifest, chunked)->offset, CANON_NONE);
  assert_int_equal(format->read(job, reader, chunked, 0, 2, two), CANON_OK);
  assert_memory_equal(two, "\x07\x08", 2);
  assert_int_equal(format->read(job, reader, chunked, 1, 1, two), CANON_OK);
  assert_memory_equal(two, "\x08\x08", 2);
  assert_int_equal(format->read(job, reader, chunked, 2, 0, two), CANON_OK);
  assert_int_equal(format->read(job, reader, chunked, 1, 2, two), CANON_E_USAGE);
  format->close(job, reader);
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_of_every_kind_keep_their_kind),
      cmocka_unit_test(a_key_that_is_an_array_is_printed_as_pythons_tuple),
      cmocka_unit_test(keys_that_no_node_can_have_are_refused),
      cmocka_unit_test(long_tuple_keys_are_refused),
      cmocka_unit_test(a_key_that_comes_twice_is_refused),
      cmocka_unit_test(numbers_that_are_equal_in_python_are_one_key),
      cmocka_unit_test(texts_must_be_utf8),
      cmocka_unit_test(objects_in_a_row_are_a_list),
      cmocka_unit_test(what_may_be_text_or_padding_behind_an_object_is_refused),
      cmocka_unit_test(containers_nest_to_the_limit_and_no_further),
      cmocka_unit_test(an_array_lies_as_deep_as_anything),
      cmocka_unit_test(applications_exts_are_opaque_up_to_a_megabyte),
      cmocka_unit_test(timestamps_are_opaque_and_checked),
      cmocka_unit_test(large_maps_are_checked_in_little_time),
      cmocka_unit_test(no_prefix_of_a_rich_file_is_read),
      cmocka_unit_test(any_flipped_bit_is_read_or_refused),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(every_allocation_of_the_probe_may_fail),
      cmocka_unit_test(tensors_are_read_from_any_element_on),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
