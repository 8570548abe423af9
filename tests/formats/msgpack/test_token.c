/* SPDX-License-Identifier: MIT
 * test_token.c: one value after the other, in every form that it can have, and what no value is. */
#include "tests/formats/msgpack/msgpack_file.h"

#include "formats/msgpack/msgpack.h"

static void scalars_are_read_in_every_form(void **state) {
  (void)state;
  EXPECT_TREE("\xc0", "None");
  EXPECT_TREE("\xc2", "False");
  EXPECT_TREE("\xc3", "True");
  EXPECT_TREE("\x7f", "127");
  EXPECT_TREE("\xe0", "-32");
  EXPECT_TREE("\xcc\xff", "255");
  EXPECT_TREE("\xcd\xff\xff", "65535");
  EXPECT_TREE("\xce\xff\xff\xff\xff", "4294967295");
  EXPECT_TREE("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "18446744073709551615");
  EXPECT_TREE("\xd0\x80", "-128");
  EXPECT_TREE("\xd0\x7f", "127");
  EXPECT_TREE("\xd1\x80\x00", "-32768");
  EXPECT_TREE("\xd2\x80\x00\x00\x00", "-2147483648");
  EXPECT_TREE("\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "-9223372036854775808");
  EXPECT_TREE("\xca\x3f\xc0\x00\x00", "1.5");
  EXPECT_TREE("\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", "1.5");
  EXPECT_TREE("\xca\x3d\xcc\xcc\xcd", "0.10000000149011612");
  EXPECT_TREE("\xca\xff\x80\x00\x00", "-inf");
}

static void contents_are_read_in_every_form(void **state) {
  (void)state;
  EXPECT_TREE("\xa0", "''");
  EXPECT_TREE(
      "\xa2"
      "ab",
      "'ab'");
  EXPECT_TREE(
      "\xd9\x02"
      "ab",
      "'ab'");
  EXPECT_TREE(
      "\xda\x00\x02"
      "ab",
      "'ab'");
  EXPECT_TREE(
      "\xdb\x00\x00\x00\x02"
      "ab",
      "'ab'");
  EXPECT_TREE("\xd9\x00", "''");
  EXPECT_TREE("\xdb\x00\x00\x00\x00", "''");
  EXPECT_TREE("\xc4\x02\x00\xff", "b'00ff'");
  EXPECT_TREE("\xc5\x00\x02\x00\xff", "b'00ff'");
  EXPECT_TREE("\xc6\x00\x00\x00\x02\x00\xff", "b'00ff'");
  EXPECT_TREE("\xc4\x00", "b''");
  EXPECT_TREE("\xd4\x05\x10", "<msgpack.ext(5) 10>");
  EXPECT_TREE("\xd5\x85\x10\x11", "<msgpack.ext(-123) 1011>");
  EXPECT_TREE("\xd6\x05\x10\x11\x12\x13", "<msgpack.ext(5) 10111213>");
  EXPECT_TREE("\xd7\x05\x10\x11\x12\x13\x14\x15\x16\x17", "<msgpack.ext(5) 1011121314151617>");
  EXPECT_TREE("\xd8\x05\x10\x11\x12\x13\x14\x15\x16\x17\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f",
              "<msgpack.ext(5) 101112131415161718191a1b1c1d1e1f>");
  EXPECT_TREE("\xc7\x00\x05", "<msgpack.ext(5) >");
  EXPECT_TREE("\xc7\x03\x05\x10\x11\x12", "<msgpack.ext(5) 101112>");
  EXPECT_TREE("\xc8\x00\x03\x05\x10\x11\x12", "<msgpack.ext(5) 101112>");
  EXPECT_TREE("\xc9\x00\x00\x00\x03\x05\x10\x11\x12", "<msgpack.ext(5) 101112>");
}

static void containers_are_read_in_every_form(void **state) {
  (void)state;
  EXPECT_TREE("\x90", "[]");
  EXPECT_TREE("\x80", "{}");
  EXPECT_TREE("\x92\x01\x91\x02", "[1, [2]]");
  EXPECT_TREE("\xdc\x00\x02\x01\x02", "[1, 2]");
  EXPECT_TREE("\xdd\x00\x00\x00\x02\x01\x02", "[1, 2]");
  EXPECT_TREE(
      "\x81\xa1"
      "a\x80",
      "{'a': {}}");
  EXPECT_TREE(
      "\xde\x00\x01\xa1"
      "a\x01",
      "{'a': 1}");
  EXPECT_TREE(
      "\xdf\x00\x00\x00\x01\xa1"
      "a\x01",
      "{'a': 1}");
  EXPECT_TREE("\x93\x90\x80\xc0", "[[], {}, None]");
}

static void the_byte_that_begins_nothing_is_refused(void **state) {
  (void)state;
  EXPECT_REFUSED("\xc1", CANON_E_MALFORMED, "the byte c1 begins no value of msgpack (byte 0)");
  EXPECT_REFUSED("\x92\x01\xc1", CANON_E_MALFORMED, "the byte c1 begins no value of msgpack (byte 2)");
}

static void claims_beyond_the_file_are_refused_without_taking_memory(void **state) {
  (void)state;
  EXPECT_REFUSED("\xdd\xff\xff\xff\xff", CANON_E_MALFORMED, "an array of 4294967295 items, with 0 bytes left (byte 0)");
  EXPECT_REFUSED("\xdf\xff\xff\xff\xff\x01", CANON_E_MALFORMED,
                 "a map of 4294967295 pairs, with 1 bytes left (byte 0)");
  EXPECT_REFUSED("\x81\x01", CANON_E_MALFORMED, "a map of 1 pairs, with 1 bytes left");
  EXPECT_REFUSED(
      "\xdb\xff\xff\xff\xff"
      "abc",
      CANON_E_MALFORMED, "a str of 4294967295 bytes, with 3 bytes left (byte 0)");
  EXPECT_REFUSED("\xc6\xff\xff\xff\xff", CANON_E_MALFORMED, "a bin of 4294967295 bytes, with 0 bytes left (byte 0)");
  EXPECT_REFUSED(
      "\xc9\xff\xff\xff\xff\x05"
      "abc",
      CANON_E_MALFORMED, "an ext of 4294967295 bytes, with 3 bytes left (byte 0)");
  EXPECT_REFUSED("\xc9\xff\xff\xff\xff", CANON_E_MALFORMED, "the file ends within a value (byte 5)");
  EXPECT_REFUSED("\xc9\xff\xff\xff\xfe\x05", CANON_E_MALFORMED,
                 "an ext of 4294967294 bytes, with 0 bytes left (byte 0)");
  EXPECT_REFUSED("\xd8\x05\x01", CANON_E_MALFORMED, "an ext of 16 bytes, with 1 bytes left (byte 0)");
}

/* With a source that pretends: reading what is not there would fail. */
static uint64_t pretended_size(canon_job *job, const canon_source *source) {
  (void)job;
  (void)source;
  return UINT64_C(6) << 32;
}

static int32_t pretended_read(canon_job *job, const canon_source *source, uint64_t offset, void *dst, uint64_t bytes) {
  static const uint8_t HEAD[] = {0xc9, 0xff, 0xff, 0xff, 0xff, 0x05};
  (void)job;
  (void)source;
  memset(dst, 0xc0, bytes);
  for (uint64_t i = 0; i < sizeof HEAD; i++)
    if (i >= offset && i < offset + bytes) ((uint8_t *)dst)[i - offset] = HEAD[i];
  return CANON_OK;
}

static void an_ext_of_all_32_bits_is_no_empty_one(void **state) {
  canon_job *job = support_job();
  canon_host host = *job->host;
  canon_job pretender = *job;
  (void)state;
  host.source_size = pretended_size;
  host.source_read = pretended_read;
  pretender.host = &host;
  msgpack_window *window = calloc(1, sizeof *window);
  assert_non_null(window);
  *window = (msgpack_window){.job = &pretender, .end = pretended_size(NULL, NULL), .budget = UINT64_MAX, .chunk = 4096};
  msgpack_token token;
  assert_int_equal(msgpack_token_read(window, window->end, &token), CANON_OK);
  assert_int_equal(token.kind, TOKEN_EXT);
  assert_int_equal(token.type, 5);
  assert_int_equal(token.body, 6);
  assert_int_equal(token.size, UINT64_C(0xffffffff));
  assert_int_equal(window->at, 6 + UINT64_C(0xffffffff));
  free(window);
  support_job_free(job);
}

static void no_prefix_of_a_value_is_read(void **state) {
  static const uint8_t FILE_[] =
      "\x8a\xa1"
      "a\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa1"
      "b\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xa1"
      "c\xdb\x00\x00\x00\x02"
      "xy"
      "\xa1"
      "d\xc6\x00\x00\x00\x02"
      "xy\xa1"
      "e\xdd\x00\x00\x00\x01\xc3\xa1"
      "f\xdf\x00\x00\x00\x01\x01\xd3\x80\x00\x00\x00\x00\x00\x00\x00"
      "\xa1"
      "g\xc9\x00\x00\x00\x02\x05"
      "xy\xa1"
      "h\xc7\x0c\xff\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00\x01\xa1"
      "i\xd9\x01z\xa1"
      "j\xd1\x80\x00";
  (void)state;
  expect_tree(
      FILE_, sizeof FILE_ - 1,
      "{'a': 1.5, 'b': 18446744073709551615, 'c': 'xy', 'd': b'7879', 'e': [True], 'f': {1: -9223372036854775808}, "
      "'g': <msgpack.ext(5) 7879>, 'h': <timestamp 1 s 1 ns>, 'i': 'z', 'j': -32768}");
  for (size_t cut = 0; cut + 1 < sizeof FILE_; cut++) {
    uint8_t *exact = malloc(cut ? cut : 1);
    assert_non_null(exact);
    memcpy(exact, FILE_, cut);
    outcome got = outcome_of(exact, cut);
    if (got.code != CANON_E_MALFORMED) fail_msg("cut at %zu: %d %s", cut, (int)got.code, got.error);
    forget(&got);
    free(exact);
  }
}

static void values_go_on_across_the_window(void **state) {
  size_t size = 5 + 3 * MSGPACK_WINDOW_BYTES;
  (void)state;
  for (size_t shift = 0; shift < 12; shift++) {
    uint8_t *file = calloc(1, size + 16 + 12);
    assert_non_null(file);
    /* [bin of nearly two windows, float64, float64, ...], the floats begin at every distance from the window's end */
    uint32_t filler = (uint32_t)(2 * MSGPACK_WINDOW_BYTES - 20 + shift), floats = 6000;
    uint8_t *at = file;
    *at++ = 0xdc, *at++ = (uint8_t)((floats + 1) >> 8), *at++ = (uint8_t)(floats + 1);
    *at++ = 0xc6, *at++ = 0, *at++ = (uint8_t)(filler >> 16), *at++ = (uint8_t)(filler >> 8), *at++ = (uint8_t)filler;
    at += filler;
    if ((size_t)(at - file) + 9 * (size_t)floats > size + 28)
      floats = (uint32_t)((size + 28 - (size_t)(at - file)) / 9);
    file[1] = (uint8_t)((floats + 1) >> 8), file[2] = (uint8_t)(floats + 1);
    for (uint32_t i = 0; i < floats; i++, at += 9) at[0] = 0xcb, at[1] = 0x3f, at[2] = 0xf0;
    canon_job *job = support_job();
    const canon_format *format = support_format("msgpack");
    void *reader = NULL;
    canon_manifest manifest = {.struct_size = sizeof manifest};
    assert_int_equal(format->open(job, NULL, support_source(job, file, (size_t)(at - file)), &reader), CANON_OK);
    assert_int_equal(format->manifest(job, reader, &manifest), CANON_OK);
    assert_int_equal(manifest.n_nodes, floats + 2);
    for (uint64_t i = 2; i < manifest.n_nodes; i++)
      assert_true(load_double(canon_manifest_node(&manifest, i)->data) == 1.0);
    format->close(job, reader);
    support_job_free(job);
    free(file);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(scalars_are_read_in_every_form),
      cmocka_unit_test(contents_are_read_in_every_form),
      cmocka_unit_test(containers_are_read_in_every_form),
      cmocka_unit_test(the_byte_that_begins_nothing_is_refused),
      cmocka_unit_test(claims_beyond_the_file_are_refused_without_taking_memory),
      cmocka_unit_test(an_ext_of_all_32_bits_is_no_empty_one),
      cmocka_unit_test(no_prefix_of_a_value_is_read),
      cmocka_unit_test(values_go_on_across_the_window),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
