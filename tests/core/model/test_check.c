/* SPDX-License-Identifier: MIT
 * Every rule of format.h, broken once: a plugin that lies is found out, by name. */
#include "core/model/tree.h"

#include "tests/core/model/sketch.h"

static int32_t resolve(struct sketch *s, const canon_manifest *manifest, const char *expected) {
  canon_job *job = support_job();
  struct tree *tree = NULL;
  canon_manifest own = sketch_manifest(s);
  int32_t code = tree_resolve(job, manifest ? manifest : &own, &tree);
  assert_int_equal(code, support_code(job));
  if (code) {
    assert_null(tree);
    if (!strstr(support_error(job), expected)) fail_msg("\"%s\" does not say \"%s\"", support_error(job), expected);
  } else {
    sketch_check_tree(tree);
  }
  tree_free(tree);
  support_job_free(job);
  return code;
}

/* {"a": tensor, "b": [int, none], "c": ref to b} */
enum { ROOT, A, B, B0, B1, C };

static struct sketch *sample(void) {
  struct sketch *s = sketch_new(16);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_tensor(s, "a", CANON_F32, 2, 2, 3);
  sketch_add(s, "b", CANON_NODE_LIST);
  sketch_int(s, NULL, "5");
  sketch_add(s, NULL, CANON_NODE_NONE);
  sketch_close(s);
  sketch_ref(s, "c", B);
  return s;
}

static void honest_manifests_pass(void **state) {
  (void)state;
  struct sketch *s = sample();
  assert_int_equal(resolve(s, NULL, ""), CANON_OK);
  sketch_free(s);
}

/* Each case changes one thing in the sample. */
#define BREAK(NAME, CHANGE, TEXT)                             \
  static void NAME(void **state) {                            \
    (void)state;                                              \
    struct sketch *s = sample();                              \
    canon_node *n = s->nodes;                                 \
    CHANGE;                                                   \
    (void)n;                                                  \
    assert_int_equal(resolve(s, NULL, TEXT), CANON_E_PLUGIN); \
    sketch_free(s);                                           \
  }

BREAK(the_root_has_no_parent, n[ROOT].parent = 0, "node 0: the root has a parent")
BREAK(the_root_has_no_key, n[ROOT].key_kind = CANON_KEY_INDEX, "the root has a parent or a key")
BREAK(the_root_is_no_ref, (n[ROOT].kind = CANON_NODE_REF, s->n = 1), "is a REF")
BREAK(a_parent_comes_first, n[A].parent = B, "node 1: its parent is no container around it")
BREAK(a_parent_is_not_the_node_itself, n[A].parent = A, "its parent is no container around it")
BREAK(a_parent_is_a_container, n[B].parent = A, "its parent is no container around it")
BREAK(a_parent_exists, n[A].parent = 1000, "its parent is no container around it")
BREAK(there_is_one_root, n[A].parent = CANON_NONE, "a second root")
BREAK(nodes_are_in_preorder, (n[C].parent = B, n[C].key_kind = CANON_KEY_INDEX, n[B1].parent = ROOT), "node 4")
BREAK(kind_0_is_none, n[A].kind = 0, "its kind is none")
BREAK(kinds_end, n[A].kind = CANON_NODE_OPAQUE + 1, "its kind is none")
BREAK(flags_are_known, n[A].flags = 0x80000000u, "a flag that this version does not know")
BREAK(flags_end, n[A].flags = 2 * CANON_NODE_VOLATILE, "a flag that this version does not know")
BREAK(an_item_has_an_index, n[B0].key_kind = CANON_KEY_STR, "is not CANON_KEY_INDEX")
BREAK(an_entry_has_a_key, n[A].key_kind = CANON_KEY_INDEX, "an entry of a dict has no key")
BREAK(an_entry_is_no_root, n[A].key_kind = CANON_KEY_NONE_AT_ROOT, "an entry of a dict has no key")
BREAK(key_kinds_end, n[A].key_kind = CANON_KEY_TUPLE + 1, "an entry of a dict has no key")
BREAK(a_key_is_there, n[A].key = NULL, "its key is NULL")
BREAK(a_key_is_utf8, sketch_key(s, &n[A], CANON_KEY_STR, "\xff", 1), "its key is not UTF-8")
BREAK(a_tuple_key_is_utf8, sketch_key(s, &n[A], CANON_KEY_TUPLE, "(\xc3", 2), "its key is not UTF-8")
BREAK(an_int_key_has_a_byte, sketch_key(s, &n[A], CANON_KEY_INT, "", 0), "its key is no int")
BREAK(an_int_key_is_shortest, sketch_key(s, &n[A], CANON_KEY_INT, "\1\0", 2), "its key is no int in its shortest form")
BREAK(a_bool_key_is_0_or_1, sketch_key(s, &n[A], CANON_KEY_BOOL, "\2", 1), "its key is no bool")
BREAK(a_float_key_has_8_bytes, sketch_key(s, &n[A], CANON_KEY_FLOAT, "1234", 4), "its key is no float")
BREAK(data_is_there, n[B0].data = NULL, "its data is NULL")
BREAK(an_int_has_a_byte, n[B0].data_size = 0, "its data is no int")
BREAK(a_negative_int_is_shortest, (n[B0].data = "\xff\xff", n[B0].data_size = 2), "its data is no int")
BREAK(a_bool_has_one_byte, (n[B0].kind = CANON_NODE_BOOL, n[B0].data = "\0\0", n[B0].data_size = 2),
      "its data is no bool")
BREAK(a_float_has_8_bytes, n[B0].kind = CANON_NODE_FLOAT, "its data is no float of 8 bytes")
BREAK(a_complex_has_16_bytes, n[B0].kind = CANON_NODE_COMPLEX, "its data is no complex of 16 bytes")
BREAK(a_str_is_utf8, (n[B0].kind = CANON_NODE_STR, n[B0].data = "\xc3"), "its data is not UTF-8")
BREAK(what_is_opaque_has_a_type, n[B0].kind = CANON_NODE_OPAQUE, "its type is NULL")
BREAK(a_type_is_utf8, (n[B0].kind = CANON_NODE_OPAQUE, n[B0].type = "\xff"), "its type is NULL or not UTF-8")
BREAK(a_dtype_exists, n[A].dtype = 0, "its dtype is none")
BREAK(dtypes_end, n[A].dtype = CANON_DTYPE_END, "its dtype is none")
BREAK(a_rank_has_an_end, n[A].rank = CANON_MAX_RANK + 1, "its rank is over")
BREAK(a_shape_is_there, n[A].shape = NULL, "its shape is NULL")
BREAK(a_target_is_earlier, n[C].target = C, "a REF's target is not an earlier node")
BREAK(a_target_exists, n[C].target = UINT64_MAX, "a REF's target is not an earlier node")
BREAK(attributes_are_there, n[A].n_attributes = 1, "its attributes are NULL or too short")
BREAK(attributes_are_long_enough,
      (n[A].n_attributes = 1, n[A].attributes = &(canon_attribute){"a", "b"}, n[A].attribute_size = 8), "too short")
BREAK(an_attribute_has_a_name, (n[A].n_attributes = 1, n[A].attributes = &(canon_attribute){NULL, "b"}),
      "no name or text")
BREAK(an_attribute_has_a_text, (n[A].n_attributes = 1, n[A].attributes = &(canon_attribute){"a", NULL}),
      "no name or text")

static int32_t shape(uint32_t dtype, uint64_t a, uint64_t b) {
  struct sketch *s = sketch_new(1);
  sketch_tensor(s, NULL, dtype, 2, a, b);
  int32_t code = resolve(s, NULL, "its shape times its dtype is more than 2^63 bytes");
  sketch_free(s);
  return code;
}

static void bytes_of_a_tensor_fit_in_63_bits(void **state) {
  (void)state;
  assert_int_equal(shape(CANON_U8, INT64_MAX, 1), CANON_OK);
  assert_int_equal(shape(CANON_U8, UINT64_C(1) << 62, 2), CANON_E_PLUGIN);
  assert_int_equal(shape(CANON_F32, UINT64_C(1) << 61, 1), CANON_E_PLUGIN);
  assert_int_equal(shape(CANON_F32, (UINT64_C(1) << 61) - 1, 1), CANON_OK);
  assert_int_equal(shape(CANON_U8, UINT64_MAX, UINT64_MAX), CANON_E_PLUGIN);
  assert_int_equal(shape(CANON_F32, 0, INT64_MAX), CANON_OK);
}

static void a_scalar_needs_no_shape(void **state) {
  (void)state;
  canon_job *job = support_job();
  struct sketch *s = sketch_new(1);
  sketch_add(s, NULL, CANON_NODE_TENSOR);
  struct tree *tree = sketch_tree(job, s);
  assert_non_null(tree->nodes[0].shape);
  tree_free(tree);
  sketch_free(s);
  support_job_free(job);
}

static void the_manifest_itself_is_checked(void **state) {
  (void)state;
  struct sketch *s = sample();
  canon_manifest m = sketch_manifest(s);
  m.n_nodes = 0;
  assert_int_equal(resolve(s, &m, "has no nodes"), CANON_E_PLUGIN);
  m = sketch_manifest(s);
  m.nodes = NULL;
  assert_int_equal(resolve(s, &m, "has no nodes"), CANON_E_PLUGIN);
  m = sketch_manifest(s);
  m.n_nodes = UINT64_MAX / 8;
  assert_int_equal(resolve(s, &m, "is larger than memory"), CANON_E_PLUGIN);
  m = sketch_manifest(s);
  m.node_size = 24;
  assert_int_equal(resolve(s, &m, "node_size"), CANON_E_PLUGIN);
  m = sketch_manifest(s);
  m.reserved = 1;
  assert_int_equal(resolve(s, &m, "reserved"), CANON_E_PLUGIN);
  m = sketch_manifest(s);
  m.n_details = 1;
  assert_int_equal(resolve(s, &m, "details"), CANON_E_PLUGIN);
  m.details = &(canon_detail){0};
  assert_int_equal(resolve(s, &m, "a detail without a name"), CANON_E_PLUGIN);
  m.detail_size = 4;
  assert_int_equal(resolve(s, &m, "too short"), CANON_E_PLUGIN);
  sketch_free(s);
}

/* Plugins of another time: nodes with members that we do not know, or without the last ones that we do. */
static void nodes_are_walked_by_their_own_size(void **state) {
  (void)state;
  struct sketch *s = sample();
  s->nodes[A].kind = CANON_NODE_NONE; /* no tensor: its members may be missing */
  size_t sizes[] = {sizeof(canon_node) + 40, sizeof(canon_node) + 7, offsetof(canon_node, dtype)};
  for (int i = 0; i < 3; i++) {
    size_t size = sizes[i];
    uint8_t *bytes = malloc(size * s->n);
    assert_non_null(bytes);
    memset(bytes, 0xee, size * s->n);
    for (uint64_t j = 0; j < s->n; j++)
      memcpy(bytes + j * size, &s->nodes[j], size < sizeof(canon_node) ? size : sizeof(canon_node));
    canon_manifest m = sketch_manifest(s);
    m.nodes = (const canon_node *)(const void *)bytes;
    m.node_size = (uint32_t)size;
    assert_int_equal(resolve(s, &m, ""), CANON_OK);
    free(bytes);
  }
  sketch_free(s);
}

/* A plugin of the past, from before tensors told their storage and byte: they lie by themselves, nobody knows where. */
static void what_a_short_node_does_not_tell_is_unknown(void **state) {
  (void)state;
  static const uint64_t shape[] = {3};
  enum { SIZE = offsetof(canon_node, storage) };
  canon_node nodes[3] = {{.kind = CANON_NODE_LIST, .parent = CANON_NONE}};
  _Alignas(canon_node) uint8_t bytes[3 * SIZE];
  for (int i = 1; i < 3; i++)
    nodes[i] = (canon_node){
        .kind = CANON_NODE_TENSOR, .key_kind = CANON_KEY_INDEX, .dtype = CANON_U8, .rank = 1, .shape = shape};
  for (int i = 0; i < 3; i++) memcpy(bytes + i * SIZE, &nodes[i], SIZE);
  canon_manifest m = {
      .struct_size = sizeof m, .node_size = SIZE, .nodes = (const canon_node *)(const void *)bytes, .n_nodes = 3};
  struct tree *tree = NULL;
  canon_job *job = support_job();
  assert_int_equal(tree_resolve(job, &m, &tree), CANON_OK);
  for (uint64_t i = 1; i < 3; i++) {
    assert_true(tree->nodes[i].storage == CANON_NONE && tree->nodes[i].offset == CANON_NONE);
    assert_int_equal(tree->nodes[i].storage_bytes, 0);
  }
  tree_free(tree);
  support_job_free(job);
}

static void nesting(uint32_t depth, int32_t expected) {
  struct sketch *s = sketch_new(depth + 1);
  for (uint32_t i = 0; i < depth; i++) sketch_add(s, NULL, CANON_NODE_LIST);
  sketch_add(s, NULL, CANON_NODE_NONE);
  assert_int_equal(resolve(s, NULL, "nested more than 1000 deep"), expected);
  sketch_free(s);
}

static void nesting_ends_at_its_limit(void **state) {
  (void)state;
  nesting(CANON_MAX_DEPTH, CANON_OK);
  nesting(CANON_MAX_DEPTH + 1, CANON_E_LIMIT);
  nesting(3 * CANON_MAX_DEPTH, CANON_E_LIMIT);
}

/* Any single byte of the nodes of the sample changed to any value of a few: an error or a sound tree, never a crash. */
static void no_changed_byte_is_fatal(void **state) {
  (void)state;
  static const size_t members[] = {
      offsetof(canon_node, kind),   offsetof(canon_node, flags),    offsetof(canon_node, parent),
      offsetof(canon_node, target), offsetof(canon_node, key_kind), offsetof(canon_node, dtype),
  };
  static const uint32_t values[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14, 15, 0x7fffffff, 0xffffffff};
  canon_job *job;
  for (size_t node = 0; node < 6; node++)
    for (size_t m = 0; m < sizeof members / sizeof *members; m++)
      for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
        struct sketch *s = sample();
        memcpy((char *)&s->nodes[node] + members[m], &values[v], sizeof values[v]);
        job = support_job();
        struct tree *tree = NULL;
        canon_manifest manifest = sketch_manifest(s);
        if (tree_resolve(job, &manifest, &tree) == CANON_OK) {
          sketch_check_tree(tree);
          for (uint64_t i = 0; i < tree->n_nodes; i++) assert_true(tree_path(tree, i) && tree_value_json(tree, i));
        }
        tree_free(tree);
        support_job_free(job);
        sketch_free(s);
      }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(honest_manifests_pass),
      cmocka_unit_test(the_root_has_no_parent),
      cmocka_unit_test(the_root_has_no_key),
      cmocka_unit_test(the_root_is_no_ref),
      cmocka_unit_test(a_parent_comes_first),
      cmocka_unit_test(a_parent_is_not_the_node_itself),
      cmocka_unit_test(a_parent_is_a_container),
      cmocka_unit_test(a_parent_exists),
      cmocka_unit_test(there_is_one_root),
      cmocka_unit_test(nodes_are_in_preorder),
      cmocka_unit_test(kind_0_is_none),
      cmocka_unit_test(kinds_end),
      cmocka_unit_test(flags_are_known),
      cmocka_unit_test(flags_end),
      cmocka_unit_test(an_item_has_an_index),
      cmocka_unit_test(an_entry_has_a_key),
      cmocka_unit_test(an_entry_is_no_root),
      cmocka_unit_test(key_kinds_end),
      cmocka_unit_test(a_key_is_there),
      cmocka_unit_test(a_key_is_utf8),
      cmocka_unit_test(a_tuple_key_is_utf8),
      cmocka_unit_test(an_int_key_has_a_byte),
      cmocka_unit_test(an_int_key_is_shortest),
      cmocka_unit_test(a_bool_key_is_0_or_1),
      cmocka_unit_test(a_float_key_has_8_bytes),
      cmocka_unit_test(data_is_there),
      cmocka_unit_test(an_int_has_a_byte),
      cmocka_unit_test(a_negative_int_is_shortest),
      cmocka_unit_test(a_bool_has_one_byte),
      cmocka_unit_test(a_float_has_8_bytes),
      cmocka_unit_test(a_complex_has_16_bytes),
      cmocka_unit_test(a_str_is_utf8),
      cmocka_unit_test(what_is_opaque_has_a_type),
      cmocka_unit_test(a_type_is_utf8),
      cmocka_unit_test(a_dtype_exists),
      cmocka_unit_test(dtypes_end),
      cmocka_unit_test(a_rank_has_an_end),
      cmocka_unit_test(a_shape_is_there),
      cmocka_unit_test(a_target_is_earlier),
      cmocka_unit_test(a_target_exists),
      cmocka_unit_test(attributes_are_there),
      cmocka_unit_test(attributes_are_long_enough),
      cmocka_unit_test(an_attribute_has_a_name),
      cmocka_unit_test(an_attribute_has_a_text),
      cmocka_unit_test(bytes_of_a_tensor_fit_in_63_bits),
      cmocka_unit_test(a_scalar_needs_no_shape),
      cmocka_unit_test(the_manifest_itself_is_checked),
      cmocka_unit_test(nodes_are_walked_by_their_own_size),
      cmocka_unit_test(what_a_short_node_does_not_tell_is_unknown),
      cmocka_unit_test(nesting_ends_at_its_limit),
      cmocka_unit_test(no_changed_byte_is_fatal),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
