/* SPDX-License-Identifier: MIT
 * test_writer.c: the canonical bytes of both dialects, arrays in chunks, and what msgpack cannot hold. */
#include "tests/formats/msgpack/msgpack_file.h"

#include "formats/msgpack/writer.h"

#define EXPECT_REWRITTEN(file, dialect, expected) \
  expect_rewritten(#file, "" file, sizeof(file) - 1, dialect, "" expected, sizeof(expected) - 1)
#define EXPECT_BOTH(file, expected)          \
  EXPECT_REWRITTEN(file, NULL, expected);    \
  EXPECT_REWRITTEN(file, "numpy", expected); \
  EXPECT_REWRITTEN(file, "flax", expected)

static void every_value_has_one_form_the_shortest(void **state) {
  (void)state;
  EXPECT_BOTH("\xc0", "\xc0");
  EXPECT_BOTH("\xc2", "\xc2");
  EXPECT_BOTH("\xd3\x00\x00\x00\x00\x00\x00\x00\x7f", "\x7f");
  EXPECT_BOTH("\xd1\xff\xe0", "\xe0");
  EXPECT_BOTH("\xd1\x00\xff", "\xcc\xff");
  EXPECT_BOTH("\xd3\x00\x00\x00\x00\x00\x00\xff\xff", "\xcd\xff\xff");
  EXPECT_BOTH("\xd3\x00\x00\x00\x00\xff\xff\xff\xff", "\xce\xff\xff\xff\xff");
  EXPECT_BOTH("\xcf\xff\xff\xff\xff\xff\xff\xff\xff", "\xcf\xff\xff\xff\xff\xff\xff\xff\xff");
  EXPECT_BOTH("\xd3\xff\xff\xff\xff\xff\xff\xff\x80", "\xd0\x80");
  EXPECT_BOTH("\xd3\xff\xff\xff\xff\xff\xff\x80\x00", "\xd1\x80\x00");
  EXPECT_BOTH("\xd3\xff\xff\xff\xff\x80\x00\x00\x00", "\xd2\x80\x00\x00\x00");
  EXPECT_BOTH("\xd3\x80\x00\x00\x00\x00\x00\x00\x00", "\xd3\x80\x00\x00\x00\x00\x00\x00\x00");
  EXPECT_BOTH("\xca\x3f\xc0\x00\x00", "\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00");
  EXPECT_BOTH("\xca\xff\xff\xff\xff", "\xcb\x7f\xf8\x00\x00\x00\x00\x00\x00"); /* a NaN */
  EXPECT_BOTH("\xca\x80\x00\x00\x00", "\xcb\x80\x00\x00\x00\x00\x00\x00\x00"); /* -0 */
  EXPECT_BOTH(
      "\xdb\x00\x00\x00\x02"
      "ab",
      "\xa2"
      "ab");
  EXPECT_BOTH(
      "\xc6\x00\x00\x00\x02"
      "ab",
      "\xc4\x02"
      "ab");
  EXPECT_BOTH("\xdd\x00\x00\x00\x01\x01", "\x91\x01");
  EXPECT_BOTH(
      "\xdf\x00\x00\x00\x01\xd9\x01"
      "a\x01",
      "\x81\xa1"
      "a\x01");
  EXPECT_BOTH("\x01\xa1x", "\x92\x01\xa1x"); /* a stream is a list */
}

static void keys_keep_their_kind(void **state) {
  (void)state;
  EXPECT_BOTH(
      "\x87\xa1"
      "a\x01\xc4\x01"
      "a\x02\x07\x03\xe0\x04\xc3\x05\xc0\x06\xca\x3f\xc0\x00\x00\x07",
      "\x87\xa1"
      "a\x01\xc4\x01"
      "a\x02\x07\x03\xe0\x04\xc3\x05\xc0\x06\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\x07");
}

#define NUMPY_I2                                                                           \
  "\x85\xc4\x02nd\xc3\xc4\x04type\xa3<i2\xc4\x04kind\xc4\x00\xc4\x05shape\x91\x02\xc4\x04" \
  "data\xc4\x04\x01\x02\x03\x04"
#define FLAX_I2 "\xc7\x0f\x01\x93\x91\x02\xa5int16\xc4\x04\x01\x02\x03\x04"

static void arrays_are_those_of_the_dialect(void **state) {
  (void)state;
  EXPECT_REWRITTEN(NUMPY_I2, NULL, NUMPY_I2);
  EXPECT_REWRITTEN(NUMPY_I2, "numpy", NUMPY_I2);
  EXPECT_REWRITTEN(NUMPY_I2, "flax", FLAX_I2);
  EXPECT_REWRITTEN(FLAX_I2, "numpy", NUMPY_I2);
  EXPECT_REWRITTEN(FLAX_I2, "flax", FLAX_I2);
  /* str keys, without kind, big-endian, another order */
  EXPECT_REWRITTEN(
      "\x84\xa4"
      "data\xa4\x02\x01\x04\x03\xa5shape\x91\x02\xa4type\xa3>i2\xa2nd\xc3",
      "numpy", NUMPY_I2);
}

static void scalars_of_numpy_are_arrays_of_no_dimension(void **state) {
  (void)state;
  EXPECT_REWRITTEN(
      "\x83\xc4\x02nd\xc2\xc4\x04type\xa3|u1\xc4\x04"
      "data\xc4\x01\x07",
      NULL,
      "\x85\xc4\x02nd\xc3\xc4\x04type\xa3|u1\xc4\x04kind\xc4\x00\xc4\x05shape\x90\xc4\x04"
      "data\xc4\x01\x07");
  EXPECT_REWRITTEN("\xc7\x0b\x03\x93\x90\xa5uint8\xc4\x01\x07", "flax", "\xc7\x0b\x01\x93\x90\xa5uint8\xc4\x01\x07");
}

#define NUMPY_COMPLEX   \
  "\x82\xc4\x07"        \
  "complex\xc3\xc4\x04" \
  "data\xa6(1-2j)"
#define FLAX_COMPLEX "\xc7\x13\x02\x92\xcb\x3f\xf0\x00\x00\x00\x00\x00\x00\xcb\xc0\x00\x00\x00\x00\x00\x00\x00"

static void complex_numbers_are_those_of_the_dialect(void **state) {
  (void)state;
  EXPECT_REWRITTEN(NUMPY_COMPLEX, NULL, NUMPY_COMPLEX);
  EXPECT_REWRITTEN(FLAX_COMPLEX, NULL, NUMPY_COMPLEX);
  EXPECT_REWRITTEN(NUMPY_COMPLEX, "flax", FLAX_COMPLEX);
  EXPECT_REWRITTEN(FLAX_COMPLEX, "flax", FLAX_COMPLEX);
}

static void canonical_bytes_are_their_own_canonical_bytes(void **state) {
  static const char *const FILES[] = {"n1_mn_dtypes", "n1_mn_shapes", "n1_mn_state", "n1_mn_scalars",
                                      "n1_mn_stream", "n1_mn_be",     "flax_params", "flax_lists"};
  (void)state;
  for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++)
    for (int is_flax = 0; is_flax < 2; is_flax++) {
      char path[96];
      size_t size, once_size;
      snprintf(path, sizeof path, "corpus/msgpack/msgpack/%s.msgpack", FILES[i]);
      uint8_t *file = support_slurp(path, &size);
      uint8_t *once = rewrite(file, size, is_flax ? "flax" : "numpy", &once_size);
      expect_rewritten(FILES[i], once, once_size, is_flax ? "flax" : "numpy", once, once_size);
      free(once);
      free(file);
    }
}

static void flaxs_own_files_are_canonical(void **state) {
  static const char *const FILES[] = {"flax_params", "flax_dtypes",  "flax_bf16",
                                      "flax_fp8",    "flax_complex", "flax_shapes"};
  (void)state;
  for (size_t i = 0; i < sizeof FILES / sizeof FILES[0]; i++) {
    char path[96];
    size_t size;
    snprintf(path, sizeof path, "corpus/msgpack/msgpack/%s.msgpack", FILES[i]);
    uint8_t *file = support_slurp(path, &size);
    expect_rewritten(FILES[i], file, size, "flax", file, size);
    free(file);
  }
}

static canon_manifest manifest_of(const canon_node *nodes, uint64_t n) {
  return (canon_manifest){
      .struct_size = sizeof(canon_manifest), .node_size = sizeof *nodes, .nodes = nodes, .n_nodes = n};
}

/* A dict with one entry "k". */
static void put_in_dict(canon_node nodes[2], canon_node entry) {
  nodes[0] = (canon_node){.kind = CANON_NODE_DICT, .parent = CANON_NONE, .target = CANON_NONE, .storage = CANON_NONE};
  nodes[1] = entry;
  nodes[1].target = nodes[1].storage = CANON_NONE;
  if (nodes[1].key_kind) return;
  nodes[1].key_kind = CANON_KEY_STR;
  nodes[1].key = "k";
  nodes[1].key_size = 1;
}

static void expect_unwritable(canon_node entry, const char *dialect, int32_t code, const char *because) {
  canon_node nodes[2];
  put_in_dict(nodes, entry);
  canon_manifest manifest = manifest_of(nodes, 2);
  canon_job *job = support_job();
  const canon_instance *instance = dialect ? support_instance(job, "dialect", dialect, NULL) : NULL;
  int32_t got = support_format("msgpack")->can_write(job, instance, &manifest);
  if (got != code || (code && !strstr(support_error(job), because)))
    fail_msg("expected %d \"%s\", got %d \"%s\"", (int)code, because, (int)got, support_error(job));
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void an_array_of_over_4_gib_is_refused_or_made_of_chunks(void **state) {
  static const uint64_t MOST[] = {UINT64_C(0xFFFFFFFF)}, OVER[] = {UINT64_C(0x100000000)};
  canon_node node = {.kind = CANON_NODE_TENSOR, .dtype = CANON_U8, .rank = 1, .shape = MOST};
  (void)state;
  expect_unwritable(node, "numpy", CANON_OK, "");
  node.shape = OVER;
  expect_unwritable(
      node, "numpy", CANON_E_UNSUPPORTED,
      "/k: 4294967296 bytes, of which msgpack holds 4294967295 in one value; write it with --dialect flax");
  expect_unwritable(node, "flax", CANON_OK, "");

  canon_node nodes[2];
  put_in_dict(nodes, node);
  nodes[0].kind = CANON_NODE_LIST;
  nodes[1].key_kind = CANON_KEY_INDEX;
  nodes[1].key = NULL;
  nodes[1].key_size = 0;
  canon_manifest manifest = manifest_of(nodes, 2);
  canon_job *job = support_job();
  assert_int_equal(support_format("msgpack")->can_write(job, support_instance(job, "dialect", "flax", NULL), &manifest),
                   CANON_E_UNSUPPORTED);
  assert_non_null(strstr(support_error(job), "/0: 4294967296 bytes"));
  assert_non_null(strstr(support_error(job), "flax takes chunks together in dicts alone, not in lists"));
  support_job_free(job);
}

static void dtypes_that_a_dialect_lacks_are_refused(void **state) {
  static const uint64_t SHAPE[] = {2};
  canon_node node = {.kind = CANON_NODE_TENSOR, .dtype = CANON_BF16, .rank = 1, .shape = SHAPE};
  (void)state;
  expect_unwritable(node, "numpy", CANON_E_UNSUPPORTED,
                    "/k: msgpack-numpy has no dtype for bf16; write it with --dialect flax, --cast it to f32");
  expect_unwritable(node, "flax", CANON_OK, "");
  node.dtype = CANON_C32;
  expect_unwritable(node, "numpy", CANON_E_UNSUPPORTED, "/k: msgpack-numpy has no dtype for c32; --cast it");
  expect_unwritable(node, "flax", CANON_E_UNSUPPORTED, "/k: flax has no dtype for c32");
}

static void values_that_msgpack_lacks_are_refused(void **state) {
  static const uint8_t LARGE[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 0}, NINE[] = {0, 0, 0, 0, 0, 0, 0, 0x80, 0};
  static const uint8_t LEAST[] = {0, 0, 0, 0, 0, 0, 0, 0x7f, 0xff};
  (void)state;
  expect_unwritable((canon_node){.kind = CANON_NODE_SET}, NULL, CANON_E_UNSUPPORTED, "/k: msgpack has no set");
  expect_unwritable((canon_node){.kind = CANON_NODE_OPAQUE, .type = "os.system"}, NULL, CANON_E_UNSUPPORTED,
                    "/k: os.system is opaque to canon");
  expect_unwritable((canon_node){.kind = CANON_NODE_INT, .data = LARGE, .data_size = 10}, NULL, CANON_E_UNSUPPORTED,
                    "/k: an integer of more than 64 bits");
  expect_unwritable((canon_node){.kind = CANON_NODE_INT, .data = LEAST, .data_size = 9}, NULL, CANON_E_UNSUPPORTED,
                    "/k: an integer of more than 64 bits");
  expect_unwritable((canon_node){.kind = CANON_NODE_INT, .data = NINE, .data_size = 9}, NULL, CANON_OK, ""); /* 2^63 */
  expect_unwritable((canon_node){.kind = CANON_NODE_STR, .data = "\xed\xa0\x80", .data_size = 3}, NULL,
                    CANON_E_UNSUPPORTED, "/k: a text with a lone surrogate");
  expect_unwritable((canon_node){.kind = CANON_NODE_DICT, .type = "collections.Counter"}, NULL, CANON_E_UNSUPPORTED,
                    "/k: msgpack has no collections.Counter");
  expect_unwritable((canon_node){.kind = CANON_NODE_NONE, .key_kind = CANON_KEY_TUPLE, .key = "(1, 2)", .key_size = 6},
                    NULL, CANON_E_UNSUPPORTED, "/(1, 2): its key is a tuple");
  expect_unwritable((canon_node){.kind = CANON_NODE_NONE}, "mxnet", CANON_E_USAGE,
                    "--dialect mxnet is neither numpy nor flax");
}

/* Dicts that would come back as something else. */
static void dicts_that_look_like_an_array_are_refused(void **state) {
  static const char *const KEYS[] = {"nd", "type", "data", "shape"};
  canon_node nodes[5] = {{.kind = CANON_NODE_DICT, .parent = CANON_NONE}};
  (void)state;
  for (uint64_t n = 2; n <= 4; n++)
    for (int is_bytes = 0; is_bytes < 2; is_bytes++) {
      for (uint64_t i = 1; i <= n; i++)
        nodes[i] = (canon_node){.kind = CANON_NODE_NONE,
                                .key_kind = is_bytes ? CANON_KEY_BYTES : CANON_KEY_STR,
                                .key = KEYS[i - 1],
                                .key_size = strlen(KEYS[i - 1])};
      canon_manifest manifest = manifest_of(nodes, n + 1);
      canon_job *job = support_job();
      assert_int_equal(support_format("msgpack")->can_write(job, NULL, &manifest),
                       n == 2 ? CANON_OK : CANON_E_UNSUPPORTED);
      if (n > 2) assert_non_null(strstr(support_error(job), "readers would take a dict with these keys for an array"));
      support_job_free(job);
    }
  expect_unwritable(
      (canon_node){
          .kind = CANON_NODE_NONE, .key_kind = CANON_KEY_STR, .key = "__msgpack_chunked_array__", .key_size = 25},
      NULL, CANON_E_UNSUPPORTED, "readers would take a dict with these keys for an array");
}

/* Chunks of four bytes: what a gigabyte would take. */
static void chunks_read_back_as_the_tensor_they_were(void **state) {
  static const uint64_t SHAPE[] = {2, 3};
  static const uint8_t DATA[12] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
  static const char EXPECTED[] =
      "\x81\xa1k\x83\xb9__msgpack_chunked_array__\xc3\xa5shape\x82\xa1"
      "0\x02\xa1"
      "1\x03\xa6"
      "chunks\x83"
      "\xa1"
      "0\xc7\x12\x01\x93\x91\x02\xa8"
      "bfloat16\xc4\x04\x01\x02\x03\x04\xa1"
      "1\xc7\x12\x01\x93\x91\x02\xa8"
      "bfloat16\xc4\x04\x05\x06\x07\x08"
      "\xa1"
      "2\xc7\x12\x01\x93\x91\x02\xa8"
      "bfloat16\xc4\x04\x09\x0a\x0b\x0c";
  const canon_format *format = support_format("msgpack");
  canon_job *job = support_job();
  const canon_instance *instance = support_instance(job, "dialect", "flax", NULL);
  canon_sink *sink = support_sink(job);
  canon_node nodes[2];
  void *writer = NULL;
  canon_extent extent = {.struct_size = sizeof extent};
  size_t size;
  (void)state;
  put_in_dict(nodes, (canon_node){.kind = CANON_NODE_TENSOR, .dtype = CANON_BF16, .rank = 2, .shape = SHAPE});
  canon_manifest manifest = manifest_of(nodes, 2);
  assert_int_equal(msgpack_begin_chunked(job, instance, &manifest, sink, 5, &writer),
                   CANON_OK); /* two elements a chunk */
  assert_int_equal(format->place(job, writer, 1, &extent), CANON_OK);
  assert_true(extent.offset == CANON_NONE);
  assert_int_equal(format->write(job, writer, 1, 0, 3, DATA), CANON_OK);
  assert_int_equal(format->write(job, writer, 1, 3, 3, DATA + 6), CANON_OK);
  assert_int_equal(format->end(job, writer, NULL, 0, sizeof(canon_written)), CANON_OK);
  format->release(job, writer);
  const uint8_t *bytes = support_bytes(sink, &size);
  assert_int_equal(size, sizeof EXPECTED - 1);
  assert_memory_equal(bytes, EXPECTED, size);
  outcome got = outcome_of(bytes, size);
  assert_string_equal(got.text, "{'k': bf16[2, 3]}");
  assert_int_equal(got.bytes, sizeof DATA);
  assert_memory_equal(got.data, DATA, sizeof DATA);
  forget(&got);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void every_allocation_may_fail_and_leaves_nothing(void **state) {
  static const uint64_t SHAPE[] = {2};
  static const uint8_t DATA[4] = {1, 2, 3, 4};
  canon_node nodes[2];
  int reached = 1;
  (void)state;
  put_in_dict(nodes, (canon_node){.kind = CANON_NODE_TENSOR, .dtype = CANON_I16, .rank = 1, .shape = SHAPE});
  canon_manifest manifest = manifest_of(nodes, 2);
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    canon_sink *sink = support_sink(job);
    support_fail_allocation(n);
    int32_t code = write_tree(job, NULL, &manifest, DATA, sink);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    assert_true(n < 200);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(every_value_has_one_form_the_shortest),
      cmocka_unit_test(keys_keep_their_kind),
      cmocka_unit_test(arrays_are_those_of_the_dialect),
      cmocka_unit_test(scalars_of_numpy_are_arrays_of_no_dimension),
      cmocka_unit_test(complex_numbers_are_those_of_the_dialect),
      cmocka_unit_test(canonical_bytes_are_their_own_canonical_bytes),
      cmocka_unit_test(flaxs_own_files_are_canonical),
      cmocka_unit_test(an_array_of_over_4_gib_is_refused_or_made_of_chunks),
      cmocka_unit_test(dtypes_that_a_dialect_lacks_are_refused),
      cmocka_unit_test(values_that_msgpack_lacks_are_refused),
      cmocka_unit_test(dicts_that_look_like_an_array_are_refused),
      cmocka_unit_test(chunks_read_back_as_the_tensor_they_were),
      cmocka_unit_test(every_allocation_may_fail_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
