/* SPDX-License-Identifier: MIT */
#include "tests/core/model/sketch.h"

static void texts_are_kept_as_long_as_the_tree(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(2000);
  char key[200] = "";
  sketch_add(s, NULL, CANON_NODE_DICT);
  for (int i = 0; i < 1500; i++) {
    snprintf(key, sizeof key, "%0150d", i);
    sketch_str(s, key, key);
  }
  struct tree *tree = sketch_tree(job, s);
  const char **paths = calloc(tree->n_nodes, sizeof *paths), **values = calloc(tree->n_nodes, sizeof *values);
  assert_true(paths && values);
  for (uint64_t i = 0; i < tree->n_nodes; i++) {
    paths[i] = tree_path(tree, i);
    values[i] = tree_value_json(tree, i);
  }
  for (uint64_t i = 1; i < tree->n_nodes; i++) {
    snprintf(key, sizeof key, "/%0150d", (int)i - 1);
    assert_string_equal(paths[i], key);
    assert_ptr_equal(paths[i], tree_path(tree, i));
    assert_ptr_equal(values[i], tree_value_json(tree, i));
  }
  free(paths);
  free(values);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void a_shared_value_is_kept_once(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(8);
  sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_str(s, NULL, "x");
  sketch_ref(s, NULL, 1);
  struct tree *tree = sketch_tree(job, s);
  assert_ptr_equal(tree_value_json(tree, 1), tree_value_json(tree, 2));
  assert_string_equal(tree_path(tree, 2), "/1");
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void a_value_larger_than_a_chunk_has_its_own(void **state) {
  (void)state;
  enum { BYTES = 300000 };
  canon_job *job = support_job();
  struct sketch *s = sketch_new(8);
  char *value = malloc(BYTES);
  assert_non_null(value);
  memset(value, 'x', BYTES);
  sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_data(s, NULL, CANON_NODE_STR, value, BYTES);
  sketch_str(s, NULL, "small");
  struct tree *tree = sketch_tree(job, s);
  assert_string_equal(tree_value_json(tree, 2), "\"small\"");
  assert_int_equal(strlen(tree_value_json(tree, 1)), BYTES + 2);
  assert_string_equal(tree_value_json(tree, 2), "\"small\"");
  free(value);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void containers_show_only_that_they_are_empty(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(8);
  sketch_add(s, NULL, CANON_NODE_LIST);
  static const uint32_t kinds[] = {CANON_NODE_DICT, CANON_NODE_LIST, CANON_NODE_TUPLE, CANON_NODE_SET};
  static const char *const values[] = {"{}", "[]", "[]", "[]"};
  for (int i = 0; i < 4; i++) {
    sketch_add(s, NULL, kinds[i]);
    sketch_close(s);
  }
  struct tree *tree = sketch_tree(job, s);
  assert_string_equal(tree_value_json(tree, 0), "null");
  for (uint64_t i = 0; i < 4; i++) assert_string_equal(tree_value_json(tree, i + 1), values[i]);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void out_of_memory_is_no_text(void **state) {
  (void)state;
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    struct sketch *s = sketch_new(8);
    sketch_add(s, NULL, CANON_NODE_LIST);
    sketch_str(s, NULL, "x");
    struct tree *tree = sketch_tree(job, s);
    support_fail_allocation(n);
    const char *path = tree_path(tree, 1), *value = tree_value_json(tree, 1);
    int reached = support_fail_allocation(0);
    assert_true((path && value) == !reached);
    assert_string_equal(tree_path(tree, 1), "/0"); /* there is memory again */
    assert_string_equal(tree_value_json(tree, 1), "\"x\"");
    tree_free(tree);
    sketch_free(s);
    support_job_free(job);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(texts_are_kept_as_long_as_the_tree),
      cmocka_unit_test(a_shared_value_is_kept_once),
      cmocka_unit_test(a_value_larger_than_a_chunk_has_its_own),
      cmocka_unit_test(containers_show_only_that_they_are_empty),
      cmocka_unit_test(out_of_memory_is_no_text),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
