/* SPDX-License-Identifier: MIT
 * test_header.c: which headers are read, as what, and which are refused for which reason. What NumPy 2.4 does with each
 * was tried. Of what it takes, canon refuses comments, escapes, prefixes, brackets around numbers and a key twice;
 * of what it refuses, canon takes only space in odd places (an indented first line, a newline before Python 2's L). */
#include <stdio.h>

#include "tests/formats/npy/npy_file.h"

#define HEADER(descr, order, shape) "{'descr': " descr ", 'fortran_order': " order ", 'shape': " shape ", }"

static outcome read_header(uint32_t version, const char *text) {
  static const uint8_t data[64] = {0, 1, 1, 0, 1};
  size_t size;
  uint8_t *file = npy_file(version, text, strlen(text), data, sizeof data, &size);
  outcome got = outcome_of(file, size, NULL);
  free(file);
  return got;
}

static void expect_refusal(uint32_t version, const char *text, int32_t code, const char *because) {
  outcome got = read_header(version, text);
  if (got.code != code || !strstr(got.error, because))
    fail_msg("%s: expected %d and \"%s\", got %d and \"%s\"", text, (int)code, because, (int)got.code, got.error);
  free(got.data);
}

static void expect_shape(uint32_t version, const char *shape, uint32_t rank, const uint64_t *numbers) {
  char text[256];
  snprintf(text, sizeof text, HEADER("'|i1'", "False", "%s"), shape);
  outcome got = read_header(version, text);
  if (got.code) fail_msg("%s: %s", shape, got.error);
  assert_int_equal(got.rank, rank);
  for (uint32_t i = 0; i < rank; i++) assert_int_equal(got.shape[i], numbers[i]);
  free(got.data);
}

static const struct {
  const char *text;
  uint32_t rank;
  uint64_t shape[3];
} SHAPES[] = {
    {"()", 0, {0}},
    {"( )", 0, {0}},
    {"(3,)", 1, {3}},
    {"( 3 , )", 1, {3}},
    {"(3, 4)", 2, {3, 4}},
    {"(3,4,)", 2, {3, 4}},
    {"(3,\n4)", 2, {3, 4}},
    {"(3,\t\f4)", 2, {3, 4}},
    {"(3,\r\n4)", 2, {3, 4}},
    {"(+3,)", 1, {3}},
    {"(-0,)", 1, {0}},
    {"(- 0,)", 1, {0}},
    {"(+ 3,)", 1, {3}},
    {"(0x2f,)", 1, {47}},
    {"(0X2F,)", 1, {47}},
    {"(0b11,)", 1, {3}},
    {"(0B11,)", 1, {3}},
    {"(0o17,)", 1, {15}},
    {"(0O17,)", 1, {15}},
    {"(1_0,)", 1, {10}},
    {"(0x_2,)", 1, {2}},
    {"(00,)", 1, {0}},
    {"(0_0,)", 1, {0}},
    {"(1, 2, 3)", 3, {1, 2, 3}},
    {"(0,9223372036854775807)", 2, {0, INT64_MAX}},
};

static void dimensions_are_read_in_every_spelling_of_python_3(void **state) {
  (void)state;
  for (uint32_t version = 1; version <= 3; version++)
    for (size_t i = 0; i < sizeof SHAPES / sizeof SHAPES[0]; i++)
      expect_shape(version, SHAPES[i].text, SHAPES[i].rank, SHAPES[i].shape);
}

static void integers_of_python_2_are_read_in_versions_1_and_2_only(void **state) {
  static const char *const TEXTS[] = {"(3L,)", "(3 L,)", "(0x3L,)"};
  static const uint64_t three[] = {3}, two[] = {3, 4};
  (void)state;
  for (size_t i = 0; i < sizeof TEXTS / sizeof TEXTS[0]; i++) {
    expect_shape(1, TEXTS[i], 1, three);
    expect_shape(2, TEXTS[i], 1, three);
  }
  expect_shape(1, "(3L, 4L)", 2, two);
  expect_refusal(3, HEADER("'|i1'", "False", "(3L,)"), CANON_E_MALFORMED, "has L where ',' or ')' of shape");
}

static const struct {
  const char *shape;
  const char *because;
} BAD_SHAPES[] = {
    {"(3)", "shape is a number in brackets, a tuple needs a comma: (3,)"},
    {"[3]", "has [ where the tuple of shape"},
    {"3", "has 3 where the tuple of shape"},
    {"None", "has N where the tuple of shape"},
    {"{3}", "has { where the tuple of shape"},
    {"(,)", "has , where an integer dimension"},
    {"(3,,)", "has , where an integer dimension"},
    {"(3 4)", "has 4 where ',' or ')' of shape"},
    {"((3),)", "has ( where an integer dimension"},
    {"(--3,)", "has - where an integer dimension"},
    {"(~3,)", "has ~ where an integer dimension"},
    {"(-4,)", "dimension -4 is negative"},
    {"(-0x4,)", "dimension -4 is negative"},
    {"(1__0,)", "has _ where a digit"},
    {"(1_,)", "has , where a digit"},
    {"(_1,)", "has _ where an integer dimension"},
    {"(0x,)", "has , where a digit"},
    {"(0x_,)", "has , where a digit"},
    {"(0xg,)", "has g where a digit"},
    {"(0b2,)", "has 2 where a digit"},
    {"(0o8,)", "has 8 where a digit"},
    {"(03,)", "begins with 0"},
    {"(0_1,)", "begins with 0"},
    {"(3l,)", "has l where ',' or ')' of shape"},
    {"(3LL,)", "has L where ',' or ')' of shape"},
    {"(3.5,)", "has . where ',' or ')' of shape"},
    {"(3.,)", "has . where ',' or ')' of shape"},
    {"(1e0,)", "has e where ',' or ')' of shape"},
    {"(1j,)", "has j where ',' or ')' of shape"},
    {"(2**1,)", "has * where ',' or ')' of shape"},
    {"(3if 1 else 2,)", "has i where ',' or ')' of shape"},
    {"(0xfor 1,)", "has o where ',' or ')' of shape"},
    {"(True,)", "has T where an integer dimension"},
    {"('3',)", "has ' where an integer dimension"},
    {"(None,)", "has N where an integer dimension"},
    {"(*(2,),)", "has * where an integer dimension"},
    {"(2,)+(3,)", "has + where ',' or '}'"},
    {"(3,#x\n)", "has # where an integer dimension"},
    {"(3,\\\n4)", "has \\ where an integer dimension"},
    {"(3,\v4)", "has byte 0x0b where an integer dimension"},
    {"(3,\xa0"
     "4)",
     "has byte 0xa0 where an integer dimension"},
    {"(9223372036854775808,0)", "dimension over 2^63 - 1"},
    {"(0xffffffffffffffff,)", "dimension over 2^63 - 1"},
    {"(99999999999999999999999999999999999999,)", "dimension over 2^63 - 1"},
    {"(4294967296, 4294967296)", "claims over 2^63 - 1 bytes"},
    {"(0, 4294967296, 4294967296)", "claims over 2^63 - 1 bytes"},
    {"(1099511627776,)", "1099511627776 bytes of elements expected, 64 available"},
};

static void a_shape_that_is_no_tuple_of_sizes_is_refused_for_what_it_is(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof BAD_SHAPES / sizeof BAD_SHAPES[0]; i++) {
    char text[256];
    snprintf(text, sizeof text, HEADER("'|i1'", "False", "%s"), BAD_SHAPES[i].shape);
    expect_refusal(1, text, CANON_E_MALFORMED, BAD_SHAPES[i].because);
  }
}

static void sixty_four_dimensions_are_read_and_one_more_is_refused(void **state) {
  (void)state;
  char text[512] = "{'descr': '|i1', 'fortran_order': False, 'shape': (1";
  for (int i = 1; i < 64; i++) strcat(text, ",1");
  size_t length = strlen(text);
  strcat(text, ")}");
  outcome got = read_header(1, text);
  assert_int_equal(got.code, CANON_OK);
  assert_int_equal(got.rank, 64);
  free(got.data);
  strcpy(text + length, ",1)}");
  expect_refusal(1, text, CANON_E_LIMIT, "more than 64 dimensions");
}

static const char *const SPELLINGS[] = {
    "{'descr': '|i1', 'fortran_order': False, 'shape': (3,), }",
    "{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}",
    "{\"descr\": \"|i1\", \"fortran_order\": False, \"shape\": (3,)}",
    "{'descr': \"|i1\", \"fortran_order\": False, 'shape': (3,)}",
    "{'shape': (3,), 'fortran_order': False, 'descr': '|i1'}",
    "{'fortran_order':False,'descr':'|i1','shape':(3,)}",
    "  \t{ 'descr' : '|i1' , 'fortran_order' : False , 'shape' : ( 3 , ) , }  \n",
    "\n{\n'descr':\n'|i1'\n,\r\n'fortran_order':\fFalse,\t'shape':(3,)}\n\n \t\f\r\n",
    "{'descr': '|i1', 'fortran_order': True, 'shape': (3,), }                              \n",
};

static void a_dictionary_is_read_in_any_order_quotes_and_spacing(void **state) {
  (void)state;
  for (uint32_t version = 1; version <= 3; version++)
    for (size_t i = 0; i < sizeof SPELLINGS / sizeof SPELLINGS[0]; i++) {
      outcome got = read_header(version, SPELLINGS[i]);
      if (got.code) fail_msg("%s: %s", SPELLINGS[i], got.error);
      assert_int_equal(got.dtype, CANON_I8);
      assert_int_equal(got.rank, 1);
      assert_int_equal(got.shape[0], 3);
      free(got.data);
    }
}

static const struct {
  const char *text;
  const char *because;
} BAD_DICTIONARIES[] = {
    {"", "ends where the '{' of a dictionary"},
    {"   \n", "ends where the '{' of a dictionary"},
    {"['<f4', False, (4,)]", "has [ where the '{' of a dictionary"},
    {"dict(descr='|i1')", "has d where the '{' of a dictionary"},
    {"({'descr': '|i1', 'fortran_order': False, 'shape': (3,)})", "has ( where the '{' of a dictionary"},
    {"{}", "lacks the key 'descr'"},
    {"{,}", "has , where a key in quotes"},
    {"{'descr': '|i1', 'shape': (3,)}", "lacks the key 'fortran_order'"},
    {"{'descr': '|i1', 'fortran_order': False}", "lacks the key 'shape'"},
    {"{'fortran_order': False, 'shape': (3,)}", "lacks the key 'descr'"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,), 'x': 1}", "has a key 'x' besides"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,), '': 1}", "has a key '' besides"},
    {"{'Descr': '|i1'}", "has a key 'Descr' besides"},
    {"{'desc': '|i1'}", "has a key 'desc' besides"},
    {"{'descr ': '|i1'}", "has a key 'descr ' besides"},
    {"{'descr': '|i1', 'descr': '|i1', 'fortran_order': False, 'shape': (3,)}", "the key 'descr' twice"},
    {"{'shape': (3,), 'shape': (3,), 'descr': '|i1', 'fortran_order': False}", "the key 'shape' twice"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,)", "ends where ',' or '}'"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,", "ends where an integer dimension"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3", "ends where ',' or ')' of shape"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (0x", "ends where an integer dimension"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (", "ends where an integer dimension"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape':", "ends where the tuple of shape"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape'", "ends where ':' after a key"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape", "ends where a closing quote"},
    {"{'descr': '|i1', 'fortran_order': F", "has F where the True or False of fortran_order"},
    {"{'descr': '|i1", "ends where a closing quote"},
    {"{'descr': '", "ends where a closing quote"},
    {"{'descr':", "ends where the string of descr"},
    {"{'descr': '|i1' 'fortran_order': False, 'shape': (3,)}", "has ' where ',' or '}'"},
    {"{'descr' '|i1'}", "has ' where ':' after a key"},
    {"{'descr': '|i1',, 'fortran_order': False}", "has , where a key in quotes"},
    {"{descr: '|i1'}", "has d where a key in quotes"},
    {"{b'descr': '|i1'}", "has b where a key in quotes"},
    {"{'des\\x63r': '|i1'}", "has \\ where a plain string"},
    {"{'descr\n': '|i1'}", "has byte 0x0a where a plain string"},
    {"{'descr': '|i1', 'fortran_order': False, **{'shape': (3,)}}", "has * where a key in quotes"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,)},", "has , where nothing but space"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}\n1", "has 1 where nothing but space"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,)} #c", "has # where nothing but space"},
    {"{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}}", "has } where nothing but space"},
    {HEADER("'|i1'", "0", "(3,)"), "has 0 where the True or False of fortran_order"},
    {HEADER("'|i1'", "None", "(3,)"), "has N where the True or False of fortran_order"},
    {HEADER("'|i1'", "true", "(3,)"), "has t where the True or False of fortran_order"},
    {HEADER("'|i1'", "'True'", "(3,)"), "has ' where the True or False of fortran_order"},
    {HEADER("'|i1'", "Falsey", "(3,)"), "has y where ',' or '}'"},
    {HEADER("'|i1'", "not True", "(3,)"), "has n where the True or False of fortran_order"},
    {HEADER("__import__('os').system('true') or '<f4'", "False", "(3,)"), "has _ where the string of descr"},
    {HEADER("None", "False", "(3,)"), "has N where the string of descr"},
    {HEADER("b'|i1'", "False", "(3,)"), "has b where the string of descr"},
    {HEADER("'''|i1'''", "False", "(3,)"), "is no dtype as numpy.save writes it"},
    {HEADER("'|' 'i1'", "False", "(3,)"), "is no dtype as numpy.save writes it"},
    {HEADER("'\\x7ci1'", "False", "(3,)"), "has \\ where a plain string"},
};

static void anything_but_the_one_dictionary_is_refused_for_what_it_is(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof BAD_DICTIONARIES / sizeof BAD_DICTIONARIES[0]; i++) {
    int is_dtype = strstr(BAD_DICTIONARIES[i].because, "numpy.save") != NULL;
    expect_refusal(1, BAD_DICTIONARIES[i].text, is_dtype ? CANON_E_UNSUPPORTED : CANON_E_MALFORMED,
                   BAD_DICTIONARIES[i].because);
  }
}

static void a_nul_is_no_space(void **state) {
  static const char text[] = "{'descr': '|i1', 'fortran_order': False, 'shape': (3,)}\0\0";
  size_t size;
  uint8_t *file = npy_file(1, text, sizeof text - 1, "abc", 3, &size);
  outcome got = outcome_of(file, size, NULL);
  (void)state;
  assert_refused(&got, CANON_E_MALFORMED, "has byte 0x00 where nothing but space");
  free(file);
}

static void deep_nesting_is_refused_at_the_first_bracket(void **state) {
  (void)state;
  enum { DEPTH = 200000 };
  char *text = malloc(DEPTH + 64);
  assert_non_null(text);
  size_t size;
  for (int kind = 0; kind < 3; kind++) {
    strcpy(text, kind == 0 ? "" : kind == 1 ? "{'descr': " : "{'shape': (");
    size_t start = strlen(text);
    memset(text + start, '(', DEPTH);
    uint8_t *file = npy_file(2, text, start + DEPTH, NULL, 0, &size);
    outcome got = outcome_of(file, size, NULL);
    if (kind == 1) assert_refused(&got, CANON_E_UNSUPPORTED, "subarray dtype");
    else assert_refused(&got, CANON_E_MALFORMED, "has ( where");
    free(file);
  }
  free(text);
}

static const struct {
  const char *descr;
  uint32_t dtype;
} DTYPES[] = {
    {"|b1", CANON_BOOL}, {"<b1", CANON_BOOL}, {"b1", CANON_BOOL}, {"|u1", CANON_U8},  {"<u1", CANON_U8},
    {">u1", CANON_U8},   {"=u1", CANON_U8},   {"u1", CANON_U8},   {"|i1", CANON_I8},  {"i1", CANON_I8},
    {"<u2", CANON_U16},  {">u2", CANON_U16},  {"=u2", CANON_U16}, {"u2", CANON_U16},  {"|u2", CANON_U16},
    {"<u4", CANON_U32},  {"<u8", CANON_U64},  {"<i2", CANON_I16}, {"<i4", CANON_I32}, {"<i8", CANON_I64},
    {"<f2", CANON_F16},  {"<f4", CANON_F32},  {"<f8", CANON_F64}, {"<c8", CANON_C64}, {"<c16", CANON_C128},
    {">u4", CANON_U32},  {">u8", CANON_U64},  {">i2", CANON_I16}, {">i4", CANON_I32}, {">i8", CANON_I64},
    {">f2", CANON_F16},  {">f4", CANON_F32},  {">f8", CANON_F64}, {">c8", CANON_C64}, {">c16", CANON_C128},
    {"=f4", CANON_F32},
};

static void every_number_of_numpy_is_read_in_every_byte_order(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof DTYPES / sizeof DTYPES[0]; i++) {
    char text[128];
    snprintf(text, sizeof text, HEADER("'%s'", "False", "(3,)"), DTYPES[i].descr);
    outcome got = read_header(1, text);
    if (got.code) fail_msg("%s: %s", DTYPES[i].descr, got.error);
    assert_int_equal(got.dtype, DTYPES[i].dtype);
    assert_int_equal(got.elements, 3);
    free(got.data);
  }
}

static const struct {
  const char *descr;
  int32_t code;
  const char *because;
} BAD_DTYPES[] = {
    {"'|O'", CANON_E_UNSAFE, "stored as a pickle"},
    {"'O'", CANON_E_UNSAFE, "stored as a pickle"},
    {"'|O8'", CANON_E_UNSAFE, "stored as a pickle"},
    {"[('a', '<f4'), ('b', '|O')]", CANON_E_UNSAFE, "a field of Python objects, stored as a pickle"},
    {"[('a', [('b', '<i4'), ('c', 'O')])]", CANON_E_UNSAFE, "a field of Python objects"},
    {"[(('title', 'a'), '|O')]", CANON_E_UNSAFE, "a field of Python objects"},
    {"('|O', (2,))", CANON_E_UNSAFE, "a field of Python objects"},
    {"[('O', '<f4')]", CANON_E_UNSUPPORTED, "structured dtype"},
    {"[('a', '<f4')", CANON_E_UNSUPPORTED, "structured dtype"},
    {"[", CANON_E_UNSUPPORTED, "structured dtype"},
    {"[]", CANON_E_UNSUPPORTED, "structured dtype"},
    {"[('a'", CANON_E_UNSUPPORTED, "structured dtype"},
    {"('<f4', (2,))", CANON_E_UNSUPPORTED, "subarray dtype"},
    {"('<f4')", CANON_E_UNSUPPORTED, "subarray dtype"},
    {"'|S3'", CANON_E_UNSUPPORTED, "byte strings"},
    {"'|S0'", CANON_E_UNSUPPORTED, "byte strings"},
    {"'S'", CANON_E_UNSUPPORTED, "byte strings"},
    {"'|a3'", CANON_E_UNSUPPORTED, "byte strings"},
    {"'<U5'", CANON_E_UNSUPPORTED, "text strings"},
    {"'>U1'", CANON_E_UNSUPPORTED, "text strings"},
    {"'<M8[s]'", CANON_E_UNSUPPORTED, "datetime64"},
    {"'<M8'", CANON_E_UNSUPPORTED, "datetime64"},
    {"'<m8[25ms]'", CANON_E_UNSUPPORTED, "timedelta64"},
    {"'|V3'", CANON_E_UNSUPPORTED, "void"},
    {"'|V0'", CANON_E_UNSUPPORTED, "void"},
    {"'<f16'", CANON_E_UNSUPPORTED, "long double, which differs from machine to machine (byte 20); save it as '<f8'"},
    {"'>f12'", CANON_E_UNSUPPORTED, "long double"},
    {"'<c32'", CANON_E_UNSUPPORTED, "save it as '<c16'"},
    {"'<c24'", CANON_E_UNSUPPORTED, "long double"},
    {"'<V2'", CANON_E_UNSUPPORTED, "if ml_dtypes wrote them, say it: --ml-dtype bf16"},
    {"'|V2'", CANON_E_UNSUPPORTED, "--ml-dtype bf16"},
    {"'<V1'", CANON_E_UNSUPPORTED, "--ml-dtype f8_e4m3fn (or another f8)"},
    {"'<f1'", CANON_E_UNSUPPORTED, "--ml-dtype f8_e5m2"},
    {"'zz'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"''", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<f'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'float32'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<f3'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<i16'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<c4'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<b2'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<F4'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<f04'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<f4 '", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"' <f4'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<f4,'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'2f4'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<<f4'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'f4[s]'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<M8[s'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
    {"'<f99999999999999999999'", CANON_E_UNSUPPORTED, "is no dtype as numpy.save writes it"},
};

static void what_is_no_tensor_is_refused_by_its_right_name(void **state) {
  (void)state;
  for (size_t i = 0; i < sizeof BAD_DTYPES / sizeof BAD_DTYPES[0]; i++) {
    char text[256];
    snprintf(text, sizeof text, HEADER("%s", "False", "(3,)"), BAD_DTYPES[i].descr);
    expect_refusal(1, text, BAD_DTYPES[i].code, BAD_DTYPES[i].because);
  }
}

static void the_files_that_numpy_writes_of_other_dtypes_are_refused(void **state) {
  static const struct {
    const char *name;
    int32_t code;
    const char *because;
  } FILES[] = {
      {"object", CANON_E_UNSAFE, "stored as a pickle"},
      {"structured-object", CANON_E_UNSAFE, "a field of Python objects"},
      {"structured", CANON_E_UNSUPPORTED, "structured dtype"},
      {"structured-unicode", CANON_E_UNSUPPORTED, "structured dtype"},
      {"strings", CANON_E_UNSUPPORTED, "text strings"},
      {"bytes", CANON_E_UNSUPPORTED, "byte strings"},
      {"datetime", CANON_E_UNSUPPORTED, "datetime64"},
      {"timedelta", CANON_E_UNSUPPORTED, "timedelta64"},
      {"void", CANON_E_UNSUPPORTED, "void"},
      {"longdouble", CANON_E_UNSUPPORTED, "long double"},
      {"clongdouble", CANON_E_UNSUPPORTED, "long double"},
      {"twice", CANON_E_UNSUPPORTED, "a second array follows the first (byte 152); save each"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
    char path[128];
    snprintf(path, sizeof path, "corpus/npy/refused-%s.npy", FILES[i].name);
    outcome got = outcome_of_file(path, NULL);
    assert_refused(&got, FILES[i].code, FILES[i].because);
  }
}

static void other_magic_and_versions_are_refused(void **state) {
  (void)state;
  static const struct {
    uint32_t at;
    uint8_t byte;
    int32_t code;
    const char *because;
  } CHANGES[] = {
      {0, 0x92, CANON_E_MALFORMED, "does not begin with the magic bytes of .npy"},
      {5, 'X', CANON_E_MALFORMED, "does not begin with the magic bytes of .npy"},
      {6, 0, CANON_E_UNSUPPORTED, "format version 0.0, known are 1.0, 2.0 and 3.0 (byte 6)"},
      {6, 4, CANON_E_UNSUPPORTED, "format version 4.0"},
      {7, 1, CANON_E_UNSUPPORTED, "format version 1.1"},
  };
  for (size_t i = 0; i < sizeof CHANGES / sizeof CHANGES[0]; i++) {
    size_t size;
    uint8_t *file = support_slurp("corpus/npy/f32.npy", &size);
    file[CHANGES[i].at] = CHANGES[i].byte;
    outcome got = outcome_of(file, size, NULL);
    assert_refused(&got, CHANGES[i].code, CHANGES[i].because);
    free(file);
  }
}

static void a_header_longer_than_the_file_is_refused_before_memory_is_taken(void **state) {
  (void)state;
  size_t size;
  uint8_t *file = support_slurp("corpus/npy/shape-one-v2.npy", &size);
  memset(file + 8, 0xff, 4);
  outcome got = outcome_of(file, size, NULL);
  assert_refused(&got, CANON_E_MALFORMED, "the header needs 4294967307 bytes, the file has ");
  free(file);
}

static void a_header_over_a_mebibyte_is_over_the_limit(void **state) {
  (void)state;
  enum { MEBIBYTE = 1 << 20 };
  const char *text = HEADER("'|i1'", "False", "(3,)");
  char *padded = malloc(MEBIBYTE + 1);
  assert_non_null(padded);
  memset(padded, ' ', MEBIBYTE + 1);
  memcpy(padded, text, strlen(text));
  for (size_t over = 0; over <= 1; over++) {
    size_t size;
    uint8_t *file = npy_file(2, padded, MEBIBYTE + over, "abc", 3, &size);
    outcome got = outcome_of(file, size, NULL);
    if (over) assert_refused(&got, CANON_E_LIMIT, "a header of 1048577 bytes, the limit is 1048576");
    else assert_int_equal(got.code, CANON_OK);
    free(got.data);
    free(file);
  }
  free(padded);
}

static void errors_give_the_byte_of_the_file(void **state) {
  (void)state;
  expect_refusal(1, HEADER("'|i1'", "0", "(3,)"), CANON_E_MALFORMED, "(byte 44)");
  expect_refusal(3, HEADER("'|i1'", "0", "(3,)"), CANON_E_MALFORMED, "(byte 46)");
  expect_refusal(1, HEADER("'|O'", "False", "(3,)"), CANON_E_UNSAFE, "(byte 20); save their numbers as arrays");
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(dimensions_are_read_in_every_spelling_of_python_3),
      cmocka_unit_test(integers_of_python_2_are_read_in_versions_1_and_2_only),
      cmocka_unit_test(a_shape_that_is_no_tuple_of_sizes_is_refused_for_what_it_is),
      cmocka_unit_test(sixty_four_dimensions_are_read_and_one_more_is_refused),
      cmocka_unit_test(a_dictionary_is_read_in_any_order_quotes_and_spacing),
      cmocka_unit_test(anything_but_the_one_dictionary_is_refused_for_what_it_is),
      cmocka_unit_test(a_nul_is_no_space),
      cmocka_unit_test(deep_nesting_is_refused_at_the_first_bracket),
      cmocka_unit_test(every_number_of_numpy_is_read_in_every_byte_order),
      cmocka_unit_test(what_is_no_tensor_is_refused_by_its_right_name),
      cmocka_unit_test(the_files_that_numpy_writes_of_other_dtypes_are_refused),
      cmocka_unit_test(other_magic_and_versions_are_refused),
      cmocka_unit_test(a_header_longer_than_the_file_is_refused_before_memory_is_taken),
      cmocka_unit_test(a_header_over_a_mebibyte_is_over_the_limit),
      cmocka_unit_test(errors_give_the_byte_of_the_file),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
