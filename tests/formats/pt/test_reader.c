/* SPDX-License-Identifier: MIT
 * test_reader.c: elements whatever their strides and blocks; sparse indices are held to their bounds; the corpus. */
#include "formats/pt/pt.h"
#include "tests/formats/pt/pt_file.h"

static void a_transposed_tensor_is_read_in_c_order(void **state) {
  (void)state;
  make_small_file();
  outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
  assert_int_equal(got.code, CANON_OK);
  const float floats[] = {1.5f, 3, -2, 0};
  const int64_t integer = -8;
  assert_int_equal(got.n_bytes, sizeof floats + sizeof integer);
  assert_memory_equal(got.bytes, floats, sizeof floats);
  assert_memory_equal(got.bytes + sizeof floats, &integer, sizeof integer);
}

static void blocks_of_any_length_give_the_same_elements(void **state) {
  (void)state;
  static const char *const FILES[] = {"2.0.1/single.pt",  "2.0.1/storages.pt", "2.0.1/shared.pt",
                                      "2.7.1/0.codes.pt", "2.7.1/buckets.pt",  "2.0.1/numpy_inside.pt"};
  for (size_t i = 0; i < sizeof FILES / sizeof *FILES; i++) {
    char path[128];
    size_t size;
    snprintf(path, sizeof path, "corpus/formats/torch/%s", FILES[i]);
    uint8_t *file = support_slurp(path, &size);
    outcome whole = outcome_of(file, size);
    if (whole.code) fail_msg("%s: %s", FILES[i], whole.error);
    for (uint64_t block = 1; block <= 9; block += 2) {
      outcome parts = outcome_in_blocks(file, size, block);
      if (parts.code || parts.checksum != whole.checksum)
        fail_msg("%s in blocks of %d differs: %s", FILES[i], (int)block, parts.error);
    }
    free(file);
  }
}

static void put_layout(script *out, const char *layout) {
  put(out, "ctorch._utils\n_rebuild_sparse_tensor\nctorch.serialization\n_get_layout\n");
  put_text(out, layout);
  put(out, "\x85R(");
}

static const dense VALUES = {"FloatStorage", "1", 2, 0, 1, {2}, {1}};
static const float TWO_FLOATS[] = {1, 2};

/* A COO vector of 3 elements with these two indices; the indices also stand before it where they are `shared`. */
static void make_coo(const int64_t indices[2], int shared) {
  script pickled = {.size = 0};
  dense first = {"LongStorage", "0", 2, 0, 2, {1, 2}, {2, 1}};
  put(&pickled, "\x80\x02](");
  if (shared) {
    put_tensor(&pickled, &first);
    put(&pickled, "q\1");
  }
  put_layout(&pickled, "torch.sparse_coo");
  if (shared) put(&pickled, "h\1");
  else put_tensor(&pickled, &first);
  put_tensor(&pickled, &VALUES);
  put_tuple(&pickled, (const int64_t[]){3}, 1);
  put(&pickled, "t\x86Re.");
  make_file(&pickled, (const record[]){{"archive/data/0", indices, 16}, {"archive/data/1", TWO_FLOATS, 8}}, 2);
}

static void sparse_indices_are_held_to_their_bounds_wherever_they_stand(void **state) {
  (void)state;
  for (int shared = 0; shared < 2; shared++) {
    make_coo((const int64_t[]){0, 2}, shared);
    outcome got = outcome_of(pt_archive.bytes, pt_archive.size);
    if (got.code) fail_msg("%s", got.error);
    make_coo((const int64_t[]){0, 3}, shared);
    expect_refused(pt_archive.bytes, pt_archive.size, CANON_E_MALFORMED,
                   "a sparse tensor's index 1 is 3, of a dimension of 3");
    make_coo((const int64_t[]){-1, 0}, shared);
    expect_refused(pt_archive.bytes, pt_archive.size, CANON_E_MALFORMED, "index 0 is -1");
  }
}

enum { ROWS = 4000 };

static void make_csr(const int64_t *compressed) {
  static const int64_t PLAIN[] = {1, 2};
  script pickled = {.size = 0};
  put(&pickled, "\x80\x02");
  put_layout(&pickled, "torch.sparse_csr");
  put_tensor(&pickled, &(dense){"LongStorage", "0", ROWS + 1, 0, 1, {ROWS + 1}, {1}});
  put_tensor(&pickled, &(dense){"LongStorage", "2", 2, 0, 1, {2}, {1}});
  put_tensor(&pickled, &VALUES);
  put_tuple(&pickled, (const int64_t[]){ROWS, 4}, 2);
  put(&pickled, "t\x86R.");
  make_file(&pickled,
            (const record[]){{"archive/data/0", compressed, (ROWS + 1) * 8},
                             {"archive/data/1", TWO_FLOATS, 8},
                             {"archive/data/2", PLAIN, sizeof PLAIN}},
            3);
}

/* A block looks at the one element before it. */
static void compressed_indices_are_checked_across_blocks_without_going_deep(void **state) {
  (void)state;
  static int64_t compressed[ROWS + 1];
  for (int i = 1; i <= ROWS; i++) compressed[i] = 2;
  make_csr(compressed);
  static const uint64_t BLOCKS[] = {1, 7, 1000, ROWS, UINT64_MAX};
  for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++) {
    outcome got = outcome_in_blocks(pt_archive.bytes, pt_archive.size, BLOCKS[i]);
    if (got.code) fail_msg("blocks of %d: %s", (int)BLOCKS[i], got.error);
  }
  compressed[2000] = 1; /* it falls where a block starts */
  make_csr(compressed);
  for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++) {
    outcome got = outcome_in_blocks(pt_archive.bytes, pt_archive.size, BLOCKS[i]);
    assert_int_equal(got.code, CANON_E_MALFORMED);
    assert_non_null(strstr(got.error, "a sparse tensor's index 2000 is 1, after 2"));
  }
}

/* The pickle's file with one record too large for pt_archive, put together by hand. The caller frees it. */
static uint8_t *make_large_file(const script *pickled, const record *small, int n, const record *large, size_t *whole) {
  size_t room = large->size + 8192;
  uint8_t *file = malloc(room);
  assert_non_null(file);
  craft_member members[8] = {craft_stored("archive/data.pkl", pickled->bytes, pickled->size),
                             craft_stored("archive/version", "3\n", 2)};
  assert_true(n <= 4);
  for (int i = 0; i < n; i++) members[2 + i] = craft_stored(small[i].name, small[i].bytes, small[i].size);
  craft_member *last = &members[2 + n];
  *last = craft_stored(large->name, NULL, 0);
  last->packed = 0;
  last->crc32 = checksum(0, large->bytes, large->size);
  pt_archive.size = 0;
  for (int i = 0; i < 2 + n; i++) craft_local(&pt_archive, &members[i]);
  size_t head = pt_archive.size;
  craft_local(&pt_archive, last);
  last->packed = last->size = (uint32_t)large->size;
  for (int i = 0; i < 4; i++) {
    pt_archive.bytes[head + 18 + i] = (uint8_t)(large->size >> 8 * i);
    pt_archive.bytes[head + 22 + i] = (uint8_t)(large->size >> 8 * i);
  }
  size_t front = pt_archive.size;
  memcpy(file, pt_archive.bytes, front);
  memcpy(file + front, large->bytes, large->size);
  pt_archive.size = 0;
  for (int i = 0; i < 3 + n; i++) craft_central(&pt_archive, &members[i]);
  size_t directory = pt_archive.size;
  craft_end(&pt_archive, (uint32_t)(3 + n), 0, "");
  for (int i = 0; i < 4; i++) pt_archive.bytes[directory + 16 + i] = (uint8_t)((front + large->size) >> 8 * i);
  *whole = front + large->size + pt_archive.size;
  assert_true(*whole <= room);
  memcpy(file + front + large->size, pt_archive.bytes, pt_archive.size);
  return file;
}

/* The last range alone: what lies before it was never read. */
static void a_late_block_of_compressed_indices_takes_little_stack(void **state) {
  (void)state;
  enum { MANY = 2000000 };
  size_t size = (MANY + 1) * sizeof(int64_t), whole;
  int64_t *compressed = calloc(MANY + 1, sizeof *compressed);
  assert_non_null(compressed);
  for (size_t i = 1; i <= MANY; i++) compressed[i] = 2;
  script pickled = {.size = 0};
  put(&pickled, "\x80\x02");
  put_layout(&pickled, "torch.sparse_csr");
  put_tensor(&pickled, &(dense){"LongStorage", "0", MANY + 1, 0, 1, {MANY + 1}, {1}});
  put_tensor(&pickled, &(dense){"LongStorage", "2", 2, 0, 1, {2}, {1}});
  put_tensor(&pickled, &VALUES);
  put_tuple(&pickled, (const int64_t[]){MANY, 4}, 2);
  put(&pickled, "t\x86R.");
  const record small[] = {{"archive/data/1", TWO_FLOATS, 8}, {"archive/data/2", (const int64_t[]){1, 2}, 16}};
  uint8_t *file = make_large_file(&pickled, small, 2, &(record){"archive/data/0", compressed, size}, &whole);

  const canon_format *pt = support_format("pt");
  canon_job *job = support_job();
  canon_manifest manifest = {.struct_size = sizeof manifest};
  void *reader = NULL;
  int64_t last;
  if (pt->open(job, NULL, support_source(job, file, whole), &reader)) fail_msg("%s", support_error(job));
  assert_int_equal(pt->manifest(job, reader, &manifest), CANON_OK);
  for (uint64_t i = 0; i < manifest.n_nodes; i++) {
    const canon_node *node = canon_manifest_node(&manifest, i);
    if (node->kind != CANON_NODE_TENSOR || node->shape[0] != MANY + 1) continue;
    assert_int_equal(pt->read(job, reader, i, MANY, 1, &last), CANON_OK);
    assert_int_equal(last, 2);
  }
  pt->close(job, reader);
  assert_int_equal(support_leaked(job), 0);
  support_job_free(job);
  free(compressed);
  free(file);
}

/* Element i of the storage is i: so each element of a view says where it comes from. */
static uint32_t element_at(const dense *view, uint64_t i) {
  uint64_t at = (uint64_t)view->offset;
  for (int axis = view->rank; axis-- > 0; i /= (uint64_t)view->size[axis])
    at += i % (uint64_t)view->size[axis] * (uint64_t)view->stride[axis];
  return (uint32_t)at;
}

static void expect_elements(canon_job *job, void *reader, const dense *view, uint64_t first, uint64_t count) {
  uint32_t *got = malloc(count * sizeof *got);
  assert_non_null(got);
  if (support_format("pt")->read(job, reader, 0, first, count, got)) fail_msg("%s", support_error(job));
  for (uint64_t i = 0; i < count; i++)
    if (got[i] != element_at(view, first + i)) fail_msg("element %d is %d", (int)(first + i), (int)got[i]);
  free(got);
}

/* Too large to stay in memory, and so far apart that reading it in C order would take a read an element. */
static void large_transposed_tensors_are_turned_once_and_right(void **state) {
  (void)state;
  enum { A = 64, B = 300, C = 450, ALL = A * B * C };
  static const dense views[] = {
      {"FloatStorage", "0", ALL, 0, 3, {C, A, B}, {1, B * C, C}},
      {"FloatStorage", "0", ALL, 1, 3, {C / 2, B, A}, {2, C, B * C}}, /* every second one of an axis */
      {"FloatStorage", "0", ALL, 0, 2, {C, A * B}, {1, C}},
      {"FloatStorage", "0", ALL, 0, 4, {B, 1, C, A}, {C, 7, 1, B * C}},
  };
  uint32_t *storage = malloc(ALL * sizeof *storage);
  assert_non_null(storage);
  for (uint32_t i = 0; i < ALL; i++) storage[i] = i;
  for (size_t v = 0; v < sizeof views / sizeof *views; v++) {
    const dense *view = &views[v];
    script pickled = {.size = 0};
    size_t whole;
    put(&pickled, "\x80\x02");
    put_tensor(&pickled, view);
    put(&pickled, ".");
    uint8_t *file =
        make_large_file(&pickled, NULL, 0, &(record){"archive/data/0", storage, ALL * sizeof *storage}, &whole);
    uint64_t elements = 1;
    for (int axis = 0; axis < view->rank; axis++) elements *= (uint64_t)view->size[axis];
    canon_job *job = support_job();
    void *reader = NULL;
    job_budget(job_of(job), UINT64_C(64) << 20);
    if (support_format("pt")->open(job, NULL, support_source(job, file, whole), &reader))
      fail_msg("%s", support_error(job));
    expect_elements(job, reader, view, elements - 1, 1);
    uint64_t scratch = ((pt_reader *)reader)->scratch_used;
    assert_int_equal(scratch, elements * sizeof *storage);
    for (uint64_t first = 0, block = 1; first < elements; first += block, block = 7919 * (block % 97 + 1))
      expect_elements(job, reader, view, first, block < elements - first ? block : elements - first);
    assert_int_equal(((pt_reader *)reader)->scratch_used, scratch);
    support_format("pt")->close(job, reader);
    assert_int_equal(support_leaked(job), 0);
    support_job_free(job);
    free(file);
  }
  free(storage);
}

int main(void) {
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_transposed_tensor_is_read_in_c_order),
      cmocka_unit_test(blocks_of_any_length_give_the_same_elements),
      cmocka_unit_test(sparse_indices_are_held_to_their_bounds_wherever_they_stand),
      cmocka_unit_test(compressed_indices_are_checked_across_blocks_without_going_deep),
      cmocka_unit_test(a_late_block_of_compressed_indices_takes_little_stack),
      cmocka_unit_test(large_transposed_tensors_are_turned_once_and_right),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
