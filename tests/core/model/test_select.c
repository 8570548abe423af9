/* SPDX-License-Identifier: MIT */
#include "tests/core/model/sketch.h"

static canon_job *job;
static struct sketch *sketch;
static struct tree *tree;

static int set_up(void **state) {
  (void)state;
  job = support_job();
  struct sketch *s = sketch = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "model", CANON_NODE_DICT);
  sketch_add(s, "layers", CANON_NODE_LIST);
  for (int i = 0; i < 3; i++) {
    sketch_add(s, NULL, CANON_NODE_DICT);
    sketch_tensor(s, "weight", CANON_F32, 2, 4, 4);
    sketch_tensor(s, "bias", CANON_F32, 1, 4, 0);
    sketch_int(s, "seen", "3");
    sketch_close(s);
  }
  sketch_close(s);
  sketch_add(s, "none", CANON_NODE_DICT);
  sketch_close(s);
  sketch_close(s);
  sketch_add(s, "config", CANON_NODE_DICT);
  sketch_int(s, "dim", "4");
  sketch_str(s, "a*b", "star");
  sketch_str(s, "axb", "x");
  sketch_close(s);
  sketch_add(s, "empty", CANON_NODE_LIST);
  sketch_close(s);
  sketch_add(s, "twins", CANON_NODE_DICT);
  sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_INT, "\0", 1);
  sketch_int(s, "0", "2");
  tree = sketch_tree(job, s);
  return 0;
}

static int tear_down(void **state) {
  (void)state;
  tree_free(tree);
  sketch_free(sketch);
  support_job_free(job);
  return 0;
}

#define PATTERNS(...) \
  .select = (const char *const[]){__VA_ARGS__}, .n_select = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)
#define EXCEPT(...)                              \
  .exclude = (const char *const[]){__VA_ARGS__}, \
  .n_exclude = sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *)
#define SELECTION(...) \
  &(canon_selection) { __VA_ARGS__ }
static const canon_selection everything = {0};

static void leaves(const char *root, const canon_selection *selection, const char *expected) {
  struct tree *selected = NULL;
  canon_job *own = support_job();
  if (tree_select(own, tree, root, selection, &selected) != CANON_OK) fail_msg("%s", support_error(own));
  sketch_check_tree(selected);
  sketch_expect_paths(selected, expected);
  for (uint64_t i = 1; i < selected->n_nodes; i++) { /* origins lead to the same nodes */
    assert_int_equal(selected->nodes[i].kind, sketch->nodes[selected->origin[i]].kind);
    assert_ptr_equal(selected->nodes[i].key, sketch->nodes[selected->origin[i]].key);
  }
  tree_free(selected);
  support_job_free(own);
}

static void fails(const char *root, const canon_selection *selection, int32_t code, const char *text) {
  struct tree *selected = NULL;
  canon_job *own = support_job();
  assert_int_equal(tree_select(own, tree, root, selection, &selected), code);
  assert_null(selected);
  if (!strstr(support_error(own), text)) fail_msg("\"%s\" does not say \"%s\"", support_error(own), text);
  support_job_free(own);
}

static void without_a_selection_all_is_taken(void **state) {
  (void)state;
  struct tree *selected = NULL;
  assert_int_equal(tree_select(job, tree, NULL, &everything, &selected), CANON_OK);
  assert_int_equal(selected->n_nodes, tree->n_nodes);
  for (uint64_t i = 0; i < tree->n_nodes; i++) assert_string_equal(tree_path(selected, i), tree_path(tree, i));
  tree_free(selected);
}

static void a_pointer_makes_a_subtree_the_root(void **state) {
  (void)state;
  leaves("/config", &everything, ":dict /dim:int /a*b:str /axb:str");
  leaves("/model/layers/1/weight", &everything, ":tensor");
  leaves("/empty", &everything, ":list");
  leaves("/model/layers/2", SELECTION(PATTERNS("/bias")), ":dict /bias:tensor");
  fails("/model/layers/3", &everything, CANON_E_IO,
        "nothing at \"/model/layers/3\"; \"/model/layers\" is a list with \"0\", \"1\", \"2\"");
  fails("config", &everything, CANON_E_USAGE, "is no path");
  fails("/twins/0", &everything, CANON_E_IO, "two entries");
}

static void a_path_takes_a_node_and_all_below(void **state) {
  (void)state;
  leaves(NULL, SELECTION(PATTERNS("/config/dim")), ":dict /config:dict /config/dim:int");
  leaves(NULL, SELECTION(PATTERNS("/config")), ":dict /config:dict /config/dim:int /config/a*b:str /config/axb:str");
  leaves(NULL, SELECTION(PATTERNS("/empty", "/config/dim")), ":dict /config:dict /config/dim:int /empty:list");
}

static void items_of_a_list_keep_their_number(void **state) {
  (void)state;
  leaves(NULL, SELECTION(PATTERNS("/model/layers/2/bias")),
         ":dict /model:dict /model/layers:list /model/layers/2:dict /model/layers/2/bias:tensor");
  leaves(NULL, SELECTION(PATTERNS("/model/layers"), EXCEPT("/model/layers/1", "/**/weight", "/**/seen")),
         ":dict /model:dict /model/layers:list /model/layers/0:dict /model/layers/0/bias:tensor "
         "/model/layers/2:dict /model/layers/2/bias:tensor");
}

static void a_glob_takes_what_it_matches(void **state) {
  (void)state;
  leaves(NULL, SELECTION(PATTERNS("/model/layers/[01]/b*")),
         ":dict /model:dict /model/layers:list /model/layers/0:dict /model/layers/0/bias:tensor "
         "/model/layers/1:dict /model/layers/1/bias:tensor");
  leaves(NULL, SELECTION(PATTERNS("**/dim")), ":dict /config:dict /config/dim:int");
  leaves(NULL, SELECTION(PATTERNS("/twins/*")), ":dict /twins:dict /twins/0:int /twins/0:int");
  fails(NULL, SELECTION(PATTERNS("/*/weight")), CANON_E_IO,
        "nothing matches \"/*/weight\"; there is \"/model/layers/0/weight\"");
}

static void a_path_comes_before_a_glob_of_the_same_letters(void **state) {
  (void)state;
  leaves(NULL, SELECTION(PATTERNS("/config/a*b")), ":dict /config:dict /config/a*b:str");
  leaves(NULL, SELECTION(PATTERNS("/config/a?b")), ":dict /config:dict /config/a*b:str /config/axb:str");
}

static void what_is_excluded_goes(void **state) {
  (void)state;
  leaves(NULL, SELECTION(EXCEPT("/model", "/twins")),
         ":dict /config:dict /config/dim:int /config/a*b:str /config/axb:str /empty:list");
  leaves(NULL, SELECTION(PATTERNS("/config"), EXCEPT("/config/a?b")), ":dict /config:dict /config/dim:int");
  fails(NULL, SELECTION(EXCEPT("/nothing")), CANON_E_IO, "nothing matches \"/nothing\"");
}

static void containers_left_empty_go_and_empty_ones_stay(void **state) {
  (void)state;
  leaves(NULL, SELECTION(PATTERNS("/config", "/empty"), EXCEPT("/config/**")), ":dict /empty:list");
  leaves(NULL, SELECTION(PATTERNS("/model"), EXCEPT("/model/layers/*/*")), ":dict /model:dict /model/none:dict");
  leaves(NULL, SELECTION(PATTERNS("/model/none")), ":dict /model:dict /model/none:dict");
  fails(NULL, SELECTION(PATTERNS("/config"), EXCEPT("/config/*")), CANON_E_IO, "nothing is left of the selection");
  fails(NULL, SELECTION(PATTERNS("/empty"), EXCEPT("/empty")), CANON_E_IO, "nothing is left of the selection");
}

static void tensors_only_takes_their_containers_along(void **state) {
  (void)state;
  leaves(NULL, SELECTION(PATTERNS("/model/layers/0", "/config", "/empty"), .tensors_only = 1),
         ":dict /model:dict /model/layers:list /model/layers/0:dict /model/layers/0/weight:tensor "
         "/model/layers/0/bias:tensor");
  fails(NULL, SELECTION(PATTERNS("/config"), .tensors_only = 1), CANON_E_IO,
        "nothing is left of the selection; there is no tensor in it");
  leaves("/empty", SELECTION(.tensors_only = 1), ":list");
}

static void a_pattern_that_matches_nothing_says_what_there_is(void **state) {
  (void)state;
  fails(NULL, SELECTION(PATTERNS("/config", "/confg")), CANON_E_IO,
        "nothing matches \"/confg\"; there is \"/model/layers/0/weight\", \"/model/layers/0/bias\", "
        "\"/model/layers/0/seen\" and 13 more");
  fails(NULL, SELECTION(PATTERNS("dim")), CANON_E_IO, "nothing matches \"dim\"; a path begins with a slash: there is");
  fails("/config", SELECTION(PATTERNS("/config/dim")), CANON_E_IO,
        "nothing matches \"/config/dim\"; there is \"/dim\"");
}

static void two_keys_that_share_a_path_are_not_confused(void **state) {
  (void)state;
  fails(NULL, SELECTION(PATTERNS("/twins/0")), CANON_E_IO,
        "is the path of two entries, one with a key of kind int, one of kind str");
  fails(NULL, SELECTION(EXCEPT("/twins/0")), CANON_E_IO, "is the path of two entries");
}

static void a_tensor_can_be_the_root(void **state) {
  (void)state;
  struct sketch *s = sketch_new(1);
  sketch_add(s, NULL, CANON_NODE_TENSOR);
  canon_job *own = support_job();
  struct tree *root = sketch_tree(own, s), *selected = NULL;
  assert_int_equal(tree_select(own, root, "", SELECTION(PATTERNS("**"), .tensors_only = 1), &selected), CANON_OK);
  sketch_expect_paths(selected, ":tensor");
  tree_free(selected);
  tree_free(root);
  support_job_free(own);
  sketch_free(s);
}

static void selects_of_a_selection(void **state) {
  (void)state;
  struct tree *one = NULL, *two = NULL;
  assert_int_equal(tree_select(job, tree, NULL, SELECTION(PATTERNS("/model/layers/2", "/config")), &one), CANON_OK);
  assert_int_equal(tree_select(job, one, "/model/layers", SELECTION(PATTERNS("/2/bias")), &two), CANON_OK);
  sketch_expect_paths(two, ":list /2:dict /2/bias:tensor");
  assert_int_equal(sketch->nodes[two->origin[2]].rank, 1);
  tree_free(two);
  tree_free(one);
}

static void survives_failing_allocations(void **state) {
  (void)state;
  const canon_selection *selection = SELECTION(PATTERNS("/layers/[02]", "/none"), EXCEPT("/**/bias"));
  for (uint64_t n = 1;; n++) {
    canon_job *own = support_job();
    struct tree *selected = NULL;
    support_fail_allocation(n);
    int32_t code = tree_select(own, tree, "/model", selection, &selected);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_true((selected == NULL) == reached);
    tree_free(selected);
    support_job_free(own);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(without_a_selection_all_is_taken),
      cmocka_unit_test(a_pointer_makes_a_subtree_the_root),
      cmocka_unit_test(a_path_takes_a_node_and_all_below),
      cmocka_unit_test(items_of_a_list_keep_their_number),
      cmocka_unit_test(a_glob_takes_what_it_matches),
      cmocka_unit_test(a_path_comes_before_a_glob_of_the_same_letters),
      cmocka_unit_test(what_is_excluded_goes),
      cmocka_unit_test(containers_left_empty_go_and_empty_ones_stay),
      cmocka_unit_test(tensors_only_takes_their_containers_along),
      cmocka_unit_test(a_pattern_that_matches_nothing_says_what_there_is),
      cmocka_unit_test(two_keys_that_share_a_path_are_not_confused),
      cmocka_unit_test(a_tensor_can_be_the_root),
      cmocka_unit_test(selects_of_a_selection),
      cmocka_unit_test(survives_failing_allocations),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
