/* SPDX-License-Identifier: MIT */
#include "core/model/dtype.h"

#include "tests/support/support.h"

static void every_printed_name_is_read_back(void **state) {
  (void)state;
  for (uint32_t dtype = 1; dtype < CANON_DTYPE_END; dtype++) {
    assert_int_equal(canon_dtype_parse(canon_dtype_name(dtype)), dtype);
  }
}

static void other_programs_names_are_understood_in_any_case(void **state) {
  static const struct {
    const char *name;
    uint32_t dtype;
  } names[] = {
      {"float16", CANON_F16},
      {"fp16", CANON_F16},
      {"half", CANON_F16},
      {"F16", CANON_F16},
      {"torch.float16", CANON_F16},
      {"torch.half", CANON_F16},
      {"numpy.float16", CANON_F16},
      {"BFloat16", CANON_BF16},
      {"BF16", CANON_BF16},
      {"float32", CANON_F32},
      {"torch.float", CANON_F32},
      {"double", CANON_F64},
      {"torch.float8_e4m3fn", CANON_F8_E4M3FN},
      {"F8_E4M3", CANON_F8_E4M3FN},
      {"F8_E5M2", CANON_F8_E5M2},
      {"F8_E8M0", CANON_F8_E8M0FNU},
      {"uint8", CANON_U8},
      {"torch.byte", CANON_U8},
      {"torch.int", CANON_I32},
      {"long", CANON_I64},
      {"BOOL", CANON_BOOL},
      {"torch.bool", CANON_BOOL},
      {"complex64", CANON_C64},
  };
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
    assert_int_equal(canon_dtype_parse(names[i].name), names[i].dtype);
  }
}

static void what_is_no_name_or_means_two_types_is_none(void **state) {
  static const char *const names[] = {
      "",       "f",    "f160", "float", "int",     "byte",        "char",
      "torch.", "f16 ", " f16", "torch", "jax.f16", "float8_e4m3", "torch.torch.float",
  };
  (void)state;
  for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) assert_int_equal(canon_dtype_parse(names[i]), 0);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_printed_name_is_read_back),
      cmocka_unit_test(other_programs_names_are_understood_in_any_case),
      cmocka_unit_test(what_is_no_name_or_means_two_types_is_none),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
