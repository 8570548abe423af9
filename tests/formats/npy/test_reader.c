/* SPDX-License-Identifier: MIT
 * test_reader.c: the elements of a .npy file, whatever its byte order, order of axes and spelling; damaged files. */
#include <stdio.h>

#include "core/host/job.h"
#include "tests/formats/npy/npy_file.h"

static const char *const DTYPES[] = {"bool", "u8",  "u16", "u32", "u64", "i8",  "i16",
                                     "i32",  "i64", "f16", "f32", "f64", "c64", "c128"};
#define N_DTYPES (sizeof DTYPES / sizeof DTYPES[0])

static outcome corpus(const char *name, const char *variant) {
  char path[128];
  snprintf(path, sizeof path, "corpus/npy/%s%s.npy", name, variant);
  return outcome_of_file(path, NULL);
}

static void expect_same(const char *name, const char *variant) {
  outcome a = corpus(name, ""), b = corpus(name, variant);
  if (b.code) fail_msg("%s%s: %s", name, variant, b.error);
  assert_same_tensor(&a, &b);
  free(a.data);
  free(b.data);
}

static void the_elements_are_those_that_numpy_stored(void **state) {
  (void)state;
  for (size_t i = 0; i < N_DTYPES; i++) {
    char path[128];
    snprintf(path, sizeof path, "corpus/npy/%s.npy", DTYPES[i]);
    size_t size;
    uint8_t *file = support_slurp(path, &size);
    outcome got = outcome_of(file, size, NULL);
    assert_int_equal(got.code, CANON_OK);
    assert_string_equal(canon_dtype_name(got.dtype), DTYPES[i]);
    assert_int_equal(got.rank, 3);
    assert_int_equal(got.elements, 24);
    assert_int_equal(size, 128 + got.bytes);
    assert_memory_equal(got.data, file + 128, got.bytes);
    free(got.data);
    free(file);
  }
}

static void byte_order_and_order_of_axes_do_not_show_in_the_elements(void **state) {
  (void)state;
  for (size_t i = 0; i < N_DTYPES; i++) {
    expect_same(DTYPES[i], "-fortran");
    if (!strcmp(DTYPES[i], "bool") || !strcmp(DTYPES[i], "u8") || !strcmp(DTYPES[i], "i8")) continue;
    expect_same(DTYPES[i], "-big");
    expect_same(DTYPES[i], "-fortran-big");
  }
}

static void versions_and_spellings_do_not_show_in_the_elements(void **state) {
  static const char *const SHAPES[] = {"scalar", "one",   "none",   "none3",   "rank32",
                                       "rank64", "rank5", "digits", "digits2", "long"};
  static const char *const HANDS[] = {"-quotes",  "-order",  "-dense", "-space",
                                      "-python2", "-native", "-plain", "-padding"};
  (void)state;
  for (size_t i = 0; i < sizeof SHAPES / sizeof SHAPES[0]; i++) {
    char name[64];
    snprintf(name, sizeof name, "shape-%s", SHAPES[i]);
    expect_same(name, "-v2");
    expect_same(name, "-v3");
    outcome plain = corpus(name, "");
    if (plain.rank > 1) expect_same(name, "-fortran");
    free(plain.data);
  }
  for (size_t i = 0; i < sizeof HANDS / sizeof HANDS[0]; i++) expect_same("hand", HANDS[i]);
}

static void a_scalar_has_one_element_and_an_empty_array_none(void **state) {
  (void)state;
  outcome scalar = corpus("shape-scalar", ""), none = corpus("shape-none", ""), none3 = corpus("shape-none3", "");
  assert_int_equal(scalar.rank, 0);
  assert_int_equal(scalar.elements, 1);
  assert_int_equal(none.rank, 1);
  assert_int_equal(none.elements, 0);
  assert_int_equal(none3.rank, 3);
  assert_int_equal(none3.shape[0], 3);
  assert_int_equal(none3.shape[1], 0);
  assert_int_equal(none3.shape[2], 2);
  assert_int_equal(none3.elements, 0);
  free(scalar.data);
  free(none.data);
  free(none3.data);
}

/* An open file of the corpus. */
typedef struct opened {
  const canon_format *npy;
  canon_job *job;
  void *reader;
  canon_manifest manifest;
  const canon_node *node;
} opened;

static opened open_source(canon_job *job, const canon_source *source) {
  opened o = {.npy = support_format("npy"), .job = job, .manifest = {.struct_size = sizeof o.manifest}};
  assert_int_equal(o.npy->open(job, NULL, source, &o.reader), CANON_OK);
  assert_int_equal(o.npy->manifest(job, o.reader, &o.manifest), CANON_OK);
  o.node = canon_manifest_node(&o.manifest, 0);
  return o;
}

static opened open_corpus(const char *name) {
  char path[128];
  snprintf(path, sizeof path, "corpus/npy/%s.npy", name);
  canon_job *job = support_job();
  return open_source(job, support_file(job, path));
}

static void close_opened(opened *o) {
  o->npy->close(o->job, o->reader);
  assert_int_equal(support_leaked(o->job), 0);
  support_job_free(o->job);
}

static void any_range_reads_the_same_elements_in_any_order(void **state) {
  static const char *const FILES[] = {"f32",          "f32-big", "f32-fortran",        "c64-fortran-big",
                                      "bool-fortran", "u8",      "shape-rank5-fortran"};
  (void)state;
  for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
    outcome whole = corpus(FILES[f], "");
    opened o = open_corpus(FILES[f]);
    uint32_t size = canon_dtype_size(whole.dtype);
    uint8_t *range = malloc(whole.bytes + 1);
    assert_non_null(range);
    for (uint64_t count = whole.elements + 1; count-- > 0;)
      for (uint64_t first = whole.elements - count + 1; first-- > 0;) {
        range[count * size] = 0xaa;
        assert_int_equal(o.npy->read(o.job, o.reader, 0, first, count, range), CANON_OK);
        if (count) assert_memory_equal(range, whole.data + first * size, count * size);
        assert_int_equal(range[count * size], 0xaa);
      }
    free(range);
    close_opened(&o);
    free(whole.data);
  }
}

static void a_range_outside_of_the_array_is_refused(void **state) {
  static const struct {
    uint64_t node, first, count;
  } RANGES[] = {{0, 0, 25}, {0, 24, 1}, {0, 25, 0}, {0, UINT64_MAX, 1}, {0, 1, UINT64_MAX}, {1, 0, 1}};
  (void)state;
  for (size_t i = 0; i < sizeof RANGES / sizeof RANGES[0]; i++) {
    uint8_t dst[256];
    opened o = open_corpus("f32");
    int32_t code = o.npy->read(o.job, o.reader, RANGES[i].node, RANGES[i].first, RANGES[i].count, dst);
    assert_int_equal(code, CANON_E_USAGE);
    close_opened(&o);
  }
}

static const char *detail(const opened *o, const char *name, int64_t *number) {
  for (uint64_t i = 0; i < o->manifest.n_details; i++)
    if (!strcmp(o->manifest.details[i].name, name)) {
      *number = o->manifest.details[i].number;
      return o->manifest.details[i].text ? o->manifest.details[i].text : "a number";
    }
  return "absent";
}

static void the_manifest_tells_how_the_file_is_laid_out(void **state) {
  int64_t number = -1;
  (void)state;
  opened plain = open_corpus("f32"), turned = open_corpus("f32-fortran-big"), second = open_corpus("shape-one-v2");
  assert_string_equal(plain.manifest.producer, "numpy");
  assert_string_equal(detail(&plain, "version", &number), "1.0");
  assert_string_equal(detail(&plain, "descr", &number), "<f4");
  assert_string_equal(detail(&plain, "fortran_order", &number), "False");
  assert_string_equal(detail(&plain, "header_bytes", &number), "a number");
  assert_int_equal(number, 128);
  assert_string_equal(detail(&plain, "bytes_after_array", &number), "absent");
  assert_int_equal(plain.node->offset, 128);
  assert_int_equal(plain.node->storage_bytes, 96);
  assert_null(plain.node->stride);
  assert_int_equal(plain.node->parent, CANON_NONE);

  assert_string_equal(detail(&turned, "descr", &number), ">f4");
  assert_string_equal(detail(&turned, "fortran_order", &number), "True");
  assert_int_equal(turned.node->stride[0], 1);
  assert_int_equal(turned.node->stride[1], 2);
  assert_int_equal(turned.node->stride[2], 6);
  assert_string_equal(detail(&second, "version", &number), "2.0");
  close_opened(&plain);
  close_opened(&turned);
  close_opened(&second);
}

static void only_what_numpy_would_write_is_said_to_be_by_numpy(void **state) {
  static const char *const HANDS[] = {"hand-quotes",  "hand-order",  "hand-dense", "hand-space",
                                      "hand-python2", "hand-native", "hand-plain"};
  static const char *const BY_NUMPY[] = {"hand",         "bool",         "u8-fortran",   "f16-big",
                                         "shape-scalar", "shape-rank64", "shape-long-v3"};
  (void)state;
  for (size_t i = 0; i < sizeof HANDS / sizeof HANDS[0]; i++) {
    opened o = open_corpus(HANDS[i]);
    assert_null(o.manifest.producer);
    close_opened(&o);
  }
  for (size_t i = 0; i < sizeof BY_NUMPY / sizeof BY_NUMPY[0]; i++) {
    opened o = open_corpus(BY_NUMPY[i]);
    assert_string_equal(o.manifest.producer, "numpy");
    close_opened(&o);
  }
}

static void bytes_after_the_array_are_counted(void **state) {
  int64_t number = -1;
  const canon_count *counts;
  (void)state;
  opened o = open_corpus("hand-padding");
  assert_string_equal(detail(&o, "bytes_after_array", &number), "a number");
  assert_int_equal(number, 50);
  assert_int_equal(job_counts(job_of(o.job), &counts), 1);
  assert_string_equal(counts[0].what, "bytes after the array, not read");
  assert_int_equal(counts[0].n, 50);
  close_opened(&o);
}

static void a_bool_that_is_neither_0_nor_1_is_refused_where_it_lies(void **state) {
  (void)state;
  for (int fortran = 0; fortran <= 1; fortran++) {
    size_t size;
    uint8_t *file = support_slurp(fortran ? "corpus/npy/bool-fortran.npy" : "corpus/npy/bool.npy", &size);
    /* element (1, 2, 0) of (2, 3, 4) */
    uint64_t element = 1 * 12 + 2 * 4 + 0, byte = 128 + (fortran ? 1 + 2 * 2 + 0 * 6 : element);
    file[byte] = 2;
    uint8_t dst[24];
    canon_job *job = support_job();
    opened o = open_source(job, support_source(job, file, size));
    assert_int_equal(o.npy->read(o.job, o.reader, 0, 0, element, dst), CANON_OK);
    assert_int_equal(o.npy->read(o.job, o.reader, 0, element + 1, 24 - element - 1, dst), CANON_OK);
    assert_int_equal(o.npy->read(o.job, o.reader, 0, 0, 24, dst), CANON_E_MALFORMED);
    char expected[128];
    snprintf(expected, sizeof expected, "test: element 20 of a bool array is 2, neither 0 nor 1 (byte %d)", (int)byte);
    assert_ptr_equal(strstr(support_error(job), expected), support_error(job));
    close_opened(&o);
    free(file);
  }
}

static void ml_dtypes_are_read_where_the_option_names_them(void **state) {
  static const struct {
    const char *file, *option;
    uint32_t dtype;
  } NAMES[] = {
      {"bf16", "bf16", CANON_BF16},
      {"bf16", "bfloat16", CANON_BF16},
      {"f8_e4m3fn", "f8_e4m3fn", CANON_F8_E4M3FN},
      {"f8_e4m3fn", "float8_e4m3fn", CANON_F8_E4M3FN},
      {"f8_e5m2", "f8_e5m2", CANON_F8_E5M2},
      {"f8_e4m3fnuz", "f8_e4m3fnuz", CANON_F8_E4M3FNUZ},
      {"f8_e5m2fnuz", "float8_e5m2fnuz", CANON_F8_E5M2FNUZ},
      {"f8_e8m0fnu", "f8_e8m0fnu", CANON_F8_E8M0FNU},
  };
  (void)state;
  for (size_t i = 0; i < sizeof NAMES / sizeof NAMES[0]; i++) {
    char path[128];
    snprintf(path, sizeof path, "corpus/npy/ml-%s.npy", NAMES[i].file);
    size_t size;
    uint8_t *file = support_slurp(path, &size);
    outcome without = outcome_of(file, size, NULL), with = outcome_of(file, size, NAMES[i].option);
    assert_refused(&without, CANON_E_UNSUPPORTED, "--ml-dtype");
    assert_int_equal(with.code, CANON_OK);
    assert_int_equal(with.dtype, NAMES[i].dtype);
    assert_int_equal(with.bytes, size - 128);
    assert_memory_equal(with.data, file + 128, with.bytes);
    free(with.data);
    free(file);
  }
}

static void an_ml_dtype_that_does_not_fit_or_is_unknown_is_refused(void **state) {
  (void)state;
  outcome wide = outcome_of_file("corpus/npy/ml-f8_e5m2.npy", "bf16");
  assert_refused(&wide, CANON_E_USAGE, "descr '<f1' has 1 bytes an element, --ml-dtype bf16 needs 2");
  outcome narrow = outcome_of_file("corpus/npy/ml-bf16.npy", "f8_e4m3fn");
  assert_refused(&narrow, CANON_E_USAGE, "descr '<V2' has 2 bytes an element, --ml-dtype f8_e4m3fn needs 1");
  outcome unknown = outcome_of_file("corpus/npy/ml-bf16.npy", "int4");
  assert_refused(&unknown, CANON_E_USAGE, "--ml-dtype int4 is none of bf16, ");
  outcome f32 = outcome_of_file("corpus/npy/ml-bf16.npy", "f32");
  assert_refused(&f32, CANON_E_USAGE, "--ml-dtype f32 is none of bf16, ");
}

static void an_ml_dtype_changes_nothing_for_numpys_own_dtypes(void **state) {
  (void)state;
  outcome plain = corpus("f16", ""), with = outcome_of_file("corpus/npy/f16.npy", "bf16");
  assert_same_tensor(&plain, &with);
  free(plain.data);
  free(with.data);
}

static void big_endian_raw_pairs_are_turned(void **state) {
  static const char text[] = "{'descr': '>V2', 'fortran_order': False, 'shape': (2,), }\n";
  size_t size;
  uint8_t *file = npy_file(1, text, sizeof text - 1, "\x3f\x80\x40\x00", 4, &size);
  uint16_t values[2];
  (void)state;
  outcome got = outcome_of(file, size, "bf16");
  assert_int_equal(got.code, CANON_OK);
  memcpy(values, got.data, sizeof values);
  assert_int_equal(values[0], 0x3f80);
  assert_int_equal(values[1], 0x4000);
  free(got.data);
  free(file);
}

static void a_file_cut_at_any_byte_is_refused(void **state) {
  static const char *const FILES[] = {"f64-fortran-big", "bool",       "shape-scalar-v2",
                                      "shape-one-v3",    "hand-space", "shape-rank64"};
  (void)state;
  for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
    char path[128];
    snprintf(path, sizeof path, "corpus/npy/%s.npy", FILES[f]);
    size_t size;
    uint8_t *file = support_slurp(path, &size);
    for (size_t cut = 0; cut < size; cut++) {
      uint8_t *copy = malloc(cut ? cut : 1); /* so that a read behind the end is seen */
      assert_non_null(copy);
      memcpy(copy, file, cut);
      outcome got = outcome_of(copy, cut, NULL);
      assert_refused(&got, CANON_E_MALFORMED, cut < 6 ? "magic" : "the file is cut short");
      free(copy);
    }
    free(file);
  }
}

static void a_cut_file_says_how_much_is_there(void **state) {
  (void)state;
  size_t size;
  uint8_t *file = support_slurp("corpus/npy/f32.npy", &size);
  outcome got = outcome_of(file, size - 1, NULL);
  assert_refused(&got, CANON_E_MALFORMED,
                 "test: 96 bytes of elements expected, 95 available (byte 128); the file is cut short, get it again");
  got = outcome_of(file, 60, NULL);
  assert_refused(&got, CANON_E_MALFORMED,
                 "test: the header needs 128 bytes, the file has 60 (byte 60); the file is cut short, get it again");
  free(file);
}

/* Damage need not be seen, but what is read must lie within the file and fill the claimed shape. */
static void a_flipped_bit_of_the_header_is_refused_or_read_consistently(void **state) {
  static const char *const FILES[] = {"f32",          "u16-fortran-big", "shape-rank5", "shape-none3-v2",
                                      "hand-python2", "refused-object"};
  (void)state;
  for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
    char path[128];
    snprintf(path, sizeof path, "corpus/npy/%s.npy", FILES[f]);
    size_t size;
    uint8_t *file = support_slurp(path, &size);
    size_t refused = 0, read = 0;
    for (size_t bit = 0; bit < 8 * (size < 192 ? size : 192); bit++) {
      file[bit / 8] ^= (uint8_t)(1u << bit % 8);
      outcome got = outcome_of(file, size, NULL);
      if (got.code) {
        assert_in_range(-got.code, -CANON_E_MALFORMED, -CANON_E_LIMIT);
        assert_string_not_equal(got.error, "");
        refused++;
      } else {
        assert_int_equal(got.bytes, got.elements * canon_dtype_size(got.dtype));
        assert_in_range(got.bytes, 0, size);
        read++;
      }
      free(got.data);
      file[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_true(refused > read / 8);
    free(file);
  }
}

static void every_failing_allocation_is_reported_and_leaves_nothing(void **state) {
  static const char *const FILES[] = {"f32", "f32-fortran", "refused-structured"};
  (void)state;
  for (size_t f = 0; f < sizeof FILES / sizeof FILES[0]; f++) {
    char path[128];
    snprintf(path, sizeof path, "corpus/npy/%s.npy", FILES[f]);
    for (uint64_t n = 1;; n++) {
      const canon_format *npy = support_format("npy");
      canon_job *job = support_job();
      const canon_source *source = support_file(job, path);
      void *reader = NULL;
      uint8_t dst[128];
      support_fail_allocation(n);
      int32_t code = npy->open(job, NULL, source, &reader);
      if (!code) code = npy->read(job, reader, 0, 0, 24, dst);
      if (reader) npy->close(job, reader);
      int reached = support_fail_allocation(0);
      assert_int_equal(support_leaked(job), 0);
      support_job_free(job);
      if (!reached) {
        assert_true(n > 1);
        break;
      }
      /* a failure of its own may come first: its text is then what could not be had */
      assert_true(code == CANON_E_MEMORY || (f == 2 && code == CANON_E_UNSUPPORTED));
    }
  }
}

static void only_npy_files_are_recognised(void **state) {
  static const struct {
    const char *bytes;
    size_t size;
    uint32_t bits;
  } HEADS[] = {
      {"\x93NUMPY\x01\x00", 8, 64},
      {"\x93NUMPY\x02\x00v\x00{'", 12, 64},
      {"\x93NUMPY\x03\x00", 8, 64},
      {"\x93NUMPY\x01\x01", 8, 48},
      {"\x93NUMPY\x04\x00", 8, 48},
      {"\x93NUMPY\x01", 7, 0},
      {"\x93NUMPX\x01\x00", 8, 0},
      {"<html>\n\n", 8, 0},
      {"", 0, 0},
  };
  (void)state;
  for (size_t i = 0; i < sizeof HEADS / sizeof HEADS[0]; i++) {
    canon_job *job = support_job();
    uint32_t bits = 99;
    assert_int_equal(support_format("npy")->probe(job, support_source(job, HEADS[i].bytes, HEADS[i].size), &bits),
                     CANON_OK);
    assert_int_equal(bits, HEADS[i].bits);
    support_job_free(job);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_elements_are_those_that_numpy_stored),
      cmocka_unit_test(byte_order_and_order_of_axes_do_not_show_in_the_elements),
      cmocka_unit_test(versions_and_spellings_do_not_show_in_the_elements),
      cmocka_unit_test(a_scalar_has_one_element_and_an_empty_array_none),
      cmocka_unit_test(any_range_reads_the_same_elements_in_any_order),
      cmocka_unit_test(a_range_outside_of_the_array_is_refused),
      cmocka_unit_test(the_manifest_tells_how_the_file_is_laid_out),
      cmocka_unit_test(only_what_numpy_would_write_is_said_to_be_by_numpy),
      cmocka_unit_test(bytes_after_the_array_are_counted),
      cmocka_unit_test(a_bool_that_is_neither_0_nor_1_is_refused_where_it_lies),
      cmocka_unit_test(ml_dtypes_are_read_where_the_option_names_them),
      cmocka_unit_test(an_ml_dtype_that_does_not_fit_or_is_unknown_is_refused),
      cmocka_unit_test(an_ml_dtype_changes_nothing_for_numpys_own_dtypes),
      cmocka_unit_test(big_endian_raw_pairs_are_turned),
      cmocka_unit_test(a_file_cut_at_any_byte_is_refused),
      cmocka_unit_test(a_cut_file_says_how_much_is_there),
      cmocka_unit_test(a_flipped_bit_of_the_header_is_refused_or_read_consistently),
      cmocka_unit_test(every_failing_allocation_is_reported_and_leaves_nothing),
      cmocka_unit_test(only_npy_files_are_recognised),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
