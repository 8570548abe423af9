/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <math.h>
#include <time.h>

#include "core/host/job.h"
#include "tests/core/model/sketch.h"

/* "a name 3, another 1": what a job counted, in the order in which it did. */
static struct text counts_of(canon_job *job) {
  struct text text = {0};
  const canon_count *counts;
  uint64_t n = job_counts(job_of(job), &counts);
  text_string(&text, "");
  for (uint64_t i = 0; i < n; i++) text_printf(&text, "%s%s %" PRIu64, i ? ", " : "", counts[i].what, counts[i].n);
  return text;
}

/* The sketch is closed, made canonical, freed. */
static void becomes(struct sketch *s, int keep_order, const char *paths, const char *counts) {
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s), *canonical = NULL;
  if (tree_canonical(job, tree, keep_order, &canonical) != CANON_OK) fail_msg("%s", support_error(job));
  sketch_check_tree(canonical);
  sketch_expect_paths(canonical, paths);
  struct text counted = counts_of(job);
  assert_string_equal(counted.bytes, counts);
  text_free(&counted);
  tree_free(canonical);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static struct sketch *mixed_keys(void) {
  struct sketch *s = sketch_new(64);
  double reals[] = {NAN, 0.5, -0.0, -INFINITY};
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_TUPLE, "(1, 2)", 6);
  for (int i = 0; i < 4; i++) sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_FLOAT, &reals[i], 8);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_NONE, NULL, 0);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_BOOL, "\1", 1);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_BOOL, "\0", 1);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_BYTES, "a", 1);
  sketch_add(s, "b", CANON_NODE_NONE);
  sketch_add(s, "a/b", CANON_NODE_NONE);
  sketch_add(s, "a", CANON_NODE_NONE);
  sketch_add(s, "B", CANON_NODE_NONE);
  sketch_add(s, "", CANON_NODE_NONE);
  sketch_add(s, "\xe2\x82\xac", CANON_NODE_NONE);
  sketch_add(s, "10", CANON_NODE_NONE);
  sketch_add(s, "9", CANON_NODE_NONE);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_INT, "\x0b", 1);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_INT, "\x00\x01", 2);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_INT, "\x08", 1);
  sketch_key(s, sketch_add(s, "", CANON_NODE_NONE), CANON_KEY_INT, "\xff", 1);
  return s;
}

static void keys_of_a_dict_have_one_order(void **state) {
  (void)state;
  becomes(mixed_keys(), 0,
          ":dict /-1:none /8:none /11:none /256:none /:none /10:none /9:none /B:none /a:none /a~1b:none /b:none "
          "/\xe2\x82\xac:none /b'a':none /False:none /True:none /None:none /-inf:none /-0.0:none /0.5:none /nan:none "
          "/(1, 2):none",
          "");
}

static void names_of_layers_are_in_bytewise_order(void **state) {
  (void)state;
  static const char *const names[] = {
      "layer.2", "layer.10.weight.scale.b", "layer.1\xc3\xa9",       "layer.10.weight.scale.a",
      "layer.",  "layer.1.weight",          "layer.10.weight.scale", "layer.10",
      "layer.1",
  };
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_DICT);
  for (int i = 0; i < 9; i++) sketch_add(s, names[i], CANON_NODE_NONE);
  becomes(s, 0,
          ":dict /layer.:none /layer.1:none /layer.1.weight:none /layer.10:none /layer.10.weight.scale:none "
          "/layer.10.weight.scale.a:none /layer.10.weight.scale.b:none /layer.1\xc3\xa9:none /layer.2:none",
          "");
}

static void keep_order_keeps_the_order_of_the_file(void **state) {
  (void)state;
  becomes(mixed_keys(), 1,
          ":dict /(1, 2):none /nan:none /0.5:none /-0.0:none /-inf:none /None:none /True:none /False:none /b'a':none "
          "/b:none "
          "/a~1b:none /a:none /B:none /:none /\xe2\x82\xac:none /10:none /9:none /11:none /256:none /8:none /-1:none",
          "");
}

static void lists_stay_as_they_are_and_carry_what_is_below(void **state) {
  (void)state;
  struct sketch *s = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_str(s, NULL, "z");
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "y", CANON_NODE_TUPLE);
  sketch_str(s, NULL, "2");
  sketch_int(s, NULL, "1");
  sketch_close(s);
  sketch_add(s, "x", CANON_NODE_DICT);
  sketch_int(s, "b", "1");
  sketch_int(s, "a", "1");
  sketch_close(s);
  sketch_close(s);
  sketch_str(s, NULL, "a");
  becomes(s, 0, ":list /0:str /1:dict /1/x:dict /1/x/a:int /1/x/b:int /1/y:tuple /1/y/0:str /1/y/1:int /2:str", "");
}

/* Members of a set come from a file in the order of some process's hashes. */
static struct sketch *shuffled_set(unsigned shift) {
  struct sketch *s = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_SET);
  for (unsigned i = 0; i < 10; i++) {
    switch ((i * 3 + shift) % 10) {
      case 0: sketch_str(s, NULL, "b"); break;
      case 1: sketch_str(s, NULL, "a"); break;
      case 2: sketch_int(s, NULL, "300"); break;
      case 3: sketch_int(s, NULL, "-5"); break;
      case 4: sketch_add(s, NULL, CANON_NODE_NONE); break;
      case 5:
        sketch_add(s, NULL, CANON_NODE_TUPLE);
        sketch_int(s, NULL, "1");
        sketch_int(s, NULL, "3");
        sketch_close(s);
        break;
      case 6:
        sketch_add(s, NULL, CANON_NODE_TUPLE);
        sketch_int(s, NULL, "1");
        sketch_int(s, NULL, "2");
        sketch_close(s);
        break;
      case 7:
        sketch_add(s, NULL, CANON_NODE_TUPLE);
        sketch_int(s, NULL, "9");
        sketch_close(s);
        break;
      case 8:
        sketch_add(s, NULL, CANON_NODE_SET);
        sketch_str(s, NULL, shift % 2 ? "y" : "x");
        sketch_str(s, NULL, shift % 2 ? "x" : "y");
        sketch_close(s);
        break;
      default:
        sketch_add(s, NULL, CANON_NODE_SET);
        sketch_str(s, NULL, "w");
        sketch_str(s, NULL, "z");
        sketch_close(s);
        break;
    }
  }
  return s;
}

static void a_set_has_one_order(void **state) {
  (void)state;
  static const char *const values[] = {"null",  "null", "9",    "null",  "1",     "2",    "null",
                                       "1",     "3",    "null", "\"w\"", "\"z\"", "null", "\"x\"",
                                       "\"y\"", "null", "-5",   "300",   "\"a\"", "\"b\""};
  for (unsigned shift = 0; shift < 10; shift++) {
    canon_job *job = support_job();
    struct sketch *s = shuffled_set(shift);
    struct tree *tree = sketch_tree(job, s), *canonical = NULL;
    assert_int_equal(tree_canonical(job, tree, shift % 2 == 0, &canonical), CANON_OK);
    sketch_check_tree(canonical);
    assert_int_equal(canonical->n_nodes, 20);
    for (uint64_t i = 0; i < 20; i++) assert_string_equal(tree_value_json(canonical, i), values[i]);
    struct text counted = counts_of(job);
    assert_string_equal(counted.bytes, "");
    text_free(&counted);
    tree_free(canonical);
    tree_free(tree);
    sketch_free(s);
    support_job_free(job);
  }
}

static void what_a_form_has_no_word_for_goes_and_is_counted(void **state) {
  (void)state;
  static const canon_attribute attributes[] = {{"_metadata", "OrderedDict"}, {"hooks", "..."}, {"tag", "1"}};
  static const int64_t transposed[] = {1, 2}, dense[] = {3, 1}, odd_but_single[] = {7, 1};
  struct sketch *s = sketch_new(64);
  canon_node *root = sketch_add(s, NULL, CANON_NODE_DICT);
  root->flags = CANON_NODE_ORDERED;
  root->type = "collections.OrderedDict";
  root->attributes = attributes;
  root->n_attributes = 3;
  canon_node *node = sketch_tensor(s, "parameter", CANON_F32, 2, 2, 3);
  node->flags = CANON_NODE_PARAMETER | CANON_NODE_REQUIRES_GRAD;
  node->type = "torch.nn.parameter.Parameter";
  node->stride = dense;
  node->storage = 5;
  node->storage_bytes = 24;
  node->offset = 64;
  node = sketch_tensor(s, "transposed", CANON_F32, 2, 2, 3);
  node->stride = transposed;
  node->storage = 5;
  node = sketch_tensor(s, "a row", CANON_F32, 2, 1, 3);
  node->stride = odd_but_single;
  node->storage = 5;
  sketch_tensor(s, "array", CANON_F64, 1, 3, 0)->flags = CANON_NODE_NUMPY;
  sketch_tensor(s, "subclass", CANON_F64, 1, 3, 0)->type = "other.Tensor";
  sketch_tensor(s, "nothing", CANON_F64, 2, 0, 3)->stride = transposed;
  node = sketch_add(s, "default", CANON_NODE_DICT);
  node->flags = CANON_NODE_ORDERED;
  node->type = "collections.defaultdict";
  sketch_close(s);
  sketch_add(s, "sparse", CANON_NODE_DICT)->type = "torch.sparse_coo";
  sketch_close(s);
  sketch_add(s, "size", CANON_NODE_TUPLE)->type = "torch.Size";
  sketch_close(s);
  sketch_add(s, "set", CANON_NODE_SET)->flags = CANON_NODE_MUTABLE;
  sketch_close(s);
  sketch_data(s, "bytes", CANON_NODE_BYTES, "x", 1)->flags = CANON_NODE_MUTABLE;
  sketch_data(s, "opaque", CANON_NODE_OPAQUE, "cpu", 3)->type = "torch.device";

  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s), *canonical = NULL;
  assert_int_equal(tree_canonical(job, tree, 1, &canonical), CANON_OK);
  for (uint64_t i = 0; i < canonical->n_nodes; i++) {
    node = &canonical->nodes[i];
    assert_true(node->n_attributes == 0 && !node->attributes && !node->stride);
    assert_int_equal(node->flags & ~CANON_NODE_MUTABLE, 0);
    if (node->kind == CANON_NODE_TENSOR)
      assert_true(node->storage == CANON_NONE && node->offset == CANON_NONE && !node->type);
  }
  struct text counted = counts_of(job);
  assert_string_equal(counted.bytes,
                      "OrderedDict written as dict 1, dict subclass written as dict 1, Parameter written as tensor 1, "
                      "numpy array written as tensor 1, tensor subclass written as tensor 1, requires_grad dropped 1, "
                      "attribute _metadata dropped 1, other attribute dropped 2, class name dropped 1, "
                      "strided tensor written contiguous 1, tensor sharing storage written apart 2");
  text_free(&counted);
  uint64_t sparse, opaque, size, set, bytes, ordered;
  assert_int_equal(tree_find(job, canonical, "/sparse", &sparse), CANON_OK);
  assert_int_equal(tree_find(job, canonical, "/opaque", &opaque), CANON_OK);
  assert_int_equal(tree_find(job, canonical, "/size", &size), CANON_OK);
  assert_int_equal(tree_find(job, canonical, "/set", &set), CANON_OK);
  assert_int_equal(tree_find(job, canonical, "/bytes", &bytes), CANON_OK);
  assert_int_equal(tree_find(job, canonical, "/default", &ordered), CANON_OK);
  assert_string_equal(canonical->nodes[sparse].type, "torch.sparse_coo");
  assert_string_equal(canonical->nodes[opaque].type, "torch.device");
  assert_null(canonical->nodes[size].type);
  assert_null(canonical->nodes[ordered].type);
  assert_int_equal(canonical->nodes[set].flags, CANON_NODE_MUTABLE);
  assert_int_equal(canonical->nodes[bytes].flags, CANON_NODE_MUTABLE);
  tree_free(canonical);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void what_was_shared_is_written_apart_and_counted(void **state) {
  (void)state;
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "a", CANON_NODE_LIST);
  sketch_add(s, NULL, CANON_NODE_TENSOR);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_int(s, "x", "1");
  sketch_close(s);
  sketch_add(s, NULL, CANON_NODE_TUPLE); /* 5 */
  sketch_int(s, NULL, "1");
  sketch_close(s);
  sketch_close(s);
  sketch_ref(s, "b", 1);
  sketch_ref(s, "c", 1);
  sketch_ref(s, "d", 3);
  sketch_ref(s, "e", 5);
  becomes(s, 0,
          ":dict /a:list /a/0:tensor /a/1:dict /a/1/x:int /a/2:tuple /a/2/0:int "
          "/b:list /b/0:tensor /b/1:dict /b/1/x:int /b/2:tuple /b/2/0:int "
          "/c:list /c/0:tensor /c/1:dict /c/1/x:int /c/2:tuple /c/2/0:int /d:dict /d/x:int /e:tuple /e/0:int",
          "tensor sharing storage written apart 2, shared container written apart 3");
}

static void a_list_with_holes_is_closed_up_and_counted(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_LIST);
  for (int i = 0; i < 5; i++) sketch_int(s, NULL, (const char[]){(char)('0' + i), 0});
  struct tree *tree = sketch_tree(job, s), *selected = NULL, *canonical = NULL;
  canon_selection selection = {.exclude = (const char *const[]){"/1", "/3"}, .n_exclude = 2};
  assert_int_equal(tree_select(job, tree, NULL, &selection, &selected), CANON_OK);
  sketch_expect_paths(selected, ":list /0:int /2:int /4:int");
  assert_int_equal(tree_canonical(job, selected, 0, &canonical), CANON_OK);
  sketch_expect_paths(canonical, ":list /0:int /1:int /2:int");
  assert_string_equal(tree_value_json(canonical, 3), "4");
  struct text counted = counts_of(job);
  assert_string_equal(counted.bytes, "list item renumbered 2");
  text_free(&counted);
  tree_free(canonical);
  tree_free(selected);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void refused(struct sketch *s, int keep_order, const char *text) {
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s), *canonical = NULL;
  assert_int_equal(tree_canonical(job, tree, keep_order, &canonical), CANON_E_MALFORMED);
  assert_null(canonical);
  if (!strstr(support_error(job), text)) fail_msg("\"%s\" does not say \"%s\"", support_error(job), text);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void two_equal_keys_are_refused(void **state) {
  (void)state;
  for (int keep_order = 0; keep_order < 2; keep_order++) {
    struct sketch *s = sketch_new(16);
    sketch_add(s, NULL, CANON_NODE_LIST);
    sketch_add(s, NULL, CANON_NODE_DICT);
    sketch_int(s, "b", "1");
    sketch_int(s, "a", "1");
    sketch_int(s, "b", "1");
    refused(s, keep_order, "two entries of a dict have one key (str), that of \"/0/b\"");
    s = sketch_new(16);
    sketch_add(s, NULL, CANON_NODE_DICT);
    sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_INT, "\5", 1);
    sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_INT, "\5", 1);
    refused(s, keep_order, "two entries of a dict have one key (int), that of \"/5\"");
  }
}

static void keys_of_two_kinds_may_look_alike(void **state) {
  (void)state;
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_str(s, "5", "b");
  sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_INT, "\5", 1);
  becomes(s, 0, ":dict /5:int /5:str", "");
}

/* Nested sets that differ only in their innermost members, at every level two of them. */
static void nested_sets_are_ordered_without_comparing_all_with_all(void **state) {
  (void)state;
  enum { LEVELS = 14 };
  canon_job *job = support_job();
  struct sketch *s = sketch_new(2 << LEVELS);
  uint32_t open[LEVELS + 1] = {0};
  int depth = 0, leaf = 0;
  sketch_add(s, NULL, CANON_NODE_SET);
  for (;;) {
    while (depth >= 0 && open[depth] == 2) {
      open[depth--] = 0;
      sketch_close(s);
    }
    if (depth < 0) break;
    open[depth]++;
    if (depth == LEVELS - 1) {
      char name[16];
      snprintf(name, sizeof name, "%08x", (unsigned)(leaf++ * 2654435761u));
      sketch_str(s, NULL, name);
    } else {
      sketch_add(s, NULL, CANON_NODE_SET);
      depth++;
    }
  }
  struct tree *tree = sketch_tree(job, s), *canonical = NULL, *again = NULL;
  assert_int_equal(tree_canonical(job, tree, 0, &canonical), CANON_OK);
  assert_int_equal(tree_canonical(job, canonical, 0, &again), CANON_OK);
  for (uint64_t i = 0; i < canonical->n_nodes; i++) assert_int_equal(canonical->origin[i], again->origin[i]);
  tree_free(again);
  tree_free(canonical);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void a_million_entries_are_no_matter(void **state) {
  (void)state;
  enum { N = 1000000 };
  canon_job *job = support_job();
  struct sketch *s = sketch_new(N + 1);
  sketch_add(s, NULL, CANON_NODE_DICT);
  for (uint32_t i = 0; i < N; i++) {
    char key[32];
    snprintf(key, sizeof key, "layer.%08x.weight", i * 2654435761u);
    sketch_add(s, key, CANON_NODE_TENSOR);
  }
  double start = seconds();
  struct tree *tree = sketch_tree(job, s), *canonical = NULL, *selected = NULL;
  assert_int_equal(tree_canonical(job, tree, 0, &canonical), CANON_OK);
  for (uint64_t i = 1; i < N; i++) assert_true(strcmp(tree_path(canonical, i), tree_path(canonical, i + 1)) < 0);
  canon_selection selection = {.select = (const char *const[]){"/layer.*0.weight"}, .n_select = 1};
  assert_int_equal(tree_select(job, tree, NULL, &selection, &selected), CANON_OK);
  assert_in_range(selected->n_nodes, N / 17, N / 15);
  double took = seconds() - start;
  if (took > 60) fail_msg("%.1f s", took);
  tree_free(selected);
  tree_free(canonical);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void survives_failing_allocations(void **state) {
  (void)state;
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    struct sketch *s = shuffled_set(0);
    struct tree *tree = sketch_tree(job, s), *canonical = NULL;
    support_fail_allocation(n);
    int32_t code = tree_canonical(job, tree, 0, &canonical);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    assert_true((canonical == NULL) == reached);
    tree_free(canonical);
    tree_free(tree);
    sketch_free(s);
    support_job_free(job);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(keys_of_a_dict_have_one_order),
      cmocka_unit_test(names_of_layers_are_in_bytewise_order),
      cmocka_unit_test(keep_order_keeps_the_order_of_the_file),
      cmocka_unit_test(lists_stay_as_they_are_and_carry_what_is_below),
      cmocka_unit_test(a_set_has_one_order),
      cmocka_unit_test(what_a_form_has_no_word_for_goes_and_is_counted),
      cmocka_unit_test(what_was_shared_is_written_apart_and_counted),
      cmocka_unit_test(a_list_with_holes_is_closed_up_and_counted),
      cmocka_unit_test(two_equal_keys_are_refused),
      cmocka_unit_test(keys_of_two_kinds_may_look_alike),
      cmocka_unit_test(nested_sets_are_ordered_without_comparing_all_with_all),
      cmocka_unit_test(a_million_entries_are_no_matter),
      cmocka_unit_test(survives_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
