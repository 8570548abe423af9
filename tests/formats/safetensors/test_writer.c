/* SPDX-License-Identifier: MIT
 * test_writer.c: canonical safetensors: the library's order and spelling, sorted metadata; and what it cannot hold. */
#include "tests/formats/safetensors/safetensors_file.h"

static canon_node text(uint64_t parent, const char *key, const char *value) {
  canon_node node = container(CANON_NODE_STR, parent, key);
  node.data = value;
  node.data_size = strlen(value);
  return node;
}

/* header: without the spaces at its end. Elements: as they lie in the file. */
static void expect_written(const canon_node *nodes, uint64_t n, const char *option, const char *value,
                           const uint8_t *data, const char *header, const void *elements, size_t bytes) {
  canon_job *job = support_job();
  const canon_instance *instance = option ? support_instance(job, option, value, NULL) : NULL;
  canon_manifest manifest = manifest_of(nodes, n);
  canon_sink *sink = support_sink(job);
  size_t size, length = strlen(header), padded = (length + 7) / 8 * 8;
  if (write_tree(job, "safetensors", instance, &manifest, data, sink)) fail_msg("%s", support_error(job));
  const uint8_t *file = support_bytes(sink, &size);
  assert_int_equal(size, 8 + padded + bytes);
  assert_int_equal(file[0], padded & 0xFF);
  assert_int_equal(file[1], padded >> 8);
  if (memcmp(file + 8, header, length) != 0)
    fail_msg("expected %s, got %.*s", header, (int)padded, (const char *)file + 8);
  for (size_t i = length; i < padded; i++) assert_int_equal(file[8 + i], ' ');
  if (bytes) assert_memory_equal(file + 8 + padded, elements, bytes);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

#define FORMAT "{\"__metadata__\":{\"format\":\"pt\"}"

static void tensors_come_in_the_librarys_order(void **state) {
  static const uint8_t DATA[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14};
  static const uint8_t ELEMENTS[] = {3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 1, 2};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), tensor(0, "a", CANON_U8),
                        tensor(0, "b", CANON_F32), tensor(0, "c", CANON_BF16)};
  (void)state;
  expect_written(nodes, 4, NULL, NULL, DATA,
                 FORMAT
                 ",\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"c\":{\"dtype\":\"BF16\",\"shape\":["
                 "2],\"data_offsets\":[8,12]},"
                 "\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[12,14]}}",
                 ELEMENTS, 14);
  expect_written(nodes, 1, NULL, NULL, DATA, FORMAT "}", NULL, 0);
}

static void names_of_one_dtype_are_sorted_and_escaped(void **state) {
  static const uint8_t DATA[] = {1, 2, 3, 4, 5, 6};
  static const uint8_t ELEMENTS[] = {5, 6, 3, 4, 1, 2};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), tensor(0, "\xc3\xbc", CANON_U8),
                        tensor(0, "a/b", CANON_U8), tensor(0, "\"\\\b\t\x01\x7f", CANON_U8)};
  (void)state;
  expect_written(nodes, 4, NULL, NULL, DATA,
                 FORMAT
                 ",\"\\\"\\\\\\b\\t\\u0001\x7f\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"a/"
                 "b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[2,4]},"
                 "\"\xc3\xbc\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[4,6]}}",
                 ELEMENTS, 6);
}

static void metadata_are_sorted_and_say_pt(void **state) {
  static const uint8_t DATA[] = {1, 2};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "__metadata__"),
                        text(1, "z", "1"), text(1, "a", "\n"), tensor(0, "w", CANON_U8)};
  (void)state;
  expect_written(nodes, 5, NULL, NULL, DATA,
                 "{\"__metadata__\":{\"a\":\"\\n\",\"format\":\"pt\",\"z\":\"1\"},\"w\":{\"dtype\":\"U8\",\"shape\":[2]"
                 ",\"data_offsets\":[0,2]}}",
                 DATA, 2);
  expect_written(nodes, 2, NULL, NULL, DATA, FORMAT "}", NULL, 0);
}

static void a_tensor_alone_needs_a_name(void **state) {
  static const uint8_t DATA[] = {1, 2};
  canon_node node = tensor(CANON_NONE, NULL, CANON_U8);
  (void)state;
  expect_written(&node, 1, "name", "w", DATA, FORMAT ",\"w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                 DATA, 2);
}

static void a_deeper_tree_is_flattened_on_request(void **state) {
  static const uint8_t DATA[] = {1, 2, 3, 4};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "a"),
                        tensor(1, "w", CANON_U8), tensor(0, "b", CANON_U8)};
  (void)state;
  expect_written(nodes, 4, "flatten", ".", DATA,
                 FORMAT
                 ",\"a.w\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":["
                 "2],\"data_offsets\":[2,4]}}",
                 DATA, 4);
}

/* The library wrote these with these metadata, sorted by chance. */
static void the_librarys_own_file_is_canonical(void **state) {
  const canon_format *format = support_format("safetensors");
  canon_job *job = support_job();
  void *reader = NULL;
  canon_manifest manifest = {.struct_size = sizeof manifest};
  size_t expected_size, size;
  uint8_t *expected = support_slurp("corpus/safetensors/safetensors/torch_meta.safetensors", &expected_size), data[256];
  (void)state;
  assert_int_equal(format->open(job, NULL, support_source(job, expected, expected_size), &reader), CANON_OK);
  assert_int_equal(format->manifest(job, reader, &manifest), CANON_OK);
  uint64_t w = manifest.n_nodes - 1, elements = 0;
  assert_true(
      canon_elements(canon_manifest_node(&manifest, w)->shape, canon_manifest_node(&manifest, w)->rank, &elements));
  assert_int_equal(format->read(job, reader, w, 0, elements, data), CANON_OK);
  canon_sink *sink = support_sink(job);
  assert_int_equal(write_tree(job, "safetensors", NULL, &manifest, data, sink), CANON_OK);
  const uint8_t *bytes = support_bytes(sink, &size);
  assert_int_equal(size, expected_size);
  assert_memory_equal(bytes, expected, size);
  format->close(job, reader);
  support_job_free(job);
  free(expected);
}

static void expect_unwritable(const canon_node *nodes, uint64_t n, const char *option, const char *value, int32_t code,
                              const char *because) {
  expect_no_writing("safetensors", nodes, n, option, value, code, because);
}

static void what_safetensors_cannot_hold_is_refused_by_name(void **state) {
  canon_node alone = tensor(CANON_NONE, NULL, CANON_U8);
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "a"),
                        tensor(1, "w", CANON_U8)};
  (void)state;
  expect_unwritable(
      &alone, 1, NULL, NULL, CANON_E_UNSUPPORTED,
      "the root: safetensors holds named tensors, this is one without a name; give it one with --name NAME");
  expect_unwritable(&alone, 1, "name", "__metadata__", CANON_E_UNSUPPORTED, "__metadata__ is the name of no tensor");
  expect_unwritable(&alone, 1, "name", "\xff", CANON_E_USAGE, "--name is not UTF-8");
  expect_unwritable(nodes, 3, NULL, NULL, CANON_E_UNSUPPORTED,
                    "/a: safetensors holds a flat dict of tensors, this is a dict; --flatten joins the keys");
  nodes[1] = text(0, "a", "x");
  expect_unwritable(nodes, 2, NULL, NULL, CANON_E_UNSUPPORTED, "/a: safetensors holds tensors only, this is text");
  nodes[1] = tensor(0, "__metadata__", CANON_U8);
  expect_unwritable(nodes, 2, NULL, NULL, CANON_E_UNSUPPORTED, "/__metadata__: __metadata__ is the name of no tensor");
  nodes[1] = tensor(0, "a", CANON_C128);
  expect_unwritable(nodes, 2, NULL, NULL, CANON_E_UNSUPPORTED,
                    "/a: safetensors has no dtype for c128; --cast it to another");
}

static void metadata_that_are_no_texts_are_refused(void **state) {
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "__metadata__"),
                        tensor(1, "w", CANON_U8)};
  (void)state;
  expect_unwritable(nodes, 3, NULL, NULL, CANON_E_UNSUPPORTED,
                    "/__metadata__/w: the metadata of safetensors are texts under texts");
  nodes[2] = text(1, "format", "tf");
  expect_unwritable(nodes, 3, NULL, NULL, CANON_E_UNSUPPORTED,
                    "/__metadata__/format: safetensors keeps its own entry \"format\"");
  nodes[2] = text(1, "a", "\xed\xa0\x80");
  expect_unwritable(nodes, 3, NULL, NULL, CANON_E_UNSUPPORTED, "/__metadata__/a: a text with a lone surrogate");
}

static void every_allocation_may_fail_and_leaves_nothing(void **state) {
  static const uint8_t DATA[] = {1, 2, 3, 4};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "__metadata__"),
                        text(1, "z", "1"), tensor(0, "a", CANON_U8), tensor(0, "b", CANON_U8)};
  canon_manifest manifest = manifest_of(nodes, 5);
  int reached = 1;
  (void)state;
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    canon_sink *sink = support_sink(job);
    support_fail_allocation(n);
    int32_t code = write_tree(job, "safetensors", NULL, &manifest, DATA, sink);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    assert_true(n < 200);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(tensors_come_in_the_librarys_order),
      cmocka_unit_test(names_of_one_dtype_are_sorted_and_escaped),
      cmocka_unit_test(metadata_are_sorted_and_say_pt),
      cmocka_unit_test(a_tensor_alone_needs_a_name),
      cmocka_unit_test(a_deeper_tree_is_flattened_on_request),
      cmocka_unit_test(the_librarys_own_file_is_canonical),
      cmocka_unit_test(what_safetensors_cannot_hold_is_refused_by_name),
      cmocka_unit_test(metadata_that_are_no_texts_are_refused),
      cmocka_unit_test(every_allocation_may_fail_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
