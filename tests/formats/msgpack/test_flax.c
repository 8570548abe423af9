/* SPDX-License-Identifier: MIT
 * test_flax.c: what flax writes: ext 1, 2 and 3, arrays in chunks; and the same numbers of ext in other hands. */
#include "tests/formats/msgpack/msgpack_file.h"

#define CHUNKED "\x83\xb9__msgpack_chunked_array__\xc3"
#define SHAPE "\xa5shape"
#define CHUNKS \
  "\xa6"       \
  "chunks"
/* One u8, and one bf16, as an ext of flax. */
#define U8(byte) "\xc7\x0c\x01\x93\x91\x01\xa5uint8\xc4\x01" byte
#define BF16(bytes)              \
  "\xc7\x10\x01\x93\x91\x01\xa8" \
  "bfloat16\xc4\x02" bytes

static void expect_elements(const void *file, size_t size, const char *text, const void *elements, size_t bytes) {
  outcome got = outcome_of(file, size);
  if (got.code) fail_msg("%s", got.error);
  assert_string_equal(got.text, text);
  assert_int_equal(got.bytes, bytes);
  assert_memory_equal(got.data, elements, bytes);
  assert_string_equal(got.producer, "flax");
  forget(&got);
}
#define EXPECT_ELEMENTS(file, text, elements) \
  expect_elements("" file, sizeof(file) - 1, text, elements, sizeof(elements) - 1)

static void arrays_and_scalars_are_read(void **state) {
  (void)state;
  EXPECT_ELEMENTS(U8("\x07"), "u8[1]", "\x07");
  EXPECT_ELEMENTS("\xc7\x10\x01\x93\x92\x02\x01\xa5int16\xc4\x04\x01\x02\x03\x04", "i16[2, 1]", "\x01\x02\x03\x04");
  EXPECT_ELEMENTS("\xc7\x0b\x01\x93\x90\xa5uint8\xc4\x01\x07", "u8[]", "\x07");
  EXPECT_ELEMENTS("\xc7\x0b\x03\x93\x90\xa5uint8\xc4\x01\x07", "u8[]", "\x07");
  EXPECT_ELEMENTS(
      "\xd8\x03\x93\x90\xa7"
      "float32\xc4\x04\x00\x00\x80\x3f",
      "f32[]", "\x00\x00\x80\x3f");
}

static void every_dtype_has_its_name(void **state) {
  static const struct {
    const char *name, *dtype;
    uint8_t bytes;
  } ALL[] = {{"bool", "bool", 1},
             {"uint8", "u8", 1},
             {"uint16", "u16", 2},
             {"uint32", "u32", 4},
             {"uint64", "u64", 8},
             {"int8", "i8", 1},
             {"int16", "i16", 2},
             {"int32", "i32", 4},
             {"int64", "i64", 8},
             {"float16", "f16", 2},
             {"float32", "f32", 4},
             {"float64", "f64", 8},
             {"complex64", "c64", 8},
             {"complex128", "c128", 16},
             {"bfloat16", "bf16", 2},
             {"float8_e4m3fn", "f8_e4m3fn", 1},
             {"float8_e5m2", "f8_e5m2", 1},
             {"float8_e4m3fnuz", "f8_e4m3fnuz", 1},
             {"float8_e5m2fnuz", "f8_e5m2fnuz", 1},
             {"float8_e8m0fnu", "f8_e8m0fnu", 1}};
  (void)state;
  for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++) {
    uint8_t file[64] = {0xc7, 0, 1, 0x93, 0x90};
    char expected[24];
    size_t length = strlen(ALL[i].name), n = 5;
    file[n++] = (uint8_t)(0xa0 + length);
    memcpy(file + n, ALL[i].name, length);
    n += length;
    file[n++] = 0xc4;
    file[n++] = ALL[i].bytes;
    n += ALL[i].bytes; /* zeros */
    file[1] = (uint8_t)(n - 3);
    snprintf(expected, sizeof expected, "%s[]", ALL[i].dtype);
    expect_tree(file, n, expected);
  }
}

static void complex_numbers_are_two_floats(void **state) {
  (void)state;
  EXPECT_ELEMENTS("\xc7\x13\x02\x92\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xcb\xc0\x00\x00\x00\x00\x00\x00\x00", "(1, -2)",
                  "");
  EXPECT_TREE("\xc7\x0b\x02\x92\xca\x3f\x80\x00\x00\xca\xc0\x00\x00\x00", "(1, -2)");
  EXPECT_REFUSED("\xc7\x07\x02\x92\xca\x3f\x80\x00\x00\x02", CANON_E_MALFORMED,
                 "a part of a complex number is no float");
  EXPECT_REFUSED("\xc7\x0c\x02\x92\xca\x3f\x80\x00\x00\xca\xc0\x00\x00\x00\x00", CANON_E_MALFORMED,
                 "1 bytes after a flax value, inside of its ext");
}

static void arrays_in_chunks_are_one_tensor(void **state) {
  (void)state;
  EXPECT_ELEMENTS(CHUNKED SHAPE "\x82\xa1" "0\x01\xa1" "1\x03" CHUNKS "\x83\xa1" "0" U8("\x07") "\xa1" "1" U8("\x08") "\xa1" "2" U8("\x09"), "u8[1, 3]",
                  "\x07\x08\x09");
  EXPECT_ELEMENTS(CHUNKED CHUNKS "\x82\xa1" "0" BF16("\x80\x3f") "\xa1" "1" BF16("\x00\x40") SHAPE "\x81\xa1" "0\x02", "bf16[2]", "\x80\x3f\x00\x40");
  EXPECT_ELEMENTS("\x81\xa1w" CHUNKED SHAPE "\x80" CHUNKS
                  "\x81\xa1"
                  "0" U8("\x07"),
                  "{'w': u8[]}", "\x07");
}

static void chunks_that_make_no_array_are_refused(void **state) {
  (void)state;
  EXPECT_REFUSED(CHUNKED SHAPE "\x81\xa1" "0\x03" CHUNKS "\x82\xa1" "0" U8("\x07") "\xa1" "1" U8("\x08"), CANON_E_MALFORMED,
                 "its chunks have 2 elements, not those of its shape");
  EXPECT_REFUSED(CHUNKED SHAPE "\x81\xa1" "0\x01" CHUNKS "\x82\xa1" "0" U8("\x07") "\xa1" "1" U8("\x08"), CANON_E_MALFORMED, "its chunks have 2 elements");
  EXPECT_REFUSED(CHUNKED SHAPE "\x81\xa1" "0\x02" CHUNKS "\x82\xa1" "0" U8("\x07") "\xa1" "1" BF16("\x80\x3f"), CANON_E_MALFORMED, "its chunks have different dtypes");
  EXPECT_REFUSED(CHUNKED SHAPE "\x81\xa1" "0\x02" CHUNKS "\x82\xa1" "0" U8("\x07") "\xa1" "2" U8("\x08"), CANON_E_MALFORMED, "the keys of its parts are not \"0\", \"1\"");
  EXPECT_REFUSED(CHUNKED SHAPE
                 "\x81\xa1"
                 "1\x02" CHUNKS
                 "\x81\xa1"
                 "0" U8("\x07"),
                 CANON_E_MALFORMED, "the keys of its parts");
  EXPECT_REFUSED(CHUNKED SHAPE
                 "\x81\xa1"
                 "0\xff" CHUNKS
                 "\x81\xa1"
                 "0" U8("\x07"),
                 CANON_E_MALFORMED, "a dimension is no integer from 0 on");
  EXPECT_REFUSED(CHUNKED SHAPE
                 "\x81\xa1"
                 "0\x01" CHUNKS "\x80",
                 CANON_E_MALFORMED, "it has no chunk");
  EXPECT_REFUSED(CHUNKED SHAPE
                 "\x81\xa1"
                 "0\x01" CHUNKS
                 "\x81\xa1"
                 "0\x07",
                 CANON_E_MALFORMED, "a chunk is no array");
  EXPECT_REFUSED(CHUNKED SHAPE "\x80" SHAPE "\x80", CANON_E_MALFORMED, "its entries are not shape and chunks");
  EXPECT_REFUSED(CHUNKED CHUNKS
                 "\x81\xa1"
                 "0" U8("\x07") CHUNKS
                 "\x81\xa1"
                 "0" U8("\x07"),
                 CANON_E_MALFORMED, "its entries are not shape and chunks");
  EXPECT_REFUSED(CHUNKED SHAPE "\x90" CHUNKS "\x80", CANON_E_MALFORMED, "its entries are not shape and chunks");
  EXPECT_REFUSED("\x83\xb9__msgpack_chunked_array__\xc2" SHAPE "\x80" CHUNKS "\x80", CANON_E_MALFORMED,
                 "its mark is not true");
  EXPECT_REFUSED(CHUNKED SHAPE "\x80" CHUNKS "\xdf\xff\xff\xff\xff", CANON_E_MALFORMED,
                 "a map of 4294967295 pairs, with 0 bytes left");
}

static void arrays_that_are_not_what_they_say_are_refused(void **state) {
  (void)state;
  EXPECT_REFUSED("\xc7\x0c\x01\x93\x91\x02\xa5uint8\xc4\x01\x07", CANON_E_MALFORMED,
                 "an array of 1 bytes, of which its shape and dtype u8 make 2");
  EXPECT_REFUSED("\xc7\x0c\x01\x93\x91\x00\xa5uint8\xc4\x01\x07", CANON_E_MALFORMED,
                 "an array of 1 bytes, of which its shape and dtype u8 make 0");
  EXPECT_REFUSED("\xc7\x0c\x01\x93\x91\xff\xa5uint8\xc4\x01\x07", CANON_E_MALFORMED, "a dimension of an array is -1");
  EXPECT_REFUSED("\xc7\x0c\x01\x93\x91\xc0\xa5uint8\xc4\x01\x07", CANON_E_MALFORMED,
                 "a dimension of an array is no integer");
  EXPECT_REFUSED("\xc7\x0d\x01\x93\x91\x01\xa5uint8\xc4\x01\x07\x00", CANON_E_MALFORMED,
                 "1 bytes after a flax value, inside of its ext");
  EXPECT_REFUSED("\xc7\x0b\x01\x93\x91\x01\xa5uint8\xc4\x01", CANON_E_MALFORMED, "a bin of 1 bytes, with 0 bytes left");
  EXPECT_REFUSED(
      "\xc7\x0c\x01\x93\x91\x01\xc4\x04"
      "bool\xc4\x01\x01",
      CANON_E_MALFORMED, "the dtype of a flax array is no str");
  EXPECT_REFUSED("\xc7\x0b\x01\x93\x91\x01\xa5uint8\xa1\x07", CANON_E_MALFORMED,
                 "the elements of a flax array are no bin");
  EXPECT_REFUSED("\xc7\x0b\x01\x93\x91\x01\xa4uint\xc4\x01\x07", CANON_E_UNSUPPORTED,
                 "the dtype 'uint' is none that a tensor can have");
  EXPECT_REFUSED("\xc7\x0d\x01\x93\x91\x01\xa6object\xc4\x01\x07", CANON_E_UNSAFE,
                 "the dtype 'object' is Python objects");
  EXPECT_REFUSED("\xc7\x0c\x01\x93\x91\x01\xa5void8\xc4\x01\x07", CANON_E_UNSUPPORTED,
                 "the dtype 'void8' is bytes without a dtype");
}

static void the_same_exts_of_others_are_opaque(void **state) {
  (void)state;
  EXPECT_TREE("\xd4\x01\x93", "<msgpack.ext(1) 93>");
  EXPECT_TREE("\xd5\x01\x93\x01", "<msgpack.ext(1) 9301>");
  EXPECT_TREE("\xd5\x02\x92\xc0", "<msgpack.ext(2) 92c0>");
  EXPECT_TREE("\xd5\x03\x94\x90", "<msgpack.ext(3) 9490>");
  EXPECT_TREE("\xd6\x04\x93\x90\xa1x", "<msgpack.ext(4) 9390a178>");
  EXPECT_TREE("\xc7\x00\x01", "<msgpack.ext(1) >");
}

static void real_files_of_chunks_have_the_elements_of_the_plain_ones(void **state) {
  size_t size;
  uint8_t *file = support_slurp("corpus/msgpack/msgpack/flax_chunked_bf16.msgpack", &size);
  (void)state;
  outcome got = outcome_of(file, size);
  assert_int_equal(got.code, CANON_OK);
  assert_non_null(strstr(got.text, "bf16["));
  forget(&got);
  free(file);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(arrays_and_scalars_are_read),
      cmocka_unit_test(every_dtype_has_its_name),
      cmocka_unit_test(complex_numbers_are_two_floats),
      cmocka_unit_test(arrays_in_chunks_are_one_tensor),
      cmocka_unit_test(chunks_that_make_no_array_are_refused),
      cmocka_unit_test(arrays_that_are_not_what_they_say_are_refused),
      cmocka_unit_test(the_same_exts_of_others_are_opaque),
      cmocka_unit_test(real_files_of_chunks_have_the_elements_of_the_plain_ones),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
