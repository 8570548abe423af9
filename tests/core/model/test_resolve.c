/* SPDX-License-Identifier: MIT */
#include "tests/core/model/sketch.h"

static int32_t resolve_fails(const struct sketch *s, const char *expected) {
  canon_job *job = support_job();
  struct tree *tree = NULL;
  canon_manifest manifest = sketch_manifest(s);
  int32_t code = tree_resolve(job, &manifest, &tree);
  assert_null(tree);
  if (!strstr(support_error(job), expected)) fail_msg("\"%s\" does not say \"%s\"", support_error(job), expected);
  support_job_free(job);
  return code;
}

static void a_tree_without_refs_is_what_the_reader_says(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "list", CANON_NODE_LIST);
  sketch_int(s, NULL, "1");
  sketch_add(s, NULL, CANON_NODE_TUPLE);
  sketch_close(s);
  sketch_str(s, NULL, "x");
  sketch_close(s);
  sketch_tensor(s, "w", CANON_BF16, 2, 4, 5);
  canon_manifest manifest = sketch_manifest(s);
  canon_detail detail = {"zip", "64", 64};
  manifest.producer = "a test";
  manifest.details = &detail;
  manifest.n_details = 1;
  struct tree *tree = NULL;
  assert_int_equal(tree_resolve(job, &manifest, &tree), CANON_OK);
  sketch_check_tree(tree);
  sketch_expect_paths(tree, ":dict /list:list /list/0:int /list/1:tuple /list/2:str /w:tensor");
  for (uint64_t i = 0; i < tree->n_nodes; i++) assert_int_equal(tree->origin[i], i);
  assert_int_equal(tree->end[1], 5);
  assert_int_equal(tree->end[3], 4);
  assert_string_equal(tree->manifest.producer, "a test");
  assert_ptr_equal(tree->manifest.details, &detail);
  assert_ptr_equal(tree->nodes[5].shape, s->nodes[5].shape);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void a_ref_becomes_what_it_means_under_its_own_key(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "a", CANON_NODE_DICT); /* 1 */
  sketch_tensor(s, "w", CANON_F32, 1, 3, 0)->storage = 7;
  sketch_add(s, "n", CANON_NODE_LIST);
  sketch_int(s, NULL, "5");
  sketch_ref(s, NULL, 4);
  sketch_close(s);
  sketch_close(s);
  sketch_ref(s, "b", 1); /* 6 */
  sketch_ref(s, "c", 6); /* a REF of a REF */
  sketch_ref(s, "d", 2);
  struct tree *tree = sketch_tree(job, s);
  sketch_check_tree(tree);
  sketch_expect_paths(tree,
                      ":dict /a:dict /a/w:tensor /a/n:list /a/n/0:int /a/n/1:int "
                      "/b:dict /b/w:tensor /b/n:list /b/n/0:int /b/n/1:int "
                      "/c:dict /c/w:tensor /c/n:list /c/n/0:int /c/n/1:int /d:tensor");
  uint64_t origins[] = {0, 1, 2, 3, 4, 4, 1, 2, 3, 4, 4, 1, 2, 3, 4, 4, 2};
  for (uint64_t i = 0; i < tree->n_nodes; i++) assert_int_equal(tree->origin[i], origins[i]);
  assert_int_equal(tree->nodes[2].storage, 7);
  assert_int_equal(tree->nodes[16].storage, 7);
  assert_int_equal(tree->nodes[16].offset, CANON_NONE);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void a_shared_tensor_without_a_storage_shows_that_it_is_shared(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(8);
  sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_add(s, NULL, CANON_NODE_TENSOR);
  sketch_add(s, NULL, CANON_NODE_TENSOR);
  sketch_ref(s, NULL, 1);
  struct tree *tree = sketch_tree(job, s);
  assert_true(tree->nodes[1].storage != CANON_NONE);
  assert_true(tree->nodes[1].storage == tree->nodes[3].storage);
  assert_true(tree->nodes[2].storage == CANON_NONE);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void what_contains_itself_is_refused(void **state) {
  (void)state;
  struct sketch *s = sketch_new(8);
  sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_ref(s, NULL, 0);
  assert_int_equal(resolve_fails(s, "the list at \"\" contains itself"), CANON_E_UNSUPPORTED);
  sketch_free(s);

  s = sketch_new(8);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "a", CANON_NODE_LIST);
  sketch_add(s, NULL, CANON_NODE_NONE);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "x", CANON_NODE_TUPLE);
  sketch_ref(s, NULL, 3);
  assert_int_equal(resolve_fails(s, "the dict at \"/a/1\" contains itself"), CANON_E_UNSUPPORTED);
  sketch_free(s);
}

/* l0 = [x, x], l1 = [l0, l0], ...: n levels are 2^n leaves. */
static struct sketch *laughs(int levels, int as_depth) {
  struct sketch *s = sketch_new(4 * (uint64_t)levels + 8);
  uint64_t below = 0;
  sketch_add(s, NULL, CANON_NODE_LIST);
  for (int i = 0; i < levels; i++) {
    uint64_t here = s->n;
    sketch_add(s, NULL, CANON_NODE_LIST);
    if (below) {
      sketch_ref(s, NULL, below);
      if (!as_depth) sketch_ref(s, NULL, below);
    } else {
      sketch_int(s, NULL, "1");
      sketch_int(s, NULL, "1");
    }
    sketch_close(s);
    below = here;
  }
  return s;
}

static void a_billion_laughs_are_counted_before_they_are_made(void **state) {
  (void)state;
  struct sketch *s = laughs(17, 0);
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s);
  sketch_check_tree(tree);
  assert_int_equal(tree->n_nodes, 1 + (1 << 19) - 4 - 17); /* the root, and 2^(k + 2) - 1 nodes of each level k */
  tree_free(tree);
  support_job_free(job);
  sketch_free(s);
  for (int levels = 19; levels < 400; levels = levels * 3 / 2) {
    s = laughs(levels, 0);
    assert_int_equal(resolve_fails(s, "nodes share so much that the tree has"), CANON_E_LIMIT);
    sketch_free(s);
  }
}

static void depth_made_of_refs_is_depth(void **state) {
  (void)state;
  struct sketch *s = laughs(CANON_MAX_DEPTH, 1);
  assert_int_equal(resolve_fails(s, "nested 1001 deep"), CANON_E_LIMIT);
  sketch_free(s);
}

static void a_large_value_is_not_multiplied_without_end(void **state) {
  (void)state;
  enum { BYTES = 1 << 20, TIMES = 300 };
  char *value = malloc(BYTES);
  assert_non_null(value);
  memset(value, 'x', BYTES);
  struct sketch *s = sketch_new(TIMES + 2);
  sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_data(s, NULL, CANON_NODE_STR, value, BYTES);
  for (int i = 0; i < TIMES; i++) sketch_ref(s, NULL, 1);
  assert_int_equal(resolve_fails(s, "bytes of keys and values are shared so much"), CANON_E_LIMIT);
  sketch_free(s);
  free(value);
}

static void a_long_key_is_not_multiplied_without_end(void **state) {
  (void)state;
  enum { BYTES = 1 << 20, TIMES = 300 };
  char *key = malloc(BYTES + 1);
  assert_non_null(key);
  memset(key, 'k', BYTES);
  key[BYTES] = 0;
  struct sketch *s = sketch_new(TIMES + 3);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, key, CANON_NODE_LIST);
  for (int i = 0; i < TIMES; i++) sketch_add(s, NULL, CANON_NODE_NONE);
  assert_int_equal(resolve_fails(s, "the paths of its 302 nodes are longer than"), CANON_E_LIMIT);
  sketch_free(s);
  free(key);
}

static void the_deepest_tree_there_may_be_works(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(2 * CANON_MAX_DEPTH + 2);
  for (int i = 0; i < CANON_MAX_DEPTH - 1; i++) sketch_add(s, i ? "k" : NULL, CANON_NODE_DICT);
  sketch_add(s, "k", CANON_NODE_DICT);
  sketch_add(s, "leaf", CANON_NODE_NONE);
  struct tree *tree = sketch_tree(job, s), *canonical = NULL;
  sketch_check_tree(tree);
  assert_int_equal(strlen(tree_path(tree, tree->n_nodes - 1)), 2 * (CANON_MAX_DEPTH - 1) + 5);
  assert_int_equal(tree_canonical(job, tree, 0, &canonical), CANON_OK);
  sketch_check_tree(canonical);
  assert_string_equal(tree_path(canonical, canonical->n_nodes - 1), tree_path(tree, tree->n_nodes - 1));
  canon_selection selection = {.select = (const char *const[]){"/**/leaf"}, .n_select = 1};
  struct tree *selected = NULL;
  assert_int_equal(tree_select(job, tree, NULL, &selection, &selected), CANON_OK);
  assert_int_equal(selected->n_nodes, tree->n_nodes);
  tree_free(selected);
  tree_free(canonical);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void survives_failing_allocations(void **state) {
  (void)state;
  struct sketch *s = sketch_new(8);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "a", CANON_NODE_LIST);
  sketch_add(s, NULL, CANON_NODE_TENSOR);
  sketch_close(s);
  sketch_ref(s, "b", 1);
  canon_manifest manifest = sketch_manifest(s);
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    struct tree *tree = NULL;
    support_fail_allocation(n);
    int32_t code = tree_resolve(job, &manifest, &tree);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_int_equal(support_code(job), code);
    assert_true((tree == NULL) == reached);
    tree_free(tree);
    support_job_free(job);
    if (!reached) break;
  }
  sketch_free(s);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_tree_without_refs_is_what_the_reader_says),
      cmocka_unit_test(a_ref_becomes_what_it_means_under_its_own_key),
      cmocka_unit_test(a_shared_tensor_without_a_storage_shows_that_it_is_shared),
      cmocka_unit_test(what_contains_itself_is_refused),
      cmocka_unit_test(a_billion_laughs_are_counted_before_they_are_made),
      cmocka_unit_test(depth_made_of_refs_is_depth),
      cmocka_unit_test(a_large_value_is_not_multiplied_without_end),
      cmocka_unit_test(a_long_key_is_not_multiplied_without_end),
      cmocka_unit_test(the_deepest_tree_there_may_be_works),
      cmocka_unit_test(survives_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
