/* SPDX-License-Identifier: MIT
 * The expected values are what the programs in docs/digests.md print for the same values. */
#include "core/model/digest.h"

#include <math.h>

#include "tests/core/model/sketch.h"

enum { MOST = 64 };

/* A sketch whose tensors have bytes; shas by node of the sketch. */
static uint8_t shas[MOST][SHA256_BYTES];

static canon_node *tensor(struct sketch *s, const char *key, uint32_t dtype, uint32_t rank, uint64_t a, uint64_t b,
                          const void *bytes, size_t n) {
  assert_true(sha256_of(bytes, n, shas[s->n]));
  return sketch_tensor(s, key, dtype, rank, a, b);
}

static int32_t digest_tree(canon_job *job, const struct tree *tree, canon_digest *digest) {
  uint8_t(*own)[SHA256_BYTES] = calloc(tree->n_nodes, sizeof *own);
  assert_non_null(own);
  for (uint64_t i = 0; i < tree->n_nodes; i++) memcpy(own[i], shas[tree->origin[i]], sizeof *own);
  int32_t code = digest_compute(job, tree, (const uint8_t(*)[SHA256_BYTES])own, digest);
  free(own);
  return code;
}

static void digest_is(const canon_digest *digest, const char *tensors, const char *all) {
  char hex[SHA256_HEX];
  sha256_hex(digest->tensors, hex);
  assert_string_equal(hex, tensors);
  sha256_hex(digest->tree, hex);
  assert_string_equal(hex, all);
}

/* Frees the sketch. */
static void expect(struct sketch *s, const char *tensors, const char *all) {
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s);
  canon_digest digest;
  if (digest_tree(job, tree, &digest) != CANON_OK) fail_msg("%s", support_error(job));
  digest_is(&digest, tensors, all);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static const char *const no_lines = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

static void add_flat(struct sketch *s, int reversed) {
  static const float b[] = {0, 1, 2, 3, 4, 5}, a[] = {1, 2};
  for (int i = 0; i < 7; i++) {
    switch (reversed ? 6 - i : i) {
      case 0: tensor(s, "b", CANON_F32, 2, 2, 3, b, 24); break;
      case 1: tensor(s, "a/b", CANON_I64, 0, 0, 0, "\7\0\0\0\0\0\0\0", 8); break;
      case 2: tensor(s, "a~", CANON_F16, 2, 0, 4, "", 0); break;
      case 3: tensor(s, "back\\slash", CANON_U16, 1, 2, 0, "\1\0\2\0", 4); break;
      case 4: tensor(s, "new\nline\r", CANON_BOOL, 1, 2, 0, "\1\0", 2); break;
      case 5: tensor(s, "a", CANON_C64, 1, 1, 0, a, 8); break;
      default: tensor(s, "\xe2\x82\xac", CANON_U8, 1, 1, 0, "\xff", 1); break;
    }
  }
}

static const char *const of_flat = "0d407584f236212ad3570c81407990c0864e6d347b55d56fb17a9957b790ee1d";

static void a_flat_dict_has_the_digest_of_the_python_program(void **state) {
  (void)state;
  for (int reversed = 0; reversed < 2; reversed++) {
    struct sketch *s = sketch_new(MOST);
    sketch_add(s, NULL, CANON_NODE_DICT);
    add_flat(s, reversed);
    expect(s, of_flat, of_flat);
  }
}

static struct sketch *whole_tree(void) {
  struct sketch *s = sketch_new(MOST);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "model", CANON_NODE_DICT);
  add_flat(s, 0);
  sketch_close(s);
  sketch_add(s, "list", CANON_NODE_LIST);
  sketch_add(s, NULL, CANON_NODE_NONE);
  sketch_bool(s, NULL, 1);
  sketch_bool(s, NULL, 0);
  sketch_int(s, NULL, "1");
  sketch_int(s, NULL, "-1180591620717411303424");
  static const uint32_t empty[] = {CANON_NODE_TUPLE, CANON_NODE_LIST, CANON_NODE_DICT};
  for (int i = 0; i < 3; i++) {
    sketch_add(s, NULL, empty[i]);
    sketch_close(s);
  }
  sketch_close(s);
  sketch_add(s, "floats", CANON_NODE_LIST);
  static const double floats[] = {0.1, -0.0, INFINITY, -INFINITY, -NAN, 5e-324};
  for (int i = 0; i < 6; i++) sketch_float(s, NULL, floats[i]);
  sketch_close(s);
  double z[] = {1.5, -0.0};
  sketch_data(s, "z", CANON_NODE_COMPLEX, z, sizeof z);
  sketch_add(s, "s", CANON_NODE_LIST);
  sketch_str(s, NULL, "");
  sketch_str(s, NULL, "q\"\\\n\x01\x7f\xe2\x82\xac\xf0\x9f\x98\x80");
  sketch_str(s, NULL, "\xed\xa0\xbd");
  sketch_close(s);
  sketch_add(s, "y", CANON_NODE_LIST);
  sketch_data(s, NULL, CANON_NODE_BYTES, NULL, 0);
  sketch_data(s, NULL, CANON_NODE_BYTES, "\0\xff", 2);
  sketch_close(s);
  sketch_key(s, sketch_add(s, "", CANON_NODE_DICT), CANON_KEY_INT, "\5", 1);
  sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_BOOL, "\1", 1);
  sketch_key(s, sketch_int(s, "", "2"), CANON_KEY_NONE, NULL, 0);
  double half = 0.5;
  sketch_key(s, sketch_int(s, "", "3"), CANON_KEY_FLOAT, &half, 8);
  sketch_key(s, sketch_int(s, "", "4"), CANON_KEY_TUPLE, "(1, 'a/b')", 10);
  sketch_key(s, sketch_int(s, "", "5"), CANON_KEY_BYTES, "x'", 2);
  sketch_close(s);
  sketch_int(s, "", "1");
  return s;
}

static const char *const tensors_of_whole = "4fac82e0607f86a3c5829ae848212b1bad66e8f2dd1e92620ecd196e58e523a5";
static const char *const all_of_whole = "2e009d0340401b5e8c60f12ca278f1a0414ab0780436d79dae0bface97794869";

static void a_tree_has_the_digests_of_the_python_program(void **state) {
  (void)state;
  expect(whole_tree(), tensors_of_whole, all_of_whole);
}

static void a_root_may_be_anything(void **state) {
  (void)state;
  struct sketch *s = sketch_new(MOST);
  sketch_add(s, NULL, CANON_NODE_DICT);
  expect(s, no_lines, "fb9a967e933a17bcd2654664668796243763219aa7518d74c01a53f9fdee6b8d");
  s = sketch_new(MOST);
  double value = 1.5;
  tensor(s, NULL, CANON_F64, 0, 0, 0, &value, 8);
  expect(s, "5db6612664561f613898662beb7472f0e99469d4a959ae56bbfe981b17a5388b",
         "5db6612664561f613898662beb7472f0e99469d4a959ae56bbfe981b17a5388b");
  s = sketch_new(MOST);
  sketch_int(s, NULL, "3");
  expect(s, no_lines, "2828f24b08cf735222dfec35a667eddc59a9960c681f85f811db4d3176ee9572");
}

static void the_container_is_not_seen(void **state) {
  (void)state;
  static const canon_attribute attribute = {"_metadata", "x"};
  struct sketch *s = whole_tree();
  for (uint64_t i = 0; i < s->n; i++) {
    canon_node *node = &s->nodes[i];
    node->flags = node->kind == CANON_NODE_TENSOR ? CANON_NODE_PARAMETER | CANON_NODE_REQUIRES_GRAD | CANON_NODE_NUMPY
                  : node->kind == CANON_NODE_DICT ? CANON_NODE_ORDERED
                                                  : CANON_NODE_MUTABLE;
    if (node->kind == CANON_NODE_LIST) node->kind = CANON_NODE_TUPLE;
    node->type = "some.Class";
    node->attributes = &attribute;
    node->n_attributes = 1;
    if (node->kind == CANON_NODE_TENSOR) node->storage = 1;
  }
  expect(s, tensors_of_whole, all_of_whole);
}

static void a_conversion_keeps_the_digests(void **state) {
  (void)state;
  for (int keep_order = 0; keep_order < 2; keep_order++) {
    canon_job *job = support_job();
    struct sketch *s = whole_tree();
    struct tree *tree = sketch_tree(job, s), *canonical = NULL;
    canon_digest digest;
    assert_int_equal(tree_canonical(job, tree, keep_order, &canonical), CANON_OK);
    assert_int_equal(digest_tree(job, canonical, &digest), CANON_OK);
    digest_is(&digest, tensors_of_whole, all_of_whole);
    tree_free(canonical);
    tree_free(tree);
    sketch_free(s);
    support_job_free(job);
  }
}

static void a_selection_has_the_digests_of_what_it_is_converted_to(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = whole_tree();
  struct tree *tree = sketch_tree(job, s), *selected = NULL, *canonical = NULL;
  canon_selection selection = {.exclude = (const char *const[]){"/list/0", "/floats/[1-3]"}, .n_exclude = 2};
  canon_digest one, other;
  assert_int_equal(tree_select(job, tree, NULL, &selection, &selected), CANON_OK);
  assert_int_equal(tree_canonical(job, selected, 0, &canonical), CANON_OK);
  assert_int_equal(digest_tree(job, selected, &one), CANON_OK);
  assert_int_equal(digest_tree(job, canonical, &other), CANON_OK);
  assert_memory_equal(&one, &other, sizeof one);
  tree_free(canonical);
  tree_free(selected);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static canon_digest of(struct sketch *s) {
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s);
  canon_digest digest;
  assert_int_equal(digest_tree(job, tree, &digest), CANON_OK);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
  return digest;
}

static void the_order_of_a_set_is_not_seen(void **state) {
  (void)state;
  canon_digest digests[2];
  for (int i = 0; i < 2; i++) {
    struct sketch *s = sketch_new(MOST);
    sketch_add(s, NULL, CANON_NODE_SET);
    sketch_str(s, NULL, i ? "b" : "a");
    sketch_str(s, NULL, i ? "a" : "b");
    digests[i] = of(s);
  }
  assert_memory_equal(&digests[0], &digests[1], sizeof digests[0]);
}

/* One member of the sketch changed: another digest. */
static void every_difference_is_seen(void **state) {
  (void)state;
  canon_digest original = of(whole_tree());
  for (int change = 0; change < 12; change++) {
    struct sketch *s = whole_tree();
    struct canon_node *n = s->nodes;
    static const double other = 0.2;
    int is_tensor = change < 4;
    switch (change) {
      case 0: n[2].dtype = CANON_U32; break;
      case 1: n[2].rank = 1; break;
      case 2: shas[2][31] ^= 1; break;
      case 3: sketch_key(s, &n[2], CANON_KEY_STR, "c", 1); break;
      case 4: n[11].data = "\0"; break;
      case 5: n[13].data = "\2"; break;
      case 6: n[13].kind = CANON_NODE_BYTES; break;
      case 7: n[17].kind = CANON_NODE_LIST; break;
      case 8: n[19].data = &other; break;
      case 9: n[10].kind = CANON_NODE_STR; break;
      case 10: s->n--; break;
      default: sketch_key(s, &n[s->n - 1], CANON_KEY_STR, "/", 1); break;
    }
    canon_digest changed = of(s);
    if (memcmp(original.tree, changed.tree, 32) == 0) fail_msg("change %d", change);
    if ((memcmp(original.tensors, changed.tensors, 32) != 0) != is_tensor) fail_msg("change %d", change);
    sketch_free(whole_tree()); /* puts the digests back */
  }
}

static void what_is_opaque_counts_by_class_and_text(void **state) {
  (void)state;
  canon_digest digests[4];
  static const char *const types[] = {"torch.dtype", "torch.dtype", "torch.device", "torch.dtype"};
  static const char *const texts[] = {"float32", "float16", "float32", "float32"};
  for (int i = 0; i < 4; i++) {
    struct sketch *s = sketch_new(MOST);
    sketch_data(s, NULL, CANON_NODE_OPAQUE, texts[i], 7)->type = types[i];
    digests[i] = of(s);
  }
  assert_memory_not_equal(digests[0].tree, digests[1].tree, 32);
  assert_memory_not_equal(digests[0].tree, digests[2].tree, 32);
  assert_memory_equal(digests[0].tree, digests[3].tree, 32);
}

static void refused(struct sketch *s, int32_t code, const char *text) {
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s);
  canon_digest digest;
  assert_int_equal(digest_tree(job, tree, &digest), code);
  if (!strstr(support_error(job), text)) fail_msg("\"%s\" does not say \"%s\"", support_error(job), text);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void twins_digest(const char *of_int, const char *of_str, int int_first, canon_digest *digest) {
  struct sketch *s = sketch_new(MOST);
  sketch_add(s, NULL, CANON_NODE_DICT);
  if (int_first) sketch_key(s, sketch_int(s, "", of_int), CANON_KEY_INT, "\0", 1);
  sketch_int(s, "0", of_str);
  if (!int_first) sketch_key(s, sketch_int(s, "", of_int), CANON_KEY_INT, "\0", 1);
  canon_job *job = support_job();
  struct tree *tree = sketch_tree(job, s);
  assert_int_equal(digest_tree(job, tree, digest), CANON_OK);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void keys_that_share_a_path_are_told_apart_by_their_kind(void **state) {
  (void)state;
  canon_digest a, b, c;
  twins_digest("1", "2", 1, &a);
  twins_digest("1", "2", 0, &b);
  twins_digest("2", "1", 1, &c);
  assert_memory_equal(a.tree, b.tree, 32);
  assert_memory_not_equal(a.tree, c.tree, 32);
}

static void one_key_twice_leaves_no_digest(void **state) {
  (void)state;
  struct sketch *s = sketch_new(MOST);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_int(s, "a", "1");
  sketch_int(s, "a", "1");
  refused(s, CANON_E_MALFORMED, "two entries of a dict have one key");
}

static void survives_failing_allocations(void **state) {
  (void)state;
  for (uint64_t n = 1;; n++) {
    canon_job *job = support_job();
    struct sketch *s = whole_tree();
    struct tree *tree = sketch_tree(job, s);
    canon_digest digest;
    support_fail_allocation(n);
    int32_t code = digest_tree(job, tree, &digest);
    int reached = support_fail_allocation(0);
    assert_int_equal(code, reached ? CANON_E_MEMORY : CANON_OK);
    tree_free(tree);
    sketch_free(s);
    support_job_free(job);
    if (!reached) break;
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_flat_dict_has_the_digest_of_the_python_program),
      cmocka_unit_test(a_tree_has_the_digests_of_the_python_program),
      cmocka_unit_test(a_root_may_be_anything),
      cmocka_unit_test(the_container_is_not_seen),
      cmocka_unit_test(a_conversion_keeps_the_digests),
      cmocka_unit_test(a_selection_has_the_digests_of_what_it_is_converted_to),
      cmocka_unit_test(the_order_of_a_set_is_not_seen),
      cmocka_unit_test(every_difference_is_seen),
      cmocka_unit_test(what_is_opaque_counts_by_class_and_text),
      cmocka_unit_test(keys_that_share_a_path_are_told_apart_by_their_kind),
      cmocka_unit_test(one_key_twice_leaves_no_digest),
      cmocka_unit_test(survives_failing_allocations),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
