/* SPDX-License-Identifier: MIT
 * test_pickle.c: each opcode makes the values that Python's unpickler makes of it, calls apart, which are only
 * recorded; each misuse is refused with its byte. */
#include "formats/common/pickle.h"

#include <inttypes.h>
#include <string.h>

#include "tests/support/support.h"

/* A value as text: Python's notation, and for calls name(arguments)+[items]+{entries}+state. Depth is the test's own.
 */
typedef struct dump {
  char text[2000];
  size_t used;
} dump;

static void put(dump *out, const char *format, ...) {
  va_list args;
  va_start(args, format);
  out->used += (size_t)vsnprintf(out->text + out->used, sizeof out->text - out->used, format, args);
  va_end(args);
  assert_true(out->used < sizeof out->text);
}

static void put_hex(dump *out, const uint8_t *bytes, uint64_t size) {
  for (uint64_t i = 0; i < size; i++)
    if (bytes[i] >= 0x20 && bytes[i] < 0x7F) put(out, "%c", bytes[i]);
    else put(out, "\\x%02x", bytes[i]);
}

static void put_value(dump *out, const pickle_value *value);

static void put_items(dump *out, const char *open, const pickle_value *value, const char *close) {
  put(out, "%s", open);
  for (uint32_t i = 0; i < value->as.items.n; i++) {
    put(out, "%s", i == 0 ? "" : value->kind == PICKLE_DICT && i % 2 ? ": " : ", ");
    put_value(out, value->as.items.at[i]);
  }
  put(out, "%s", close);
}

static void put_call(dump *out, const pickle_call *call) {
  put_value(out, call->callable);
  put_items(out, "(", call->arguments, ")");
  if (call->keywords) put_items(out, "**{", call->keywords, "}");
  if (call->items) put_items(out, "+[", call->items, "]");
  if (call->entries) put_items(out, "+{", call->entries, "}");
  if (call->state) put(out, "+"), put_value(out, call->state);
}

static void put_value(dump *out, const pickle_value *value) {
  int64_t integer;
  double real;
  switch (value->kind) {
    case PICKLE_NONE: put(out, "None"); break;
    case PICKLE_BOOL: put(out, value->as.number.bytes[0] ? "True" : "False"); break;
    case PICKLE_INT:
      assert_int_equal(pickle_to_i64(value, &integer), 1);
      put(out, "%" PRId64, integer);
      break;
    case PICKLE_LONG: put(out, "L"), put_hex(out, value->as.text.bytes, value->as.text.size); break;
    case PICKLE_FLOAT:
      memcpy(&real, value->as.number.bytes, sizeof real);
      put(out, "%a", real);
      break;
    case PICKLE_STR: put(out, "'"), put_hex(out, value->as.text.bytes, value->as.text.size), put(out, "'"); break;
    case PICKLE_BYTES: put(out, "b'"), put_hex(out, value->as.text.bytes, value->as.text.size), put(out, "'"); break;
    case PICKLE_BYTEARRAY:
      put(out, "B'"), put_hex(out, value->as.text.bytes, value->as.text.size), put(out, "'");
      break;
    case PICKLE_LIST: put_items(out, "[", value, "]"); break;
    case PICKLE_TUPLE: put_items(out, "(", value, ")"); break;
    case PICKLE_DICT: put_items(out, "{", value, "}"); break;
    case PICKLE_SET: put_items(out, "set{", value, "}"); break;
    case PICKLE_FROZENSET: put_items(out, "frozenset{", value, "}"); break;
    case PICKLE_GLOBAL: put(out, "%s", value->as.global->text); break;
    case PICKLE_PERSISTENT: put(out, "<"), put_value(out, value->as.id), put(out, ">"); break;
    case PICKLE_OBJECT: put_call(out, value->as.call); break;
    default: fail_msg("kind %d", value->kind);
  }
}

/* Names that the tests know: a function, and classes whose results take items, entries, a state or nothing. */
static const pickle_class KNOWN[] = {{"m", "function", PICKLE_CALL},
                                     {"m", "sealed", PICKLE_CALL | PICKLE_NEW},
                                     {"m", "list", PICKLE_CALL | PICKLE_NEW | PICKLE_ITEMS},
                                     {"m", "dict", PICKLE_CALL | PICKLE_NEW | PICKLE_ENTRIES | PICKLE_STATE},
                                     {"m", "constant", 0}};

static const pickle_class *find(const char *module, uint64_t module_size, const char *name, uint64_t name_size) {
  for (size_t i = 0; i < sizeof KNOWN / sizeof *KNOWN; i++)
    if (module_size == 1 && *module == 'm' && strlen(KNOWN[i].name) == name_size &&
        !memcmp(KNOWN[i].name, name, name_size))
      return &KNOWN[i];
  return NULL;
}

/* A pickle of the test as a literal: its size without the literal's own NUL. */
#define P(literal) literal, sizeof(literal) - 1

static void expect_result(const char *bytes, size_t size, const char *expected) {
  canon_job *job = support_job();
  pickle p = {.bytes = (const uint8_t *)bytes, .size = size, .origin = 0, .find = find};
  dump out = {.used = 0};
  if (pickle_run(job, &p)) fail_msg("'%s', expected %s", support_error(job), expected);
  assert_int_equal(p.used, size);
  put_value(&out, p.root);
  assert_string_equal(out.text, expected);
  pickle_free(job, &p);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void each_opcode_makes_what_python_makes_of_it(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
    const char *value;
  } CASES[] = {
      {P("\x80\x02N."), "None"},
      {P("\x80\5\x95\2\0\0\0\0\0\0\0N."), "None"},
      {P("\x88."), "True"},
      {P("\x89."), "False"},
      {P("I01\n."), "True"},
      {P("I00\n."), "False"},
      {P("I0\n."), "0"},
      {P("I-17\n."), "-17"},
      {P("J\xFF\xFF\xFF\x7F."), "2147483647"},
      {P("J\0\0\0\x80."), "-2147483648"},
      {P("J\xFE\xFF\xFF\xFF."), "-2"},
      {P("K\xC8."), "200"},
      {P("M\xFF\xFF."), "65535"},
      {P("L12L\n."), "12"},
      {P("L-9223372036854775808L\n."), "-9223372036854775808"},
      {P("L9223372036854775808L\n."), "L\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x80\\x00"},
      {P("L-9223372036854775809L\n."), "L\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x7f\\xff"},
      {P("\x8A\0."), "0"},
      {P("\x8A\1\xFF."), "-1"},
      {P("\x8A\2\x80\0."), "128"},
      {P("\x8A\5\1\0\0\0\0."), "1"}, /* longer than it need be */
      {P("\x8A\x09\1\2\3\4\5\6\7\x08\x09."), "L\\x01\\x02\\x03\\x04\\x05\\x06\\x07\\x08\\x09"},
      {P("\x8B\3\0\0\0\xFF\xFF\xFF."), "-1"},
      {P("G\x3F\xF8\0\0\0\0\0\0."), "0x1.8p+0"},
      {P("F-1.5e3\n."), "-0x1.77p+10"},
      {P("F-inf\n."), "-inf"},
      {P("S'a\\x00\\n\\'\\101'\n."), "'a\\x00\\x0a'A'"},
      {P("S\"it's\"\n."), "'it's'"},
      {P("T\3\0\0\0abc."), "'abc'"},
      {P("U\3abc."), "'abc'"},
      {P("V\\u00e9\\U0001F600\xE9\\\\u0041\n."), "'\\xc3\\xa9\\xf0\\x9f\\x98\\x80\\xc3\\xa9\\\\u0041'"},
      {P("X\2\0\0\0\xC3\xA9."), "'\\xc3\\xa9'"},
      {P("X\3\0\0\0\xED\xA0\x80."), "'\\xed\\xa0\\x80'"}, /* a lone surrogate */
      {P("\x8C\1z."), "'z'"},
      {P("\x8D\1\0\0\0\0\0\0\0z."), "'z'"},
      {P("B\1\0\0\0\xFF."), "b'\\xff'"},
      {P("C\2\xFF\0."), "b'\\xff\\x00'"},
      {P("\x8E\1\0\0\0\0\0\0\0z."), "b'z'"},
      {P("\x96\1\0\0\0\0\0\0\0z."), "B'z'"},
      {P(")."), "()"},
      {P("]."), "[]"},
      {P("}."), "{}"},
      {P("\x8F."), "set{}"},
      {P("K\1\x85."), "(1)"},
      {P("K\1K\2\x86."), "(1, 2)"},
      {P("K\1K\2K\3\x87."), "(1, 2, 3)"},
      {P("(t."), "()"},
      {P("(l."), "[]"},
      {P("(d."), "{}"},
      {P("(K\1K\2K\3K\4t."), "(1, 2, 3, 4)"},
      {P("(K\1(K\2ll."), "[1, [2]]"},
      {P("(K\1K\2d."), "{1: 2}"},
      {P("(K\1K\2\x91."), "frozenset{1, 2}"},
      {P("]K\1a."), "[1]"},
      {P("](K\1K\2e."), "[1, 2]"},
      {P("](e."), "[]"},
      {P("}K\1K\2s."), "{1: 2}"},
      {P("}(K\1K\2K\3K\4u."), "{1: 2, 3: 4}"},
      {P("\x8F(K\1K\2\x90."), "set{1, 2}"},
      {P("K\1N0."), "1"},
      {P("K\1(0."), "1"}, /* POP of a MARK */
      {P("K\1(NN1."), "1"},
      {P("]2\x86."), "([], [])"},
      {P("]q\0K\1a0h\0."), "[1]"},
      {P("]r\1\0\0\0K\1a0j\1\0\0\0."), "[1]"},
      {P("]p2\nK\1a0g2\n."), "[1]"},
      {P("\x8C\1a\x94K\1\x94\x86h\0h\1\x87."), "(('a', 1), 'a', 1)"},
      {P("cm\nconstant\n."), "m.constant"},
      {P("\x8C\1m\x8C\x08"
         "constant\x93."),
       "m.constant"},
      {P("cm\nfunction\nK\1\x85R."), "m.function(1)"},
      {P("cm\nsealed\n)\x81."), "m.sealed()"},
      {P("cm\nother\nK\1\x85}K\2K\3s\x92."), "m.other(1)**{2: 3}"},
      {P("(K\1im\nsealed\n."), "m.sealed(1)"},
      {P("(cm\nsealed\nK\1o."), "m.sealed(1)"},
      {P("cm\nlist\n)R(K\1K\2e."), "m.list()+[1, 2]"},
      {P("cm\nlist\n)RK\1a."), "m.list()+[1]"},
      {P("cm\ndict\n)R(K\1K\2u}b."), "m.dict()+{1: 2}+{}"},
      {P("cmy.module\nOuter.Inner\n)\x81K\1aK\2K\3sK\4b."), "my.module.Outer.Inner()+[1]+{2: 3}+4"},
      {P("Psome id\n."), "<'some id'>"},
      {P("K\1\x85Q."), "<(1)>"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
    expect_result(CASES[i].bytes, CASES[i].size, CASES[i].value);
}

static void expect_refused(const char *bytes, size_t size, int32_t code, uint64_t offset, const char *text) {
  canon_job *job = support_job();
  pickle p = {.bytes = (const uint8_t *)bytes, .size = size, .origin = 1000, .find = find};
  char expected[200], at[40];
  int32_t got = pickle_run(job, &p);
  snprintf(expected, sizeof expected, "%s", text);
  snprintf(at, sizeof at, "(byte %" PRIu64 ")", 1000 + offset);
  if (got != code || !strstr(support_error(job), expected) || !strstr(support_error(job), at))
    fail_msg("%d '%s', expected %d '%s' %s", got, support_error(job), code, text, at);
  pickle_free(job, &p);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void each_misuse_is_refused_with_its_byte(void **state) {
  (void)state;
  static const struct {
    const char *bytes;
    size_t size;
    int32_t code;
    uint64_t offset;
    const char *text;
  } CASES[] = {
      /* the stream */
      {P(""), CANON_E_MALFORMED, 0, "the pickle ends without STOP"},
      {P("N"), CANON_E_MALFORMED, 1, "the pickle ends without STOP"},
      {P("\x99."), CANON_E_MALFORMED, 0, "no pickle opcode is 0x99"},
      {P("\0."), CANON_E_MALFORMED, 0, "no pickle opcode is 0x00"},
      {P("\x80\6N."), CANON_E_UNSUPPORTED, 0, "pickle protocol 6 (byte 1000); canon reads 0 to 5"},
      {P("N\x80\2."), CANON_E_MALFORMED, 1, "PROTO in the middle"},
      {P("NN."), CANON_E_MALFORMED, 2, "STOP with 2 values and 0 marks"},
      {P("N(."), CANON_E_MALFORMED, 2, "STOP needs 1 values, the stack has 0"},
      {P("."), CANON_E_MALFORMED, 0, "STOP needs 1 values, the stack has 0"},
      {P("\x95\3\0\0\0\0\0\0\0N."), CANON_E_MALFORMED, 0, "FRAME of 3 bytes, 2 are left"},
      {P("\x95\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7FN."), CANON_E_MALFORMED, 0, "FRAME of 9223372036854775807 bytes"},
      {P("\x95\2\0\0\0\0\0\0\0K\1K\1."), CANON_E_MALFORMED, 13, "STOP with 2"},
      {P("\x95\1\0\0\0\0\0\0\0K\1."), CANON_E_MALFORMED, 9, "BININT1 reaches over the end of its frame"},
      {P("\x95\x0B\0\0\0\0\0\0\0\x95\1\0\0\0\0\0\0\0N."), CANON_E_MALFORMED, 9, "FRAME within a frame"},
      /* arguments */
      {P("K"), CANON_E_MALFORMED, 0, "BININT1: the pickle ends in its argument"},
      {P("J\1\2\3"), CANON_E_MALFORMED, 0, "BININT: the pickle ends in its argument"},
      {P("G\1"), CANON_E_MALFORMED, 0, "BINFLOAT: the pickle ends in its argument"},
      {P("I12"), CANON_E_MALFORMED, 0, "INT: its line does not end"},
      {P("cos\nsystem"), CANON_E_MALFORMED, 0, "GLOBAL: its line does not end"},
      {P("X\5\0\0\0abc."), CANON_E_MALFORMED, 0, "BINUNICODE: 5 bytes, 4 are left"},
      {P("X\xFF\xFF\xFF\xFF."), CANON_E_MALFORMED, 0, "BINUNICODE: 4294967295 bytes, 1 are left"},
      {P("\x8D\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF."), CANON_E_MALFORMED, 0, "BINUNICODE8: 18446744073709551615 bytes, 1"},
      {P("\x8E\0\0\0\0\0\0\0\x80."), CANON_E_MALFORMED, 0, "BINBYTES8: 9223372036854775808 bytes"},
      {P("\x96\0\0\0\0\0\0\0\x80."), CANON_E_MALFORMED, 0, "BYTEARRAY8: 9223372036854775808 bytes"},
      {P("T\xFF\xFF\xFF\xFF."), CANON_E_MALFORMED, 0, "BINSTRING: a negative length"},
      {P("\x8B\0\0\0\x80."), CANON_E_MALFORMED, 0, "LONG4: a negative length"},
      {P("X\1\0\0\0\xFF."), CANON_E_MALFORMED, 0, "BINUNICODE: a str that is not UTF-8"},
      {P("U\1\xC3."), CANON_E_MALFORMED, 0, "SHORT_BINSTRING: a str that is not UTF-8"},
      {P("Ix\n."), CANON_E_MALFORMED, 0, "INT: 1 bytes that are no decimal number"},
      {P("I\n."), CANON_E_MALFORMED, 0, "INT: 0 bytes that are no decimal number"},
      {P("L1x\n."), CANON_E_MALFORMED, 0, "LONG: 2 bytes that are no decimal number"},
      {P("F1,5\n."), CANON_E_MALFORMED, 0, "FLOAT: a line that is no number"},
      {P("S'a\n."), CANON_E_MALFORMED, 0, "STRING: a line with broken escapes"},
      {P("V\\u12\n."), CANON_E_MALFORMED, 0, "UNICODE: a line with broken escapes"},
      {P("V\\UFFFFFFFF\n."), CANON_E_MALFORMED, 0, "UNICODE: a line with broken escapes"},
      /* stack and memo */
      {P("0."), CANON_E_MALFORMED, 0, "POP on an empty stack"},
      {P("1."), CANON_E_MALFORMED, 0, "POP_MARK without a MARK"},
      {P("2."), CANON_E_MALFORMED, 0, "DUP needs 1 values, the stack has 0"},
      {P("t."), CANON_E_MALFORMED, 0, "TUPLE without a MARK"},
      {P("N\x86."), CANON_E_MALFORMED, 1, "TUPLE2 needs 2 values, the stack has 1"},
      {P("](K\1K\2a."), CANON_E_MALFORMED, 6, "APPEND on an int"},
      {P("](a."), CANON_E_MALFORMED, 2,
       "APPEND needs 2 values, the stack has 0"}, /* what is below a MARK is out of reach */
      {P("(q\0."), CANON_E_MALFORMED, 1, "BINPUT needs 1 values, the stack has 0"},
      {P("h\0."), CANON_E_MALFORMED, 0, "BINGET of memo number 0, which nothing was put under"},
      {P("j\xFF\xFF\xFF\xFF."), CANON_E_MALFORMED, 0, "LONG_BINGET of memo number 4294967295"},
      {P("Nr\xFF\xFF\xFF\xFF."), CANON_E_MALFORMED, 1, "memo number 4294967295 in a pickle of 7 bytes"},
      {P("Np99999999999999999999\n."), CANON_E_MALFORMED, 1, "PUT without a number"},
      {P("Np-1\n."), CANON_E_MALFORMED, 1, "PUT without a number"},
      {P("Np\n."), CANON_E_MALFORMED, 1, "PUT without a number"},
      /* containers */
      {P("K\1K\2a."), CANON_E_MALFORMED, 4, "APPEND on an int"},
      {P(")K\2a."), CANON_E_MALFORMED, 3, "APPEND on a tuple"},
      {P("]K\1K\2s."), CANON_E_MALFORMED, 5, "SETITEM on a list"},
      {P("}K\1a."), CANON_E_MALFORMED, 3, "APPEND on a dict"},
      {P("}(K\1u."), CANON_E_MALFORMED, 4, "SETITEMS with a key that has no value"},
      {P("(K\1d."), CANON_E_MALFORMED, 3, "DICT with a key that has no value"},
      {P("}]K\1s."), CANON_E_MALFORMED, 4, "SETITEM: a list cannot be a key"},
      {P("}]\x85K\1s."), CANON_E_MALFORMED, 5, "SETITEM: a tuple cannot be a key"},
      {P("}}K\1s."), CANON_E_MALFORMED, 4, "SETITEM: a dict cannot be a key"},
      {P("(}\x91."), CANON_E_MALFORMED, 2, "FROZENSET: a dict cannot be a key"},
      {P("\x8F(]\x90."), CANON_E_MALFORMED, 3, "ADDITEMS: a list cannot be a key"},
      {P("](K\1K\2\x90."), CANON_E_MALFORMED, 6, "ADDITEMS on a list"},
      {P("(K\1e."), CANON_E_MALFORMED, 3, "APPENDS with nothing below its MARK"},
      {P("N((K\1e."), CANON_E_MALFORMED, 5, "APPENDS with nothing below its MARK"},
      /* names and calls */
      {P("cm\0\nx\n."), CANON_E_UNSAFE, 0, "a name that no Python module has"},
      {P("c\nx\n."), CANON_E_UNSAFE, 0, "a name that no Python module has"},
      {P("cm\na..b\n."), CANON_E_UNSAFE, 0, "a name that no Python module has"},
      {P("cm\n1a\n."), CANON_E_UNSAFE, 0, "a name that no Python module has"},
      {P("cos\nsystem\n."), CANON_E_UNSAFE, 0, "it asks for os.system, which no data needs"},
      {P("\x8C\2os\x8C\6system\x93."), CANON_E_UNSAFE, 12, "it asks for os.system, which no data needs"},
      {P("(ios\nsystem\n."), CANON_E_UNSAFE, 1, "it asks for os.system, which no data needs"},
      {P("cbuiltins\neval\n."), CANON_E_UNSAFE, 0, "it asks for builtins.eval"},
      {P("K\1\x8C\1m\x93."), CANON_E_MALFORMED, 5, "STACK_GLOBAL on an int"},
      {P("\x82\1."), CANON_E_UNSAFE, 0, "EXT1 1: a name that only the writer's own registry knows"},
      {P("\x83\1\0."), CANON_E_UNSAFE, 0, "EXT2 1"},
      {P("\x84\1\0\0\0."), CANON_E_UNSAFE, 0, "EXT4 1"},
      {P("\x97."), CANON_E_UNSUPPORTED, 0, "NEXT_BUFFER: data that was kept out of the pickle"},
      {P("N\x98."), CANON_E_UNSUPPORTED, 1, "READONLY_BUFFER"},
      {P("K\1)R."), CANON_E_MALFORMED, 3, "REDUCE calls an int"},
      {P("ca\nb\n)R)R."), CANON_E_UNSAFE, 8, "REDUCE calls the result of a.b"},
      {P("cm\nfunction\nK\1R."), CANON_E_MALFORMED, 14, "REDUCE of m.function with an int for arguments"},
      {P("cm\nfunction\n)\x81."), CANON_E_MALFORMED, 13, "NEWOBJ on m.function"},
      {P("(im\nfunction\n."), CANON_E_MALFORMED, 1, "INST on m.function"},
      {P("(o."), CANON_E_MALFORMED, 1, "OBJ without a class"},
      {P("(K\1o."), CANON_E_MALFORMED, 3, "OBJ calls an int"},
      {P("cm\nconstant\n)R."), CANON_E_MALFORMED, 13, "REDUCE on m.constant"},
      {P("cm\nsealed\n)}K\2K\3s\x92."), CANON_E_UNSUPPORTED, 17, "NEWOBJ_EX of m.sealed with arguments by name"},
      {P("cm\nsealed\n))\x92."), CANON_E_MALFORMED, 12, "NEWOBJ_EX of m.sealed with a tuple for arguments"},
      {P("cm\nfunction\n)RK\1a."), CANON_E_MALFORMED, 16, "APPEND on the result of m.function"},
      {P("cm\nlist\n)RK\1K\2s."), CANON_E_MALFORMED, 14, "SETITEM on the result of m.list"},
      {P("cm\ndict\n)RK\1a."), CANON_E_MALFORMED, 12, "APPEND on the result of m.dict"},
      {P("cm\nlist\n)R}b."), CANON_E_MALFORMED, 11, "BUILD on the result of m.list"},
      {P("cm\ndict\n)R}b}b."), CANON_E_MALFORMED, 13, "a second BUILD on one object"},
      {P("N}b."), CANON_E_MALFORMED, 2, "BUILD on None"},
      {P("cm\nconstant\n}b."), CANON_E_MALFORMED, 13, "BUILD on m.constant"},
      {P("ca\nb\n)R0N."), CANON_E_UNSAFE, 7, "POP throws away what a.b gives: it is called for its effect"},
      {P("N(ca\nb\n)R1."), CANON_E_UNSAFE, 9, "POP_MARK throws away what a.b gives"},
      {P("Q."), CANON_E_MALFORMED, 0, "BINPERSID needs 1 values, the stack has 0"},
      {P("P\xFF\n."), CANON_E_MALFORMED, 0, "PERSID: an id that is not UTF-8"},
  };
  for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++)
    expect_refused(CASES[i].bytes, CASES[i].size, CASES[i].code, CASES[i].offset, CASES[i].text);
}

static void what_was_numbered_may_be_dropped(void **state) {
  (void)state;
  /* so picklers build tuples that hold themselves: the parts are dropped, the tuple is fetched by its number */
  expect_result(P("ca\nb\n)Rq\0000h\0."), "a.b()");
  expect_result(P("cm\nfunction\n)R0N."), "None"); /* a name that is known does nothing */
}

static void a_list_may_hold_itself(void **state) {
  (void)state;
  canon_job *job = support_job();
  static const char BYTES[] = "]q\0h\0a.";
  pickle p = {.bytes = (const uint8_t *)BYTES, .size = sizeof BYTES - 1, .origin = 0};
  assert_int_equal(pickle_run(job, &p), CANON_OK);
  assert_int_equal(p.root->as.items.n, 1);
  assert_ptr_equal(p.root->as.items.at[0], p.root);
  pickle_free(job, &p);
  support_job_free(job);
}

static void bytes_behind_stop_are_left_to_the_caller(void **state) {
  (void)state;
  canon_job *job = support_job();
  static const char BYTES[] = "N.N.";
  pickle p = {.bytes = (const uint8_t *)BYTES, .size = sizeof BYTES - 1, .origin = 0};
  assert_int_equal(pickle_run(job, &p), CANON_OK);
  assert_int_equal(p.used, 2);
  pickle_free(job, &p);
  support_job_free(job);
}

static void a_failure_in_an_inflated_pickle_gives_its_own_byte(void **state) {
  (void)state;
  canon_job *job = support_job();
  pickle p = {.bytes = (const uint8_t *)"N.", .size = 1, .origin = CANON_NONE};
  assert_int_equal(pickle_run(job, &p), CANON_E_MALFORMED);
  assert_non_null(strstr(support_error(job), "at byte 1 of the inflated pickle: the pickle ends without STOP"));
  pickle_free(job, &p);
  support_job_free(job);
}

static void depth_costs_no_stack(void **state) {
  (void)state;
  enum { DEPTH = 1000000 };
  static uint8_t bytes[2 * DEPTH + 1];
  canon_job *job = support_job();
  pickle p = {.bytes = bytes, .origin = 0};
  bytes[p.size++] = ')';
  for (int i = 0; i < DEPTH; i++) bytes[p.size++] = 0x85; /* TUPLE1 */
  bytes[p.size++] = '.';
  assert_int_equal(pickle_run(job, &p), CANON_OK);
  assert_true(support_leaked(job) < 64 * p.size); /* memory in proportion */
  pickle_free(job, &p);
  p.size = 0;
  for (int i = 0; i < DEPTH; i++) bytes[p.size++] = '(';
  for (int i = 0; i < DEPTH; i++) bytes[p.size++] = 'l';
  bytes[p.size++] = '.';
  assert_int_equal(pickle_run(job, &p), CANON_OK);
  pickle_free(job, &p);
  support_job_free(job);
}

/* Every prefix, and every byte replaced by every other: no crash, and always a verdict. */
static void no_damage_confuses_the_machine(void **state) {
  (void)state;
  static const char BYTES[] =
      "\x80\2}q\0(X\1\0\0\0aq\1cm\ndict\n)R(K\1K\2uX\1\0\0\0bq\2](G\0\0\0\0\0\0\0\0N\x88(K\1tl2e\x8A\2\1\2K\3\x86Qu.";
  enum { SIZE = sizeof BYTES - 1 };
  for (size_t at = 0; at < SIZE; at++) {
    for (int value = 0; value < 256; value++) {
      uint8_t bytes[SIZE];
      canon_job *job = support_job();
      memcpy(bytes, BYTES, SIZE);
      bytes[at] = (uint8_t)value;
      pickle p = {.bytes = bytes, .size = SIZE, .origin = 0, .find = find};
      int32_t code = pickle_run(job, &p);
      assert_true(code == CANON_OK || code <= CANON_E_MALFORMED);
      assert_int_equal(code, support_code(job));
      pickle_free(job, &p);
      support_job_free(job);
    }
    canon_job *job = support_job();
    pickle p = {.bytes = (const uint8_t *)BYTES, .size = at, .origin = 0, .find = find};
    assert_true(pickle_run(job, &p) <= CANON_E_MALFORMED);
    pickle_free(job, &p);
    support_job_free(job);
  }
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **state) {
  (void)state;
  static const char BYTES[] =
      "}q\0(K\1cm\ndict\n)R(K\1K\2u}bK\2](NNNNNNNNNe\x85K\3S'abc'\nK\4L123456789012345678901234567890L\nK\5Vx\nK\6("
      "K\1lu.";
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    pickle p = {.bytes = (const uint8_t *)BYTES, .size = sizeof BYTES - 1, .origin = 0, .find = find};
    support_fail_allocation(n);
    int32_t code = pickle_run(job, &p);
    pickle_free(job, &p);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(each_opcode_makes_what_python_makes_of_it),
      cmocka_unit_test(each_misuse_is_refused_with_its_byte),
      cmocka_unit_test(what_was_numbered_may_be_dropped),
      cmocka_unit_test(a_list_may_hold_itself),
      cmocka_unit_test(bytes_behind_stop_are_left_to_the_caller),
      cmocka_unit_test(a_failure_in_an_inflated_pickle_gives_its_own_byte),
      cmocka_unit_test(depth_costs_no_stack),
      cmocka_unit_test(no_damage_confuses_the_machine),
      cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
