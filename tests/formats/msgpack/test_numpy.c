/* SPDX-License-Identifier: MIT
 * test_numpy.c: arrays, scalars and complex numbers as msgpack-numpy writes them, and maps that only look like it. */
#include "tests/formats/msgpack/msgpack_file.h"

/* Entries of the map, with keys that are bin (today's) and str (of use_bin_type=False). */
#define B_ND "\xc4\x02nd"
#define B_TYPE "\xc4\x04type"
#define B_KIND "\xc4\x04kind"
#define B_SHAPE "\xc4\x05shape"
#define B_DATA \
  "\xc4\x04"   \
  "data"
#define S_ND "\xa2nd"
#define S_TYPE "\xa4type"
#define S_KIND "\xa4kind"
#define S_SHAPE "\xa5shape"
#define S_DATA \
  "\xa4"       \
  "data"
#define TRUE "\xc3"
#define FALSE "\xc2"
#define PLAIN "\xc4\x00"
#define ARRAY(type, shape, data) "\x85" B_ND TRUE B_TYPE type B_KIND PLAIN B_SHAPE shape B_DATA data

static void expect_elements(const void *file, size_t size, const char *text, const void *elements, size_t bytes) {
  outcome got = outcome_of(file, size);
  if (got.code) fail_msg("%s", got.error);
  assert_string_equal(got.text, text);
  assert_int_equal(got.bytes, bytes);
  assert_memory_equal(got.data, elements, bytes);
  assert_string_equal(got.producer, "msgpack-numpy");
  forget(&got);
}
#define EXPECT_ELEMENTS(file, text, elements) \
  expect_elements("" file, sizeof(file) - 1, text, elements, sizeof(elements) - 1)

static void arrays_are_read_with_keys_of_both_kinds(void **state) {
  (void)state;
  EXPECT_ELEMENTS(ARRAY("\xa3<i2", "\x92\x01\x02", "\xc4\x04\x01\x02\x03\x04"), "i16[1, 2]", "\x01\x02\x03\x04");
  EXPECT_ELEMENTS("\x85" S_ND TRUE S_TYPE "\xa3<i2" S_KIND "\xa0" S_SHAPE "\x91\x02" S_DATA "\xa4\x01\x02\x03\x04",
                  "i16[2]", "\x01\x02\x03\x04");
  /* text of any kind of str, as raw bytes need it: \xff is no UTF-8 */
  EXPECT_ELEMENTS("\x85" S_ND TRUE S_TYPE "\xa3|u1" S_KIND "\xa0" S_SHAPE "\x91\x02" S_DATA "\xd9\x02\xff\xfe", "u8[2]",
                  "\xff\xfe");
}

static void arrays_before_there_was_a_kind_are_read(void **state) {
  (void)state;
  EXPECT_ELEMENTS("\x84" B_ND TRUE B_TYPE "\xa3<i2" B_SHAPE "\x91\x01" B_DATA "\xc4\x02\x01\x02", "i16[1]", "\x01\x02");
}

static void entries_may_come_in_any_order(void **state) {
  (void)state;
  EXPECT_ELEMENTS("\x85" B_DATA "\xc4\x02\x01\x02" B_SHAPE "\x91\x01" B_KIND PLAIN B_TYPE "\xa3<i2" B_ND TRUE, "i16[1]",
                  "\x01\x02");
}

static void byte_orders_are_resolved(void **state) {
  (void)state;
  EXPECT_ELEMENTS(ARRAY("\xa3>i2", "\x91\x02", "\xc4\x04\x01\x02\x03\x04"), "i16[2]", "\x02\x01\x04\x03");
  EXPECT_ELEMENTS(ARRAY("\xa3>c8", "\x90", "\xc4\x08\x01\x02\x03\x04\x05\x06\x07\x08"), "c64[]",
                  "\x04\x03\x02\x01\x08\x07\x06\x05");
  EXPECT_ELEMENTS(ARRAY("\xa3=i2", "\x91\x01", "\xc4\x02\x01\x02"), "i16[1]", "\x01\x02");
  EXPECT_ELEMENTS(ARRAY("\xa2i2", "\x91\x01", "\xc4\x02\x01\x02"), "i16[1]", "\x01\x02");
}

static void every_dtype_has_its_descr(void **state) {
  static const struct {
    const char *descr, *dtype;
    uint8_t bytes;
  } ALL[] = {{"|b1", "bool", 1}, {"|u1", "u8", 1},  {"<u2", "u16", 2}, {"<u4", "u32", 4},   {"<u8", "u64", 8},
             {"|i1", "i8", 1},   {"<i2", "i16", 2}, {"<i4", "i32", 4}, {"<i8", "i64", 8},   {"<f2", "f16", 2},
             {"<f4", "f32", 4},  {"<f8", "f64", 8}, {"<c8", "c64", 8}, {"<c16", "c128", 16}};
  (void)state;
  for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++) {
    uint8_t file[80] = {0};
    char expected[16];
    size_t n = 0;
    memcpy(file, "\x84" B_ND TRUE B_TYPE, 12);
    n = 12;
    file[n++] = (uint8_t)(0xa0 + strlen(ALL[i].descr));
    memcpy(file + n, ALL[i].descr, strlen(ALL[i].descr));
    n += strlen(ALL[i].descr);
    memcpy(file + n, B_SHAPE "\x91\x01" B_DATA "\xc4", 16);
    n += 16;
    file[n++] = ALL[i].bytes;
    n += ALL[i].bytes; /* zeros */
    snprintf(expected, sizeof expected, "%s[1]", ALL[i].dtype);
    expect_tree(file, n, expected);
  }
}

static void shapes_of_any_rank_are_read(void **state) {
  (void)state;
  EXPECT_ELEMENTS(ARRAY("\xa3|u1", "\x90", "\xc4\x01\x07"), "u8[]", "\x07");
  EXPECT_ELEMENTS(ARRAY("\xa3|u1", "\x91\x00", "\xc4\x00"), "u8[0]", "");
  EXPECT_ELEMENTS(ARRAY("\xa3|u1", "\x93\x02\x00\x03", "\xc4\x00"), "u8[2, 0, 3]", "");
  EXPECT_ELEMENTS(ARRAY("\xa3|u1", "\xdc\x00\x02\xcd\x00\x02\xcf\x00\x00\x00\x00\x00\x00\x00\x01", "\xc4\x02\x07\x08"),
                  "u8[2, 1]", "\x07\x08");
}

static void scalars_of_numpy_have_no_shape(void **state) {
  (void)state;
  EXPECT_ELEMENTS("\x83" B_ND FALSE B_TYPE "\xa3<i2" B_DATA "\xc4\x02\x01\x02", "i16[]", "\x01\x02");
  EXPECT_ELEMENTS("\x83" S_ND FALSE S_TYPE "\xa3<i2" S_DATA "\xa2\x01\x02", "i16[]", "\x01\x02");
  EXPECT_ELEMENTS("\x83" B_ND FALSE B_TYPE "\xa3|b1" B_DATA "\xc4\x01\x01", "bool[]", "\x01");
  EXPECT_REFUSED("\x83" B_ND FALSE B_TYPE "\xa3<i2" B_DATA "\xc4\x03\x01\x02\x03", CANON_E_MALFORMED,
                 "an array of 3 bytes, of which its shape and dtype i16 make 2");
}

static void complex_numbers_are_pythons_text(void **state) {
  (void)state;
  EXPECT_TREE(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xa6(1+2j)",
      "(1, 2)");
  EXPECT_TREE(
      "\x82\xa7"
      "complex\xc3" S_DATA
      "\xa2"
      "3j",
      "(0, 3)");
  EXPECT_TREE(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xa9(-0-1.5j)",
      "(-0, -1.5)");
  EXPECT_TREE(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xad(1e-05+1e16j)",
      "(1.0000000000000001e-05, 10000000000000000)");
  EXPECT_TREE(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xaa(inf-infj)",
      "(inf, -inf)");
  EXPECT_REFUSED(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xa1j",
      CANON_E_MALFORMED, "the text of a complex number is not what Python prints");
  EXPECT_REFUSED(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xa8(0x1+2j)",
      CANON_E_MALFORMED, "the text of a complex number");
  EXPECT_REFUSED(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xa6(1 2j)",
      CANON_E_MALFORMED, "the text of a complex number");
  EXPECT_REFUSED(
      "\x82\xc4\x07"
      "complex\xc3" B_DATA "\xa0",
      CANON_E_MALFORMED, "the text of a complex number");
  EXPECT_TREE(
      "\x82\xc4\x07"
      "complex\xc2" B_DATA "\xa6(1+2j)",
      "{b'636f6d706c6578': False, b'64617461': '(1+2j)'}");
}

static void objects_are_a_pickle_and_refused_unseen(void **state) {
  (void)state;
  EXPECT_REFUSED("\x85" B_ND TRUE B_TYPE "\xa2|O" B_KIND "\xc4\x01O" B_SHAPE "\x91\x01" B_DATA "\xc4\x02\x80.",
                 CANON_E_UNSAFE, "an array of Python objects, stored as a pickle, which could run code");
  EXPECT_REFUSED("\x85" B_ND TRUE B_TYPE "\xa3<f4" B_KIND "\xc4\x01O" B_SHAPE "\x91\x01" B_DATA "\xc4\x04....",
                 CANON_E_UNSAFE, "stored as a pickle");
  EXPECT_REFUSED("\x85" S_ND TRUE S_TYPE "\xa2|O" S_KIND "\xa1O" S_SHAPE "\x90" S_DATA "\xa1.", CANON_E_UNSAFE,
                 "stored as a pickle");
  EXPECT_REFUSED("\x84" B_ND TRUE B_TYPE "\xa2|O" B_SHAPE "\x90" B_DATA "\xc4\x08........", CANON_E_UNSAFE,
                 "stored as a pickle");
  EXPECT_REFUSED("\x83" B_ND FALSE B_TYPE "\xa1O" B_DATA "\xc4\x08........", CANON_E_UNSAFE, "stored as a pickle");
}

static void what_is_no_plain_array_is_refused_by_name(void **state) {
  (void)state;
  EXPECT_REFUSED("\x85" B_ND TRUE B_TYPE
                 "\x91\x92\xa1"
                 "a\xa3<f4" B_KIND "\xc4\x01V" B_SHAPE "\x91\x01" B_DATA "\xc4\x04....",
                 CANON_E_UNSUPPORTED, "structured dtype");
  EXPECT_REFUSED("\x85" B_ND TRUE B_TYPE "\xa3<f4" B_KIND "\xc4\x01V" B_SHAPE "\x91\x01" B_DATA "\xc4\x04....",
                 CANON_E_UNSUPPORTED, "structured dtype");
  EXPECT_REFUSED("\x85" B_ND TRUE B_TYPE "\xa3<f4" B_KIND "\xc4\x01X" B_SHAPE "\x91\x01" B_DATA "\xc4\x04....",
                 CANON_E_UNSUPPORTED, "an array of kind 'X'");
  EXPECT_REFUSED("\x85" B_ND TRUE B_TYPE "\xa3<f4" B_KIND "\xc4\x02XY" B_SHAPE "\x91\x01" B_DATA "\xc4\x04....",
                 CANON_E_MALFORMED, "an array's kind has 2 bytes");
  EXPECT_REFUSED(ARRAY("\xa3<U3", "\x91\x01", "\xc4\x0c............"), CANON_E_UNSUPPORTED,
                 "the dtype '<U3' is text strings");
  EXPECT_REFUSED(ARRAY("\xa3|S3", "\x91\x01", "\xc4\x03..."), CANON_E_UNSUPPORTED, "the dtype '|S3' is byte strings");
  EXPECT_REFUSED(ARRAY("\xa3|V2", "\x91\x01", "\xc4\x02.."), CANON_E_UNSUPPORTED,
                 "the dtype '|V2' is bytes without a dtype");
  EXPECT_REFUSED(ARRAY("\xa4<f16", "\x91\x01", "\xc4\x10................"), CANON_E_UNSUPPORTED,
                 "the dtype '<f16' is long double");
  EXPECT_REFUSED(ARRAY("\xa3<M8", "\x91\x01", "\xc4\x08........"), CANON_E_UNSUPPORTED, "the dtype '<M8' is dates");
  EXPECT_REFUSED(ARRAY("\xa3<f3", "\x91\x01", "\xc4\x03..."), CANON_E_UNSUPPORTED,
                 "the dtype '<f3' is none that a tensor can have");
  EXPECT_REFUSED(ARRAY("\xa0", "\x91\x01", "\xc4\x03..."), CANON_E_MALFORMED, "a dtype of 0 bytes");
  EXPECT_REFUSED(ARRAY("\xa3<f\x00", "\x91\x01", "\xc4\x03..."), CANON_E_MALFORMED, "a dtype with a NUL byte");
}

static void data_must_be_what_the_shape_makes(void **state) {
  (void)state;
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x91\x03", "\xc4\x08........"), CANON_E_MALFORMED,
                 "an array of 8 bytes, of which its shape and dtype f32 make 12");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x91\x01", "\xc4\x08........"), CANON_E_MALFORMED,
                 "an array of 8 bytes, of which its shape and dtype f32 make 4");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x90", "\xc4\x00"), CANON_E_MALFORMED,
                 "an array of 0 bytes, of which its shape and dtype f32 make 4");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x91\xff", "\xc4\x04...."), CANON_E_MALFORMED, "a dimension of an array is -1");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x92\xff\xff", "\xc4\x04...."), CANON_E_MALFORMED, "a dimension of an array is -1");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x92\xce\xff\xff\xff\xff\xce\xff\xff\xff\xff", "\xc4\x04...."), CANON_E_MALFORMED,
                 "the shape of an array is over 2^63 bytes");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x91\xcf\x40\x00\x00\x00\x00\x00\x00\x01", "\xc4\x04...."), CANON_E_MALFORMED,
                 "the shape of an array is over 2^63 bytes");
  EXPECT_REFUSED(ARRAY("\xa3<f4", "\x94\xcf\x80\x00\x00\x00\x00\x00\x00\x00\x02\x00\x01", "\xc4\x04...."),
                 CANON_E_MALFORMED, "an array");
}

static void bools_are_0_or_1(void **state) {
  (void)state;
  EXPECT_REFUSED(ARRAY("\xa3|b1", "\x91\x02", "\xc4\x02\x01\x02"), CANON_E_MALFORMED,
                 "an element of a bool array is 2, neither 0 nor 1 (byte 42)");
}

static void maps_that_only_resemble_an_array_are_maps(void **state) {
  (void)state;
  EXPECT_TREE("\x82" S_ND TRUE S_TYPE "\xa3<f4", "{'nd': True, 'type': '<f4'}");
  EXPECT_TREE("\x84" S_ND "\x01" S_TYPE "\xa3<f4" S_SHAPE "\x91\x01" S_DATA "\xc4\x04....",
              "{'nd': 1, 'type': '<f4', 'shape': [1], 'data': b'2e2e2e2e'}");
  EXPECT_TREE("\x85" S_ND TRUE S_TYPE "\xa3<f4" S_SHAPE "\x91\x01" S_DATA
              "\xc4\x04...."
              "\xa4more\x01",
              "{'nd': True, 'type': '<f4', 'shape': [1], 'data': b'2e2e2e2e', 'more': 1}");
  EXPECT_TREE("\x84" S_ND TRUE S_TYPE "\xa3<f4" S_SHAPE "\x91\xa1x" S_DATA "\xc4\x04....",
              "{'nd': True, 'type': '<f4', 'shape': ['x'], 'data': b'2e2e2e2e'}");
  EXPECT_TREE("\x83" S_ND TRUE S_TYPE "\xa3<f4" S_DATA "\xc4\x04....",
              "{'nd': True, 'type': '<f4', 'data': b'2e2e2e2e'}");
  EXPECT_TREE("\x81" S_SHAPE "\x91\x81" S_SHAPE "\x90", "{'shape': [{'shape': []}]}");
  EXPECT_REFUSED("\x82" S_ND TRUE S_ND TRUE, CANON_E_MALFORMED, "a map has one key twice: 'nd'");
}

static void arrays_may_lie_anywhere_but_in_keys(void **state) {
  (void)state;
  EXPECT_TREE("\x92" ARRAY("\xa3|u1", "\x91\x01", "\xc4\x01\x07") "\x81\xa1" "a" ARRAY("\xa3|u1", "\x90", "\xc4\x01\x08"), "[u8[1], {'a': u8[]}]");
  EXPECT_TREE(ARRAY("\xa3|u1", "\x90", "\xc4\x01\x07") ARRAY("\xa3|u1", "\x90", "\xc4\x01\x08"), "[u8[], u8[]]");
  EXPECT_REFUSED("\x81" ARRAY("\xa3|u1", "\x90", "\xc4\x01\x07") "\x01", CANON_E_UNSUPPORTED,
                 "the key of a map is a map");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrays_are_read_with_keys_of_both_kinds),
      cmocka_unit_test(arrays_before_there_was_a_kind_are_read),
      cmocka_unit_test(entries_may_come_in_any_order),
      cmocka_unit_test(byte_orders_are_resolved),
      cmocka_unit_test(every_dtype_has_its_descr),
      cmocka_unit_test(shapes_of_any_rank_are_read),
      cmocka_unit_test(scalars_of_numpy_have_no_shape),
      cmocka_unit_test(complex_numbers_are_pythons_text),
      cmocka_unit_test(objects_are_a_pickle_and_refused_unseen),
      cmocka_unit_test(what_is_no_plain_array_is_refused_by_name),
      cmocka_unit_test(data_must_be_what_the_shape_makes),
      cmocka_unit_test(bools_are_0_or_1),
      cmocka_unit_test(maps_that_only_resemble_an_array_are_maps),
      cmocka_unit_test(arrays_may_lie_anywhere_but_in_keys),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
