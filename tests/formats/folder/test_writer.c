/* SPDX-License-Identifier: MIT
 * test_writer.c: trees as folders. */
#include "core/io/sink.h"
#include "tests/formats/folder/shelf.h"

static const uint64_t two[] = {2};

static canon_node dict(uint64_t parent, const char *key) {
  return (canon_node){.kind = CANON_NODE_DICT,
                      .parent = parent,
                      .key_kind = key ? CANON_KEY_STR : CANON_KEY_NONE_AT_ROOT,
                      .key = key,
                      .key_size = key ? strlen(key) : 0};
}

static canon_node tensor(uint64_t parent, const char *key, uint32_t dtype) {
  canon_node node = dict(parent, key);
  node.kind = CANON_NODE_TENSOR;
  node.dtype = dtype;
  node.rank = 1;
  node.shape = two;
  node.storage = CANON_NONE;
  return node;
}

static canon_manifest tree_of(const canon_node *nodes, uint64_t n) {
  return (canon_manifest){.struct_size = sizeof(canon_manifest),
                          .node_size = sizeof(canon_node),
                          .nodes = nodes,
                          .n_nodes = n,
                          .detail_size = sizeof(canon_detail)};
}

/* Each tensor gets the bytes "abcdefgh". */
static int32_t write_tensors(canon_job *job, const canon_format *format, void *writer, const canon_manifest *tree,
                             canon_sink *sink, canon_written *written, uint64_t *n) {
  int32_t code = CANON_OK;
  *n = 0;
  for (uint64_t i = 0; !code && i < tree->n_nodes; i++) {
    const canon_node *node = canon_manifest_node(tree, i);
    canon_extent extent = {.struct_size = sizeof extent, .sink = sink};
    if (node->kind != CANON_NODE_TENSOR) continue;
    uint64_t bytes = 2 * canon_dtype_size(node->dtype);
    written[(*n)++] = (canon_written){.node = i, .bytes = bytes};
    code = format->place(job, writer, i, &extent);
    if (!code) code = sink_write(job, extent.sink, extent.offset, "abcdefgh", bytes);
  }
  return code;
}

static int32_t write_tree(canon_job *job, const canon_instance *instance, const canon_manifest *tree,
                          const char *path) {
  const canon_format *format = support_format("folder");
  canon_sink *sink = NULL;
  canon_written written[16];
  void *writer = NULL;
  uint64_t n = 0;
  int32_t code = format->can_write(job, instance, tree);
  if (!code) code = sink_create_folder(job, path, 0, &sink);
  if (!code) code = format->begin(job, instance, tree, sink, &writer);
  if (!code) code = write_tensors(job, format, writer, tree, sink, written, &n);
  if (!code) code = format->end(job, writer, written, n, sizeof *written);
  if (writer) format->release(job, writer);
  assert_int_equal(support_leaked(job), 0);
  if (!code) code = sink_commit(job, sink);
  sink_close(sink);
  return code;
}

static void expect_file(const char *name, const void *bytes, size_t size) {
  size_t n;
  uint8_t *is = support_slurp(shelf_path(name), &n);
  assert_int_equal(n, size);
  assert_memory_equal(is, bytes, size);
  free(is);
}

static int count_below(const char *path) {
  canon_job *job = support_job();
  struct folder_list list = {0};
  assert_int_equal(folder_list(job, path, &list), CANON_OK);
  int n = (int)list.n;
  folder_list_free(&list);
  support_job_free(job);
  return n;
}

static void a_name_tells_the_format_of_its_file(void **state) {
  (void)state;
  const canon_node nodes[] = {dict(CANON_NONE, NULL),        dict(0, "a"),    tensor(1, "notes", CANON_U8),
                              tensor(1, "x.npy", CANON_I16), dict(0, "m.pt"), tensor(4, "w", CANON_F32)};
  const canon_manifest tree = tree_of(nodes, 6);
  canon_job *job = support_job();
  assert_int_equal(write_tree(job, support_instance(job, NULL), &tree, shelf_path("out")), CANON_OK);
  support_job_free(job);
  expect_file("out/a/notes", "ab", 2);
  size_t size;
  uint8_t *npy = support_slurp(shelf_path("out/a/x.npy"), &size);
  assert_memory_equal(npy, "\x93NUMPY", 6);
  assert_memory_equal(npy + size - 4, "abcd", 4);
  free(npy);
  assert_int_equal(count_below(shelf_path("out")), 3);
}

static void an_empty_root_is_an_empty_folder(void **state) {
  (void)state;
  const canon_node root = dict(CANON_NONE, NULL);
  const canon_manifest tree = tree_of(&root, 1);
  canon_job *job = support_job();
  assert_int_equal(write_tree(job, support_instance(job, NULL), &tree, shelf_path("out")), CANON_OK);
  support_job_free(job);
  assert_int_equal(count_below(shelf_path("out")), 0);
}

static void a_suffix_is_given_to_what_has_none(void **state) {
  (void)state;
  const canon_node nodes[] = {dict(CANON_NONE, NULL), tensor(0, "a.b", CANON_F32), tensor(0, "c", CANON_U8),
                              tensor(0, "d.PT", CANON_F32)};
  const canon_manifest tree = tree_of(nodes, 4);
  canon_job *job = support_job();
  assert_int_equal(write_tree(job, support_instance(job, "suffix", "npy", NULL), &tree, shelf_path("out")), CANON_OK);
  support_job_free(job);
  assert_int_equal(access(shelf_path("out/a.b.npy"), F_OK), 0);
  assert_int_equal(access(shelf_path("out/c.npy"), F_OK), 0);
  assert_int_equal(access(shelf_path("out/d.PT"), F_OK), 0);
}

/* A path of 4096 bytes is none; one byte less may be too long for the system, which is another matter. */
static void a_path_longer_than_any_system_takes_is_refused(void **state) {
  (void)state;
  static char name[256];
  canon_node nodes[20] = {dict(CANON_NONE, NULL)};
  memset(name, 'x', 255);
  for (uint64_t i = 1; i < 18; i++) nodes[i] = dict(i - 1, name);
  nodes[18] = tensor(17, "x.npy", CANON_F32);
  const canon_manifest tree = tree_of(nodes, 19);
  canon_job *job = support_job();
  assert_int_equal(support_format("folder")->can_write(job, support_instance(job, NULL), &tree), CANON_E_UNSUPPORTED);
  assert_non_null(strstr(support_error(job), "longer than a system takes"));
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
}

static void what_is_released_without_an_end_is_gone(void **state) {
  (void)state;
  const canon_node nodes[] = {dict(CANON_NONE, NULL), tensor(0, "a.pt", CANON_F32), tensor(0, "b", CANON_U8)};
  const canon_manifest tree = tree_of(nodes, 3);
  const canon_format *format = support_format("folder");
  canon_job *job = support_job();
  canon_sink *sink = NULL;
  void *writer = NULL;
  assert_int_equal(sink_create_folder(job, shelf_path("out"), 0, &sink), CANON_OK);
  assert_int_equal(format->begin(job, support_instance(job, NULL), &tree, sink, &writer), CANON_OK);
  assert_int_equal(count_below(shelf), 2);
  format->release(job, writer);
  sink_close(sink);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  assert_int_equal(count_below(shelf), 0);
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  const canon_node nodes[] = {dict(CANON_NONE, NULL),        dict(0, "a"),    tensor(1, "notes", CANON_U8),
                              tensor(1, "x.npy", CANON_I16), dict(0, "m.pt"), tensor(4, "w", CANON_F32),
                              tensor(0, "z", CANON_F32)};
  const canon_manifest tree = tree_of(nodes, 7);
  uint64_t n = 1;
  for (int reached = 1; reached; n++) {
    canon_job *job = support_job();
    const canon_instance *instance = support_instance(job, "suffix", "npy", NULL);
    support_fail_allocation(n);
    int32_t code = write_tree(job, instance, &tree, shelf_path("out"));
    reached = support_fail_allocation(0);
    if (code && (code != CANON_E_MEMORY || !reached))
      fail_msg("allocation %d: %d, %s", (int)n, (int)code, support_error(job));
    support_job_free(job);
    assert_int_equal(count_below(shelf), code ? 0 : 4);
    folder_remove(shelf_path("out"));
  }
  assert_true(n > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shelf_make, shelf_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(a_name_tells_the_format_of_its_file),     TEST(an_empty_root_is_an_empty_folder),
      TEST(a_suffix_is_given_to_what_has_none),      TEST(a_path_longer_than_any_system_takes_is_refused),
      TEST(what_is_released_without_an_end_is_gone), TEST(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
