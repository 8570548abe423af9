/* SPDX-License-Identifier: MIT
 * test_reader.c: folders as trees. */
#include "core/host/job.h"
#include "tests/formats/folder/shelf.h"

static const char pt[] = "torch/2.8.0/state_dict.pt", npy[] = "numpy/n1_be_i32.npy";

struct opened {
  canon_job *job;
  const canon_format *format;
  canon_source *source;
  void *reader;
  canon_manifest manifest;
};

static void shelf_put(const char *name, const void *bytes, size_t size) {
  canon_job *job = support_job();
  assert_int_equal(folder_make_parents(job, shelf, name), CANON_OK);
  support_job_free(job);
  FILE *file = fopen(shelf_path(name), "wb");
  assert_non_null(file);
  if (size) assert_int_equal(fwrite(bytes, 1, size, file), size);
  assert_int_equal(fclose(file), 0);
}

static void shelf_copy(const char *name, const char *corpus) {
  char path[300];
  size_t size;
  snprintf(path, sizeof path, "corpus/formats/%s", corpus);
  uint8_t *bytes = support_slurp(path, &size);
  shelf_put(name, bytes, size);
  free(bytes);
}

static int32_t shelf_open(struct opened *o) {
  *o = (struct opened){.job = support_job(), .format = support_format("folder")};
  int32_t code = source_open(o->job, shelf, &o->source);
  if (!code) code = o->format->open(o->job, support_instance(o->job, NULL), o->source, &o->reader);
  if (!code) code = o->format->manifest(o->job, o->reader, &o->manifest);
  return code;
}

static void shelf_close(struct opened *o) {
  if (o->reader) o->format->close(o->job, o->reader);
  support_job_free(o->job);
  source_close(o->source);
}

static const canon_node *node_at(const struct opened *o, uint64_t i) { return canon_manifest_node(&o->manifest, i); }

static void expect_node(const struct opened *o, uint64_t i, uint32_t kind, uint64_t parent, uint32_t key_kind,
                        const char *key) {
  const canon_node *node = node_at(o, i);
  assert_int_equal(node->kind, kind);
  assert_int_equal(node->parent, parent);
  assert_int_equal(node->key_kind, key_kind);
  assert_int_equal(node->key_size, strlen(key));
  assert_memory_equal(node->key, key, strlen(key));
}

static void folders_are_dicts_and_files_are_what_is_in_them(void **state) {
  (void)state;
  struct opened o;
  shelf_put("a-b/x", "12", 2);
  shelf_copy("a/b/c.npy", npy);
  shelf_put("a/b.txt", "345", 3);
  shelf_put("a.txt", "", 0);
  shelf_put("\xff", "6", 1);
  assert_int_equal(shelf_open(&o), CANON_OK);
  assert_int_equal(o.manifest.n_nodes, 9);
  expect_node(&o, 1, CANON_NODE_DICT, 0, CANON_KEY_STR, "a-b");
  expect_node(&o, 2, CANON_NODE_TENSOR, 1, CANON_KEY_STR, "x");
  expect_node(&o, 3, CANON_NODE_TENSOR, 0, CANON_KEY_STR, "a.txt");
  expect_node(&o, 4, CANON_NODE_DICT, 0, CANON_KEY_STR, "a");
  expect_node(&o, 5, CANON_NODE_TENSOR, 4, CANON_KEY_STR, "b.txt");
  expect_node(&o, 6, CANON_NODE_DICT, 4, CANON_KEY_STR, "b");
  expect_node(&o, 7, CANON_NODE_TENSOR, 6, CANON_KEY_STR, "c.npy");
  expect_node(&o, 8, CANON_NODE_TENSOR, 0, CANON_KEY_BYTES, "\xff");
  assert_int_equal(node_at(&o, 7)->dtype, CANON_I32);
  assert_int_equal(node_at(&o, 5)->dtype, CANON_U8);
  assert_int_equal(node_at(&o, 5)->shape[0], 3);
  char bytes[2];
  assert_int_equal(o.format->read(o.job, o.reader, 5, 1, 2, bytes), CANON_OK);
  assert_memory_equal(bytes, "45", 2);
  shelf_close(&o);
}

static void reading_past_the_end_is_refused(void **state) {
  (void)state;
  static const struct {
    uint64_t node, first, count;
  } wrong[] = {{2, 0, 3}, {2, 3, 0}, {2, UINT64_MAX, 2}, {1, 0, 1}, {0, 0, 0}, {3, 0, 1}, {CANON_NONE, 0, 1}};
  char bytes[8];
  shelf_put("a/x", "12", 2);
  for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
    struct opened o;
    assert_int_equal(shelf_open(&o), CANON_OK);
    assert_int_equal(o.format->read(o.job, o.reader, wrong[i].node, wrong[i].first, wrong[i].count, bytes),
                     CANON_E_USAGE);
    shelf_close(&o);
  }
}

static void an_empty_folder_is_an_empty_dict(void **state) {
  (void)state;
  struct opened o;
  assert_int_equal(mkdir(shelf_path("empty"), 0777), 0);
  assert_int_equal(shelf_open(&o), CANON_OK);
  assert_int_equal(o.manifest.n_nodes, 1);
  assert_int_equal(node_at(&o, 0)->kind, CANON_NODE_DICT);
  shelf_close(&o);
}

static void storages_of_two_files_are_two(void **state) {
  (void)state;
  struct opened o;
  shelf_copy("a.pt", "torch/2.8.0/views.pt");
  shelf_copy("b.pt", "torch/2.8.0/views.pt");
  assert_int_equal(shelf_open(&o), CANON_OK);
  uint64_t half = (o.manifest.n_nodes - 1) / 2, shared = 0;
  for (uint64_t i = 1; i <= half; i++) {
    const canon_node *a = node_at(&o, i), *b = node_at(&o, i + half);
    assert_int_equal(a->kind, b->kind);
    for (uint64_t k = 1; k <= half; k++) {
      const canon_node *c = node_at(&o, k), *d = node_at(&o, k + half);
      if (a->kind != CANON_NODE_TENSOR || c->kind != CANON_NODE_TENSOR || a->storage == CANON_NONE) continue;
      assert_int_equal(a->storage == c->storage, b->storage == d->storage);
      assert_int_not_equal(a->storage, d->storage);
      shared += i != k && a->storage == c->storage;
    }
  }
  assert_true(shared > 0);
  shelf_close(&o);
}

static void a_file_larger_than_memory_costs_nothing_until_it_is_read(void **state) {
  (void)state;
  struct opened o;
  uint8_t last = 1;
  shelf_put("big", "", 0);
  if (truncate(shelf_path("big"), INT64_C(1) << 40)) skip();
  assert_int_equal(shelf_open(&o), CANON_OK);
  assert_int_equal(node_at(&o, 1)->shape[0], UINT64_C(1) << 40);
  assert_in_range(support_leaked(o.job), 1, 1 << 16);
  assert_int_equal(o.format->read(o.job, o.reader, 1, (UINT64_C(1) << 40) - 1, 1, &last), CANON_OK);
  assert_int_equal(last, 0);
  shelf_close(&o);
}

static void a_file_that_changes_meanwhile_is_named(void **state) {
  (void)state;
  struct opened o;
  char byte;
  shelf_put("sub/x", "123", 3);
  assert_int_equal(shelf_open(&o), CANON_OK);
  shelf_put("sub/x", "12", 2);
  assert_int_equal(o.format->read(o.job, o.reader, 2, 0, 1, &byte), CANON_E_IO);
  assert_non_null(strstr(support_error(o.job), "sub/x"));
  assert_int_equal(unlink(shelf_path("sub/x")), 0);
  assert_int_equal(mkfifo(shelf_path("sub/x"), 0600), 0);
  assert_int_equal(o.format->read(o.job, o.reader, 2, 0, 1, &byte), CANON_E_IO); /* and does not wait for a writer */
  shelf_close(&o);
}

static void a_format_that_reads_in_order_makes_the_folder_read_in_order(void **state) {
  (void)state;
  struct opened o;
  canon_format *in_order = (canon_format *)(uintptr_t)support_format("npy");
  shelf_copy("a.pt", pt);
  shelf_copy("b.npy", npy);
  assert_int_equal(shelf_open(&o), CANON_OK);
  assert_int_equal(job_parts_random(job_of(o.job)), 1);
  shelf_close(&o);
  in_order->flags &= ~CANON_FORMAT_RANDOM;
  int32_t code = shelf_open(&o);
  in_order->flags |= CANON_FORMAT_RANDOM;
  assert_int_equal(code, CANON_OK);
  assert_int_equal(job_parts_random(job_of(o.job)), 0);
  shelf_close(&o);
}

/* Wherever a file is cut, the folder opens as what is left, or the file is named. */
static void cut_each(const char *name, const char *corpus) {
  char path[300];
  size_t size;
  snprintf(path, sizeof path, "corpus/formats/%s", corpus);
  uint8_t *bytes = support_slurp(path, &size);
  for (size_t cut = 0; cut < size; cut++) {
    struct opened o;
    shelf_put(name, bytes, cut);
    int32_t code = shelf_open(&o);
    if (code != CANON_E_MALFORMED && code != CANON_E_UNSUPPORTED) fail_msg("%s cut at %zu: %d", corpus, cut, (int)code);
    if (!strstr(support_error(o.job), name)) fail_msg("%s cut at %zu: %s", corpus, cut, support_error(o.job));
    shelf_close(&o);
  }
  free(bytes);
  assert_int_equal(unlink(shelf_path(name)), 0);
}

static void a_file_that_is_cut_anywhere_is_named(void **state) {
  (void)state;
  shelf_put("fine", "12", 2);
  cut_each("sub/x.npy", npy);
  cut_each("sub/x.pt", pt);
}

static int32_t read_all(const struct opened *o) {
  static char elements[1 << 12];
  int32_t code = CANON_OK;
  for (uint64_t i = 0; !code && i < o->manifest.n_nodes; i++) {
    uint64_t n = 0;
    const canon_node *node = node_at(o, i);
    if (node->kind != CANON_NODE_TENSOR) continue;
    assert_true(canon_elements(node->shape, node->rank, &n) && n * canon_dtype_size(node->dtype) <= sizeof elements);
    code = o->format->read(o->job, o->reader, i, 0, n, elements);
  }
  return code;
}

static void every_allocation_may_fail(void **state) {
  (void)state;
  uint64_t n = 1;
  shelf_copy("a/x.pt", pt);
  shelf_copy("a/y.npy", npy);
  shelf_put("b", "12", 2);
  for (int reached = 1; reached; n++) {
    struct opened o = {.job = support_job(), .format = support_format("folder")};
    const canon_instance *instance = support_instance(o.job, NULL);
    support_fail_allocation(n);
    int32_t code = source_open(o.job, shelf, &o.source);
    if (!code) code = o.format->open(o.job, instance, o.source, &o.reader);
    if (!code) code = o.format->manifest(o.job, o.reader, &o.manifest);
    if (!code) code = read_all(&o);
    reached = support_fail_allocation(0);
    if (code != (reached ? CANON_E_MEMORY : CANON_OK))
      fail_msg("allocation %d: %d, %s", (int)n, (int)code, support_error(o.job));
    shelf_close(&o);
  }
  assert_true(n > 30);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, shelf_make, shelf_remove)

int main(void) {
  const struct CMUnitTest tests[] = {
      TEST(folders_are_dicts_and_files_are_what_is_in_them),
      TEST(reading_past_the_end_is_refused),
      TEST(an_empty_folder_is_an_empty_dict),
      TEST(storages_of_two_files_are_two),
      TEST(a_file_larger_than_memory_costs_nothing_until_it_is_read),
      TEST(a_file_that_changes_meanwhile_is_named),
      TEST(a_format_that_reads_in_order_makes_the_folder_read_in_order),
      TEST(a_file_that_is_cut_anywhere_is_named),
      TEST(every_allocation_may_fail),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
