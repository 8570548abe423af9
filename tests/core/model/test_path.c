/* SPDX-License-Identifier: MIT */
#include "tests/core/model/sketch.h"

static canon_job *job;
static struct sketch *sketch;
static struct tree *tree;

/* RFC 6901, section 5; then a list and keys of every kind. */
static int set_up(void **state) {
  (void)state;
  job = support_job();
  struct sketch *s = sketch = sketch_new(64);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_add(s, "foo", CANON_NODE_LIST);
  sketch_str(s, NULL, "bar");
  sketch_str(s, NULL, "baz");
  sketch_close(s);
  static const char *const keys[] = {"", "a/b", "c%d", "e^f", "g|h", "i\\j", "k\"l", " ", "m~n"};
  for (int i = 0; i < 9; i++) sketch_int(s, keys[i], (const char[]){(char)('0' + i), 0});
  sketch_add(s, "kinds", CANON_NODE_DICT);
  sketch_key(s, sketch_int(s, "", "0"), CANON_KEY_INT, "\xd6", 1);
  sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_BOOL, "\1", 1);
  sketch_key(s, sketch_int(s, "", "2"), CANON_KEY_BOOL, "\0", 1);
  sketch_key(s, sketch_int(s, "", "3"), CANON_KEY_NONE, NULL, 0);
  double half = 0.5;
  sketch_key(s, sketch_int(s, "", "4"), CANON_KEY_FLOAT, &half, 8);
  sketch_key(s, sketch_int(s, "", "5"), CANON_KEY_TUPLE, "('a/b', 1)", 10);
  sketch_key(s, sketch_int(s, "", "6"), CANON_KEY_BYTES, "a\t\n\r\\'\x00\xff/", 9);
  sketch_key(s, sketch_int(s, "", "7"), CANON_KEY_BYTES, "\"'", 2);
  sketch_key(s, sketch_int(s, "", "8"), CANON_KEY_BYTES, "'", 1);
  sketch_close(s);
  sketch_add(s, "twins", CANON_NODE_DICT);
  sketch_key(s, sketch_add(s, "", CANON_NODE_DICT), CANON_KEY_INT, "\0", 1);
  sketch_int(s, "only here", "1");
  sketch_close(s);
  sketch_str(s, "0", "a string's");
  sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_BOOL, "\1", 1);
  sketch_int(s, "True", "2");
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

/* The pointer leads to the value, and the node's path is the pointer. */
static void leads_to(const char *pointer, const char *value) {
  uint64_t node = CANON_NONE;
  if (tree_find(job, tree, pointer, &node) != CANON_OK) fail_msg("%s", support_error(job));
  assert_string_equal(tree_path(tree, node), pointer);
  assert_string_equal(tree_value_json(tree, node), value);
}

static void fails(const char *pointer, int32_t code, const char *text) {
  canon_job *own = support_job();
  uint64_t node = CANON_NONE;
  assert_int_equal(tree_find(own, tree, pointer, &node), code);
  if (!strstr(support_error(own), text)) fail_msg("\"%s\" does not say \"%s\"", support_error(own), text);
  assert_true(node == CANON_NONE);
  support_job_free(own);
}

static void the_examples_of_rfc_6901_hold(void **state) {
  (void)state;
  leads_to("", "null");
  leads_to("/foo", "null");
  leads_to("/foo/0", "\"bar\"");
  leads_to("/", "0");
  leads_to("/a~1b", "1");
  leads_to("/c%d", "2");
  leads_to("/e^f", "3");
  leads_to("/g|h", "4");
  leads_to("/i\\j", "5");
  leads_to("/k\"l", "6");
  leads_to("/ ", "7");
  leads_to("/m~0n", "8");
}

static void keys_that_are_no_strings_read_as_python_prints_them(void **state) {
  (void)state;
  leads_to("/kinds/-42", "0");
  leads_to("/kinds/True", "1");
  leads_to("/kinds/False", "2");
  leads_to("/kinds/None", "3");
  leads_to("/kinds/0.5", "4");
  leads_to("/kinds/('a~1b', 1)", "5");
  leads_to("/kinds/b\"a\\t\\n\\r\\\\'\\x00\\xff~1\"", "6");
  leads_to("/kinds/b'\"\\''", "7");
  leads_to("/kinds/b\"'\"", "8");
}

static void an_index_has_one_spelling(void **state) {
  (void)state;
  leads_to("/foo/1", "\"baz\"");
  fails("/foo/01", CANON_E_IO, "nothing at \"/foo/01\"; \"/foo\" is a list with \"0\", \"1\"");
  fails("/foo/-", CANON_E_IO, "nothing at");
  fails("/foo/2", CANON_E_IO, "nothing at");
  fails("/foo/+1", CANON_E_IO, "nothing at");
  fails("/foo/18446744073709551616", CANON_E_IO, "nothing at");
  fails("/foo/18446744073709551617", CANON_E_IO, "nothing at");
}

static void what_is_no_pointer_is_a_mistake_of_usage(void **state) {
  (void)state;
  fails("foo", CANON_E_USAGE, "\"foo\" is no path; a path is a JSON Pointer");
  fails("/m~n", CANON_E_USAGE, "is no path");
  fails("/foo~", CANON_E_USAGE, "is no path");
  fails("/a~2", CANON_E_USAGE, "is no path");
}

static void nothing_found_says_what_is_there(void **state) {
  (void)state;
  fails("/fo", CANON_E_IO,
        "nothing at \"/fo\"; the root is a dict with \"foo\", \"\", \"a/b\", \"c%d\", \"e^f\" and 7 more");
  fails("/foo/0/x", CANON_E_IO, "nothing at \"/foo/0/x\"; \"/foo/0\" is a str");
  fails("/foo/bar/x/y", CANON_E_IO, "nothing at \"/foo/bar/x/y\"; \"/foo\" is a list");
}

static void a_long_name_is_cut(void **state) {
  (void)state;
  char pointer[3000];
  memset(pointer, 'x', sizeof pointer - 1);
  pointer[0] = '/';
  pointer[sizeof pointer - 1] = 0;
  fails(pointer, CANON_E_IO, "xxx...\"; the root");
}

static void a_nul_in_a_key_is_two_bytes_that_are_no_utf8(void **state) {
  (void)state;
  struct sketch *s = sketch_new(3);
  sketch_add(s, NULL, CANON_NODE_DICT);
  sketch_key(s, sketch_int(s, "", "1"), CANON_KEY_STR, "a\0b", 3);
  canon_job *own = support_job();
  struct tree *keys = sketch_tree(own, s);
  uint64_t node = 0;
  assert_string_equal(tree_path(keys, 1),
                      "/a\xc0\x80"
                      "b");
  assert_int_equal(tree_find(own, keys,
                             "/a\xc0\x80"
                             "b",
                             &node),
                   CANON_OK);
  assert_int_equal(node, 1);
  tree_free(keys);
  sketch_free(s);
  support_job_free(own);
}

static void two_keys_that_share_a_path_are_not_confused(void **state) {
  (void)state;
  fails("/twins/0", CANON_E_IO, "\"/twins/0\" is the path of two entries, one with a key of kind int, one of kind str");
  fails("/twins/0/only here", CANON_E_IO, "\"/twins/0\" is the path of two entries");
  fails("/twins/True", CANON_E_IO, "one with a key of kind bool, one of kind str");
}

static void survives_failing_allocations(void **state) {
  (void)state;
  static const char *const pointers[] = {"/kinds/-42", "/nowhere", "/twins/True", "foo"};
  for (int i = 0; i < 4; i++)
    for (uint64_t n = 1;; n++) {
      canon_job *own = support_job();
      uint64_t node;
      support_fail_allocation(n);
      int32_t code = tree_find(own, tree, pointers[i], &node);
      int reached = support_fail_allocation(0);
      assert_int_equal(code, support_code(own));
      /* The last allocation that may fail is that of the host's own text: the code stands without it. */
      if (!reached) assert_int_equal(code, i == 0 ? CANON_OK : i == 3 ? CANON_E_USAGE : CANON_E_IO);
      if (reached && i == 0) assert_int_equal(code, CANON_E_MEMORY);
      support_job_free(own);
      if (!reached) break;
    }
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(the_examples_of_rfc_6901_hold),
      cmocka_unit_test(keys_that_are_no_strings_read_as_python_prints_them),
      cmocka_unit_test(an_index_has_one_spelling),
      cmocka_unit_test(what_is_no_pointer_is_a_mistake_of_usage),
      cmocka_unit_test(nothing_found_says_what_is_there),
      cmocka_unit_test(a_long_name_is_cut),
      cmocka_unit_test(a_nul_in_a_key_is_two_bytes_that_are_no_utf8),
      cmocka_unit_test(two_keys_that_share_a_path_are_not_confused),
      cmocka_unit_test(survives_failing_allocations),
  };
  return cmocka_run_group_tests(tests, set_up, tear_down);
}
