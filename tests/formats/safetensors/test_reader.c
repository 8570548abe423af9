/* SPDX-License-Identifier: MIT
 * test_reader.c: what headers are read as, and which are refused for which reason. What the library, safetensors 0.8.0,
 * takes besides: a blank before the first brace, unknown fields of a tensor, and F4. */
#include "tests/formats/safetensors/safetensors_file.h"

/* Of literals; a header whose tensors are `data` in all. */
#define EXPECT(header, data, text)                                                 \
  do {                                                                             \
    made file = file_of("" header, sizeof(header) - 1, "" data, sizeof(data) - 1); \
    expect_tree(&file, text, "" data, sizeof(data) - 1);                           \
  } while (0)
#define REFUSE(header, data, code, because)                                        \
  do {                                                                             \
    made file = file_of("" header, sizeof(header) - 1, "" data, sizeof(data) - 1); \
    expect_refused(&file, code, because);                                          \
  } while (0)
#define U8(n, begin, end) "{\"dtype\":\"U8\",\"shape\":[" n "],\"data_offsets\":[" begin "," end "]}"

static void tensors_are_read_in_the_order_of_the_header(void **state) {
  (void)state;
  EXPECT("{\"a\":" U8("2", "0", "2") ",\"b\":" U8("1", "2", "3") "}", "\x01\x02\x03", "a: u8[2] b: u8[1] ");
  EXPECT("{}", "", "");
  EXPECT("{}      ", "", "");
  EXPECT("{\"s\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]}}", "\x00\x00\x80\x3f", "s: f32[] ");
  EXPECT("{\"\":" U8("0", "0", "0") ",\"z\":{\"dtype\":\"I64\",\"shape\":[3,0,2],\"data_offsets\":[0,0]}}", "",
         ": u8[0] z: i64[3, 0, 2] ");
  made file = file_of("{\"b\":" U8("1", "2", "3") ",\"a\":" U8("2", "0", "2") "}",
                      strlen("{\"b\":" U8("1", "2", "3") ",\"a\":" U8("2", "0", "2") "}"), "\x01\x02\x03", 3);
  expect_tree(&file, "b: u8[1] a: u8[2] ", "\x03\x01\x02", 3);
}

static void every_dtype_has_its_name(void **state) {
  static const struct {
    const char *name, *dtype;
    int size;
  } ALL[] = {{"BOOL", "bool", 1},
             {"U8", "u8", 1},
             {"I8", "i8", 1},
             {"F8_E5M2", "f8_e5m2", 1},
             {"F8_E4M3", "f8_e4m3fn", 1},
             {"F8_E8M0", "f8_e8m0fnu", 1},
             {"F8_E4M3FNUZ", "f8_e4m3fnuz", 1},
             {"F8_E5M2FNUZ", "f8_e5m2fnuz", 1},
             {"I16", "i16", 2},
             {"U16", "u16", 2},
             {"F16", "f16", 2},
             {"BF16", "bf16", 2},
             {"I32", "i32", 4},
             {"U32", "u32", 4},
             {"F32", "f32", 4},
             {"C64", "c64", 8},
             {"F64", "f64", 8},
             {"I64", "i64", 8},
             {"U64", "u64", 8}};
  (void)state;
  for (size_t i = 0; i < sizeof ALL / sizeof ALL[0]; i++) {
    char header[128], text[32];
    int n = snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"%s\",\"shape\":[1],\"data_offsets\":[0,%d]}}",
                     ALL[i].name, ALL[i].size);
    made file = file_of(header, (size_t)n, "\0\0\0\0\0\0\0\0", (size_t)ALL[i].size);
    snprintf(text, sizeof text, "w: %s[1] ", ALL[i].dtype);
    expect_tree(&file, text, "\0\0\0\0\0\0\0\0", (size_t)ALL[i].size);
  }
  REFUSE("{\"w\":{\"dtype\":\"F128\",\"shape\":[1],\"data_offsets\":[0,1]}}", "\x01", CANON_E_UNSUPPORTED,
         "the dtype F128 is none that safetensors has (byte 22)");
  REFUSE("{\"w\":{\"dtype\":\"f32\",\"shape\":[1],\"data_offsets\":[0,1]}}", "\x01", CANON_E_UNSUPPORTED,
         "the dtype f32 is none");
  REFUSE("{\"w\":{\"dtype\":\"F4\",\"shape\":[2],\"data_offsets\":[0,1]}}", "\x01", CANON_E_UNSUPPORTED,
         "the dtype F4 is of elements smaller than a byte");
}

static void metadata_are_values_but_for_the_format(void **state) {
  (void)state;
  EXPECT("{\"__metadata__\":{\"format\":\"pt\"},\"w\":" U8("1", "0", "1") "}", "\x07", "w: u8[1] ");
  EXPECT("{\"__metadata__\":{}}", "", "");
  EXPECT("{\"w\":" U8("1", "0", "1") ",\"__metadata__\":{\"z\":\"1\",\"format\":\"np\",\"a\":\"\"}}", "\x07",
         "w: u8[1] __metadata__: .z: '1' .a: '' ");
  REFUSE("{\"__metadata__\":{\"a\":1}}", "", CANON_E_MALFORMED, "the header has 1 where a value in quotes should be");
  REFUSE("{\"__metadata__\":{\"a\":null}}", "", CANON_E_MALFORMED, "where a value in quotes should be");
  REFUSE("{\"__metadata__\":{\"a\":\"1\",\"a\":\"2\"}}", "", CANON_E_MALFORMED, "the header has the key 'a' twice");
  REFUSE("{\"__metadata__\":{\"format\":\"1\",\"format\":\"1\"}}", "", CANON_E_MALFORMED,
         "the metadata have the key 'format' twice");
  REFUSE("{\"__metadata__\":{},\"__metadata__\":{}}", "", CANON_E_MALFORMED, "the header has __metadata__ twice");
  REFUSE("{\"__metadata__\":[]}", "", CANON_E_MALFORMED, "where the '{' of the metadata should be");
}

static void strings_are_those_of_json(void **state) {
  (void)state;
  EXPECT("{\"\\u0077\\u00fc\\ud83d\\ude00\\n\\\"\\\\\\/\":" U8("1", "0", "1") "}", "\x07",
         "w\xc3\xbc\xf0\x9f\x98\x80\n\"\\/: u8[1] ");
  EXPECT("{\"\xc3\xbc\x7f\":" U8("1", "0", "1") "}", "\x07", "\xc3\xbc\x7f: u8[1] ");
  REFUSE("{\"\\ud83d\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED,
         "half of a surrogate pair in a string (byte 12)");
  REFUSE("{\"\\ude00\\ud83d\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED, "half of a surrogate pair");
  REFUSE("{\"\\ud83d\\u0041\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED, "half of a surrogate pair");
  REFUSE("{\"\\x\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED,
         "the header has x where an escaped character should be");
  REFUSE("{\"\\u12g4\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED,
         "the header has g where a hexadecimal digit should be");
  REFUSE("{\"a\nb\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED,
         "the header has byte 0x0a where a character of a string should be");
  REFUSE("{\"\xff\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED, "the header is not UTF-8 (byte 10)");
  REFUSE("{\"\xed\xa0\x80\":" U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED, "the header is not UTF-8 (byte 10)");
  REFUSE("{\"abc", "", CANON_E_MALFORMED, "the header ends where the end of a string should be");
  REFUSE("{\"abc\\", "", CANON_E_MALFORMED, "the header ends where the end of a string should be");
  REFUSE("{\"abc\\\"", "", CANON_E_MALFORMED, "the header ends where the end of a string should be");
}

static void numbers_are_digits(void **state) {
  static const char *const NUMBERS[] = {"-1",  "+1",  "1.0",   "1e0",  "1E0",  "01",
                                        "0x1", "",    "\"1\"", "null", "true", "18446744073709551616",
                                        "NaN", "1 0", "-0"};
  (void)state;
  for (size_t i = 0; i < sizeof NUMBERS / sizeof NUMBERS[0]; i++) {
    char header[160];
    int n =
        snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,%s]}}", NUMBERS[i]);
    made file = file_of(header, (size_t)n, "\x07", 1);
    expect_refused(&file, CANON_E_MALFORMED, "");
    n = snprintf(header, sizeof header, "{\"w\":{\"dtype\":\"U8\",\"shape\":[%s,1],\"data_offsets\":[0,1]}}",
                 NUMBERS[i]);
    file = file_of(header, (size_t)n, "\x07", 1);
    expect_refused(&file, CANON_E_MALFORMED, "");
  }
  EXPECT("{\"w\":{\"dtype\":\"U8\",\"shape\":[0,18446744073709551615],\"data_offsets\":[0,0]}}", "", "w: u8[0, -1] ");
}

static void the_json_is_strict(void **state) {
  (void)state;
  EXPECT("{ \"w\" :\t{ \"shape\" : [ 1 ] ,\n\"data_offsets\" : [ 0 , 1 ]\r, \"dtype\" : \"U8\" } } ", "\x07",
         "w: u8[1] ");
  REFUSE(" {}", "", CANON_E_MALFORMED, "the header has byte 0x20 where the '{' of the header should be (byte 8)");
  REFUSE("\xef\xbb\xbf{}", "", CANON_E_MALFORMED, "the header has byte 0xef where the '{' of the header should be");
  REFUSE("[]", "", CANON_E_MALFORMED, "where the '{' of the header should be");
  REFUSE("{}x", "", CANON_E_MALFORMED, "the header has x where nothing but space after the last brace should be");
  REFUSE("{}\0", "", CANON_E_MALFORMED, "the header has byte 0x00 where nothing but space");
  REFUSE("{,}", "", CANON_E_MALFORMED, "the header has , where a key in quotes should be");
  REFUSE("{\"w\":" U8("1", "0", "1") ",}", "\x07", CANON_E_MALFORMED,
         "the header has } where a key in quotes should be");
  REFUSE("{\"w\" " U8("1", "0", "1") "}", "\x07", CANON_E_MALFORMED, "where ':' after a key should be");
  REFUSE("{\"w\":" U8("1,", "0", "1") "}", "\x07", CANON_E_MALFORMED, "the header has ] where the shape should be");
  REFUSE("{\"w\":" U8("1", "0", "1,2") "}", "\x07", CANON_E_LIMIT, "more than 2 numbers in data_offsets");
  REFUSE("{\"w\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}", "\x07", CANON_E_MALFORMED,
         "where a second number in data_offsets should be");
  REFUSE("{\"w\":{\"dtype\":\"U8\",\"shape\":1,\"data_offsets\":[0,1]}}", "\x07", CANON_E_MALFORMED,
         "the header has 1 where the shape should be");
  REFUSE("{\"w\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", "\x07", CANON_E_MALFORMED,
         "where the dtype in quotes should be");
  REFUSE("{\"w\":[]}", "", CANON_E_MALFORMED, "where the '{' of a tensor should be");
  REFUSE("{\"w\":" U8("1", "0", "1"), "\x07", CANON_E_MALFORMED, "the header ends where ',' or '}' should be");
  REFUSE("{'w':1}", "", CANON_E_MALFORMED, "the header has ' where a key in quotes should be");
}

static void a_tensor_has_three_fields_once(void **state) {
  (void)state;
  REFUSE("{\"w\":{\"shape\":[1],\"data_offsets\":[0,1]}}", "\x07", CANON_E_MALFORMED, "tensor w lacks the field dtype");
  REFUSE("{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", "\x07", CANON_E_MALFORMED,
         "tensor w lacks the field shape");
  REFUSE("{\"w\":{\"dtype\":\"U8\",\"shape\":[1]}}", "\x07", CANON_E_MALFORMED,
         "tensor w lacks the field data_offsets");
  REFUSE("{\"w\":{}}", "", CANON_E_MALFORMED, "tensor w lacks the field dtype");
  REFUSE("{\"w\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "\x07", CANON_E_MALFORMED,
         "tensor w has the field dtype twice");
  REFUSE("{\"w\":{\"note\":1,\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}}", "\x07", CANON_E_UNSUPPORTED,
         "tensor w has a field note, besides dtype, shape and data_offsets (byte 14)");
  REFUSE("{\"a\":" U8("1", "0", "1") ",\"a\":" U8("1", "1", "2") "}", "\x07\x08", CANON_E_MALFORMED,
         "the header has the key 'a' twice");
}

static void tensors_are_the_rest_of_the_file(void **state) {
  (void)state;
  REFUSE("{\"a\":" U8("1", "0", "1") ",\"b\":" U8("1", "2", "3") "}", "\x01\x02\x03", CANON_E_MALFORMED,
         "tensor b begins at 2, the one before it ends at 1");
  REFUSE("{\"a\":" U8("2", "0", "2") ",\"b\":" U8("2", "1", "3") "}", "\x01\x02\x03", CANON_E_MALFORMED,
         "tensor b begins at 1, the one before it ends at 2");
  REFUSE("{\"a\":" U8("2", "0", "2") ",\"b\":" U8("2", "0", "2") "}", "\x01\x02", CANON_E_MALFORMED,
         "begins at 0, the one before it ends at 2");
  REFUSE("{\"a\":" U8("1", "1", "2") "}", "\x01\x02", CANON_E_MALFORMED,
         "tensor a begins at 1, the one before it ends at 0");
  REFUSE("{\"a\":" U8("1", "0", "1") "}", "\x01\x02", CANON_E_MALFORMED,
         "the tensors have 1 bytes, 2 come after the header");
  REFUSE("{\"a\":" U8("2", "0", "2") "}", "\x01", CANON_E_MALFORMED,
         "the tensors have 2 bytes, 1 come after the header (byte 61); the file is cut short");
  REFUSE("{}", "\x01", CANON_E_MALFORMED, "the tensors have 0 bytes, 1 come after the header");
  REFUSE("{\"a\":" U8("2", "1", "0") "}", "\x01", CANON_E_MALFORMED,
         "tensor a lies from 1 to 0, its shape and dtype make 2 bytes");
  REFUSE("{\"a\":" U8("2", "0", "1") "}", "\x01", CANON_E_MALFORMED,
         "tensor a lies from 0 to 1, its shape and dtype make 2 bytes");
  REFUSE("{\"a\":" U8("4294967296,4294967296", "0", "0") "}", "", CANON_E_MALFORMED,
         "the shape of tensor a claims over 2^63 bytes");
  REFUSE("{\"a\":" U8("9223372036854775808", "0", "9223372036854775808") "}", "", CANON_E_MALFORMED,
         "the shape of tensor a claims over 2^63 bytes");
  REFUSE("{\"a\":" U8("0", "18446744073709551615", "18446744073709551615") "}", "", CANON_E_MALFORMED,
         "tensor a begins at 18446744073709551615");
}

static void bools_are_0_or_1(void **state) {
  (void)state;
  REFUSE("{\"w\":{\"dtype\":\"BOOL\",\"shape\":[2],\"data_offsets\":[0,2]}}", "\x01\x02", CANON_E_MALFORMED,
         "element 1 of a bool tensor is 2, neither 0 nor 1 (byte 64)");
}

static void the_length_of_the_header_is_not_taken_on_trust(void **state) {
  made file = {.size = 7};
  (void)state;
  expect_refused(&file, CANON_E_MALFORMED, "7 bytes are too few for a safetensors file");
  file.size = 8;
  expect_refused(&file, CANON_E_MALFORMED, "a header of 0 bytes is no JSON");
  file.bytes[0] = 1;
  file.size = 9;
  expect_refused(&file, CANON_E_MALFORMED, "a header of 1 bytes is no JSON");
  memset(file.bytes, 0xff, 8);
  expect_refused(&file, CANON_E_MALFORMED, "a header of 18446744073709551615 bytes, 1 come after its length");
  size_t size = 8 + 100000001;
  uint8_t *large = calloc(1, size);
  assert_non_null(large);
  memcpy(large, "\x01\xe1\xf5\x05\x00\x00\x00\x00{", 9);
  outcome *got = outcome_of(large, size);
  assert_int_equal(got->code, CANON_E_LIMIT);
  assert_non_null(strstr(got->error, "a header of 100000001 bytes, the format allows 100000000"));
  free(got);
  free(large);
}

static void shapes_of_too_many_dimensions_are_refused(void **state) {
  char header[512] = "{\"w\":{\"dtype\":\"U8\",\"data_offsets\":[0,1],\"shape\":[1";
  (void)state;
  for (int i = 1; i < CANON_MAX_RANK; i++) strcat(header, ",1");
  char more[512];
  snprintf(more, sizeof more, "%.400s,1]}}", header);
  strcat(header, "]}}");
  made file = file_of(header, strlen(header), "\x07", 1);
  outcome *got = outcome_of(file.bytes, file.size);
  assert_int_equal(got->code, CANON_OK);
  free(got);
  file = file_of(more, strlen(more), "\x07", 1);
  expect_refused(&file, CANON_E_LIMIT, "more than 64 numbers in the shape");
}

static uint32_t bid(const void *bytes, size_t size) {
  const canon_format *format = support_format("safetensors");
  canon_job *job = support_job();
  uint32_t bits = 99;
  assert_int_equal(format->probe(job, support_source(job, bytes, size), &bits), CANON_OK);
  support_job_free(job);
  return bits;
}

static void files_are_claimed_by_their_length_and_first_brace(void **state) {
  (void)state;
  assert_in_range(bid("\x02\0\0\0\0\0\0\0{}", 10), 32, 64);
  assert_in_range(bid("\x08\0\0\0\0\0\0\0{\"a\":1} ", 16), 32, 64);
  assert_int_equal(bid("\x03\0\0\0\0\0\0\0{}", 10), 0);
  assert_int_equal(bid("\x02\0\0\0\0\0\0\0[]", 10), 0);
  assert_int_equal(bid("{}", 2), 0);
  assert_int_equal(bid("\x93NUMPY\x01\x00v\x00{'descr'", 18), 0);
  assert_int_equal(bid("PK\x03\x04\x14\x00\x00\x00{}", 10), 0);
}

static const char RICH[] =
    "{\"__metadata__\":{\"a\":\"b\",\"format\":\"pt\",\"c\":\"\\u00fc\"},\"x\":{\"dtype\":\"I16\",\"shape\":[1,2],"
    "\"data_offsets\":[1,5]},\"y\":" U8("1", "0", "1") "}  ";

static made rich(void) { return file_of(RICH, sizeof RICH - 1, "\x07\x01\x02\x03\x04", 5); }

static void no_prefix_is_read(void **state) {
  made file = rich();
  (void)state;
  expect_tree(&file, "__metadata__: .a: 'b' .c: '\xc3\xbc' x: i16[1, 2] y: u8[1] ", "\x01\x02\x03\x04\x07", 5);
  for (size_t cut = 0; cut < file.size; cut++) {
    uint8_t *exact = malloc(cut ? cut : 1);
    assert_non_null(exact);
    memcpy(exact, file.bytes, cut);
    outcome *got = outcome_of(exact, cut);
    if (got->code != CANON_E_MALFORMED) fail_msg("cut at %zu: %d %s", cut, (int)got->code, got->error);
    free(got);
    free(exact);
  }
}

/* No prefix of the header either, where the length tells the truth about it. */
static void no_prefix_of_the_header_is_read(void **state) {
  (void)state;
  for (size_t cut = 0; cut < sizeof RICH - 3; cut++) {
    made file = file_of(RICH, cut, "\x07\x01\x02\x03\x04", 5);
    uint8_t *exact = malloc(file.size);
    assert_non_null(exact);
    memcpy(exact, file.bytes, file.size);
    outcome *got = outcome_of(exact, file.size);
    if (got->code != CANON_E_MALFORMED) fail_msg("cut at %zu: %d %s", cut, (int)got->code, got->error);
    free(got);
    free(exact);
  }
}

/* outcome_of holds the promises. */
static void any_flipped_bit_is_read_or_refused(void **state) {
  made file = rich();
  size_t refused = 0;
  (void)state;
  for (size_t bit = 0; bit < 8 * file.size; bit++) {
    uint8_t *copy = malloc(file.size);
    assert_non_null(copy);
    memcpy(copy, file.bytes, file.size);
    copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    outcome *got = outcome_of(copy, file.size);
    refused += got->code != 0;
    if (got->code && (got->code > CANON_E_MALFORMED || got->code < CANON_E_LIMIT))
      fail_msg("bit %zu: %d %s", bit, (int)got->code, got->error);
    free(got);
    free(copy);
  }
  assert_true(refused > 6 * file.size);
}

static void every_allocation_may_fail(void **state) {
  const canon_format *format = support_format("safetensors");
  made file = rich();
  int reached = 1;
  (void)state;
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    const canon_source *source = support_source(job, file.bytes, file.size);
    void *reader = NULL;
    support_fail_allocation(n);
    int32_t code = format->open(job, NULL, source, &reader);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    if (reader) format->close(job, reader);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    assert_true(n < 1000);
  }
}

static void elements_outside_of_a_tensor_are_refused(void **state) {
  const canon_format *format = support_format("safetensors");
  made file = rich();
  canon_job *job = support_job();
  void *reader = NULL;
  uint8_t data[8] = {0};
  (void)state;
  assert_int_equal(format->open(job, NULL, support_source(job, file.bytes, file.size), &reader), CANON_OK);
  assert_int_equal(format->read(job, reader, 4, 1, 1, data), CANON_OK);
  assert_memory_equal(data, "\x03\x04\x00", 3);
  assert_int_equal(format->read(job, reader, 4, 2, 0, data), CANON_OK);
  assert_int_equal(format->read(job, reader, 4, 1, 2, data), CANON_E_USAGE);
  assert_int_equal(format->read(job, reader, 1, 0, 1, data), CANON_E_USAGE);
  assert_int_equal(format->read(job, reader, 9, 0, 1, data), CANON_E_USAGE);
  format->close(job, reader);
  support_job_free(job);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tensors_are_read_in_the_order_of_the_header),
      cmocka_unit_test(every_dtype_has_its_name),
      cmocka_unit_test(metadata_are_values_but_for_the_format),
      cmocka_unit_test(strings_are_those_of_json),
      cmocka_unit_test(numbers_are_digits),
      cmocka_unit_test(the_json_is_strict),
      cmocka_unit_test(a_tensor_has_three_fields_once),
      cmocka_unit_test(tensors_are_the_rest_of_the_file),
      cmocka_unit_test(bools_are_0_or_1),
      cmocka_unit_test(the_length_of_the_header_is_not_taken_on_trust),
      cmocka_unit_test(shapes_of_too_many_dimensions_are_refused),
      cmocka_unit_test(files_are_claimed_by_their_length_and_first_brace),
      cmocka_unit_test(no_prefix_is_read),
      cmocka_unit_test(no_prefix_of_the_header_is_read),
      cmocka_unit_test(any_flipped_bit_is_read_or_refused),
      cmocka_unit_test(every_allocation_may_fail),
      cmocka_unit_test(elements_outside_of_a_tensor_are_refused),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
