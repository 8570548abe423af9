/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "core/model/model.h"
#include "tests/core/model/sketch.h"

static void value_is(canon_node *node, const char *shown, const char *exact) {
  struct text text = {0};
  value_json(&text, node, 0);
  assert_string_equal(text.bytes, shown);
  text_cut(&text, 0);
  value_json(&text, node, 1);
  assert_string_equal(text.bytes, exact);
  text_free(&text);
}

static void every_kind_of_leaf_has_a_value(void **state) {
  (void)state;
  struct sketch *s = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_LIST);
  value_is(sketch_add(s, NULL, CANON_NODE_NONE), "null", "null");
  value_is(sketch_bool(s, NULL, 1), "true", "true");
  value_is(sketch_bool(s, NULL, 0), "false", "false");
  value_is(sketch_str(s, NULL, "a\"\n"), "\"a\\\"\\n\"", "\"a\\\"\\n\"");
  value_is(sketch_data(s, NULL, CANON_NODE_STR, NULL, 0), "\"\"", "\"\"");
  value_is(sketch_data(s, NULL, CANON_NODE_BYTES, "\0\xff", 2), "\"00ff\"", "\"00ff\"");
  value_is(sketch_data(s, NULL, CANON_NODE_BYTES, NULL, 0), "\"\"", "\"\"");
  canon_node *opaque = sketch_data(s, NULL, CANON_NODE_OPAQUE, "float32", 7);
  opaque->type = "torch.dtype";
  value_is(opaque, "[\"torch.dtype\",\"float32\"]", "[\"torch.dtype\",\"float32\"]");
  opaque->data_size = 0;
  value_is(opaque, "\"torch.dtype\"", "[\"torch.dtype\",\"\"]");
  sketch_free(s);
}

static void integers_that_a_double_holds_are_numbers(void **state) {
  (void)state;
  struct sketch *s = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_LIST);
  value_is(sketch_int(s, NULL, "0"), "0", "\"0\"");
  value_is(sketch_int(s, NULL, "-7"), "-7", "\"-7\"");
  value_is(sketch_int(s, NULL, "9007199254740992"), "9007199254740992", "\"9007199254740992\"");
  value_is(sketch_int(s, NULL, "9007199254740993"), "\"9007199254740993\"", "\"9007199254740993\"");
  value_is(sketch_int(s, NULL, "-9007199254740992"), "-9007199254740992", "\"-9007199254740992\"");
  value_is(sketch_int(s, NULL, "-9007199254740993"), "\"-9007199254740993\"", "\"-9007199254740993\"");
  value_is(sketch_int(s, NULL, "123456789012345678901234567890"), "\"123456789012345678901234567890\"",
           "\"123456789012345678901234567890\"");
  sketch_free(s);
}

static void floats_are_numbers_where_json_has_them(void **state) {
  (void)state;
  struct sketch *s = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_LIST);
  value_is(sketch_float(s, NULL, 0.1), "0.1", "\"0x1.999999999999ap-4\"");
  value_is(sketch_float(s, NULL, 1), "1", "\"0x1.0000000000000p+0\"");
  value_is(sketch_float(s, NULL, -0.0), "-0.0", "\"-0x0.0p+0\"");
  value_is(sketch_float(s, NULL, NAN), "\"NaN\"", "\"nan\"");
  value_is(sketch_float(s, NULL, -INFINITY), "\"-Infinity\"", "\"-inf\"");
  double z[2] = {1.5, -INFINITY};
  value_is(sketch_data(s, NULL, CANON_NODE_COMPLEX, z, sizeof z), "[1.5,\"-Infinity\"]",
           "[\"0x1.8000000000000p+0\",\"-inf\"]");
  sketch_free(s);
}

static int order_of(double a, double b) { return value_compare(CANON_NODE_FLOAT, &a, 8, &b, 8); }

static void floats_are_in_one_order(void **state) {
  (void)state;
  static const double ascending[] = {-INFINITY, -2, -1, -5e-324, -0.0, 0.0, 5e-324, 1, 2, INFINITY, NAN};
  for (int i = 0; i < 11; i++)
    for (int j = 0; j < 11; j++) assert_int_equal(order_of(ascending[i], ascending[j]), (i > j) - (i < j));
  assert_int_equal(order_of(-NAN, NAN), 0);
}

static void kinds_have_words(void **state) {
  (void)state;
  static const char *const kinds[] = {"unknown", "tensor", "dict",    "list", "tuple", "set", "none",   "bool",
                                      "int",     "float",  "complex", "str",  "bytes", "ref", "opaque", "unknown"};
  static const char *const keys[] = {"root", "index", "str",   "bytes", "int",
                                     "bool", "none",  "float", "tuple", "unknown"};
  for (uint32_t i = 0; i < 16; i++) assert_string_equal(canon_kind_name(i), kinds[i]);
  for (uint32_t i = 0; i < 10; i++) assert_string_equal(canon_key_kind_name(i), keys[i]);
  assert_string_equal(canon_kind_name(UINT32_MAX), "unknown");
  assert_string_equal(canon_key_kind_name(UINT32_MAX), "unknown");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_kind_of_leaf_has_a_value),
      cmocka_unit_test(integers_that_a_double_holds_are_numbers),
      cmocka_unit_test(floats_are_numbers_where_json_has_them),
      cmocka_unit_test(floats_are_in_one_order),
      cmocka_unit_test(kinds_have_words),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
