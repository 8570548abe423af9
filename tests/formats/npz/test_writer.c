/* SPDX-License-Identifier: MIT
 * test_writer.c: canonical .npz: libzip reads it, each record is numpy.save's; and what it cannot hold. */
#include <zip.h>

#include "tests/formats/npz/npz_file.h"

static void expect_written(const canon_node *nodes, uint64_t n, const char *flatten, const uint8_t *data,
                           const char *names, const char *tree) {
  canon_job *job = support_job();
  const canon_instance *instance = flatten ? support_instance(job, "flatten", flatten, NULL) : NULL;
  canon_manifest manifest = manifest_of(nodes, n);
  canon_sink *sink = support_sink(job);
  size_t size;
  char found[512] = "";
  if (write_tree(job, "npz", instance, &manifest, data, sink)) fail_msg("%s", support_error(job));
  const uint8_t *bytes = support_bytes(sink, &size);

  zip_error_t error;
  zip_error_init(&error);
  zip_t *zip =
      zip_open_from_source(zip_source_buffer_create(bytes, size, 0, &error), ZIP_CHECKCONS | ZIP_RDONLY, &error);
  if (!zip) fail_msg("libzip: %s", zip_error_strerror(&error));
  for (int64_t i = 0; i < zip_get_num_entries(zip, 0); i++) {
    zip_stat_t stat;
    uint8_t content[512];
    assert_int_equal(zip_stat_index(zip, (uint64_t)i, 0, &stat), 0);
    strncat(strncat(found, stat.name, sizeof found - strlen(found) - 1), " ", sizeof found - strlen(found) - 1);
    assert_int_equal(stat.comp_method, ZIP_CM_STORE);
    zip_file_t *file = zip_fopen_index(zip, (uint64_t)i, 0);
    assert_int_equal(zip_fread(file, content, sizeof content), stat.size);
    assert_int_equal(zip_fclose(file), 0); /* compares the CRC-32 */
    if (strstr(stat.name, ".npy")) assert_memory_equal(content, "\x93NUMPY\x01\x00\x76\x00{'descr': '", 21);
    assert_int_equal(zip_file_extra_fields_count(zip, (uint64_t)i, ZIP_FL_LOCAL), 0);
    assert_int_equal(zip_file_extra_fields_count(zip, (uint64_t)i, ZIP_FL_CENTRAL), 0);
  }
  zip_discard(zip);
  assert_string_equal(found, names);

  outcome *got = outcome_of(bytes, size, 100);
  assert_string_equal(got->text, tree);
  free(got);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void a_flat_dict_is_written_record_by_record(void **state) {
  static const uint8_t DATA[] = {1, 0, 2, 0, 1, 0, 7, 8};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), tensor(0, "a/b", CANON_I16),
                        tensor(0, "flag", CANON_BOOL), tensor(0, "\xc3\xbc", CANON_U8)};
  (void)state;
  expect_written(nodes, 4, NULL, DATA, "a/b.npy flag.npy \xc3\xbc.npy ", "a/b: i16[2] flag: bool[2] \xc3\xbc: u8[2] ");
  expect_written(nodes, 1, NULL, DATA, "", "");
}

static void a_tensor_alone_is_arr_0(void **state) {
  static const uint8_t DATA[] = {7, 8};
  canon_node node = tensor(CANON_NONE, NULL, CANON_U8);
  (void)state;
  expect_written(&node, 1, NULL, DATA, "arr_0.npy ", "arr_0: u8[2] ");
}

static void a_deeper_tree_is_flattened_on_request_and_sorted(void **state) {
  static const uint8_t DATA[] = {1, 2, 3, 4, 5, 6};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL),
                        container(CANON_NODE_DICT, 0, "a"),
                        tensor(1, "w", CANON_U8),
                        tensor(0, "a.b", CANON_U8),
                        container(CANON_NODE_LIST, 0, "l"),
                        tensor(4, NULL, CANON_U8)};
  (void)state;
  expect_written(nodes, 6, "/", DATA, "a.b.npy a/w.npy l/0.npy ", "a.b: u8[2] a/w: u8[2] l/0: u8[2] ");
  expect_written(nodes, 6, "", DATA, "a.b.npy a/w.npy l/0.npy ", "a.b: u8[2] a/w: u8[2] l/0: u8[2] ");
  expect_written(nodes, 6, "::", DATA, "a.b.npy a::w.npy l::0.npy ", "a.b: u8[2] a::w: u8[2] l::0: u8[2] ");
}

static void bytes_are_a_record_and_other_values_one_of_json(void **state) {
  static const uint8_t DATA[] = {7, 8};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), leaf(CANON_NODE_INT, 0, "epoch", "\x05", 1),
                        container(CANON_NODE_DICT, 0, "m"),           container(CANON_NODE_DICT, 2, "config"),
                        leaf(CANON_NODE_BOOL, 3, "amp", "\x01", 1),   container(CANON_NODE_LIST, 3, "sizes"),
                        leaf(CANON_NODE_INT, 5, NULL, "\x80", 1),     leaf(CANON_NODE_STR, 5, NULL, "\xc3\xbc\"", 3),
                        container(CANON_NODE_DICT, 2, "none"),        tensor(2, "w", CANON_U8),
                        leaf(CANON_NODE_BYTES, 0, "notes", "hi", 2)};
  (void)state;
  expect_written(nodes, 11, "/", DATA, "epoch.json m/config.json m/none.json m/w.npy notes ",
                 "epoch.json: b'5\n' m/config.json: b'{\n    \"amp\": true,\n    \"sizes\": [\n        -128,\n"
                 "        \"\\u00fc\\\"\"\n    ]\n}\n' m/none.json: b'{}\n' m/w: u8[2] notes: b'hi' ");
  nodes[1] = nodes[10];
  nodes[2] = tensor(0, "w", CANON_U8);
  expect_written(nodes, 3, NULL, DATA, "notes w.npy ", "notes: b'hi' w: u8[2] ");
}

static void the_bytes_are_those_of_numpy_but_for_dates_and_zip64(void **state) {
  static const uint8_t DATA[] = {7, 8};
  static const char TEXT[] =
      "arr_0.npy\x93NUMPY\x01\x00\x76\x00{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }  ";
  static const char HEAD[] = "PK\3\4\x0a\x00\x00\x00\x00\x00\x00\x00\x21\x00";
  canon_node node = tensor(CANON_NONE, NULL, CANON_U8);
  canon_manifest manifest = manifest_of(&node, 1);
  canon_job *job = support_job();
  canon_sink *sink = support_sink(job);
  size_t size;
  (void)state;
  assert_int_equal(write_tree(job, "npz", NULL, &manifest, DATA, sink), CANON_OK);
  const uint8_t *bytes = support_bytes(sink, &size);
  assert_int_equal(size, 30 + 9 + 128 + 2 + 46 + 9 + 22);
  assert_memory_equal(bytes, HEAD, 14);
  assert_memory_equal(bytes + 30, TEXT, sizeof TEXT - 1);
  assert_int_equal(bytes[30 + 9 + 127], '\n');
  assert_memory_equal(bytes + 30 + 9 + 128, "\x07\x08PK\1\2", 6);
  support_job_free(job);
}

static void expect_unwritable(const canon_node *nodes, uint64_t n, const char *flatten, int32_t code,
                              const char *because) {
  expect_no_writing("npz", nodes, n, flatten ? "flatten" : NULL, flatten, code, because);
}

static void what_an_archive_of_arrays_cannot_hold_is_refused_by_name(void **state) {
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "a"),
                        tensor(1, "w", CANON_U8)};
  canon_node list[] = {container(CANON_NODE_LIST, CANON_NONE, NULL), tensor(0, NULL, CANON_U8)};
  (void)state;
  expect_unwritable(
      nodes, 3, NULL, CANON_E_UNSUPPORTED,
      "/a: npz holds a flat dict of tensors, this is a dict; --flatten joins the keys, --select takes a part");
  expect_unwritable(list, 2, NULL, CANON_E_UNSUPPORTED,
                    "the root: npz holds a flat dict of tensors, this is a list; --flatten");
  nodes[1] = container(CANON_NODE_STR, 0, "a");
  nodes[1].data = "x";
  nodes[1].data_size = 1;
  expect_unwritable(nodes, 2, NULL, CANON_E_UNSUPPORTED,
                    "/a: npz holds tensors only, this is text; leave it out with --tensors-only or --exclude");
  nodes[1] = tensor(0, "a", CANON_BF16);
  expect_unwritable(nodes, 2, NULL, CANON_E_UNSUPPORTED, "/a: NumPy has no dtype for bf16");
  nodes[1] = tensor(0, "a\xed\xa0\x80", CANON_U8);
  expect_unwritable(nodes, 2, NULL, CANON_E_UNSUPPORTED, "a lone surrogate");
  nodes[1] = tensor(0, "a", CANON_U8);
  nodes[1].key = "a\0b";
  nodes[1].key_size = 3;
  expect_unwritable(nodes, 2, NULL, CANON_E_UNSUPPORTED, "holds a NUL");
  nodes[1].key_kind = CANON_KEY_INT;
  nodes[1].key = "\x07";
  nodes[1].key_size = 1;
  expect_unwritable(nodes, 2, NULL, CANON_E_UNSUPPORTED,
                    "its key is an integer, and a name in npz is text; --flatten makes text of it");
}

static void values_that_neither_json_nor_a_record_holds_are_refused(void **state) {
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL),
                        leaf(CANON_NODE_FLOAT, 0, "a", "\0\0\0\0\0\0\xf0\x7f", 8), tensor(0, "w", CANON_U8)};
  (void)state;
  expect_unwritable(nodes, 3, "/", CANON_E_UNSUPPORTED, "a.json would hold a NaN or an infinity");
  nodes[1] = leaf(CANON_NODE_INT, 0, "a", "123456789", 9);
  expect_unwritable(nodes, 3, "/", CANON_E_UNSUPPORTED, "a.json would hold an integer over 64 bits");
  nodes[1] = container(CANON_NODE_SET, 0, "a");
  expect_unwritable(nodes, 3, "/", CANON_E_UNSUPPORTED, "a.json would hold a value that JSON has not");
  nodes[1] = leaf(CANON_NODE_INT, 0, "a", "\x05", 1);
  expect_unwritable(nodes, 3, NULL, CANON_E_UNSUPPORTED, "or write it as JSON with --flatten");
  nodes[2].key = "a.json";
  nodes[2].key_size = 6;
  expect_unwritable(nodes, 3, "/", CANON_E_UNSUPPORTED, "its name is 'a.json', as is that of /a");
  nodes[1] = leaf(CANON_NODE_BYTES, 0, "a.npy", "x", 1);
  expect_unwritable(nodes, 3, "/", CANON_E_UNSUPPORTED,
                    "/a.npy: an archive of arrays holds no bytes whose key is that");
  nodes[1] = leaf(CANON_NODE_BYTES, 0, "", "x", 1);
  expect_unwritable(nodes, 3, NULL, CANON_E_UNSUPPORTED, "whose key is that of an array or a folder");
  nodes[1] = leaf(CANON_NODE_BYTES, 0, "a", "\x93NUMPY\x01", 7);
  expect_unwritable(nodes, 3, NULL, CANON_E_UNSUPPORTED,
                    "/a: an archive of arrays holds no bytes that begin as an array");
}

static void two_nodes_that_would_share_a_name_are_refused(void **state) {
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), container(CANON_NODE_DICT, 0, "a"),
                        tensor(1, "b", CANON_U8), tensor(0, "a/b", CANON_U8)};
  (void)state;
  expect_unwritable(nodes, 4, "/", CANON_E_UNSUPPORTED,
                    "its name is 'a/b', as is that of /a/b; choose another separator");
}

static void names_have_at_most_what_a_zip_counts(void **state) {
  static char key[65536];
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), tensor(0, "", CANON_U8)};
  static const uint8_t DATA[] = {7, 8};
  canon_manifest manifest = manifest_of(nodes, 2);
  (void)state;
  memset(key, 'k', sizeof key);
  nodes[1].key = key;
  nodes[1].key_size = 65532;
  expect_unwritable(nodes, 2, NULL, CANON_E_UNSUPPORTED, "a name of 65532 bytes, more than the 65531 that npz holds");
  nodes[1].key_size = 65531;
  canon_job *job = support_job();
  assert_int_equal(write_tree(job, "npz", NULL, &manifest, DATA, support_sink(job)), CANON_OK);
  support_job_free(job);
}

static void every_allocation_may_fail_and_leaves_nothing(void **state) {
  static const uint8_t DATA[] = {1, 2, 3, 4};
  canon_node nodes[] = {container(CANON_NODE_DICT, CANON_NONE, NULL), tensor(0, "a", CANON_U8),
                        tensor(0, "b", CANON_U8)};
  canon_manifest manifest = manifest_of(nodes, 3);
  int reached = 1;
  (void)state;
  for (uint64_t n = 1; reached; n++) {
    canon_job *job = support_job();
    canon_sink *sink = support_sink(job);
    support_fail_allocation(n);
    int32_t code = write_tree(job, "npz", NULL, &manifest, DATA, sink);
    reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    assert_true(n < 200);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_flat_dict_is_written_record_by_record),
      cmocka_unit_test(a_tensor_alone_is_arr_0),
      cmocka_unit_test(a_deeper_tree_is_flattened_on_request_and_sorted),
      cmocka_unit_test(bytes_are_a_record_and_other_values_one_of_json),
      cmocka_unit_test(values_that_neither_json_nor_a_record_holds_are_refused),
      cmocka_unit_test(the_bytes_are_those_of_numpy_but_for_dates_and_zip64),
      cmocka_unit_test(what_an_archive_of_arrays_cannot_hold_is_refused_by_name),
      cmocka_unit_test(two_nodes_that_would_share_a_name_are_refused),
      cmocka_unit_test(names_have_at_most_what_a_zip_counts),
      cmocka_unit_test(every_allocation_may_fail_and_leaves_nothing),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
