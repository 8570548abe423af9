/* SPDX-License-Identifier: MIT
 * test_writer.c: canon's .npy against numpy.save's, byte for byte; what npy cannot hold, and what it says then. */
#include <stdio.h>

#include "tests/formats/npy/npy_file.h"

static int32_t write_tensor(canon_job *job, const canon_instance *instance, const canon_manifest *manifest,
                            const uint8_t *data, canon_sink *sink) {
  const canon_format *npy = support_format("npy");
  const canon_node *node = canon_manifest_node(manifest, 0);
  void *writer = NULL;
  int32_t code = npy->can_write(job, instance, manifest);
  if (!code) code = npy->begin(job, instance, manifest, sink, &writer);
  canon_extent extent = {.struct_size = sizeof extent};
  if (!code) code = npy->place(job, writer, 0, &extent);
  uint64_t elements = 0;
  canon_elements(node->shape, node->rank, &elements);
  uint64_t bytes = elements * canon_dtype_size(node->dtype);
  if (!code) code = job->host->sink_write(job, sink, extent.offset, data, bytes);
  canon_written written = {.node = 0, .bytes = bytes};
  if (!code) code = npy->end(job, writer, &written, 1, sizeof written);
  if (writer) npy->release(job, writer);
  return code;
}

static canon_manifest manifest_of(const canon_node *nodes, uint64_t n) {
  return (canon_manifest){
      .struct_size = sizeof(canon_manifest), .node_size = sizeof *nodes, .nodes = nodes, .n_nodes = n};
}

/* Reads corpus/npy/NAME VARIANT.npy, writes it, and expects the bytes of corpus/npy/NAME.npy. */
static void expect_canonical(const char *name, const char *variant, const char *ml_dtype) {
  char path[128];
  size_t expected_size, size;
  snprintf(path, sizeof path, "corpus/npy/%s.npy", name);
  uint8_t *expected = support_slurp(path, &expected_size);
  snprintf(path, sizeof path, "corpus/npy/%s%s.npy", name, variant);

  const canon_format *npy = support_format("npy");
  canon_job *job = support_job();
  const canon_instance *instance = ml_dtype ? support_instance(job, "ml-dtype", ml_dtype, NULL) : NULL;
  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest};
  assert_int_equal(npy->open(job, instance, support_file(job, path), &reader), CANON_OK);
  assert_int_equal(npy->manifest(job, reader, &manifest), CANON_OK);
  const canon_node *node = canon_manifest_node(&manifest, 0);
  uint64_t elements = 0;
  assert_true(canon_elements(node->shape, node->rank, &elements));
  uint8_t *data = malloc(elements * canon_dtype_size(node->dtype) + 1);
  assert_non_null(data);
  assert_int_equal(npy->read(job, reader, 0, 0, elements, data), CANON_OK);
  canon_sink *sink = support_sink(job);
  assert_int_equal(write_tensor(job, instance, &manifest, data, sink), CANON_OK);
  const uint8_t *bytes = support_bytes(sink, &size);
  if (size != expected_size || memcmp(bytes, expected, size) != 0)
    fail_msg("%s%s is not written as %s", name, variant, name);
  npy->close(job, reader);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  free(data);
  free(expected);
}

static void every_dtype_is_written_as_numpy_writes_it(void **state) {
  static const char *const DTYPES[] = {"bool", "u8",  "u16", "u32", "u64", "i8",  "i16",
                                       "i32",  "i64", "f16", "f32", "f64", "c64", "c128"};
  (void)state;
  for (size_t i = 0; i < sizeof DTYPES / sizeof DTYPES[0]; i++) {
    expect_canonical(DTYPES[i], "", NULL);
    expect_canonical(DTYPES[i], "-fortran", NULL);
    if (!strcmp(DTYPES[i], "bool") || !strcmp(DTYPES[i], "u8") || !strcmp(DTYPES[i], "i8")) continue;
    expect_canonical(DTYPES[i], "-big", NULL);
    expect_canonical(DTYPES[i], "-fortran-big", NULL);
  }
}

static void every_shape_and_spelling_is_written_as_numpy_writes_it(void **state) {
  static const char *const SHAPES[] = {"scalar", "one",   "none",   "none3",   "rank32",
                                       "rank64", "rank5", "digits", "digits2", "long"};
  static const char *const HANDS[] = {"",         "-quotes", "-order", "-dense",  "-space",
                                      "-python2", "-native", "-plain", "-padding"};
  (void)state;
  for (size_t i = 0; i < sizeof SHAPES / sizeof SHAPES[0]; i++) {
    char name[64];
    snprintf(name, sizeof name, "shape-%s", SHAPES[i]);
    expect_canonical(name, "", NULL);
    expect_canonical(name, "-v2", NULL);
    expect_canonical(name, "-v3", NULL);
  }
  for (size_t i = 0; i < sizeof HANDS / sizeof HANDS[0]; i++) expect_canonical("hand", HANDS[i], NULL);
}

static void ml_dtypes_are_written_as_ml_dtypes_writes_them(void **state) {
  static const char *const DTYPES[] = {"bf16", "f8_e4m3fn", "f8_e5m2", "f8_e4m3fnuz", "f8_e5m2fnuz", "f8_e8m0fnu"};
  (void)state;
  for (size_t i = 0; i < sizeof DTYPES / sizeof DTYPES[0]; i++) {
    char name[64];
    snprintf(name, sizeof name, "ml-%s", DTYPES[i]);
    expect_canonical(name, "", DTYPES[i]);
  }
}

/* headers.bin holds what NumPy writes for the shapes (10^(d-1), 1, ..., 1) of int8, d to 19 digits, ranks 1 to 8. */
static void the_header_leaves_room_for_the_first_axis_as_numpys_does(void **state) {
  size_t size, at = 0;
  uint8_t *expected = support_slurp("corpus/npy/headers.bin", &size);
  uint64_t shape[8] = {1, 1, 1, 1, 1, 1, 1, 1};
  const canon_format *npy = support_format("npy");
  (void)state;
  for (shape[0] = 1; shape[0] <= UINT64_C(1000000000000000000); shape[0] *= 10)
    for (uint32_t rank = 1; rank <= 8; rank++) {
      canon_node node = {
          .kind = CANON_NODE_TENSOR, .parent = CANON_NONE, .dtype = CANON_I8, .rank = rank, .shape = shape};
      canon_manifest manifest = manifest_of(&node, 1);
      canon_job *job = support_job();
      canon_sink *sink = support_sink(job);
      canon_extent extent = {.struct_size = sizeof extent};
      void *writer = NULL;
      assert_int_equal(npy->can_write(job, NULL, &manifest), CANON_OK);
      assert_int_equal(npy->begin(job, NULL, &manifest, sink, &writer), CANON_OK);
      assert_int_equal(npy->place(job, writer, 0, &extent), CANON_OK);
      size_t length;
      const uint8_t *header = support_bytes(sink, &length);
      assert_int_equal(length, extent.offset);
      assert_in_range(length, 64, size - at);
      assert_memory_equal(header, expected + at, length);
      at += length;
      npy->release(job, writer);
      assert_int_equal(support_leaked(job), 0);
      support_job_free(job);
    }
  assert_int_equal(at, size);
  free(expected);
}

static void an_empty_tensor_makes_a_file_of_its_header(void **state) {
  const uint64_t shape[] = {0, 5};
  canon_node node = {.kind = CANON_NODE_TENSOR, .parent = CANON_NONE, .dtype = CANON_F32, .rank = 2, .shape = shape};
  canon_manifest manifest = manifest_of(&node, 1);
  canon_job *job = support_job();
  canon_sink *sink = support_sink(job);
  size_t size;
  (void)state;
  assert_int_equal(write_tensor(job, NULL, &manifest, NULL, sink), CANON_OK);
  support_bytes(sink, &size);
  assert_int_equal(size, 128);
  support_job_free(job);
}

/* What can_write says of a tree. */
static void expect_refusal(const canon_node *nodes, uint64_t n, const char *ml_dtype, int32_t code,
                           const char *because) {
  canon_job *job = support_job();
  canon_manifest manifest = manifest_of(nodes, n);
  const canon_instance *instance = ml_dtype ? support_instance(job, "ml-dtype", ml_dtype, NULL) : NULL;
  assert_int_equal(support_format("npy")->can_write(job, instance, &manifest), code);
  if (!strstr(support_error(job), because)) fail_msg("expected \"%s\", got \"%s\"", because, support_error(job));
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static const uint64_t three[] = {3};

static canon_node tensor_in(uint64_t parent, uint32_t key_kind, const char *key) {
  return (canon_node){.kind = CANON_NODE_TENSOR,
                      .parent = parent,
                      .key_kind = key_kind,
                      .key = key,
                      .key_size = key ? strlen(key) : 0,
                      .dtype = CANON_F32,
                      .rank = 1,
                      .shape = three};
}

static canon_node container_in(uint32_t kind, uint64_t parent, uint32_t key_kind, const char *key) {
  return (canon_node){
      .kind = kind, .parent = parent, .key_kind = key_kind, .key = key, .key_size = key ? strlen(key) : 0};
}

static void a_dict_of_one_tensor_is_refused_with_the_pointer_to_use(void **state) {
  (void)state;
  canon_node nodes[] = {container_in(CANON_NODE_DICT, CANON_NONE, 0, NULL), tensor_in(0, CANON_KEY_STR, "w")};
  expect_refusal(nodes, 2, NULL, CANON_E_UNSUPPORTED,
                 "npy holds one tensor at the root, this is a dict with 1 tensor; take one with --select /w, or "
                 "choose another format");
}

static void the_pointer_goes_through_lists_and_escapes_keys(void **state) {
  (void)state;
  canon_node nodes[] = {
      container_in(CANON_NODE_DICT, CANON_NONE, 0, NULL),
      container_in(CANON_NODE_NONE, 0, CANON_KEY_STR, "epoch"),
      container_in(CANON_NODE_LIST, 0, CANON_KEY_STR, "a/b~c"),
      container_in(CANON_NODE_INT, 2, CANON_KEY_INDEX, NULL),
      container_in(CANON_NODE_TUPLE, 2, CANON_KEY_INDEX, NULL),
      container_in(CANON_NODE_NONE, 4, CANON_KEY_INDEX, NULL),
      tensor_in(4, CANON_KEY_INDEX, NULL),
      tensor_in(2, CANON_KEY_INDEX, NULL),
  };
  expect_refusal(nodes, 8, NULL, CANON_E_UNSUPPORTED, "a dict with 2 tensors; take one with --select /a~1b~0c/1/1, or");
}

static void keys_that_are_no_short_text_are_left_to_the_user(void **state) {
  (void)state;
  char key[301];
  memset(key, 'k', 300);
  key[300] = '\0';
  canon_node number[] = {container_in(CANON_NODE_DICT, CANON_NONE, 0, NULL), tensor_in(0, CANON_KEY_INT, "\x05")};
  canon_node length[] = {container_in(CANON_NODE_DICT, CANON_NONE, 0, NULL), tensor_in(0, CANON_KEY_STR, key)};
  expect_refusal(number, 2, NULL, CANON_E_UNSUPPORTED, "--select /PATH, or");
  expect_refusal(length, 2, NULL, CANON_E_UNSUPPORTED, "--select /PATH, or");

  canon_node deep[20];
  for (uint64_t i = 0; i < 20; i++)
    deep[i] = container_in(CANON_NODE_LIST, i ? i - 1 : CANON_NONE, i ? CANON_KEY_INDEX : 0, NULL);
  deep[19] = tensor_in(18, CANON_KEY_INDEX, NULL);
  expect_refusal(deep, 20, NULL, CANON_E_UNSUPPORTED, "--select /PATH, or");
}

static void a_root_that_is_no_tensor_is_refused_by_its_kind(void **state) {
  static const struct {
    uint32_t kind;
    const char *name;
  } KINDS[] = {
      {CANON_NODE_DICT, "a dict"},    {CANON_NODE_LIST, "a list"},   {CANON_NODE_TUPLE, "a tuple"},
      {CANON_NODE_SET, "a set"},      {CANON_NODE_NONE, "None"},     {CANON_NODE_BOOL, "a bool"},
      {CANON_NODE_INT, "an integer"}, {CANON_NODE_FLOAT, "a float"}, {CANON_NODE_COMPLEX, "a complex number"},
      {CANON_NODE_STR, "text"},       {CANON_NODE_BYTES, "bytes"},   {CANON_NODE_OPAQUE, "an opaque object"},
      {99, "an unknown node"},
  };
  (void)state;
  for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++) {
    char expected[128];
    canon_node node = container_in(KINDS[i].kind, CANON_NONE, 0, NULL);
    snprintf(expected, sizeof expected, "npy holds one tensor, this is %s without any; choose another format",
             KINDS[i].name);
    expect_refusal(&node, 1, NULL, CANON_E_UNSUPPORTED, expected);
  }
}

static void dtypes_that_numpy_lacks_are_refused_by_name(void **state) {
  static const uint32_t DTYPES[] = {CANON_C32,    CANON_BC32,    CANON_F4_E2M1FN_X2, CANON_BITS8,
                                    CANON_BITS16, CANON_BITS1X8, CANON_BITS2X4,      CANON_BITS4X2};
  (void)state;
  for (size_t i = 0; i < sizeof DTYPES / sizeof DTYPES[0]; i++) {
    char expected[128];
    canon_node node = tensor_in(CANON_NONE, 0, NULL);
    node.dtype = DTYPES[i];
    snprintf(expected, sizeof expected, "NumPy has no dtype for %s; choose another format",
             canon_dtype_name(DTYPES[i]));
    expect_refusal(&node, 1, NULL, CANON_E_UNSUPPORTED, expected);
    expect_refusal(&node, 1, "bf16", CANON_E_UNSUPPORTED, expected);
  }
}

static void ml_dtypes_without_the_option_are_refused_with_the_ways_out(void **state) {
  (void)state;
  canon_node node = tensor_in(CANON_NONE, 0, NULL);
  node.dtype = CANON_BF16;
  expect_refusal(&node, 1, NULL, CANON_E_UNSUPPORTED,
                 "NumPy has no dtype for bf16; choose another format, --cast f32, or --ml-dtype bf16 for readers that "
                 "have ml_dtypes");
  expect_refusal(&node, 1, "f8_e5m2", CANON_E_USAGE, "the tensor is bf16, not the f8_e5m2 of --ml-dtype");
  expect_refusal(&node, 1, "float4", CANON_E_USAGE, "--ml-dtype float4 is none of bf16, ");
  node.dtype = CANON_F8_E8M0FNU;
  expect_refusal(&node, 1, NULL, CANON_E_UNSUPPORTED, "--ml-dtype f8_e8m0fnu for readers");
}

static void a_shape_that_numpy_cannot_address_is_refused(void **state) {
  static const uint64_t SHAPES[][2] = {{UINT64_C(1) << 32, UINT64_C(1) << 31}, {UINT64_C(1) << 63, 0}, {0, UINT64_MAX}};
  (void)state;
  for (size_t i = 0; i < sizeof SHAPES / sizeof SHAPES[0]; i++) {
    canon_node node = tensor_in(CANON_NONE, 0, NULL);
    node.rank = 2;
    node.shape = SHAPES[i];
    expect_refusal(&node, 1, NULL, CANON_E_LIMIT, "over the 2^63 - 1 bytes that NumPy can address");
  }
}

static void every_failing_allocation_leaves_nothing(void **state) {
  canon_node node = tensor_in(CANON_NONE, 0, NULL);
  canon_manifest manifest = manifest_of(&node, 1);
  static const uint8_t data[12] = {0};
  (void)state;
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    canon_sink *sink = support_sink(job);
    support_fail_allocation(n);
    int32_t code = write_tensor(job, NULL, &manifest, data, sink);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_dtype_is_written_as_numpy_writes_it),
      cmocka_unit_test(every_shape_and_spelling_is_written_as_numpy_writes_it),
      cmocka_unit_test(ml_dtypes_are_written_as_ml_dtypes_writes_them),
      cmocka_unit_test(the_header_leaves_room_for_the_first_axis_as_numpys_does),
      cmocka_unit_test(an_empty_tensor_makes_a_file_of_its_header),
      cmocka_unit_test(a_dict_of_one_tensor_is_refused_with_the_pointer_to_use),
      cmocka_unit_test(the_pointer_goes_through_lists_and_escapes_keys),
      cmocka_unit_test(keys_that_are_no_short_text_are_left_to_the_user),
      cmocka_unit_test(a_root_that_is_no_tensor_is_refused_by_its_kind),
      cmocka_unit_test(dtypes_that_numpy_lacks_are_refused_by_name),
      cmocka_unit_test(ml_dtypes_without_the_option_are_refused_with_the_ways_out),
      cmocka_unit_test(a_shape_that_numpy_cannot_address_is_refused),
      cmocka_unit_test(every_failing_allocation_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
